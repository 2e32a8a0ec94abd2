"""ROT: sector, size and style rotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, NoData, RotationError
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import Basket, ChoiceKind
from xlrotation.functions.boundary.many import Answers, Calls
from xlrotation.functions.boundary.orders import Order
from xlrotation.functions.boundary.parameters import (
    Anchor,
    AsOf,
    Basis,
    Count,
    Header,
    Here,
    Lang,
    Sector,
    Symbol,
    Universe,
    Window,
    Windows,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import lifted, windowed
from xlrotation.functions.families.rot import interpret
from xlrotation.languages import Text
from xlrotation.market import universes
from xlrotation.market.histories import first_close
from xlrotation.market.market import Elsewhere, Market, Series
from xlrotation.market.windows import Unit
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import mechanical, rotation, ties

Standing = Annotated[
    str, ChoiceKind(*("RETURN", "FIXED"), help=Text("RETURN (default): best first. FIXED: in the order of the list."))
]


def _sectors(market: Market) -> Basket:
    return Basket("SECTORS", market.members("SECTORS"))


@worksheet_function(unit="return", example='=ROT_SECTOR_RET("科技","20D")', many=lifted.returns)
def ROT_SECTOR_RET(
    sector: Sector = default(None),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    basis: Basis = default("price"),
    anchor: Anchor = default("CLOSE"),
    header: Header = default(True),
    lang: Lang = default(None),
    sort_by: Standing = default("RETURN"),
) -> float | Table:
    """A sector's return over a window; with no sector, all of them as a table, best first.

    Sectors are those of the home exchange's list: in New York the eleven Select Sector SPDR funds. #N/A where a close
    at either end is missing; in the table such a sector comes last.
    """
    if sector is not None:
        return windowed.window_return(sector, window, basis, anchor)
    returns = windowed.member_returns(asof, _sectors(asof), window, basis, anchor)
    if sort_by == "RETURN":
        returns = windowed.ranked(returns)
    rows = [[asof.name(ticker, lang), ticker, value] for ticker, value in returns]
    return Table(("sector", "symbol", "return"), rows, header, lang)


@worksheet_function(unit="table", example='=ROT_SECTOR_TABLE("1D 5D 20D YTD")')
def ROT_SECTOR_TABLE(
    windows: Windows = default("1D 5D 20D 3M YTD"),
    asof: AsOf = default(None),
    sort_by: Order = default(None),
    basis: Basis = default("price"),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Returns of all sectors, a row per sector, a column per window.

    A return whose close at either end is missing shows #N/A.

    Args:
        sort_by: Window whose return orders the rows, best first, or FIXED for the order of the list. Blank: the first.
    """
    basket = _sectors(asof)
    columns = [dict(windowed.member_returns(asof, basket, window, basis)) for window in windows]
    tickers: Sequence[str] = basket.tickers
    if not isinstance(sort_by, str):
        order = columns[0] if sort_by is None else dict(windowed.member_returns(asof, basket, sort_by, basis))
        tickers = [ticker for ticker, _ in windowed.ranked(list(order.items()))]
    rows = [[asof.name(ticker, lang), ticker, *(column[ticker] for column in columns)] for ticker in tickers]
    return Table(("sector", "symbol", *map(str, windows)), rows, header, lang)


@worksheet_function(unit="count", example='=ROT_SECTOR_RANK("XLU","20D")')
def ROT_SECTOR_RANK(
    sector: Sector = default("XLK"), window: Window = default("20D"), asof: AsOf = default(None)
) -> int:
    """Rank of a sector's return among the sectors, 1 = best.

    Sectors without a return over the window are left out; equal returns share the better rank.
    """
    assert sector is not None
    own = windowed.window_return(sector, window)
    returns = windowed.member_returns(asof, _sectors(asof), window)
    return 1 + sum(ties.above(1.0 + value, 1.0 + own) for _, value in returns)


@worksheet_function(unit="return", example='=ROT_SECTOR_SPREAD("1D","2026-01-16")')
def ROT_SECTOR_SPREAD(window: Window = default("1D"), asof: AsOf = default(None)) -> float:
    """Return of the best sector minus that of the worst.

    Sectors without a return over the window are left out; #N/A where fewer than two have one.
    """
    return windowed.spread(asof, _sectors(asof), window)


