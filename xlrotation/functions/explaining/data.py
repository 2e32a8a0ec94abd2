"""The data that decide an answer, as rows: as stored, as adjusted, where from, and what is a gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.functions.explaining.narrowing import Decisive
from xlrotation.functions.explaining.quotes import Quotes
from xlrotation.functions.explaining.traced import MEMBERS, SERIES, TOTAL, WEIGHT, Key, Reads, values_of
from xlrotation.languages import NO_TEXT, Text
from xlrotation.languages.texts import remarks as joined
from xlrotation.market import adjustment, rosters
from xlrotation.market import columns as prices
from xlrotation.market.calendar import Days
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.market.sources import store_of
from xlrotation.measures.arrays import BoolArray, IntArray

_LEAST = 4
"""Rows that each column gets where not all can be listed."""

_EXPIRIES = 6
"""Expiries of a chain that are listed one by one."""

_BATCHES = 64
"""Symbols whose batches are looked up."""

_GAP = Text("no value")
_BETWEEN = Text("{count} more between, not listed")
_COLUMNS = Text("{count} data of {columns} more columns, not listed")
_SPLIT = Text("put on the share count of {day}")
_TOTAL = Text("with dividends reinvested, scaled to the close of {day}")
_CHAIN = Text("{expiries} expiries")
_QUOTES = Text("quotes of {expiry}, strikes {low:,g} to {high:,g}; of {all} in the chain")
_DATED = Text("the members of the date")
_LATER = Text("the members of a later day, the first that are known")
_FIXED = Text("always the same")
_TODAY = Text("today's members")
_HOW = {"dated": _DATED, "first_known": _LATER, "fixed": _FIXED, "today": _TODAY}


@dataclass(frozen=True, slots=True)
class Datum:
    """One of the data, or a stretch of them that is not listed.

    Attributes:
        field: What it is: a field of a price, ``series``, ``chain``, ``members``, ``weight``.
        symbol: Of what.
        day: Of which day; None where it has none.
        value: As it is stored; None for a gap, and for a stretch.
        adjusted: As the formula saw it.
        source: Who gave it, and in which batch.
        note: What is to be said of it.
        count: How many data it stands for.
    """

    field: str
    symbol: str
    day: dt.date | None
    value: float | None = None
    adjusted: float | None = None
    source: str = ""
    note: Text | str | object = NO_TEXT
    count: int = 1


def data_of(
    panel: Panel,
    decisive: Decisive,
    reads: Reads,
    market: Market,
    lists: Mapping[str, tuple[str, ...]],
    most: int,
) -> tuple[list[Datum], int]:
    """The data that decide an answer, and how many of them are not listed one by one.

    Args:
        panel: The state that they are of.
        decisive: Which they are.
        reads: What was read.
        market: As the answer's own session saw it.
        lists: The lists of members that were asked for.
        most: Rows.
    """
    kept = {
        (name, of): np.flatnonzero(marks)
        for (name, of), (_, marks) in decisive.kept.items()
        if name != "close" or not _are(decisive, (TOTAL, of), marks)
    }
    total = sum(map(len, kept.values()))
    shown = list(kept)[: max(1, most // _LEAST)] if total > most else list(kept)
    each = total if total <= most else max(_LEAST, most // max(1, len(shown)))
    reference = max((decisive.kept[key][0][rows[-1]] for key, rows in kept.items() if len(rows)), default=None)
    batches = _Batches(panel)
    found: list[Datum] = []
    for key in shown:
        found += _column(panel, key, kept[key], reference, each, batches)
    if left := [key for key in kept if key not in shown]:
        count = sum(len(kept[key]) for key in left)
        note = _COLUMNS.of(count=f"{count:,}", columns=f"{len(left):,}")
        found.append(Datum(left[0][0], "", None, note=note, count=count))
    found += _events(panel, kept, decisive, most)
    found += _chains(panel, reads, decisive.quotes, most)
    found += _others(panel, reads, market, lists, most)
    return found, sum(datum.count for datum in found if datum.count > 1)


def _are(decisive: Decisive, key: Key, marks: BoolArray) -> bool:
    """Whether the same days of another column are listed."""
    other = decisive.kept.get(key)
    return other is not None and np.array_equal(other[1], marks)


def _column(
    panel: Panel, key: Key, rows: IntArray, reference: np.datetime64 | None, each: int, batches: _Batches
) -> Iterator[Datum]:
    """The data of one column: all, or the first and the last of them."""
    days, values = values_of(panel, key)
    name, of = key
    stored = prices.column(panel, "close", panel.columns[of]) if name == TOTAL else values
    adjusted, note = _adjusted(panel, key, values, reference)
    half = max(1, (each - 1) // 2)
    whole = len(rows) <= each
    head, tail = (rows, rows[:0]) if whole else (rows[:half], rows[len(rows) - half :])

    def one(row: int) -> Datum:
        day, value = days[row].item(), float(stored[row])
        gap = value != value
        why = panel.held_back.get((of, day), "") if gap else ""
        own = [_GAP, why] if why else [_GAP] if gap else [note] if note is not None else []
        return Datum(
            *(name if name != TOTAL else "close", of, day),
            None if gap else value,
            None if gap else float(adjusted[row]),
            batches.of(key, day),
            joined(own) if own else NO_TEXT,
        )

    yield from map(one, head.tolist())
    if not whole:
        between = len(rows) - len(head) - len(tail)
        yield Datum(name, of, None, note=_BETWEEN.of(count=f"{between:,}"), count=between)
    yield from map(one, tail.tolist())


def _adjusted(
    panel: Panel, key: Key, values: FloatArray, reference: np.datetime64 | None
) -> tuple[FloatArray, Text | None]:
    """A column as the formula saw it, and what was done to it."""
    name, of = key
    if name == SERIES or reference is None:
        return values, None
    column = panel.columns[of]
    row = int(np.searchsorted(panel.days, reference))
    if name == TOTAL:
        close = prices.column(panel, "close", column)
        known = np.flatnonzero(np.isfinite(close[: row + 1]))
        last = int(known[-1]) if len(known) else row
        scaled: FloatArray = values * (close[last] / values[last])
        return scaled, _TOTAL.of(day=str(panel.days[last]))
    factor = prices.factor(panel, column)
    if factor is None or name not in adjustment.ADJUSTED:
        return values, None
    shares = factor / factor[row]
    moved = bool((shares[: row + 1] != 1.0).any())
    return adjustment.on_share_count(name, values, shares), _SPLIT.of(day=str(panel.days[row])) if moved else None


def _events(panel: Panel, kept: Mapping[Key, IntArray], decisive: Decisive, most: int) -> Iterator[Datum]:
    """Splits and dividends that changed what the formula saw."""
    told: set[tuple[str, str, int]] = set()
    for key, rows in kept.items():
        name, of = key
        if name in (SERIES, WEIGHT) or len(rows) == 0 or not np.array_equal(decisive.kept[key][0], panel.days):
            continue
        fields = ("split", "dividend") if name == TOTAL else ("split",)
        for event in (each for each in fields if each in panel.fields):
            values = prices.column(panel, event, panel.columns[of])[: rows[-1] + 1]
            neutral = 1.0 if event == "split" else 0.0
            for row in np.flatnonzero(np.isfinite(values) & (values > 0) & (values != neutral)).tolist():
                if row > rows[0] and (event, of, row) not in told and len(told) < most:
                    told.add((event, of, row))
                    yield Datum(event, of, panel.days[row].item(), float(values[row]))


def _chains(panel: Panel, reads: Reads, quotes: Quotes, most: int) -> Iterator[Datum]:
    """Option chains: how many quotes went in, by expiry where not all did."""
    chains = list(reads.chains)
    for symbol, day in chains[:most]:
        chain = panel.chains.chain(symbol, day)
        if chain is None:
            continue
        keep = quotes.get((symbol, day))
        expiries = np.unique(chain.expiry if keep is None else chain.expiry[keep])
        if keep is None or not 0 < len(expiries) <= _EXPIRIES:
            count = len(chain) if keep is None else int(keep.sum())
            note = _CHAIN.of(expiries=str(len(expiries)))
            yield Datum("chain", symbol, day, float(count), source=chain.source, note=note)
            continue
        for expiry in expiries:
            strikes = chain.strike[keep & (chain.expiry == expiry)]
            span = {"low": float(strikes.min()), "high": float(strikes.max())}
            note = _QUOTES.of(expiry=str(expiry), all=f"{len(chain):,}", **span)
            yield Datum("chain", symbol, day, float(len(strikes)), source=chain.source, note=note)
    if len(chains) > most:
        left = len(chains) - most
        yield Datum("chain", "", None, note=_BETWEEN.of(count=f"{left:,}"), count=left)


def _others(
    panel: Panel, reads: Reads, market: Market, lists: Mapping[str, tuple[str, ...]], most: int
) -> Iterator[Datum]:
    """Lists of members and stated weights."""
    for name, members in list(lists.items())[:most]:
        yield Datum(MEMBERS, name, None, float(len(members)), source=panel.source, note=_HOW[_known(market, name)])
    for name in [of for what, of in reads.days if what == WEIGHT][:most]:
        days: Days = panel.weights[name][0]
        row = int(np.searchsorted(days, market.days[-1], side="right")) - 1
        if row >= 0:
            yield Datum(WEIGHT, name, days[row].item(), float(panel.weights[name][1].shape[1]), source=panel.source)


def _known(market: Market, name: str) -> str:
    try:
        return rosters.known_as(market, name)
    except RotationError:
        return "today"


class _Batches:
    """Who gave a value, and when."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._stored = panel.source.startswith(("yahoo", "store:"))
        self._known: dict[str, Sequence[tuple[dt.date, dt.date, str]]] = {}

    def of(self, key: Key, day: dt.date) -> str:
        """The batch of a value."""
        symbol = key[1]
        if symbol not in self._known:
            self._known[symbol] = self._stretches(key) if len(self._known) < _BATCHES else ()
        for first, last, told in self._known[symbol]:
            if first <= day <= last:
                return told
        return self._panel.source

    def _stretches(self, key: Key) -> Sequence[tuple[dt.date, dt.date, str]]:
        name, symbol = key
        if self._stored and name != SERIES:
            try:
                origins = store_of(self._panel.source).origins(symbol, self._panel)
            except RotationError:
                origins = []
            if origins:
                return [(first, last, _told(o.provider, o.fetched, o.accepted)) for first, last, o in origins]
        found = self._panel.provenance.get(symbol)
        if found is None:
            told = _told(self._panel.source, self._panel.fetched)
        else:
            told = "; ".join(filter(None, (_told(found.provider, found.fetched or self._panel.fetched), found.told)))
        return [(dt.date.min, dt.date.max, told)]


def _told(provider: str, fetched: dt.datetime | None, accepted: bool = False) -> str:
    when = fetched.strftime(" %Y-%m-%d %H:%M %Z").rstrip() if fetched else ""
    return f"{provider}{when}{', accepted' if accepted else ''}"
