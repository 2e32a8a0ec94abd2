"""The market as of a day: what had closed by the closing bell of the home exchange."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market.calendar import Exchange
from xlrotation.market.chains import Chain
from xlrotation.market.market import Elsewhere, Market, Series
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.market.parts import named, part


def cut(panel: Panel, day: dt.date | None, exchanges: Collection[Exchange] = ()) -> Market:
    """The market as known at *day*.

    Args:
        panel: The data.
        day: The as-of date; None means the newest session of the home exchange.
        exchanges: Whose sessions count: those that all of them have. None means the home exchange's.

    Raises:
        NoData: *day* lies before the data, or the data end before its session.
    """
    home = panel.home
    chosen = tuple(exchanges) or (home,)
    shown = part(panel, chosen)
    if day is None:
        if chosen == (home,):
            return Market(shown, len(shown.days), panel, chosen)
        day = part(panel, (home,)).last
    if day < shown.first:
        raise NoData(f"{day} is before the first session of the data, {shown.first}; give a later date")
    for exchange in chosen:
        _check_end(part(panel, (exchange,)).last, day, exchange, home)
    end = int(shown.days.searchsorted(np.datetime64(day, "D"), side="right"))
    if chosen != (home,):
        while end and not all(_closed(exchange, shown.days[end - 1].item(), day, home) for exchange in chosen):
            end -= 1
    if end == 0:
        raise NoData(f"no session of {named(chosen)} in the data had closed by {day}; give a later date")
    return Market(shown, end, panel, chosen)


def _check_end(last: dt.date, day: dt.date, exchange: Exchange, home: Exchange) -> None:
    """Refuse a day by which a session after *last*, the end of the data, had closed."""
    if day <= last:
        return
    lacking = exchange.sessions_between(last, day)[1:]
    if len(lacking) and (exchange == home or _closed(exchange, lacking[0].item(), day, home)):
        of = "" if exchange == home else f" of {exchange.code} ({exchange.name})"
        raise NoData(f"the data{of} end on {last}, before {day}; refresh them or give an earlier date")


def _closed(exchange: Exchange, session: dt.date, day: dt.date, home: Exchange) -> bool:
    """Whether a session had closed by the closing bell of the home exchange on *day*."""
    return exchange == home or exchange.bell(session) <= home.bell(day)


class Unreached:
    """Stands for the market of the home exchange at a date that its data do not cover; other exchanges' may.

    Whatever is asked of it raises the reason, but for symbols that trade elsewhere: they raise :class:`Elsewhere`.

    Args:
        panel: The data.
        missing: Why there is no market.
    """

    def __init__(self, panel: Panel, missing: NoData) -> None:
        self._panel = panel
        self._missing = missing

    def ticker(self, text: str) -> str:
        return self._panel.directory.resolve(text)

    def universe(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        return Market(self._panel, len(self._panel.days)).universe(text)

    def members(self, universe: str) -> tuple[str, ...]:
        return Market(self._panel, len(self._panel.days)).members(universe)

    def series(self, text: str) -> Series:
        return self.closes([self.ticker(text)])  # type: ignore[return-value]

    def has(self, ticker: str) -> bool:
        return self.closes([ticker])  # type: ignore[return-value]

    def chain(self, ticker: str) -> Chain:
        if (own := self._panel.listing.of(ticker)) != self._panel.home:
            raise Elsewhere(ticker, own)
        raise self._missing.with_traceback(None)

    def closes(self, tickers: Sequence[str], basis: str = "price") -> FloatArray:  # noqa: ARG002
        for ticker in tickers:
            if ticker in self._panel.columns and (found := self._panel.listing.of(ticker)) != self._panel.home:
                raise Elsewhere(ticker, found)
        raise self._missing.with_traceback(None)

    def last_closes(self, tickers: Sequence[str], count: int) -> FloatArray:  # noqa: ARG002
        return self.closes(tickers)

    def __getattr__(self, name: str) -> object:
        raise self._missing.with_traceback(None)
