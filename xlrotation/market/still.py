"""Series that stand still: closes that do not move for weeks, as a vendor leaves them that fills gaps forward."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.columns import batches
from xlrotation.market.panel import FloatArray, Panel

LEAST = 10
"""Sessions in a row with one and the same close from which on a series stands still: two weeks."""


class Stretch(NamedTuple):
    """A stretch of one and the same close.

    Attributes:
        first: Row of its first session.
        last: Row of its last session.
    """

    first: int
    last: int

    @property
    def sessions(self) -> int:
        """Sessions of the stretch."""
        return self.last - self.first + 1

    def told(self, days: Days) -> str:
        """The stretch as a message tells it."""
        return f"from {days[self.first]} to {days[self.last]}, {self.sessions} sessions"


def longest(closes: FloatArray) -> Stretch | None:
    """The longest stretch of closes that do not move, of equal ones the last; None where none has :data:`LEAST`.

    Args:
        closes: ``(days,)``; a gap ends a stretch.
    """
    same = np.concatenate([[False], closes[1:] == closes[:-1], [False]])
    edges = np.flatnonzero(np.diff(same.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) == 0:
        return None
    lengths = ends - starts + 1
    best = len(lengths) - 1 - int(np.argmax(lengths[::-1]))
    if lengths[best] < LEAST:
        return None
    return Stretch(int(starts[best]), int(ends[best]))


def standing(panel: Panel) -> dict[str, str]:
    """The longest stretch of each symbol that stood still, as a message tells it; looked for once."""
    kept: dict[str, str] | None = panel.__dict__.get("_standing")
    if kept is not None:
        return kept
    found = {}
    for columns, values in batches(panel, "close"):
        for place, column in enumerate(columns.tolist()):
            closes = values[:, place]
            known = np.isfinite(closes)  # of its own sessions: those of other exchanges are no gap
            stretch = longest(closes[known])
            if stretch is not None:
                found[panel.symbols[column]] = stretch.told(panel.days[known])
    panel.__dict__["_standing"] = found
    return found
