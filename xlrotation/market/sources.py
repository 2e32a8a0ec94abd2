"""Sources: what ``--source`` names, opened as something that gives a panel."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Protocol

from xlrotation.errors import BadArgument, NoData
from xlrotation.market.panel import Panel

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
    """A folder of the user's own files."""

    def __init__(self, path: str) -> None:
        self.text = f"folder:{path}"
        self._path = Path(path).expanduser()
        self._panel: Panel | None = None

    def panel(self) -> Panel:
        if self._panel is None:
            from xlrotation.market.providers import folder

            self._panel = folder.load(self._path)
        return self._panel

    def reload(self) -> None:
        self._panel = None


class StoreSource:
    """A store that refreshes write to; a newer snapshot is noticed."""

    def __init__(self, name: str) -> None:
        self.text = "yahoo" if name == "yahoo" else f"store:{name}"
        from xlrotation.market.store import Store

        self._store = Store(name)
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
        version = self._store.state()
        if version is None:
            raise NoData(f"the store {self._store.name} is empty; run: xlrotation refresh --source {self.text}")
        if version != self._version:
            self._panel, self._version = self._store.read(), version


def open_source(text: str | None = None) -> Source:
    """The source that *text* names; None means the environment variable ``XLROTATION_SOURCE``, then the sample.

    Raises:
        BadArgument: It names none.
    """
    wanted = (text or os.environ.get("XLROTATION_SOURCE") or "sample").strip()
    kind, _, rest = wanted.partition(":")
    if wanted == "sample":
        return SampleSource()
    if wanted == "yahoo":
        return StoreSource("yahoo")
    if kind == "store" and rest:
        return StoreSource(rest)
    if kind == "folder" and rest:
        return FolderSource(rest)
    raise BadArgument(f"no source {wanted!r}; give sample, yahoo, store:NAME or folder:PATH")
