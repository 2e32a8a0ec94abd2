"""The command ``xlrotation addin``: set spreadsheet programs up, undo it, and name what stands in the way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from xlrotation.errors import RotationError
from xlrotation.fronts.excel import doctor
from xlrotation.fronts.excel import setup as excel_addin
from xlrotation.fronts.libreoffice import target as libreoffice
from xlrotation.languages import known
from xlrotation.market.calendar import find_exchange
from xlrotation.outside import reason
from xlrotation.terminal import language

FINE, PROBLEMS = 0, 1

VARIABLES = {"source": "XLROTATION_SOURCE", "exchange": "XLROTATION_EXCHANGE", "lang": "XLROTATION_LANG"}
"""Options of ``addin install``, and the variables of the environment that say the same."""

HELP = "set up a spreadsheet program, undo that, or find out what stands in the way"


class Target(Protocol):
    """A module that knows one spreadsheet program."""

    TITLE: str

    def found(self) -> bool:
        """Whether the program is installed here."""

    def install(self, settings: Mapping[str, str]) -> list[str]:
        """Set it up with settings, by the names of the environment's; what was done and what is left to do."""

    def remove(self) -> list[str]:
        """Undo that; what was done and what is left to do."""


TARGETS: Sequence[Target] = (excel_addin, libreoffice)
"""The programs, in the order in which they are set up."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, text in (
        ("install", "set up what is found here, or say what to click"),
        ("remove", "undo that"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(command=_act, action=name)
        if name == "install":
            _add_settings(action)
    text = "name the usual troubles of Excel and how to mend each"
    examine = actions.add_parser("doctor", help=text, description=text)
    examine.add_argument("workbook", nargs="?", type=Path, help="a workbook that does not work")
    examine.set_defaults(command=_examine)


def _add_settings(install: argparse.ArgumentParser) -> None:
    """What the program's cells are to be computed with, whatever its environment says."""
    install.add_argument("--source", metavar="S", help="sample, yahoo, store:NAME or folder:PATH")
    install.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR")
    install.add_argument("--lang", type=language, metavar="L", help=f"language of words: {', '.join(known())}")


def _settings(options: argparse.Namespace) -> dict[str, str]:
    given = {VARIABLES[name]: getattr(options, name, None) for name in VARIABLES}
    if given["XLROTATION_EXCHANGE"]:
        given["XLROTATION_EXCHANGE"] = find_exchange(given["XLROTATION_EXCHANGE"]).code
    return {name: text for name, text in given.items() if text}


def _act(options: argparse.Namespace) -> int:
    here = [target for target in TARGETS if target.found()]
    failed = not here
    for target in here or TARGETS:
        print(target.TITLE)
        try:
            for line in target.install(_settings(options)) if options.action == "install" else target.remove():
                print(f"  {line}")
        except BrokenPipeError:
            raise
        except (RotationError, OSError) as error:
            print(f"  {reason(error)}", file=sys.stderr)
            failed = True
    return PROBLEMS if failed else FINE


def _examine(options: argparse.Namespace) -> int:
    findings = doctor.examine(options.workbook)
    for finding in findings:
        print(f"{finding.level}: {finding.what}")
        if finding.mend:
            print(f"  {finding.mend}")
    troubles = sum(finding.level == "trouble" for finding in findings)
    print(f"{troubles} troubles" if troubles else "no trouble found")
    return PROBLEMS if troubles else FINE
