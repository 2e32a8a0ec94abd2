"""One page for every morning: what leads, how wide, how mechanical, how stressed, and what changed since yesterday."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.audit import Check, checks_sheet
from xlrotation.reports.blocks import GRID, Drawing, Place, bars, put
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import BLUE, COUNT, DARK, DATE, GREY, ORANGE, PERCENT, POINTS, Book

ASOF = dt.date(2026, 2, 13)
TITLE = Text("The market this morning")

_DAYS = 60
_TAIL = 8


class Gauge(NamedTuple):
    """A row of the dashboard: its name, its formula over a column of dates, and how its values are shown."""

    text: Text
    formula: str
    number_format: str
    change_format: str = "+0.00;-0.00"


_GROUPS: tuple[tuple[Text, tuple[Gauge, ...]], ...] = (
    (
        Text("What leads (20 sessions)"),
        (
            Gauge(Text("Small minus large"), 'ROT_SIZE("20D",{})', PERCENT, PERCENT),
            Gauge(Text("Value minus growth"), 'ROT_VALUE("20D",{})', PERCENT, PERCENT),
            Gauge(Text("Defensive minus offensive sectors"), 'ROT_DEFENSIVE("20D",{})', PERCENT, PERCENT),
            Gauge(Text("Best minus worst sector"), 'ROT_SECTOR_SPREAD("20D",{})', PERCENT, PERCENT),
            Gauge(Text("Small caps ahead, sessions in a row"), 'RS_STREAK("RUT","SPX",{})', COUNT, "+0;-0;0"),
        ),
    ),
    (
        Text("How wide"),
        (
            Gauge(Text("Above the 50-day average"), 'BRD_ABOVE_MA("SP50",50,{})', "0%", "+0%;-0%;0%"),
            Gauge(Text("Above the 200-day average"), 'BRD_ABOVE_MA("SP50",200,{})', "0%", "+0%;-0%;0%"),
            Gauge(Text("McClellan oscillator"), 'BRD_MCCLELLAN("SP50",{})', POINTS),
            Gauge(Text("Equal weight minus cap weight, 20 sessions"), 'ROT_EQUALWEIGHT("20D",{})', PERCENT, PERCENT),
        ),
    ),
    (
        Text("How mechanical"),
        (
            Gauge(Text("Implied correlation (COR1M)"), 'PX_CLOSE("COR1M",{})', POINTS),
            Gauge(Text("Dispersion index (DSPX)"), 'PX_CLOSE("DSPX",{})', POINTS),
            Gauge(Text("Realised correlation, 1 month"), 'DISP_REALCORR("SP50","1M",{})', "0.00"),
            Gauge(Text("Persistence of sector ranking"), 'ROT_PERSISTENCE("5D",12,{})', "0.00"),
            Gauge(Text("Mechanical score, 0 to 100"), "ROT_MECH_SCORE({})", "0"),
        ),
    ),
    (
        Text("How stressed"),
        (
            Gauge(Text("VIX"), 'PX_CLOSE("VIX",{})', POINTS),
            Gauge(Text("VVIX"), 'PX_CLOSE("VVIX",{})', POINTS),
            Gauge(Text("Three months over one (VIX3M / VIX - 1)", "a short line"), "VOL_TERM_SLOPE({})", PERCENT, PERCENT),
            Gauge(Text("Technology minus small caps (VXN - RVX)"), 'VOL_GAP("VXN","RVX",{})', POINTS),
        ),
    ),
)  # fmt: skip


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, TITLE, ASOF)
    front = book.sheet("Report", (42, 12, 13, 12, 13, 30))
    data = book.sheet("Data", (14, *(11 for _ in range(24))))
    tails = book.sheet("Rotation", (16, 14, 14, 14, 14))
    front.fit_to_pages(1, 1)
    book.title_block(front, 5)
    row = _sentence(book, front, 3)
    row = _gauges(book, front, row + 1)
    _charts(book, front, row)
    _data(book, data)
    _tails(book, tails)
    book.inputs_sheet(())
    symbols = (
        "^GSPC",
        "^RUT",
        "^VIX",
        "^VVIX",
        "^VIX3M",
        "^VXN",
        "^RVX",
        "^COR1M",
        "^DSPX",
        "^VIXEQ",
        "IWD",
        "IWF",
        "RSP",
        "SPY",
    )
    checks_sheet(book, _checks())
    book.notes_sheet(_notes(), (*symbols, *SECTORS))
    book.close()


def _sentence(book: Book, sheet: Worksheet, row: int) -> int:
    best, worst = (f'ROT_SECTOR_{which}("1D",asof,lang)' for which in ("BEST", "WORST"))
    move = 'TEXT(PX_RET("SPX","1D",asof),"+0.0%;-0.0%")'
    text = Text("S&P 500 {move}; {best} led, {worst} lagged; VIX {band}")
    said = expression(text, move=move, best=best, worst=worst, band='VOL_BAND(PX_CLOSE("VIX",asof),"{}")'.format)
    style = book.style(bold=True, font_size=11, font_color=BLUE)
    sheet.write_dynamic_array_formula(row, 0, row, 0, f"={said}", style)
    sheet.set_row(row, 20)
    return row + 1


def _gauges(book: Book, sheet: Worksheet, row: int) -> int:
    heads = (
        Text("Gauge"),
        Text("Now"),
        Text("Session before"),
        Text("Change"),
        Text("Rank in 60 sessions"),
        Text("60 sessions"),
    )
    column = 1
    for title, gauges in _GROUPS:
        book.heading(sheet, row, title, 5)
        book.heads(sheet, row + 1, heads)
        row += 2
        for place, gauge in enumerate(gauges):
            letter = _letter(column)
            cells = f"Data!{letter}2:{letter}{_DAYS + 1}"
            book.label(sheet, row, 0, gauge.text, place)
            book.native(sheet, row, 1, f"=Data!{letter}{_DAYS + 1}", gauge.number_format, place)
            book.native(sheet, row, 2, f"=Data!{letter}{_DAYS}", gauge.number_format, place)
            book.native(sheet, row, 3, f'=IFERROR(B{row + 1}-C{row + 1},"")', gauge.change_format, place)
            rank = f'=IFERROR(COUNTIF({cells},"<="&B{row + 1})/COUNT({cells}),"")'
            book.native(sheet, row, 4, rank, "0%", place)
            book.label(sheet, row, 5, "", place)
            sparkline = {"range": cells, "series_color": BLUE, "last_point": True, "last_color": ORANGE, "weight": 1.25}
            sheet.add_sparkline(row, 5, sparkline)
            column += 1
            row += 1
        bar = {
            "type": "data_bar",
            "bar_color": "#BFD9EC",
            "bar_solid": True,
            "min_type": "num",
            "max_type": "num",
            "min_value": 0,
            "max_value": 1,
        }
        sheet.conditional_format(row - len(gauges), 4, row - 1, 4, bar)
        row += 1
    return row


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def _charts(book: Book, sheet: Worksheet, row: int) -> None:
    names, values = Place("Rotation", 0, 1, len(SECTORS)), Place("Rotation", 1, 1, len(SECTORS))
    title = Text("Sectors, 1 session")
    alt = "Bars: the day's return of each sector, best first"
    bars(book, Drawing(sheet, "Report", row, title, alt, width=385, height=330), names, values)
    chart = book.chart("scatter", "smooth")
    colours = (
        BLUE,
        ORANGE,
        "#009E73",
        "#D55E00",
        "#CC79A7",
        "#56B4E9",
        "#7F6000",
        "#8C8C8C",
        "#1F3044",
        "#B2DF8A",
        "#6A3D9A",
    )
    for place, (ticker, colour) in enumerate(zip(SECTORS, colours, strict=True)):
        first = 15 + place * (_TAIL + 1) + 1
        last = first + _TAIL - 1
        points = [None] * (_TAIL - 1) + [{"fill": {"color": colour}}]
        chart.add_series(
            {
                "name": ticker,
                "categories": ["Rotation", first, 2, last, 2],
                "values": ["Rotation", first, 3, last, 3],
                "line": {"color": colour, "width": 1.25},
                "marker": {"type": "circle", "size": 3, "fill": {"color": colour}, "border": {"color": colour}},
                "points": points,
            }
        )
    chart.set_legend({"position": "right", "font": {"size": 8}})
    chart.set_x_axis(
        {
            "crossing": 100,
            "num_format": "0",
            "major_gridlines": GRID,
            "label_position": "low",
            "num_font": {"size": 8},
            "name": "RS-Ratio",
            "name_font": {"size": 8},
        }
    )
    chart.set_y_axis(
        {
            "crossing": 100,
            "num_format": "0",
            "major_gridlines": GRID,
            "label_position": "low",
            "num_font": {"size": 8},
            "name": "RS-Momentum",
            "name_font": {"size": 8},
        }
    )
    title = Text("Rotation graph against the S&P 500, eight weeks")
    alt = "Scatter with tails: relative strength and its momentum of the eleven sectors, the last eight points each"
    put(book, Drawing(sheet, "Report", row, title, alt, width=440, height=330, column=3), chart)


def _data(book: Book, sheet: Worksheet) -> None:
    """Every gauge on the last sessions: one formula a column."""
    gauges = [gauge for _, group in _GROUPS for gauge in group]
    book.heads(sheet, 0, (Text("Date"), *(gauge.text for gauge in gauges)))
    dates = f'=INDEX(PX_HISTORY("SPX",,asof,"close",FALSE,{_DAYS}),,1)'
    book.table(sheet, 1, 0, _DAYS, 1, dates, DATE)
    for column, gauge in enumerate(gauges, 1):
        book.table(sheet, 1, column, _DAYS, 1, "=" + gauge.formula.format(f"A2:A{_DAYS + 1}"), gauge.number_format)
    sheet.freeze_panes(1, 1)


def _tails(book: Book, sheet: Worksheet) -> None:
    """The day of the sectors, and for each sector the tail of the rotation graph."""
    book.heads(sheet, 0, (Text("Sector"), Text("1 session"), "", "", ""))
    table = 'ROT_SECTOR_TABLE("1D",asof,"1D",,FALSE,lang)'
    book.table(sheet, 1, 0, len(SECTORS), 1, f"=INDEX({table},,1)", "@")
    book.table(sheet, 1, 1, len(SECTORS), 1, f"=INDEX({table},,3)", PERCENT)
    book.heads(sheet, 14, (Text("Symbol"), Text("Date"), "RS-Ratio", "RS-Momentum", ""))
    for place, ticker in enumerate(SECTORS):
        row = 15 + place * (_TAIL + 1)
        sheet.write_string(row, 0, ticker, book.style(bold=True, font_color=DARK))
        formula = f'=ROT_RRG_TAIL(A{row + 1},"^GSPC",{_TAIL},asof,,FALSE)'
        book.table(sheet, row + 1, 1, _TAIL, 3, formula, DATE, POINTS)
        for line in range(_TAIL):
            sheet.write_string(row + 1 + line, 0, ticker, book.style(font_color=GREY))


def _checks() -> tuple[Check, ...]:
    spread = (
        'ROT_SECTOR_RET(ROT_SECTOR_BEST("20D",asof),"20D",asof)-ROT_SECTOR_RET(ROT_SECTOR_WORST("20D",asof),"20D",asof)'
    )
    before = '100*PX_CLOSE("VIX3M",asof)/PX_CLOSE("VIX",asof)-100'
    return (
        Check(Text("Dispersion index: published, and from VIXEQ and VIX"), 'PX_CLOSE("DSPX",asof)', 'DISP_INDEX_CALC(PX_CLOSE("VIX",asof)/100,PX_CLOSE("VIXEQ",asof)/100,1)', POINTS, 0.5),
        Check(Text("Small minus large: in one function, and as two returns"), 'ROT_SIZE("20D",asof)', 'PX_RET("RUT","20D",asof)-PX_RET("SPX","20D",asof)', "0.0000%", 1e-12),
        Check(Text("Best minus worst sector: in one function, and from the two sectors"), 'ROT_SECTOR_SPREAD("20D",asof)', spread, "0.0000%", 1e-12),
        Check(Text("Share above the 200-day average: of the day, and the last of its history"), 'BRD_ABOVE_MA("SP50",200,asof)', 'INDEX(BRD_HISTORY("SP50","ABOVE_MA","1M",asof,200,FALSE),ROWS(BRD_HISTORY("SP50","ABOVE_MA","1M",asof,200,FALSE)),2)', "0.00%", 1e-12),
        Check(Text("Advances minus declines of the day"), 'INDEX(BRD_AD("SP50",asof,FALSE),1,1)-INDEX(BRD_AD("SP50",asof,FALSE),1,2)', 'BRD_AD_LINE("SP50","1D",asof)', COUNT, 0.0),
        Check(Text("Slope of the VIX term structure, percent"), "100*VOL_TERM_SLOPE(asof)", before, POINTS, 1e-9),
        Check(Text("Mechanical score: alone, and as the sum of its table"), "ROT_MECH_SCORE(asof)", 'SUM(IFERROR(INDEX(ROT_MECH_TABLE(asof,"en",FALSE),,7),0))/2', POINTS, 1e-9),
    )  # fmt: skip


def _notes() -> tuple[Text, ...]:
    return (
        Text("Each gauge is computed as of each of the last 60 sessions with what was known then; change is against the session before."),
        Text("Breadth is that of the 50 largest companies of the list SP50."),
        Text("Rotation graph: relative strength (right is strong) and its momentum (up is improving) against the S&P 500, 100 is neutral; the formulas of the well-known graph are proprietary, these are the library's own (see XLR_HELP(\"ROT_RRG\"))."),
        Text("The mechanical score is the mean of its components' percentiles; look at ROT_MECH_TABLE before you use it."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
