"""The Audit sheet: what a report published against what the data give, and the report's sentences written anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.words import word
from xlrotation.functions.published.claims import Outcome, claims
from xlrotation.reports.kit import COUNT, DARK, GREEN, GREY, RED, Book, Text

_SENTENCES = 10
_LINE = 115


class Check(NamedTuple):
    """Two formulas that must give the same.

    Attributes:
        text: What they give.
        one: The first, without its leading sign.
        other: The second.
        number_format: Of both.
        tolerance: What they may differ by.
    """

    text: Text
    one: str
    other: str
    number_format: str
    tolerance: float


def sentences(book: Book, sheet: Worksheet, row: int, report: str, last_column: int = 5) -> int:
    """The key sentences on the front sheet, wrapped over its width; returns the row after.

    One formula fills the sheet of words; the front sheet shows its cells, because nothing spills into merged ones.
    """
    words = book.sheet("Words", (165,))
    book.text(words, 0, 0, Text("In words", "文字要点"), bold=True, font_size=16, font_color=DARK)
    book.table(words, 1, 0, _SENTENCES, 1, f'=REP_SUMMARY("{report}",lang,asof,FALSE)', "@")
    for place in range(_SENTENCES - 2):  # but for the title and the line on sample data, which stand above
        style = book.style(text_wrap=True)
        sheet.merge_range(row + place, 0, row + place, last_column, "", style)
        cell = f"Words!A{place + 3}"
        shown = f'=IF(OR({cell}="",LEFT({cell},11)="Sample data",LEFT({cell},4)="示例数据"),"",{cell})'
        sheet.write_formula(row + place, 0, shown, style, "")
        sheet.set_row(row + place, 25)
    return row + _SENTENCES - 1


def audit_sheet(book: Book, report: str) -> None:
    """Add the sheet: a row per published figure with computed value, difference, verdict, note, and its formula."""
    rows = [claim for claim in claims() if claim.report == report]
    sheet = book.sheet("Audit", (7, 46, 11, 17, 17, 16, 12, 46, 36), landscape=True)
    title = Text("Published against computed", "公布值与计算值")
    book.text(sheet, 0, 0, title, bold=True, font_size=16, font_color=DARK)
    subtitle = Text(
        "Each figure of the report, computed at the dates that it names (not at the as-of cell)",
        "报告中的每个数字,按其所述日期计算(不随截至日期单元格变化)",
    )
    book.text(sheet, 1, 0, subtitle, font_color=GREY)
    heads = (
        Text("No.", "编号"),
        Text("Figure", "数字"),
        Text("About", "日期"),
        Text("Published", "公布值"),
        Text("Computed", "计算值"),
        Text("Difference", "差异"),
        Text("Verdict", "结论"),
        Text("Note", "说明"),
        Text("Computed by", "计算公式"),
    )
    book.heads(sheet, 2, heads, left=9)
    for column in (3, 4, 5):
        book.text(sheet, 2, column, heads[column], bold=True, font_color="#FFFFFF", bg_color=DARK, align="right")
    sheet.freeze_panes(3, 2)
    sheet.repeat_rows(0, 2)
    last = 2 + len(rows)
    first_style = book.body("@")
    sheet.write_dynamic_array_formula(3, 0, last, 7, f'=IFERROR(REP_CLAIMS("{report}",FALSE,lang),"")', first_style)
    for line, claim in enumerate(rows, 3):
        number = "0" if claim.unit == "date" else claim.number_format
        formats = ("@", "@", "@", claim.number_format, claim.number_format, number, "@", "@")
        for column, number_format in enumerate(formats):
            style = book.body(number_format, line)
            if column == 7:
                style = book.style(font_color=GREY, bottom=4, bottom_color="#D0D0D0", text_wrap=True, font_size=9)
            if (line, column) != (3, 0):
                sheet.write_blank(line, column, None, style)
        shown = book.style(
            font_name="Consolas", font_size=8, font_color=GREY, text_wrap=True, bottom=4, bottom_color="#D0D0D0"
        )
        sheet.write_string(line, 8, claim.formula.removeprefix("="), shown)
        longest = max(len(claim.note[0]) + 50 * bool(claim.other), len(claim.formula))
        sheet.set_row(line, 14 * min(4, 1 + longest // 46))
    verdicts = (3, 6, last, 6)
    for outcome, colour in ((Outcome.AGREES, GREEN), (Outcome.DIFFERS, RED)):
        for lang in ("en", "zh"):
            rule = {"type": "formula", "criteria": f'=$G4&""="{word(outcome.verdict, lang)}"'}
            sheet.conditional_format(*verdicts, {**rule, "format": book.style(font_color=colour, bold=True)})
    cells = f"$G$4:$G${last + 1}"
    for place, verdict in enumerate(dict.fromkeys(outcome.verdict for outcome in Outcome), last + 2):
        english, chinese = word(verdict, "en"), word(verdict, "zh")
        book.label(sheet, place, 1, Text(f"Figures: {english}", f"数字:{chinese}"))
        # joined with "": LibreOffice takes no text out of an add-in's table for equal to another
        count = f'=SUMPRODUCT(({cells}&""="{english}")+({cells}&""="{chinese}"))'
        book.native(sheet, place, 3, count, COUNT)


def checks_sheet(book: Book, checks: Sequence[Check]) -> None:
    """An Audit sheet for a workbook that follows no report: numbers that must agree with each other."""
    sheet = book.sheet("Audit", (70, 16, 16, 14, 12))
    book.text(sheet, 0, 0, Text("Checks", "勾稽检查"), bold=True, font_size=16, font_color=DARK)
    subtitle = Text("Each line computes the same thing in two ways", "每行以两种方式计算同一数值")
    book.text(sheet, 1, 0, subtitle, font_color=GREY)
    heads = (
        Text("Check", "检查项"),
        Text("One way", "方式一"),
        Text("The other", "方式二"),
        Text("Difference", "差异"),
        Text("Verdict", "结论"),
    )
    book.heads(sheet, 2, heads)
    english, chinese = (word(Outcome.AGREES.verdict, lang) for lang in ("en", "zh"))
    not_english, not_chinese = (word(Outcome.DIFFERS.verdict, lang) for lang in ("en", "zh"))
    for line, check in enumerate(checks, 3):
        book.label(sheet, line, 0, check.text, line)
        book.value(sheet, line, 1, f"={check.one}", check.number_format, line)
        book.value(sheet, line, 2, f"={check.other}", check.number_format, line)
        book.native(sheet, line, 3, f'=IFERROR(B{line + 1}-C{line + 1},"")', check.number_format, line)
        agree, differ = f'IF(lang="zh","{chinese}","{english}")', f'IF(lang="zh","{not_chinese}","{not_english}")'
        verdict = f'=IFERROR(IF(ABS(B{line + 1}-C{line + 1})<={check.tolerance!r},{agree},{differ}),"")'
        book.native(sheet, line, 4, verdict, "@", line)
    for text, colour in ((english, GREEN), (chinese, GREEN), (not_english, RED), (not_chinese, RED)):
        rule = {"type": "cell", "criteria": "==", "value": f'"{text}"'}
        sheet.conditional_format(3, 4, 2 + len(checks), 4, {**rule, "format": book.style(font_color=colour, bold=True)})
    sheet.freeze_panes(3, 1)
