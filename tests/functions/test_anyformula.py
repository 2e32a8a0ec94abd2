"""Any formula, over time and over names."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource
from tests.functions.test_boundary import changed_after, cut_after
from xlrotation.errors import CellError
from xlrotation.functions.boundary.anyformula import _ASKING, AnyFormula, of_symbol
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.sources import open_source
from xlrotation.workbook.evaluation.oneformula import evaluate_formula
from xlrotation.workbook.formulas.astyped import as_typed

SAMPLE = Session("sample", lang="en").pinned()
NA, VALUE = CellError.NA, CellError.VALUE

FORMULAS = [
    '=RS_STREAK("RUT","SPX")>=2',
    '=IF(PX_RET("SPX",5)>0,"up","down")',
    '=PX_RET("SPX",5)-PX_RET("SPX",5,XLR_ASOF()-7)',
    '=PX_CLOSE("NVDA")/PX_MA("NVDA",50)-1',
    '=LET(a,PX_HISTORY("SPX",,,,FALSE),ROWS(a))',
    "=ROT_MECH_SCORE()",
]


def why(session: Session) -> str:
    return session.failures[-1].reason


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_future_does_not_change_a_series(formula):
    asof = dt.date(2025, 11, 14)
    wanted = SAMPLE.call("XLR_SERIES", formula, 10, asof)
    assert len(wanted) == 11
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call("XLR_SERIES", formula, 10, asof) == wanted
    longer = SAMPLE.call("XLR_SERIES", formula, dt.date(2025, 10, 1), None, False)
    assert {row[0]: row[1] for row in wanted[1:]}.items() <= {row[0]: row[1] for row in longer}.items()


LOOKED_AT = [
    spec
    for spec in functions().values()
    if spec.steady and spec.name not in _ASKING and not any(p.required for p in spec.parameters)
]
SLOW = ("ROT_MECH_SCORE", "ROT_MECH_LABEL", "ROT_MECH_TABLE", "VOL_REGIME", "EVT_REPORT")


def _unmoved(specs, days):
    """The cells of these functions over the last sessions before each day, on data that differ only later."""
    for asof in days:
        panel = SAMPLE.panel
        split = np.array(panel.fields["split"])
        changed = changed_after(panel, asof)
        split[panel.days > np.datetime64(asof)] = 3.0
        futures = [
            Session(FixedSource(replace(changed, fields={**changed.fields, "split": split})), lang="en").pinned(),
            Session(FixedSource(cut_after(panel, asof)), lang="en").pinned(),
        ]
        for spec in specs:
            formula = f'=TEXTJOIN("|",FALSE,IFERROR({spec.name}(),"-"))'
            wanted = SAMPLE.call("XLR_SERIES", formula, 1, asof)
            for future in futures:
                assert future.call("XLR_SERIES", formula, 1, asof) == wanted, (spec.name, asof)


def test_the_future_moves_no_function():
    _unmoved([spec for spec in LOOKED_AT if spec.name not in SLOW][::6], [dt.date(2026, 2, 6)])


@pytest.mark.search
def test_the_future_moves_no_function_whenever_it_is_asked():
    _unmoved(LOOKED_AT, [dt.date(2026, 2, 6), dt.date(2025, 11, 14), dt.date(2024, 6, 5)])


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ('=PX_CLOSE("SPX","2026-02-13")', "as-of date of its own"),
        ('=PX_CLOSE("SPX",DATE(2026,2,13))', "as-of date of its own"),
        ('=PX_CLOSE("SPX",46000)', "as-of date of its own"),
        ('=PX_CLOSE("SPX")*TODAY()', "clock"),
        ('=PX_CLOSE("SPX")+RAND()', "clock"),
        ("=ROWS(XLR_STATUS())", "clock"),
        ('=SUM(XLR_SERIES("=ROT_MECH_SCORE()"))', "itself evaluated"),
        ("=XLR_SCREEN()", "itself evaluated"),
        ("the S&P rises", "no worksheet function"),
        ("hello", "no worksheet function"),
        ("=1+1", "no worksheet function"),
        ('=PX_CLOSE("SPX"', "no formula"),
        ("=PX_CLOSE(A1)", "one formula alone has no cells"),
        ('=PX_CLOSE("SPX")+A1', "refers to a cell"),
        ('=PX_CLOSE(A1&"")', "refers to a cell"),
        ("=PX_CLOSE(IF(TRUE,B2))", "refers to a cell"),
        ("=LET(x,Sheet1!A1,PX_CLOSE(x))", "refers to a cell"),
        ('=SUM((A1,B1:B9))+PX_CLOSE("SPX")', "refers to a cell"),
        ('=PX_CLOSE(INDIRECT("A1"))', "INDIRECT gives cells"),
        ('=PX_CLOSE("SPX")*ROWS(OFFSET(A1,0,0,5))', "OFFSET gives cells"),
        ('=PX_CLOSE("SPX")+ROW()', "asks for the cell that it stands in"),
        ('=PX_CLOSE("SPX")+Table1[x]', "Table1"),
        ('=PX_CLOSE("SPX")+NOSUCH(1)', "NOSUCH"),
        ("=RS_HISTORY()", "gives a table"),
        ('=PX_CLOSE("SPX")+REDUCE(0,SEQUENCE(900000),LAMBDA(a,b,a+b))', "too many steps"),
        ("=" + "PX_CLOSE(" * 300 + ")" * 300, "inside each other"),
        ("=" + "+".join(['PX_CLOSE("SPX")'] * 1000), "formula"),
        ('=PX_CLOSE("NOSUCH")', "NOSUCH"),
        ('=PX_CLOSE("SPX")+LET(f,LAMBDA(f,n,f(f,n+1)),f(f,1))', "no value"),
    ],
)
def test_a_formula_that_is_none_of_a_date_says_why(formula, reason):
    session = SAMPLE.pinned(apart=True)
    assert session.call("XLR_SERIES", formula, 5) in (VALUE, NA)
    assert reason in why(session)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("＝PX_RET（“SPX”，５）", '=PX_RET("SPX",5)'),
        ("PX_RET(＂SPX＂；5)≥0", '=PX_RET("SPX",5)>=0'),
        ('=IF(PX_RET("SPX",5)>0,"“up”　ｘ","")', '=IF(PX_RET("SPX",5)>0,"“up”　ｘ","")'),
        ('=IF(PX_RET(“SPX”,5)≠0,“a "b"”,0)', '=IF(PX_RET("SPX",5)<>0,"a ""b""",0)'),
        ('=PX_CLOSE("SPX")*SUM(ROW(1:5))', '=PX_CLOSE("SPX")*15'),
        ('=PX_CLOSE("SPX")*ROWS(A1:B7)', '=PX_CLOSE("SPX")*7'),
        ('=PX_CLOSE("SPX")*SUM(ROW(INDIRECT("1:5")))', '=PX_CLOSE("SPX")*15'),
    ],
)
def test_a_formula_may_be_written_as_people_type_it(typed, plain):
    wanted = SAMPLE.call("XLR_SERIES", plain, 2)
    assert isinstance(wanted, list), why(SAMPLE)
    assert SAMPLE.call("XLR_SERIES", typed, 2) == wanted
    assert as_typed(plain) == plain


