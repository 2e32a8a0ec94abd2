"""Business days of the United States' government, by which its statistics are published."""

from __future__ import annotations

import datetime as dt
import functools

_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


def is_business_day(day: dt.date) -> bool:
    """Whether offices of the federal government are open on *day*."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def after(day: dt.date, count: int) -> dt.date:
    """The day so many business days after *day*."""
    while count:
        day += _DAY
        count -= is_business_day(day)
    return day


@functools.cache
def holidays(year: int) -> frozenset[dt.date]:
    """The federal holidays that are kept in a year, as the law (5 U.S.C. 6103) has them.

    One on a Saturday is kept on the day before, one on a Sunday on the day after.
    """
    fixed = [dt.date(year, 1, 1), dt.date(year + 1, 1, 1), dt.date(year, 7, 4), dt.date(year, 12, 25)]
    if year >= 2021:
        fixed.append(dt.date(year, 6, 19))
    fixed.append(dt.date(year, 11, 11))
    found = {_kept(day) for day in fixed}
    found |= {
        _nth(year, 2, 0, 3),
        _nth(year, 6, 0, 1) - 7 * _DAY,  # the last Monday of May
        _nth(year, 9, 0, 1),
        _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    }
    if year >= 1986:
        found.add(_nth(year, 1, 0, 3))
    return frozenset(day for day in found if day.year == year)


def _kept(day: dt.date) -> dt.date:
    return day - _DAY if day.weekday() == _SATURDAY else day + _DAY if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, count: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (count - 1)) * _DAY
