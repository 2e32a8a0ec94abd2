"""Breadth: how many members take part."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xlrotation.measures import averages, sliding, ties
from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

_AT_ONCE = 16_384
"""Values in a block of columns: few enough for the processor's cache, many enough that a call is worth it."""


def share_above_average(closes: FloatArray, n: int) -> tuple[int, int]:
    """Members above their average of the last *n* closes, and members that have one.

    Args:
        closes: ``(observations, members)``, oldest first; only the last *n* rows are looked at.
        n: Closes in the average. A member with a gap among them is left out.
    """
    window = closes[-n:]
    if len(window) < n:
        return 0, 0
    total = window.sum(axis=0)
    return int(np.count_nonzero(_above(window[-1], total, n))), int(np.count_nonzero(np.isfinite(total)))


def _above(last: FloatArray, total: FloatArray, n: int) -> npt.NDArray[np.bool_]:
    """Whether a close is above the average that *total* is n times of; not where only rounding tells them apart."""
    excess = last * n
    excess -= total
    tie = np.abs(total)
    tie *= ties.TIE
    flags: npt.NDArray[np.bool_] = excess > tie
    return flags


def above_average_history(closes: FloatArray, n: int) -> tuple[IntArray, IntArray]:
    """As :func:`share_above_average`, day by day: members above their average, and members that have one.

    Args:
        closes: ``(observations, members)``, oldest first.
        n: Closes in the average.

    Returns:
        ``(observations - n + 1,)`` each.
    """
    length = max(0, len(closes) - n + 1)
    above, known = np.zeros(length, np.int64), np.zeros(length, np.int64)
    if not length:
        return above, known
    room = sliding.Room(len(closes))
    for _, columns in sliding.blocks(closes, wide=True):
        rows = np.ascontiguousarray(columns)
        total = room.sums(rows, n)
        last = rows[:, n - 1 :]
        # Windows n apart and the last one cover every row: a gap anywhere shows in one of them.
        whole = bool(np.isfinite(total[:, ::n]).all() and np.isfinite(total[:, -1]).all())
        known += len(rows) if whole else sliding.count(np.isfinite(total))
        if whole and rows.min() >= 0.0:  # the tie is one part of the sum, which is not below zero
            total *= (1.0 + ties.TIE) / n
            above += sliding.count(last > total)
        else:
            above += sliding.count(_above(last, total, n))
    return above, known


def net_advances(closes: FloatArray) -> IntArray:
    """Members that rose minus members that fell, day by day: ``(observations - 1,)``. Gaps are left out."""
    net = np.zeros(len(closes) - 1, np.int64)
    for _, rows in sliding.blocks(closes):
        change = rows[:, 1:] - rows[:, :-1]
        tie = np.abs(rows[:, 1:])
        tie *= ties.TIE  # a close put on another share count may round differently from an equal one
        rose, fell = change > tie, change < np.negative(tie, out=tie)
        net += sliding.added(rose.view(np.int8) - fell.view(np.int8))
    return net


def new_extremes_history(closes: FloatArray, n: int) -> tuple[IntArray, IntArray]:
    """As :func:`new_extremes` of the last *n* rows, day by day: members at a high, and at a low.

    Args:
        closes: ``(observations, members)``, oldest first; gaps are passed over.
        n: Rows in the window.

    Returns:
        ``(observations - n + 1,)`` each.
    """
    length = max(0, len(closes) - n + 1)
    highs, lows = np.zeros(length, np.int64), np.zeros(length, np.int64)
    if length:
        for _, rows in sliding.blocks(closes):
            gap = np.isnan(rows)
            gaps = bool(gap.any())
            high = sliding.extremes(np.where(gap, -np.inf, rows) if gaps else rows, n, np.maximum)
            low = sliding.extremes(np.where(gap, np.inf, rows) if gaps else rows, n, np.minimum)
            last = rows[:, n - 1 :]
            tie = np.abs(last)
            tie *= ties.TIE
            moved = high - low > tie
            highs += sliding.count((high - last <= tie) & moved)
            lows += sliding.count((last - low <= tie) & moved)
    return highs, lows


def advances_declines(closes: FloatArray) -> npt.NDArray[np.int64]:
    """Members that rose, fell and stayed, day by day: ``(observations - 1, 3)``. Gaps are left out."""
    counts = np.zeros((max(0, len(closes) - 1), 3), np.int64)
    if len(closes) == 2:  # a row is a table that a pass runs along
        change = ties.sign(closes[1], closes[0])
        counts[0] = [np.count_nonzero(change == sign) for sign in (1.0, -1.0, 0.0)]
        return counts
    for _, rows in sliding.blocks(closes, at_once=_AT_ONCE):
        change = rows[:, 1:] - rows[:, :-1]
        tie = np.abs(rows[:, 1:])
        tie *= ties.TIE
        rose, fell = change > tie, change < np.negative(tie, out=tie)
        for place, flags in enumerate((rose, fell, (change == change) ^ rose ^ fell)):
            counts[:, place] += _counted(flags)
    return counts


