"""Plug-ins: packages that bring functions, providers and universes of their own, by entry points.

A package names a module of its in the group ``xlrotation.functions``::

    [project.entry-points."xlrotation.functions"]
    desk = "desk_functions"

The module is imported once, when the functions are first asked for, after ours. What it declares is kept whole or not
at all: where it fails, what it has declared so far is taken back, its reason is told, and the others go on.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlrotation.errors import RotationError
from xlrotation.outside import printable, sentence

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "xlrotation.functions"

SWITCH = "XLROTATION_PLUGINS"
"""The environment variable that turns them ``off``."""


class Plugins:
    """What plug-ins brought, and why some did not."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held: list[dict[Any, Any]] = []
        self._before: list[tuple[dict[Any, Any], dict[Any, Any]]] | None = None
        self._loaded = False
        self.faults: dict[str, str] = {}
        """Plug-ins that were left out, with the reasons."""

    def hold(self, register: dict[Any, Any]) -> None:
        """Let what a plug-in puts into *register* be taken back where it fails."""
        with self._lock:
            self._held.append(register)
            if self._before is not None:
                self._before.append((register, dict(register)))

    def load(self) -> None:
        """Import the plug-ins, once."""
        with self._lock:
            if self._loaded:
                return
            self._loaded = True
            if os.environ.get(SWITCH, "").strip().lower() == "off":
                return
            for entry in _entries():
                self._load(entry)

    def _load(self, entry: EntryPoint) -> None:
        self._before = [(register, dict(register)) for register in self._held]
        try:
            found = entry.load()
            if callable(found):
                found()
        except (Exception, SystemExit) as error:
            for register, before in self._before:
                register.clear()
                register.update(before)
            self.faults[entry.name] = self._reason(entry, error)
            from logging import getLogger

            log = getLogger("xlrotation")
            log.warning("%s", self.faults[entry.name])
            log.debug("%s", entry.name, exc_info=error)
        finally:
            self._before = None

    def identity(self) -> dict[str, str]:
        """Says which code plug-ins brought: their distributions, and what is in the files of their modules."""
        if os.environ.get(SWITCH, "").strip().lower() == "off":
            return {}
        return {entry.name: _code_of(entry) for entry in _entries()}

    @staticmethod
    def _reason(entry: EntryPoint, error: BaseException) -> str:
        if isinstance(error, RotationError):
            why = error.message
        elif isinstance(error, TypeError):  # a declaration that is incomplete, or clashes
            why = str(error)
        else:
            why = sentence(error) or f"{type(error).__name__}: {error}"
        return printable(f"the plug-in {entry.name} ({entry.value}) is left out: {why}")[:500]


def _entries() -> list[EntryPoint]:
    """The entry points of the group, in the same order on every machine."""
    if "importlib.metadata" not in sys.modules and not _may_have_some():
        return []
    from importlib import metadata

    return sorted(metadata.entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))


def _may_have_some() -> bool:
    """Whether a package may name the group: a look at the files; the module that reads them takes long to load."""
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    for place in sys.path:
        folder = Path(place or ".")
        try:
            if folder.is_file() or folder.suffix == ".egg":
                return True
            packages = [path for path in folder.iterdir() if path.suffix in (".dist-info", ".egg-info", ".egg")]
        except OSError:
            continue
        for package in packages:
            if package.suffix == ".egg":
                return True
            try:
                if GROUP.encode() in (package / "entry_points.txt").read_bytes():
                    return True
            except OSError:
                continue
    return False


def _code_of(entry: EntryPoint) -> str:
    import hashlib

    version = entry.dist.version if entry.dist is not None else ""
    try:
        found = importlib.util.find_spec(entry.module)
        content = b"" if found is None or found.origin is None else Path(found.origin).read_bytes()
    except (ImportError, OSError, ValueError, AttributeError):
        content = b""
    return f"{entry.value} {version} {hashlib.sha256(content).hexdigest()}"


PLUGINS = Plugins()
"""Those of this process."""
