import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.measures import breadth

# mcoscillator.com, market breadth data, 2026-06-26: advances, declines, both trends, oscillator and its value the day
# before, Summation Index and its value the day before.
OFFICIAL = (1797, 988, 156.717, 110.741, 45.976, 10.251, 1693.628, 1647.652)


def test_7_relations_of_the_official_row():
    advances, declines, ten, five, oscillator, before, summation, summation_before = OFFICIAL
    net = advances - declines
    assert ten - five == pytest.approx(oscillator, abs=1e-3)
    assert 1000 - 9 * ten + 19 * five == pytest.approx(summation, abs=0.02)
    assert summation - summation_before == pytest.approx(oscillator, abs=1e-3)
    # One step of our recursion from the trends of the day before leads to the row.
    ten_before, five_before = (ten - 0.1 * net) / 0.9, (five - 0.05 * net) / 0.95
    assert ten_before - five_before == pytest.approx(before, abs=2e-3)


def closes(seed, days=700, members=40, gaps=True):
    rng = np.random.default_rng(seed)
    table = 100 * np.cumprod(1 + rng.normal(0, 0.01, (days, members)), axis=0)
    if gaps:
        table[rng.random(table.shape) < 0.01] = np.nan
    return table


@given(st.integers(0, 100))
def test_7_trends_equal_pandas(seed):
    net = np.random.default_rng(seed).normal(0, 500, 700)
    ten, five = breadth.trends(net)
    np.testing.assert_allclose(ten, pd.Series(net).ewm(alpha=0.10, adjust=False).mean(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(five, pd.Series(net).ewm(alpha=0.05, adjust=False).mean(), rtol=1e-9, atol=1e-9)
    oscillator, summation = breadth.mcclellan(net)
    np.testing.assert_allclose(np.diff(summation), oscillator[1:], atol=1e-6)  # it sums the oscillator


@given(st.integers(0, 30))
def test_7_share_above_average_equals_pandas(seed):
    table = pd.DataFrame(closes(seed))
    average = table.rolling(200).mean().iloc[-1]
    known = average.notna()
    expected = (int((table.iloc[-1] > average)[known].sum()), int(known.sum()))
    assert breadth.share_above_average(table.to_numpy(), 200) == expected


@given(st.integers(0, 30))
def test_7_advances_equal_pandas(seed):
    table = pd.DataFrame(closes(seed, 50))
    change = table.diff().iloc[1:]
    expected = np.stack([(change > 0).sum(axis=1), (change < 0).sum(axis=1), (change == 0).sum(axis=1)], axis=1)
    np.testing.assert_array_equal(breadth.advances_declines(table.to_numpy()), expected)


def test_7_new_extremes():
    table = np.array([[1.0, 3.0, 2.0, np.nan, 5.0], [2.0, 2.0, np.nan, 4.0, 5.0], [3.0, 1.0, 1.0, 4.0, 5.0]])
    assert breadth.new_extremes(table) == (1, 2)  # what never moved is at neither
    table[-1, 0] = np.nan
    assert breadth.new_extremes(table) == (0, 2)


def test_7_concentration():
    assert breadth.herfindahl(np.full(500, 7.0)) == pytest.approx(0.002)
    assert breadth.herfindahl(np.array([30.0, 30.0, 20.0, 20.0])) == pytest.approx(0.26)  # 2600 on the DoJ's scale
    assert breadth.top_share(np.array([1.0, 4.0, 3.0, 2.0]), 2) == pytest.approx(0.7)


@given(st.integers(0, 20), st.sampled_from([1, 2, 5, 50]))
def test_7_histories_equal_each_day(seed, n):
    table = np.round(closes(seed, 60, 11), 0)  # whole dollars: many ties
    above, known = breadth.above_average_history(table, n)
    highs, lows = breadth.new_extremes_history(table, n)
    net = breadth.net_advances(table)
    assert len(above) == len(known) == len(highs) == len(lows) == 61 - n
    for end in range(n, 61):
        row = end - n
        assert (above[row], known[row]) == breadth.share_above_average(table[:end], n)
        window = table[end - n : end]
        last = window[-1]
        seen = np.isfinite(last) & (np.isfinite(window).sum(axis=0) > 1)
        top = [np.nanmax(window[:, i]) if seen[i] else np.nan for i in range(11)]
        bottom = [np.nanmin(window[:, i]) if seen[i] else np.nan for i in range(11)]
        moved = np.array([a > b for a, b in zip(top, bottom, strict=True)])
        assert highs[row] == np.count_nonzero((last == top) & moved)
        assert lows[row] == np.count_nonzero((last == bottom) & moved)
        assert (highs[row], lows[row]) == breadth.new_extremes(window)
    counts = breadth.advances_declines(table)
    np.testing.assert_array_equal(net, counts[:, 0] - counts[:, 1])
    assert [len(part) for part in breadth.above_average_history(table, 61)] == [0, 0]
    assert [len(part) for part in breadth.new_extremes_history(table, 61)] == [0, 0]


def test_7_more_members_than_days():
    table = np.outer([1.0, 2.0, 1.5, 3.0], np.ones(37))
    table[:, 30:] = table[::-1, 30:]
    assert breadth.net_advances(table).tolist() == [23, -23, 23]
    highs, lows = breadth.new_extremes_history(table, 4)
    assert (highs.tolist(), lows.tolist()) == ([30], [7])
    above, known = breadth.above_average_history(table, 4)
    assert (above.tolist(), known.tolist()) == ([30], [37])


def test_7_too_few_closes_have_no_average():
    assert breadth.share_above_average(np.ones((3, 2)), 4) == (0, 0)
    assert breadth.share_above_average(np.array([[1.0, 3.0], [2.0, 2.0]]), 2) == (1, 2)
