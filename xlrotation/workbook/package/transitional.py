"""Dates as strict files write them."""

from __future__ import annotations

import datetime as dt

from xlrotation.grid import EPOCH, EPOCH_1904


def iso_serial(text: str, date1904: bool) -> float | None:
    """The serial number of a date or time as strict files write it; None where it is none."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    first = dt.datetime.combine(EPOCH_1904 if date1904 else EPOCH, dt.time())
    return (moment.replace(tzinfo=None) - first) / dt.timedelta(days=1)
