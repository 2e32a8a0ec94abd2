"""The process that computes for the assistants: one at a time, within bounds of time and memory.

A formula may ask for more than any machine has. Where it does, the process ends and the next call has a new one; the
server itself goes on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from xlrotation import guard
from xlrotation.errors import RotationError
from xlrotation.outside import reason

log = logging.getLogger("xlrotation")

SECONDS = 30.0
"""Time of a call."""

OPENING = 300.0
"""Time in which the data must be read."""

WAITING = 16
"""Calls that may wait for their turn."""

MEMORY = 4 << 30
"""Bytes that calls may take beyond what the data take, on Linux."""

_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Opened:
    """What the process is to compute on: given to it once, and by no call."""

    source: str | None
    lang: str | None
    asof: dt.date | None
    exchange: str | None
    memory: int = MEMORY


class Refused(Exception):  # noqa: N818
    """A call without an answer, and why."""


class Worker:
    """The process, started when first needed and anew after it had to be ended. Threads may ask together.

    Args:
        opened: What it computes on.
        seconds: Time of a call.
    """

    def __init__(self, opened: Opened, seconds: float = SECONDS) -> None:
        self._opened = opened
        self._seconds = seconds
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)
        self._process: Any = None
        self._connection: Connection | None = None
        self._closed = False

    def ask(self, tool: str, given: Mapping[str, Any], given_up: threading.Event) -> dict[str, Any]:
        """The answer of a tool.

        Args:
            tool: Its name.
            given: Its arguments, checked.
            given_up: Set when nobody waits for the answer any more.

        Raises:
            Refused: It cannot be answered, or not in time.
        """
        if not self._places.acquire(blocking=False):
            raise Refused("too many calls are waiting; ask again")
        try:
            self._wait_for_turn(given_up)
            try:
                return self._asked(tool, given, given_up)
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def _wait_for_turn(self, given_up: threading.Event) -> None:
        end = time.monotonic() + OPENING + self._seconds
        while not self._turn.acquire(timeout=_STEP):
            if self._closed or given_up.is_set() or time.monotonic() > end:
                raise Refused("other calls took too long; ask again")

    def _asked(self, tool: str, given: Mapping[str, Any], given_up: threading.Event) -> dict[str, Any]:
        connection = self._ready(given_up)
        with contextlib.suppress(OSError):  # it has died; the answer says so
            connection.send((tool, dict(given)))
        late = f"the call took more than {self._seconds:g} seconds and was ended; ask for less"
        fine, answer = self._heard(connection, self._seconds, late, given_up)
        if not fine:
            raise Refused(answer)
        return answer  # type: ignore[no-any-return]

    def _ready(self, given_up: threading.Event) -> Connection:
        """The connection to a process that has read the data, or cannot."""
        if self._closed:
            raise Refused("the server ends")
        if self._connection is not None and self._process.is_alive():
            return self._connection
        self._end()
        spawned = multiprocessing.get_context("spawn")  # no lock or thread of the server is inherited
        self._connection, theirs = spawned.Pipe()
        self._process = spawned.Process(target=_serve, args=(theirs, self._opened), daemon=True)
        self._process.start()
        theirs.close()
        late = f"the data could not be read in {OPENING:g} seconds"
        self._heard(self._connection, OPENING, late, given_up)
        return self._connection

    def _heard(self, connection: Connection, seconds: float, late: str, given_up: threading.Event) -> Any:
        """What the process says.

        Raises:
            Refused: It says nothing in time, or has died; it is ended then.
        """
        end = time.monotonic() + seconds
        try:
            while not connection.poll(_STEP):
                if self._closed or given_up.is_set():
                    self._end()
                    raise Refused("the call was given up")
                if time.monotonic() > end:
                    self._end()
                    raise Refused(late)
            return connection.recv()
        except (EOFError, OSError):
            self._end()
            raise Refused("the call ended its process: it may need more memory than there is; ask for less") from None

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join(5)
        self._connection = self._process = None

    def close(self) -> None:
        """End the process, whatever it does; nothing is answered any more."""
        self._closed = True
        with self._turn:
            self._end()


def _serve(connection: Connection, opened: Opened) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    guard.die_with_parent(by_system=False)  # it is started by a thread that does not last
    from xlrotation.market.listing import home_of_process

    with (
        home_of_process(opened.exchange) if opened.exchange else contextlib.nullcontext(),
        contextlib.suppress(EOFError, OSError),
    ):
        _answer(connection, opened)


def _answer(connection: Connection, opened: Opened) -> None:
    from xlrotation.fronts.assistant.tools import Tools
    from xlrotation.functions.boundary.session import Session

    tools: Tools | None = None
    unusable = ""
    try:
        tools = Tools(Session(opened.source, opened.lang, opened.asof, remember=False))
        tools.warm()
    except Exception as error:  # each call tells it; data that come later are found then
        unusable = reason(error)
    _bound_memory(opened.memory)
    connection.send((True, {}))
    while True:
        tool, given = connection.recv()
        try:
            if tools is None:
                raise RotationError(unusable)
            answer: tuple[bool, Any] = True, tools.call(tool, given)
        except RotationError as error:
            answer = False, str(error)[:2000]
        except Exception as error:
            if _lacks_memory(error):
                answer = False, "the call needs more memory than there is; ask for less"
            else:
                log.error("%s failed", tool, exc_info=error)
                answer = False, f"internal error ({type(error).__name__}); please report it with this call"
        connection.send(answer)


def _lacks_memory(error: Exception) -> bool:
    """Whether memory was short: for values, or for a library that is loaded when it is first needed."""
    return isinstance(error, MemoryError) or (isinstance(error, ImportError) and "failed to map segment" in str(error))


def _bound_memory(most: int) -> None:
    """Keep what calls take to *most* bytes, where the system can."""
    if sys.platform != "linux":
        return
    import resource
    from pathlib import Path

    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        wanted = pages * resource.getpagesize() + most
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or hard > wanted:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
