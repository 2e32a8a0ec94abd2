"""Parts of a panel: what one exchange shows of it, and what several show together.

A part of one exchange is what a source would give that held its symbols only: every session of that exchange, from the
first to the last that any of them has a value of. Windows are counted on it.

A part of several holds the sessions that all of them have. What happens on the sessions between is not lost: splits and
dividends are worked into the paths on each exchange's own sessions before rows are left out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market.calendar import Days, Exchange, among
from xlrotation.market.identity import identity_of
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.measures.arrays import IntArray

_EVENTS = ("dividend", "split")
"""Fields that hold a 0 where nothing is."""


def part(panel: Panel, exchanges: Collection[Exchange]) -> Panel:
    """The part of *panel* that *exchanges* show, made once.

    Raises:
        NoData: They share no session.
    """
    kept: dict[frozenset[Exchange], Panel] = panel.__dict__.setdefault("_parts", {})
    key = frozenset(exchanges)
    found = kept.get(key)
    if found is None:
        single = len(key) == 1
        found = kept[key] = _single(panel, next(iter(key))) if single else _shared(panel, sorted(key, key=_code))
    return found


def _code(exchange: Exchange) -> str:
    return exchange.code


def _single(panel: Panel, exchange: Exchange) -> Panel:
    if panel.exchanges == (exchange,):
        return panel
    columns = np.array(
        [column for symbol, column in panel.columns.items() if panel.listing.of(symbol) == exchange], np.intp
    )
    if len(columns) == 0:  # its sessions all the same: a date is known without a price
        days = exchange.sessions_between(panel.first, panel.last)
        if len(days) == 0:
            raise NoData(f"the data hold no session of {exchange.code} ({exchange.name})")
        return replace(panel, days=days, symbols=(), fields={"close": np.empty((len(days), 0))}, provenance={})
    rows = np.flatnonzero(among(panel.days, exchange.sessions()))
    if isinstance(panel.fields, LazyFields):
        return _single_lazily(panel, panel.fields, exchange, rows, columns)
    fields = {name: values[np.ix_(rows, columns)] for name, values in panel.fields.items()}
    known = np.zeros(len(rows), bool)
    for name, values in fields.items():
        if name not in _EVENTS:
            known |= np.isfinite(values).any(axis=1)
    if not known.any():
        raise _no_prices(exchange)
    span = slice(int(np.argmax(known)), len(known) - int(np.argmax(known[::-1])))
    fields = {name: values[span] for name, values in fields.items()}
    symbols = tuple(panel.symbols[column] for column in columns)
    return replace(panel, days=panel.days[rows[span]], symbols=symbols, fields=fields)


def _no_prices(exchange: Exchange) -> NoData:
    return NoData(f"the data hold no prices of {exchange.code} ({exchange.name})")


def _single_lazily(panel: Panel, fields: LazyFields, exchange: Exchange, rows: IntArray, columns: IntArray) -> Panel:
    """As :func:`_single`, of prices that are read as they are asked for: from both ends, up to the first value."""
    part = PartOfFields(fields, rows, columns)
    names = [name for name in fields if name not in _EVENTS]
    blocks = range(len(part.blocks))
    first, last = part.outermost(names, blocks), part.outermost(names, reversed(blocks))
    if first is None or last is None:
        raise _no_prices(exchange)
    kept = rows[first[0] : last[1] + 1]
    symbols = tuple(panel.symbols[column] for column in columns)
    return replace(panel, days=panel.days[kept], symbols=symbols, fields=PartOfFields(fields, kept, columns))


class PartOfFields(LazyFields):
    """Some sessions and symbols of fields that are read as they are asked for.

    Args:
        whole: The fields.
        rows: The sessions, rising.
        columns: The symbols.
    """

    def __init__(self, whole: LazyFields, rows: IntArray, columns: IntArray) -> None:
        self._of, self._rows, self._chosen = whole, rows, columns
        starts = [np.searchsorted(rows, block.start) for block in whole.blocks]
        spans = [slice(int(a), int(b)) for a, b in zip(starts, [*starts[1:], len(rows)], strict=True)]
        self._theirs = [place for place, span in enumerate(spans) if span.start < span.stop]
        super().__init__(tuple(whole), len(rows), len(columns), [spans[place] for place in self._theirs])

    def read(self, names: Sequence[str], columns: IntArray, block: int) -> list[FloatArray]:
        whole = self._theirs[block]
        rows = self._rows[self.blocks[block]] - self._of.blocks[whole].start
        return [np.asfortranarray(values[rows]) for values in self._of.read(names, self._chosen[columns], whole)]

    def identity(self) -> str:
        return identity_of((self._of.identity(), self._rows, self._chosen))

    def outermost(self, names: Sequence[str], blocks: Iterable[int]) -> tuple[int, int] | None:
        """First and last row with a value of one of *names*, in the first of *blocks* that has one."""
        every = np.arange(len(self._chosen))
        for block in blocks:
            known = np.any([np.isfinite(values).any(axis=1) for values in self.read(names, every, block)], axis=0)
            if known.any():
                found = self.blocks[block].start + np.flatnonzero(known)
                return int(found[0]), int(found[-1])
        return None


def _shared(panel: Panel, exchanges: Collection[Exchange]) -> Panel:
    parts = [part(panel, (exchange,)) for exchange in exchanges]
    days: Days = functools.reduce(np.intersect1d, (one.days for one in parts))
    if len(days) == 0:
        raise NoData(f"{named(exchanges)} share no session in the data")
    rows = [np.searchsorted(one.days, days) for one in parts]
    names = dict.fromkeys(name for one in parts for name in one.fields if name not in _EVENTS)

    def joined(of: Callable[[Panel], FloatArray | None], missing: float) -> FloatArray:
        blocks = []
        for one, kept in zip(parts, rows, strict=True):
            values = of(one)
            shape = (len(days), len(one.symbols))
            blocks.append(np.full(shape, missing) if values is None else values[kept])
        return np.asfortranarray(np.hstack(blocks))

    fields = {name: joined(lambda one, name=name: one.fields.get(name), np.nan) for name in names}  # type: ignore[misc]
    made = replace(panel, days=days, symbols=tuple(s for one in parts for s in one.symbols), fields=fields)
    splits = any(one.split_factor is not None for one in parts)
    made.__dict__["split_factor"] = joined(lambda one: one.split_factor, 1.0) if splits else None
    made.__dict__["total"] = joined(lambda one: one.total, np.nan)
    return made


def named(exchanges: Collection[Exchange]) -> str:
    """Exchanges as a sentence names them."""
    return " and ".join(f"{exchange.code} ({exchange.name})" for exchange in sorted(exchanges, key=_code))
