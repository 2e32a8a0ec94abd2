"""BRD: breadth day by day."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Dated, Header, Lang, Sessions, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.languages import Text
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
    members at a new high or low. Sessions without enough closes before them show #N/A.

    Args:
        n: Closes in the average (200), or sessions that a new high or low looks back (252). Blank: those.
    """
    closes = asof.closes(universe.tickers)
    if not np.isfinite(closes).any():
        raise NoData(f"no member of {universe.name} has a close; name a universe that the data hold")
    first = windowed.first_row_of(asof, window)
    count = asof.end - first
    if measure == "ABOVE_MA":
        above, known = breadth.above_average_history(closes, n or 200)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.where(known > 0, above / known, np.nan)
    elif measure in ("NEW_HIGHS", "NEW_LOWS"):
        highs, lows = breadth.new_extremes_history(closes, n or 252)
        closed = np.isfinite(closes[len(closes) - len(highs) :]).any(axis=1)
        values = np.where(closed, highs if measure == "NEW_HIGHS" else lows, np.nan)
    else:
        values = _advances(closes, measure, count)
    if len(values) == 0:
        raise NoData(f"the data hold {len(closes)} sessions, too few for {measure}; give a smaller n")
    shown = np.full(count, np.nan)
    shown[max(0, count - len(values)) :] = values[-count:]
    days = asof.days[first:].tolist()
    rows = [[day, float(v)] for day, v in zip(days, shown, strict=True)]
    return with_dates(Table(("date", "value"), rows, header, lang), dates)


def _advances(closes: FloatArray, measure: str, count: int) -> FloatArray:
    """Net advances and what is made of them, from the first session on in which a member could rise or fall."""
    known = np.isfinite(closes)
    begun = np.flatnonzero((known[1:] & known[:-1]).any(axis=1))
    net = breadth.net_advances(closes).astype(float)[begun[0] if len(begun) else len(closes) :]
    if measure == "AD_LINE":
        return np.cumsum(net[-count:])
    if measure == "NET" or len(net) == 0:
        return net
    oscillator, summation = breadth.mcclellan(net)
    return oscillator if measure == "MCCLELLAN" else summation
