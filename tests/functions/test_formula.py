"""Formulas evaluated without a spreadsheet program."""

from __future__ import annotations

import datetime as dt

import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published.claims import claims
from xlrotation.functions.published.reports import REPORTS
from xlrotation.market.dates import from_serial
from xlrotation.workbook.evaluation.evaluate import evaluate_formula

OF_CLAIMS = sorted({text for claim in claims() for text in (claim.formula, claim.other) if text})
OF_SENTENCES = sorted({text for report in REPORTS for one in report.sentences for text in one.formulas.values()})


@pytest.fixture(scope="module")
def session():
    return Session("sample", lang="en")


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("(1+2)*3", 9),
        ("=-(2)-3", -5),
        ("=0.1287-(-0.04)", 0.1687),
        ("=1/0", CellError.DIV0),
        ('="a"+1', CellError.VALUE),
        ("=TRUE+1", 2),
        ("=AVERAGE({1,2,6})", 3),
        ("=AVERAGE(1,5)", 3),
        ('=AVERAGE("a")', CellError.DIV0),
        ("=INDEX({4,5,6},1,2)", 5),
        ("=INDEX({4,5,6},2,1)", CellError.REF),
        ('=PX_CLOSE("nope")', CellError.NA),
        ('=1+PX_CLOSE("nope")', CellError.NA),
        ('=AVERAGE(1,PX_CLOSE("nope"))', CellError.NA),
        ('=INDEX(PX_CLOSE("nope"),1,1)', CellError.NA),
        ("=PX_NOTHING(1)", CellError.NAME),
        ('=__import__("os")', CellError.NAME),
        ("=1E300*1E300", CellError.NUM),
        ('=XLR_ASOF("2026-02-06")-XLR_ASOF("2026-02-05")', 1),
        ('=XLR_ASOF("2026-02-08")', dt.date(2026, 2, 6)),
        ('=RS_STREAK("^RUT","^GSPC","2026-01-14","")', 9),
    ],
)
def test_values(session, formula, value):
    result = evaluate(formula, session)
    assert result == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    "formula",
    """
    =1+ =2^3 =2**3 =7//2 =50% ='a' =A1 =f(x=1) =f(*g) =[1] =1<=2 =1=2 =1<>2 =(1).real =SUM(1,,2) =#N/A =-#N/A
    =lambda:1 =1j =INDEX({1,2},1) = =1if(2)else(3) =x =Sheet1!A1 =T[a] =[1]!PX_CLOSE("SPX") =+@1 =A1:B2 ="a =1_0
    """.split(),
)
def test_what_goes_beyond_is_refused(session, formula):
    with pytest.raises(BadArgument):
        evaluate(formula, session)


@pytest.mark.parametrize("formula", OF_CLAIMS + OF_SENTENCES)
def test_the_workbook_engine_gives_the_same(session, formula):
    ours, theirs = evaluate(formula, session), evaluate_formula(formula, session)
    if isinstance(ours, dt.date) and isinstance(theirs, float):
        theirs = from_serial(theirs)  # a native function makes a date a number
    if isinstance(ours, float | int) and not isinstance(ours, bool):
        assert theirs == pytest.approx(ours, rel=1e-12)
    else:
        assert theirs == ours


def test_a_blank_cell_of_a_table_counts_as_zero(session):
    # The row of the score has no percentile.
    assert evaluate('=INDEX(ROT_MECH_TABLE("2026-02-13","en",FALSE),7,3)', session) is None
    assert evaluate('=1+INDEX(ROT_MECH_TABLE("2026-02-13","en",FALSE),7,3)', session) == 1


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=INDEX({4,5,6},1,1)", 4),
        ("=INDEX({4,5,6},1,3)", 6),
        ("=INDEX({4,5,6},1,4)", CellError.REF),
        ("=INDEX({4,5,6},0,1)", CellError.REF),
        ("=INDEX({4,5,6},1,0)", CellError.REF),
        ('=INDEX({4,5,6},"a",1)', CellError.VALUE),
        ("=INDEX({4,5,6},1,1/0)", CellError.DIV0),
        ("=INDEX(7,1,1)", CellError.REF),
        ("=+3", 3),
        ('=-"a"', CellError.VALUE),
        ("=1/0+1", CellError.DIV0),
        ("=2+1/0", CellError.DIV0),
        ("=1-1E300*1E300", CellError.NUM),
        ("=AVERAGE({1,2,6},TRUE)", 3),
        ("=AVERAGE(0)", 0),
        ("={1,2}+1", CellError.VALUE),
        ("={5}+1", 6),
        ('=XLR_ASOF("2026-02-06")+0', 46059),
        (" =1+1 ", 2),
        ('="a""b"', 'a"b'),
        ('="\\n"', "\\n"),
        ("=average({1,2;3,6})", 3),
        ("={1,2;3,4}", [[1, 2], [3, 4]]),
        ("={#N/A}+1", CellError.NA),
    ],
)
def test_more_values(session, formula, value):
    result = evaluate(formula, session)
    assert result == (pytest.approx(value) if isinstance(value, float) else value)
