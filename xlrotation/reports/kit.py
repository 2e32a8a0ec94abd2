"""What all report workbooks share: styles, page set-up, texts, the inputs and notes sheets.

A template is built by XlsxWriter from a definition in this package, never by hand. Its texts follow the cell named
``lang``, its numbers the cell named ``asof``; both live on the Inputs sheet.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.words import WORDS
from xlrotation.languages import ENGLISH, Text, alternatives, known
from xlrotation.market.providers.sample import NOTICE
from xlrotation.reports import figures
from xlrotation.reports.choosing import chosen, expression, in_every, quoted
from xlrotation.workbook.formulas.references import column_letters, parse_area
from xlrotation.workbook.output.figures import DATE as DATE_HEAD
from xlrotation.workbook.output.figures import FORMULA, KEY, LABEL, STATE, TABLE, UNIT, VALUE

# Okabe and Ito's colours, which colour-blind readers tell apart.
BLUE, ORANGE, GREEN, RED, GREY, DARK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C", "#1F3044"
INPUT_FILL = "#FFF8DC"

_ONE_LINE = 16
"""Letters of a head that a number's column shows on one line."""

NOTHING = Text("n/a", "no value")
"""What a cell says that has no value."""

PERCENT = "+0.00%;-0.00%;0.00%"
POINTS = "#,##0.00"
DATE = "yyyy-mm-dd"
COUNT = "0"


