"""Mechanical or fundamental: the workbook after a market report of 2026-02-14 on dispersion trades.

Its tables are the report's indicators with their interpretation, sectors, the mechanics of dispersion, the range of the
Magnificent 7 and the market value that they lost, the index against its members, the gauges of a mechanical rotation
and what would unwind it.
"""

from __future__ import annotations

from xlrotation.functions.published.reports import MECHANICAL_ROTATION
from xlrotation.languages import Text
from xlrotation.market.universes import MAG7, SECTORS
from xlrotation.reports.blocks import Column, Line, Lines, Spill, Table
from xlrotation.reports.charts import Caption, Curve, Paths, Shade
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.kit import COUNT, PERCENT, POINTS
from xlrotation.reports.page import Stack, When, halves
from xlrotation.reports.standard import MISSING_NOTE, UNIVERSE_NOTE, Named, breadth, row_name, sectors
from xlrotation.reports.words import Headline, Paragraph, Pick, Saying, Sentences, Told

REPORT = MECHANICAL_ROTATION

_INDICATORS = {
    "WMT": Text("Walmart"),
    "COST": Text("Costco"),
    "^GSPC": Text("S&P 500"),
    "^IXIC": Text("Nasdaq Composite"),
    "^RUT": Text("Russell 2000"),
    "XLU": Text("Utilities"),
    "XLP": Text("Consumer staples"),
    "XLV": Text("Health care"),
    "XLK": Text("Technology", "the sector by its full name"),
    "IGV": Text("Software"),
}
_DAYS = 120
_DATA = Frame(
    "Data",
    _DAYS,
    (
        *(Series(name.lower(), name, f'PX_CLOSE("{name}",{{dates}})') for name in ("DSPX", "COR1M", "VIX")),
        Series("uneasy", Text("VIX from 20"), "IF({data.vix}>=20,1,0)", COUNT),
    ),
)

_SCORE = Pick(
    (("{score}>=70", Text("Rotation looks mechanical")), ("{score}<=30", Text("Rotation looks fundamental"))),
    Text("Rotation is mixed"),
    Text("Score of the rotation n/a"),
)
_SIDE = Pick(
    (
        ("{defensive}>=0.005", Text("defensive sectors lead")),
        ("{defensive}<=-0.005", Text("offensive sectors lead")),
    ),
    Text("defensive and offensive level"),
    Text("sectors n/a"),
)
_TITLE = Headline(
    Saying(
        Text("{kind} ({score} of 100), {side}"),
        {"kind": _SCORE, "score": 'IFERROR(TEXT({score},"0"),missing)', "side": _SIDE},
        REPORT.title,
    )
)

_INDICATOR_TABLE = Table(
    "indicators",
    Text("Indicators over 20 sessions"),
    (
        Column(Text("Indicator"), width=3),
        Column(Text("Symbol"), "symbol"),
        Column(Text("Performance"), "20d", PERCENT, 2, "signed"),
        Column(Text("Interpretation"), "words", "@", 6),
    ),
    [row_name(symbol) for symbol in _INDICATORS],
    (
        Spill(2, 'PX_RET({indicators.symbol},"20D",asof)'),
        Spill(3, 'ROT_INTERPRET({indicators.symbol},"20D",asof,lang)'),
    ),
    {0: list(_INDICATORS.values()), 1: list(_INDICATORS)},
)

_NO_CHAINS = expression(Text("no chains"))
_MEASURES = (
    ("implcorr", Text("Implied correlation, 1 month, percent"), 'PX_CLOSE("COR1M",asof)', "100*DISP_IMPLCORR", "IMPLCORR"),
    ("index", Text("Dispersion index, points"), 'PX_CLOSE("DSPX",asof)', "DISP_INDEX", "INDEX"),
    ("spread", Text("Constituents' volatility minus VIX, points"), 'PX_CLOSE("VIXEQ",asof)-PX_CLOSE("VIX",asof)', "100*DISP_VOL_SPREAD", "VOL_SPREAD"),
)  # fmt: skip


