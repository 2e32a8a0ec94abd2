"""MAC: macro and credit stress, on the numbers in your own cells."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, DividedByZero, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import CountKind
from xlrotation.functions.boundary.parameters import (
    Count,
    Dates,
    Here,
    Matrix,
    Paired,
    Sessions,
    Side,
    Vector,
    Window,
    default,
    required,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import columns, units
from xlrotation.market.panel import FloatArray
from xlrotation.market.windows import Unit
from xlrotation.measures import macro, ties

Months = Annotated[int, CountKind(minimum=1, maximum=3)]
_RATES = "{3.7;3.7;3.8;3.8;3.9;3.9;3.9;3.9;4;4;4.1;4.3;4.2;4.1;4.1}"


@worksheet_function(
    unit="percent",
    example=f"=MAC_SAHM({_RATES})",
    source="FRED, series SAHMCURRENT and SAHMREALTIME; Claudia Sahm's recession indicator",
)
def MAC_SAHM(here: Here, unemployment: Vector = required()) -> float:
    """Sahm indicator: three-month mean of the unemployment rate minus the lowest such mean of the 12 months before.

    In percentage points, rounded to two decimals as published; 0.50 or more signals a recession. The present month is
    not among the twelve. A month that was never published (October 2025) is left out: the means that it belongs to are
    of the other two months, which is told. #N/A where the last month or two of three in a row are missing.

    Args:
        unemployment: Monthly unemployment rates in percent, oldest first, at least 15.
    """
    units.unemployment(unemployment, "unemployment")
    if len(unemployment) < 15:
        raise NoData(f"{len(unemployment)} months; the rule needs 15: three, and the twelve before them")
    _tell_of_gaps(here, unemployment[-15:])
    return round(float(macro.sahm(unemployment[-15:])[-1]) + 1e-9, 2)


def _tell_of_gaps(here: Scope, rates: FloatArray) -> None:
    gaps = np.flatnonzero(np.isnan(rates))
    if len(gaps):
        back = ", ".join(str(len(rates) - 1 - gap) for gap in gaps)
        here.tell(f"no rate {back} months before the last: three-month means with that month are of the other two")


@worksheet_function(
    unit="percent",
    example=f"=MAC_SAHM_TRIGGER({_RATES},3)",
    source="the Sahm rule solved for the rate",
)
def MAC_SAHM_TRIGGER(here: Here, unemployment: Vector = required(), months: Months = default(1)) -> float:
    """The unemployment rate that, held for some months, would trigger the Sahm rule.

    3 x (lowest three-month mean of the last twelve + 0.50) minus the months that stay in the mean, over the number of
    months. With three months it is the level that the three-month mean itself must reach. A month that
    was never published is left out of the means, as in MAC_SAHM.

    Args:
        unemployment: Monthly unemployment rates in percent, oldest first, at least 14.
        months: Months at the new rate, 1 to 3.
    """
    units.unemployment(unemployment, "unemployment")
    if len(unemployment) < 14:
        raise NoData(f"{len(unemployment)} months; the rule needs the last 14")
    found = macro.sahm_trigger(unemployment[-14:], months)
    if found != found:
        raise NoData("the rule needs two of three months in a row, and two that are known beside the months to come")
    _tell_of_gaps(here, unemployment[-14:])
    return found


@worksheet_function(unit="basis points", example="=MAC_WIDENING_BP({2.94;3.05;3.17},2)")
def MAC_WIDENING_BP(here: Here, spreads: Vector = required(), window: Window = default("20D")) -> float:
    """Widening of a spread over the window, in basis points.

    100 x (last - the value so many rows back), for spreads in percent as FRED prints them. Rows without a value are
    left out first: the series has none on holidays.

    Args:
        spreads: Spreads in percent, oldest first.
        window: Number of rows back; MAX: from the first row.
    """
    known = spreads[np.isfinite(spreads)]
    if remark := units.spreads_remark(spreads):
        here.tell(remark)
    if window.unit not in (Unit.SESSIONS, Unit.EVERYTHING):
        raise BadArgument(f"a column of numbers has no dates for the window {window}; give a number of rows")
    back = window.count if window.unit is Unit.SESSIONS else len(known) - 1
    if len(known) <= back:
        raise NoData(f"{window} needs {back + 1} values; there are {len(known)}")
    return float(100.0 * (known[-1] - known[-1 - back]))


@worksheet_function(
    unit="share",
    example="=MAC_DIFFUSION({1,5,3;2,4,3},1)",
    source="diffusion index as the ISM defines it: share rising plus half the share unchanged",
)
def MAC_DIFFUSION(components: Matrix = required(), window: Sessions = default(1)) -> float:
    """Share of components that rose over the window, those unchanged counting half.

    A component with a gap at either end is left out.

    Args:
        components: A column per component, oldest row first.
        window: Number of rows back.
    """
    if len(components) <= window:
        raise NoData(f"a window of {window} needs {window + 1} rows; there are {len(components)}")
    before, now = components[-1 - window], components[-1]
    if not np.isfinite(now - before).any():
        raise NoData("no component has a value at both ends of the window")
    return macro.diffusion(before, now)


@worksheet_function(unit="number", example="=MAC_COMPOSITE({1,10;2,20;3,15;4,40})")
def MAC_COMPOSITE(components: Matrix = required()) -> float:
    """Mean z-score of the components' last values, each in its own history.

    Gaps in the history are left out; a component without a last value makes it #N/A. Turn the sign of a component that
    falls under stress before.

    Args:
        components: A column per component, oldest row first.
    """
    if (np.isfinite(components).sum(axis=0) < 3).any():
        raise NoData("a component with fewer than three values has no standard deviation worth the name")
    if not ties.above(np.nanmax(components, axis=0), np.nanmin(components, axis=0)).all():
        raise DividedByZero("a component that never changes has no z-score")
    return macro.composite(components)


@worksheet_function(unit="table", example="=MAC_SHARE({98;80;45;24;4;136})")
def MAC_SHARE(values: Vector = required()) -> Table:
    """Share of each value in the total, in a column beside it.

    Args:
        values: Amounts or counts; a gap stays a gap.
    """
    total = _total(values)
    return Table(("share",), [[float(value) / total] for value in values], header=False)


@worksheet_function(unit="share", example="=MAC_TOP_SHARE({98;80;45;24;4;136},2)")
def MAC_TOP_SHARE(values: Vector = required(), k: Count = default(2)) -> float:
    """Share of the k largest values in the total.

    Args:
        values: Amounts or counts.
        k: Number of values.
    """
    known = np.sort(values[np.isfinite(values)])[::-1]
    return float(known[:k].sum() / _total(values))


def _total(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    if (values < 0).any():
        raise BadArgument("a share of a negative amount means nothing; give amounts of zero or more")
    total = float(np.nansum(values))
    if total == 0.0:
        raise DividedByZero("the values add up to zero")
    return total


@worksheet_function(
    unit="date",
    example='=MAC_SINCE({"2011-03-31";"2025-06-30";"2025-09-30"},{12.5;12.3;12.4})',
)
def MAC_SINCE(dates: Dates = required(), values: Paired = required(), side: Side = default("HIGH")) -> dt.date:
    """Date of the last earlier value at least as high (low) as the last one: "highest since".

    #N/A where there is none: the value is then the highest (lowest) of all.

    Args:
        dates: Dates, oldest first.
        values: Values on these dates.
    """
    return columns.since(dates, values, side)
