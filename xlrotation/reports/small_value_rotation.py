"""Small caps and value against the market: the workbook after a market report of 2026-01-18.

Its tables are index returns, size and style leadership, the sectors' day and their spread, the streak of the Russell
2000 against the S&P 500, the rest of the world, and earnings and multiples, which are inputs and not prices.
"""

from __future__ import annotations

from xlrotation.functions.published.reports import SMALL_VALUE_ROTATION
from xlrotation.languages import Text
from xlrotation.market.universes import MAG7, SECTORS
from xlrotation.reports.backsheets import Input
from xlrotation.reports.bars import Bars
from xlrotation.reports.blocks import Column, Dated, Line, Lines, Spill, Table
from xlrotation.reports.charts import Caption, Columns, Curve, Paths, Shade
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import COUNT, DATE, PERCENT, POINTS
from xlrotation.reports.page import halves
from xlrotation.reports.standard import MISSING_NOTE, WINDOWS, returns, sectors, windows
from xlrotation.reports.words import Headline, Pick, Saying, Sentences

REPORT = SMALL_VALUE_ROTATION

_INDICES = (
    ("^RUT", Text("Russell 2000")),
    ("^GSPC", Text("S&P 500")),
    ("^IXIC", Text("Nasdaq Composite")),
    ("^DJI", Text("Dow Jones Industrial Average")),
)
_LEADERSHIP = (
    ("size", Text("Small minus large (Russell 2000 - S&P 500)"), "ROT_SIZE({w},asof)"),
    ("value", Text("Value minus growth (Russell 1000 funds)"), "ROT_VALUE({w},asof)"),
    ("equal", Text("Equal weight minus cap weight (S&P 500)"), "ROT_EQUALWEIGHT({w},asof)"),
    ("defensive", Text("Defensive minus offensive sectors"), "ROT_DEFENSIVE({w},asof)"),
    ("world", Text("Developed markets abroad (EFA) minus S&P 500"), 'ROT_REL_RET("EFA","^GSPC",{w},asof)'),
    ("emerging", Text("Emerging markets (EEM) minus S&P 500"), 'ROT_REL_RET("EEM","^GSPC",{w},asof)'),
)
_MAG7 = Text("Russell 2000 minus Magnificent 7 (equal weight)")
_THRESHOLD = 0.005
_STREAK_DAYS = 40
_ARRAY = "{" + ",".join(f'"{window}"' for window in WINDOWS) + "}"

_DATA = Frame(
    "Data",
    _STREAK_DAYS,
    (
        Series("streak", Text("Streak"), 'RS_STREAK("RUT","SPX",{dates})', COUNT),
        Series("ratio", Text("Price ratio x 100"), 'RS_RATIO("RUT","SPX",{dates},100)'),
        Series(
            "run",
            Text("The present streak"),
            "IF(ROW({data.streak})>ROW({data.streak.last})-ABS({data.streak.last}),1,0)",
            COUNT,
        ),
    ),
)


def _leadership() -> Table:
    rows = [key for key, _, _ in _LEADERSHIP]
    small = 'PX_RET("^RUT","{w}",asof)-AVERAGE(PX_RET(mag7_members,"{w}",asof))'
    return Table(
        "leads",
        Text("Who leads"),
        (Column(Text("Difference in return"), width=8), *windows("heat")),
        [*rows, "mag7"],
        (
            *(Spill(1, form.replace("{w}", _ARRAY), len(WINDOWS), n, 1) for n, (_, _, form) in enumerate(_LEADERSHIP)),
            *(Spill(n, small.replace("{w}", window), 1, len(rows), 1) for n, window in enumerate(WINDOWS, 1)),
        ),
        {0: [*(text for _, text, _ in _LEADERSHIP), _MAG7]},
    )


_SIZE = Pick(
    (
        (f"{{leads.size.20d}}>={_THRESHOLD}", Text("Small caps lead")),
        (f"{{leads.size.20d}}<=-{_THRESHOLD}", Text("Large caps lead")),
    ),
    Text("Small and large level"),
    Text("Size n/a"),
)
_STYLE = Pick(
    (
        (f"{{leads.value.20d}}>={_THRESHOLD}", Text("value ahead of growth")),
        (f"{{leads.value.20d}}<=-{_THRESHOLD}", Text("value behind growth")),
    ),
    Text("value and growth level"),
    Text("style n/a"),
)
_TITLE = Headline(Saying(Text("{size}, {style}"), {"size": _SIZE, "style": _STYLE}, REPORT.title))

