"""A dispersion trader's desk: volatilities and weights in cells, what they imply, the legs, and what the trade makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.languages import Text
from xlrotation.reports import colouring
from xlrotation.reports.audit import Check
from xlrotation.reports.backsheets import Input
from xlrotation.reports.blocks import Column, Line, Lines, Spill, Table
from xlrotation.reports.charts import Caption
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.dispersion_published import DATA, PATHS, published, realised
from xlrotation.reports.kit import POINTS
from xlrotation.reports.page import FIRST_ROW, Area, Beside, Page, When, halves
from xlrotation.reports.scenarios import Scenarios
from xlrotation.reports.standard import MISSING_NOTE, breadth
from xlrotation.reports.words import Headline, Pick, Saying, Told

_MEMBERS = ("NVDA", "AAPL", "MSFT", "GOOGL", "AMZN", "META", "AVGO", "TSLA", "BRK-B", "JPM", "LLY", "WMT", "XOM", "V", "COST")  # fmt: skip
_FIRST = 6
_CORRELATIONS, _SCALES = 9, 5
_LEG_VEGA, _LEG_VARIANCE = 3, 4
_MONEY = "#,##0;-#,##0"
_THOUSANDS = "#,##0,;-#,##0,"
_BASKET = "index_used,vols_used,weights_used"


def _premium(implied: str, realised: str) -> Pick:
    return Pick(
        (
            (f"{implied}-{realised}>=0.05", Text("Correlation is dear")),
            (f"{implied}-{realised}<=-0.05", Text("Correlation is cheap")),
        ),
        Text("Correlation is fair"),
        Text("Correlation n/a"),
    )


_TITLE = Headline(
    Saying(
        Text("{premium}: {implied} implied, {realised} realised"),
        {
            "premium": _premium("{basket.implcorr}", "{basket.realcorr}"),
            "implied": 'TEXT({basket.implcorr},"0.00")',
            "realised": 'TEXT({basket.realcorr},"0.00")',
        },
        Saying(
            Text("{premium}: {implied} by the published index, {realised} realised"),
            {
                "premium": _premium("{data.cor1m.last}", "{data.realised.last}"),
                "implied": 'TEXT({data.cor1m.last},"0.00")',
                "realised": 'TEXT({data.realised.last},"0.00")',
            },
            Text("Dispersion desk: no volatilities of the basket"),
        ),
    )
)
_KNOWN, _LACKING = "NOT(ISERROR({basket.implcorr}))", "ISERROR({basket.implcorr})"
"""Whether all volatilities and weights of the basket are there, or not."""
_WHY = Told(
    "lacking",
    (
        Saying(
            Text("{lack} of {all} implied volatilities or weights of the basket are missing, so what follows from them is left out. Fetch chains (xlrotation refresh --options), or type your own volatilities into the yellow cells of the Basket sheet; Notes has the reasons."),
            {
                "lack": f"IF({_LACKING},TEXT(IF(ISERROR(index_used),1,0)+SUMPRODUCT(--((ISERROR(vols_used)+ISERROR(weights_used))>0)),\"0\"),NA())",
                "all": f'"{len(_MEMBERS) + 1}"',
            },
        ),
    ),
)  # fmt: skip
_IMPLIED = Lines(
    Text("What the volatilities on the Basket sheet imply"),
    (
        Line("basket.index", Text("Index volatility"), "index_used", "0.0%"),
        Line("basket.mean", Text("Weighted mean single-stock volatility"), "SUMPRODUCT(vols_used,weights_used)/SUM(weights_used)", "0.0%"),
        Line("basket.spread", Text("Spread, points"), f"100*DISP_VOL_SPREAD_CALC({_BASKET})", "0.00"),
        Line("basket.implcorr", Text("Implied correlation of this basket"), f"DISP_IMPLCORR_CALC({_BASKET})", "0.000"),
        Line("basket.realcorr", Text("Realised correlation of the basket, 1 month"), 'DISP_REALCORR(members,"1M",asof,"CAP")', "0.000"),
        breadth("market.realcorr", Text("Realised correlation, 1 month"), 'DISP_REALCORR({universe},"1M",asof)', "0.000"),
        Line("basket.breakeven", Text("Break-even realised correlation"), f"DISP_BREAKEVEN({_BASKET})", "0.000"),
    ),
)  # fmt: skip
_REALISED = "scenario_index,scenario_scale*vols_used"
_SCENARIO = Lines(
    Text("One scenario (variance swaps to expiry)"),
    (
        Line("scenario.index", Text("Index realises"), "scenario_index", "0.0%"),
        Line("scenario.scale", Text("Single names realise, share of implied"), "scenario_scale", "0%"),
        Line("scenario.pnl", Text("Profit or loss of the vega-neutral trade"), f"DISP_PNL({_BASKET},{_REALISED},vega)", _MONEY, signed=True, unit="currency"),
        Line("scenario.corr", Text("Correlation realised in it"), "DISP_IMPLCORR_CALC(scenario_index,scenario_scale*vols_used,weights_used)", "0.000"),
        Line("basket.dspx", Text("Dispersion index of this basket"), f"DISP_INDEX_CALC({_BASKET})", POINTS),
    ),
)  # fmt: skip
_MEASURES = (
    ("implcorr", Text("Implied correlation"), "DISP_IMPLCORR", "0.000", "IMPLCORR"),
    ("index", Text("Dispersion index"), "DISP_INDEX", POINTS, "INDEX"),
    ("spread", Text("Volatility spread"), "DISP_VOL_SPREAD", "0.0%", "VOL_SPREAD"),
    ("premium", Text("Implied minus realised correlation"), "DISP_CORR_PREMIUM", "+0.000;-0.000", ""),
)
_CHAINS = "COUNT({market.implcorr.1m},{market.index.1m},{market.spread.1m})"
"""Whether chains give anything of the market as a whole, as a number."""


def _market() -> Table:
    spills = []
    for n, (_, _, function, form, measure) in enumerate(_MEASURES):
        spills.append(Spill(1, f'{function}("SPX","SP50",{{"1M","3M"}},asof)', 2, n, 1, form))
        if measure:
            spills.append(Spill(3, f'DISP_PCTILE("{measure}","1Y",asof)', 1, n, 1))
    return Table(
        "market",
        Text("The market as a whole (50 largest), from option chains"),
        (
            Column(Text("Measure"), width=5),
            Column(Text("1 month"), "1m", POINTS, 2),
            Column(Text("3 months"), "3m", POINTS, 2),
            Column(Text("Rank in its year (1 month)"), "rank", "0%", 3, "bar"),
        ),
        [key for key, *_ in _MEASURES],
        spills,
        {0: [text for _, text, *_ in _MEASURES]},
    )


def _legs() -> Table:
    count = 1 + len(_MEMBERS)
    legs = 'DISP_LEGS(index_used,vols_used,weights_used,"{}",vega,FALSE)'
    spills = [
        Spill(column, f"INDEX({legs.format(scheme)},,{_LEG_VEGA})", 1, 0, count)
        for column, scheme in ((3, "VEGA"), (4, "THETA"), (5, "GAMMA"))
    ]
    spills.append(Spill(6, f"INDEX({legs.format('THETA')},,{_LEG_VARIANCE})", 1, 0, count))
    keys = ("vega", "theta", "gamma", "variance")
    for column, key in enumerate(keys, 3):
        singles = ",".join(f"{{legs.m{place}.{key}}}" for place in range(1, count))
        # a sum of what is there would be no sum of the legs: one that is missing makes it n/a
        spills.append(Spill(column, f"IF(COUNT({singles})={count - 1},SUM({singles}),NA())", 1, count, 1))
    spills += [
        Spill(1, "index_used", 1, 0, 1),
        Spill(1, "vols_used", 1, 1, count - 1),
        Spill(2, "weights_used", 1, 1, count - 1),
    ]
    names = ["SPX", *(f"=Basket!A{_FIRST + 1 + place}" for place in range(len(_MEMBERS)))]
    heads = (Text("Vega neutral"), Text("Theta neutral"), Text("Gamma neutral"), Text("Variance notional (theta)"))
    return Table(
        "legs",
        Text("Legs: short index vega against long single names"),
        (
            Column(Text("Leg"), width=2),
            Column(Text("Volatility"), "volatility", "0.0%"),
            Column(Text("Weight"), "weight", "0.0%"),
            *(Column(head, key, _MONEY, 2) for head, key in zip(heads, keys, strict=True)),
        ),
        ["index", *(f"m{place}" for place in range(1, count)), "sum"],
        spills,
        {0: [*names, Text("Sum of names")]},
        used=f"IF(COUNT({{legs.vega}},{{legs.volatility}})=0,1,{count + 1})",
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Profit or loss over realised correlation and volatility, with both heads in the table itself."""

    def write(self, page: Page, area: Area) -> int:
        """Write heading and table."""
        book, sheet = page.book, page.sheet
        page.heading(area, Text("Profit or loss, thousands"))
        axes = Text("by realised correlation (rows) and volatility, of implied (columns)")
        page.remark(Area(area.row + 1, area.column, area.span), f"={expression(axes)}")
        formula = "DISP_PNL_TABLE(index_used,vols_used,weights_used,vega,TRUE,lang)"
        cells = book.values.put("pnl", formula, ("0.0", _MONEY), _CORRELATIONS + 1, _SCALES + 1)
        first = area.span - _SCALES
        page.height(area.row + 3, FIRST_ROW)
        for r in range(_CORRELATIONS + 1):
            for c in range(_SCALES + 1):
                row, column, span = area.row + 2 + r, area.column + (first + c - 1 if c else 0), 1 if c else first
                if r == 0:
                    dark = {"font_color": book.colour("head_text"), "bg_color": book.colour("dark")}
                    empty = '""' if c else expression(Text("Correlation"))
                    shown = f'=IFERROR(IF({cells.at(0, c)}&""="","",{cells.at(0, c)}),{empty})'
                    book.wide(sheet, row, column, span, shown, bold=True, align="right", num_format="0%", **dark)
                    continue
                form = _THOUSANDS if c else "0.0"
                book.show(sheet, row, column, cells.at(r, c), form, r - 1, span, anchor=cells.at(), shrink=c > 0)
                form = _MONEY if c else "0.0"
                if not c:
                    named = Text("Realised correlation of row {row}").of(row=r)
                    book.values.figure(f"pnl.{r}.correlation", named, form, cells.at(r, c), formula, "correlation")
                if c:
                    label = Text("Profit or loss, correlation {row}, volatility {column}").of(row=r, column=c)
                    book.values.figure(f"pnl.{r}.{c}", label, form, cells.at(r, c), formula, "currency")
        colouring.signed(book, sheet, area.row + 3, area.column + first, _CORRELATIONS, _SCALES)
        page.fold(area.row + 3, _CORRELATIONS, f"IF(ISERROR({cells.at()}),1,{_CORRELATIONS})")
        book.values.know("pnl.corr", f"Values!$C${cells.row + 2}:$C${cells.row + 1 + _CORRELATIONS}")
        return 3 + _CORRELATIONS


