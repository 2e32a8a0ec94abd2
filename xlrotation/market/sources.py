"""Sources: what ``--source`` names, opened as something that gives a panel."""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from xlrotation.errors import BadArgument, NoData
from xlrotation.market.dates import parse_date
from xlrotation.market.panel import Panel

if TYPE_CHECKING:
    from xlrotation.market.store import Store

_CHECK_SECONDS = 1.0
"""How often a store is asked whether somebody wrote to it."""


class Source(Protocol):
    """Where a session gets its data."""

    @property
    def text(self) -> str:
        """What opens this source again."""

    def panel(self) -> Panel:
        """The data as they are now; the same object as long as nothing changed."""

    def reload(self) -> None:
        """Forget what was read."""


class SampleSource:
    """The embedded sample data."""

    text = "sample"

    def __init__(self) -> None:
        self._panel: Panel | None = None

    def panel(self) -> Panel:
        if self._panel is None:
            from xlrotation.market.providers import sample

            self._panel = sample.load()
        return self._panel

    def reload(self) -> None:
        self._panel = None


class FolderSource:
    """A folder of the user's own files; changed files are noticed.

    A folder that cannot be read any more does not replace what was read of it; the panel's remarks say so.
    """

    def __init__(self, path: str) -> None:
        from xlrotation.market.providers.folder import Marks, Reader

        self.text = f"folder:{path}"
        self._path = Path(path).expanduser()
        self._reader = Reader(self._path)
        self._panel: Panel | None = None
        self._marks: Marks = {}
        self._missing: frozenset[str] = frozenset()
        self._checked = -_CHECK_SECONDS

    def panel(self) -> Panel:
        now = time.monotonic()
        if self._panel is None or now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            self._look()
        assert self._panel is not None
        return self._panel

    def reload(self) -> None:
        from xlrotation.market.providers.folder import Reader

        self._panel, self._reader = None, Reader(self._path)

    def _look(self) -> None:
        try:
            marks = self._reader.marks()
        except NoData:  # there, but not to be listed: told below, or by what is read first
            marks = {}
        if self._panel is None:
            self._panel = self._reader.load()
        elif marks != self._marks:
            missing = frozenset(self._marks) - frozenset(marks)
            if missing and missing != self._missing:
                self._missing = missing  # a file that is being saved is away for a moment; look once more
                return
            try:
                self._panel = self._reader.load()
            except NoData as error:
                told = f"cannot be read any more ({error.message}); what was read before stays"
                self._panel = replace(self._panel, remarks=(told, *self._panel.remarks))
        self._marks, self._missing = marks, frozenset()


class StoreSource:
    """A store that refreshes write to; a newer state is noticed.

    Args:
        name: The store.
        known_on: Give the data that were current when this day ended; None means those that are.
    """

    def __init__(self, name: str, known_on: dt.date | None = None) -> None:
        from xlrotation.market.store import Store

        self._store = Store(name, known_on)
        self.text = self._store.text
        self._panel: Panel | None = None
        self._version: str | None = None
        self._checked = -_CHECK_SECONDS

    def panel(self) -> Panel:
        now = time.monotonic()
        if self._panel is None or now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            try:
                self._look()
            except NoData:
                if self._panel is None:
                    raise  # else what was read stays good, whatever became of the files
        assert self._panel is not None
        return self._panel

    def reload(self) -> None:
        self._panel, self._version = None, None

    def _look(self) -> None:
        if self._panel is not None and self._store.known_on is not None:
            return  # what was known then does not change
        version = self._store.version()
        if version is None:
            raise NoData(f"the store {self._store.name} is empty; run: xlrotation refresh --source {self.text}")
        if version != self._version:
            self._panel, self._version = self._store.read(), version


def open_source(text: str | None = None) -> Source:
    """The source that *text* names; None means the environment variable ``XLROTATION_SOURCE``, then the sample.

    ``@2026-01-16`` after a store's name means its data as known on that day.

    Raises:
        BadArgument: It names none.
    """
    wanted = chosen(text)
    if wanted == "sample":
        return SampleSource()
    if wanted.startswith("folder:") and wanted != "folder:":
        return FolderSource(wanted.removeprefix("folder:"))
    store = store_of(wanted)
    return StoreSource(store.name, store.known_on)


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
    from xlrotation.market.store import Store

    source, at, day = text.strip().partition("@")
    kind, _, name = source.partition(":")
    if source != "yahoo" and (kind != "store" or not name):
        raise BadArgument(f"no source {text!r}; give sample, yahoo, store:NAME or folder:PATH")
    known_on = parse_date(day.strip()) if at else None
    if at and known_on is None:
        raise BadArgument(f"{text!r}: {day!r} is no date; write it as {source}@2026-01-16")
    return Store("yahoo" if source == "yahoo" else name, known_on)
