"""Prices of many symbols at once, up to an as-of session and on its share count.

Only the rows that are asked for are read: a question about yesterday costs nothing of twenty years.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import adjustment, reasons
from xlrotation.market import columns as prices
from xlrotation.market.panel import FloatArray, Panel
from xlrotation.measures.arrays import BoolArray, IntArray

_FEW = 8

Places = tuple[IntArray, BoolArray]
"""Columns of symbols in a panel, and which of them it has; where it has none, the column means nothing."""


def field(panel: Panel, name: str, end: int, places: Places, rows: slice) -> FloatArray:
    """One field, ``(rows, symbols)``, columns contiguous, NaN for a symbol that the panel does not have.

    Args:
        panel: The data.
        name: The field, one that the panel has.
        end: The row behind the as-of session.
        places: Of the symbols.
        rows: Which rows, none at or behind *end*.

    Raises:
        NoData: The panel has no symbols at all, but series that are no prices.
    """
    columns, known = places
    check_prices(panel)
    table = prices.table(panel, name, columns, rows)
    if name in adjustment.ADJUSTED and (split := prices.last_split(panel, columns) > rows.start).any():
        last = prices.factors(panel, columns[split], slice(end - 1, end))
        shares = prices.factors(panel, columns[split], rows) / last
        table[:, split] = adjustment.on_share_count(name, table[:, split], shares)
    return _without(table, known)


def total_returns(panel: Panel, end: int, places: Places, rows: slice) -> FloatArray:
    """Closes with dividends reinvested, each scaled to meet its last close; as :func:`field`."""
    columns, known = places
    check_prices(panel)
    on = slice(end - 1, end)
    (last,), (close,) = prices.totals(panel, columns, on), prices.table(panel, "close", columns, on)
    table = prices.totals(panel, columns, rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        table *= np.where(last == close, 1.0, close / last)
    for place in np.flatnonzero(~np.isfinite(close) & known).tolist():
        table[:, place] = total_return(panel, end, int(columns[place]))[rows]
    return _without(table, known)


def check_prices(panel: Panel) -> None:
    """Refuse to look for prices in a panel of series alone.

    Raises:
        NoData: It is one.
    """
    if not panel.symbols:
        from xlrotation.market.asknown import names_of

        raise NoData(f"the source holds no prices, but series {', '.join(names_of(panel.series)[:_FEW])}")


def check_total(panel: Panel, symbols: Collection[str]) -> None:
    """Refuse a total return of which the source knows neither dividends nor adjusted closes.

    Raises:
        NoData: One of *symbols* is such.
    """
    for symbol in sorted(panel.without_total.intersection(symbols))[:1]:
        why = reasons.about(panel.remarks, symbol, guess=False)
        raise NoData(
            f"the data hold neither dividends nor adjusted closes of {symbol}, so that its total return is not known; "
            f"use the basis price, or give a column Dividends or Adj Close{why}"
        )


def total_return(panel: Panel, end: int, column: int) -> FloatArray:
    """Closes of one symbol with dividends reinvested, scaled to meet the last close."""
    path = prices.total(panel, column)[:end]
    close = prices.column(panel, "close", column)[:end]
    rows = np.flatnonzero(np.isfinite(close))
    if len(rows) == 0 or path[rows[-1]] == close[rows[-1]]:
        return path
    scaled: FloatArray = path * (close[rows[-1]] / path[rows[-1]])
    return scaled


def _without(table: FloatArray, known: BoolArray) -> FloatArray:
    if not known.all():
        table[:, ~known] = np.nan
    return table
