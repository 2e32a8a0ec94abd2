"""MAC: dated series of the source."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation import languages
from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Count, Dated, Day, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.market import asknown

_A_WEEK = np.timedelta64(7, "D")

Vintage = Annotated[
    str,
    ChoiceKind(
        *(asknown.KNOWN, asknown.FIRST, asknown.LATEST),
        help=languages.Text(
            "KNOWN (default): the values as they stood at the as-of date. FIRST: each as first published. LATEST: each "
            "as it stands today, with its revisions."
        ),
    ),
]


@worksheet_function(
    unit="table",
    example='=MAC_SERIES("UNRATE","2025-01-01")',
    source="Federal Reserve Bank of St. Louis: FRED, by its names of series, and ALFRED, its archive of vintages",
)
def MAC_SERIES(
    here: Here,
    id: Text = default("UNRATE"),  # noqa: A002
    start_date: Day = default(None),
    end_date: Day = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
    rows: Count = default(None),
    dates: Dated = default(True),
    vintage: Vintage = default("KNOWN"),
    asof: AsOf = default(None),
) -> Table:
    """A macro or credit series by its FRED name (UNRATE, BAMLH0A0HYM2, ...): date and value, oldest first.

    Values as FRED prints them, rates and spreads in percent. A month without a value shows #N/A, so that functions that
    need every month can tell; of a daily series days without a value are left out. FRED dates a month by its first day:
    its value counts from the day on which it was published, where that is known (stored vintages; the rules of the
    employment report and of the Federal Reserve's weekly balance sheet), else from its own date, or from the end of
    its month, quarter or year, which is told: so it is of consumer prices and the national product, whose days of
    publication follow no rule. #N/A for a last day after the as-of date.

    Statistics are revised. Where vintages are stored (as ALFRED keeps them) KNOWN gives the series as it stood at
    as-of: what the real-time Sahm indicator is made of is `MAC_SAHM` of 15 such months. FIRST puts each month's first
    number beside those of other vintages, which nobody ever saw together; it is the series of surprises. Without
    vintages FIRST is #N/A, and KNOWN gives the values that stand today, which is told.

    Args:
        id: Name of the series at FRED.
        start_date: First day. Blank: all.
        end_date: Last day. Blank: the as-of date of the session.
        rows: At most so many values, the last ones. Blank: all.
    """
    found = asof.dated(id, vintage)
    days, values = found.days, found.values
    for remark in found.remarks:
        here.tell(remark)
    keep = np.ones(len(days), bool)
    if start_date is not None:
        keep &= days >= np.datetime64(start_date)
    if end_date is not None:
        here.check_known(end_date)
        keep &= days <= np.datetime64(end_date)
    if len(days) > 1 and np.median(np.diff(days)) < _A_WEEK:
        keep &= np.isfinite(values)
    if not keep.any():
        held = f"from {days[0]} to {days[-1]}" if len(days) else "none up to the as-of date"
        raise NoData(f"{id} has no value in that time; the data hold {held}")
    table = [[day, value] for day, value in zip(days[keep].tolist(), values[keep].tolist(), strict=True)]
    return with_dates(Table(("date", "value"), table[-rows:] if rows else table, header, lang), dates)
