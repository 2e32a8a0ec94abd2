"""Finding calls in formula texts."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook.books import evaluated
from xlrotation.workbook.formulas.calls import bare_name, has_call, mentions, renamed_calls
from xlrotation.workbook.formulas.tokens import marks
from xlrotation.workbook.formulas.troubles import too_long

NAMES = frozenset({"RS_STREAK", "PX_RET", "T_ADD"})


@pytest.mark.parametrize(
    "formula",
    r"""
    =A1+1 ="T_ADD(1)" ='T_ADD(1)'!A1 =MY_T_ADD(1)+T_ADDS(2)+X.T_ADD(3) =T_ADD+1 =T_ADD[a(b] =T[T_ADD(1)] =T[a'[T_ADD(]
    =[T_ADD]Sheet1!A1(2) ='C:\T_ADD(1)\[b.xlsx]c'!A1 =T_ADD! =T_ADD"(1) =T_ADD'(1)
    """.split(),
)
def test_what_is_no_call_of_ours_stays(formula: str) -> None:
    assert renamed_calls(formula, NAMES, "X_") == formula


@pytest.mark.parametrize(
    ("formula", "renamed"),
    [
        ("=T_ADD(1,2)", "=X_T_ADD(1,2)"),
        ("=t_add(1, 2)", "=X_T_ADD(1, 2)"),
        ("=T_ADD (1)", "=X_T_ADD (1)"),
        ("=1+@T_ADD(1)*2", "=1+@X_T_ADD(1)*2"),
        ("=_xldudf_T_ADD(1)", "=X_T_ADD(1)"),
        ("=_xlfn.T_ADD(1)", "=X_T_ADD(1)"),
        ("='C:\\x\\xlrotation.xlam'!T_ADD(1)&\"a\"", "='C:\\x\\xlrotation.xlam'!X_T_ADD(1)&\"a\""),
        ("=[1]!T_ADD(1)+[2]Sheet1!A1", "=[1]!X_T_ADD(1)+[2]Sheet1!A1"),
        ("=IF(xlrotation.xlam!T_ADD(1),1)", "=IF(xlrotation.xlam!X_T_ADD(1),1)"),
        ('=T_ADD("a,b)","say ""T_ADD(1)""")', '=X_T_ADD("a,b)","say ""T_ADD(1)""")'),
        ("=T_ADD(Tbl[[#All],[a, b]],'it''s, T_ADD('!B2)", "=X_T_ADD(Tbl[[#All],[a, b]],'it''s, T_ADD('!B2)"),
        ("=T_ADD(#N/A,T_ADD(#DIV/0!))", "=X_T_ADD(#N/A,X_T_ADD(#DIV/0!))"),
        ("=IF(T_ADD(PX_RET(1),2)>0,RS_STREAK(),1)", "=IF(X_T_ADD(X_PX_RET(1),2)>0,X_RS_STREAK(),1)"),
        ("=SUM(A1:T_ADD(1))", "=SUM(A1:X_T_ADD(1))"),
        ("=T_ADD(A1#,科技)", "=X_T_ADD(A1#,科技)"),
        ("=T_ADD(\n1,\n 2)", "=X_T_ADD(\n1,\n 2)"),
        ("=-T_ADD(1", "=-X_T_ADD(1"),
        ("=T_ADD(1)) § ' PX_RET(2", "=X_T_ADD(1)) § ' X_PX_RET(2"),
        ('=T_ADD("T_ADD(1', '=X_T_ADD("T_ADD(1'),
    ],
)
def test_calls_are_renamed_at_any_depth_and_nothing_else_changes(formula: str, renamed: str) -> None:
    assert renamed_calls(formula, NAMES, "X_") == renamed


@pytest.mark.parametrize(
    ("typed", "name"), [("_xlfn._xlws.Sort", "SORT"), ("_xldudf_px_ret", "PX_RET"), ("rs_streak", "RS_STREAK")]
)
def test_a_bare_name_has_no_prefix(typed: str, name: str) -> None:
    assert bare_name(typed) == name


_atoms = st.sampled_from(
    ["1", "A1", '"a,b"', '"say ""x"""', "'a b'!C3", "{1,2;3,4}", "#N/A", "", " 2 ", "Tbl[[#All],[x, y]]", "B2#", "50%"]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, min_size=0, max_size=3).map(",".join)
    heads = st.sampled_from(
        ["T_ADD", "px_ret", "SUM", "_xldudf_RS_STREAK", "@T_ADD", "[1]!PX_RET", "IF", "", "X.T_ADD"]
    )
    return st.builds(lambda head, text: f"{head}({text})", heads, arguments) | st.builds("{}+{}".format, inner, inner)


