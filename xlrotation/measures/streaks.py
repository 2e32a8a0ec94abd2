"""Streaks: consecutive periods with the same sign."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray, IntArray


def outperformance(a: FloatArray, b: FloatArray) -> IntArray:
    """Sign of the return of *a* minus the return of *b*, period by period.

    Args:
        a: ``(observations,)`` closes, oldest first.
        b: Closes on the same days.

    Returns:
        ``(observations - 1,)``: 1 where a beat b, -1 where it fell behind, 0 for a tie or where a close is missing.
    """
    with np.errstate(all="ignore"):
        won = ties.sign(a[1:] / a[:-1], b[1:] / b[:-1])
    return np.where(np.isfinite(won), won, 0.0).astype(np.int64)


def last_length(signs: IntArray) -> int:
    """Length of the streak that the last sign belongs to, signed; 0 where the last sign is 0."""
    if len(signs) == 0 or signs[-1] == 0:
        return 0
    others = np.flatnonzero(signs != signs[-1])
    length = len(signs) - (int(others[-1]) + 1 if len(others) else 0)
    return int(signs[-1]) * length


def runs(signs: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """All streaks: first row, length and sign of each (sign 0 included)."""
    if len(signs) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(signs)) + 1])
    lengths = np.diff(np.append(starts, len(signs)))
    return starts, lengths, signs[starts]


def run_probability(length: int, periods: int, hit_rate: float) -> float:
    """Probability of at least one run of *length* hits in a number of independent periods.

    Markov chain on the length of the present run with the full run absorbing (Feller, An Introduction to Probability
    Theory and Its Applications, vol. 1, chapter XIII.7: success runs).

    Args:
        length: Length of the run.
        periods: Number of periods.
        hit_rate: Probability of a hit in one period.
    """
    if length > periods:
        return 0.0
    step = np.zeros((length + 1, length + 1))
    step[np.arange(length), np.arange(1, length + 1)] = hit_rate
    step[:length, 0] = 1.0 - hit_rate
    step[length, length] = 1.0
    return min(1.0, float(np.linalg.matrix_power(step, periods)[0, length]))  # rounding may go beyond
