"""The panel of a folder of which most files wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from xlrotation.errors import NoData
from xlrotation.market.chains import HeldChains
from xlrotation.market.deferred import Deferred
from xlrotation.market.panel import Panel
from xlrotation.market.providers.folder import panels, quotes
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.peeking import Peek
from xlrotation.market.providers.folder.waiting import Frame, Plan


def deferred(source: str, plan: Plan, alone: Callable[[str], Panel | None], complete: Callable[[], Panel]) -> Deferred:
    """The panel of a folder, its prices to be read when they are asked for; what is no price is there.

    Args:
        source: What opens the folder again.
        plan: What is known of it.
        alone: Reads the panel of one symbol.
        complete: Reads that of all.
    """
    members, weights, terms = panels.universes(plan.core)
    known = {
        "source": source,
        "universes": members,
        "weights": weights,
        "terms": terms,
        "sectors": plan.core.sectors,
        "chains": HeldChains(quotes.chains(plan.core.quotes)),
        "series": plan.core.series,
        "names": {symbol: name for symbol, name in plan.core.names.items() if symbol in plan.tickers},
        "notice": "",
        "ages": True,
        "known": None,
    }
    return Deferred(plan.frame.days, plan.tickers, plan.core.listing, known, alone, complete)


def of_one(path: Path, files: Sequence[Path], found: Found, now: dt.datetime, frame: Frame) -> Panel | None:
    """The panel of what was found of one symbol; None where there is nothing of it."""
    try:
        return panels.of_prices(path, files, found, now, frame=frame)
    except NoData:
        return None


def check(peek: Peek) -> None:
    """Refuse a file that is not what it was when it was looked at.

    Raises:
        NoData: It changed.
    """
    if not peek.same():
        raise NoData(f"{peek.name} has changed since the folder was looked at; ask again")
