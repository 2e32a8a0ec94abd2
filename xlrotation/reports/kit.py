"""A report workbook under construction: its file, sheets, formats, and cells that follow the language.

A template is built by XlsxWriter from a definition, never by hand. Its texts follow the cell named ``lang``, its numbers
the cell named ``asof``; both live on the Inputs sheet.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import ENGLISH, Text, known
from xlrotation.reports.choosing import expression, quoted
from xlrotation.reports.sheetnames import called
from xlrotation.reports.theme import Theme, own_theme
from xlrotation.reports.values import SHEET, Cells, Values
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.output.printing import PAGE
from xlrotation.workbook.output.tabs import PREFIX as TAB

_ONE_LINE = 16
"""Letters of a head that a number's column shows on one line."""

_ELSEWHERE = 2
"""The number of a row that is neither the first of a table of a page nor striped."""

PERCENT = "[>=0.00005]+0.00%;[<=-0.00005]-0.00%;0.00%"
"""Signed, but where the sign of a rounded number is noise."""
POINTS = "#,##0.00"
DATE = "yyyy-mm-dd"
COUNT = "0"
CHANGE = "+0.00;-0.00;0.00"

NOT_THERE = Text("n/a", "in place of a figure")
DISCLAIMER = Text("Not investment advice")


UPRIGHT, ACROSS = 97, 142
"""Widths in characters of what a sheet of A4, upright and across, prints with letters of 8 points at least."""


