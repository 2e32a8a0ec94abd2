"""Index and sectors under the surface: the workbook after a market report of 2026-02-10.

Its tables are VIX and its bands, small caps since November and their averages, the sectors' day and year, software,
gold and silver against their implied volatility, small caps against the Nasdaq, and levels to watch.
"""

from __future__ import annotations

import datetime as dt

from xlrotation.functions.published.reports import VOLATILITY_GAP
from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.backsheets import Input
from xlrotation.reports.bars import Bars
from xlrotation.reports.blocks import Column, Line, Lines, Spill, Table
from xlrotation.reports.charts import Band, Banded, Caption, Curve, Paths, Shade, band_top
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import CHANGE, COUNT, DATE, PERCENT, POINTS
from xlrotation.reports.page import halves
from xlrotation.reports.standard import MISSING_NOTE, UNIVERSE_NOTE, breadth, returns, sectors
from xlrotation.reports.words import Headline, Pick, Saying, Sentences

REPORT = VOLATILITY_GAP

_SYMBOLS = (
    ("^RUT", Text("Russell 2000")),
    ("^GSPC", Text("S&P 500")),
    ("^IXIC", Text("Nasdaq Composite")),
    ("XLK", Text("Technology sector fund")),
    ("IGV", Text("Software fund")),
    ("GLD", Text("Gold fund")),
    ("SLV", Text("Silver fund")),
)
_DAYS = 120
_BANDS = (
    ("calm", 16, Text("calm"), "#E3F1F9"),
    ("normal", 20, Text("normal"), "#D5EDE4"),
    ("elevated", 24, Text("elevated"), "#FCF0D6"),
    ("medium", 26, Text("medium stress"), "#F9DEC8"),
    ("severe", 45, Text("severe stress"), "#F2C6B3"),
)
_SHORT = {"medium": Text("medium", "stress"), "severe": Text("severe", "stress")}
"""What stands beside a band whose name is long."""
_ONE = "{dates}*0+"
"""A constant beside every date."""


_TOP = band_top("MAX(IF(ISNUMBER({data.vix}),{data.vix}))", 40)


def _heights() -> tuple[Series, ...]:
    made, below = [], 0
    for key, bound, text, _ in _BANDS:
        height = f"{bound - below}" if key != _BANDS[-1][0] else f"MIN({bound},{_TOP})-{below}"
        made.append(Series(key, text, f"{_ONE}{height}", COUNT))
        below = bound
    return tuple(made)


_DATA = Frame(
    "Data",
    _DAYS,
    (
        Series("vix", Text("VIX"), 'PX_CLOSE("VIX",{dates})'),
        *_heights(),
        Series("rut", Text("Russell 2000"), 'PX_CLOSE("RUT",{dates})/PX_CLOSE("RUT",{data.first})-1', PERCENT),
        Series("ixic", Text("Nasdaq Composite"), 'PX_CLOSE("IXIC",{dates})/PX_CLOSE("IXIC",{data.first})-1', PERCENT),
        Series("since", Text("Small caps since a date"), "IF({dates}>=small_from,1,0)", COUNT),
    ),
    'INDEX(PX_HISTORY("VIX",,asof,"close",FALSE,{rows}),,1)',
)

_INDEX = Pick(
    (("{vol.vix.close}<16", Text("Calm index")), ("{vol.vix.close}>=24", Text("Index under stress"))),
    Text("Index volatility normal"),
    Text("VIX n/a"),
)
_GAP = Pick(
    (
        ("{vol_gap}>=1", Text("technology more uneasy than small caps")),
        ("{vol_gap}<=-1", Text("small caps more uneasy than technology")),
    ),
    Text("technology and small caps alike"),
    Text("gap n/a"),
)
_TITLE = Headline(Saying(Text("{index}, {gap}"), {"index": _INDEX, "gap": _GAP}, REPORT.title))

