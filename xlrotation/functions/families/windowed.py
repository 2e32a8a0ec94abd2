"""Returns and values over a window, as several families need them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence

import numpy as np

from xlrotation.errors import DividedByZero, NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.scope import Scope
from xlrotation.market import histories
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit, Window
from xlrotation.measures import dispersion, levels, returns, ties

EVERYTHING = Window(Unit.EVERYTHING)


def first_row(series: Series, window: Window) -> int:
    """The row of the window's first session; a window of n sessions needs n of them, not the close before."""
    if window.unit is Unit.SESSIONS:
        row = len(series.close) - window.count
        if row < 0:
            raise NoData(f"{window} needs {window.count} sessions; there are {len(series.close)}; shorten the window")
        return row
    if window.unit is Unit.SINCE and series.market is not None:
        assert window.since is not None
        return series.market.first_row_from(window.since)
    if window.unit is Unit.EVERYTHING:
        known = np.flatnonzero(np.isfinite(series.close))
        return int(known[0]) if len(known) else 0
    return series.base_row(window) + 1


def first_row_of(market: Market, window: Window) -> int:
    """The row of the window's first session on the market's calendar."""
    if window.unit is Unit.SINCE:
        assert window.since is not None
        return market.first_row_from(window.since)
    if window.unit is Unit.SESSIONS:
        if window.count > market.end:
            raise NoData(f"{window} needs {window.count} sessions; the data have {market.end}; shorten the window")
        return market.end - window.count
    return 0 if window.unit is Unit.EVERYTHING else market.base_row(window) + 1


def closes_in(series: Series, window: Window) -> FloatArray:
    """The closes of the window's sessions: n closes for a window of n sessions."""
    if window.unit is Unit.SESSIONS:
        if len(series.close) < window.count:
            raise NoData(f"{window} needs {window.count} closes; there are {len(series.close)}; shorten the window")
        return series.close[-window.count :]
    return series.close[first_row(series, window) :]


def tell_if_shorter(here: Scope, series: Series, window: Window) -> None:
    """Tell of a window that begins before the closes of *series* do: the answer is of fewer sessions than it names.

    The session before a window of the calendar, whose close is the base of a return, is none of its own.
    """
    if window.unit is Unit.EVERYTHING:
        return
    known = np.flatnonzero(np.isfinite(series.close))
    first = len(series.close) - window.count if window.unit is Unit.SESSIONS else first_row(series, window)
    if len(known) and known[0] > first:
        begin = f"in row {known[0] + 1}" if series.market is None else f"on {series.days[known[0]]}"
        sessions = f"{len(series.close) - known[0]} of its {len(series.close) - first} sessions"
        here.tell(f"the closes of {series.name} begin {begin}, within the window {window}: {sessions} count")


def window_return(series: Series, window: Window, basis: str = "price", anchor: str = "CLOSE") -> float:
    """Return of *series* over *window*.

    Raises:
        NoData: A price at either end is missing.
    """
    path = series.path(basis)
    if anchor == "CLOSE":
        return growth(*end_closes(series, window, path))
    last = series.at(-1, path)
    row = first_row(series, window)
    if anchor == "POINTS":
        return growth(series.at(row, path), last)
    base = series.at(row, series.field("open"), "open")
    if basis == "total":
        close = series.at(row)
        if close == 0.0:
            raise DividedByZero("the base of the return is zero")
        base *= series.at(row, path) / close
    return growth(base, last)


def end_closes(series: Series, window: Window, path: FloatArray | None = None) -> tuple[float, float]:
    """The closes between which *series* moves over *window*, or the values of a path of them.

    Raises:
        NoData: One is missing.
    """
    last = series.at(-1, path)
    if window.unit is Unit.EVERYTHING:
        row = first_row(series, window)
    else:
        row = series.base_row(window)
        if window.unit is not Unit.SESSIONS:
            row = series.last_close_row(row)
    return series.at(row, path), last


def return_from(series: Series, day: dt.date, basis: str = "price", anchor: str = "CLOSE") -> float:
    """Return since *day*: its close (or the last before), or its open with the anchor OPEN."""
    return window_return(series, Window(Unit.SINCE, since=day), basis, anchor)


def growth(base: float, last: float) -> float:
    """``last / base - 1``; exactly 0 where only rounding tells the two apart."""
    if base == 0.0:
        raise DividedByZero("the base of the return is zero")
    if base < 0.0 or last < 0.0:
        raise OutOfDomain(f"from {base:g} to {last:g}: a return on a negative number means nothing")
    return ties.ratio_less_one(last, base)


