"""VOL: volatility."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Header,
    Here,
    Lang,
    Number,
    Paired,
    Symbol,
    Window,
    default,
    required,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import lifted, units, windowed
from xlrotation.languages import Text
from xlrotation.market import still
from xlrotation.market.market import Series
from xlrotation.market.windows import Unit
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import modelfree, ties, volatility

Method = Annotated[
    str,
    ChoiceKind(
        *("CC", "EWMA", "PARKINSON", "GK", "RS", "YZ"),
        help=Text("CC close to close, EWMA, PARKINSON, GK Garman-Klass, RS Rogers-Satchell, YZ Yang-Zhang."),
    ),
]
Beyond = Annotated[str, ChoiceKind("ABOVE", "BELOW", help=Text("ABOVE or BELOW the threshold."))]
_BANDS = ((16.0, "calm"), (20.0, "normal"), (24.0, "elevated"), (26.0, "medium_stress"), (45.0, "severe"))
_BARS = ("PARKINSON", "GK", "RS")
"""Estimators that look at nothing but each session's own bar."""

_TERM = (("^VIX9D", 9), ("^VIX", 30), ("^VIX3M", 93), ("^VIX6M", 184))
_CBOE = "Cboe VIX white paper (2019)"


@worksheet_function(
    unit="return",
    example='=VOL_REALIZED("SPX","1M",,"YZ")',
    source="estimators as documented by R's TTR package (volatility); EWMA: RiskMetrics, decay 0.94",
    many=lifted.volatilities,
)
def VOL_REALIZED(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    window: Window = default("1M"),
    asof: AsOf = default(None),
    method: Method = default("CC"),
    decay: Number = default(volatility.RISKMETRICS),
) -> float:
    """Realised volatility over the window, per year of 252 sessions.

    CC is the sample standard deviation of daily log returns. EWMA runs over all closes since the symbol's last gap, as
    PX_MA's EMA does, so it remembers longer than the window, which says only how many closes must be there. All others
    use the bars of the window's sessions, YZ the close before them as well. #N/A where a price that enters is missing.
    Closes that did not move for ten sessions or more, as a vendor leaves them that fills gaps forward, are told.

    Args:
        decay: Decay (lambda) of EWMA, between 0 and 1; RiskMetrics: 0.94 for daily returns.
    """
    base, first = _rows(symbol, window, method)
    close = symbol.close[base:]
    if not 0 < decay < 1:
        meant = f"; did you mean {decay / 100:g}?" if 1 < decay < 100 else ""
        raise OutOfDomain(f"a decay of {decay:g}; give one between 0 and 1, such as 0.94{meant}")
    if len(close) < 3 and method not in _BARS:
        raise NoData(f"a volatility needs two returns; {window} gives fewer; widen the window")
    _whole(symbol, close, "close")
    _tell_if_still(here, symbol, base)
    if method == "EWMA":
        gaps = np.flatnonzero(np.isnan(symbol.close))
        close = symbol.close[int(gaps[-1]) + 1 if len(gaps) else 0 :]
    if (close <= 0).any():
        raise OutOfDomain(f"{symbol.name} has a price of zero or less, which has no logarithm")
    if method == "CC":
        return volatility.close_to_close(close)
    if method == "EWMA":
        return volatility.ewma(close, decay)
    high, low = (_bar(symbol, name, first) for name in ("high", "low"))
    if method == "PARKINSON":
        return _real(volatility.parkinson(high, low))
    open_, now = _bar(symbol, "open", first), symbol.close[first:]
    if method == "GK":
        return _real(volatility.garman_klass(open_, high, low, now))
    if method == "RS":
        return _real(volatility.rogers_satchell(open_, high, low, now))
    return _real(volatility.yang_zhang(open_, high, low, now, symbol.close[base:-1]))


def _rows(symbol: Series, window: WindowValue, method: str) -> tuple[int, int]:
    """Rows of the first close that enters and of the first bar.

    What is made of each session's own bar needs the window's sessions alone, all else the close before them as well;
    with everything there is the first close stands before the first session.
    """
    first = windowed.first_row(symbol, window)
    if method in _BARS:
        return first, first
    if window.unit is Unit.EVERYTHING:
        if method == "YZ":
            raise NoData("YZ needs the close before the window; shorten the window")
        return first, first + 1
    if first == 0:
        raise NoData(f"{window} needs the close before its {len(symbol.close)} sessions; shorten the window")
    return first - 1, first