def _mechanics() -> Table:
    spills = []
    for n, (_, _, published, chains, measure) in enumerate(_MEASURES):
        spills += [
            Spill(1, published, 1, n, 1),
            Spill(2, f'_xlfn.IFNA({chains}("SPX","SP50","1M",asof),{_NO_CHAINS})', 1, n, 1),
            Spill(3, f'DISP_PCTILE("{measure}","1Y",asof)', 1, n, 1),
        ]
    return Table(
        "mechanics",
        Text("Mechanics of dispersion"),
        (
            Column(Text("Measure"), width=5),
            Column(Text("Published index"), "published", POINTS, 2),
            Column(Text("From option chains, 50 largest"), "chains", POINTS, 3),
            Column(Text("Rank in its year"), "rank", "0%", 2, "bar"),
        ),
        [key for key, *_ in _MEASURES],
        spills,
        {0: [text for _, text, *_ in _MEASURES]},
    )


_VOLATILITY = Lines(
    Text("Volatility and correlation"),
    (
        Line("score", Text("Mechanical score, 0 to 100"), "ROT_MECH_SCORE(asof)", "0"),
        Line("vix", Text("VIX"), 'PX_CLOSE("VIX",asof)', "0.00"),
        Line("share", Text("Dispersion share, 1 - (VIX/VIXEQ)^2"), '1-({vix}/PX_CLOSE("VIXEQ",asof))^2', "0.0%"),
        breadth("realcorr", Text("Realised correlation, 1 month"), 'DISP_REALCORR({universe},"1M",asof)', "0.00"),
        Line("mag7.range", Text("Best minus worst of the Magnificent 7, 1 year"), 'DISP_RANGE(mag7_members,"1Y",asof)', PERCENT),
        Line("defensive", Text("Defensive minus offensive sectors, 20 sessions"), 'ROT_DEFENSIVE("20D",asof)', PERCENT, signed=True),
    ),
)  # fmt: skip
_PARADOX = Table(
    "paradox",
    Text("The index against its members (realised, 3 months)"),
    (Column(Text("Measure"), "name", "@", 5), Column(Text("Value"), "value", "0.0%")),
    [str(place) for place in range(1, 5)],
    (Spill(0, 'DISP_PARADOX({universe},"SPX","3M",asof,FALSE,lang)', 2),),
)
_GAUGES = Table(
    "gauges",
    Text("Mechanical or fundamental?"),
    (
        Column(Text("Component"), "name", "@", 5),
        Column(Text("Value"), "value", "0.000", 2),
        Column(Text("Percentile"), "rank", "0%", 1, "bar"),
        Column(Text("n"), "n", COUNT),
        Column(Text("Sign"), "sign", "+0;-0"),
        Column(Text("Weight"), "weight", "0%"),
        Column(Text("Adds"), "adds", "0.0"),
    ),
    [str(place) for place in range(1, 9)],
    (Spill(0, "ROT_MECH_TABLE(asof,lang,FALSE)", 7),),
)
_UNWIND = Table(
    "unwind",
    Text("What would unwind it"),
    (
        Column(Text("Over 5 sessions"), "name", "@", 3),
        Column(Text("Value"), "value", "+0.000;-0.000"),
        Column(Text("Threshold"), "threshold", "+0.000;-0.000"),
        Column(Text("State"), "state", "@"),
    ),
    [str(place) for place in range(1, 6)],
    (Spill(0, "ROT_UNWIND(asof,lang,FALSE)", 4),),
)
_SEVEN = Table(
    "seven",
    Text("The Magnificent 7 over a year"),
    (
        Column(Text("Rank"), "rank", COUNT),
        Column(Text("Company"), "name", "@", 3),
        Column(Text("Symbol"), "symbol", "@"),
        Column(Text("Return"), "1y", PERCENT, 1, "signed"),
    ),
    [str(place) for place in range(1, len(MAG7) + 1)],
    (Spill(0, f'ROT_LEADERS(mag7_members,{len(MAG7)},"1Y",asof,FALSE,lang)', 4),),
)
_VALUE_LOST = Lines(
    Text("Market value, change of a month"),
    (
        Line("value.two", Text("Amazon and Microsoft, USD bn"), 'PX_MKTCAP_CHANGE({"AMZN";"MSFT"},"1M",asof)/1E9', "+#,##0;-#,##0;0", unit="USD bn", signed=True),
        Line("value.seven", Text("All of the Magnificent 7, USD bn"), 'PX_MKTCAP_CHANGE(mag7_members,"1M",asof)/1E9', "+#,##0;-#,##0;0", unit="USD bn", signed=True),
    ),
)  # fmt: skip
_IMPLIED = Table(
    "sector_vol",
    Text("Volatility by sector"),
    (
        Column(Text("Sector"), width=2),
        Column(Text("Symbol"), "symbol", "@"),
        Column(Text("Implied, 1 month"), "implied", "0.0%"),
        Column(Text("Realised, 1 month"), "realised", "0.0%"),
        Column(Text("Implied minus realised"), "premium", "+0.0%;-0.0%;0.0%"),
    ),
    [row_name(symbol) for symbol in SECTORS],
    (
        Spill(2, '_xlfn.IFNA(VOL_IMPLIED({sector_vol.symbol},"1M",asof),IF(COUNT(VOL_IMPLIED({sector_vol.symbol},"1M",asof))=0,"",missing))'),
        Spill(3, 'VOL_REALIZED({sector_vol.symbol},"1M",asof)'),
        Spill(4, 'IF(ISNUMBER({sector_vol.implied}),{sector_vol.implied}-{sector_vol.realised},"")'),
    ),
    {0: [Named(symbol) for symbol in SECTORS], 1: list(SECTORS)},
)  # fmt: skip
_WITHOUT = f"{len(SECTORS)}-COUNT({{sector_vol.implied}})"
_NO_SECTOR_CHAINS = Told(
    "sector_vol.lacking",
    (
        Saying(
            Text("Volatility by sector: {lack} of {all} sector funds have no option chain in the data. Fetch chains: xlrotation refresh --options."),
            {"lack": f'IF({_WITHOUT}>0,TEXT({_WITHOUT},"0"),NA())', "all": f'"{len(SECTORS)}"'},
        ),
    ),
)  # fmt: skip

