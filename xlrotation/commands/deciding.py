"""What ``accept`` and ``reject`` share: they decide on values that are held back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_exchange

if TYPE_CHECKING:
    from xlrotation.market.panel import Quarantined
    from xlrotation.market.store.store import Store

    Decide = Callable[[Store, Sequence[str]], Sequence[Quarantined]]

FINE, PROBLEMS = 0, 1


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("symbols", nargs="+", help="tickers that xlrotation status names as quarantined")
    parser.add_argument("--source", metavar="S", default="yahoo", help="yahoo (default) or store:NAME")
    add_exchange(parser)


def decided(options: argparse.Namespace, done: str, decide: Decide) -> int:
    """Decide on what is held back of the symbols, and print what was *done* with it; returns the exit status."""
    from xlrotation.market.sources import store_of
    from xlrotation.market.symbols import canonical

    store = store_of(options.source)
    for entry in decide(store, [canonical(symbol) for symbol in options.symbols]):
        values = ", ".join(f"{name} {offered:.10g}" for name, (_, offered) in entry.values.items())
        print(f"{done}: {entry.symbol} {entry.day}: {values}")
    for note in store.notes:
        print(f"  {note}")
    return PROBLEMS if store.notes else FINE