@dataclass(frozen=True, slots=True)
class Basket:
    """Members with market volatilities and weights, and beside them the trader's own, which count where given."""

    def write(self, page: Page, area: Area) -> int:  # noqa: ARG002 - it is a sheet of its own
        """Write it at the top of its sheet."""
        book, sheet = page.book, page.sheet
        page.columns = 7
        for column in range(page.columns):
            sheet.set_column(column, column, 13)
        title = {"bold": True, "font_size": book.size("title"), "font_color": book.colour("dark")}
        book.text(sheet, 0, 0, Text("Basket"), **title)
        page.height(0, 26)
        note = Text("Yellow cells may be changed: a volatility or weight of your own replaces the market's")
        book.text(sheet, 1, 0, note, font_color=book.colour("quiet"))
        heads = (Text("Symbol"), Text("Volatility, market"), Text("Volatility, own"), Text("Volatility used"), Text("Weight, market"), Text("Weight, own"), Text("Weight used"))  # fmt: skip
        for column, head in enumerate(heads):
            book.head(sheet, 3, column, head, "right" if column else "left")
        page.height(3, 25)
        yellow = book.yellow
        own = book.style(num_format="0.0%", **yellow)
        sheet.write_string(_FIRST - 2, 0, "SPX", book.style(bold=True))
        book.value(sheet, _FIRST - 2, 1, '=VOL_IMPLIED("SPX",tenor,asof)', "0.0%")
        sheet.write_blank(_FIRST - 2, 2, None, own)
        book.native(sheet, _FIRST - 2, 3, f'=IF(C{_FIRST - 1}="",B{_FIRST - 1},C{_FIRST - 1})', "0.0%")
        for place, member in enumerate(_MEMBERS, _FIRST):
            line = place + 1
            sheet.write_string(place, 0, member, book.style(**yellow))
            sheet.write_blank(place, 2, None, own)
            sheet.write_blank(place, 5, None, own)
            book.native(sheet, place, 3, f'=IF(C{line}="",B{line},C{line})', "0.0%", place)
            book.native(sheet, place, 6, f'=IF(F{line}="",E{line},F{line})', "0.0%", place)
        last, count = _FIRST + len(_MEMBERS), len(_MEMBERS)
        names = f"A{_FIRST + 1}:A{last}"
        book.table(sheet, _FIRST, 1, count, 1, f'=IF({names}="",NA(),VOL_IMPLIED({names},tenor,asof))', "0.0%")
        value = f'IF({names}="",NA(),PX_MKTCAP({names},asof))'
        book.table(sheet, _FIRST, 4, count, 1, f"={value}/SUM({value})", "0.0%")
        self._figures(page, heads)
        for name, cells in (
            ("members", f"$A${_FIRST + 1}:$A${last}"),
            ("vols_used", f"$D${_FIRST + 1}:$D${last}"),
            ("weights_used", f"$G${_FIRST + 1}:$G${last}"),
            ("index_used", f"$D${_FIRST - 1}"),
        ):
            book.name(name, f"Basket!{cells}")
        return last

    @staticmethod
    def _figures(page: Page, heads: Sequence[Text]) -> None:
        """Tell of the figures of its rows, whoever stands in them."""
        figure = page.book.values.figure
        implied, used = "VOL_IMPLIED(symbol,tenor,asof)", "the own one where given, else the market's"
        for column, key, formula in ((1, "volatility", implied), (3, "volatility_used", used)):
            figure(f"basket.spx.{key}", heads[column], "0.0%", f"{page.name}!${'ABCD'[column]}${_FIRST - 1}", formula)
        shares = "PX_MKTCAP(symbol,asof)/SUM(PX_MKTCAP(members,asof))"
        columns = (("B", 1, "volatility", implied), ("D", 3, "volatility_used", used), ("E", 4, "weight", shares), ("G", 6, "weight_used", used))  # fmt: skip
        for row in range(1, len(_MEMBERS) + 1):
            for letter, column, key, formula in columns:
                label = Text("{head}, row {row} of the basket").of(head=heads[column], row=row)
                figure(f"basket.{row}.{key}", label, "0.0%", f"{page.name}!${letter}${_FIRST + row}", formula)


