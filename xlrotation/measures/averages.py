"""Moving averages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def simple(values: FloatArray, n: int) -> FloatArray:
    """Simple moving averages of the last *n* values, the present one included.

    Args:
        values: ``(observations,)`` or ``(observations, assets)``, oldest first.
        n: Number of values in an average.

    Returns:
        ``(observations - n + 1,)`` or with assets; NaN where the window has a gap. Empty where *values* is shorter.
    """
    if len(values) < n:
        return values[:0]
    windows = np.lib.stride_tricks.sliding_window_view(values, n, axis=0)
    averages: FloatArray = windows.mean(axis=-1)
    return averages


def exponential(values: FloatArray, n: int) -> float:
    """The last exponential moving average with smoothing 2 / (n + 1), started at the first value.

    Args:
        values: ``(observations,)``, oldest first. A gap makes the result NaN.
        n: Span.
    """
    decay = 1.0 - 2.0 / (n + 1.0)
    powers = decay ** np.arange(len(values) - 1, -1, -1.0)
    weights = powers * (1.0 - decay)
    weights[0] = powers[0]
    return float(weights @ values)
