"""Dates as strict files write them."""

from __future__ import annotations

import datetime as dt

_EPOCHS = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}


def iso_serial(text: str, date1904: bool) -> float | None:
    """The serial number of a date or time as strict files write it; None where it is none."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment.replace(tzinfo=None) - _EPOCHS[date1904]) / dt.timedelta(days=1)
