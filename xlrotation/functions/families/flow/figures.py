"""FLOW: fund flows, on the numbers in your own cells."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import DividedByZero, NoData, OutOfDomain
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import (
    Count,
    Dates,
    Header,
    Lang,
    Number,
    Paired,
    Side,
    Texts,
    Vector,
    default,
    required,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import columns, units
from xlrotation.languages import Text
from xlrotation.measures import flows as measure
from xlrotation.measures import ties

NavOf = Annotated[
    str,
    ChoiceKind(
        *("PREVIOUS", "SAME"),
        help=Text("Net asset value that a flow is valued at: PREVIOUS day's, as issuers do, or the SAME day's."),
    ),
]


@worksheet_function(
    unit="money",
    example="=FLOW_NET({584600000;584450000},{441.999;439.5})",
    source="fund issuers' convention: change in shares outstanding x net asset value of the day before",
)
def FLOW_NET(shares: Paired = required(), nav: Paired = required(), nav_of: NavOf = default("PREVIOUS")) -> float:
    """Net flow: change in shares outstanding times net asset value, over all days given.

    Two columns of the same length, oldest first; with two days the flow of the last, with more their sum. A day with a
    gap makes the sum #N/A. A split changes the shares without a flow: adjust for it before.

    Args:
        shares: Shares outstanding, oldest first.
        nav: Net asset value per share on the same days.
    """
    shares, nav = columns.together(shares, nav, "shares and net asset values")
    for values, name in ((shares, "shares"), (nav, "nav")):
        if (values < 0.0).any():
            raise OutOfDomain(f"{name} {values[values < 0.0][0]:g}: a negative number of them means nothing")
    if len(shares) < 2:
        raise NoData("a flow needs two days")
    return float(measure.net_flows(shares, nav, nav_of == "PREVIOUS").sum())


@worksheet_function(unit="table", example='=FLOW_TOP({"SPY";"QQQ";"VOO"},{120;28;24},2)')
def FLOW_TOP(
    names: Texts = required(),
    values: Paired = required(),
    n: Count = default(5),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The n largest values with their names and their share of the total, the largest first.

    Where some values are negative the share is that of the gross inflows, the sum of the values above zero, and the
    head says so: inflows less outflows may be near zero, and are no total to have a share of.

    Args:
        names: Names, one for each value.
        values: Flows or other amounts.
        n: Number of rows.
    """
    names, values = columns.labelled(names, values, "names and values")
    known = [i for i in ties.order(-values).tolist() if values[i] == values[i]]
    mixed = bool((values > 0).any() and (values < 0).any())
    total = float(np.nansum(np.where(values > 0, values, 0.0) if mixed else values))
    if total == 0.0:
        raise DividedByZero("the values add up to zero, so none has a share")
    rows = [[rank, names[i], float(values[i]), float(values[i]) / total] for rank, i in enumerate(known[:n], 1)]
    return Table(("rank", "name", "value", "share_of_inflows" if mixed else "share"), rows, header, lang)


@worksheet_function(unit="count", example="=FLOW_STREAK({29;30;45;40;44},30)")
def FLOW_STREAK(values: Vector = required(), threshold: Number = default(0)) -> int:
    """Number of last values in a row that are at least a threshold.

    A gap ends the streak.

    Args:
        values: Values, oldest first.
        threshold: The threshold.
    """
    return measure.streak_at_least(values, threshold)


@worksheet_function(
    unit="date",
    example='=FLOW_SINCE({"2022-12-07";"2025-11-05";"2025-11-12"},{5.1;3;4.3})',
)
def FLOW_SINCE(dates: Dates = required(), values: Paired = required(), side: Side = default("HIGH")) -> dt.date:
    """Date of the last earlier value at least as high (low) as the last one: "largest since".

    #N/A where there is none: the value is then the highest (lowest) of all.

    Args:
        dates: Dates, oldest first.
        values: Values on these dates.
    """
    return columns.since(dates, values, side)


@worksheet_function(unit="share", example="=FLOW_DIPBUY({-0.02;0.01;-0.03;-0.015},{5;2;-1;4})")
def FLOW_DIPBUY(returns: Paired = required(), flows: Paired = required(), threshold: Number = default(-0.01)) -> float:
    """Share of the periods with a return below the threshold in which the net flow was positive.

    Periods with a gap are left out. #N/A where no period fell that far.

    Args:
        returns: Returns, one for each period.
        flows: Net flows of the same periods.
        threshold: Return below which a period counts as down.
    """
    returns, flows = columns.together(units.returns(returns, "returns"), flows, "returns and flows")
    units.returns(np.array([threshold, -threshold]), "threshold")
    down, bought = measure.dip_buying(returns, flows, threshold)
    if down == 0:
        raise NoData(f"no period with a return below {threshold:g}")
    return bought / down


@worksheet_function(unit="ratio", example="=FLOW_RATIO(45,30)")
def FLOW_RATIO(into: Number = required(), out_of: Number = required()) -> float:
    """Inflow into one group over outflow out of another (1.5: half as much again).

    Args:
        into: Inflow.
        out_of: Outflow; its sign makes no difference.
    """
    if out_of == 0.0:
        raise DividedByZero("no outflow to compare with")
    return into / abs(out_of)


@worksheet_function(unit="number", example="=FLOW_GAP({0;-0.04;-0.11},{0;0;0})")
def FLOW_GAP(cumulative_a: Paired = required(), cumulative_b: Paired = required()) -> float:
    """Last value of one cumulative column minus that of another.

    Args:
        cumulative_a: Cumulative flows or returns, oldest first.
        cumulative_b: The same of the other group, on the same dates.
    """
    a, b = columns.together(cumulative_a, cumulative_b, "cumulative values")
    return float(a[-1] - b[-1])
