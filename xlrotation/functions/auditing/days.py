"""Days and windows as reports write them: dates, weekdays, "yesterday", 近一个月, "since 3 November"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from xlrotation.functions.auditing.numerals import CARDINAL, CHINESE, number

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"

_DATE = re.compile(
    rf"(?P<iso>(?<!\d)(?:19|20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d))"
    rf"|(?P<zh>(?:(?P<zy>(?:19|20)\d\d)年)?(?P<zm>\d{{1,2}}|{CHINESE})月(?P<zd>\d{{1,2}}|{CHINESE})[日号]"
    rf"(?:(?:[早晚]间|凌晨|盘后|收盘)?\((?P<zp>(?:19|20)\d\d)年?\))?)"
    rf"|(?P<dm>\b(?P<dd>\d{{1,2}})(?:st|nd|rd|th)? (?P<dn>{_MONTH})(?:,? (?P<dy>(?:19|20)\d\d))?)"
    rf"|(?P<md>\b(?P<mn>{_MONTH}) (?:\d{{1,2}} ?- ?(?=\d{{1,2}},? (?:19|20)\d\d))?"
    rf"(?P<mday>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|,\d{{3}}|\.\d|%)(?:,?"
    rf" (?P<my>(?:19|20)\d\d))?)"
    rf"|(?P<dash>\b\d{{1,2}}-(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{{0,6}}-(?:20)?\d\d\b)"
    rf"|(?P<dots>(?<![\d.])(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.(?:19|20)\d\d(?![\d.]))"
    rf"|(?P<us>(?<![\d/])\d{{1,2}}/\d{{1,2}}/(?:(?:19|20)\d\d|[12]\d)(?![\d/]))",
    re.ASCII,
)
_DAY_ONLY = re.compile(
    r"(?<=[一二三四五六日天])\((?P<day>\d{1,2})日\)"
    r"|(?<![\d月连续近前后第去来达为共至到.、])(?<!%\()(?<!% \()(?P<d2>\d{1,2})日(?![均移线内涨跌连胜简指之以\d])",
    re.ASCII,
)
_MONTH_ONLY = re.compile(
    rf"(?:(?P<zy>(?:19|20)\d\d)年)?(?<!\d)(?P<zm>1[0-2]|[1-9])月(?:份|底|末|初|中旬|上旬|下旬)?(?!\d)"
    rf"|\b(?:in|of|since|for|late|early|mid-?|by|through|until)? ?(?P<en>{_MONTH})(?: (?P<ey>(?:19|20)\d\d))?"
)
_YEAR = re.compile(
    r"(?P<zh>(?<!\d)(?:19|20)\d\d)(?:财年|年)(?:末|底|初|全年|上半年|下半年)?|(?<![\d$,.\-])(?P<en>(?:19"
    r"|20)\d\d)(?!\d|,\d|\.\d|%|[点亿万倍家只人]|美元|个(?!月)| ?points| ?(?:billion|million|trillion|shares"
    r"|companies|jobs))",
    re.ASCII,
)
_QUARTER = re.compile(
    r"\bq(?P<en>[1-4])(?: ?(?P<ey>(?:19|20)\d\d))?\b|(?P<zy>(?:19|20)\d\d年)?第?(?P<zh>[一二三四])季度?"
    r"|(?P<words>first|second|third|fourth)[- ]quarter",
    re.ASCII,
)
_RELATIVE = re.compile(
    rf"(?P<before>\bthe (?:day|session) (?:before|earlier)\b|\ba day earlier\b|\b(?:the )?prior (?:day|close)\b"
    rf"|\bprevious close\b"
    rf"|前一?个?(?:交易)?日(?!均|线|期)|上日|前收盘?价?)"
    rf"|(?P<yesterday>\byesterday\b(?:'s)?|昨[日天夜晚]|隔夜|上一?个?交易日|\bthe (?:previous|prior)"
    rf" session\b|\bprevious"
    rf" trading day\b)"
    rf"|(?P<today>\btoday\b(?:'s)?|今[日天])"
    rf"|(?P<lastday>最后一个交易日|\blast (?:trading day|session) of the year\b)"
    rf"|(?P<ago>\b(?:an?|one) (?:week|month|quarter|year) (?:ago|earlier|before)\b|\b(?:{CARDINAL}|\d+) (?:weeks|months"
    rf"|quarters|years) (?:ago|earlier|before)\b|(?:{CHINESE}|\d+)(?:个?月|周|年|个?季度)前)"
    rf"|(?P<weekday>(?P<last>上|\blast |本|\bthis )?(?:(?:周|星期|礼拜)(?P<zw>[一二三四五六日天])(?!周|者"
    rf"|大(?:股指|指数|主要|美股))"
    rf"|\b(?P<ew>{_WEEKDAY})\b)(?!'s close))"
)


@dataclass(frozen=True, slots=True)
class When:
    """A mention of a day, a month, a quarter or a year.

    Attributes:
        start: Its first place.
        end: The place behind it.
        kind: ``day``, ``month``, ``quarter``, ``year`` or a relative word.
        day: The day; the first of the month, quarter or year; None for relative words.
        stated: Whether the year is written.
        weekday: Of a weekday: 0 for Monday.
        last: Whether "last" stands before a weekday.
        months: Of "a quarter ago"; weeks where negative.
    """

    start: int
    end: int
    kind: str
    day: dt.date | None = None
    stated: bool = True
    weekday: int = -1
    last: bool = False
    months: int = 0


def _month(text: str) -> int:
    return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(text.rstrip(".")[:3]))


def month_of(name: str) -> int:
    """The number of a month by its name or the begin of it; 0 for other words."""
    return next((place for place, one in enumerate(_MONTHS, 1) if len(name) >= 3 and one.startswith(name[:3])), 0)


def _made(year: int, month: float | None, day: float | None) -> dt.date | None:
    try:
        return dt.date(year, int(month or 0), int(day or 0))
    except ValueError:
        return None


def _dated(match: re.Match[str], around: dt.date | None) -> tuple[dt.date | None, bool]:
    """The day of a match, and whether its year stands in the text."""
    group = match.groupdict()
    if group["iso"]:
        year, month, day = (int(part) for part in re.split("[-/.]", group["iso"]))
        return _made(year, month, day), True
    if group["us"]:
        month, day, year = (int(part) for part in group["us"].split("/"))
        if month > 12 >= day:
            month, day = day, month
        return _made(year if year > 99 else 2000 + year, month, day), True
    if group["dots"]:
        day, month, year = (int(part) for part in group["dots"].split("."))
        return _made(year, month, day), True
    if group["dash"]:
        first, name, last = group["dash"].split("-")
        return _made(int(last) if len(last) > 2 else 2000 + int(last), _month(name), int(first)), True
    if group["zh"]:
        year_text, month_number, day_number = group["zy"] or group["zp"], number(group["zm"]), number(group["zd"])
    elif group["dm"]:
        year_text, month_number, day_number = group["dy"], _month(group["dn"]), float(group["dd"])
    else:
        year_text, month_number, day_number = group["my"], _month(group["mn"]), float(group["mday"])
    if year_text:
        return _made(int(year_text), month_number, day_number), True
    if around is None:
        return _made(2000, month_number, day_number), False
    return nearest(around, month_number, day_number), False


def nearest(around: dt.date, month: float | None, day: float | None) -> dt.date | None:
    """The latest such day of a year up to a week after *around*: reports look back."""
    for year in (around.year + 1, around.year, around.year - 1):
        found = _made(year, month, day)
        if found is not None and found <= around + dt.timedelta(7):
            return found
    return None


def find(text: str, around: dt.date | None) -> list[When]:
    """Every mention in plain *text*, in order, none within another.

    Args:
        text: Plain.
        around: The report's date, by which a date without its year is read.
    """
    found: list[When] = []
    for match in _DATE.finditer(text):
        day, stated = _dated(match, around)
        if day is not None:
            found.append(When(*match.span(), "day", day, stated))
    for match in _DAY_ONLY.finditer(text):
        day = _day_only(float(match["day"] or match["d2"]), around)
        found.append(When(*match.span(), "day", day, False))
    for match in _RELATIVE.finditer(text):
        kind = match.lastgroup if match.lastgroup not in ("zw", "ew", "last") else "weekday"
        if match["weekday"]:
            place = (
                "一二三四五六日".find(match["zw"].replace("天", "日")) if match["zw"] else _WEEKDAYS.index(match["ew"])
            )
            last = (match["last"] or "").strip() in ("上", "last")
            found.append(When(*match.span(), "weekday", None, True, place, last))
        elif match["ago"]:
            found.append(When(*match.span(), "ago", months=_months(match[0])))
        else:
            found.append(When(*match.span(), str(kind)))
    found += _longer(text, around)
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[When] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _months(text: str) -> int:
    """The months of "a quarter ago"; weeks are negative."""
    count = int(number(re.sub(r"[^\d零一二三四五六七八九十两]", "", text) or text.split()[0]) or 1)
    for word, months in (("week", -1), ("周", -1), ("quarter", 3), ("季", 3), ("month", 1), ("月", 1)):
        if word in text:
            return count * months
    return count * 12


def _day_only(day: float, around: dt.date | None) -> dt.date | None:
    if around is None:
        return None
    for back in range(62):
        candidate = around + dt.timedelta(3 - back)
        if candidate.day == day:
            return candidate
    return None


def _longer(text: str, around: dt.date | None) -> list[When]:
    """Months, quarters and years."""
    found = []
    for match in _MONTH_ONLY.finditer(text):
        if match["en"] == "may" and not match["ey"] and not re.match(r"(?:in|of|since|by) ", match[0]):
            continue
        year, month = match["zy"] or match["ey"], float(match["zm"]) if match["zm"] else _month(match["en"])
        day = _made(int(year), month, 1) if year else nearest(around, month, 1) if around else None
        found.append(When(*_trimmed(match), "month", day, bool(year)))
    for match in _QUARTER.finditer(text):
        words = "first second third fourth".split()
        place = (
            int(match["en"] or 0)
            or "一二三四".find(match["zh"] or "x") + 1
            or words.index(match["words"] or "first") + 1
        )
        year = match["ey"] or (match["zy"] or "")[:4]
        first = 3 * place - 2
        day = _made(int(year), first, 1) if year else nearest(around, first, 1) if around else None
        found.append(When(*match.span(), "quarter", day, bool(year)))
    years = ((match, int(match["zh"] or match["en"])) for match in _YEAR.finditer(text))
    return found + [When(*match.span(), "year", dt.date(year, 1, 1)) for match, year in years]


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    return (match.start("en"), match.end() - match[0].endswith(".")) if match["en"] else match.span()


@dataclass(frozen=True, slots=True)
class Span:
    """A mention of a window.

    Attributes:
        start: Its first place.
        end: The place behind it.
        window: As the functions take it; blank for a window since a day.
        last: Whether it is the week or month before that of the report.
        plural: Whether a count stands in it, so that the number is a parameter.
    """

    start: int
    end: int
    window: str
    last: bool = False
    counted: bool = False


_N = rf"(?:\d{{1,3}}|{CARDINAL}|{CHINESE})"
_COUNTED = re.compile(
    rf"(?:近|过去|最近|前|\b(?:the |a )?(?:past|last|previous|over|in|trailing|for) (?:the )?(?:past "
    rf"|last )?)?(?P<n>{_N})"
    rf"(?P<dash>[- ])?(?P<u>个?交易日|日|天|个月|周|年|trading days?\b|sessions?\b|days?\b|weeks?\b|months?\b|years?\b)"
)
_UNITS = {
    "日": "D",
    "天": "D",
    "交": "D",
    "月": "M",
    "周": "W",
    "年": "Y",
    "t": "D",
    "s": "D",
    "d": "D",
    "w": "W",
    "m": "M",
    "y": "Y",
}
SAME = "SAME"
"""The window of the figure before: over the same stretch, 同期."""
_FIXED: tuple[tuple[str, str, bool], ...] = (
    (
        "1W",
        r"\b(?:best|worst|biggest|largest|steepest|strongest|weakest) (?:weekly (?:\w+ )?\w+|week\b(?!end))",
        False,
    ),
    ("MTD", r"\b(?:best|worst|biggest|largest|steepest|strongest|weakest) (?:monthly (?:\w+ )?\w+|month\b)", False),
    ("QTD", r"\b(?:best|worst|biggest|largest|strongest|weakest) (?:quarterly (?:\w+ )?\w+|quarter\b)", False),
    (
        "H1",
        r"上半年|\bfirst half(?! of (?:the )?(?:day|session|week|month|game))\b|\b(?:1h|h1)\b|\bhalf-year mark\b"
        r"|\bhalf-?way (?:mark|point|stage)\b(?: of the year)?"
        r"|\bat (?:the )?mid-?year\b",
        False,
    ),
    ("H2", r"下半年|\bsecond half(?! of (?:the )?(?:day|session|week|month|game))\b|\b(?:2h|h2)\b", False),
    (
        SAME,
        r"同一?期间?(?!限)|\b(?:over|in|during|for) (?:the|that) same (?:period|stretch|span|time|window|spell)\b"
        r"|\b(?:over|in|during) that (?:period|stretch|span|time|spell)\b",
        False,
    ),
    (
        "1D",
        r"单日|当日|当天|一日|日内|日涨跌幅?|\bon the day\b|\b(?:in|for) the (?:day|session)\b|\bdaily\b"
        r"|\bintraday\b|\bthat day\b",
        False,
    ),
    ("1W", r"上周(?![一二三四五六日天])|上星期|\blast week\b|\bthe previous week\b", True),
    (
        "1W",
        r"周度|周线|周(?=[涨跌升累降]\D|[涨跌升降]\d)|本周(?![一二三四五六日天](?!者))|当周|全周|单周|近?一周(?!年)|近1周"
        r"|周涨跌幅?|以周计|同周|(?:算起"
        r"|开始)的一周|\b(?:for|on|over|during|in) (?:the"
        r"|a|that|this) (?:same |past |whole )?week\b|\bthis week\b|\bweekly\b|\bthe week\b|\bsame week\b"
        r"|\bweek to\b|\bw/w\b|\bwow\b|\bw-o-w\b|\bweek[- ](?:on|over)[- ]week\b|\bwtd\b|\bweek[- ]to[- ]date\b"
        r"|(?<!一)周内(?!曾|一度|最|新)"
        r"|\b(?:laggard|leader|winner|loser|performer|star)s? of the week\b|\bweek ended\b|\bweek ending\b",
        False,
    ),
    ("MTD", r"上个?月(?!\d)|\blast month\b", True),
    (
        "MTD",
        r"本月|当月|月内|月度(?!数据|报告)|单月(?!最)|整个?月|全月|月线|月初至今|月涨跌幅?|\bmonth[- ]to[- ]date\b"
        r"|\bmtd\b"
        r"|\bthis month\b|\bfor the month\b"
        r"|\bthe month's\b"
        r"|\bon the month\b|\b(?:laggard|leader|winner|loser|performer|star|stock|sector)s? of the month\b"
        r"|\bm/m\b|\bmonth[- ](?:on|over)[- ]month\b",
        False,
    ),
    (
        "1M",
        r"近一个?月|近1个?月|过去一个?月|最近一个?月|一个月(?!期|隐含)|\b(?:in|over) (?:a|one|the past|the"
        r" last) month\b|\bpast"
        r" month\b|\bone[- ]month\b",
        False,
    ),
    (
        "QTD",
        r"本季度?|当季|季初至今|单季|(?<![一二三四])季度?(?=累?计?[涨跌]|回报|表现|收益)|\bq/q\b"
        r"|\bquarterly (?:gain|loss|advance|return|rise|decline|drop)s?\b|\bquarter[- ]to[- ]date\b|\bqtd\b"
        r"|\bthis quarter\b|\b(?:for|in) the quarter\b",
        False,
    ),
    ("3M", r"近三个月|近一季度?|\b(?:over|in) (?:the past )?quarter\b", False),
    ("6M", r"近?半年|\bhalf a year\b", False),
    (
        "YTD",
        r"(?:今年|20\d\d年)的?[前头](?:\d{1,2}|[一二三四五六七八九十]{1,2})个?月"
        r"|\b(?:in|over|through|for) the first \w+ months\b"
        r"(?: of the year)?|\bannual (?:gain|loss|return|advance|decline|rise|drop)s?\b"
        r"|\b(?:laggard|leader|winner|loser|performer|star)s? of the year\b"
        r"|\bfirst (?:\w+ )?(?:days|sessions|weeks|months|quarters) of (?:the year|20\d\d)\b|年初[至迄]今"
        r"|今年[至迄]今|今年以来|今年|年内|年初以来|本年|全年|开年以来|\byear[- ]to[- ]date\b"
        r"|\bytd\b|\b(?:so far"
        r" )?this year\b|\b(?:for|on"
        r"|since the (?:start|beginning|turn) of) the year\b|\bso far in 20\d\d\b|\bfull[- ]year\b|\bsince the"
        r" end of (?:december|last year)\b|\bat the end of december\b|\bfrom the end of last year\b"
        r"|\bsince (?:the )?year[- ]end\b|\bsince (?:the start of )?january 1\b|[较比自从](?:去年|上年)年?[末底]"
        r"|(?:去年|上年)年?[末底]以来|\bsince new year\b",
        False,
    ),
    (
        "1Y",
        r"近一年|过去一年|一年来|同比|\b(?:over|in) (?:a|one|the past|the last) year\b|\bpast year\b|\b12 months\b"
        r"|\bone-year\b|一年(?=新|高|区)",
        False,
    ),
)
_WINDOWS = tuple((window, re.compile(pattern, re.ASCII), last) for window, pattern, last in _FIXED)


_OF_GAINS = re.compile(
    r"\s(?:straight )?of (?:\w+ )?(?:gains|losses|declines|advances|outperformance|rises|inflows|outflows)\b", re.ASCII
)


def windows(text: str) -> list[Span]:
    """Every mention of a window in plain *text*, in order, none within another."""
    found = [
        Span(*match.span(), window, last) for window, pattern, last in _WINDOWS for match in pattern.finditer(text)
    ]
    for match in _COUNTED.finditer(text):
        count, unit = number(match["n"]), match["u"].removeprefix("个")
        if _OF_GAINS.match(text, match.end()) or text[: match.start()].endswith("first "):
            continue
        if count and match["n"] not in ("a", "an"):
            found.append(Span(*match.span(), f"{int(count)}{_UNITS[unit[0]]}", False, True))
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Span] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
