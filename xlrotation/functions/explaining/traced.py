"""A state of the data that notes what is read of it, and that can hold other values in the place of what is not kept.

A formula that is asked on it tells which data it looked at. Asked again on a state in which some of them are others, it
tells whether they matter; asked on one that holds nothing but what was found to matter, it must give the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from xlrotation.functions.explaining.quotes import Quotes, Underlying, kept
from xlrotation.market import columns as prices
from xlrotation.market import parts
from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.chains import Chain, ChainBook
from xlrotation.market.lazyfields import LazyFields, side_by_side
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.measures.arrays import BoolArray, IntArray

_V = TypeVar("_V")

SERIES, WEIGHT, MEMBERS, SECTOR, TOTAL = "series", "weight", "members", "sector", "total"

Key = tuple[str, str]
"""A field and a symbol; ``series`` and its name, ``weight`` or ``members`` and the list."""

FILLS = ("gone", "large", "small", "larger", "smaller")
"""What stands in the place of what is not kept: nothing, numbers that are far too large, and far too small.

Each is wrong by another factor, so that no ratio, rank or weight of them stays as it was; what is the highest among the
large ones is the lowest among the small ones.
"""

_POWERS = {"large": (1, 1.0), "small": (1, -1.0), "larger": (2, 1.0), "smaller": (2, -1.0)}
"""Seed, and sign of the power of ten."""

_COUNT = itertools.count()

_EVENTS = frozenset(("split",))
"""Fields that tell how others are put on one count of shares: kept with them."""


@dataclass(slots=True)
class Reads:
    """What was read.

    Attributes:
        days: By key the day from which on it was read, in the order of the first time.
        chains: Underlyings and sessions of the option chains.
    """

    days: dict[Key, dt.date] = field(default_factory=dict)
    chains: dict[tuple[str, dt.date], None] = field(default_factory=dict)

    def note(self, key: Key, first: dt.date) -> None:
        """Note that a datum was read from *first* on."""
        before = self.days.get(key)
        if before is None or first < before:
            self.days[key] = first


@dataclass(frozen=True, slots=True)
class View:
    """Which data are kept, and what stands in the place of the others.

    Attributes:
        fill: One of :data:`FILLS`.
        kept: By key, which of the days are kept; a key that is not there is kept nowhere.
        chains: The option chains that are kept.
        quotes: Which quotes of them, where not all.
    """

    fill: str
    kept: Mapping[Key, tuple[Days, BoolArray]]
    chains: frozenset[Underlying]
    quotes: Quotes = field(default_factory=dict)

    def shown(self, key: Key, days: Days, values: FloatArray) -> FloatArray:
        """The values of a key on some days, those that are not kept replaced."""
        found = self.kept.get(key)
        if found is None:
            keep = np.zeros(len(days), bool)
        else:
            own, marks = found
            place = np.searchsorted(own, days)
            place[place == len(own)] = 0
            keep = marks[place] & (own[place] == days) if len(own) else np.zeros(len(days), bool)
        if keep.all():
            return values
        return np.where(keep, values, self._other(key, days, values))

    def _other(self, key: Key, days: Days, values: FloatArray) -> FloatArray:
        if self.fill not in _POWERS:
            return np.full(len(values), np.nan)
        seed, sign = _POWERS[self.fill]
        mixed = days.astype(np.int64).astype(np.uint64) + np.uint64(zlib.crc32("\n".join(key).encode(), seed) << 20)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):  # splitmix64
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return values * 10.0 ** (sign * (1.0 + 6.0 * (mixed >> np.uint64(11)) / 2.0**53))


@dataclass(slots=True)
class Tracing:
    """What a traced state is watched with.

    Attributes:
        reads: Where reads are noted.
        view: What is shown; None: everything as it is.
    """

    reads: Reads = field(default_factory=Reads)
    view: View | None = None


def traced(panel: Panel, tracing: Tracing) -> Panel:
    """*panel*, watched.

    Args:
        panel: The whole of a state.
        tracing: How.
    """
    made = _traced_part(panel, tracing)
    made = dataclasses.replace(
        made,
        series=_Series(panel, tracing),
        chains=_Chains(panel.chains, tracing),
        weights=_Noted(panel.weights, WEIGHT, panel.first, tracing.reads),
        universes=_Noted(panel.universes, MEMBERS, panel.first, tracing.reads),
        sectors=_Noted(panel.sectors, SECTOR, panel.first, tracing.reads),
    )
    _keep_known(panel, made)
    made.__dict__["_parts"] = _Parts(panel, made, tracing)
    return made


def values_of(panel: Panel, key: Key) -> tuple[Days, FloatArray]:
    """The days and values of a key, as they are stored.

    Args:
        panel: A state that is not watched.
        key: A field of a symbol, or a series.
    """
    name, of = key
    if name == SERIES:
        days, values = panel.series[of]
        return days, values
    column = panel.columns[of]
    return panel.days, prices.total(panel, column) if name == TOTAL else prices.column(panel, name, column)


def _traced_part(part: Panel, tracing: Tracing) -> Panel:
    return dataclasses.replace(part, fields=_Fields(part, tracing))


_KNOWN = ("directory", "home", "exchanges", "held_back", "without_total", "last_rows")


def _keep_known(panel: Panel, made: Panel) -> None:
    """Take over what does not depend on the data that are watched, so that it is not found anew each time."""
    for name in _KNOWN:
        made.__dict__[name] = getattr(panel, name)


class _Fields(LazyFields):
    """The fields of a panel: what is asked for is noted, and shown as the view has it."""

    def __init__(self, part: Panel, tracing: Tracing) -> None:
        derived = "split" not in part.fields and part.split_factor is not None
        names = (*part.fields, "split") if derived else tuple(part.fields)
        super().__init__(names, len(part.days), len(part.symbols), [slice(0, len(part.days))])
        self._part, self._tracing = part, tracing

    def identity(self) -> str:
        return f"traced {id(self._tracing)}"

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self:
            raise KeyError(name)
        return self.table(name, np.arange(len(self._part.symbols)), slice(None))

    def read(self, names: Sequence[str], columns: IntArray, block: int) -> list[FloatArray]:
        return [self.table(name, columns, slice(None)) for name in names]

    def column(self, name: str, column: int) -> FloatArray:
        return self._shown(name, column, slice(None), self._raw(name, column))

    def table(self, name: str, columns: IntArray, rows: slice) -> FloatArray:
        own = [self._shown(name, column, rows, self._raw(name, column)[rows]) for column in columns.tolist()]
        return side_by_side(own, len(self._part.days[rows]))

    def total(self, column: int) -> FloatArray:
        return self._shown(TOTAL, column, slice(None), prices.total(self._part, column))

    def totals(self, columns: IntArray) -> list[FloatArray]:
        return [self.total(column) for column in columns.tolist()]

    def factor(self, column: int) -> FloatArray | None:
        return prices.factor(self._part, column)

    def last_split(self, columns: IntArray) -> IntArray:
        return prices.last_split(self._part, columns)

    def last_rows(self) -> IntArray:
        return self._part.last_rows

    def _raw(self, name: str, column: int) -> FloatArray:
        part = self._part
        if name == "split" and name not in part.fields:
            factor = prices.factor(part, column)
            found = np.ones(len(part.days))
            if factor is not None:
                found[1:] = factor[1:] / factor[:-1]
            return found
        return prices.column(part, name, column)

    def _shown(self, name: str, column: int, rows: slice, values: FloatArray) -> FloatArray:
        days = self._part.days[rows]
        if len(days) == 0 or name in _EVENTS:
            return values
        key = (name, self._part.symbols[column])
        self._tracing.reads.note(key, days[0].item())
        view = self._tracing.view
        return values if view is None else view.shown(key, days, values)


class _Parts(dict[frozenset[Exchange], Panel]):
    """The parts of a panel that exchanges show, watched as well."""

    def __init__(self, panel: Panel, made: Panel, tracing: Tracing) -> None:
        super().__init__()
        self._panel, self._made, self._tracing = panel, made, tracing

    def get(self, key: frozenset[Exchange], default: Any = None) -> Any:
        if key not in self:
            part = parts.part(self._panel, key)
            if part is self._panel:
                self[key] = self._made
            else:
                made = self._made
                self[key] = dataclasses.replace(
                    _traced_part(part, self._tracing),
                    **{name: getattr(made, name) for name in ("series", "chains", "weights", "universes", "sectors")},
                )
        return self[key]


class _Named(Mapping[str, _V]):
    """What a source says by name; asking whether it is there is no reading."""

    def __init__(self, held: Mapping[str, _V]) -> None:
        self._held = held

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


class _Noted(_Named[_V]):
    """What is asked for and there is noted."""

    def __init__(self, held: Mapping[str, _V], what: str, first: dt.date, reads: Reads) -> None:
        super().__init__(held)
        self._what, self._first, self._reads = what, first, reads

    def __getitem__(self, name: str) -> _V:
        found = self._held[name]
        self._reads.note((self._what, name), self._first)
        return found


class _Series(_Named[tuple[Days, FloatArray]]):
    """The dated series that are no prices."""

    def __init__(self, panel: Panel, tracing: Tracing) -> None:
        super().__init__(panel.series)
        self._tracing = tracing

    def __getitem__(self, name: str) -> tuple[Days, FloatArray]:
        days, values = self._held[name]
        key = (SERIES, name)
        if len(days):
            self._tracing.reads.note(key, days[0].item())
        view = self._tracing.view
        if view is None:
            return days, values
        shown = view.shown(key, days, values)
        there = np.isfinite(shown) | ~np.isfinite(values)  # a series has no rows without an observation
        return days[there], shown[there]


class _Chains:
    """The option chains."""

    def __init__(self, held: ChainBook, tracing: Tracing) -> None:
        self._held, self._tracing = held, tracing

    def _there(self, symbol: str, day: dt.date) -> bool:
        view = self._tracing.view
        return view is None or view.fill != "gone" or (symbol, day) in view.chains

    def days(self, symbol: str) -> tuple[dt.date, ...]:
        return tuple(day for day in self._held.days(symbol) if self._there(symbol, day))

    def chain(self, symbol: str, day: dt.date) -> Chain | None:
        found = self._held.chain(symbol, day) if self._there(symbol, day) else None
        if found is None:
            return None
        self._tracing.reads.chains[symbol, day] = None
        view = self._tracing.view
        keep = None if view is None else view.quotes.get((symbol, day))
        return found if view is None or keep is None else kept(found, keep, view.fill)

    def symbols(self) -> tuple[str, ...]:
        return self._held.symbols()

    def identity(self) -> str:
        view = self._tracing.view
        own = "" if view is None or not view.quotes else f" traced {next(_COUNT)}"
        return self._held.identity() + own
