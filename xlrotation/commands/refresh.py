"""The command ``refresh``: new data into the store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from xlrotation.addresses import without_keys
from xlrotation.commands.arguments import add_exchange, add_language

if TYPE_CHECKING:
    from xlrotation.market.refresh.report import RefreshReport
    from xlrotation.progress import Told

FINE, PROBLEMS, CANNOT_START = 0, 1, 2


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("symbols", nargs="*", help="tickers (default: all that the library uses)")
    parser.add_argument("--source", metavar="S", default="yahoo", help="yahoo (default)")
    add_exchange(parser)
    add_language(parser)
    text = "whom to ask: yahoo, cboe, stooq; fred, alfred (vintages), whose ids the symbols then are; cftc, markets"
    parser.add_argument("--provider", metavar="P", help=text)
    text = "compare stored closes with those of provider P and store nothing"
    parser.add_argument("--compare", metavar="P", help=text)
    parser.add_argument("--options", action="store_true", help="option chains too (and forward P/E, shares)")
    parser.add_argument("--macro", action="store_true", help="series of FRED too")
    parser.add_argument("--force", action="store_true", help="ask for everything again, complete or not")
    parser.add_argument("--provisional", action="store_true", help="store the bar of a running session too, marked")
    text = "fetch again what damaged files of prices held, and do without damaged files of which there is no other"
    parser.add_argument("--rebuild", action="store_true", help=text)
    text = "the clock is right, however far from the last refresh"
    parser.add_argument("--trust-clock", action="store_true", help=text)


def run(options: argparse.Namespace) -> int:
    """Fetch what the store lacks, or compare what it has; returns the exit status."""
    from xlrotation.functions.boundary.reasons import told_in
    from xlrotation.languages import language
    from xlrotation.market.providers.registry import of_series
    from xlrotation.market.refresh import extras as refresh_extras
    from xlrotation.market.refresh import run as prices
    from xlrotation.market.refresh.opinions import second_opinion
    from xlrotation.market.store.storage import Damaged
    from xlrotation.progress import counted

    lang = language(options.lang)
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
        lines = (told_in(report.message, lang), *report.lines(lambda remark: told_in(remark, lang)))
        print(without_keys("\n  ".join(lines)))
        missing = missing or not report.fine
        if report.interrupted:
            return PROBLEMS
    return CANNOT_START if damaged else PROBLEMS if missing else FINE
