"""One page for every morning: what leads, how wide, how mechanical, how stressed, and what changed; behind it, charts."""

from __future__ import annotations

import datetime as dt

from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.audit import Check
from xlrotation.reports.blocks import Column, Spill, Table
from xlrotation.reports.charts import Band, Banded, Caption, Curve, Paths, Shade, band_top
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition, Value
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.gauges import DATA, GROUPS, gauges
from xlrotation.reports.index_strip import OPTIONAL, slot_values, strip
from xlrotation.reports.kit import COUNT, PERCENT, POINTS
from xlrotation.reports.page import Beside, halves
from xlrotation.reports.rotation_graph import RotationGraph
from xlrotation.reports.standard import MISSING_NOTE, UNIVERSE_NOTE, windows
from xlrotation.reports.words import Headline, Paragraph, Pick, Saying, Told

_TITLE_TEXT = Text("The market this morning")
_MOVERS = 5

_SIZE = Pick(
    (
        ("{data.size.last}>=0.01", Text("Small caps lead")),
        ("{data.size.last}<=-0.01", Text("Large caps lead")),
    ),
    Text("Small and large level"),
    Text("Size n/a"),
)
_WIDTH = Pick(
    (("{data.above50.last}>=0.6", Text("breadth wide")), ("{data.above50.last}<=0.4", Text("breadth narrow"))),
    Text("breadth middling"),
    Text("breadth n/a"),
)
_FEAR = Pick(
    (("{data.vix.last}<16", Text("options calm")), ("{data.vix.last}>=24", Text("options under stress"))),
    Text("options watchful"),
    Text("VIX n/a"),
)
_TITLE = Headline(Saying(Text("{size}, {width}, {fear}"), {"size": _SIZE, "width": _WIDTH, "fear": _FEAR}, _TITLE_TEXT))

_KNOWN = "IF(ISNUMBER({sectors.1d}),{sectors.1d})"
_DAY = f"INDEX({{sectors.%s}},MATCH(%s({_KNOWN}),{{sectors.1d}},0))"
_AT = "INDEX({sectors.%s},{sectors.mover})"
_UP = 'TEXT(ROUND(%s,3),"+0.0%%;-0.0%%;0.0%%")'
_FRESH = Told(
    "fresh",
    (
        Saying(
            Text("Data: closes of {day} for {held} of {all} members ({universe}), newest {newest}; symbols missing: {missing}."),
            {
                "day": 'TEXT({session},"yyyy-mm-dd")',
                "held": 'TEXT({day.advances}+{day.declines}+{day.unchanged},"0")',
                "all": 'IFERROR(TEXT({members.known},"0"),missing)',
                "universe": "{universe.label}",
                "newest": 'IFERROR(TEXT({status.newest},"yyyy-mm-dd"),missing)',
                "missing": "IFERROR({status.missing},missing)",
            },
            Text("Data: no closes of the members on the day."),
        ),
    ),
)  # fmt: skip
_CHANGED = Told(
    "changed",
    (
        Saying(
            Text("S&P 500 {move}; {best} led {sectors} sectors ({up}), {worst} was last ({down}); {advance} of {members} rose ({universe})."),
            {
                "move": 'TEXT(ROUND({strip.gspc.1d},4),"+0.00%;-0.00%;0.00%")',
                "best": _DAY % ("name", "MAX"),
                "worst": _DAY % ("name", "MIN"),
                "sectors": 'TEXT(COUNT({sectors.1d}),"0")',
                "up": _UP % f"MAX({_KNOWN})",
                "down": _UP % f"MIN({_KNOWN})",
                "advance": 'TEXT({day.advances},"0")',
                "members": 'TEXT({day.advances}+{day.declines}+{day.unchanged},"0")',
                "universe": "{universe.label}",
            },
            Text("What changed on the day: n/a."),
        ),
        Saying(
            Text("{name} moved most in the ranking of 20 sessions: from {before} to {now} of {count} within five sessions."),
            {
                "name": _AT % "name",
                "before": f'TEXT({_AT % "rank"}+{_AT % "rise"},"0")',
                "now": f'TEXT({_AT % "rank"},"0")',
                "count": 'TEXT(COUNT({sectors.rank}),"0")',
            },
            Text("Change in the ranking of sectors: n/a."),
        ),
        Saying(
            Text("{share} are above their 50-day average ({universe}), {change} points in five sessions; COR1M is {cor}, after {cor_before}."),
            {
                "share": 'TEXT({data.above50.last},"0%")',
                "universe": "{universe.label}",
                "change": 'TEXT(ROUND(100*({data.above50.last}-{data.above50.back5}),0),"+0;-0;0")',
                "cor": 'TEXT({data.cor1m.last},"0.0")',
                "cor_before": 'TEXT({data.cor1m.back5},"0.0")',
            },
            Text("Change of breadth and correlation: n/a."),
        ),
    ),
)  # fmt: skip

