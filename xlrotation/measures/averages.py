"""Moving averages."""

from __future__ import annotations

import functools

import numpy as np

from xlrotation.measures.arrays import FloatArray


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
    return decayed(values, 1.0 - 2.0 / (n + 1.0))


def decayed(values: FloatArray, decay: float) -> float:
    """The last value of ``e = decay e + (1 - decay) v``, started at the first *v*.

    Args:
        values: ``(observations,)``, oldest first, at least one. A gap makes the result NaN.
        decay: Weight of what was before, between 0 and 1.
    """
    return float(_decaying(len(values), decay) @ values)


@functools.lru_cache(64)
def _decaying(count: int, decay: float) -> FloatArray:
    """What each of so many values weighs in the last average; as-of dates one after another ask for the same."""
    powers = decay ** np.arange(count - 1, -1, -1.0)
    weights: FloatArray = powers * (1.0 - decay)
    weights[0] = powers[0]
    weights.flags.writeable = False
    return weights


def decayed_history(values: FloatArray, decay: float) -> FloatArray:
    """All values of ``e = decay e + (1 - decay) v``, started at the first *v*; ``(observations,)``.

    There is no loop over days: blocks are short enough that the powers of *decay* (0.9 and more) do not underflow.

    Args:
        values: ``(observations,)``, oldest first.
        decay: Weight of what was before.
    """
    block = 256
    out = np.empty(len(values))
    last = float(values[0]) if len(values) else 0.0
    for start in range(0, len(values), block):
        chunk = values[start : start + block]
        powers = decay ** np.arange(1, len(chunk) + 1)
        out[start : start + len(chunk)] = powers * (last + (1.0 - decay) * np.cumsum(chunk / powers))
        last = float(out[start + len(chunk) - 1])
    return out
