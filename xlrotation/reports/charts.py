"""Blocks that are charts: under a heading that says what is shown and in what unit, over a line that says whence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.chart import Chart

from xlrotation.languages import Text, known
from xlrotation.reports import colouring
from xlrotation.reports.choosing import expression, quoted
from xlrotation.reports.endings import apart, label_heights
from xlrotation.reports.frames import Frame
from xlrotation.reports.kit import Book, reference
from xlrotation.reports.page import COLUMNS, Area, Page
from xlrotation.reports.paper import ROW_POINTS, width_of
from xlrotation.reports.values import Cells
from xlrotation.workbook.output.page.colours import PAPER, legible

_NOTHING = Text("n/a: the data hold no values of it; Notes says why")
_WITH_SHADE = Text("{unit}; grey: {days}")
_FEW = 4
"""Lines up to which each is named at its end, without a legend."""
COLUMN_POINTS = 38.25
"""Width of a column of the page in points, in a program that takes the narrowest."""
_LEFT, _NUMBERS = 0.13, 30.0
"""Share of a drawing that the numbers of its axis take at most, and their points."""
_FILLED = 0.95
"""Share of an axis that its values take at most, where a program chooses its end."""
_PLOT, _NAME_POINTS = 0.78, 10.5
"""Share of a drawing's height that its plot takes, and points of a name in it."""


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a chart.

    Attributes:
        title: What it shows.
        unit: What its axis counts, under the title.
        alt: What it shows, for those who cannot see it.
        height: Rows of the page that the drawing takes.
    """

    title: Text
    unit: Text
    alt: str
    height: int = 13


def place_chart(
    page: Page,
    area: Area,
    caption: Caption,
    chart: Chart,
    shown: Cells,
    dates: Cells | None = None,
    shade: Text | None = None,
    least: int = 0,
) -> int:
    """Write the words and insert the drawing; returns the rows taken."""
    book = page.book
    page.heading(area, caption.title, lacking=f"COUNT({shown.area})=0")
    unit = expression(caption.unit)
    if shade is not None:
        unit = expression(_WITH_SHADE, unit=unit, days=expression(shade))
    whole = caption.unit if shade is None else _WITH_SHADE.of(unit=caption.unit, days=shade)
    lines = page.lines(
        max(width_of(whole.into(lang)) for lang in known()) * book.size("source") / book.size("body"), area.span
    )
    unit = f"=IF(COUNT({shown.area})=0,{expression(_NOTHING)},{unit})"
    page.remark(Area(area.row + 1, area.column, area.span), unit, lines, "bottom")
    chart.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    chart.chart_name = shown.area  # by which an export knows whether it shows anything
    height = max(least, page.least, caption.height + page.stretch)
    page.draw(chart, Area(area.row + 2, area.column, area.span), height, caption.alt, shown.area)
    day = f'IFERROR(TEXT({dates.at(-1)},"yyyy-mm-dd"),missing)' if dates else 'TEXT({session},"yyyy-mm-dd")'
    source = expression(Text("Source: {source}, to {day}"), source="data_source", day=book.values.resolved(day))
    last = area.row + 2 + height
    said = f'=IF(COUNT({shown.area})=0,"",IFERROR({source},data_source))'
    page.remark(Area(last, area.column, area.span), said)
    colouring.where_blank(book, page.sheet, (area.row, area.column), (last, area.column))
    return 3 + height


def band_top(highest: str, least: float) -> str:
    """The expression of where the uppermost band ends, which has no end: an axis leaves a twentieth free above it.

    Args:
        highest: An expression for the highest value of the line.
        least: Where it ends at least.
    """
    return f"{_FILLED}*MAX({least},CEILING({highest}/{_FILLED}+1,10))"


def grid_lines(book: Book) -> dict[str, Any]:
    """The lines behind a chart."""
    return {"visible": True, "line": {"color": book.colour("grid"), "width": 0.5}}


def axis_font(book: Book, **more: object) -> dict[str, Any]:
    """The font of words and numbers in a chart."""
    return {"size": book.size("source"), "color": book.colour("quiet"), **more}


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a chart.

    Attributes:
        series: Its column of the frame.
        colour: What it is, in the theme's words: ``subject``, ``comparison``, ...
        right: Whether it belongs to the right axis.
        dashed: Whether it is dashed.
        label: What stands at its end, where the head of its column is too long for that.
    """

    series: str
    colour: str = "subject"
    right: bool = False
    dashed: bool = False
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Shade:
    """A band behind a chart that marks days.

    Attributes:
        series: A column of the frame: 1 on the days that are marked, 0 on the others.
        text: What they have in common; it stands beside the unit.
    """

    series: str
    text: Text


