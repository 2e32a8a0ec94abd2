"""The command ``status``: the age and the gaps of the data, and the remarks on them."""

from __future__ import annotations

import argparse
import json

from xlrotation.commands.arguments import add_data

FINE = 0


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("symbols", nargs="*", help="where the closes of these come from, batch by batch")
    remarks = "print what the reading of the data had to leave out or to assume, all of it and in full"
    parser.add_argument("--remarks", action="store_true", help=remarks)


def run(options: argparse.Namespace) -> int:
    """Print the status of the data; returns the exit status."""
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.families.xlr.status import report
    from xlrotation.terminal import as_table

    if options.remarks:
        return _remarks(options)
    plain, tables = report(open_session(options), options.symbols)
    if options.json:
        print(json.dumps(plain, ensure_ascii=False, default=str))
    else:
        print("\n\n".join("\n".join(filter(None, (title, as_table(rows)))) for title, rows in tables))
    return FINE


def _remarks(options: argparse.Namespace) -> int:
    """Print the remarks on the data in full, of the symbols where some are named."""
    from xlrotation.commands.opening import open_session
    from xlrotation.functions.boundary.words import word

    session = open_session(options).pinned()
    remarks = list(session.panel.remarks)
    if options.symbols:
        named = [session.market().ticker(text) for text in options.symbols]
        remarks = [remark for remark in remarks if any(name in remark for name in named)]
    if options.json:
        print(json.dumps(remarks, ensure_ascii=False))
    else:
        print("\n".join(remarks) if remarks else word("none", session.lang))
    return FINE
