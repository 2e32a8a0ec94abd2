"""A page that a person reads: twelve columns of equal width on A4, filled with blocks from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from xlrotation.languages import Text, known
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import Book

COLUMNS = 12
_WIDTH = 6.57
"""Characters: a twelfth of the width, with room for a program that lacks the font and takes a wider one."""
PIXELS = 51
"""The same, as drawings count it."""
ROW = 17
"""Pixels of a row."""
ROW_POINTS = 12.75
_FIRST_PAGE, _NEXT_PAGE = 775.0, 715.0
"""Points of a page of paper; on those after the first the title stands again."""
_LETTERS = 9.0
"""Letters of body text that a column holds, in a wide font."""


class Area(NamedTuple):
    """Where a block stands: the row that it begins in, its first column, and how many columns it is wide."""

    row: int
    column: int
    span: int


class Block(Protocol):
    """What a page is made of: a table, a chart, sentences."""

    def write(self, page: Page, area: Area) -> int:
        """Write it there; returns the number of rows that it took."""


class Page:
    """A page under construction.

    Args:
        book: Its book.
        name: Name of its sheet.
    """

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.sheet = book.sheet(name, (_WIDTH,) * COLUMNS)
        self.sheet.set_default_row(ROW_POINTS)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.center_horizontally()
        self.row = 0
        self._breaks: list[int] = []
        self._used = 0.0
        self._heights: dict[int, float] = {}

    def add(self, block: Block) -> None:
        """Add a block over the whole width, with a row of space below; on a new page of paper where it does not fit."""
        first = self.row
        self.row += block.write(self, Area(first, 0, COLUMNS)) + 1
        for row in range(first, self.row):  # said of every row: programs differ in what they take for usual
            self.sheet.set_row(row, self._heights.get(row, ROW_POINTS))
        height = sum(self._heights.get(row, ROW_POINTS) for row in range(first, self.row))
        if self._used + height - ROW_POINTS > (_NEXT_PAGE if self._breaks else _FIRST_PAGE):
            self._breaks.append(first)
            self.sheet.set_h_pagebreaks(self._breaks)
            self._used = 0.0
        self._used += height

    def height(self, row: int, points: float) -> None:
        """Make a row at least so high."""
        if points > self._heights.get(row, ROW_POINTS):
            self._heights[row] = points

    def heading(self, area: Area, text: Text, remark: str = "") -> None:
        """A section heading with a rule below it, and a remark (a formula) at its right end."""
        book, sheet = self.book, self.sheet
        rule = {"bottom": 2, "bottom_color": book.colour("subject")}
        style = {"bold": True, "font_size": book.size("section"), "font_color": book.colour("dark"), **rule}
        style |= indent(area.column)
        last = area.column + area.span
        beside = min(4, max(2, area.span // 3)) if remark else 0
        # words that are too many for half of a page are shrunk; what stands beside them would cut them
        told = f"={expression(text)}"
        book.wide(sheet, area.row, area.column, area.span - beside, told, shrink=area.span < COLUMNS, **style)
        if beside:
            small = {
                "font_size": book.size("source"),
                "font_color": book.colour("quiet"),
                "align": "right",
                "shrink": True,
                **rule,
            }
            book.wide(sheet, area.row, last - beside, beside, remark, **small)
        self.height(area.row, 18)

    def remark(self, area: Area, formula: str, lines: int = 1) -> None:
        """Small grey words under a block."""
        book = self.book
        style = {"font_size": book.size("source"), "font_color": book.colour("quiet"), "valign": "top"} | indent(
            area.column
        )
        book.wide(self.sheet, area.row, area.column, area.span, formula, text_wrap=True, **style)
        self.height(area.row, 11.5 * lines + 2)

    def fit(self, row: int, text: Text | str, columns: int) -> None:
        """Make a row high enough for a text of so many columns, in every language."""
        told = [text] if isinstance(text, str) else [text.into(lang) for lang in known()]
        longest = max(sum(1.9 if letter > "\u2e80" else 1 for letter in words) for words in told)
        lines = -(-longest // (columns * _LETTERS))
        if lines > 1:
            self.height(row, 12.5 * lines)


def indent(column: int) -> dict[str, object]:
    """Space before the text of a block that stands at the right of another."""
    return {"align": "left", "indent": 1} if column else {}


@dataclass(frozen=True, slots=True)
class Beside:
    """Blocks side by side, each with the number of columns that it is wide."""

    blocks: Sequence[tuple[Block, int]]

    def write(self, page: Page, area: Area) -> int:
        """Write them from the left; returns the rows of the longest."""
        column, rows = area.column, 0
        for block, span in self.blocks:
            rows = max(rows, block.write(page, Area(area.row, column, span)))
            column += span
        return rows


def halves(left: Block, right: Block) -> Beside:
    """Two blocks, each half of the page wide."""
    return Beside(((left, COLUMNS // 2), (right, COLUMNS // 2)))
