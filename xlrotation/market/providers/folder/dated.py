"""The rows of a table that belong to a day: which ones fit the heads, and what their cells hold."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.folder import headers, tables
from xlrotation.market.providers.folder.rows import BadFile, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_TOLD = 10
"""Rows that do not fit their heads, each of which is told."""


@dataclass(slots=True)
class Dated:
    """A table with a date column: its data rows by number (the first of the file is 1) and their days."""

    table: FileTable
    heads: list[Value]
    lines: list[int]
    days: Days
    remarks: list[str]

    def cell(self, line: int, column: int) -> Value:
        row = self.table.rows[line - 1]
        return row[column] if column < len(row) else None

    def column(self, column: int, lines: list[int] | None = None) -> FloatArray:
        """The numbers of a column; a cell that is none is a gap, and told.

        Raises:
            BadFile: More cells are no numbers than are; the message names the first.
        """
        where, head = self.table.name, self.heads[column]
        values: list[float] = []
        bad: list[str] = []
        for line in self.lines if lines is None else lines:
            try:
                values.append(tables.number(self.cell(line, column), f"{where}, row {line}, column {head}"))
            except BadFile as error:
                values.append(math.nan)
                bad.append(error.message)
        if len(bad) > sum(value == value for value in values):
            raise BadFile(bad[0])
        self.remarks += tables.told(bad, f"{where}, column {head}", "cells that are no numbers")
        return np.array(values, float)


def fitting(table: FileTable, head: int, remarks: list[str]) -> FileTable:
    """*table* without the rows that have more or fewer cells than its heads: in them a cell may be another column's.

    A decimal comma without quotes makes two cells of one, a separator that was lost one of two, and a line that was cut
    off ends anywhere. Where writers leave out empty cells at the end of lines, rows beside one another are alike.

    Raises:
        BadFile: Most rows are such.
    """
    heads = table.rows[head]
    least = len(heads) - next((n for n, cell in enumerate(reversed(heads)) if not tables.blank(cell)), len(heads))
    lines = [line for line in range(head + 1, len(table.rows)) if _filled(table.rows[line]) > 1]
    lengths = [len(table.rows[line]) for line in lines]
    wrong = []
    for place, line in enumerate(lines):
        row = table.rows[line]
        beside = (lengths[place - 1] if place else None, lengths[place + 1] if place + 1 < len(lines) else None)
        if any(not tables.blank(cell) for cell in row[len(heads) :]) or (len(row) < least and len(row) not in beside):
            wrong.append(line)
    if not wrong:
        return table
    first = wrong[0]
    what = f"{len(table.rows[first])} cells under {len(heads)} heads"
    if 2 * len(wrong) > len(lines):
        raise BadFile(f"{table.name}, row {first + 1}: has {what}, and most rows are such; quote decimal commas")
    for line in wrong[:_TOLD]:
        row = table.rows[line]
        remarks.append(f"{table.name}, row {line + 1}: has {len(row)} cells under {len(heads)} heads and is left out")
    if len(wrong) > _TOLD:
        remarks.append(f"{table.name}: {len(wrong) - _TOLD} more rows with cells that do not fit its heads left out")
    dropped = set(wrong)
    rows = [[] if line in dropped else row for line, row in enumerate(table.rows)]
    return FileTable(table.name, table.stem, rows)


def _filled(row: Sequence[Value]) -> int:
    return sum(not tables.blank(cell) for cell in row)


def read_dated(table: FileTable, head: int, column: int, remarks: list[str]) -> Dated:
    """The rows with a date; what else stands between them is remarked."""
    heads = list(table.rows[head])
    read = tables.dates_of([row[column] if column < len(row) else None for row in table.rows[head + 1 :]])
    lines: list[int] = []
    days: list[dt.date] = []
    notes: list[int] = []
    bad: list[str] = []
    for line, row in enumerate(table.rows[head + 1 :], head + 2):
        cell = row[column] if column < len(row) else None
        others = any(not tables.blank(other) for place, other in enumerate(row) if place != column)
        if others and isinstance(cell, str) and headers.meaning(cell) == "date":
            if _same_heads(row, heads):
                notes.append(line)  # repeated, as on each page of a print
                continue
            remarks.append(f"{table.name}, row {line}: another table begins there; it is left out, give it a file")
            break
        try:
            day = read(cell, f"{table.name}, row {line}, column {heads[column]}")
        except BadFile as error:
            if not days and not any(map(_holds_number, row)):
                continue  # a further row of heads, such as units
            if others:
                bad.append(error.message)
            else:
                notes.append(line)  # a note below the table, such as its source
            continue
        if day is not None:
            lines.append(line)
            days.append(day)
        elif others:
            notes.append(line)
    if len(bad) >= max(1, len(days)):
        raise BadFile(bad[0])
    remarks += [f"{message}; the row is left out" for message in bad[:_TOLD]]
    if len(bad) > _TOLD:
        remarks.append(f"{table.name}: {len(bad) - _TOLD} more rows without a sound date left out")
    if notes:
        remarks.append(f"{table.name}: {len(notes)} rows without a date left out (first row {notes[0]})")
    return Dated(table, heads, lines, np.array(days, dtype="datetime64[D]"), remarks)


def _same_heads(row: Sequence[Value], heads: Sequence[Value]) -> bool:
    def texts(cells: Sequence[Value]) -> list[str]:
        return [fold(str(cell)) for cell in cells if not tables.blank(cell)]

    return texts(row) == texts(heads)


def _holds_number(cell: Value) -> bool:
    """Whether a cell is a number, or begins as a number or a date does."""
    return isinstance(cell, float) or (isinstance(cell, str) and cell.strip()[:1].isdigit())
