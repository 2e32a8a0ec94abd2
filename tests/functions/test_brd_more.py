"""BRD: by sector, by volume, net new highs and the dates of thrusts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.measures import averages, breadth

CLOSES = {"AAPL": [1.0, 2, 3], "MSFT": [3.0, 2, 1], "KO": [2.0, 2, 3], "XYZ": [1.0, 1, 2], "NEW": [np.nan, 1, 2]}
VOLUMES = {"AAPL": [9.0, 9, 30], "MSFT": [9.0, 9, 20], "KO": [9.0, 9, 10], "NEW": [9.0, 9, 5]}
MEMBERS = [[name] for name in CLOSES]


@pytest.fixture
def five(session_of):
    return session_of(CLOSES, volume=VOLUMES)


def test_arms_index_and_up_volume(five):
    # AAPL, KO and NEW rise with 45, MSFT falls with 20; XYZ rises, but nobody says with what volume.
    assert five.call("BRD_TRIN", MEMBERS) == pytest.approx((3 / 1) / (45 / 20))
    assert list(five.remarks) == ["the range on 2026-02-13: no volume of XYZ, which therefore neither rise nor fall"]
    assert five.call("BRD_UPVOLUME", MEMBERS) == pytest.approx(45 / 65)
    day = five.panel.days[1].item().isoformat()
    assert five.call("BRD_UPVOLUME", MEMBERS, day) == pytest.approx(9 / 18)  # AAPL up, MSFT down; NEW had no close


@pytest.mark.parametrize(
    ("closes", "volumes", "trin", "share", "told"),
    [
        ([[1.0, 2], [1.0, 2]], [[1.0, 5], [1.0, 5]], CellError.DIV0, 1.0, "no member of the range fell on"),
        ([[2.0, 1], [2.0, 1]], [[1.0, 5], [1.0, 5]], CellError.DIV0, 0.0, "no member of the range rose on"),
        (
            [[1.0, 2], [2.0, 1]],
            [[1.0, 0], [1.0, 5]],
            CellError.DIV0,
            0.0,
            "the rising members of the range traded nothing",
        ),
        ([[1.0, 2], [2.0, 1]], [[1.0, 0], [1.0, 0]], CellError.DIV0, CellError.DIV0, "traded nothing"),
        ([[1.0, 1], [2.0, 2]], [[1.0, 1], [1.0, 1]], CellError.NA, CellError.NA, "rose or fell"),
        ([[np.nan, 1], [2.0, np.nan]], [[1.0, 1], [1.0, 1]], CellError.NA, CellError.NA, "rose or fell"),
        ([[1.0, 2], [2.0, 1]], [[1.0, np.nan], [1.0, np.nan]], CellError.NA, CellError.NA, "has a volume on"),
        ([[1.0, 2], [2.0, 1]], None, CellError.NA, CellError.NA, "the source holds no volumes"),
        ([[2.0], [1.0]], [[1.0], [1.0]], CellError.NA, CellError.NA, "a single session"),
    ],
)
def test_sides_without_anything_on_them(session_of, closes, volumes, trin, share, told):
    fields = {} if volumes is None else {"volume": dict(zip("AB", volumes, strict=True))}
    session = session_of(dict(zip("AB", closes, strict=True)), **fields)
    assert session.call("BRD_TRIN", [["A"], ["B"]]) == trin
    assert told in session.failures[-1].reason
    assert session.call("BRD_UPVOLUME", [["A"], ["B"]]) == share


def test_breadth_by_sector():
    panel = panel_of(CLOSES)
    panel = dataclasses.replace(panel, sectors={"NEW": "Semis"}, universes={"DESK": tuple(CLOSES)})
    session = Session(FixedSource(panel), lang="en")
    assert session.call("BRD_SECTORS", "ADVANCING", "DESK") == [
        ["Sector", "Symbol", "Members", "Share"],
        ["Technology", "XLK", 2, 0.5],
        ["Consumer Staples", "XLP", 1, 1.0],
        ["Semis", "", 1, 1.0],
        ["all", "DESK", 5, 0.8],
    ]
    assert list(session.remarks) == ["DESK: the sector of XYZ is not known"]
    above = session.call("BRD_SECTORS", "ABOVE_MA", "DESK", None, 3, False)
    assert [row[2:] for row in above] == [[2, 0.5], [1, 1.0], [4, 0.75]]  # NEW has a gap
    assert session.call("BRD_SECTORS", "NEW_LOWS", "DESK", None, 3, False)[0][3] == 0.5
    assert session.call("BRD_SECTORS", "ABOVE_MA", "DESK") is CellError.NA
    assert "ABOVE_MA needs 200 sessions; the data have 3; lower n" in session.failures[-1].reason
    assert session.call("BRD_SECTORS", "TICKS", "DESK") is CellError.VALUE


def test_by_sector_adds_up_to_the_whole(sample):
    *rows, total = sample.call("BRD_SECTORS", "ABOVE_MA", "SP50", None, None, False)
    assert sum(row[2] for row in rows) == total[2] == 50
    assert sum(row[2] * row[3] for row in rows) / 50 == pytest.approx(total[3])
    assert total[3] == sample.call("BRD_ABOVE_MA", "SP50", 200)
    for row in rows:
        assert row[3] == sample.call("BRD_ABOVE_MA", f"SP50:{row[0]}", 200)


def test_net_new_highs_are_those_of_the_two_counts(sample):
    for day in (None, "2025-04-08", "2024-08-05"):
        high, low = (sample.call(name, "SP50", "1Y", day) for name in ("BRD_NEW_HIGHS", "BRD_NEW_LOWS"))
        assert sample.call("BRD_52W", "SP50", day) == pytest.approx((high - low) / 50)
    assert sample.call("BRD_52W", [["AAPL"], ["nobody"]]) is CellError.NA


def test_a_member_without_a_last_close_does_not_count(session_of):
    session = session_of({"A": [1.0, 2, 3], "B": [3.0, 2, 1], "C": [1.0, 2, 3], "D": [1.0, 2, np.nan]})
    assert session.call("BRD_52W", [["A"], ["B"], ["C"], ["D"]], None, 3) == pytest.approx(1 / 3)


def test_thrusts_once_each_and_within_the_days():
    average = np.array([0.5, 0.39, 0.5, 0.62, 0.6, 0.62, 0.5, 0.35, 0.5, 0.5, 0.5, 0.62])
    assert breadth.thrusts(average, 0.4, 0.615, 10, 0) == [(3, 1), (11, 7)]
    assert breadth.thrusts(average, 0.4, 0.615, 4, 0) == [(3, 1), (11, 7)]
    assert breadth.thrusts(average, 0.4, 0.615, 3, 0) == [(3, 1)]
    assert breadth.thrusts(average, 0.4, 0.615, 10, 2) == [(11, 7)]
    assert breadth.thrusts(np.array([0.5, 0.40, 0.62]), 0.4, 0.615, 10, 0) == []  # not below
    assert breadth.thrusts(np.array([0.3, 0.615]), 0.4, 0.615, 10, 0) == []  # not above
    assert breadth.thrusts(np.array([]), 0.4, 0.615, 10, 0) == []


def test_an_average_at_the_limit_is_not_below_it():
    """Two of five rise day by day: the average comes to 0.4, and what rounding leaves of that is no fall below it."""
    average = averages.decayed_history(np.array([0.5] * 3 + [2 / 5] * 300 + [1.0] * 6), 1 - 2 / 11)
    assert (average[:303] < 0.4).any()
    assert average[-1] > 0.615
    assert breadth.thrusts(average, 0.40, 0.615, 10, 10) == []
    assert len(breadth.thrusts(average, 0.41, 0.615, 10, 10)) == 1


def test_thrusts_do_not_look_ahead_and_keep_to_the_window(sample):
    everything = sample.call("BRD_ZBT", "SP50", "MAX", None, None, None, None, False)
    newest = everything[0][0]
    assert sample.call("BRD_ZBT", "SP50", "MAX", newest.isoformat(), None, None, None, False) == everything
    day = sample.panel.days[list(sample.panel.days.astype(object)).index(newest) - 1].item()
    assert sample.call("BRD_ZBT", "SP50", "MAX", day.isoformat(), None, None, None, False) == everything[1:]
    assert sample.call("BRD_ZBT", "SP50", newest.isoformat(), None, None, None, None, False) == everything[:1]
    assert sample.call("BRD_ZBT", "SP50", "1D") is CellError.NA
    assert "no breadth thrust of SP50 over 1D up to" in sample.failures[-1].reason
    assert sample.call("BRD_ZBT", "SP50", "MAX", None, 40) is CellError.VALUE
    assert "did you mean 0.4?" in sample.failures[-1].reason
    assert sample.call("BRD_ZBT", "SP50", "MAX", None, 0.6, 0.6) is CellError.VALUE


def test_thrusts_of_todays_members_are_told(sample):
    assert isinstance(sample.call("BRD_ZBT", "SP50"), list)
    assert len(sample.remarks) == 1
    assert "is made of today's members" in next(iter(sample.remarks))
    sample.remarks.clear()
    assert isinstance(sample.call("BRD_ZBT", "SECTORS"), list)
    assert sample.remarks == {}
