"""The command ``folder``: how the files of a folder are read, and a first ``folder.toml``."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlrotation.commands.arguments import add_json


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("check", "init"), help="check: how its files are read; init: a folder.toml")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Check it, or begin its settings; returns the exit status."""
    from xlrotation.commands.checking import run as work

    return work(options)