_OF = "{sectors.symbol}"
_SECTORS = Table(
    "sectors",
    Text("Sectors, by 20 sessions"),
    (
        Column(Text("Sector"), "name", "@", 3),
        Column(Text("Symbol"), "symbol", "@", 0),
        *windows("heat"),
        Column(Text("Rise in rank"), "rise", "+0;-0;0", 1, "signed"),
        Column(Text("Rank"), "rank", COUNT, 0),
    ),
    [str(place) for place in range(1, len(SECTORS) + 1)],
    (
        Spill(0, 'ROT_SECTOR_TABLE("1D 5D 20D YTD",asof,"20D",,FALSE,lang)', 6),
        Spill(6, f'IF({_OF}="","",ROT_SECTOR_RANK({_OF},"20D",{{session.back5}})-{{sectors.rank}})'),
        Spill(7, f'IF({_OF}="","",ROT_SECTOR_RANK({_OF},"20D",asof))'),
    ),
)
_STATUS = 'XLR_STATUS(FALSE,"en")'
_ITEM = f'INDEX({_STATUS},MATCH("{{0}}",INDEX({_STATUS},,1),0),2)'
_COUNTED = 'IF({{{0}}}="none",0,VALUE(LEFT({{{0}}},FIND(":",{{{0}}})-1)))'
"""How many symbols an item of the status names: its text is a number, a colon and the symbols, or "none"."""
_VALUES = (
    Value("credit.ratio", 'PX_CLOSE("HYG",{paths.date})/PX_CLOSE("LQD",{paths.date})', 250),
    *(Value(key, formula, len(OPTIONAL) if key == "strip.held" else 1) for key, formula in slot_values()),
    Value("sectors.mover", "MATCH(MAX(IF(ISNUMBER({sectors.rise}),ABS({sectors.rise}))),IF(ISNUMBER({sectors.rise}),ABS({sectors.rise})),0)"),
    Value("members.known", "ROWS(UNI_MEMBERS({universe},asof,FALSE))"),
    Value("status.newest", _ITEM.format("Newest session")),
    Value("status.missing.said", _ITEM.format("Missing symbols")),
    Value("status.missing", _COUNTED.format("status.missing.said")),
    Value("movers", f'UNI_MOVERS({{universe}},{_MOVERS},"1D",asof,FALSE,lang)', 2 * _MOVERS, ("rank", "name", "symbol", "1d", "weight", "adds")),
    Value("day", "BRD_AD({universe},asof,FALSE)", 1, ("advances", "declines", "unchanged", "ratio")),
)  # fmt: skip


_LAST = f"({{count}}+1-{{order}})*({{count}}+1-{{order}}>{_MOVERS})"
"""Of fewer than twice as many members each stands among the best or among the worst."""


def _movers(key: str, title: Text, place: str) -> Table:
    """The best or the worst, a row each; *place* is the row of all movers in which the first of them stands, and so on."""
    of = f"{{{key}.symbol}}"
    count = "COUNT(INDEX({movers},,1))"
    order = "{" + ";".join(str(n) for n in range(1, _MOVERS + 1)) + "}"
    row = place.format(order=order, count=count)
    table = f'IF(({row}>{count})+({row}<1),"",INDEX({{movers}},({row}>0)*{row}+({row}<1),{{columns}}))'
    return Table(
        key,
        title,
        (
            Column(Text("n"), "rank", COUNT, 0),
            Column(Text("Company"), "name", "@", 2),
            Column(Text("Symbol"), "symbol", "@", 0),
            Column(Text("1 session"), "1d", PERCENT, 1, "signed"),
            Column(Text("USD bn"), "value", "+0.0;-0.0;0.0", 0),
            Column(Text("Adds, bp"), "adds", "+0.0;-0.0;0.0", 1, "signed"),
        ),
        [str(place) for place in range(1, _MOVERS + 1)],
        (
            Spill(0, table.replace("{columns}", "{1,2,3,4}"), 4),
            Spill(4, f'IF({of}="","",PX_MKTCAP({of},asof)*(1-1/(1+{{{key}.1d}}))/1E9)'),
            Spill(5, f'IF({of}="","",10000*{table.replace("{columns}", "6")})'),
        ),
    )  # fmt: skip


