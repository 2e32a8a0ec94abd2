"""A sheet as a person sees it: texts, colours and sizes of its cells, its charts, its sparklines."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.workbook.evaluation.numberformat import formatted
from xlrotation.workbook.evaluation.values import Fault, to_text
from xlrotation.workbook.formulas.references import Area, Place, parse_area
from xlrotation.workbook.output.page import conditions
from xlrotation.workbook.output.page.charts import Drawn, Lookup, Value, charts
from xlrotation.workbook.output.page.colours import is_colour
from xlrotation.workbook.package.parts import Package

MOST_CELLS = 200_000
"""Cells of a sheet that becomes a page."""

_TINY = 4
"""Points of a letter that nobody reads: a chart's title stands in such a cell."""

_THEME = ("ffffff", "000000", "e7e6e6", "44546a", "4472c4", "ed7d31", "a5a5a5", "ffc000", "5b9bd5", "70ad47")
"""Office's colours, for cells that name one by its place."""

_WIDTH, _HEIGHT = 8.43, 15.0
"""Letters of a column and points of a row that say nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks; colours as ``#rrggbb``, empty where they are the page's.

    Attributes:
        style: The name of its style.
        ink: The colour of its text.
        fill: What is behind it.
        bold: Whether it is.
        italic: Whether it is.
        size: Points of its letters.
        side: Where its text stands: ``left``, ``right``, ``center``.
        mono: Whether all its letters are of one width.
        bar: The share of the cell that a bar fills, and its colour.
    """

    style: str = "Normal"
    ink: str = ""
    fill: str = ""
    bold: bool = False
    italic: bool = False
    size: float = 10.0
    side: str = "left"
    mono: bool = False
    bar: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that shows something.

    Attributes:
        text: What it shows.
        number: Whether that is a number or a date.
        look: How it looks.
        rows: How many it goes over.
        columns: The same.
        spark: The sparkline in it: its kind, values, colour and the colour of the last one.
        wraps: Whether its text is broken into lines.
    """

    text: str
    number: bool
    look: Look
    rows: int = 1
    columns: int = 1
    spark: tuple[str, tuple[float, ...], str, str] | None = None
    wraps: bool = False


@dataclass(slots=True)
class Page:
    """A sheet: its cells that show something by place, the widths of its columns in pixels, and its charts."""

    name: str
    cells: dict[Place, Cell] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    charts: list[Drawn] = field(default_factory=list)


def read_page(package: Package, book: Any, name: str, held: conditions.Held) -> Page:
    """A sheet of a filled workbook.

    Args:
        package: The workbook's file.
        book: The same as openpyxl reads it, with values.
        name: The sheet.
        held: Where its conditional formats hold.

    Raises:
        BadWorkbook: A part is damaged.
        RotationError: The sheet is too large.
    """
    sheet = book[name]
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        raise RotationError(f"{package.path}: {name} has more than {MOST_CELLS:,} cells, too many for one page")
    page = Page(name)
    lookup = _lookup(book)
    page.charts = list(charts(package, name, lookup))
    _measure(sheet, page)
    covered = {place for chart in page.charts for place in _places(chart.area)}
    hidden = {row for row, height in page.heights.items() if not height}
    merged = {
        (r.min_row, r.min_col): (r.max_row - r.min_row + 1, r.max_col - r.min_col + 1)
        for r in sheet.merged_cells.ranges
    }
    sparks = dict(_sparklines(package, name, lookup))
    rules = conditions.read(sheet, held)
    for row in sheet.iter_rows():
        for cell in row:
            place = (cell.row, cell.column)
            if place in covered or cell.row in hidden or not page.widths.get(cell.column, 1):
                continue
            text, spark = shown(cell), sparks.get(place)
            look = _look(cell)
            if (not text and spark is None) or look.size <= _TINY:
                continue
            look = replace(look, **rules.of(place, _plain(cell.value)))
            rows, columns = merged.get(place, (1, 1))
            number = isinstance(cell.value, int | float | dt.date | dt.time) and not isinstance(cell.value, bool)
            page.cells[place] = Cell(text, number, look, rows, columns, spark, bool(cell.alignment.wrap_text))
    return page


def shown(cell: Any) -> str:
    """What a cell of openpyxl shows."""
    value, form = cell.value, str(cell.number_format or "General")
    if value is None:
        return ""
    if cell.data_type == "e":
        return str(value)
    number = _plain(value)
    if isinstance(number, bool) or number is None:
        return to_text(number)
    try:
        return formatted(number, form)
    except Fault:
        return "#" * 4 if isinstance(number, float) else number


def _plain(value: object) -> Value | bool:
    from openpyxl.utils import datetime as days

    to_excel: Any = days.to_excel
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return float(to_excel(value))
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    return None if value is None else str(value)


def _look(cell: Any) -> Look:
    font, align = cell.font, cell.alignment
    side = align.horizontal if align.horizontal in ("left", "right", "center") else ""
    numeric = isinstance(cell.value, int | float | dt.date) and not isinstance(cell.value, bool)
    return Look(
        style=str(cell.style or "Normal"),
        ink=colour(font.color),
        fill=colour(cell.fill.fgColor) if cell.fill.fill_type == "solid" else "",
        bold=bool(font.b),
        italic=bool(font.i),
        size=float(font.sz or 10),
        side=side or ("right" if numeric else "left"),
        mono=str(font.name or "").startswith(("Consolas", "Courier")),
    )


def colour(found: Any) -> str:
    """A colour of openpyxl as ``#rrggbb``; empty where it says none."""
    if found is None:
        return ""
    if found.type == "rgb" and isinstance(found.rgb, str):
        text = f"#{found.rgb[-6:].lower()}"
        return text if is_colour(text) else ""
    if found.type == "theme" and isinstance(found.theme, int) and found.theme < len(_THEME):
        return "" if found.theme == 1 else f"#{_THEME[found.theme]}"
    return ""


