"""References to cells in formula texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHEET = r"(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*))!)?"
_AREA = r"\$?(?P<c1>[A-Za-z]{1,3})\$?(?P<r1>\d{1,7})(?::\$?(?P<c2>[A-Za-z]{1,3})\$?(?P<r2>\d{1,7}))?"
_WHOLE = re.compile(_SHEET + _AREA)
_INSIDE = re.compile(r"\"(?:[^\"]|\"\")*\"|(?<![\w.$'])" + _SHEET + _AREA + r"(?![\w(])")
_NAME = re.compile(
    r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'!|(?<![\w.!])([A-Za-z_\\\u0080-\uffff][\w.\\\u0080-\uffff]*)(?![\w(!])"
)

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384


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


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


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


def quoted_sheet(name: str) -> str:
    """A sheet name as a formula writes it."""
    return "'" + name.replace("'", "''") + "'"


def parse_area(text: str) -> Area | None:
    """The area that *text* as a whole refers to; None where it is not a plain reference."""
    match = _WHOLE.fullmatch(text)
    return _area(match) if match else None


def areas(formula: str) -> Iterator[Area]:
    """Every plain reference in *formula*."""
    for match in _INSIDE.finditer(formula):
        if match["c1"] and (area := _area(match)):
            yield area


def names(formula: str) -> Iterator[str]:
    """Every word in *formula* that may be a defined name."""
    for match in _NAME.finditer(formula):
        if match[1]:
            yield match[1]


def _area(match: re.Match[str]) -> Area | None:
    sheet = match["quoted"].replace("''", "'") if match["quoted"] else match["plain"]
    row, column = int(match["r1"]), column_number(match["c1"])
    last_row = int(match["r2"]) if match["r2"] else row
    last_column = column_number(match["c2"]) if match["c2"] else column
    top, bottom = sorted((row, last_row))
    left, right = sorted((column, last_column))
    if not (top >= 1 and bottom <= MAX_ROW and left >= 1 and right <= MAX_COLUMN):
        return None
    return Area(sheet, top, left, bottom, right)


def with_sheet(formula: str, sheet: str) -> str:
    """*formula* with *sheet* (as a formula writes it) before every reference that names none."""

    def qualify(match: re.Match[str]) -> str:
        if not match["c1"] or match["quoted"] or match["plain"]:
            return match[0]
        return f"{sheet}!{match[0]}"

    return _INSIDE.sub(qualify, formula)
