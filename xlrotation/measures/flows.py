"""Fund flows."""

from __future__ import annotations

import numpy as np

from xlrotation.measures import ties
from xlrotation.measures.arrays import FloatArray


def net_flows(shares: FloatArray, nav: FloatArray, previous_nav: bool = True) -> FloatArray:
    """Change in shares outstanding times net asset value.

    Issuers value a day's creations and redemptions at the net asset value of the day before.

    Args:
        shares: ``(days,)`` shares outstanding, oldest first.
        nav: Net asset value per share on the same days.
        previous_nav: Value at the day before; else at the same day.

    Returns:
        ``(days - 1,)``, NaN where a number is missing.
    """
    value = nav[:-1] if previous_nav else nav[1:]
    flows: FloatArray = np.diff(shares) * value
    return flows


def streak_at_least(values: FloatArray, threshold: float) -> int:
    """Number of last values in a row that are at least *threshold*; a gap ends the streak."""
    short = np.flatnonzero(~ties.at_least(values, threshold))
    return len(values) - (int(short[-1]) + 1 if len(short) else 0)


def dip_buying(returns: FloatArray, flows: FloatArray, threshold: float) -> tuple[int, int]:
    """Periods that fell below *threshold*, and how many of them had a net inflow; gaps are left out."""
    known = np.isfinite(returns) & np.isfinite(flows)
    down = known & ties.above(1.0 + threshold, 1.0 + returns)
    return int(np.count_nonzero(down)), int(np.count_nonzero(down & (flows > 0)))


def between(values: FloatArray) -> float:
    """Where the last of *values* stands between the lowest (0) and the highest (1); NaN where they are all the same.

    Of net positions of traders this is the COT index (Briese, The Commitments of Traders Bible, 2008).
    """
    low, high = float(np.min(values)), float(np.max(values))
    return float("nan") if not high > low else (float(values[-1]) - low) / (high - low)
