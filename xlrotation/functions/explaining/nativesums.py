"""The native formulas of sums, ratios and models that close: of members, options, series and figures of one's own."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import Any

import numpy as np

from xlrotation.functions.boundary.baskets import Basket
from xlrotation.functions.explaining.nativeparts import (
    NoNative,
    column,
    each_grown,
    ends,
    grown,
    known,
    members_grown,
    native,
    number,
)
from xlrotation.market import rosters
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit, Window

# ---------------------------------------------------------------------- prices and members


@native("PX_RET_BETWEEN")
def _between(symbol: Series, start: dt.date | None, market: Market, basis: str, anchor: str) -> str:
    since = start or dt.date(market.asof.year - 1, 12, 31)
    return f"{grown(symbol, Window(Unit.SINCE, since=since), basis, anchor)}-1"


@native("UNI_RET")
def _list_return(_: Any, universe: Basket, window: Window, market: Market, weighting: str, basis: str) -> str:
    if weighting != "EQUAL":
        raise NoNative(f"none is declared for the weighting {weighting}")
    begin = market.at_row(market.base_row(window))
    members = rosters.at(begin, universe.name, universe.tickers, -1)
    pairs = [ends(market.series(ticker), window, basis) for ticker in members if market.shown.holds(ticker)]
    return f"AVERAGE({each_grown([pair for pair in pairs if np.isfinite(pair).all()])})-1"


def _named_sector(largest: bool) -> Any:
    def made(window: Window, market: Market, lang: str) -> str:
        there = [
            ticker
            for ticker in market.members("SECTORS")
            if market.shown.holds(ticker) and np.isfinite(ends(market.series(ticker), window)).all()
        ]
        names = ";".join('"' + market.name(ticker, lang).replace('"', '""') + '"' for ticker in there)
        pick = "MAX" if largest else "MIN"
        returns = members_grown(market, there, window)
        return f"LET(g,{returns},INDEX({{{names}}},MATCH({pick}(g),g,0)))"

    return made


native("ROT_SECTOR_BEST")(_named_sector(largest=True))
native("ROT_SECTOR_WORST")(_named_sector(largest=False))


@native("BRD_ABOVE_MA")
def _above(universe: Basket, n: int, market: Market, *_: Any) -> str:
    terms = []
    for ticker in universe.tickers:
        closes = market.series(ticker).close[-n:] if market.shown.holds(ticker) else np.zeros(0)
        if len(closes) == n and np.isfinite(closes).all():
            terms.append(f"({number(float(closes[-1]))}>AVERAGE({column(closes)}))")
    if not terms:
        raise NoNative("there are no data")
    return f"({'+'.join(terms)})/{len(terms)}"


def _traded(universe: Basket, market: Market) -> str:
    """Names for what became of each member on the day, and for its volume: g and v."""
    pairs, volumes = [], []
    for ticker in universe.tickers:
        if market.shown.holds(ticker):
            series = market.series(ticker)
            row = (float(series.close[-2]), float(series.close[-1]), float(series.field("volume")[-1]))
            if np.isfinite(row).all():
                pairs.append(row[:2])
                volumes.append(row[2])
    return f"g,{each_grown(pairs)},v,{column(volumes)}"


@native("BRD_UPVOLUME")
def _up_volume(_: Any, universe: Basket, market: Market) -> str:
    return f"LET({_traded(universe, market)},SUM(v*(g>1))/SUM(v*(g<>1)))"


@native("BRD_TRIN")
def _arms(_: Any, universe: Basket, market: Market) -> str:
    return f"LET({_traded(universe, market)},SUM(--(g>1))/SUM(--(g<1))/(SUM(v*(g>1))/SUM(v*(g<1))))"


# ---------------------------------------------------------------------- options


@native("VOL_PUTCALL")
def _put_call(_: Any, symbol: Series, by: str, market: Market) -> str:
    chain = market.chain(symbol.name)
    counts = chain.volume if by == "VOLUME" else chain.open_interest
    if counts is None:
        raise NoNative("there are no data")
    future = chain.expiry > np.datetime64(chain.day)
    sides = (known(counts[future & side]) for side in (~chain.call, chain.call))
    return "/".join(f"SUM({column(side[side != 0.0])})" for side in sides)


def _black_scholes(vol: float, spot: float, strike: float, t: float, rate: float, dividends: float) -> str:
    """Names for the inputs of the formula: s, k, v, t, i (the rate), q, and d as its d1."""
    given = zip("skvtiq", (spot, strike, vol, t, rate, dividends), strict=True)
    names = ",".join(f"{name},{number(value)}" for name, value in given)
    return f"{names},d,(LN(s/k)+(i-q+v^2/2)*t)/(v*SQRT(t))"


def _sign(kind: str) -> str:
    return "" if kind.startswith("C") else "-"


@native("VOL_BS_PRICE")
def _option_price(vol: float, spot: float, strike: float, t: float, rate: float, q: float, kind: str) -> str:
    if vol <= 0.0 or t <= 0.0:
        raise NoNative("without volatility or time the formula divides by zero")
    sign = _sign(kind)
    first, second = (f"NORM.S.DIST({sign}({d}),TRUE)" for d in ("d", "d-v*SQRT(t)"))
    names = _black_scholes(vol, spot, strike, t, rate, q)
    return f"LET({names},{sign}(s*EXP(-q*t)*{first}-k*EXP(-i*t)*{second}))"


@native("VOL_BS_GREEK")
def _greek(greek: str, vol: float, spot: float, strike: float, t: float, rate: float, q: float, kind: str) -> str:
    sign = _sign(kind)
    first, second = (f"{sign}NORM.S.DIST({sign}({d}),TRUE)" for d in ("d", "d-v*SQRT(t)"))
    density = "NORM.S.DIST(d,FALSE)"
    made = {
        "DELTA": f"EXP(-q*t)*{first}",
        "GAMMA": f"EXP(-q*t)*{density}/(s*v*SQRT(t))",
        "VEGA": f"s*EXP(-q*t)*{density}*SQRT(t)",
        "THETA": f"0-s*EXP(-q*t)*{density}*v/(2*SQRT(t))-i*k*EXP(-i*t)*({second})+q*s*EXP(-q*t)*({first})",
        "RHO": f"k*EXP(-i*t)*t*({second})",
    }
    return f"LET({_black_scholes(vol, spot, strike, t, rate, q)},{made[greek]})"


@native("DISP_PNL")
def _dispersion_pnl(
    _: Any,
    index: float,
    vols: FloatArray,
    shares: FloatArray,
    realised_index: float,
    realised: FloatArray,
    vega: float,
) -> str:
    there = np.isfinite(vols) & np.isfinite(shares) & np.isfinite(realised)
    members = f"k,{column(vols[there])},v,{column(shares[there])},s,{column(realised[there])}"
    other = f"({number(realised_index)}^2-{number(index)}^2)/(2*{number(index)})"
    return f"LET({members},100*{number(vega)}*(SUM(v/SUM(v)*(s^2-k^2)/(2*k))-{other}))"


@native("DISP_REALCORR_CALC")
def _mean_correlation(prices: FloatArray) -> str:
    whole = prices[:, (np.isfinite(prices) & (prices > 0)).all(axis=0)]
    returns = [f"{column(path[1:])}/{column(path[:-1])}" for path in whole.T]
    if any(np.ptp(path[1:] / path[:-1]) == 0.0 for path in whole.T):
        raise NoNative("a return that never changes has no correlation")
    pairs = [f"CORREL({a},{b})" for a, b in combinations(returns, 2)]
    return f"AVERAGE({','.join(pairs)})"


# ---------------------------------------------------------------------- series, and figures of one's own


@native("MAC_CURVE_SLOPE")
def _slope_of_curve(_: Any, far: str, near: str, market: Market) -> str:
    names = (f"DGS{tenor[:-1]}{'MO' if tenor.endswith('M') else ''}" for tenor in (far, near))
    both = [market.dated(name).by_day() for name in names]
    day = max(both[0].keys() & both[1].keys())
    return f"ROUND({number(both[0][day])}-{number(both[1][day])},10)"


@native("MAC_SAHM")
def _sahm(_: Any, rates: FloatArray) -> str:
    last = rates[-15:]
    if not np.isfinite(last).all():
        raise NoNative("one of the data is a gap")
    means = [f"AVERAGE({column(last[row : row + 3])})" for row in range(13)]
    return f"ROUND({means[-1]}-MIN({','.join(means[:-1])})+1E-9,2)"


@native("MAC_WIDENING_BP")
def _widening(_: Any, spreads: FloatArray, window: Window) -> str:
    there = known(spreads)
    back = window.count if window.unit is Unit.SESSIONS else len(there) - 1
    return f"100*({number(float(there[-1]))}-({number(float(there[-1 - back]))}))"


@native("MAC_DIFFUSION")
def _diffusion(components: FloatArray, window: int) -> str:
    before, now = components[-1 - window], components[-1]
    there = np.isfinite(before) & np.isfinite(now)
    return f"LET(a,{column(before[there])},b,{column(now[there])},(SUM(--(b>a))+SUM(--(b=a))/2)/ROWS(a))"


@native("MAC_COMPOSITE")
def _composite(components: FloatArray) -> str:
    scores = []
    for path in components.T:
        own = column(known(path))
        scores.append(f"({number(float(path[-1]))}-AVERAGE({own}))/STDEV.S({own})")
    return f"({'+'.join(scores)})/{len(scores)}"


@native("FLOW_NET")
def _net_flow(shares: FloatArray, nav: FloatArray, nav_of: str) -> str:
    there = np.isfinite(shares) & np.isfinite(nav)
    if not there.all():
        raise NoNative("one of the data is a gap")
    value = nav[:-1] if nav_of == "PREVIOUS" else nav[1:]
    return f"SUM(({column(shares[1:])}-{column(shares[:-1])})*{column(value)})"


@native("FLOW_DIPBUY")
def _dip_buying(returns: FloatArray, flows: FloatArray, threshold: float) -> str:
    there = np.isfinite(returns) & np.isfinite(flows)
    names = f"x,{column(returns[there])},f,{column(flows[there])},d,--(x<{number(threshold)})"
    return f"LET({names},SUM(d*(f>0))/SUM(d))"
