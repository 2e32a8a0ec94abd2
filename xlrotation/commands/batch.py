"""The command ``batch``: many exports."""

from __future__ import annotations

import argparse

from xlrotation.commands.planning import add_plan


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_plan(parser, None)
    parser.add_argument("--dry-run", action="store_true", help="only say what is missing")


def run(options: argparse.Namespace) -> int:
    """Do what a plan says; returns the exit status."""
    from xlrotation.batch.command import run as work

    return work(options)
