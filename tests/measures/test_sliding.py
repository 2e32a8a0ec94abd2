import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xlrotation.measures import breadth, dispersion, sliding

PRICES = arrays.arrays(
    float,
    st.tuples(st.integers(30, 60), st.integers(2, 11)),
    elements=st.sampled_from([*range(95, 106), np.nan]),
)


@given(arrays.arrays(float, st.integers(1, 70), elements=st.floats(-1e3, 1e3)), st.integers(1, 70))
def test_sums_and_extremes_are_those_of_each_window(row, n):
    n = min(n, len(row))
    windows = np.lib.stride_tricks.sliding_window_view(row, n)
    np.testing.assert_allclose(sliding.sums(row[None], n)[0], windows.sum(axis=-1), rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(sliding.extremes(row[None], n, np.maximum)[0], windows.max(axis=-1))
    np.testing.assert_array_equal(sliding.extremes(row[None], n, np.minimum)[0], windows.min(axis=-1))


@given(st.integers(1, 16), st.integers(1, 70), st.integers(0, 2**32 - 1), st.data())
def test_sums_made_in_one_room_are_the_same(members, days, seed, data):
    n = data.draw(st.integers(1, days))
    random, room = np.random.default_rng(seed), sliding.Room(days)
    for count in (16, members):  # what an earlier block left behind is not seen
        rows = random.normal(0, 100, (count, days))
        rows[random.random(rows.shape) < 0.02] = np.nan
        kept = rows.copy()
        np.testing.assert_array_equal(room.sums(rows, n), sliding.sums(rows, n))
        room.sums(rows, n)[:] = 0.0
        np.testing.assert_array_equal(rows, kept)


@given(PRICES, st.integers(2, 25))
def test_7_breadth_day_by_day_is_that_of_each_day(closes, n):
    closes = np.asfortranarray(closes)
    above, known = breadth.above_average_history(closes, n)
    highs, lows = breadth.new_extremes_history(closes, n)
    counts = breadth.advances_declines(closes)
    np.testing.assert_array_equal(breadth.net_advances(closes), counts[:, 0] - counts[:, 1])
    for place in range(len(closes) - n + 1):
        assert (above[place], known[place]) == breadth.share_above_average(closes[: place + n], n)
        assert (highs[place], lows[place]) == breadth.new_extremes(closes[place : place + n])


@given(st.integers(1, 90_000), st.integers(1, 260))
def test_7_a_close_that_never_moves_is_not_above_its_average(cents, n):
    """A price in cents is no binary fraction: the sum of equal closes is rounded, and must not tip the comparison."""
    closes = np.asfortranarray(np.full((n + 3, 2), cents / 100))
    assert breadth.share_above_average(closes, n) == (0, 2)
    above, known = breadth.above_average_history(closes, n)
    assert above.tolist() == [0] * 4
    assert known.tolist() == [2] * 4


@given(st.integers(1_000, 90_000), st.integers(3, 250))
def test_7_one_cent_above_the_average_of_equal_closes_counts(cents, n):
    closes = np.full((n, 2), cents / 100)
    closes[-1] += [0.01, -0.01]
    assert breadth.share_above_average(closes, n) == (1, 2)
    assert [counts.tolist() for counts in breadth.above_average_history(closes, n)] == [[1], [2]]


@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 50, 200]))
def test_7_above_the_average_is_decided_as_by_exact_sums_of_cents(seed, n):
    cents = np.random.default_rng(seed).integers(995, 1006, (260, 3))
    sums = np.lib.stride_tricks.sliding_window_view(cents, n, axis=0).sum(axis=-1)
    above, _ = breadth.above_average_history(np.asfortranarray(cents / 100), n)
    np.testing.assert_array_equal(above, (cents[n - 1 :] * n > sums).sum(axis=1))


@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_7_a_gap_anywhere_is_noticed(seed, n):
    random = np.random.default_rng(seed)
    closes = np.asfortranarray(random.uniform(50, 60, (200, 9)))
    closes[random.integers(0, 200), random.integers(0, 9)] = np.nan
    known = breadth.above_average_history(closes, n)[1]
    whole = np.isfinite(np.lib.stride_tricks.sliding_window_view(closes, n, axis=0)).all(axis=-1)
    np.testing.assert_array_equal(known, whole.sum(axis=1))


@given(st.integers(2, 30), st.integers(0, 2**32 - 1))
def test_5_2_rolling_correlation_is_that_of_each_window(n, seed):
    random = np.random.default_rng(seed)
    returns = random.normal(0, 0.01, (90, 7)) + random.normal(0, 0.01, (90, 1))
    returns[random.integers(0, 90, 4), random.integers(0, 7, 4)] = np.nan
    returns[20:60, 3] = 0.0  # a halt
    rolled = dispersion.rolling_pairwise_correlation(returns, n)
    for place in (0, 17, 25, 45, 90 - n):
        window = returns[place : place + n]
        window = window[:, np.isfinite(window).all(axis=0)]
        assert rolled[place] == pytest.approx(dispersion.mean_pairwise_correlation(window), abs=1e-10, nan_ok=True)


def test_rolling_correlation_over_the_edges_of_blocks():
    returns = np.random.default_rng(9).normal(0, 0.01, (700, 5))
    rolled = dispersion.rolling_pairwise_correlation(returns, 21)
    for place in (0, 255, 256, 257, 511, 512, 679):
        direct = dispersion.mean_pairwise_correlation(returns[place : place + 21])
        assert rolled[place] == pytest.approx(direct, abs=1e-12)
