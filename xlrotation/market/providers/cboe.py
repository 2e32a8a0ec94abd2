"""Cboe's index histories: volatility, skew, implied correlation and dispersion, as the exchange publishes them.

Cboe writes a CSV file a day for each index, dated MM/DD/YYYY: with open, high, low and close, or, for those computed
once a day (VVIX, SKEW, DSPX), with one value under the index's name, which is the close.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from xlrotation.market.providers.daily_csv import DailyCsv, Query

ADDRESS = "https://cdn.cboe.com/api/global/us_indices/daily_prices"

_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


class Cboe(DailyCsv):
    """Cboe as a provider of daily bars."""

    key = "cboe"
    name = "Cboe"
    adjusted = "index values as published; nothing to adjust"
    symbols: tuple[str, ...] = (
        *("^VIX", "^VVIX", "^VIX9D", "^VIX3M", "^VIX6M", "^SKEW", "^COR1M", "^COR3M", "^DSPX", "^VIXEQ"),
        *("^VIX1D", "^VIX1Y", "^COR6M", "^COR1Y", "^VXN", "^OVX", "^GVZ"),
    )

    def has(self, symbol: str) -> bool:
        """Only indices of the list are asked for."""
        return symbol in self.symbols

    def query(self, symbol: str, first: dt.date, last: dt.date) -> Query:  # noqa: ARG002
        """One file with all history."""
        return f"{ADDRESS}/{symbol.removeprefix('^')}_History.csv", {}

    def layout(self, symbol: str, header: Sequence[str]) -> Sequence[str] | None:
        """The two layouts that Cboe uses."""
        names = [name.upper() for name in header]
        if names == ["DATE", "OPEN", "HIGH", "LOW", "CLOSE"]:
            return ("day", "open", "high", "low", "close")
        return ("day", "close") if names == ["DATE", symbol.removeprefix("^")] else None

    def day(self, text: str) -> dt.date:
        """MM/DD/YYYY."""
        if not (found := _DAY.fullmatch(text)):
            raise ValueError("no date")
        month, day, year = map(int, found.groups())
        return dt.date(year, month, day)
