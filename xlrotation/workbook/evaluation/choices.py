"""A value and the list of a validation: whether it is one of its entries, in this form or in another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from xlrotation.errors import CellError
from xlrotation.languages import Text, listed, told_as
from xlrotation.workbook.evaluation.readings import typed
from xlrotation.workbook.evaluation.values import Value, compared, date_parts, equal_numbers, text_of_number

MOST = 12
"""Entries of a list that are told."""

CONTEXT = "entry of a list"
"""Context of the texts by which an entry may be named in another language."""

ONE_OF = Text("it takes one of {items}")
ONE_OF_MANY = Text("it takes one of {items}, … ({count} in all)")
EMPTY = Text("its list is empty")
NEAR = Text("{text_why}; is {near} meant?")
"""Why a value is no entry."""

_FIRST_DAY, _LAST_DAY = 61, 2_958_465
"""Serial numbers that may be days."""


def shown(value: object) -> str:
    """A value as it is told: texts in quotes, days as days."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool | CellError):
        return str(value).upper()
    if isinstance(value, int | float):
        return text_of_number(float(value))
    return '""' if value is None else f'"{value}"'


def of_typed(value: Value, entries: Sequence[str], date1904: bool) -> tuple[Value, Text | None]:
    """A value by a list that is written out, which tells capital letters from small ones.

    Args:
        value: What the cell is to hold.
        entries: The list.
        date1904: Whether the workbook counts days from 1904.

    Returns:
        The value in the list's form, and why it is no entry.
    """
    entries = [entry for entry in entries if entry]
    for entry in entries:
        if isinstance(value, str):
            if value == entry:
                return typed(entry, date1904), None
        elif _is(value, typed(entry, date1904)):
            return value, None
    return _other_form(value, [typed(entry, date1904) for entry in entries], entries, date1904)


def of_cells(value: Value, cells: Sequence[Value], days: bool, date1904: bool) -> tuple[Value, Text | None]:
    """A value by a list that stands in cells, where capital letters are as small ones.

    Args:
        value: What the cell is to hold.
        cells: The cells; blank ones are no entries.
        days: Numbers are days.
        date1904: Whether the workbook counts days from 1904.

    Returns:
        The value in the list's form, and why it is no entry.
    """
    entries = [cell for cell in cells if cell not in (None, "") and not isinstance(cell, CellError)]
    if any(_is(value, entry) for entry in entries):
        return value, None
    return _other_form(value, entries, [_spelled(entry, days, date1904) for entry in entries], date1904)


def _other_form(
    value: Value, entries: Sequence[Value], spelled: Sequence[str], date1904: bool
) -> tuple[Value, Text | None]:
    """The entry that reads like the value, or that another language calls so; else why there is none."""
    forms = _forms(value, date1904)
    others = [entry for entry in entries if type(entry) is not type(value)]
    alike = {_kept(entry): entry for entry in others if forms & _forms(entry, date1904)}
    if not alike and isinstance(value, str):
        named = {text for text, told in told_as(CONTEXT) if told == value.strip()}
        alike = {_kept(entry): entry for entry in entries if entry in named}
    if len(alike) == 1:
        return next(iter(alike.values())), None
    return value, _why(value, list(dict.fromkeys(spelled)))


def _why(value: Value, spelled: list[str]) -> Text:
    if not spelled:
        return EMPTY
    few = listed(spelled[:MOST])
    why = ONE_OF.of(items=few) if len(spelled) <= MOST else ONE_OF_MANY.of(items=few, count=len(spelled))
    plain = _folded(value) if isinstance(value, str) else None
    near = [text for text in spelled if plain and _folded(text) == plain]
    return NEAR.of(text_why=why, near=near[0]) if near else why


def _folded(text: str) -> str:
    """A text without what is easily mistaken: capital letters, blanks, the width of letters."""
    narrow = "".join(chr(ord(mark) - 0xFEE0) if 0xFF01 <= ord(mark) <= 0xFF5E else mark for mark in text)
    return "".join(narrow.split()).casefold()


def _is(value: Value, entry: Value) -> bool:
    return type(value) is type(entry) and not isinstance(value, list) and compared(value, entry) == 0


def _kept(entry: Value) -> tuple[type, Value]:
    return type(entry), entry


def _forms(value: Value, date1904: bool) -> set[str]:
    """How a value may be written; of a text also how that is which it stands for."""
    if isinstance(value, bool):
        return {str(value).upper()}
    if isinstance(value, float):
        day = _day(value, date1904)
        return {text_of_number(value), *([day] if day else [])}
    if not isinstance(value, str):
        return set()
    stands_for = typed(value, date1904)
    return {value.strip()} | (set() if isinstance(stands_for, str) else _forms(stands_for, date1904))


def _day(value: float, date1904: bool) -> str:
    if not equal_numbers(value, round(value)) or not _FIRST_DAY <= value <= _LAST_DAY:
        return ""
    year, month, day = date_parts(value, date1904)
    return f"{year:04}-{month:02}-{day:02}"


def _spelled(entry: Value, days: bool, date1904: bool) -> str:
    if isinstance(entry, float):
        return (days and _day(entry, date1904)) or text_of_number(entry)
    return str(entry).upper() if isinstance(entry, bool) else str(entry)
