import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xlrotation.measures import averages

PRICES = arrays(float, st.integers(1, 60), elements=st.floats(1, 1000))


@given(PRICES, st.integers(1, 60))
def test_simple_equals_pandas_rolling(values, n):
    expected = pd.Series(values).rolling(n).mean().dropna().to_numpy()
    np.testing.assert_allclose(averages.simple(values, n), expected, rtol=1e-9)


@given(PRICES, st.integers(1, 60))
def test_exponential_equals_pandas_ewm(values, n):
    expected = pd.Series(values).ewm(span=n, adjust=False).mean().iloc[-1]
    assert averages.exponential(values, n) == pytest.approx(expected, rel=1e-9)


def test_a_gap_spoils_only_the_averages_that_hold_it():
    got = averages.simple(np.array([1.0, np.nan, 3.0, 5.0]), 2)
    np.testing.assert_array_equal(np.isnan(got), [True, True, False])
    assert got[-1] == 4.0
