"""Dispersion and correlation of a basket and its index.

Volatilities and weights are arrays over the members, weights adding up to 1; ``A = sum w s``, ``B = sum w^2 s^2`` and
``V = sum w s^2`` are the three sums that everything here is made of.
"""

from __future__ import annotations

import math

import numpy as np

from xlrotation.measures import sliding, ties
from xlrotation.measures.arrays import FloatArray


def implied_correlation(index_vol: float, vols: FloatArray, weights: FloatArray) -> float:
    """Average correlation that an index volatility implies: ``(s_I^2 - B) / (A^2 - B)``.

    Cboe's definition (Implied Correlation Index white paper, 2021): index variance minus that of an uncorrelated
    basket, over the sum of all pairwise products. Quotes that do not fit together give values outside -1 to 1, which
    are returned as they are. NaN for a basket of one.
    """
    own = float((weights**2) @ (vols**2))
    whole = float(weights @ vols) ** 2
    return (index_vol**2 - own) / (whole - own) if ties.above(whole, own) else float("nan")


def index_vol_at(correlation: float, vols: FloatArray, weights: FloatArray) -> float:
    """Index volatility at which :func:`implied_correlation` is *correlation*; NaN where its square is negative."""
    own = float((weights**2) @ (vols**2))
    whole = float(weights @ vols) ** 2
    return ties.root(own + correlation * (whole - own), max(own, whole))


def dispersion_index(index_vol: float, vols: FloatArray, weights: FloatArray) -> float:
    """``100 sqrt(max(V - s_I^2, 0))``, as the Cboe S&P 500 Dispersion Index (methodology of November 2024)."""
    members = float(weights @ vols**2)
    return 100.0 * ties.root(max(members - index_vol**2, 0.0), members)


def cross_section(returns: FloatArray, weights: FloatArray) -> float:
    """Weighted standard deviation of returns around the basket's own return (Edwards and Lazzara 2013)."""
    centre = float(weights @ returns)
    return math.sqrt(float(weights @ (returns - centre) ** 2))


def uncentred_volatility(returns: FloatArray) -> FloatArray:
    """Yearly volatility of daily returns without taking out their mean, as variance swaps are settled.

    Args:
        returns: ``(days,)`` or ``(days, members)``.
    """
    volatility: FloatArray = np.sqrt(252.0 * np.mean(returns**2, axis=0))
    return volatility


def mean_pairwise_correlation(returns: FloatArray, weights: FloatArray | None = None) -> float:
    """Mean of the pairwise Pearson correlations, without forming them all.

    With standardised returns z the sum over all pairs is ``|sum w z|^2`` less the diagonal.

    Args:
        returns: ``(days, members)`` without gaps; members whose return is always the same are left out.
        weights: Weights of a pair are their product; None weighs all alike.
    """
    centred = returns - returns.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    moving = (length > 0) & (np.abs(returns - returns[:1]) > _STILL).any(axis=0)
    z = centred[:, moving] / length[moving]
    w = np.ones(z.shape[1]) if weights is None else weights[moving]
    total = float(((z @ w) ** 2).sum())
    own = float((w**2).sum())
    whole = float(w.sum()) ** 2
    return (total - own) / (whole - own) if ties.above(whole, own) else float("nan")


_STILL = 1e-12
"""Returns this close are the same: what is left of a constant return by rounding would pass for a movement."""


def rolling_pairwise_correlation(returns: FloatArray, n: int) -> FloatArray:
    """As :func:`mean_pairwise_correlation` of each *n* rows, all members alike, without forming any pair.

    With weights ``w = 1 / |x - mean|`` of a window the sum over all pairs is ``sum_t (sum_i w_i (x_ti - mean_i))^2``
    less the members themselves.

    Args:
        returns: ``(days, members)``. A member with a gap in a window, or that never moves in it, is left out of it.
        n: Rows in a window, at least 2.

    Returns:
        ``(days - n + 1,)``, NaN where a window has fewer than two members.
    """
    length = max(0, len(returns) - n + 1)
    out = np.full(length, np.nan)
    for start in range(0, length, _BLOCK):
        stop = min(start + _BLOCK, length)
        out[start:stop] = _pairwise_block(returns[start : stop + n - 1], n)
    return out


_BLOCK = 256


def _pairwise_block(returns: FloatArray, n: int) -> FloatArray:
    count = len(returns) - n + 1
    windows = [slice(lag, lag + count) for lag in range(n)]
    known = np.isfinite(returns)
    whole = np.logical_and.reduce([known[window] for window in windows])
    with np.errstate(invalid="ignore"):
        moves = np.abs(returns[1:] - returns[:-1]) > _STILL
    moving = np.logical_or.reduce([moves[lag : lag + count] for lag in range(n - 1)])
    x = np.where(known, returns, 0.0)
    mean = sliding.sums(x.T, n).T / n
    squares = np.zeros_like(mean)
    for window in windows:
        squares += (x[window] - mean) ** 2
    used = whole & moving & (squares > 0.0)
    weights = np.zeros_like(squares)
    weights[used] = 1.0 / np.sqrt(squares[used])
    total = np.zeros(count)
    for window in windows:
        total += np.einsum("ki,ki->k", x[window] - mean, weights) ** 2
    members = used.sum(axis=1)
    pairs = members * (members - 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, (total - members) / pairs, np.nan)


def leg_vegas(index_vol: float, vols: FloatArray, weights: FloatArray, scheme: str, notional: float) -> FloatArray:
    """Vega of each long single-name leg against a short index leg of vega *notional*.

    VEGA: the legs' vegas add up to the index's. THETA: their vega times volatility does (so the trade costs nothing to
    hold). GAMMA: their vega over volatility does.
    """
    if scheme == "THETA":
        scale = index_vol / float(weights @ vols)
    elif scheme == "GAMMA":
        scale = (1.0 / index_vol) / float(weights @ (1.0 / vols))
    else:
        scale = 1.0
    vegas: FloatArray = notional * weights * scale
    return vegas


def variance_swap_pnl(vega: FloatArray, strike: FloatArray, realised: FloatArray) -> FloatArray:
    """Payoff of long variance swaps: ``vega / (2 K) x (s^2 - K^2)``, volatilities in points, undiscounted."""
    points, settled = 100.0 * strike, 100.0 * realised
    payoff: FloatArray = vega / (2.0 * points) * (settled**2 - points**2)
    return payoff
