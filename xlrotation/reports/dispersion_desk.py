"""A dispersion trader's desk: volatilities and weights in cells, what they imply, the legs, and what the trade makes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.reports.audit import Check, checks_sheet
from xlrotation.reports.blocks import GRID, SCALE, Drawing, Line, lines, put
from xlrotation.reports.kit import BLUE, DARK, GREEN, GREY, INPUT_FILL, ORANGE, POINTS, Book, Input

ASOF = dt.date(2026, 2, 13)
TITLE = Text("Dispersion desk")

_MEMBERS = (
    "NVDA",
    "AAPL",
    "MSFT",
    "GOOGL",
    "AMZN",
    "META",
    "AVGO",
    "TSLA",
    "BRK-B",
    "JPM",
    "LLY",
    "WMT",
    "XOM",
    "V",
    "COST",
)
_FIRST = 6
_CORRELATIONS, _SCALES = 9, 5


def build(path: Path) -> None:
    """Write the template."""
    book = Book(path, TITLE, ASOF)
    front = book.sheet("Report", (40, 14, 14, 14, 14, 14))
    basket = book.sheet("Basket", (14, 16, 16, 16, 16, 16, 16, 20))
    data = book.sheet("Data", (14, 14, 14, 14))
    book.title_block(front, 5)
    row = _implied(book, front, 4)
    row = _market(book, front, row + 1)
    row = _legs(book, front, row + 1)
    front.set_h_pagebreaks([row + 1])
    row = _scenario(book, front, row + 1)
    row = _grid(book, front, row + 1)
    _chart(book, front, row)
    _basket(book, basket)
    _data(book, data)
    book.inputs_sheet(_inputs())
    checks_sheet(book, _checks())
    book.notes_sheet(_notes(), ("^GSPC", "^COR1M", "^DSPX", "^VIXEQ", "^VIX", *_MEMBERS))
    book.close()


def _implied(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text("What the volatilities on the Basket sheet imply")
    book.heading(sheet, row, heading, 5)
    basket = "index_used,vols_used,weights_used"
    items = (
        Line(Text("Index volatility"), "index_used", "0.0%"),
        Line(Text("Weighted mean single-stock volatility"), "SUMPRODUCT(vols_used,weights_used)/SUM(weights_used)", "0.0%"),
        Line(Text("Spread, points"), f"100*DISP_VOL_SPREAD_CALC({basket})", POINTS),
        Line(Text("Implied correlation of this basket"), f"DISP_IMPLCORR_CALC({basket})", "0.000"),
        Line(Text("Dispersion index of this basket"), f"DISP_INDEX_CALC({basket})", POINTS),
        Line(Text("Break-even realised correlation"), f"DISP_BREAKEVEN({basket})", "0.000"),
        Line(Text("Realised correlation of the basket, 1 month"), 'DISP_REALCORR(members,"1M",asof,"CAP")', "0.000"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _market(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("The market as a whole (50 largest), from option chains"), 5)
    heads = (
        Text("Measure"),
        Text("1 month"),
        Text("3 months"),
        Text("Rank in its year (1 month)"),
    )
    book.heads(sheet, row + 1, heads)
    measures = (
        (Text("Implied correlation"), "DISP_IMPLCORR", "0.000", "IMPLCORR"),
        (Text("Dispersion index"), "DISP_INDEX", POINTS, "INDEX"),
        (Text("Volatility spread"), "DISP_VOL_SPREAD", "0.0%", "VOL_SPREAD"),
        (Text("Implied minus realised correlation"), "DISP_CORR_PREMIUM", "+0.000;-0.000", ""),
    )
    for place, (text, function, form, measure) in enumerate(measures):
        line = row + 2 + place
        book.label(sheet, line, 0, text, place)
        book.table(sheet, line, 1, 1, 2, f'={function}("SPX","SP50",{{"1M","3M"}},asof)', form)
        if measure:
            book.value(sheet, line, 3, f'=DISP_PCTILE("{measure}","1Y",asof)', "0%", place)
        else:
            book.label(sheet, line, 3, "", place)
    return row + 2 + len(measures)


def _legs(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text("Legs: short index vega against long single names")
    book.heading(sheet, row, heading, 5)
    heads = (
        Text("Leg"),
        Text("Vega neutral"),
        Text("Theta neutral"),
        Text("Gamma neutral"),
        Text("Variance notional (theta)"),
    )
    book.heads(sheet, row + 1, heads)
    first, count = row + 2, 1 + len(_MEMBERS)
    sheet.write_string(first, 0, "SPX", book.style(bold=True, bottom=4, bottom_color="#D0D0D0"))
    for place in range(1, count):
        book.native(sheet, first + place, 0, f"=Basket!A{_FIRST + place}", "@", place)
    legs = 'DISP_LEGS(index_used,vols_used,weights_used,"{}",vega,FALSE)'
    for column, scheme in ((1, "VEGA"), (2, "THETA"), (3, "GAMMA")):
        book.table(sheet, first, column, count, 1, f"=INDEX({legs.format(scheme)},,{_LEG_VEGA})", "#,##0;-#,##0")
    book.table(sheet, first, 4, count, 1, f"=INDEX({legs.format('THETA')},,{_LEG_VARIANCE})", "#,##0;-#,##0")
    total = first + count
    book.label(sheet, total, 0, Text("Sum of the single names"))
    for column in range(1, 5):
        letter = chr(ord("A") + column)
        book.native(sheet, total, column, f"=SUM({letter}{first + 2}:{letter}{total})", "#,##0;-#,##0")
    return total + 1


_LEG_VEGA, _LEG_VARIANCE = 3, 4


def _scenario(book: Book, sheet: Worksheet, row: int) -> int:
    book.heading(sheet, row, Text("One scenario (variance swaps to expiry)"), 5)
    realised = "scenario_index,scenario_scale*vols_used"
    items = (
        Line(Text("Index realises"), "scenario_index", "0.0%", Text("on the Inputs sheet")),
        Line(Text("Single names realise, share of implied"), "scenario_scale", "0%"),
        Line(Text("Profit or loss of the vega-neutral trade"), f"DISP_PNL(index_used,vols_used,weights_used,{realised},vega)", "#,##0;-#,##0"),
        Line(Text("Correlation realised in it"), "DISP_IMPLCORR_CALC(scenario_index,scenario_scale*vols_used,weights_used)", "0.000"),
    )  # fmt: skip
    return lines(book, sheet, row + 1, items)


def _grid(book: Book, sheet: Worksheet, row: int) -> int:
    heading = Text(
        "Profit or loss by realised correlation (rows) and volatility (columns, share of implied)",
    )
    book.heading(sheet, row, heading, 5)
    table = "DISP_PNL_TABLE(index_used,vols_used,weights_used,vega,TRUE,lang)"
    dark = book.style(bold=True, font_color="#FFFFFF", bg_color=DARK, align="right", num_format="0%")
    sheet.write_dynamic_array_formula(row + 1, 0, row + 1 + _CORRELATIONS, _SCALES, f"={table}", dark)
    for r in range(_CORRELATIONS + 1):
        for c in range(_SCALES + 1):
            if r == 0 and c == 0:
                continue
            form = "0%" if r == 0 else "0.0" if c == 0 else "#,##0;-#,##0"
            style = (
                dark
                if r == 0
                else book.style(num_format=form, bold=c == 0, align="right", bottom=4, bottom_color="#D0D0D0")
            )
            sheet.write_blank(row + 1 + r, c, None, style)
    sheet.conditional_format(row + 2, 1, row + 1 + _CORRELATIONS, _SCALES, dict(SCALE))
    return row + 2 + _CORRELATIONS


def _chart(book: Book, sheet: Worksheet, row: int) -> int:
    chart = book.chart("scatter", "smooth")
    for column, colour in ((1, ORANGE), (2, BLUE), (3, GREEN)):
        chart.add_series(
            {
                "name": ["Data", 0, column],
                "categories": ["Data", 1, 0, _CORRELATIONS, 0],
                "values": ["Data", 1, column, _CORRELATIONS, column],
                "line": {"color": colour, "width": 2},
                "marker": {"type": "none"},
            }
        )
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"num_format": "0.0", "major_gridlines": GRID, "label_position": "low", "min": 0, "max": 0.8})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": GRID})
    title = Text("Profit or loss against realised correlation")
    alt = (
        "Three curves: profit or loss over realised correlation where single names realise 80, 100 and 120 % of implied"
    )
    return put(book, Drawing(sheet, "Report", row + 1, title, alt, height=260), chart)


def _basket(book: Book, sheet: Worksheet) -> None:
    """Members with market volatilities and weights, and beside them the trader's own, which count where given."""
    book.text(sheet, 0, 0, Text("Basket"), bold=True, font_size=16, font_color=DARK)
    note = Text(
        "Yellow cells may be changed: a volatility or weight of your own replaces the market's",
    )
    book.text(sheet, 1, 0, note, font_color=GREY)
    heads = (
        Text("Symbol"),
        Text("Volatility, market"),
        Text("Volatility, own"),
        Text("Volatility used"),
        Text("Weight, market"),
        Text("Weight, own"),
        Text("Weight used"),
    )
    book.heads(sheet, 3, heads)
    yellow = {"bg_color": INPUT_FILL, "border": 1, "border_color": "#D0C890", "font_color": "#00008B"}
    last = _FIRST + len(_MEMBERS)
    sheet.write_string(_FIRST - 2, 0, "SPX", book.style(bold=True))
    book.value(sheet, _FIRST - 2, 1, '=VOL_IMPLIED("SPX",tenor,asof)', "0.0%")
    sheet.write_blank(_FIRST - 2, 2, None, book.style(num_format="0.0%", **yellow))
    book.native(sheet, _FIRST - 2, 3, f'=IF(C{_FIRST - 1}="",B{_FIRST - 1},C{_FIRST - 1})', "0.0%")
    for place, member in enumerate(_MEMBERS, _FIRST):
        sheet.write_string(place, 0, member, book.style(**yellow))
        sheet.write_blank(place, 2, None, book.style(num_format="0.0%", **yellow))
        sheet.write_blank(place, 5, None, book.style(num_format="0.0%", **yellow))
        line = place + 1
        book.native(sheet, place, 3, f'=IF(C{line}="",B{line},C{line})', "0.0%", place)
        book.native(sheet, place, 6, f'=IF(F{line}="",E{line},F{line})', "0.0%", place)
    names = f"A{_FIRST + 1}:A{last}"
    count = len(_MEMBERS)
    book.table(sheet, _FIRST, 1, count, 1, f"=VOL_IMPLIED({names},tenor,asof)", "0.0%")
    book.table(sheet, _FIRST, 4, count, 1, f"=PX_MKTCAP({names},asof)/SUM(PX_MKTCAP({names},asof))", "0.0%")
    for name, cells in (
        ("members", f"$A${_FIRST + 1}:$A${last}"),
        ("vols_used", f"$D${_FIRST + 1}:$D${last}"),
        ("weights_used", f"$G${_FIRST + 1}:$G${last}"),
        ("index_used", f"$D${_FIRST - 1}"),
    ):
        book.name(name, f"Basket!{cells}")
    sheet.freeze_panes(_FIRST, 1)


