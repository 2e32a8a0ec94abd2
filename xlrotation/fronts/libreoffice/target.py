"""Installing the add-in into LibreOffice, and taking it out again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import xlrotation
from xlrotation import guard
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


def install(python: str | None = None, source: str | None = None) -> list[str]:
    """Build the extension and add it; LibreOffice must be closed.

    Args:
        python: The interpreter that computes; None means the one that runs now.
        source: The data, as ``--source`` names them; None leaves it to the environment.

    Returns:
        What was done, in sentences.

    Raises:
        RotationError: LibreOffice is missing or refuses.
    """
    environment = {"PYTHONPATH": _package_folder()} | ({"XLROTATION_SOURCE": source} if source else {})
    with guard.scratch("xlrotation-addin-") as folder:
        path = folder / "xlrotation.oxt"
        if python is None:
            build(path, environment=environment)
        else:
            build(path, python, environment)
        _run("add", "-f", *_shared(), str(path))
    return [
        f"the add-in of version {xlrotation.__version__} is in LibreOffice{' for all users' if _shared() else ''}",
        "start LibreOffice anew and type =XLR_VERSION() in a cell; workbooks with our functions compute on opening",
    ]


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
