"""Every worksheet function with a live example, grouped by family; built from the registry."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Spec, functions
from xlrotation.languages import Text
from xlrotation.reports.audit import Check
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.page import Area, Page
from xlrotation.reports.standard import MISSING_NOTE
from xlrotation.reports.words import Headline, Saying

TITLE = Text("Function reference")
_WORDS = 14
"""Chinese letters of a value in words, or twice as many of another script."""
_TOGETHER = 5
"""Functions that a sheet of paper does not part."""
_NAME, _GIVES, _EXAMPLE, _VALUE = (0, 3), (3, 4), (7, 3), (10, 2)
"""First column and width of each column of the table."""


@dataclass(frozen=True, slots=True)
class Family:
    """Functions of a family: name, what each gives, an example and its value.

    Attributes:
        family: The family.
        specs: The functions.
        first: Whether they are its first.
    """

    family: str
    specs: tuple[Spec, ...]
    first: bool = True

    def write(self, page: Page, area: Area) -> int:
        """Write a row a function."""
        book, sheet = page.book, page.sheet
        if not self.first and not page.opens:
            return self._rows(page, area.row)
        title = Text("{family}: {title}") if self.first else Text("{family}, continued")
        page.heading(area, title.of(family=self.family, title=FAMILIES[self.family]))
        heads = (Text("Function"), Text("Gives"), Text("Example"), Text("Its value"))
        for head, (column, width) in zip(heads, (_NAME, _GIVES, _EXAMPLE, _VALUE), strict=True):
            book.head(sheet, area.row + 1, column, head, "left", width)
        return 2 + self._rows(page, area.row + 2)

    def _rows(self, page: Page, first: int) -> int:
        book, sheet = page.book, page.sheet
        shade = {"bottom": 4, "bottom_color": book.colour("rule"), "valign": "top", "text_wrap": True}
        code = {"font_name": book.theme.fonts["code"], "font_size": book.size("source"), **shade}
        for place, spec in enumerate(self.specs):
            row = first + place
            bold = book.style(bold=True, font_color=book.colour("subject"), **shade)
            sheet.merge_range(row, _NAME[0], row, _NAME[0] + _NAME[1] - 1, spec.name, bold)
            book.wide(sheet, row, _GIVES[0], _GIVES[1], f"={expression(Text(spec.summary))}", **shade)
            form = book.style(font_color=book.colour("quiet"), **code)
            sheet.merge_range(row, _EXAMPLE[0], row, _EXAMPLE[0] + _EXAMPLE[1] - 1, "", form)
            sheet.write_string(row, _EXAMPLE[0], spec.example, form)
            self._value(page, row, spec, place)
            page.fit(row, Text(spec.summary), _GIVES[1])
            page.fit(row, spec.example + "xx", _EXAMPLE[1])
            if spec.unit == "text" and not spec.table:
                page.fit(row, "\u4e2d" * _WORDS, _VALUE[1])
        return len(self.specs)

    def _value(self, page: Page, row: int, spec: Spec, place: int) -> None:
        call = spec.example.removeprefix("=")
        number_format = "@" if spec.table else UNITS[spec.unit][1]
        formula = call
        if spec.table:
            shape = expression(Text("{rows} x {columns} table"), rows=f"ROWS({call})", columns=f"COLUMNS({call})")
            formula = f"IFERROR({shape},{call})"
        key = f"example.{spec.name.lower()}"
        cells = page.book.values.put(key, formula, (number_format,))
        page.book.values.figure(key, Text("{name}, example").of(name=spec.name), number_format, cells.at(), formula)
        page.book.show(
            page.sheet, row, _VALUE[0], cells.at(), number_format, place, _VALUE[1], wrap=spec.unit == "text"
        )


def _families() -> tuple[Family, ...]:
    groups = itertools.groupby(functions().values(), key=lambda spec: spec.family)
    parts = []
    for family, group in groups:
        specs = tuple(group)
        parts += [Family(family, specs[n : n + _TOGETHER], not n) for n in range(0, len(specs), _TOGETHER)]
    return tuple(parts)


_COMPLETE = Text("Functions of the library, and functions listed here")

BOOK = Definition(
    key="function_reference",
    title=TITLE,
    asof=dt.date(2026, 2, 13),
    front=(Headline(Saying(TITLE)), *_families()),
    checks=(Check(_COMPLETE, 'ROWS(XLR_FUNCTIONS("",FALSE))', 'COUNTIF(Values!A4:A600,"example.*")', "0", 0.0),),
    breadth=False,
    notes=(
        Text("Each example is live: it shows what the function gives on the data in use. XLR_HELP(name) has the arguments, defaults, definition and source of a function."),
        Text("Every argument has a default but those on your own numbers; a blank cell means the default."),
        Text("A range where one value is expected computes each cell and spills; tables spill below and to the right."),
        MISSING_NOTE,
    ),
)  # fmt: skip
