"""Scopes: what a call sees of the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.failures import Failures
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Source


class Evaluator(Protocol):
    """What makes calls, as scopes and what works on them need it; a session is one."""

    @property
    def source(self) -> Source:
        """Where the data come from."""

    @property
    def lang(self) -> str:
        """Language of words where a call does not say."""

    @property
    def asof(self) -> Cell:
        """As-of date where a call leaves it blank."""

    @property
    def failures(self) -> Failures:
        """The calls that failed before."""

    @property
    def remarks(self) -> dict[str, str]:
        """What calls told before, each once, by how it was told in the language of the session."""

    def market(self, asof: Cell = None) -> Market:
        """The market as known at *asof*."""

    def call(self, name: str, *arguments: Any) -> Cell | Range:
        """Evaluate a worksheet function as a cell would."""

    def value(self, spec: Any, cells: Sequence[object]) -> object:
        """The result of a function itself, for arguments that are read as they are."""

    def many(self, spec: Any, arguments: Sequence[object], size: int) -> Any:
        """The answers to many calls that can be made together, and which of them hold."""

    def check_shown(self, day: dt.date) -> None:
        """Refuse a date after the as-of date."""

    @property
    def names(self) -> Collection[str]:
        """The names of the functions."""

    def __call__(self, name: str, arguments: Sequence[Any]) -> Cell | Range:
        """Make a call."""

    def on(self, snapshot: Snapshot | None, missing: RotationError | None = None) -> Evaluator:
        """The same on one state of the data."""

    def at(self, asof: Cell) -> Evaluator:
        """The same as of another date."""


class Scope:
    """What one evaluation sees: one state of the data, and its market cut at the as-of date.

    Where the data cannot be read there is no market, only the reason; functions that do not look at it work all the
    same, so that ``XLR_ERRORS`` can tell the reason.
    """

    __slots__ = ("_market", "_missing", "_session", "_snapshot", "_tell")

    def __init__(
        self,
        session: Evaluator,
        snapshot: Snapshot | None,
        market: Market | None,
        missing: RotationError | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._session = session
        self._snapshot = snapshot
        self._market = market
        self._missing = missing
        self._tell = tell

    def tell(self, remark: str) -> None:
        """Tell the reader what the answer rests on that the formula does not say, such as a stand-in for missing data.

        Each remark is kept once, for ``XLR_ERRORS()``, the command line and the report of a job.
        """
        if self._tell is not None:
            self._tell(remark)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What calls told before, oldest first."""
        return tuple(self._session.remarks.values())

    @property
    def market(self) -> Market:
        """The market as known at the as-of date.

        Raises:
            RotationError: The data cannot be read.
        """
        if self._market is None:
            assert self._missing is not None
            raise self._missing.with_traceback(None)
        return self._market

    def check_known(self, day: dt.date) -> None:
        """Refuse a date of which nothing is known yet.

        Raises:
            NoData: *day* lies after the session's as-of date, or a session after the end of the data.
        """
        self._session.check_shown(day)
        if day > self.panel.last:
            self._held().market(day)

    @property
    def panel(self) -> Panel:
        """The state of the data, not cut.

        Raises:
            RotationError: The data cannot be read.
        """
        return self._held().panel

    @property
    def lang(self) -> str:
        """Language of words where a call does not say."""
        return self._session.lang

    @property
    def failures(self) -> Failures:
        """The calls that failed before."""
        return self._session.failures

    def session(self) -> Evaluator:
        """A session on the same state of the data, for functions that call others."""
        return self._session.on(self._snapshot, self._missing)

    def _held(self) -> Snapshot:
        if self._snapshot is None:
            assert self._missing is not None
            raise self._missing.with_traceback(None)
        return self._snapshot
