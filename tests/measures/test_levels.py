import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xlrotation.measures import levels

PRICES = arrays(float, st.integers(1, 60), elements=st.floats(1, 1000))


@given(PRICES)
def test_percent_rank_equals_pandas(values):
    expected = pd.Series(values).rank(pct=True, method="max").iloc[-1]
    assert levels.percent_rank(values) == pytest.approx(expected)


@given(PRICES)
def test_drawdown_equals_pandas(values):
    series = pd.Series(values)
    assert levels.drawdown(values) == pytest.approx((series / series.cummax() - 1).iloc[-1])


def test_last_at_least():
    assert levels.last_at_least(np.array([5.0, 3.0, 4.0, 4.0])) == 2
    assert levels.last_at_least(np.array([5.0, 3.0, np.nan, 4.0])) == 0
    assert levels.last_at_least(np.array([1.0, 2.0])) is None


def test_last_crossing_counts_a_touch_as_above():
    assert levels.last_crossing(np.array([9.0, 10.0, 11.0, 12.0]), 10.0) == 1
    assert levels.last_crossing(np.array([9.0, 11.0, np.nan, 9.5]), 10.0) == 3
    assert levels.last_crossing(np.array([11.0, 12.0]), 10.0) is None
