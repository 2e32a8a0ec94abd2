"""A page that a person reads: twelve columns of equal width on A4, filled with blocks from top to bottom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from xlsxwriter.chart import Chart

from xlrotation.languages import Text, known
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import Book
from xlrotation.reports.paper import ROW_POINTS, Measured, Plan, lines_of
from xlrotation.workbook.output.folding import FIRST_PAGE, FOLD, NEXT_PAGE, USED

_LACKING = Text("{title}: no data")

COLUMNS = 12
_WIDTH = 6.57
"""Characters: a twelfth of the width, with room for a program that lacks the font and takes a wider one."""
PIXELS = 51
"""The same, as drawings count it."""
_COLUMN_EMS, _EDGES = 5.3, 0.25
"""Width of a column in sizes of the body's font where the font is a wide one, and what stands free at the edges."""
BELOW_RULE = 2.25
"""Points that stand free below a rule."""
FIRST_ROW = ROW_POINTS + BELOW_RULE
"""Points of the first row below a rule."""
LINE = 12.5
"""Points of a line where a cell has several."""
_PER_POINT = 96 / 72
"""Pixels of a point."""
_PIXEL = 1 / _PER_POINT
"""Points of a pixel."""


class Area(NamedTuple):
    """Where a block stands: the row that it begins in, its first column, and how many columns it is wide."""

    row: int
    column: int
    span: int


class Block(Protocol):
    """What a page is made of: a table, a chart, sentences."""

    def write(self, page: Page, area: Area) -> int:
        """Write it there; returns the number of rows that it took."""


class _Drawing(NamedTuple):
    """A chart of a block that is being written: the rows that it covers are known when the block is whole."""

    chart: Chart
    area: Area
    rows: int
    alt: str
    shown: str


