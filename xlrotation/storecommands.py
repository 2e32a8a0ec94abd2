"""The commands about the data: ``refresh``, ``status``, ``accept`` and ``reject``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from xlrotation.addresses import without_keys
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families.xlr.status import report
from xlrotation.market.dates import read_date
from xlrotation.market.panel import Quarantined
from xlrotation.market.sources import store_of
from xlrotation.market.store.store import Store
from xlrotation.market.symbols import canonical
from xlrotation.progress import Told, counted
from xlrotation.terminal import add_exchange, as_table

FINE, PROBLEMS, CANNOT_START = 0, 1, 2
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


def add_refresh(refresh: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``refresh``."""
    refresh.add_argument("symbols", nargs="*", help="tickers (default: all that the library uses)")
    refresh.add_argument("--source", metavar="S", default="yahoo", help="yahoo (default)")
    add_exchange(refresh)
    text = "whom to ask: yahoo, cboe, stooq, or fred, whose series ids the symbols then are"
    refresh.add_argument("--provider", metavar="P", help=text)
    text = "compare stored closes with those of provider P and store nothing"
    refresh.add_argument("--compare", metavar="P", help=text)
    refresh.add_argument("--options", action="store_true", help="option chains too (and forward P/E, shares)")
    refresh.add_argument("--macro", action="store_true", help="series of FRED too")
    refresh.add_argument("--force", action="store_true", help="ask for everything again, complete or not")
    refresh.add_argument("--provisional", action="store_true", help="store the bar of a running session too, marked")
    text = "fetch again what damaged files of prices held, and do without damaged files of which there is no other"
    refresh.add_argument("--rebuild", action="store_true", help=text)
    text = "the clock is right, however far from the last refresh"
    refresh.add_argument("--trust-clock", action="store_true", help=text)


def refresh(options: argparse.Namespace) -> int:
    """Fetch what the store lacks, or compare what it has; returns the exit status."""
    from xlrotation.market.providers.registry import of_series
    from xlrotation.market.refresh import extras as refresh_extras
    from xlrotation.market.refresh import run as prices
    from xlrotation.market.refresh.opinions import second_opinion
    from xlrotation.market.refresh.report import RefreshReport
    from xlrotation.market.store.storage import Damaged

    symbols, provisional = options.symbols or None, options.provisional
    given = {"force": options.force, "rebuild": options.rebuild, "trust_clock": options.trust_clock}
    by = options.provider.lower() if options.provider else None
    chosen = {"by": by} if by else {}
    work: dict[str, Callable[[Told], RefreshReport]] = {}
    if options.compare:
        trust = options.trust_clock
        work["closes"] = lambda told: second_opinion(options.compare, options.symbols, told, trust_clock=trust)
    elif by and of_series(by):
        work["series"] = lambda told: refresh_extras.refresh_macro(symbols, progress=told, by=by, **given)
    else:
        work["symbols"] = lambda told: prices.refresh(
            options.source, symbols, told, provisional=provisional, **given, **chosen
        )
    if options.options:
        work["option chains"] = lambda told: refresh_extras.refresh_options(
            symbols, told, provisional=provisional, **given
        )
    if options.macro and "series" not in work:
        work["series"] = lambda told: refresh_extras.refresh_macro(progress=told, **given)
    missing = damaged = False
    for what, piece in work.items():
        try:
            with counted(what) as told:
                report = piece(told)
        except Damaged as error:  # option chains cannot be had tomorrow: what became of prices must not stop them
            print(f"xlrotation: {error.message}", file=sys.stderr)
            damaged = True
            continue
        print(without_keys("\n  ".join((report.message, *report.lines()))))
        missing = missing or not report.fine
        if report.interrupted:
            return PROBLEMS
    return CANNOT_START if damaged else PROBLEMS if missing else FINE


def add_status(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``status``."""
    parser.add_argument("symbols", nargs="*", help="where the closes of these come from, batch by batch")
    remarks = "print what the reading of the data had to leave out or to assume, all of it and in full"
    parser.add_argument("--remarks", action="store_true", help=remarks)


def status(options: argparse.Namespace) -> int:
    """Print the status of the data; returns the exit status."""
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


def add_decision(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``accept`` and ``reject``."""
    parser.add_argument("symbols", nargs="+", help="tickers that xlrotation status names as quarantined")
    parser.add_argument("--source", metavar="S", default="yahoo", help="yahoo (default) or store:NAME")
    add_exchange(parser)


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
