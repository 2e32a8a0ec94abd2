"""Weights of the members of a universe, as a market knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import columns as prices
from xlrotation.market import reasons, rosters
from xlrotation.market.calendar import Days
from xlrotation.market.currencies import check_one_currency
from xlrotation.market.rosters import Market
from xlrotation.measures.arrays import FloatArray

_OLD = 31
"""Days before as-of from which on weights are old: they are published every month at least."""


def weights(market: Market, universe: str, tickers: Sequence[str]) -> FloatArray:
    """Weights of *tickers*: those that the source states at or before as-of, else market values.

    Stated are those of *universe* or, for a range of symbols, of an index that has them all among its members.

    Raises:
        NoData: Neither is known for any of them, or their market values are not known to be in one currency.
    """
    found = _stated(market, universe, tickers)
    return market_values(market, universe, tickers) if found is None else found[1]


def told(market: Market, universe: str, tickers: Sequence[str], tell: Callable[[str], None]) -> FloatArray:
    """As :func:`weights`, after it is told that they are those of a day long before as-of.

    Raises:
        NoData: As there.
    """
    found = _stated(market, universe, tickers)
    if found is None:
        return market_values(market, universe, tickers)
    day, known = found
    if day < market.asof - dt.timedelta(days=_OLD):
        tell(f"the weights of {universe} at {market.asof} are those of {day}; bring newer ones")
    return known


def _stated(market: Market, universe: str, tickers: Sequence[str]) -> tuple[dt.date, FloatArray] | None:
    """The day of the weights that the source states of *tickers*, and these; None where it states none of all."""
    for name in (universe, *market.shown.weights):
        held = market.shown.weights.get(name)
        found = stated(market, name, tickers)
        if held is not None and found is not None:
            day: dt.date = held[0][_row(market, held[0])].item()
            return day, found
    return None


def _row(market: Market, days: Days) -> int:
    return int(np.searchsorted(days, market.days[-1], side="right")) - 1


def _begins(market: Market, universe: str) -> str:
    """From when on the source states weights of a universe, where that is later than as-of."""
    held = market.shown.weights.get(universe)
    later = held is not None and len(held[0]) and _row(market, held[0]) < 0
    return f" at {market.asof}; its weights begin on {held[0][0]}" if held is not None and later else ""


def stated(market: Market, universe: str, tickers: Sequence[str]) -> FloatArray | None:
    """The weights of *tickers* in an index as the source states them; None where it does not, or not of all of them."""
    held = market.shown.weights.get(universe)
    if held is None:
        return None
    days, table = held
    row = _row(market, days)
    place = {ticker: column for column, ticker in enumerate(rosters.everyone(market, universe))}
    if row < 0 or any(ticker not in place for ticker in tickers):
        return None
    found: FloatArray = table[row, [place[ticker] for ticker in tickers]]
    return found if np.isfinite(found).any() else None


def market_values(market: Market, universe: str, tickers: Sequence[str]) -> FloatArray:
    """Market values of *tickers*, NaN where the number of shares or the close is not known.

    Raises:
        NoData: None of them is known, or they are not known to be in one currency.
    """
    panel = market.shown
    values = np.full(len(tickers), np.nan)
    held = [place for place, ticker in enumerate(tickers) if "shares" in panel.fields and market.has(ticker)]
    if held:
        columns, last = np.array([panel.columns[tickers[place]] for place in held]), slice(market.end - 1, market.end)
        (shares,), (closes,) = prices.table(panel, "shares", columns, last), prices.table(panel, "close", columns, last)
        for place in np.flatnonzero(~np.isfinite(shares)).tolist():  # stated before the as-of session alone
            stated_then = prices.column(panel, "shares", int(columns[place]))[: market.end]
            known = np.flatnonzero(np.isfinite(stated_then))
            if len(known):
                shares[place] = stated_then[known[-1]]
        values[held] = closes * shares
    if not np.isfinite(values).any():
        why = _begins(market, universe) or reasons.about(panel.remarks, universe)
        raise NoData(f"the source states neither weights nor numbers of shares for {universe}{why}")
    check_one_currency(panel, market.listing, [t for t, v in zip(tickers, values, strict=True) if v == v])
    return values
