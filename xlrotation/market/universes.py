"""Universes: named lists of members.

``SECTORS`` and ``INDICES`` belong to an exchange; other lists go by a name of their own. Listed are symbols as Yahoo
writes them. Where an exchange has no list of sectors that one could establish, there is none, and a call says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xlrotation.entrypoints import PLUGINS
from xlrotation.errors import NoData
from xlrotation.market import sectors
from xlrotation.market.calendar import XNYS, Exchange
from xlrotation.market.symbols import NAMES, canonical, fold

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

STOXX600_SECTORS = tuple(sectors.STOXX600)
TOPIX17_SECTORS = tuple(sectors.TOPIX17)
HSI_SECTORS = tuple(sectors.HANG_SENG)
CSI300_SECTORS = tuple(sectors.CSI300)

_EUROPE = ("XETR", "XLON", "XPAR", "XSWX", "XMIL", "XMAD", "XSTO", "XHEL", "XCSE", "XOSL", "XWBO")

BY_EXCHANGE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "SECTORS": {
        "XNYS": SECTORS,
        **dict.fromkeys(_EUROPE, STOXX600_SECTORS),
        "XTKS": TOPIX17_SECTORS,
        "XHKG": HSI_SECTORS,
        "XSHG": CSI300_SECTORS,
    },
    "INDICES": {
        "XNYS": ("^GSPC", "^IXIC", "^NDX", "^DJI", "^RUT"),
        "XETR": ("^GDAXI", "^MDAXI", "^SDAXI", "^TECDAX", "^STOXX50E"),
        "XLON": ("^FTSE", "^FTMC"),
        "XPAR": ("^FCHI", "^AEX", "^BFX"),
        "XTKS": ("^N225",),
        "XHKG": ("^HSI", "^HSCE"),
        "XSHG": ("000001.SS", "399001.SZ", "000300.SS", "399006.SZ"),
        "XKRX": ("^KS11", "^KQ11"),
        "XBOM": ("^BSESN", "^NSEI"),
        "XASX": ("^AXJO", "^AORD"),
    },
}
"""Lists that differ by exchange: name, code of the exchange, members."""

BUILT_IN: dict[str, tuple[str, ...]] = {
    "DEFENSIVE": DEFENSIVE,
    "OFFENSIVE": OFFENSIVE,
    "MAG7": MAG7,
    "SP50": SP50,
    "STOXX600_SECTORS": STOXX600_SECTORS,
    "TOPIX17_SECTORS": TOPIX17_SECTORS,
    "HSI_SECTORS": HSI_SECTORS,
    "CSI300_SECTORS": CSI300_SECTORS,
    "VOLATILITY": ("^VIX", "^VIX9D", "^VIX3M", "^VIX6M", "^VVIX", "^VXN", "^RVX", "^GVZ"),
}
"""Member lists that need no data; plug-ins add theirs, and a source may bring further ones (members of an index)."""

PLUGINS.hold(BUILT_IN)

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


_OF_INDEX = {
    "^GSPC": ("SP500", "SPX"),
    "^NDX": ("NDX", "NDX100", "NASDAQ100"),
    "^RUT": ("RUT", "RUSSELL2000", "R2000"),
    "^DJI": ("DJI", "DJIA", "DOW30", "DOW"),
    "^IXIC": ("IXIC", "NASDAQCOMPOSITE", "COMP"),
}
"""Names under which a source may bring the members of an index."""


def index_of(name: str) -> str | None:
    """The index whose members the universe *name* has; None where it is none of those known here."""
    if name == "SP50":
        return "^GSPC"
    return next((index for index, others in _OF_INDEX.items() if name.upper() in others), None)


_FUNDS = frozenset(
    """VOO IVV VTI VT ITOT SCHB SPLG SPYM VUG VTV VO VB VBR VBK IJH IJR MDY SPMD SPSM IWB IWR IWS IWP IWC VONE VTWO
    QQQM ONEQ MGC MGK OEF SCHX SCHG SCHV SCHD VIG VYM DVY SDY NOBL USMV SPLV MTUM QUAL VLUE SIZE SPHB RPV
    RPG VEA VWO VXUS IEFA IEMG ACWI EWJ FXI KWEB MCHI INDA EWZ EWG EWU VGK EZU AGG BND IEF SHY BIL TIP MUB
    JNK EMB VCIT VCSH IAU USO UNG DBC SOXX XBI IBB KRE KBE XHB ITB XRT XOP OIH XME GDX GDXJ ITA JETS TAN
    ICLN ARKK VGT VFH VHT VCR VDC VDE VIS VAW VPU VOX IYR IYW IYF IYH SOXL TQQQ SQQQ SPXL UPRO SSO SH SDS
    PSQ UVXY VXX SVXY BITO IBIT FBTC GBTC""".split()
)
"""The most traded funds beside those that have names here."""

_NO_LETTERS = re.compile(r"[\s&_.,'’-]+")


def is_index_or_fund(ticker: str) -> bool:
    """Whether *ticker* stands for many companies, as far as the library knows it."""
    if ticker.startswith("^") or ticker in _FUNDS or ticker in sectors.NAMES:
        return True
    if any(ticker in members for lists in BY_EXCHANGE.values() for members in lists.values()):
        return True
    return ticker not in SP50 and any(name.ticker == ticker for name in NAMES)


def taken(name: str) -> bool:
    """Whether *name* means a list of ours, or one that a source may bring as the members of an index."""
    usual = {other for others in _OF_INDEX.values() for other in others}
    return meant(name, {}) is not None or name in BY_EXCHANGE or name in usual


def names(brought: Mapping[str, tuple[str, ...]]) -> list[str]:
    """All universes by name."""
    return sorted({*BUILT_IN, *BY_EXCHANGE, *brought})


def meant(text: str, brought: Mapping[str, tuple[str, ...]], exchange: Exchange = XNYS) -> str | None:
    """The universe that *text* means where nothing but a universe is asked for; None where it means none.

    Beside its name that is the name with other spaces and signs (S&P 500, Mag 7) and any name of an index of which the
    source brings the members.

    Args:
        text: As typed.
        brought: Lists that the source brings.
        exchange: Whose list it is, where exchanges differ.
    """
    found = find_universe(text, brought, exchange)
    if found is not None:
        return found[0]
    plain = {_NO_LETTERS.sub("", name).upper(): name for name in names(brought)}
    wanted = [_NO_LETTERS.sub("", fold(text)).upper(), *_OF_INDEX.get(canonical(text), ())]
    for name in (plain[word] for word in wanted if word in plain):
        if find_universe(name, brought, exchange) is not None:
            return name
    return None


def find_universe(
    text: str, brought: Mapping[str, tuple[str, ...]], exchange: Exchange = XNYS
) -> tuple[str, tuple[str, ...]] | None:
    """Name and members of the universe that *text* names; None where it names none.

    Args:
        text: The name, in any case.
        brought: Lists that the source brings; they count more than ours.
        exchange: Whose list it is, where exchanges differ.
    """
    folded = fold(text)
    name = folded.upper()
    if name not in brought:
        name = _OTHER_NAMES.get(folded, name)
    members = brought.get(name) or BUILT_IN.get(name) or BY_EXCHANGE.get(name, {}).get(exchange.code)
    return (name, members) if members else None


def in_place_of_ours(brought: Mapping[str, tuple[str, ...]], exchange: Exchange) -> Iterator[str]:
    """Remarks on the lists that a source brings under the names of ours with other members.

    Args:
        brought: Lists that the source brings.
        exchange: Whose list it is, where exchanges differ.
    """
    for name, members in brought.items():
        found = find_universe(name, {}, exchange)
        if found is not None and set(members) != set(found[1]):
            yield (
                f"{name}: the list that the data bring (members: {len(members)}) stands in for the built-in "
                f"{found[0]} (members: {len(found[1])})"
            )


def members_of(name: str, brought: Mapping[str, tuple[str, ...]], exchange: Exchange = XNYS) -> tuple[str, ...]:
    """The members of universe *name*.

    Args:
        name: The name, in any case.
        brought: Lists that the source brings.
        exchange: Whose list it is, where exchanges differ.

    Raises:
        NoData: There is no such universe, or none for this exchange.
    """
    found = find_universe(name, brought, exchange)
    if found is None:
        if name in BY_EXCHANGE:
            raise NoData(
                f"no list {name} of {exchange.code} ({exchange.name}) is known; give a range of symbols, or bring one "
                f"with the data as {name.lower()}.csv"
            )
        known = ", ".join(names(brought))
        raise NoData(f"no universe {name!r}; there are {known}, or give a range of symbols")
    return found[1]
