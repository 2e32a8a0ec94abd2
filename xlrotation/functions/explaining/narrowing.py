"""Which data decide an answer: those that change it where they are others, and that give it alone.

What a formula reads is more than what decides it: a return reads a column of closes and uses two of them. The data that
were read are therefore replaced, some at a time, by nothing, by numbers that are far too large and far too small, and
the formula is asked again; what changes nothing is not listed. In the end everything that is not listed is replaced at
once, and the answer must still be the same: the listed data alone give it. Where that fails, all that was read is
listed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.functions.boundary import deadline
from xlrotation.functions.explaining.quotes import Quotes, Underlying, narrowed
from xlrotation.functions.explaining.traced import (
    FILLS,
    MEMBERS,
    SECTOR,
    SERIES,
    TOTAL,
    WEIGHT,
    Key,
    Reads,
    Tracing,
    View,
    traced,
    values_of,
)
from xlrotation.market import releases, vintages
from xlrotation.market.calendar import Days
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel
from xlrotation.measures.arrays import BoolArray

Ask = Callable[[Panel], object]
"""What a formula gives on a state of the data."""

SINGLY = 16
"""Columns that are looked at one by one; more of them are looked at together, by field."""

_FEW_CHAINS = 4
"""Option chains whose quotes are looked at one by one."""

_OF_QUOTES = ("gone", "large", "small")
"""What stands in the place of quotes that are looked at."""

_CLOSE = 1e-9


def same(a: object, b: object) -> bool:
    """Whether two answers are one: numbers up to rounding, everything else exactly."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    number = (int, float)
    if isinstance(a, number) and isinstance(b, number) and not isinstance(a, bool) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=1e-12) or (a != a and b != b)
    return type(a) is type(b) and a == b


@dataclass(frozen=True, slots=True)
class Decisive:
    """The data that decide an answer.

    Attributes:
        kept: By key the days of the data, and which of them decide.
        chains: The option chains.
        alone: Whether these data alone give the same answer.
        each: Whether each of them was found to matter, alone or with its neighbours; else some may only have been read.
        asked: How often the formula was asked.
        quotes: Of the chains, the quotes that decide, where not all do.
        later: What was read and not yet known at the as-of date: it is left as it is, and not listed.
    """

    kept: dict[Key, tuple[Days, BoolArray]]
    chains: frozenset[Underlying]
    alone: bool
    each: bool
    asked: int
    quotes: Quotes = field(default_factory=dict)
    later: dict[Key, tuple[Days, BoolArray]] = field(default_factory=dict)

    def view(self, fill: str) -> View:
        """A view on these data, with others in the place of everything else."""
        every = {
            key: (days, marks | self.later[key][1]) if key in self.later else (days, marks)
            for key, (days, marks) in self.kept.items()
        }
        return View(fill, self.later | every, self.chains, self.quotes)