def _data(book: Book, sheet: Worksheet) -> None:
    """The grid's columns for 80, 100 and 120 %, as the chart draws them."""
    book.heads(sheet, 0, (Text("Correlation"), "80 %", "100 %", "120 %"))
    table = "DISP_PNL_TABLE(index_used,vols_used,weights_used,vega,FALSE)"
    for column, of in ((0, 1), (1, 3), (2, 4), (3, 5)):
        form = "0.0" if column == 0 else "#,##0;-#,##0"
        book.table(sheet, 1, column, _CORRELATIONS, 1, f"=INDEX({table},,{of})", form)


def _inputs() -> tuple[Input, ...]:
    chosen = Text("Chosen; change it")
    return (
        Input("tenor", Text("Tenor"), "1M", "@", Text("1M, 3M, 6M or calendar days")),
        Input("vega", Text("Index vega, currency per point"), 100000, "#,##0", chosen),
        Input("scenario_index", Text("Index realises"), 0.15, "0.0%", chosen),
        Input("scenario_scale", Text("Single names realise, share of implied"), 1.0, "0%", chosen),
    )


def _checks() -> tuple[Check, ...]:
    basket = "index_used,vols_used,weights_used"
    legs = 'DISP_LEGS(index_used,vols_used,weights_used,"{}",vega,FALSE)'
    leg = f"INDEX({legs},1,{_LEG_VEGA})"
    every = f"INDEX({legs},,{_LEG_VEGA})"
    return (
        Check(Text("Break-even correlation, and implied correlation"), f"DISP_BREAKEVEN({basket})", f"DISP_IMPLCORR_CALC({basket})", "0.000000", 1e-12),
        Check(Text("Profit or loss where everything comes out as implied"), f"DISP_PNL({basket},index_used,vols_used,vega)", "0", "#,##0.00", 1e-6),
        Check(Text("Dispersion index, and root of weighted variance minus index variance"), f"DISP_INDEX_CALC({basket})", "100*SQRT(SUMPRODUCT(weights_used,vols_used,vols_used)/SUM(weights_used)-index_used^2)", "0.0000", 1e-9),
        Check(Text("Vega neutral: vegas of the single names, and of the index"), f"ROUND(SUM({every.format('VEGA')})-{leg.format('VEGA')},6)", "vega", "#,##0.00", 1e-6),
        Check(Text("Theta neutral: vega times volatility of the names, and of the index"), f"ROUND(SUMPRODUCT(INDEX({legs.format('THETA')},,2),{every.format('THETA')})-INDEX({legs.format('THETA')},1,2)*{leg.format('THETA')},6)", "vega*index_used", "#,##0.00", 1e-6),
        Check(Text("Dispersion index of the 50 largest from chains, and DSPX as published"), 'DISP_INDEX("SPX","SP50","1M",asof)', 'PX_CLOSE("DSPX",asof)', POINTS, 1.0),
    )  # fmt: skip


def _notes() -> tuple[Text, ...]:
    return (
        Text("Volatilities are at 50 delta at a constant maturity, from the option chains of the as-of session; where the source has none, type your own into the yellow cells of the Basket sheet."),
        Text("Fifteen names are no index: their implied correlation is not COR1M. The block below it has that of the 50 largest."),
        Text("Profit and loss are those of variance swaps held to expiry, undiscounted; vega neutral, theta neutral and gamma neutral differ in what the legs have in common with the index leg."),
        Text("No costs: quoted spreads of single-name variance can take all of the expected gain."),
        Text("For information only; not investment advice."),
    )  # fmt: skip
