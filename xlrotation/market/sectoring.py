"""Which sector a company belonged to on a session: as a list with terms states it for then, else as it is today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import classification
from xlrotation.market.calendar import Days
from xlrotation.market.panel import Panel
from xlrotation.market.reasons import some_of
from xlrotation.market.symbols import spelled

STALE = 92
"""Days by which an as-of date lies before the newest session where today's members are no longer those of then: the
usual indices are reviewed every quarter."""


T = TypeVar("T")


class Market(Protocol):
    """A panel cut at a session, as far as sectors go; :class:`xlrotation.market.market.Market` is one."""

    days: Days
    asof: dt.date
    shown: Panel

    @property
    def whole(self) -> Panel:
        """All that the source has."""

    def remembered(self, key: object, make: Callable[[], T]) -> T:
        """What *make* gives, made once for each *key*."""


def sector_of(market: Market, ticker: str, row: int = -1) -> str | None:
    """The sector of *ticker* on a session where a list with terms states it, else today's; None: not known."""
    stated = _stated(market, row).get(ticker)
    return classification.sector_of(market.shown, ticker) if stated is None else classification.sector_meant(stated)


def _stated(market: Market, row: int) -> dict[str, str]:
    day = market.days[row]

    def made() -> dict[str, str]:
        found: dict[str, str] = {}
        for terms in market.shown.terms.values():
            for ticker, sector in terms.sectors_at(day).items():
                found.setdefault(spelled(ticker, market.whole.columns), sector)
        return found

    return market.remembered(("sectors", int(row) % len(market.days)), made)


def sectors_of_today(market: Market, name: str, tickers: Sequence[str], day: dt.date | None = None) -> str | None:
    """What a reader must know of sectors: whose of *tickers* are today's and not those of the day; None: nothing."""
    day = day or market.asof
    if day >= market.whole.last - dt.timedelta(days=STALE):
        return None
    dated = _stated(market, int(np.searchsorted(market.days, np.datetime64(day))))
    lacking = [t for t in tickers if t not in dated and classification.sector_of(market.shown, t) is not None]
    if not lacking:
        return None
    return (
        f"{name} at {day} has today's sectors of {some_of(lacking)}: the data do not say those of then; bring "
        "universes.csv with the columns universe, symbol, from, to, sector"
    )


def in_sector(market: Market, name: str, tickers: Sequence[str], sector: str, row: int = -1) -> tuple[str, ...]:
    """Those of *tickers* that belong to a sector on a session.

    Raises:
        NoData: None does.
    """
    of = {ticker: sector_of(market, ticker, row) for ticker in tickers}
    found = tuple(ticker for ticker in tickers if classification.same_sector(of[ticker], sector))
    if not found:
        there = dict.fromkeys(classification.sector_name(each, "en") for each in of.values() if each is not None)
        known = f"they belong to {', '.join(there)}" if there else "the data say nothing of their sectors"
        shown = classification.sector_name(sector, "en")
        raise NoData(f"no member of {name} is known to belong to the sector {shown}; {known}")
    return found
