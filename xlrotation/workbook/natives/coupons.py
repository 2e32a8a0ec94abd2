"""Coupon dates of bonds, and the days between them by the five conventions of counting."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NUM, Fault, Value, date_parts
from xlrotation.workbook.natives.dates import serial_number
from xlrotation.workbook.natives.registry import native

Day = tuple[int, int, int]


def _february_end(day: Day) -> bool:
    return day[1] == 2 and day[2] == calendar.monthrange(day[0], 2)[1]


def american(start: Day, end: Day, both: bool = False) -> int:
    """Days of years with twelve months of thirty days, as bonds count them in America; *both* ends are moved alike."""
    (y1, m1, d1), (y2, m2, d2) = start, end
    if _february_end(end) and (_february_end(start) or both):
        d2 = 30
    if d2 == 31 and (d1 >= 30 or both):
        d2 = 30
    if d1 == 31 or _february_end(start):
        d1 = 30
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


def european(start: Day, end: Day) -> int:
    """Days of years with twelve months of thirty days, a 31st read as a 30th."""
    (y1, m1, d1), (y2, m2, d2) = start, end
    return (y2 - y1) * 360 + (m2 - m1) * 30 + min(d2, 30) - min(d1, 30)


def is_month_end(day: Day) -> bool:
    """Whether it is the last day of its month."""
    return day[2] == calendar.monthrange(day[0], day[1])[1]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a bond pays and how its days are counted.

    Attributes:
        frequency: Coupons a year: 1, 2 or 4.
        basis: 0 American thirty days, 1 actual, 2 actual over 360, 3 actual over 365, 4 European thirty days.
        date1904: Whether the workbook counts days from 1904.
        step: Told of the work that many coupons take.
    """

    frequency: int
    basis: int
    date1904: bool
    step: Callable[[int], None]

    def day(self, serial: float) -> Day:
        """Year, month and day."""
        return date_parts(serial, self.date1904)

    def moved(self, serial: float, months: int, to_end: bool) -> int:
        """A day so many months on, at the end of its month where asked for."""
        year, month, day = self.day(serial)
        total = year * 12 + month - 1 + months
        year, month = total // 12, total % 12 + 1
        if not 1900 <= year <= 9999:
            raise Fault(NUM)
        last = calendar.monthrange(year, month)[1]
        return int(serial_number(year, month, last if to_end else min(day, last), self.date1904))

    def between(self, start: int, end: int) -> float:
        """Days between two days."""
        if self.basis == 0:
            return american(self.day(start), self.day(end))
        if self.basis == 4:
            return european(self.day(start), self.day(end))
        return end - start

    def coupons(self, settle: int, maturity: int) -> tuple[int, int, int]:
        """The coupon day on or before a day, the next one, and how many are left."""
        step = 12 // self.frequency
        to_end = is_month_end(self.day(maturity))
        (y1, m1, _), (y2, m2, _) = self.day(settle), self.day(maturity)
        count = max(((y2 - y1) * 12 + m2 - m1) // step - 1, 0)
        while self.moved(maturity, -count * step, to_end) > settle:
            count += 1
        self.step(count // 10 + 1)
        after = self.moved(maturity, -(count - 1) * step, to_end)
        return self.moved(maturity, -count * step, to_end), after, count

    def period(self, before: int, after: int) -> float:
        """Days of a coupon period."""
        if self.basis == 1:
            return after - before
        return (365 if self.basis == 3 else 360) / self.frequency


def terms(frame: Frame, frequency: float, basis: float) -> Terms:
    """The terms that two arguments stand for.

    Raises:
        Fault: There are none such.
    """
    if int(frequency) not in (1, 2, 4) or not 0 <= basis < 5:
        raise Fault(NUM)
    return Terms(int(frequency), int(basis), frame.date1904, frame.machine.step)


def _asked(
    frame: Frame, settle: float, maturity: float, frequency: float, basis: float
) -> tuple[Terms, int, int, int, int]:
    """The terms, the day, the coupon days around it, and how many are left."""
    how = terms(frame, frequency, basis)
    if int(settle) < 0 or int(settle) >= int(maturity):
        raise Fault(NUM)
    return how, int(settle), *how.coupons(int(settle), int(maturity))


@native("COUPPCD", "NNN?N")
def _couppcd(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    return float(_asked(frame, settle, maturity, frequency, basis)[2])


@native("COUPNCD", "NNN?N")
def _coupncd(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    return float(_asked(frame, settle, maturity, frequency, basis)[3])


@native("COUPNUM", "NNN?N")
def _coupnum(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    return float(_asked(frame, settle, maturity, frequency, basis)[4])


@native("COUPDAYBS", "NNN?N")
def _coupdaybs(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    how, day, before, _, _ = _asked(frame, settle, maturity, frequency, basis)
    return float(how.between(before, day))


@native("COUPDAYS", "NNN?N")
def _coupdays(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    how, _, before, after, _ = _asked(frame, settle, maturity, frequency, basis)
    return float(how.period(before, after))


@native("COUPDAYSNC", "NNN?N")
def _coupdaysnc(frame: Frame, settle: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
    how, day, before, after, _ = _asked(frame, settle, maturity, frequency, basis)
    if how.basis == 0:
        return float(american(how.day(before), how.day(after), both=True) - how.between(before, day))
    return float(how.between(day, after))
