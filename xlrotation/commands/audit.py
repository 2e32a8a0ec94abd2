"""The command ``audit``: the figures that market reports published, against the data."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_json, add_source

if TYPE_CHECKING:
    from xlrotation.functions.boundary.cells import Range
    from xlrotation.functions.published.claims import Finding
    from xlrotation.functions.published.reports import Report

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
    from xlrotation.functions.published.reports import REPORTS, find_report
    from xlrotation.terminal import as_table

    session = open_session(options)
    reports = REPORTS if options.report is None else (find_report(options.report),)
    found = {report: claims.audit(session, report) for report in reports}
    if options.json:
        print(json.dumps([_audited(report, rows, session.lang) for report, rows in found.items()], ensure_ascii=False))
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


def _audited(report: Report, rows: Sequence[Finding], lang: str) -> dict[str, object]:
    from xlrotation.functions.published import claims
    from xlrotation.terminal import plain

    return {
        "report": report.key,
        "title": report.title.into(lang),
        "published": str(report.published),
        "counts": claims.counts(rows),
        "figures": [
            {
                "id": row.claim.id,
                "figure": row.claim.figure.into(lang),
                "date": row.claim.date,
                "published": plain(row.claim.published),
                "computed": plain(row.computed),
                "difference": row.difference,
                "verdict": row.outcome.verdict,
                "explained": row.outcome is claims.Outcome.OTHER,
                "other": row.other,
                "note": row.note(lang),
                "formula": row.claim.formula,
            }
            for row in rows
        ],
    }
