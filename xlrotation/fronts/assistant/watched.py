"""Calls watched while a formula is computed: what each was given, what it gave, and up to which session it saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.registry import Spec
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.grid import Cell, Range
from xlrotation.market.calendar import Exchange
from xlrotation.market.market import Market

MOST_CALLS = 100
"""Calls that are kept of one formula; a MAP may make thousands."""

_DATES = 10
"""Dates of one call that are told."""


class Watched(Snapshot):
    """A state of the data that remembers how its market was cut."""

    __slots__ = ("cuts",)

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot.panel)
        self.cuts: list[tuple[Cell, frozenset[Exchange], Market]] = []

    def market(self, asof: Cell, exchanges: frozenset[Exchange] = frozenset()) -> Market:
        """As of any state."""
        found = super().market(asof, exchanges)
        if len(self.cuts) < MOST_CALLS * _DATES:
            self.cuts.append((asof, exchanges, found))
        return found


@dataclass(frozen=True, slots=True)
class Called:
    """A call of ours within a formula.

    Attributes:
        spec: The function.
        arguments: As given.
        result: What it gave.
        seen: The as-of sessions that it was computed at, with the exchange whose sessions they are; empty where it
            takes no as-of date.
    """

    spec: Spec
    arguments: Sequence[Cell | Range]
    result: Cell | Range
    seen: Sequence[tuple[dt.date, str]]


@dataclass(slots=True)
class Calls:
    """Our functions for one formula, watched.

    Attributes:
        session: A session on a watched state, which does not remember answers: each call is made.
        state: That state.
        made: The calls, in the order in which they ended.
        more: How many were made beyond those that are kept.
    """

    session: Session
    state: Watched
    made: list[Called] = field(default_factory=list)
    more: int = 0

    @property
    def names(self) -> frozenset[str]:
        """The names of the functions."""
        return self.session.names

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        self.state.cuts.clear()
        result = self.session(name, arguments)
        if len(self.made) >= MOST_CALLS:
            self.more += 1
        else:
            spec = self.session.spec(name.upper())
            self.made.append(Called(spec, arguments, result, self._seen(spec, arguments)))
        return result

    def _seen(self, spec: Spec, arguments: Sequence[Cell | Range]) -> list[tuple[dt.date, str]]:
        if spec.asof is None:
            return []
        given = arguments[spec.asof] if spec.asof < len(arguments) else None
        seen: dict[tuple[dt.date, str], None] = {}
        for cell in dict.fromkeys(_cells(given)):
            try:
                wanted = self.session.date_of(cell)
            except RotationError:
                continue  # the call has failed, and says so
            cuts = [(where, market) for asof, where, market in self.state.cuts if asof == wanted]
            for place, (where, market) in enumerate(cuts):
                if not where and place + 1 < len(cuts) and cuts[place + 1][0]:
                    continue  # the first try, before the symbols were known to trade elsewhere
                seen[market.asof, "+".join(sorted(one.code for one in where)) or market.exchange.code] = None
        return list(seen)[:_DATES]


def _cells(given: Cell | Range) -> Iterator[Cell]:
    if isinstance(given, list):
        for row in given:
            yield from row
    else:
        yield given
