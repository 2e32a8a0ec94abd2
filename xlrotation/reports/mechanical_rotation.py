"""Mechanical or fundamental: the workbook after a market report of 2026-02-14 on dispersion trades.

Its tables are the report's indicators with their interpretation, sectors, the mechanics of dispersion, the range of the
Magnificent 7 and the market value that they lost, why the index is calmer than its members, the gauges of a mechanical
rotation and what would unwind it.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import MECHANICAL_ROTATION
from xlrotation.languages import Text
from xlrotation.market.universes import MAG7, SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, bars, curves, lines, sectors
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, COUNT, DARK, DATE, GREY, ORANGE, PERCENT, POINTS, Book

REPORT = MECHANICAL_ROTATION

_INDICATORS = {
    "WMT": Text("Walmart"),
    "COST": Text("Costco"),
    "^GSPC": Text("S&P 500"),
    "^IXIC": Text("Nasdaq Composite"),
    "^RUT": Text("Russell 2000"),
    "XLU": Text("Utilities"),
    "XLP": Text("Consumer staples"),
    "XLV": Text("Health care"),
    "XLK": Text("Technology", "the sector by its full name"),
    "IGV": Text("Software"),
}
_DAYS = 120


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, REPORT.title, REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 14, 14, 14, 14))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = _indicators(book, front, row)
    row = _mechanics(book, front, row + 1)
    row = _mechanics_chart(book, front, row)
    row = _paradox(book, front, row)
    front.set_h_pagebreaks([row])
    row = _gauges(book, front, row)
    row = _unwinding(book, front, row + 1)
    row = sectors(book, front, row + 1, Text("Sectors"), "20D").stop + 2
    _seven(book, front, row)
    _data(book, data)
    book.inputs_sheet((), MAG7)
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), (*_INDICATORS, "^COR1M", "^DSPX", "^VIXEQ", "^VIX", *SECTORS, *MAG7))
    book.close()


def _indicators(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Indicators over 20 sessions"), 5)
    heads = (
        Text("Indicator"),
        Text("Performance"),
        Text("Interpretation"),
        "",
        "",
        Text("Symbol"),
    )
    book.heads(sheet, row + 1, heads, left=1)
    first, last = row + 2, row + 1 + len(_INDICATORS)
    for place, (ticker, name) in enumerate(_INDICATORS.items()):
        book.label(sheet, first + place, 0, name, place)
        for column in range(3, 5):
            book.label(sheet, first + place, column, "", 0)
        sheet.write_string(
            first + place, 5, ticker, book.style(font_color=GREY, align="right", bottom=4, bottom_color="#D0D0D0")
        )
    names = f"F{first + 1}:F{last + 1}"
    book.table(sheet, first, 1, len(_INDICATORS), 1, f'=PX_RET({names},"20D",asof)', PERCENT)
    book.table(sheet, first, 2, len(_INDICATORS), 1, f'=ROT_INTERPRET({names},"20D",asof,lang)', "@")
    return last + 1


def _mechanics(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Mechanics of dispersion"), 5)
    heads = (
        Text("Measure"),
        Text("Published index"),
        Text("From option chains"),
        Text("Rank in its year"),
    )
    book.heads(sheet, row + 1, heads)
    none = expression(Text("no chains"))
    chain = f'IFERROR({{}}("SPX","SP50","1M",asof),{none})'
    measures = (
        (Text("Implied correlation, 1 month, percent"), 'PX_CLOSE("COR1M",asof)', chain.format("100*DISP_IMPLCORR"), "IMPLCORR", POINTS),
        (Text("Dispersion index, points"), 'PX_CLOSE("DSPX",asof)', chain.format("DISP_INDEX"), "INDEX", POINTS),
        (Text("Constituents' volatility minus VIX, points"), 'PX_CLOSE("VIXEQ",asof)-PX_CLOSE("VIX",asof)', chain.format("100*DISP_VOL_SPREAD"), "VOL_SPREAD", POINTS),
    )  # fmt: skip
    for place, (text, published, computed, measure, form) in enumerate(measures):
        line = row + 2 + place
        book.label(sheet, line, 0, text, place)
        book.value(sheet, line, 1, f"={published}", form, place)
        book.value(sheet, line, 2, f"={computed}", form, place)
        book.value(sheet, line, 3, f'=DISP_PCTILE("{measure}","1Y",asof)', "0%", place)
    row += 2 + len(measures)
    items = (
        Line(Text("VIX"), 'PX_CLOSE("VIX",asof)', POINTS),
        Line(Text("Dispersion share, 1 - (VIX/VIXEQ)^2"), '1-(PX_CLOSE("VIX",asof)/PX_CLOSE("VIXEQ",asof))^2', "0.0%"),
        Line(Text("Realised correlation of the 50 largest, 1 month"), 'DISP_REALCORR("SP50","1M",asof)', "0.00"),
        Line(Text("Best minus worst of the Magnificent 7, 1 year"), 'DISP_RANGE(mag7_members,"1Y",asof)', PERCENT),
        Line(Text("Defensive minus offensive sectors, 20 sessions"), 'ROT_DEFENSIVE("20D",asof)', PERCENT),
    )  # fmt: skip
    return lines(book, sheet, row, items)


def _mechanics_chart(book: Book, sheet: Worksheet, row: int) -> int:
    dates = Place("Data", 0, 1, _DAYS)
    series = (
        Curve("=Data!$B$1", Place("Data", 1, 1, _DAYS), BLUE),
        Curve("=Data!$C$1", Place("Data", 2, 1, _DAYS), ORANGE),
        Curve("=Data!$D$1", Place("Data", 3, 1, _DAYS), DARK, dashed=True),
    )
    title = Text("Dispersion, implied correlation and VIX")
    alt = "Three lines: DSPX, COR1M and VIX on the last 120 sessions"
    return curves(book, Drawing(sheet, "Report", row, title, alt, height=220), dates, series, "0")


def _paradox(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text("Why the index is calmer than its members (realised, 3 months)")
    book.heading(sheet, row, heading, 5)
    formula = '=DISP_PARADOX("SP50","SPX","3M",asof,FALSE,lang)'
    book.table(sheet, row + 1, 0, 4, 2, formula, "@", "0.0%")
    return row + 6


def _gauges(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Mechanical or fundamental?"), 6)
    sheet.set_column(6, 6, 11)
    heads = (
        Text("Component"),
        Text("Value"),
        Text("Percentile"),
        Text("n"),
        Text("Sign"),
        Text("Weight"),
        Text("Adds"),
    )
    book.heads(sheet, row + 1, heads)
    formats = ("@", "0.000", "0%", COUNT, "+0;-0", "0%", "0.0")
    book.table(sheet, row + 2, 0, 8, 7, "=ROT_MECH_TABLE(asof,lang,FALSE)", *formats)
    style = book.style(bold=True, font_color=BLUE, font_size=11)
    sheet.write_dynamic_array_formula(row + 10, 0, row + 10, 0, "=ROT_MECH_LABEL(asof,lang)", style)
    return row + 12


def _unwinding(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("What would unwind it"), 5)
    heads = (Text("Over 5 sessions"), Text("Value"), Text("Threshold"), Text("State"))
    book.heads(sheet, row + 1, heads)
    book.table(sheet, row + 2, 0, 5, 4, "=ROT_UNWIND(asof,lang,FALSE)", "@", "+0.000;-0.000", "+0.000;-0.000", "@")
    return row + 7


def _seven(book: Book, sheet: Worksheet, row: int) -> None:
    book.heading(sheet, row, Text("The Magnificent 7 over a year"), 5)
    heads = (Text("Company"), Text("Symbol"), Text("Return"))
    book.heads(sheet, row + 1, heads, left=2)
    first = row + 2
    formula = '=DISP_RANGE_TABLE(mag7_members,"1Y",asof,FALSE,lang)'
    book.table(sheet, first, 0, 8, 3, formula, "@", "@", PERCENT)
    last = first + 8
    items = (
        Line(Text("Market value of Amazon and Microsoft, change of a month, bn"), 'PX_MKTCAP_CHANGE({"AMZN";"MSFT"},"1M",asof)/1E9', "#,##0;-#,##0"),
        Line(Text("Market value of all seven, change of a month, bn"), 'PX_MKTCAP_CHANGE(mag7_members,"1M",asof)/1E9', "#,##0;-#,##0"),
    )  # fmt: skip
    last = lines(book, sheet, last, items)
    names, values = Place("Report", 0, first, first + 6), Place("Report", 2, first, first + 6)
    title = Text("Returns of a year")
    alt = "Bars: return of a year of each of the seven largest technology companies, best first"
    bars(book, Drawing(sheet, "Report", last + 1, title, alt, height=200), names, values)


def _data(book: Book, sheet: Worksheet) -> None:
    """The indices behind the chart."""
    book.heads(sheet, 0, (Text("Date"), "DSPX", "COR1M", "VIX"))
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_DAYS}),,1)'
    book.table(sheet, 1, 0, _DAYS, 1, dates, DATE)
    for column, symbol in enumerate(("DSPX", "COR1M", "VIX"), 1):
        book.table(sheet, 1, column, _DAYS, 1, f'=PX_CLOSE("{symbol}",A2:A{_DAYS + 1})', POINTS)
    sheet.freeze_panes(1, 0)


def _notes() -> tuple[Text, ...]:
    return (
        Text("A dispersion trade sells index volatility and buys single-stock volatility; it earns when members move apart. Whether it moves the market is an argument, not a measurement."),
        Text("The score is the mean of its components' percentiles in their own past year, each counted from the end that speaks for a mechanical rotation; recompute it from the column on the right. It describes and does not forecast: on real prices it was wrong as often as right (docs/mechanical_rotation.md)."),
        Text("The p-value says how often components that move independently would stand as high together; they are related, so the true probability is larger."),
        Text("Published indices are Cboe's; figures from option chains use 50-delta (correlation, spread) and model-free volatilities (index) of the 50 largest companies and are close to them, not the same."),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
