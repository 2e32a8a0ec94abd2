"""METHODS 8: what followed a signal, by hand."""

import math

import numpy as np
import pytest

from xlrotation.measures import events

NAN = math.nan


def test_8_a_study_by_hand():
    # Over two rows: 0.1, 0.2, gap, -0.1, 0, gap, 0.5 (the last two rows have nothing after them).
    closes = np.array([100.0, 50.0, 110.0, 60.0, NAN, 54.0, 80.0, 54.0, 120.0])
    forward = [0.1, 0.2, NAN, -0.1, NAN, 0.0, 0.5]
    found = events.study(closes, np.array([0, 1, 2, 3, 5, 8]), 2)
    known = [0.1, 0.2, -0.1, 0.0]
    assert found.events == 4
    assert found.separate == 3  # rows 0, 3 and 5; row 1 lies within the horizon of the first
    assert found.mean == pytest.approx(np.mean(known))
    assert found.median == pytest.approx(0.05)
    assert found.positive == 0.5  # a return of zero is not positive
    assert found.worst == pytest.approx(-0.1)
    assert found.best == pytest.approx(0.2)
    assert found.usual == pytest.approx(np.nanmean(forward))
    assert found.independent == 3.5


def test_8_a_study_without_events_has_the_usual_return_only():
    closes = np.array([100.0, 110.0, 121.0])
    for rows in ([2], [], [3]):
        found = events.study(closes, np.array(rows, np.int64), 1)
        assert (found.events, found.separate) == (0, 0)
        assert found.usual == pytest.approx(0.1)
        assert found.independent == 2.0
        assert all(math.isnan(value) for value in (*found[2:9], found.t_value))
    for horizon in (3, 4, 9):  # nothing lies that far ahead
        found = events.study(closes, np.array([0, 1]), horizon)
        assert found.events == 0
        assert math.isnan(found.usual)
        assert found.independent == 0.0
    assert events.study(closes, np.array([0]), 2).mean == pytest.approx(0.21)


def test_8_events_apart_by_a_gap_exactly():
    rows = np.array([3, 5, 8, 9, 12])
    assert events.apart(rows, 1).tolist() == [3, 5, 8, 9, 12]
    assert events.apart(rows, 3).tolist() == [3, 8, 12]
    assert events.apart(rows, 4).tolist() == [3, 8, 12]
    assert events.apart(rows, 5).tolist() == [3, 8]
    assert events.apart(rows[:0], 5).tolist() == []


def test_8_a_block_holds_the_events_whose_horizons_overlap():
    assert events.block_length(np.array([0, 1, 2, 10]), 3) == 3
    assert events.block_length(np.array([0, 1, 3, 10]), 3) == 2  # the third begins where the first ends
    assert events.block_length(np.array([0, 5, 10]), 3) == 1


def test_8_an_interval_needs_three_blocks():
    values = np.array([0.01, 0.02, 0.04, 0.05, 0.07, 0.08])
    assert all(math.isfinite(end) for end in events.interval_of_mean(values, 2))
    assert all(math.isnan(end) for end in events.interval_of_mean(values[:5], 2))
    assert all(math.isfinite(end) for end in events.interval_of_mean(values[:3], 1))
    assert events.interval_of_mean(np.full(9, 0.03), 3) == pytest.approx((0.03, 0.03))


def test_8_an_interval_of_blocks_is_that_of_drawing_blocks():
    """Against a plain loop with its own numbers: blocks stay together, every place can start one."""
    values = np.random.default_rng(1).normal(0.0, 1.0, 30).cumsum()
    low, high = events.interval_of_mean(values, 7)
    rng = np.random.default_rng(2)
    means = []
    for _ in range(20_000):
        drawn = []
        while len(drawn) < 30:
            start = rng.integers(0, 24)
            drawn.extend(values[start : start + 7])
        means.append(np.mean(drawn[:30]))
    assert low == pytest.approx(np.quantile(means, 0.025), abs=0.05 * np.std(values))
    assert high == pytest.approx(np.quantile(means, 0.975), abs=0.05 * np.std(values))


def test_8_a_t_value_leaves_gaps_out():
    rng = np.random.default_rng(3)
    forward = rng.normal(0, 0.05, 40)
    gaps = np.insert(forward, [7, 20], NAN)
    assert events.newey_west_t(gaps, np.array([3, 16, 30]), 0) == pytest.approx(
        events.newey_west_t(forward, np.array([3, 15, 28]), 0)
    )
    assert math.isnan(events.newey_west_t(np.full(12, 0.01), np.array([2, 5]), 0))  # no spread at all
