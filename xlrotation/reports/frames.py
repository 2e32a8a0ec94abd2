"""Series behind the charts: a sheet of dates, oldest first, with a column a series; the last row is always the newest.

Fewer sessions than rows leave the first rows without a value (#N/A, a gap in a chart), never the last ones: a formula
that wants the newest value takes the last row, and no row is filled from a blank date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.reports.kit import DATE, POINTS, Book
from xlrotation.reports.values import Cells

_DAYS = 1.4
"""From one session to the next, on the average."""


@dataclass(frozen=True, slots=True)
class Series:
    """A column of a frame.

    Attributes:
        key: Its name: ``{frame.key}`` is the whole of it, ``{frame.key.last}`` its newest value, ``{frame.key.back1}``
            that of the session before, ``{frame.key.back5}`` that of five sessions before.
        head: What it is.
        formula: A formula over ``{dates}``; or, where ``dated``, one that gives dates and values by itself.
        number_format: Of its values.
        dated: Whether the formula gives a table of dates and values, which are put beside the frame's own dates.
    """

    key: str
    head: Text | str
    formula: str
    number_format: str = POINTS
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A sheet of series.

    Attributes:
        name: The sheet's name, and in small letters the first part of its keys.
        rows: How many dates it holds at most.
        series: Its columns.
        dates: A formula for the dates, oldest first; ``{rows}`` is how many are wanted.
    """

    name: str
    rows: int
    series: Sequence[Series]
    dates: str = 'INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{rows}),,1)'

    @property
    def key(self) -> str:
        """First part of its keys."""
        return self.name.lower()

    def cells(self, key: str) -> Cells:
        """A column of it: ``date``, or a series."""
        keys = ["date", *(series.key for series in self.series)]
        return Cells(self.name, 1, keys.index(key), self.rows)

    def head(self, key: str) -> str:
        """The cell over a column of it."""
        cells = self.cells(key)
        return Cells(self.name, 0, cells.column).at()

    def text(self, key: str) -> Text | str:
        """What a series is called."""
        return next(series.head for series in self.series if series.key == key)

    def ends(self, book: Book) -> int:
        """How many names of lines stand beside its series so far."""
        return len(book.ends.get(self.name, ()))

    def end(self, book: Book, head: str, height: str) -> tuple[Cells, Cells]:
        """Put a name of a line beside the series: its head, and a column that is blank but for the last row.

        Args:
            book: The book.
            head: The expression of the name.
            height: The expression of how high it stands.
        """
        kept = book.ends.setdefault(self.name, [])
        kept.append((head, height))
        cells = Cells(self.name, 1, self.blank.column + len(kept), self.rows)
        return Cells(self.name, 0, cells.column), cells

    @property
    def blank(self) -> Cells:
        """Cells that hold nothing: charts of LibreOffice leave gaps only where one of their series has some."""
        return Cells(self.name, 1, len(self.series) + 2, self.rows)

    @property
    def axis(self) -> Cells:
        """Dates for the axis of a chart: those of the sessions, and before the first days at their usual distance."""
        return Cells(self.name, 1, len(self.series) + 1, self.rows)

    def know(self, book: Book) -> None:
        """Let formulas name its cells."""
        for key in ("date", *(series.key for series in self.series)):
            cells = self.cells(key)
            book.values.know(f"{self.key}.{key}", cells.area)
            book.values.know(f"{self.key}.{key}.last", cells.at(-1))
            for back in (1, 5, 20):
                if back < self.rows:
                    book.values.know(f"{self.key}.{key}.back{back}", cells.at(-1 - back))

    def write(self, book: Book) -> None:
        """Write the sheet."""
        sheet = book.sheet(self.name, (14, *(13 for _ in self.series)))
        book.heads(sheet, 0, (Text("Date"), *(series.head for series in self.series)))
        sheet.set_row(0, 40)
        found = book.values.put(f"{self.key}.found", self.dates.replace("{rows}", str(self.rows)), (DATE,), self.rows)
        count = book.values.put(f"{self.key}.count", f"COUNT({found.area})", ("0",))
        first = book.values.put(
            f"{self.key}.first", f"MIN({found.area})+0/{count.at()}", (DATE,)
        )  # none where there is no date
        book.text(sheet, 0, self.axis.column, Text("Date"), font_color=book.colour("quiet"))
        for row in range(self.rows):
            back = self.rows - row
            place = f"{count.at()}-{back - 1}"
            formula = f"=IF({count.at()}<{back},NA(),INDEX({found.area},{place}))"
            book.native(sheet, 1 + row, 0, formula, DATE)
            before = f"{first.at()}-ROUND(({back}-{count.at()})*{_DAYS},0)"
            book.native(sheet, 1 + row, self.axis.column, f"=IF(ISNUMBER(A{row + 2}),A{row + 2},{before})", DATE)
        dates = f"A2:A{self.rows + 1}"
        for column, series in enumerate(self.series, 1):
            if series.dated:
                self._matched(book, sheet, column, series)
                continue
            formula = book.values.resolved(series.formula.replace("{dates}", dates))
            told = f"=IF(ISNUMBER({dates}),{formula},NA())"
            book.table(sheet, 1, column, self.rows, 1, told, series.number_format)
        for column, (head, height) in enumerate(book.ends.get(self.name, ()), self.blank.column + 1):
            book.told(sheet, 0, column, head, font_color=book.colour("quiet"), text_wrap=True)
            book.native(sheet, self.rows, column, f"={height}", POINTS)
        sheet.freeze_panes(1, 1)
        sheet.print_area(0, 0, self.rows, len(self.series))  # the other columns serve the charts
        sheet.repeat_rows(0)

    def _matched(self, book: Book, sheet: Worksheet, column: int, series: Series) -> None:
        formula = series.formula.replace("{rows}", str(self.rows))
        raw = book.values.put(f"{self.key}.{series.key}.found", formula, (DATE, series.number_format), self.rows, 2)
        dates, values = raw.part(0).area, raw.part(1).area
        for row in range(self.rows):
            found = f"=INDEX({values},MATCH(A{row + 2},{dates},0))"
            book.native(sheet, 1 + row, column, found, series.number_format)
