"""Event studies: what followed a signal, and how sure one can be of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RESAMPLES = 4000
SEED = 20260213
"""Of the bootstrap: fixed, so that the same data give the same interval."""


class Study(NamedTuple):
    """What followed the events over one horizon, as decimals; NaN where there is too little to say."""

    events: int
    separate: int
    mean: float
    median: float
    positive: float
    worst: float
    best: float
    low: float
    high: float
    usual: float


def kth_in_a_row(condition: npt.NDArray[np.bool_], k: int) -> IntArray:
    """Rows at which a run of True reaches its k-th in a row; any False breaks a run."""
    numbers = np.arange(1, len(condition) + 1)
    broken = np.maximum.accumulate(np.where(condition, 0, numbers))
    return np.flatnonzero(numbers - broken == k)


def apart(rows: IntArray, gap: int) -> IntArray:
    """Those of *rows* that are at least *gap* rows after the last one kept."""
    kept: list[int] = []
    for row in rows.tolist():
        if not kept or row - kept[-1] >= gap:
            kept.append(row)
    return np.array(kept, np.int64)


def study(closes: FloatArray, rows: IntArray, horizon: int) -> Study:
    """Returns over the *horizon* rows after each event, beside the usual return over as many rows.

    Args:
        closes: ``(days,)``; an event or an end without a close is left out.
        rows: Rows of the events, ascending.
        horizon: Rows ahead.
    """
    forward = closes[horizon:] / closes[:-horizon] - 1.0 if horizon < len(closes) else closes[:0]
    every = forward[np.isfinite(forward)]
    usual = float(every.mean()) if len(every) else float("nan")
    inside = rows[rows < len(forward)]
    inside = inside[np.isfinite(forward[inside])]
    found = forward[inside]
    if len(found) == 0:
        return Study(0, 0, *(float("nan"),) * 7, usual)
    low, high = interval_of_mean(found, block_length(inside, horizon))
    return Study(
        *(len(found), len(apart(inside, horizon)), float(found.mean()), float(np.median(found))),
        *(float(np.mean(found > 0)), float(found.min()), float(found.max()), low, high, usual),
    )


def block_length(rows: IntArray, horizon: int) -> int:
    """Most events whose horizons overlap with one event's: the block that keeps them together."""
    last = np.searchsorted(rows, rows + horizon, side="left")
    return int((last - np.arange(len(rows))).max())


def interval_of_mean(values: FloatArray, block: int) -> tuple[float, float]:
    """95 % interval of the mean from a moving-block bootstrap; NaN for fewer than three blocks.

    Blocks of neighbouring events are drawn with replacement and put together to the sample's length (Kuensch 1989), so
    that events which share much of their horizon are not taken for independent ones.

    Args:
        values: ``(events,)`` in time order.
        block: Events in a block.
    """
    n = len(values)
    if n < 3 * block:
        return float("nan"), float("nan")
    random = np.random.Generator(np.random.PCG64(SEED))
    starts = random.integers(0, n - block + 1, (RESAMPLES, -(-n // block)))
    picked = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :n]
    low, high = np.quantile(values[picked].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
