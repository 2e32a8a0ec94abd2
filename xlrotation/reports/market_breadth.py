"""How wide the market is: the workbook after a market report of 2026-02-07.

Its tables are the day of the indices, January of small caps against the largest, the streak, the discount of small caps,
leading and lagging sectors, NVIDIA against its averages, participation, concentration, and the Dow's crossing of 50,000.
"""

from __future__ import annotations

from xlrotation.functions.published.reports import MARKET_BREADTH
from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.backsheets import Input
from xlrotation.reports.bars import Bars
from xlrotation.reports.blocks import Dated, Line, Lines
from xlrotation.reports.charts import Caption, Curve, Paths, Shade
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import COUNT, DATE, PERCENT, POINTS
from xlrotation.reports.page import halves
from xlrotation.reports.standard import MISSING_NOTE, UNIVERSE_NOTE, breadth, returns, sectors
from xlrotation.reports.words import Headline, Pick, Saying, Sentences

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
_WIDE, _NARROW = 0.6, 0.4

_DATA = Frame(
    "Data",
    _DAYS,
    (
        Series("above50", Text("Above 50-day average"), "BRD_ABOVE_MA({universe},50,{dates})", "0%"),
        Series("above200", Text("Above 200-day average"), "BRD_ABOVE_MA({universe},200,{dates})", "0%"),
        Series("ad", Text("Advance-decline line"), 'BRD_AD_LINE({universe},"1Y",{dates})', COUNT),
        Series("below", Text("S&P 500 below its 50-day average"), 'IF(PX_VS_MA("SPX",50,{dates})<0,1,0)', COUNT),
    ),
)

_BELOW = Shade("below", Text("S&P 500 below its 50-day average"))

_WIDTH = Pick(
    (
        (f"{{above50}}>={_WIDE}", Text("Wide breadth")),
        (f"{{above50}}<={_NARROW}", Text("Narrow breadth")),
    ),
    Text("Breadth in the middle"),
    Text("Breadth n/a"),
)
_DIRECTION = Pick(
    (
        ("{above50}-{data.above50.back5}>=0.03", Text("and widening")),
        ("{above50}-{data.above50.back5}<=-0.03", Text("and narrowing")),
    ),
    Text("and steady"),
    Text("(its week n/a)"),
)
_SHARE = 'IFERROR(TEXT({above50},"0%"),missing)'
_TITLE = Headline(
    Saying(
        Text("{width} {direction}: {share} above the 50-day average"),
        {"width": _WIDTH, "direction": _DIRECTION, "share": _SHARE},
        REPORT.title,
    )
)

