"""What looks like a slip in a sound table: a date out of its order, a last row far away, a close that is alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from xlrotation.market.calendar import Days
from xlrotation.market.providers.folder.rows import rows_named

Remark = Callable[[str], None]
FloatArray = npt.NDArray[np.float64]

_ORDERED = 0.8
"""Share of steps in one direction from which on a table is in order of its days."""

_FEW = 6
"""Rows below which nothing is known of an order."""

_FAR = 15
"""Times the usual step between rows that a last or first row must be away from the others to be told."""

_ALONE = 6.0
"""Times the usual move of a day that a close must lie away from both of its neighbours to be told."""

_BACK = 2.0
"""Times the usual move within which the close after it comes back."""

_LEAST = 0.04
"""Share of a price below which nothing that comes back is told."""

_TOLD = 3
_SELDOM, _OFTEN = 2, 10
"""Rows of one symbol, and of most, in a table in which it may be a slip of another."""


def out_of_order(
    days: Days, lines: Sequence[int] | npt.NDArray[np.integer], where: str, remark: Remark
) -> npt.NDArray[np.bool_]:
    """Rows whose date does not lie between those above and below it, in a table that is in order: a slip of the date.

    The first and the last row may be far from the others; that is told, and they stay.
    """
    wrong = np.zeros(len(days), bool)
    if len(days) < _FEW:
        return wrong
    steps = np.diff(days).astype(np.int64)
    direction = 1 if (steps > 0).mean() >= _ORDERED else -1 if (steps < 0).mean() >= _ORDERED else 0
    if not direction:
        return wrong
    numbers = days.astype(np.int64) * direction
    before, own, after = numbers[:-2], numbers[1:-1], numbers[2:]
    wrong[1:-1] = (before < after) & ((own < before) | (own > after))
    for row in np.flatnonzero(wrong)[:_TOLD]:
        between = f"between {days[row - 1]} and {days[row + 1]}"
        remark(f"{where}, row {lines[row]}: is dated {days[row]} {between}; the row is left out")
    if wrong.sum() > _TOLD:
        rows = rows_named([int(lines[row]) for row in np.flatnonzero(wrong)[_TOLD:]])
        remark(f"{where}: {wrong.sum() - _TOLD} more rows with a date out of its order left out{rows}")
    if max(abs(steps[0]), abs(steps[-1])) <= 2.0 * _FAR:
        return wrong
    usual = float(np.median(np.abs(steps)))
    for row, step in ((0, steps[0]), (len(days) - 1, steps[-1])):
        if usual and abs(step) > _FAR * max(usual, 2.0):
            remark(f"{where}, row {lines[row]}: is dated {days[row]}, {abs(step)} days away from the row beside it")
    return wrong


def alone(symbol: str, days: Days, close: FloatArray, where: str, remark: Remark) -> None:
    """Tell of closes that lie far from those of the sessions before and after, which are near each other."""
    known = np.flatnonzero(close > 0)
    if len(known) < _OFTEN:
        return
    moves = np.diff(np.log(close[known]))
    there, back = moves[:-1], moves[1:]
    both = np.minimum(np.abs(there), np.abs(back))
    if not (both > _LEAST).any():
        return
    usual = float(np.median(np.abs(moves)))
    far = (both > max(_ALONE * 1.5 * usual, _LEAST)) & (np.abs(there + back) < max(_BACK * 1.5 * usual, 0.01))
    found = known[1:-1][far]
    for row in found[:_TOLD]:
        place = int(np.searchsorted(known, row))
        around = f"{close[known[place - 1]]:.10g} before and {close[known[place + 1]]:.10g} after it"
        remark(f"{where}: {symbol} {days[row]}: close {close[row]:.10g} with {around}; look whether it is right")
    if len(found) > _TOLD:
        remark(f"{where}: {symbol} has {len(found) - _TOLD} more closes that stand alone")


def seldom(rows: Mapping[str, int], where: str, remark: Remark) -> None:
    """Tell of symbols with hardly a row, in a table in which others have many: a slip of one of those."""
    if len(rows) < 2 or float(np.median(list(rows.values()))) < _OFTEN:
        return
    few = [symbol for symbol, count in rows.items() if count <= _SELDOM]
    if few:
        shown = ", ".join(few[:_TOLD]) + (f" and {len(few) - _TOLD} more" if len(few) > _TOLD else "")
        remark(f"{where}: {shown} stand in hardly a row; look whether they are others' names")
