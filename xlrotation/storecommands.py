"""The commands about the data: ``status``, ``accept`` and ``reject``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

from xlrotation.functions.session import Session
from xlrotation.functions.status import report
from xlrotation.market.dates import read_date
from xlrotation.market.panel import Quarantined
from xlrotation.market.sources import store_of
from xlrotation.market.store import Store
from xlrotation.market.symbols import canonical
from xlrotation.terminal import as_table

FINE, PROBLEMS = 0, 1
STATUS = "show the age and the gaps of the data, and what is held back of them"


def open_session(options: argparse.Namespace) -> Session:
    """The session that the options of a command name, on one state of the data for the whole command.

    Raises:
        RotationError: The source or the date cannot be used, which ends the command.
    """
    given = getattr(options, "asof", None)
    session = Session(options.source, options.lang, read_date(given) if given else None).pinned()
    session.market()
    return session


def add_status(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``status``."""
    parser.add_argument("symbols", nargs="*", help="where the closes of these come from, batch by batch")


def status(options: argparse.Namespace) -> int:
    """Print the status of the data; returns the exit status."""
    plain, tables = report(open_session(options), options.symbols)
    if options.json:
        print(json.dumps(plain, ensure_ascii=False, default=str))
    else:
        print("\n\n".join("\n".join(filter(None, (title, as_table(rows)))) for title, rows in tables))
    return FINE


def add_decision(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``accept`` and ``reject``."""
    parser.add_argument("symbols", nargs="+", help="tickers that xlrotation status names as quarantined")
    parser.add_argument("--source", metavar="S", default="yahoo", help="yahoo (default) or store:NAME")


def accept(options: argparse.Namespace) -> int:
    """Store what is held back; returns the exit status."""
    return _decided(options, "stored", Store.accept)


def reject(options: argparse.Namespace) -> int:
    """Drop what is held back; returns the exit status."""
    return _decided(options, "dropped", Store.reject)


DECISIONS = (
    ("accept", accept, "store the values that are held back of symbols"),
    ("reject", reject, "drop the values that are held back of symbols"),
)


def _decided(
    options: argparse.Namespace, done: str, decide: Callable[[Store, Sequence[str]], Sequence[Quarantined]]
) -> int:
    store = store_of(options.source)
    for entry in decide(store, [canonical(symbol) for symbol in options.symbols]):
        values = ", ".join(f"{name} {offered:.10g}" for name, (_, offered) in entry.values.items())
        print(f"{done}: {entry.symbol} {entry.day}: {values}")
    for note in store.notes:
        print(f"  {note}")
    return PROBLEMS if store.notes else FINE
