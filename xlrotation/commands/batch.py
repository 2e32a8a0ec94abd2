"""The command ``batch``: many exports."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from xlrotation.batch import TIMEOUT
from xlrotation.commands.arguments import add_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("plan", type=Path, metavar="JOBS.toml", help="the plan; docs/jobs.md says what it holds")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="use the cluster of this Dask scheduler instead")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds a job may take (%(default)g)")
    parser.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR (default: New York)")
    parser.add_argument("--again", action="store_true", help="also do what is there already")
    parser.add_argument("--dry-run", action="store_true", help="only say what is missing")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Do what a plan says; returns the exit status."""
    from xlrotation.batch.command import run as work

    return work(options)
