"""Every worksheet function with a live example, grouped by family; built from the registry."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Spec, functions
from xlrotation.languages import Text
from xlrotation.reports.audit import Check, checks_sheet
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, DARK, GREY, Book

ASOF = dt.date(2026, 2, 13)
TITLE = Text("Function reference")


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, TITLE, ASOF)
    front = book.sheet("Report", (34, 62, 58, 20), landscape=True)
    book.title_block(front, 3)
    row = 4
    for family, group in itertools.groupby(functions().values(), key=lambda spec: spec.family):
        row = _family(book, front, row, family, list(group)) + 1
    book.inputs_sheet(())
    checks_sheet(book, (_complete(row),))
    book.notes_sheet(_notes())
    book.close()


def _family(book: Book, sheet: Worksheet, row: int, family: str, specs: list[Spec]) -> int:
    book.heading(sheet, row, Text("{family}: {title}").of(family=family, title=FAMILIES[family]), 3)
    heads = (Text("Function"), Text("Gives"), Text("Example"), Text("Its value"))
    book.heads(sheet, row + 1, heads, left=3)
    row += 2
    for place, spec in enumerate(specs):
        shade = {"bottom": 4, "bottom_color": "#D0D0D0", "valign": "top", "text_wrap": True}
        sheet.write_string(row, 0, spec.name, book.style(bold=True, font_color=BLUE, **shade))
        book.text(sheet, row, 1, Text(spec.summary), font_color=DARK, **shade)
        sheet.write_string(row, 2, spec.example, book.style(font_name="Consolas", font_color=GREY, **shade))
        call = spec.example.removeprefix("=")
        if spec.table:
            shape = expression(Text("{rows} x {columns} table"), rows=f"ROWS({call})", columns=f"COLUMNS({call})")
            book.value(sheet, row, 3, f"=IFERROR({shape},{call})", "@", place)
        else:
            book.value(sheet, row, 3, spec.example, UNITS[spec.unit][1], place)
        sheet.set_row(row, 15 * max(1, -(-len(spec.summary) // 66), -(-len(spec.example) // 52)))
        row += 1
    return row


def _complete(last: int) -> Check:
    text = Text("Functions of the library, and functions listed here")
    return Check(text, 'ROWS(XLR_FUNCTIONS("",FALSE))', f'COUNTIF(Report!A6:A{last},"*_*")', "0", 0.0)


def _notes() -> tuple[Text, ...]:
    return (
        Text("Each example is live: it shows what the function gives on the data in use. XLR_HELP(name) has the arguments, defaults, definition and source of a function."),
        Text("Every argument has a default but those on your own numbers; a blank cell means the default."),
        Text("A range where one value is expected computes each cell and spills; tables spill below and to the right."),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
