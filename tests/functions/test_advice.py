"""What a reason says that the analyst may have meant."""

from __future__ import annotations

import difflib

import pytest

from xlrotation.errors import CellError
from xlrotation.functions.boundary import advice
from xlrotation.functions.boundary.session import Session


@pytest.fixture(scope="module")
def session():
    return Session("sample", lang="en")


def reason(session, name, *arguments):
    """The reason of a call that fails."""
    result = session.call(name, *arguments)
    assert isinstance(result, CellError)
    return session.failures.newest(1)[0].reason


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("ROT_SECTOR_RETURN", "ROT_SECTOR_RET"),
        ("PX_RETT", "PX_RET"),
        ("rs_streek", "RS_STREAK"),
        ("VOL_REALISED", "VOL_"),
    ],
)
def test_an_unknown_function_names_its_neighbours(session, name, near):
    told = reason(session, name)
    assert f"no function '{name}'; did you mean " in told
    assert near in told.partition("did you mean")[2]


def test_a_name_that_is_near_to_nothing_says_where_the_functions_are(session):
    assert reason(session, "QQQQZZZZ") == "no function 'QQQQZZZZ'; XLR_FUNCTIONS() lists our functions"
    assert "XLR_FUNCTIONS() lists" in reason(session, "PX_RET" * 1000)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("PX_RET", ("20D", "XLK"), 'are symbol and window swapped? PX_RET("XLK","20D")'),
        ("PX_RET", (20, "XLK"), 'are symbol and window swapped? PX_RET("XLK",20)'),
        ("PX_RET", ("2026-02-13", "20D", "XLK"), 'are symbol and asof swapped? PX_RET("XLK","20D","2026-02-13")'),
        ("PX_RET", ("XLK", None, "20D"), "it would fit window, argument 2 of PX_RET("),
        ("ROT_SECTOR_RET", ("5D", "XLK"), 'are sector and window swapped? ROT_SECTOR_RET("XLK","5D")'),
        ("ROT_SECTOR_RET", ("XLK", "5D", None, "zh"), "it would fit lang, argument 7 of ROT_SECTOR_RET(sector,"),
        ("ROT_SECTOR_RET", ("XLK", "5D", None, "OPEN"), "it would fit anchor, argument 5 of "),
        ("ROT_SECTOR_RET", ("XLK", "5D", "total"), "it would fit basis, argument 4 of "),
        (
            "ROT_SECTOR_RET",
            ("XLK", "5D", None, "CLOSE", "total"),
            'are basis and anchor swapped? ROT_SECTOR_RET("XLK","5D",,"total","CLOSE")',
        ),
        ("PX_CROSS", (50.0, "XLK"), 'are symbol and level swapped? PX_CROSS("XLK",50)'),
        ("BRD_ABOVE_MA", (50, "SP50"), 'are universe and n swapped? BRD_ABOVE_MA("SP50",50)'),
        ("BRD_ABOVE_MA", ("50D", "SP50"), 'are universe and n swapped? BRD_ABOVE_MA("SP50","50D")'),
        ("ROT_LEADERS", (5, "SP50"), 'are universe and n swapped? ROT_LEADERS("SP50",5)'),
        ("PX_MA", (50, "XLK"), 'are symbol and n swapped? PX_MA("XLK",50)'),
        ("VOL_STREAK", (110, "VVIX"), 'swapped? VOL_STREAK("VVIX",110)'),
        (
            "RS_MANSFIELD",
            ("XLK", 52),
            "52 is no symbol; give a ticker such as XLK, or a column of numbers; it would fit n,",
        ),
        ("PX_SINCE", ("XLK", "LOW"), "it would fit side, argument 3 of "),
        ("PX_RET", ("XLKK", "20D"), None),
        ("PX_RET", ("XLK", "soon"), None),
        ("PX_RET", ("XLK", -3), None),
    ],
)
def test_an_argument_in_the_wrong_place_names_the_right_one(session, name, given, told):
    found = reason(session, name, *given)
    if told is None:
        assert "swapped" not in found
        assert "would fit" not in found
    else:
        assert told in found


def test_the_advice_on_a_swap_is_a_call_that_works(session):
    assert isinstance(session.call("PX_RET", "XLK", "20D"), float)
    assert isinstance(session.call("ROT_SECTOR_RET", "XLK", "5D", None, "total", "CLOSE"), float)


def test_each_cell_of_a_range_has_its_advice(session):
    assert session.call("PX_RET", [["20D"], ["XLK"]], "XLE")[0] == [CellError.NA]
    told = session.failures.newest(2)[1].reason
    assert 'swapped? PX_RET("XLE","20D")' in told


def test_long_and_strange_texts_are_not_repeated(session):
    assert "swapped" not in reason(session, "PX_RET", "20D" * 5000, "XLK")
    told = reason(session, "PX_RET", "20D", "XLK", "\ud800")
    told.encode("utf-8")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("=PX_RET(XLK)", 'a text needs quotes: "XLK"'),
        ('=PX_RET("XLK",20D)', 'a text needs quotes: "20D"'),
        ("=1+PX_RET(^VIX,5)", 'a text needs quotes: "^VIX"'),
        ("=PX_RET(科技)", 'a text needs quotes: "科技"'),
        ('=PX_RET(“XLK”,"20D")', 'the quotes are not straight; type =PX_RET("XLK","20D")'),
        ("=PX_RET(＂XLK＂)", 'the quotes are not straight; type =PX_RET("XLK")'),
        ('=IF(A1="“",PX_RET(„XLK“),1)', 'the quotes are not straight; type =IF(A1="“",PX_RET("XLK"),1)'),
        ("=ROT_SECTOR_RETURN()+1", "did you mean ROT_SECTOR_RET, "),
        ("=FOO(1)", ""),
        ("=SUM(1.5E3,A1,$B$2,Sheet1!XLK)", ""),
        ('=PX_RET("“XLK”")', ""),
    ],
)
def test_a_formula_without_a_value_for_its_names(session, formula, told):
    found = advice.about_formula(formula, session)
    assert found.startswith(told) if told else found == ""


def test_neighbours_are_looked_for_once_per_name_and_only_when_asked(monkeypatch):
    session, calls = Session("sample"), []
    search = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", lambda *a, **k: calls.append(a) or search(*a, **k))
    advice._near_functions.cache_clear()
    for _ in range(50):
        session.call("PX_RETURNS")
        session.call("PX_RET", "SMHQ")
    assert calls == []
    for failure in session.failures:
        assert "did you mean" in failure.reason
    assert len(calls) == 2
