"""Dates and times."""

from __future__ import annotations

import calendar
import datetime as dt
import math

from xlrotation.errors import CellError
from xlrotation.grid import EPOCH, LAST_SERIAL
from xlrotation.hosts import serial_of
from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, date_parts, number_of_text, to_number
from xlrotation.workbook.natives.registry import native


def serial_number(year: int, month: int, day: int, date1904: bool) -> float:
    """The serial number of a day, months and days beyond their ends carried over."""
    months = year * 12 + month - 1
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise Fault(NUM)
    first = serial_of(dt.date(year, month + 1, 1), date1904)
    if first is None:
        first = float((dt.date(year, month + 1, 1) - EPOCH).days - 1)
    serial = first + day - 1
    if not date1904 and serial > 59 and first <= 59 and (year, month) <= (1900, 1) and (year, month + 1) < (1900, 2):
        pass
    if serial < 0 or serial > LAST_SERIAL:
        raise Fault(NUM)
    return serial


@native("DATE", "NNN")
def _date(frame: Frame, year: float, month: float, day: float) -> Value:
    y = math.trunc(year)
    if not 0 <= y <= 9999:
        return NUM
    if frame.date1904:
        y += 1904 if y < 4 else 1900 if y < 1900 else 0
    elif y < 1900:
        y += 1900
    return serial_number(y, math.floor(month), math.floor(day), frame.date1904)


@native("YEAR", "N")
def _year(frame: Frame, serial: float) -> Value:
    return float(date_parts(serial, frame.date1904)[0])


@native("MONTH", "N")
def _month(frame: Frame, serial: float) -> Value:
    return float(date_parts(serial, frame.date1904)[1])


@native("DAY", "N")
def _day(frame: Frame, serial: float) -> Value:
    return float(date_parts(serial, frame.date1904)[2])


def _seconds(serial: float) -> int:
    if serial < 0 or serial > LAST_SERIAL + 1:
        raise Fault(NUM)
    return int((serial - math.floor(serial)) * 86400 + 0.5 + 1e-6) % 86400


