"""RS: relative strength of one symbol against another."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from xlrotation.errors import DividedByZero, NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Number, Symbol, Weeks, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import lifted, periods, windowed
from xlrotation.functions.families.periods import Frequency
from xlrotation.market.market import Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.measures import relative, streaks


@worksheet_function(unit="count", example='=RS_STREAK("RUT","SPX")', mixes=True, many=lifted.streaks)
def RS_STREAK(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    asof: AsOf = default(None),
    freq: Frequency = default("D"),
) -> int:
    """Consecutive periods in which a beat b, up to as-of; negative where it fell behind.

    Close-to-close price returns. A tie ends a streak, and so does a session without a close of both; #N/A where one has
    none in the last session. Two columns of numbers are compared row by row, ending together.

    Args:
        a: The symbol that leads: ticker, alias or name, or a column of numbers, oldest first.
        b: The symbol that it is compared with, or a column of numbers.
    """
    for series in (a, b):
        series.at(-1)  # a symbol that trades no more is no tie
    return streaks.last_length(_signs(a, b, freq))


def _signs(a: Series, b: Series, freq: str = "D") -> npt.NDArray[np.int64]:
    closes_a, closes_b = windowed.aligned(a, b)
    if freq != "D":
        days = (a if a.market is not None else b).days[-len(closes_a) :]
        rows = periods.ends(days, freq)
        closes_a, closes_b = closes_a[rows], closes_b[rows]
    return streaks.outperformance(closes_a, closes_b)


@worksheet_function(unit="table", example='=RS_STREAK_TABLE("RUT","SPX",5)', mixes=True)
def RS_STREAK_TABLE(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    n: Count = default(10),
    asof: AsOf = default(None),
    header: Header = default(True),
) -> Table:
    """Longest streaks in which a beat b: sessions, first and last one, excess return.

    Longest first, of equal length the latest first. The excess return is the return of a minus that of b from the
    close before the streak to its last close. The present streak is listed with its length so far.

    Args:
        a: The symbol that leads.
        b: The symbol that it is compared with.
        n: Number of streaks.
    """
    closes_a, closes_b = windowed.aligned(a, b)
    days = (a if a.market is not None else b).days[-len(closes_a) :]
    starts, lengths, signs = streaks.runs(streaks.outperformance(closes_a, closes_b))
    winning = np.flatnonzero(signs > 0)
    order = winning[np.lexsort((-starts[winning], -lengths[winning]))][:n]
    rows = []
    for run in order.tolist():
        base, last = int(starts[run]), int(starts[run] + lengths[run])
        excess = closes_a[last] / closes_a[base] - closes_b[last] / closes_b[base]
        rows.append([int(lengths[run]), days[base + 1].item(), days[last].item(), excess])
    return Table(("length", "start", "end", "excess"), rows, header)


@worksheet_function(
    unit="date",
    example='=RS_STREAK_SINCE("RUT","SPX","2026-01-09")',
    mixes=True,
)
def RS_STREAK_SINCE(a: Symbol = default("^RUT"), b: Symbol = default("^GSPC"), asof: AsOf = default(None)) -> dt.date:
    """Last session of the latest earlier streak at least as long as the present one: "longest since".

    Streaks of the present direction count. #N/A where there is no present streak, or none as long in the data: it is
    then the longest since they begin.

    Args:
        a: The symbol that leads.
        b: The symbol that it is compared with.
    """
    closes_a, closes_b = windowed.aligned(a, b)
    days = (a if a.market is not None else b).days[-len(closes_a) :]
    starts, lengths, signs = streaks.runs(_signs(a, b))
    if signs[-1] == 0:
        raise NoData(f"{a.name} and {b.name} tied, or lack a close, in the last session, so there is no streak")
    earlier = np.flatnonzero((lengths[:-1] >= lengths[-1]) & (signs[:-1] == signs[-1]))
    if len(earlier) == 0:
        both = np.flatnonzero(np.isfinite(closes_a) & np.isfinite(closes_b))
        raise NoData(
            f"no earlier streak of {lengths[-1]} or more sessions since the data begin on {days[both[0]]} for both"
        )
    run = int(earlier[-1])
    day: dt.date = days[int(starts[run] + lengths[run])].item()
    return day


@worksheet_function(
    unit="share",
    example='=RS_STREAK_PROB("RUT","SPX","2026-01-22")',
    source="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, XIII.7 (success runs)",
    mixes=True,
)
def RS_STREAK_PROB(
    here: Here,
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    asof: AsOf = default(None),
    window: Window = default("1Y"),
) -> float:
    """Probability that a run at least as long as the present streak occurs in the window by chance.

    Sessions are taken as independent, each won with the share of sessions won in the window (ties left out). A small
    value says that the streak is hard to explain by chance alone.

    Args:
        a: The symbol that leads.
        b: The symbol that it is compared with.
    """
    length = streaks.last_length(_signs(a, b))
    if length == 0:
        raise NoData(f"{a.name} and {b.name} tied, or lack a close, in the last session, so there is no streak")
    tell_if_shorter(here, a, b, window)
    signs = _signs_in(a, b, window)
    decided = signs[signs != 0]
    won = np.count_nonzero(decided == np.sign(length)) / len(decided)
    return streaks.run_probability(min(abs(length), len(decided)), len(decided), won)


def closes_in(
    a: Series, b: Series, window: Window, pair: tuple[FloatArray, FloatArray] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Closes of both from the base close of a window on; of *pair*, where both have been aligned before."""
    closes_a, closes_b = pair or windowed.aligned(a, b)
    longer = a if a.market is not None else b
    base = longer.base_row(window) - (len(longer.close) - len(closes_a))
    if base < 0 and window.unit is not Unit.EVERYTHING:
        raise NoData(f"{a.name} and {b.name} have {len(closes_a)} closes together, fewer than {window}; shorten it")
    base = max(base, 0)
    return closes_a[base:], closes_b[base:]


