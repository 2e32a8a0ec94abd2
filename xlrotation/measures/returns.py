"""Returns between closes of one path."""

from __future__ import annotations

import numpy as np

from xlrotation.measures.arrays import FloatArray


def simple(closes: FloatArray, sessions: int = 1) -> FloatArray:
    """Returns over *sessions* rows, ``close / earlier close - 1``.

    A price of zero or less is no base, and a price below zero no end: a ratio of them says nothing (oil closed at
    -37.63 on 2020-04-20, which would be a "return" of -306 % and then one of -127 %).

    Args:
        closes: ``(observations,)`` or ``(observations, assets)``, oldest first.
        sessions: Rows between base and end, at least 1.

    Returns:
        ``sessions`` rows fewer; NaN where a close is missing or gives no return.
    """
    base, last = closes[:-sessions], closes[sessions:]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = last / base - 1.0
    found[(base <= 0.0) | (last < 0.0)] = np.nan
    return found
