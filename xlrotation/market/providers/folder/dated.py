"""The rows of a table that belong to a day: which ones fit the heads, and what their cells hold."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.panel import FloatArray
from xlrotation.market.providers.folder import calendars, headers, moments, tables
from xlrotation.market.providers.folder.columns import CleanRows, Columns
from xlrotation.market.providers.folder.moments import Moment
from xlrotation.market.providers.folder.rows import BadFile, Value, rows_named
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_RATIO = re.compile(r"(\d+(?:\.\d+)?)[ -]?(?:[:/]|for|to)[ -]?([1-9]\d*(?:\.\d+)?)", re.IGNORECASE)

IntArray = npt.NDArray[np.integer]
Lines = Sequence[int] | IntArray
"""Numbers of rows; the first of a file is 1."""

_TOLD = 10
"""Rows that do not fit their heads, each of which is told."""


@dataclass(slots=True)
class Dated:
    """A table with a date column: its data rows by number (the first of the file is 1) and the moments they state."""

    table: FileTable
    heads: list[Value]
    lines: Sequence[int]
    moments: list[Moment]
    remarks: list[str]

    def cell(self, line: int, column: int) -> Value:
        row = self.table.rows[line - 1]
        return row[column] if column < len(row) else None

    def days(self, exchange: Exchange, places: IntArray | None = None) -> Days:
        """The day at *exchange* of each row, or of those in *places*."""
        found = self._stamps(exchange)
        days = [stamp.date() for stamp in found] if self.are_moments() else [moment.day for moment in self.moments]
        every = np.array(days, dtype="datetime64[D]")
        return every if places is None else every[places]

    def clock(self, exchange: Exchange, places: IntArray | None = None) -> npt.NDArray[np.int64] | None:
        """Minutes of the day at *exchange*; None where the rows are days and not moments of a day."""
        if all(moment.midnight for moment in self.moments):
            return None
        minutes = np.array([stamp.hour * 60 + stamp.minute for stamp in self._stamps(exchange)], np.int64)
        return minutes if places is None else minutes[places]

    def all_days(self) -> list[dt.date]:
        """The day of each row, as it stands there."""
        return [moment.day for moment in self.moments]

    def are_moments(self) -> bool:
        """Whether its stamps are moments, whose day depends on the exchange."""
        zoned = bool(self.table.declared.zone)
        return any((zoned or m.offset is not None) and not m.midnight for m in self.moments)

    def _stamps(self, exchange: Exchange) -> list[dt.datetime]:
        own = ZoneInfo(self.table.declared.zone) if self.table.declared.zone else None
        if not self.are_moments():
            return [dt.datetime.combine(moment.day, moment.time or dt.time(0)) for moment in self.moments]
        return [moment.at(exchange.zone, own) for moment in self.moments]

    def texts(self, column: int) -> tuple[list[str], IntArray]:
        """The different texts of a column, and for each row the place of its own among them; -1 for a blank cell."""
        known: dict[str, int] = {}
        found = []
        for line in self.lines:
            cell = self.cell(line, column)
            found.append(-1 if tables.blank(cell) else known.setdefault(tables.text_of(cell), len(known)))
        return list(known), np.array(found, np.int64)

    def together(self, _order: IntArray, _columns: Sequence[int]) -> bool:
        """Put the rows in another order, where *columns* are numbers in memory; a row then counts by its new place."""
        return False

    def percent(self, column: int) -> npt.NDArray[np.bool_]:
        """Which cells of a column say that they are percentages."""
        cells = (self.cell(line, column) for line in self.lines)
        return np.array([isinstance(cell, str) and cell.strip().endswith("%") for cell in cells], bool)

    def is_rate(self, column: int) -> bool:
        """Whether all cells of a column say that they are percentages: a rate, in points."""
        cells = (self.cell(line, column) for line in self.lines)
        return all(isinstance(cell, str) and cell.strip().endswith("%") for cell in cells)

    def ratios(self, column: int, lines: Lines | None = None) -> FloatArray:
        """The numbers of a column of splits, of which 10:1 and 10/1 are some, too."""
        wanted = self.lines if lines is None else lines
        found = {line: _RATIO.fullmatch(str(self.cell(line, column)).strip()) for line in wanted}
        values = self.column(column, [line for line in wanted if found[line] is None])
        rest = iter(values.tolist())
        return np.array([float(m[1]) / float(m[2]) if (m := found[line]) else next(rest) for line in wanted], float)

    def column(self, column: int, lines: Lines | None = None, percent: str = "refused") -> FloatArray:
        """The numbers of a column; a cell that is none is a gap, and told.

        Args:
            column: Which.
            lines: The rows; None for all.
            percent: What 4.12% is: ``points`` (4.12), ``share`` (0.0412), or no number of such a column (``refused``).

        Raises:
            BadFile: More cells are no numbers than are; the message names the first.
        """
        where, head = self.table.name, self.heads[column]
        values: list[float] = []
        bad: list[str] = []
        wrong: list[int] = []
        for line in self.lines if lines is None else lines:
            cell, place = self.cell(line, column), f"{where}, row {line}, column {head}"
            try:
                values.append(
                    cell
                    if cell.__class__ is float and abs(cell) <= tables.LARGEST
                    else tables.number(cell, place, percent)
                )
            except BadFile as error:
                values.append(math.nan)
                bad.append(error.message)
                wrong.append(int(line))
        if len(bad) > sum(value == value for value in values):
            every = "all" if len(bad) == len(values) else f"{len(bad) - 1} of the"
            more = f"; so are {every} {len(values) - 1} others of the column" if len(bad) > 1 else ""
            raise BadFile(f"{bad[0]}{more}")
        self.remarks += tables.told(bad, f"{where}, column {head}", "cells that are no numbers", wrong)
        return np.array(values, float)


class _CleanDated(Dated):
    """A table that was read column by column, with a column of days."""

    def _columns(self) -> Columns:
        assert isinstance(self.table.rows, CleanRows)
        return self.table.rows.columns

    def __init__(self, table: FileTable, heads: list[Value], column: int, remarks: list[str]) -> None:
        super().__init__(table, heads, range(2, len(table.rows) + 1), [], remarks)
        self._days: Days = self._columns().arrays[column]

    def together(self, order: IntArray, columns: Sequence[int]) -> bool:
        if any(self._numbers(column) is None for column in columns):
            return False
        self._columns().sort(order)
        return True

    def days(self, _exchange: Exchange, places: IntArray | None = None) -> Days:
        return self._days if places is None else self._days[_run(places)]

    def clock(self, _exchange: Exchange, _places: IntArray | None = None) -> None:
        return None

    def are_moments(self) -> bool:
        return False

    def all_days(self) -> list[dt.date]:
        found: list[dt.date] = self._days.tolist()
        return found

    def texts(self, column: int) -> tuple[list[str], IntArray]:
        columns = self._columns()
        words = columns.texts[column]
        if words is None:
            return super().texts(column)
        known: dict[str, int] = {}
        places = [known.setdefault(word, len(known)) if word.strip() else -1 for word in words]
        own: npt.NDArray[np.int32] = columns.arrays[column]
        if places == list(range(len(words))):
            return list(known), own
        return list(known), np.array(places, np.int32)[own]

    def percent(self, column: int) -> npt.NDArray[np.bool_]:
        return np.zeros(len(self.lines), bool) if self._numbers(column) is not None else super().percent(column)

    def ratios(self, column: int, lines: Lines | None = None) -> FloatArray:
        return self.column(column, lines) if self._numbers(column) is not None else super().ratios(column, lines)

    def column(self, column: int, lines: Lines | None = None, percent: str = "refused") -> FloatArray:
        numbers = self._numbers(column)
        if numbers is None:
            return super().column(column, lines, percent)
        return numbers if lines is None else numbers[_run(np.asarray(lines) - 2)]

    def _numbers(self, column: int) -> FloatArray | None:
        array = self._columns().arrays[column]
        return array if array.dtype.kind == "f" else None


def _run(places: IntArray) -> IntArray | slice:
    """*places* that follow each other as what takes no copy."""
    if len(places) and places[-1] - places[0] == len(places) - 1 and bool((np.diff(places) == 1).all()):
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def fitting(table: FileTable, head: int, remarks: list[str]) -> FileTable:
    """*table* without the rows that have more or fewer cells than its heads: in them a cell may be another column's.

    A decimal comma without quotes makes two cells of one, a separator that was lost one of two, and a line that was cut
    off ends anywhere. Where writers leave out empty cells at the end of lines, rows beside one another are alike.

    Raises:
        BadFile: Most rows are such.
    """
    if isinstance(table.rows, CleanRows):
        return table
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
        shown = ", ".join(str(head).strip()[:40] for head in heads if not tables.blank(head))[:120]
        raise BadFile(
            f"{table.name}, row {first + 1}: has {what}, and most rows are such; quote decimal commas, or let "
            f"folder.toml say what parts the cells (its heads are {shown}; see what stands between them)"
        )
    for line in wrong[:_TOLD]:
        row = table.rows[line]
        remarks.append(f"{table.name}, row {line + 1}: has {len(row)} cells under {len(heads)} heads and is left out")
    if len(wrong) > _TOLD:
        rows_told = rows_named([line + 1 for line in wrong[_TOLD:]])
        more = f"{len(wrong) - _TOLD} more rows with cells that do not fit its heads left out"
        remarks.append(f"{table.name}: {more}{rows_told}")
    dropped = set(wrong)
    rows = [[] if line in dropped else row for line, row in enumerate(table.rows)]
    return replace(table, rows=rows)


def _filled(row: Sequence[Value]) -> int:
    return sum(not tables.blank(cell) for cell in row)


def read_dated(table: FileTable, head: int, column: int, remarks: list[str], time: int | None = None) -> Dated:
    """The rows with a date; what else stands between them is remarked.

    Args:
        table: The table.
        head: Its row of heads.
        column: Its column of dates.
        remarks: Takes what is not taken.
        time: A column of times of day beside the dates.
    """
    heads = list(table.rows[head])
    rows = table.rows
    if isinstance(rows, CleanRows) and not head and rows.columns.arrays[column].dtype.kind == "M" and time is None:
        return _CleanDated(table, heads, column, remarks)
    reading = _Rows(table, head, column, remarks, time)
    for line, row in enumerate(table.rows[head + 1 :], head + 2):
        if not reading.take(line, row, heads):
            break
    reading.tell()
    return Dated(table, heads, reading.lines, reading.moments, remarks)


def check_once(name: str, days: Days) -> None:
    """Refuse a table of which two rows are of one day.

    Raises:
        BadFile: They are.
    """
    if len(np.unique(days)) < len(days):
        raise BadFile(f"{name}: has two rows of one day, and which of them counts nobody knows")


class _Rows:
    """Sorts the rows below a head into those with a date, notes, and those that are wrong."""

    def __init__(self, table: FileTable, head: int, column: int, remarks: list[str], time: int | None) -> None:
        cells = [row[column] if column < len(row) else None for row in table.rows[head + 1 :]]
        self._read = moments.reader_of(cells, table.declared.dates, table.serials_from)
        if era := calendars.era_of(cells):
            remarks.append(era.told(f"{table.name}, column {table.rows[head][column]}"))
        self._table, self._column, self._time, self._remarks = table, column, time, remarks
        self.lines: list[int] = []
        self.moments: list[Moment] = []
        self._notes: list[int] = []
        self._bad: list[str] = []
        self._wrong: list[int] = []

    def take(self, line: int, row: Sequence[Value], heads: Sequence[Value]) -> bool:
        """Take a row; False where another table begins."""
        cell = row[self._column] if self._column < len(row) else None
        others = any(not tables.blank(other) for place, other in enumerate(row) if place != self._column)
        if others and isinstance(cell, str) and headers.meaning(cell) == "date":
            if _same_heads(row, heads):
                self._notes.append(line)  # repeated, as on each page of a print
                return True
            where = f"{self._table.name}, row {line}"
            rows = _below(line, len(self._table.rows))
            self._remarks.append(f"{where}: another table begins there; it is left out, give it a file{rows}")
            return False
        try:
            moment = self._read(cell, f"{self._table.name}, row {line}, column {heads[self._column]}")
        except BadFile as error:
            self._refuse(line, row, cell, others, error.message)
            return True
        if moment is not None:
            self.lines.append(line)
            self.moments.append(moment if self._time is None else self._timed(moment, row, line))
        elif others:
            self._notes.append(line)
        return True

    def _refuse(self, line: int, row: Sequence[Value], cell: Value, others: bool, reason: str) -> None:
        label = isinstance(cell, str) and not any(letter.isdigit() for letter in cell)
        if not self.lines and (label or not any(map(_holds_number, row))):
            return  # a further row of heads, such as units
        if others:
            self._bad.append(reason)
            self._wrong.append(line)
        else:
            self._notes.append(line)  # a note below the table, such as its source

    def _timed(self, moment: Moment, row: Sequence[Value], line: int) -> Moment:
        cell = row[self._time] if self._time is not None and self._time < len(row) else None
        time = moments.time_of_day(cell)
        if time is None and not tables.blank(cell):
            self._remarks.append(f"{self._table.name}, row {line}: {str(cell)[:20]!r} is no time of day")
        return moment if time is None else replace(moment, time=time)

    def tell(self) -> None:
        """Put what was not taken into the remarks.

        Raises:
            BadFile: More rows are wrong than right.
        """
        name, bad, notes = self._table.name, self._bad, self._notes
        if len(bad) >= max(1, len(self.lines)):
            raise BadFile(bad[0])
        self._remarks += [f"{message}; the row is left out" for message in bad[:_TOLD]]
        if len(bad) > _TOLD:
            rows = rows_named(self._wrong[_TOLD:])
            self._remarks.append(f"{name}: {len(bad) - _TOLD} more rows without a sound date left out{rows}")
        if notes:
            what = f"{len(notes)} rows without a date left out (first row {notes[0]})"
            self._remarks.append(f"{name}: {what}{rows_named(notes) if len(notes) > 1 else ''}")


def _below(first: int, last: int) -> str:
    return f" (rows {first} to {last})" if last > first else ""


def _same_heads(row: Sequence[Value], heads: Sequence[Value]) -> bool:
    def texts(cells: Sequence[Value]) -> list[str]:
        return [fold(str(cell)) for cell in cells if not tables.blank(cell)]

    return texts(row) == texts(heads)


def _holds_number(cell: Value) -> bool:
    """Whether a cell is a number, or begins as a number or a date does."""
    return isinstance(cell, float) or (isinstance(cell, str) and cell.strip()[:1].isdigit())
