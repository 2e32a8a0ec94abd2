"""The arguments of the commands that run a plan."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from xlrotation.batch import TIMEOUT
from xlrotation.commands.arguments import add_json


def add_plan(parser: argparse.ArgumentParser, summary: str | None) -> None:
    """Declare them.

    Args:
        parser: The command's.
        summary: The form of the summary where nobody asks for one.
    """
    parser.add_argument("plan", type=Path, metavar="JOBS.toml", help="the plan; docs/jobs.md says what it holds")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="use the cluster of this Dask scheduler instead")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds a job may take (%(default)g)")
    parser.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR (default: New York)")
    parser.add_argument("--again", action="store_true", help="also do what is there already")
    text = "the errors that this run finds are known from now on, and the data as large as they should be"
    parser.add_argument("--accept-errors", action="store_true", help=text)
    forms = ("text", "html", "json", "mail")
    text = "print the summary: text with a subject line, an HTML page, JSON, or a whole message for sendmail -t"
    parser.add_argument("--summary", choices=forms, default=summary, help=text)
    text = "json: tell what happens on the error stream, a line of JSON each"
    parser.add_argument("--log", choices=("text", "json"), default="text", help=text)
    add_json(parser)
