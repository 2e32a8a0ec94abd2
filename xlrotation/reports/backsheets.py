"""The sheets behind the pages that every book has: Inputs and Notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.boundary.words import WORDS
from xlrotation.languages import ENGLISH, Text, alternatives, known
from xlrotation.market.providers.sample import NOTICE
from xlrotation.reports import colouring
from xlrotation.reports.choosing import chosen, expression, in_every, quoted
from xlrotation.reports.kit import COUNT, DATE, Book
from xlrotation.reports.page import LINE
from xlrotation.reports.paper import lines_of
from xlrotation.workbook.output.missing import CHECK
from xlrotation.workbook.output.missing import NAME as MISSING

UNIVERSES = ("SP500", "SP50")
"""Member lists for breadth, the first that the data hold is taken."""

UNIVERSE_NAMES = {UNIVERSES[0]: Text("S&P 500 members"), UNIVERSES[1]: Text("50 largest")}
"""What the lists are called beside a figure."""

_MISSING = 20
"""Reasons that Notes lists at most."""


@dataclass(frozen=True, slots=True)
class Input:
    """A number, date or text that a reader may change.

    Attributes:
        name: Its defined name.
        label: What it is.
        value: What it opens with.
        number_format: How it is shown.
        origin: Where the value comes from.
        choices: What may be chosen; empty where anything may be typed.
    """

    name: str
    label: Text
    value: float | str | dt.date
    number_format: str
    origin: Text
    choices: Sequence[str] = ()


_REMARK = 56.0
"""Width of what an input means, in sizes of its font."""


class _Rows:
    """The Inputs sheet, row after row."""

    def __init__(self, book: Book, sheet: Worksheet, row: int) -> None:
        self.book, self.sheet, self.row = book, sheet, row

    def add(self, item: Input) -> int:
        """A yellow cell with its name; returns its row."""
        book, sheet, row = self.book, self.sheet, self.row
        book.label(sheet, row, 0, item.label)
        value = dt.datetime.combine(item.value, dt.time()) if isinstance(item.value, dt.date) else item.value
        sheet.write(row, 1, value, book.style(num_format=item.number_format, align="right", **book.yellow))
        if item.choices:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": list(item.choices)})
        book.text(sheet, row, 2, item.origin, bottom=4, bottom_color=book.colour("rule"), indent=1, text_wrap=True)
        if max(lines_of(item.origin.into(lang), _REMARK) for lang in known()) > 1:
            sheet.set_row(row, 2 * LINE)
        book.name(item.name, f"Inputs!$B${row + 1}")
        self.row += 1
        return row

    def tell(self, name: str, label: Text, formula: str, remark: Text | None = None, array: bool = False) -> None:
        """A cell that is computed, with its name."""
        book, sheet, row = self.book, self.sheet, self.row
        book.label(sheet, row, 0, label)
        (book.value if array else book.native)(sheet, row, 1, formula, "@")
        if remark is not None:
            book.label(sheet, row, 2, remark)
        book.name(name, f"Inputs!$B${row + 1}")
        self.row += 1


def inputs_sheet(
    book: Book, rows: Sequence[Input], mag7: Sequence[str] = (), groups: Mapping[str, Sequence[str]] | None = None
) -> None:
    """The Inputs sheet: as-of, language, universe, colours, data source, and numbers that are not prices.

    Args:
        book: The book.
        rows: The inputs, each a name of its own.
        mag7: Members of the list named ``mag7_members``.
        groups: Names of several inputs that stand below each other.
    """
    sheet = book.sheet("Inputs", (50, 16, 70))
    book.text(sheet, 0, 0, Text("Inputs"), bold=True, font_size=book.size("title"), font_color=book.colour("dark"))
    book.text(sheet, 1, 0, Text("Yellow cells may be changed"), font_color=book.colour("quiet"))
    book.heads(sheet, 2, (Text("Input"), Text("Value"), Text("Meaning and origin")), left=3)
    filled = _Rows(book, sheet, 3)
    filled.add(Input("asof", Text("As of"), book.asof, DATE, Text("Blank: the newest session in the data")))
    _session_list(book, sheet, filled.row - 1)
    said = Text("{known}; texts follow at once").of(known=alternatives(known()))
    filled.add(Input("lang", Text("Language"), "en", "@", said, known()))
    lists = Text(
        "Member list of breadth: SP500, SP50, a list of universes.csv. Blank: {first} where the data hold it, or {other}"
    )
    lists = lists.of(first=UNIVERSES[0], other=UNIVERSES[1])
    filled.add(Input("universe", Text("Universe"), "", "@", lists))
    _universe_list(book, sheet, filled.row - 1)
    palettes = tuple(book.theme.market)
    of_colours = Text("Colours of up and down: {choices}").of(choices=alternatives(palettes))
    filled.add(Input(colouring.NAME, Text("Market colours"), palettes[0], "@", of_colours, palettes))
    status = "XLR_STATUS(FALSE)"
    setter = Text("Set by the program that fills the workbook")
    filled.tell("data_source_text", Text("Data source"), f"=INDEX({status},1,2)", setter, array=True)
    filled.tell("data_source", Text("Data source as shown"), f"={_named_source()}")
    filled.tell("data_notice_text", Text("Notice"), f"=INDEX({status},ROWS({status}),2)", array=True)
    nothing = ",".join(f"data_notice_text={quoted(none)}" for none in in_every(WORDS["none"]))
    told = {lang: quoted(Text(NOTICE).into(lang)) for lang in known()} | {ENGLISH: "data_notice_text"}
    filled.tell("data_notice", Text("Notice as shown"), f'=IF(OR({nothing}),"",{chosen(told)})')
    places = {item.name: filled.add(item) for item in rows}
    for group, members in (groups or {}).items():
        book.name(group, f"Inputs!$B${places[members[0]] + 1}:$B${places[members[-1]] + 1}")
    filled.row += 1
    first = filled.row
    for row, ticker in enumerate(mag7, first):
        book.label(sheet, row, 0, Text("Magnificent 7 member"))
        sheet.write_string(row, 1, ticker, book.style(align="right", **book.yellow))
    if mag7:
        book.name("mag7_members", f"Inputs!$B${first + 1}:$B${first + len(mag7)}")


def _named_source() -> str:
    """A folder by its own name: the path to it is nobody's business under a title."""
    path = 'SUBSTITUTE(MID(data_source_text,8,999),"\\","/")'
    name = f'TRIM(RIGHT(SUBSTITUTE({path},"/",REPT(" ",200)),200))'
    told = expression(Text("folder {name}"), name=name)
    sample = expression(Text("sample"))
    return f'IF(LEFT(data_source_text,7)="folder:",{told},IF(data_source_text="sample",{sample},data_source_text))'