def _counted(flags: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """How many rows of a block are true, day by day."""
    few = len(flags) <= np.iinfo(np.int8).max
    return sliding.count(flags) if few else np.add.reduce(flags, axis=0, dtype=np.int16)


def sides(closes: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Which members rose, and which fell, on the last of two sessions; with a gap, neither.

    Args:
        closes: ``(observations, members)``, at least two.
    """
    change: FloatArray = ties.sign(closes[-1:], closes[-2:-1])[0]
    return change == 1.0, change == -1.0


def holding(closes: FloatArray, measure: str) -> BoolArray:
    """Which members are above their average (``ABOVE_MA``), rising (``ADVANCING``), or at a new extreme of all rows.

    Args:
        closes: ``(observations, members)``, oldest first; a member with a gap holds nothing.
        measure: One of the two, ``NEW_HIGHS`` or ``NEW_LOWS``.
    """
    whole: BoolArray = np.logical_and.reduce(np.isfinite(closes))
    if measure == "ADVANCING":
        return sides(closes)[0] & whole
    if measure == "ABOVE_MA":
        return _above(closes[-1], closes.sum(axis=0), len(closes)) & whole
    last, high, low = closes[-1], closes.max(axis=0), closes.min(axis=0)
    reached = ties.at_least(last, high) if measure == "NEW_HIGHS" else ties.at_least(low, last)
    found: BoolArray = reached & ties.above(high, low) & whole
    return found


def thrusts(average: FloatArray, low: float, high: float, days: int, unsettled: int) -> list[tuple[int, int]]:
    """Zweig's breadth thrusts: the average rises above *high* after it was below *low*, within *days* sessions.

    After one the average must have been below *low* again before there is another.

    Args:
        average: ``(days,)`` the exponential average of advances over advances plus declines, oldest first.
        low: It comes from below it.
        high: It goes above it.
        days: Sessions from the last one below to the first one above, at most.
        unsettled: First values that say more of where the average began than of the market; they give no signal.

    Returns:
        The row of each first value above *high*, and that of the lowest value before it.
    """
    found: list[tuple[int, int]] = []
    above = ties.above(average, high)
    for place in np.flatnonzero(above[1:] & ~above[:-1]).tolist():
        row = place + 1
        begin = max(row - days, unsettled, found[-1][0] if found else 0)
        before = average[begin:row]
        if len(before) and ties.above(low, float(before.min())):
            found.append((row, begin + int(before.argmin())))
    return found


def trends(net: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The 10 % and the 5 % trend of net advances, each started at the first value.

    ``T10 = 0.9 T10 + 0.1 net`` and ``T5 = 0.95 T5 + 0.05 net`` (Sherman and Marian McClellan).

    Args:
        net: ``(days,)`` advances minus declines, oldest first.
    """
    return averages.decayed_history(net, 0.90), averages.decayed_history(net, 0.95)


def mcclellan(net: FloatArray) -> tuple[FloatArray, FloatArray]:
    """McClellan Oscillator and Summation Index: ``T10 - T5`` and ``1000 - 9 T10 + 19 T5`` (Miekka's closed form).

    Args:
        net: ``(days,)`` advances minus declines, oldest first.
    """
    ten, five = trends(net)
    return ten - five, 1000.0 - 9.0 * ten + 19.0 * five


def mcclellan_last(net: FloatArray) -> tuple[float, float]:
    """The last values of :func:`mcclellan`; there must be a day."""
    ten, five = averages.decayed(net, 0.90), averages.decayed(net, 0.95)
    return ten - five, 1000.0 - 9.0 * ten + 19.0 * five


def new_extremes(closes: FloatArray) -> tuple[int, int]:
    """Members whose last close is the highest, and the lowest, of all rows; those without a last close are left out.

    Args:
        closes: ``(observations, members)``, oldest first.
    """
    last = closes[-1]
    known = np.isfinite(last)
    high, low = closes.max(axis=0), closes.min(axis=0)
    gaps = np.isnan(high) & known  # no gap is greater than a number, but it is what max gives
    if gaps.any():
        high[gaps] = np.nanmax(closes[:, gaps], axis=0)
        low[gaps] = np.nanmin(closes[:, gaps], axis=0)
    moved = ties.above(high, low) & known
    at_high, at_low = ties.at_least(last, high) & moved, ties.at_least(low, last) & moved
    return int(np.count_nonzero(at_high)), int(np.count_nonzero(at_low))


def herfindahl(weights: FloatArray) -> float:
    """Herfindahl-Hirschman index: sum of squared weights, the weights adding up to 1."""
    share = weights / weights.sum()
    return float(share @ share)


def top_share(weights: FloatArray, n: int) -> float:
    """Share of the *n* largest weights."""
    return float(np.sort(weights)[::-1][:n].sum() / weights.sum())
