"""Regressions and correlations of returns. A pair of which one is a gap (NaN) counts as none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

LEAST = 3
"""Pairs of returns from which on a slope or a correlation says anything: through two there is always a line."""

_STILL = 1e-12
"""Returns whose standard deviation is below this are the same: rounding would pass for a movement."""

BLUME = 2.0 / 3.0
"""Weight of the measured beta in the adjusted one, the rest being that of 1."""


class Moments(NamedTuple):
    """Means, variances and covariance of pairs, along the last axis.

    Attributes:
        pairs: How many there are.
        mean_y: Mean of *y* over them.
        mean_x: Mean of *x*.
        variance_y: Mean square of *y* around its mean.
        variance_x: Mean square of *x*.
        covariance: Mean product of both.
    """

    pairs: IntArray
    mean_y: FloatArray
    mean_x: FloatArray
    variance_y: FloatArray
    variance_x: FloatArray
    covariance: FloatArray

    def _moving(self, *variances: FloatArray) -> BoolArray:
        moving = self.pairs >= LEAST
        for variance in variances:
            moving = moving & (variance > _STILL**2)
        return moving

    def slope(self) -> FloatArray:
        """Slope of the least-squares line of *y* on *x*; NaN where *x* does not move or the pairs are too few."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self._moving(self.variance_x), self.covariance / self.variance_x, np.nan)

    def intercept(self) -> FloatArray:
        """Where that line meets *x* = 0."""
        return self.mean_y - self.slope() * self.mean_x

    def correlation(self) -> FloatArray:
        """Pearson's correlation; NaN where one does not move or the pairs are too few."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self.covariance / np.sqrt(self.variance_y * self.variance_x)
        return np.where(self._moving(self.variance_y, self.variance_x), np.clip(found, -1.0, 1.0), np.nan)


def moments(y: FloatArray, x: FloatArray) -> Moments:
    """The moments of pairs along the last axis.

    Args:
        y: ``(..., observations)``.
        x: Of the same shape.
    """
    both = np.isfinite(y) & np.isfinite(x)
    count = both.sum(axis=-1)
    many = np.maximum(count, 1)

    def mean(values: FloatArray) -> FloatArray:
        found: FloatArray = np.where(both, values, 0.0).sum(axis=-1) / many
        return found

    with np.errstate(invalid="ignore"):
        mean_y, mean_x = mean(y), mean(x)
        off_y, off_x = y - mean_y[..., None], x - mean_x[..., None]
        return Moments(count, mean_y, mean_x, mean(off_y**2), mean(off_x**2), mean(off_y * off_x))


def rolling(y: FloatArray, x: FloatArray, n: int) -> Moments:
    """The moments of the last *n* pairs at each row; rows with fewer before them have no pair.

    Args:
        y: ``(observations,)``.
        x: ``(observations,)``.
        n: Pairs, gaps among them.
    """
    blocks = []
    for start in range(0, len(y), _ROWS):
        stop = min(start + _ROWS, len(y))
        windows = []
        for values in (y, x):
            before = max(0, start - n + 1)
            padded = np.concatenate([np.full(max(0, n - 1 - start), np.nan), values[before:stop]])
            windows.append(np.lib.stride_tricks.sliding_window_view(padded, n))
        found = moments(*windows)
        whole = np.arange(start, stop) >= n - 1
        blocks.append(found._replace(pairs=np.where(whole, found.pairs, 0)))
    if not blocks:
        return moments(np.empty((0, n)), np.empty((0, n)))
    return Moments(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


_ROWS = 1024


def correlations(returns: FloatArray) -> FloatArray:
    """Pearson's correlations of all pairs of columns, NaN with one that does not move.

    Args:
        returns: ``(observations, assets)`` without gaps.

    Returns:
        ``(assets, assets)``, symmetric, 1 on the diagonal.
    """
    off = returns - returns.mean(axis=0)
    length = np.sqrt((off**2).sum(axis=0))
    moving = length > _STILL * np.sqrt(len(returns))
    standard = np.divide(off, length, out=np.zeros_like(off), where=moving)
    found: FloatArray = np.clip(standard.T @ standard, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    found[~moving], found[:, ~moving] = np.nan, np.nan
    return found


def scholes_williams(y: FloatArray, x: FloatArray) -> float:
    """Beta of Scholes and Williams for returns that are not made at the same moments.

    ``(b(-1) + b(0) + b(+1)) / (1 + 2 r)``: the slopes of *y* on the return of *x* one session before, of the same and
    one session after, and the first autocorrelation of *x*. NaN where one of them cannot be told, or the divisor is not
    above zero.
    """
    same = moments(y, x).slope()
    before = moments(y[1:], x[:-1]).slope()
    after = moments(y[:-1], x[1:]).slope()
    divisor = 1.0 + 2.0 * float(moments(x[1:], x[:-1]).correlation())
    return float(before + same + after) / divisor if divisor > 0.0 else float("nan")


def blume(beta: FloatArray | float) -> FloatArray | float:
    """A beta drawn towards 1 by a third of the way, as measured betas are found to drift."""
    return BLUME * beta + (1.0 - BLUME)


class Fit(NamedTuple):
    """A linear regression with an intercept.

    Attributes:
        slopes: ``(regressors,)``.
        covariance: Of the slopes, ``(regressors, regressors)``; its diagonal are squared standard errors.
        intercept: The intercept.
        intercept_error: Its standard error.
    """

    slopes: FloatArray
    covariance: FloatArray
    intercept: float
    intercept_error: float

    @property
    def errors(self) -> FloatArray:
        """Standard errors of the slopes."""
        found: FloatArray = np.sqrt(np.diag(self.covariance))
        return found


def least_squares(y: FloatArray, x: FloatArray) -> Fit | None:
    """The regression of *y* on the columns of *x*, standard errors those of independent errors of one variance.

    Args:
        y: ``(observations,)`` without gaps.
        x: ``(observations, regressors)``.

    Returns:
        None where the columns depend on each other, do not move, or are too many for the observations.
    """
    n, k = x.shape
    if n <= k + 1:
        return None
    mean_y, mean_x = float(y.mean()), x.mean(axis=0)
    off = x - mean_x
    length = np.sqrt((off**2).sum(axis=0))
    if not (length > _STILL * np.sqrt(n)).all():
        return None
    q, r = np.linalg.qr(off / length)
    if np.abs(np.diag(r)).min(initial=1.0) < _DEPENDENT:
        return None
    inverse = np.linalg.inv(r) / length[:, None]
    slopes = inverse @ (q.T @ (y - mean_y))
    residual = y - mean_y - off @ slopes
    variance = float(residual @ residual) / (n - k - 1)
    covariance = variance * (inverse @ inverse.T)
    error = np.sqrt(variance / n + float(mean_x @ covariance @ mean_x))
    return Fit(slopes, covariance, mean_y - float(mean_x @ slopes), float(error))


_DEPENDENT = 1e-8
"""What is left of a column beside the others, as a share of it, below which it depends on them."""