_RULES = (
    ("vix", Text("VIX from 20"), "{data.vix.last}", ">=", "20", POINTS),
    ("slope", Text("VIX over VIX3M"), "{data.slope.last}", "<", "0", PERCENT),
    ("vvix", Text("VVIX above 110"), "{data.vvix.last}", ">", "110", POINTS),
    ("above50", Text("Breadth < 40 %"), "{data.above50.last}", "<", "0.4", "0%"),
    ("score", Text("Score from 70"), "{data.score.last}", ">=", "70", COUNT),
)
_WATCH = Table(
    "watch",
    Text("What to watch"),
    (Column(Text("Rule"), width=2), Column(Text("Now"), "now", POINTS), Column(Text("State"), "state")),
    [key for key, *_ in _RULES],
    [
        spill
        for n, (key, _, now, sign, level, form) in enumerate(_RULES)
        for spill in (
            Spill(1, now, 1, n, 1, form),
            Spill(2, f"IF({{watch.{key}.now}}{sign}{level},{expression(Text('fires'))},{expression(Text('quiet'))})", 1, n, 1),
        )
    ],
    {0: [text for _, text, *_ in _RULES]},
)  # fmt: skip

_TOP = band_top("MAX(IF(ISNUMBER({paths.vix}),{paths.vix}))", 40) + "-26"
"""Height of the uppermost band."""
_PATHS = Frame(
    "Paths",
    250,
    (
        Series("spx", Text("S&P 500"), 'PX_CLOSE("SPX",{dates})/PX_CLOSE("SPX",{paths.first})-1', PERCENT),
        Series("rsp", Text("Equal weight"), 'PX_CLOSE("RSP",{dates})/PX_CLOSE("RSP",{paths.first})-1', PERCENT),
        Series("vix", Text("VIX"), 'PX_CLOSE("VIX",{dates})'),
        *(
            Series(key, text, f"{{dates}}*0+{height}", COUNT)
            for key, text, height in (("calm", Text("calm"), "16"), ("normal", Text("normal"), "4"), ("high", Text("elevated"), "6"), ("stress", Text("stress"), _TOP))
        ),
        Series("cor1m", "COR1M", 'PX_CLOSE("COR1M",{dates})'),
        Series("dspx", "DSPX", 'PX_CLOSE("DSPX",{dates})'),
        Series("correction", Text("Correction"), 'IF(PX_DRAWDOWN("SPX","1Y",{dates})<=-0.1,1,0)', COUNT),
        Series("credit", Text("HYG over LQD"), '{credit.ratio}/INDEX({credit.ratio},MATCH(TRUE,ISNUMBER({credit.ratio}),0))-1', PERCENT),
    ),
)  # fmt: skip
_CORRECTION = Shade("correction", Text("S&P 500 10 % below its high"))
_COLOURS = {"calm": "#E3F1F9", "normal": "#D5EDE4", "high": "#FCF0D6", "stress": "#F2C6B3"}


def _charts() -> tuple[Beside, ...]:
    """Six small charts: the year behind the morning's figures."""
    height = 12
    return (
        halves(
            Paths(
                Caption(Text("Index against equal weight"), Text("per cent since the first of 250 sessions"), "Two lines: the S&P 500 and its equal-weight fund, as change since the first of 250 sessions", height),
                _PATHS,
                (Curve("spx"), Curve("rsp", "second", label=Text("Equal"))),
                "0%",
                shade=_CORRECTION,
            ),
            Banded(
                Caption(Text("VIX in its bands"), Text("points, last 250 sessions"), "Line: VIX on the last 250 sessions over bands from calm to stress", height),
                _PATHS,
                "vix",
                tuple(Band(key, colour) for key, colour in _COLOURS.items()),
            ),
        ),
        halves(
            Paths(
                Caption(Text("Members above their averages"), Text("share of the universe's members, last 60 sessions"), "Two lines: share of the members above their 50-day and their 200-day average on the last 60 sessions", height),
                DATA,
                (Curve("above50", label=Text("50d")), Curve("above200", "second", label=Text("200d"))),
                "0%",
                lowest=0.0,
                highest=1.0,
            ),
            Paths(
                Caption(Text("Advance-decline line"), Text("advances minus declines, summed up over a year"), "Line: the advance-decline line of the members on the last 60 sessions", height),
                DATA,
                (Curve("ad", "dark"),),
                "#,##0",
            ),
        ),
        halves(
            Paths(
                Caption(Text("Implied correlation and dispersion"), Text("points, last 250 sessions"), "Two lines: COR1M and DSPX on the last 250 sessions", height),
                _PATHS,
                (Curve("cor1m"), Curve("dspx", "second")),
                "0",
            ),
            Paths(
                Caption(Text("Credit: high yield against investment grade"), Text("HYG over LQD, per cent since the first of 250 sessions that has both"), "Line: the price of the high-yield fund HYG over that of the investment-grade fund LQD on the last 250 sessions", height),
                _PATHS,
                (Curve("credit", "dark"),),
                "0%",
                shade=_CORRECTION,
            ),
        ),
    )  # fmt: skip


