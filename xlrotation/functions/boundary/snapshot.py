"""One state of the data, with all that was computed from it.

A session takes the snapshot of a call at its beginning and hands it on: whatever is written to the source meanwhile,
and in whichever thread, the call sees one state. What is remembered belongs to the snapshot, so that it cannot outlive
the data that it was computed from.
"""

from __future__ import annotations

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.answers import Answers
from xlrotation.functions.boundary.cells import Cell
from xlrotation.market.calendar import Exchange
from xlrotation.market.cutting import cut
from xlrotation.market.dates import read_date
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel

_KEPT_DATES = 4096


class Snapshot:
    """A panel, its cuts, and the answers that it gave.

    Threads may use it together: what two of them compute at the same time is the same, and either is kept.

    Args:
        panel: The state of the data.
        singly: Whether the calls of a range are made one by one, so that each reads no more than it needs.
    """

    __slots__ = ("_by_date", "_by_session", "answers", "panel", "singly")

    def __init__(self, panel: Panel, singly: bool = False) -> None:
        self.panel, self.singly = panel, singly
        self.answers = Answers()
        self._by_date: dict[tuple[Cell, frozenset[Exchange]], Market] = {}
        self._by_session: dict[tuple[int, frozenset[Exchange]], Market] = {}

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
