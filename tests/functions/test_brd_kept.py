"""Counts of advances that are kept from one as-of date to another are those that each date finds alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.terms import Terms


@pytest.mark.parametrize("call", [("BRD_MCCLELLAN", "SP50"), ("BRD_SUMMATION", "MAG7"), ("BRD_AD_LINE", "SP50", "3M")])
def test_dates_in_any_order_give_what_each_gives_alone(sample, call):
    days = sample.panel.days[[40, 41, -1, -30, 300, 299, 1, 2, -2, 450]].astype(str).tolist()
    together = Session(FixedSource(replace(sample.panel)), lang="en")
    for day in days:
        alone = Session(FixedSource(replace(sample.panel)), lang="en")
        got, expected = together.call(*call, day), alone.call(*call, day)
        assert type(got) is type(expected)
        assert got == (pytest.approx(expected, rel=1e-12) if isinstance(expected, int | float) else expected)


def test_sessions_are_counted_once_for_all_dates(sample, monkeypatch):
    from xlrotation.measures import breadth

    counted = []
    original = breadth.advances_declines
    monkeypatch.setattr(breadth, "advances_declines", lambda rows: counted.append(len(rows) - 1) or original(rows))
    session = Session(FixedSource(replace(sample.panel)), lang="en")
    values = session.call("BRD_MCCLELLAN", "SP50", [[day] for day in sample.panel.days[-40:].astype(str).tolist()])
    assert np.isfinite(np.array(values, float)).all()
    assert sum(counted) <= 400 + 40


def _listed_later(sample) -> Session:
    """A list of the user's own that begins in the middle of the data, and has a member less for some time."""
    days, never = sample.panel.days, np.datetime64("NaT", "D")
    begins, ends = np.array([days[50], days[60], days[50]]), np.array([never, never, days[80]])
    terms = Terms(("AAPL", "MSFT", "NVDA"), begins, ends, np.array([never]))
    panel = replace(sample.panel, universes={"MINE": terms.everyone}, terms={"MINE": terms})
    return Session(FixedSource(panel), lang="en", remember=False)


@pytest.mark.parametrize("call", [("BRD_ABOVE_MA", "MINE", 10), ("BRD_MCCLELLAN", "MINE"), ("BRD_SUMMATION", "MINE")])
def test_a_date_before_a_list_begins_leaves_the_others_together(sample, call, monkeypatch):
    monkeypatch.setenv("XLROTATION_STRICT", "1")
    here = _listed_later(sample)
    days = here.panel.days[[90, 30, 55, 70, 100, 400]].astype(str).tolist()
    values = here.call(*call, [[day] for day in days])
    assert "the list MINE has no member" in here.failures[-1].reason
    assert values == [[here.call(*call, day)] for day in days]
    assert sum(isinstance(value, float) for (value,) in values) == 5


@pytest.mark.parametrize("call", [("BRD_MCCLELLAN", "MINE"), ("BRD_SUMMATION", "MINE"), ("BRD_AD_LINE", "MINE", "MAX")])
def test_a_list_with_terms_has_no_change_on_the_first_session_of_the_data(sample, call, monkeypatch):
    monkeypatch.setenv("XLROTATION_STRICT", "1")
    terms = Terms(("AAPL", "MSFT"), *np.full((3, 2), np.datetime64("NaT", "D")))
    panel = replace(sample.panel, universes={"MINE": terms.everyone}, terms={"MINE": terms})
    here = Session(FixedSource(panel), lang="en")
    assert here.call(*call, str(panel.days[0])) is CellError.NA
    assert "no member of MINE has closes in two successive sessions" in here.failures[-1].reason


def test_nothing_is_told_of_a_blank_date(sample):
    """A blank cell in a range of dates is refused, so the members of the newest session are not spoken of."""
    here = Session(FixedSource(sample.panel), lang="en", remember=False)
    day = str(sample.panel.days[200])
    here.call("BRD_ABOVE_MA", "SP50", 20, day)
    expected = set(here.remarks)
    assert expected
    here.remarks.clear()
    for blank in (0, "", None):
        values = here.call("BRD_ABOVE_MA", "SP50", 20, [[blank], [day], ["2031-01-01"]])
        assert [isinstance(value, float) for (value,) in values] == [False, True, False]
    assert set(here.remarks) == expected
    here = Session(FixedSource(sample.panel), lang="en", asof=day, remember=False)
    assert here.call("BRD_ABOVE_MA", "SP50", 20, [[0], ["2031-01-01"]]) == [[CellError.NA], [CellError.NA]]
    assert not here.remarks
