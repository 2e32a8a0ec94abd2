"""Who buys, who breaks: the workbook after a market report of November 2025 on liquidity.

Its tables are fund flows, buying of dips, bankruptcies, delinquency, credit spreads, layoffs, the Sahm rule with the rate
that would trigger it, VIX and VVIX with the event study of the latter, the next meeting of the Fed, and stress.
"""

from __future__ import annotations

from xlrotation.functions.published.reports import LIQUIDITY_CROSSROADS
from xlrotation.languages import Text
from xlrotation.reports.bars import Bars
from xlrotation.reports.blocks import Column, Dated, Line, Lines, Spill, Table
from xlrotation.reports.charts import Caption, Curve, Paths, Shade
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import COUNT, DATE, PERCENT, POINTS
from xlrotation.reports.liquidity_figures import BANKRUPTCIES, FIGURES, INPUTS
from xlrotation.reports.page import Stack, halves
from xlrotation.reports.standard import MISSING_NOTE
from xlrotation.reports.words import Headline, Pick, Saying, Sentences

REPORT = LIQUIDITY_CROSSROADS
_DATED = Dated(REPORT.published, REPORT.asof)
_WEEKS, _DAYS = 26, 60

_FIRST = "INDEX({{data.{0}}},MATCH(TRUE,ISNUMBER({{data.{0}}}),0))"
"""The first value of a series."""

_SPREADS = Frame(
    "Data",
    _DAYS,
    (
        Series("hy", Text("High yield"), 'MAC_SERIES("BAMLH0A0HYM2",,{session},FALSE,,{rows})', POINTS, dated=True),
        Series("ccc", Text("CCC and lower"), 'MAC_SERIES("BAMLH0A3HYC",,{session},FALSE,,{rows})', POINTS, dated=True),
        Series("vvix", Text("VVIX"), 'PX_CLOSE("VVIX",{dates})'),
        Series("vix", Text("VIX"), 'PX_CLOSE("VIX",{dates})'),
        Series("hy_wider", Text("High yield"), f"100*({{data.hy}}-{_FIRST.format('hy')})", COUNT),
        Series("ccc_wider", Text("CCC"), f"100*({{data.ccc}}-{_FIRST.format('ccc')})", COUNT),
        Series("high", Text("VVIX above the threshold"), "IF({data.vvix}>vvix_threshold,1,0)", COUNT),
    ),
)
_FLOW_WEEKS = Frame(
    "Weeks",
    _WEEKS,
    (
        Series("spx", Text("S&P 500"), 'PX_RET("SPX","1W",{dates})', PERCENT),
        Series("spy", Text("Flow into SPY"), 'FLOW_ETF("SPY","1W",{dates})', "#,##0"),
    ),
    "XLR_ASOF({session}-7*{" + ";".join(str(back) for back in reversed(range(_WEEKS))) + "})",
)


def _now(name: str) -> str:
    """The newest value of a series as of the session."""
    return f'INDEX(MAC_SERIES("{name}",,{{session}},FALSE,,1),1,2)'


def _widening(name: str) -> str:
    """Widening since the date of the Inputs sheet, which must lie before the session."""
    then = f'INDEX(MAC_SERIES("{name}",,spread_from,FALSE,,1),1,2)'
    return f"IF(spread_from<={{session}},100*({_now(name)}-{then}),NA())"


def _sahm(formula: str) -> str:
    return formula.replace("{}", 'INDEX(MAC_SERIES("UNRATE",EDATE(unrate_last,-20),unrate_last,FALSE),,2)')


