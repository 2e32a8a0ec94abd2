"""The command ``server``: the functions served to Excel."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlrotation.commands.arguments import add_language


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--folder", type=Path, help="the project (default: in your data folder)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME[:PORT]",
        help="a further name that the server is addressed by (default: this computer and --host); may be repeated",
    )
    parser.add_argument("--source", metavar="S", help="sample (default), yahoo, store:NAME or folder:PATH")
    parser.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR (default: New York)")
    add_language(parser)
    parser.add_argument("--certificate", type=Path, help="a certificate (PEM); Excel demands HTTPS")
    parser.add_argument("--key", type=Path, help="the certificate's private key (PEM)")
    parser.add_argument("--new-token", action="store_true", help="make a new token; the old one is refused then")


def run(options: argparse.Namespace) -> int:
    """Serve until it is stopped; returns the exit status."""
    from xlrotation.fronts.server.command import run as work

    return work(options)
