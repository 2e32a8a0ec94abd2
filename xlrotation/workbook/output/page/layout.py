"""The blocks of a sheet: what stands together, cut apart at empty rows and columns.

A sheet is cut at the rows in which nothing stands, each piece at its empty columns, and so on until nothing is left to
cut (the XY cut of page analysis): what comes out are tables, texts and charts, side by side or below each other as a
reader sees them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlrotation.workbook.formulas.references import Area, Place
from xlrotation.workbook.output.page.charts import Drawn
from xlrotation.workbook.output.page.sheets import Page


@dataclass(slots=True)
class Block:
    """A piece of a sheet.

    Attributes:
        area: Where it stands.
        parts: Its pieces, below each other or side by side; none in what is not cut further.
        beside: Whether they stand side by side.
        chart: The chart that it is.
    """

    area: Area
    parts: list[Block]
    beside: bool = False
    chart: Drawn | None = None


def blocks(page: Page) -> Block | None:
    """The blocks of a page; None of an empty one."""
    used: set[Place] = set()
    spans: list[Area] = []
    for (row, column), cell in page.cells.items():
        spans.append(Area(None, row, column, row + cell.rows - 1, column + cell.columns - 1))
    spans += [chart.area for chart in page.charts]
    for span in spans:
        for row in range(span.row, span.last_row + 1):
            used.update((row, column) for column in range(span.column, span.last_column + 1))
    return _cut(used, page, False) if used else None


def _cut(used: set[Place], page: Page, beside: bool) -> Block:
    rows, columns = sorted({row for row, _ in used}), sorted({column for _, column in used})
    area = Area(None, rows[0], columns[0], rows[-1], columns[-1])
    for chart in page.charts:
        if used <= _covered(chart):
            return Block(area, [], chart=chart)
    for way in (beside, not beside):
        pieces = _pieces(used, page, way)
        if len(pieces) > 1:
            return Block(area, [_cut(piece, page, not way) for piece in pieces], way)
    return Block(area, [])


def _covered(chart: Drawn) -> set[Place]:
    a = chart.area
    return {(row, column) for row in range(a.row, a.last_row + 1) for column in range(a.column, a.last_column + 1)}


def _pieces(used: set[Place], page: Page, beside: bool) -> list[set[Place]]:
    """*used*, cut at lines without a cell, and where charts begin or end without anything beside them."""
    line: Callable[[Place], int] = (lambda place: place[1]) if beside else (lambda place: place[0])
    by_line: dict[int, set[Place]] = {}
    for place in used:
        by_line.setdefault(line(place), set()).add(place)
    owners = [(_covered(chart), number) for number, chart in enumerate(page.charts, 1)]
    made: list[set[Place]] = []
    before: tuple[int, frozenset[int]] | None = None
    for number in sorted(by_line):
        places = by_line[number]
        owned = {owner for cells, owner in owners if places & cells}
        bare = not places <= set().union(*(cells for cells, _ in owners)) if owners else True
        kind = frozenset(owned | ({0} if bare else set()))
        apart = before is None or number > before[0] + 1 or not (kind & before[1])
        if apart:
            made.append(set())
        made[-1] |= places
        before = (number, kind)
    return made