_LAYOFFS = "MAC_DIFFUSION(TRANSPOSE({layoffs}),1)"
_TWO_SECTORS = "(LARGE({bankruptcies.named},1)+LARGE({bankruptcies.named},2))/SUM({bankruptcies})"
_GAUGES = (
    ("vvix_streak", Text("VVIX, closes in a row above the threshold"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', "vvix_closes", COUNT),
    ("vix", Text("VIX"), 'PX_CLOSE("VIX",asof)', "vix_alarm", POINTS),
    ("hy", Text("High-yield spread, widening since a date, bp"), _widening("BAMLH0A0HYM2"), "spread_alarm", COUNT),
    ("ccc", Text("CCC spread, widening since a date, bp"), _widening("BAMLH0A3HYC"), "spread_alarm", COUNT),
    ("sahm", Text("Sahm indicator, points"), _sahm("MAC_SAHM({})"), "0.5", POINTS),
    ("layoffs", Text("Layoff indicators that rise"), _LAYOFFS, "0.7", "0%"),
    ("sectors", Text("Bankruptcies in the two hardest-hit sectors"), _TWO_SECTORS, "0.4", "0%"),
)  # fmt: skip
_YES, _NO = expression(Text("yes")), expression(Text("no"))


def _stress() -> Table:
    spills = []
    for n, (key, _, formula, alarm, form) in enumerate(_GAUGES):
        spills += [
            Spill(1, formula, 1, n, 1, form),
            Spill(2, alarm, 1, n, 1, form),
            Spill(3, f"IF({{stress.{key}.now}}>={{stress.{key}.alarm}},{_YES},{_NO})", 1, n, 1),
        ]
    nows = ",".join(f"{{stress.{key}.now}}" for key, *_ in _GAUGES)
    on = "+".join(f"IFERROR(N({{stress.{key}.now}}>={{stress.{key}.alarm}}),0)" for key, *_ in _GAUGES)
    told = expression(Text("{on} of {count}"), on=f"({on})", count=f"COUNT({nows})")
    missing = expression(Text("{missing} n/a"), missing=f"({len(_GAUGES)}-COUNT({nows}))")
    last = len(_GAUGES)
    spills += [
        Spill(1, f"IF(COUNT({nows})=0,NA(),{told})", 1, last, 1, "General"),
        Spill(3, f'IF(COUNT({nows})={last},"",{missing})', 1, last, 1),
    ]
    return Table(
        "stress",
        Text("The stress table"),
        (
            Column(Text("Gauge"), width=6),
            Column(Text("Now"), "now", POINTS, 2),
            Column(Text("Alarm at"), "alarm", POINTS, 2),
            Column(Text("On"), "on", "@", 2),
        ),
        [*(key for key, *_ in _GAUGES), "count"],
        spills,
        {0: [*(text for _, text, *_ in _GAUGES), Text("Gauges that are on, of those that have a value")]},
    )


_NOWS = ",".join(f"{{stress.{key}.now}}" for key, *_ in _GAUGES)
_ON = "+".join(f"IFERROR(N({{stress.{key}.now}}>={{stress.{key}.alarm}}),0)" for key, *_ in _GAUGES)
_LEAST = len(_GAUGES) // 2 + 1
"""Gauges that must have a value before the title says anything of them all."""
_STATE = Pick(
    (
        (f"COUNT({_NOWS})<{_LEAST}", Text("Stress n/a")),
        (f"({_ON})/COUNT({_NOWS})>=0.5", Text("Stress is wide")),
        (f"({_ON})=0", Text("No gauge of stress is on")),
    ),
    Text("Some stress"),
    Text("Stress n/a"),
)
_COUNTED = expression(Text("{on} of {count} gauges on"), on=f"({_ON})", count=f"COUNT({_NOWS})")
_CREDIT_WORD = Pick(
    (
        ("{credit.hy_change}>=50", Text("credit widens")),
        ("{credit.hy_change}<=-50", Text("credit tightens")),
    ),
    Text("credit calm"),
    Text("credit n/a"),
)
_TITLE = Headline(
    Saying(
        Text("{state}: {counted}, {credit}"),
        {"state": _STATE, "counted": _COUNTED, "credit": _CREDIT_WORD},
        REPORT.title,
    )
)
_YEAR = "DATE(YEAR({session}),1,1)"
_FEAR = Lines(
    Text("Fear"),
    (
        Line("vix", Text("VIX"), 'PX_CLOSE("VIX",asof)', POINTS),
        Line("vix.band", Text("Its band"), "VOL_BAND({vix},lang)", "@"),
        Line("vix.highest", Text("Highest close of the year before today"), f'MAX(INDEX(PX_HISTORY({{"VIX"}},{_YEAR},{{session}}-1,"close",FALSE),,2))', POINTS),
        Line("vvix", Text("VVIX"), 'PX_CLOSE("VVIX",asof)', POINTS),
        Line("vvix.streak", Text("Closes in a row above the threshold"), 'VOL_STREAK("VVIX",vvix_threshold,asof)', COUNT),
    ),
)  # fmt: skip
_STUDY = "EVT_VVIX(vvix_threshold,vvix_closes,asof,FALSE)"
_EVENTS = Table(
    "events",
    Text("After VVIX closed above the threshold for as many days: the S&P 500"),
    (
        Column(Text("Sessions ahead"), width=2),
        Column(Text("Sessions ahead"), "ahead", "@", 0),
        Column(Text("Events"), "events", COUNT, 2),
        Column(Text("Mean"), "mean", PERCENT, 2, "signed"),
        Column(Text("Median"), "median", PERCENT, 2, "signed"),
        Column(Text("Usual mean"), "usual", PERCENT, 2, "signed"),
        Column(Text("Share positive"), "positive", "0%", 2),
    ),
    ["126d", "252d"],
    tuple(Spill(place, f"INDEX({_STUDY},,{column})") for place, column in enumerate((1, 2, 4, 5, 11, 6), 1)),
    {0: [f'=SUBSTITUTE({{events.{key}.ahead}},"D","")' for key in ("126d", "252d")]},
    note=Text("A claim that such stretches are followed by gains of 20 to 35 % is tested here on the source's history."),
)  # fmt: skip
_LEVELS = "VOL_STRESS(stress_vvix,stress_vix,asof,FALSE,lang)"
_SCENARIO = Table(
    "scenario",
    Text("The S&P 500 at such levels of VVIX and VIX"),
    (
        Column(Text("Quantile"), "name", "@", 4),
        Column(Text("From the year's high"), "from_high", PERCENT, 2),
        Column(Text("Worst of 21 sessions after"), "after21", PERCENT, 3),
        Column(Text("Worst of 63 sessions after"), "after63", PERCENT, 3),
    ),
    [*(f"q{share}" for share in (0, 10, 25, 50, 75, 90, 100)), "sessions", "episodes"],
    (
        Spill(0, f"INDEX({_LEVELS},{{1;2;3;4;5;6;7;8;9}},1)"),
        Spill(1, f"INDEX({_LEVELS},{{1;2;3;4;5;6;7}},{{2,3,4}})", 3, 0, 7),
        Spill(1, f"INDEX({_LEVELS},8,{{2,3,4}})", 3, 7, 1, COUNT),
        Spill(1, f"INDEX({_LEVELS},9,2)", 1, 8, 1, COUNT),
    ),
    note=Text("Levels on the Inputs sheet; a handful of episodes proves nothing."),
)
_CREDIT = Lines(
    Text("Credit spreads"),
    (
        Line("credit.hy", Text("High yield, percent"), _now("BAMLH0A0HYM2"), POINTS, unit="percent"),
        Line("credit.ccc", Text("CCC and lower, percent"), _now("BAMLH0A3HYC"), POINTS, unit="percent"),
        Line("credit.from", Text("Since"), "spread_from", DATE),
        Line("credit.hy_change", Text("High yield, change in bp"), _widening("BAMLH0A0HYM2"), "+0;-0;0", unit="basis points"),
        Line("credit.ccc_change", Text("CCC, change in bp"), _widening("BAMLH0A3HYC"), "+0;-0;0", unit="basis points"),
        Line("credit.hy_low", Text("High yield, from its low of these days, bp"), f'100*({{credit.hy}}-MIN(INDEX(MAC_SERIES("BAMLH0A0HYM2",,{{session}},FALSE,,{_DAYS}),,2)))', "+0;-0;0", unit="basis points"),
    ),
)  # fmt: skip
_LABOUR = Lines(
    Text("Labour"),
    (
        Line("unrate", Text("Unemployment rate, percent"), 'INDEX(MAC_SERIES("UNRATE",,unrate_last,FALSE,,1),1,2)', POINTS, unit="percent"),
        Line("unrate.month", Text("of the month"), "unrate_last", DATE),
        Line("sahm", Text("Sahm indicator (signal at 0.50)"), _sahm("MAC_SAHM({})"), POINTS),
        Line("sahm.trigger1", Text("Rate that triggers it next month"), _sahm("MAC_SAHM_TRIGGER({},1)"), POINTS, unit="percent"),
        Line("sahm.trigger3", Text("The same, held for three months"), _sahm("MAC_SAHM_TRIGGER({},3)"), POINTS, unit="percent"),
        Line("layoff_share", Text("Layoff indicators that rise"), _LAYOFFS, "0%"),
    ),
    _DATED,
)  # fmt: skip
_CUT = "MAC_FEDWATCH(fed_futures,fed_meeting,fed_low,fed_high)"
_FED = Lines(
    Text("The next meeting of the Fed"),
    (
        Line("fed.meeting", Text("Meeting"), "fed_meeting", DATE),
        Line("fed.cut", Text("Probability of a cut (CME's method)"), _CUT, "0.0%"),
        Line("fed.no_cut", Text("Probability of no cut"), "1-{fed.cut}", "0.0%"),
    ),
    _DATED,
)
_TOP = Table(
    "top_flows",
    Text("Fund flows of the week, USD bn"),
    (
        Column(Text("Largest inflows"), "rank", COUNT),
        Column(Text("Fund"), "fund", "@", 2),
        Column(Text("As published"), "flow", "0.0"),
        Column(Text("Share"), "share", "0%", 2),
    ),
    [str(place) for place in range(1, 6)],
    (Spill(0, "FLOW_TOP({flows.names},{flows},5,FALSE)", 4),),
    dated=_DATED,
)
_OTHERS_FLOWS = Lines(
    Text("Who buys"),
    (
        Line("retail.before", Text("Retail: weeks with net buying in dips, first half"), "retail_before", "0%"),
        Line("retail.now", Text("Retail: the same, November"), "retail_now", "0%"),
        Line("flow_ratio", Text("Value and financial inflow over technology outflow"), "FLOW_RATIO(value_inflow,technology_outflow)", "0.0", unit="ratio"),
        Line("bond_inflow", Text("Bond funds, inflow of the month, USD bn"), "bond_inflow", "0", unit="USD bn"),
        Line("issuance.streak", Text("Weeks in a row with issuance of 30 bn or more"), "FLOW_STREAK({issuance},30)", COUNT),
        Line("issuance.forty", Text("Weeks of 40 bn or more, of those given"), 'COUNTIF({issuance},">=40")', COUNT),
        Line("retail.gap", Text("Retail behind institutions this year"), "FLOW_GAP(retail_return,institution_return)", PERCENT),
    ),
    _DATED,
)  # fmt: skip
_SPY = Lines(
    Text("Flows from the shares of funds"),
    (
        Line("spy.5d", Text("SPY, 5 sessions, USD bn"), 'FLOW_ETF("SPY","5D",asof)/1E9', "0.0", unit="USD bn"),
        Line("qqq.5d", Text("QQQ, 5 sessions, USD bn"), 'FLOW_ETF("QQQ","5D",asof)/1E9', "0.0", unit="USD bn"),
        Line("spy.since", Text("Largest week of SPY since"), f"_xlfn.IFNA(FLOW_SINCE({{weeks.date}},{{weeks.spy}}),IF(COUNT({{weeks.spy}})={_WEEKS},{expression(Text('largest of 26 weeks'))},NA()))", DATE),
        Line("spy.streak", Text("SPY, weeks of net buying in a row"), "FLOW_STREAK({weeks.spy},0)", COUNT),
        Line("spy.dips", Text("Weeks below -1 % with net buying"), "FLOW_DIPBUY({weeks.spx},{weeks.spy},-0.01)", "0%"),
    ),
)  # fmt: skip
_COMPANIES = Lines(
    Text("Bankruptcies and delinquency"),
    (
        Line("bankruptcies.total", Text("Bankruptcies of large companies, year to October"), "SUM({bankruptcies})", COUNT),
        Line("bankruptcies.two", Text("Share of the two hardest-hit sectors"), _TWO_SECTORS, "0.0%"),
        Line("cards", Text("Card balances 90 days late, percent"), "INDEX({delinquency},ROWS({delinquency}))", "0.0", unit="percent"),
        Line("cards.since", Text("Highest since"), "MAC_SINCE({delinquency.names},{delinquency})", DATE),
    ),
    _DATED,
)  # fmt: skip

BOOK = Definition(
    key=REPORT.key,
    title=REPORT.title,
    asof=REPORT.asof,
    front=(
        _TITLE,
        Sentences(REPORT),
        _stress(),
        halves(_FEAR, _CREDIT),
        halves(
            Paths(
                Caption(Text("Option-adjusted spreads"), Text("wider by, basis points since the first of 60 sessions"), "Two lines: by how much high-yield and CCC spreads have widened since the first of the last 60 sessions", 11),
                _SPREADS,
                (Curve("hy_wider"), Curve("ccc_wider", "second")),
                "0",
            ),
            Paths(
                Caption(Text("VIX and VVIX"), Text("points, last 60 sessions"), "Two lines: VIX and VVIX over the last 60 sessions", 11),
                _SPREADS,
                (Curve("vix", "dark"), Curve("vvix", "second")),
                "0",
                lowest=0.0,
                shade=Shade("high", Text("VVIX above the threshold")),
            ),
        ),
        _EVENTS,
        _SCENARIO,
        halves(_LABOUR, _OTHERS_FLOWS),
        halves(_FED, _COMPANIES),
        halves(Stack((_SPY, _TOP)), Bars(
            Caption(Text("Bankruptcies by sector, 2025 to October"), Text("companies"), "Bars: bankruptcies of large companies in 2025 to October by sector", 11),
            "bankruptcy_bars",
            "{bankruptcies.names}",
            "{bankruptcies}",
            len(BANKRUPTCIES),
            "0",
            plain=True,
        )),
    ),
    sheets={"Figures": FIGURES},
    unprinted=("Figures",),
    frames=(_SPREADS, _FLOW_WEEKS),
    inputs=INPUTS,
    groups={"fed_futures": ("fed_before", "fed_month", "fed_after")},
    symbols=("^VIX", "^VVIX", "^GSPC", "SPY", "QQQ"),
    report=REPORT,
    notes=(
        Text("The title: stress is wide where half or more of the gauges that have a value are on, and n/a where fewer than four of the seven have one; credit widens or tightens from 50 bp since the date on the Inputs sheet."),
        Text("A gauge without a value is not counted; the table says how many have one."),
        Text("A flow is the change in a fund's shares outstanding times its value the day before, as issuers publish it; who the final buyer is it does not tell."),
        Text("The Sahm rule compares the three-month mean of the unemployment rate with its lowest of the twelve months before; half a point more signals a recession. It needs three months without a gap: October 2025 was never surveyed, so from then until January 2026 it has no value."),
        Text("Spreads are option-adjusted spreads of ICE BofA indices at FRED, in percent; the high-yield index and its CCC part widen by very different amounts."),
        Text("The event study counts only events whose following sessions lie in the data, and shows the mean of all sessions beside it; with a handful of events no difference is proof."),
        Text("The scenario table takes the sessions on which VVIX and VIX closed at or above the levels on the Inputs sheet: how far the S&P 500 stood below its high of a year, and how much lower it closed within 21 and 63 sessions after."),
        Text("Probabilities of the Fed follow CME's method: the month's average rate is that before and after the meeting, weighted by days, in steps of a quarter point."),
        Text("Figures of others belong to the report's day and are grey at another; they stand on the sheets Inputs and Figures."),
        MISSING_NOTE,
    ),
)  # fmt: skip
