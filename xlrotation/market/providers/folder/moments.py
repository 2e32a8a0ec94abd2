"""Dates and times as the cells of a column write them: read as a column, because one cell explains another.

02/13/2026 says that 02/03/2026 above it has its month first, too. A stamp with an offset from UTC is a moment, and the
day it belongs to is that of the exchange; but a column of nothing but midnights states days, whatever its offset.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from xlrotation.errors import BadArgument
from xlrotation.market.dates import from_serial, parse_date
from xlrotation.market.providers.folder import calendars
from xlrotation.market.providers.folder.dateforms import SERIALS, date_reader
from xlrotation.market.providers.folder.rows import BadFile, Value


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, the time of day that stands with it, and the offset from UTC in seconds where one does."""

    day: dt.date
    time: dt.time | None = None
    offset: int | None = None

    @property
    def midnight(self) -> bool:
        """Whether it says no more than its day."""
        return self.time is None or self.time == dt.time(0)

    def at(self, zone: ZoneInfo, own: ZoneInfo | None = None) -> dt.datetime:
        """The moment on the clocks of *zone*; one without an offset is of *own*, or on them already."""
        stamp = dt.datetime.combine(self.day, self.time or dt.time(0))
        if self.offset is not None:
            return stamp.replace(tzinfo=dt.timezone(dt.timedelta(seconds=self.offset))).astimezone(zone)
        return stamp.replace(tzinfo=own).astimezone(zone) if own is not None else stamp.replace(tzinfo=zone)


_HOURS = re.compile(r"(\d{1,2}):?(\d\d)(?::?(\d\d))?(?:\.\d+)?")


def time_of_day(cell: Value) -> dt.time | None:
    """The time in a cell of a column of times: 16:00, 160000, or a share of a day; None where it is none."""
    if isinstance(cell, dt.datetime):
        return cell.time()
    if isinstance(cell, float):
        if 0 <= cell < 1:
            return _clock(round(cell * 86400) % 86400)
        cell = f"{cell:06.0f}" if cell >= 1 else ""
    match = _HOURS.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return dt.time(0) if isinstance(cell, str) and cell.strip() == "0" else None
    hour, minute, second = (int(part or 0) for part in match.groups())
    return dt.time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


