"""EVT: event studies."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import CountKind
from xlrotation.functions.boundary.operators import OperatorKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Count,
    Dates,
    Header,
    Number,
    Symbol,
    Windows,
    default,
    required,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import units
from xlrotation.languages import Text
from xlrotation.market.market import Market, Series
from xlrotation.market.windows import Unit, Window
from xlrotation.measures import events, ties
from xlrotation.measures.arrays import IntArray

Operator = Annotated[str, OperatorKind(help=Text("> >= < or <=."))]
_METHOD = (
    "event study; interval: moving-block bootstrap of the mean (Kuensch 1989) with blocks of events whose horizons "
    "overlap; overlapping events make naive tests useless (Jegadeesh and Karceski 2009)"
)
_HEADS = (
    *("horizon", "events", "separate", "mean", "median", "positive", "worst", "best", "low", "high", "usual"),
    *("t_value", "independent"),
)
Gap = Annotated[
    int,
    CountKind(
        minimum=1,
        maximum=10_000,
        help=Text("Sessions that an event must be away from the last one that counts. Default 1: every event counts."),
    ),
]


@worksheet_function(unit="table", example='=EVT_SIGNALS("VVIX",">",110,5)')
def EVT_SIGNALS(
    symbol: Symbol = default("^VVIX"),
    op: Operator = default(">"),
    threshold: Number = default(110),
    k: Count = default(5),
    asof: AsOf = default(None),
    header: Header = default(True),
    gap: Gap = default(1),
) -> Table:
    """Dates on which the k-th consecutive close met the condition.

    The signal is known at that close. A session without a close breaks a run; a run gives one signal, however long.

    Args:
        threshold: What the close is compared with.
        k: Closes in a row.
    """
    units.level_of(symbol.name, threshold, "threshold")
    rows = events.apart(_signals(symbol, op, threshold, k), gap)
    if len(rows) == 0:
        raise NoData(f"{symbol.name} never had {k} closes {op} {threshold:g} in a row up to then")
    return Table(("date",), [[day] for day in symbol.days[rows].tolist()], header)


@worksheet_function(
    unit="table",
    example='=EVT_STUDY({"2024-08-07";"2025-03-12";"2025-11-21"},"SPX","21D 63D")',
    source=_METHOD,
)
def EVT_STUDY(
    dates: Dates = required(),
    symbol: Symbol = default("^GSPC"),
    horizons: Windows = default("21D 63D 126D 252D"),
    asof: AsOf = default(None),
    header: Header = default(True),
) -> Table:
    """What followed a list of dates, per horizon: forward returns of a symbol from that close.

    Events; those of them at least a horizon apart; mean, median, share positive, worst and best forward return; the
    95 % interval of the mean; the usual mean return over the horizon; the t-value of the difference with Newey and
    West's standard error over the horizon; and how many horizons fit into the data, which is about the number of
    independent returns there. A date that is no session counts as the session before; one after the as-of date has not
    happened yet and is left out. The interval is #N/A for fewer
    than three independent blocks of events.

    Args:
        dates: Dates of the events, such as EVT_SIGNALS gives; texts and blanks in the range are not dates.
        symbol: Whose returns.
        horizons: Sessions ahead, as a range or as one text such as 21D 126D 252D.
    """
    days = sorted(day for day in dates if day is not None)
    rows = np.searchsorted(symbol.days, np.array(days, "datetime64[D]"), side="right") - 1
    known = np.array(days, "datetime64[D]") <= symbol.days[-1]
    return _study(asof, symbol, np.unique(rows[(rows >= 0) & known]), horizons, header)


@worksheet_function(unit="table", example="=EVT_VVIX(110,3)", source=_METHOD)
def EVT_VVIX(
    threshold: Number = default(110),
    k: Count = default(5),
    asof: AsOf = default(None),
    header: Header = default(True),
    gap: Gap = default(1),
) -> Table:
    """S&P 500 returns 6 and 12 months (126 and 252 sessions) after the VVIX closed above a threshold k times in a row.

    A report of November 2025 claims a rise of 20 to 35 % after nearly every such signal. Read the number of events and
    the usual return beside the mean, which is that since the VVIX began; columns as in EVT_STUDY.

    Args:
        threshold: Level of the VVIX.
        k: Closes in a row.
    """
    units.level_of("^VVIX", threshold, "threshold")
    signal = asof.series("^VVIX")
    rows = events.apart(_signals(signal, ">", threshold, k), gap)
    if len(rows) == 0:
        raise NoData(f"the VVIX never closed above {threshold:g} {k} times in a row up to then")
    horizons = (Window(Unit.SESSIONS, 126), Window(Unit.SESSIONS, 252))
    begun = int(np.flatnonzero(np.isfinite(signal.close))[0])  # before the VVIX existed no session could be an event
    return _study(asof, asof.series("^GSPC"), rows, horizons, header, begun)


def _signals(symbol: Series, op: str, threshold: float, k: int) -> IntArray:
    close = symbol.close
    compare = ties.at_least if "=" in op else ties.above
    met = compare(close, threshold) if op.startswith(">") else compare(threshold, close)
    return events.kth_in_a_row(met, k)


def _study(
    market: Market, symbol: Series, rows: IntArray, horizons: tuple[Window, ...], header: bool, begun: int = 0
) -> Table:
    if len(rows) == 0:
        known = np.flatnonzero(np.isfinite(symbol.close))
        begin = symbol.days[known[0]] if len(known) else market.days[0]
        raise NoData(f"no event between {begin}, where the closes of {symbol.name} begin, and {market.asof}")
    table = []
    for horizon in horizons:
        if horizon.unit is not Unit.SESSIONS:
            raise BadArgument(f"the horizon {horizon} is no number of sessions; give one such as 126D")
        table.append([str(horizon), *events.study(symbol.close[begun:], rows - begun, horizon.count)])
    return Table(_HEADS, table, header)