_VOL_SYMBOLS = (
    ("vix", "^VIX", Text("S&P 500, 30 days (VIX)")),
    ("vxn", "^VXN", Text("Nasdaq 100 (VXN)")),
    ("rvx", "^RVX", Text("Russell 2000 (RVX)")),
    ("vvix", "^VVIX", Text("Volatility of VIX (VVIX)")),
)
_VOLATILITY = Table(
    "vol",
    Text("Implied volatility"),
    (
        Column(Text("Index"), width=4),
        Column(Text("Symbol"), "symbol"),
        Column(Text("Close", "head of a column"), "close", POINTS),
        Column(Text("Change, 1 session"), "change", PERCENT, 2, "signed"),
        Column(Text("Percentile, 1 year"), "rank", "0%", 2, "bar"),
        Column(Text("Band"), "band", "@", 2),
    ),
    [key for key, _, _ in _VOL_SYMBOLS],
    (
        Spill(2, "PX_CLOSE({vol.symbol},asof)"),
        Spill(3, 'PX_RET({vol.symbol},"1D",asof)'),
        Spill(4, 'VOL_PCTILE({vol.symbol},"1Y",asof)'),
        Spill(5, "VOL_BAND({vol.vix.close},lang)", 1, 0, 1),
    ),
    {0: [text for _, _, text in _VOL_SYMBOLS], 1: [symbol for _, symbol, _ in _VOL_SYMBOLS]},
)
_GAPS = Lines(
    Text("What they say together"),
    (
        Line("vol_gap", Text("Technology minus small caps (VXN - RVX), points"), 'VOL_GAP("VXN","RVX",asof)', CHANGE),
        Line("term", Text("Three months over one (VIX3M / VIX - 1)"), "VOL_TERM_SLOPE(asof)", PERCENT),
        Line("realised", Text("Realised volatility of the S&P 500, 1 month"), 'VOL_REALIZED("SPX","1M",asof)', "0.0%"),
        Line("premium", Text("VIX minus realised, points"), "{vol.vix.close}-100*{realised}", "+0.0;-0.0;0.0"),
        Line("cor1m", Text("Implied correlation (COR1M)"), 'PX_CLOSE("COR1M",asof)', "0.00"),
    ),
)
_FUNDS = (("gold", "GLD", "^GVZ", Text("Gold")), ("silver", "SLV", "^VXSL", Text("Silver")))
_METALS = Table(
    "metals",
    Text("Gold and silver: the day against what options expected"),
    (
        Column(Text("Fund"), width=3),
        Column(Text("Symbol"), "symbol"),
        Column(Text("1 session"), "1d", PERCENT, 2, "signed"),
        Column(Text("Implied volatility"), "implied", "0.0%", 2),
        Column(Text("One-day move expected"), "expected", "0.00%", 2),
        Column(Text("Move in such units"), "units", "0.0", 2),
    ),
    [key for key, _, _, _ in _FUNDS],
    (
        Spill(2, 'PX_RET({metals.symbol},"1D",asof)'),
        *(Spill(3, f'PX_CLOSE("{index}",{{session}}-1)/100', 1, n, 1) for n, (_, _, index, _) in enumerate(_FUNDS)),
        *(Spill(4, f"{{metals.{key}.implied}}/SQRT(252)", 1, n, 1) for n, (key, *_) in enumerate(_FUNDS)),
        *(
            Spill(5, f"ABS({{metals.{key}.1d}})/{{metals.{key}.expected}}", 1, n, 1)
            for n, (key, *_) in enumerate(_FUNDS)
        ),
    ),
    {0: [text for *_, text in _FUNDS], 1: [fund for _, fund, _, _ in _FUNDS]},
)
_SINCE = 'IF(small_from<{session},PX_RET_BETWEEN("{symbol}",small_from,{session}{more}),NA())'
_SMALL = Lines(
    Text("Small caps since a date"),
    (
        Line("small.from", Text("From"), "small_from", DATE, Text("on the Inputs sheet")),
        Line("small.rut", Text("Russell 2000, close to close"), _SINCE.replace("{symbol}", "RUT").replace("{more}", ""), PERCENT, signed=True),
        Line("small.rut_open", Text("Russell 2000, from the first day's open"), _SINCE.replace("{symbol}", "RUT").replace("{more}", ',,"OPEN"'), PERCENT, signed=True),
        Line("small.ixic", Text("Nasdaq Composite, close to close"), _SINCE.replace("{symbol}", "IXIC").replace("{more}", ""), PERCENT, signed=True),
    ),
)  # fmt: skip
_AVERAGES = Lines(
    Text("Small caps against their averages"),
    (
        Line("rut.ma20", Text("Average of 20 closes"), 'PX_MA("RUT",20,asof)', POINTS),
        Line("rut.ma50", Text("Average of 50 closes"), 'PX_MA("RUT",50,asof)', POINTS),
        Line("rut.vs_ma50", Text("Close against the 50-day average"), 'PX_VS_MA("RUT",50,asof)', PERCENT, signed=True),
        breadth("above200", Text("Above the 200-day average"), "BRD_ABOVE_MA({universe},200,asof)", "0.0%"),
    ),
)
_WATCHED = (
    ("vix", Text("VIX above"), 'PX_CLOSE("VIX",asof)', "watch_vix", ">", POINTS, CHANGE),
    ("rut", Text("Russell 2000 below"), 'PX_CLOSE("RUT",asof)', "watch_rut", "<", POINTS, CHANGE),
    ("xlk", Text("Technology against the 50-day average below"), 'PX_VS_MA("XLK",50,asof)', "watch_xlk", "<", PERCENT, PERCENT),
)  # fmt: skip
_YES, _NO = expression(Text("yes")), expression(Text("no"))