def test_work_of_all_members_counts_together(monkeypatch):
    monkeypatch.setattr("xlrotation.workbook.evaluation.oneformula.MAX_STEPS", 5_000)
    session = SAMPLE.pinned(apart=True)
    formula = "=PX_RET({},5)+REDUCE(0,SEQUENCE(700),LAMBDA(a,b,a+b))"
    assert isinstance(session.call("XLR_SCREEN", [["XLK"], ["XLF"]], formula), list)
    assert session.call("XLR_SCREEN", "SECTORS", formula) is VALUE
    assert "too many steps" in why(session)


@pytest.mark.parametrize(
    ("typed", "op"),
    [("≥", ">="), ("＞", ">"), ("=>", ">="), ("≦", "<="), ("above", ">"), ("低于", "<"), (" > = ", ">=")],
)
def test_an_operator_may_be_written_as_people_type_it(typed, op):
    wanted = SAMPLE.call("XLR_SCREEN", "SECTORS", "=PX_RET({},5)", op, 0.01)
    assert isinstance(wanted, list)
    assert SAMPLE.call("XLR_SCREEN", "SECTORS", "=PX_RET({},5)", typed, 0.01) == wanted
    assert SAMPLE.call("XLR_WATCH", [["n", "PX_RET()", typed, 0]])[1][4] == f"{op} 0"
    assert SAMPLE.call("EVT_SIGNALS", "VVIX", typed, 110) == SAMPLE.call("EVT_SIGNALS", "VVIX", op, 110)


