"""The command ``mcp``: the functions as tools for assistants."""

from __future__ import annotations

import argparse

from xlrotation.commands.arguments import add_source


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(parser)
    parser.add_argument("--asof", metavar="DATE", help="show nothing after this date, whatever is asked")
    parser.add_argument("--http", action="store_true", help="over HTTP on 127.0.0.1 with a token, not standard input")
    parser.add_argument("--port", type=int, default=8765, help="of --http (default: 8765)")
    parser.add_argument("--new-token", action="store_true", help="make a new token; the old one is refused then")
    parser.add_argument("--seconds", type=float, default=30.0, help="time after which a call is ended (default: 30)")


def run(options: argparse.Namespace) -> int:
    """Serve until it is stopped; returns the exit status."""
    from xlrotation.fronts.assistant.command import run as work

    return work(options)