@dataclass(frozen=True, slots=True)
class Paths:
    """Lines over dates, each named at its end; a legend names them where there are many, or two axes."""

    caption: Caption
    frame: Frame
    curves: Sequence[Curve]
    number_format: str = "0.0"
    right_format: str = "0.0"
    lowest: float | None = None
    highest: float | None = None
    shade: Shade | None = None

    def write(self, page: Page, area: Area) -> int:
        """Write it."""
        book, chart = page.book, page.book.chart("line")
        two_axes = any(curve.right for curve in self.curves)
        named = 1 < len(self.curves) <= _FEW and not two_axes
        for curve in self.curves:
            line: dict[str, Any] = {"color": book.colour(curve.colour), "width": 1.75}
            chart.add_series(
                {
                    "name": f"={self.frame.head(curve.series)}",
                    **_over(self.frame),
                    "values": reference(self.frame.cells(curve.series)),
                    "line": line | ({"dash_type": "dash"} if curve.dashed else {}),
                    "y2_axis": curve.right,
                }
            )
        if named:
            self._named_at_ends(page, chart, area.span)
        else:
            _gaps(chart, self.frame)
            _legend(book, chart, len(self.curves), sum(not curve.right for curve in self.curves))
        _dates(book, chart, self.frame.rows, 4 if named else 6)
        ends = {key: end for key, end in (("min", self.lowest), ("max", self.highest)) if end is not None}
        font = axis_font(book)
        chart.set_y_axis(
            {"num_format": self.number_format, "major_gridlines": grid_lines(book), "num_font": font} | ends
        )
        if two_axes:
            chart.set_y2_axis({"num_format": self.right_format, "num_font": font})
        if self.shade is not None:
            _shaded(book, chart, self.frame, self.shade)
        shown = self._shown()
        also = None if self.shade is None else self.shade.text
        return place_chart(page, area, self.caption, chart, shown, self.frame.cells("date"), also)

    def _shown(self) -> Cells:
        """The cells of its lines where they stand beside each other, else those of the first."""
        cells = [self.frame.cells(curve.series) for curve in self.curves]
        columns = [one.column for one in cells]
        first = cells[0]
        if sorted(columns) != list(range(min(columns), max(columns) + 1)):
            return first
        return Cells(first.sheet, first.row, min(columns), first.rows, len(columns))

    def _named_at_ends(self, page: Page, chart: Chart, span: int) -> None:
        """Names at the right ends of the lines, in their colours."""
        book = page.book
        bounds = None if None in (self.lowest, self.highest) else f"({self.highest}-({self.lowest}))"
        heights = label_heights(book, self.frame, [curve.series for curve in self.curves], bounds)
        texts = [curve.label or self.frame.text(curve.series) for curve in self.curves]
        colours = [book.colour(curve.colour) for curve in self.curves]
        room = _named(book, chart, self.frame, list(zip(texts, heights, colours, strict=True)), span)
        chart.set_plotarea({"layout": room})


def _named(
    book: Book, chart: Chart, frame: Frame, names: Sequence[tuple[Text | str, str, str]], span: int
) -> dict[str, float]:
    """Put names, each with its height and colour, at the right end: series of one point, their other cells blank.

    Returns the place that they leave for the plot.
    """
    widest = 0.0
    for text, height, colour in names:
        said = [text.into(lang) for lang in known()] if isinstance(text, Text) else [text]
        widest = max(widest, *map(width_of, said))
        told = expression(text) if isinstance(text, Text) else quoted(text)
        # words that are held together by other spaces are not broken into lines
        head, cells = frame.end(book, f'SUBSTITUTE({told}," ",_xlfn.UNICHAR(160))', height)
        font = axis_font(book, color=legible(colour.lower(), PAPER))
        chart.add_series(
            {
                "name": f"={head.at()}",
                **_over(frame),
                "values": reference(cells),
                "line": {"none": True},
                "marker": {"type": "none"},
                "data_labels": {"series_name": True, "value": False, "position": "right", "font": font},
            }
        )
    chart.set_legend({"none": True})
    room = min(0.3, (widest * book.size("source") + 8) / (COLUMN_POINTS * span))
    left = min(_LEFT, _NUMBERS / (COLUMN_POINTS * span))
    return {"x": left, "y": 0.05, "width": 0.97 - left - room, "height": _PLOT}


def _shaded(book: Book, chart: Chart, frame: Frame, shade: Shade) -> None:
    """Mark days by an area on an axis of its own, from the bottom to the top of the drawing."""
    area = book.chart("area")
    area.add_series(
        {
            "name": f"={frame.head(shade.series)}",
            **_over(frame),
            "values": reference(frame.cells(shade.series)),
            "fill": {"color": book.colour("comparison"), "transparency": 75},
            "border": {"none": True},
            "y2_axis": True,
        }
    )
    # an axis that is deleted is none for LibreOffice, which would draw the area along the lines' own
    unseen = {"label_position": "none", "major_tick_mark": "none", "line": {"none": True}}
    area.set_y2_axis({"min": 0, "max": 1, "major_gridlines": {"visible": False}, **unseen})
    chart.combine(area)


