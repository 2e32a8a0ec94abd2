"""When an observation of a dated series was published, so that none is seen before.

A series dates an observation by the day that it describes (a month by its first day, a week by its Wednesday), and it
is known some time later. Rules stand here for the series that the library uses; where vintages of a series are stored
(:mod:`xlrotation.market.vintages`) they tell themselves. Of any other series an observation counts from its own day,
and one of a month, a quarter or a year from the last day of that, at the closing bell. Consumer prices and the national
product are such: their days of publication follow no rule, and are some weeks later. It is right for what is quoted or
operated that day, such as yields, spreads and reverse repurchases.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlrotation.market import federal
from xlrotation.market.windows import shift_months

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NOON = dt.time(12)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a series is published.

    Attributes:
        hour: Time of day in Washington.
        of: The day on which the observation of a day is published.
        told: Who publishes it when.
    """

    hour: dt.time
    of: Callable[[dt.date], dt.date]
    told: str

    def moment(self, day: dt.date) -> dt.datetime:
        """When the observation of *day* is published."""
        return dt.datetime.combine(self.of(day), self.hour, washington())


@functools.cache
def washington() -> ZoneInfo:
    """The time zone of Washington; its tables are looked for when a release is dated, not by each start."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")


def employment_situation(month: dt.date) -> dt.date:
    """The day of the employment report on a month.

    It is the third Friday after the week with the month's twelfth day, or the week after where that is one of the first
    three days of a year; then come the days that shutdowns of the government moved.
    """
    if (moved := _MOVED_MONTHS.get((month.year, month.month))) is not None:
        return moved
    twelfth = month.replace(day=12)
    saturday = twelfth + (5 - twelfth.weekday()) % 7 * _DAY
    friday = saturday + 20 * _DAY
    return friday + 7 * _DAY if (friday.month, friday.day) <= (1, 3) else friday


def balance_sheet(wednesday: dt.date) -> dt.date:
    """The day of the statistical release H.4.1 on a week that ends on a Wednesday.

    It is Thursday, or Friday where the Wednesday or the Thursday is a holiday.
    """
    thursday = wednesday + _DAY
    late = any(day in federal.holidays(day.year) for day in (wednesday, thursday))
    return federal.after(thursday, 1) if late else thursday


def commitments(report: dt.date) -> dt.date:
    """The day on which a commitments of traders report is published.

    It is the third business day after the day it describes, mostly a Friday; then come the days that shutdowns and
    outages moved, or the last one of a catching up of which not every day is known.
    """
    if (moved := _MOVED_REPORTS.get(report)) is not None:
        return moved
    by = next((by for first, last, by in _CAUGHT_UP if first <= report <= last), report)
    return max(by, federal.after(report, 3))


_MOVED_MONTHS: Mapping[tuple[int, int], dt.date] = {
    (2013, 9): dt.date(2013, 10, 22),
    (2013, 10): dt.date(2013, 11, 8),
    (2025, 9): dt.date(2025, 11, 20),
    (2025, 10): dt.date(2025, 12, 16),
    (2025, 11): dt.date(2025, 12, 16),
    (2026, 1): dt.date(2026, 2, 11),
}
"""Months of which the Bureau of Labor Statistics reported late, after the government had been shut."""

_MOVED_REPORTS: Mapping[dt.date, dt.date] = {
    dt.date.fromisoformat(report): dt.date.fromisoformat(published)
    for report, published in (
        # Commodity Futures Trading Commission, schedule of 2025-11-18
        *(("2025-09-30", "2025-11-19"), ("2025-10-07", "2025-11-21"), ("2025-10-14", "2025-11-25")),
        *(("2025-10-21", "2025-12-02"), ("2025-10-28", "2025-12-05"), ("2025-11-04", "2025-12-09")),
        *(("2025-11-10", "2025-12-12"), ("2025-11-18", "2025-12-16"), ("2025-11-25", "2025-12-19")),
        *(("2025-12-02", "2025-12-23"), ("2025-12-09", "2025-12-30"), ("2025-12-16", "2026-01-06")),
        *(("2025-12-23", "2026-01-09"), ("2025-12-30", "2026-01-13"), ("2026-01-06", "2026-01-16")),
        *(("2026-01-13", "2026-01-20"), ("2026-01-20", "2026-01-23")),
    )
}

_CAUGHT_UP = (
    (dt.date(2013, 10, 1), dt.date(2013, 10, 29), dt.date(2013, 11, 8)),
    (dt.date(2018, 12, 24), dt.date(2019, 3, 5), dt.date(2019, 3, 8)),
    (dt.date(2023, 1, 31), dt.date(2023, 3, 14), dt.date(2023, 3, 24)),
)
"""Reports that came late, and a day by which all of them had been published."""

_EMPLOYMENT = Rule(
    dt.time(8, 30), employment_situation, "published with the employment report, some five weeks after the month begins"
)
_BALANCE = Rule(dt.time(16, 30), balance_sheet, "published on Thursday at 4:30 p.m., after the close")
_NEXT_DAY = Rule(NOON, lambda day: federal.after(day, 1), "published on the next day")
_COMMITMENTS = Rule(dt.time(15, 30), commitments, "published on Friday at 3:30 p.m.")


def over(day: dt.date, months: int) -> dt.date:
    """The last day of the month, quarter or year that a series dates by its first day; another day as it is.

    Args:
        day: The day by which it is dated.
        months: Length of the period; 0 for series of weeks or days.
    """
    return shift_months(day, months) - _DAY if months and day.day == 1 else day


def earliest(name: str, day: dt.date) -> dt.date:
    """The first day on which the observation of a day can be out: that of a month of the employment report after it."""
    if RULES.get(name) is _EMPLOYMENT:
        return shift_months(day.replace(day=1), 1)
    return day


COMMITMENTS = "COT:"
"""How the names of series begin that are positions of a commitments of traders report."""

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("UNRATE", "SAHMCURRENT", "SAHMREALTIME", "PAYEMS", "U6RATE", "CIVPART", "UNEMPLOY"), _EMPLOYMENT),
    **dict.fromkeys(("WALCL", "WTREGEN", "WDTGAL", "WRESBAL", "WRBWFRBL", "TREAST", "WSHOMCB"), _BALANCE),
    "NAAIM": _NEXT_DAY,
}


def rule_of(name: str) -> Rule | None:
    """How the series of that name is published; None where that is not known."""
    return _COMMITMENTS if name.startswith(COMMITMENTS) else RULES.get(name)


def published_by(name: str, moment: dt.datetime) -> dt.date:
    """The last day whose publications of a series are known at *moment*."""
    rule = rule_of(name)
    there = moment.astimezone(washington())
    return there.date() if there.time() >= (NOON if rule is None else rule.hour) else there.date() - _DAY
