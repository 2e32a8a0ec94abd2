"""Dispersion and correlation of a basket and its index.

Volatilities and weights are arrays over the members, weights adding up to 1; ``A = sum w s``, ``B = sum w^2 s^2`` and
``V = sum w s^2`` are the three sums that everything here is made of.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def implied_correlation(index_vol: float, vols: FloatArray, weights: FloatArray) -> float:
    """Average correlation that an index volatility implies: ``(s_I^2 - B) / (A^2 - B)``.

    Cboe's definition (Implied Correlation Index white paper, 2021): index variance minus that of an uncorrelated
    basket, over the sum of all pairwise products. Quotes that do not fit together give values outside -1 to 1, which
    are returned as they are. NaN for a basket of one.
    """
    own = float((weights**2) @ (vols**2))
    pairs = float(weights @ vols) ** 2 - own
    return (index_vol**2 - own) / pairs if pairs > 0 else float("nan")


def index_vol_at(correlation: float, vols: FloatArray, weights: FloatArray) -> float:
    """Index volatility at which :func:`implied_correlation` is *correlation*; NaN where its square is negative."""
    own = float((weights**2) @ (vols**2))
    variance = own + correlation * (float(weights @ vols) ** 2 - own)
    return math.sqrt(variance) if variance >= 0 else float("nan")


def dispersion_index(index_vol: float, vols: FloatArray, weights: FloatArray) -> float:
    """``100 sqrt(max(V - s_I^2, 0))``, as the Cboe S&P 500 Dispersion Index (methodology of November 2024)."""
    return 100.0 * math.sqrt(max(float(weights @ vols**2) - index_vol**2, 0.0))


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
        returns: ``(days, members)`` without gaps; members that never move are left out.
        weights: Weights of a pair are their product; None weighs all alike.
    """
    centred = returns - returns.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    moving = length > 0
    z = centred[:, moving] / length[moving]
    w = np.ones(z.shape[1]) if weights is None else weights[moving]
    total = float(((z @ w) ** 2).sum())
    own = float((w**2).sum())
    pairs = float(w.sum()) ** 2 - own
    return (total - own) / pairs if pairs > 0 else float("nan")


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