def _tell_if_still(here: Scope, symbol: Series, base: int) -> None:
    """Tell of closes among those from *base* on that did not move for weeks, or not at all."""
    close = symbol.close[base:]
    stretch = still.longest(close)
    if stretch is None and len(close) > 1 and (close == close[0]).all():
        stretch = still.Stretch(0, len(close) - 1)
    if stretch is None:
        return
    own = symbol.market is None
    span = f"in {stretch.sessions} rows" if own else stretch.told(symbol.days[base:])
    here.tell(f"the closes of {symbol.name} did not move {span}: a volatility over them says nothing of the market")


def _bar(symbol: Series, name: str, first: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = symbol.field(name)[first:]
    _whole(symbol, values, name)
    return values


def _whole(symbol: Series, values: np.ndarray[tuple[int], np.dtype[np.float64]], what: str) -> None:
    gaps = np.flatnonzero(np.isnan(values))
    if len(gaps):
        row = len(symbol.close) - len(values) + int(gaps[0])
        symbol.at(row, symbol.close if what == "close" else symbol.field(what), what)


def _real(value: float) -> float:
    if value != value:
        raise OutOfDomain("the bars give a negative variance; a high or a low does not fit its open and close")
    return value


_STRIKES = "{90;95;100;105;110},{11;6.8;3.4;1.3;0.4},{0.5;1.3;2.9;5.8;9.9},0.1,0.01"


@worksheet_function(unit="number", example=f"=VOL_MODELFREE({_STRIKES})", source=_CBOE)
def VOL_MODELFREE(
    strikes: Paired = required(),
    calls: Paired = required(),
    puts: Paired = required(),
    t: Number = required(),
    rate: Number = default(0),
) -> float:
    """Model-free variance of one expiry by the VIX method: the root is a volatility.

    Forward at the strike where call and put are closest, out-of-the-money options with a price, none beyond two strikes
    in a row without one. A blank or zero price counts as no bid.

    Args:
        strikes: Strikes, ascending.
        calls: Prices of the calls, the middle of bid and ask; 0 or blank where there is no bid.
        puts: Prices of the puts.
        t: Time to expiry in years.
        rate: Continuous yearly interest rate, 0.05 for 5 %.
    """
    if not len(strikes) == len(calls) == len(puts):
        raise BadArgument(
            f"{len(strikes)} strikes, {len(calls)} calls and {len(puts)} puts; give the same rows of each"
        )
    units.rate(rate, "rate")
    units.years(t, "t")
    known = np.isfinite(strikes)
    strikes, calls, puts = strikes[known], calls[known], puts[known]
    if (np.diff(strikes) <= 0).any() or (strikes <= 0).any():
        raise BadArgument("strikes must rise from row to row and be above zero")
    if t <= 0:
        raise OutOfDomain(f"a time to expiry of {t:g} years")
    if np.count_nonzero((np.nan_to_num(calls) > 0) & (np.nan_to_num(puts) > 0)) < 1 or len(strikes) < 3:
        raise NoData("the forward needs a strike with a call and a put, and the variance three strikes")
    found = modelfree.variance_of_quotes(strikes, calls, puts, t, rate)
    if found.forward < strikes[0]:
        raise OutOfDomain("the forward lies below all strikes; the prices do not fit together")
    if found.at_or_below != found.at_or_below:
        raise NoData("the strike at or below the forward needs the price of its call and of its put")
    if found.selected < 3:
        raise NoData("fewer than three options have a price; a variance needs more")
    return found.variance


_VARIANCES = "0.01846292,0.01882101,0.0683486,0.0882686"


@worksheet_function(unit="number", example=f"=VOL_VIX({_VARIANCES})", source=_CBOE)
def VOL_VIX(
    near: Number = required(), far: Number = required(), near_t: Number = required(), far_t: Number = required()
) -> float:
    """The 30-day volatility index, in index points, from the variances of two expiries.

    Total variance is interpolated to 30 days; it is extrapolated where both lie on one side of them.

    Args:
        near: Variance of the near expiry, as VOL_MODELFREE gives it.
        far: Variance of the far expiry.
        near_t: Time to the near expiry in years.
        far_t: Time to the far expiry in years.
    """
    for value, name in ((near, "near"), (far, "far")):
        units.variance(value, name)
    units.years(far_t, "far_t")
    if not 0 < near_t < far_t:
        raise BadArgument("the near expiry must come before the far one, both after now")
    return _real_index(modelfree.thirty_day_index(near, far, near_t, far_t))


def _real_index(value: float) -> float:
    if value != value:
        raise OutOfDomain("the interpolated variance is negative")
    return value


@worksheet_function(
    unit="text",
    example='=VOL_BAND(25,"zh")',
    source="bands of a market report of November 2025",
)
def VOL_BAND(level: Number = required(), lang: Lang = default(None)) -> str:
    """The band that a volatility level falls into.

    Calm below 16, normal 16 to 20, elevated to 24, medium stress to 26, severe to 45, extreme from 45.

    Args:
        level: Level of the index in points.
    """
    if level < 0:
        raise OutOfDomain(f"a volatility of {level:g} is negative")
    units.level(level, "level")
    return word(next((name for bound, name in _BANDS if ties.above(bound, level)), "extreme"), lang)


@worksheet_function(unit="count", example='=VOL_STREAK("VVIX",110,"2025-11-21")')
def VOL_STREAK(
    symbol: Symbol = default("^VVIX"),
    threshold: Number = default(110),
    asof: AsOf = default(None),
    side: Beyond = default("ABOVE"),
) -> int:
    """Consecutive closes beyond the threshold, up to as-of.

    A session without a close ends the run, and so does a close at the threshold.

    Args:
        threshold: The threshold.
    """
    close = symbol.close
    units.level_of(symbol.name, threshold, "threshold")
    with np.errstate(invalid="ignore"):
        beyond = ties.above(close, threshold) if side == "ABOVE" else ties.above(threshold, close)
    short = np.flatnonzero(~beyond)
    return len(close) - (int(short[-1]) + 1 if len(short) else 0)


@worksheet_function(unit="number", example='=VOL_GAP("VXN","RVX")', mixes=True)
def VOL_GAP(a: Symbol = default("^VXN"), b: Symbol = default("^RVX"), asof: AsOf = default(None)) -> float:
    """Implied volatility gap, in points: technology against small caps where nothing is given.

    Args:
        a: Volatility index.
        b: Volatility index that is taken off.
    """
    return a.at(-1) - b.at(-1)


@worksheet_function(unit="share", example='=VOL_PCTILE("COR1M","1Y")')
def VOL_PCTILE(
    here: Here, symbol: Symbol = default("^VIX"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Percentile of the last close in the window: share of its closes at or below it.

    Gaps inside the window are passed over; that closes begin within it is told.
    """
    return windowed.percent_rank(here, symbol, window)


@worksheet_function(unit="share", example='=VOL_RANK("VIX","1Y")')
def VOL_RANK(
    here: Here, symbol: Symbol = default("^VIX"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Place of the last close between the window's lowest (0) and highest (1) close.

    Gaps inside the window are passed over; that closes begin within it is told. #N/A where all closes are the same.
    """
    last = symbol.at(-1)
    windowed.tell_if_shorter(here, symbol, window)
    closes = windowed.closes_in(symbol, window)
    low, high = float(np.nanmin(closes)), float(np.nanmax(closes))
    if ties.equal(low, high):
        raise NoData(f"{symbol.name} never changed over {window}, in {len(closes)} closes; widen the window")
    return (last - low) / (high - low)


@worksheet_function(unit="table", example="=VOL_TERM()")
def VOL_TERM(asof: AsOf = default(None), header: Header = default(True), lang: Lang = default(None)) -> Table:
    """Term structure of the VIX: symbol, days and close of VIX9D, VIX, VIX3M and VIX6M.

    A maturity without a close shows #N/A.
    """
    rows = [[ticker, days, float(asof.closes([ticker])[-1, 0])] for ticker, days in _TERM]
    return Table(("symbol", "days", "value"), rows, header, lang)


@worksheet_function(unit="return", example="=VOL_TERM_SLOPE()")
def VOL_TERM_SLOPE(asof: AsOf = default(None)) -> float:
    """Slope of the VIX term structure: three-month over one-month level, minus 1; negative under stress."""
    return windowed.growth(asof.series("^VIX").at(-1), asof.series("^VIX3M").at(-1))
