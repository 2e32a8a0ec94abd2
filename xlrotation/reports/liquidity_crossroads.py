"""Who buys, who breaks: the workbook after a market report of November 2025 on liquidity.

Its tables are fund flows, buying of dips, bankruptcies, delinquency, credit spreads, layoffs, the Sahm rule with the rate
that would trigger it, VIX and VVIX with the event study of the latter, the next meeting of the Fed, and stress.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.functions.published.reports import LIQUIDITY_CROSSROADS
from xlrotation.languages import Text
from xlrotation.reports.audit import audit_sheet, sentences
from xlrotation.reports.blocks import Curve, Drawing, Line, Place, bars, curves, lines
from xlrotation.reports.choosing import expression, in_every, quoted
from xlrotation.reports.kit import BLUE, COUNT, DATE, GREY, INPUT_FILL, ORANGE, PERCENT, POINTS, Book, Input

REPORT = LIQUIDITY_CROSSROADS

_FLOWS = (("SPY", 12.0), ("QQQ", 2.8), ("VOO", 2.4), ("IVV", 2.0), ("SMH", 1.3), ("TQQQ", 1.2), ("IBIT", -0.6))
_BANKRUPTCIES = (
    (Text("Industrials"), 98),
    (Text("Consumer discretionary"), 80),
    (Text("Health care"), 45),
    (Text("Technology"), 24),
    (Text("Energy and utilities"), 4),
    (Text("All others"), 136),
)
_ISSUANCE = (
    (dt.date(2025, 9, 24), 44.515),
    (dt.date(2025, 10, 1), 39.908),
    (dt.date(2025, 10, 8), 39.703),
    (dt.date(2025, 10, 15), 30.006),
    (dt.date(2025, 10, 22), 43.533),
)
_LAYOFFS = (
    Text("Announced job cuts"),
    Text("Mass-layoff notices"),
    Text("Layoffs in earnings calls"),
    Text("Searches for layoffs"),
    Text("Continuing claims"),
    Text("Involuntary part-time work"),
)
_DELINQUENCY = (
    (dt.date(2011, 3, 31), 12.5),
    (dt.date(2024, 9, 30), 11.1),
    (dt.date(2025, 6, 30), 12.3),
    (dt.date(2025, 9, 30), 12.4),
)
_WEEKS, _DAYS = 26, 60
_FIRST = 4


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, REPORT.title, REPORT.asof)
    front = book.sheet("Report", (46, 14, 13, 13, 13, 13))
    figures = book.sheet("Figures", (34, 16, 14, 60))
    data = book.sheet("Data", (14, 14, 16, 12, 14, 16, 16))
    book.title_block(front, 5)
    row = sentences(book, front, 4, REPORT)
    row = _stress(book, front, row)
    row = _volatility(book, front, row + 1)
    row = _events(book, front, row + 1)
    row = _credit(book, front, row + 1)
    front.set_h_pagebreaks([row])
    row = _labour(book, front, row)
    row = _fed(book, front, row + 1)
    row = _flows(book, front, row + 1)
    _companies(book, front, row + 1)
    _figures(book, figures)
    _data(book, data)
    book.inputs_sheet(_inputs(), groups={"fed_futures": ("fed_before", "fed_month", "fed_after")})
    audit_sheet(book, REPORT)
    book.notes_sheet(_notes(), ("^VIX", "^VVIX", "^GSPC", "SPY", "QQQ"))
    book.close()


def _volatility(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Fear"), 5)
    items = (
        Line(Text("VIX"), 'PX_CLOSE("VIX",asof)', POINTS),
        Line(Text("Its band"), 'VOL_BAND(PX_CLOSE("VIX",asof),lang)', "@"),
        Line(Text("Highest close of the year before today"), 'MAX(INDEX(PX_HISTORY({"VIX"},DATE(YEAR(XLR_ASOF(asof)),1,1),XLR_ASOF(asof)-1,"close",FALSE),,2))', POINTS),
        Line(Text("VVIX"), 'PX_CLOSE("VVIX",asof)', POINTS),
        Line(Text("Closes in a row above the threshold"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', COUNT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _stress(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The stress table"), 5)
    heads = (Text("Gauge"), Text("Now"), Text("Alarm at"), Text("On"))
    book.heads(sheet, row + 1, heads)
    gauges = (
        (Text("VVIX, closes in a row above the threshold"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', "vvix_closes", COUNT),
        (Text("VIX"), 'PX_CLOSE("VIX",asof)', "vix_alarm", POINTS),
        (Text("High-yield spread, widening since a date, bp"), _widening("BAMLH0A0HYM2"), "spread_alarm", COUNT),
        (Text("CCC spread, widening since a date, bp"), _widening("BAMLH0A3HYC"), "spread_alarm", COUNT),
        (Text("Sahm indicator, points"), _sahm("MAC_SAHM({})"), "0.5", POINTS),
        (Text("Layoff indicators that rise"), _layoffs(), "0.7", "0%"),
        (Text("Bankruptcies in the two hardest-hit sectors"), _two_sectors(), "0.4", "0%"),
    )  # fmt: skip
    for place, (text, formula, alarm, form) in enumerate(gauges):
        line = row + 2 + place
        book.label(sheet, line, 0, text, place)
        book.value(sheet, line, 1, f"={formula}", form, place)
        book.native(sheet, line, 2, f"={alarm}", form, place)
        yes, no = expression(Text("yes")), expression(Text("no"))
        on = f'=IF(ISNUMBER(B{line + 1}),IF(B{line + 1}>=C{line + 1},{yes},{no}),"")'
        book.native(sheet, line, 3, on, "@", place)
    last = row + 2 + len(gauges)
    book.label(sheet, last, 0, Text("Gauges that are on"))
    cells = f"D{row + 3}:D{last}"
    book.native(
        sheet, last, 1, "=" + "+".join(f"COUNTIF({cells},{quoted(said)})" for said in in_every(Text("yes"))), COUNT
    )
    return last + 1


def _widening(name: str) -> str:
    column = {"BAMLH0A0HYM2": "B", "BAMLH0A3HYC": "C"}[name]
    first, last = _FIRST, _FIRST + _DAYS - 1
    return f"100*(Data!{column}{last}-LOOKUP(spread_from,Data!A{first}:A{last},Data!{column}{first}:{column}{last}))"


def _sahm(formula: str) -> str:
    return formula.format('INDEX(MAC_SERIES("UNRATE",EDATE(unrate_last,-20),unrate_last,FALSE),,2)')


def _layoffs() -> str:
    last = _place("layoffs") + len(_LAYOFFS)
    return f"MAC_DIFFUSION(TRANSPOSE(Figures!B{_place('layoffs') + 1}:C{last}),1)"


def _bankruptcies() -> str:
    return f"Figures!B{_place('bankruptcies') + 1}:B{_place('bankruptcies') + len(_BANKRUPTCIES)}"


def _two_sectors() -> str:
    """Share of the two sectors with the most bankruptcies in all; what is not named is no sector."""
    first = _place("bankruptcies") + 1
    named = f"Figures!B{first}:B{first + len(_BANKRUPTCIES) - 2}"
    return f"(LARGE({named},1)+LARGE({named},2))/SUM({_bankruptcies()})"


def _place(table: str) -> int:
    """The head row (counted from 1) of a table on the sheet of figures."""
    flows = 4
    bankruptcies = flows + len(_FLOWS) + 3
    delinquency = bankruptcies + len(_BANKRUPTCIES) + 3
    layoffs = delinquency + len(_DELINQUENCY) + 3
    issuance = layoffs + len(_LAYOFFS) + 4
    places = {"flows": flows, "bankruptcies": bankruptcies, "delinquency": delinquency, "layoffs": layoffs}
    return (places | {"issuance": issuance})[table]


def _events(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text("After VVIX closed above the threshold for as many days: the S&P 500")
    book.heading(sheet, row, heading, 5)
    heads = (
        Text("Sessions ahead"),
        Text("Events"),
        Text("Mean"),
        Text("Median"),
        Text("Usual mean"),
        Text("Share positive"),
    )
    book.heads(sheet, row + 1, heads)
    study = "EVT_VVIX(vvix_threshold,vvix_closes,asof,FALSE)"
    for place, column in enumerate((1, 2, 4, 5, 11, 6)):
        form = "@" if place == 0 else COUNT if place == 1 else "0%" if place == 5 else PERCENT
        book.table(sheet, row + 2, place, 2, 1, f'=IFERROR(INDEX({study},,{column}),"")', form)
    note = Text(
        "A claim that such stretches are followed by gains of 20 to 35 % is tested here on the source's history.",
    )
    book.text(sheet, row + 4, 0, note, font_color=GREY, font_size=9)
    return row + 5


def _credit(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Credit spreads"), 5)
    first, last = _FIRST, _FIRST + _DAYS - 1
    items = (
        Line(Text("High yield, percent"), f"Data!B{last}", POINTS),
        Line(Text("CCC and lower, percent"), f"Data!C{last}", POINTS),
        Line(Text("Since"), "spread_from", DATE, Text("on the Inputs sheet")),
        Line(Text("High yield, change in bp"), _widening("BAMLH0A0HYM2"), "+0;-0"),
        Line(Text("CCC, change in bp"), _widening("BAMLH0A3HYC"), "+0;-0"),
        Line(Text("High yield, from its low of these days, bp"), f"100*(Data!B{last}-MIN(Data!B{first}:B{last}))", "+0;-0"),
    )  # fmt: skip
    row = lines(book, sheet, row + 1, items)
    dates = Place("Data", 0, first - 1, last - 1)
    series = (
        Curve("=Data!$B$3", Place("Data", 1, first - 1, last - 1), BLUE),
        Curve("=Data!$C$3", Place("Data", 2, first - 1, last - 1), ORANGE, right=True),
    )
    title = Text("Option-adjusted spreads, percent (CCC on the right)")
    alt = "Two lines: high-yield and CCC spreads over the last 60 days with a value"
    return curves(book, Drawing(sheet, "Report", row, title, alt, height=220), dates, series, "0.0", interval=10)


def _labour(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Labour"), 5)
    items = (
        Line(Text("Unemployment rate, percent"), 'INDEX(MAC_SERIES("UNRATE",,unrate_last,FALSE,,1),1,2)', POINTS),
        Line(Text("of the month"), "unrate_last", DATE, Text("the last month published at the report's date")),
        Line(Text("Sahm indicator (signal at 0.50)"), _sahm("MAC_SAHM({})"), POINTS),
        Line(Text("Rate that triggers it next month"), _sahm("MAC_SAHM_TRIGGER({},1)"), POINTS),
        Line(Text("The same, held for three months"), _sahm("MAC_SAHM_TRIGGER({},3)"), POINTS),
        Line(Text("Layoff indicators that rise"), _layoffs(), "0%", Text("on the sheet of figures")),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _fed(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The next meeting of the Fed"), 5)
    cut = "MAC_FEDWATCH(fed_futures,fed_meeting,fed_low,fed_high)"
    items = (
        Line(Text("Meeting"), "fed_meeting", DATE, Text("futures on the Inputs sheet")),
        Line(Text("Probability of a cut (CME's method)"), cut, "0.0%"),
        Line(Text("Probability of no cut"), f"1-{cut}", "0.0%"),
    )
    return lines(book, sheet, row + 1, items)


def _flows(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("Fund flows of the week, USD bn"), 5)
    heads = (
        Text("Largest inflows"),
        Text("Fund"),
        Text("As published"),
        Text("Share"),
    )
    book.heads(sheet, row + 1, heads, left=2)
    first = _place("flows") + 1
    names, values = (f"Figures!{c}{first}:{c}{first + len(_FLOWS) - 1}" for c in "AB")
    book.table(sheet, row + 2, 0, 5, 4, f"=FLOW_TOP({names},{values},5,FALSE)", COUNT, "@", "0.0", "0%")
    row += 7
    week = "Data!G4:G29"
    items = (
        Line(Text("SPY, 5 sessions, from its shares, USD bn"), 'FLOW_ETF("SPY","5D",asof)/1E9', "0.0"),
        Line(Text("QQQ, 5 sessions, from its shares, USD bn"), 'FLOW_ETF("QQQ","5D",asof)/1E9', "0.0"),
        Line(Text("Largest week of SPY since"), f"IFERROR(FLOW_SINCE(Data!E4:E29,{week}),{expression(Text('largest of 26 weeks'))})", DATE),
        Line(Text("Weeks in a row with issuance of 30 bn or more"), f"FLOW_STREAK({_issuance()},30)", COUNT),
        Line(Text("Weeks of 40 bn or more, of those given"), f'COUNTIF({_issuance()},">=40")', COUNT),
        Line(Text("Weeks in a row with net buying of SPY"), f"FLOW_STREAK({week},0)", COUNT),
        Line(Text("Down weeks (worse than -1 %) with net buying"), f'IFERROR(FLOW_DIPBUY(Data!F4:F29,{week},-0.01),"-")', "0%"),
        Line(Text("Retail behind institutions this year"), "FLOW_GAP(retail_return,institution_return)", PERCENT),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _companies(book: Book, sheet: Worksheet, row: int) -> None:
    book.heading(sheet, row, Text("Bankruptcies and delinquency"), 5)
    items = (
        Line(Text("Bankruptcies of large companies, year to October"), f"SUM({_bankruptcies()})", COUNT),
        Line(Text("Share of the two hardest-hit sectors"), _two_sectors(), "0.0%"),
        Line(Text("Card balances 90 days late, percent"), f"Figures!B{_place('delinquency') + len(_DELINQUENCY)}", "0.0"),
        Line(Text("Highest since"), _since(), DATE),
    )  # fmt: skip
    row = lines(book, sheet, row + 1, items)
    first = _place("bankruptcies")
    names = Place("Figures", 0, first, first + len(_BANKRUPTCIES) - 1)
    values = Place("Figures", 1, first, first + len(_BANKRUPTCIES) - 1)
    title = Text("Bankruptcies by sector, 2025 to October")
    alt = "Bars: bankruptcies of large companies in 2025 to October by sector"
    bars(book, Drawing(sheet, "Report", row + 1, title, alt, height=200), names, values, "0")


def _issuance() -> str:
    return f"Figures!B{_place('issuance') + 1}:B{_place('issuance') + len(_ISSUANCE)}"


def _since() -> str:
    first = _place("delinquency") + 1
    last = first + len(_DELINQUENCY) - 1
    return f"MAC_SINCE(Figures!A{first}:A{last},Figures!B{first}:B{last})"


def _figures(book: Book, sheet: Worksheet) -> None:
    """Figures of others that are no prices, each table with its origin."""
    book.text(sheet, 0, 0, Text("Figures of others"), bold=True, font_size=16, font_color="#1F3044")
    book.text(sheet, 1, 0, Text("Yellow cells may be changed"), font_color=GREY)
    yellow = {"bg_color": INPUT_FILL, "border": 1, "border_color": "#D0C890", "font_color": "#00008B"}
    row = _place("flows") - 1
    book.heads(sheet, row, (Text("Fund"), Text("Flow, USD bn"), "", Text("Origin")), left=1)
    for place, (fund, value) in enumerate(_FLOWS, row + 1):
        sheet.write_string(place, 0, fund, book.body("@"))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    book.text(sheet, row + 1, 3, Text("FactSet, week, as quoted by the report"), font_color=GREY)
    row = _place("bankruptcies") - 1
    book.heads(sheet, row, (Text("Sector", "of bankruptcies"), Text("Bankruptcies"), "", Text("Origin")), left=1)
    for place, (name, count) in enumerate(_BANKRUPTCIES, row + 1):
        book.label(sheet, place, 0, name)
        sheet.write_number(place, 1, count, book.style(num_format=COUNT, **yellow))
    origin = Text("S&P Global, as quoted by the report; its own total is 655")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)
    row = _place("delinquency") - 1
    book.heads(
        sheet,
        row,
        (Text("Quarter"), Text("90 days late, %"), "", Text("Origin")),
        left=1,
    )
    for place, (day, value) in enumerate(_DELINQUENCY, row + 1):
        sheet.write_datetime(place, 0, dt.datetime.combine(day, dt.time()), book.style(num_format=DATE, **yellow))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    origin = Text("New York Fed, card balances; selected quarters")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)
    row = _place("layoffs") - 1
    scores = (Text("Layoff indicator"), Text("Three months before"), Text("Now", "beside the past"), "")
    book.heads(sheet, row, scores, left=1)
    for place, name in enumerate(_LAYOFFS, row + 1):
        book.label(sheet, place, 0, name)
        sheet.write_number(place, 1, -1.5, book.style(num_format="0.0", **yellow))
        sheet.write_number(place, 2, 0.0, book.style(num_format="0.0", **yellow))
    origin = Text(
        "Standard scores as the report describes them (-2 to -1 before, about 0 now); its seventh indicator is not named",
    )
    book.text(sheet, row + 1 + len(_LAYOFFS), 0, origin, font_color=GREY)
    row = _place("issuance") - 1
    heads = (Text("Week"), Text("Net issuance, USD bn"), "", Text("Origin"))
    book.heads(sheet, row, heads, left=1)
    for place, (day, value) in enumerate(_ISSUANCE, row + 1):
        sheet.write_datetime(place, 0, dt.datetime.combine(day, dt.time()), book.style(num_format=DATE, **yellow))
        sheet.write_number(place, 1, value, book.style(num_format="0.0", **yellow))
    origin = Text("Investment Company Institute, release of 2025-10-28")
    book.text(sheet, row + 1, 3, origin, font_color=GREY)


def _data(book: Book, sheet: Worksheet) -> None:
    """Spreads day by day, and weeks of the S&P 500 with SPY's flows."""
    book.heads(
        sheet,
        2,
        (
            Text("Date"),
            Text("High yield"),
            Text("CCC and lower"),
            Text("Weeks back"),
            Text("Week to"),
            Text("S&P 500"),
            Text("Flow into SPY"),
        ),
    )
    day = "XLR_ASOF(asof)"
    series = 'MAC_SERIES("{}",,{},FALSE,,{})'
    book.table(sheet, 3, 0, _DAYS, 2, "=" + series.format("BAMLH0A0HYM2", day, _DAYS), DATE, POINTS)
    book.table(sheet, 3, 2, _DAYS, 1, "=INDEX(" + series.format("BAMLH0A3HYC", day, _DAYS) + ",,2)", POINTS)
    last = 3 + _WEEKS
    for row in range(3, last):
        sheet.write_number(row, 3, last - 1 - row, book.style(font_color=GREY, num_format=COUNT))
    book.table(sheet, 3, 4, _WEEKS, 1, f"=XLR_ASOF({day}-7*D4:D{last})", DATE)
    book.table(sheet, 3, 5, _WEEKS, 1, f'=PX_RET("SPX","1W",E4:E{last})', PERCENT)
    book.table(sheet, 3, 6, _WEEKS, 1, f'=FLOW_ETF("SPY","1W",E4:E{last})', "#,##0")
    sheet.freeze_panes(3, 0)


