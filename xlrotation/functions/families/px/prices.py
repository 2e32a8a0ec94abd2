"""PX: prices."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table, dated_table, with_dates
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import (
    Anchor,
    AsOf,
    Basis,
    Count,
    Dated,
    Day,
    Header,
    Here,
    Number,
    Sessions,
    Side,
    Symbol,
    Symbols,
    Window,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import lifted, windowed
from xlrotation.languages import Text
from xlrotation.market.market import Market, Series
from xlrotation.market.windows import Unit, shift_months
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import averages, levels

Field = Annotated[
    str,
    ChoiceKind(
        *("close", "open", "high", "low", "volume", "total"),
        help=Text("close, open, high, low, volume, or total (closes with dividends reinvested)."),
    ),
]
Average = Annotated[str, ChoiceKind("SMA", "EMA", help=Text("SMA (simple) or EMA (exponential, 2/(n+1))."))]


@worksheet_function(unit="price", example='=PX_CLOSE("RUT")', many=lifted.closes)
def PX_CLOSE(symbol: Symbol = default("^GSPC"), asof: AsOf = default(None), basis: Basis = default("price")) -> float:
    """Close of the as-of session.

    As traded; with basis total the path with dividends reinvested, scaled to meet the last close, so both agree at
    the as-of session. #N/A where the session has no close: it is never filled from an earlier one.
    """
    return symbol.at(-1, symbol.path(basis))


@worksheet_function(unit="table", example='=PX_HISTORY("SECTORS","2026-02-02")', mixes=True)
def PX_HISTORY(
    symbols: Symbols = default("^GSPC"),
    start_date: Day = default(None),
    end_date: AsOf = default(None),
    field: Field = default("close"),
    header: Header = default(True),
    rows: Count = default(None),
    dates: Dated = default(True),
) -> Table:
    """Dated table of prices: a row per session, a column per symbol.

    A session without a price shows #N/A. Functions on two arrays take the dates along, which makes nearly any two
    series move together: leave them out with dates FALSE,
    ``=CORREL(PX_HISTORY("XLK",,,"close",FALSE,60,FALSE),PX_HISTORY("XLF",,,"close",FALSE,60,FALSE))``.

    Args:
        start_date: First date. Blank: one month before the last, or what the number of rows says.
        end_date: Last date. Blank: the newest session in the data.
        rows: At most so many sessions, the last ones. Blank: all.
    """
    market = end_date
    if start_date is not None:
        first = market.first_row_from(start_date)
    else:
        first = 0 if rows else market.first_row_from(shift_months(market.asof, -1))
    first = max(first, market.end - rows) if rows else first
    if field == "total":
        prices = market.closes(symbols.tickers, "total", first)
    else:
        prices = market.fields(field, symbols.tickers, first)
    return with_dates(dated_table(("date", *symbols.tickers), market.days[first:], prices, header), dates)


@worksheet_function(unit="return", example='=PX_RET("XLK","20D")', many=lifted.returns)
def PX_RET(
    symbol: Symbol = default("^GSPC"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    basis: Basis = default("price"),
    anchor: Anchor = default("CLOSE"),
) -> float:
    """Return over a window.

    P[t] / P[t-n] - 1 on the exchange calendar. #N/A where the session at either end has no close; a calendar window
    begins at the last close on or before its first day.
    """
    return windowed.window_return(symbol, window, basis, anchor)


@worksheet_function(
    unit="return", example='=PX_RET_BETWEEN("RUT","2025-11-03","2026-02-09")', many=lifted.returns_between
)
def PX_RET_BETWEEN(
    symbol: Symbol = default("^GSPC"),
    start_date: Day = default(None),
    end_date: AsOf = default(None),
    basis: Basis = default("price"),
    anchor: Anchor = default("CLOSE"),
) -> float:
    """Return between two dates.

    From the last close on or before start_date to the last session on or before end_date. With the anchor OPEN it
    begins at the open of start_date, as some vendors print it.

    Args:
        start_date: First date. Blank: the end of the previous year.
        end_date: Last date. Blank: the newest session in the data.
    """
    start = start_date or dt.date(end_date.asof.year - 1, 12, 31)
    return windowed.return_from(symbol, start, basis, anchor)


@worksheet_function(unit="price", example='=PX_MA("RUT",50)', many=lifted.averages)
def PX_MA(
    symbol: Symbol = default("^GSPC"),
    n: Sessions = default(20),
    asof: AsOf = default(None),
    kind: Average = default("SMA"),
) -> float:
    """Moving average of the last n closes, the as-of session included.

    SMA is their mean. EMA weighs by 2/(n+1) over all closes since the symbol's last gap. #N/A where one of the n
    closes is missing.

    Args:
        n: Number of closes.
    """
    return _average(symbol, n, kind)


def _average(symbol: Series, n: int, kind: str = "SMA") -> float:
    close = symbol.close
    if len(close) < n:
        raise NoData(f"{symbol.name} has {len(close)} sessions up to then; an average of {n} needs more; lower n")
    gaps = np.flatnonzero(np.isnan(close))
    if len(gaps) and gaps[-1] >= len(close) - n:
        symbol.at(int(gaps[-1]))
    if kind == "EMA":
        return averages.exponential(close[gaps[-1] + 1 :] if len(gaps) else close, n)
    return float(close[-n:].mean())


@worksheet_function(unit="return", example='=PX_VS_MA("RUT",50)', many=lifted.over_averages)
def PX_VS_MA(symbol: Symbol = default("^GSPC"), n: Sessions = default(200), asof: AsOf = default(None)) -> float:
    """Close over its simple moving average, minus 1.

    Args:
        n: Number of closes in the average.
    """
    return windowed.growth(_average(symbol, n), symbol.at(-1))


@worksheet_function(unit="return", example='=PX_DRAWDOWN("NVDA","1Y")', many=lifted.drawdowns)
def PX_DRAWDOWN(
    here: Here, symbol: Symbol = default("^GSPC"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Close over the highest close of the window, minus 1 (zero at a high).

    Gaps inside the window are passed over; that closes begin within it is told.
    """
    last, closes = symbol.at(-1), windowed.closes_in(symbol, window)
    windowed.tell_if_shorter(here, symbol, window)
    windowed.growth(float(np.nanmax(closes)), last)
    return levels.drawdown(closes)


