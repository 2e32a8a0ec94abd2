"""The key sentences of each report, written from the numbers that the data give.

A sentence is a template in both languages over formulas whose as-of date is left blank, so that it can be written at
any date. What it says follows from the numbers: ``{0:?ahead of|behind}`` chooses by the sign.
"""

from __future__ import annotations

import datetime as dt
import string
from dataclasses import dataclass

from xlrotation.errors import CellError
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published.claims import Report
from xlrotation.market.sources import Pinned


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a summary.

    Attributes:
        about: Its subject, in English and Chinese.
        formulas: The numbers, dates and words that it takes.
        text: Templates in English and Chinese.
    """

    about: tuple[str, str]
    formulas: tuple[str, ...]
    text: tuple[str, str]


_NOTICE = "示例数据:经过已公布数字的合成路径,并非市场数据。"


def write(report: Report, session: Session, lang: str, asof: dt.date) -> list[str]:
    """The sentences of *report* as of *asof*, under a line that says so.

    Raises:
        RotationError: The data do not cover that date.
    """
    zh = lang == "zh"
    quiet = Session(Pinned.of(session.source), lang, asof)
    day = quiet.market().asof
    lines = [f"{report.title[zh]},截至{day}" if zh else f"{report.title[zh]}, as of {day}"]
    missing = []
    for sentence in SENTENCES[report.key]:
        values = [evaluate(formula, quiet) for formula in sentence.formulas]
        if any(value is None or isinstance(value, CellError | list) for value in values):
            missing.append(sentence.about[zh])
        else:
            lines.append(_Words().vformat(sentence.text[zh], values, {}))
    if missing:
        listed = ("、" if zh else ", ").join(missing)
        lines.append(f"缺少数据,未写:{listed}。" if zh else f"Left out for want of data: {listed}.")
    if quiet.panel.notice:
        notice = quiet.panel.notice
        lines.append(_NOTICE if zh else notice[:1].upper() + notice[1:])
    return lines


class _Words(string.Formatter):
    """Formats of numbers in sentences.

    ``%`` is a signed percentage; ``a`` is the size, ``pp`` hundred times the size, ``n`` the size as a whole number;
    ``?a|b`` chooses a where the number is not negative and b where it is; anything else is Python's.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec.startswith("?"):
            first, _, second = format_spec[1:].partition("|")
            return first if isinstance(value, int | float) and value >= 0 else second
        if isinstance(value, int | float):
            match format_spec:
                case "%":
                    return f"{value:+.2%}"
                case "a":
                    return f"{abs(value):.2f}"
                case "pp":
                    return f"{abs(value) * 100:.2f}"
                case "n":
                    return f"{abs(value):.0f}"
        return str(super().format_field(value, format_spec))


def _closes(*symbols: str) -> tuple[str, ...]:
    return tuple(f'PX_CLOSE("{symbol}")' for symbol in symbols)


def _returns(window: str, *symbols: str) -> tuple[str, ...]:
    return tuple(f'PX_RET("{symbol}","{window}")' for symbol in symbols)


_VIX = Sentence(
    ("VIX", "VIX"),
    ('PX_CLOSE("^VIX")', 'PX_CLOSE("^VIX")-20', 'VOL_PCTILE("^VIX","1Y")', 'VOL_BAND(PX_CLOSE("^VIX"))'),
    (
        "The VIX closed at {0:.2f}, {1:?at or above|below} 20 ({3}); {2:.0%} of the past year's closes were no higher.",
        "VIX收于{0:.2f},{1:?不低于|低于}20({3});过去一年{2:.0%}的收盘不高于此。",
    ),
)
_STREAK = Sentence(
    ("streak", "连续区间"),
    (
        'RS_STREAK("^RUT","^GSPC")',
        *(f'INDEX(RS_STREAK_TABLE("^RUT","^GSPC",1,"",FALSE),1,{column})' for column in (1, 2, 3)),
    ),
    (
        "The Russell 2000 has been {0:?ahead of|behind} the S&P 500 for {0:n} session(s) in a row; its longest lead in "
        "the data is {1:n} sessions, {2} to {3}.",
        "罗素2000已连续{0:n}个交易日{0:?跑赢|跑输}标普500;数据内最长连续跑赢为{1:n}日({2}至{3})。",
    ),
)


def _day_of_sectors() -> Sentence:
    return Sentence(
        ("sectors of the day", "当日板块"),
        ('BRD_SECTORS_UP("1D")', 'ROT_SECTOR_BEST("1D")', 'ROT_SECTOR_WORST("1D")', 'ROT_SECTOR_SPREAD("1D")'),
        (
            "{0:n} of the eleven sectors rose on the day; the best, {1}, was {3:pp} points ahead of the worst, {2}.",
            "十一个板块中当日{0:n}个上涨;最好的为{1},最差的为{2},相差{3:pp}个百分点。",
        ),
    )


