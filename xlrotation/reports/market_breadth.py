"""How wide the market is: the workbook after a market report of 2026-02-07.

Its tables are the day of the indices, January of small caps against the largest, the streak, the discount of small caps,
leading and lagging sectors, NVIDIA against its averages, participation, concentration, and the Dow's crossing of 50,000.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import MARKET_BREADTH
from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, bars, curves, lines, returns, sectors
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, COUNT, DARK, DATE, ORANGE, PERCENT, POINTS, Book, Input

REPORT = MARKET_BREADTH

_INDICES = (
    ("^RUT", Text("Russell 2000")),
    ("^GSPC", Text("S&P 500")),
    ("^IXIC", Text("Nasdaq Composite")),
    ("^DJI", Text("Dow Jones Industrial Average")),
    ("RSP", Text("S&P 500, equal weight")),
    ("XLG", Text("50 largest companies")),
)
_DAYS = 120


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, REPORT.title, REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 20, 20, 20))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = returns(book, front, row, Text("Index returns, close to close"), _INDICES)
    row = _january(book, front, row + 1)
    row = _participation(book, front, row + 1)
    row = _breadth_charts(book, front, row)
    front.set_h_pagebreaks([row])
    row = _sectors(book, front, row)
    row = _streak(book, front, row)
    row = _leader(book, front, row + 1)
    _milestone(book, front, row + 1)
    _data(book, data)
    book.inputs_sheet(_inputs())
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), (*(ticker for ticker, _ in _INDICES), "NVDA", *SECTORS))
    book.close()


def _january(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The last full month, small against large"), 5)
    end = "EOMONTH(XLR_ASOF(asof),-1)"
    month = f'"{{}}",EOMONTH({end},-1),{end}'
    items = (
        Line(Text("Month"), f'TEXT({end},"yyyy-mm")', "@"),
        Line(Text("Russell 2000"), f"PX_RET_BETWEEN({month.format('RUT')})", PERCENT),
        Line(Text("50 largest companies (XLG)"), f"PX_RET_BETWEEN({month.format('XLG')})", PERCENT),
        Line(
            Text("Small minus largest"),
            f"PX_RET_BETWEEN({month.format('RUT')})-PX_RET_BETWEEN({month.format('XLG')})",
            PERCENT,
        ),
        Line(
            Text("Small caps cheaper than large by"),
            "VAL_DISCOUNT(pe_small,pe_large)",
            "0.0%",
            Text("multiples of others, on the Inputs sheet"),
        ),
    )
    return lines(book, sheet, row + 1, items)


def _participation(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Participation of the 50 largest, and concentration"), 5)
    items = (
        Line(Text("Above the 20-day average"), 'BRD_ABOVE_MA("SP50",20,asof)', "0%"),
        Line(Text("Above the 50-day average"), 'BRD_ABOVE_MA("SP50",50,asof)', "0%"),
        Line(Text("Above the 200-day average"), 'BRD_ABOVE_MA("SP50",200,asof)', "0%"),
        Line(Text("Ahead of the S&P 500 over 3 months"), 'BRD_OUTPERFORM("SP50","SPX","3M",asof)', "0%"),
        Line(Text("Median member minus index, 3 months"), 'BRD_MEDIAN_GAP("SP50","SPX","3M",asof)', PERCENT),
        Line(Text("Sectors that rose"), 'BRD_SECTORS_UP("1D",asof)', COUNT),
        Line(Text("New 52-week highs"), 'BRD_NEW_HIGHS("SP50","1Y",asof)', COUNT),
        Line(Text("New 52-week lows"), 'BRD_NEW_LOWS("SP50","1Y",asof)', COUNT),
        Line(Text("McClellan oscillator"), 'BRD_MCCLELLAN("SP50",asof)', POINTS),
        Line(Text("McClellan summation index"), 'BRD_SUMMATION("SP50",asof)', "#,##0"),
        Line(Text("Weight of the five largest"), 'BRD_CONCENTRATION("SP50","TOP5",asof)', "0.0%"),
        Line(Text("Effective number of names"), 'BRD_CONCENTRATION("SP50","EFFN",asof)', "0.0"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _breadth_charts(book: Book, sheet: Worksheet, row: int) -> int:
    dates = Place("Data", 0, 1, _DAYS)
    series = (
        Curve("=Data!$B$1", Place("Data", 1, 1, _DAYS), BLUE),
        Curve("=Data!$C$1", Place("Data", 2, 1, _DAYS), ORANGE),
    )
    title = Text("Share of the 50 largest above their averages")
    alt = "Two lines: share of the 50 largest above their 50-day and their 200-day average on the last 120 sessions"
    row = curves(book, Drawing(sheet, "Report", row, title, alt, height=240), dates, series, "0%", highest=1.0)
    line = (Curve("=Data!$D$1", Place("Data", 3, 1, _DAYS), DARK),)
    title = Text("Advancing minus declining, summed up over a year")
    alt = "Line: the advance-decline line of the 50 largest on the last 120 sessions"
    return curves(book, Drawing(sheet, "Report", row, title, alt, height=200), dates, line, "0")


def _sectors(book: Book, sheet: Worksheet, row: int) -> int:
    rows = sectors(book, sheet, row, Text("Leading and lagging sectors"), "1D")
    names, values = Place("Report", 0, rows.start, rows.stop - 1), Place("Report", 5, rows.start, rows.stop - 1)
    title = Text("Sector returns, year to date (in the order of the day)")
    alt = "Bars: return of each sector since the end of last year, in the order of the day's returns"
    return bars(book, Drawing(sheet, "Report", rows.stop + 1, title, alt), names, values)


def _streak(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Small caps against the S&P 500"), 5)
    none = expression(Text("none in the data"))
    items = (
        Line(Text("Sessions in a row ahead (negative: behind)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        Line(Text("Longest such run of the data: sessions"), 'INDEX(RS_STREAK_TABLE("RUT","SPX",1,asof,FALSE),1,1)', COUNT),
        Line(Text("It ended on"), 'INDEX(RS_STREAK_TABLE("RUT","SPX",1,asof,FALSE),1,3)', DATE),
        Line(Text("The present run is the longest since"), f'IFERROR(RS_STREAK_SINCE("RUT","SPX",asof),{none})', DATE),
        Line(Text("Share of sessions won, year to date"), 'RS_HITRATE("RUT","SPX","YTD",asof)', "0%"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _leader(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The leader of the last years against its averages"), 5)
    items = (
        Line(Text("Symbol"), "leader", "@", Text("on the Inputs sheet")),
        Line(Text("Close"), "PX_CLOSE(leader,asof)", POINTS),
        Line(Text("Average of 20 closes"), "PX_MA(leader,20,asof)", POINTS),
        Line(Text("Average of 50 closes"), "PX_MA(leader,50,asof)", POINTS),
        Line(Text("Close against the 20-day average"), "PX_VS_MA(leader,20,asof)", PERCENT),
        Line(Text("Close against the 50-day average"), "PX_VS_MA(leader,50,asof)", PERCENT),
        Line(Text("Below its highest close of a year by"), "PX_DRAWDOWN(leader,\"1Y\",asof)", PERCENT),
        Line(Text("Return, 1 session"), 'PX_RET(leader,"1D",asof)', PERCENT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _milestone(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Crossing of a level"), 5)
    none = expression(Text("not in the data"))
    items = (
        Line(Text("Dow Jones, level watched"), "dow_level", "#,##0"),
        Line(Text("Dow Jones, close"), 'PX_CLOSE("DJI",asof)', POINTS),
        Line(Text("Last crossed by a close on"), f'IFERROR(PX_CROSS("DJI",dow_level,"MAX",asof),{none})', DATE),
        Line(Text("Points beyond it"), 'PX_CLOSE("DJI",asof)-dow_level', "#,##0.00;-#,##0.00"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _data(book: Book, sheet: Worksheet) -> None:
    """Dates and breadth behind the charts."""
    heads = (
        Text("Date"),
        Text("Above 50-day average"),
        Text("Above 200-day average"),
        Text("Advance-decline line"),
    )
    book.heads(sheet, 0, heads)
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_DAYS}),,1)'
    book.table(sheet, 1, 0, _DAYS, 1, dates, DATE)
    column = f"A2:A{_DAYS + 1}"
    book.table(sheet, 1, 1, _DAYS, 1, f'=BRD_ABOVE_MA("SP50",50,{column})', "0%")
    book.table(sheet, 1, 2, _DAYS, 1, f'=BRD_ABOVE_MA("SP50",200,{column})', "0%")
    book.table(sheet, 1, 3, _DAYS, 1, f'=BRD_AD_LINE("SP50","1Y",{column})', COUNT)
    sheet.freeze_panes(1, 0)


def _inputs() -> tuple[Input, ...]:
    report = Text("As quoted by the reports of 2026-01-18 and 2026-02-07")
    chosen = Text("Chosen by the report of 2026-02-07")
    return (
        Input("pe_large", Text("Forward multiple, S&P 500"), 22, '0.0"x"', report),
        Input("pe_small", Text("Forward multiple, small caps"), 15.18, '0.0"x"', report),
        Input("leader", Text("Leader watched"), "NVDA", "@", chosen),
        Input("dow_level", Text("Level of the Dow Jones"), 50000, "#,##0", chosen),
    )


def _notes() -> tuple[Text, ...]:
    return (
        Text("Returns are close to close on the exchange's sessions, without dividends."),
        Text("Participation is that of the 50 largest companies of the sample's list (SP50); give SP500 where the source brings its members."),
        Text("A company counts as above its average when its close is strictly higher; one with a gap in the window is left out."),
        Text("The last full month runs from the last close of the month before to its own last close. Report writers who quote total returns print a little more."),
        Text("The McClellan oscillator is the 10 % trend of advances minus declines less the 5 % trend, begun at the first day of the data."),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
