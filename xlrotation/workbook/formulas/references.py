"""References to cells in formula texts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

_SKIPPED = r'"(?:[^"]|"")*"|\#[A-Z][A-Z/0!?]*'
_SHEET = r"(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[A-Za-z_\u0080-\uffff][\w.]*))!)?"
_AREA = (
    r"(?:(?P<fixed1>\$?)(?P<c1>[A-Za-z]{1,3})(?P<fixed2>\$?)(?P<r1>\d{1,7})"
    r"(?::(?P<fixed3>\$?)(?P<c2>[A-Za-z]{1,3})(?P<fixed4>\$?)(?P<r2>\d{1,7}))?"
    r"|(?P<fixed5>\$?)(?P<c3>[A-Za-z]{1,3}):(?P<fixed6>\$?)(?P<c4>[A-Za-z]{1,3})"
    r"|(?P<fixed7>\$?)(?P<r3>\d{1,7}):(?P<fixed8>\$?)(?P<r4>\d{1,7}))"
)
_WHOLE = re.compile(_SHEET + _AREA)
_INSIDE = re.compile(_SKIPPED + r"|(?<![\w.$'\]])" + _SHEET + _AREA + r"(?![\w(!.])")
_WORD = re.compile(
    _SKIPPED + r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]|'(?:[^']|'')*'!?"
    r"|(?<![\w.!\\])([A-Za-z_\\\u0080-\uffff][\w.\\?]*)(?![\w(!\[])"
)


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


def parse_area(text: str) -> Area | None:
    """The area that *text* as a whole refers to; None where it is not a plain reference."""
    match = _WHOLE.fullmatch(text)
    return _area(match) if match else None


def parse_input(text: str) -> Area | None:
    """As :func:`parse_area`, but the sheet may be typed without the quotes that it needs."""
    sheet, mark, cell = text.rpartition("!")
    if mark and not sheet.startswith("'"):
        text = f"{quoted_sheet(sheet)}!{cell}"
    return parse_area(text)


def areas(formula: str) -> Iterator[Area]:
    """Every plain reference in *formula*."""
    for match in _INSIDE.finditer(formula):
        if _is_reference(match) and (area := _area(match)):
            yield area


def words(formula: str) -> Iterator[str]:
    """Every word in *formula* that may be a defined name."""
    for match in _WORD.finditer(formula):
        if match[1] and not _WHOLE.fullmatch(match[1]):
            yield match[1]


def without_areas(formula: str) -> str:
    """*formula* with its plain references left out."""
    return _INSIDE.sub(" 0 ", formula)


def with_sheet(formula: str, sheet: str) -> str:
    """*formula* with *sheet* (as a formula writes it) before every reference that names none."""

    def qualify(match: re.Match[str]) -> str:
        if not _is_reference(match) or match["quoted"] or match["plain"]:
            return match[0]
        return f"{sheet}!{match[0]}"

    return _INSIDE.sub(qualify, formula)


def moved(formula: str, rows: int, columns: int) -> str:
    """*formula* as it reads when copied *rows* down and *columns* to the right."""

    def column(fixed: str, letters: str) -> str:
        if fixed:
            return fixed + letters
        return column_letters((column_number(letters) + columns - 1) % MAX_COLUMN + 1)

    def row(fixed: str, digits: str) -> str:
        return fixed + digits if fixed else str((int(digits) + rows - 1) % MAX_ROW + 1)

    def move(m: re.Match[str]) -> str:
        if not _is_reference(m):
            return m[0]
        sheet = m[0][: m.start("fixed1") - m.start()] if m["c1"] else m[0][: m.start(_first(m)) - m.start()]
        if m["c3"]:
            return f"{sheet}{column(m['fixed5'], m['c3'])}:{column(m['fixed6'], m['c4'])}"
        if m["r3"]:
            return f"{sheet}{row(m['fixed7'], m['r3'])}:{row(m['fixed8'], m['r4'])}"
        text = f"{sheet}{column(m['fixed1'], m['c1'])}{row(m['fixed2'], m['r1'])}"
        return f"{text}:{column(m['fixed3'], m['c2'])}{row(m['fixed4'], m['r2'])}" if m["c2"] else text

    return _INSIDE.sub(move, formula) if rows or columns else formula


def _first(match: re.Match[str]) -> str:
    return "fixed5" if match["c3"] else "fixed7"


def _is_reference(match: re.Match[str]) -> bool:
    return bool(match["c1"] or match["c3"] or match["r3"])


def _area(match: re.Match[str]) -> Area | None:
    sheet = match["quoted"].replace("''", "'") if match["quoted"] else match["plain"]
    if match["c1"]:
        row, column = int(match["r1"]), column_number(match["c1"])
        last_row = int(match["r2"]) if match["r2"] else row
        last_column = column_number(match["c2"]) if match["c2"] else column
    elif match["c3"]:
        row, last_row = 1, MAX_ROW
        column, last_column = column_number(match["c3"]), column_number(match["c4"])
    else:
        row, last_row = int(match["r3"]), int(match["r4"])
        column, last_column = 1, MAX_COLUMN
    if row > last_row:
        row, last_row = last_row, row
    if column > last_column:
        column, last_column = last_column, column
    if row < 1 or last_row > MAX_ROW or last_column > MAX_COLUMN:
        return None
    return Area(sheet, row, column, last_row, last_column)