def test_work_of_all_sessions_counts_together():
    session = SAMPLE.pinned(apart=True)
    formula = '=PX_CLOSE("SPX")+REDUCE(0,SEQUENCE(200000),LAMBDA(a,b,a+b))'
    assert isinstance(session.call("XLR_SERIES", formula, 2), list)
    assert session.call("XLR_SERIES", formula, 10) is VALUE
    assert "too many steps" in why(session)


def test_sessions_without_a_value_show_the_error_and_are_told(session_of):
    closes = np.arange(1.0, 21.0)
    closes[-3] = np.nan
    session = session_of({"A": closes, "B": np.ones(20)})
    rows = session.call("XLR_SERIES", '=PX_CLOSE("A")', 5, None, False)
    assert [row[1] for row in rows] == [16.0, 17.0, NA, 19.0, 20.0]
    assert any(remark.startswith("1 of 5 sessions have no value") for remark in session.remarks)
    assert session.call("XLR_SERIES", '=PX_CLOSE("A")', 21) is NA
    values = session.call("XLR_SERIES", '=PX_CLOSE("A")', 2, None, False, None, False)
    assert values == [[19.0], [20.0]]


def test_a_session_with_an_as_of_date_shows_nothing_later():
    past = Session(open_source("sample"), lang="en", asof="2025-11-14")
    rows = past.call("XLR_SERIES", '=PX_CLOSE("SPX")', 3, None, False)
    assert rows[-1][0] == dt.date(2025, 11, 14)
    assert past.call("XLR_SERIES", '=PX_CLOSE("SPX")', 3, "2025-12-01") is NA


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("=PX_RET({},20)", '=PX_RET("BRK.B",20)'),
        ('=PX_RET("{}",20)', '=PX_RET("BRK.B",20)'),
        ('=IF(PX_RET({})>0,"{} up {}","")', '=IF(PX_RET("BRK.B")>0,"BRK.B up BRK.B","")'),
        ('="a ""{}"" b"&{}', '="a ""BRK.B"" b"&"BRK.B"'),
    ],
)
def test_the_symbol_takes_its_place(text, found):
    assert of_symbol(text, "BRK.B") == found


@pytest.mark.parametrize("formula", ["=PX_RET({},20)", '=RS_STREAK({},"SPX")', '=PX_CLOSE("{}")/PX_MA({},50)-1'])
@pytest.mark.parametrize("op", [">", "<=", None])
def test_a_screen_equals_single_cells(formula, op):
    universe = SAMPLE.call("UNI_MEMBERS", "MAG7", None, False)
    cells = {row[0]: evaluate_formula(of_symbol(formula, row[0]), SAMPLE) for row in universe}
    rows = SAMPLE.call("XLR_SCREEN", "MAG7", formula, op, None if op is None else 0, None, None, False)
    wanted = {t: v for t, v in cells.items() if op is None or (v > 0 if op == ">" else v <= 0)}
    assert {row[0]: row[2] for row in rows} == wanted
    values = [row[2] for row in rows]
    assert values == sorted(values, reverse=op != "<=")
    assert SAMPLE.call("XLR_SCREEN", "MAG7", formula, op, None if op is None else 0, 1, None, False) == rows[:1]