_END = "EOMONTH({session},-1)"
_MONTH = f'"{{name}}",EOMONTH({_END},-1),{_END}'
_JANUARY = Lines(
    Text("The last full month, small against large"),
    (
        Line("month", Text("Month"), f'TEXT({_END},"yyyy-mm")', "@"),
        Line("month.rut", Text("Russell 2000"), f"PX_RET_BETWEEN({_MONTH.replace('{name}', 'RUT')})", PERCENT, signed=True),
        Line("month.xlg", Text("50 largest companies (XLG)"), f"PX_RET_BETWEEN({_MONTH.replace('{name}', 'XLG')})", PERCENT, signed=True),
        Line("month.size", Text("Small minus largest"), "{month.rut}-{month.xlg}", PERCENT, signed=True),
    ),
)  # fmt: skip
_DISCOUNT = Lines(
    Text("Published multiples"),
    (
        Line("pe.large", Text("Forward multiple, S&P 500"), "pe_large", '0.0"x"'),
        Line("pe.small", Text("Forward multiple, small caps"), "pe_small", '0.0"x"'),
        Line("discount", Text("Discount of small caps to large ones"), "VAL_DISCOUNT(pe_small,pe_large)", "0.0%"),
    ),
    Dated(REPORT.published, REPORT.asof),
)
_PARTICIPATION = Lines(
    Text("Participation"),
    (
        breadth("above20", Text("Above the 20-day average"), "BRD_ABOVE_MA({universe},20,asof)", "0.0%"),
        breadth("above50", Text("Above the 50-day average"), "BRD_ABOVE_MA({universe},50,asof)", "0.0%"),
        breadth("above200", Text("Above the 200-day average"), "BRD_ABOVE_MA({universe},200,asof)", "0.0%"),
        breadth("outperform", Text("Ahead of the index in 3 months"), 'BRD_OUTPERFORM({universe},"SPX","3M",asof)', "0.0%"),
        Line("median_gap", Text("Median member minus index, 3 months"), 'BRD_MEDIAN_GAP({universe},"SPX","3M",asof)', PERCENT, signed=True),
        Line("sectors_up", Text("Sectors that rose"), 'BRD_SECTORS_UP("1D",asof)', COUNT),
    ),
)  # fmt: skip
_BREADTH = Lines(
    Text("Highs, lows and concentration"),
    (
        breadth("highs", Text("New 52-week highs"), 'BRD_NEW_HIGHS({universe},"1Y",asof)', COUNT),
        breadth("lows", Text("New 52-week lows"), 'BRD_NEW_LOWS({universe},"1Y",asof)', COUNT),
        Line("mcclellan", Text("McClellan oscillator"), "BRD_MCCLELLAN({universe},asof)", POINTS, signed=True),
        Line("summation", Text("McClellan summation index"), "BRD_SUMMATION({universe},asof)", "#,##0"),
        breadth("top5", Text("Weight of the five largest"), 'BRD_CONCENTRATION({universe},"TOP5",asof)', "0.0%"),
        Line("effn", Text("Effective number of names"), 'BRD_CONCENTRATION({universe},"EFFN",asof)', "0.0"),
    ),
)  # fmt: skip
_NONE = expression(Text("none in the data"))
_LONGEST = 'RS_STREAK_TABLE("RUT","SPX",1,asof,FALSE)'
_STREAK = Lines(
    Text("Small caps against the S&P 500"),
    (
        Line("streak.now", Text("Sessions in a row (negative: behind)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        Line("streak.longest", Text("Longest such run of the data: sessions"), f"INDEX({_LONGEST},1,1)", COUNT),
        Line("streak.ended", Text("It ended on"), f"INDEX({_LONGEST},1,3)", DATE),
        Line("streak.since", Text("The present run is the longest since"), f'_xlfn.IFNA(RS_STREAK_SINCE("RUT","SPX",asof),IF({{streak.now}}=0,NA(),{_NONE}))', DATE),
        Line("hitrate.ytd", Text("Share of sessions won, year to date"), 'RS_HITRATE("RUT","SPX","YTD",asof)', "0.0%"),
    ),
)  # fmt: skip
_MILESTONE = Lines(
    Text("Crossing of a level"),
    (
        Line("dow.level", Text("Dow Jones, level watched"), "dow_level", "#,##0"),
        Line("dow", Text("Dow Jones, close"), 'PX_CLOSE("DJI",asof)', POINTS),
        Line("dow.crossed", Text("Last crossed by a close on"), f'_xlfn.IFNA(PX_CROSS("DJI",dow_level,"MAX",asof),IF(ISNUMBER({{dow}}),{expression(Text("not in the data"))},NA()))', DATE),
        Line("dow.beyond", Text("Points beyond it"), "{dow}-dow_level", "+#,##0.00;-#,##0.00;0.00", signed=True),
    ),
)  # fmt: skip
_LEADER = Lines(
    Text("A leader against its averages"),
    (
        Line("leader.symbol", Text("Symbol"), "leader", "@", Text("on the Inputs sheet")),
        Line("leader.close", Text("Close"), "PX_CLOSE(leader,asof)", POINTS),
        Line("leader.ma20", Text("Average of 20 closes"), "PX_MA(leader,20,asof)", POINTS),
        Line("leader.ma50", Text("Average of 50 closes"), "PX_MA(leader,50,asof)", POINTS),
        Line("leader.vs_ma20", Text("Close against the 20-day average"), "PX_VS_MA(leader,20,asof)", PERCENT, signed=True),
    ),
)  # fmt: skip
_LEADER_RETURNS = Lines(
    Text("Its returns"),
    (
        Line("leader.vs_ma50", Text("Close against the 50-day average"), "PX_VS_MA(leader,50,asof)", PERCENT, signed=True),
        Line("leader.drawdown", Text("Below its highest close of a year by"), 'PX_DRAWDOWN(leader,"1Y",asof)', PERCENT, signed=True),
        Line("leader.1d", Text("Return, 1 session"), 'PX_RET(leader,"1D",asof)', PERCENT, signed=True),
        Line("leader.344d", Text("Return, 344 sessions"), 'PX_RET(leader,"344D",asof)', PERCENT, signed=True),
        Line("leader.1y", Text("Return, 1 year"), 'PX_RET(leader,"1Y",asof)', PERCENT, signed=True),
    ),
)  # fmt: skip


def _inputs() -> tuple[Input, ...]:
    report = Text("As quoted by the reports of 2026-01-18 and 2026-02-07")
    chosen = Text("Chosen by the report of 2026-02-07")
    return (
        Input("pe_large", Text("Forward multiple, S&P 500"), 22, '0.0"x"', report),
        Input("pe_small", Text("Forward multiple, small caps"), 15.18, '0.0"x"', report),
        Input("leader", Text("Leader watched"), "NVDA", "@", chosen),
        Input("dow_level", Text("Level of the Dow Jones"), 50000, "#,##0", chosen),
    )


BOOK = Definition(
    key=REPORT.key,
    title=REPORT.title,
    asof=REPORT.asof,
    front=(
        _TITLE,
        Sentences(REPORT),
        returns("returns", Text("Index returns, close to close"), _INDICES),
        halves(_PARTICIPATION, _BREADTH),
        halves(
            Paths(
                Caption(Text("Members above their averages"), Text("share of the universe's members, last 120 sessions"), "Two lines: share of the members above their 50-day and their 200-day average on the last 120 sessions", 12),
                _DATA,
                (Curve("above50", label=Text("50d")), Curve("above200", "second", label=Text("200d"))),
                "0%",
                highest=1.0,
                lowest=0.0,
                shade=_BELOW,
            ),
            Paths(
                Caption(Text("Advance-decline line"), Text("advances minus declines, summed up over a year"), "Line: the advance-decline line of the members on the last 120 sessions", 12),
                _DATA,
                (Curve("ad", "dark"),),
                "#,##0",
                shade=_BELOW,
            ),
        ),
        halves(_STREAK, _JANUARY),
        sectors(Text("Leading and lagging sectors"), "1D"),
        halves(
            Bars(
                Caption(Text("Sector returns, 1 session"), Text("per cent, best first"), "Bars: the day's return of each sector, best first", 12),
                "sector_bars",
                "{sectors.name}",
                "{sectors.1d}",
                len(SECTORS),
            ),
            Bars(
                Caption(Text("Sector returns, year to date"), Text("per cent, best first"), "Bars: return of each sector since the end of last year, best first", 12),
                "sector_bars_ytd",
                'INDEX(ROT_SECTOR_TABLE("YTD",asof,"YTD",,FALSE,lang),,1)',
                'INDEX(ROT_SECTOR_TABLE("YTD",asof,"YTD",,FALSE,lang),,3)',
                len(SECTORS),
            ),
        ),
        halves(_LEADER, _LEADER_RETURNS),
        halves(_MILESTONE, _DISCOUNT),
    ),
    frames=(_DATA,),
    inputs=_inputs(),
    symbols=(*(ticker for ticker, _ in _INDICES), "NVDA", *SECTORS),
    report=REPORT,
    notes=(
        Text("The title: breadth is wide from 60 % of members above their 50-day average, narrow up to 40 %; it widens or narrows where the share moved by 3 points or more in five sessions."),
        Text("Returns are close to close on the exchange's sessions, without dividends."),
        UNIVERSE_NOTE,
        Text("A company counts as above its average when its close is strictly higher; one with a gap in the window is left out."),
        Text("The last full month runs from the last close of the month before to its own last close. Report writers who quote total returns print a little more."),
        Text("The McClellan oscillator is the 10 % trend of advances minus declines less the 5 % trend, begun at the first day of the data."),
        MISSING_NOTE,
    ),
)  # fmt: skip
