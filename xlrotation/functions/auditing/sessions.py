"""The sessions of the data, as days that reports speak of are turned into them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Sessions:
    """The sessions of a source; beyond the last one weekdays are taken for sessions.

    Args:
        days: Those of the data, rising.
    """

    def __init__(self, days: Sequence[object] | npt.NDArray[np.datetime64]) -> None:
        self._days = np.asarray(days, dtype="datetime64[D]")

    @property
    def last(self) -> dt.date | None:
        """The newest session."""
        return self._day(len(self._days) - 1) if len(self._days) else None

    def _day(self, place: int) -> dt.date:
        found = self._days[place].astype(object)
        assert isinstance(found, dt.date)
        return found

    def on_or_before(self, day: dt.date) -> dt.date:
        """The last session on or before a day."""
        if self.last is None or day > self.last:
            while day.weekday() > 4:
                day -= dt.timedelta(1)
            return day
        place = int(np.searchsorted(self._days, np.datetime64(day), "right")) - 1
        return self._day(place) if place >= 0 else day

    def before(self, day: dt.date) -> dt.date:
        """The last session before a day."""
        return self.on_or_before(day - dt.timedelta(1))

    def after(self, day: dt.date) -> dt.date | None:
        """The session after a day; None beyond the data."""
        place = int(np.searchsorted(self._days, np.datetime64(day), "right"))
        return self._day(place) if place < len(self._days) else None