@worksheet_function(unit="share", example='=PX_PCTRANK("VIX","1Y")', many=lifted.percent_ranks)
def PX_PCTRANK(
    here: Here, symbol: Symbol = default("^GSPC"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Share of the window's closes at or below the last one, itself included.

    Gaps inside the window are passed over; that closes begin within it is told.
    """
    return windowed.percent_rank(here, symbol, window)


@worksheet_function(unit="date", example='=PX_SINCE("VIX","2025-11-20")')
def PX_SINCE(symbol: Symbol = default("^GSPC"), asof: AsOf = default(None), side: Side = default("HIGH")) -> dt.date:
    """Last earlier session with a close at least as high (low): the date of "highest since".

    #N/A where the data hold no such session: the close is then the highest (lowest) since they begin.

    Args:
        side: HIGH: a close at least as high. LOW: at least as low.
    """
    days = symbol.days
    symbol.at(-1)
    row = levels.last_at_least(symbol.close if side == "HIGH" else -symbol.close)
    if row is None:
        word = "high" if side == "HIGH" else "low"
        begin = days[windowed.first_row(symbol, windowed.EVERYTHING)]
        raise NoData(f"no earlier close of {symbol.name} as {word} since the data begin on {begin} for {symbol.name}")
    day: dt.date = days[row].item()
    return day


@worksheet_function(unit="date", example='=PX_CROSS("DJI",50000)')
def PX_CROSS(
    symbol: Symbol = default("^DJI"),
    level: Number = default(50000),
    window: Window = default("MAX"),
    asof: AsOf = default(None),
) -> dt.date:
    """Date of the last close on the other side of a level than the close before it.

    A close equal to the level counts as above. #N/A where no close of the window crossed it.

    Args:
        level: The level.
    """
    close, days = symbol.close, symbol.days
    start = windowed.first_row(symbol, window)
    row = levels.last_crossing(close[max(0, start - 1) :], level)
    if row is None:
        begin = days[max(0, start - 1, windowed.first_row(symbol, windowed.EVERYTHING))]
        raise NoData(f"no close of {symbol.name} crossed {level:g} since {begin}; widen the window")
    day: dt.date = days[max(0, start - 1) + row].item()
    return day


@worksheet_function(unit="money", example='=PX_MKTCAP("MSFT")')
def PX_MKTCAP(symbol: Symbol = default("AAPL"), asof: AsOf = default(None)) -> float:
    """Market value: close times shares outstanding.

    In the currency of the price. #N/A where the source states no number of shares.
    """
    return symbol.at(-1) * _shares(symbol)


@worksheet_function(unit="money", example='=PX_MKTCAP_CHANGE("MAG7","1M")')
def PX_MKTCAP_CHANGE(
    symbols: Symbols = default("MAG7"), window: Window = default("1M"), asof: AsOf = default(None)
) -> float:
    """Sum of the change in market value over a window.

    Closes at both ends times the shares outstanding at the as-of session, so that the change is the price's alone.
    #N/A where a member lacks a close or its number of shares.
    """
    return sum(_change(asof.series(ticker), window, asof) for ticker in symbols.tickers)


def _change(series: Series, window: WindowValue, market: Market) -> float:
    base = market.base_row(window)
    if window.unit is not Unit.SESSIONS:
        base = series.last_close_row(base)
    return (series.at(-1) - series.at(base)) * _shares(series)


def _shares(series: Series) -> float:
    shares = series.field("shares")
    known = np.flatnonzero(np.isfinite(shares))
    if len(known) == 0:
        raise NoData(f"the source states no number of shares for {series.name}")
    return float(shares[known[-1]])
