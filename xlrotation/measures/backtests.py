"""Backtests: what holding while a condition is true would have given, and how sure one can be of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.measures import events, ties
from xlrotation.measures.arrays import FloatArray

YEAR = 252
"""Sessions of a year."""

ABOUT_A_YEAR = 250
"""Sessions that a year has at least: less is not put on a year."""

LEAST = 60
"""Sessions that a standard error needs."""

LEAST_HELD = 20
"""Sessions held, and sessions out, that a statement on the timing needs."""

_EULER = 0.5772156649015329
_SURE = 0.95


class Path(NamedTuple):
    """A strategy's path over sessions.

    Attributes:
        returns: ``(sessions,)`` Net of costs.
        moves: ``(sessions,)`` Return of the symbol.
        cash: ``(sessions,)`` Return of what is held instead.
        held: ``(sessions,)`` Whether the symbol was held over the session.
        cost: Share of the value traded that a purchase or a sale costs.
    """

    returns: FloatArray
    moves: FloatArray
    cash: FloatArray
    held: npt.NDArray[np.bool_]
    cost: float


class Figures(NamedTuple):
    """What a path came to, as decimals; NaN where there is too little to say.

    Attributes:
        total: Return over all sessions.
        yearly: The same per year; NaN for less than a year.
        volatility: Per year.
        sharpe: Sharpe ratio per year, of the returns above cash.
        error: Its standard error per year, for autocorrelated returns that need not be normal.
        above_zero: Probability that the true ratio is above 0 (probabilistic Sharpe ratio).
        needed: Sessions after which a ratio like this is above 0 with 95 % confidence.
        drawdown: Largest fall from an earlier high, negative.
        exposure: Share of the sessions held.
        trades: Purchases and sales.
        turnover: Purchases and sales per year.
        periods: Times that it was held without a break.
        hits: Share of them with a gain after costs.
    """

    total: float
    yearly: float
    volatility: float
    sharpe: float
    error: float
    above_zero: float
    needed: float
    drawdown: float
    exposure: float
    trades: int
    turnover: float
    periods: int
    hits: float


class Timing(NamedTuple):
    """Whether the sessions held were better than the others, before costs.

    Attributes:
        difference: Mean return above cash of the sessions held less that of the others, per year.
        t_value: Of the difference, with Newey and West's standard error.
        p_value: Probability of a difference at least as large, either way, by chance.
    """

    difference: float
    t_value: float
    p_value: float


def path(closes: FloatArray, positions: npt.NDArray[np.bool_], cash: FloatArray, cost: float) -> Path:
    """Hold a symbol over the sessions for which a position says so, and cash over the others.

    A purchase or a sale is made at the close before the session whose position differs from that of the one before,
    and its cost lowers the return of that session; before the first session there is cash. What is held at the end is
    valued at the last close, and no sale is charged.

    Args:
        closes: ``(sessions + 1,)``, all above zero.
        positions: ``(sessions,)`` What is held from each close to the next.
        cash: ``(sessions,)`` Return of what is held instead.
        cost: Share of the value traded that a purchase or a sale costs.
    """
    traded = np.diff(np.concatenate([[False], positions]).astype(int)) != 0
    own = moves(closes)
    growth = (1.0 + np.where(positions, own, cash)) * np.where(traded, 1.0 - cost, 1.0)
    return Path(growth - 1.0, own, cash, positions, cost)


def moves(values: FloatArray) -> FloatArray:
    """Return from each of some values above zero to the next; infinite where it is beyond a number."""
    with np.errstate(over="ignore"):
        found: FloatArray = values[1:] / values[:-1] - 1.0
    return found


def figures(found: Path) -> Figures:
    """What a path came to."""
    returns, n = found.returns, len(found.returns)
    wealth = _wealth(returns)
    total = ties.ratio_less_one(float(wealth[-1]), 1.0)
    excess = returns - found.cash
    ratio, error = sharpe(excess), float("nan")
    if n >= LEAST and found.held.sum() >= LEAST_HELD:
        error = sharpe_error(excess, lags(n))
    gains = period_gains(found)
    trades = int((np.diff(np.concatenate([[False], found.held]).astype(int)) != 0).sum())
    return Figures(
        total=total,
        yearly=(1.0 + total) ** (YEAR / n) - 1.0 if n >= ABOUT_A_YEAR else float("nan"),
        volatility=float(np.std(returns, ddof=1)) * math.sqrt(YEAR),
        sharpe=ratio * math.sqrt(YEAR),
        error=error * math.sqrt(YEAR),
        above_zero=probability_above(ratio, 0.0, error),
        needed=_needed((n - 1.0) * error**2, ratio, _SURE),
        drawdown=drawdown(wealth),
        exposure=float(found.held.mean()),
        trades=trades,
        turnover=trades * YEAR / n,
        periods=len(gains),
        hits=float(np.mean(ties.above(1.0 + gains, 1.0))) if len(gains) else float("nan"),
    )


def timing(found: Path) -> Timing:
    """Whether the sessions held were better than the others: a regression of the returns above cash on the position."""
    held, count = found.held, int(found.held.sum())
    excess = found.moves - found.cash
    none = float("nan")
    if min(count, len(held) - count) < LEAST_HELD:
        return Timing(none, none, none)
    difference = float(excess[held].mean() - excess[~held].mean()) * YEAR
    t_value = events.newey_west_t(excess, np.flatnonzero(held), lags(len(held)))
    p_value = 2.0 * _below(-abs(t_value)) if t_value == t_value else none
    return Timing(difference, t_value, p_value)


def lags(n: int) -> int:
    """Sessions over which *n* daily returns may be correlated: ``floor(4 (n / 100)^(2/9))`` (Newey and West 1994)."""
    return int(4.0 * (n / 100.0) ** (2.0 / 9.0))


def sharpe(excess: FloatArray) -> float:
    """Sharpe ratio of a session: mean over standard deviation; NaN where the returns do not move."""
    spread = float(np.std(excess, ddof=1)) if len(excess) > 1 else 0.0
    rounding = ties.TIE * (1.0 + float(np.abs(excess).max(initial=0.0)))
    return float(excess.mean()) / spread if spread > rounding else float("nan")


def sharpe_error(excess: FloatArray, most: int) -> float:
    """Standard error of the Sharpe ratio of a session, for autocorrelated returns that need not be normal (Lo 2002).

    The ratio is a function of mean and variance; its influence on each session is summed with Bartlett weights
    ``1 - j / (most + 1)`` (Newey and West 1987). Without lags it is :func:`independent_error`.

    Args:
        excess: ``(sessions,)``.
        most: Lags that count.
    """
    n = len(excess)
    ratio = sharpe(excess)
    if ratio != ratio:
        return float("nan")
    scores = (excess - excess.mean()) / np.std(excess)
    influence = scores - float(excess.mean() / np.std(excess)) / 2.0 * (scores**2 - 1.0)
    variance = float(influence @ influence) / n
    for lag in range(1, min(most, n - 1) + 1):
        variance += 2.0 * (1.0 - lag / (most + 1.0)) * float(influence[lag:] @ influence[:-lag]) / n
    return math.sqrt(variance / (n - 1.0)) if variance > 0.0 else float("nan")


def independent_error(ratio: float, n: float, skewness: float, kurtosis: float) -> float:
    """Standard error of a Sharpe ratio of *n* independent returns that need not be normal (Mertens 2002).

    ``sqrt((1 - skewness * ratio + (kurtosis - 1) / 4 * ratio^2) / (n - 1))``; a normal kurtosis is 3.
    """
    return math.sqrt((1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio**2) / (n - 1.0))


def probability_above(ratio: float, benchmark: float, error: float) -> float:
    """Probability that the true Sharpe ratio exceeds *benchmark* (Bailey and Lopez de Prado 2012)."""
    return _below((ratio - benchmark) / error) if error > 0.0 else float("nan")


def track_record(ratio: float, benchmark: float, skewness: float, kurtosis: float, sure: float = _SURE) -> float:
    """Returns after which a Sharpe ratio exceeds *benchmark* with a confidence (Bailey and Lopez de Prado 2012)."""
    return _needed(independent_error(ratio, 2.0, skewness, kurtosis) ** 2, ratio - benchmark, sure)


def _needed(spread: float, above: float, sure: float) -> float:
    """Returns after which a ratio is so far above another with a confidence; *spread*: its variance at two returns."""
    return 1.0 + spread * (_quantile(sure) / above) ** 2 if above > 0.0 else float("nan")


def expected_maximum(trials: float, variance: float) -> float:
    """The Sharpe ratio that the best of independent trials without skill is expected to show.

    Bailey and Lopez de Prado (2014), after the expected maximum of normal variables.

    Args:
        trials: Number of trials; one has no choice to be deflated for.
        variance: Of the Sharpe ratios of the trials.
    """
    if trials <= 1:
        return 0.0
    first, second = -_quantile(1.0 / trials), -_quantile(1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - _EULER) * first + _EULER * second)


def deflated(ratio: float, error: float, trials: float) -> float:
    """Probability that the true ratio is above 0, where it is the best of *trials* (Bailey and Lopez de Prado 2014).

    How the ratios of the other trials scatter is not known: by chance alone they do by the standard error.
    """
    if not error > 0.0:
        return float("nan")
    return probability_above(ratio, expected_maximum(trials, error**2), error)


def drawdown(wealth: FloatArray) -> float:
    """The largest fall from an earlier high, as a negative decimal."""
    return float((wealth / np.maximum.accumulate(wealth) - 1.0).min())


def _wealth(returns: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def _below(value: float) -> float:
    """Probability that a standard normal variable lies below *value*."""
    from scipy.special import ndtr

    return float(ndtr(value))


def _quantile(probability: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(probability))


def period_gains(found: Path) -> FloatArray:
    """Return after costs of each time that the symbol was held without a break; the last may not have been sold."""
    edges = np.diff(np.concatenate([[False], found.held, [False]]).astype(int))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    wealth = _wealth(found.moves)
    sold = np.where(ends < len(found.held), 1.0 - found.cost, 1.0)
    gains: FloatArray = wealth[ends] / wealth[begins] * (1.0 - found.cost) * sold - 1.0
    return gains
