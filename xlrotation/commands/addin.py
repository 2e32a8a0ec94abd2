"""The command ``addin``: spreadsheet programs set up, and what stands in the way."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlrotation.commands.arguments import Parser, add_language


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    for name, text in (
        ("install", "set up what is found here, or say what to click"),
        ("remove", "undo that"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(action=name)
        if name == "install":
            _add_settings(action)
    text = "name the usual troubles of Excel and how to mend each"
    examine = actions.add_parser("doctor", help=text, description=text)
    examine.add_argument("workbook", nargs="?", type=Path, help="a workbook that does not work")
    examine.set_defaults(action="doctor")


def _add_settings(install: argparse.ArgumentParser) -> None:
    """What the program's cells are to be computed with, whatever its environment says."""
    install.add_argument("--source", metavar="S", help="sample, yahoo, store:NAME or folder:PATH")
    install.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR")
    add_language(install)


def run(options: argparse.Namespace) -> int:
    """Do the action; returns the exit status."""
    from xlrotation.fronts.addin import run as work

    return work(options)
