"""Which calls of a spreadsheet program belong together.

A program that recalculates calls one cell after another and never says where a recalculation begins or ends; some ask
from several threads. The rule: calls belong together as long as one is running or the last has ended less than
:data:`QUIET` ago, but not longer than :data:`LONGEST`. All of them see one state of the data. Refresh ends it at once.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from xlrotation.errors import RotationError
from xlrotation.functions.boundary.session import Session

QUIET = 1.0
"""Seconds without a call after which the next one begins a new recalculation."""

LONGEST = 300.0
"""Seconds after which a recalculation counts as over, so that cells which never rest get new data at last."""


class Recalculation:
    """Holds the data of a session still while calls that belong together come in.

    Args:
        session: Follows its source.
        clock: Seconds that never go back.
    """

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self.session = session
        self._clock = clock
        self._pinned: Session | None = None
        self._began = self._ended = 0.0
        self._running = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def call(self) -> Iterator[Session]:
        """The session that a call is to use, until it has ended."""
        with self._lock:
            now = self._clock()
            resting = self._running == 0 and now - self._ended >= QUIET
            if self._pinned is None or resting or now - self._began >= LONGEST:
                self._pinned, self._began = self.session.pinned(), now
            session = self._pinned
            self._running += 1
            if not _readable(session):
                self._pinned = None  # the next call tries again
        try:
            yield session
        finally:
            with self._lock:
                self._running -= 1
                self._ended = self._clock()

    def end(self) -> None:
        """The next call begins a new one."""
        with self._lock:
            self._pinned = None


def _readable(session: Session) -> bool:
    try:
        return session.panel is not None
    except RotationError:
        return False
