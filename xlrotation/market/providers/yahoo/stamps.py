"""Which day a time stamp of a daily bar means: it must agree with the exchange's hours before it counts as one.

A daily bar is stamped at the opening bell of its session in the exchange's time zone, or at midnight there where the
market never closes; only the newest one may bear the time of the last trade. Dates of another clock turn into the wrong
day in silence: midnight UTC of a Tuesday is Monday evening in New York, midnight in Tokyo is its Monday morning. They
do not fall on the bell, and a whole week of them falls on a weekend. Such an answer counts for nothing: which day its
prices are of is not known, and a day early means to know them a day before they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.providers.asking import Unusable

_BELLS = {"America/New_York": 34_200, "America/Chicago": 30_600}
"""When their exchanges open, in seconds of the day."""

_MIDNIGHT = dt.time(0)
_NOON = 12 * 3600
_CLOSE = 16 * 3600

_NEAR = 600
"""Seconds that a stamp may lie beside the opening bell."""

_SUMMER = 3600
"""A bell that is told in summer time for the winter, or the other way round, lies so many seconds off."""

_NO_SUMMER = ("America/Bogota", "America/Lima", "America/Mexico_City", "America/Monterrey", "America/Sao_Paulo")
"""Zones without summer time whose exchanges open earlier while New York has it."""

_AFTER = 7200
"""Seconds after the close until which the newest bar may be stamped with its last trade."""

_STRAY = 100
"""One bar in so many may fall on a weekend; it is left out as one on any other day without a session."""

_SATURDAY, _SUNDAY = 5, 6
_SUNDAYS_OPEN = frozenset(
    ("Africa/Cairo", "Asia/Amman", "Asia/Bahrain", "Asia/Dubai", "Asia/Jerusalem", "Asia/Kuwait", "Asia/Muscat")
) | frozenset(("Asia/Qatar", "Asia/Riyadh", "Asia/Tel_Aviv"))
"""Where the week begins, or began, on a Sunday."""

_WEEKENDS_OPEN = frozenset(("Asia/Calcutta", "Asia/Dhaka", "Asia/Kolkata", "Asia/Taipei"))
"""Where single sessions fall on weekends: trials of the systems, the budget, Diwali, working Saturdays."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def local(stamp: object, zone: ZoneInfo) -> dt.datetime:
    """The time of a stamp in *zone*.

    Raises:
        TypeError, ValueError, OverflowError: It is none.
    """
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        raise TypeError("no time stamp")
    return (_EPOCH + dt.timedelta(seconds=stamp)).astimezone(zone)


class Hours:
    """The hours of one exchange, as its time zone and an answer tell them.

    Args:
        zone: Its time zone.
        meta: What the answer says of itself: the present trading period, the last trade, the kind of instrument.
    """

    def __init__(self, zone: ZoneInfo, meta: Mapping[str, Any]) -> None:
        self.zone = zone
        period = meta.get("currentTradingPeriod")
        regular = period.get("regular") if isinstance(period, dict) else None
        opening, close = (self._second(regular, name) for name in ("start", "end"))
        if opening is not None and opening >= _NOON:  # no exchange opens in the afternoon
            opening = None
        usual = _BELLS.get(zone.key)
        self._bells = {0, *(bell for bell in (opening, usual) if bell is not None)}
        self._known = opening is not None or usual is not None
        self._open = next((bell for bell in (opening, usual) if bell is not None), 0)
        self._close = _CLOSE if close is None else close
        self._traded = self._moment(meta.get("regularMarketTime"))
        self._always = meta.get("instrumentType") == "CRYPTOCURRENCY"

    def _moment(self, stamp: object) -> dt.datetime | None:
        try:
            return local(stamp, self.zone)
        except (TypeError, ValueError, OverflowError):
            return None

    def _second(self, regular: object, name: str) -> int | None:
        found = self._moment(regular.get(name)) if isinstance(regular, dict) else None
        return None if found is None else _seconds(found.time())

    def days(self, stamps: Sequence[object]) -> Days:
        """The days of bars.

        Raises:
            Unusable: The stamps contradict the hours of the exchange, or fall on its weekends.
            TypeError, ValueError, OverflowError: One is no time stamp.
        """
        times = [local(stamp, self.zone) for stamp in stamps]
        at_midnight = 2 * sum(time.time() == _MIDNIGHT for time in times) > len(times)
        newest = max(times, default=None)
        days = []
        for time in times:
            if at_midnight and time.minute == 0 and time.hour in (1, 2, 22, 23):
                # markets without hours are stamped at a midnight that forgets summer time now and then
                days.append(time.date() + dt.timedelta(days=time.hour > 12))
            elif self._at_bell(time, self.zone.key in _NO_SUMMER) or (time == newest and self._last_trade(time)):
                days.append(time.date())
            else:
                raise self._contradiction(time, "a bar")
        self._check_weekends(days)
        return np.array(days, "datetime64[D]")

    def day(self, stamp: object, what: str) -> dt.date:
        """The day of an event, such as a split.

        Raises:
            Unusable: The stamp contradicts the hours of the exchange.
            TypeError, ValueError, OverflowError: It is no time stamp.
        """
        time = local(stamp, self.zone)
        if not self._at_bell(time, summer=True):
            raise self._contradiction(time, what)
        return time.date()

    def _at_bell(self, time: dt.datetime, summer: bool) -> bool:
        second = _seconds(time.time())
        if not self._known:  # every exchange opens in the morning
            return second < _NOON
        off = [abs(second - bell) for bell in self._bells]
        return min(off) <= _NEAR or (summer and any(abs(gap - _SUMMER) <= _NEAR for gap in off if second >= _SUMMER))

    def _last_trade(self, time: dt.datetime) -> bool:
        """Whether the newest bar is stamped with the last trade, in the hours of the day that the answer tells of."""
        if self._traded is None or self._traded.date() != time.date():
            return False
        return self._open - _NEAR <= _seconds(time.time()) <= self._close + _AFTER

    def _contradiction(self, time: dt.datetime, what: str) -> Unusable:
        return Unusable(
            f"{what} is stamped {time:%Y-%m-%d %H:%M} in {self.zone.key}, which is not when its exchange opens; "
            "the day is not certain and nothing of the answer is used"
        )

    def _check_weekends(self, days: Sequence[dt.date]) -> None:
        if self._always:
            return
        closed = {_SATURDAY, _SUNDAY} - ({_SUNDAY} if self.zone.key in _SUNDAYS_OPEN else set())
        wrong = [day for day in days if day.weekday() in closed and self.zone.key not in _WEEKENDS_OPEN]
        if len(wrong) * _STRAY > len(days):
            raise Unusable(
                f"{len(wrong)} of {len(days)} bars fall on a weekend ({wrong[-1]}, a {wrong[-1]:%A}); "
                "the days are not certain and nothing of the answer is used"
            )


def _seconds(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second
