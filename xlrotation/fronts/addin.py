"""The command ``xlrotation addin``: set spreadsheet programs up, undo it, and name what stands in the way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from xlrotation.errors import RotationError
from xlrotation.fronts.excel import doctor
from xlrotation.fronts.excel import setup as excel_addin
from xlrotation.fronts.libreoffice import target as libreoffice
from xlrotation.market.calendar import find_exchange
from xlrotation.outside import reason

FINE, PROBLEMS = 0, 1

VARIABLES = {"source": "XLROTATION_SOURCE", "exchange": "XLROTATION_EXCHANGE", "lang": "XLROTATION_LANG"}
"""Options of ``addin install``, and the variables of the environment that say the same."""


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


def _settings(options: argparse.Namespace) -> dict[str, str]:
    given = {VARIABLES[name]: getattr(options, name, None) for name in VARIABLES}
    if given["XLROTATION_EXCHANGE"]:
        given["XLROTATION_EXCHANGE"] = find_exchange(given["XLROTATION_EXCHANGE"]).code
    return {name: text for name, text in given.items() if text}


def run(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    return _examine(options) if options.action == "doctor" else _act(options)


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