@worksheet_function(unit="text", example='=ROT_SECTOR_BEST("YTD",,"zh")')
def ROT_SECTOR_BEST(window: Window = default("1D"), asof: AsOf = default(None), lang: Lang = default(None)) -> str:
    """Name of the sector with the highest return.

    Sectors without a return over the window are left out.
    """
    return asof.name(windowed.ranked(windowed.member_returns(asof, _sectors(asof), window))[0][0], lang)


@worksheet_function(unit="text", example='=ROT_SECTOR_WORST("YTD")')
def ROT_SECTOR_WORST(window: Window = default("1D"), asof: AsOf = default(None), lang: Lang = default(None)) -> str:
    """Name of the sector with the lowest return.

    Sectors without a return over the window are left out.
    """
    returns = windowed.member_returns(asof, _sectors(asof), window)
    return asof.name(windowed.ranked(returns, best_first=False)[0][0], lang)


@worksheet_function(unit="table", example='=ROT_LEADERS("MAG7",3,"YTD")', mixes=True)
def ROT_LEADERS(
    universe: Universe = default("SECTORS"),
    n: Count = default(5),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The n members with the highest return, ranked.

    Members without a return over the window are left out.

    Args:
        n: Number of members.
    """
    return _ranking(universe, n, window, asof, header, lang, best_first=True)


@worksheet_function(unit="table", example='=ROT_LAGGARDS("MAG7",3,"YTD")', mixes=True)
def ROT_LAGGARDS(
    universe: Universe = default("SECTORS"),
    n: Count = default(5),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The n members with the lowest return, the worst first.

    Members without a return over the window are left out.

    Args:
        n: Number of members.
    """
    return _ranking(universe, n, window, asof, header, lang, best_first=False)


def _ranking(
    universe: Basket, n: int, window: Window, market: Market, header: bool, lang: str, best_first: bool
) -> Table:
    best = windowed.leading(market, universe, window, n, best_first)
    rows = [[place, market.name(ticker, lang), ticker, value] for place, (ticker, value) in enumerate(best, 1)]
    return Table(("rank", "name", "symbol", "return"), rows, header, lang)


@worksheet_function(unit="return", example='=ROT_REL_RET("WMT","IXIC","20D")', mixes=True, many=lifted.relative_returns)
def ROT_REL_RET(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    basis: Basis = default("price"),
    anchor: Anchor = default("CLOSE"),
) -> float:
    """Return of a minus return of b over the same window.

    #N/A where a close at either end is missing for a or b.

    Args:
        a: The symbol that leads.
        b: The symbol that it is compared with.
    """
    own = windowed.window_return(a, window, basis, anchor)
    return ties.return_gap(own, windowed.window_return(b, window, basis, anchor))


@worksheet_function(unit="return", example='=ROT_DEFENSIVE("20D")')
def ROT_DEFENSIVE(here: Here, window: Window = default("20D"), asof: AsOf = default(None)) -> float:
    """Mean return of staples, utilities and health care minus that of technology, discretionary and communication.

    A sector that did not exist when the window began (communication before 2018) does not count, which is told. #N/A
    where one of the others lacks a close at either end.
    """
    defensive = _mean_return(here, asof, universes.DEFENSIVE, window)
    return ties.return_gap(defensive, _mean_return(here, asof, universes.OFFENSIVE, window))


def _mean_return(here: Scope, market: Market, tickers: tuple[str, ...], window: WindowValue) -> float:
    """Mean return of those that existed when the window began; of all, where none did, so that the reason is theirs."""
    existing = [ticker for ticker in tickers if _existed(market.series(ticker), market, window)]
    if existing and len(existing) < len(tickers):
        young = ", ".join(ticker for ticker in tickers if ticker not in existing)
        here.tell(
            f"the mean over {window} at {market.asof} is of {len(existing)} of {len(tickers)} sectors "
            f"({', '.join(existing)}); {young} did not exist when the window began"
        )
    chosen = existing or tickers
    return sum(windowed.window_return(market.series(ticker), window) for ticker in chosen) / len(chosen)


def _existed(series: Series, market: Market, window: WindowValue) -> bool:
    """Whether a series of *market* has begun by the window's base close."""
    base, begun = market.base_row(window), first_close(market, series.name)
    return begun is not None and begun <= base


@worksheet_function(unit="return", example='=ROT_SIZE("YTD")')
def ROT_SIZE(window: Window = default("20D"), asof: AsOf = default(None)) -> float:
    """Small minus large: return of the Russell 2000 minus that of the S&P 500."""
    return _gap(asof, "^RUT", "^GSPC", window)


@worksheet_function(unit="return", example='=ROT_VALUE("YTD")')
def ROT_VALUE(window: Window = default("20D"), asof: AsOf = default(None)) -> float:
    """Value minus growth: return of the Russell 1000 Value fund (IWD) minus that of the Growth fund (IWF)."""
    return _gap(asof, "IWD", "IWF", window)


@worksheet_function(unit="return", example='=ROT_EQUALWEIGHT("YTD")')
def ROT_EQUALWEIGHT(window: Window = default("20D"), asof: AsOf = default(None)) -> float:
    """Equal weight minus cap weight: return of the equal-weight S&P 500 fund (RSP) minus that of SPY."""
    return _gap(asof, "RSP", "SPY", window)


def _gap(market: Market, a: str, b: str, window: Window) -> float:
    own = windowed.window_return(market.series(a), window)
    return ties.return_gap(own, windowed.window_return(market.series(b), window))


def _persistences(calls: Calls) -> Answers:
    """ROT_PERSISTENCE at many as-of dates: the rankings of each window are made once. Gaps are left to the call itself.

    A correlation of ranks does not hang on the share count that closes are stated on.
    """
    (_, windows), (_, counts), (codes, read) = (calls.read(place) for place in range(3))
    window, lags = windows[0], counts[0]
    markets = [market if isinstance(market, Market) else None for market in read]
    newest = max(filter(None, markets), key=lambda market: market.end, default=None)
    same = len(windows) == len(counts) == 1 and isinstance(window, WindowValue) and window.unit is Unit.SESSIONS
    if newest is None or not same or not isinstance(lags, int):
        return calls.nothing()
    try:
        sectors = newest.members("SECTORS")
        ends = np.array([market.end if market and market.members("SECTORS") == sectors else 0 for market in markets])
        rows = newest.end + 1 - int(ends[ends > 0].min())
        closes = newest.closes(sectors, first=max(0, newest.end - rows - window.count * (lags + 1)))
    except (RotationError, Elsewhere):  # the call itself says why
        return calls.nothing()
    found = mechanical.rolling_persistence(closes, window.count, lags, rows)
    values = np.where(ends > 0, found[np.where(ends > 0, ends - newest.end - 1, 0)], np.nan)
    return values[codes], np.isfinite(values)[codes]


@worksheet_function(
    unit="correlation",
    example='=ROT_PERSISTENCE("5D",12)',
    source="Spearman rank correlation",
    many=_persistences,
)
def ROT_PERSISTENCE(window: Window = default("5D"), lags: Count = default(12), asof: AsOf = default(None)) -> float:
    """Mean Spearman correlation of the sector rankings of successive windows.

    Near +1 the same sectors keep leading (persistent rotation), near 0 or below leadership changes at random or turns
    over (mechanical rotation). Windows do not overlap; sectors with a gap at a window's end are left out.

    Args:
        window: Sessions in a window, such as 5D.
        lags: Number of pairs of successive windows.
    """
    if window.unit is not Unit.SESSIONS:
        raise BadArgument(f"the window {window} is no number of sessions; give one such as 5D")
    needed = window.count * (lags + 1) + 1
    closes = asof.last_closes(asof.members("SECTORS"), needed)
    if len(closes) < needed:
        raise NoData(f"{lags} lags of {window} need {needed} sessions; there are {len(closes)}; lower lags")
    whole = np.isfinite(closes[len(closes) - needed :: window.count]).all(axis=0)
    if np.count_nonzero(whole) < 3:
        raise NoData(
            "fewer than three sectors have closes at the ends of all windows; shorten the window or lower lags"
        )
    return rotation.persistence(closes[:, whole], window.count, lags)


@worksheet_function(unit="text", example='=ROT_INTERPRET("WMT","20D",,"zh")', mixes=True)
def ROT_INTERPRET(
    symbol: Symbol = default("^GSPC"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    lang: Lang = default(None),
) -> str:
    """A return in words: its size against the symbol's own volatility, its standing against the S&P 500, its role.

    Flat is below a quarter of the window's standard deviation (daily deviation of the last 252 sessions times the
    root of the window's sessions), strong is above one. Within 1 percentage point of the S&P 500 counts as in line.
    """
    change = windowed.window_return(symbol, window)
    market_change = windowed.window_return(asof.series("^GSPC"), window) if asof.has("^GSPC") else float("nan")
    sessions = len(symbol.close) - 1 - symbol.base_row(window)
    expected = interpret.daily_deviation(symbol.close[-253:]) * sessions**0.5
    return interpret.sentence(symbol.name, change, expected, ties.return_gap(change, market_change), lang)
