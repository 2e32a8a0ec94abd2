"""The sessions of the New York Stock Exchange.

A table of sessions ships with the package (``tools/build_calendar.py`` makes it, a test compares it with
``exchange_calendars``): windows are counted on it and never on the rows that a data source happens to deliver.
"""

from __future__ import annotations

import datetime as dt
import functools
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

NEW_YORK = ZoneInfo("America/New_York")
_SETTLING = dt.timedelta(minutes=15)

Days = npt.NDArray[np.datetime64]
"""An array of dates (``datetime64[D]``), oldest first."""


@functools.cache
def sessions() -> Days:
    """Every session that the table knows, oldest first."""
    with (
        (resources.files("xlrotation.market") / "data" / "nyse_sessions.npz").open("rb") as file,
        np.load(file) as table,
    ):
        days = np.concatenate([table["first"], table["first"][0] + np.cumsum(table["gaps"], dtype=np.int32)])
    result: Days = days.astype("datetime64[D]")
    result.flags.writeable = False
    return result


@functools.cache
def early_closes() -> frozenset[dt.date]:
    """The sessions that end at 13:00 New York time."""
    with (
        (resources.files("xlrotation.market") / "data" / "nyse_sessions.npz").open("rb") as file,
        np.load(file) as table,
    ):
        return frozenset(table["early"].astype("datetime64[D]").tolist())


def final(day: dt.date) -> dt.datetime:
    """When the prices of a session are final: a quarter of an hour after its closing bell."""
    bell = dt.time(13) if day in early_closes() else dt.time(16)
    return dt.datetime.combine(day, bell, NEW_YORK) + _SETTLING


def last_finished(now: dt.datetime) -> dt.date:
    """The last session whose prices are final at *now*."""
    day = now.astimezone(NEW_YORK).date()
    if now < final(day):
        day -= dt.timedelta(days=1)
    table = sessions()
    last: dt.date = table[np.searchsorted(table, np.datetime64(day), side="right") - 1].item()
    return last


def sessions_between(first: dt.date, last: dt.date) -> Days:
    """The sessions from *first* to *last*, both included."""
    table = sessions()
    start = np.searchsorted(table, np.datetime64(first, "D"), side="left")
    stop = np.searchsorted(table, np.datetime64(last, "D"), side="right")
    return table[start:stop]
