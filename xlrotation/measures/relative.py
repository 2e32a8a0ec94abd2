"""Relative strength of one price path against another."""

from __future__ import annotations

from xlrotation.measures import averages, ties
from xlrotation.measures.arrays import FloatArray


def mansfield(ratio: FloatArray, n: int) -> float:
    """Mansfield relative strength: the price ratio over its own n-period average, in percent above or below it.

    ``(RS / SMA_n(RS) - 1) * 100``, as charting packages publish it (n = 52 on weekly closes).

    Args:
        ratio: ``(observations,)`` price of the asset over the benchmark's, oldest first, at least *n* of them.
        n: Periods of the average.
    """
    average = averages.simple(ratio[-n:], n)
    return ties.ratio_less_one(float(ratio[-1]), float(average[-1])) * 100.0