def _inputs() -> tuple[Input, ...]:
    chosen = Text("Chosen; change it")
    return (
        Input("tenor", Text("Tenor"), "1M", "@", Text("1M, 3M, 6M or calendar days")),
        Input("vega", Text("Index vega, currency per point"), 100000, "#,##0", chosen),
        Input("scenario_index", Text("Index realises"), 0.15, "0.0%", chosen),
        Input("scenario_scale", Text("Single names realise, share of implied"), 1.0, "0%", chosen),
    )


def _checks() -> tuple[Check, ...]:
    legs = 'DISP_LEGS(index_used,vols_used,weights_used,"{}",vega,FALSE)'
    leg = f"INDEX({legs},1,{_LEG_VEGA})"
    every = f"INDEX({legs},,{_LEG_VEGA})"
    return (
        Check(Text("Break-even correlation, and implied correlation"), f"DISP_BREAKEVEN({_BASKET})", f"DISP_IMPLCORR_CALC({_BASKET})", "0.000000", 1e-12),
        Check(Text("Profit or loss where everything comes out as implied"), f"DISP_PNL({_BASKET},index_used,vols_used,vega)", "0", "#,##0.00", 1e-6),
        Check(Text("Dispersion index, and root of weighted variance minus index variance"), f"DISP_INDEX_CALC({_BASKET})", "100*SQRT(SUMPRODUCT(weights_used,vols_used,vols_used)/SUM(weights_used)-index_used^2)", "0.0000", 1e-9),
        Check(Text("Vega neutral: vegas of the single names, and of the index"), f"ROUND(SUM({every.format('VEGA')})-{leg.format('VEGA')},6)", "vega", "#,##0.00", 1e-6),
        Check(Text("Theta neutral: vega times volatility of the names, and of the index"), f"ROUND(SUMPRODUCT(INDEX({legs.format('THETA')},,2),{every.format('THETA')})-INDEX({legs.format('THETA')},1,2)*{leg.format('THETA')},6)", "vega*index_used", "#,##0.00", 1e-6),
        Check(Text("Dispersion index of the 50 largest from chains, and DSPX as published"), 'DISP_INDEX("SPX","SP50","1M",asof)', 'PX_CLOSE("DSPX",asof)', POINTS, 1.0),
    )  # fmt: skip