_STREAK = Lines(
    Text("Small caps against the S&P 500, day by day"),
    (
        Line("streak.now", Text("Sessions in a row (negative: behind)"), 'RS_STREAK("RUT","SPX",asof)', COUNT),
        Line("streak.since", Text("Longest streak since"), f'_xlfn.IFNA(RS_STREAK_SINCE("RUT","SPX",asof),IF({{streak.now}}=0,NA(),{expression(Text("none in the data"))}))', DATE),
        Line("streak.chance", Text("Chance of a run as long within a year"), 'RS_STREAK_PROB("RUT","SPX",asof,"1Y")', "0.0%"),
        Line("hitrate.3m", Text("Share of sessions won, 3 months"), 'RS_HITRATE("RUT","SPX","3M",asof)', "0.0%"),
        Line("mansfield", Text("Mansfield relative strength, 52 weeks"), 'RS_MANSFIELD("RUT","SPX",52,asof)', POINTS),
    ),
)  # fmt: skip
_LONGEST = Table(
    "streaks",
    Text("Longest streaks in the data"),
    (
        Column(Text("Sessions"), "sessions", COUNT),
        Column(Text("From"), "from", DATE, 2),
        Column(Text("To"), "to", DATE, 2),
        Column(Text("Excess return"), "excess", PERCENT, 1, "signed"),
    ),
    [str(rank) for rank in range(1, 6)],
    (Spill(0, 'RS_STREAK_TABLE("RUT","SPX",5,asof,FALSE)', 4),),
)
_EARNINGS = Lines(
    Text("Earnings and multiples"),
    (
        Line("guidance", Text("Share of negative guidance"), "guidance_negative/guidance_total", "0.0%"),
        Line("growth_gap", Text("Earnings growth, small minus large"), "growth_small-growth_large", PERCENT),
        Line("implied_level", Text("Index level that the earnings and the multiple imply"), "eps*forward_pe", "#,##0"),
        Line("spx", Text("S&P 500 close"), 'PX_CLOSE("SPX",asof)', POINTS, Text("of the as-of session")),
        Line("spx_pe", Text("Multiple of that close on these earnings"), "{spx}/eps", '0.0"x"'),
        Line("eps_needed", Text("Earnings that the multiple needs at that close"), "{spx}/forward_pe", "0.0"),
    ),
    Dated(REPORT.published, REPORT.asof),
)


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


BOOK = Definition(
    key=REPORT.key,
    title=REPORT.title,
    asof=REPORT.asof,
    front=(
        _TITLE,
        Sentences(REPORT),
        returns("returns", Text("Index returns"), _INDICES),
        _leadership(),
        halves(_STREAK, _LONGEST),
        halves(
            Columns(
                Caption(Text("Streak of the Russell 2000 against the S&P 500"), Text("sessions in a row ahead (below zero: behind), last 40 sessions"), "Columns: length of the streak on each of the last 40 sessions", 9),
                _DATA,
                "streak",
            ),
            Paths(
                Caption(Text("Russell 2000 over S&P 500"), Text("price ratio x 100, last 40 sessions"), "Line: the price ratio on the last 40 sessions", 9),
                _DATA,
                (Curve("ratio"),),
                shade=Shade("run", Text("the present streak")),
            ),
        ),
        sectors(Text("Sectors"), "1D"),
        halves(
            Bars(
                Caption(Text("Sector returns, 1 session"), Text("per cent, best first"), "Bars: the day's return of each sector, best first", 14),
                "sector_bars",
                "{sectors.name}",
                "{sectors.1d}",
                len(SECTORS),
            ),
            Bars(
                Caption(Text("Sector returns, year to date"), Text("per cent, best first"), "Bars: return of each sector since the end of last year, best first", 14),
                "sector_bars_ytd",
                'INDEX(ROT_SECTOR_TABLE("YTD",asof,"YTD",,FALSE,lang),,1)',
                'INDEX(ROT_SECTOR_TABLE("YTD",asof,"YTD",,FALSE,lang),,3)',
                len(SECTORS),
            ),
        ),
        _EARNINGS,
    ),
    frames=(_DATA,),
    inputs=_inputs(),
    members=MAG7,
    symbols=(*(ticker for ticker, _ in _INDICES), "IWD", "IWF", "RSP", "SPY", "EFA", "EEM", *SECTORS, *MAG7),
    report=REPORT,
    notes=(
        Text("The title: small or large caps lead where their returns of 20 sessions differ by half a point or more, and value and growth likewise."),
        Text("Returns are close to close on the exchange's sessions, without dividends: 5 sessions means five returns."),
        Text("A streak counts sessions in which the Russell 2000 rose more, or fell less, than the S&P 500; a tie ends it."),
        Text("Longest since looks back to the first session of the data only."),
        Text("The chance of a run takes sessions as independent, each won with the year's share of sessions won."),
        Text("Sectors are the eleven Select Sector SPDR funds; a market report may use another provider's sectors."),
        Text("Earnings, growth and multiples are other people's estimates of the report's day, grey at another; change them on the Inputs sheet."),
        MISSING_NOTE,
    ),
)  # fmt: skip