class Book:
    """A template under construction.

    Args:
        path: Where it is written.
        title: Title of the report.
        asof: As-of date that the template opens with.
    """

    def __init__(self, path: Path, title: Text, asof: dt.date) -> None:
        self.title = title
        self._path, self._file = path, io.BytesIO()  # in memory: no temporary files, errors of the system's own kinds
        self._book = xlsxwriter.Workbook(self._file, {"default_date_format": DATE, "in_memory": True})
        self._book.set_calc_mode("auto")
        others = "; ".join(title.into(lang) for lang in known() if lang != ENGLISH)
        self._book.set_properties({"title": str(title), "subject": others, "comments": "Built by xlrotation"})
        # A fixed date keeps the build reproducible byte for byte.
        self._book.set_properties({"title": str(title), "subject": others, "created": dt.datetime(2026, 1, 1)})
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}
        self.asof = asof
        self._names: list[str] = []
        self._figures: dict[str, figures.Figure] = {}

    def style(self, **properties: object) -> Format:
        """A cell format; equal ones are shared."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self._book.add_format({**base, **properties})
        return self._formats[key]

    def sheet(self, name: str, widths: Sequence[float], landscape: bool = False) -> Worksheet:
        """A sheet made to be printed: A4, one page wide, title rows and a footer with page numbers."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&L&8xlrotation &A&C&8Not investment advice&R&8&P / &N")
        return sheet

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
        self._names.append(name)
        self._book.define_name(name, f"={reference}")

    def figure(
        self, key: str, label: Text | str, cell: str, number_format: str, formula: str, date: str = figures.SESSION
    ) -> None:
        """Give a result a name, and a row in the hidden table of figures.

        Args:
            key: Its name.
            label: What it is.
            cell: The cell that shows it, or an expression that finds it.
            number_format: How it is shown.
            formula: What computes it.
            date: The cell or expression of the session that it is of.

        Raises:
            ValueError: It is no key, or is taken.
        """
        made = figures.Figure(key, label, cell, number_format, formula.removeprefix("="), date)
        self._figures[key] = figures.checked(self._figures, self._names, made)

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: It cannot be written.
        """
        self._results_sheet()
        self._book.close()
        self._path.write_bytes(self._file.getvalue())

    # Cells

    def text(self, sheet: Worksheet, row: int, column: int, text: Text, **style: object) -> None:
        """A text that follows the language cell."""
        sheet.write_formula(row, column, f"={expression(text)}", self.style(**style), str(text))

    def heading(self, sheet: Worksheet, row: int, text: Text, last_column: int) -> None:
        """A section heading with a rule under the whole width."""
        style = {"bold": True, "font_size": 12, "font_color": DARK, "bottom": 2, "bottom_color": BLUE}
        self.text(sheet, row, 0, text, **style)
        for column in range(1, last_column + 1):
            sheet.write_blank(row, column, None, self.style(**style))
        sheet.set_row(row, 20)

    def heads(self, sheet: Worksheet, row: int, texts: Sequence[Text | str], left: int = 1) -> None:
        """The head row of a table; the first *left* heads stand over texts, the others over numbers."""
        if any(isinstance(text, Text) and len(str(text)) > _ONE_LINE for text in texts[left:]):
            sheet.set_row(row, 28)
        for column, text in enumerate(texts):
            style = {
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": DARK,
                "align": "left" if column < left else "right",
                "text_wrap": True,
            }
            if isinstance(text, Text):
                self.text(sheet, row, column, text, **style)
            else:
                sheet.write(row, column, text, self.style(**style))

    def table(
        self, sheet: Worksheet, row: int, column: int, rows: int, columns: int, formula: str, *formats: str
    ) -> None:
        """One formula that fills a table; *formats* are the number formats of its columns, the last one repeats."""
        sheet.write_dynamic_array_formula(
            row, column, row + rows - 1, column + columns - 1, formula, self.body(formats[0])
        )
        for r in range(rows):  # after the formula, which gives all cells the first one's format
            for c in range(columns):
                if r or c:
                    style = self.body(formats[min(c, len(formats) - 1)], r)
                    sheet.write_blank(row + r, column + c, None, style)

    def value(self, sheet: Worksheet, row: int, column: int, formula: str, number_format: str, stripe: int = 0) -> None:
        """A formula with one result."""
        sheet.write_dynamic_array_formula(row, column, row, column, formula, self.body(number_format, stripe))

    def native(
        self, sheet: Worksheet, row: int, column: int, formula: str, number_format: str, stripe: int = 0
    ) -> None:
        """A formula of native functions only."""
        sheet.write_formula(row, column, formula, self.body(number_format, stripe))

    def label(self, sheet: Worksheet, row: int, column: int, text: Text | str, stripe: int = 0) -> None:
        """A row label."""
        style = {"bottom": 4, "bottom_color": "#D0D0D0", "bg_color": "#F4F6F8" if stripe % 2 else "#FFFFFF"}
        if isinstance(text, Text):
            self.text(sheet, row, column, text, **style)
        else:
            sheet.write(row, column, text, self.style(**style))

    def body(self, number_format: str, stripe: int = 0) -> Format:
        """The format of a table's cell."""
        return self.style(
            num_format=number_format,
            **({"align": "left", "indent": 1} if number_format == "@" else {"align": "right"}),
            bottom=4,
            bottom_color="#D0D0D0",
            bg_color="#F4F6F8" if stripe % 2 else "#FFFFFF",
        )

    # Sheets that every template has

    def title_block(self, sheet: Worksheet, last_column: int) -> None:
        """Title, as-of session, source and, where it applies, the warning about sample data."""
        self.text(sheet, 0, 0, self.title, bold=True, font_size=16, font_color=DARK)
        sheet.set_row(0, 26)
        day = 'TEXT(XLR_ASOF(asof),"yyyy-mm-dd")'
        subtitle = "=" + expression(Text("As of {day} · source {source}"), day=day, source="data_source")
        self_style = self.style(font_color=GREY)
        sheet.write_dynamic_array_formula(1, 0, 1, 0, subtitle, self_style)
        sheet.write_formula(2, 0, "=data_notice", self.style(font_color=RED, italic=True, font_size=9))
        sheet.set_row(2, 14)
        sheet.repeat_rows(0, 3)
        sheet.freeze_panes(3, 0)
        sheet.set_column(last_column + 1, last_column + 1, 2)

    def inputs_sheet(
        self, rows: Sequence[Input], mag7: Sequence[str] = (), groups: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """The Inputs sheet: as-of, language, data source, and numbers that are not prices, with their origin.

        Args:
            rows: The inputs, each a name of its own.
            mag7: Members of the list named ``mag7_members``.
            groups: Names of several inputs that stand below each other.
        """
        groups = groups or {}
        sheet = self.sheet("Inputs", (50, 16, 70))
        self.text(sheet, 0, 0, Text("Inputs"), bold=True, font_size=16, font_color=DARK)
        self.text(sheet, 1, 0, Text("Yellow cells may be changed"), font_color=GREY)
        heads = (Text("Input"), Text("Value"), Text("Meaning and origin"))
        self.heads(sheet, 2, heads, left=3)
        yellow = {
            "bg_color": INPUT_FILL,
            "border": 1,
            "border_color": "#D0C890",
            "font_color": "#00008B",
            "align": "right",
        }
        self.label(sheet, 3, 0, Text("As of"))
        sheet.write_datetime(3, 1, dt.datetime.combine(self.asof, dt.time()), self.style(num_format=DATE, **yellow))
        self.label(sheet, 3, 2, Text("Blank: the newest session in the data"))
        self.label(sheet, 4, 0, Text("Language"))
        sheet.write_string(4, 1, "en", self.style(**yellow))
        sheet.data_validation(4, 1, 4, 1, {"validate": "list", "source": list(known())})
        self.label(sheet, 4, 2, Text("{known}; texts follow at once").of(known=alternatives(known())))
        status = "XLR_STATUS(FALSE)"
        self.label(sheet, 5, 0, Text("Data source"))
        self.value(sheet, 5, 1, f"=INDEX({status},1,2)", "@")
        self.label(sheet, 5, 2, Text("Set by the program that fills the workbook"))
        self.label(sheet, 6, 0, Text("Notice"))
        self.value(sheet, 6, 1, f"=INDEX({status},ROWS({status}),2)", "@")
        for name, row in {"asof": 4, "lang": 5, "data_source": 6}.items():
            self.name(name, f"Inputs!$B${row}")
        self.name("data_notice_text", "Inputs!$B$7")
        nothing = ",".join(f"data_notice_text={quoted(none)}" for none in in_every(WORDS["none"]))
        told = {lang: quoted(Text(NOTICE).into(lang)) for lang in known()} | {ENGLISH: "data_notice_text"}
        shown = f'=IF(OR({nothing}),"",{chosen(told)})'
        sheet.write_formula(7, 1, shown, self.body("@", 0))
        self.label(sheet, 7, 0, Text("Notice as shown"))
        self.name("data_notice", "Inputs!$B$8")
        for row, item in enumerate(rows, 8):
            self.label(sheet, row, 0, item.label)
            value = dt.datetime.combine(item.value, dt.time()) if isinstance(item.value, dt.date) else item.value
            sheet.write(row, 1, value, self.style(num_format=item.number_format, **yellow))
            self.text(sheet, row, 2, item.origin, bottom=4, bottom_color="#D0D0D0", indent=1)
            self.name(item.name, f"Inputs!$B${row + 1}")
        for group, members in groups.items():
            places = [8 + index for index, item in enumerate(rows) if item.name in members]
            self.name(group, f"Inputs!$B${places[0] + 1}:$B${places[-1] + 1}")
        first = 8 + len(rows) + 1
        for row, ticker in enumerate(mag7, first):
            self.label(sheet, row, 0, Text("Magnificent 7 member"))
            sheet.write_string(row, 1, ticker, self.style(**yellow))
        if mag7:
            self.name("mag7_members", f"Inputs!$B${first + 1}:$B${first + len(mag7)}")

    def notes_sheet(self, notes: Sequence[Text], symbols: Sequence[str] = ()) -> None:
        """The Notes sheet: definitions, what to bear in mind, and where the prices of *symbols* come from."""
        sheet = self.sheet("Notes", (16, 12, 24, 14, 14, 20, 28))
        self.text(sheet, 0, 0, Text("Notes"), bold=True, font_size=16, font_color=DARK)
        row = 2
        for row, note in enumerate(notes, 2):
            style = self.style(text_wrap=True, valign="top")
            sheet.merge_range(row, 0, row, 6, "", style)
            sheet.write_formula(row, 0, f"={expression(note)}", style, str(note))
            sheet.set_row(row, 14 * (1 + len(str(note)) // 118))
        if not symbols:
            return
        heads = (Text("Symbol"), Text("Ticker"), Text("Provider"), Text("First session"), Text("Last session"), Text("Fetched"), Text("Adjustment"))  # fmt: skip
        self.text(sheet, row + 2, 0, Text("Where the prices come from"), bold=True, font_color=DARK)
        self.heads(sheet, row + 3, heads, left=7)
        for line, symbol in enumerate(symbols, row + 4):
            sheet.write_string(line, 0, symbol, self.body("@"))
            formula = f"=IFERROR(TRANSPOSE(INDEX(XLR_SOURCE(A{line + 1},FALSE),,2)),{expression(Text('no data'))})"
            self.table(sheet, line, 1, 1, 6, formula, "@", "@", DATE, DATE, "@", "@")

    def _results_sheet(self) -> None:
        """The hidden table of figures."""
        if not self._figures:
            return
        languages = list(known())
        heads = (KEY, *(f"{LABEL}{lang}" for lang in languages), VALUE, UNIT, DATE_HEAD, FORMULA, STATE)
        sheet = self.sheet(figures.SHEET, (40, *(40 for _ in languages), 14, 14, 12, 60, 10, 3, 12))
        sheet.hide()
        self.heads(sheet, 0, heads, left=len(heads))
        value, session = 1 + len(languages), len(heads) + 1
        sheet.write_dynamic_array_formula(0, session, 0, session, "=XLR_ASOF(asof)", self.body(DATE))
        self.name(figures.SESSION, f"{figures.SHEET}!${column_letters(session + 1)}$1")
        nothing = [quoted(text) for text in in_every(NOTHING)]
        for row, figure in enumerate(self._figures.values(), 1):
            words = (figure.key, *map(figure.told, languages))
            for column, text in enumerate(words):
                sheet.write_string(row, column, text, self.body("@"))
            cell = f"${column_letters(value + 1)}${row + 1}"
            formula = figures.value_formula(figure, nothing)
            sheet.write_formula(row, value, formula, self.body(figure.number_format))
            sheet.write_string(row, value + 1, figure.unit, self.body("@"))
            sheet.write_formula(row, value + 2, f"={figure.date}", self.body(DATE))
            sheet.write_string(row, value + 3, f"={figure.formula}", self.body("@"))
            sheet.write_formula(row, value + 4, figures.state_formula(cell), self.body("@"))
            self._book.define_name(figure.key, f"={figures.SHEET}!{cell}")
        self.name(TABLE, f"{figures.SHEET}!$A$1:${column_letters(len(heads))}${len(self._figures) + 1}")
        sheet.freeze_panes(1, 1)


@dataclass(frozen=True, slots=True)
class Input:
    """A number, date or text that a reader may change."""

    name: str
    label: Text
    value: float | str | dt.date
    number_format: str
    origin: Text