COMMON = (
    ("asof", Text("As of")),
    ("lang", Text("Language")),
    ("universe", Text("Universe")),
    (colouring.NAME, Text("Market colours")),
    ("data_source", Text("Data source")),
)
"""Names that every book has, and what their cells hold."""

_SESSIONS = 120
"""Sessions that the list of the as-of cell offers, the newest first."""


def _session_list(book: Book, sheet: Worksheet, row: int) -> None:
    """Let the as-of cell offer the sessions of the data; another date may be typed."""
    table = f'INDEX(PX_HISTORY("SPX",,,"close",FALSE,{_SESSIONS}),,1)'
    found = book.values.put("sessions.found", table, (DATE,), _SESSIONS)
    order = f'IFERROR(LARGE({found.area},ROW($1:${_SESSIONS})),"")'
    cells = book.values.put("sessions", order, (DATE,), _SESSIONS)
    source = f"={cells.at()}:INDEX({cells.area},MAX(1,COUNT({cells.area})))"
    sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": source, "show_error": False})


_LISTS = 30
"""Universes that the list of their cell offers, the user's own first."""


def _universe_list(book: Book, sheet: Worksheet, row: int) -> None:
    """Let the universe's cell offer the lists at hand; more may be typed, such as parts of them and sums."""
    status = 'XLR_STATUS(FALSE,"en")'
    told = f'INDEX({status},MATCH("Universes",INDEX({status},,1),0),2)'
    found = book.values.put("universes.found", told, ("@",))
    names = f'SUBSTITUTE(MID({found.at()},FIND(":",{found.at()})+2,9999)," ",REPT(" ",99))'
    each = f'IFERROR(TRIM(MID({names},(ROW($1:${_LISTS})-1)*99+1,99)),"")'
    cells = book.values.put("universes", each, ("@",), _LISTS)
    source = f'={cells.at()}:INDEX({cells.area},MAX(1,COUNTIF({cells.area},"?*")))'
    sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": source, "show_error": False})
    known = book.values.put("universe.known", 'IF(universe="",0,ROWS(UNI_MEMBERS(universe,asof,FALSE)))', (COUNT,))
    book.name(f"{CHECK}universe", known.at())


