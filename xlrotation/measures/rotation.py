"""Rotation: how rankings persist, and where a symbol stands on a rotation graph."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import averages, ties
from xlrotation.measures.arrays import FloatArray


def ranks(values: FloatArray) -> FloatArray:
    """Ranks along the last axis, 1 = smallest; ties share their mean rank. No gaps allowed.

    Args:
        values: ``(..., assets)``.
    """
    order = ties.sign(values[..., None, :], values[..., :, None])
    below, equal = (order < 0).sum(axis=-1), (order == 0).sum(axis=-1)
    mean_ranks: FloatArray = below + (equal + 1.0) / 2.0
    return mean_ranks


def rank_correlation(a: FloatArray, b: FloatArray) -> FloatArray:
    """Spearman's rank correlation along the last axis; NaN where a side has no spread.

    Args:
        a: ``(..., assets)``.
        b: The same shape.
    """
    return correlation_of_ranks(ranks(a), ranks(b))


def correlation_of_ranks(x: FloatArray, y: FloatArray) -> FloatArray:
    """As :func:`rank_correlation`, of ranks; NaN where one is missing."""
    x = x - x.mean(axis=-1, keepdims=True)
    y = y - y.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        correlation: FloatArray = (x * y).sum(axis=-1) / np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return correlation


def persistence(closes: FloatArray, window: int, lags: int) -> float:
    """Mean rank correlation of the returns of successive, non-overlapping windows.

    Args:
        closes: ``(observations, assets)``, oldest first; the last ``window * (lags + 1) + 1`` rows without gaps.
        window: Sessions in a window.
        lags: Number of pairs of windows.
    """
    points = closes[len(closes) - 1 - window * (lags + 1) :: window]
    growth = points[1:] / points[:-1]
    return float(np.mean(rank_correlation(growth[1:], growth[:-1])))


def rs_ratio_and_momentum(
    closes: FloatArray, benchmark: FloatArray, length: int, points: int
) -> tuple[FloatArray, FloatArray]:
    """Coordinates on a relative rotation graph, 100 = neutral.

    The formulas of the JdK RS-Ratio and RS-Momentum are proprietary. This is a public definition of ours::

        RS          = close / benchmark
        RS-Ratio    = 100 * SMA(RS, short) / SMA(RS, length)
        RS-Momentum = 100 * RS-Ratio / SMA(RS-Ratio, short)          short = length * 5 / 12, rounded

    It looks at ``length + short`` closes and no further back, so the answer does not depend on where the data start.

    Args:
        closes: ``(observations, assets)``, oldest first.
        benchmark: ``(observations,)``.
        length: The long average; 60 sessions are twelve weeks.
        points: Number of points, the last one included.

    Returns:
        RS-Ratio and RS-Momentum, each ``(points, assets)``.
    """
    short = short_length(length)
    relative = closes / benchmark[:, None]
    needed = points + short - 1
    long_average = averages.simple(relative[len(relative) - (needed + length - 1) :], length)
    short_average = averages.simple(relative[len(relative) - (needed + short - 1) :], short)
    ratio = 100.0 * short_average / long_average
    momentum = 100.0 * ratio[-points:] / averages.simple(ratio, short)
    return ratio[-points:], momentum


def short_length(length: int) -> int:
    """The short average of the rotation graph that goes with a long one."""
    return max(1, round(length * 5 / 12))


def quadrant(ratio: float, momentum: float) -> str:
    """Quadrant of a point: leading, weakening, lagging or improving."""
    strong, rising = ties.at_least(ratio, 100.0), ties.at_least(momentum, 100.0)
    if strong:
        return "leading" if rising else "weakening"
    return "improving" if rising else "lagging"
