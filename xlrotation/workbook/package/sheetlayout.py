"""Where the rows and cells of a worksheet stand in the bytes of its part; it never changes and may be shared."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from xlrotation.workbook.formulas.references import Area, Place, parse_area
from xlrotation.workbook.package.sheetgrammar import Grammar, SheetCell
from xlrotation.workbook.package.splice import attributes_of, check, plain_xml

_ROOT = re.compile(rb"<([\w.-]+:)?(?:worksheet|dialogsheet|macrosheet)[\s>]")


class Cells(NamedTuple):
    """What a row holds.

    Attributes:
        head: Its start tag.
        order: The columns of its cells, as they stand.
        cells: The cells by column.
        tail: What stands behind them, the end tag included.
    """

    head: bytes
    order: tuple[int, ...]
    cells: dict[int, SheetCell]
    tail: bytes


class Row:
    """A row; its cells are looked at when somebody asks for them.

    Attributes:
        number: Its number.
        start: Where it begins in the part.
        end: The byte behind it.
        held: What it holds; None until somebody asks.
    """

    __slots__ = ("end", "held", "number", "start")

    def __init__(self, number: int, start: int, end: int, held: Cells | None = None) -> None:
        self.number, self.start, self.end, self.held = number, start, end, held


class Array(NamedTuple):
    """A formula that fills cells.

    Attributes:
        row: Its row.
        column: Its column.
        cell: Its cell.
        tag: The start tag of the formula.
        area: The cells that it filled when the workbook was saved; None where it does not say.
        dynamic: Whether it fills as many as it has values.
    """

    row: Row
    column: int
    cell: SheetCell
    tag: bytes
    area: Area | None
    dynamic: bool


class Layout:
    """A worksheet taken apart.

    Args:
        part: The part.

    Attributes:
        data: The part, as :func:`~xlrotation.workbook.package.splice.plain_xml` gives it.
        prefix: The prefix of its elements, with its colon.
        grammar: How its elements look.
        begin: Where its rows begin.
        end: Where they end.
        rows: The rows, as they stand.
        by_number: The rows by number.

    Raises:
        ValueError: The part is no worksheet.
    """

    def __init__(self, part: bytes) -> None:
        check(part)
        self.data = data = plain_xml(part, tidy=True)
        root = _ROOT.search(data)
        if root is None:
            raise ValueError("is no worksheet")
        self.prefix = root[1] or b""
        self.grammar = Grammar(self.prefix)
        self.begin, self.end = self._find_rows()
        self.rows: list[Row] = []
        number = 0
        for stated, start, end in self.grammar.rows(data, self.begin, self.end):
            number = number + 1 if stated is None else stated
            self.rows.append(Row(number, start, end))
        self.by_number = {row.number: row for row in self.rows}

    def _find_rows(self) -> tuple[int, int]:
        match = self.grammar.data.search(self.data)
        if match is None:
            raise ValueError("has no cells (sheetData)")
        if match[0].endswith(b"/>"):
            return match.end() - 2, match.end() - 2
        return match.end(), self.data.index(b"</" + self.prefix + b"sheetData", match.end())

    def cells(self, row: Row) -> Cells:
        """What a row holds."""
        if row.held is not None:
            return row.held
        raw = self.data[row.start : row.end]
        head = self.grammar.tag(raw)
        order, cells, position = self.grammar.cells(raw, len(head))
        row.held = held = Cells(head, order, cells, raw[position:])
        return held

    @functools.cached_property
    def numbers(self) -> list[int]:
        """The numbers of the rows, in order."""
        return sorted(self.by_number)

    @functools.cached_property
    def formulas(self) -> list[tuple[Row, int, SheetCell]]:
        """The cells that have formulas, with their rows and columns."""
        starts = [row.start for row in self.rows]
        places = (match.start() for match in self.grammar.formula_start.finditer(self.data, self.begin, self.end))
        rows = (self.rows[place] for place in dict.fromkeys(bisect_right(starts, start) - 1 for start in places))
        return [(row, column, cell) for row in rows for column, cell in self.cells(row).cells.items() if cell.formula]

    @functools.cached_property
    def arrays(self) -> list[Array]:
        """The formulas that fill cells."""
        return list(self._arrays())

    def _arrays(self) -> Iterator[Array]:
        plain = b"<" + self.prefix + b"f>"
        for row, column, cell in self.formulas:
            if cell.formula.startswith(plain):
                continue
            tag = self.grammar.tag(cell.formula)
            if b"array" in tag or b"&" in tag:
                described = attributes_of(tag)
                if described.get("t") == "array":
                    dynamic = "cm" in attributes_of(self.grammar.tag(cell.raw))
                    yield Array(row, column, cell, tag, parse_area(described.get("ref", "")), dynamic)

    @functools.cached_property
    def filled(self) -> dict[Place, tuple[Row, SheetCell]]:
        """The cells that hold what a formula of another cell filled them with when the workbook was saved."""
        found: dict[Place, tuple[Row, SheetCell]] = {}
        for area in filter(None, (array.area for array in self.arrays)):
            first, last = bisect_left(self.numbers, area.row), bisect_right(self.numbers, area.last_row)
            for row in map(self.by_number.__getitem__, self.numbers[first:last]):
                cells = self.cells(row).cells
                wide = area.last_column - area.column > len(cells)
                for column in list(cells) if wide else range(area.column, area.last_column + 1):
                    cell = cells.get(column) if area.column <= column <= area.last_column else None
                    if cell is not None and cell.holds and not cell.formula:
                        found[row.number, column] = row, cell
        return found