def member_returns(
    market: Market, basket: Basket, window: Window, basis: str = "price", anchor: str = "CLOSE"
) -> list[tuple[str, float]]:
    """Ticker and return of each member, NaN for one whose prices are missing.

    Raises:
        NoData: No member has a return; the message says why the first has none.
    """
    values = returns_of(market, basket, window, basis, anchor)
    return list(zip(basket.tickers, values.tolist(), strict=True))


def returns_of(
    market: Market, basket: Basket, window: Window, basis: str = "price", anchor: str = "CLOSE"
) -> FloatArray:
    """As :func:`member_returns`, without the tickers."""
    found = np.full(len(basket.tickers), np.nan)
    if anchor == "CLOSE" and window.unit is not Unit.EVERYTHING:
        row = market.base_row(window)
        base, last = market.closes_on(basket.tickers, row, basis), market.closes_on(basket.tickers, -1, basis)
        found = ties.ratios_less_one(last, base)
        found[(base <= 0.0) | (last < 0.0)] = np.nan  # as growth() has it of one
    missing = np.flatnonzero(~np.isfinite(found)).tolist()
    for place in missing:  # a gap at either end, which an earlier close may fill
        if market.has(basket.tickers[place]):
            with contextlib.suppress(RotationError):
                found[place] = window_return(market.series(basket.tickers[place]), window, basis, anchor)
    if len(missing) == len(found) and not np.isfinite(found).any():
        try:
            window_return(market.series(basket.tickers[0]), window, basis, anchor)
        except RotationError as error:
            raise NoData(f"no member of {basket.name} has a return over {window}: {error.message}") from None
    return found


def leading(market: Market, basket: Basket, window: Window, n: int, best_first: bool = True) -> list[tuple[str, float]]:
    """Ticker and return of the first *n* of :func:`ranked` members that have a return."""
    values = returns_of(market, basket, window)
    growth = 1.0 + values
    places = ties.order(-growth if best_first else growth)[:n]  # those without a return come last
    found = values[places]
    return [
        (basket.tickers[place], value)
        for place, value in zip(places.tolist(), found.tolist(), strict=True)
        if value == value
    ]


def known_returns(market: Market, basket: Basket, window: Window) -> list[tuple[str, float]]:
    """As :func:`member_returns`, without the members that have none."""
    return [item for item in member_returns(market, basket, window) if item[1] == item[1]]


def spread(market: Market, basket: Basket, window: Window) -> float:
    """Return of the best member minus that of the worst.

    Raises:
        NoData: Fewer than two members have one: a single one is no spread of 0.
    """
    values = returns_of(market, basket, window)
    known = values[~np.isnan(values)]
    if len(known) < 2:
        raise NoData(f"only one member of {basket.name} has a return over {window}; widen the universe or the window")
    return float(known.max() - known.min())


def percent_rank(here: Scope, series: Series, window: Window) -> float:
    """Share of the window's closes at or below the last one; the last one must be there, other gaps are passed over."""
    series.at(-1)
    tell_if_shorter(here, series, window)
    return levels.percent_rank(closes_in(series, window))


def ranked(returns: list[tuple[str, float]], best_first: bool = True) -> list[tuple[str, float]]:
    """*returns* by size, equal ones as they stand, those without one last."""
    growth = np.array([1.0 + value for _, value in returns])
    return [returns[place] for place in ties.order(-growth if best_first else growth).tolist()]


def aligned(a: Series, b: Series) -> tuple[FloatArray, FloatArray]:
    """The closes of two series on the same rows, ending together; none is negative.

    Raises:
        OutOfDomain: One is, and a ratio of them would mean nothing.
    """
    whole = a.close, b.close
    ending = _together(a, b, *whole)
    for series, closes in zip((a, b), whole, strict=True):
        if (closes < 0.0).any():
            raise OutOfDomain(f"{series.name} has a negative value, and relative strength is a ratio; give prices")
    return ending


def ending_together(a: Series, b: Series) -> tuple[FloatArray, FloatArray]:
    """The closes of two series on the same rows, ending together."""
    return _together(a, b, a.close, b.close)


def _together(a: Series, b: Series, first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    n = min(len(first), len(second))
    if n < 2:
        raise NoData(f"{a.name} against {b.name} needs two closes each; give longer columns")
    return first[-n:], second[-n:]


def correlation_history(market: Market, tickers: Sequence[str], rows: int, n: int) -> FloatArray:
    """Mean pairwise correlation of the last *n* daily returns at each of the last *rows* sessions, NaN without one."""

    def made(first: int, last: int) -> FloatArray:
        closes = market.closes(tickers, first=first - n)[: last - first + n]
        return dispersion.rolling_pairwise_correlation(returns.simple(closes), n)

    first = market.end - rows
    start = min(max(first, n), market.end)
    known = histories.history(market, ("correlation", tuple(tickers), n), start, made)
    return np.concatenate([np.full(start - first, np.nan), known])
