"""The figures of a book: each formula once, on a sheet of its own, with a key; pages show what stands there.

A page never shows an error value and never reads beyond a table: it shows the cell of a figure, or "n/a" where that holds
an error. The error itself stays on the sheet of values, from where its reason reaches the report of an export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlrotation.languages import Text
from xlrotation.workbook.formulas.references import cell_name

SHEET = "Values"
"""Name of the sheet that computes."""

_KEY = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_FIRST_ROW = 3
_FIRST_COLUMN = 2


@dataclass(frozen=True, slots=True)
class Result:
    """A figure that a book shows.

    Attributes:
        key: Its name, stable between versions, of small letters, digits, ``_`` and ``.``.
        label: What it is, in words.
        unit: What it is counted in: fraction (0.01 is one per cent), points, count, date, text, ...
        number_format: How it is shown.
        cell: Where it stands, with its sheet.
        formula: What it is computed by, without the leading sign; of a table, the whole table's.
        date: The expression of the session that it is of; empty: the as-of session.
    """

    key: str
    label: Text
    unit: str
    number_format: str
    cell: str
    formula: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """An area of a sheet, as formulas name it.

    Attributes:
        sheet: The sheet.
        row: First row, counted from 0.
        column: First column, counted from 0.
        rows: Number of rows.
        columns: Number of columns.
    """

    sheet: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1

    def at(self, row: int = 0, column: int = 0) -> str:
        """A cell of it; rows below zero count from its end."""
        down = row if row >= 0 else self.rows + row
        if not (0 <= down < self.rows and 0 <= column < self.columns):
            raise IndexError(f"{self} has no cell {row}, {column}")
        return f"{self.sheet}!{_absolute(self.row + down, self.column + column)}"

    @property
    def area(self) -> str:
        """The whole of it."""
        first = f"{self.sheet}!{_absolute(self.row, self.column)}"
        last = _absolute(self.row + self.rows - 1, self.column + self.columns - 1)
        return first if self.rows == self.columns == 1 else f"{first}:{last}"

    def part(self, column: int, rows: int | None = None) -> Cells:
        """One of its columns, or the first rows of it."""
        return Cells(self.sheet, self.row, self.column + column, self.rows if rows is None else rows)


def _absolute(row: int, column: int) -> str:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", cell_name(row + 1, column + 1)).groups()  # type: ignore[union-attr]
    return f"${letters}${digits}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A formula on the sheet of values, its keys still open."""

    key: str
    formula: str
    cells: Cells
    formats: tuple[str, ...]


class Values:
    """What the sheet of values will hold; written when the book is closed, when all keys are known."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.results: list[Result] = []
        self.labels: dict[str, Text] = {}
        self._known: dict[str, str] = {}
        self._next = _FIRST_ROW

    def put(
        self, key: str, formula: str, formats: Sequence[str] = ("General",), rows: int = 1, columns: int = 1
    ) -> Cells:
        """Give a formula its place; ``{key}`` in it stands for the cells of another one.

        Raises:
            ValueError: The key is taken.
        """
        cells = Cells(SHEET, self._next, _FIRST_COLUMN, rows, columns)
        self.know(key, cells.area)
        self.entries.append(Entry(key, formula, cells, tuple(formats)))
        self._next += rows
        return cells

    def know(self, key: str, reference: str) -> None:
        """Let formulas name cells by a key.

        Raises:
            ValueError: The key is taken.
        """
        if key in self._known:
            raise ValueError(f"two figures have the key {key}")
        self._known[key] = reference

    def knows(self, key: str) -> bool:
        """Whether formulas can name cells by a key."""
        return key in self._known

    def figure(
        self, key: str, label: Text, number_format: str, cell: str, formula: str, unit: str = "", date: str = ""
    ) -> None:
        """Tell of a figure that the book shows."""
        self.labels.setdefault(cell.replace("$", ""), label)
        self.results.append(Result(key, label, unit or unit_of(number_format), number_format, cell, formula, date))

    def resolved(self, formula: str) -> str:
        """A formula with cells in place of keys.

        Raises:
            ValueError: It names a key that nothing has.
        """

        def cell(match: re.Match[str]) -> str:
            if match[1] not in self._known:
                raise ValueError(f"no figure has the key {match[1]}")
            return self._known[match[1]]

        return _KEY.sub(cell, formula)


_UNITS: Mapping[str, str] = {"@": "text", "yyyy-mm-dd": "date", "0": "count", "+0;-0": "count", "+0;-0;0": "count"}


def unit_of(number_format: str) -> str:
    """The unit that a number format tells of."""
    return "fraction" if "%" in number_format else _UNITS.get(number_format, "number")
