"""DISP: realised correlation day by day."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.cells import Table, with_dates
from xlrotation.functions.boundary.parameters import AsOf, Dated, Header, Lang, Sessions, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed


@worksheet_function(
    unit="table",
    example='=DISP_REALCORR_HISTORY("SP50","1M")',
    source="mean Pearson correlation",
    mixes=True,
)
def DISP_REALCORR_HISTORY(
    universe: Universe = default("SP50"),
    window: Window = default("1Y"),
    asof: AsOf = default(None),
    n: Sessions = default(21),
    header: Header = default(True),
    lang: Lang = default(None),
    dates: Dated = default(True),
) -> Table:
    """Average pairwise realised correlation on every session of the window: date and correlation, for a chart.

    Each value is what DISP_REALCORR gives at that session over n sessions, all pairs alike. A member with a gap among
    the closes behind a value is left out of that value, one that never moves as well. Sessions without enough closes
    before them show #N/A.

    Args:
        n: Daily returns behind each value, 2 or more.
    """
    if n < 2:
        raise BadArgument(f"a correlation of {n} returns; give 2 or more")
    first = windowed.first_row_of(asof, window)
    values = windowed.correlation_history(asof, universe.tickers, asof.end - first, n)
    if not np.isfinite(values).any():
        raise NoData(f"fewer than two members of {universe.name} have {n + 1} closes in a row; give a smaller n")
    days = asof.days[first:].tolist()
    rows: list[list[object]] = [[day, value] for day, value in zip(days, values.tolist(), strict=True)]
    return with_dates(Table(("date", "correlation"), rows, header, lang), dates)