_CURVES = Scenarios(
    Caption(
        Text("Profit or loss by correlation"),
        Text("thousands, by volatility, of implied"),
        "Three curves: profit or loss over realised correlation where single names realise 80, 100 and 120 % of implied",
        9,
    ),
    "pnl_curves",
    "DISP_PNL_TABLE(index_used,vols_used,weights_used,vega,FALSE)",
    _CORRELATIONS,
    ((3, "80 %"), (4, "100 %"), (5, "120 %")),
)

BOOK = Definition(
    key="dispersion_desk",
    title=Text("Dispersion desk"),
    asof=dt.date(2026, 2, 13),
    front=(
        _TITLE,
        When(_LACKING, _WHY),
        When(_KNOWN, halves(_IMPLIED, _SCENARIO)),
        When(f"{_CHAINS}>0", _market()),
        When(f"{_CHAINS}=0", published()),
        When(_KNOWN, _legs()),
        When(_KNOWN, Beside(((Grid(), 7), (_CURVES, 5)))),
        When(_LACKING, realised([f"=Basket!A{_FIRST + 1 + place}" for place in range(len(_MEMBERS))])),
        When(_LACKING, PATHS),
    ),
    frames=(DATA,),
    sheets={"Basket": (Basket(),)},
    unprinted=("Basket",),
    inputs=_inputs(),
    symbols=("^GSPC", "^COR1M", "^DSPX", "^VIXEQ", "^VIX", *_MEMBERS),
    checks=_checks(),
    notes=(
        Text("The title: correlation is dear or cheap where the basket's implied correlation is at least 0.05 above or below the one realised over the past month."),
        Text("Volatilities are at 50 delta at a constant maturity, from the option chains of the as-of session; where the source has none, type your own into the yellow cells of the Basket sheet."),
        Text("Fifteen names are no index: their implied correlation is not COR1M. The block below it has that of the 50 largest."),
        Text("Profit and loss are those of variance swaps held to expiry, undiscounted; vega neutral, theta neutral and gamma neutral differ in what the legs have in common with the index leg."),
        Text("No costs: quoted spreads of single-name variance can take all of the expected gain."),
        MISSING_NOTE,
    ),
)  # fmt: skip
