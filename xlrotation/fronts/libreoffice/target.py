"""Installing the add-in into LibreOffice, and taking it out again."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import xlrotation
from xlrotation import guard
from xlrotation.addresses import is_address, without_keys
from xlrotation.errors import RotationError
from xlrotation.fronts.libreoffice.extension import IDENTIFIER, build

TITLE = "LibreOffice"

_SECONDS = 180
_PLACES = (
    *("/usr/bin/unopkg", "/usr/lib/libreoffice/program/unopkg", "/opt/libreoffice/program/unopkg"),
    *("/Applications/LibreOffice.app/Contents/MacOS/unopkg", r"C:\Program Files\LibreOffice\program\unopkg.com"),
)


def found() -> bool:
    """Whether LibreOffice is installed here."""
    return _program() is not None


KEPT = ("XLROTATION_SOURCE", "XLROTATION_EXCHANGE", "XLROTATION_LANG", "XLROTATION_HOME")
"""What of the environment at the installation counts where LibreOffice's own does not say otherwise: one that is
started from a menu sees nothing of what a shell exports."""


def install(settings: Mapping[str, str] | None = None, python: str | None = None) -> list[str]:
    """Build the extension and add it; LibreOffice must be closed.

    Args:
        settings: Variables of the environment that count whatever LibreOffice's own says.
        python: The interpreter that computes; None means the one that runs now.

    Returns:
        What was done, in sentences.

    Raises:
        RotationError: LibreOffice is missing or refuses.
    """
    given = dict(settings or {})
    kept = {name: _lasting(name, text) for name in KEPT if name not in given and (text := os.environ.get(name))}
    environment = {"PYTHONPATH": _package_folder()} | {name: _lasting(name, text) for name, text in given.items()}
    with guard.scratch("xlrotation-addin-") as folder:
        path = folder / "xlrotation.oxt"
        build(path, python or sys.executable, environment, kept)
        _run("add", "-f", *_shared(), str(path))
    return [
        f"the add-in of version {xlrotation.__version__} is in LibreOffice{' for all users' if _shared() else ''}",
        *(f"its cells are computed with {name}={without_keys(text)}" for name, text in {**given, **kept}.items()),
        "start LibreOffice anew and type =XLR_VERSION() in a cell; workbooks with our functions compute on opening",
    ]


def _lasting(name: str, text: str) -> str:
    """A setting as it means the same in whatever folder LibreOffice works: a folder by its full path."""
    if name == "XLROTATION_HOME":
        return str(Path(text).expanduser().absolute())
    kind, colon, place = text.partition(":")
    if name == "XLROTATION_SOURCE" and kind == "folder" and colon and not is_address(place):
        return f"folder:{Path(place).expanduser().absolute()}"
    return text


def remove() -> list[str]:
    """Take the add-in out; LibreOffice must be closed.

    Raises:
        RotationError: LibreOffice is missing, or the add-in is not in it.
    """
    _run("remove", *_shared(), IDENTIFIER)
    return ["the add-in is no longer in LibreOffice"]


def _program() -> str | None:
    beside = [str(Path(office).resolve().parent / "unopkg") for office in filter(None, [shutil.which("soffice")])]
    for place in (shutil.which("unopkg"), *beside, *_PLACES):
        if place and Path(place).exists():
            return place
    return None


def _shared() -> tuple[str, ...]:
    """LibreOffice lets the system's administrator install for all users only."""
    return ("--shared",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _package_folder() -> str:
    """Where this package lies: the interpreter needs to be told where it is not installed in it."""
    return str(Path(xlrotation.__file__).resolve().parents[1])


def _run(*arguments: str) -> None:
    program = _program()
    if program is None:
        raise RotationError("LibreOffice is not installed; install it (Debian: libreoffice-calc, python3-uno)")
    try:
        with guard.scratch("xlrotation-unopkg-") as folder:
            done = guard.run([program, *arguments], _SECONDS, guard.working_below(folder))
    except TimeoutError:
        raise RotationError("LibreOffice does not answer; close all its windows and try again") from None
    if done.status != 0:
        said = done.said.splitlines()
        raise RotationError(f"LibreOffice refused ({said[-1] if said else 'no reason given'}); close all its windows")
