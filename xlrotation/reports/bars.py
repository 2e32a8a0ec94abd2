"""Horizontal bars, sorted by what they show."""

from __future__ import annotations

from dataclasses import dataclass

from xlrotation.reports import colouring
from xlrotation.reports.charts import COLUMN_POINTS, Caption, axis_font, place_chart
from xlrotation.reports.kit import Book, reference
from xlrotation.reports.page import Area, Page
from xlrotation.reports.values import Cells

_LABEL = 0.22
"""Room for a number at the end of the longest bars, as a share of what all of them span."""
_NAMES = 95.0
"""Points that the names of bars take."""


def _without_zero(number_format: str) -> str:
    """A label's format that says nothing at 0: a bar of another colour stands there."""
    parts = number_format.split(";")
    return ";".join((*parts[:2], "")) if len(parts) > 1 else f"{number_format};-{number_format};"


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, the best on top, in the colours of up and down that the reader has chosen.

    Attributes:
        caption: Its words.
        key: First part of its figures' keys.
        names: The key of the cells that name the bars.
        values: The key of their values.
        rows: How many there are.
        number_format: Of their labels.
        plain: Whether they have no up and down, and one colour.
    """

    caption: Caption
    key: str
    names: str
    values: str
    rows: int
    number_format: str = "+0.0%;-0.0%;0.0%"
    plain: bool = False

    @property
    def least(self) -> int:
        """Rows that it has at least: a bar whose row is too low for its name loses it."""
        return self.rows + 1

    def write(self, page: Page, area: Area) -> int:
        """Write it: a series a colour, because LibreOffice has one colour a series."""
        book, values = page.book, page.book.values
        chart = book.chart("bar")
        names = values.put(f"{self.key}.names", f'IFERROR({self.names}&"","")', ("@",), self.rows)
        shown = values.put(
            f"{self.key}.values", f'IF(ISNUMBER({self.values}),{self.values},"")', (self.number_format,), self.rows
        )
        tests = [("TRUE", book.colour("subject"))] if self.plain else self._tests(book, shown)
        for place, (test, colour) in enumerate(tests):
            formula = f'IF({test},{shown.area},"")'
            part = values.put(f"{self.key}.colour{place}", formula, (self.number_format,), self.rows)
            chart.add_series(
                {
                    "categories": reference(names),
                    "values": reference(part),
                    "fill": {"color": colour},
                    "gap": 35,
                    "overlap": 100,
                    "data_labels": {
                        "value": True,
                        "num_format": _without_zero(self.number_format),
                        "font": axis_font(book),
                    },
                }
            )
        chart.add_series({"values": reference(self._room(book, shown)), "fill": {"none": True}})
        chart.set_legend({"none": True})
        chart.set_y_axis(
            {
                "reverse": True,
                "interval_unit": 1,
                "label_position": "low",
                "num_font": axis_font(book),
                "line": {"none": True},
            }
        )
        chart.set_x_axis({"label_position": "none", "major_gridlines": {"visible": False}, "line": {"none": True}})
        room = min(0.5, _NAMES / (COLUMN_POINTS * area.span))
        chart.set_plotarea({"layout": {"x": room, "y": 0.02, "width": 0.98 - room, "height": 0.96}})
        return place_chart(page, area, self.caption, chart, shown, least=self.least)

    def _room(self, book: Book, shown: Cells) -> Cells:
        """Two values beyond the longest bars, not drawn: room for the labels at the ends of these."""
        low, high = (f"{end}(IF(ISNUMBER({shown.area}),{shown.area},0))" for end in ("MIN", "MAX"))
        beyond = f"{_LABEL}*({high}-{low})"
        ends = [
            book.values.put(f"{self.key}.min", f"IF({low}<0,{low}-{beyond},0)"),
            book.values.put(f"{self.key}.max", f"IF({high}>0,{high}+{beyond},0)"),
        ]
        return Cells(ends[0].sheet, ends[0].row, ends[0].column, 2)

    @staticmethod
    def _tests(book: Book, shown: Cells) -> list[tuple[str, str]]:
        return [
            (f"{colouring.is_chosen(book, palette)}*({shown.area}{sign}0)", colour)
            for palette, pair in book.theme.market.items()
            for sign, colour in zip((">=", "<"), pair, strict=True)
        ]
