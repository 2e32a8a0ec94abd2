"""References to cells in formula texts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from xlrotation.workbook.formulas.tokens import _home, marks, whole

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

Place = tuple[int, int]
"""Row and column of a cell, from 1."""

_CORNER = re.compile(r"(\$?)([A-Za-z]+)(\$?)([0-9]+)|(\$?)([A-Za-z]+)()()|()()(\$?)([0-9]+)")
"""A cell, a column or a row of a reference: what is fixed, its column, what is fixed, its row."""


_USUAL = re.compile(
    r"(?:([A-Za-z_][A-Za-z0-9_]*)!|'([^'\[\]:\\/]+)'!)?"
    r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,5})(?::\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,5}))?"
)
"""What nearly every reference looks like; any other is read as the marks of a formula are."""


@dataclass(frozen=True, slots=True)
class Area:
    """A cell or a rectangle of cells; rows and columns count from 1. A sheet of None is the formula's own."""

    sheet: str | None
    row: int
    column: int
    last_row: int
    last_column: int

    @property
    def is_cell(self) -> bool:
        """Whether it is a single cell."""
        return self.row == self.last_row and self.column == self.last_column

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.last_row - self.row + 1) * (self.last_column - self.column + 1)


@functools.lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@functools.lru_cache(maxsize=MAX_COLUMN)
def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """B3 for row 3, column 2."""
    return f"{column_letters(column)}{row}"


def area_name(area: Area) -> str:
    """A1:B3, without the sheet."""
    return f"{cell_name(area.row, area.column)}:{cell_name(area.last_row, area.last_column)}"


def quoted_sheet(name: str) -> str:
    """A sheet name as a formula writes it."""
    return "'" + name.replace("'", "''") + "'"


@functools.lru_cache(maxsize=8192)
def parse_area(text: str) -> Area | None:
    """The area that *text* as a whole refers to; None where it is not a plain reference."""
    usual = _USUAL.fullmatch(text)
    if usual is None:
        match = whole(text)
        return None if match is None else _area(match)
    plain, quoted, letters, digits, last_letters, last_digits = usual.groups()
    row, column = int(digits), column_number(letters)
    last_row, last_column = (int(last_digits), column_number(last_letters)) if last_digits else (row, column)
    if column > MAX_COLUMN or last_column > MAX_COLUMN:
        return None
    return Area(
        plain or quoted, min(row, last_row), min(column, last_column), max(row, last_row), max(column, last_column)
    )


def parse_input(text: str) -> Area | None:
    """As :func:`parse_area`, but the sheet may be typed without the quotes that it needs."""
    sheet, mark, cell = text.rpartition("!")
    if mark and not sheet.startswith("'"):
        text = f"{quoted_sheet(sheet)}!{cell}"
    return parse_area(text)


def areas(formula: str) -> Iterator[Area]:
    """Every plain reference in *formula*."""
    for token in marks(formula):
        if token.kind == "area" and token.match is not None and (area := _area(token.match)):
            yield area


def moved(formula: str, rows: int, columns: int) -> str:
    """*formula* as it reads when copied *rows* down and *columns* to the right."""
    if not (rows or columns):
        return formula
    parts = []
    for text, fixed_column, column, fixed_row, row in _corners(formula):
        parts.append(text)
        if column is not None:
            new = column if fixed_column else (column + columns - 1) % MAX_COLUMN + 1
            parts.append(fixed_column + column_letters(new))
        if row is not None:
            parts.append(f"{fixed_row}{row if fixed_row else (row + rows - 1) % MAX_ROW + 1}")
    return "".join(parts)


@functools.lru_cache(maxsize=1024)
def _corners(formula: str) -> tuple[tuple[str, str, int | None, str, int | None], ...]:
    """The cells, columns and rows of all references in *formula*, each behind the text before it; last what is left."""
    found: list[tuple[str, str, int | None, str, int | None]] = []
    place = 0
    for token in marks(formula):
        if token.kind != "area" or token.match is None or not _lies_on_a_sheet(span(token.match["area"])):
            continue
        start = token.match.start("area")
        for corner in _CORNER.finditer(token.match["area"]):
            fixed_column, column, fixed_row, row = _parts(corner)
            found.append((formula[place : start + corner.start()], fixed_column, column, fixed_row, row))
            place = start + corner.end()
    return (*found, (formula[place:], "", None, "", None))


def _parts(corner: re.Match[str]) -> tuple[str, int | None, str, int | None]:
    """What is fixed and the number of the column and of the row; None where there is none."""
    fixed_column, letters, fixed_row, digits = (
        corner[group] or corner[group + 4] or corner[group + 8] or "" for group in range(1, 5)
    )
    return fixed_column, column_number(letters) if letters else None, fixed_row, int(digits) if digits else None


def span(area: str) -> tuple[int, int, int, int]:
    """First row and column, last row and column of a reference without its sheet; it may lie off a sheet."""
    corners = [_parts(corner) for corner in _CORNER.finditer(area)]
    rows = [row for *_, row in corners if row is not None] or [1, MAX_ROW]
    columns = [column for _, column, *_ in corners if column is not None] or [1, MAX_COLUMN]
    return min(rows), min(columns), max(rows), max(columns)


def _lies_on_a_sheet(corners: tuple[int, int, int, int]) -> bool:
    """Whether there are such cells; YTD2025 lies beyond the last column and is a name."""
    row, column, last_row, last_column = corners
    return row >= 1 and column >= 1 and last_row <= MAX_ROW and last_column <= MAX_COLUMN


def _area(match: re.Match[str]) -> Area | None:
    book, sheet, last_sheet = _home(match)
    corners = span(match["area"])
    if book is not None or last_sheet is not None or not _lies_on_a_sheet(corners):
        return None
    return Area(sheet, *corners)
