"""Panel arrays from blocks of columns, each with its own days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, MutableMapping, Sequence

import numpy as np
import numpy.typing as npt

from xlrotation.market.calendar import XNYS, Days, Exchange, union_between
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray, on_sessions, rise
from xlrotation.measures.arrays import BoolArray


def stack(
    series: Sequence[tuple[str, Days, MutableMapping[str, FloatArray]]],
    listing: Listing | None = None,
    spent: Collection[str] = (),
    span: tuple[dt.date, dt.date] | None = None,
) -> tuple[Days, tuple[str, ...], dict[str, FloatArray]]:
    """Panel arrays from one dated block of columns per symbol, each with its own days and fields.

    Args:
        series: Symbol, days and fields of each block.
        listing: Where the symbols trade.
        spent: Symbols whose blocks nobody needs any more: each field is taken out of them once it is in its array, so
            that both are never in memory as a whole.
        span: Days that there are rows for in any case.

    Raises:
        CalendarEnds: A date lies past the end of an exchange's table.
    """
    listed = listing or Listing()
    symbols = tuple(symbol for symbol, _, _ in series)
    every = [days for _, days, _ in series if len(days)]
    if not every:
        return XNYS.sessions()[:0], symbols, {}
    first, last = min(days.min() for days in every).item(), max(days.max() for days in every).item()
    if span is not None:
        first, last = min(first, span[0]), max(last, span[1])
    grid = union_between(listed.all_of(symbols), first, last)
    names = dict.fromkeys(name for _, _, fields in series for name in fields)
    places = list(_places([(days, listed.of(symbol)) for symbol, days, _ in series], grid))
    arrays = {}
    for name in names:
        array = arrays[name] = np.empty((len(grid), len(symbols)), order="F")
        for column, (symbol, _, fields) in enumerate(series):
            array[:, column] = np.nan
            values = fields.pop(name, None) if symbol in spent else fields.get(name)
            if values is not None:
                rows, on_session = places[column]
                array[rows, column] = values if on_session is None else values[on_session]
            del values
    return grid, symbols, arrays


Rows = npt.NDArray[np.int32] | slice


def _places(series: Sequence[tuple[Days, Exchange]], grid: Days) -> Iterator[tuple[Rows, BoolArray | None]]:
    """The rows of *grid* that each of several series of days has, and which of its days are sessions; None for all."""
    before: tuple[Days, Exchange] | None = None
    found: tuple[Rows, BoolArray | None] = slice(0), None
    for days, exchange in series:
        if before is None or before[1] is not exchange or not np.array_equal(before[0], days):
            own, on_session = on_sessions(days, exchange)
            rows = np.searchsorted(grid, own).astype(np.int32)
            follow = len(rows) and rows[-1] - rows[0] == len(rows) - 1 and rise(own)
            found = (
                slice(int(rows[0]), int(rows[-1]) + 1) if follow else rows,
                None if on_session.all() else on_session,
            )
            before = days, exchange
        yield found
