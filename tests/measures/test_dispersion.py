import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.measures import dispersion

# Levels published by Cboe: VIXEQ, VIX, DSPX.
DSPX = [
    ("2023-09-28", 31.70, 17.34, 26.54),
    ("2024-08-05", 51.52, 38.57, 34.17),
    ("2026-01-16", 36.70, 15.86, 33.10),
    ("2026-02-09", 39.67, 17.36, 35.66),
    ("2026-02-13", 41.60, 20.60, 36.13),
]


@pytest.mark.parametrize("row", DSPX, ids=lambda row: row[0])
def test_2_1_dispersion_index_of_cboe(row):
    _, vixeq, vix, published = row
    one = np.ones(1)
    assert dispersion.dispersion_index(vix / 100, one * vixeq / 100, one) == pytest.approx(published, abs=0.02)


def test_2_1_dispersion_index_has_a_floor():
    # 2018-02-05: VIXEQ 33.83 below VIX 37.32.
    assert dispersion.dispersion_index(0.3732, np.array([0.3383]), np.ones(1)) == 0.0


def test_1_implied_correlation_of_three_stocks():
    # A worked question of 2021 (elitetrader.com, thread 356726): 36 %. The ratio of volatilities would be 0.78.
    weights, vols = np.array([0.3, 0.4, 0.3]), np.array([0.25, 0.35, 0.18])
    assert dispersion.implied_correlation(0.21, vols, weights) == pytest.approx(0.3609000452284035, abs=1e-12)


baskets = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n), st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)
    )
)


@given(baskets, st.floats(-0.05, 1.0), st.floats(0.1, 10))
def test_1_implied_correlation_finds_an_equal_correlation_whatever_the_scale(basket, correlation, scale):
    vols, weights = np.array(basket[0]), np.array(basket[1]) / sum(basket[1])
    index = dispersion.index_vol_at(correlation, vols, weights)
    if index == index:
        assert dispersion.implied_correlation(index, vols, weights) == pytest.approx(correlation, abs=1e-6)
        assert dispersion.implied_correlation(index * scale, vols * scale, weights) == pytest.approx(
            correlation, abs=1e-6
        )


@given(st.integers(0, 500), st.integers(2, 15))
def test_2_3_identity_of_dispersion(seed, n):
    """sum w r^2 - R^2 = sum w (r - R)^2 for any weights and returns."""
    rng = np.random.default_rng(seed)
    returns, weights = rng.normal(0, 0.1, n), rng.uniform(0.1, 1, n)
    weights /= weights.sum()
    total = float(weights @ returns)
    left = float(weights @ returns**2) - total**2
    assert dispersion.cross_section(returns, weights) ** 2 == pytest.approx(left, abs=1e-15)


@given(st.integers(0, 500), st.integers(2, 10))
def test_5_2_realised_twin_of_the_implied_correlation(seed, n):
    """With the index rebuilt from the basket it is the weighted mean of the uncentred pairwise correlations."""
    rng = np.random.default_rng(seed)
    returns, weights = rng.normal(0, 0.02, (30, n)), rng.uniform(0.1, 1, n)
    weights /= weights.sum()
    vols = dispersion.uncentred_volatility(returns)
    index = float(dispersion.uncentred_volatility(returns @ weights))
    second = returns.T @ returns
    pair = second / np.sqrt(np.outer(np.diag(second), np.diag(second)))
    w = np.outer(weights * vols, weights * vols)
    np.fill_diagonal(w, 0.0)
    assert dispersion.implied_correlation(index, vols, weights) == pytest.approx(
        float((w * pair).sum() / w.sum()), abs=1e-12
    )


@given(st.integers(0, 200), st.integers(2, 12))
def test_5_2_mean_pairwise_correlation_equals_pandas(seed, n):
    returns = np.random.default_rng(seed).normal(0, 0.02, (25, n))
    table = pd.DataFrame(returns).corr().to_numpy()
    expected = table[np.triu_indices(n, 1)].mean()
    assert dispersion.mean_pairwise_correlation(returns) == pytest.approx(expected, abs=1e-12)


def test_5_2_a_member_that_always_returns_the_same_is_left_out():
    returns = np.random.default_rng(3).normal(0, 0.02, (21, 3))
    steady = np.column_stack([returns, np.full(21, 0.01), np.full(21, 0.1)])
    expected = dispersion.mean_pairwise_correlation(returns)
    assert dispersion.mean_pairwise_correlation(steady) == pytest.approx(expected, abs=1e-12)
    assert dispersion.rolling_pairwise_correlation(steady, 21)[0] == pytest.approx(expected, abs=1e-12)