_MECHANICAL = (
    Sentence(
        ("defensive shares", "防御性股票"),
        _returns("20D", "WMT", "COST", "^GSPC", "^IXIC", "^RUT"),
        (
            "Over 20 sessions Walmart moved {0:%} and Costco {1:%}; the S&P 500 {2:%}, the Nasdaq Composite {3:%} and "
            "the Russell 2000 {4:%}.",
            "20个交易日内沃尔玛{0:%}、开市客{1:%};标普500为{2:%},纳斯达克综合指数{3:%},罗素2000为{4:%}。",
        ),
    ),
    Sentence(
        ("defensive sectors", "防御板块"),
        ('ROT_DEFENSIVE("20D")', 'ROT_SECTOR_BEST("20D")', 'ROT_SECTOR_WORST("20D")'),
        (
            "Defensive sectors are {0:pp} points {0:?ahead of|behind} technology, discretionary and communication over "
            "20 sessions; {1} is best and {2} worst.",
            "20个交易日内防御板块{0:?领先|落后}科技、可选消费与通信{0:pp}个百分点;最好为{1},最差为{2}。",
        ),
    ),
    _VIX,
    Sentence(
        ("dispersion", "离散度"),
        (*_closes("^VIXEQ", "^DSPX"), '1-PX_CLOSE("^VIX")*PX_CLOSE("^VIX")/(PX_CLOSE("^VIXEQ")*PX_CLOSE("^VIXEQ"))'),
        (
            "Single-stock volatility (VIXEQ) closed at {0:.2f} and the dispersion index (DSPX) at {1:.2f}: {2:.0%} of "
            "the stocks' variance cancels inside the index.",
            "个股波动率(VIXEQ)收于{0:.2f},离散度指数(DSPX)收于{1:.2f}:个股方差的{2:.0%}在指数内相互抵消。",
        ),
    ),
    Sentence(
        ("implied correlation", "隐含相关性"),
        ('PX_CLOSE("^COR1M")', 'PX_PCTRANK("^COR1M","1Y")', 'PX_PCTRANK("^COR1M","1Y")-0.25'),
        (
            "One-month implied correlation is {0:.2f}; {1:.0%} of the past year's closes were no higher, which "
            "{2:?does not speak|speaks} for a crowded dispersion trade.",
            "一个月隐含相关性为{0:.2f};过去一年{1:.0%}的收盘不高于此,{2:?未显示|显示}分散度交易拥挤。",
        ),
    ),
    Sentence(
        ("Magnificent 7", "七巨头"),
        ('DISP_RANGE("MAG7","1Y")',),
        (
            "The best and the worst of the Magnificent 7 are {0:pp} points apart over a year.",
            "七巨头中最好与最差成员一年相差{0:pp}个百分点。",
        ),
    ),
    Sentence(
        ("persistence", "持续性"),
        ('ROT_PERSISTENCE("5D",12)', 'ROT_PERSISTENCE("5D",12)-0.1'),
        (
            "From week to week the ranking of sectors {1:?carries over|does not carry over} (mean rank correlation "
            "{0:+.2f} over twelve weeks).",
            "板块排名逐周{1:?延续|未延续}(十二周平均秩相关{0:+.2f})。",
        ),
    ),
)
_GAP = (
    _VIX,
    Sentence(
        ("volatility gap", "波动率差距"),
        (*_closes("^VXN", "^RVX"), 'VOL_GAP("^VXN","^RVX")'),
        (
            "Implied volatility of the Nasdaq 100 is {0:.2f}, of the Russell 2000 {1:.2f}: technology is {2:a} "
            "points {2:?above|below} small caps.",
            "纳斯达克100隐含波动率为{0:.2f},罗素2000为{1:.2f}:科技{2:?高于|低于}小盘,差{2:a}点。",
        ),
    ),
    Sentence(
        ("three months", "三个月"),
        (*_returns("3M", "^RUT", "^IXIC"), 'ROT_REL_RET("^RUT","^IXIC","3M")'),
        (
            "Over three months the Russell 2000 moved {0:%} and the Nasdaq Composite {1:%}: small caps are {2:pp} "
            "points {2:?ahead|behind}.",
            "三个月内罗素2000为{0:%},纳斯达克综合指数为{1:%}:小盘股{2:?领先|落后}{2:pp}个百分点。",
        ),
    ),
    Sentence(
        ("averages", "均线"),
        ('PX_CLOSE("^RUT")', 'PX_VS_MA("^RUT",20)', 'PX_VS_MA("^RUT",50)'),
        (
            "At {0:,.2f} the Russell 2000 is {1:pp} % {1:?above|below} its 20-day and {2:pp} % {2:?above|below} its "
            "50-day average.",
            "罗素2000收于{0:,.2f},{1:?高于|低于}20日均线{1:pp}%,{2:?高于|低于}50日均线{2:pp}%。",
        ),
    ),
    Sentence(
        ("sectors of the year", "年内板块"),
        (
            *('ROT_SECTOR_BEST("YTD")', 'ROT_SECTOR_WORST("YTD")', 'ROT_SECTOR_SPREAD("YTD")'),
            'ROT_SECTOR_RET("XLK","YTD")',
        ),
        (
            "This year {0} leads and {1} is last, {2:pp} points apart; technology moved {3:%}.",
            "年初至今{0}领先,{1}垫底,相差{2:pp}个百分点;科技为{3:%}。",
        ),
    ),
    Sentence(
        ("precious metals", "贵金属"),
        _returns("1D", "GLD", "SLV"),
        ("On the day gold moved {0:%} and silver {1:%}.", "当日黄金{0:%},白银{1:%}。"),
    ),
    Sentence(
        ("breadth", "广度"),
        ('BRD_ABOVE_MA("SP50",200)',),
        (
            "{0:.0%} of the large companies in the data are above their 200-day average.",
            "数据内大公司中{0:.0%}高于200日均线。",
        ),
    ),
)
_BREADTH = (
    Sentence(
        ("indices of the day", "当日指数"),
        (*_returns("1D", "^RUT", "^GSPC", "^IXIC", "^DJI"), 'ROT_SIZE("1D")'),
        (
            "Close to close the Russell 2000 moved {0:%}, the S&P 500 {1:%}, the Nasdaq Composite {2:%} and the Dow "
            "{3:%}; small caps were {4:pp} points {4:?ahead|behind}.",
            "收盘对收盘:罗素2000为{0:%},标普500为{1:%},纳斯达克综合指数为{2:%},道指为{3:%};小盘股{4:?领先|落后}{4:pp}个百分点。",
        ),
    ),
    Sentence(
        ("year to date", "年初至今"),
        ('ROT_SIZE("YTD")', 'ROT_EQUALWEIGHT("YTD")'),
        (
            "This year small caps are {0:pp} points {0:?ahead of|behind} large ones, and equal weight is {1:pp} points "
            "{1:?ahead of|behind} cap weight.",
            "年初至今小盘股{0:?领先|落后}大盘股{0:pp}个百分点,等权{1:?领先|落后}市值加权{1:pp}个百分点。",
        ),
    ),
    _STREAK,
    _day_of_sectors(),
    Sentence(
        ("Dow", "道指"),
        ('PX_CLOSE("^DJI")', 'PX_CLOSE("^DJI")-50000'),
        ("The Dow closed at {0:,.2f}, {1:?above|below} 50,000.", "道指收于{0:,.2f},{1:?高于|低于}50000点。"),
    ),
    Sentence(
        ("NVIDIA", "英伟达"),
        ('PX_MA("NVDA",20)', 'PX_MA("NVDA",50)', 'PX_MA("NVDA",20)-PX_MA("NVDA",50)'),
        (
            "NVIDIA's 20-day average of {0:.2f} is {2:?above|below} its 50-day average of {1:.2f}.",
            "英伟达20日均线{0:.2f}{2:?高于|低于}50日均线{1:.2f}。",
        ),
    ),
    Sentence(
        ("breadth", "广度"),
        ('BRD_ABOVE_MA("SP50",200)', 'BRD_MEDIAN_GAP("SP50","^GSPC","3M")'),
        (
            "{0:.0%} of the large companies in the data are above their 200-day average; over three months the median "
            "one is {1:pp} points {1:?ahead of|behind} the index.",
            "数据内大公司中{0:.0%}高于200日均线;三个月内中位公司{1:?领先|落后}指数{1:pp}个百分点。",
        ),
    ),
)
_LIQUIDITY = (
    _VIX,
    Sentence(
        ("VVIX", "VVIX"),
        ('PX_CLOSE("^VVIX")', 'VOL_STREAK("^VVIX",110)', 'PX_CLOSE("^VVIX")-110'),
        (
            "The VVIX closed at {0:.2f}, {2:?above|below} 110; closes above it in a row: {1:n}.",
            "VVIX收于{0:.2f},{2:?高于|低于}110;连续收于其上的日数:{1:n}。",
        ),
    ),
    Sentence(
        ("VVIX signals", "VVIX信号"),
        tuple(f'INDEX(EVT_VVIX(110,5,"",FALSE),1,{column})' for column in (2, 4, 6, 11)),
        (
            "After {0:n} earlier run(s) of five closes above 110 the S&P 500 moved {1:%} in 126 sessions on average, "
            "up in {2:.0%} of cases; its usual move is {3:%}.",
            "此前{0:n}次连续五日收于110上方之后,标普500在126个交易日内平均{1:%},上涨占比{2:.0%};通常为{3:%}。",
        ),
    ),
    Sentence(
        ("term structure", "期限结构"),
        ("VOL_TERM_SLOPE()",),
        (
            "The VIX term structure {0:?rises|is inverted}: three months stand {0:pp} % {0:?above|below} one month.",
            "VIX期限结构{0:?向上|倒挂}:三个月{0:?高于|低于}一个月{0:pp}%。",
        ),
    ),
    Sentence(
        ("falls from the high", "回撤"),
        ('PX_DRAWDOWN("^GSPC","1Y")', 'PX_DRAWDOWN("^RUT","1Y")', 'PX_DRAWDOWN("NVDA","1Y")'),
        (
            "The S&P 500 is {0:pp} % below its highest close of a year, the Russell 2000 {1:pp} % and NVIDIA {2:pp} %.",
            "标普500距一年最高收盘{0:pp}%,罗素2000为{1:pp}%,英伟达为{2:pp}%。",
        ),
    ),
    Sentence(
        ("small caps", "小盘股"),
        ('ROT_SIZE("1M")', 'ROT_DEFENSIVE("1M")'),
        (
            "Over a month small caps are {0:pp} points {0:?ahead of|behind} large ones, defensive sectors {1:pp} "
            "points {1:?ahead of|behind} offensive ones.",
            "一个月内小盘股{0:?领先|落后}大盘股{0:pp}个百分点,防御板块{1:?领先|落后}进攻板块{1:pp}个百分点。",
        ),
    ),
)
_MAG7 = 'AVERAGE(PX_RET({"AAPL","MSFT","NVDA","GOOGL","AMZN","META","TSLA"},"YTD"))'
_SMALL_VALUE = (
    _STREAK,
    Sentence(
        ("chance of the streak", "连续区间的概率"),
        ('RS_STREAK_PROB("^RUT","^GSPC","","1Y")',),
        (
            "A run at least as long as the present one turns up by chance in {0:.0%} of years.",
            "一年内偶然出现至少同样长区间的概率为{0:.0%}。",
        ),
    ),
    Sentence(
        ("five sessions", "五日"),
        _returns("5D", "^RUT", "^GSPC", "^IXIC"),
        (
            "Over five sessions the Russell 2000 moved {0:%}, the S&P 500 {1:%} and the Nasdaq Composite {2:%}.",
            "五个交易日内罗素2000为{0:%},标普500为{1:%},纳斯达克综合指数为{2:%}。",
        ),
    ),
    Sentence(
        ("value and growth", "价值与成长"),
        ('ROT_VALUE("20D")',),
        (
            "Over 20 sessions value is {0:pp} points {0:?ahead of|behind} growth.",
            "20个交易日内价值{0:?领先|落后}成长{0:pp}个百分点。",
        ),
    ),
    _day_of_sectors(),
    Sentence(
        ("Magnificent 7", "七巨头"),
        (*_returns("YTD", "^RUT"), _MAG7, f'PX_RET("^RUT","YTD")-{_MAG7}'),
        (
            "This year the Russell 2000 moved {0:%} and the mean of the Magnificent 7 {1:%}: small caps are {2:pp} "
            "points {2:?ahead|behind}.",
            "年初至今罗素2000为{0:%},七巨头均值为{1:%}:小盘股{2:?领先|落后}{2:pp}个百分点。",
        ),
    ),
    Sentence(
        ("valuation", "估值"),
        ('PX_CLOSE("^GSPC")', 'PX_CLOSE("^GSPC")/22', 'PX_CLOSE("^GSPC")/VAL_LEVEL(288,22)-1'),
        (
            "At {0:,.2f} the S&P 500 needs earnings of {1:.1f} a share to cost 22 times earnings; it is {2:pp} % "
            "{2:?above|below} 22 times the 288 in print.",
            "标普500为{0:,.2f},22倍市盈率需每股盈利{1:.1f};较所印288的22倍{2:?高|低}{2:pp}%。",
        ),
    ),
)
SENTENCES = {
    "mechanical_rotation": _MECHANICAL,
    "volatility_gap": _GAP,
    "market_breadth": _BREADTH,
    "liquidity_crossroads": _LIQUIDITY,
    "small_value_rotation": _SMALL_VALUE,
}
