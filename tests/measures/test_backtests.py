"""Backtests: published figures, chance, and paths by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xlrotation.measures import backtests

YEAR = 252


def noise(seed: int, n: int, mean: float = 0.0) -> np.ndarray:
    """Returns with fat tails."""
    return mean + 0.01 * np.random.default_rng(seed).standard_t(6, n)


def path_of(moves: np.ndarray, held: np.ndarray, cost: float = 0.0, cash: float = 0.0) -> backtests.Path:
    closes = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + moves]))
    return backtests.path(closes, held, np.full(len(moves), cash), cost)


def test_sessions_needed_are_the_track_record_of_returns_that_do_not_depend_on_each_other():
    returns = noise(1, 400, 0.001)
    ratio = returns.mean() / returns.std()
    skewness, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    error = backtests.sharpe_error(returns, 0)
    assert error == pytest.approx(backtests.independent_error(ratio, 400, skewness, kurtosis), rel=1e-12)
    found = backtests.figures(path_of(returns, np.ones(400, bool)))
    wanted = backtests.track_record(found.sharpe / math.sqrt(YEAR), 0.0, skewness, kurtosis)
    lagged = found.error / math.sqrt(YEAR)
    assert found.needed - 1.0 == pytest.approx((wanted - 1.0) * (lagged / error) ** 2, rel=0.01)
    assert found.above_zero == pytest.approx(stats.norm.cdf(found.sharpe / found.error), rel=1e-12)


@pytest.mark.parametrize("link", [-0.25, 0.0, 0.35])
def test_the_error_is_the_spread_of_ratios_of_many_paths_also_where_returns_are_linked(link):
    rng = np.random.default_rng(20)
    paths, n = 600, 1000
    shocks = rng.normal(0.0, 1.0, (paths, n + 50))
    linked = np.zeros_like(shocks)
    for place in range(1, n + 50):
        linked[:, place] = link * linked[:, place - 1] + shocks[:, place]
    returns = 0.01 * linked[:, 50:] + 0.0005
    spread = np.std([backtests.sharpe(one) for one in returns])
    told = np.median([backtests.sharpe_error(one, backtests.lags(n)) for one in returns])
    assert told == pytest.approx(spread, rel=0.12)
    if link:
        plain = np.median([backtests.sharpe_error(one, 0) for one in returns])
        assert abs(plain - spread) > 0.2 * spread  # without lags it would be wrong


def random_signal(rng: np.random.Generator, n: int, stay: float) -> np.ndarray:
    """A signal that stays as it is with a probability, which knows nothing."""
    return np.cumsum(rng.random(n) > stay) % 2 == rng.integers(2)


@pytest.mark.parametrize("stay", [0.5, 0.95])
def test_p_values_of_random_signals_are_uniform(stay):
    rng = np.random.default_rng(7)
    values = []
    for seed in range(500):
        moves = noise(1000 + seed, 750, 0.0006)  # the market rises, whatever the signal says
        values.append(backtests.timing(path_of(moves, random_signal(rng, 750, stay), 0.0005)).p_value)
    assert stats.kstest(values, "uniform").pvalue > 0.05
    assert 0.02 < np.mean(np.array(values) < 0.05) < 0.09


def test_probabilities_of_random_signals_are_uniform_where_the_market_goes_nowhere():
    rng = np.random.default_rng(8)
    values = []
    for seed in range(500):
        found = backtests.figures(path_of(noise(5000 + seed, 750), random_signal(rng, 750, 0.9)))
        values.append(found.above_zero)
    assert stats.kstest(values, "uniform").pvalue > 0.05


def test_the_best_of_many_random_signals_is_deflated():
    rng = np.random.default_rng(9)
    undeflated, deflated = [], []
    for seed in range(50):
        moves = noise(9000 + seed, 500)
        tried = [backtests.figures(path_of(moves, random_signal(rng, 500, 0.9))) for _ in range(50)]
        best = max(tried, key=lambda one: one.sharpe)
        undeflated.append(best.above_zero)
        deflated.append(backtests.deflated(best.sharpe, best.error, 50))
    assert np.mean(np.array(undeflated) > 0.95) > 0.3  # what a reader is shown without
    assert np.mean(np.array(deflated) > 0.95) <= 0.05
    assert backtests.deflated(1.0, 0.5, 1) == backtests.probability_above(1.0, 0.0, 0.5)


@given(
    st.lists(st.tuples(st.floats(-0.3, 0.3), st.booleans(), st.floats(-0.01, 0.01)), min_size=2, max_size=30),
    st.floats(0.0, 0.05),
)
def test_a_path_equals_a_loop(steps, cost):
    moves, held, cash = (np.array(part) for part in zip(*steps, strict=True))
    closes = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + moves]))
    found = backtests.path(closes, held.astype(bool), cash, cost)
    wealth, peak, worst, before, trades, bought = 1.0, 1.0, 0.0, False, 0, 0.0
    value, gains = 1.0, []
    for place, (move, hold, rate) in enumerate(zip(moves, held, cash, strict=True)):
        if hold != before:
            wealth, trades = wealth * (1.0 - cost), trades + 1
            if hold:
                bought = value / (1.0 - cost)
            else:
                gains.append(value * (1.0 - cost) / bought - 1.0)
        wealth *= 1.0 + (move if hold else rate)
        value *= 1.0 + move
        peak = max(peak, wealth)
        worst = min(worst, wealth / peak - 1.0)
        before = hold
        assert np.prod(1.0 + found.returns[: place + 1]) == pytest.approx(wealth, rel=1e-12)
    if before:
        gains.append(value / bought - 1.0)
    told = backtests.figures(found)
    assert (told.trades, told.periods) == (trades, len(gains))
    assert told.drawdown == pytest.approx(worst, abs=1e-12)
    assert told.exposure == pytest.approx(np.mean(held))
    assert backtests.period_gains(found) == pytest.approx(gains, abs=1e-12)


def test_where_there_is_too_little_to_say_there_is_no_number():
    few = backtests.figures(path_of(noise(2, 59), np.ones(59, bool)))
    assert math.isnan(few.error)
    assert math.isnan(few.above_zero)
    assert math.isnan(few.needed)
    assert math.isnan(few.yearly)
    assert math.isfinite(backtests.figures(path_of(noise(2, 60, 0.01), np.ones(60, bool))).needed)
    held = np.arange(300) < 19
    assert math.isnan(backtests.figures(path_of(noise(2, 300), held)).error)
    assert math.isnan(backtests.timing(path_of(noise(2, 300), held)).p_value)
    assert math.isnan(backtests.timing(path_of(noise(2, 300), ~held)).p_value)
    assert math.isfinite(backtests.timing(path_of(noise(2, 300), np.arange(300) < 20)).p_value)
    never = backtests.figures(path_of(noise(2, 300), np.zeros(300, bool), 0.001, 0.0001))
    assert math.isnan(never.sharpe)
    assert math.isnan(never.hits)
    assert never.total == pytest.approx(1.0001**300 - 1.0)
    assert (never.trades, never.turnover, never.periods) == (0, 0.0, 0)
    flat = backtests.figures(path_of(np.full(300, 0.001), np.ones(300, bool)))
    assert math.isnan(flat.sharpe)
    assert math.isnan(flat.error)


def test_a_ratio_that_does_not_exceed_what_it_is_compared_with_never_will():
    assert math.isnan(backtests.track_record(0.1, 0.1, 0.0, 3.0))
    assert math.isnan(backtests.figures(path_of(noise(4, 300, -0.005), np.ones(300, bool))).needed)


def test_timing_is_of_returns_above_cash():
    """Cash that earns what the symbol does leaves nothing to time, however the symbol moves while it is held."""
    moves = noise(5, 300, 0.001)
    held = np.arange(300) % 50 < 25
    own = backtests.timing(path_of(moves + 0.01 * held, held))
    rising = np.where(held, 0.01, 0.0)
    closes = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + moves + rising]))
    above = backtests.timing(backtests.path(closes, held, rising, 0.0))
    plain = backtests.timing(path_of(moves, held))
    assert above.difference == pytest.approx(plain.difference, abs=1e-9)
    assert above.t_value == pytest.approx(plain.t_value, abs=1e-9)
    assert own.t_value > 5.0 > abs(plain.t_value)
