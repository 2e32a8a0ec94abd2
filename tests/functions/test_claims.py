"""How a published figure is held against the data."""

import datetime as dt
from dataclasses import replace

import pytest

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published import claims, reports
from xlrotation.functions.published.claims import Outcome, check, shown
from xlrotation.languages import NO_TEXT, Text

# As printed on the reports: the last session that each knew, and its date.
PRINTED = {
    "R0": ("2026-02-13", "2026-02-14"),
    "R1": ("2026-02-09", "2026-02-10"),
    "R2": ("2026-02-06", "2026-02-07"),
    "R3": ("2025-11-20", "2025-11-20"),
    "R4": ("2026-01-16", "2026-01-18"),
}


def test_dates_of_the_reports():
    assert {r.code: (str(r.asof), str(r.published)) for r in reports.REPORTS} == PRINTED


@pytest.fixture(scope="module")
def session():
    return Session("sample", lang="en")


@pytest.fixture
def claim():
    """A figure of 5, to half a unit, that the formula gives as 5."""
    return replace(
        next(claim for claim in claims.claims() if claim.formula),
        published=5.0,
        unit="number",
        number_format="0.0",
        tolerance=0.5,
        relation="=",
        formula="=5",
        other="",
        convention=NO_TEXT,
        note=NO_TEXT,
    )


@pytest.mark.parametrize(
    ("relation", "tolerance", "computed", "meets"),
    [
        ("=", 0.5, 5.5, True),
        ("=", 0.5, 4.5, True),
        ("=", 0.5, 5.51, False),
        ("=", 0.5, 4.49, False),
        ("=", 0.0, 5.0, True),
        (">", 0.0, 5.01, True),
        (">", 0.0, 4.99, False),
        (">", 0.5, 4.6, True),
        ("<", 0.0, 4.99, True),
        ("<", 0.0, 5.01, False),
        ("<", 0.5, 5.4, True),
    ],
)
def test_a_figure_agrees_within_its_tolerance(claim, relation, tolerance, computed, meets):
    assert replace(claim, relation=relation, tolerance=tolerance).meets(computed) is meets


def test_what_a_check_comes_to(claim, session):
    found = check(claim, session)
    assert (found.outcome, found.computed, found.difference, found.other) == (Outcome.AGREES, 5, 0.0, None)
    differs = check(replace(claim, formula="=7"), session)
    assert (differs.outcome, differs.difference, differs.other) == (Outcome.DIFFERS, 2.0, None)
    other = check(replace(claim, formula="=7", other="=5"), session)
    assert (other.outcome, other.other, other.outcome.verdict) == (Outcome.OTHER, 5.0, "differs")
    neither = check(replace(claim, formula="=7", other="=6"), session)
    assert (neither.outcome, neither.other) == (Outcome.DIFFERS, 6.0)
    lacking = check(replace(claim, formula='=PX_CLOSE("nope")'), session)
    assert (lacking.outcome, lacking.computed) == (Outcome.NEEDS_DATA, CellError.NA)
    assert check(replace(claim, formula=""), session).outcome is Outcome.NEEDS_DATA
    assert check(replace(claim, formula="", relation=""), session).outcome is Outcome.NOT_CHECKABLE
    text = check(replace(claim, formula='="a"'), session)
    assert text.outcome is Outcome.NEEDS_DATA
    # A formula that names a day after the data is not answered by an earlier one; the last day itself is.
    for day, outcome in (("2026-02-13", Outcome.AGREES), ("2026-02-17", Outcome.NEEDS_DATA)):
        formula = f'=5+0*PX_CLOSE("^VIX","{day}")'
        assert check(replace(claim, formula=formula), session).outcome is outcome


def test_a_date_is_compared_in_days(claim, session):
    dated = replace(claim, published=dt.date(2026, 2, 6), unit="date", number_format="yyyy-mm-dd", tolerance=0.0)
    assert check(replace(dated, formula='=XLR_ASOF("2026-02-06")'), session).outcome is Outcome.AGREES
    late = check(replace(dated, formula='=XLR_ASOF("2026-02-09")'), session)
    assert (late.outcome, late.difference) == (Outcome.DIFFERS, 3.0)
    assert check(replace(dated, tolerance=3.0, formula='=XLR_ASOF("2026-02-09")'), session).outcome is Outcome.AGREES


def test_notes(claim, session):
    other = replace(claim, formula="=7", convention=Text("Mean"), note=Text("part of a name"))
    assert check(replace(other, other="=5"), session).note("en") == "matches: Mean, 5.0; part of a name"
    assert check(replace(other, other="=5"), session).note("zh") == "相符口径：均值，5.0；名称的一部分"
    assert check(replace(other, other="=5.6"), session).note("en") == "nearer: Mean, 5.6; part of a name"
    assert check(replace(other, other="=5.6"), session).note("zh").startswith("较接近口径：均值，5.6")
    assert check(replace(other, other="=9"), session).note("en") == "no match either: Mean, 9.0; part of a name"
    assert check(replace(other, other="=9"), session).note("zh").startswith("亦不符：均值，9.0")
    above = replace(other, relation=">", published=8.0, other="=7.3")
    assert check(above, session).note("en").startswith("no match either")  # nearer means nothing where more is claimed
    lacking = replace(claim, formula='=PX_CLOSE("nope")', note=Text("part of a name"))
    assert check(lacking, session).note("en") == "the source does not hold the prices; part of a name"
    assert check(lacking, session).note("zh") == "数据源中没有所需价格；名称的一部分"
    nothing = replace(claim, formula="", note=Text("part of a name"))
    assert check(nothing, session).note("en") == "needs part of a name"
    assert check(nothing, session).note("zh") == "需要：名称的一部分"
    assert check(replace(nothing, relation=""), session).note("zh") == "名称的一部分"
    assert check(claim, session).note("en") == ""


def test_the_row_as_shown(claim, session):
    texts = check(replace(claim, relation=">", formula="=6"), session).texts("en")
    assert texts[2:] == ["> 5.0", "6.0", "agrees", ""]
    assert check(claim, session).texts("en")[2] == "5.0"
    assert check(claim, session).texts("zh")[1] == claim.figure.into("zh")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("2026-02-13", "date", dt.date(2026, 2, 13)), ("", "text", None), ("a", "text", "a"), ("0.5", "share", 0.5)],
)
def test_figures_as_read(text, unit, value):
    assert claims._published(text, unit) == value


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [(True, "0", "True"), ("a", "0", "a"), (-0.5, "0.0%", "-50.0%"), (0.0, "0.00", "0.00"), (1234.5, "0.0", "1234.5")],
)
def test_more_numbers_as_shown(value, number_format, text):
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:%}", -0.0123, "-1.23%"),
        ("{x:a}", -1.234, "1.23"),
        ("{x:pp}", -0.0123, "1.23"),
        ("{x:n}", -7, "7"),
        ("{x:?up|down}", 0, "up"),
        ("{x:?up|down}", 0.1, "up"),
        ("{x:?up|down}", -0.1, "down"),
        ("{x:?up|down}", "text", "down"),
        ("{x:.1f}", 1.25, "1.2"),
        ("{x}", "text", "text"),
    ],
)
def test_numbers_in_sentences(template, value, text):
    assert Text(template).into("en", x=value) == text