_formulas = st.recursive(_atoms, _grown, max_leaves=12).map("={}".format)


@given(_formulas)
def test_renaming_there_and_back_gives_the_formula_in_capitals(formula: str) -> None:
    renamed = renamed_calls(formula, NAMES, "_xldudf_")
    back = renamed_calls(renamed, NAMES, "")
    assert back == renamed_calls(formula, NAMES, "")
    assert renamed_calls(renamed, NAMES, "_xldudf_") == renamed
    assert (renamed == formula) or mentions(NAMES).search(formula)


@given(st.text(max_size=60) | st.text(alphabet="T_AD()[]{}'\"#!:@,; 1", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert renamed_calls(text, ["NOTHING"], "X_") == text
    read = list(marks(text))
    assert all(a.end <= b.start for a, b in itertools.pairwise(read))
    assert all(token.start < token.end for token in read)


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("=" + "+".join(["1"] * 1001), ""),
        ("=" + "+".join(["1"] * 1002), "1,001 operators"),
        ("=" + "<=".join(["1"] * 1001), ""),
        ("=" + "+".join(["1E-5"] * 900), ""),
        ('=1&"' + "+" * 3000 + '"', ""),
        ("='" + "-" * 3000 + "'!A1", ""),
        ("=" + "(" * 100 + "1" + ")" * 100, ""),
        ("=" + "(" * 101 + "1" + ")" * 101, "101 parentheses"),
        ("=" + "SUM(" * 101 + "{1}" + ")" * 101, "102 parentheses"),
        ("=" + "+".join(["(1)"] * 300), ""),
        ('="' + "(" * 3000 + '"&T[' + "'(" * 200 + "]", ""),
        ("=1+" + " " * 8190 + "1", "8,194 characters"),
    ],
)
def test_formulas_that_no_spreadsheet_takes_are_told_before_they_are_read(formula: str, why: str) -> None:
    found = too_long(formula)
    assert why in found
    assert bool(why) == bool(found)


@pytest.mark.parametrize(
    ("formula", "called"),
    [
        ("=1+T_ADD(1)", True),
        ("=_xlfn.T_ADD (1)", True),
        ("=_xlfn._xlws.t_add(1)", True),
        ("=[1]!T_ADD(1)", True),
        ('="T_ADD(1)"', False),
        ("='T_ADD(1)'!A1", False),
        ("=T_ADD", False),
        ("=T[T_ADD(1)]", False),
        ("=MY_T_ADD(1)+X.T_ADD(1)", False),
    ],
)
def test_a_call_is_told_from_its_name(formula: str, called: bool) -> None:
    assert has_call(formula, NAMES) is called
    assert not called or mentions(NAMES).search(formula)


def test_calls_are_found_in_texts_as_the_pattern_alone_finds_them() -> None:
    """A long text is looked at by its parentheses first, which must leave out nothing that the pattern finds."""
    chance = random.Random(11)
    pieces = [
        *"(()) ._X1<>\t\n\u017f\u00e9",
        *NAMES,
        "_xlfn.",
        "_xlws.",
        "px_ret",
        "T_Add",
        "IF",
        "\u0131f",
        "IF.",
        "&amp;",
    ]
    for names in (NAMES, ["IF", "X1"], [], ["SUM.IF"]):
        found = mentions(names)
        for _ in range(4_000):
            text = "".join(chance.choices(pieces, k=chance.randint(0, 9)))
            here, alone = found.search(text), found._form.search(text)
            assert (here and here.span()) == (alone and alone.span()), text


def test_a_subtotal_leaves_out_subtotals_and_not_what_names_them(tmp_path: Path) -> None:
    cells = {
        "A1": 5.0,
        "B1": '=T_ADD(LEN("SUBTOTAL(9,"),0)',
        "C1": "=T_ADD(_xlfn.AGGREGATE(9,4,A1),0)",
        "D1": "=T_ADD(SUBTOTAL(9,A1),0)",
        "A3": "=T_ADD(SUBTOTAL(9,A1:D1),0)",
    }
    assert evaluated(tmp_path / "b.xlsx", {"Data": cells})["A3"] == 16.0
