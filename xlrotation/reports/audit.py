"""The Audit sheet: what a report published against what the data give, or figures that must agree with each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xlrotation.functions.boundary.words import WORDS
from xlrotation.functions.published.claims import Outcome, claims
from xlrotation.functions.published.reports import Report
from xlrotation.languages import ENGLISH, Text
from xlrotation.reports.blocks import Line
from xlrotation.reports.choosing import expression, in_every, quoted
from xlrotation.reports.kit import COUNT, Book
from xlrotation.reports.page import BELOW_RULE, Area, Page
from xlrotation.reports.words import rows_used


class Check(NamedTuple):
    """Two formulas that must give the same.

    Attributes:
        text: What they give.
        one: The first, without its leading sign; ``{key}`` stands for a figure.
        other: The second.
        number_format: Of both.
        tolerance: What they may differ by.
    """

    text: Text
    one: str
    other: str
    number_format: str
    tolerance: float


_BETWEEN = Text("; ", "between counts")
_LETTERS, _SIGNS = 140, 65
"""Letters of names that two rows of the page hold, and Chinese signs."""


def audit_sheet(book: Book, report: Report) -> None:
    """Add the sheet: a row per published figure with computed value, difference, verdict, note, and its formula."""
    rows = [claim for claim in claims() if claim.report == report.key]
    sheet = book.sheet("Audit", (7, 46, 11, 17, 17, 16, 12, 46, 36))
    title = Text("Published against computed")
    book.text(sheet, 0, 0, title, bold=True, font_size=book.size("title"), font_color=book.colour("dark"))
    subtitle = Text(
        "Each figure of the report, computed at the dates that it names (not at the as-of cell)",
    )
    book.text(sheet, 1, 0, subtitle, font_color=book.colour("quiet"))
    heads = (
        Text("No."),
        Text("Figure"),
        Text("About"),
        Text("Published"),
        Text("Computed"),
        Text("Difference"),
        Text("Verdict"),
        Text("Note"),
        Text("Computed by"),
    )
    book.heads(sheet, 2, heads, left=9)
    for column in (3, 4, 5):
        book.text(
            sheet,
            2,
            column,
            heads[column],
            bold=True,
            font_color=book.colour("head_text"),
            bg_color=book.colour("dark"),
            align="right",
        )
    sheet.freeze_panes(3, 2)
    sheet.repeat_rows(2)
    last = 2 + len(rows)
    first_style = book.body("@")
    sheet.write_dynamic_array_formula(3, 0, last, 7, f'=IFERROR(REP_CLAIMS("{report.key}",FALSE,lang),"")', first_style)
    for line, claim in enumerate(rows, 3):
        number = "0" if claim.unit == "date" else claim.number_format
        formats = ("@", "@", "@", claim.number_format, claim.number_format, number, "@", "@")
        for column, number_format in enumerate(formats):
            style = book.body(number_format, line)
            if column == 7:
                style = book.style(
                    font_color=book.colour("quiet"),
                    bottom=4,
                    bottom_color=book.colour("rule"),
                    text_wrap=True,
                    font_size=book.size("source"),
                )
            if (line, column) != (3, 0):
                sheet.write_blank(line, column, None, style)
        shown = book.style(
            font_name=book.theme.fonts["code"],
            font_size=book.size("source"),
            font_color=book.colour("quiet"),
            text_wrap=True,
            bottom=4,
            bottom_color=book.colour("rule"),
        )
        sheet.write_string(line, 8, claim.formula.removeprefix("="), shown)
        longest = max(len(str(claim.note)) + 50 * bool(claim.other), len(claim.formula))
        sheet.set_row(line, 14 * min(4, 1 + longest // 46))
    verdicts = (3, 6, last, 6)
    for outcome, colour in ((Outcome.AGREES, book.colour("third")), (Outcome.DIFFERS, book.colour("alarm"))):
        for told in in_every(WORDS[outcome.verdict]):
            rule = {"type": "formula", "criteria": f'=$G4&""={quoted(told)}'}
            sheet.conditional_format(*verdicts, {**rule, "format": book.style(font_color=colour, bold=True)})
    cells = f"$G$4:$G${last + 1}"
    for place, verdict in enumerate(dict.fromkeys(outcome.verdict for outcome in Outcome), last + 2):
        book.label(sheet, place, 1, Text("Figures: {verdict}").of(verdict=WORDS[verdict]))
        # joined with "": LibreOffice takes no text out of an add-in's table for equal to another
        ones = "+".join(f'({cells}&""={quoted(told)})' for told in in_every(WORDS[verdict]))
        book.native(sheet, place, 3, f"=SUMPRODUCT({ones})", COUNT)


def checks_sheet(book: Book, checks: Sequence[Check]) -> None:
    """An Audit sheet for a workbook that follows no report: numbers that must agree with each other."""
    sheet = book.sheet("Audit", (70, 16, 16, 14, 12))
    book.text(sheet, 0, 0, Text("Checks"), bold=True, font_size=book.size("title"), font_color=book.colour("dark"))
    subtitle = Text("Each line computes the same thing in two ways")
    book.text(sheet, 1, 0, subtitle, font_color=book.colour("quiet"))
    heads = (
        Text("Check"),
        Text("One way"),
        Text("The other"),
        Text("Difference"),
        Text("Verdict"),
    )
    book.heads(sheet, 2, heads)
    agrees, differs, lacking = Outcome.AGREES.verdict, Outcome.DIFFERS.verdict, Outcome.NEEDS_DATA.verdict
    for line, check in enumerate(checks, 3):
        book.label(sheet, line, 0, check.text, line)
        for column, (name, formula) in enumerate((("one", check.one), ("other", check.other)), 1):
            cells = book.values.put(f"check{line - 2}.{name}", formula, (check.number_format,))
            book.show(sheet, line, column, cells.at(), check.number_format, line)
        book.native(sheet, line, 3, f'=IFERROR(B{line + 1}-C{line + 1},"")', check.number_format, line)
        agree, differ = expression(WORDS[agrees]), expression(WORDS[differs])
        within = f"ABS(B{line + 1}-C{line + 1})<={check.tolerance!r}"
        verdict = f"=IFERROR(IF({within},{agree},{differ}),{expression(WORDS[lacking])})"
        book.native(sheet, line, 4, verdict, "@", line)
    told = [
        (text, colour)
        for verdict, colour in ((agrees, book.colour("third")), (differs, book.colour("alarm")))
        for text in in_every(WORDS[verdict])
    ]
    for text, colour in told:
        rule = {"type": "cell", "criteria": "==", "value": quoted(text)}
        sheet.conditional_format(3, 4, 2 + len(checks), 4, {**rule, "format": book.style(font_color=colour, bold=True)})
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)


@dataclass(frozen=True, slots=True)
class Summary:
    """How many figures have which verdict, and which differ, in two sentences.

    Attributes:
        title: Its heading.
        verdicts: The words of each verdict, and how many figures have it.
        differing: The numbers of those that differ, for programs; None: there are none.
        named: The formula of their names, for people.
        count: Key of how many differ.
    """

    title: Text
    verdicts: Sequence[tuple[Text, Line]]
    differing: Line | None = None
    named: str = ""
    count: str = ""

    def write(self, page: Page, area: Area) -> int:
        """Write it."""
        book = page.book
        page.heading(area, self.title)
        lines = [line for _, line in self.verdicts] + ([self.differing] if self.differing else [])
        cells = {}
        for line in lines:
            cells[line.key] = book.values.put(line.key, line.formula, (line.number_format,)).at()
            book.values.figure(line.key, line.text, line.number_format, cells[line.key], line.formula)
        counted = [f'{expression(word)}&" "&{cells[line.key]}' for word, line in self.verdicts]
        sentences = [
            expression(
                Text("Figures: {counts}."), counts=f"_xlfn.TEXTJOIN({expression(_BETWEEN)},TRUE,{','.join(counted)})"
            )
        ]
        if self.differing is not None:
            names = book.values.put(f"{self.differing.key}.names", self.named, ("@",)).at()
            told = expression(Text("Those that differ: {which}"), which=_first_names(names, cells[self.count]))
            sentences.append(f'IF({names}="","",{told})')
        page.space(area.row + 1, BELOW_RULE)
        row = area.row + 2
        for rows, sentence in enumerate(sentences, 1):  # which differ may take two rows
            told = f"IFERROR({sentence},missing)"
            book.paragraph(page.sheet, row, area.column, rows, area.span, f"={told}")
            page.fold(row, rows, rows_used(page, area.span, told))
            row += rows
        return row - area.row


def _first_names(names: str, count: str) -> str:
    """The expression of as many names as two rows of the page hold, and how many more there are."""
    most = f'IF(lang="{ENGLISH}",{_LETTERS},{_SIGNS})'
    kept = f'(LEN(LEFT({names},{most}))-LEN(SUBSTITUTE(LEFT({names},{most}),"; ","")))/2'
    first = f'LEFT({names},FIND("|",SUBSTITUTE({names},"; ","|",{kept}))-1)'
    cut = expression(Text("{names}; and {more} more on the sheet Audit"), names=first, more=f"({count}-{kept})")
    return f"IF(LEN({names})<={most},{names},IFERROR({cut},{names}))"


def summary(report: Report | None, checks: int) -> Summary:
    """What the Audit sheet comes to, for the page: figures by verdict, and those that differ.

    Args:
        report: The report whose figures are audited; None where numbers are compared with each other.
        checks: How many are, then.
    """
    if report is None:
        verdicts, last = "E", 3 + checks
        kinds = [Outcome.AGREES.verdict, Outcome.DIFFERS.verdict, Outcome.NEEDS_DATA.verdict]
    else:
        verdicts, last = "G", 3 + sum(claim.report == report.key for claim in claims())
        kinds = list(dict.fromkeys(outcome.verdict for outcome in Outcome))
    cells = f"Audit!${verdicts}$4:${verdicts}${last}"

    def holds(verdict: str) -> str:
        # joined with "": LibreOffice takes no text out of an add-in's table for equal to another
        return "+".join(f'({cells}&""={quoted(told)})' for told in in_every(WORDS[verdict]))

    lines = [
        (
            WORDS[verdict],
            Line(
                f"audit.{key_of(verdict)}",
                Text("Figures: {verdict}").of(verdict=WORDS[verdict]),
                f"SUMPRODUCT({holds(verdict)})",
                COUNT,
            ),
        )
        for verdict in kinds
    ]
    which, named = None, ""
    if report is not None:
        differing = f'_xlfn.TEXTJOIN(", ",TRUE,IF({holds(Outcome.DIFFERS.verdict)}>0,Audit!$A$4:$A${last},""))'
        which = Line("audit.differing", Text("Those that differ"), differing, "@")
        named = differing.replace("Audit!$A$4:$A$", "Audit!$B$4:$B$").replace('", "', '"; "', 1)
    title = Text("Published against computed") if report is not None else Text("Checks")
    return Summary(title, tuple(lines), which, named, f"audit.{key_of(Outcome.DIFFERS.verdict)}")


def key_of(verdict: str) -> str:
    """A verdict as part of a key."""
    return "_".join(re.findall("[a-z]+", verdict))
