"""The sentences of the published reports' summaries: what each says, and the numbers that it takes.

A formula leaves its as-of date blank, so that its sentence can be written at any date. What a sentence says follows
from the numbers: ``{lead:?ahead of|behind}`` chooses by the sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xlrotation.languages import Text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a summary.

    Attributes:
        about: Its subject.
        formulas: The numbers, dates and words that it takes, by the name of their place.
        text: The sentence.
        unless: Whether the numbers say so little that the sentence is better left out.
    """

    about: Text
    formulas: Mapping[str, str]
    text: Text
    unless: Callable[[Mapping[str, object]], bool] = lambda _: False


_NO_NEWS = 0.5
"""Chance above which a run is nothing to write of: one of a few sessions turns up in every year."""

_MAG7 = 'AVERAGE(PX_RET({"AAPL","MSFT","NVDA","GOOGL","AMZN","META","TSLA"},"YTD"))'
_VIX = Sentence(
    Text("VIX"),
    {
        "vix": 'PX_CLOSE("^VIX")',
        "over": 'PX_CLOSE("^VIX")-20',
        "rank": 'VOL_PCTILE("^VIX","1Y")',
        "band": 'VOL_BAND(PX_CLOSE("^VIX"))',
    },
    Text(
        "The VIX closed at {vix:.2f}, {over:?at or above|below} 20 ({band}); {rank:.0%} of the past year's "
        "closes were no higher."
    ),
)
_STREAK = Sentence(
    Text("streak"),
    {
        "streak": 'RS_STREAK("^RUT","^GSPC")',
        "longest": 'INDEX(RS_STREAK_TABLE("^RUT","^GSPC",1,"",FALSE),1,1)',
        "start": 'INDEX(RS_STREAK_TABLE("^RUT","^GSPC",1,"",FALSE),1,2)',
        "end": 'INDEX(RS_STREAK_TABLE("^RUT","^GSPC",1,"",FALSE),1,3)',
    },
    Text(
        "The Russell 2000 has been {streak:?ahead of|behind} the S&P 500 for {streak:n} "
        "{streak:#session|sessions} in a row; its longest lead in the data is {longest:n} sessions, {start} "
        "to {end}."
    ),
)
_DAY_OF_SECTORS = Sentence(
    Text("sectors of the day"),
    {
        "up": 'BRD_SECTORS_UP("1D")',
        "best": 'ROT_SECTOR_BEST("1D")',
        "worst": 'ROT_SECTOR_WORST("1D")',
        "spread": 'ROT_SECTOR_SPREAD("1D")',
    },
    Text("Sectors that rose on the day: {up:n}; the best, {best}, was {spread:pp} points ahead of the worst, {worst}."),
)
MECHANICAL = (
    Sentence(
        Text("defensive shares"),
        {
            "walmart": 'PX_RET("WMT","20D")',
            "costco": 'PX_RET("COST","20D")',
            "sp500": 'PX_RET("^GSPC","20D")',
            "nasdaq": 'PX_RET("^IXIC","20D")',
            "russell": 'PX_RET("^RUT","20D")',
        },
        Text(
            "Over 20 sessions Walmart moved {walmart:%} and Costco {costco:%}; the S&P 500 {sp500:%}, the Nasdaq "
            "Composite {nasdaq:%} and the Russell 2000 {russell:%}."
        ),
    ),
    Sentence(
        Text("defensive sectors"),
        {"lead": 'ROT_DEFENSIVE("20D")', "best": 'ROT_SECTOR_BEST("20D")', "worst": 'ROT_SECTOR_WORST("20D")'},
        Text(
            "Defensive sectors are {lead:pp} points {lead:?ahead of|behind} technology, discretionary and "
            "communication over 20 sessions; {best} is best and {worst} worst."
        ),
    ),
    _VIX,
    Sentence(
        Text("dispersion"),
        {
            "vixeq": 'PX_CLOSE("^VIXEQ")',
            "dspx": 'PX_CLOSE("^DSPX")',
            "cancelled": '1-PX_CLOSE("^VIX")*PX_CLOSE("^VIX")/(PX_CLOSE("^VIXEQ")*PX_CLOSE("^VIXEQ"))',
        },
        Text(
            "Single-stock volatility (VIXEQ) closed at {vixeq:.2f} and the dispersion index (DSPX) at {dspx:.2f}:"
            " {cancelled:.0%} of the stocks' variance cancels inside the index."
        ),
    ),
    Sentence(
        Text("implied correlation"),
        {
            "correlation": 'PX_CLOSE("^COR1M")',
            "rank": 'PX_PCTRANK("^COR1M","1Y")',
            "over": 'PX_PCTRANK("^COR1M","1Y")-0.25',
        },
        Text(
            "One-month implied correlation is {correlation:.2f}; {rank:.0%} of the past year's closes were no "
            "higher, which {over:?does not speak|speaks} for a crowded dispersion trade."
        ),
    ),
    Sentence(
        Text("Magnificent 7"),
        {"range": 'DISP_RANGE("MAG7","1Y")'},
        Text("The best and the worst of the Magnificent 7 are {range:pp} points apart over a year."),
    ),
    Sentence(
        Text("persistence"),
        {"correlation": 'ROT_PERSISTENCE("5D",12)', "over": 'ROT_PERSISTENCE("5D",12)-0.1'},
        Text(
            "From week to week the ranking of sectors {over:?carries over|does not carry over} (mean rank "
            "correlation {correlation:+.2f} over twelve weeks)."
        ),
    ),
)
GAP = (
    _VIX,
    Sentence(
        Text("volatility gap"),
        {"vxn": 'PX_CLOSE("^VXN")', "rvx": 'PX_CLOSE("^RVX")', "gap": 'VOL_GAP("^VXN","^RVX")'},
        Text(
            "Implied volatility of the Nasdaq 100 is {vxn:.2f}, of the Russell 2000 {rvx:.2f}: technology is "
            "{gap:a} points {gap:?above|below} small caps."
        ),
    ),
    Sentence(
        Text("three months"),
        {
            "russell": 'PX_RET("^RUT","3M")',
            "nasdaq": 'PX_RET("^IXIC","3M")',
            "lead": 'ROT_REL_RET("^RUT","^IXIC","3M")',
        },
        Text(
            "Over three months the Russell 2000 moved {russell:%} and the Nasdaq Composite {nasdaq:%}: small caps"
            " are {lead:pp} points {lead:?ahead|behind}."
        ),
    ),
    Sentence(
        Text("averages"),
        {"russell": 'PX_CLOSE("^RUT")', "from_20": 'PX_VS_MA("^RUT",20)', "from_50": 'PX_VS_MA("^RUT",50)'},
        Text(
            "At {russell:,.2f} the Russell 2000 is {from_20:pp} % {from_20:?above|below} its 20-day and "
            "{from_50:pp} % {from_50:?above|below} its 50-day average."
        ),
    ),
    Sentence(
        Text("sectors of the year"),
        {
            "best": 'ROT_SECTOR_BEST("YTD")',
            "worst": 'ROT_SECTOR_WORST("YTD")',
            "spread": 'ROT_SECTOR_SPREAD("YTD")',
            "technology": 'ROT_SECTOR_RET("XLK","YTD")',
        },
        Text("This year {best} leads and {worst} is last, {spread:pp} points apart; technology moved {technology:%}."),
    ),
    Sentence(
        Text("precious metals"),
        {"gold": 'PX_RET("GLD","1D")', "silver": 'PX_RET("SLV","1D")'},
        Text("On the day gold moved {gold:%} and silver {silver:%}."),
    ),
    Sentence(
        Text("breadth"),
        {"share": 'BRD_ABOVE_MA("SP50",200)'},
        Text("{share:.0%} of the large companies in the data are above their 200-day average."),
    ),
)
BREADTH = (
    Sentence(
        Text("indices of the day"),
        {
            "russell": 'PX_RET("^RUT","1D")',
            "sp500": 'PX_RET("^GSPC","1D")',
            "nasdaq": 'PX_RET("^IXIC","1D")',
            "dow": 'PX_RET("^DJI","1D")',
            "lead": 'ROT_SIZE("1D")',
        },
        Text(
            "Close to close the Russell 2000 moved {russell:%}, the S&P 500 {sp500:%}, the Nasdaq Composite "
            "{nasdaq:%} and the Dow {dow:%}; small caps were {lead:pp} points {lead:?ahead|behind}."
        ),
    ),
    Sentence(
        Text("year to date"),
        {"small": 'ROT_SIZE("YTD")', "equal": 'ROT_EQUALWEIGHT("YTD")'},
        Text(
            "This year small caps are {small:pp} points {small:?ahead of|behind} large ones, and equal weight is "
            "{equal:pp} points {equal:?ahead of|behind} cap weight."
        ),
    ),
    _STREAK,
    _DAY_OF_SECTORS,
    Sentence(
        Text("Dow"),
        {"dow": 'PX_CLOSE("^DJI")', "over": 'PX_CLOSE("^DJI")-50000'},
        Text("The Dow closed at {dow:,.2f}, {over:?above|below} 50,000."),
    ),
    Sentence(
        Text("NVIDIA"),
        {"short": 'PX_MA("NVDA",20)', "long": 'PX_MA("NVDA",50)', "over": 'PX_MA("NVDA",20)-PX_MA("NVDA",50)'},
        Text("NVIDIA's 20-day average of {short:.2f} is {over:?above|below} its 50-day average of {long:.2f}."),
    ),
    Sentence(
        Text("breadth"),
        {"share": 'BRD_ABOVE_MA("SP50",200)', "median": 'BRD_MEDIAN_GAP("SP50","^GSPC","3M")'},
        Text(
            "{share:.0%} of the large companies in the data are above their 200-day average; over three months "
            "the median one is {median:pp} points {median:?ahead of|behind} the index."
        ),
    ),
)
LIQUIDITY = (
    _VIX,
    Sentence(
        Text("VVIX"),
        {"vvix": 'PX_CLOSE("^VVIX")', "streak": 'VOL_STREAK("^VVIX",110)', "over": 'PX_CLOSE("^VVIX")-110'},
        Text("The VVIX closed at {vvix:.2f}, {over:?above|below} 110; closes above it in a row: {streak:n}."),
    ),
    Sentence(
        Text("VVIX signals"),
        {
            "runs": 'INDEX(EVT_VVIX(110,5,"",FALSE),1,2)',
            "mean": 'INDEX(EVT_VVIX(110,5,"",FALSE),1,4)',
            "positive": 'INDEX(EVT_VVIX(110,5,"",FALSE),1,6)',
            "usual": 'INDEX(EVT_VVIX(110,5,"",FALSE),1,11)',
        },
        Text(
            "After {runs:n} earlier {runs:#run|runs} of five closes above 110 the S&P 500 moved {mean:%} in 126 "
            "sessions on average, up in {positive:.0%} of cases; its usual move is {usual:%}."
        ),
    ),
    Sentence(
        Text("term structure"),
        {"slope": "VOL_TERM_SLOPE()"},
        Text(
            "The VIX term structure {slope:?rises|is inverted}: three months stand {slope:pp} % "
            "{slope:?above|below} one month."
        ),
    ),
    Sentence(
        Text("falls from the high"),
        {
            "sp500": 'PX_DRAWDOWN("^GSPC","1Y")',
            "russell": 'PX_DRAWDOWN("^RUT","1Y")',
            "nvidia": 'PX_DRAWDOWN("NVDA","1Y")',
        },
        Text(
            "The S&P 500 is {sp500:pp} % below its highest close of a year, the Russell 2000 {russell:pp} % and "
            "NVIDIA {nvidia:pp} %."
        ),
    ),
    Sentence(
        Text("small caps"),
        {"small": 'ROT_SIZE("1M")', "defensive": 'ROT_DEFENSIVE("1M")'},
        Text(
            "Over a month small caps are {small:pp} points {small:?ahead of|behind} large ones, defensive sectors"
            " {defensive:pp} points {defensive:?ahead of|behind} offensive ones."
        ),
    ),
)
SMALL_VALUE = (
    _STREAK,
    Sentence(
        Text("chance of the streak"),
        {"chance": 'RS_STREAK_PROB("^RUT","^GSPC","","1Y")'},
        Text("A run at least as long as the present one turns up by chance in {chance:.0%} of years."),
        unless=lambda values: isinstance(values["chance"], float) and values["chance"] > _NO_NEWS,
    ),
    Sentence(
        Text("five sessions"),
        {"russell": 'PX_RET("^RUT","5D")', "sp500": 'PX_RET("^GSPC","5D")', "nasdaq": 'PX_RET("^IXIC","5D")'},
        Text(
            "Over five sessions the Russell 2000 moved {russell:%}, the S&P 500 {sp500:%} and the Nasdaq "
            "Composite {nasdaq:%}."
        ),
    ),
    Sentence(
        Text("value and growth"),
        {"value": 'ROT_VALUE("20D")'},
        Text("Over 20 sessions value is {value:pp} points {value:?ahead of|behind} growth."),
    ),
    _DAY_OF_SECTORS,
    Sentence(
        Text("Magnificent 7"),
        {
            "russell": 'PX_RET("^RUT","YTD")',
            "mag7": _MAG7,
            "lead": f'PX_RET("^RUT","YTD")-{_MAG7}',
        },
        Text(
            "This year the Russell 2000 moved {russell:%} and the mean of the Magnificent 7 {mag7:%}: small caps "
            "are {lead:pp} points {lead:?ahead|behind}."
        ),
    ),
    Sentence(
        Text("valuation"),
        {
            "sp500": 'PX_CLOSE("^GSPC")',
            "needed": 'PX_CLOSE("^GSPC")/22',
            "over": 'PX_CLOSE("^GSPC")/VAL_LEVEL(288,22)-1',
        },
        Text(
            "At {sp500:,.2f} the S&P 500 needs earnings of {needed:.1f} a share to cost 22 times earnings; it is "
            "{over:pp} % {over:?above|below} 22 times the 288 in print."
        ),
    ),
)
