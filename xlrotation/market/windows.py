"""Windows: how far back a measure looks.

=============  ==========================================================================================
``20D``, 20    sessions: P[t] / P[t-20] - 1
``2W 3M 1Y``   calendar: since the last close on or before the same calendar day that far back
``MTD`` ...    since the last close of the previous week (``WTD``), month, quarter (``QTD``) or year (``YTD``)
a date         since the last close on or before it
``MAX``        everything
=============  ==========================================================================================
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, NoData
from xlrotation.grid import LAST_SERIAL
from xlrotation.market import windowwords
from xlrotation.market.calendar import Days
from xlrotation.market.dates import FIRST_SERIAL, from_serial, parse_date, read_date, shown

_GRAMMAR = (
    "a window is a number of sessions (20 or 20D), 2W, 3M, 1Y, WTD, MTD, QTD, YTD, MAX or a date such as 2025-12-31"
)
_COUNTED = re.compile(r"(\d{1,5})([DWMY])")
_MOST = {"D": 30_000, "W": 5_200, "M": 1_200, "Y": 100}


class Unit(enum.Enum):
    """What a window is counted in."""

    SESSIONS = "D"
    WEEKS = "W"
    MONTHS = "M"
    YEARS = "Y"
    WEEK_TO_DATE = "WTD"
    MONTH_TO_DATE = "MTD"
    QUARTER_TO_DATE = "QTD"
    YEAR_TO_DATE = "YTD"
    SINCE = "date"
    EVERYTHING = "MAX"


@dataclass(frozen=True, slots=True)
class Window:
    """A window as read from a cell: its unit, and a count or a date where the unit has one."""

    unit: Unit
    count: int = 0
    since: dt.date | None = None

    def __str__(self) -> str:
        if self.since is not None:
            return self.since.isoformat()
        return f"{self.count}{self.unit.value}" if self.count else self.unit.value


def sessions(count: int) -> Window:
    """The window of *count* sessions."""
    if not 1 <= count <= _MOST["D"]:
        raise BadArgument(f"a window of {count} sessions; {_GRAMMAR}")
    return Window(Unit.SESSIONS, count)


@functools.lru_cache(maxsize=4096)
def parse_window(text: str) -> Window:
    """The window that *text* names, as :func:`xlrotation.market.windowwords.short` reads it.

    Raises:
        BadArgument: It names none.
    """
    word = windowwords.short(text)
    if word in ("WTD", "MTD", "QTD", "YTD", "MAX"):
        return Window(Unit(word))
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return sessions(int(word))
    if match := _COUNTED.fullmatch(word):
        count, unit = int(match[1]), match[2]
        if unit == "D":
            return sessions(count)
        if 1 <= count <= _MOST[unit]:
            return Window(Unit(unit), count)
    day = parse_date(word) or parse_date(windowwords.since(text))
    if day is not None:
        return Window(Unit.SINCE, since=day)
    raise BadArgument(f"{shown(text)} is no window; {_GRAMMAR}")


def parse_windows(text: str) -> tuple[Window, ...]:
    """The windows that *text* lists: between commas, semicolons or bars, else between spaces (``1 month 3 months``).

    Raises:
        BadArgument: A part names none.
    """
    found: list[Window] = []
    for part in windowwords.parts(text):
        words = part.split()
        while words:
            longest = next((n for n in range(len(words), 0, -1) if _names_one(" ".join(words[:n]))), 1)
            found.append(parse_window(" ".join(words[:longest])))
            words = words[longest:]
    if not found:
        raise BadArgument(f"{shown(text)} is no window; {_GRAMMAR}")
    return tuple(found)


def _names_one(text: str) -> bool:
    try:
        parse_window(text)
    except BadArgument:
        return False
    return True


def read_window(cell: object) -> Window:
    """The window in a cell: a text, a number of sessions, or a date."""
    if isinstance(cell, str):
        return parse_window(cell)
    if isinstance(cell, bool):
        raise BadArgument(f"{cell} is no window; {_GRAMMAR}")
    if isinstance(cell, int | float):
        if FIRST_SERIAL <= cell <= LAST_SERIAL:
            return Window(Unit.SINCE, since=from_serial(cell))
        if cell == int(cell) if abs(cell) < FIRST_SERIAL else False:
            return sessions(int(cell))
        raise BadArgument(f"a window of {cell:g}; {_GRAMMAR}")
    return Window(Unit.SINCE, since=read_date(cell))


def shift_months(day: dt.date, count: int) -> dt.date:
    """The same day of the month *count* months later (earlier where negative), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    import calendar as months

    return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _base_day(window: Window, asof: dt.date) -> dt.date:
    """The calendar day on or before which the base close lies."""
    match window.unit:
        case Unit.WEEKS:
            return asof - dt.timedelta(weeks=window.count)
        case Unit.MONTHS:
            return shift_months(asof, -window.count)
        case Unit.YEARS:
            return shift_months(asof, -12 * window.count)
        case Unit.WEEK_TO_DATE:
            return asof - dt.timedelta(days=asof.weekday() + 1)
        case Unit.MONTH_TO_DATE:
            return asof.replace(day=1) - dt.timedelta(days=1)
        case Unit.QUARTER_TO_DATE:
            return dt.date(asof.year, 3 * ((asof.month - 1) // 3) + 1, 1) - dt.timedelta(days=1)
        case Unit.YEAR_TO_DATE:
            return dt.date(asof.year - 1, 12, 31)
        case _:
            assert window.since is not None
            return window.since


def base_row(window: Window, days: Days) -> int:
    """The row of the base close of *window* in *days*, whose last entry is the as-of session.

    Raises:
        NoData: The window begins before the data, or after the as-of session.
    """
    last = len(days) - 1
    if window.unit is Unit.EVERYTHING:
        return 0
    if window.unit is Unit.SESSIONS:
        row = last - window.count
        if row < 0:
            raise NoData(f"{window} needs {window.count + 1} sessions; the data have {last + 1}, from {days[0]}")
        return row
    asof: dt.date = days[-1].item()
    try:
        day = _base_day(window, asof)
    except (ValueError, OverflowError):
        day = dt.date.min
    if day > asof:
        raise NoData(f"the window begins on {day}, after the as-of session {asof}; give an earlier date")
    row = int(np.searchsorted(days, np.datetime64(day, "D"), side="right")) - 1
    if row < 0:
        raise NoData(f"{window} begins on {day}, before the first session of the data, {days[0]}")
    return row


def base_rows(window: Window, days: Days) -> npt.NDArray[np.int64]:
    """As :func:`base_row`, as of each of *days*; -1 where the window begins before them."""
    rows = np.arange(len(days))
    if window.unit is Unit.EVERYTHING:
        return np.zeros(len(days), np.int64)
    if window.unit is Unit.SESSIONS:
        return np.maximum(rows - window.count, -1)
    begins = np.array([_base_day(window, day) for day in days.tolist()], "datetime64[D]")
    found: npt.NDArray[np.int64] = np.searchsorted(days, begins, side="right") - 1
    return found


_TENOR = "a tenor is 1M, 3M, 6M, 9M, 1Y, 2W, or a number of calendar days such as 30"
_LONGEST_TENOR = 3660


def read_tenor(cell: object) -> int:
    """The constant maturity in a cell, in calendar days: a month is a twelfth of 365, rounded down (1M is 30, 3M 91).

    Raises:
        BadArgument: It is none.
    """
    days = 0.0
    if isinstance(cell, str):
        word = windowwords.short(cell)
        if word.isascii() and word.isdigit() and len(word) <= 4:
            days = int(word)
        elif match := _COUNTED.fullmatch(word):
            count = int(match[1])
            days = {"D": count, "W": 7 * count, "M": 365 * count // 12, "Y": 365 * count}[match[2]]
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        days = cell
    if not 1 <= days <= _LONGEST_TENOR or days != int(days):
        raise BadArgument(f"{shown(cell)} is no tenor; {_TENOR}")
    return int(days)