class Page:
    """A page under construction.

    Args:
        book: Its book.
        name: Name of its sheet.
        plan: How it lies on paper; None: each block on a new page of paper where it does not fit.

    Attributes:
        sheet: Its sheet.
        row: The row that the next block begins in.
        measured: The blocks so far.
        stretch: Rows that the charts of the block that is being written are made higher.
        opens: Whether the block that is being written begins a sheet of paper, or may.
        solid: Rows that the parts of that block without a chart take.
        opening: Points that the block would be higher where it began a sheet of paper.
        joined: Whether the next block follows it without a row of space.
        rigid: Whether its charts keep their height.
        least: Rows that a chart has at least, as one beside it has.
        columns: Columns that are printed.
    """

    def __init__(self, book: Book, name: str, plan: Plan | None = None) -> None:
        self.book, self.name = book, name
        self.sheet = book.sheet(name, (_WIDTH,) * COLUMNS)
        self.sheet.set_default_row(ROW_POINTS)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.center_horizontally()
        self.row = 0
        self.measured: list[Measured] = []
        self.stretch = 0
        self.solid = 0
        self.opens = True
        self.opening = 0.0
        self.joined = False
        self.rigid = False
        self.least = 0
        self.columns = COLUMNS
        self._plan = plan
        self._breaks: list[int] = []
        self._used = 0.0
        self._heights: dict[int, float] = {}
        self._drawings: list[_Drawing] = []
        self._folds = 0

    def add(self, block: Block) -> None:
        """Add a block over the whole width, with a row of space below; on a new page of paper where it does not fit.

        How it lies is known when it is added for the second time: the first time, none begins a sheet of paper.
        """
        first, number = self.row, len(self.measured)
        self.stretch = 0 if self._plan is None else self._plan.stretch.get(number, 0)
        self.solid = 0
        self.opens = number == 0 or (self._plan is not None and number in self._plan.breaks)
        self.opening, self.joined, self.rigid = 0.0, False, False
        rows = block.write(self, Area(first, 0, COLUMNS))
        self.row += rows + (not self.joined)
        for row in range(first, self.row):  # said of every row: programs differ in what they take for usual
            self.sheet.set_row(row, self._heights.get(row, ROW_POINTS))
        height, least = (self._points(first, last) for last in (self.row, first + self.solid + 1))
        drawn = max((drawing.area.row + drawing.rows + 1 - first for drawing in self._drawings), default=0)
        free = rows - drawn if drawn and not self.rigid else None
        self.measured.append(Measured(height, free, least, self.opening))
        for drawing in self._drawings:
            self._insert(drawing)
        self._fold_drawings(first + self.solid)
        self._drawings = []
        space = 0.0 if self.joined else ROW_POINTS
        full = self._used + height - space > (NEXT_PAGE if self._breaks else FIRST_PAGE)
        if full if self._plan is None else number in self._plan.breaks:
            self._breaks.append(first)
            self.sheet.set_h_pagebreaks(self._breaks)
            self._used = 0.0
        self._used += height
        self.sheet.print_area(0, 0, self.row - 1, self.columns - 1)

    def draw(self, chart: Chart, area: Area, rows: int, alt: str, shown: str) -> None:
        """Put a chart over so many rows, which may become higher while the block is written.

        Args:
            chart: The chart.
            area: Where it begins.
            rows: The rows that it covers.
            alt: What it shows, in words.
            shown: The cells whose numbers it shows.
        """
        self._drawings.append(_Drawing(chart, area, rows, alt, shown))

    def fold(self, row: int, rows: int, used: str) -> None:
        """Let print close up the last of some rows.

        Args:
            row: The first of them.
            rows: How many there are.
            used: The expression of how many are in use, from the first on.
        """
        self._folds += 1
        book, number = self.book, self._folds
        cell = book.values.put(f"{self.name.lower()}.fold{number}", used, ("0",))
        book.name(f"{self.name}!{FOLD.format(number=number)}", f"{self.name}!$A${row + 1}:$L${row + rows}")
        book.name(f"{self.name}!{USED.format(number=number)}", cell.at())

    def _fold_drawings(self, solid: int) -> None:
        """Close up what the drawings of a block cover, below all that stands beside them, where none shows a number."""
        if not self._drawings:
            return
        first = max(solid, *(drawing.area.row for drawing in self._drawings))
        last = min(drawing.area.row + drawing.rows for drawing in self._drawings)
        if last > first:
            counted = "+".join(f"COUNT({drawing.shown})" for drawing in self._drawings)
            self.fold(first, last - first, f"IF({counted}=0,0,{last - first})")

    @property
    def charts(self) -> int:
        """How many charts the block that is being written has so far."""
        return len(self._drawings)

    def _points(self, first: int, last: int) -> float:
        return sum(self._heights.get(row, ROW_POINTS) for row in range(first, last))

    def _insert(self, drawing: _Drawing) -> None:
        first, column, span = drawing.area
        points = self._points(first, first + drawing.rows)
        drawing.chart.set_size({"width": PIXELS * span - 4, "height": round(points * _PER_POINT) - 4})
        options = {"description": drawing.alt, "x_offset": 2, "y_offset": 2, "object_position": 1}
        self.sheet.insert_chart(first, column, drawing.chart, options)

    def height(self, row: int, points: float) -> None:
        """Make a row at least so high."""
        points = math.ceil(points / _PIXEL) * _PIXEL  # heights of rows are whole pixels
        if points > self._heights.get(row, ROW_POINTS):
            self._heights[row] = points

    def space(self, row: int, points: float) -> None:
        """Make a row, in which nothing stands, so high."""
        self._heights[row] = points

    def heading(self, area: Area, text: Text, remark: str = "", lacking: str = "") -> None:
        """A section heading with a rule below it, and a remark (a formula) at its right end.

        Where the test *lacking* holds it says so itself: another chart may have the room below it.
        """
        book, sheet = self.book, self.sheet
        rule = {"bottom": 2, "bottom_color": book.colour("subject")}
        style = {"bold": True, "font_size": book.size("section"), "font_color": book.colour("dark"), **rule}
        style |= indent(area.column)
        last = area.column + area.span
        beside = min(4, max(2, area.span // 3)) if remark else 0
        # words that are too many for half of a page are shrunk; what stands beside them would cut them
        told = f"={expression(text)}"
        if lacking:
            told = f"=IF({lacking},{expression(_LACKING, title=expression(text))},{told[1:]})"
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

    def remark(self, area: Area, formula: str, lines: int = 1, valign: str = "vcenter") -> None:
        """Small grey words under a block, or below its heading."""
        book = self.book
        style = {"font_size": book.size("source"), "font_color": book.colour("quiet"), "valign": valign} | indent(
            area.column
        )
        book.wide(self.sheet, area.row, area.column, area.span, formula, text_wrap=True, **style)
        self.height(area.row, 11.5 * lines + (2 if valign == "vcenter" else 3))

    @staticmethod
    def lines(width: float, columns: int) -> int:
        """Lines that a text takes, of a width in sizes of the body's font."""
        return max(1, int(-(-width // Page.ems(columns))))

    @staticmethod
    def ems(columns: int) -> float:
        """Width of so many columns in sizes of the body's font."""
        return round(columns * _COLUMN_EMS - _EDGES, 1)

    def fit(self, row: int, text: Text | str, columns: int, scale: float = 1.0) -> None:
        """Make a row high enough for a text of so many columns, in every language.

        Args:
            row: The row.
            text: The text.
            columns: How many it is wide.
            scale: Its font's width, with that of the body as 1.
        """
        told = [text] if isinstance(text, str) else [text.into(lang) for lang in known()]
        lines = max(lines_of(one, self.ems(columns) / scale) for one in told)
        if lines > 1:
            self.height(row, LINE * lines)


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
        page.least = max(getattr(block, "least", 0) for block, _ in self.blocks)
        for block, span in self.blocks:
            charts = page.charts
            taken = block.write(page, Area(area.row, column, span))
            if page.charts == charts:
                page.solid = max(page.solid, taken)
            rows = max(rows, taken)
            column += span
        page.least = 0
        return rows


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks below each other, where others stand beside them."""

    blocks: Sequence[Block]

    def write(self, page: Page, area: Area) -> int:
        """Write them from the top; returns the rows of all of them."""
        row = area.row
        for block in self.blocks:
            row += block.write(page, Area(row, area.column, area.span)) + 1
        return row - 1 - area.row


@dataclass(frozen=True, slots=True)
class When:
    """A block that print shows where a test holds; elsewhere it closes up.

    Attributes:
        test: An expression, with keys of figures in braces.
        block: The block.
    """

    test: str
    block: Block

    def write(self, page: Page, area: Area) -> int:
        """Write it; its charts are as high as they are, because others may stand in its place."""
        page.stretch, page.rigid = 0, True
        rows = self.block.write(page, area)
        page.fold(area.row, rows + 1, f"IF({self.test},{rows + 1},0)")
        return rows


def halves(left: Block, right: Block) -> Beside:
    """Two blocks, each half of the page wide."""
    return Beside(((left, COLUMNS // 2), (right, COLUMNS // 2)))