_ADDS = 'INDEX(ROT_MECH_TABLE(asof,"en",FALSE),,7)'
_ADDED = f"IF(COUNT({_ADDS})=0,NA(),SUM(IFERROR({_ADDS},0))/2)"
"""What the components add up to; the last row of the table is their sum once more."""


def _checks() -> tuple[Check, ...]:
    spread = (
        'ROT_SECTOR_RET(ROT_SECTOR_BEST("20D",asof),"20D",asof)-ROT_SECTOR_RET(ROT_SECTOR_WORST("20D",asof),"20D",asof)'
    )
    before = '100*PX_CLOSE("VIX3M",asof)/PX_CLOSE("VIX",asof)-100'
    history = 'BRD_HISTORY({universe},"ABOVE_MA","1M",asof,200,FALSE)'
    return (
        Check(Text("Dispersion index: published, and from VIXEQ and VIX"), 'PX_CLOSE("DSPX",asof)', 'DISP_INDEX_CALC(PX_CLOSE("VIX",asof)/100,PX_CLOSE("VIXEQ",asof)/100,1)', POINTS, 0.5),
        Check(Text("Small minus large: in one function, and as two returns"), 'ROT_SIZE("20D",asof)', 'PX_RET("RUT","20D",asof)-PX_RET("SPX","20D",asof)', "0.0000%", 1e-12),
        Check(Text("Best minus worst sector: in one function, and from the two sectors"), 'ROT_SECTOR_SPREAD("20D",asof)', spread, "0.0000%", 1e-12),
        Check(Text("Share above the 200-day average: of the day, and the last of its history"), "BRD_ABOVE_MA({universe},200,asof)", f"INDEX({history},ROWS({history}),2)", "0.00%", 1e-12),
        Check(Text("Advances minus declines of the day"), "{day.advances}-{day.declines}", 'BRD_AD_LINE({universe},"1D",asof)', COUNT, 0.0),
        Check(Text("Slope of the VIX term structure, percent"), "100*VOL_TERM_SLOPE(asof)", before, POINTS, 1e-9),
        Check(Text("Mechanical score: alone, and as the sum of its table"), "ROT_MECH_SCORE(asof)", _ADDED, POINTS, 1e-9),
    )  # fmt: skip


_SYMBOLS = ("^GSPC", "^IXIC", "^DJI", "^RUT", "RSP", "^VIX", "^VVIX", "^VIX3M", "^VXN", "^RVX", "^COR1M", "^DSPX", "^VIXEQ", "IWD")  # fmt: skip

BOOK = Definition(
    key="daily_dashboard",
    title=_TITLE_TEXT,
    asof=dt.date(2026, 2, 13),
    front=(
        _TITLE,
        Paragraph((_FRESH, _CHANGED)),
        strip(),
        Beside(
            (
                (_SECTORS, 8),
                (
                    RotationGraph(
                        Caption(Text("Rotation graph"), Text("RS-Ratio (right) and RS-Momentum (up); tails: the four that moved most"), "Scatter: relative strength and its momentum of the eleven sectors against the S&P 500, with the tails of the four that moved most", 11)
                    ),
                    4,
                ),
            )
        ),
        Beside(tuple((gauges(key, title, rows), 4) for key, title, rows in GROUPS)),
        Beside(
            (
                (_movers("up", Text("Up most"), "{order}"), 4),
                (_movers("down", Text("Down most"), _LAST), 4),
                (_WATCH, 4),
            )
        ),
        *_charts(),
    ),
    values=_VALUES,
    frames=(DATA, _PATHS),
    symbols=(*_SYMBOLS, *SECTORS),
    checks=_checks(),
    notes=(
        Text("The title: small or large caps lead where their returns of 20 sessions differ by a point or more; breadth is wide from 60 % of members above their 50-day average, narrow up to 40 %; options are calm where the VIX is below 16, under stress from 24."),
        Text("Each gauge is computed as of each of the last 60 sessions with what was known then; the bar is its place among them: the share of the 60 values at or below the last one."),
        UNIVERSE_NOTE,
        Text("Adds, bp: what a company adds to the return of the universe on the day, in hundredths of a per cent: its weight at the beginning times its return."),
        Text("Grey stretches of the charts: sessions on which the S&P 500 closed 10 % or more below its highest close of a year."),
        Text("Rates, credit, dollar, gold, oil, bitcoin and markets abroad stand below the indices where the data hold one of their symbols."),
        Text("Rotation graph: relative strength (right is strong) and its momentum (up is improving) against the S&P 500, 100 is neutral; the formulas of the well-known graph are proprietary, these are the library's own (see XLR_HELP(\"ROT_RRG\"))."),
        Text("The mechanical score is the mean of its components' percentiles; look at ROT_MECH_TABLE before you use it."),
        MISSING_NOTE,
    ),
)  # fmt: skip