BOOK = Definition(
    key=REPORT.key,
    title=REPORT.title,
    asof=REPORT.asof,
    front=(
        _TITLE,
        Paragraph((Told("score_words", (Saying(Text("The rotation is {words}.", "of the score"), {"words": "ROT_MECH_LABEL(asof,lang)"}),)),
        Sentences(REPORT))),
        _INDICATOR_TABLE,
        _mechanics(),
        halves(
            Paths(
                Caption(Text("Dispersion, implied correlation and VIX"), Text("points, last 120 sessions"), "Three lines: DSPX, COR1M and VIX on the last 120 sessions", 9),
                _DATA,
                (Curve("dspx"), Curve("cor1m", "second"), Curve("vix", "dark", dashed=True)),
                "0",
                shade=Shade("uneasy", Text("VIX from 20")),
            ),
            _VOLATILITY,
        ),
        halves(_UNWIND, _PARADOX),
        _GAUGES,
        sectors(Text("Sectors"), "20D"),
        When(f"{_WITHOUT}>0", _NO_SECTOR_CHAINS),
        halves(_IMPLIED, Stack((_SEVEN, _VALUE_LOST))),
    ),
    frames=(_DATA,),
    members=MAG7,
    symbols=(*_INDICATORS, "^COR1M", "^DSPX", "^VIXEQ", "^VIX", *SECTORS, *MAG7),
    report=REPORT,
    notes=(
        Text("The title: mechanical from a score of 70, fundamental up to 30, mixed between; defensive or offensive sectors lead where their mean returns of 20 sessions differ by half a point or more."),
        Text("A dispersion trade sells index volatility and buys single-stock volatility; it earns when members move apart. Whether it moves the market is an argument, not a measurement."),
        Text("The score is the mean of its components' percentiles in their own past year, each counted from the end that speaks for a mechanical rotation; recompute it from the column on the right. It describes and does not forecast: on real prices it was wrong as often as right (docs/mechanical_rotation.md)."),
        Text("The p-value says how often components that move independently would stand as high together; they are related, so the true probability is larger."),
        Text("Published indices are Cboe's; figures from option chains use 50-delta (correlation, spread) and model-free volatilities (index) of the 50 largest companies and are close to them, not the same."),
        Text("Implied volatility by sector needs the option chains of the sector funds; where the data hold none it is n/a."),
        UNIVERSE_NOTE,
        MISSING_NOTE,
    ),
)  # fmt: skip