def common_values(book: Book, breadth: bool) -> None:
    """The figures that every book's formulas may name: the session, and the universe with what it is called.

    ``{session}`` is the as-of session, ``{session.back1}`` and ``{session.back5}`` those before it,
    ``{universe}`` the member list in use, ``{universe.label}`` its words.
    """
    session = book.values.put("session", "XLR_ASOF(asof)", (DATE,))
    book.name(f"{CHECK}asof", session.at())
    days = book.values.put("session.days", 'INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,6),,1)', (DATE,), 6)
    for back in (1, 5):  # the session so many before; none where the data begin later
        counted = f"COUNT({days.area})"
        formula = f"IF({counted}>{back},INDEX({days.area},{counted}-{back}),NA())"
        book.values.put(f"session.back{back}", formula, (DATE,))
    if not breadth:
        return
    first, other = UNIVERSES
    held = f'ISNUMBER(BRD_ABOVE_MA("{first}",50,asof))'
    cells = book.values.put("universe", f'IF(universe="",IF({held},"{first}","{other}"),universe)', ("@",))
    told = cells.at()
    for name, text in UNIVERSE_NAMES.items():
        told = f'IF({cells.at()}="{name}",{expression(text)},{told})'
    book.values.put("universe.label", told, ("@",))


def notes_sheet(book: Book, notes: Sequence[Text], symbols: Sequence[str] = ()) -> None:
    """The Notes sheet: definitions, what to bear in mind, what is missing and why, and whence the prices come.

    Args:
        book: The book.
        notes: Its sentences.
        symbols: Symbols whose origin is told.
    """
    sheet = book.sheet("Notes", (16, 12, 24, 14, 14, 20, 28))
    book.text(sheet, 0, 0, Text("Notes"), bold=True, font_size=book.size("title"), font_color=book.colour("dark"))
    sheet.freeze_panes(1, 0)
    row = 2
    for row, note in enumerate(notes, 2):
        style = book.style(text_wrap=True, valign="top")
        sheet.merge_range(row, 0, row, 6, "", style)
        sheet.write_formula(row, 0, f"={expression(note)}", style, str(note))
        sheet.set_row(row, 14 * (1 + len(str(note)) // 112))
    row = _symbols(book, sheet, row + 2, symbols) if symbols else row + 2
    title = {"bold": True, "font_color": book.colour("dark")}
    book.text(sheet, row, 0, Text("What is missing, and why"), **title)
    book.heads(sheet, row + 1, (Text("Figures"), "", "", Text("Reason"), "", "", ""), left=7)
    small = {"font_size": book.size("source"), "text_wrap": True, "valign": "top"}
    for line in range(row + 2, row + 2 + _MISSING):
        sheet.merge_range(line, 0, line, 2, "", book.style(**small))
        sheet.merge_range(line, 3, line, 6, "", book.style(**small))
        sheet.set_row(line, 24)
    book.name(MISSING, f"Notes!$A${row + 3}:$D${row + 2 + _MISSING}")


def _symbols(book: Book, sheet: Worksheet, row: int, symbols: Sequence[str]) -> int:
    heads = (Text("Symbol"), Text("Ticker"), Text("Provider"), Text("First session"), Text("Last session"), Text("Fetched"), Text("Adjustment"))  # fmt: skip
    book.text(sheet, row, 0, Text("Where the prices come from"), bold=True, font_color=book.colour("dark"))
    book.heads(sheet, row + 1, heads, left=7)
    for line, symbol in enumerate(symbols, row + 2):
        sheet.write_string(line, 0, symbol, book.body("@"))
        formula = f"=IFERROR(TRANSPOSE(INDEX(XLR_SOURCE(A{line + 1},FALSE),,2)),{expression(Text('no data'))})"
        book.table(sheet, line, 1, 1, 6, formula, "@", "@", DATE, DATE, "@", "@")
    return row + 3 + len(symbols)
