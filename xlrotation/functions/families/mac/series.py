"""MAC: dated series of the source."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.parameters import Count, Dated, Day, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.registry import worksheet_function

_A_WEEK = np.timedelta64(7, "D")


@worksheet_function(
    unit="table",
    example='=MAC_SERIES("UNRATE","2025-01-01")',
    source="Federal Reserve Bank of St. Louis (FRED), by its names of series",
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
) -> Table:
    """A macro or credit series by its FRED name (UNRATE, BAMLH0A0HYM2, ...): date and value, oldest first.

    Values as FRED prints them, rates and spreads in percent. A month without a value shows #N/A, so that functions that
    need every month can tell; of a daily series days without a value are left out. FRED dates a month by its first
    day: a value is known some weeks after its date. #N/A for a last day after the as-of date of the session.

    Args:
        id: Name of the series at FRED.
        start_date: First day. Blank: all.
        end_date: Last day. Blank: the as-of date of the session.
        rows: At most so many values, the last ones. Blank: all.
    """
    days, values = here.market.dated(id)
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
    table = [[day, float(value)] for day, value in zip(days[keep].tolist(), values[keep], strict=True)]
    return with_dates(Table(("date", "value"), table[-rows:] if rows else table, header, lang), dates)
