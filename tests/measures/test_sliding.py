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