Reader = Callable[[Value, str], Moment | None]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(?:jan|feb|mar(?!ra)|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NAMED = re.compile(
    rf"(?P<m1>{_MONTH})\.?[ -](?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+(?P<y1>\d{{4}}|\d\d)"
    rf"|(?P<d2>\d{{1,2}})[ .-]*(?P<m2>{_MONTH})[ .,-]*(?P<y2>\d{{4}}|\d\d)"
    rf"|(?P<y3>\d{{4}})[ -](?P<m3>{_MONTH})[ -](?P<d3>\d{{1,2}})",
    re.IGNORECASE,
)
"""``Feb 13, 2026``, ``13-Feb-26`` and ``2026-Feb-13``."""

_PARTS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)")
_POINTS = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})")
_WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +|^(?:mo|di|mi|do|fr|sa|so)\.?,? +(?=\d)"
    r"| ?[（(][月火水木金土日월화수목금토일][）)]$"
    r"|(?:[,， ]+|(?=[（(星周週]))[（(]?(?:星期|周|週)?[一二三四五六日天][）)]?$"
    r"|[, ]+\(?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\)?$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<day>.*?\d.*?)(?:[ T,]+|(?<=日))(?P<hour>\d{1,2})[:时](?P<minute>\d\d)"
    r"(?:[:分](?P<second>\d\d)(?:[.,]\d{1,9})?)?[分秒]?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?(?::\d\d)?|UTC|GMT|E[SD]T|C[SD]T|P[SD]T|CES?T|HKT|JST|BST)?"
)
_COMPACT = re.compile(r"(\d{8})(?:[ T]?(\d\d)(\d\d)(\d\d)?|\.0+)")
_OFFSETS = {"EST": -5, "EDT": -4, "CST": None, "CDT": -5, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "HKT": 8, "JST": 9}
_OFFSETS |= {"BST": 1, "UTC": 0, "GMT": 0, "Z": 0}
_EPOCHS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""From which size on a number counts nanoseconds, microseconds, milliseconds or seconds since 1970."""

_LATEST = 4_102_444_800
"""The first second of 2100."""

_LAST_SERIAL = 100_000

_WANTED = "is no date with the year first; write it as 2026-02-13"


def moment(value: Value, where: str) -> Moment | None:
    """The moment in a cell that needs no other to be understood, None for an empty one.

    Raises:
        BadFile: It is none, or an ambiguous one such as 02/03/2026.
    """
    if value is None or (isinstance(value, str) and not value.strip()) or value != value:
        return None
    found = _of_text(value.strip(), where) if isinstance(value, str) else _of_object(value)
    if found is None:
        raise BadFile(f"{where}: {str(value)[:30]!r} {_WANTED}")
    return found


def day(value: Value, where: str) -> dt.date | None:
    """The day in a cell, None for an empty one.

    Raises:
        BadFile: As :func:`moment`.
    """
    found = moment(value, where)
    return None if found is None else found.day


def _of_object(value: float | dt.date) -> Moment | None:
    if isinstance(value, dt.datetime):
        offset = value.utcoffset()
        seconds = None if offset is None else int(offset.total_seconds())
        return Moment(value.date(), value.time().replace(microsecond=0), seconds)
    if isinstance(value, dt.date):
        return Moment(value)
    return _of_number(value)


def _of_number(value: float) -> Moment | None:
    text = f"{value:.0f}"
    if len(text) == 8 and value.is_integer():
        try:
            day = parse_date(text)
        except BadArgument:
            day = None
        if day is not None:
            return Moment(day)
    if 10_000 <= value <= 100_000:
        seconds = round(value % 1 * 86400)
        return Moment(from_serial(value), _clock(seconds) if 0 < seconds < 86400 else None)
    return _since_epoch(value)


def _clock(seconds: int) -> dt.time:
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _since_epoch(value: float) -> Moment | None:
    for least, unit in _EPOCHS:
        if least <= value and value / unit < _LATEST:
            stamp = dt.datetime.fromtimestamp(int(value / unit), dt.UTC)
            return Moment(stamp.date(), stamp.time(), 0)
    return None


def _of_text(text: str, where: str) -> Moment | None:
    """A text whose order of parts is beyond doubt."""
    try:
        return _cached(text)
    except BadArgument as error:
        raise BadFile(f"{where}: {error.message}") from None


@functools.lru_cache(maxsize=65536)  # a long table has each date hundreds of times
def _cached(text: str) -> Moment | None:
    if (match := _IN_ZONE.fullmatch(text)) and match[2] in zoneinfo.available_timezones():
        found = _cached(match[1])
        return found and replace(found, offset=_offset_in(found, ZoneInfo(match[2])))
    day_text, time, offset = _split(text)
    day = _day(day_text)
    if day is not None:
        return Moment(day, time, offset)
    if match := _COMPACT.fullmatch(text):
        day = parse_date(match[1])
        return None if day is None else Moment(day, _time_of(match[2], match[3], match[4]))
    if re.fullmatch(r"\d{5}(\.\d+)?|\d{9,19}(\.0+)?", text, re.ASCII):
        return _of_number(float(text))
    return None


_IN_ZONE = re.compile(r"(.*\d) +([A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?)")
"""A stamp with the name of its zone: ``20260213 16:00:00 US/Eastern``."""


def _offset_in(found: Moment, zone: ZoneInfo) -> int | None:
    offset = dt.datetime.combine(found.day, found.time or dt.time(0), zone).utcoffset()
    return None if found.time is None or offset is None else int(offset.total_seconds())


def _split(text: str) -> tuple[str, dt.time | None, int | None]:
    """The part of a text that is its day, its time of day and its offset."""
    match = _TIME.fullmatch(text)
    if match is None:
        return _WEEKDAY.sub("", text).strip(), None, None
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    time = _time_of(hour, match["minute"], match["second"])
    return _WEEKDAY.sub("", match["day"]).strip(" ,"), time, _offset(match["zone"])


def _time_of(hour: str | int | None, minute: str | None, second: str | None) -> dt.time | None:
    if hour is None:
        return None
    try:
        return dt.time(int(hour), int(minute or 0), int(second or 0))
    except ValueError:
        raise BadArgument(f"{hour}:{minute} is no time of day; correct the cell") from None


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone in _OFFSETS:
        hours = _OFFSETS[zone]
        return None if hours is None else hours * 3600
    digits = re.sub(r"[^\d]", "", zone)
    sign = -1 if "-" in zone else 1
    return sign * (int(digits[:2]) * 3600 + int(digits[2:4] or 0) * 60)


def _day(text: str) -> dt.date | None:
    if day := parse_date(text):
        return day
    if match := _POINTS.fullmatch(text):
        return parse_date("-".join(match.groups()))
    if match := _NAMED.fullmatch(text):
        named = {key[0]: part for key, part in match.groupdict().items() if part}
        return _calendar(_year(named["y"]), _MONTHS.index(named["m"][:3].lower()) + 1, int(named["d"]), text)
    return calendars.day(text)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= 70 else 2000)


def _calendar(year: int, month: int, day: int, text: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadArgument(f"{text[:30]!r} is no day of the calendar; correct the cell") from None


def reader_of(column: Sequence[Value], form: str = "", serials_from: int = 0) -> Reader:
    """How to read the dates of a column: each by itself, or month or day first where the whole column says which.

    Args:
        column: The cells; those without a digit, such as a note below the dates, say nothing.
        form: How the dates are written, such as ``DD.MM.YYYY``; empty where nobody says.
        serials_from: Days that plain serial numbers lack.
    """
    if era := calendars.era_of(column):
        common = reader_of([era.common(cell) for cell in column], form)
        return lambda value, where: common(era.common(value), where)
    if form in SERIALS:
        return functools.partial(_shifted, _by_column(column), SERIALS[form])
    if serials_from:
        inner = functools.partial(_declared, date_reader(form), form) if form else _by_column(column)
        return functools.partial(_shifted, inner, serials_from)
    if form:
        return functools.partial(_declared, date_reader(form), form)
    if calendars.may_count_from_1970(column):
        return functools.partial(_doubtful_serial, _FROM_1970)
    if calendars.may_count_from_1904(column):
        return functools.partial(_doubtful_serial, _FROM_1904)
    return _by_column(column)


def _shifted(inner: Reader, lack: int, value: Value, where: str) -> Moment | None:
    """A moment of which a plain serial number lacks some days."""
    if isinstance(value, str) and calendars.is_serial(value):
        value = float(value)
    plain = isinstance(value, float) and 0 <= value <= _LAST_SERIAL
    return inner(value + lack if plain and isinstance(value, float) else value, where)


def _by_column(column: Sequence[Value]) -> Reader:
    texts = [cell.strip() for cell in column if isinstance(cell, str) and any(c.isdigit() for c in cell)]
    parts = [match for text in texts if (match := _PARTS.fullmatch(_day_text(text)))]
    if not parts or 2 * len(parts) < len(texts):
        return moment
    first, second = (sorted({int(part[n]) for part in parts}) for n in (1, 3))
    month_first, day_first = first[-1] <= 12 < second[-1], second[-1] <= 12 < first[-1]
    if not (month_first or day_first):
        return moment
    if day_first and any(len(part[4]) == 2 for part in parts) and _may_be_year_first(parts):
        return moment
    return functools.partial(_ordered, (1, 3) if month_first else (3, 1))


_FROM_1970 = (
    "may count days from 1900 or from 1970, as all of the column lie before 1970 if so; write dates as 2026-02-13"
)
_FROM_1904 = (
    "may count days from 1900 or from 1904, as all of the column fall on Mondays to Fridays if from 1904; write dates "
    "as 2026-02-13"
)


def _doubtful_serial(doubt: str, value: Value, where: str) -> Moment | None:
    found = moment(value, where)
    if found is not None and calendars.is_serial(value):
        raise BadFile(f"{where}: {str(value)[:30]!r} {doubt}")
    return found


def _day_text(text: str) -> str:
    try:
        return _split(text)[0]
    except BadArgument:
        return ""


def _may_be_year_first(parts: Sequence[re.Match[str]]) -> bool:
    """Whether 26/02/13 may be of 2026, not a 26th: the last part, too, could be a day."""
    return max(int(part[4]) for part in parts) <= 31 and len({part[1] for part in parts}) <= 2 < len(parts)


def _ordered(places: tuple[int, int], value: Value, where: str) -> Moment | None:
    if not isinstance(value, str):
        return moment(value, where)
    try:
        day_text, time, offset = _split(value.strip())
        match = _PARTS.fullmatch(day_text)
        if match is None:
            return moment(value, where)
        month, day = places
        return Moment(_calendar(_year(match[4]), int(match[month]), int(match[day]), value.strip()), time, offset)
    except BadArgument as error:
        raise BadFile(f"{where}: {error.message}") from None


def _declared(read: Callable[[str], str | None], form: str, value: Value, where: str) -> Moment | None:
    if isinstance(value, float) and value.is_integer() and value >= 1_000_000:
        value = f"{value:.0f}"
    if not isinstance(value, str) or not value.strip():
        return moment(value, where)
    text = read(value)
    if text is None:
        raise BadFile(f"{where}: {value.strip()[:30]!r} is no date written as {form}, as folder.toml declares")
    return moment(text, where)