@native("HOUR", "N")
def _hour(_: Frame, serial: float) -> Value:
    return float(_seconds(serial) // 3600)


@native("MINUTE", "N")
def _minute(_: Frame, serial: float) -> Value:
    return float(_seconds(serial) // 60 % 60)


@native("SECOND", "N")
def _second(_: Frame, serial: float) -> Value:
    return float(_seconds(serial) % 60)


@native("TIME", "NNN")
def _time(_: Frame, hour: float, minute: float, second: float) -> Value:
    if max(hour, minute, second) > 32767:
        return NUM
    total = math.trunc(hour) * 3600 + math.trunc(minute) * 60 + math.trunc(second)
    return NUM if total < 0 else total % 86400 / 86400


@native("DATEVALUE", "T")
def _datevalue(frame: Frame, text: str) -> Value:
    if not any(mark in text for mark in "-/年.") and not any(mark.isalpha() for mark in text):
        return VALUE
    number = number_of_text(text, frame.date1904)
    return VALUE if number is None else float(math.floor(number))


@native("TIMEVALUE", "T")
def _timevalue(frame: Frame, text: str) -> Value:
    number = number_of_text(text, frame.date1904)
    return VALUE if number is None else number % 1


@native("NOW")
def _now(frame: Frame) -> Value:
    return serial_of(_moment(frame), frame.date1904)


@native("TODAY")
def _today(frame: Frame) -> Value:
    return serial_of(_moment(frame).date(), frame.date1904)


def _moment(frame: Frame) -> dt.datetime:
    if frame.machine.now is None:
        frame.machine.now = dt.datetime.now()
    return frame.machine.now


def _weekday(serial: float, date1904: bool) -> int:
    """0 for Sunday."""
    days = math.floor(serial)
    if days < 0 or days > LAST_SERIAL:
        raise Fault(NUM)
    return (days + (5 if date1904 else 6)) % 7


@native("WEEKDAY", "N?I")
def _weekday_(frame: Frame, serial: float, kind: int = 1) -> Value:
    day = _weekday(serial, frame.date1904)
    if kind == 1:
        return day + 1.0
    if kind == 2:
        return (day + 6) % 7 + 1.0
    if kind == 3:
        return float((day + 6) % 7)
    if 11 <= kind <= 17:
        return (day - (kind - 10)) % 7 + 1.0
    return NUM


@native("WEEKNUM", "N?I")
def _weeknum(frame: Frame, serial: float, kind: int = 1) -> Value:
    if kind == 21:
        return _isoweeknum(frame, serial)
    starts = {1: 0, 2: 1, 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 6, 17: 0}
    if kind not in starts:
        return NUM
    year, _, _ = date_parts(serial, frame.date1904)
    first = serial_number(year, 1, 1, frame.date1904)
    offset = (_weekday(first, frame.date1904) - starts[kind]) % 7
    return float((math.floor(serial) - int(first) + offset) // 7 + 1)


@native("ISOWEEKNUM", "N")
def _isoweeknum(frame: Frame, serial: float) -> Value:
    day = math.floor(serial)
    thursday = day - (_weekday(day, frame.date1904) + 6) % 7 + 3
    if thursday < 0:
        return 52.0
    year, _, _ = date_parts(thursday, frame.date1904)
    return float((thursday - int(serial_number(year, 1, 1, frame.date1904))) // 7 + 1)


def _shifted(serial: float, months: int, date1904: bool, end: bool) -> float:
    year, month, day = date_parts(serial, date1904)
    total = year * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1900 <= year <= 9999:
        raise Fault(NUM)
    last = calendar.monthrange(year, month)[1]
    return serial_number(year, month, last if end else min(day, last), date1904)


@native("EDATE", "NN")
def _edate(frame: Frame, serial: float, months: float) -> Value:
    return _shifted(serial, math.trunc(months), frame.date1904, False)


@native("EOMONTH", "NN")
def _eomonth(frame: Frame, serial: float, months: float) -> Value:
    return _shifted(serial, math.trunc(months), frame.date1904, True)


@native("DAYS", "NN")
def _days(_: Frame, end: float, start: float) -> Value:
    return float(math.floor(end) - math.floor(start))


def days360(a: tuple[int, int, int], b: tuple[int, int, int], european: bool) -> int:
    """Days between two dates of years with twelve months of thirty days."""
    (y1, m1, d1), (y2, m2, d2) = a, b
    if european:
        d1, d2 = min(d1, 30), min(d2, 30)
    else:
        if d1 == 31 or (m1 == 2 and d1 == calendar.monthrange(max(y1, 1), 2)[1]):
            d1 = 30
        if d2 == 31:
            if d1 < 30:
                m2, d2 = m2 + 1, 1
            else:
                d2 = 30
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


@native("DAYS360", "NN?B")
def _days360(frame: Frame, start: float, end: float, european: bool = False) -> Value:
    return float(days360(date_parts(start, frame.date1904), date_parts(end, frame.date1904), european))


def year_fraction(start: float, end: float, basis: int, date1904: bool) -> float:
    """The years between two days by a convention of counting."""
    start, end = sorted((math.floor(start), math.floor(end)))
    a, b = date_parts(start, date1904), date_parts(end, date1904)
    if basis == 0:
        return _days360_of_bonds(a, b) / 360
    if basis == 2:
        return (end - start) / 360
    if basis == 3:
        return (end - start) / 365
    if basis == 4:
        return days360(a, b, True) / 360
    return (end - start) / _days_in_year(a, b)


def _days360_of_bonds(first: tuple[int, int, int], last: tuple[int, int, int]) -> int:
    """Days in months of thirty, the ends of February being ends of months as the American rule for bonds has it."""
    (y1, m1, d1), (y2, m2, d2) = first, last
    feb1 = m1 == 2 and d1 == calendar.monthrange(y1, 2)[1]
    feb2 = m2 == 2 and d2 == calendar.monthrange(y2, 2)[1]
    if feb1 and feb2:
        d2 = 30
    if feb1:
        d1 = 30
    if d2 == 31 and d1 >= 30:
        d2 = 30
    if d1 == 31:
        d1 = 30
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


def _days_in_year(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """Days in the year from one day to another, on average where they lie further apart."""
    if a[0] == b[0]:
        return 366 if calendar.isleap(a[0]) else 365
    if (b[0] == a[0] + 1) and (b[1], b[2]) <= (a[1], a[2]):
        leap = False
        if calendar.isleap(a[0]) and (a[1], a[2]) <= (2, 29):
            leap = True
        if calendar.isleap(b[0]) and (b[1], b[2]) >= (2, 29):
            leap = True
        return 366 if leap else 365
    years = b[0] - a[0] + 1
    return (365 * years + calendar.leapdays(a[0], b[0] + 1)) / years


@native("YEARFRAC", "NN?N")
def _yearfrac(frame: Frame, start: float, end: float, basis: float = 0.0) -> Value:
    if not 0 <= basis < 5:
        return NUM
    return year_fraction(start, end, int(basis), frame.date1904)


@native("DATEDIF", "NNT")
def _datedif(frame: Frame, start: float, end: float, unit: str) -> Value:
    start, end = math.floor(start), math.floor(end)
    if start > end:
        return NUM
    (y1, m1, d1), (y2, m2, d2) = date_parts(start, frame.date1904), date_parts(end, frame.date1904)
    months = (y2 - y1) * 12 + m2 - m1 - (d2 < d1)
    match unit.upper():
        case "D":
            return float(end - start)
        case "M":
            return float(months)
        case "Y":
            return float(months // 12)
        case "YM":
            return float(months % 12)
        case "MD":
            if d2 >= d1:
                return float(d2 - d1)
            before = serial_number(y2, m2 - 1, d1, frame.date1904)
            return float(end - before)
        case "YD":
            year = y2 if (m2, d2) >= (m1, d1) else y2 - 1
            return float(end - serial_number(year, m1, d1, frame.date1904))
    return NUM


def _weekend(value: Value) -> set[int]:
    """Days of the week that are free, 0 for Monday."""
    if value is None:
        return {5, 6}
    if isinstance(value, str):
        if len(value) != 7 or set(value) - {"0", "1"} or value == "1111111":
            raise Fault(VALUE)
        return {i for i, mark in enumerate(value) if mark == "1"}
    number = int(to_number(value))
    if 1 <= number <= 7:
        return {(number + 4) % 7, (number + 5) % 7}
    if 11 <= number <= 17:
        return {(number - 12) % 7}
    raise Fault(NUM)


def _holidays(frame: Frame, value: Value) -> set[int]:
    if value is None:
        return set()
    found: set[int] = set()
    for row in all_rows(value, frame):
        for item in row:
            if isinstance(item, CellError):
                raise Fault(item)
            if isinstance(item, str):
                found.add(math.floor(to_number(item, frame.date1904)))
            elif item is not None:
                found.add(math.floor(item))
    frame.machine.step(len(found) // 20)
    return found


def _networkdays(frame: Frame, start: float, end: float, weekend: Value, holidays: Value) -> Value:
    a, b = math.floor(start), math.floor(end)
    sign = 1 if a <= b else -1
    a, b = min(a, b), max(a, b)
    free, feasts = _weekend(weekend), _holidays(frame, holidays)
    whole, rest = divmod(b - a + 1, 7)
    count = whole * (7 - len(free))
    for day in range(b - rest + 1, b + 1):
        count += (_weekday(day, frame.date1904) + 6) % 7 not in free
    for day in feasts:
        if a <= day <= b and (_weekday(day, frame.date1904) + 6) % 7 not in free:
            count -= 1
    return float(sign * count)


@native("NETWORKDAYS", "NN?A")
def _networkdays_(frame: Frame, start: float, end: float, holidays: Value = None) -> Value:
    return _networkdays(frame, start, end, None, holidays)


@native("NETWORKDAYS.INTL", "NN?VA")
def _networkdays_intl(frame: Frame, start: float, end: float, weekend: Value = None, holidays: Value = None) -> Value:
    return _networkdays(frame, start, end, weekend, holidays)


def _workday(frame: Frame, start: float, days: float, weekend: Value, holidays: Value) -> Value:
    day, left = math.floor(start), math.trunc(days)
    free, feasts = _weekend(weekend), _holidays(frame, holidays)
    step = 1 if left > 0 else -1
    if abs(left) > 5_000_000 or len(free) == 7:
        return NUM
    frame.machine.step(abs(left) // 10)
    while left:
        day += step
        if not 0 <= day <= LAST_SERIAL:
            return NUM
        if (_weekday(day, frame.date1904) + 6) % 7 not in free and day not in feasts:
            left -= step
    return float(day)


@native("WORKDAY", "NN?A")
def _workday_(frame: Frame, start: float, days: float, holidays: Value = None) -> Value:
    return _workday(frame, start, days, None, holidays)


@native("WORKDAY.INTL", "NN?VA")
def _workday_intl(frame: Frame, start: float, days: float, weekend: Value = None, holidays: Value = None) -> Value:
    return _workday(frame, start, days, weekend, holidays)


__all__ = ["numbers_in"]
