"""What a figure measures, from its unit and the words around it."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import clock, counted, words
from xlrotation.functions.auditing.around import Around, Meant
from xlrotation.functions.auditing.held import beside_percent, owner
from xlrotation.functions.auditing.members import average_near, members
from xlrotation.functions.auditing.names import ELSEWHERE, FUNDS, VOLATILITY
from xlrotation.functions.auditing.reading import is_priced
from xlrotation.functions.auditing.spreads import spread


def meant(one: Around) -> Meant:
    """What the figure measures."""
    figure = one.figure
    if figure.pattern in counted.PATTERNS:
        return counted.PATTERNS[figure.pattern](one)
    if figure.unit == "%":
        return _percent(one)
    if figure.unit in ("pp", "bp"):
        return _difference(one)
    if figure.unit == "USD":
        return _money(one)
    if figure.unit in ("points", ""):
        return _points(one)
    return Meant("other")


def _percent(one: Around) -> Meant:
    for rule in (members, _special, _against_average, _distances):
        if found := rule(one):
            return found
    if one.subject in ELSEWHERE and not is_priced(one.subject):
        return Meant("rate" if one.subject.startswith("DGS") or one.subject in ("UNRATE", "DFEDTARU") else "other")
    if one.subject in VOLATILITY and not one.figure.signed and words.LEVEL.search(one.near) and not _moved(one):
        return Meant("volatility level")
    if _OWN.search(one.near) and _NOUN.match(one.after) and is_priced(one.subject):
        return Meant("return")
    if held := owner(one):
        return Meant("return", held)
    if found := _difference_of_returns(one):
        return found
    if one.subject == "MAG7" and (_moved(one) or one.figure.signed or _moved_after(one)):
        return Meant("mean return", "MAG7")
    if not is_priced(one.subject):
        return Meant("other")
    if _FROM_HIGH.match(one.after) and not one.figure.signed:
        return Meant("drawdown", window="1Y")
    if found := clock.not_at_close(one):
        return found
    anchor = "OPEN" if words.FROM_OPEN.search(one.since_last + "#" + one.after) else ""
    return Meant("return", anchor=anchor)


def _difference_of_returns(one: Around) -> Meant | None:
    """A gap between two, between the best and the worst of a group, or by how much one leads."""
    gap = _GAP.search(one.around) is not None
    if gap and not one.figure.signed and words.SECTOR_GAP.search(one.stated.whole) and (found := spread(one)):
        return found
    if gap and one.subject == "MAG7":
        return Meant("range", "MAG7")
    if words.LEAD.search(one.around) and not _moved_last(one) and not _VALUE.search(one.near) and _beaten(one):
        return spread(one)
    return None


_VALUE = re.compile(r"\b(?:with|at)\s+(?:an? |about |some |over )?$", re.ASCII)
"""What stands before the value of the one that leads or trails: "led with 14 %, ahead of materials at 9 %"."""
_OWN = re.compile(r"(?:[a-z0-9]'s?|[a-z]'|的)\s*(?:about |近|约|超|逾)?$", re.ASCII)
_NOUN = re.compile(
    r"\s?(?:\w+ )?(?:advance|gain|rise|jump|rally|climb|surge|decline|drop|fall|loss|slide|slump|plunge"
    r"|return|increase)s?\b"
    r"|的?(?:累计|单日)?[涨跌升降]幅",
    re.ASCII,
)
_GAP = re.compile(
    r"差距|相差|之差|悬殊|强弱差|收益差|\bgap\b|\bspread\b|\bdifference\b|\bapart\b|\bdispersion\b", re.ASCII
)


def _beaten(one: Around) -> bool:
    """Whether the clause names what the subject is compared with, or by how much it leads."""
    text = one.stated.text
    first = one.figure.start - len(one.near)
    return (
        any(
            first <= mention.start and words.BEATEN.search(text[max(first, mention.start - 22) : mention.start])
            for mention in one.stated.subjects
        )
        or re.search(r"\bby (?:about |some |over )?$", one.near) is not None
    )


_FROM_HIGH = re.compile(
    r"\s?(?:左右|上下|以上)?的?(?:深度|技术性|阶段性|大幅)?(?:回调|回撤|调整)(?!后|的?原因)"
    r"|\s?(?:pullback|correction|drawdown)\b(?! (?:since|in|over|on|for))",
    re.ASCII,
)


def _moved_after(one: Around) -> bool:
    return bool(words.UP.search(one.after[:12]) or words.DOWN.search(one.after[:12]))


def _moved(one: Around) -> bool:
    return bool(words.UP.search(one.near) or words.DOWN.search(one.near))


_TAIL = re.compile(
    r"\s*(?:(?:of|by|about|nearly|some|almost|over|only|just|around|roughly|another|as much as|more than"
    r"|less than)\s*)*"
    r"|幅?(?:为|达|了|约|逾|超|近|仅|至多|不到|过)*",
    re.ASCII,
)


def _moved_last(one: Around) -> bool:
    """Whether a verb of movement stands directly before the figure."""
    ends = [match.end() for pattern in (words.UP, words.DOWN) for match in pattern.finditer(one.near)]
    return one.figure.signed or (bool(ends) and _TAIL.fullmatch(one.near[max(ends) :]) is not None)


def _special(one: Around) -> Meant | None:
    """Percentiles, ranks, volatilities and what is implied."""
    if words.PERCENTILE.search(one.around + one.stated.text[one.figure.start : one.figure.end]):
        return Meant("percentile")
    if words.RANK.search(one.around):
        return Meant("rank")
    if _OF_DAYS.match(one.after):
        lower = re.search(r"\b(?:lower|below|less)\b", one.near) or re.search(r"低于|不及|更低", one.after[:24])
        return Meant("percentile" if lower else "other")
    if words.REALISED.search(one.before) and one.figure.unit == "%":
        return Meant("realised" if is_priced(one.subject) else "other")
    if words.IMPLIED.search(one.around):
        return Meant("other")
    return None


_OF_DAYS = re.compile(
    r"\s*(?:of (?:the )?(?:trading )?(?:days|sessions|closes|readings|time)\b|的(?:交易日|时间|收盘|日子))", re.ASCII
)
_FAR = re.compile(
    r"高出|高于|低于|高(?=\d|约|逾|出)|低(?=\d|约|逾)|[高低]$|\babove\b|\bbelow\b|\bbeneath\b|\bover\b|\bunder\b"
    r"|\b(?:north|south|shy) of\b"
    r"|之[上下]|[上下]方",
    re.ASCII,
)


_LEVEL_OF_IT = re.compile(
    r"(?:高于|低于|站上|跌破|高出|\babove\b|\bbelow\b|\bunder\b)[^,;。()]{0,30}(?:均线"
    r"|average)\s*\([^()]{1,16}\)\s*(?:约|近|by |about )*$",
    re.ASCII,
)


_UNDER_IT = re.compile(r"\s*(?:above|over|below|beneath|under) (?:it|that|the (?:line|average|mark))\b", re.ASCII)


def _against_average(one: Around) -> Meant | None:
    if one.subject in ("SP500", "NYSE"):
        return None
    after = words.AVERAGE.search(one.stated.after(one.figure, 90))
    if after and after.start() < 30 and _FAR.match(one.after.strip()):
        return Meant("against average", n=float(after["n"] or after["z"] or after["m"] or after["e"] or 200))
    n = average_near(one)
    if n and _UNDER_IT.match(one.after):
        return Meant("against average", n=n)
    if n and _LEVEL_OF_IT.search(one.before):
        return Meant("against average", n=n)
    if n and _FAR.search(one.near[-24:]) and words.AVERAGE.search(one.before[-60:]):
        return Meant("against average", n=n)
    return None


_SHORT = re.compile(r"^\s*(?:short|away|from)\b", re.ASCII)


_FALLEN = re.compile(r"[从自由较距离][^,。;]{0,20}高[点位](?:算起|以来|起|计)?,?[^,。;]{0,16}$")


_NEW_CLAUSE = re.compile(r"\band\b|\bbut\b|\bwhile\b|[,;]|而|但", re.ASCII)


def _off_high(one: Around) -> bool:
    """Whether the figure itself is a distance from a high, and not another of the clause."""
    behind = words.DRAWDOWN.search(one.after)
    if behind and not _NEW_CLAUSE.search(one.after[: behind.start()]):
        return True
    before = list(words.DRAWDOWN.finditer(one.near))
    if not before:
        return False
    first = one.figure.start - len(one.near) + before[-1].end()
    return not any(first <= mention.start < one.figure.start for mention in one.stated.subjects)


def _distances(one: Around) -> Meant | None:
    if _FALLEN.search(one.before) and not words.UP.search(one.near):
        return Meant("drawdown", window="YTD" if "年内" in one.before or "今年" in one.before else "1Y")
    if _off_high(one) and not words.FROM_OPEN.search(one.around):
        return Meant("drawdown", window="1Y")
    if _SHORT.match(one.after) and (
        level := re.search(
            r"(\d{1,3}(?:,\d{3})+)\?", one.stated.text[max(0, one.stated.sentence.start - 60) : one.figure.start]
        )
    ):
        return Meant("distance", n=float(level[1].replace(",", "")))
    return None


def _difference(one: Around) -> Meant:
    """Percentage points and basis points."""
    if one.subject in ELSEWHERE and not is_priced(one.subject):
        return Meant("other")
    if one.figure.unit == "bp" and _moved_last(one) and is_priced(one.subject):
        return Meant("return")
    return spread(one) or Meant("other")


def _money(one: Around) -> Meant:
    value = abs(one.figure.value)
    if value >= 1e6:
        if re.search(r"market (?:value|cap)|市值", one.before[-60:] + one.after) and re.search(
            r"蒸发|缩水|lost|wiped|shed|减少|erased", one.around
        ):
            members = list(
                dict.fromkeys(
                    mention.symbol
                    for mention in one.stated.subjects
                    if one.figure.start - len(_since_figure(one)) <= mention.start < one.figure.start
                    and is_priced(mention.symbol)
                )
            )
            members = members or [subject_or(one)]
            if any(member in FUNDS for member in members):
                return Meant("other")
            alone = re.search(
                r"\balone\b|单日|[一当]日|[一当]天|\bin (?:a|one) (?:single )?(?:day|session)\b", one.stated.whole
            )
            return Meant("value change", "+".join(members), window="1D" if alone else "")
        if is_priced(one.subject) and re.search(r"market (?:value|cap\w*)[^,;]{0,40}$|市值[^,;。]{0,16}$", one.before):
            return Meant("market value")
        if one.subject in FUNDS and not _by_ticker(one):
            return Meant("other")
        if one.subject in FUNDS and not re.search(r"规模|资产|成交|市值|assets|volume|\baum\b|traded", one.around):
            return Meant("flow")
        return Meant(
            "flow" if re.search(r"flow|流[入出]|leave|inflow|outflow|assets|净增", one.around + one.before) else "other"
        )
    return _points(one)


_WITHIN = re.compile(
    r"\s?点?(?: points)?\s?(?:intraday|during the session|in (?:early|late|morning|afternoon) trading|的?盘中)",
    re.ASCII,
)


def _fell(near: str) -> bool:
    ups, downs = ([match.end() for match in pattern.finditer(near)] for pattern in (words.UP, words.DOWN))
    return max(downs, default=-1) > max(ups, default=-1)


def _since_figure(one: Around) -> str:
    """What stands before a figure: since the one before where that part names a subject, else the whole sentence."""
    part = one.since_last
    first = one.figure.start - len(part)
    own = any(first <= mention.start < one.figure.start for mention in one.stated.subjects)
    return part if own else one.before


_CLOSED_AT = re.compile(rf"(?:{words.CLOSED.pattern})[^\d,;。]{{0,24}}$", re.ASCII)
_RECORD = re.compile(
    r"(?:\brecord|\bhigh|\bpeak)(?: (?:close|closing|level|high))*(?: of| at)?\s*\$?$|(?:高点|纪录|高位"
    r"|峰值)(?:的|为|在)?$",
    re.ASCII,
)


_NEW_RECORD = re.compile(
    r"\b(?:to|at|hit|hitting|set|setting|notched|reached|scored|posted) an? (?:new |fresh |another )*(?:all-time "
    r"|closing |intraday |\w+ )?"
    r"(?:record|high|peak)(?: (?:close|closing|level|high))*(?: of| at)?\s*\$?$",
    re.ASCII,
)
"""A record that is set with this value: it is the level of the day."""


def _by_ticker(one: Around) -> bool:
    """Whether the text names a fund by its ticker, and not a kind of funds that it stands in for."""
    text = one.stated.text
    return any(
        text[m.start : m.end].upper().startswith(one.subject) for m in one.stated.subjects if m.symbol == one.subject
    )


def _dated(one: Around) -> bool:
    """Whether a day stands near a level behind it: that of the record."""
    return any(one.figure.end <= when.start < one.figure.end + 30 for when in one.stated.days)


def subject_or(one: Around) -> str:
    """The subject of a figure whose sentence names none."""
    return one.subject


_LEADS_BY = re.compile(
    r"\b(?:lead|led|ahead|outperform|outpac|beat|trail|lag|behind)\w*\b[^,;]{0,24}\bby (?:about |some |over "
    r"|nearly )?$",
    re.ASCII,
)
_NO_LEVEL = re.compile(
    r"比值|比率|\bratio\b(?!.*(?:vix|vvix|index|with))|\baverag(?:ed|ing)\s*(?:about |around )?$|(?:均值|平均)为?$"
    r"|\bbeta\b|\b(?:start|beg[aiu]n)\w* the (?:day|week|month|quarter|year|session) (?:at|near|around)\s*$"
    r"|相关系数|贝塔",
    re.ASCII,
)


def _is_change(one: Around) -> bool:
    """Whether points are a move: beside its per cent, or behind a verb of movement."""
    figure = one.figure
    if figure.unit == "points" and beside_percent(one):
        return True
    return (
        _moved_last(one)
        and figure.unit in ("points", "")
        and abs(figure.value) < 5000
        and not re.search(r"[至到于]$|\b(?:to|at)$", one.near.rstrip())
        and (figure.unit == "points" or figure.signed)
    )


def _points(one: Around) -> Meant:
    """Points, levels, averages and money of a share."""
    figure, subject = one.figure, one.subject
    if one.subject in ELSEWHERE and not is_priced(subject):
        return Meant("other")
    if figure.unit == "points" and abs(figure.value) < 100 and one.subject not in VOLATILITY:
        lead = words.LEAD.search(one.around) or words.SECTOR_GAP.search(one.stated.whole)
        if lead and (not _moved_last(one) or _LEADS_BY.search(one.near)):
            return spread(one) or Meant("other")
    if not is_priced(subject) or _NO_LEVEL.search(one.near):
        return Meant("other")
    written = one.stated.text[figure.start : figure.end]
    if (
        not figure.unit
        and figure.step >= 1
        and "," not in written
        and subject not in VOLATILITY
        and not (words.LEVEL.search(one.near) and figure.value > 1000)
    ):
        return Meant("none")
    average = list(words.AVERAGE.finditer(one.before))
    if average and re.fullmatch(
        r"\s*(?:\s|\(|为|在|是|报|:|of|at|\(at|is|was|\(now|now|currently|stands|sits|stood|sat|hovers|runs"
        r"|comes in|near|around|,|which|that|and|后者|其|该线|位于|处于|目前|报)*\s*",
        one.before[average[-1].end() :],
        re.ASCII,
    ):
        text = average[-1]["n"] or average[-1]["z"] or average[-1]["e"]
        return Meant("average", n=float(text) if text and text.isdigit() else 200)
    if _is_change(one):
        return Meant("change")
    if _RECORD.search(one.near) and not _dated(one) and not _NEW_RECORD.search(one.near):
        return Meant("highest", window="1Y")
    if words.OPENED.search(one.near):
        return Meant("open")
    if (words.HIGHEST.search(one.near) and not _CLOSED_AT.search(one.near)) or (
        _WITHIN.match(one.after) and not _fell(one.near)
    ):
        return Meant("high")
    if words.LOWEST.search(one.near) or _WITHIN.match(one.after):
        return Meant("low")
    return Meant("volatility level" if subject in VOLATILITY else "level")
