"""Every worksheet function with a live example, grouped by family; built from the registry."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Spec, functions
from xlrotation.reports.audit import Check, checks_sheet
from xlrotation.reports.kit import BLUE, DARK, GREY, Book, Text

ASOF = dt.date(2026, 2, 13)
TITLE = Text("Function reference", "函数参考")


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
    english, chinese = FAMILIES[family]
    book.heading(sheet, row, Text(f"{family}: {english}", f"{family}:{chinese}"), 3)
    heads = (Text("Function", "函数"), Text("Gives", "结果"), Text("Example", "示例"), Text("Its value", "示例结果"))
    book.heads(sheet, row + 1, heads, left=3)
    row += 2
    for place, spec in enumerate(specs):
        shade = {"bottom": 4, "bottom_color": "#D0D0D0", "valign": "top", "text_wrap": True}
        sheet.write_string(row, 0, spec.name, book.style(bold=True, font_color=BLUE, **shade))
        book.text(sheet, row, 1, Text(spec.summary, spec.zh), font_color=DARK, **shade)
        sheet.write_string(row, 2, spec.example, book.style(font_name="Consolas", font_color=GREY, **shade))
        call = spec.example.removeprefix("=")
        if spec.table:
            shape = f'=ROWS({call})&" x "&COLUMNS({call})&IF(lang="zh","表格"," table")'
            book.value(sheet, row, 3, f"=IFERROR({shape[1:]},{call})", "@", place)
        else:
            book.value(sheet, row, 3, spec.example, UNITS[spec.unit][1], place)
        sheet.set_row(row, 15 * max(1, -(-len(spec.summary) // 66), -(-len(spec.example) // 52)))
        row += 1
    return row


def _complete(last: int) -> Check:
    text = Text("Functions of the library, and functions listed here", "函数库函数数与此处所列函数数")
    return Check(text, 'ROWS(XLR_FUNCTIONS("",FALSE))', f'COUNTIF(Report!A6:A{last},"*_*")', "0", 0.0)


def _notes() -> tuple[Text, ...]:
    return (
        Text("Each example is live: it shows what the function gives on the data in use. XLR_HELP(name) has the arguments, defaults, definition and source of a function.", "示例为实时计算。XLR_HELP(函数名)给出参数、默认值、定义与来源。"),
        Text("Every argument has a default but those on your own numbers; a blank cell means the default.", "除自有数据参数外均有默认值;空单元格即默认。"),
        Text("A range where one value is expected computes each cell and spills; tables spill below and to the right.", "在单值参数处给区域即逐格计算并溢出;表格向右下溢出。"),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason.", "显示#N/A的单元格缺少数据;=XLR_ERRORS()给出原因。"),
        Text("For information only; not investment advice.", "仅供参考,不构成投资建议。"),
    )  # fmt: skip
