"""Finding calls in formula texts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.workbook.formulas.calls import argument_texts, bare_name, find_calls, mentions, replace_calls

NAMES = frozenset({"RS_STREAK", "PX_RET", "T_ADD"})


@pytest.mark.parametrize(
    ("formula", "calls"),
    [
        ("=A1+1", []),
        ("=T_ADD(1,2)", [("T_ADD", ["1", "2"])]),
        ("=t_add(1, 2)", [("T_ADD", ["1", "2"])]),
        ("=T_ADD()", [("T_ADD", [])]),
        ("=T_ADD( )", [("T_ADD", [])]),
        ("=T_ADD(,2)", [("T_ADD", ["", "2"])]),
        ("=T_ADD(1,)", [("T_ADD", ["1", ""])]),
        ("=T_ADD (1)", [("T_ADD", ["1"])]),
        ("=@T_ADD(1)", [("T_ADD", ["1"])]),
        ("=_xldudf_T_ADD(1)", [("T_ADD", ["1"])]),
        ("=_xlfn.T_ADD(1)", [("T_ADD", ["1"])]),
        ("='C:\\x\\xlrotation.xlam'!T_ADD(1)", [("T_ADD", ["1"])]),
        ("=[1]!T_ADD(1)+2", [("T_ADD", ["1"])]),
        ("=xlrotation.xlam!T_ADD(1)", [("T_ADD", ["1"])]),
        ('=T_ADD("a,b)","say ""hi, you""")', [("T_ADD", ['"a,b)"', '"say ""hi, you"""'])]),
        ("=T_ADD('a,b (c)'!A1,'it''s, here'!B2)", [("T_ADD", ["'a,b (c)'!A1", "'it''s, here'!B2"])]),
        ('=T_ADD({1,2;3,"a,)"},2)', [("T_ADD", ['{1,2;3,"a,)"}', "2"])]),
        ("=T_ADD(Tbl[[#All],[a, b]],2)", [("T_ADD", ["Tbl[[#All],[a, b]]", "2"])]),
        ("=T_ADD(T[a(b])", [("T_ADD", ["T[a(b]"])]),
        ("=T_ADD(T[it''s],1)", [("T_ADD", ["T[it''s]", "1"])]),
        ("=T_ADD(T[a'[b],1)", [("T_ADD", ["T[a'[b]", "1"])]),
        ("=T_ADD(#N/A,#DIV/0!)", [("T_ADD", ["#N/A", "#DIV/0!"])]),
        ("=T_ADD(SUM(1,2),MAX((1),2))", [("T_ADD", ["SUM(1,2)", "MAX((1),2)"])]),
        ("=IF(T_ADD(PX_RET(1),2)>0,RS_STREAK(),1)", [("T_ADD", ["PX_RET(1)", "2"]), ("RS_STREAK", [])]),
        ('="T_ADD(1)"', []),
        ("='T_ADD(1)'!A1", []),
        ("=MY_T_ADD(1)+T_ADDS(2)+X.T_ADD(3)", []),
        ("=T_ADD+1", []),
        ("=T_ADD(1", []),
        ("=T_ADD(1))", [("T_ADD", ["1"])]),
        ("=T_ADD(A1#,2)", [("T_ADD", ["A1#", "2"])]),
        ("=T_ADD(\n1,\n 2)", [("T_ADD", ["1", "2"])]),
        ("=T_ADD(科技,1)", [("T_ADD", ["科技", "1"])]),
    ],
)
def test_finds_the_outermost_calls_and_their_arguments(formula: str, calls: list[tuple[str, list[str]]]) -> None:
    found = find_calls(formula, NAMES)
    assert [(call.name, argument_texts(formula, call)) for call in found] == calls


@pytest.mark.parametrize(
    ("formula", "kept"),
    [
        ("=1+@T_ADD(1)*2", "=1+#*2"),
        ("='C:\\x\\xlrotation.xlam'!T_ADD(1)&\"a\"", '=#&"a"'),
        ("=[1]!T_ADD(1)+[2]Sheet1!A1", "=#+[2]Sheet1!A1"),
        ("=IF(xlrotation.xlam!T_ADD(1),1)", "=IF(#,1)"),
        ("=-_xldudf_T_ADD(1)", "=-#"),
        ("=SUM(A1:T_ADD(1))", "=SUM(A1:#)"),
    ],
)
def test_a_call_is_cut_out_with_its_prefix(formula: str, kept: str) -> None:
    assert replace_calls(formula, find_calls(formula, NAMES), lambda _: "#") == kept


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
def test_putting_back_what_was_cut_gives_the_formula(formula: str) -> None:
    calls = find_calls(formula, NAMES)
    assert replace_calls(formula, calls, lambda call: formula[call.start : call.end]) == formula
    assert all(a.end <= b.start for a, b in itertools.pairwise(calls))
    assert not find_calls(replace_calls(formula, calls, lambda _: "0"), NAMES)
    assert not calls or mentions(NAMES).search(formula)


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    calls = find_calls(text, NAMES)
    assert replace_calls(text, calls, lambda call: text[call.start : call.end]) == text
