"""Small caps and value lead: the workbook after a market report of 2026-01-18.

Its tables are index returns, size and style leadership, the sectors' day and their spread, the streak of the Russell
2000 against the S&P 500, and earnings and multiples, which are inputs and not prices.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import SMALL_VALUE_ROTATION
from xlrotation.languages import Text
from xlrotation.market.universes import MAG7, SECTORS
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import WINDOWS, Drawing, Place, bars, returns, sectors, window_heads
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, COUNT, DATE, ORANGE, PERCENT, POINTS, Book, Input

REPORT = SMALL_VALUE_ROTATION

_INDICES = (
    ("^RUT", Text("Russell 2000")),
    ("^GSPC", Text("S&P 500")),
    ("^IXIC", Text("Nasdaq Composite")),
    ("^DJI", Text("Dow Jones Industrial Average")),
)
_LEADERSHIP = (
    (Text("Small minus large (Russell 2000 - S&P 500)"), "ROT_SIZE"),
    (Text("Value minus growth (Russell 1000 funds)"), "ROT_VALUE"),
    (Text("Equal weight minus cap weight (S&P 500)"), "ROT_EQUALWEIGHT"),
    (Text("Defensive minus offensive sectors"), "ROT_DEFENSIVE"),
)
_STREAK_DAYS = 40


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, REPORT.title, REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    data = book.sheet("Data", (14, 12, 26))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = returns(book, front, row, Text("Index returns"), _INDICES)
    row = _leadership(book, front, row + 1)
    row = _sectors(book, front, row + 1)
    front.set_h_pagebreaks([row + 1])
    row = _streak(book, front, row + 1)
    _earnings(book, front, row + 1)
    _streak_data(book, data)
    book.inputs_sheet(_inputs(), MAG7)
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), (*(ticker for ticker, _ in _INDICES), "IWD", "IWF", "RSP", "SPY", *SECTORS, *MAG7))
    book.close()


def _leadership(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Who leads"), 5)
    book.heads(sheet, row + 1, (Text("Difference in return"), "", *window_heads(WINDOWS)))
    windows = '{"1D","5D","20D","YTD"}'
    for place, (text, function) in enumerate(_LEADERSHIP):
        book.label(sheet, row + 2 + place, 0, text, place)
        book.label(sheet, row + 2 + place, 1, "", place)
        book.table(sheet, row + 2 + place, 2, 1, 4, f"={function}({windows},asof)", PERCENT)
    place = row + 2 + len(_LEADERSHIP)
    text = Text("Russell 2000 minus Magnificent 7 (equal weight)")
    book.label(sheet, place, 0, text, len(_LEADERSHIP))
    book.label(sheet, place, 1, "", len(_LEADERSHIP))
    for column, window in enumerate(WINDOWS, 2):
        formula = f'=PX_RET("^RUT","{window}",asof)-AVERAGE(PX_RET(mag7_members,"{window}",asof))'
        book.value(sheet, place, column, formula, PERCENT, len(_LEADERSHIP))
    return place + 1


def _sectors(book: Book, sheet: Worksheet, row: int) -> int:
    rows = sectors(book, sheet, row, Text("Sectors"), "1D")
    words = "=" + expression(
        Text("Best of the day: {best}; worst: {worst}"),
        best='ROT_SECTOR_BEST("1D",asof,lang)',
        worst='ROT_SECTOR_WORST("1D",asof,lang)',
    )
    book.value(sheet, rows.stop + 1, 0, words, "@")
    names, values = Place("Report", 0, rows.start, rows.stop - 1), Place("Report", 2, rows.start, rows.stop - 1)
    title = Text("Sector returns, 1 session")
    alt = "Bar chart of the day's return of each sector, best first"
    return bars(book, Drawing(sheet, "Report", rows.stop + 2, title, alt, height=300), names, values)


def _streak(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Small caps against the S&P 500, day by day"), 5)
    lines = (
        (Text("Sessions in a row that the Russell 2000 won (negative: lost)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        (Text("Longest since (last session of the earlier streak)"), f'IFERROR(RS_STREAK_SINCE("RUT","SPX",asof),{expression(Text("none in the data"))})', DATE),
        (Text("Chance of a run as long within a year"), 'IFERROR(RS_STREAK_PROB("RUT","SPX",asof,"1Y"),"")', "0.0%"),
        (Text("Share of sessions won, 3 months"), 'RS_HITRATE("RUT","SPX","3M",asof)', "0.0%"),
        (Text("Relative strength against its 52-week average (Mansfield)"), 'RS_MANSFIELD("RUT","SPX",52,asof)', POINTS),
    )  # fmt: skip
    for place, (text, formula, number_format) in enumerate(lines):
        book.label(sheet, row + 1 + place, 0, text, place)
        book.value(sheet, row + 1 + place, 1, f"={formula}", number_format, place)
    place = row + 2 + len(lines)
    heads = (
        Text("Longest streaks in the data"),
        Text("Sessions"),
        Text("From"),
        Text("To"),
        Text("Excess return"),
    )
    book.heads(sheet, place, heads)
    for rank in range(1, 6):
        book.label(sheet, place + rank, 0, f"{rank}", rank)
    formula = '=RS_STREAK_TABLE("RUT","SPX",5,asof,FALSE)'
    book.table(sheet, place + 1, 1, 5, 4, formula, COUNT, DATE, DATE, PERCENT)
    title = place + 7
    text = Text("Streak of the Russell 2000 against the S&P 500, sessions")
    book.text(sheet, title, 0, text, font_color="#FFFFFF", font_size=2)
    chart = book.chart("column")
    chart.add_series(
        {
            "name": f"=Report!$A${title + 1}",
            "categories": ["Data", 1, 0, _STREAK_DAYS, 0],
            "values": ["Data", 1, 1, _STREAK_DAYS, 1],
            "fill": {"color": BLUE},
            "invert_if_negative": True,
            "invert_if_negative_color": ORANGE,
            "gap": 30,
        }
    )
    ratio = book.chart("line")
    ratio.add_series(
        {
            "name": "=Data!$C$1",
            "categories": ["Data", 1, 0, _STREAK_DAYS, 0],
            "values": ["Data", 1, 2, _STREAK_DAYS, 2],
            "line": {"color": "#1F3044", "width": 1.75},
            "y2_axis": True,
        }
    )
    chart.combine(ratio)
    chart.set_title({"name": f"=Report!$A${title + 1}", "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis(
        {"label_position": "low", "num_format": "mm-dd", "text_axis": True, "interval_unit": 4, "num_font": {"size": 8}}
    )
    chart.set_y_axis({"num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    ratio.set_y2_axis({"num_format": "0.0"})
    chart.set_size({"width": 770, "height": 290})
    alt = "Columns: length of the streak on each of the last 40 sessions; line: price ratio"
    sheet.insert_chart(title, 0, chart, {"description": alt, "x_offset": 5, "y_offset": 4})
    return title + 15


def _earnings(book: Book, sheet: Worksheet, row: int) -> None:
    heading = Text("Earnings and multiples (figures of others, on the Inputs sheet)")
    book.heading(sheet, row, heading, 5)
    lines = (
        (Text("Share of negative guidance"), "guidance_negative/guidance_total", "0.0%"),
        (Text("Earnings growth, small minus large"), "growth_small-growth_large", PERCENT),
        (Text("Index level that the earnings and the multiple imply"), "eps*forward_pe", "#,##0"),
        (Text("S&P 500 close"), 'PX_CLOSE("SPX",asof)', "#,##0.00"),
        (Text("Multiple of that close on these earnings"), 'PX_CLOSE("SPX",asof)/eps', '0.0"x"'),
        (Text("Earnings that the multiple needs at that close"), 'PX_CLOSE("SPX",asof)/forward_pe', "0.0"),
    )  # fmt: skip
    for place, (text, formula, number_format) in enumerate(lines):
        book.label(sheet, row + 1 + place, 0, text, place)
        book.value(sheet, row + 1 + place, 1, f"={formula}", number_format, place)


def _streak_data(book: Book, sheet: Worksheet) -> None:
    """Dates, streaks and the price ratio behind the streak chart."""
    last = _STREAK_DAYS + 1
    book.heads(
        sheet,
        0,
        (Text("Date"), Text("Streak"), Text("Price ratio x 100 (right)")),
    )
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_STREAK_DAYS}),,1)'
    book.table(sheet, 1, 0, _STREAK_DAYS, 1, dates, DATE)
    book.table(sheet, 1, 1, _STREAK_DAYS, 1, f'=RS_STREAK("RUT","SPX",A2:A{last})', COUNT)
    book.table(sheet, 1, 2, _STREAK_DAYS, 1, f'=RS_RATIO("RUT","SPX",A2:A{last},100)', "0.00")
    sheet.freeze_panes(1, 0)


def _inputs() -> tuple[Input, ...]:
    factset = Text("FactSet, 2026-01-09")
    report = Text("As quoted by the report of 2026-01-18")
    bank = Text("Goldman Sachs, as quoted by the report of 2026-01-18")
    return (
        Input("guidance_negative", Text("Companies with negative guidance"), 57, COUNT, factset),
        Input("guidance_total", Text("Companies with guidance"), 107, COUNT, factset),
        Input("growth_small", Text("Earnings growth 2026, small caps"), 0.19, "0.0%", report),
        Input("growth_large", Text("Earnings growth 2026, S&P 500"), 0.12, "0.0%", report),
        Input("eps", Text("Earnings per share 2026, S&P 500"), 288, "0.0", bank),
        Input("forward_pe", Text("Forward multiple, S&P 500"), 22, '0.0"x"', bank),
    )


def _notes() -> tuple[Text, ...]:
    return (
        Text("Returns are close to close on the exchange's sessions, without dividends: 5 sessions means five returns."),
        Text("A streak counts sessions in which the Russell 2000 rose more, or fell less, than the S&P 500; a tie ends it."),
        Text("Longest since looks back to the first session of the data only."),
        Text("The chance of a run takes sessions as independent, each won with the year's share of sessions won."),
        Text("Sectors are the eleven Select Sector SPDR funds; a market report may use another provider's sectors."),
        Text("Earnings, growth and multiples are other people's estimates; change them on the Inputs sheet."),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
