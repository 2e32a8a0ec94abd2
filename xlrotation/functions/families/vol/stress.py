"""VOL: what the index did when volatility stood as high."""

from __future__ import annotations

import math

import numpy as np

from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Header, Lang, Number, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import units
from xlrotation.measures import stress, ties

_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_REPORT = (-0.15, -0.20)


@worksheet_function(
    unit="table",
    example="=VOL_STRESS(110,25)",
    source="drawdowns in the source's own history; the band is that of a market report of November 2025",
)
def VOL_STRESS(
    vvix: Number = default(110),
    vix: Number = default(25),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Drawdowns of the S&P 500 that went with such levels of VVIX and VIX in the data's history, by quantile.

    For the sessions on which both indices closed at or above the levels: how far the index stood below its highest
    close of a year, and how much lower its lowest close was in the 21 and in the 63 sessions after (only where these
    have passed by as-of). The last rows give the number of sessions and of separate episodes, at least 21 sessions
    apart, and the fall of 15 to 20 % that a report of November 2025 expects at VVIX 140 and VIX 40. Quantiles of no
    session are #N/A; a handful of episodes proves nothing.

    Args:
        vvix: Level of the VVIX.
        vix: Level of the VIX; 0 for any.
    """
    units.level_of("^VVIX", vvix, "vvix")
    units.level_of("^VIX", vix, "vix")
    levels = asof.closes(["^VVIX", "^VIX", "^GSPC"])
    with np.errstate(invalid="ignore"):
        condition = ties.at_least(levels[:, 0], vvix) & (ties.at_least(levels[:, 1], vix) | (vix <= 0))
    found = stress.drawdowns(levels[:, 2], condition)
    columns = (found.from_high, found.next_month, found.next_quarter)
    rows: list[list[object]] = []
    for quantile in _QUANTILES:
        name = f"{word('quantile', lang)} {quantile:.0%}"
        rows.append([name, *(_quantile(values, quantile) for values in columns)])
    counts = [int(np.isfinite(values).sum()) for values in columns]
    rows.append([word("sessions_n", lang), *counts])
    rows.append([word("episodes", lang), found.episodes, None, None])
    rows.extend([word("report_band", lang), None, None, bound] for bound in _REPORT)
    return Table(("item", "from_high", "next_month", "next_quarter"), rows, header, lang)


def _quantile(values: np.ndarray[tuple[int], np.dtype[np.float64]], quantile: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, quantile)) if len(known) else math.nan
