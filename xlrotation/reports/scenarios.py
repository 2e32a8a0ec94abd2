"""Curves over a column of numbers, one a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.reports.charts import COLUMN_POINTS, Caption, axis_font, grid_lines, place_chart
from xlrotation.reports.kit import reference
from xlrotation.reports.page import Area, Page
from xlrotation.reports.values import Cells
from xlrotation.workbook.output.page.colours import PAPER, legible

_ROOM = (0.11, 4.6), (0.09, 4.2)
"""Share of a drawing that the numbers of its axis and the names of its curves take, at least, and in sizes of their font."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Curves over a column of numbers, one a scenario, each with a dash of its own.

    Attributes:
        caption: Its words.
        key: First part of its figures' keys.
        table: A formula that gives the numbers in its first column and the scenarios in others.
        rows: How many numbers there are.
        curves: Columns of the table, counted from 1, with their names.
    """

    caption: Caption
    key: str
    table: str
    rows: int
    curves: Sequence[tuple[int, str]]

    def write(self, page: Page, area: Area) -> int:
        """Write it."""
        book, values = page.book, page.book.values
        chart = book.chart("scatter", "straight")
        numbers = values.put(f"{self.key}.x", f"INDEX({self.table},,1)", ("0.0",), self.rows)
        looks = (("second", "dash"), ("subject", "solid"), ("third", "round_dot"))
        shown = numbers
        for (column, name), (colour, dash) in zip(self.curves, looks, strict=True):
            shown = values.put(f"{self.key}.c{column}", f"INDEX({self.table},,{column})", ("#,##0",), self.rows)
            chart.add_series(
                {
                    "name": name,
                    "categories": reference(numbers),
                    "values": reference(shown),
                    "line": {"color": book.colour(colour), "width": 2, "dash_type": dash},
                    "marker": {"type": "none"},
                }
            )
            last = Cells(shown.sheet, shown.row + shown.rows - 1, shown.column)
            told = axis_font(book, color=legible(book.colour(colour).lower(), PAPER))
            chart.add_series(
                {
                    "name": name,
                    "categories": reference(Cells(last.sheet, numbers.row + numbers.rows - 1, numbers.column)),
                    "values": reference(last),
                    "line": {"none": True},
                    "marker": {"type": "none"},
                    "data_labels": {"series_name": True, "value": False, "position": "right", "font": told},
                }
            )
        chart.set_legend({"none": True})
        left, right = (max(least, ems * book.size("source") / (COLUMN_POINTS * area.span)) for least, ems in _ROOM)
        plot = {"x": left, "y": 0.04, "width": 1 - left - right, "height": 0.82}
        chart.set_plotarea({"layout": plot})
        font = axis_font(book)
        axis = {"num_format": "0.0", "major_gridlines": grid_lines(book), "label_position": "low", "min": 0, "max": 0.8}
        chart.set_x_axis(axis | {"num_font": font, "name": "", "crossing": 0})
        chart.set_y_axis({"num_format": "#,##0,", "major_gridlines": grid_lines(book), "num_font": font})
        return place_chart(page, area, self.caption, chart, shown)
