"""Weights of the members of a universe, as a market knows them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import columns as prices
from xlrotation.market import reasons, rosters
from xlrotation.market.currencies import check_one_currency
from xlrotation.market.rosters import Market
from xlrotation.measures.arrays import FloatArray


def weights(market: Market, universe: str, tickers: Sequence[str]) -> FloatArray:
    """Weights of *tickers*: those that the source states at or before as-of, else market values.

    Stated are those of *universe* or, for a range of symbols, of an index that has them all among its members.

    Raises:
        NoData: Neither is known for any of them, or their market values are not known to be in one currency.
    """
    for name in (universe, *market.shown.weights):
        found = stated(market, name, tickers)
        if found is not None:
            return found
    return market_values(market, universe, tickers)


def stated(market: Market, universe: str, tickers: Sequence[str]) -> FloatArray | None:
    """The weights of *tickers* in an index as the source states them; None where it does not, or not of all of them."""
    held = market.shown.weights.get(universe)
    if held is None:
        return None
    days, table = held
    row = int(np.searchsorted(days, market.days[-1], side="right")) - 1
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
        why = reasons.about(panel.remarks, universe)
        raise NoData(f"the source states neither weights nor numbers of shares for {universe}{why}")
    check_one_currency(panel, market.listing, [t for t, v in zip(tickers, values, strict=True) if v == v])
    return values
