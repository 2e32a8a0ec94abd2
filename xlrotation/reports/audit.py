"""The Audit sheet: what a report published against what the data give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from xlrotation.reports.kit import COUNT, DARK, GREEN, GREY, RED, Book, Text

NO_TEXT = Text("", "")


@dataclass(frozen=True, slots=True)
class Claim:
    """A published figure, bound to the formula that computes it.

    Attributes:
        what: What the figure is.
        published: As printed.
        formula: What computes it from the data, without the leading sign.
        number_format: Of both numbers.
        tolerance: Half a unit of the last printed digit, unless the text says "nearly".
        other: A formula in another convention, where one may explain the figure.
        convention: What that convention is.
    """

    what: Text
    published: float
    formula: str
    number_format: str
    tolerance: float
    other: str = ""
    convention: Text = NO_TEXT


def audit_sheet(book: Book, claims: Sequence[Claim]) -> None:
    """Add the sheet: a row per claim with published, computed, difference and verdict, found by formulas."""
    sheet = book.sheet("Audit", (58, 12, 12, 12, 12, 14, 44), landscape=True)
    book.text(
        sheet, 0, 0, Text("Published against computed", "公布值与计算值"), bold=True, font_size=16, font_color=DARK
    )
    subtitle = Text(
        "Each figure of the report, computed at the dates that it names (not at the as-of cell)",
        "报告中的每个数字,按其所述日期计算(不随截至日期单元格变化)",
    )
    book.text(sheet, 1, 0, subtitle, font_color=GREY)
    heads = (
        Text("Figure", "数字"),
        Text("Published", "公布值"),
        Text("Computed", "计算值"),
        Text("Difference", "差异"),
        Text("Verdict", "结论"),
        Text("Other convention", "其他口径"),
        Text("What that convention is", "口径说明"),
    )
    book.heads(sheet, 2, heads)
    sheet.set_row(2, 30)
    book.text(sheet, 2, 4, heads[4], bold=True, font_color="#FFFFFF", bg_color=DARK, align="left")
    book.text(sheet, 2, 6, heads[6], bold=True, font_color="#FFFFFF", bg_color=DARK, align="left")
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(0, 2)
    for row, claim in enumerate(claims, 3):
        _claim_row(book, sheet, row, claim)
    last = 3 + len(claims)
    range_ = (3, 4, last - 1, 4)
    for text, colour in ((("agrees", "一致"), GREEN), (("differs", "不一致"), RED)):
        for word in text:
            sheet.conditional_format(
                *range_,
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{word}"',
                    "format": book.style(font_color=colour, bold=True),
                },
            )
    book.label(sheet, last + 1, 0, Text("Figures that agree", "一致的数字"))
    verdicts = f"$E$4:$E${last}"
    book.native(sheet, last + 1, 1, f'=COUNTIF({verdicts},"agrees")+COUNTIF({verdicts},"一致")', COUNT)
    book.label(sheet, last + 2, 0, Text("Figures that differ", "不一致的数字"))
    book.native(sheet, last + 2, 1, f'=COUNTIF({verdicts},"differs")+COUNTIF({verdicts},"不一致")', COUNT)
    book.label(sheet, last + 3, 0, Text("Figures that need data not at hand", "缺少数据的数字"))
    book.native(sheet, last + 3, 1, f'=COUNTIF({verdicts},"needs data")+COUNTIF({verdicts},"缺少数据")', COUNT)


def _claim_row(book: Book, sheet: Worksheet, row: int, claim: Claim) -> None:
    line = row + 1
    book.label(sheet, row, 0, claim.what, row)
    sheet.write_number(row, 1, claim.published, book.body(claim.number_format, row))
    book.value(sheet, row, 2, f"={claim.formula}", claim.number_format, row)
    book.native(sheet, row, 3, f'=IF(ISNUMBER(C{line}),ROUND(C{line}-B{line},4),"")', claim.number_format, row)
    verdict = (
        f"=IF(ISNUMBER(C{line}),IF(ABS(C{line}-B{line})<={claim.tolerance!r},"
        'IF(lang="zh","一致","agrees"),IF(lang="zh","不一致","differs")),IF(lang="zh","缺少数据","needs data"))'
    )
    book.native(sheet, row, 4, verdict, "@", row)
    if claim.other:
        book.value(sheet, row, 5, f"={claim.other}", claim.number_format, row)
        note = (
            f'=IF(ISNUMBER(F{line}),IF(ABS(F{line}-B{line})<={claim.tolerance!r},IF(lang="zh","相符:","matches: "),'
            f'IF(lang="zh","亦不符:","no match either: ")),"")&{claim.convention.formula[1:]}'
        )
        book.native(sheet, row, 6, note, "@", row)
    else:
        book.label(sheet, row, 5, "", row)
        book.label(sheet, row, 6, "", row)
