"""What an index did around sessions of stress."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.measures import events
from xlrotation.measures.arrays import BoolArray, FloatArray


class Stress(NamedTuple):
    """Drawdowns at and after the sessions that met a condition, negative; ``(sessions,)``, NaN where not yet known."""

    from_high: FloatArray
    next_month: FloatArray
    next_quarter: FloatArray
    episodes: int


def drawdowns(closes: FloatArray, condition: BoolArray, year: int = 252, month: int = 21, quarter: int = 63) -> Stress:
    """The index below its highest close of a year, and the lowest close of the sessions after, at each such session.

    Args:
        closes: ``(days,)``, gaps as NaN.
        condition: Days that met the condition.
        year: Closes that the high is taken from.
        month: Sessions looked ahead; a session with fewer after it is not known.
        quarter: The same, longer.
    """
    rows = np.flatnonzero(condition & np.isfinite(closes))
    from_high = np.array([closes[r] / np.nanmax(closes[max(0, r - year + 1) : r + 1]) - 1.0 for r in rows])
    month_after, quarter_after = (_lowest_after(closes, rows, n) for n in (month, quarter))
    return Stress(from_high, month_after, quarter_after, len(events.apart(rows, month)))


def _lowest_after(closes: FloatArray, rows: npt.NDArray[np.intp], n: int) -> FloatArray:
    """Lowest close of the *n* after each row against its own, at most zero; NaN where fewer follow, or only gaps."""
    known = [r + n < len(closes) and bool(np.isfinite(closes[r + 1 : r + n + 1]).any()) for r in rows]
    lowest = [
        np.nanmin(closes[r + 1 : r + n + 1]) / closes[r] - 1.0 if k else np.nan
        for r, k in zip(rows, known, strict=True)
    ]
    below: FloatArray = np.minimum(np.array(lowest, float), 0.0)
    return below
