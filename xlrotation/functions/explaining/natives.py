"""The native formulas of the functions, as :mod:`xlrotation.functions.explaining.nativeparts` has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlrotation.functions.boundary.baskets import Basket
from xlrotation.functions.explaining.nativeparts import (
    NATIVES,
    Native,
    NoNative,
    both,
    closes_in,
    column,
    each_grown,
    ends,
    first_row,
    grown,
    known,
    members_grown,
    moves,
    native,
    number,
    of_window,
    run,
    since_gap,
)
from xlrotation.market import universes
from xlrotation.market.market import Market, Series
from xlrotation.market.windows import Window

# ---------------------------------------------------------------------- prices


@native("PX_CLOSE")
def _close(symbol: Series, _: Market, basis: str) -> str:
    return number(float(symbol.path(basis)[-1]))


@native("PX_RET")
def _ret(symbol: Series, window: Window, _: Market, basis: str, anchor: str) -> str:
    return f"{grown(symbol, window, basis, anchor)}-1"


@native("ROT_SECTOR_RET")
def _sector_ret(sector: Series | None, window: Window, _: Market, basis: str, anchor: str, *__: Any) -> str:
    if sector is None:
        raise NoNative("none is declared for the table")
    return f"{grown(sector, window, basis, anchor)}-1"


@native("PX_CHANGE")
def _change(symbol: Series, window: Window, _: Market) -> str:
    first, last = ends(symbol, window)
    return f"{number(last)}-{number(first)}"


def _mean(symbol: Series, n: int) -> str:
    return f"AVERAGE({column(symbol.close[-n:])})"


@native("PX_MA")
def _ma(symbol: Series, n: int, _: Market, kind: str) -> str:
    if kind != "SMA":
        raise NoNative(f"none is declared for the kind {kind}")
    return _mean(symbol, n)


@native("PX_VS_MA")
def _vs_ma(symbol: Series, n: int, _: Market) -> str:
    return f"{number(float(symbol.close[-1]))}/{_mean(symbol, n)}-1"


@native("PX_DRAWDOWN")
def _drawdown(_: Any, symbol: Series, window: Window, __: Market) -> str:
    return f"{number(float(symbol.close[-1]))}/MAX({column(known(closes_in(symbol, window)))})-1"


@native("PX_PCTRANK", "VOL_PCTILE")
def _rank_share(_: Any, symbol: Series, window: Window, __: Market) -> str:
    closes = column(known(closes_in(symbol, window)))
    return f"LET(x,{closes},SUM(--(x<={number(float(symbol.close[-1]))}))/COUNT(x))"


@native("PX_ZSCORE")
def _z_score(_: Any, symbol: Series, window: Window, __: Market) -> str:
    closes = column(known(closes_in(symbol, window)))
    return f"LET(x,{closes},({number(float(symbol.close[-1]))}-AVERAGE(x))/STDEV.S(x))"


@native("PX_RANK")
def _rank(_: Any, symbol: Series, window: Window, __: Market, side: str) -> str:
    sign = ">" if side == "HIGH" else "<"
    return f"1+SUM(--({column(known(closes_in(symbol, window)))}{sign}{number(float(symbol.close[-1]))}))"


@native("VOL_RANK")
def _place(_: Any, symbol: Series, window: Window, __: Market) -> str:
    closes = column(known(closes_in(symbol, window)))
    return f"LET(x,{closes},({number(float(symbol.close[-1]))}-MIN(x))/(MAX(x)-MIN(x)))"


@native("PX_STREAK")
def _own_streak(_: Any, symbol: Series, __: Market, freq: str) -> str:
    if freq != "D":
        raise NoNative(f"none is declared for the length {freq}")
    (closes,) = since_gap(symbol.close)
    later, before = column(closes[1:]), column(closes[:-1])
    return f"{run(f'{later}>{before}')}-{run(f'{later}<{before}')}"


@native("PX_VOLUME")
def _volume(_: Any, symbol: Series, window: Window, __: Market, measure: str) -> str:
    volumes = symbol.field("volume")
    inside = column(known(volumes[first_row(symbol, window) :]))
    last = number(float(volumes[-1])) if measure in ("VOLUME", "RATIO") else ""
    return {
        "VOLUME": last,
        "AVERAGE": f"AVERAGE({inside})",
        "TOTAL": f"SUM({inside})",
        "RATIO": f"{last}/AVERAGE({inside})",
    }[measure]


def _shares(series: Series) -> str:
    stated = known(series.field("shares"))
    if len(stated) == 0:
        raise NoNative("one of the data is a gap")
    return number(float(stated[-1]))


@native("PX_MKTCAP")
def _market_value(symbol: Series, _: Market) -> str:
    return f"{number(float(symbol.close[-1]))}*{_shares(symbol)}"


@native("PX_MKTCAP_CHANGE")
def _market_values(symbols: Basket, window: Window, market: Market) -> str:
    terms = []
    for ticker in symbols.tickers:
        first, last = ends(market.series(ticker), window)
        terms.append(f"({number(last)}-{number(first)})*{_shares(market.series(ticker))}")
    return "+".join(terms)


# ---------------------------------------------------------------------- rotation


@native("ROT_REL_RET")
def _relative(a: Series, b: Series, window: Window, _: Market, basis: str, anchor: str) -> str:
    return f"{grown(a, window, basis, anchor)}-{grown(b, window, basis, anchor)}"


def _pair(a: str, b: str) -> Native:
    def made(window: Window, market: Market) -> str:
        return f"{grown(market.series(a), window)}-{grown(market.series(b), window)}"

    return made


NATIVES |= {
    "ROT_SIZE": _pair("^RUT", "^GSPC"),
    "ROT_VALUE": _pair("IWD", "IWF"),
    "ROT_EQUALWEIGHT": _pair("RSP", "SPY"),
}


@native("ROT_SECTOR_RANK")
def _sector_rank(sector: Series, window: Window, market: Market) -> str:
    return f"1+SUM(--({members_grown(market, market.members('SECTORS'), window)}>{grown(sector, window)}))"


@native("ROT_SECTOR_SPREAD")
def _sector_spread(window: Window, market: Market) -> str:
    return f"LET(g,{members_grown(market, market.members('SECTORS'), window)},MAX(g)-MIN(g))"


@native("DISP_RANGE")
def _range(universe: Basket, window: Window, market: Market) -> str:
    return f"LET(g,{members_grown(market, universe.tickers, window)},MAX(g)-MIN(g))"


@native("BRD_SECTORS_UP")
def _sectors_up(window: Window, market: Market) -> str:
    return f"SUM(--({members_grown(market, market.members('SECTORS'), window)}>1))"


@native("BRD_OUTPERFORM")
def _outperform(universe: Basket, benchmark: Series, window: Window, market: Market) -> str:
    members = members_grown(market, universe.tickers, window)
    return f"LET(g,{members},SUM(--(g>{grown(benchmark, window)}))/COUNT(g))"


@native("BRD_MEDIAN_GAP")
def _median_gap(universe: Basket, index: Series, window: Window, market: Market) -> str:
    return f"MEDIAN({members_grown(market, universe.tickers, window)})-{grown(index, window)}"


def weights(market: Market, universe: Basket) -> tuple[list[str], str]:
    """The members with a weight, and their weights as they are computed: close times shares, or as stated."""
    if universe.name in market.shown.weights or any(len(held[0]) for held in market.shown.weights.values()):
        stated = market.cap_weights(universe.name, universe.tickers)
        there = np.isfinite(stated)
        tickers = [ticker for ticker, here in zip(universe.tickers, there.tolist(), strict=True) if here]
        return tickers, column(stated[there])
    held = []
    for ticker in universe.tickers:
        if market.shown.holds(ticker):
            series = market.series(ticker)
            stated = known(series.field("shares"))
            if len(stated) and np.isfinite(series.close[-1]):
                held.append((ticker, float(series.close[-1]), float(stated[-1])))
    tickers = [ticker for ticker, _, _ in held]
    return tickers, f"{column([close for _, close, _ in held])}*{column([shares for _, _, shares in held])}"


@native("BRD_CONCENTRATION")
def _concentration(_: Any, universe: Basket, measure: str, market: Market) -> str:
    values = weights(market, universe)[1]
    if measure.startswith("TOP"):
        return f"LET(w,{values},SUM(LARGE(w,SEQUENCE({measure[3:]})))/SUM(w))"
    return f"LET(w,{values},{'' if measure == 'HHI' else '1/'}SUMSQ(w/SUM(w)))"


@native("DISP_XS")
def _cross_section(_: Any, universe: Basket, window: Window, market: Market, weighting: str) -> str:
    returns = members_grown(market, universe.tickers, window)
    if weighting == "EQUAL":
        return f"STDEV.P({returns})"
    tickers, values = weights(market, universe)
    pairs = [ends(market.series(ticker), window) for ticker in tickers]
    if not np.isfinite(pairs).all() or returns.count(";") != 2 * (len(pairs) - 1):
        raise NoNative("a member lacks a weight or a price")
    return f"LET(w,{values},g,{each_grown(pairs)},m,SUM(w*g)/SUM(w),SQRT(SUM(w*(g-m)^2)/SUM(w)))"


# ---------------------------------------------------------------------- relative strength


@native("RS_RATIO")
def _ratio(a: Series, b: Series, _: Market, base: float | None) -> str:
    scale = "" if base is None else f"{number(base)}*"
    return f"{scale}{number(float(a.close[-1]))}/{number(float(b.close[-1]))}"


@native("RS_MOMENTUM")
def _momentum(a: Series, b: Series, window: Window, _: Market) -> str:
    return f"({grown(a, window)})/({grown(b, window)})-1"


@native("RS_STREAK")
def _streak(a: Series, b: Series, _: Market, freq: str) -> str:
    if freq != "D":
        raise NoNative(f"none is declared for the length {freq}")
    x, y = moves(*since_gap(*both(a, b)))
    return f"LET(a,{x},b,{y},{run('a>b')}-{run('a<b')})"


@native("RS_HITRATE")
def _hit_rate(_: Any, a: Series, b: Series, window: Window, __: Market) -> str:
    x, y = moves(*of_window(a, b, window))
    return f"LET(a,{x},b,{y},SUM(--(a>b))/COUNT(a))"


@native("RS_BETA")
def _beta(_: Any, a: Series, b: Series, window: Window, __: Market, method: str) -> str:
    if method == "SCHOLES_WILLIAMS":
        raise NoNative(f"none is declared for the method {method}")
    x, y = moves(*of_window(a, b, window))
    slope = f"SLOPE({x},{y})"
    return f"2/3*{slope}+1/3" if method == "BLUME" else slope


@native("RS_CORREL")
def _correlation(_: Any, a: Series, b: Series, window: Window, __: Market) -> str:
    x, y = moves(*of_window(a, b, window))
    return f"CORREL({x},{y})"


@native("RS_ALPHA")
def _alpha(_: Any, a: Series, b: Series, window: Window, __: Market, rate: float) -> str:
    x, y = moves(*of_window(a, b, window))
    daily = f"1-{number(rate)}/252"
    return f"252*INTERCEPT({x}-{daily},{y}-{daily})"


# ---------------------------------------------------------------------- volatility


@native("VOL_GAP")
def _gap(a: Series, b: Series, _: Market) -> str:
    return f"{number(float(a.close[-1]))}-{number(float(b.close[-1]))}"


@native("VOL_TERM_SLOPE")
def _slope(market: Market) -> str:
    far, near = (number(float(market.series(name).close[-1])) for name in ("^VIX3M", "^VIX"))
    return f"{far}/{near}-1"


@native("VOL_STREAK")
def _beyond(symbol: Series, threshold: float, _: Market, side: str) -> str:
    (closes,) = since_gap(symbol.close)
    return run(f"{column(closes)}{'>' if side == 'ABOVE' else '<'}{number(threshold)}")


@native("VOL_REALIZED")
def _realised(_: Any, symbol: Series, window: Window, __: Market, method: str, *___: Any) -> str:
    row = symbol.base_row(window)
    if method == "CC":
        closes = symbol.close[row:]
        return f"STDEV.S(LN({column(closes[1:])}/{column(closes[:-1])}))*SQRT(252)"
    if method == "EWMA":
        raise NoNative(f"none is declared for the method {method}")
    first = first_row(symbol, window)
    h, low = (column(symbol.field(name)[first:]) for name in ("high", "low"))
    if method == "PARKINSON":
        return f"SQRT(252/(4*LN(2))*SUMSQ(LN({h}/{low}))/ROWS({h}))"
    o, c = (column(symbol.field(name)[first:]) for name in ("open", "close"))
    names = f"LET(o,{o},h,{h},l,{low},z,{c},"
    if method == "GK":
        return f"{names}SQRT(252*AVERAGE(LN(h/l)^2/2-(2*LN(2)-1)*LN(z/o)^2)))"
    within = "AVERAGE(LN(h/z)*LN(h/o)+LN(l/z)*LN(l/o))"
    if method == "RS":
        return f"{names}SQRT(252*{within}))"
    before = column(symbol.close[row:-1])
    share = "k,0.34/(1.34+(ROWS(o)+1)/(ROWS(o)-1))"
    return f"{names}p,{before},{share},SQRT(252*(VAR.S(LN(o/p))+k*VAR.S(LN(z/o))+(1-k)*{within})))"


@native("ROT_DEFENSIVE")
def _defensive(_: Any, window: Window, market: Market) -> str:
    sides = (
        each_grown([ends(market.series(ticker), window) for ticker in tickers])
        for tickers in (universes.DEFENSIVE, universes.OFFENSIVE)
    )
    return "-".join(f"AVERAGE({side})" for side in sides)


@native("RS_MANSFIELD")
def _mansfield(a: Series, b: Series, n: int, _: Market) -> str:
    own, other = both(a, b)
    dated = a if a.market is not None else b
    rows = np.arange(len(own))
    if dated.market is not None:  # the last session of each week, Monday to Sunday
        weeks = (dated.days[-len(own) :].astype("datetime64[D]").astype(np.int64) + 3) // 7
        rows = np.append(np.flatnonzero(np.diff(weeks)), len(own) - 1)
    x, y = column(own[rows[-n:]]), column(other[rows[-n:]])
    return f"LET(q,{x}/{y},(INDEX(q,ROWS(q))/AVERAGE(q)-1)*100)"


@native("VAL_FWD_PE")
def _forward(symbol: Series, _: Market) -> str:
    return number(float(known(symbol.field("forward_pe"))[-1]))
