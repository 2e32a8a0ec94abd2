"""Dates of other calendars and counts: years of an era, weeks, days of the year, months in other languages.

115/02/13 is Taiwan's way of 2026-02-13, 2569 Thailand's of 2026, 令和8年 Japan's. One with the name of its era says so
itself; a year without one is known by the whole column.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.errors import BadArgument
from xlrotation.market.providers.folder.rows import Value

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925}
_ERAS |= dict.fromkeys(("民國", "民国", "中華民國", "中华民国"), 1911)
_OF_ERA = re.compile(
    r"(?P<era>令和|平成|昭和|(?:中[華华])?民[國国]|[rhs](?=\d)) ?(?P<y>\d{1,3}|元)(?:(?P<mark>[./-] ?)|年 ?)"
    r"(?P<m>\d{1,2})(?:(?P=mark)|月 ?)(?P<d>\d{1,2})日?",
    re.IGNORECASE,
)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])", re.IGNORECASE | re.ASCII)
_ONLY_WEEK = re.compile(r"\d{4}-?W\d\d|W\d\d[ /-]\d{4}", re.IGNORECASE | re.ASCII)
_OF_YEAR = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_SPACED = re.compile(
    r"(?P<y>\d{4})(?:(?P<mark>[./-] ?)|[年년] ?)(?P<m>\d{1,2})(?:(?P=mark)|[月월] ?)(?P<d>\d{1,2})(?:\.|[日일])?",
    re.ASCII,
)
"""``2026. 2. 13.``, ``2026- 02- 13`` and ``2026년 2월 13일``."""

_MONTHS = {  # none that is another month in a neighbour's language, as lipiec and lipanj are; the longest one counts
    name: number
    for number, names in enumerate(
        (
            "jan ene gen janv sty oca tammi янв",
            "feb fev fevr lut sub helmi фев",
            "mar mrz mars marz marc marzo mrt maart maali мар",
            "apr avr abr kwi nis huhti апр",
            "may mai mag mei maj touko май мая",
            "jun juin giu cze haz kesak meith июн",
            "jul juil lug tem heina июл",
            "aug aou aout ago sie agu eloku авг",
            "sep set wrz eyl syysk сен",
            "oct okt ott out paz eki lokak окт",
            "nov kas marra ноя",
            "dec dez dic gru ara joulu дек",
        ),
        1,
    )
    for name in names.split()
}
_NAMED = re.compile(
    r"(?P<d>\d{1,2})\.?(?: de| di)?[ /-]+(?P<m>[^\W\d_]{3,12})\.?(?: de| di)?[ /,-]+(?P<y>\d{4}|\d\d)", re.IGNORECASE
)

_LOOKED_AT = 50
"""Cells of a column that tell whether its years may be of an era."""

_BUDDHIST = re.compile(r"(?<!\d)(2[4-6]\d\d)(?!\d)|(?<!\d)(2[4-6]\d\d)(?=\d{4}(?!\d))", re.ASCII)
_REPUBLIC = re.compile(r"(1\d\d|\d\d)(?=([/.-])\d{1,2}\2\d{1,2}(?!\d))", re.ASCII)


def day(text: str) -> dt.date | None:
    """The day that a text states beyond doubt in one of the ways of this module; None where it does not.

    Raises:
        BadArgument: It states one that no calendar has, or a week without its day.
    """
    try:
        return _day(text)
    except ValueError:
        raise BadArgument(f"{text[:30]!r} is no day of the calendar; correct the cell") from None


def _day(text: str) -> dt.date | None:
    if match := _SPACED.fullmatch(text):
        return dt.date(int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _OF_ERA.fullmatch(text):
        year = 1 if match["y"] == "元" else int(match["y"])
        return dt.date(_ERAS[match["era"].lower()] + year, int(match["m"]), int(match["d"]))
    if match := _WEEK.fullmatch(text):
        return dt.date.fromisocalendar(*map(int, match.groups()))
    if match := _OF_YEAR.fullmatch(text):
        found = dt.date(int(match[1]), 1, 1) + dt.timedelta(days=int(match[2]) - 1)
        if found.year != int(match[1]):
            raise ValueError
        return found
    if _ONLY_WEEK.fullmatch(text):
        raise BadArgument(f"{text[:30]!r} is a week, and prices have days; give its day, such as 2026-W07-5")
    if (match := _NAMED.fullmatch(text)) and (number := month(match["m"])):
        year = int(match["y"])
        return dt.date(year if year > 99 else year + (1900 if year >= 70 else 2000), number, int(match["d"]))
    return None


def month(word: str) -> int | None:
    """The month that a word names, which may be cut short; None for another word."""
    apart = unicodedata.normalize("NFKD", word.casefold().replace("\u0142", "l"))
    bare = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f").replace("\u0131", "i")
    return next((_MONTHS[bare[:size]] for size in (5, 4, 3) if bare[:size] in _MONTHS), None)


@dataclass(frozen=True, slots=True)
class Era:
    """How a column counts its years.

    Attributes:
        name: The era.
        first: What is to be added to a year.
        year: Where a text has one.
        seen: A cell, for a remark.
    """

    name: str
    first: int
    year: re.Pattern[str]
    seen: str

    def told(self, where: str) -> str:
        """What a remark says of it."""
        return f"{where}: its years are taken for those of {self.name}: {self.seen!r} for {self.common(self.seen)!r}"

    def common(self, value: Value) -> Value:
        """A cell with the common year; one that has none of the era as it is."""
        if isinstance(value, dt.date):
            return value.replace(year=value.year + self.first) if value.year >= _LEAST else value
        text = _text(value)
        return value if text is None else self.year.sub(lambda match: str(int(match[0]) + self.first), text, count=1)


_LEAST = 2400


def era_of(column: Sequence[Value]) -> Era | None:
    """The era by which all dates of a column count their years without saying so; None for the common one."""
    dates = (cell for cell in column if isinstance(cell, dt.date) or _text(cell) is not None)
    if not any(map(_may_be, itertools.islice(dates, _LOOKED_AT))):
        return None
    texts = [text for cell in column if (text := _text(cell)) is not None]
    days = [cell for cell in column if isinstance(cell, dt.date)]
    begun = [match for text in texts if (match := _REPUBLIC.match(text))]
    if len(begun) == len(texts) and not days and any(len(match[1]) == 3 for match in begun):
        return Era("the Republic of China", 1911, _REPUBLIC, texts[0])
    if all(map(_BUDDHIST.search, texts)) and all(cell.year >= _LEAST for cell in days):
        seen = texts[0] if texts else days[0].isoformat()
        return Era("the Buddhist era", -543, _BUDDHIST, seen)
    return None


def _may_be(cell: Value) -> bool:
    if isinstance(cell, dt.date):
        return cell.year >= _LEAST
    text = _text(cell) or ""
    return bool(_BUDDHIST.search(text) or ((match := _REPUBLIC.match(text)) and len(match[1]) == 3))


def _text(cell: Value) -> str | None:
    """A cell that may be a date as text: with a digit and of few characters; notes below dates are none."""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and len(f"{cell:.0f}") == 8 else None
    if not isinstance(cell, str) or len(cell) > 30:
        return None
    text = cell.strip()
    return text if text[:1].isdigit() or text[-1:].isdigit() else None


_FEW, _DAILY = 3, 4


def may_count_from_1904(column: Sequence[Value]) -> bool:
    """Whether daily serial numbers fall on Mondays to Fridays as counted from 1904, and from 1900 on Saturdays, too."""
    first = itertools.islice((cell for cell in column if cell not in (None, "")), _LOOKED_AT)
    if not any(map(is_serial, first)):
        return False
    numbers = sorted({number for cell in column if (number := _serial(cell)) is not None})
    if len(numbers) < _FEW or numbers[-1] - numbers[0] > _DAILY * len(numbers):
        return False
    days = {(number - 2) % 7 for number in numbers}  # serial 2 is a Monday
    return 5 in days and not days & {6, 0}


_EPOCH = 25_569
"""The serial number of 1970-01-01."""


def may_count_from_1970(column: Sequence[Value]) -> bool:
    """Whether serial numbers all lie before 1970, and would be days of our time if they counted from there."""
    numbers = [number for cell in column if (number := _serial(cell)) is not None]
    return bool(numbers) and max(numbers) < _EPOCH


def is_serial(cell: Value) -> bool:
    """Whether a cell is a plain number of the size of serial numbers."""
    return _serial(cell) is not None


def _serial(cell: Value) -> int | None:
    if isinstance(cell, str) and re.fullmatch(r"\d{5}(\.\d+)?", cell.strip(), re.ASCII):
        cell = float(cell)
    return int(cell) if isinstance(cell, float) and 10_000 <= cell <= 100_000 else None
