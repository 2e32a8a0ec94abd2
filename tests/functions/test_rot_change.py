"""ROT_CHANGE, fixed orders of sector tables, and the rotation graph of weeks and by quadrant."""

from __future__ import annotations

import numpy as np
import pytest

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.universes import SECTORS


@pytest.fixture
def market(session_of) -> Session:
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, (400, 12)), axis=0))
    return session_of(dict(zip((*SECTORS, "^GSPC"), closes.T, strict=True)))


def test_change_is_what_the_sector_table_says_then_and_now(market):
    now_day, then = market.panel.days[-1].item(), market.panel.days[-6].item()
    heads, *rows = market.call("ROT_CHANGE", "20D 3M")
    assert heads == ["Sector", "Symbol"] + [
        f"{window} {word}" for window in ("20D", "3M") for word in ("now", "before", "change", "rank", "rank before")
    ]
    assert [row[1] for row in rows] == list(SECTORS)
    for row in rows:
        for at, window in ((2, "20D"), (7, "3M")):
            now, before, change, rank, rank_before = row[at : at + 5]
            assert now == pytest.approx(market.call("PX_RET", row[1], window, now_day.isoformat()))
            assert before == pytest.approx(market.call("PX_RET", row[1], window, then.isoformat()))
            assert change == pytest.approx(now - before, abs=1e-12)
            assert rank == market.call("ROT_SECTOR_RANK", row[1], window)
            assert rank_before == market.call("ROT_SECTOR_RANK", row[1], window, then.isoformat())
            assert type(rank) is type(rank_before) is int


def test_before_is_a_date_or_a_window_and_the_order_stays(market):
    day = market.panel.days[-30].item().isoformat()
    by_date = market.call("ROT_CHANGE", "5D", None, day, False)
    assert by_date == market.call("ROT_CHANGE", "5D", None, 29, False)
    assert [row[1] for row in by_date] == list(SECTORS)
    assert market.call("ROT_CHANGE", "5D", None, "MAX") is CellError.NA
    assert market.call("ROT_CHANGE", "nonsense") is CellError.VALUE
    assert market.call("ROT_CHANGE", "5D", day)[1:] != market.call("ROT_CHANGE", "5D")[1:]


def test_a_sector_without_a_close_has_neither_return_nor_rank(session_of):
    closes = {name: np.linspace(100, 100 + place, 40) for place, name in enumerate(SECTORS)}
    closes["XLF"][-1] = np.nan
    table = session_of(closes).call("ROT_CHANGE", "5D", None, "5D", False)
    row = next(row for row in table if row[1] == "XLF")
    assert row[2] is row[4] is row[5] is CellError.NA
    assert isinstance(row[3], float)
    assert isinstance(row[6], int)
    ranks = sorted(row[5] for row in table if row[1] != "XLF")
    assert ranks == list(range(1, 11))


def test_equal_returns_share_the_better_rank(session_of):
    session = session_of({name: np.linspace(100, 110 if name != "XLE" else 90, 40) for name in SECTORS})
    table = session.call("ROT_CHANGE", "5D", None, "5D", False)
    assert {row[5] for row in table} == {1, 11}


def test_a_fixed_order_is_that_of_the_list(market):
    for text in ("FIXED", "fixed", " Fixed "):
        table = market.call("ROT_SECTOR_TABLE", "5D", None, text, None, False)
        assert [row[1] for row in table] == list(SECTORS)
        table = market.call("ROT_SECTOR_RET", None, "5D", None, None, None, False, None, text)
        assert [row[1] for row in table] == list(SECTORS)
    by_return = market.call("ROT_SECTOR_TABLE", "5D 20D", None, "20D", None, False)
    assert [row[3] for row in by_return] == sorted((row[3] for row in by_return), reverse=True)
    assert market.call("ROT_SECTOR_TABLE", "5D", None, "FIX") is CellError.VALUE
    assert market.call("ROT_SECTOR_RET", "XLK", "5D", None, None, None, None, None, "FIXED") == market.call(
        "ROT_SECTOR_RET", "XLK", "5D"
    )


def test_the_graph_by_quadrant_goes_clockwise(market):
    given = market.call("ROT_RRG", "SECTORS", "SPX", None, 60, False)
    sorted_rows = market.call("ROT_RRG", "SECTORS", "SPX", None, 60, False, None, "D", "quadrant")
    assert [row[1] for row in given] == list(SECTORS)
    assert sorted(sorted_rows, key=str) == sorted(given, key=str)
    places = [("Leading", "Weakening", "Lagging", "Improving").index(row[4]) for row in sorted_rows]
    assert places == sorted(places)
    assert len(set(places)) > 1
    for quadrant in set(places):
        ratios = [row[2] for row, place in zip(sorted_rows, places, strict=True) if place == quadrant]
        assert ratios == sorted(ratios, reverse=True)


def test_symbols_without_a_place_come_last(session_of):
    rng = np.random.default_rng(1)
    closes = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 120))) for name in ("A", "B", "C", "^GSPC")}
    closes["A"][100] = np.nan
    got = session_of(closes).call("ROT_RRG", [["A"], ["B"], ["C"]], "SPX", None, 60, False, None, "D", "QUADRANT")
    assert got[-1][1:] == ["A", CellError.NA, CellError.NA, CellError.NA]


def test_the_graph_of_weeks_does_not_look_ahead(market):
    day = market.panel.days[-8].item().isoformat()
    early = market.call("ROT_RRG", "SECTORS", "SPX", day, 60, False, None, "W")
    tail = market.call("ROT_RRG_TAIL", "XLK", "SPX", 3, day, 60, False, "W")
    assert tail[-1][0].isoformat() == day
    assert tail[-1][1:] == early[0][2:4]
    assert len({row[0].isocalendar()[:2] for row in tail}) == 3
    assert market.call("ROT_RRG", "SECTORS", "SPX", None, 2000, False, None, "W") is CellError.NA
    assert "needs 566 weeks" in market.failures[-1].reason
    assert market.call("ROT_RRG", "SECTORS", "SPX", None, 60, False, None, "M") is CellError.VALUE
    assert market.call("ROT_RRG", "SECTORS", "SPX", None, 5, False, None, "W") is CellError.VALUE
    assert "at least 10 sessions" in market.failures[-1].reason
