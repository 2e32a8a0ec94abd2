"""Quarantine: values that change by more than they should are held back until somebody accepts or rejects them.

Two things are checked of every bar that a provider offers, on prices as traded:

- A price of a day that is stored already, older than the last :data:`RECENT` sessions, may differ from the stored one
  by :data:`REVISED` at most. Younger ones are corrected by providers as a matter of course and only need to pass the
  second check.
- A close may differ from the last good one before it by the bound of its kind of symbol at most
  (:data:`MOVES`), once the splits between them are taken out. Until somebody decides, the days after a bar that is held
  back are compared with the same last good close: a missed split does not get in by being repeated.

A history that comes for the first time holds true crashes, which cannot wait for somebody. Where its price stays at
the new level for :data:`SETTLED` sessions, only the day of the move is held back, unless the move looks like a split
that the provider does not state.

A history that a provider has rewritten replaces the stored one, unless both are its prices as traded: those no split
changes, and they are checked like any other offer.

What is held back is a whole bar: its open, volume and dividend are no surer than its close.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlrotation.market import signs
from xlrotation.market.adjustment import split_ratio
from xlrotation.market.calendar import Days
from xlrotation.market.panel import PRICE_FIELDS, FloatArray, Panel, Quarantined
from xlrotation.measures import ties
from xlrotation.measures.arrays import BoolArray, IntArray

REVISED = 0.005
"""Share by which a stored price of an older day may change."""

RECENT = 5
"""Sessions at the end whose prices a provider may still correct."""

MOVES: Mapping[str, float] = {"stock": 0.40, "index": 0.25, "volatility index": 1.50}
"""Share by which a close may move from one session to the next, by kind of symbol; stocks are funds, too."""

YIELD_MOVE = 1.0
"""Percentage points by which a yield may move; near zero a share says nothing."""

FLOORED_MOVE = 20.0
"""Points by which an index that is floored at zero may move; near zero a share says nothing."""

YIELD_REVISED = 0.1
"""Percentage points by which a stored yield of an older day may change."""

SETTLED = 5
"""Sessions at a new level that make a move in a first history credible."""

_NEAR = 32
"""Rows among which the closes after a day are looked for first."""

_SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)
_LIKE_A_SPLIT = 0.03
_SAME = 1e-9

_POINTS = {"yield": YIELD_MOVE, "floored index": FLOORED_MOVE}
_VOLATILITY = ("^VIX", "^VX", "^VVIX", "^RVX", "^GVZ", "^OVX", "^EVZ", "^COR", "^DSPX", "^MOVE")


@functools.lru_cache(maxsize=8192)
def kind(symbol: str) -> str:
    """``stock`` (or fund), ``index``, ``volatility index``, ``floored index``, ``yield`` or ``spread``."""
    if symbol in signs.YIELDS:
        return "yield"
    sign = signs.of(symbol)
    if sign != signs.POSITIVE:
        return "floored index" if sign == signs.NOT_NEGATIVE else "spread"
    if symbol.startswith(_VOLATILITY):
        return "volatility index"
    return "index" if symbol.startswith("^") else "stock"


@dataclass(frozen=True, slots=True)
class Screened:
    """What may be stored of an offer, and everything that is held back now."""

    panel: Panel
    entries: tuple[Quarantined, ...]
    replaced: frozenset[str]
    """Symbols of which nothing stored is kept."""


def screen(
    stored: Panel | None, offered: Panel, whole: Collection[str] = (), entries: Iterable[Quarantined] = ()
) -> Screened:
    """Part an offer in what may be stored and what is held back.

    Args:
        stored: What the store holds.
        offered: What a provider gave.
        whole: Symbols whose history the provider has rewritten.
        entries: What is held back already.
    """
    replaced = replacing(stored, offered, whole)
    rewritten = set(whole).difference(replaced)
    known = {(entry.symbol, entry.day): entry for entry in entries}
    waiting: dict[str, list[dt.date]] = {}
    for symbol, day in known:
        waiting.setdefault(symbol, []).append(day)
    days = offered.days if stored is None else np.union1d(stored.days, offered.days)
    ours = np.searchsorted(days, offered.days)
    theirs = None if stored is None else np.searchsorted(days, stored.days)
    held = np.zeros(offered.fields["close"].shape, bool)
    for column, symbol in enumerate(offered.symbols):
        fresh = stored is None or symbol not in stored.columns or symbol in replaced

        def old(name: str, symbol: str = symbol, fresh: bool = fresh) -> FloatArray:
            out = np.full(len(days), np.nan)
            if not fresh and stored is not None and name in stored.fields:
                out[theirs] = stored.fields[name][:, stored.columns[symbol]]
            return out

        def new(name: str, symbol: str = symbol, column: int = column) -> FloatArray:
            out = _column(offered, name, column, days, ours)
            if name == "split" and symbol in rewritten:  # the rewritten history has no split where it states none
                out = np.where(np.isfinite(old(name)) & np.isfinite(new("close")) & np.isnan(out), 1.0, out)
            return out

        bars = _Bars(symbol, days, old, new)
        reasons = bars.suspects()
        if symbol in replaced:
            for day in waiting.pop(symbol, []):
                del known[symbol, day]
        rows = _rows_of(waiting.get(symbol, []), days)
        decided = [row for row in rows if bars.offered[row] and row not in reasons]
        for row in decided:
            del known[symbol, days[row].item()]  # the provider has corrected it
        columns = {name: (old(name), new(name)) for name in (*offered.fields, "split")} if reasons else {}
        held[np.searchsorted(offered.days, days[list(reasons)]), column] = True
        for row, reason in reasons.items():
            key = (symbol, days[row].item())
            values = {
                name: (float(stood[row]), float(came[row]))
                for name, (stood, came) in columns.items()
                if np.isfinite(came[row])
            }
            known[key] = _entry(offered, key, reason, values, known.get(key))
    return Screened(_without(offered, held), tuple(known[key] for key in sorted(known)), replaced)


def replacing(stored: Panel | None, offered: Panel, whole: Collection[str]) -> frozenset[str]:
    """Those of *whole* that replace what is stored: all but prices as traded in place of such of the same provider.

    Prices that a provider adjusts for splits are rewritten by each split, and in another currency all are others; what
    was traded does not change.
    """
    if stored is None:
        return frozenset(whole)

    def checked(symbol: str) -> bool:
        old, new = stored.provenance.get(symbol), offered.provenance.get(symbol)
        if old is None or new is None or not (old.as_traded and new.as_traded):
            return False
        if old.provider != new.provider:  # half of each would be nobody's history
            return False
        return None in (old.currency, new.currency) or old.currency == new.currency

    return frozenset(symbol for symbol in whole if not checked(symbol))


def _column(panel: Panel, name: str, column: int, days: Days, rows: IntArray) -> FloatArray:
    """One field of one symbol of *panel* on *days*, of which its own are the *rows*; not to be written to."""
    values = panel.fields.get(name)
    if values is not None and days is panel.days:
        return values[:, column]
    out = np.full(len(days), np.nan)
    if values is not None:
        out[rows] = values[:, column]
    return out


def _rows_of(wanted: Sequence[dt.date], days: Days) -> list[int]:
    """The rows of *days* that are one of *wanted*."""
    found = np.array(wanted, days.dtype)
    rows = np.searchsorted(days, found)
    rows = rows[(rows < len(days)) & (days[np.minimum(rows, len(days) - 1)] == found)] if len(days) else rows[:0]
    return [int(row) for row in rows]


@dataclass(slots=True)
class _Bars:
    """The bars of one symbol, stored and offered, on common days."""

    symbol: str
    days: Days
    old: Callable[[str], FloatArray]
    new: Callable[[str], FloatArray]
    offered: BoolArray = None  # type: ignore[assignment]

    def suspects(self) -> dict[int, str]:
        """Rows whose offered bar is held back, with the reason."""
        stored, close = self.old("close"), self.new("close")
        self.offered = np.isfinite(close)
        if not self.offered.any() and not np.isfinite(self.new("split")).any():
            return {}
        candidate = np.where(self.offered, close, stored)
        known_split, split = self.old("split"), self.new("split")
        ratio = split_ratio(np.where(np.isfinite(split), split, known_split))
        changed = self.offered & ~(np.abs(close - stored) <= _SAME * np.abs(stored))
        touched = (changed | (ratio != split_ratio(known_split))) & np.isfinite(candidate)
        self.offered |= touched
        if kind(self.symbol) == "spread":
            return {}  # of what crosses zero no move is too large by a share of it
        reasons = {int(row): f"a {what} of {value:.10g}" for row, what, value in self._impossible()}
        reasons |= {row: reason for row, reason in self._revised().items() if row not in reasons}
        if not reasons and not self._any_move(candidate, ratio, touched):
            return {}
        self._walk(candidate, stored, (ratio, split_ratio(known_split)), touched, reasons)
        self._lead_up(candidate, stored, ratio, touched, reasons)
        return reasons

    def _impossible(self) -> Iterable[tuple[int, str, float]]:
        sign = signs.of(self.symbol)
        if sign == signs.ANY:
            return
        for name in PRICE_FIELDS:
            values = self.new(name)
            for row in np.flatnonzero(values <= 0 if sign == signs.POSITIVE else values < 0):
                yield int(row), f"{name} price", values[row]

    def _revised(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for name in PRICE_FIELDS:
            old, new = self.old(name), self.new(name)
            if np.isnan(old).all():
                continue
            bound = REVISED * np.abs(old)
            if kind(self.symbol) == "yield":
                bound = np.maximum(bound, YIELD_REVISED)
            for row in np.flatnonzero(np.abs(new - old) > bound + ties.TIE * np.abs(old)):
                if row < len(self.days) - RECENT:
                    share = f" ({new[row] / old[row] - 1.0:+.1%})" if old[row] else ""
                    found.setdefault(int(row), f"{name} {new[row]:.10g} in place of the stored {old[row]:.10g}{share}")
        return found

    def _bound(self) -> float:
        return _POINTS.get(kind(self.symbol)) or MOVES[kind(self.symbol)]

    def _in_points(self) -> bool:
        return kind(self.symbol) in _POINTS

    def _within(self, moves: FloatArray | float) -> BoolArray:
        """Moves up to the bound: 13 after 10 moves by 30 %, although 13 / 10 - 1 is 0.30000000000000004."""
        return np.asarray(np.abs(moves) <= self._bound() + ties.TIE)

    def _move(self, before: float, after: float) -> float:
        return after - before if self._in_points() else after / before - 1.0

    def _any_move(self, candidate: FloatArray, ratio: FloatArray, touched: BoolArray) -> bool:
        rows = np.flatnonzero(np.isfinite(candidate))
        if len(rows) < 2:
            return False
        count = np.cumprod(ratio)
        path = candidate if self._in_points() else candidate * count
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            moves = np.diff(path[rows]) if self._in_points() else path[rows][1:] / path[rows][:-1] - 1.0
        beyond = ~self._within(moves)
        return bool((beyond & (touched[rows][1:] | touched[rows][:-1])).any())

    def _walk(
        self,
        candidate: FloatArray,
        stored: FloatArray,
        ratios: tuple[FloatArray, FloatArray],
        touched: BoolArray,
        reasons: dict[int, str],
    ) -> None:
        """Go through the bars, each against the last good close before it, with the splits in between."""
        ratio, stored_ratio = ratios
        first_history = not np.isfinite(stored).any()
        before: float | None = None
        unstated = False  # a split that nobody stated: what follows is on another count of shares
        count = 1.0  # shares that one share of the last good close has become
        for row in np.flatnonzero(np.isfinite(candidate) | (ratio != 1.0)).tolist():
            so_far, count = count, count * float(ratio[row])
            value = float(candidate[row])
            if value != value:
                continue
            if row not in reasons and before is not None and touched[row]:
                move = self._move(before, value * count)
                slight = (
                    abs(value - stored[row]) <= (REVISED + ties.TIE) * abs(stored[row])
                    and ratio[row] == stored_ratio[row]
                )
                if not self._within(move) and not slight:
                    reasons[row] = self._told(value, before / count, move)
                    like = _like_a_split(before / (value * count)) if value and not self._in_points() else ""
                    if like and self._settled(candidate, ratio, row, 1, missing=True):
                        reasons[row] += f"; it looks like a split of {like} that the provider does not state"
                        unstated = True
                    elif first_history and not unstated and self._settled(candidate, ratio, row):
                        reasons[row] += "; the days after it are stored, because the price stayed there"
                        before, count = value, 1.0
                        continue
            if row not in reasons:
                before, count, unstated = value, 1.0, False
            elif np.isfinite(stored[row]):
                before, count = float(stored[row]), 1.0
            else:
                count = so_far * float(stored_ratio[row])  # a split that is held back counts no more than its price

    def _lead_up(
        self, candidate: FloatArray, stored: FloatArray, ratio: FloatArray, touched: BoolArray, reasons: dict[int, str]
    ) -> None:
        """Bars that come before stored ones must lead up to them."""
        after: int | None = None
        for row in np.flatnonzero(np.isfinite(candidate))[::-1].tolist():
            if row in reasons and not np.isfinite(stored[row]):
                continue
            if after is not None and touched[row] and row not in reasons and not touched[after]:
                target = float(candidate[after]) * float(np.prod(ratio[row + 1 : after + 1]))
                stood = np.isfinite(stored[row]) and not self._within(self._move(stored[row], target))
                if not stood and not self._within(self._move(float(candidate[row]), target)):
                    close = f"close {candidate[row]:.10g} does not lead up to the stored {candidate[after]:.10g}"
                    reasons[row] = f"{close} of {self.days[after]} without a split"
                    if not np.isfinite(stored[row]):
                        continue
            after = row

    def _settled(
        self, candidate: FloatArray, ratio: FloatArray, row: int, after: int = SETTLED, missing: bool = False
    ) -> bool:
        """Whether so many closes after *row* stay within the bound of its close; *missing* where there are fewer."""
        near = candidate[row : row + _NEAR]
        if np.count_nonzero(np.isfinite(near)) <= after:
            near = candidate[row:]
        rows = row + np.flatnonzero(np.isfinite(near))[: after + 1]
        if len(rows) < after + 1:
            return missing
        count = np.cumprod(ratio[row : int(rows[-1]) + 1])[rows - row]
        path = candidate[rows] if self._in_points() else candidate[rows] * count / count[0]
        with np.errstate(over="ignore"):
            away = np.abs(path[1:] - path[0]) if self._in_points() else np.abs(path[1:] / path[0] - 1.0)
        return bool(self._within(away).all())

    def _told(self, value: float, before: float, move: float) -> str:
        if self._in_points():
            unit = "percentage points" if kind(self.symbol) == "yield" else "points"
            return f"close {value:.10g} after {before:.10g}: a move of more than {self._bound():g} {unit}"
        what = f"close {value:.10g} after {before:.10g} ({move:+.1%}) without a split"
        return f"{what}; the bound of a {kind(self.symbol)} is {self._bound():.0%}"


def _like_a_split(ratio: float) -> str:
    for number in _SPLITS:
        if abs(ratio / number - 1.0) <= _LIKE_A_SPLIT:
            return f"{number} for 1"
        if abs(ratio * number - 1.0) <= _LIKE_A_SPLIT:
            return f"1 for {number}"
    return ""


def _entry(
    offered: Panel,
    key: tuple[str, dt.date],
    reason: str,
    values: Mapping[str, tuple[float, float]],
    known: Quarantined | None,
) -> Quarantined:
    symbol, day = key
    item = offered.provenance.get(symbol)
    provider = item.provider if item else offered.source
    fetched = item.fetched if item and item.fetched else offered.fetched
    entry = Quarantined(symbol, day, provider, fetched, reason, values)
    if known is None or not _same_offer(known.values, values):
        return entry
    return replace(entry, times=known.times + 1, rejected=known.rejected)


def _same_offer(known: Mapping[str, tuple[float, float]], values: Mapping[str, tuple[float, float]]) -> bool:
    names = [name for name in (*PRICE_FIELDS, "split") if name in known or name in values]
    return all(
        name in known and name in values and abs(known[name][1] - values[name][1]) <= _SAME * abs(known[name][1])
        for name in names
    )


def _without(panel: Panel, held: BoolArray) -> Panel:
    if not held.any():
        return panel
    fields = {name: np.where(held, np.nan, values) for name, values in panel.fields.items()}
    return replace(panel, fields=fields)
