"""Sums and extremes of sliding windows, without a loop over days.

A window is put together from windows of half its length, so a step costs one pass over the array whatever the length,
and a sum is as accurate as summing in pairs: nothing is subtracted again, as running totals do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from xlrotation.measures.arrays import FloatArray

_COLUMNS = 8
"""Columns at a time: few enough that all passes over them stay in the processor's cache."""


_WIDE = 16
"""Columns at a time of passes that make no new arrays."""


def blocks(values: FloatArray, wide: bool = False, at_once: int = 0) -> Iterator[tuple[slice, FloatArray]]:
    """The columns of *values* in blocks, turned so that days run along rows; fast where columns are contiguous.

    Args:
        values: ``(days, members)``.
        wide: Twice as many columns at once, for :class:`Room`.
        at_once: As many columns as have about so many values; 0 means a fixed number of them.
    """
    step = _WIDE if wide else _COLUMNS
    if at_once:
        step = max(step, at_once // max(1, len(values)))
    for start in range(0, values.shape[1], step):
        columns = slice(start, start + step)
        yield columns, values[:, columns].T


def count(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """How many rows of a block are true, day by day."""
    return added(flags.view(np.int8))


def added(small: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """The sum of a block's rows, day by day: halves added to each other, in bytes, as a block has few rows."""
    while len(small) > 1 and len(small) % 2 == 0:
        half = len(small) // 2
        small = small[:half] + small[half:]
    total: npt.NDArray[np.int8] = small[0] if len(small) == 1 else small.sum(axis=0, dtype=np.int8)
    return total


def sums(rows: FloatArray, n: int) -> FloatArray:
    """Sums of *n* values along the last axis; ``(..., days - n + 1)``, NaN where one is a gap."""
    have, current, found, covered, bits = 1, rows, None, 0, n
    while True:
        if bits & 1:
            if found is None:
                found, covered = current, have
            else:
                length = current.shape[-1] - covered
                found = found[..., -length:] + current[..., :length]
                covered += have
        bits >>= 1
        if not bits:
            return found if found is not None else rows
        current = current[..., have:] + current[..., :-have]
        have *= 2


class Room:
    """Where the sums of block after block are made, so that no pass has to fetch memory.

    Args:
        days: Days in a row.
    """

    def __init__(self, days: int) -> None:
        self._days = days
        self._arrays = [np.empty(_WIDE * days) for _ in range(3)]

    def sums(self, rows: FloatArray, n: int) -> FloatArray:
        """As :func:`sums`, of a wide block of contiguous rows; the result holds until the next block's is made.

        The rows are added as one long row, of which the windows that run over two are dropped.
        """
        flat = rows.reshape(-1)
        spare = list(self._arrays)
        have, current, found, covered, bits = 1, flat, flat, 0, n
        mine: FloatArray | None = None  # what current, and what found, are kept in
        kept: FloatArray | None = None
        with np.errstate(invalid="ignore", over="ignore"):
            while True:
                if bits & 1 and not covered:
                    found, covered, kept = current, have, mine
                elif bits & 1:
                    length = len(current) - covered
                    into = spare.pop()
                    found = np.add(found[-length:], current[:length], out=into[:length])
                    if kept is not None and kept is not mine:
                        spare.append(kept)
                    kept, covered = into, covered + have
                bits >>= 1
                if not bits:
                    break
                into = spare.pop()
                current = np.add(current[have:], current[:-have], out=into[: len(current) - have])
                if mine is not None and mine is not kept:
                    spare.append(mine)
                mine, have = into, 2 * have
        if kept is None:
            kept = spare.pop()
            kept[: len(found)] = found
        return kept[: len(flat)].reshape(len(rows), self._days)[:, : self._days - n + 1]


def extremes(rows: FloatArray, n: int, larger: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray:
    """Largest (``np.maximum``) or smallest (``np.minimum``) of *n* values along the last axis.

    Args:
        rows: ``(..., days)`` with at least *n* days; gaps as an infinity that never wins.
        n: Length of the window.
        larger: The comparison.
    """
    have, current = 1, rows
    while 2 * have <= n:
        current = larger(current[..., have:], current[..., :-have])
        have *= 2
    rest = n - have
    return larger(current[..., rest:], current[..., : current.shape[-1] - rest]) if rest else current
