"""The sheet that says what a book holds: its sheets with links, and an index of its names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import NOT_THERE, Book
from xlrotation.reports.results import NAMES
from xlrotation.reports.sheetnames import called
from xlrotation.workbook.formulas.references import parse_area

SHEET, WIDTHS = "Contents", (34, 70, 24)
_LETTERS = 28
"""Letters of a text that the index shows."""

_YES, _NO = Text("yes"), Text("no")


class Entry(NamedTuple):
    """A sheet: its name, what it holds, and whether it is a page of the report."""

    name: str
    holds: Text
    page: bool = False


def fill(book: Book, sheet: Worksheet, entries: Sequence[Entry], inputs: Sequence[tuple[str, Text, str]]) -> None:
    """Fill the sheet, which stands behind the front already.

    Args:
        book: The book, with all its figures.
        sheet: The sheet.
        entries: Its sheets, in their order.
        inputs: Names of cells that may be changed, with what they are and their number formats.
    """
    title = {"bold": True, "font_size": book.size("title"), "font_color": book.colour("dark")}
    section = {"bold": True, "font_size": book.size("section"), "font_color": book.colour("dark")}
    link = book.style(font_color=book.colour("subject"), underline=1, bottom=4, bottom_color=book.colour("rule"))
    book.text(sheet, 0, 0, Text("Contents"), **title)
    book.heads(sheet, 2, (Text("Sheet"), Text("What it holds"), Text("Printed")), left=3)
    row = 3
    for row, entry in enumerate(entries, 3):
        sheet.write_url(row, 0, f"internal:'{entry.name}'!A1", link, entry.name)
        told = expression(called(entry.name))
        sheet.write_formula(row, 0, f"={told}", link, entry.name)  # the link of the cell stays
        book.label(sheet, row, 1, entry.holds)
        book.label(sheet, row, 2, _YES if entry.page else _NO)
    book.text(sheet, row + 2, 0, Text("Index of names"), **section)
    remark = Text("A formula may use these names; programs find the figures under the same keys, without {prefix}")
    book.text(sheet, row + 3, 0, remark.of(prefix=NAMES), font_color=book.colour("quiet"))
    book.heads(sheet, row + 4, (Text("Name"), Text("What it is"), Text("Value")), left=3)
    row += 5
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(0)
    for name, label, number_format in inputs:
        sheet.write_url(row, 0, f"internal:{name}", link, name)
        book.label(sheet, row, 1, label)
        book.native(sheet, row, 2, f'=IF({name}="","",{name})', number_format)
        row += 1
    for result in book.values.results:
        place = parse_area(result.cell)  # a figure that is looked up has none of its own
        if place is None:
            book.label(sheet, row, 0, f"{NAMES}{result.key}")
        else:
            sheet.write_url(row, 0, f"internal:{result.cell.replace('$', '')}", link, f"{NAMES}{result.key}")
        book.label(sheet, row, 1, result.label)
        told = result.cell
        if result.number_format == "@":
            told = f'IF(LEN({told})>{_LETTERS},LEFT({told},{_LETTERS - 1})&"…",{told})'
        shown = f'=IFERROR(IF({result.cell}&""="","",{told}),{expression(NOT_THERE)})'
        book.native(sheet, row, 2, shown, result.number_format)
        row += 1
