"""Event studies: what followed a signal, and how sure one can be of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray, IntArray

RESAMPLES = 4000
SEED = 20260213
"""Of the bootstrap: fixed, so that the same data give the same interval."""


class Study(NamedTuple):
    """What followed the events over one horizon, as decimals; NaN where there is too little to say.

    Attributes:
        events: Events whose horizon has passed.
        separate: Those at least a horizon apart.
        mean: Mean return after them; and so on.
        low: Lower end of the mean's 95 % interval.
        high: Upper end.
        usual: Mean return over as long from any day.
        t_value: Of the difference between the two means, with Newey and West's standard error.
        independent: Horizons that fit into the data: about as many independent returns are there at all.
    """

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
    t_value: float
    independent: float


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
    forward = closes[horizon:] / closes[:-horizon] - 1.0
    every = forward[np.isfinite(forward)]
    usual = float(every.mean()) if len(every) else float("nan")
    inside = rows[rows < len(forward)]
    inside = inside[np.isfinite(forward[inside])]
    found = forward[inside]
    independent = len(forward) / horizon
    if len(found) == 0:
        return Study(0, 0, *(float("nan"),) * 7, usual, float("nan"), independent)
    low, high = interval_of_mean(found, block_length(inside, horizon))
    return Study(
        *(len(found), len(apart(inside, horizon)), float(found.mean()), float(np.median(found))),
        *(float(np.mean(ties.above(1.0 + found, 1.0))), float(found.min()), float(found.max()), low, high, usual),
        *(newey_west_t(forward, inside, horizon - 1), independent),
    )


def newey_west_t(forward: FloatArray, rows: IntArray, lags: int) -> float:
    """t-value of the difference between returns after events and after all other days.

    Least squares of the forward return on a constant and a mark of the events; standard error with Bartlett weights
    ``1 - j / (L + 1)`` over as many lags as the horizons overlap (Newey and West 1987). NaN for fewer than two events
    or other days, fewer than three horizons of days, or where the estimate of the variance is not positive.

    Args:
        forward: ``(days,)`` forward returns, overlapping; gaps are left out.
        rows: Rows of the events.
        lags: The horizon less one.
    """
    mark = np.zeros(len(forward))
    mark[rows] = 1.0
    known = np.isfinite(forward)
    y, x = forward[known], np.stack([np.ones(int(known.sum())), mark[known]], axis=1)
    if min(x[:, 1].sum(), len(y) - x[:, 1].sum()) < 2 or len(y) < 3 * (lags + 1):
        return float("nan")
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ (x.T @ y)
    scores = x * (y - x @ beta)[:, None]
    middle = scores.T @ scores
    for lag in range(1, min(lags, len(y) - 1) + 1):
        product = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (lags + 1.0)) * (product + product.T)
    variance = float((inverse @ middle @ inverse)[1, 1])
    rounding = ties.TIE * float(np.abs(1.0 + y).max())  # what is left of returns that are all the same is no spread
    return float(beta[1]) / variance**0.5 if variance > rounding**2 else float("nan")


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
