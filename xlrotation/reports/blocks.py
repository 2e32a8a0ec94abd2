"""Blocks that report sheets are made of: lines of label and value, tables of returns, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.kit import BLUE, DARK, GREY, ORANGE, PERCENT, Book

WINDOWS = ("1D", "5D", "20D", "YTD")
"""Of tables of returns."""

GRID = {"visible": True, "line": {"color": "#E0E0E0"}}
WINDOW_NAMES = {
    "1D": Text("1 session"),
    "5D": Text("5 sessions"),
    "20D": Text("20 sessions"),
    "3M": Text("3 months"),
    "1Y": Text("1 year"),
    "MTD": Text("Month to date"),
    "YTD": Text("Year to date"),
}


class Line(NamedTuple):
    """A label and the formula beside it.

    Attributes:
        text: The label.
        formula: The formula, without its leading sign.
        number_format: Of the value.
        note: What the value means or where it comes from.
    """

    text: Text
    formula: str
    number_format: str
    note: Text | None = None


def lines(book: Book, sheet: Worksheet, row: int, items: Sequence[Line], note_column: int = 2) -> int:
    """Rows of label and value, with a note where one is given; returns the row after."""
    for place, item in enumerate(items):
        book.label(sheet, row + place, 0, item.text, place)
        book.value(sheet, row + place, 1, f"={item.formula}", item.number_format, place)
        if item.note is not None:
            book.text(sheet, row + place, note_column, item.note, font_color=GREY, font_size=9)
    return row + len(items)


def window_heads(windows: Sequence[str]) -> tuple[Text, ...]:
    """Heads of window columns."""
    return tuple(WINDOW_NAMES[window] for window in windows)


def returns(book: Book, sheet: Worksheet, row: int, title: Text, symbols: Sequence[tuple[str, Text]]) -> int:
    """A table of returns, symbols by :data:`WINDOWS`, filled by one formula; returns the row after."""
    windows, last_column = WINDOWS, 1 + len(WINDOWS)
    book.heading(sheet, row, title, last_column)
    book.heads(sheet, row + 1, (Text("Name"), Text("Symbol"), *window_heads(windows)), left=2)
    for column, window in enumerate(windows, 2):
        sheet.write_string(row + 2, column, window, book.style(font_color=GREY, align="right", font_size=8))
    first = row + 3
    for place, (ticker, name) in enumerate(symbols):
        book.label(sheet, first + place, 0, name, place)
        sheet.write_string(first + place, 1, ticker, book.body("@", place))
    last = first + len(symbols)
    right = chr(ord("A") + last_column)
    formula = f"=PX_RET(B{first + 1}:B{last},C{row + 3}:{right}{row + 3},asof)"
    book.table(sheet, first, 2, len(symbols), len(windows), formula, PERCENT)
    return last


SCALE: Mapping[str, Any] = {
    "type": "3_color_scale",
    "min_color": "#E9A27C",
    "mid_color": "#FFFFFF",
    "max_color": "#7FB8DA",
    "mid_type": "num",
    "mid_value": 0,
}
"""Colours around zero, for a heat map."""


def heat(sheet: Worksheet, row: int, column: int, rows: int, columns: int) -> None:
    """Colours around zero, each column on its own scale."""
    for place in range(column, column + columns):
        sheet.conditional_format(row, place, row + rows - 1, place, dict(SCALE))


def sectors(book: Book, sheet: Worksheet, row: int, title: Text, sorted_by: str) -> range:
    """The sectors by :data:`WINDOWS` with their spread below; returns the rows of the sectors."""
    book.heading(sheet, row, title, 5)
    book.heads(sheet, row + 1, (Text("Sector"), Text("Symbol"), *window_heads(WINDOWS)), left=2)
    rows = range(row + 2, row + 2 + len(SECTORS))
    formula = f'=ROT_SECTOR_TABLE("{" ".join(WINDOWS)}",asof,"{sorted_by}",,FALSE,lang)'
    book.table(sheet, rows.start, 0, len(rows), 2 + len(WINDOWS), formula, "@", "@", PERCENT)
    heat(sheet, rows.start, 2, len(rows), len(WINDOWS))
    book.label(sheet, rows.stop, 0, Text("Best minus worst sector"))
    book.label(sheet, rows.stop, 1, "")
    windows = ",".join(f'"{window}"' for window in WINDOWS)
    book.table(sheet, rows.stop, 2, 1, len(WINDOWS), f"=ROT_SECTOR_SPREAD({{{windows}}},asof)", PERCENT)
    return rows


class Place(NamedTuple):
    """A column of cells on a sheet, as charts name it."""

    sheet: str
    column: int
    first: int
    last: int

    @property
    def reference(self) -> list[object]:
        """The list that XlsxWriter takes."""
        return [self.sheet, self.first, self.column, self.last, self.column]

    @property
    def numbers(self) -> list[int]:
        """Placeholders that tell a chart that these cells hold numbers or dates, which it cannot see when it is built."""
        return [0] * (self.last - self.first + 1)


class Drawing(NamedTuple):
    """A chart's place and words.

    Attributes:
        sheet: Where it stands.
        name: That sheet's name.
        row: The row it begins in.
        title: Its title, which follows the language cell.
        alt: What it shows, for those who cannot see it.
        width: In pixels.
        height: In pixels.
        column: The column it begins in.
    """

    sheet: Worksheet
    name: str
    row: int
    title: Text
    alt: str
    width: int = 770
    height: int = 280
    column: int = 0


def put(book: Book, drawing: Drawing, chart: Chart) -> int:
    """Insert a chart under its title; returns the row after it."""
    letter = chr(ord("A") + drawing.column)
    hidden = {"font_color": "#FFFFFF", "font_size": 2}
    book.text(drawing.sheet, drawing.row, drawing.column, drawing.title, **hidden)
    title = f"='{drawing.name}'!${letter}${drawing.row + 1}"
    chart.set_title({"name": title, "name_font": {"size": 11, "color": DARK}})
    chart.set_size({"width": drawing.width, "height": drawing.height})
    options = {"description": drawing.alt, "x_offset": 5, "y_offset": 4}
    drawing.sheet.insert_chart(drawing.row, drawing.column, chart, options)
    return drawing.row + drawing.height // 20 + 2


def bars(book: Book, drawing: Drawing, names: Place, values: Place, number_format: str = "0.0%") -> int:
    """Horizontal bars, the first on top, negative ones in another colour."""
    chart = book.chart("bar")
    chart.add_series(
        {
            "categories": names.reference,
            "values": values.reference,
            "fill": {"color": BLUE},
            "invert_if_negative": True,
            "invert_if_negative_color": ORANGE,
            "gap": 40,
            "data_labels": {"value": True, "num_format": number_format, "font": {"size": 8}},
        }
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 8}})
    chart.set_x_axis({"num_format": number_format, "major_gridlines": GRID})
    return put(book, drawing, chart)


class Curve(NamedTuple):
    """A line of a chart: the cell that names it, its values, its colour, and whether it belongs to the right axis."""

    name: str
    values: Place
    colour: str
    right: bool = False
    dashed: bool = False


def curves(
    book: Book,
    drawing: Drawing,
    dates: Place,
    series: Sequence[Curve],
    number_format: str = "0.0",
    right_format: str = "0.0",
    interval: int = 20,
    highest: float | None = None,
    lowest: float | None = None,
) -> int:
    """Lines over dates."""
    chart = book.chart("line")
    for curve in series:
        line = {"color": curve.colour, "width": 1.75}
        chart.add_series(
            {
                "name": curve.name,
                "categories": dates.reference,
                "categories_data": dates.numbers,
                "values": curve.values.reference,
                "line": line | ({"dash_type": "dash"} if curve.dashed else {}),
                "y2_axis": curve.right,
            }
        )
    chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
    _date_axis(chart, interval)
    ends = {key: end for key, end in (("min", lowest), ("max", highest)) if end is not None}
    chart.set_y_axis({"num_format": number_format, "major_gridlines": GRID} | ends)
    if any(curve.right for curve in series):
        chart.set_y2_axis({"num_format": right_format})
    return put(book, drawing, chart)


def banded(
    book: Book,
    drawing: Drawing,
    dates: Place,
    bands: Sequence[tuple[str, Place, str]],
    line: Curve,
    highest: float,
    interval: int = 20,
) -> int:
    """A line over coloured bands: each band is its height, stacked on those below it."""
    chart = book.chart("area", "stacked")
    chart_line = book.chart("line")
    for name, values, colour in bands:
        fill = {"color": colour, "transparency": 45}
        cells = {"categories": dates.reference, "categories_data": dates.numbers, "values": values.reference}
        chart.add_series({"name": name, "fill": fill, **cells})
    chart_line.add_series(
        {
            "name": line.name,
            "categories": dates.reference,
            "categories_data": dates.numbers,
            "values": line.values.reference,
            "line": {"color": line.colour, "width": 2},
        }
    )
    chart.combine(chart_line)
    chart.set_legend({"position": "bottom"})
    _date_axis(chart, interval)
    chart.set_y_axis({"num_format": "0", "max": highest, "min": 0, "major_gridlines": GRID})
    return put(book, drawing, chart)


def _date_axis(chart: Chart, interval: int) -> None:
    chart.set_x_axis(
        {
            "label_position": "low",
            "num_format": "mm-dd",
            "date_axis": True,
            "major_unit": round(interval * 7 / 5),
            "major_unit_type": "days",
            "num_font": {"size": 8},
        }
    )