class Search:
    """The search for the data that decide an answer.

    Args:
        panel: The state that it was given on.
        ask: Gives the answer on another state.
        answer: The answer.
        reads: What was read for it.
        most: How often the formula may be asked for the search.
        market: As the answer saw it: what was published after its as-of date is not listed, whoever looked at it.
    """

    def __init__(
        self, panel: Panel, ask: Ask, answer: object, reads: Reads, most: int, market: Market | None = None
    ) -> None:
        self._panel, self._ask, self._answer, self._reads = panel, ask, answer, reads
        self._most, self._asked, self._over = most, 0, False
        self._days: dict[Key, Days] = {}
        self._read: dict[Key, BoolArray] = {}
        for key, first in reads.days.items():
            if key[0] not in (WEIGHT, MEMBERS, SECTOR):
                self._days[key], _ = values_of(panel, key)
                self._read[key] = self._days[key] >= np.datetime64(first, "D")
        self._later: dict[Key, BoolArray] = {}
        self._quotes: dict[Underlying, BoolArray] = {}
        if market is not None:
            self._set_apart(market)
        every: list[Days] = [days[self._read[key]] for key, days in self._days.items()]
        self._axis: Days = np.unique(np.concatenate(every)) if every else np.zeros(0, "datetime64[D]")

    def found(self, narrow: bool) -> Decisive:
        """The data that decide.

        Args:
            narrow: Whether to search at all; else all that was read is taken, as for an error.
        """
        each, kept = False, self._read
        if narrow and len(self._axis):
            kept, each = self._narrowed()
            if not self._alone(kept):
                kept, each = self._read, False
        if narrow and self._reads.chains and self._narrow_quotes(kept) and not self._alone(kept):
            self._quotes.clear()
        alone = self._alone(kept)
        by_key = {key: (self._days[key], marks) for key, marks in kept.items() if marks.any()}
        later = {key: (self._days[key], marks) for key, marks in self._later.items()}
        return Decisive(by_key, frozenset(self._reads.chains), alone, each, self._asked, self._quotes, later)

    def _narrow_quotes(self, kept: dict[Key, BoolArray]) -> bool:
        """Find the quotes that decide, of few chains; whether any were left out."""
        for chain_of in list(self._reads.chains)[:_FEW_CHAINS]:
            chain = self._panel.chains.chain(*chain_of)
            if chain is None:
                continue

            def enough(keep: BoolArray, chain_of: Underlying = chain_of) -> bool:
                before = dict(self._quotes)
                self._quotes[chain_of] = keep
                found = self._asked < self._most and all(self._gives_same(kept, fill) for fill in _OF_QUOTES)
                self._quotes = before
                return found

            keep = narrowed(chain, enough)
            if not keep.all():
                self._quotes[chain_of] = keep
        return bool(self._quotes)

    def _set_apart(self, market: Market) -> None:
        """Take what was not known at as-of out of what was read: it decides at most that there is more to come.

        Of a series with vintages that are the values of today, where other ones would change nothing.
        """
        for key, days in self._days.items():
            later = days > np.datetime64(market.asof, "D") if key[0] != SERIES else _unpublished(key[1], days, market)
            if later.any():
                self._later[key], self._read[key] = later, self._read[key] & ~later
        archives = self._panel.vintages
        for key in [key for key in self._days if key[0] == SERIES and key[1] in archives]:
            if archives[key[1]].span[1] <= market.asof:
                continue  # as it stands today is as it stood
            others = self._read | {key: np.zeros(len(self._days[key]), bool)}
            if all(self._gives_same(others, fill) for fill in ("large", "small")):
                self._later[key], self._read[key] = np.ones(len(self._days[key]), bool), others[key]

    # ------------------------------------------------------------------ asking

    def _gives_same(self, kept: dict[Key, BoolArray], fill: str) -> bool:
        deadline.check()
        self._asked += 1
        shown = {key: marks | self._later[key] if key in self._later else marks for key, marks in kept.items()}
        view = View(
            fill,
            {key: (self._days[key], marks) for key, marks in shown.items()},
            frozenset(self._reads.chains),
            self._quotes,
        )
        try:
            return same(self._ask(traced(self._panel, Tracing(view=view))), self._answer)
        except RotationError:
            return False

    def _alone(self, kept: dict[Key, BoolArray]) -> bool:
        """Whether what is kept gives the answer, whatever everything else is."""
        return all(self._gives_same(kept, fill) for fill in FILLS)

    def _matters(self, keys: Collection[Key], first: int, last: int) -> bool:
        """Whether the days of the axis from *first* to before *last* matter for some keys."""
        if first >= last:
            return False
        begin, end = self._axis[first], self._axis[last - 1]
        kept = dict(self._read)
        for key in keys:
            days = self._days[key]
            kept[key] = kept[key] & ((days < begin) | (days > end))
        for fill in FILLS:
            if self._asked >= self._most:  # not known: what may matter is kept
                self._over = True
                return True
            if not self._gives_same(kept, fill):
                return True
        return False

    # ------------------------------------------------------------------ searching

    def _narrowed(self) -> tuple[dict[Key, BoolArray], bool]:
        """What is kept, and whether the search came to its end."""
        every = list(self._days)
        first, last = self._span(every, 0, len(self._axis))
        if first >= last:
            return {}, not self._over
        windows: dict[tuple[Key, ...], list[tuple[int, int]]] = {}
        for group in _groups(every):
            windows[group] = [self._span(group, first, last)] if self._matters(group, first, last) else []
        each = not self._over
        for group, spans in windows.items():
            if spans and not self._over:
                windows[group] = self._pieces(group, *spans[0])
        return self._marks(windows), each

    def _span(self, keys: Sequence[Key], first: int, last: int) -> tuple[int, int]:
        """The shortest stretch outside of which nothing matters."""
        if not self._matters(keys, first, first + 1):  # as often as not it does, which is known at once
            first = _last_true(first, last, lambda place: not self._matters(keys, first, place))
        if first < last and not self._matters(keys, last - 1, last):
            last -= _last_true(0, last - first, lambda back: not self._matters(keys, last - back, last))
        return first, last

    def _pieces(self, keys: Sequence[Key], first: int, last: int) -> list[tuple[int, int]]:
        """The stretches of one that matter; where two halves matter together only, both."""
        if last - first > 2 and not self._matters(keys, first + 1, last - 1):  # as for a return
            return [(first, first + 1), (last - 1, last)]
        left = deque([(first, last)])
        found: list[tuple[int, int]] = []
        while left:
            begin, end = left.popleft()
            middle = (begin + end) // 2
            if middle == begin or self._over:
                found.append((begin, end))
                continue
            halves = [half for half in ((begin, middle), (middle, end)) if self._matters(keys, *half)]
            if halves:
                left.extend(halves)
            else:
                found.append((begin, end))
        return sorted(found)

    def _marks(self, windows: dict[tuple[Key, ...], list[tuple[int, int]]]) -> dict[Key, BoolArray]:
        marks: dict[Key, BoolArray] = {}
        for group, spans in windows.items():
            for key in group:
                days = self._days[key]
                keep = np.zeros(len(days), bool)
                for first, last in spans:
                    if first < last:
                        keep |= (days >= self._axis[first]) & (days <= self._axis[last - 1])
                marks[key] = keep & self._read[key]
        for (name, of), own in list(marks.items()):  # a total return is one of closes
            if name == TOTAL and ("close", of) in marks:
                marks["close", of] = marks["close", of] | own
        return marks


def _unpublished(name: str, days: Days, market: Market) -> BoolArray:
    """Which observations of a series, or of a vintage, had not been published at as-of."""
    if vintages.is_vintage(name):
        return np.full(len(days), name.rpartition("@")[2] > market.asof.isoformat())
    later: BoolArray = days > np.datetime64(market.asof, "D")
    rule = releases.rule_of(name)
    if rule is not None:
        bell = market.exchange.bell(market.asof)
        place = len(days) - int(later.sum())
        while place and rule.moment(days[place - 1].item()) > bell:
            place -= 1
            later[place] = True
    return later


def _groups(keys: Sequence[Key]) -> list[tuple[Key, ...]]:
    """Keys that are looked at together."""
    if len(keys) <= SINGLY:
        return [(key,) for key in keys]
    by_field: dict[str, list[Key]] = {}
    for key in keys:
        by_field.setdefault(key[0], []).append(key)
    return [tuple(group) for group in by_field.values()]


def _last_true(first: int, last: int, holds: Callable[[int], bool]) -> int:
    """The last place from *first* to *last* at which it holds, where it holds up to there and no further."""
    low, high = first, last + 1
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
