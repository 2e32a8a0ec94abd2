"""The command ``xlrotation addin``: the functions where people type them."""

from __future__ import annotations

import argparse
import sys
from types import ModuleType

from xlrotation.errors import RotationError
from xlrotation.fronts.libreoffice import target as libreoffice

TARGETS: tuple[ModuleType, ...] = (libreoffice,)
"""Spreadsheet programs; each module has NAME, found(), install() and remove()."""

HELP = "put the functions into the spreadsheet programs that are here, or take them out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("action", choices=("install", "remove"))
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    here = [target for target in TARGETS if target.found()]
    if not here:
        raise RotationError(f"no {' or '.join(target.NAME for target in TARGETS)} is installed here")
    failed = False
    for target in here:
        try:
            for sentence in getattr(target, options.action)():
                print(f"{target.NAME}: {sentence}")
        except RotationError as error:
            print(f"{target.NAME}: {error.message}", file=sys.stderr)
            failed = True
    return 1 if failed else 0
