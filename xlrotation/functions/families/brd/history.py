"""BRD: breadth day by day."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.kinds import Basket, ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Dated, Header, Lang, Sessions, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.functions.families.brd.market import closes_by_members
from xlrotation.languages import Text
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import breadth

Measure = Annotated[
    str,
    ChoiceKind(
        *("ABOVE_MA", "NET", "AD_LINE", "MCCLELLAN", "SUMMATION", "NEW_HIGHS", "NEW_LOWS"),
        help=Text("ABOVE_MA, NET (advances - declines), AD_LINE, MCCLELLAN, SUMMATION, NEW_HIGHS or NEW_LOWS."),
    ),
]


@worksheet_function(unit="table", example='=BRD_HISTORY("SP50","ABOVE_MA","1M")')
def BRD_HISTORY(
    universe: Universe = default("SP50"),
    measure: Measure = default("ABOVE_MA"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    n: Sessions = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
    dates: Dated = default(True),
) -> Table:
    """A breadth measure on every session of the window: date and value, for a chart in one formula.

    Each value is what the function of the same name gives at that session: the share above the average (BRD_ABOVE_MA),
    advances minus declines, their sum from the window's first session on, the McClellan oscillator and summation index,
    members at a new high or low. Sessions without enough closes before them show #N/A. Where the data know who was a
    member when, each session counts its own members; otherwise all count today's.

    Args:
        n: Closes in the average (200), or sessions that a new high or low looks back (252). Blank: those.
    """
    first = windowed.first_row_of(asof, window)
    shown = np.full(asof.end - first, np.nan)
    if measure in ("ABOVE_MA", "NEW_HIGHS", "NEW_LOWS"):
        if not np.isfinite(asof.closes(universe.tickers)).any():
            raise _no_close(universe)
        n = n or (200 if measure == "ABOVE_MA" else 252)
        if asof.end < n:
            raise _too_few(asof.end, measure)
        for _, end, closes in closes_by_members(asof, universe, first, before=n - 1):
            values = _counts(closes, measure, n)
            shown[end - first - len(values) : end - first] = values
    else:
        values = _advances(asof, universe, measure, len(shown))
        if len(values) == 0:
            raise _too_few(asof.end, measure)
        shown[max(0, len(shown) - len(values)) :] = values[-len(shown) :]
    days = asof.days[first:].tolist()
    rows: list[list[object]] = [[day, value] for day, value in zip(days, shown.tolist(), strict=True)]
    return with_dates(Table(("date", "value"), rows, header, lang), dates)


def _no_close(universe: Basket) -> NoData:
    return NoData(f"no member of {universe.name} has a close; name a universe that the data hold")


def _too_few(sessions: int, measure: str) -> NoData:
    return NoData(f"the data hold {sessions} sessions, too few for {measure}; give a smaller n")


def _counts(closes: FloatArray, measure: str, n: int) -> FloatArray:
    """The share above the average, or the members at a new extreme, on each session that has enough before it."""
    if measure == "ABOVE_MA":
        above, known = breadth.above_average_history(closes, n)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(known > 0, above / known, np.nan)
    highs, lows = breadth.new_extremes_history(closes, n)
    closed = np.isfinite(closes[len(closes) - len(highs) :]).any(axis=1)
    return np.where(closed, highs if measure == "NEW_HIGHS" else lows, np.nan)


def _advances(market: Market, universe: Basket, measure: str, count: int) -> FloatArray:
    """Net advances and what is made of them, from the first session on in which a member could rise or fall."""
    if not np.isfinite(market.closes(universe.tickers)).any():
        raise _no_close(universe)
    net, possible = np.zeros(max(0, market.end - 1)), np.zeros(max(0, market.end - 1), bool)
    for begin, end, closes in closes_by_members(market, universe, 1, before=1):
        known = np.isfinite(closes)
        possible[begin - 1 : end - 1] = (known[1:] & known[:-1]).any(axis=1)
        net[begin - 1 : end - 1] = breadth.net_advances(closes)
    begun = np.flatnonzero(possible)
    net = net[begun[0] if len(begun) else len(net) :]
    if measure == "AD_LINE":
        return np.cumsum(net[-count:])
    if measure == "NET" or len(net) == 0:
        return net
    oscillator, summation = breadth.mcclellan(net)
    return oscillator if measure == "MCCLELLAN" else summation