def lay_out(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Say how a sheet with columns of these widths is printed: upright, across, or several pages side by side.

    Where these are several, the first column stands on each.
    """
    wide = sum(widths)
    if wide > UPRIGHT:
        sheet.set_landscape()
    pages = 1 if wide <= ACROSS else math.ceil((wide - widths[0]) / (ACROSS - widths[0]))
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0)


class Book:
    """A template under construction.

    Args:
        path: Where it is written.
        title: Title of the report.
        asof: As-of date that the template opens with.
        theme: How it looks.
    """

    def __init__(self, path: Path, title: Text, asof: dt.date, theme: Theme | None = None) -> None:
        self.title = title
        self.theme = theme or own_theme()
        self.values = Values()
        self.ends: dict[str, list[tuple[str, str]]] = {}
        self._path, self._file = path, io.BytesIO()  # in memory: no temporary files, errors of the system's own kinds
        self._book = xlsxwriter.Workbook(self._file, {"default_date_format": DATE, "in_memory": True})
        self._book.set_calc_mode("auto")
        others = "; ".join(title.into(lang) for lang in known() if lang != ENGLISH)
        self._book.set_properties({"title": str(title), "subject": others, "comments": "Built by xlrotation"})
        # A fixed date keeps the build reproducible byte for byte.
        self._book.set_properties({"title": str(title), "subject": others, "created": dt.datetime(2026, 1, 1)})
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}
        self.asof = asof

    def colour(self, name: str) -> str:
        """A colour of the theme, by what it means."""
        return self.theme.colours[name]

    def size(self, name: str) -> float:
        """A size of the theme, in points."""
        return self.theme.sizes[name]

    def style(self, **properties: object) -> Format:
        """A cell format; equal ones are shared."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": self.theme.fonts["text"], "font_size": self.size("body"), "valign": "vcenter"}
            self._formats[key] = self._book.add_format({**base, **properties})
        return self._formats[key]

    def difference(self, **properties: object) -> Format:
        """What a conditional format changes of a cell's looks, and nothing else."""
        key = (("rule", True), *sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str, widths: Sequence[float] = ()) -> Worksheet:
        """A sheet made to be printed: A4, as many pages wide as its letters need, a footer with page numbers."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        lay_out(sheet, widths)
        sheet.set_margins(left=0.47, right=0.47, top=0.47, bottom=0.47)
        # an export puts the texts of the cells page_header and page_footer in their place
        sheet.set_header(f"&L&8 {_doubled(str(self.title))}")
        sheet.set_footer(f"&C&8 {DISCLAIMER}&R&8 &P / &N")
        return sheet

    def tabs(self) -> None:
        """Say what each sheet is called in each language."""
        for sheet in self._book.worksheets():
            name = sheet.get_name()
            for lang in known():
                self._book.define_name(f"{name}!{TAB}{lang}", f"={quoted(called(name).into(lang))}")

    def page(self, sheet: Worksheet) -> None:
        """Say that a sheet is a page of the report, to be printed."""
        self._book.define_name(f"{sheet.get_name()}!{PAGE}", "=TRUE")

    def headed(self) -> None:
        """Header and footer of the pages as formulas: title and session, source, and the number of the page."""
        session = 'TEXT({session},"yyyy-mm-dd")'
        title = f'SUBSTITUTE({expression(self.title)},"&","&&")'
        header = f'"&L&8 "&{title}&"&R&8 "&IFERROR({session},"")'
        self.name("page_header", self.values.put("page.header", header, ("@",)).at())
        house = f"{_doubled(self.theme.name)} · " if self.theme.name else ""
        source = expression(Text("Source: {source}, as of {day}"), source="{source}", day=session)
        source = f'SUBSTITUTE(IFERROR({source},data_source),"&","&&")'.replace("{source}", "LEFT(data_source,60)")
        of = expression(Text("page {page} of {pages}").of(page="&P", pages="&N"))
        footer = f'"&L&8 {house}"&{source}&"&C&8 "&{expression(DISCLAIMER)}&"&R&8 "&{of}'
        self.name("page_footer", self.values.put("page.footer", footer, ("@",)).at())

    def chart(self, kind: str, subtype: str | None = None) -> Chart:
        """A native chart."""
        return self._book.add_chart({"type": kind} | ({"subtype": subtype} if subtype else {}))

    def name(self, name: str, reference: str) -> None:
        """Define a name.

        Raises:
            ValueError: It reads as a cell (MAG7 is one), which no spreadsheet program accepts.
        """
        if parse_area(name):
            raise ValueError(f"{name} is a cell")
        self._book.define_name(name, f"={reference}")

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: It cannot be written.
        """
        self._write_values()
        self.tabs()
        self._book.close()
        self._path.write_bytes(self._file.getvalue())

    def _write_values(self) -> None:
        """The sheet that computes: a row or a table for every formula, with its key."""
        widths = (30, 44, *(14 for _ in range(11)))
        sheet = self.sheet(SHEET, widths)
        used = max((entry.cells.column + entry.cells.columns for entry in self.values.entries), default=2)
        lay_out(sheet, widths[:used])
        self.text(sheet, 0, 0, Text("Values"), bold=True, font_size=self.size("title"), font_color=self.colour("dark"))
        note = Text("Each figure is computed here, once; the pages show what stands here, or n/a where it is an error")
        self.text(sheet, 1, 0, note, font_color=self.colour("quiet"))
        sheet.freeze_panes(2, 1)
        sheet.repeat_rows(0)
        self.label(sheet, 2, 0, "missing")
        self.text(sheet, 2, 1, NOT_THERE)
        self.name("missing", f"{SHEET}!$B$3")
        for entry in self.values.entries:
            row, column = entry.cells.row, entry.cells.column
            self.label(sheet, row, 0, entry.key)
            if (label := self.values.labels.get(entry.cells.at().replace("$", ""))) is not None:
                self.label(sheet, row, 1, label)
            formula = "=" + self.values.resolved(entry.formula)
            self.table(sheet, row, column, entry.cells.rows, entry.cells.columns, formula, *entry.formats)

    # Cells

    def text(self, sheet: Worksheet, row: int, column: int, text: Text, **style: object) -> None:
        """A text that follows the language cell."""
        sheet.write_formula(row, column, f"={expression(text)}", self.style(**style), str(text))

    def told(self, sheet: Worksheet, row: int, column: int, told: str, **style: object) -> None:
        """The text of an expression."""
        sheet.write_formula(row, column, f"={told}", self.style(**style), "")

    def wide(self, sheet: Worksheet, row: int, column: int, span: int, formula: str, **style: object) -> None:
        """A formula over several columns."""
        form = self.style(**style)
        if span > 1:
            sheet.merge_range(row, column, row, column + span - 1, "", form)
        sheet.write_formula(row, column, formula, form, "")

    def paragraph(self, sheet: Worksheet, row: int, column: int, rows: int, span: int, formula: str) -> None:
        """A formula that gives several lines of text, over several rows and columns."""
        form = self.style(text_wrap=True, align="left")
        sheet.merge_range(row, column, row + rows - 1, column + span - 1, "", form)
        sheet.write_formula(row, column, formula, form, "")

    def show(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        cell: str,
        number_format: str,
        stripe: int = _ELSEWHERE,
        span: int = 1,
        wrap: bool = False,
        anchor: str = "",
        most: int = 0,
        shrink: bool = False,
        head: str = "",
    ) -> None:
        """The figure of a cell, or that it is missing; blank where that cell is an empty text.

        A cell that a formula in *anchor* should fill is missing as well where that gives an error alone. Nothing stands in
        a row whose *head*, the cell that says what it is of, is blank. A text of more
        than *most* letters is cut; 0: none is. A number that may be too long for a narrow cell is told to *shrink*.
        """
        blank = '""' if anchor in ("", cell) else f'IF(ISERROR({anchor}),missing,"")'
        form = self.body(number_format, stripe, column > 0, wrap, shrink)
        if span > 1:
            sheet.merge_range(row, column, row, column + span - 1, "", form)
        shown = f'IF(LEN({cell})>{most},TRIM(LEFT({cell},{most - 1}))&"…",{cell})' if most else cell
        told = f'IF({cell}&""="",{blank},{shown})'
        if head:
            told = f'IF({head}&""="","",{told})'
        sheet.write_formula(row, column, f"=IFERROR({told},missing)", form, "")

    def heads(self, sheet: Worksheet, row: int, texts: Sequence[Text | str], left: int = 1, column: int = 0) -> None:
        """The head row of a table; the first *left* heads stand over texts, the others over numbers."""
        if any(isinstance(text, Text) and len(str(text)) > _ONE_LINE for text in texts[left:]):
            sheet.set_row(row, 28)
        for place, text in enumerate(texts):
            self.head(sheet, row, column + place, text, "left" if place < left else "right")

    def head(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        text: Text | str,
        align: str,
        span: int = 1,
        meaning: Text | None = None,
        split: int = 0,
    ) -> None:
        """A head of a table.

        Args:
            sheet: Where.
            row: Its row.
            column: Its first column.
            text: What it says.
            align: ``left`` or ``right``.
            span: How many columns it is wide.
            meaning: The definition of what stands below it, its comment in every language.
            split: The space, counted from 1, at which a line ends; 0: none.
        """
        if meaning is not None:
            note = "\n".join(dict.fromkeys(meaning.into(lang) for lang in known()))
            options = {"width": 260, "height": 18 * (2 + len(note) // 40), "font_size": 8, "author": ""}
            sheet.write_comment(row, column, note, options)
        form = self.style(
            bold=True,
            font_size=self.size("source"),
            font_color=self.colour("head_text"),
            bg_color=self.colour("dark"),
            align=align,
            text_wrap=True,
            **({"indent": 1} if align == "left" and column else {}),
        )
        if span > 1:
            sheet.merge_range(row, column, row, column + span - 1, "", form)
        if isinstance(text, Text):
            told, stored = expression(text), str(text)
            if split:
                told, words = f'SUBSTITUTE({told}," ",CHAR(10),{split})', stored.split(" ")
                stored = f"{' '.join(words[:split])}\n{' '.join(words[split:])}"
            sheet.write_formula(row, column, f"={told}", form, stored)
        else:
            sheet.write(row, column, text, form)

    def table(
        self, sheet: Worksheet, row: int, column: int, rows: int, columns: int, formula: str, *formats: str
    ) -> None:
        """One formula that fills a table; *formats* are the number formats of its columns, the last one repeats."""
        sheet.write_dynamic_array_formula(
            row, column, row + rows - 1, column + columns - 1, formula, self.body(formats[0], indent=column > 0)
        )
        for r in range(rows):  # after the formula, which gives all cells the first one's format
            for c in range(columns):
                if r or c:
                    style = self.body(formats[min(c, len(formats) - 1)], r, column + c > 0)
                    sheet.write_blank(row + r, column + c, None, style)

    def value(
        self, sheet: Worksheet, row: int, column: int, formula: str, number_format: str, stripe: int = _ELSEWHERE
    ) -> None:
        """A formula with one result."""
        sheet.write_dynamic_array_formula(row, column, row, column, formula, self.body(number_format, stripe))

    def native(
        self, sheet: Worksheet, row: int, column: int, formula: str, number_format: str, stripe: int = _ELSEWHERE
    ) -> None:
        """A formula of native functions only."""
        sheet.write_formula(row, column, formula, self.body(number_format, stripe))

    def label(
        self, sheet: Worksheet, row: int, column: int, text: Text | str, stripe: int = _ELSEWHERE, span: int = 1
    ) -> None:
        """A row label."""
        more = {"text_wrap": True} if span > 1 else {}
        place = {"align": "left", "indent": 1} if column else {}
        form = self.style(bottom=4, bottom_color=self.colour("rule"), **self._placed(stripe), **more, **place)
        if span > 1:
            sheet.merge_range(row, column, row, column + span - 1, "", form)
        if isinstance(text, Text):
            sheet.write_formula(row, column, f"={expression(text)}", form, str(text))
        else:
            sheet.write(row, column, text, form)

    def body(
        self,
        number_format: str,
        stripe: int = _ELSEWHERE,
        indent: bool = False,
        wrap: bool = False,
        shrink: bool = False,
    ) -> Format:
        """The format of a table's cell: text (``@``) stands left, everything else right."""
        return self.style(
            num_format=number_format,
            **({"align": "left", "indent": int(indent)} if number_format == "@" else {"align": "right"}),
            bottom=4,
            bottom_color=self.colour("rule"),
            **self._placed(stripe),
            **({"text_wrap": True} if wrap else {"shrink": True} if shrink or number_format == "@" else {}),
        )

    @property
    def yellow(self) -> dict[str, object]:
        """The looks of a cell that may be changed."""
        return {
            "bg_color": self.colour("input"),
            "border": 1,
            "border_color": self.colour("input_rule"),
            "font_color": self.colour("input_text"),
        }

    def _placed(self, row: int) -> dict[str, object]:
        """The looks of a row by its number in its table: every second one is striped, the first stands away from the rule."""
        return {"bg_color": self.colour("stripe") if row % 2 else "#FFFFFF", **({} if row else {"valign": "bottom"})}


def _doubled(text: str) -> str:
    """A text as headers of pages write it, where an ampersand begins a code."""
    return text.replace("&", "&&")


def reference(cells: Cells) -> list[object]:
    """Cells as XlsxWriter's charts take them."""
    return [cells.sheet, cells.row, cells.column, cells.row + cells.rows - 1, cells.column + cells.columns - 1]