def _inputs() -> tuple[Input, ...]:
    report = Text("As the report of November 2025 has it")
    futures = Text("Chosen so that the probability is the printed 48.9 %")
    target = Text("Target range of the Fed after the meeting of October 2025")
    return (
        Input("vvix_threshold", Text("VVIX threshold"), 110, COUNT, report),
        Input("vvix_closes", Text("Closes in a row"), 5, COUNT, report),
        Input("vix_alarm", Text("VIX alarm"), 26, COUNT, report),
        Input("spread_alarm", Text("Widening of spreads, bp"), 50, COUNT, report),
        Input("spread_from", Text("Spreads since"), dt.date(2025, 10, 31), DATE, report),
        Input("unrate_last", Text("Last month of the unemployment rate"), dt.date(2025, 9, 1), DATE, Text("September was published on 2025-11-20")),
        Input("fed_before", Text("Futures, month before the meeting"), 96.12, "0.0000", futures),
        Input("fed_month", Text("Futures, month of the meeting"), 96.2028, "0.0000", futures),
        Input("fed_after", Text("Futures, month after (blank: it has a meeting of its own)"), "", "0.0000", futures),
        Input("fed_meeting", Text("Meeting"), dt.date(2025, 12, 10), DATE, target),
        Input("fed_low", Text("Target range from"), 3.75, POINTS, target),
        Input("fed_high", Text("Target range to"), 4.0, POINTS, target),
        Input("retail_return", Text("Retail portfolios, year to date"), -0.11, PERCENT, Text("Relative to institutions, middle of the printed -10 to -12 %")),
        Input("institution_return", Text("Institutions, year to date"), 0.0, PERCENT, Text("The base of that comparison")),
    )  # fmt: skip


def _notes() -> tuple[Text, ...]:
    return (
        Text("A flow is the change in a fund's shares outstanding times its value the day before, as issuers publish it; who the final buyer is it does not tell."),
        Text("The Sahm rule compares the three-month mean of the unemployment rate with its lowest of the twelve months before; half a point more signals a recession. It needs three months without a gap: October 2025 was never surveyed, so from then until January 2026 it has no value."),
        Text("Spreads are option-adjusted spreads of ICE BofA indices at FRED, in percent; the high-yield index and its CCC part widen by very different amounts."),
        Text("The event study counts only events whose following sessions lie in the data, and shows the mean of all sessions beside it; with a handful of events no difference is proof."),
        Text("Probabilities of the Fed follow CME's method: the month's average rate is that before and after the meeting, weighted by days, in steps of a quarter point."),
        Text("A cell that shows #N/A lacks data in the source; =XLR_ERRORS() gives the reason."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