def tell_if_shorter(here: Scope, a: Series, b: Series, window: Window) -> None:
    """Tell of closes of either that begin within the window."""
    for series in (a, b):
        if series.market is not None:
            windowed.tell_if_shorter(here, series, window)


def _signs_in(a: Series, b: Series, window: Window) -> npt.NDArray[np.int64]:
    signs = streaks.outperformance(*closes_in(a, b, window))
    if not signs.any():
        raise NoData(f"{a.name} and {b.name} have no session to compare over {window}; widen the window")
    return signs


@worksheet_function(unit="share", example='=RS_HITRATE("RUT","SPX","3M")', mixes=True, many=lifted.hit_rates)
def RS_HITRATE(
    here: Here,
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
) -> float:
    """Share of the window's sessions in which a beat b.

    A tie counts as a session that a did not win; sessions without a close of both are left out.

    Args:
        a: The symbol that leads.
        b: The symbol that it is compared with.
    """
    tell_if_shorter(here, a, b, window)
    closes_a, closes_b = closes_in(a, b, window)
    ratio = _ratio(closes_a, closes_b)
    known = np.isfinite(ratio[1:]) & np.isfinite(ratio[:-1])
    if not known.any():
        raise NoData(f"{a.name} and {b.name} have no session to compare over {window}; widen the window")
    signs = streaks.outperformance(closes_a, closes_b)[known]
    return float(np.count_nonzero(signs > 0) / len(signs))


@worksheet_function(unit="ratio", example='=RS_RATIO("RUT","SPX")', mixes=True, many=lifted.ratios)
def RS_RATIO(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    asof: AsOf = default(None),
    base: Number = default(None),
) -> float:
    """Price of a over price of b.

    Args:
        a: The symbol above.
        b: The symbol below.
        base: Scale of the ratio: 100 gives 100 times the ratio. Blank: 1.
    """
    above, below = a.at(-1), b.at(-1)
    if above < 0.0 or below < 0.0:
        raise OutOfDomain(f"{above:g} over {below:g}: a ratio of negative prices means nothing")
    if below == 0.0:
        raise DividedByZero(f"the close of {b.name} is zero")
    return (1.0 if base is None else base) * above / below


@worksheet_function(unit="return", example='=RS_MOMENTUM("RUT","SPX","20D")', mixes=True, many=lifted.momentum)
def RS_MOMENTUM(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    window: Window = default("20D"),
    asof: AsOf = default(None),
) -> float:
    """Rate of change of the price ratio over a window.

    (1 + return of a) / (1 + return of b) - 1.

    Args:
        a: The symbol above.
        b: The symbol below.
    """
    return windowed.growth(1.0 + windowed.window_return(b, window), 1.0 + windowed.window_return(a, window))


@worksheet_function(
    unit="index",
    example='=RS_MANSFIELD("RUT","SPX")',
    source="Mansfield relative strength as charting packages publish it: (RS / SMA(RS, 52) - 1) x 100 on weekly closes",
    mixes=True,
)
def RS_MANSFIELD(
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    n: Weeks = default(52),
    asof: AsOf = default(None),
) -> float:
    """Mansfield relative strength: the price ratio in percent above or below its n-week average.

    0 is neutral. Weekly closes, the running week included; two columns of numbers are taken as weekly closes. #N/A
    where one of the n weeks lacks a close at its end.

    Args:
        a: The symbol above.
        b: The symbol below.
        n: Weeks in the average.
    """
    closes_a, closes_b = windowed.aligned(a, b)
    ratio = _weekly(a, b, _ratio(closes_a, closes_b))
    if len(ratio) < n or not np.isfinite(ratio[-n:]).all():
        raise NoData(f"{a.name} against {b.name} needs {n} weekly closes without a gap; lower n")
    return relative.mansfield(ratio, n)


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """The price ratio; not finite where a close is missing or b is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: FloatArray = a / b
    return ratio


def _weekly(a: Series, b: Series, ratio: FloatArray) -> FloatArray:
    dated = a if a.market is not None else b
    if dated.market is None:
        return ratio
    return ratio[periods.ends(dated.days[-len(ratio) :], "W")]
