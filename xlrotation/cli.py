"""The command line: ``xlrotation COMMAND``.

Exit status 0: fine; 1: finished with problems, which are listed; 2: could not start or go on; 128 and more: a signal
asked it to end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlrotation
from xlrotation import evalcommand, foldercommands, guard, jobs, storecommands
from xlrotation.addresses import without_keys
from xlrotation.batch import command as batch
from xlrotation.ending import to_be_told, to_the_end
from xlrotation.errors import RotationError
from xlrotation.fronts import addin
from xlrotation.fronts.server import command as server
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.words import word
from xlrotation.functions.published import claims
from xlrotation.functions.published.claims import Finding
from xlrotation.functions.published.reports import REPORTS, Report, find_report
from xlrotation.languages import known
from xlrotation.market.dates import read_date
from xlrotation.market.listing import home_of_process
from xlrotation.market.sources import as_known_on
from xlrotation.progress import steps
from xlrotation.storecommands import open_session
from xlrotation.terminal import Parser, add_exchange, as_table, folder, language, open_streams, plain
from xlrotation.workbook.output.printing import ALL, REPORT

FINE, PROBLEMS, CANNOT_START = 0, 1, 2

_DESCRIPTION = (
    "Excel worksheet functions for market rotation, dispersion, volatility regimes, breadth, flows and macro stress."
)

_SET: dict[str, Any] = {
    "action": "append",
    "default": [],
    "metavar": "NAME=VALUE",
    "help": "set a cell, by defined name or as Sheet!A1 (may be repeated)",
}

_NO_OFFICE: dict[str, Any] = {
    "action": "store_true",
    "help": "do not ask LibreOffice for formulas that are not computed here",
}

_AUDIT_HEADS = ("id", "figure", "published", "computed", "verdict", "note")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not speak Chinese
    return to_the_end(lambda: _run(_parser().parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    if day := getattr(options, "as_known_on", None):
        options.source = as_known_on(options.source, read_date(day))
    command: Callable[[argparse.Namespace], int] = options.command
    with home_of_process(getattr(options, "exchange", None)):
        return command(options)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="xlrotation", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"xlrotation {xlrotation.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(command=command)
        return added

    source = Parser(add_help=False)
    source.add_argument("--source", metavar="S", help="sample (default), yahoo, store:NAME or folder:PATH")
    known_text = "the data as they were known on that day (of a store; the same as --source S@DATE)"
    source.add_argument("--as-known-on", metavar="DATE", help=known_text)
    add_exchange(source)
    source.add_argument("--lang", type=language, metavar="L", help=f"language of words: {', '.join(known())}")
    dated = Parser(add_help=False)
    dated.add_argument("--asof", metavar="DATE", help="as-of date; default: the newest session in the data")
    as_json = Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print JSON, for programs")

    def add_data(name: str, command: Callable[[argparse.Namespace], int], help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text, parents=[source, dated, as_json])
        added.set_defaults(command=command)
        return added

    _add_demo(add("demo", _demo, "export every report from the sample data"))
    evalcommand.add_eval(add_data("eval", evalcommand.run, "print the values of formulas"))
    listing = commands.add_parser("functions", help="list the worksheet functions", parents=[as_json])
    listing.add_argument("family", nargs="?", help="only those of a family, such as ROT")
    listing.set_defaults(command=_functions)
    storecommands.add_status(add_data("status", storecommands.status, storecommands.STATUS))
    for name, command, what in storecommands.DECISIONS:
        storecommands.add_decision(add(name, command, what))
    audit_text = "show the figures that market reports published against the data"
    audit = commands.add_parser("audit", help=audit_text, description=audit_text, parents=[source, as_json])
    audit.add_argument("report", nargs="?", help="only this one, such as market_breadth")
    audit.set_defaults(command=_audit)
    foldercommands.add_arguments(
        commands.add_parser("folder", help=foldercommands.HELP, description=foldercommands.HELP)
    )
    storecommands.add_refresh(add("refresh", storecommands.refresh, "fetch new data into the store"))
    text = "fill workbooks and write copies; with --json also the values of the named ranges, as JSON"
    _add_export(add_data("export", _export, text))
    _add_refresh_book(add_data("refresh-book", _refresh_book, "store new values in workbooks, in place"))
    batch.add_arguments(commands.add_parser("batch", help=batch.HELP, description=batch.HELP))
    addin.add_arguments(commands.add_parser("addin", help=addin.HELP, description=addin.HELP))
    server.add_arguments(commands.add_parser("server", help=server.HELP, description=server.HELP))
    _add_templates(add("templates", _templates, "build the template workbooks"))
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("-o", "--output", type=folder, default=Path("exports"), help="folder (default: exports)")
    demo.add_argument("--pdf", action="store_true", help="also as PDF, where LibreOffice is installed")
    add_exchange(demo)


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("books", nargs="+", type=Path, metavar="BOOK")
    export.add_argument("-o", "--output", type=folder, required=True, help="folder for the copies")
    form = export.add_mutually_exclusive_group()
    form.add_argument("--values", action="store_true", help="values instead of formulas (default)")
    form.add_argument("--keep-formulas", action="store_true", help="keep the formulas, with their values stored")
    pages = "also as PDF, through LibreOffice: the pages of the report"
    export.add_argument("--pdf", action="store_const", const=REPORT, default=False, help=pages)
    # an option of its own: with a value that may be left out, --pdf would take the workbook behind it for the value
    every: dict[str, Any] = {"dest": "pdf", "action": "store_const", "const": ALL, "help": "also as PDF: every sheet"}
    export.add_argument(f"--pdf={ALL}", **every)
    export.add_argument("--html", action="store_true", help="also the pages of the report as one HTML page")
    export.add_argument("--csv", action="store_true", help="also every sheet and named range as CSV")
    export.add_argument("--set", **_SET)
    export.add_argument("--no-libreoffice", **_NO_OFFICE)
    export.add_argument("--recalc-on-open", action="store_true", help="with --keep-formulas: recalculate on opening")


def _add_refresh_book(refreshed: argparse.ArgumentParser) -> None:
    refreshed.add_argument("books", nargs="+", type=Path, metavar="BOOK")
    refreshed.add_argument("--set", **_SET)
    refreshed.add_argument("--no-libreoffice", **_NO_OFFICE)
    refreshed.add_argument("--recalc-on-open", action="store_true", help="recalculate when they are opened")


def _add_templates(templates: argparse.ArgumentParser) -> None:
    templates.add_argument("action", choices=("build",))
    templates.add_argument("names", nargs="*", help="which (default: all)")
    templates.add_argument("-o", "--output", type=folder, default=Path("workbooks"), help="folder (default: workbooks)")
    variant = templates.add_mutually_exclusive_group()
    variant.add_argument("--officejs", action="store_true", help="for functions of xlwings Server or Lite")
    variant.add_argument("--macros", action="store_true", help="as .xlsm with our macros, and the add-in for Excel")


def _demo(options: argparse.Namespace) -> int:
    from xlrotation.reports.templates import build_templates
    from xlrotation.workbook.output.pdf import find_libreoffice

    session = Session("sample").pinned()
    print(session.panel.notice)
    pdf = options.pdf and find_libreoffice() is not None
    if options.pdf and not pdf:
        print("LibreOffice is not installed, so no PDF is made")
    books = build_templates(options.output / "templates")
    began = time.monotonic()
    with steps("exporting", len(books)) as step:
        reports = []
        for book in books:
            reports.append(jobs.export(book, options.output, session, pdf=pdf, tell=_tell))
            step(book.stem)
    return _print_reports(reports, time.monotonic() - began)


def _functions(options: argparse.Namespace) -> int:
    chosen = [s for s in registry.functions().values() if options.family in (None, s.family, s.family.lower())]
    if not chosen:
        said = f"no family {options.family}; there are {', '.join(registry.FAMILIES)}"
        print(without_keys(said), file=sys.stderr)
        return CANNOT_START
    if options.json:
        print(json.dumps([registry.as_dict(spec) for spec in chosen], ensure_ascii=False, indent=1))
        return FINE
    width = max(len(spec.name) for spec in chosen)
    for spec in chosen:
        print(f"{spec.name:<{width}}  {spec.summary}")
    return FINE


def _audit(options: argparse.Namespace) -> int:
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
        table: Range = [[word(key, session.lang) for key in _AUDIT_HEADS]]
        table += [[*row.texts(session.lang)] for row in rows]
        print(as_table(table), end="\n\n")
    return FINE


def _audited(report: Report, rows: Sequence[Finding], lang: str) -> dict[str, object]:
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


def _export(options: argparse.Namespace) -> int:
    session = open_session(options)
    inputs = _inputs(options.set)

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
            tell=_tell,
        )

    return _done(options, session, job)


def _tell(sentence: str) -> None:
    print(without_keys(sentence), file=sys.stderr, flush=True)


def _refresh_book(options: argparse.Namespace) -> int:
    session = open_session(options)
    inputs = _inputs(options.set)

    def job(book: Path) -> jobs.Report:
        office = not options.no_libreoffice
        return jobs.refresh_book(book, session, options.asof, options.lang, options.recalc_on_open, inputs, office)

    return _done(options, session, job)


def _inputs(given: Sequence[str]) -> dict[str, Cell]:
    """What ``--set`` says: numbers, dates and truth values as such, anything else as text."""
    found: dict[str, Cell] = {}
    for item in given:
        name, equals, text = item.partition("=")
        if not equals or not name.strip():
            raise RotationError(f"--set {item} is not of the form NAME=VALUE")
        found[name.strip()] = _typed(text)
    return found


def _typed(text: str) -> Cell:
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    try:
        number = float(text)
        return number if math.isfinite(number) else text
    except ValueError:
        pass
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _done(options: argparse.Namespace, session: Session, job: Callable[[Path], jobs.Report]) -> int:
    """Do a job for each book; one that fails does not stop the others."""
    began = time.monotonic()
    reports = []
    with steps("filling", len(options.books)) as step:
        for book in options.books:
            try:
                reports.append(job(book))
            except Exception as error:
                reports.append(jobs.Report(book=str(book), failed=to_be_told(error)))
            step(book.stem)
    if options.json:
        print(json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=1))
        return PROBLEMS if any(report.troubled for report in reports) else FINE
    if session.panel.notice:
        print(session.panel.notice)
    return _print_reports(reports, time.monotonic() - began)


def _templates(options: argparse.Namespace) -> int:
    from xlrotation.fronts.excel import macros
    from xlrotation.reports.templates import build_templates
    from xlrotation.workbook.output.officejs import convert

    build = functools.partial(build_templates, names=options.names)
    if options.officejs:
        with guard.scratch("xlrotation-templates-") as drafts:
            for path in build(drafts):
                print(convert(path, options.output / f"{path.stem}-officejs.xlsx", registry.functions()))
        return FINE
    for path in macros.build_books(build, options.output) if options.macros else build(options.output):
        print(path)
    return FINE


def _print_reports(reports: Sequence[jobs.Report], seconds: float) -> int:
    for report in reports:
        if report.failed:
            said = report.failed if report.failed.startswith(report.book) else f"{report.book}: {report.failed}"
            print(without_keys(said), file=sys.stderr)
            continue
        state = f", data of state {report.state}" if report.state else ""
        print(without_keys(f"{_files(report.written)}: {report.cells} cells computed, as of {report.asof}{state}"))
        alike: dict[tuple[str, str, str], list[str]] = {}
        for problem in (*report.problems, *report.errors):
            kind = (problem["sheet"], problem.get("error", ""), problem["reason"])
            alike.setdefault(kind, []).append(problem["cell"])
        for (sheet, error, why), cells in alike.items():
            more = f" and {len(cells) - 1} more cells" if len(cells) > 1 else ""
            print(without_keys(" ".join(filter(None, (f"  {sheet}!{cells[0]}{more}", error, why)))))
        for warning in (*report.lacking, *report.warnings):
            print(without_keys(f"  {warning}"))
    if len(reports) > 1:
        failed = sum(bool(report.failed) for report in reports)
        total = sum(report.cells for report in reports)
        print(f"{len(reports) - failed} workbooks, {failed} failed; {total:,} cells computed in {seconds:.1f} s")
    return PROBLEMS if any(report.troubled for report in reports) else FINE


def _files(written: Sequence[str]) -> str:
    """The files that a job wrote; of many CSV files their number."""
    tables = [name for name in written if name.endswith(".csv")]
    others = ", ".join(name for name in written if name not in tables)
    return f"{others}, {len(tables)} CSV files beside it" if tables else others
