"""In which currency prices are, and what may be weighed against each other: market values in one currency."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.errors import NoData
from xlrotation.market.listing import Listing
from xlrotation.market.panel import Panel


def check_one_currency(panel: Panel, listing: Listing, tickers: Sequence[str]) -> None:
    """Refuse to weigh what one exchange values in euros against what another values in yen.

    Raises:
        NoData: The currencies of *tickers* are stated and differ, or are not and the exchanges do.
    """
    stated = panel.provenance
    currencies = {stated[ticker].currency if ticker in stated else None for ticker in tickers}
    known = sorted(filter(None, currencies))
    if len(known) > 1:
        which = f"in {' and '.join(known)}"
    elif None in currencies and len(listing.all_of(tickers)) > 1:
        which = "of several exchanges"
    else:
        return
    raise NoData(f"market values {which} cannot be weighed against each other; take the weighting EQUAL")


_USUAL = {
    **dict.fromkeys(("XETR", "XPAR", "XMIL", "XMAD", "XHEL", "XWBO"), "EUR"),
    "XNYS": "USD",
    "XSWX": "CHF",
    "XSTO": "SEK",
    "XCSE": "DKK",
    "XOSL": "NOK",
    "XTKS": "JPY",
    "XHKG": "HKD",
    "XSHG": "CNY",
    "XKRX": "KRW",
    "XBOM": "INR",
    "XASX": "AUD",
}
"""What is quoted on exchanges that quote in one currency; London does in pence and in pounds, and is none of them."""


def currency_of(panel: Panel, listing: Listing, ticker: str) -> str | None:
    """The currency of the prices of *ticker*: as the source says, else that of its exchange; None where neither does.

    An index is in points and has none.
    """
    held = panel.provenance.get(ticker)
    if held is not None and held.currency:
        return held.currency
    return None if ticker.startswith("^") else _USUAL.get(listing.of(ticker).code)