def _measure(sheet: Any, page: Page) -> None:
    """Widths of columns and heights of rows in pixels; 0 for hidden ones."""
    for letters, dimension in sheet.column_dimensions.items():
        first = dimension.min or parse_area(f"{letters}1").column  # type: ignore[union-attr]
        for column in range(first, min(dimension.max or first, first + 500) + 1):
            width = dimension.width if dimension.width is not None else _WIDTH
            page.widths[column] = 0.0 if dimension.hidden else round(width * 7 + 5)
    for row, dimension in sheet.row_dimensions.items():
        if dimension.hidden or dimension.height is not None:
            page.heights[row] = 0.0 if dimension.hidden else dimension.height * 4 / 3


def width_of(page: Page, first: int, last: int) -> float:
    """The width of columns in pixels."""
    return sum(page.widths.get(column, _WIDTH * 7 + 5) for column in range(first, last + 1))


def height_of(page: Page, first: int, last: int) -> float:
    """The height of rows in pixels."""
    return sum(page.heights.get(row, _HEIGHT * 4 / 3) for row in range(first, last + 1))


def _places(area: Area) -> Iterator[Place]:
    for row in range(area.row, area.last_row + 1):
        for column in range(area.column, area.last_column + 1):
            yield row, column


def _lookup(book: Any) -> Lookup:
    by_name = {sheet.title.lower(): sheet for sheet in book.worksheets}

    def values(area: Area) -> Sequence[Value] | None:
        sheet = by_name.get((area.sheet or "").lower())
        if sheet is None or area.size > 100_000:
            return None
        found: list[Value] = []
        for row in sheet.iter_rows(area.row, area.last_row, area.column, area.last_column):
            for cell in row:
                value = None if cell.data_type == "e" else _plain(cell.value)
                found.append(float(value) if isinstance(value, bool) else value)
        return found

    return values


def _sparklines(
    package: Package, name: str, lookup: Lookup
) -> Iterator[tuple[Place, tuple[str, tuple[float, ...], str, str]]]:
    root = package.tree(package.sheets[name])
    for group in root.iter("{*}sparklineGroup"):
        kind = "bar" if group.get("type") in ("column", "stacked") else "line"
        colours = {str(item.tag).rpartition("}")[2]: f"#{str(item.get('rgb', ''))[-6:].lower()}" for item in group}
        main = colours.get("colorSeries", "")
        last = colours.get("colorLast", "") if group.get("last") == "1" else ""
        for item in group.iter("{*}sparkline"):
            cells, where = parse_area(str(item.findtext("{*}f"))), parse_area(str(item.findtext("{*}sqref")))
            if cells is None or where is None:
                continue
            area = cells if cells.sheet else replace(cells, sheet=name)
            values = tuple(v if isinstance(v, float) else math.nan for v in lookup(area) or ())
            if any(not math.isnan(value) for value in values):
                yield (
                    (where.row, where.column),
                    (
                        *(kind, values),
                        *(main if is_colour(main) else "#0072b2", last if is_colour(last) else ""),
                    ),
                )
