"""PX_CHANGE, PX_VOLUME, PX_ZSCORE, PX_RANK, PX_STREAK, PX_RECORDS, PX_RET_SINCE: gaps, bounds, reasons, remarks."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.proofs.published import column
from xlrotation.errors import CellError

NA, VALUE, DIV0 = CellError.NA, CellError.VALUE, CellError.DIV0
GAP = float("nan")


def told(session) -> str:
    return " | ".join(session.remarks)


def test_a_change_is_that_of_the_closes_of_the_return(session_of):
    session = session_of({"AAA": [10.0, GAP, 12.0, 15.0]})
    assert session.call("PX_CHANGE", "AAA") == 3.0
    assert session.call("PX_CHANGE", "AAA", 2) is NA
    assert session.call("PX_CHANGE", "AAA", "MAX") == 5.0
    assert session.call("PX_CHANGE", column([1.0, 4.0]), 1) == 3.0
    oil = session_of({"OIL": [18.27, -37.63]})
    assert oil.call("PX_CHANGE", "OIL") == pytest.approx(-55.90)  # a return on a negative price means nothing
    assert session_of({"AAA": [0.1 + 0.2, 0.3]}).call("PX_CHANGE", "AAA") == 0.0


def test_a_change_on_the_share_count_of_its_session(session_of):
    session = session_of({"AAA": [100.0, 52.0]}, split={"AAA": [0.0, 2.0]})
    assert session.call("PX_CHANGE", "AAA") == pytest.approx(2.0)


def test_no_place_looks_ahead(session_of):
    closes = 100 + np.cumsum(np.random.default_rng(1).normal(0, 1, 300))
    whole = session_of({"AAA": closes}, volume={"AAA": closes * 1e6})
    day = whole.panel.days[250].item()
    known = session_of({"AAA": closes[:251]}, last=day.isoformat(), volume={"AAA": closes[:251] * 1e6})
    for name in ("PX_CHANGE", "PX_VOLUME", "PX_ZSCORE", "PX_RANK", "PX_RECORDS", "PX_RET_SINCE"):
        assert whole.call(name, "AAA", 60 if name != "PX_RET_SINCE" else 1, day) == known.call(
            name, "AAA", 60 if name != "PX_RET_SINCE" else 1
        ), name
    assert whole.call("PX_STREAK", "AAA", day) == known.call("PX_STREAK", "AAA")


def test_volumes_that_are_not_there(session_of):
    closes = {"AAA": np.full(5, 10.0), "IDX": np.full(5, 10.0)}
    session = session_of(closes, volume={"AAA": [1e6, GAP, 2e6, 3e6, 6e6], "IDX": np.zeros(5)})
    assert session.call("PX_VOLUME", "IDX", 3) is NA  # an index whose zeros stand for none
    assert session.call("PX_VOLUME", "AAA", 4, None, "AVERAGE") == pytest.approx(11e6 / 3)
    assert "3 of the 4 sessions" in told(session)
    assert session.call("PX_VOLUME", column([1.0, 2.0])) is VALUE
    assert session_of({"AAA": [1.0, 2.0]}).call("PX_VOLUME", "AAA", 2) in (NA, VALUE)


def test_a_standard_deviation_needs_closes_that_move(session_of):
    session = session_of({"AAA": [10.0, 10.0, 10.0], "ONE": [GAP, GAP, 10.0], "GAP": [9.0, 10.0, GAP]})
    assert session.call("PX_ZSCORE", "AAA", 3) is DIV0
    assert session.call("PX_ZSCORE", "ONE", 3) is NA
    assert session.call("PX_ZSCORE", "GAP", 3) is NA
    assert session.call("PX_ZSCORE", column([1.0, None, 3.0]), 3) == pytest.approx(1 / np.sqrt(2))


def test_equal_closes_share_the_better_place(session_of):
    session = session_of({"AAA": [3.0, 1.0, GAP, 2.0, 2.0]})
    assert session.call("PX_RANK", "AAA", 5) == 2
    assert session.call("PX_RANK", "AAA", 5, None, "LOW") == 2
    assert session.call("PX_RANK", [["AAA"], ["NOSUCH"]], 5) == [[2], [NA]]
    assert type(session.call("PX_RANK", [["AAA"], ["AAA"]], 2)[0][0]) is int


def test_a_run_ends_with_a_tie_and_with_a_gap(session_of):
    assert session_of({"AAA": [3.0, 2.0, 2.0, 3.0, 4.0]}).call("PX_STREAK", "AAA") == 2
    assert session_of({"AAA": [1.0, GAP, 2.0, 3.0]}).call("PX_STREAK", "AAA") == 1
    assert session_of({"AAA": [3.0, 4.0, 4.0]}).call("PX_STREAK", "AAA") == 0
    assert session_of({"AAA": [3.0, 4.0, GAP]}).call("PX_STREAK", "AAA") is NA
    session = session_of({"AAA": [GAP, 3.0, 2.0, 1.0]})
    assert session.call("PX_STREAK", "AAA") == -2
    assert "may be longer" in told(session)
    inside = session_of({"AAA": [3.0, 4.0, 3.0, 2.0, 1.0]})
    assert inside.call("PX_STREAK", "AAA") == -3
    assert "may be longer" not in told(inside)


def test_a_run_of_weeks(session_of):
    # 2026-01-30, 02-06 and 02-13 end weeks: 100, 101, 103, whatever happened between.
    closes = np.array([120.0] * 10 + [100.0, 90, 90, 90, 90, 101, 99, 99, 99, 99, 103])
    assert session_of({"AAA": closes}).call("PX_STREAK", "AAA", None, "W") == 2
    assert session_of({"AAA": closes}).call("PX_STREAK", "AAA") == 1
    assert session_of({"AAA": closes}).call("PX_STREAK", column(closes), None, "W") is VALUE


def test_records_are_told_to_be_those_of_the_data(session_of):
    session = session_of({"AAA": [5.0, 6.0, 6.0, GAP, 4.0, 7.0, 3.0]})
    assert session.call("PX_RECORDS", "AAA", "MAX") == 2
    assert session.call("PX_RECORDS", "AAA", 3) == 1
    assert session.call("PX_RECORDS", "AAA", "MAX", None, "LOW") == 2
    assert f"since its closes begin, {session.panel.days[0]}" in told(session)
    assert session.call("PX_RECORDS", "AAA", 30) is NA


def test_records_are_not_counted_on_a_session_without_a_close(session_of):
    session = session_of({"AAA": [5.0, 6.0, 7.0, GAP]})
    for window in ("MAX", 2, 4):
        assert session.call("PX_RECORDS", "AAA", window) is NA
        assert "AAA has no close on" in session.failures[-1].reason
    assert session.call("PX_STREAK", "AAA") is NA
    assert session.call("PX_RECORDS", "AAA", "MAX", session.panel.days[2].item()) == 2


def test_a_window_without_an_earlier_one_of_its_kind_is_refused(session_of):
    session = session_of({"AAA": [1.0, 2.0, 1.5, 1.6]})
    assert session.call("PX_RET_SINCE", "AAA", "MAX") is VALUE
    assert session.call("PX_RET_SINCE", "AAA", "2026-02-10") is VALUE
    assert session.call("PX_RET_SINCE", "AAA") == session.panel.days[1].item()
    assert session.call("PX_RET_SINCE", "AAA", 1, None, "LOW") == session.panel.days[2].item()


def test_a_month_to_date_is_compared_with_whole_months(session_of):
    days = session_of({"AAA": np.ones(120)}).panel.days
    closes = np.full(120, 100.0)
    closes[days >= np.datetime64("2025-10-31")] = 105.0  # the last session of October
    closes[days >= np.datetime64("2026-02-02")] = 108.0  # up 2.9 %, on the first session of February
    session = session_of({"AAA": closes})
    assert session.call("PX_RET_SINCE", "AAA", "MTD") == dt.date(2025, 10, 31)
