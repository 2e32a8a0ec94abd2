"""Prices of a panel by column: of one that holds its arrays, and of one that reads what is asked for.

All that a question needs of a panel is asked here, so that it reads no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import reasons
from xlrotation.market.lazyfields import LazyFields, side_by_side
from xlrotation.market.panel import PRICE_FIELDS, FloatArray, Panel
from xlrotation.measures.arrays import IntArray, distinct

_FIELD_NAMES = {"volume": "volumes", "shares": "numbers of shares", "forward_pe": "forward price-earnings ratios"}


def check_stated(panel: Panel, name: str) -> None:
    """Refuse to ask for a field that the panel does not have.

    Raises:
        NoData: It does not.
    """
    if name not in panel.fields:
        advice = "; use a source that does, or closes alone" if name in PRICE_FIELDS else "; use a source that does"
        advice += reasons.of_field(panel.remarks, panel.readings, name)
        raise NoData(f"the data hold no {_FIELD_NAMES.get(name, f'{name} prices')}{advice}")


def column(panel: Panel, name: str, column: int) -> FloatArray:
    """A field of one symbol, all sessions, as traded."""
    fields = panel.fields
    return fields.column(name, column) if isinstance(fields, LazyFields) else fields[name][:, column]


def table(panel: Panel, name: str, columns: IntArray, rows: slice) -> FloatArray:
    """A field of some symbols and sessions as traded, ``(rows, columns)``, columns contiguous; a copy."""
    fields = panel.fields
    if isinstance(fields, LazyFields):
        return fields.table(name, columns, rows)
    copied: FloatArray = fields[name].T[columns, rows].T
    return copied


def batches(panel: Panel, name: str) -> Iterator[tuple[IntArray, FloatArray]]:
    """All columns of a field, some at a time, with their values."""
    fields = panel.fields
    if isinstance(fields, LazyFields):
        yield from fields.batches(name)
    else:
        yield np.arange(len(panel.symbols)), fields[name]


def last_split(panel: Panel, columns: IntArray) -> IntArray:
    """The row of each symbol's last split; 0 where it never split after the first session."""
    fields = panel.fields
    return fields.last_split(columns) if isinstance(fields, LazyFields) else panel.last_split[columns]


def factor(panel: Panel, column: int) -> FloatArray | None:
    """Shares that one share of the first session has become; None for a symbol that never split."""
    fields = panel.fields
    if isinstance(fields, LazyFields):
        return fields.factor(column)
    whole = panel.split_factor if column in panel.split_columns else None
    return None if whole is None else whole[:, column]


def factors(panel: Panel, columns: IntArray, rows: slice) -> FloatArray:
    """As :func:`factor`, of some symbols that split and sessions, ``(rows, columns)``; all did."""
    fields = panel.fields
    if isinstance(fields, LazyFields):
        split = [fields.factor(column) for column in columns.tolist()]
        return side_by_side([one[rows] for one in split if one is not None], len(panel.days[rows]))
    whole = panel.split_factor
    if whole is None:  # of no symbols, then
        return np.ones((len(panel.days[rows]), len(columns)), order="F")
    found: FloatArray = whole.T[columns, rows].T
    return found


def total(panel: Panel, column: int) -> FloatArray:
    """Closes of one symbol with dividends reinvested, on the share count of the first session."""
    fields = panel.fields
    return fields.total(column) if isinstance(fields, LazyFields) else panel.total[:, column]


def totals(panel: Panel, columns: IntArray, rows: slice) -> FloatArray:
    """As :func:`total`, of some symbols and sessions, ``(rows, columns)``; a copy."""
    fields = panel.fields
    if isinstance(fields, LazyFields):
        return side_by_side([one[rows] for one in fields.totals(columns)], len(panel.days[rows]))
    copied: FloatArray = panel.total.T[columns, rows].T
    return copied


def narrowed(panel: Panel, columns: Sequence[IntArray]) -> tuple[Panel, list[IntArray]]:
    """A panel in which *columns* are, and where: of one that reads what is asked for, these alone."""
    if not isinstance(panel.fields, LazyFields):
        return panel, list(columns)
    chosen = distinct(np.concatenate(columns))
    fields = _Chosen(panel.fields, chosen, len(panel.days))
    symbols = tuple(panel.symbols[column] for column in chosen.tolist())
    return replace(panel, symbols=symbols, fields=fields), [np.searchsorted(chosen, own) for own in columns]


class _Chosen(LazyFields):
    """Some columns of fields that are read as they are asked for."""

    def __init__(self, fields: LazyFields, chosen: IntArray, sessions: int) -> None:
        super().__init__(tuple(fields), sessions, len(chosen), fields.blocks)
        self._fields, self._chosen = fields, chosen

    def __getitem__(self, name: str) -> FloatArray:
        whole = self._whole.get(name)
        if whole is None:
            whole = self._whole[name] = self._fields.table(name, self._chosen, slice(None))
        return whole

    def read(self, names: Sequence[str], columns: IntArray, block: int) -> list[FloatArray]:
        return [self[name].T[columns, self.blocks[block]].T for name in names]

    def identity(self) -> str:
        return f"{self._fields.identity()} {self._chosen.tolist()}"
