import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xlrotation.measures import rotation

VALUES = arrays(float, 11, elements=st.integers(-5, 5).map(float))


@given(VALUES, VALUES)
def test_rank_correlation_equals_pandas(a, b):
    expected = pd.Series(a).rank().corr(pd.Series(b).rank()) if len(set(a)) > 1 < len(set(b)) else np.nan
    assert float(rotation.rank_correlation(a, b)) == pytest.approx(expected, nan_ok=True)


def test_persistence_of_a_fixed_order_is_one_and_of_a_reversing_one_minus_one():
    steady = np.cumprod(np.full((61, 11), 1.0) + np.linspace(-0.01, 0.01, 11), axis=0)
    assert rotation.persistence(steady, 5, 10) == pytest.approx(1.0)
    flips = np.repeat(np.where(np.arange(12) % 2, 1.0, -1.0), 5)[:, None] * np.linspace(-0.01, 0.01, 11)
    reversing = np.vstack([np.ones(11), np.cumprod(1 + flips, axis=0)])
    assert rotation.persistence(reversing, 5, 11) == pytest.approx(-1.0)


def paths(seed, n=120):
    rng = np.random.default_rng(seed)
    return np.cumprod(1 + rng.normal(0, 0.01, (n, 4)), axis=0)


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_6_3_rotation_graph_invariants(seed, scale):
    closes = paths(seed)
    ratio, momentum = rotation.rs_ratio_and_momentum(closes[:, :3], closes[:, 3], 60, 1)
    scaled = rotation.rs_ratio_and_momentum(closes[:, :3] * scale, closes[:, 3], 60, 1)
    np.testing.assert_allclose((ratio, momentum), scaled, rtol=1e-9)  # the unit of a price does not matter
    later = rotation.rs_ratio_and_momentum(closes[10:, :3], closes[10:, 3], 60, 1)
    np.testing.assert_allclose((ratio, momentum), later, rtol=1e-12)  # nor does where the data start
    own = rotation.rs_ratio_and_momentum(closes[:, :1], closes[:, 0], 60, 1)
    np.testing.assert_allclose(own, 100.0)  # a benchmark against itself is neutral


def test_6_3_rotation_graph_equals_pandas_rolling_means():
    closes = paths(7)
    relative = pd.Series(closes[:, 0] / closes[:, 3])
    ratio = 100 * relative.rolling(25).mean() / relative.rolling(60).mean()
    momentum = 100 * ratio / ratio.rolling(25).mean()
    got_ratio, got_momentum = rotation.rs_ratio_and_momentum(closes[:, :1], closes[:, 3], 60, 6)
    np.testing.assert_allclose(got_ratio[:, 0], ratio[-6:], rtol=1e-12)
    np.testing.assert_allclose(got_momentum[:, 0], momentum[-6:], rtol=1e-12)


@pytest.mark.parametrize(
    ("ratio", "momentum", "expected"),
    [(101, 101, "leading"), (101, 99, "weakening"), (99, 99, "lagging"), (99, 101, "improving")],
)
def test_6_3_quadrants(ratio, momentum, expected):
    assert rotation.quadrant(ratio, momentum) == expected


@pytest.mark.parametrize(
    ("ratio", "momentum", "expected"),
    [(100, 100, "leading"), (100, 99, "weakening"), (99, 100, "improving"), (99.999, 99.999, "lagging")],
)
def test_6_3_a_hundred_itself_belongs_to_the_upper_side(ratio, momentum, expected):
    assert rotation.quadrant(ratio, momentum) == expected


# Five twelfths: of 52 weeks 21.67, of 20 sessions 8.33, of 14 sessions 5.83, of 12 sessions 5, of one session 0.42.
@pytest.mark.parametrize(("length", "short"), [(60, 25), (52, 22), (20, 8), (14, 6), (12, 5), (1, 1)])
def test_6_3_the_short_average_is_five_twelfths_of_the_long_one_rounded(length, short):
    closes = paths(11)
    relative = pd.Series(closes[:, 0] / closes[:, 3])
    ratio = 100 * relative.rolling(short).mean() / relative.rolling(length).mean()
    momentum = 100 * ratio / ratio.rolling(short).mean()
    got_ratio, got_momentum = rotation.rs_ratio_and_momentum(closes[:, :1], closes[:, 3], length, 3)
    np.testing.assert_allclose(got_ratio[:, 0], ratio[-3:], rtol=1e-12)
    np.testing.assert_allclose(got_momentum[:, 0], momentum[-3:], rtol=1e-12)
