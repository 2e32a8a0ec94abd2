"""RS: beta, alpha and correlation of daily returns, at a date and day by day."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import DividedByZero, NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.kinds import ChoiceKind, NumberKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Dated,
    Header,
    Here,
    Lang,
    Sessions,
    Symbol,
    Window,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import lifted, windowed
from xlrotation.functions.families.rs.strength import closes_in, tell_if_shorter
from xlrotation.languages import Text
from xlrotation.market import still
from xlrotation.market.market import Series
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Window as WindowValue
from xlrotation.measures import regression, ties
from xlrotation.measures.returns import simple
from xlrotation.measures.volatility import SESSIONS_A_YEAR

Method = Annotated[
    str,
    ChoiceKind(
        *("OLS", "BLUME", "SCHOLES_WILLIAMS"),
        also={"RAW": "OLS", "ADJUSTED": "BLUME", "SW": "SCHOLES_WILLIAMS", "SCHOLES-WILLIAMS": "SCHOLES_WILLIAMS"},
        help=Text(
            "OLS: slope of the regression. BLUME: two thirds of it and a third of 1. SCHOLES_WILLIAMS: with the "
            "benchmark's returns of the sessions before and after."
        ),
    ),
]
Measure = Annotated[
    str,
    ChoiceKind(
        *("RATIO", "BETA", "CORREL", "ALPHA", "EXCESS"),
        help=Text("RATIO of the prices, BETA, CORREL (correlation), ALPHA, or EXCESS (return of a minus that of b)."),
    ),
]
YearlyRate = Annotated[
    float,
    NumberKind(minimum=-0.5, maximum=1.0, help=Text("Riskless interest rate per year, 0.04 for 4 %.")),
]

_BETA = (
    "OLS: least squares. BLUME: Blume, Betas and Their Regression Tendencies, Journal of Finance 1975, weights 2/3 and "
    "1/3 as data vendors have them. SCHOLES_WILLIAMS: Scholes and Williams, Journal of Financial Economics 1977"
)


@worksheet_function(unit="ratio", example='=RS_BETA("NVDA","SPX","1Y")', source=_BETA, mixes=True, many=lifted.betas)
def RS_BETA(
    here: Here,
    symbol: Symbol = default("^RUT"),
    benchmark: Symbol = default("^GSPC"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    method: Method = default("OLS"),
) -> float:
    """Beta: slope of the symbol's daily returns on those of a benchmark over the window.

    Close-to-close price returns. Sessions without a return of both are left out (a negative price has none), which is
    told. SCHOLES_WILLIAMS is (b(-1) + b + b(+1)) / (1 + 2r): slopes on the benchmark's return a session before, of the
    same and a session after, all within the window, and the benchmark's own autocorrelation r. #N/A for fewer than
    three sessions; #DIV/0! where the benchmark does not move.

    Args:
        symbol: Ticker, alias or name, or a column of numbers, oldest first.
        benchmark: The symbol that it is measured against, or a column of numbers.
    """
    y, x = _returns(here, symbol, benchmark, window)
    if method == "SCHOLES_WILLIAMS":
        beta = regression.scholes_williams(y, x)
        if beta != beta:
            raise NoData(f"{benchmark.name} gives no beta of Scholes and Williams over {window}; widen it or use OLS")
        return beta
    slope = float(regression.moments(y, x).slope())
    return _told(float(regression.blume(slope)) if method == "BLUME" else slope, benchmark, window)


@worksheet_function(
    unit="correlation",
    example='=RS_CORREL("XLK","XLP","3M")',
    source="Pearson's correlation",
    mixes=True,
    many=lifted.correlations,
)
def RS_CORREL(
    here: Here,
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
) -> float:
    """Correlation of the daily returns of a and b over the window.

    Close-to-close price returns. Sessions without a return of both are left out, which is told. #N/A for fewer than
    three sessions; #DIV/0! where one does not move.

    Args:
        a: Ticker, alias or name, or a column of numbers, oldest first.
        b: The other one.
    """
    y, x = _returns(here, a, b, window)
    found = regression.moments(y, x)
    unmoved = a if float(found.variance_y) <= float(found.variance_x) else b
    return _told(float(found.correlation()), unmoved, window)


@worksheet_function(
    unit="return",
    example='=RS_ALPHA("NVDA","SPX","1Y")',
    source="Jensen, The Performance of Mutual Funds, Journal of Finance 1968",
    mixes=True,
)
def RS_ALPHA(
    here: Here,
    symbol: Symbol = default("^RUT"),
    benchmark: Symbol = default("^GSPC"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    rate: YearlyRate = default(0),
) -> float:
    """Alpha: what the symbol made per year beyond its beta times what the benchmark made.

    252 times the intercept of the regression of daily returns, both less rate / 252, on each other (Jensen's alpha);
    sessions as RS_BETA has them.

    Args:
        symbol: Ticker, alias or name, or a column of numbers, oldest first.
        benchmark: The symbol that it is measured against, or a column of numbers.
    """
    daily = rate / SESSIONS_A_YEAR
    y, x = _returns(here, symbol, benchmark, window)
    intercept = float(regression.moments(y - daily, x - daily).intercept())
    return SESSIONS_A_YEAR * _told(intercept, benchmark, window)


_HEADS = {"RATIO": "ratio", "BETA": "beta", "CORREL": "correlation", "ALPHA": "alpha", "EXCESS": "excess"}
_SESSIONS = {"RATIO": 1, "BETA": 252, "CORREL": 63, "ALPHA": 252, "EXCESS": 1}


@worksheet_function(unit="table", example='=RS_HISTORY("RUT","SPX","BETA","1M")', mixes=True)
def RS_HISTORY(
    here: Here,
    a: Symbol = default("^RUT"),
    b: Symbol = default("^GSPC"),
    measure: Measure = default("RATIO"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    n: Sessions = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
    dates: Dated = default(True),
) -> Table:
    """A against b on every session of the window: date and value, for a chart in one formula.

    Each value looks at its own session and those before it: RATIO is RS_RATIO, BETA, CORREL and ALPHA are RS_BETA,
    RS_CORREL and RS_ALPHA over n sessions, EXCESS is the return of a minus that of b over n sessions. Sessions without
    enough of both before them show #N/A.

    Args:
        a: Ticker, alias or name, or a column of numbers, oldest first.
        b: The symbol that it is compared with, or a column of numbers.
        n: Sessions that a value looks back. Blank: 252 for BETA and ALPHA, 63 for CORREL, 1 for EXCESS.
    """
    closes_a, closes_b = windowed.ending_together(a, b)
    dated = a if a.market is not None else b
    begin = max(0, windowed.first_row(dated, window) - (len(dated.close) - len(closes_a)))
    values = _history(closes_a, closes_b, measure, n or _SESSIONS[measure])[begin:]
    if not np.isfinite(values).any():
        raise NoData(f"{a.name} and {b.name} have no {measure} over {window}; widen the window, or lower n")
    days = dated.days[len(dated.days) - len(values) :].tolist()
    rows: list[list[object]] = [[day, value] for day, value in zip(days, values.tolist(), strict=True)]
    return with_dates(Table(("date", _HEADS[measure]), rows, header, lang), dates)


def _history(a: FloatArray, b: FloatArray, measure: str, n: int) -> FloatArray:
    """The measure at each close; NaN where there is none."""
    found = np.full(len(a), np.nan)
    if measure == "RATIO":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((a >= 0.0) & (b > 0.0), a / b, np.nan)
    if measure == "EXCESS":
        if len(a) > n:
            y, x = simple(a, n), simple(b, n)
            found[n:] = np.where(ties.sign(1.0 + y, 1.0 + x) == 0.0, 0.0, y - x)
        return found
    rolled = regression.rolling(simple(a), simple(b), n)
    if measure == "CORREL":
        found[1:] = rolled.correlation()
    else:
        found[1:] = rolled.slope() if measure == "BETA" else SESSIONS_A_YEAR * rolled.intercept()
    return found


def _returns(here: Scope, a: Series, b: Series, window: WindowValue) -> tuple[FloatArray, FloatArray]:
    """Daily returns of both over the window, NaN for a gap; told is what does not count.

    Raises:
        NoData: Too few sessions have both.
    """
    for series in (a, b):
        series.at(-1)
    tell_if_shorter(here, a, b, window)
    closes = closes_in(a, b, window, windowed.ending_together(a, b))
    y, x = map(simple, closes)
    known = int(np.count_nonzero(np.isfinite(y) & np.isfinite(x)))
    if known < regression.LEAST:
        raise NoData(
            f"{a.name} and {b.name} have {known} daily returns together over {window}, and {regression.LEAST} are "
            "needed; widen the window"
        )
    begin = int(np.flatnonzero(np.isfinite(closes[0]) & np.isfinite(closes[1]))[0])
    if known < len(y) - begin:
        here.tell(f"sessions within {window} without a return of both {a.name} and {b.name} are left out")
    for series, path in zip((a, b), closes, strict=True):
        if still.longest(path) is not None:
            here.tell(f"the closes of {series.name} do not move for {still.LEAST} sessions or more within {window}")
    return y, x


def _told(value: float, unmoved: Series, window: WindowValue) -> float:
    if value != value:
        raise DividedByZero(f"the closes of {unmoved.name} do not move over {window}; widen it")
    return value
