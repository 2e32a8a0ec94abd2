"""The command ``demo``: every report from the sample data."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlrotation.commands.arguments import add_exchange, folder


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("-o", "--output", type=folder, default=Path("exports"), help="folder (default: exports)")
    parser.add_argument("--pdf", action="store_true", help="also as PDF, where LibreOffice is installed")
    add_exchange(parser)


def run(options: argparse.Namespace) -> int:
    """Build the templates and export them; returns the exit status."""
    import time

    from xlrotation import jobs
    from xlrotation.commands.filling import print_reports, tell
    from xlrotation.functions.boundary.session import Session
    from xlrotation.progress import steps
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
            reports.append(jobs.export(book, options.output, session, pdf=pdf, tell=tell))
            step(book.stem)
    return print_reports(reports, time.monotonic() - began)
