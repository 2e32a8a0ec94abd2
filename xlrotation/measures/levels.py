"""Where the last value stands in its own history. A gap (NaN) counts as no value."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import BoolArray, FloatArray


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


def z_score(values: FloatArray) -> float:
    """Distance of the last value from the mean of the values, itself included, in sample standard deviations.

    Args:
        values: ``(observations,)``, oldest first. NaN with fewer than two values, or where all are the same.
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return float("nan")
    spread = float(known.std(ddof=1))
    still = spread <= ties.TIE * float(np.abs(known).max())  # what rounding leaves of values that are all the same
    return float("nan") if still else (float(values[-1]) - float(known.mean())) / spread


def rank(values: FloatArray) -> int:
    """Place of the last value among the values from the highest down: 1 more than there are higher ones.

    Args:
        values: ``(observations,)``, oldest first.
    """
    return 1 + int(np.count_nonzero(ties.above(values, float(values[-1]))))


def records(values: FloatArray) -> BoolArray:
    """Which values stand above every value before them; the first value of all is none."""
    before = np.fmax.accumulate(np.append(np.nan, values[:-1]))
    return ties.above(values, before)
