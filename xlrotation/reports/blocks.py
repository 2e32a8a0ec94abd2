"""Blocks of figures: lines of label and value, and tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xlrotation.functions.boundary.registry import functions
from xlrotation.languages import Text
from xlrotation.reports import colouring
from xlrotation.reports.choosing import expression
from xlrotation.reports.page import COLUMNS, FIRST_ROW, LINE, Area, Page
from xlrotation.reports.paper import width_of
from xlrotation.reports.values import Cells
from xlrotation.workbook.formulas.references import cell_name

_SHORT = re.compile(r"#,##0|0(\.0+)?(%|\"x\")?|(\[[^]]*\])?\+0(\.0+)?%?;(\[[^]]*\])?-0(\.0+)?%?(;0(\.0+)?%?)?")
"""Number formats whose figures fit into one column of the page."""
_LETTERS = 10
"""Letters of a name that a column holds; one with more is cut, as a small print would not be read."""
_NARROW = 2
"""Columns up to which a name is cut; wider ones hold what there is."""
_CLOSE = 0.85
"""Share of its columns from which on a head stands close to the next one."""
_BOLD = 1.1
"""Width of bold letters, with that of others as 1."""
OF = Text("{row}, {column}", "a figure of a table")


@dataclass(frozen=True, slots=True)
class Line:
    """A label and the figure beside it.

    Attributes:
        key: Name of the figure.
        text: The label.
        formula: The formula, without its leading sign; ``{key}`` stands for another figure.
        number_format: Of the value.
        note: What the value means or where it comes from; shown where the block is as wide as the page.
        signed: Whether its sign has the colour of up and down.
        unit: What it is counted in, where the number format does not tell.
        label: A formula that makes the label, where it depends on a figure; the text then names it elsewhere.
        longest: The longest label that it makes.
    """

    key: str
    text: Text
    formula: str
    number_format: str
    note: Text | None = None
    signed: bool = False
    unit: str = ""
    label: str = ""
    longest: Text | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Figures that belong to a day: they say so, and are grey at another one.

    Attributes:
        of: The day they were published.
        asof: The session that they belong to.
    """

    of: dt.date
    asof: dt.date

    @property
    def expression(self) -> str:
        """The session as a formula writes it."""
        return f"DATE({self.asof.year},{self.asof.month},{self.asof.day})"

    @property
    def remark(self) -> str:
        """The formula of what stands at the end of the heading."""
        return "=" + expression(Text("figures of {day}").of(day=self.of))


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of label and figure.

    Attributes:
        title: Heading.
        items: The rows.
        dated: The day that the figures belong to, where they do not follow the as-of cell.
    """

    title: Text
    items: Sequence[Line]
    dated: Dated | None = None

    def write(self, page: Page, area: Area) -> int:
        """Write heading and rows."""
        page.heading(area, self.title, self.dated.remark if self.dated else "")
        book, whole = page.book, area.span == COLUMNS
        page.height(area.row + 1, FIRST_ROW)
        label, value = (5, 2) if whole else (area.span - 2, 2)
        if area.span <= 4 or (not whole and all(_SHORT.fullmatch(item.number_format) for item in self.items)):
            label, value = area.span - 1, 1
        for place, item in enumerate(self.items):
            row = area.row + 1 + place
            self._label(page, row, area.column, label, place, item)
            cells = book.values.put(item.key, item.formula, (item.number_format,))
            date = self.dated.expression if self.dated else ""
            book.values.figure(item.key, item.text, item.number_format, cells.at(), item.formula, item.unit, date)
            column = area.column + label
            shown = "General" if item.number_format == "@" else item.number_format  # words stand right, as numbers do
            if whole and item.number_format == "@" and item.note is None:
                self._words(page, row, column, COLUMNS - label, cells.at())
                continue
            book.show(page.sheet, row, column, cells.at(), shown, place, value)
            if item.signed:
                colouring.signed(book, page.sheet, row, column, 1, 1)
            if whole and item.note is not None:
                small = {"font_size": book.size("source"), "font_color": book.colour("quiet"), "indent": 1}
                small |= {} if place else {"valign": "bottom"}
                book.text(page.sheet, row, column + value, item.note, **small)
        if self.dated:
            self._greyed(page, area)
        return 1 + len(self.items)

    @staticmethod
    def _words(page: Page, row: int, column: int, span: int, cell: str) -> None:
        """Words that may be many, over the rest of the page's width and on two lines."""
        rule = {"bottom": 4, "bottom_color": page.book.colour("rule"), "indent": 1}
        shown = f'=IFERROR(IF({cell}&""="","",{cell}),missing)'
        page.book.wide(page.sheet, row, column, span, shown, text_wrap=True, align="left", valign="vcenter", **rule)
        page.height(row, 25.5)

    @staticmethod
    def _label(page: Page, row: int, column: int, span: int, place: int, item: Line) -> None:
        book = page.book
        if item.label:
            cells = book.values.put(f"{item.key}.label", item.label, ("@",))
            book.show(page.sheet, row, column, cells.at(), "@", place, span, wrap=True)
        else:
            book.label(page.sheet, row, column, item.text, place, span)
        page.fit(row, item.longest or item.text, span)

    def _greyed(self, page: Page, area: Area) -> None:
        assert self.dated is not None
        day = self.dated.asof
        session = page.book.values.resolved("{session}")
        test = f"=IFERROR({session}<>DATE({day.year},{day.month},{day.day}),TRUE)"
        rule = {"type": "formula", "criteria": test, "format": page.book.difference(font_color="#8C8C8C", italic=True)}
        last = area.row + len(self.items), area.column + area.span - 1
        page.sheet.conditional_format(area.row + 1, area.column, *last, rule)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        head: What stands over it.
        key: Its name among the figures; a column of labels of that name can be used in formulas as ``{table.key}``.
        number_format: How its values are shown.
        width: How many columns of the page it takes; 0 for one that is computed and not shown.
        look: ``signed`` for letters in the colours of up and down, ``heat`` for fills, ``bar`` for a bar from 0 to 1,
            ``spark`` for a small chart of the area that its cells name.
    """

    head: Text | str
    key: str = ""
    number_format: str = "@"
    width: int = 1
    look: str = ""


def _split(column: Column, scale: float) -> int:
    """The space at which the head of a column breaks, that else would touch the one at its left; 0: none."""
    words = str(column.head).split(" ")
    room = Page.ems(column.width) / scale
    if len(words) < 2 or width_of(str(column.head)) < _CLOSE * room:
        return 0
    widest = {n: max(map(width_of, (" ".join(words[:n]), " ".join(words[n:])))) for n in range(1, len(words))}
    best = min(widest, key=lambda n: widest[n])
    return best if widest[best] <= room else 0


@dataclass(frozen=True, slots=True)
class Spill:
    """A formula that fills part of a table.

    Attributes:
        column: The column of the table that it begins in.
        formula: The formula, without its leading sign.
        columns: How many columns it fills.
        row: The row of the table that it begins in.
        rows: How many rows it fills; None for all.
        number_format: How its values are shown, where not as the column's.
    """

    column: int
    formula: str
    columns: int = 1
    row: int = 0
    rows: int | None = None
    number_format: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: heads, rows with labels, and formulas that fill it.

    Attributes:
        key: First part of its figures' keys.
        title: Heading.
        columns: Its columns.
        rows: Names of its rows, the middle part of its figures' keys.
        labels: Words of its rows by column: texts, symbols, formulas that begin with ``=``; None where a formula fills.
        spills: What fills the rest.
        sparks: By column: what its small charts show, a reference a row.
        note: Small words under it.
        dated: The day that its figures belong to.
        input: Whether symbols among the labels may be changed by the reader.
        members: Where a formula says what stands in which row: the symbols and their names. The figures of a row are
            then those of its symbol, found in the column with the key ``symbol``.
        used: The expression of how many rows are in use, where it may be fewer; print closes the others up.
    """

    key: str
    title: Text
    columns: Sequence[Column]
    rows: Sequence[str]
    spills: Sequence[Spill]
    labels: Mapping[int, Sequence[Text | str | None]] = field(default_factory=dict)
    sparks: Mapping[int, Sequence[str]] = field(default_factory=dict)
    note: Text | None = None
    dated: Dated | None = None
    members: Sequence[tuple[str, Text]] = ()
    used: str = ""

    def write(self, page: Page, area: Area) -> int:
        """Write heading, heads and rows."""
        page.heading(area, self.title, self.dated.remark if self.dated else "")
        places = self._places(area)
        left = next((n for n, column in enumerate(self.columns) if column.number_format != "@"), len(self.columns))
        for number, (column, place) in enumerate(zip(self.columns, places, strict=True)):
            if not column.width:
                continue
            align = "left" if number < left or column.number_format == "@" else "right"
            meaning = self._meaning(number)
            scale = _BOLD * page.book.size("source") / page.book.size("body")
            split = _split(column, scale) if number >= left else 0
            page.book.head(page.sheet, area.row + 1, place, column.head, align, column.width, meaning, split)
            page.fit(area.row + 1, column.head, column.width, scale)
            if split:
                page.height(area.row + 1, 2 * LINE)
        first = area.row + 2
        page.height(first, FIRST_ROW)
        self._blanks(page, first, places)
        if self.used:
            page.fold(first, len(self.rows), self.used)
        for number, labels in self.labels.items():
            self._labels(page, first, number, places[number], labels)
        for spill in self.spills:
            self._spill(page, first, places, spill)
        self._looks(page, first, places)
        across = places[-1] + self.columns[-1].width - area.column
        colouring.spare(page.book, page.sheet, first, area.column, len(self.rows), across)
        rows = 2 + len(self.rows)
        if self.note is not None:
            lines = -(-len(str(self.note)) // (11 * area.span))
            page.remark(Area(area.row + rows, area.column, area.span), f"={expression(self.note)}", lines)
            rows += 1
        return rows

    def _blanks(self, page: Page, first: int, places: Sequence[int]) -> None:
        """Rules and stripes of the cells that nothing fills."""
        filled = {(row, number) for number, labels in self.labels.items() for row in range(len(labels))}
        for spill in self.spills:
            rows = len(self.rows) - spill.row if spill.rows is None else spill.rows
            across = range(spill.column, spill.column + spill.columns)
            filled |= {(spill.row + row, column) for row in range(rows) for column in across}
        filled |= {(row, number) for number, areas in self.sparks.items() for row in range(len(areas))}
        for number, column in enumerate(self.columns):
            for row in range(len(self.rows)):
                if column.width and (row, number) not in filled:
                    page.book.label(page.sheet, first + row, places[number], "", row, column.width)

    def _meaning(self, number: int) -> Text | None:
        """The definition of what fills a column: that of the first function of ours that its formula calls."""
        filled = (s.formula for s in self.spills if s.row == 0 and s.column <= number < s.column + s.columns)
        formula = next(filled, "")
        called = (functions().get(word) for word in re.findall(r"[A-Z]+_[A-Z_]+(?=\()", formula))
        spec = next((spec for spec in called if spec is not None), None)
        return None if spec is None else Text(spec.summary)

    def _places(self, area: Area) -> list[int]:
        places = [area.column]
        for column in self.columns:
            places.append(places[-1] + column.width)
        if places[-1] > area.column + area.span:
            raise ValueError(f"{self.key} is {places[-1] - area.column} columns wide, there is room for {area.span}")
        return places[:-1]

    def _labels(self, page: Page, first: int, number: int, place: int, labels: Sequence[Text | str | None]) -> None:
        column = self.columns[number]
        for row, label in enumerate(labels):
            if label is None:
                continue
            if isinstance(label, str) and label.startswith("="):
                cells = page.book.values.put(f"{self.key}.{self.rows[row]}.label{number}", label[1:], ("@",))
                page.book.show(page.sheet, first + row, place, cells.at(), "@", row, column.width, wrap=True)
            else:
                page.book.label(page.sheet, first + row, place, label, row, column.width)
                page.fit(first + row, label, column.width)
        if column.key and None not in labels:
            page.book.values.know(f"{self.key}.{column.key}", Cells(page.name, first, place, len(labels)).area)

    def _spill(self, page: Page, first: int, places: Sequence[int], spill: Spill) -> None:
        book = page.book
        rows = len(self.rows) - spill.row if spill.rows is None else spill.rows
        columns = self.columns[spill.column : spill.column + spill.columns]
        formats = tuple(spill.number_format or column.number_format for column in columns)
        name = f"{self.key}.s{spill.row}.{spill.column}"
        cells = book.values.put(name, spill.formula, formats, rows, len(columns))
        for c, column in enumerate(columns):
            if column.key and spill.row == 0:
                book.values.know(f"{self.key}.{column.key}", cells.part(c).area)
        lead = next(number for number, column in enumerate(self.columns) if column.width)
        headed = spill.column > lead and lead not in self.labels
        for r in range(rows):
            for c, column in enumerate(columns):
                row = spill.row + r
                cell = cells.at(r, c)
                if column.width:
                    most = _LETTERS * column.width if column.key == "name" and column.width <= _NARROW else 0
                    book.show(
                        page.sheet,
                        first + row,
                        places[spill.column + c],
                        cell,
                        formats[c],
                        row,
                        column.width,
                        anchor=cells.at(),
                        most=most,
                        head=cell_name(first + row + 1, places[lead] + 1) if headed else "",
                    )
                key = f"{self.key}.{self.rows[row]}.{column.key or spill.column + c}"
                book.values.know(key, cell)
                if row >= len(self.members):
                    named = OF.of(row=self._row_label(row), column=column.head)
                    date = self.dated.expression if self.dated else ""
                    book.values.figure(key, named, formats[c], cell, spill.formula, "", date)
        if spill.row == 0:
            self._member_figures(page, spill, cells, columns, formats)

    def _member_figures(
        self, page: Page, spill: Spill, cells: Cells, columns: Sequence[Column], formats: Sequence[str]
    ) -> None:
        """The figures of rows whose symbols a formula orders, by symbol."""
        values = page.book.values
        for symbol, name in self.members:
            member = f"{self.key}.{''.join(filter(str.isalnum, symbol.lower()))}"
            if not values.knows(f"{member}.place"):
                rows = ";".join(map(str, range(1, cells.rows + 1)))
                is_row = f'1/({{{self.key}.symbol}}&""="{symbol}")'  # LibreOffice finds no text of a table as it is
                values.put(f"{member}.place", f"LOOKUP(2,{is_row},{{{rows}}})")
            for c, column in enumerate(columns):
                if column.key and column.key not in ("name", "symbol"):
                    found = values.resolved(f"INDEX({cells.part(c).area},{{{member}.place}})")
                    label = OF.of(row=name, column=column.head)
                    values.figure(f"{member}.{column.key}", label, formats[c], found, spill.formula)

    def _row_label(self, row: int) -> Text:
        for labels in self.labels.values():
            if row < len(labels) and isinstance(text := labels[row], Text):
                return text
        return Text("{title}, row {row}").of(title=self.title, row=row + 1)

    def _looks(self, page: Page, first: int, places: Sequence[int]) -> None:
        book, rows = page.book, len(self.rows)
        for number, column in enumerate(self.columns):
            if column.look == "signed":
                colouring.signed(book, page.sheet, first, places[number], rows, 1)
            elif column.look == "bar":
                colouring.bar(book, page.sheet, first, places[number], rows)
        heat = [places[n] for n, column in enumerate(self.columns) if column.look == "heat"]
        if heat:
            colouring.heat(book, page.sheet, first, heat[0], rows, heat[-1] - heat[0] + 1)
        for number, areas in self.sparks.items():
            for row, area in enumerate(areas):
                book.label(page.sheet, first + row, places[number], "", row, self.columns[number].width)
                spark = {
                    "range": book.values.resolved(area),
                    "type": "column",  # LibreOffice draws columns, and no lines
                    "series_color": colouring.blended(book.colour("subject"), 0.7),
                    "last_point": True,
                    "last_color": book.colour("alarm"),
                    "negative_points": True,
                    "negative_color": book.colour("comparison"),
                }
                page.sheet.add_sparkline(first + row, places[number], spark)
