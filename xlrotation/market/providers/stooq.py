"""Stooq: daily bars of indices, funds and stocks.

Stooq's prices are adjusted for splits and dividends, without telling either, so a stored history is fetched whole each
time; :class:`Raw` asks for them as traded, to be compared with those of another provider. Stooq wants a key, which
its page gives for a captcha; it is taken from the environment (``STOOQ_API_KEY``). Refusals come as words, with the
status of a good answer.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence

from xlrotation.market.providers.asking import Limited, Refused, Unusable
from xlrotation.market.providers.daily_csv import DailyCsv, Query

ADDRESS = "https://stooq.com/q/d/l/"
KEY = "STOOQ_API_KEY"

INDICES = {"^GSPC": "^spx", "^DJI": "^dji", "^IXIC": "^ndq", "^NDX": "^ndx"}
"""Indices whose names at Stooq differ from Yahoo's, or are known to be the same index."""

SUFFIXES = {"DE": "de", "L": "uk", "T": "jp", "HK": "hk"}
"""Yahoo's suffix of an exchange and Stooq's."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PLAIN = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)?", re.ASCII)
_TOMORROW = 86400.0


def stooq_symbol(symbol: str) -> str | None:
    """A symbol as Stooq writes it; None where its writing is not known."""
    if symbol in INDICES:
        return INDICES[symbol]
    if _PLAIN.fullmatch(symbol):
        return f"{symbol.lower()}.us"
    stem, _, suffix = symbol.rpartition(".")
    if suffix in SUFFIXES and _PLAIN.fullmatch(stem):
        return f"{stem.lstrip('0').lower() if suffix == 'HK' else stem.lower()}.{SUFFIXES[suffix]}"
    return None


class Stooq(DailyCsv):
    """Stooq as a provider of daily bars."""

    key = "stooq"
    name = "Stooq"
    adjusted = "adjusted by Stooq for splits and dividends up to the day of fetching"
    as_traded = False

    def has(self, symbol: str) -> bool:
        """Whether it is known how Stooq writes it."""
        return stooq_symbol(symbol) is not None

    def query(self, symbol: str, first: dt.date, last: dt.date) -> Query:
        """The days wanted, daily."""
        asked = {"s": stooq_symbol(symbol) or "", "d1": f"{first:%Y%m%d}", "d2": f"{last:%Y%m%d}", "i": "d"}
        key = os.environ.get(KEY, "").strip()
        return ADDRESS, {**asked, "apikey": key} if key else asked

    def refuse(self, text: str) -> None:
        """Stooq's words for what is no table."""
        said = text.strip().lower()
        if said in ("", "no data", "brak danych"):
            raise Refused(200, "No data")
        if said.startswith(("exceeded the daily hits limit", "przekroczony dzienny limit")):
            raise Limited(_TOMORROW)
        if "apikey" in said[:2000]:
            raise Unusable(f"Stooq wants a key: get one at stooq.com/q/d/?s=spy.us&get_apikey and set {KEY} to it")

    def layout(self, symbol: str, header: Sequence[str]) -> Sequence[str] | None:  # noqa: ARG002
        """With or without volume, which indices may lack."""
        names = ("day", "open", "high", "low", "close", "volume")
        found = {("Date", *(name.capitalize() for name in names[1:end])): names[:end] for end in (5, 6)}
        return found.get(tuple(header))

    def day(self, text: str) -> dt.date:
        """YYYY-MM-DD."""
        if not _DAY.fullmatch(text):
            raise ValueError("no date")
        return dt.date.fromisoformat(text)


class Raw(Stooq):
    """Stooq's bars as traded, without splits: good for a comparison, not for a store."""

    adjusted = "as traded; splits and dividends not told"
    as_traded = True

    def query(self, symbol: str, first: dt.date, last: dt.date) -> Query:
        """Without any of Stooq's seven kinds of adjustment."""
        address, asked = super().query(symbol, first, last)
        return address, {**asked, "o": "1111111"}
