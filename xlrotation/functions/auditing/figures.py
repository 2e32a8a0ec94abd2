"""The numbers of a text: which are measurements, in what unit and with which sign, and why the others are none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from xlrotation.functions.auditing import notmeasured
from xlrotation.functions.auditing.numerals import CARDINAL, CHINESE, COUNT, ORDINAL, number

MOST = 1500
"""Figures that are read of one text."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the text.

    Attributes:
        start: Its first place, unit and currency included.
        end: The place behind it.
        kind: ``measurement``, or what it is in its place.
        value: In the printed unit, with its sign where one is printed; money written out.
        high: The upper end of a range.
        unit: ``%``, ``pp``, ``bp``, ``points``, ``USD``, ``days``, ``count``, ``ratio``, ``date``, ``shares`` or blank.
        relation: ``=``, ``~``, ``>``, ``<`` or ``range``.
        step: One unit of the last printed digit.
        signed: Whether a sign is printed.
        reason: Why it is no measurement.
        pattern: The grammar that found it where a plain number would not have been one.
    """

    start: int
    end: int
    kind: str
    value: float = float("nan")
    high: float = float("nan")
    unit: str = ""
    relation: str = "="
    step: float = 1.0
    signed: bool = False
    reason: str = ""
    pattern: str = ""


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,6})?"
_UNIT = (
    r"(?P<{0}pp>percentage[- ]points?|个?百分点|pct\.? pts?|pp\b|ppts?\b)|(?P<{0}bp>basis[- ]points?|bps?\b|个?基点)"
    r"|(?P<{0}pc>%(?!-[a-z])|(?:st|nd|rd|th) percentile|个?百分位|分位(?!数)|per ?cent\b|percent\b|pct\b)"
    r"|(?P<{0}sc>trillion|billion|million|thousand|bn\b|tn\b"
    r"|mn\b|万亿|千亿|百亿|亿|万|兆)?\s?(?P<{0}cu>美元|美金|dollars?\b|usd\b)?"
    r"(?P<{0}sh> ?shares|股)?(?P<{0}pt>(?:-)?points?\b|点(?!位|\d)|倍|x\b)?"
)
_PRINTED = re.compile(
    rf"(?P<cur>(?:us)?\$\s?)?(?P<sign>(?<![\d%点)])[+\-±]\s?(?:\$)?)?(?P<a>{_NUMBER})(?![\d])(?:\s?(?:{_UNIT.format('u')}))?"
    rf"(?:(?P<dash>(?:-|~|至|到)| - | ~ | 至 | to | and (?=[\d.]+ ?%)))?"
)
_SCALES = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3, "bn": 1e9, "tn": 1e12, "mn": 1e6}
_SCALES |= {"万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "亿": 1e8, "万": 1e4, "兆": 1e12}

_ABOUT = re.compile(
    r"(?:\babout|\bsome|\baround|\broughly|\bnearly|\balmost|\bclose to|\bnear|\bapproximately|\bcirca"
    r"|\bhardly|\bjust (?:over|under)|\baround|约为?|大约|近(?!期)|将近|接近|左右)\s*(?:\$)?$",
    re.ASCII,
)
_MORE = re.compile(
    r"(?:\bmore than|\bover|\babove|\bat least|\bexceed(?:s|ed|ing)?|\btopped|\bupwards of|\bno less than"
    r"|超过?|逾|高于|(?:突|升)破|多于|不少于|站[上稳]|收复|重返|重回)\s*(?:\$)?$",
    re.ASCII,
)
_LESS = re.compile(
    r"(?:\bless than|\bunder|\bbelow|\bfewer than|\bat most|\bno more than|不到|不足|低于|跌破|失守|少于)\s*(?:\$)?$",
    re.ASCII,
)
_AFTER_ABOUT = re.compile(r"\s?(?:左右|上下|or so\b)", re.ASCII)
_AFTER_MORE = re.compile(r"\s?(?:之上|以上|多(?!头|空|数))", re.ASCII)
_AFTER_LESS = re.compile(r"\s?(?:之下|以下)(?!滑)", re.ASCII)


def find(text: str) -> list[Figure]:
    """Every number in plain *text*, in order."""
    aside = notmeasured.find(text)
    taken = bytearray(len(text))
    found: list[Figure] = []
    names = [one for one in aside if one[3] == notmeasured.PART_OF_NAME]
    first, later = ([Figure(*one[:3], reason=one[3]) for one in part] for part in (names, aside))
    for figure in (*first, *worded(text), *later):
        if not any(taken[figure.start : figure.end]):
            taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
            found.append(figure)
    found += _printed(text, taken)
    found.sort(key=lambda one: one.start)
    return _alike(text, found[:MOST])


_IN_LIST = re.compile(r"\s*(?:,|、|和|及|与|以及|and|or|, and|, or)\s*(?:\$)?", re.ASCII)


def _alike(text: str, found: list[Figure]) -> list[Figure]:
    """Figures of a list that a word before the first holds for: "more than 15 % and 22 %"."""
    for place in range(1, len(found)):
        before, one = found[place - 1], found[place]
        if (
            one.relation == "="
            and before.relation in ("~", "<", ">")
            and before.kind == one.kind == "measurement"
            and before.unit == one.unit
            and not (before.pattern or one.pattern)
            and _IN_LIST.fullmatch(text, before.end, one.start)
        ):
            found[place] = replace(one, relation=before.relation)
    return found


def _printed(text: str, taken: bytearray) -> list[Figure]:
    found: list[Figure] = []
    place = 0
    while len(found) < MOST and (match := _PRINTED.search(text, place)):
        start, end = match.start(), match.end()
        if match["dash"]:
            end = match.start("dash")
        if any(taken[match.start("a") : match.end("a")]):
            place = match.end("a")
            continue
        figure = _figure(text, match, start, end)
        if not figure.unit and figure.step >= 1e8 and found and found[-1].unit == "USD" and start - found[-1].end < 120:
            figure = replace(figure, unit="USD")  # of a list: the first says the currency
        place = end
        if match["dash"] and (other := _second(text, match, figure, taken)):
            figure = other
            place = other.end
        found.append(figure)
    return found


def _figure(text: str, match: re.Match[str], start: int, end: int) -> Figure:
    digits = match["a"]
    unit, scale = _unit(match)
    decimals = len(digits.partition(".")[2])
    sign = (match["sign"] or "").strip().strip("$").strip()
    end = start + len(text[start:end].rstrip())
    value = float(digits.replace(",", "")) * scale * (-1 if sign == "-" else 1)
    relation = _relation(text, start, end)
    return Figure(
        start, end, "measurement", value, unit=unit, relation=relation, step=scale * 10**-decimals, signed=bool(sign)
    )


def _unit(match: re.Match[str]) -> tuple[str, float]:
    scale = _SCALES.get(match["usc"] or "", 1.0)
    if match["upc"]:
        return "%", 1.0
    if match["upp"] or match["ubp"]:
        return ("pp", 1.0) if match["upp"] else ("bp", 1.0)
    if match["cur"] or match["ucu"] or "$" in (match["sign"] or ""):
        return "USD", scale
    if match["ush"]:
        return "shares", scale
    if match["upt"]:
        return ("ratio" if match["upt"] in ("倍", "x") else "points"), scale
    return ("", scale)


def _second(text: str, match: re.Match[str], first: Figure, taken: bytearray) -> Figure | None:
    """A range where a second number stands behind the dash, of about the same size."""
    second = _PRINTED.match(text, match.end("dash"))
    if second is None or any(taken[second.start("a") : second.end("a")]) or second["sign"] == "+":
        return None
    if match["dash"].strip() == "and" and "between" not in text[max(0, first.start - 12) : first.start]:
        return None
    end = second.start("dash") if second["dash"] else second.end()
    other = _figure(text, second, second.start(), end)
    low, high, unit = first.value, abs(other.value), other.unit or first.unit
    if first.unit == "" and other.unit == "USD":
        low *= _SCALES.get(second["usc"] or "", 1.0)
    if (first.unit and other.unit and first.unit != other.unit) or (first.unit and not other.unit):
        return None
    before = text[max(0, first.start - 6) : first.start]
    if match["dash"].strip() in ("to", "到", "至") and re.search(r"(?:from|从|由)\s*$", before):
        return None
    if first.signed and first.value < 0:
        low, high = -abs(high), first.value
    if not abs(low) <= abs(high) * 1.0001 and low >= 0:
        return None
    if low > 0 and high / low > 4:
        return None
    return replace(
        first, end=end, value=min(low, high), high=max(low, high), unit=unit, relation="range", step=other.step
    )


def _relation(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 18) : start]
    if _MORE.search(before) or _AFTER_MORE.match(text, end):
        return ">"
    if _LESS.search(before) or _AFTER_LESS.match(text, end):
        return "<"
    return "~" if _ABOUT.search(before) or _AFTER_ABOUT.match(text, end) else "="


_STREAK = re.compile(
    rf"(?P<n1>{ORDINAL}|\d{{1,3}}|{CARDINAL})[- ](?:straight|consecutive|successive)(?:[- ](?P<w1>session"
    rf"|day|win|gain|loss|week|month|decline|advance|rise|drop|trading|quarter|year)\w*)?"
    rf"|(?P<n2>{ORDINAL}|\d{{1,3}}|{CARDINAL})[- ](?:session|day|week|month|win|gain|trading day)s?[-"
    rf" ](?:in a row|running|(?:win|los)\w* (?:streak|run)|streak|run\b)"
    rf"|for an? (?P<n3>{ORDINAL}) (?:session|day|week|trading day)"
    rf"|连续第?(?P<n4>\d{{1,3}}|{CHINESE})个?(?P<w4>交易日|日|天|周|月|年)|连(?P<n6>\d{{1,3}}"
    rf"|{CHINESE})(?:个交易)?[日天周](?=走|上|收|[涨跌,高]|$)|连(?P<n8>\d{{1,3}}"
    rf"|{CHINESE})[涨跌升降黑红](?!停)|连[涨跌胜阳阴升](?P<n7>\d{{1,3}}"
    rf"|{CHINESE})个?(?:交易)?(?P<w7>[日天周月年])|(?P<n5>\d{{1,3}}"
    rf"|{CHINESE})(?:个交易)?日?连[涨跌胜阳阴升]"
)
_COUNTS = re.compile(
    rf"(?P<both>(?<![a-z\d])(?P<c1>\d{{1,4}}|{CARDINAL}) of (?:the |this year's |its )?(?:last |past )?(?P<of>\d{{1,4}}"
    rf"|{CARDINAL})\b)"
    rf"|(?P<all>\ball (?P<c2>seven|eleven|\d{{1,2}}))\b"
    rf"|(?:有|仅|只有)?(?<![一二三四五六七八九十])(?P<c3>\d{{1,4}}|{CHINESE})[个只家](?:行业|板块|股票"
    rf"|成分股)?(?=收高|上涨|收涨|下跌|收跌|走高"
    rf"|走低|收低|创|[,,]|股|$|。)"
    rf"|(?:新高者|新低者|上涨者)(?P<c4>\d{{1,4}})只|(?<![a-z\d.,])(?P<c5>\d{{1,4}}|{CARDINAL}) (?:in all"
    rf"|(?:members |stocks |names"
    rf" )?(?:set|rose|advanced|fell|declined|made|hit))\b"
    rf"|(?<![a-z\d.,$])(?P<c7>\d{{1,2}}|{CARDINAL})(?= (?:of them |sectors |groups |members )?(?:(?:all )?finish"
    rf"|end|clos|trad|were|are"
    r")\w* (?:\w+ )?(?:higher|lower|up|down|in the (?:red|green)|negative|positive))"
    rf"|(?P<c8>\d{{1,3}})[只个家]?[涨升](?=\d{{1,3}}[只个家]?[跌降])|(?<=[涨升])(?P<c9>\d{{1,3}})[只个家]?[跌降](?!\d)"
    rf"|(?<=有)(?P<c10>\d{{1,3}}|{CHINESE})个?(?:交易)?[日天](?=[^,。;\d]{{0,4}}(?:跑赢|领先|跑输))"
    rf"|第(?P<c11>\d{{1,3}}|{CHINESE})次(?=[^,。;]{{0,8}}新高)"
    rf"|(?P<c6>{ORDINAL}) (?:record|all-time high)\b"
)
_FRACTIONS = re.compile(
    rf"(?P<th>(?:(?P<a>one|two|three|four|a)[- ])(?P<b>third|quarter|fifth|half)s?\b)(?! (?:house|bank|of"
    rf" the (?:year|story)|ago|later|point|cut|time|day|session|week|month|firm|party|year|rate|record"
    rf"|(?:\w+[- ])?(?:loss|gain|decline|rise|win|drop|advance"
    rf"|fall)\b|consecutive|straight|successive|daily|weekly|monthly|quarterly|annual|term|phase|term))"
    rf"|(?P<in>\b(?P<c>{CARDINAL}|\d{{1,2}}) (?:in|out of(?: every)?) (?P<d>ten|five|four|three|twenty|two"
    rf"|10)\b)"
    rf"|(?P<half>\bhalf(?= of (?:the )?(?:list|s&p|members|stocks|companies|its|all|constituents)| the"
    rf" (?:list|index|members))|一半|半数)|(?P<cheng>(?P<e>[一二三四五六七八九])成(?P<f>[一二三四五六七八九半])?)"
    rf"|(?P<fen>(?P<g>{CHINESE})分之(?P<h>{CHINESE}))"
)
_ABOVE_HALF = re.compile(r"(?:\bjust over|\bmore than|\bover|逾|超过?)\s*$", re.ASCII)
_RATIO = re.compile(
    rf"(?P<a>{COUNT}) ?(?:比|to|[::]) ?(?P<b>1|one|一)(?![\d::])(?! \d)|(?P<t>\d+(?:\.\d+)?|{CARDINAL}) times\b",
    re.ASCII,
)
_MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_LONG = rf"(?:\d{{1,3}}|{CARDINAL}|{CHINESE})"
_SINCE = re.compile(
    r"(?:since |自)?(?P<d>(?:(?:19|20)\d\d年)?(?:\d{1,2}月(?:\d{1,2}[日号])?"
    r"|第?[一二三四]季度)?)以来?(?=(?:的|[^,。;、\d]{0,16}的)?最[高低大长多小强好差弱])(?:最[高低大长多小强好差弱])?"
    rf"|(?P<n>{_LONG})(?P<u>年|个月|个?季度|周)(?:以?来|内)(?:的)?(?:[^,。;、\d]{{0,6}}的)?最[高低大长多小强好差弱]"
    rf"|(?P<en>\bin (?:more than |over |nearly |almost |at least |about )?(?P<m>an?|{_LONG})"
    r"[ -](?P<v>year|month|week|quarter|decade)s?\b(?! high| low))"
    rf"|(?P<e>\bsince (?:(?:early |late |mid-?|last )?{_MONTH_NAME}(?!\.? \d)"
    rf"|[a-z]+\.? \d{{1,2}}(?!\d)(?:, (?:19|20)\d\d)?|"
    r"\d{1,2} [a-z]+(?: (?:19|20)\d\d)?|[a-z]+\.?"
    r" (?:19|20)\d\d|(?:19|20)\d\d))"
)
RECORD_BEFORE = re.compile(
    r"(?:highest|lowest|largest|biggest|longest|best|worst|strongest|weakest|most|steepest)\b[^.;,]{0,45}$", re.ASCII
)


_PERIODS = {"年": "years", "月": "months", "周": "weeks", "week": "weeks", "mont": "months", "year": "years"}


def worded(text: str) -> list[Figure]:
    """Runs, counts, fractions, ratios and records since a day: what grammar makes a figure of."""
    found = []
    for match in _STREAK.finditer(text):
        count = number(next(value for key, value in match.groupdict().items() if key.startswith("n") and value))
        if count:
            unit = _PERIODS.get((match["w4"] or match["w7"] or match["w1"] or "")[:4], "days")
            found.append(Figure(*match.span(), "measurement", count, unit=unit, pattern="streak"))
    for match in _SINCE.finditer(text):
        told = match["e"] or match["en"]
        if match["n"] or (match["en"] and RECORD_BEFORE.search(text, max(0, match.start() - 70), match.start())):
            found.append(_long(text, match))
        elif match["d"] or (told and RECORD_BEFORE.search(text, max(0, match.start() - 70), match.start())):
            unit = _since_unit(match[0])
            found.append(Figure(*match.span(), "measurement", unit=unit, pattern="since"))
    found += _counted(text) + _fractions(text)
    for match in _RATIO.finditer(text):
        count = number(match["a"] or match["t"])
        if count:
            found.append(
                Figure(
                    *match.span(),
                    "measurement",
                    count,
                    unit="ratio",
                    relation=_relation(text, *match.span()),
                    pattern="ratio",
                )
            )
    return sorted(found, key=lambda one: (one.start, -one.end))


def _since_unit(text: str) -> str:
    """Whether a record is printed since a day, a month, a quarter or a year."""
    if re.search(r"[日号]|[a-z]\.? \d{1,2}(?!\d)|\d{1,2} [a-z]", text):
        return "date"
    if "季" in text:
        return "quarter"
    return "month" if "月" in text or re.search(r"since [a-z]", text) else "year"


_SPANS = {"年": 12, "个月": 1, "个季度": 3, "季度": 3, "周": 0.25}
_SPANS |= {"year": 12, "month": 1, "week": 0.25, "quarter": 3, "decade": 120}


def _long(text: str, match: re.Match[str]) -> Figure:
    """How long there was nothing like it: 35 years, in more than nine months; in months."""
    months = (number(match["n"] or match["m"]) or 1) * _SPANS[match["u"] or match["v"]]
    over = re.search(r"more than|over|at least", match[0]) or _MORE.search(
        text, max(0, match.start() - 8), match.start()
    )
    relation = ">" if over else "="
    return Figure(*match.span(), "measurement", months, unit="months back", relation=relation, pattern="since")


def _counted(text: str) -> list[Figure]:
    found = []
    for match in _COUNTS.finditer(text):
        words = next(value for key, value in match.groupdict().items() if key[0] == "c" and key[1:].isdigit() and value)
        count = number(words)
        if count is not None:
            pattern = (
                "of"
                if match["both"]
                else "all"
                if match["all"]
                else "records"
                if match["c6"] or match["c11"]
                else "count"
            )
            span = match.span("c1") if match["both"] else match.span()
            found.append(Figure(*span, "measurement", count, unit="count", pattern=pattern))
    return found


_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "half": 2}


def _fractions(text: str) -> list[Figure]:
    found = []
    for match in _FRACTIONS.finditer(text):
        if match["th"]:
            share = (number(match["a"]) or 1) / _PARTS[match["b"]]
        elif match["in"]:
            share = (number(match["c"]) or 0) / (number(match["d"]) or 1)
        elif match["half"]:
            share = 0.5
        elif match["cheng"]:
            share = (number(match["e"]) or 0) / 10 + (
                0.05 if match["f"] == "半" else (number(match["f"] or "零") or 0) / 100
            )
        else:
            share = (number(match["h"]) or 0) / (number(match["g"]) or 1)
        relation = _relation(text, *match.span())
        step = 1.0 if match["cheng"] and match["f"] else 10.0
        if 0 < share <= 1:
            relation = "~" if relation == "=" else relation
            found.append(
                Figure(
                    *match.span(),
                    "measurement",
                    100 * share,
                    unit="%",
                    relation=relation,
                    step=step,
                    pattern="fraction",
                )
            )
    return found