def _over(frame: Frame) -> dict[str, object]:
    """Categories of a chart over dates; a placeholder tells that they are dates, which cannot be seen yet."""
    dates = frame.axis  # an axis with a date that is none would be one of words
    return {"categories": reference(dates), "categories_data": [0] * dates.rows}


def _gaps(chart: Chart, frame: Frame) -> None:
    """A series of nothing: LibreOffice leaves gaps for #N/A only where a series has blank cells, and draws 0 otherwise."""
    nothing = {"none": True}
    chart.add_series({"values": reference(frame.blank), "line": nothing, **_over(frame), "name": " "})


def _legend(book: Book, chart: Chart, curves: int, left: int) -> None:
    """Name the curves; the series of nothing stands behind those of the left axis, and before those of the right."""
    options = {"position": "top", "delete_series": [left], "font": axis_font(book)}
    chart.set_legend(options if curves > 1 else {"none": True})


def _dates(book: Book, chart: Chart, rows: int, names: int = 6) -> None:
    chart.set_x_axis(
        {
            "label_position": "low",
            "num_format": "mm-dd",
            "date_axis": True,
            "major_unit": max(7, round(rows / names * 7 / 5)),
            "major_unit_type": "days",
            "num_font": axis_font(book),
            "line": {"color": book.colour("comparison")},
        }
    )


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of levels.

    Attributes:
        series: Its series, which holds how high it is.
        colour: Its colour.
        label: What stands beside it, where the head of its column is too long for that.
    """

    series: str
    colour: str
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Banded:
    """A line over coloured bands, each named at its right end: a band is stacked on those below it."""

    caption: Caption
    frame: Frame
    series: str
    bands: Sequence[Band]
    highest: float | None = None

    def write(self, page: Page, area: Area) -> int:
        """Write it."""
        book = page.book
        chart, line = book.chart("area", "stacked"), book.chart("line")
        for band in self.bands:
            chart.add_series(
                {
                    "name": f"={self.frame.head(band.series)}",
                    **_over(self.frame),
                    "values": reference(self.frame.cells(band.series)),
                    "fill": {"color": band.colour},
                    "border": {"none": True},
                }
            )
        line.add_series(
            {
                "name": f"={self.frame.head(self.series)}",
                **_over(self.frame),
                "values": reference(self.frame.cells(self.series)),
                "line": {"color": book.colour("dark"), "width": 2},
            }
        )
        room = self._named_beside(page, line, area.span)
        chart.combine(line)
        chart.set_legend({"none": True})
        chart.set_plotarea({"layout": room})
        _dates(book, chart, self.frame.rows, 6 if area.span == COLUMNS else 4)
        ends = {} if self.highest is None else {"max": self.highest}
        axis = {"num_format": "0", **ends, "min": 0, "major_gridlines": grid_lines(book)}
        chart.set_y_axis(axis | {"num_font": axis_font(book)})
        return place_chart(page, area, self.caption, chart, self.frame.cells(self.series), self.frame.cells("date"))

    def _named_beside(self, page: Page, line: Chart, span: int) -> dict[str, float]:
        """Names of the bands in the middle of their heights, as far as these are not too low for that."""
        tops = [self.frame.cells(band.series).at(-1) for band in self.bands]
        middles = ["+".join([*tops[:n], f"{top}/2"]) for n, top in enumerate(tops)]
        share = _NAME_POINTS / (_PLOT * ROW_POINTS * (self.caption.height + page.stretch))
        heights = apart(page.book, self.frame, middles, f"({'+'.join(tops)})", share)
        texts = [band.label or self.frame.text(band.series) for band in self.bands]
        colours = [band.colour for band in self.bands]
        return _named(page.book, line, self.frame, list(zip(texts, heights, colours, strict=True)), span)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns over dates, those below zero in another colour."""

    caption: Caption
    frame: Frame
    series: str
    number_format: str = "0"

    def write(self, page: Page, area: Area) -> int:
        """Write it: a series a sign, because LibreOffice has one colour a series."""
        book, chart = page.book, page.book.chart("column")
        cells = self.frame.cells(self.series)
        for sign, colour in ((">=", "subject"), ("<", "second")):
            key = f"{self.frame.key}.{self.series}.{'up' if sign == '>=' else 'down'}"
            part = book.values.put(key, f'IF({cells.area}{sign}0,{cells.area},"")', (self.number_format,), cells.rows)
            chart.add_series(
                {
                    **_over(self.frame),
                    "values": reference(part),
                    "fill": {"color": book.colour(colour)},
                    "gap": 30,
                    "overlap": 100,
                }
            )
        _gaps(chart, self.frame)
        chart.set_legend({"none": True})
        _dates(book, chart, self.frame.rows)
        chart.set_y_axis(
            {"num_format": self.number_format, "major_gridlines": grid_lines(book), "num_font": axis_font(book)}
        )
        return place_chart(page, area, self.caption, chart, cells, self.frame.cells("date"))
