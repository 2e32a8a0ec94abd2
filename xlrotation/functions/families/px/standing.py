"""PX: where a close, its change and its volume stand in their own history, as market reports put it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, DividedByZero, NoData
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Here, Side, Symbol, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import lifted, periods, windowed
from xlrotation.functions.families.periods import Frequency
from xlrotation.languages import Text
from xlrotation.market import windows
from xlrotation.market.market import Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import levels, streaks, ties

VolumeMeasure = Annotated[
    str,
    ChoiceKind(
        *("VOLUME", "AVERAGE", "RATIO", "TOTAL"),
        help=Text(
            "VOLUME: of the as-of session. AVERAGE: mean of the window's sessions, the as-of session among them. "
            "RATIO: VOLUME over AVERAGE. TOTAL: their sum."
        ),
    ),
]


@worksheet_function(unit="price", example='=PX_CHANGE("DJI","1D")', many=lifted.changes)
def PX_CHANGE(symbol: Symbol = default("^GSPC"), window: Window = default("1D"), asof: AsOf = default(None)) -> float:
    """Change of the close over a window, in points (or in the currency of the price).

    P[t] - P[t-n], between the closes that PX_RET divides. #N/A where the session at either end has no close; a calendar
    window begins at the last close on or before its first day.
    """
    base, last = windowed.end_closes(symbol, window)
    return ties.difference(last, base)


@worksheet_function(unit="number", example='=PX_VOLUME("NVDA","20D",,"RATIO")')
def PX_VOLUME(
    here: Here,
    symbol: Symbol = default("SPY"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
    measure: VolumeMeasure = default("VOLUME"),
) -> float:
    """Volume of the as-of session, or its average or sum over a window, or the volume over that average.

    In shares, on the count of shares of the as-of session. A session without a volume is left out of an average or a
    sum, and that is told. #N/A where the source has none, or only zeros, which stand for none.
    """
    volumes = symbol.field("volume")
    first = windowed.first_row(symbol, window)
    known = np.isfinite(volumes[first:])
    inside = volumes[first:][known]
    if not inside.any():
        raise NoData(f"the source has no volumes of {symbol.name} over {window}; name a stock or a fund, such as SPY")
    last = symbol.at(-1, volumes, "volume") if measure in ("VOLUME", "RATIO") else 0.0
    if measure == "VOLUME":
        return last
    if not known.all():
        here.tell(f"{symbol.name} has volumes on {len(inside)} of the {len(known)} sessions of {window}: these count")
    if measure == "TOTAL":
        return float(inside.sum())
    average = float(inside.mean())
    return average if measure == "AVERAGE" else last / average


@worksheet_function(unit="number", example='=PX_ZSCORE("VIX","1Y")', many=lifted.z_scores)
def PX_ZSCORE(
    here: Here, symbol: Symbol = default("^GSPC"), window: Window = default("1Y"), asof: AsOf = default(None)
) -> float:
    """Distance of the close from the mean of the window's closes, in their standard deviations (its z-score).

    (P - mean) / s over the closes of the window, the as-of session included, s with n - 1. Gaps inside the window are
    passed over; that closes begin within it is told. #DIV/0! where no close differs from another.
    """
    symbol.at(-1)
    windowed.tell_if_shorter(here, symbol, window)
    closes = windowed.closes_in(symbol, window)
    if np.count_nonzero(np.isfinite(closes)) < 2:
        raise NoData(f"{symbol.name} has a single close over {window}, and a standard deviation needs two; widen it")
    score = levels.z_score(closes)
    if score != score:
        raise DividedByZero(f"the closes of {symbol.name} over {window} are all the same")
    return score


@worksheet_function(unit="count", example='=PX_RANK("RUT","YTD",,"HIGH")', many=lifted.ranks)
def PX_RANK(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    window: Window = default("YTD"),
    asof: AsOf = default(None),
    side: Side = default("HIGH"),
) -> int:
    """Place of the close among the closes of the window: 6 with side LOW is "the sixth lowest close of the year".

    1 is the highest (lowest); equal closes share the better place. Gaps inside the window are passed over; that closes
    begin within it is told.

    Args:
        side: HIGH: from the highest close down. LOW: from the lowest up.
    """
    symbol.at(-1)
    windowed.tell_if_shorter(here, symbol, window)
    closes = windowed.closes_in(symbol, window)
    return levels.rank(closes if side == "HIGH" else -closes)


@worksheet_function(unit="count", example='=PX_STREAK("RUT")', many=lifted.own_streaks)
def PX_STREAK(
    here: Here, symbol: Symbol = default("^GSPC"), asof: AsOf = default(None), freq: Frequency = default("D")
) -> int:
    """Consecutive periods in which the close rose, up to as-of; negative where it fell.

    Close to close. A period that ends where it began ends a run (0), and so does one without a close; #N/A where the
    as-of session has none. A run that reaches back to where the closes begin may be longer, which is told.
    """
    symbol.at(-1)
    closes = symbol.close if freq == "D" else symbol.close[periods.ends(symbol.days, freq)]
    if len(closes) < 2:
        raise NoData(f"{symbol.name} has one period, and a run needs two; give more data")
    moves = ties.sign(closes[1:], closes[:-1])
    run = streaks.last_length(np.where(np.isfinite(moves), moves, 0.0).astype(np.int64))
    if run and not np.isfinite(closes[: len(closes) - 1 - abs(run)]).any():
        here.tell(f"the run of {symbol.name} reaches back to where its closes begin, and may be longer")
    return run


@worksheet_function(unit="count", example='=PX_RECORDS("SPX","YTD")')
def PX_RECORDS(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    window: Window = default("YTD"),
    asof: AsOf = default(None),
    side: Side = default("HIGH"),
) -> int:
    """Number of record closes in a window: closes above (below) every close before them in the data.

    A close that equals the record is none. Records are those of the closes that the data hold; since when these run
    is told, as an older record may stand above them. #N/A where the as-of session has no close, which may be one.

    Args:
        side: HIGH: record highs. LOW: record lows.
    """
    symbol.at(-1)
    closes = symbol.close
    first = windowed.first_row(symbol, window)
    known = np.flatnonzero(np.isfinite(closes))
    begin = f"row {known[0] + 1}" if symbol.market is None else str(symbol.days[known[0]])
    here.tell(f"record closes of {symbol.name} are those since its closes begin, {begin}")
    records = levels.records(closes if side == "HIGH" else -closes)
    return int(np.count_nonzero(records[first:]))


@worksheet_function(unit="date", example='=PX_RET_SINCE("RUT","1D")')
def PX_RET_SINCE(
    symbol: Symbol = default("^GSPC"),
    window: Window = default("1D"),
    asof: AsOf = default(None),
    side: Side = default(None),
) -> dt.date:
    """Last earlier session with a return over the window at least as large: "largest daily gain since".

    Compared is PX_RET of the same window as of each earlier session; WTD, MTD, QTD and YTD are compared with whole
    earlier weeks, months, quarters and years, by their last sessions. #N/A where there is none in the data: the return
    is then the largest since they begin.

    Args:
        side: HIGH: at least as high a return. LOW: at least as low. Blank: HIGH after a gain, LOW after a loss.
    """
    days = symbol.days
    if window.unit in (Unit.SINCE, Unit.EVERYTHING):
        raise BadArgument(f"the window {window} has no earlier one of its kind; give one such as 1D, 20D, 1M or WTD")
    last = windowed.window_return(symbol, window)
    side = side or ("LOW" if last < 0.0 else "HIGH")
    grown = 1.0 + _returns(symbol, window)
    grown[-1] = 1.0 + last
    row = levels.last_at_least(grown if side == "HIGH" else -grown)
    if row is None:
        known = np.flatnonzero(np.isfinite(symbol.close))
        raise NoData(
            f"no earlier return of {symbol.name} over {window} reaches {last:.2%} since its closes begin on "
            f"{days[known[0]]}"
        )
    day: dt.date = days[row].item()
    return day


_PERIODS = {Unit.WEEK_TO_DATE: "W", Unit.MONTH_TO_DATE: "M", Unit.QUARTER_TO_DATE: "Q", Unit.YEAR_TO_DATE: "Y"}


def _returns(symbol: Series, window: WindowValue) -> FloatArray:
    """Return over *window* as of each session, NaN where there is none, or where a period to date is not over."""
    close, days = symbol.close, symbol.days
    rows = windows.base_rows(window, days)
    if window.unit is not Unit.SESSIONS:  # the last close on or before the first day
        at = np.maximum.accumulate(np.where(np.isfinite(close), np.arange(len(close)), -1))
        rows = np.where(rows >= 0, at[rows], -1)
    base = np.where(rows >= 0, close[rows], np.nan)
    found = ties.ratios_less_one(close, base)
    with np.errstate(invalid="ignore"):
        found[~((base > 0.0) & (close >= 0.0))] = np.nan
    if window.unit in _PERIODS:
        over = np.zeros(len(close), bool)
        over[periods.ends(days, _PERIODS[window.unit])[:-1]] = True
        found[~over] = np.nan
    return found