# Variance swaps in volatility points: vega, strike, realised, payoff.
SWAPS = [
    (100_000, 0.20, 0.0, -1_000_000),  # wilmott.com, thread 410986: 25 million notional, nothing realised
    (90_000_000, 0.15, 0.14, -87_000_000),  # Bloomberg exam preparation: 3 million notional
    (100_000, 0.20, 451.75**0.5 / 100, 129_375),  # CFA curriculum: expected variance 451.75 against 400
]


@pytest.mark.parametrize("row", SWAPS)
def test_5_3_variance_swap_payoffs(row):
    vega, strike, realised, payoff = row
    got = dispersion.variance_swap_pnl(np.array([vega]), np.array([strike]), np.array([realised]))
    assert float(got[0]) == pytest.approx(payoff)


def test_5_4_legs_have_in_common_what_they_are_named_after():
    vols, weights, index = np.array([0.25, 0.35, 0.18]), np.array([0.3, 0.4, 0.3]), 0.21
    vega = dispersion.leg_vegas(index, vols, weights, "VEGA", 1.0)
    theta = dispersion.leg_vegas(index, vols, weights, "THETA", 1.0)
    gamma = dispersion.leg_vegas(index, vols, weights, "GAMMA", 1.0)
    assert vega.sum() == pytest.approx(1.0)
    assert float(theta @ vols) == pytest.approx(index)
    assert float(gamma @ (1 / vols)) == pytest.approx(1 / index)
    assert theta.sum() < vega.sum() < gamma.sum()


def test_1_two_equal_stocks_that_move_against_each_other_leave_no_index_volatility():
    # Variance of half and half at correlation rho: s^2 (1 + rho) / 2, which is 0 at -1 and negative below.
    vols, weights = np.array([1.0, 1.0]), np.array([0.5, 0.5])
    assert dispersion.index_vol_at(-1.0, vols, weights) == 0.0
    assert np.isnan(dispersion.index_vol_at(-1.5, vols, weights))
    assert dispersion.index_vol_at(0.0, vols, weights) == pytest.approx(0.5**0.5)


@given(st.integers(0, 100))
def test_5_2_weighted_pairs_weigh_the_product_of_their_weights(seed):
    rng = np.random.default_rng(seed)
    returns, weights = rng.normal(0, 0.02, (25, 4)), rng.uniform(0.1, 1, 4)
    pair, product = np.corrcoef(returns.T), np.outer(weights, weights)
    above = np.triu_indices(4, 1)
    expected = (pair * product)[above].sum() / product[above].sum()
    assert dispersion.mean_pairwise_correlation(returns, weights) == pytest.approx(expected, abs=1e-12)
    still = np.column_stack([returns, np.full(25, 0.01)])
    assert dispersion.mean_pairwise_correlation(still, np.append(weights, 5.0)) == pytest.approx(expected, abs=1e-12)
    assert np.isnan(dispersion.mean_pairwise_correlation(returns[:, :1]))


@pytest.mark.parametrize("n", [2, 3, 20])
def test_5_2_rolling_correlation_is_that_of_each_window(n):
    """Longer than a block of days, with gaps and a member that stands still for a while."""
    returns = np.random.default_rng(17).normal(0, 0.02, (600, 4))
    returns[100, 0] = returns[255, 1] = returns[257, 2] = np.nan
    returns[300:330, 3] = 0.01
    rolled = dispersion.rolling_pairwise_correlation(returns, n)
    assert len(rolled) == 601 - n
    for start in (*range(0, 601 - n, 37), 100, 101, 254, 255, 256, 257, 258, 300, 310, 600 - n):
        window = returns[start : start + n]
        kept = window[:, np.isfinite(window).all(axis=0)]
        assert rolled[start] == pytest.approx(dispersion.mean_pairwise_correlation(kept), abs=1e-9, nan_ok=True)
    assert len(dispersion.rolling_pairwise_correlation(returns[:1], 2)) == 0
    assert len(dispersion.rolling_pairwise_correlation(returns[:2], 2)) == 1
    assert np.isnan(dispersion.rolling_pairwise_correlation(returns[:, :1], n)).all()


def test_uncentred_volatility_by_hand():
    assert float(dispersion.uncentred_volatility(np.array([0.01, -0.03]))) == pytest.approx((252 * 0.0005) ** 0.5)
    two = dispersion.uncentred_volatility(np.array([[0.01, 0.02], [-0.03, 0.02]]))
    assert two.tolist() == pytest.approx([(252 * 0.0005) ** 0.5, 0.02 * 252**0.5])
