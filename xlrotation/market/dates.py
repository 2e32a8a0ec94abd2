"""Reading a date from what a cell may hold."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.errors import BadArgument, CellError
from xlrotation.grid import EPOCH, LAST_SERIAL, Cell

FIRST_SERIAL = 10_000
"""Numbers from here on are dates (1927-05-18 and later); smaller ones count sessions."""

_TEXT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})(\d\d)(\d\d)"
)


def shown(cell: object) -> str:
    """*cell* as a message shows it: short, printable, in its own script."""
    text = repr(cell[:60]) if isinstance(cell, str) else str(cell) if isinstance(cell, CellError) else repr(cell)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 40 else text[:37] + "..."


def from_serial(serial: float) -> dt.date:
    """The date of a spreadsheet serial number (1900 system); the time of day is dropped."""
    return EPOCH + dt.timedelta(days=int(serial))


def to_serial(day: dt.date) -> int:
    """The spreadsheet serial number of *day* (1900 system)."""
    return (dt.date(day.year, day.month, day.day) - EPOCH).days


def parse_date(text: str) -> dt.date | None:
    """The date that *text* states year first (2026-02-13, 2026/2/13, 2026年2月13日, 20260213); None where it is none.

    Raises:
        BadArgument: Year first, but no such day in the calendar.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadArgument(f"{text.strip()!r} is no day of the calendar; give a date such as 2026-02-13") from None


def day_meant(cell: Cell) -> Cell:
    """*cell* as the day that it states where a date is wanted (20260213 as a number too), else as it is."""
    whole = isinstance(cell, int | float) and not isinstance(cell, bool) and cell > LAST_SERIAL and cell % 1 == 0
    text = f"{cell:.0f}" if whole else cell
    try:
        return (parse_date(text) if isinstance(text, str) else None) or cell
    except BadArgument:
        return cell  # which its reader refuses, where it stands


def read_date(cell: object) -> dt.date:
    """The date in a cell: a date, a serial number, or a text with the year first.

    Raises:
        BadArgument: Anything else, the ambiguous 02/03/2026 included.
    """
    if isinstance(cell, dt.datetime):
        return dt.date(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and FIRST_SERIAL <= cell <= LAST_SERIAL:
        return from_serial(cell)
    if isinstance(cell, str) and (found := parse_date(cell)) is not None:
        return found
    raise BadArgument(f"{shown(cell)} is no date; give a date cell or a text with the year first, such as 2026-02-13")