def _levels() -> Table:
    """What is watched, and whether it is crossed."""
    spills = []
    for n, (key, _, now, level, sign, form, change) in enumerate(_WATCHED):
        mine = f"{{watch.{key}.now}}"
        spills += [
            Spill(1, now, 1, n, 1, form),
            Spill(2, level, 1, n, 1, form),
            Spill(3, f"{mine}-{level}", 1, n, 1, change),
            Spill(4, f"IF({mine}{sign}{level},{_YES},{_NO})", 1, n, 1),
        ]
    return Table(
        "watch",
        Text("Levels to watch"),
        (
            Column(Text("What"), width=5),
            Column(Text("Now"), "now", POINTS, 2),
            Column(Text("Level"), "level", POINTS, 2),
            Column(Text("Away by"), "away", CHANGE, 2),
            Column(Text("Crossed"), "crossed", "@"),
        ),
        [key for key, *_ in _WATCHED],
        spills,
        {0: [text for _, text, *_ in _WATCHED]},
    )


def _inputs() -> tuple[Input, ...]:
    report = Text("The three months of the report of 2026-02-10 begin here")
    chosen = Text("Chosen; change it to what you watch")
    return (
        Input("small_from", Text("Small caps since"), dt.date(2025, 11, 3), DATE, report),
        Input("watch_vix", Text("VIX to watch"), 20, POINTS, chosen),
        Input("watch_rut", Text("Russell 2000 to watch"), 2580, POINTS, chosen),
        Input("watch_xlk", Text("Technology against its average"), -0.05, PERCENT, chosen),
    )


BOOK = Definition(
    key=REPORT.key,
    title=REPORT.title,
    asof=REPORT.asof,
    front=(
        _TITLE,
        Sentences(REPORT),
        _VOLATILITY,
        halves(_GAPS, _AVERAGES),
        Banded(
            Caption(Text("VIX in its bands"), Text("points, last 120 sessions"), "Line: VIX on the last 120 sessions over bands from calm to severe stress", 13),
            _DATA,
            "vix",
            tuple(Band(key, colour, _SHORT.get(key)) for key, _, _, colour in _BANDS),
        ),
        _levels(),
        _METALS,
        _SMALL,
        returns("returns", Text("Returns"), _SYMBOLS),
        sectors(Text("Sectors, by the year so far"), "YTD"),
        halves(
            Bars(
                Caption(Text("Sector returns, year to date"), Text("per cent, best first"), "Bars: return of each sector since the end of last year, best first", 13),
                "sector_bars",
                "{sectors.name}",
                "{sectors.ytd}",
                len(SECTORS),
            ),
            Paths(
                Caption(Text("Small caps and the Nasdaq"), Text("per cent since the first of 120 sessions"), "Two lines: Russell 2000 and Nasdaq Composite as change since the first of 120 sessions", 13),
                _DATA,
                (Curve("rut", label=Text("Russell")), Curve("ixic", "second", label=Text("Nasdaq"))),
                "0%",
                shade=Shade("since", Text("since a date, on Inputs")),
            ),
        ),
    ),
    frames=(_DATA,),
    inputs=_inputs(),
    symbols=("^VIX", "^VXN", "^RVX", "^VVIX", "^VIX3M", "^GVZ", "^VXSL", "^COR1M", *(ticker for ticker, _ in _SYMBOLS), *SECTORS),
    report=REPORT,
    notes=(
        Text("The title: the index is calm where the VIX is below 16, under stress from 24, normal between; technology and small caps are alike where VXN and RVX differ by less than a point."),
        Text("Bands of VIX are those of a market report of November 2025: calm below 16, normal to 20, elevated to 24, medium stress to 26, severe to 45, extreme from there."),
        Text("An implied volatility is for a year; a day's share of it is the 252nd part of its square. Two of three days should stay within one unit."),
        Text("From the open and from the close are two readings of the same stretch; reports rarely say which they print."),
        Text("Sectors are the eleven Select Sector SPDR funds; a market report may use another provider's sectors.", "volatility gap"),
        UNIVERSE_NOTE,
        MISSING_NOTE,
    ),
)  # fmt: skip
