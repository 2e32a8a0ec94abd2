"""Forms of dates that are declared: ``DD.MM.YYYY``, ``D-MMM-YYYY``, or numbers of days."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable

from xlrotation.market.providers.folder import calendars

SERIALS = {"serial 1900": 0, "serial 1904": 1462, "serial 1970": 25_569}
"""Forms of dates that are numbers of days, and what they lack of serial numbers that count from 1900."""


_TOKENS = {"YYYY": r"(?P<y>\d{4})", "YY": r"(?P<y>\d{2})", "MMM": r"(?P<b>[^\W\d_]{3,12})", "MM": r"(?P<m>\d{1,2})"}
_TOKENS |= {"M": r"(?P<m>\d{1,2})", "DD": r"(?P<d>\d{1,2})", "D": r"(?P<d>\d{1,2})"}
_TOKEN = re.compile("YYYY|YY|MMM|MM|M|DD|D")
_TIME = r"(?P<time>[T ]+\d{1,2}:\d{2}.*)?"


def is_form(text: str) -> bool:
    """Whether a text is a form of dates."""
    parts = sorted(part[0] for part in _TOKEN.findall(text))
    return text in SERIALS or (
        parts in (["D", "M", "Y"], ["M", "Y"]) and not re.search(r"[A-Za-z0-9]", _TOKEN.sub("", text))
    )


@functools.cache
def date_reader(form: str) -> Callable[[str], str | None]:
    """How a date written as *form*, such as ``DD.MM.YYYY``, becomes one with the year first; a time behind it stays.

    What it makes of a text that is not written so is None. A month without a day is its first one.
    """
    pieces, at = [], 0
    for match in _TOKEN.finditer(form):
        pieces += [re.escape(form[at : match.start()]), _TOKENS[match[0]]]
        at = match.end()
    if re.search("YYYYMM(?!M)|MMDD|DDMM", form):
        pieces = [piece.replace("{1,2}", "{2}") for piece in pieces]
    pattern = re.compile("".join(pieces) + re.escape(form[at:]) + _TIME)

    def read_date(text: str) -> str | None:
        match = pattern.fullmatch(text.strip())
        if match is None:
            return None
        year, parts = int(match["y"]), match.groupdict()
        year += 0 if year > 99 else 1900 if year >= 70 else 2000
        try:
            month = calendars.month(parts["b"]) if "b" in parts else int(parts["m"])
            return dt.date(year, month or 0, int(parts.get("d") or 1)).isoformat() + (parts["time"] or "")
        except ValueError:
            return None

    return read_date
