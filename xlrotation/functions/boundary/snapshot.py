"""One state of the data, with all that was computed from it.

A session takes the snapshot of a call at its beginning and hands it on: whatever is written to the source meanwhile,
and in whichever thread, the call sees one state. What is remembered belongs to the snapshot, so that it cannot outlive
the data that it was computed from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.answers import Answers
from xlrotation.functions.boundary.cells import Cell
from xlrotation.market.calendar import Exchange
from xlrotation.market.cutting import cut
from xlrotation.market.dates import read_date
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel

_KEPT_DATES, _KEPT_COLUMNS, _FEW = 4096, 64, 8


class Asked(Protocol):
    """Who is asked for as-of dates; a session is one."""

    @property
    def asof(self) -> Cell:
        """As-of date where a call leaves it blank."""

    def date_of(self, asof: Cell) -> Cell:
        """What *asof* means, or that date where it is blank."""


class Snapshot:
    """A panel, its cuts, and the answers that it gave.

    Threads may use it together: what two of them compute at the same time is the same, and either is kept.

    Args:
        panel: The state of the data.
        singly: Whether the calls of a range are made one by one, so that each reads no more than it needs.
    """

    __slots__ = ("_by_column", "_by_date", "_by_session", "answers", "panel", "singly")

    def __init__(self, panel: Panel, singly: bool = False) -> None:
        self.panel, self.singly = panel, singly
        self.answers = Answers()
        self._by_date: dict[tuple[Cell, frozenset[Exchange]], Market] = {}
        self._by_session: dict[tuple[int, frozenset[Exchange]], Market] = {}
        self._by_column: dict[tuple[Cell, tuple[Cell, ...]], list[Market | None]] = {}

    def market(self, asof: Cell, exchanges: frozenset[Exchange] = frozenset()) -> Market:
        """The market as known at *asof*.

        Args:
            asof: The as-of date; None means the newest session.
            exchanges: Whose sessions count, those that all of them have; none means the home exchange's.

        Raises:
            BadArgument: *asof* is no date.
            NoData: The data do not cover it.
        """
        try:
            return self._by_date[asof, exchanges]
        except (KeyError, TypeError):
            pass
        made = cut(self.panel, None if asof is None else read_date(asof), exchanges)
        market = self._by_session.setdefault((made.end, exchanges), made)  # one set of cached series per session
        if len(self._by_date) < _KEPT_DATES:
            self._by_date[asof, exchanges] = market
        return market

    def markets(self, asked: Asked, asofs: tuple[Cell, ...]) -> Sequence[Market | None]:
        """The markets of the home exchange at the as-of dates of a column, None where there is none.

        One formula after another asks for the same column, so they are kept.

        Args:
            asked: Who asks, and says what a date is to it.
            asofs: The dates, neither TRUE nor FALSE among them.
        """
        key = asked.asof, asofs
        found = self._by_column.get(key)
        if found is None:
            found = [self._market_or_none(asked, asof) for asof in asofs]
            if _FEW < len(asofs) <= _KEPT_DATES and len(self._by_column) < _KEPT_COLUMNS:
                self._by_column[key] = found
        return found

    def _market_or_none(self, asked: Asked, asof: Cell) -> Market | None:
        try:
            return self.market(asked.date_of(asof))
        except RotationError:
            return None


class Begun:
    """A call on its way: the state of the data that all of it sees, and whether its answer is to be remembered."""

    __slots__ = ("missing", "passing", "snapshot")

    def __init__(self, snapshot: Snapshot | None, missing: RotationError | None) -> None:
        self.snapshot = snapshot
        self.missing = missing
        self.passing = False  # a failure or a remark, which is recorded each time that it happens

    @property
    def singly(self) -> bool:
        """Whether the calls of a range are made one by one."""
        return self.snapshot is not None and self.snapshot.singly
