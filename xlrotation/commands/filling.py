"""What the commands that fill workbooks share: inputs, a job for each book, and what came of them."""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from xlrotation import jobs
from xlrotation.addresses import without_keys
from xlrotation.ending import to_be_told
from xlrotation.errors import RotationError
from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.session import Session
from xlrotation.progress import steps

FINE, PROBLEMS = 0, 1


def inputs_of(given: Sequence[str]) -> dict[str, Cell]:
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
        number = float("nan" if "_" in text else text)  # which Python takes between digits
        return number if math.isfinite(number) else text
    except ValueError:
        pass
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def done(options: argparse.Namespace, session: Session, job: Callable[[Path], jobs.Report]) -> int:
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
        import json

        print(json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=1))
        return PROBLEMS if any(report.troubled for report in reports) else FINE
    if session.panel.notice:
        print(session.panel.notice)
    return print_reports(reports, time.monotonic() - began)


def tell(sentence: str) -> None:
    """Say at once what cannot wait for the report."""
    print(without_keys(sentence), file=sys.stderr, flush=True)


def print_reports(reports: Sequence[jobs.Report], seconds: float) -> int:
    """Print what came of the jobs; returns the exit status."""
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
