"""The command ``refresh-book``: new values in workbooks, in place."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import NO_OFFICE, SET, add_data

if TYPE_CHECKING:
    from xlrotation import jobs


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("books", nargs="+", type=Path, metavar="BOOK")
    parser.add_argument("--set", **SET)
    parser.add_argument("--no-libreoffice", **NO_OFFICE)
    parser.add_argument("--recalc-on-open", action="store_true", help="recalculate when they are opened")


def run(options: argparse.Namespace) -> int:
    """Store them; returns the exit status."""
    from xlrotation import jobs
    from xlrotation.commands.filling import done, inputs_of
    from xlrotation.commands.opening import open_session

    session = open_session(options)
    inputs = inputs_of(options.set)

    def job(book: Path) -> jobs.Report:
        office = not options.no_libreoffice
        return jobs.refresh_book(book, session, options.asof, options.lang, options.recalc_on_open, inputs, office)

    return done(options, session, job)
