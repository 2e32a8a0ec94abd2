"""Which sector a company belongs to: as the source says, else as the table here has it for the largest companies.

Sectors are the eleven of the Global Industry Classification Standard, named by the Select Sector SPDR fund of each. The
table is of 2026: it says nothing of how a company was classified before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from xlrotation.market import universes
from xlrotation.market.symbols import canonical, display_name, fold

_MEMBERS = {
    "XLK": "AAPL MSFT NVDA AVGO ORCL CSCO IBM AMD CRM NOW INTU QCOM TXN ADBE ACN MU AMAT LRCX ADI PANW PLTR INTC",
    "XLC": "GOOGL GOOG META NFLX DIS VZ CMCSA T TMUS",
    "XLY": "AMZN TSLA HD MCD LOW NKE SBUX BKNG TJX",
    "XLP": "WMT COST PG KO PEP PM MO MDLZ CL TGT",
    "XLF": "BRK-B JPM V MA BAC WFC GS MS C AXP BLK SCHW SPGI",
    "XLV": "LLY JNJ ABBV UNH MRK ABT TMO ISRG PFE AMGN DHR GILD BMY MDT CVS",
    "XLE": "XOM CVX COP SLB EOG",
    "XLI": "GE CAT BA HON UNP RTX LMT DE UPS FDX MMM",
    "XLB": "LIN SHW APD FCX NEM",
    "XLU": "NEE SO DUK",
    "XLRE": "PLD AMT EQIX",
}
_TABLE = {ticker: sector for sector, members in _MEMBERS.items() for ticker in members.split()}


class Classified(Protocol):
    """What a panel says of sectors."""

    @property
    def sectors(self) -> Mapping[str, str]:
        """The sector of a symbol, as the source writes it."""


def sector_of(panel: Classified, ticker: str) -> str | None:
    """The sector of *ticker*, by its fund where it is one of the eleven, else as the source writes it."""
    stated = panel.sectors.get(ticker)
    if stated is not None:
        return sector_meant(stated)
    if ticker in universes.SECTORS:
        return ticker
    return _TABLE.get(ticker)


def sector_meant(text: str) -> str:
    """The sector that *text* names: the fund of one of the eleven, else the text itself."""
    found = canonical(text)
    return found if found in universes.SECTORS else " ".join(text.split())


def same_sector(a: str | None, b: str) -> bool:
    """Whether two sectors are one, however they are written."""
    return a is not None and fold(a) == fold(b)


def sector_name(sector: str, lang: str) -> str:
    """The name of a sector in a language; of one of the source's own as it writes it."""
    return display_name(sector, lang) if sector in universes.SECTORS else sector
