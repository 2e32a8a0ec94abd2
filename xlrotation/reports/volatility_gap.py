"""Calm index, uneasy sectors: the workbook after a market report of 2026-02-10.

Its tables are VIX and its bands, small caps since November and their averages, the sectors' day and year, software,
gold and silver against their implied volatility, small caps against the Nasdaq, and levels to watch.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import VOLATILITY_GAP
from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, banded, bars, curves, lines, returns, sectors
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, COUNT, DARK, DATE, GREY, ORANGE, PERCENT, POINTS, Book, Input

REPORT = VOLATILITY_GAP

_SYMBOLS = (
    ("^RUT", Text("Russell 2000")),
    ("^GSPC", Text("S&P 500")),
    ("^IXIC", Text("Nasdaq Composite")),
    ("XLK", Text("Technology sector fund")),
    ("IGV", Text("Software fund")),
    ("GLD", Text("Gold fund")),
    ("SLV", Text("Silver fund")),
)
_DAYS = 120
_BANDS = (
    (16, Text("calm"), "#D8ECF7"),
    (20, Text("normal"), "#BFE3D6"),
    (24, Text("elevated"), "#FBE7BF"),
    (26, Text("medium stress"), "#F7D0B0"),
    (45, Text("severe stress"), "#EDB49B"),
)


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, REPORT.title, REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 12, 12, 12, 12, 12, 12, 12, 14, 14))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = _volatility(book, front, row)
    row = _vix_chart(book, front, row)
    row = _metals(book, front, row)
    front.set_h_pagebreaks([row])
    row = _small(book, front, row)
    row = returns(book, front, row + 1, Text("Returns"), _SYMBOLS)
    row = _sectors(book, front, row + 1)
    _levels(book, front, row)
    _data(book, data)
    book.inputs_sheet(_inputs())
    audit_sheet(book, REPORT)
    volatilities = ("^VIX", "^VXN", "^RVX", "^VVIX", "^VIX3M", "^GVZ", "^VXSL", "^COR1M")
    book.notes_sheet(_notes(), (*volatilities, *(ticker for ticker, _ in _SYMBOLS), *SECTORS))
    book.close()


def _volatility(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Implied volatility"), 5)
    heads = (
        Text("Index"),
        Text("Symbol"),
        Text("Close", "head of a column"),
        Text("Change, 1 session"),
        Text("Percentile, 1 year"),
        Text("Band"),
    )
    book.heads(sheet, row + 1, heads, left=2)
    symbols = (
        ("^VIX", Text("S&P 500, 30 days (VIX)")),
        ("^VXN", Text("Nasdaq 100 (VXN)")),
        ("^RVX", Text("Russell 2000 (RVX)")),
        ("^VVIX", Text("Volatility of VIX (VVIX)")),
    )
    first = row + 2
    for place, (ticker, name) in enumerate(symbols):
        book.label(sheet, first + place, 0, name, place)
        sheet.write_string(first + place, 1, ticker, book.body("@", place))
    column = f"B{first + 1}:B{first + len(symbols)}"
    rows = len(symbols)
    book.table(sheet, first, 2, rows, 1, f"=PX_CLOSE({column},asof)", POINTS)
    book.table(sheet, first, 3, rows, 1, f'=PX_RET({column},"1D",asof)', PERCENT)
    book.table(sheet, first, 4, rows, 1, f'=VOL_PCTILE({column},"1Y",asof)', "0%")
    book.value(sheet, first, 5, f"=VOL_BAND(C{first + 1},lang)", "@")
    for place in range(1, rows):
        book.label(sheet, first + place, 5, "", place)
    items = (
        Line(Text("Technology minus small caps (VXN - RVX), points"), 'VOL_GAP("VXN","RVX",asof)', "+0.00;-0.00"),
        Line(Text("Three months over one (VIX3M / VIX - 1)"), "VOL_TERM_SLOPE(asof)", PERCENT),
        Line(Text("Realised volatility of the S&P 500, 1 month"), 'VOL_REALIZED("SPX","1M",asof)', "0.0%"),
        Line(Text("VIX minus realised, points"), 'PX_CLOSE("VIX",asof)-100*VOL_REALIZED("SPX","1M",asof)', "+0.0;-0.0"),
        Line(Text("Implied correlation (COR1M)"), 'PX_CLOSE("COR1M",asof)', POINTS),
    )  # fmt: skip
    return lines(book, sheet, first + rows + 1, items)


def _vix_chart(book: Book, sheet: Worksheet, row: int) -> int:
    dates = Place("Data", 0, 1, _DAYS)
    bands = [
        (f"=Data!${chr(ord('C') + place)}$1", Place("Data", 2 + place, 1, _DAYS), colour)
        for place, (_, _, colour) in enumerate(_BANDS)
    ]
    line = Curve("=Data!$B$1", Place("Data", 1, 1, _DAYS), DARK)
    title = Text("VIX in its bands")
    alt = "Line: VIX on the last 120 sessions over bands from calm to severe stress"
    return banded(book, Drawing(sheet, "Report", row + 1, title, alt), dates, bands, line, 45.0)


def _metals(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text("Gold and silver: the day against what options expected")
    book.heading(sheet, row, heading, 5)
    heads = (
        Text("Fund"),
        Text("Symbol"),
        Text("1 session"),
        Text("Implied volatility"),
        Text("One-day move expected"),
        Text("Move in such units"),
    )
    book.heads(sheet, row + 1, heads, left=2)
    funds = (("GLD", "^GVZ", Text("Gold")), ("SLV", "^VXSL", Text("Silver")))
    for place, (fund, index, name) in enumerate(funds):
        line = row + 2 + place
        book.label(sheet, line, 0, name, place)
        sheet.write_string(line, 1, fund, book.body("@", place))
        book.value(sheet, line, 2, f'=PX_RET(B{line + 1},"1D",asof)', PERCENT, place)
        book.value(sheet, line, 3, f'=PX_CLOSE("{index}",XLR_ASOF(asof)-1)/100', "0.0%", place)
        book.native(sheet, line, 4, f"=D{line + 1}/SQRT(252)", "0.00%", place)
        book.native(sheet, line, 5, f"=ABS(C{line + 1})/E{line + 1}", "0.0", place)
    return row + 5


def _small(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Small caps since a date"), 5)
    items = (
        Line(Text("From"), "small_from", DATE, Text("on the Inputs sheet")),
        Line(Text("Russell 2000, close to close"), 'PX_RET_BETWEEN("RUT",small_from,XLR_ASOF(asof))', PERCENT),
        Line(Text("Russell 2000, from the first day's open"), 'PX_RET_BETWEEN("RUT",small_from,XLR_ASOF(asof),,"OPEN")', PERCENT),
        Line(Text("Nasdaq Composite, close to close"), 'PX_RET_BETWEEN("IXIC",small_from,XLR_ASOF(asof))', PERCENT),
        Line(Text("Average of 20 closes"), 'PX_MA("RUT",20,asof)', POINTS),
        Line(Text("Average of 50 closes"), 'PX_MA("RUT",50,asof)', POINTS),
        Line(Text("Close against the 50-day average"), 'PX_VS_MA("RUT",50,asof)', PERCENT),
        Line(Text("Above the 200-day average, 50 largest companies"), 'BRD_ABOVE_MA("SP50",200,asof)', "0%"),
    )  # fmt: skip
    row = lines(book, sheet, row + 1, items)
    dates = Place("Data", 0, 1, _DAYS)
    series = (
        Curve("=Data!$I$1", Place("Data", 8, 1, _DAYS), BLUE),
        Curve("=Data!$J$1", Place("Data", 9, 1, _DAYS), ORANGE),
    )
    title = Text("Small caps and the Nasdaq, first day = 100")
    alt = "Two lines: Russell 2000 and Nasdaq Composite on the last 120 sessions, both 100 at the first"
    return curves(book, Drawing(sheet, "Report", row + 1, title, alt, height=240), dates, series, "0", lowest=80.0)


def _sectors(book: Book, sheet: Worksheet, row: int) -> int:
    rows = sectors(book, sheet, row, Text("Sectors, by the year so far"), "YTD")
    names, values = Place("Report", 0, rows.start, rows.stop - 1), Place("Report", 5, rows.start, rows.stop - 1)
    title = Text("Sector returns, year to date")
    alt = "Bars: return of each sector since the end of last year, best first"
    return bars(book, Drawing(sheet, "Report", rows.stop + 1, title, alt, height=240), names, values)


def _levels(book: Book, sheet: Worksheet, row: int) -> None:
    book.heading(sheet, row, Text("Levels to watch"), 5)
    heads = (
        Text("What"),
        Text("Now"),
        Text("Level"),
        Text("Away by"),
        Text("Crossed"),
    )
    book.heads(sheet, row + 1, heads)
    levels = (
        (Text("VIX above"), 'PX_CLOSE("VIX",asof)', "watch_vix", ">"),
        (Text("Russell 2000 below"), 'PX_CLOSE("RUT",asof)', "watch_rut", "<"),
        (
            Text("Technology against the 50-day average below"),
            'PX_VS_MA("XLK",50,asof)',
            "watch_xlk",
            "<",
        ),
    )
    for place, (text, now, level, sign) in enumerate(levels):
        line = row + 2 + place
        form = PERCENT if place == 2 else POINTS
        book.label(sheet, line, 0, text, place)
        book.value(sheet, line, 1, f"={now}", form, place)
        book.native(sheet, line, 2, f"={level}", form, place)
        book.native(sheet, line, 3, f"=B{line + 1}-C{line + 1}", form if place == 2 else "+0.00;-0.00", place)
        yes, no = expression(Text("yes")), expression(Text("no"))
        crossed = f"=IF(B{line + 1}{sign}C{line + 1},{yes},{no})"
        book.native(sheet, line, 4, crossed, "@", place)


def _data(book: Book, sheet: Worksheet) -> None:
    """VIX with its bands, and the paths of small caps and the Nasdaq."""
    bands = tuple(text for _, text, _ in _BANDS)
    names = (Text("Russell 2000"), Text("Nasdaq Composite"))
    book.heads(sheet, 0, (Text("Date"), Text("VIX"), *bands, "", *names))
    dates = f'=INDEX(PX_HISTORY("VIX",,asof,"close",FALSE,{_DAYS}),,1)'
    book.table(sheet, 1, 0, _DAYS, 1, dates, DATE)
    column = f"A2:A{_DAYS + 1}"
    book.table(sheet, 1, 1, _DAYS, 1, f'=PX_CLOSE("VIX",{column})', POINTS)
    below = 0
    for place, (bound, _, _) in enumerate(_BANDS):
        for row in range(1, _DAYS + 1):
            sheet.write_number(row, 2 + place, bound - below, book.body(COUNT))
        below = bound
    for place, symbol in ((8, "RUT"), (9, "IXIC")):
        ratio = f'=100*PX_CLOSE("{symbol}",{column})/PX_CLOSE("{symbol}",A2)'
        book.table(sheet, 1, place, _DAYS, 1, ratio, "0.0")
    sheet.set_column(2, 6, 12, book.style(font_color=GREY))
    sheet.freeze_panes(1, 0)


def _inputs() -> tuple[Input, ...]:
    report = Text("The three months of the report of 2026-02-10 begin here")
    chosen = Text("Chosen; change it to what you watch")
    return (
        Input("small_from", Text("Small caps since"), dt.date(2025, 11, 3), DATE, report),
        Input("watch_vix", Text("VIX to watch"), 20, POINTS, chosen),
        Input("watch_rut", Text("Russell 2000 to watch"), 2580, POINTS, chosen),
        Input("watch_xlk", Text("Technology against its average"), -0.05, PERCENT, chosen),
    )


def _notes() -> tuple[Text, ...]:
    return (
        Text("Bands of VIX are those of a market report of November 2025: calm below 16, normal to 20, elevated to 24, medium stress to 26, severe to 45, extreme from there."),
        Text("An implied volatility is for a year; a day's share of it is the 252nd part of its square. Two of three days should stay within one unit."),
        Text("From the open and from the close are two readings of the same stretch; reports rarely say which they print."),
        Text("Sectors are the eleven Select Sector SPDR funds; a market report may use another provider's sectors.", "volatility gap"),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
