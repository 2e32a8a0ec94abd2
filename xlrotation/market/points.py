"""Prices of many symbols at many as-of sessions at once.

A point is a symbol at an as-of session. What a question at one symbol and one session reads by
:class:`~xlrotation.market.market.Series`, this reads for all points together, by the same sums.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlrotation.market import adjustment
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.measures.arrays import BoolArray, IntArray, distinct

_BLOCK = 1_000_000
"""Prices that are looked at together where each point has a window of its own."""


class Points:
    """Symbols at as-of sessions.

    Args:
        panel: The data.
        columns: Of the symbols, ``(points,)``.
        ends: The rows behind the as-of sessions, ``(points,)``, at least 1.
    """

    def __init__(self, panel: Panel, columns: IntArray, ends: IntArray) -> None:
        self.panel, self.columns, self.ends = panel, columns, ends
        self._split = panel.last_split[columns] > 0

    def only(self, which: IntArray) -> Points:
        """Some of them."""
        return Points(self.panel, self.columns[which], self.ends[which])

    def at(self, name: str, rows: IntArray) -> FloatArray:
        """A field in a row of each, on the share count of its as-of session; NaN where the row is none up to it."""
        found = np.full(len(self.columns), np.nan)
        table = self.panel.fields.get(name)
        if table is None:
            return found
        there = (rows >= 0) & (rows < self.ends)
        found[there] = table[rows[there], self.columns[there]]
        if name in adjustment.ADJUSTED and (split := there & self._split).any():
            found[split] = adjustment.on_share_count(name, found[split], self._shares(split, rows[split]))
        return found

    def total(self, rows: IntArray) -> FloatArray:
        """Closes with dividends reinvested, as :meth:`at`; NaN for a point without a close at its session as well."""
        panel, columns, last_rows = self.panel, self.columns, self.ends - 1
        found = np.full(len(columns), np.nan)
        there = (rows >= 0) & (rows < self.ends)
        if panel.without_total:
            without = np.array([symbol in panel.without_total for symbol in panel.symbols])
            there &= ~without[columns]
        last, close = panel.total[last_rows, columns], panel.fields["close"][last_rows, columns]
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(last == close, 1.0, close / last)
        found[there] = panel.total[rows[there], columns[there]] * scale[there]
        return found

    def first_known(self) -> IntArray:
        """The row of the first close of each, 0 where there is none up to its session."""
        every, place = np.unique(self.columns, return_inverse=True)
        rows = np.isfinite(self.panel.fields["close"][:, every]).argmax(axis=0)[place]
        known = np.isfinite(self.panel.fields["close"][rows, self.columns]) & (rows < self.ends)
        return np.where(known, rows, 0)

    def windows(self, name: str, counts: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """The last rows of a field for each that has so many, many points of one count at a time.

        Yields:
            Which points, and ``(points, count)`` values as :meth:`at` has them, oldest first.
        """
        for count in distinct(counts[counts > 0]).tolist():
            which = np.flatnonzero((counts == count) & (self.ends >= count))
            step = max(1, _BLOCK // count)
            for start in range(0, len(which), step):
                part = which[start : start + step]
                values = self._last(self.panel.fields[name], part, count)
                if name in adjustment.ADJUSTED and (split := self._split[part]).any():
                    factor = self.panel.split_factor
                    assert factor is not None
                    shares = self._last(factor, part[split], count)
                    values[split] = adjustment.on_share_count(name, values[split], shares / shares[:, -1:])
                yield part, values

    def _last(self, table: FloatArray, which: IntArray, count: int) -> FloatArray:
        """The last rows of a table at some points; a column of it lies in one piece."""
        every = np.lib.stride_tricks.sliding_window_view(table.T, count, axis=1)
        found: FloatArray = every[self.columns[which], self.ends[which] - count]
        return found

    def _shares(self, which: BoolArray, rows: IntArray) -> FloatArray:
        factor = self.panel.split_factor
        assert factor is not None
        shares: FloatArray = factor[rows, self.columns[which]] / factor[self.ends[which] - 1, self.columns[which]]
        return shares
