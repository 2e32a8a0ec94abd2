"""What a spreadsheet makes of a value: numbers out of texts, texts out of numbers, comparisons, days."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from typing import Any

from xlrotation.errors import CellError
from xlrotation.grid import EPOCH, EPOCH_1904, LAST_SERIAL
from xlrotation.hosts import serial_of

Value = Any
"""A cell's value, an array of them (rows), a reference, or a function."""


class Fault(Exception):
    """An error value that ends a computation."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.value)
        self.error = error


VALUE, NUM, NA = CellError.VALUE, CellError.NUM, CellError.NA

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<money>[$€£¥￥]?)(?P<sign2>[+-]?)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?P<e>[eE][+-]?\d+)?(?P<percent>%?)[€£]?"
)
_FRACTION = re.compile(r"([+-]?)(\d+) (\d+)/(\d+)")
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_LONG = "january february march april may june july august september october november december".split()
_MONTHS |= {name: number for number, name in enumerate(_LONG, 1)}
_TIME = r"(?P<h>\d{1,4}):(?P<mi>\d{1,4})\.?(?::(?P<s>\d{1,4}(?:\.\d*)?))?(?:\s*(?P<half>[AaPp][Mm]))?"
_MINUTES = re.compile(r"(\d{1,4}):(\d{1,4}\.\d+)")
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<d>\d{1,2})[- /](?P<name>[A-Za-z]{3,9})[-, /]+(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? +(?P<y>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]{3,9})[- ](?P<y>\d{4})"),
)


def number_of_text(text: str, date1904: bool = False) -> float | None:
    """The number that a text stands for: a plain one, a percentage, an amount, a fraction, a day, a time."""
    whole, text = text, text.strip(" \u00a0\t")
    if not text:
        return None
    negative = text.startswith("(") and text.endswith(")")
    match = _NUMBER.fullmatch(text[1:-1] if negative else text)
    if match and not (match["sign"] and match["sign2"]):
        try:
            value = float(match["digits"].replace(",", "") + (match["e"] or ""))
        except ValueError:
            return None
        if "-" in (match["sign"], match["sign2"]) or negative:
            value = -value
        return (value / 100 if match["percent"] else value) if math.isfinite(value) else None
    if fraction := _FRACTION.fullmatch(text):
        sign, whole, top, bottom = fraction.groups()
        if int(bottom):
            return (int(whole) + int(top) / int(bottom)) * (-1 if sign == "-" else 1)
    return _moment(whole, date1904)


def text_units(text: str) -> int:
    """The length of a text as spreadsheets count it: a sign beyond the first 65,536 counts twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _moment(text: str, date1904: bool) -> float | None:
    for pattern in _DATES:
        match = pattern.match(text)
        if match is None:
            continue
        parts = match.groupdict()
        name = (parts.get("name") or "").lower()
        month = _MONTHS.get(name) if name else int(parts["m"])
        if month is None:
            return None
        year = int(parts["y"])
        if len(parts["y"]) == 2:
            year += 2000 if year < 30 else 1900
        day = int(parts.get("d") or 1)
        rest = text[match.end() :].strip()
        time = _time(rest) if rest else 0.0
        try:
            serial = serial_of(dt.date(year, month, day), date1904)
        except ValueError:
            return None
        return None if time is None or serial is None else serial + time
    return _time(text)


