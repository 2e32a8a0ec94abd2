"""The command ``audit``: the figures that market reports published, against the data."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_json, add_source

if TYPE_CHECKING:
    from xlrotation.functions.boundary.cells import Range

FINE = 0

_HEADS = ("id", "figure", "published", "computed", "verdict", "note")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(parser)
    add_json(parser)
    parser.add_argument("report", nargs="?", help="only this one, such as market_breadth")


def run(options: argparse.Namespace) -> int:
    """Print them; returns the exit status."""
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.boundary.words import word
    from xlrotation.functions.published import claims
    from xlrotation.functions.published.audited import as_dict
    from xlrotation.functions.published.reports import REPORTS, find_report
    from xlrotation.terminal import as_table

    session = open_session(options)
    reports = REPORTS if options.report is None else (find_report(options.report),)
    found = {report: claims.audit(session, report) for report in reports}
    if options.json:
        print(json.dumps([as_dict(report, rows, session.lang) for report, rows in found.items()], ensure_ascii=False))
        return FINE
    if session.panel.notice:
        print(session.panel.notice, end="\n\n")
    for report, rows in found.items():
        counts = "; ".join(f"{word(verdict, session.lang)} {n}" for verdict, n in claims.counts(rows).items())
        print(f"{report.title.into(session.lang)} ({report.key}, {report.published}): {counts}")
        table: Range = [[word(key, session.lang) for key in _HEADS]]
        table += [[*row.texts(session.lang)] for row in rows]
        print(as_table(table), end="\n\n")
    return FINE