def test_a_screen_of_truths_keeps_the_order_of_the_list():
    rows = SAMPLE.call("XLR_SCREEN", [["XLK"], ["XLE"], ["XLU"]], "=PX_CLOSE({})>0", None, None, None, None, False)
    assert [[row[0], row[2]] for row in rows] == [["XLK", True], ["XLE", True], ["XLU", True]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("MAG7", '=PX_RET("SPX")'), "no braces"),
        (("MAG7", "=PX_RET({})", None, 0.1), "operator"),
        (("MAG7", "=PX_RET({})>0", ">", 0.1), "needs a number"),
        (("MAG7", '=IF(PX_RET({})>0,"a","b")'), "TRUE or FALSE"),
        (("MAG7", "=PX_RET({})", ">", 1e6), "holds for none"),
        (("MAG7", "=PX_RET({}&1)"), "no value for any"),
        (("MAG7", "=PX_CLOSE({},TODAY())"), "clock"),
    ],
)
def test_a_screen_that_cannot_be_made_says_why(arguments, reason):
    session = SAMPLE.pinned(apart=True)
    assert isinstance(session.call("XLR_SCREEN", *arguments), CellError)
    assert reason in why(session)


def test_members_without_a_value_are_left_out_and_told(session_of):
    session = session_of({"A": np.arange(1.0, 31.0), "B": np.arange(1.0, 5.0)})
    rows = session.call("XLR_SCREEN", [["A"], ["B"]], "=PX_RET({},10)", ">", 0, None, None, False)
    assert [row[0] for row in rows] == ["A"]
    assert any(remark.startswith("1 of 2 members have no value") for remark in session.remarks)


def test_the_future_does_not_change_a_screen():
    asof = dt.date(2025, 11, 14)
    arguments = ("SP50", '=RS_STREAK({},"SPX")>=1', None, None, None, asof)
    wanted = SAMPLE.call("XLR_SCREEN", *arguments)
    assert isinstance(wanted, list)
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call("XLR_SCREEN", *arguments) == wanted


MANY_DATES = sorted(
    spec.example
    for spec in functions().values()
    if spec.many is not None and spec.asof is not None and spec.name != "PX_RET_BETWEEN"  # its example names the day
)


@pytest.mark.parametrize("example", MANY_DATES)
def test_days_that_are_answered_together_have_the_values_of_each_day(example: str) -> None:
    session = Session("sample", remember=False)
    formula = AnyFormula(example, session.names)
    days = [session.panel.days[row].item() for row in (3, 40, 300, -240, -61, -60, -2, -1)]
    together = formula.together(session, days)
    told: set[str] = set()
    for day in days:
        alone = session.at(day)
        expected = formula.value(alone)
        told |= set(alone.remarks)
        if day in together:
            value = together[day]
            assert type(value) is type(expected)
            assert value == (pytest.approx(expected, rel=1e-12, abs=1e-15) if isinstance(value, float) else expected)
            assert not alone.failures.newest(1)
            assert set(alone.remarks) <= set(session.remarks)
    assert set(session.remarks) <= told, "of a day that nobody asked for"


def test_most_days_are_answered_together() -> None:
    session = Session("sample", remember=False)
    days = session.panel.days[-30:].tolist()
    for text in ('=RS_STREAK("RUT","SPX")', "=ROT_MECH_SCORE()", '=px_ret("RUT",20,)', '=PX_CLOSE("SPX")'):
        assert list(AnyFormula(text, session.names).together(session, days)) == days


@pytest.mark.parametrize(
    "text",
    [
        '=PX_RET("SPX","2025-06-30")',  # since a day that some of those asked do not know
        '=PX_RET_BETWEEN("SPX","2025-06-30")',
        '=PX_CLOSE("SPX")+1',
        '=IF(TRUE,PX_CLOSE("SPX"))',
        "=RS_STREAK({1,2},{2,1})",
        "=PX_CLOSE(#N/A)",
        '=PX_CLOSE("no such symbol")',
    ],
)
def test_what_may_name_a_day_fail_or_be_computed_first_is_asked_by_day(text: str) -> None:
    session = Session("sample", remember=False)
    assert AnyFormula(text, session.names).together(session, session.panel.days[-5:].tolist()) == {}
    assert not session.failures.newest(1)


def test_a_series_shows_no_value_from_behind_its_day() -> None:
    """A window since a day later than the session's own is refused there, whatever the rest of the series knows."""
    session = Session("sample", remember=False)
    first = session.panel.days[-10].item()
    found = session.call("XLR_SERIES", f'=PX_RET("SPX","{first}")', 15)
    assert isinstance(found, list)
    assert [isinstance(row[1], CellError) for row in found[1:]] == [row[0] < first for row in found[1:]]
