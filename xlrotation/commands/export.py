"""The command ``export``: workbooks filled, as copies."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import NO_OFFICE, SET, add_data, folder

if TYPE_CHECKING:
    from xlrotation import jobs


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("books", nargs="+", type=Path, metavar="BOOK")
    parser.add_argument("-o", "--output", type=folder, required=True, help="folder for the copies")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--values", action="store_true", help="values instead of formulas (default)")
    form.add_argument("--keep-formulas", action="store_true", help="keep the formulas, with their values stored")
    pages = "also as PDF, through LibreOffice: the pages of the report"
    parser.add_argument("--pdf", action="store_const", const="report", default=False, help=pages)
    # an option of its own: with a value that may be left out, --pdf would take the workbook behind it for the value
    every = "also as PDF: every sheet that is not hidden"
    parser.add_argument("--pdf=all", dest="pdf", action="store_const", const="all", help=every)
    parser.add_argument("--html", action="store_true", help="also the pages of the report as one HTML page")
    parser.add_argument("--csv", action="store_true", help="also every sheet and named range as CSV")
    parser.add_argument("--set", **SET)
    parser.add_argument("--no-libreoffice", **NO_OFFICE)
    parser.add_argument("--recalc-on-open", action="store_true", help="with --keep-formulas: recalculate on opening")


def run(options: argparse.Namespace) -> int:
    """Export them; returns the exit status."""
    from xlrotation import jobs
    from xlrotation.commands.filling import done, inputs_of, tell
    from xlrotation.commands.opening import open_session

    session = open_session(options)
    inputs = inputs_of(options.set)

    def job(book: Path) -> jobs.Report:
        return jobs.export(
            *(book, options.output, session),
            keep_formulas=options.keep_formulas,
            pdf=options.pdf,
            asof=options.asof,
            lang=options.lang,
            recalculate_on_open=options.recalc_on_open,
            csv=options.csv,
            json=options.json,
            html=options.html,
            inputs=inputs,
            office=not options.no_libreoffice,
            tell=tell,
        )

    return done(options, session, job)
