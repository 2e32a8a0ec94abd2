"""The blocks of a sheet: what stands together, cut apart at empty rows and columns.

A sheet is cut at the rows in which nothing stands, each piece at its empty columns, and so on until nothing is left to
cut (the XY cut of page analysis): what comes out are tables, texts and charts, side by side or below each other as a
reader sees them. A heading begins a piece as well, also where nothing is empty around it.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlrotation.workbook.formulas.references import Area, Place
from xlrotation.workbook.output.page.charts import Drawn
from xlrotation.workbook.output.page.sheets import Cell, Page


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
    for way, at_charts in ((beside, False), (not beside, False), (False, True), (True, True)):
        pieces = _pieces(used, page, way, at_charts)
        if len(pieces) > 1:
            return Block(area, [_cut(piece, page, not way) for piece in pieces], way)
    return Block(area, [])


def _covered(chart: Drawn) -> set[Place]:
    a = chart.area
    return {(row, column) for row in range(a.row, a.last_row + 1) for column in range(a.column, a.last_column + 1)}


def _pieces(used: set[Place], page: Page, beside: bool, at_charts: bool) -> list[set[Place]]:
    """*used*, cut at lines without a cell, at headings, or also where a chart begins or ends with nothing beside it."""
    across = 1 if beside else 0
    by_line: dict[int, set[Place]] = {}
    for place in used:
        by_line.setdefault(place[across], set()).add(place)
    owners = [(_covered(chart), number) for number, chart in enumerate(page.charts, 1)]
    under_charts = set().union(*(cells for cells, _ in owners))
    headed = _headed(used, page, beside)
    made: list[set[Place]] = []
    last, kinds = 0, frozenset[int]()
    for number in sorted(by_line):
        places = by_line[number]
        kind = frozenset(
            {owner for cells, owner in owners if places & cells} | ({0} if places - under_charts else set())
        )
        if not made or number > last + 1 or number in headed or (at_charts and not kind & kinds):
            made.append(set())
        made[-1] |= places
        last, kinds = number, kind
    return made


def _headed(used: set[Place], page: Page, beside: bool) -> set[int]:
    """Lines that a heading begins: rows; or columns, where headings stand side by side and nothing crosses between."""
    headings = [place for place in used if place in page.cells and is_heading(page.cells[place])]
    if not beside:
        return {row for row, _ in headings}
    top = min(row for row, _ in used)
    columns = {column for row, column in headings if row == top}
    return {column for column in columns if not any(_crosses(area, column) for area in _areas(used, page))}


def _crosses(area: Area, column: int) -> bool:
    return area.column < column <= area.last_column


def _areas(used: set[Place], page: Page) -> list[Area]:
    cells = [(place, page.cells[place]) for place in used if place in page.cells]
    spans = [Area(None, row, column, row, column + cell.columns - 1) for (row, column), cell in cells]
    return spans + [chart.area for chart in page.charts if used & _covered(chart)]


def is_heading(cell: Cell) -> bool:
    """Whether a cell is the heading of what stands under it."""
    return "Heading" in cell.look.style
