"""Sessions, weeks and months as periods of returns."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.languages import Text
from xlrotation.market.calendar import Days
from xlrotation.measures.arrays import IntArray

Frequency = Annotated[
    str,
    ChoiceKind(
        *("D", "W", "M"),
        help=Text("Length of a period: D sessions, W weeks, M months; the last week or month may still be running."),
    ),
]


def ends(days: Days, freq: str) -> IntArray:
    """Row of the last session of each week (``W``, Monday to Sunday), month, quarter (``Q``) or year (``Y``)."""
    if freq == "W":
        periods = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7  # 1970-01-01 was a Thursday
    else:
        periods = days.astype(f"datetime64[{'Y' if freq == 'Y' else 'M'}]").astype(np.int64)
        periods = periods // 3 if freq == "Q" else periods
    return np.append(np.flatnonzero(np.diff(periods)), len(days) - 1)
