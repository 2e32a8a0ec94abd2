"""DISP: dispersion and correlation, from the market's data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import Basket, ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Symbol, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import windowed
from xlrotation.languages import Text
from xlrotation.market import weighing
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.measures import dispersion
from xlrotation.measures.returns import simple

Weighting = Annotated[
    str,
    ChoiceKind(
        *("CAP", "EQUAL"),
        help=Text("CAP (weights of the source, else market values) or EQUAL."),
    ),
]


@worksheet_function(
    unit="correlation",
    example='=DISP_REALCORR("MAG7","3M")',
    source="mean Pearson correlation",
    mixes=True,
)
def DISP_REALCORR(
    here: Here,
    universe: Universe = default("SP50"),
    window: Window = default("1M"),
    asof: AsOf = default(None),
    weighting: Weighting = default("EQUAL"),
) -> float:
    """Average pairwise realised correlation of daily returns over the window.

    With CAP a pair weighs the product of its members' weights. Members with a gap in the window are left out.
    """
    returns, tickers = _daily_returns(asof, universe, window)
    if weighting == "EQUAL":
        return dispersion.mean_pairwise_correlation(returns)
    weights = _weights(here, asof, universe, tickers, weighting)
    known = np.isfinite(weights)
    return dispersion.mean_pairwise_correlation(returns[:, known], weights[known] / weights[known].sum())


_XS = "Edwards and Lazzara, Dispersion: Measuring Market Opportunity, S&P Dow Jones Indices 2013"


@worksheet_function(unit="return", example='=DISP_XS("SP50","1M")', source=_XS, mixes=True)
def DISP_XS(
    here: Here,
    universe: Universe = default("SP50"),
    window: Window = default("1M"),
    asof: AsOf = default(None),
    weighting: Weighting = default("CAP"),
) -> float:
    """Cross-sectional dispersion: weighted standard deviation of the members' returns over the window.

    Around the basket's own weighted return, without a correction for the number of members. Members without a return
    or a weight are left out and the other weights add up to 1.
    """
    returns = windowed.returns_of(asof, universe, window)
    there = np.isfinite(returns)
    returns = returns[there]
    weights = _weights(here, asof, universe, list(itertools.compress(universe.tickers, there.tolist())), weighting)
    known = np.isfinite(weights)
    return dispersion.cross_section(returns[known], weights[known] / weights[known].sum())


@worksheet_function(unit="return", example='=DISP_RANGE("MAG7","1Y")', mixes=True)
def DISP_RANGE(
    universe: Universe = default("MAG7"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Return of the best member minus that of the worst.

    Members without a return over the window are left out; #N/A where fewer than two have one.
    """
    return windowed.spread(asof, universe, window)


@worksheet_function(unit="table", example='=DISP_RANGE_TABLE("MAG7","1Y")', mixes=True)
def DISP_RANGE_TABLE(
    universe: Universe = default("MAG7"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The members with their returns, best first, and in the last row the best minus the worst.

    A member without a return over the window comes last among the members, with #N/A; so does the last row where fewer
    than two have one.
    """
    returns = windowed.ranked(windowed.member_returns(asof, universe, window))
    known = [value for _, value in returns if value == value]
    rows: list[list[object]] = [[asof.name(ticker, lang), ticker, value] for ticker, value in returns]
    rows.append([word("range", lang), "", max(known) - min(known) if len(known) > 1 else np.nan])
    return Table(("name", "symbol", "return"), rows, header, lang)


@worksheet_function(unit="table", example='=DISP_PARADOX("SP50","SPX","3M")')
def DISP_PARADOX(
    here: Here,
    universe: Universe = default("SP50"),
    index: Symbol = default("^GSPC"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Why the index is calmer than its members: their mean variance, their correlation, and what cancels.

    Yearly realised figures over the window from daily returns without taking out their mean, cap-weighted: root of the
    mean single-stock variance, root of the index variance, the correlation that the two imply, and the share of the
    single-stock variance that cancels inside the index. Members with a gap in the window are left out.

    Args:
        index: Ticker, alias or name of the index.
    """
    returns, tickers = _daily_returns(asof, universe, window)
    weights = _weights(here, asof, universe, tickers, "CAP")
    known = np.isfinite(weights)
    weights = weights[known] / weights[known].sum()
    vols = dispersion.uncentred_volatility(returns[:, known])
    if len(index.close) <= len(returns):
        raise NoData(f"{index.name} has {len(index.close)} closes; the window needs {len(returns) + 1}")
    level = index.close[len(index.close) - 1 - len(returns) :]
    index_returns = simple(level)
    if not np.isfinite(index_returns).all():
        raise NoData(f"{index.name} lacks a close above zero within {window}")
    index_vol = float(dispersion.uncentred_volatility(index_returns))
    variance = float(weights @ vols**2)
    rows = [
        [word("member_vol", lang), variance**0.5],
        [word("index_vol", lang), index_vol],
        [word("correlation", lang), dispersion.implied_correlation(index_vol, vols, weights)],
        [word("cancelled", lang), 1.0 - index_vol**2 / variance],
    ]
    return Table(("item", "value"), rows, header, lang)


def returns_in(market: Market, tickers: Sequence[str], window: Window) -> FloatArray:
    """Daily returns of the window's sessions, ``(sessions, tickers)``, NaN for a gap."""
    first = windowed.first_row_of(market, window)
    if first == 0 and window.unit is Unit.SESSIONS:
        raise NoData(f"{window} needs {window.count + 1} sessions, the one before it as well; shorten the window")
    return simple(market.closes(tickers, first=max(first, 1) - 1))


def _daily_returns(market: Market, universe: Basket, window: Window) -> tuple[FloatArray, list[str]]:
    """Daily returns of the window's sessions of the members without a gap in them."""
    returns = returns_in(market, universe.tickers, window)
    whole = np.isfinite(returns).all(axis=0)
    if np.count_nonzero(whole) < 2 or len(returns) < 2:
        raise NoData(f"fewer than two members of {universe.name} have all closes of {window}; change the window")
    return returns[:, whole], [universe.tickers[place] for place in np.flatnonzero(whole).tolist()]


def _weights(here: Scope, market: Market, universe: Basket, tickers: list[str], weighting: str) -> FloatArray:
    if weighting == "EQUAL":
        return np.ones(len(tickers))
    every = dict(zip(universe.tickers, weighing.told(market, universe.name, universe.tickers, here.tell), strict=True))
    weights = np.array([every[ticker] for ticker in tickers])
    if not np.isfinite(weights).any():
        raise NoData(f"no member of {universe.name} with a return has a weight")
    return weights
