"""Sources: what ``--source`` names, opened as something that gives a panel."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.market.dates import parse_date
from xlrotation.market.listing import chosen as chosen_listing
from xlrotation.market.panel import Panel
from xlrotation.outside import sentence

if TYPE_CHECKING:
    from xlrotation.market.providers.folder.listed import Marks
    from xlrotation.market.store.store import Store

_CHECK_SECONDS = 1.0
"""How often a store is asked whether somebody wrote to it."""

_READINGS = 5
"""How often a folder is read anew because its files changed meanwhile."""


class Source(Protocol):
    """Where a session gets its data."""

    @property
    def text(self) -> str:
        """What opens this source again."""

    def panel(self) -> Panel:
        """The data as they are now; the same object as long as nothing changed."""

    def reload(self) -> None:
        """Forget what was read."""


class Pinned:
    """One state of a source: what is written later is not seen.

    Args:
        text: What opens the source.
        panel: The state; None where the data could not be read.
        missing: Why they could not.
    """

    def __init__(self, text: str, panel: Panel | None, missing: RotationError | None = None) -> None:
        self.text = text
        self._panel = panel
        self._missing = missing

    @classmethod
    def of(cls, source: Source) -> Pinned:
        """The state that *source* has now; one that cannot be read now stays so."""
        try:
            return cls(source.text, source.panel())
        except RotationError as error:
            return cls(source.text, None, error)

    def panel(self) -> Panel:
        if self._panel is None:
            assert self._missing is not None
            raise self._missing.with_traceback(None)
        return self._panel

    def reload(self) -> None:
        """Nothing: the state stays."""


class SampleSource:
    """The embedded sample data."""

    text = "sample"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def panel(self) -> Panel:
        if self._panel is None:
            from xlrotation.market.providers import sample

            panel = sample.load()
            listing = chosen_listing(panel.listing)
            self._panel = panel if listing == panel.listing else replace(panel, listing=listing)
        return self._panel

    def reload(self) -> None:
        self._panel = None


class _Watched(ABC):
    """Data that may change, looked at now and then; threads may ask together."""

    def __init__(self) -> None:
        self._panel: Panel | None = None
        self._checked = -_CHECK_SECONDS
        self._lock = threading.Lock()

    def panel(self) -> Panel:
        """The data as they are now."""
        with self._lock:
            now = time.monotonic()
            if self._panel is None or now - self._checked >= _CHECK_SECONDS:
                self._checked = now
                self._panel = self._look(self._panel)
            return self._panel.settled

    @abstractmethod
    def _look(self, held: Panel | None) -> Panel:
        """The data anew, or *held* where nothing changed."""


class FolderSource(_Watched):
    """A folder of the user's own files; changed files are noticed.

    A folder that cannot be read any more does not replace what was read of it; the panel's remarks say so. Threads may
    ask together.
    """

    def __init__(self, path: str) -> None:
        from xlrotation.market.providers.folder.source import Reader

        super().__init__()
        self.text = f"folder:{path}"
        try:
            self._path = Path(path).expanduser()
        except RuntimeError as error:  # the home of an account that is not there
            raise NoData(f"{self.text}: {sentence(error)}") from None
        self._reader = Reader(self._path)
        self._read_last: Panel | None = None
        self._marks: Marks = {}
        self._missing: frozenset[str] = frozenset()

    def reload(self) -> None:
        from xlrotation.market.providers.folder.source import Reader

        with self._lock:
            self._panel, self._read_last, self._reader = None, None, Reader(self._path)

    def _look(self, held: Panel | None) -> Panel:
        marks: Marks = {}
        try:
            with contextlib.suppress(NoData):  # there, but not to be listed; reading it tells why
                marks = self._reader.marks()
            if held is not None:
                if marks == self._marks:
                    self._missing = frozenset()
                    return held
                missing = frozenset(self._marks) - frozenset(marks)
                if missing and missing != self._missing:
                    self._missing = missing  # a file that is being saved is away for a moment; look once more
                    return held
            panel, marks = self._read(marks)
        except (NoData, OSError) as error:  # a folder can go away while its files are listed
            reason = error.message if isinstance(error, NoData) else f"{self._path}: {error.strerror or error}"
            if held is None or self._read_last is None:
                raise NoData(reason) from None
            if isinstance(error, OSError):
                marks = {}  # that may pass without a file changing; look again
            told = f"cannot be read any more ({reason}); what was read before stays"
            known = held is not self._read_last and held.remarks[0] == told
            last = self._read_last.whole
            panel = held if known else replace(last, remarks=(told, *last.remarks))
        else:
            self._read_last = panel
        self._marks, self._missing = marks, frozenset()
        return panel

    def _read(self, marks: Marks) -> tuple[Panel, Marks]:
        """The files, all of one time; a remark says where they change too fast for that."""
        for _ in range(_READINGS):
            panel, before = self._reader.load(lazily=True), marks
            marks = self._reader.marks()
            if marks == before:
                return panel, marks
        remark = "files changed while they were read, so that some may be older than others"
        panel = panel.whole
        return replace(panel, remarks=(remark, *panel.remarks)), before


class StoreSource(_Watched):
    """A store that refreshes write to; a newer state is noticed. Threads may ask together.

    Args:
        name: The store.
        known_on: Give the data that were current when this day ended; None means those that are.
        state: Give this state, and none that comes later; empty means the current one.
    """

    def __init__(self, name: str, known_on: dt.date | None = None, state: str = "") -> None:
        from xlrotation.market.store.store import Store

        super().__init__()
        self._store = Store(name, known_on)
        self._state = state
        self.text = self._store.text
        self._read: Panel | None = None
        self._lists = (0, 0)
        self._told = ""

    def reload(self) -> None:
        with self._lock:
            self._panel = self._read = None

    def _look(self, held: Panel | None) -> Panel:
        if held is not None and (self._state or self._store.known_on is not None):
            return held  # that does not change
        try:
            return self._newest(self._read)
        except NoData as error:
            if held is None or self._read is None:
                raise
            # What was read stays good, whatever became of the files; a reader must know that it is no longer followed.
            if self._told != error.message or held is self._read:
                self._told = error.message
                told = f"{self.text} cannot be read any more ({error.message}); what was read before stays"
                held = replace(self._read, remarks=(told, *self._read.remarks))
            return held

    def _newest(self, read: Panel | None) -> Panel:
        from xlrotation.market import ownlists

        lists = ownlists.mark(self._store.folder)
        if not self._state:
            version = self._store.version()
            if version is None:
                raise NoData(f"the store {self._store.name} is empty; run: xlrotation refresh --source {self.text}")
            same = read is not None and read.state == version and lists == self._lists
            if read is not None and same and read.listing == self._store.listing():
                return read
        self._read = ownlists.onto(self._store.read(self._state or None, lazily=True), self._store.folder)
        self._lists = lists
        return self._read


def open_source(text: str | None = None, state: str = "") -> Source:
    """The source that *text* names; None means the environment variable ``XLROTATION_SOURCE``, then the sample.

    ``@2026-01-16`` after a store's name means its data as known on that day. Of a store, *state* is the one that is
    given for good; other sources keep no states, and a reader compares.

    Raises:
        BadArgument: It names none.
        NoData: It lies below a home folder that nobody knows.
    """
    wanted = chosen(text)
    if wanted == "sample":
        return SampleSource()
    if wanted.startswith("folder:") and wanted != "folder:":
        return FolderSource(wanted.removeprefix("folder:"))
    store = store_of(wanted)
    return StoreSource(store.name, store.known_on, state)


def chosen(text: str | None) -> str:
    """*text*, else the environment variable ``XLROTATION_SOURCE``, else ``sample``."""
    return (text or os.environ.get("XLROTATION_SOURCE") or "sample").strip()


def as_known_on(text: str | None, day: dt.date) -> str:
    """The source that *text* names with its data as known on *day*.

    Raises:
        BadArgument: It is no store, or says another day already.
    """
    wanted = chosen(text)
    if wanted == "sample" or wanted.startswith("folder:"):
        raise BadArgument(
            f"{wanted} keeps no old states; only a store (yahoo, store:NAME) knows what was known on {day}"
        )
    store = store_of(wanted)
    if store.known_on not in (None, day):
        raise BadArgument(f"{wanted} says a day already; leave out @{store.known_on} or --as-known-on {day}")
    return f"{wanted.partition('@')[0]}@{day}"


def store_of(text: str) -> Store:
    """The store that the source *text* names.

    Raises:
        BadArgument: It names none.
    """
    from xlrotation.market.store.store import Store

    source, at, day = text.strip().partition("@")
    kind, _, name = source.partition(":")
    if source != "yahoo" and (kind != "store" or not name):
        raise BadArgument(f"no source {text!r}; give sample, yahoo, store:NAME or folder:PATH")
    known_on = parse_date(day.strip()) if at else None
    if at and known_on is None:
        raise BadArgument(f"{text!r}: {day!r} is no date; write it as {source}@2026-01-16")
    return Store("yahoo" if source == "yahoo" else name, known_on)
