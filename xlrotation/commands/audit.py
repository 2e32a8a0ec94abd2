"""The command ``audit``: the figures of market reports against the data: of those that are followed, and of any."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_json, add_source

if TYPE_CHECKING:
    from xlrotation.functions.auditing.audit import Audit
    from xlrotation.functions.boundary.cells import Range

FINE, PROBLEMS, DIFFERS = 0, 1, 3
"""Of a file: nothing differs; nothing was compared, or not all was read; a figure is said to differ."""

_HEADS = ("id", "figure", "published", "computed", "verdict", "note")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(parser)
    add_json(parser)
    text = (
        "a report that is followed, such as market_breadth; or a file: .txt, .md, .html, .pdf, .docx; - for the input"
    )
    parser.add_argument("report", nargs="?", help=text)
    parser.add_argument("--date", metavar="D", help="date of the report, where its text does not give it")
    text = "write the audit of a file to this one: .xlsx, .html, .md or .json"
    parser.add_argument("-o", "--output", metavar="FILE", help=text)


def run(options: argparse.Namespace) -> int:
    """Print them; returns the exit status."""
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.boundary.words import word
    from xlrotation.functions.published import claims
    from xlrotation.functions.published.audited import as_dict
    from xlrotation.functions.published.reports import REPORTS, find_report
    from xlrotation.languages import remarks
    from xlrotation.terminal import as_table

    if is_file(options.report):
        return _file(options)
    session = open_session(options)
    reports = REPORTS if options.report is None else (find_report(options.report),)
    found = {report: claims.audit(session, report) for report in reports}
    if options.json:
        print(json.dumps([as_dict(report, rows, session.lang) for report, rows in found.items()], ensure_ascii=False))
        return FINE
    if session.panel.notice:
        print(session.panel.notice, end="\n\n")
    for report, rows in found.items():
        counts = remarks(f"{word(verdict, session.lang)} {n}" for verdict, n in claims.counts(rows).items())
        print(f"{report.title.into(session.lang)} ({report.key}, {report.published}): {counts.into(session.lang)}")
        table: Range = [[word(key, session.lang) for key in _HEADS]]
        table += [[*row.texts(session.lang)] for row in rows]
        print(as_table(table), end="\n\n")
    return FINE


def is_file(report: str | None) -> bool:
    """Whether the argument names a file and not a report that is followed."""
    from xlrotation.audits.papers import SUFFIXES

    return report is not None and (report == "-" or Path(report).suffix.lower() in SUFFIXES or Path(report).is_file())


def _file(options: argparse.Namespace) -> int:
    """Audit the text of a file."""
    from xlrotation.audits import papers
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.auditing.audit import audit
    from xlrotation.market.dates import read_date

    _check_output(options.output)
    text = papers.read(options.report)
    session = open_session(options)
    found = audit(text, session, read_date(options.date) if options.date else None)
    if options.output:
        _write(options.output, found, session.lang)
    if options.json:
        from xlrotation.functions.auditing.told import as_dict

        print(json.dumps(as_dict(found, session.lang), ensure_ascii=False))
    else:
        if session.panel.notice:
            print(session.panel.notice, end="\n\n")
        _print(found, session.lang, table=not options.output)
    return status_of(found)


def status_of(found: Audit) -> int:
    """The exit status of a file's audit."""
    from xlrotation.functions.auditing.verdicts import Verdict

    if found.counts[Verdict.DIFFERS]:
        return DIFFERS
    return PROBLEMS if found.cut or (found.date is None and found.measured) else FINE


_WRITTEN = (".xlsx", ".html", ".htm", ".md", ".json")


def _check_output(output: str | None) -> None:
    from xlrotation.errors import BadArgument

    if output is not None and Path(output).suffix.lower() not in _WRITTEN:
        raise BadArgument(f"{output}: an audit is written as {', '.join(_WRITTEN)}")


def _write(output: str, found: Audit, lang: str) -> None:
    """Write the audit to a file, whole or not at all."""
    from xlrotation.audits import page, paper
    from xlrotation.files import write_whole
    from xlrotation.functions.auditing.told import as_dict

    suffix = Path(output).suffix.lower()
    if suffix == ".xlsx":
        content = paper.written(found, lang)
    elif suffix == ".json":
        content = (json.dumps(as_dict(found, lang), ensure_ascii=False, indent=1) + "\n").encode()
    else:
        content = (page.as_markdown(found, lang) if suffix == ".md" else page.as_html(found, lang)).encode(
            "utf-8", "replace"
        )
    write_whole(Path(output), content)


def _print(found: Audit, lang: str, table: bool) -> None:
    """Print what the audit came to, and its table."""
    from xlrotation.functions.auditing import told
    from xlrotation.functions.boundary.words import word
    from xlrotation.terminal import as_table

    for line in told.summary(found, lang):
        print(line)
    if table and found.measured:
        rows: Range = [[word(key, lang) for key in told.HEADS], *told.rows(found, lang)]
        print()
        print(as_table(rows))
    sys.stdout.flush()
