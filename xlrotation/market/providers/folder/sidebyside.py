"""Tables that stand side by side in one: each column of dates is of the columns up to the next one only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from xlrotation.market.providers.folder import headers, tables
from xlrotation.market.providers.folder.rows import Rows, Value
from xlrotation.market.providers.folder.tables import FileTable

_FIRST_SERIAL = 10_000
"""Numbers below are no days, as serial numbers and stamps count them."""

_COUNTED = re.compile(r"(.+)\.\d{1,3}")
"""A head that stood there before, as frames are saved."""


def parted(table: FileTable, head: int) -> list[FileTable]:
    """The tables in *table*, where it is several that have no close of their own; empty where it is one.

    Args:
        table: A table of columns of symbols or series.
        head: Its row of heads.
    """
    heads = [_without_number(cell) for cell in table.rows[head]]
    said = table.declared.columns
    meanings = [_meaning(cell, said.get(str(cell).strip())) for cell in heads]
    if {"symbol", "name", *headers.PRICES} & {*meanings}:
        return []
    dates = [
        column for column, meaning in enumerate(meanings) if meaning == "date" and _dated(table.rows, head, column)
    ]
    ends = [*dates[1:], len(heads)]
    if len(dates) < 2 or not all(_names(heads[date + 1 : end]) for date, end in zip(dates, ends, strict=True)):
        return []
    rows = [heads if line == head else row for line, row in enumerate(table.rows)]
    starts = [0, *dates[1:]]
    return [
        replace(table, rows=[list(row[start:end]) for row in rows], remarks=[])
        for start, end in zip(starts, ends, strict=True)
    ]


def _dated(rows: Rows, head: int, column: int) -> bool:
    """Whether the first cell below *head* may be a date: a ticker such as DAY is a word for one, too."""
    below = (row[column] for row in rows[head + 1 :] if column < len(row))
    cell = next((cell for cell in below if not tables.blank(cell)), None)
    if isinstance(cell, str):
        try:
            cell = float(cell)
        except ValueError:
            return isinstance(cell, str) and any(letter.isdigit() for letter in cell)
    return isinstance(cell, dt.date) or (isinstance(cell, float) and cell >= _FIRST_SERIAL)


def _without_number(cell: Value) -> Value:
    match = _COUNTED.fullmatch(cell) if isinstance(cell, str) and not isinstance(cell, headers.Head) else None
    return match[1] if match and headers.meaning(match[1]) == "date" else cell


def _meaning(cell: Value, said: str | None) -> str | None:
    if tables.blank(cell):
        return None
    return headers.meaning(cell) if said is None else said


def _names(heads: Sequence[Value]) -> bool:
    return any(not tables.blank(cell) and headers.meaning(cell) is None for cell in heads)
