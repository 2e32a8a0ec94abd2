"""Where the last value stands in its own history. A gap (NaN) counts as no value."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray


def drawdown(values: FloatArray) -> float:
    """Last value over the highest one, minus 1: zero at a high, negative below it.

    Args:
        values: ``(observations,)``, oldest first; the last one must not be a gap.
    """
    return ties.ratio_less_one(float(values[-1]), float(np.nanmax(values)))


def percent_rank(values: FloatArray) -> float:
    """Share of the values at or below the last one, itself included (so above 0, at most 1).

    Args:
        values: ``(observations,)``, oldest first.
    """
    known = values[np.isfinite(values)]
    return float(np.count_nonzero(~ties.above(known, float(values[-1]))) / len(known))


def last_at_least(values: FloatArray) -> int | None:
    """Row of the last earlier value that is at least as high as the last one; None where there is none."""
    rows = np.flatnonzero(ties.at_least(values[:-1], float(values[-1])))
    return int(rows[-1]) if len(rows) else None


def last_crossing(values: FloatArray, level: float) -> int | None:
    """Row of the last value on the other side of *level* than the value before it; None where there is none.

    A value equal to the level counts as above it. Gaps are passed over.
    """
    rows = np.flatnonzero(np.isfinite(values))
    above = ties.at_least(values[rows], level)
    crossings = np.flatnonzero(above[1:] != above[:-1])
    return int(rows[crossings[-1] + 1]) if len(crossings) else None
