"""BRD: the dates of breadth thrusts."""

from __future__ import annotations

import datetime as dt

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, Share, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.functions.families.brd.market import session_counts
from xlrotation.market import rosters
from xlrotation.measures import averages, breadth

_SPAN = 10


@worksheet_function(
    unit="table",
    example='=BRD_ZBT("SECTORS","MAX")',
    source="Martin Zweig, Winning on Wall Street: the average from below 0.40 to above 0.615 in 10 days",
)
def BRD_ZBT(
    here: Here,
    universe: Universe = default("SP50"),
    window: Window = default("MAX"),
    asof: AsOf = default(None),
    low: Share = default(0.40),
    high: Share = default(0.615),
    days: Count = default(10),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Zweig's breadth thrusts in the window, the newest first: date and average, and the low before with its date.

    The 10-day exponential average of advances over advances plus declines, as BRD_THRUST gives it, rises above high
    after it was below low no more than so many sessions before; the first session above counts, and the average must be
    below low again before the next thrust. The average starts with the data, and its first ten sessions give no signal.
    Sessions in which nothing rose or fell are left out. Where the data know who was a member when, each session counts
    its own members. Zweig counts all issues of the New York Stock Exchange: of other lists the dates differ. #N/A where
    there is none.

    Args:
        low: The average comes from below it.
        high: It goes above it.
        days: Sessions from the last one below low to the first one above high, at most.
    """
    if low >= high:
        raise BadArgument(
            f"low is {low:g} and high {high:g}; a thrust comes from below low and goes above a greater high"
        )
    counts = session_counts(asof, universe, 0)
    moved = counts[:, 0] + counts[:, 1]
    rows = np.flatnonzero(moved)
    if len(rows) == 0:
        raise NoData(f"no member of {universe.name} rose or fell")
    average = averages.decayed_history(counts[rows, 0] / moved[rows], 1.0 - 2.0 / (_SPAN + 1.0))
    first = windowed.first_row_of(asof, window)
    sessions = asof.days[rows + 1]
    table: list[tuple[dt.date, float, dt.date, float]] = []
    for place, lowest in breadth.thrusts(average, low, high, days, _SPAN):
        if rows[place] + 1 >= first:
            dates = sessions[place].item(), sessions[lowest].item()
            table.append((dates[0], float(average[place]), dates[1], float(average[lowest])))
    if not table:
        raise NoData(f"no breadth thrust of {universe.name} over {window} up to {asof.asof}")
    for remark in rosters.remarks(asof, universe.name, table[0][0]):
        here.tell(remark)
    return Table(("date", "average", "low_date", "low_average"), table[::-1], header, lang)