def _time(text: str) -> float | None:
    match = re.fullmatch(_TIME, text.removeprefix("T"))
    if match is None and (short := _MINUTES.fullmatch(text)):
        minutes, seconds = int(short[1]), float(short[2])
        return None if minutes > 59 and seconds >= 60 else (minutes * 60 + seconds) / 86400
    if match is None:
        half = re.fullmatch(r"(\d{1,2})\s*([AaPp][Mm])", text)
        if half is None or not 1 <= int(half[1]) <= 12:
            return None
        return (int(half[1]) % 12 + (12 if half[2].lower() == "pm" else 0)) / 24
    hours = int(match["h"])
    if match["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match["half"].lower() == "pm" else 0)
    minutes, seconds = int(match["mi"]), float(match["s"] or 0)
    if (hours > 23) + (minutes > 59) + (seconds >= 60) > 1:
        return None
    return (hours * 3600 + minutes * 60 + seconds) / 86400


def date_parts(serial: float, date1904: bool) -> tuple[int, int, int]:
    """Year, month and day of a serial number; day 60 is 29 February 1900 and day 0 is 0 January 1900."""
    days = math.floor(serial)
    if days < 0 or days > LAST_SERIAL - ((EPOCH_1904 - EPOCH).days if date1904 else 0):
        raise Fault(NUM)
    if date1904:
        day = EPOCH_1904 + dt.timedelta(days)
    elif days == 0:
        return 1900, 1, 0
    elif days == 60:
        return 1900, 2, 29
    else:
        day = EPOCH + dt.timedelta(days if days > 60 else days + 1)
    return day.year, day.month, day.day


def text_of_number(value: float) -> str:
    """A number as it stands in a text: fifteen digits, with an exponent where it would be long."""
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e14:  # nearly all
        return f"{value:.15g}"
    mantissa, _, exponent = f"{abs(value):.14e}".partition("e")
    digits = mantissa.replace(".", "").rstrip("0")
    power = int(exponent)
    sign = "-" if value < 0 else ""
    if power < 0:
        if 2 - power - 1 + len(digits) <= 20:
            return f"{sign}0.{'0' * (-power - 1)}{digits}"
    elif power < 20:
        if len(digits) <= power + 1:
            return sign + digits + "0" * (power + 1 - len(digits))
        return f"{sign}{digits[: power + 1]}.{digits[power + 1 :]}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}E{'-' if power < 0 else '+'}{abs(power):02d}"


def to_number(value: Value, date1904: bool = False) -> float:
    """A cell's value as a number.

    Raises:
        Fault: It is none, or an error.
    """
    if type(value) is float:
        return value
    if value is None:
        return 0.0
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, CellError):
        raise Fault(value)
    if isinstance(value, str):
        number = number_of_text(value, date1904)
        if number is None:
            raise Fault(VALUE)
        return number
    if isinstance(value, int):
        return float(value)
    raise Fault(VALUE)


def to_text(value: Value) -> str:
    """A cell's value as a text.

    Raises:
        Fault: It is an error.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return text_of_number(float(value))
    raise Fault(value if isinstance(value, CellError) else VALUE)


def to_bool(value: Value) -> bool:
    """A cell's value as a truth value.

    Raises:
        Fault: It is none, or an error.
    """
    if isinstance(value, bool):
        return value
    if value is None:
        return False
    if isinstance(value, float | int):
        return value != 0
    if isinstance(value, str):
        upper = value.upper()
        if upper in ("TRUE", "FALSE"):
            return upper == "TRUE"
        raise Fault(VALUE)
    raise Fault(value if isinstance(value, CellError) else VALUE)


def equal_numbers(a: float, b: float) -> bool:
    """Whether two numbers are the same to the fifteen digits that a spreadsheet compares."""
    return a == b or (abs(a - b) <= 1e-14 * abs(a) and f"{a:.14e}" == f"{b:.14e}")


def rank_of(value: Value) -> int:
    """Numbers come before texts, texts before truth values."""
    if isinstance(value, bool):
        return 2
    return 1 if isinstance(value, str) else 0


def compared(a: Value, b: Value) -> int:
    """-1, 0 or 1 as *a* comes before, with or after *b*; a blank is what the other one wants it to be.

    Raises:
        Fault: One is an error.
    """
    first, second = type(a), type(b)
    if first is str and second is str:
        return 0 if a == b else _collated(a.lower(), b.lower())
    if first is not float or second is not float:
        for value in (a, b):
            if isinstance(value, CellError):
                raise Fault(value)
        if a is None:
            a = _blank_like(b)
        if b is None:
            b = _blank_like(a)
        before, behind = rank_of(a), rank_of(b)
        if before != behind:
            return -1 if before < behind else 1
        if before == 2:
            return int(a) - int(b)
    if isinstance(a, str):
        return _collated(a.lower(), b.lower())
    return 0 if equal_numbers(a, b) else -1 if a < b else 1


_ORDER = {mark: number for number, mark in enumerate("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$ ")}


def _collated(a: str, b: str) -> int:
    """-1, 0 or 1 as a text comes before, with or after another: signs before digits, digits before letters."""
    if a == b:
        return 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            return -1 if _place_of(one) < _place_of(other) else 1
    return (len(a) > len(b)) - (len(a) < len(b))


@functools.lru_cache(maxsize=4096)
def _place_of(mark: str) -> tuple[int, int]:
    """Where a mark stands among all; no two stand in the same place, for other texts are never the same."""
    return (1, ord(mark)) if mark.isalnum() else (0, _ORDER.get(mark, len(_ORDER) + ord(mark)))


def _blank_like(other: Value) -> Value:
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0
