"""Counts of advances that are kept from one as-of date to another are those that each date finds alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource
from xlrotation.functions.boundary.session import Session


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
