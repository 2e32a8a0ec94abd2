"""Universes: named lists of members."""

from __future__ import annotations

from collections.abc import Mapping

from xlrotation.errors import NoData
from xlrotation.market.symbols import fold

SECTORS = ("XLK", "XLF", "XLV", "XLY", "XLP", "XLE", "XLI", "XLB", "XLU", "XLRE", "XLC")
DEFENSIVE = ("XLP", "XLU", "XLV")
OFFENSIVE = ("XLK", "XLY", "XLC")
MAG7 = ("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA")
SP50 = (
    *MAG7,
    *("AVGO", "BRK-B", "LLY", "JPM", "WMT", "V", "ORCL", "MA", "XOM", "JNJ", "NFLX", "COST", "ABBV", "HD", "PG", "BAC"),
    *(
        "GE",
        "KO",
        "UNH",
        "CVX",
        "CSCO",
        "IBM",
        "WFC",
        "AMD",
        "CAT",
        "PEP",
        "MRK",
        "CRM",
        "ABT",
        "TMO",
        "LIN",
        "MCD",
        "DIS",
    ),
    *("NOW", "ISRG", "INTU", "QCOM", "GS", "TXN", "VZ", "ADBE", "CMCSA", "PFE"),
)

BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "SECTORS": SECTORS,
    "DEFENSIVE": DEFENSIVE,
    "OFFENSIVE": OFFENSIVE,
    "MAG7": MAG7,
    "SP50": SP50,
    "INDICES": ("^GSPC", "^IXIC", "^NDX", "^DJI", "^RUT"),
    "VOLATILITY": ("^VIX", "^VIX9D", "^VIX3M", "^VIX6M", "^VVIX", "^VXN", "^RVX", "^GVZ"),
}
"""Member lists that need no data; a source may bring further ones (the index members in a folder, say)."""

_OTHER_NAMES = {
    "magnificent 7": "MAG7",
    "magnificent seven": "MAG7",
    "七巨头": "MAG7",
    "板块": "SECTORS",
    "行业": "SECTORS",
    "sector": "SECTORS",
    "top 50": "SP50",
    "指数": "INDICES",
}


def find_universe(text: str, brought: Mapping[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]] | None:
    """Name and members of the universe that *text* names; None where it names none."""
    folded = fold(text)
    name = _OTHER_NAMES.get(folded, folded.upper())
    members = brought.get(name) or BUILT_IN.get(name)
    return (name, members) if members else None


def members_of(name: str, brought: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The members of universe *name*.

    Raises:
        NoData: There is no such universe.
    """
    found = find_universe(name, brought)
    if found is None:
        known = ", ".join(sorted({*BUILT_IN, *brought}))
        raise NoData(f"no universe {name!r}; there are {known}, or give a range of symbols")
    return found[1]
