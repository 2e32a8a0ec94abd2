"""The session and the window that a figure is about."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.days import SAME, Span, When
from xlrotation.functions.auditing.figures import RECORD_BEFORE, Figure
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.reach import gapped, reaches
from xlrotation.functions.auditing.sessions import Sessions

_ITS_LOW = re.compile(r" ?(?:closing |intraday )?(?:low|trough|bottom|high|peak|close|record)s?\b", re.ASCII)
_OFF_ITS = re.compile(r"\b(?:off|from|above|below|since|under) (?:its|the|their|a) $", re.ASCII)
_START = re.compile(
    r"(?:\bsince(?: the (?:start|beginning) of)?|\bfrom(?: the (?:low|high|close|open) (?:of|on))?|自|从"
    r"|自从|\bfrom its \w+ (?:of|on))\s*(?:the )?$",
    re.ASCII,
)
_START_AFTER = re.compile(
    r"\s*(?:的?(?:历史|阶段性?|盘中|收盘|近期)?(?:[高低][点位]|触底|见顶|谷底|收盘价?))?\s*(?:以来|起|开始|至今"
    r"|算起(?!的一周)|开盘价?计算)"
)
_RECORD_AFTER = re.compile(r"\s*(?:以来)?最[高低长大]")
_WEEK_FROM = re.compile(r"\s*(?:算起|开始|起)的?(?:一|当|那)周|\s*当周")
_TO = re.compile(r"\s*(?:至|到|-|~|to|through|until)\s*", re.ASCII)
_BETWEEN = re.compile(r"\bbetween (?:the )?$", re.ASCII)
_FIRST_OF_WEEK = re.compile(r"\s*(?:算起|开始|起)的?[一当那]周")
_NEXT = re.compile(r"[;。、]|(?<!\d),|,(?!\d)|\.(?:\s|$)")


def session_of(when: When, memory: Memory, sessions: Sessions) -> dt.date | None:
    """The session that a mention of a day means."""
    report = memory.report
    if when.kind == "day":
        return sessions.on_or_before(when.day) if when.day else None
    if report is None:
        return None
    if when.kind == "yesterday":
        return sessions.before(report)
    if when.kind == "before":
        return sessions.before(memory.base or report)
    if when.kind == "ago":
        return _ago(when, memory, sessions)
    if when.kind == "today":
        return sessions.on_or_before(report)
    if when.kind == "weekday":
        return _weekday(when, report, sessions)
    if when.kind in ("month", "quarter", "year") and when.day:
        return sessions.on_or_before(min(_last_of(when), max(report, memory.base or report)))
    return memory.base


def _ago(when: When, memory: Memory, sessions: Sessions) -> dt.date | None:
    """The session so many weeks, months or years before that of the report."""
    if memory.base is None or not when.months:
        return None
    if when.months < 0:
        return sessions.on_or_before(memory.base + dt.timedelta(7 * when.months))
    month = memory.base.year * 12 + memory.base.month - 1 - when.months
    first = dt.date(month // 12, month % 12 + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(4)).replace(day=1) - dt.timedelta(1)
    return sessions.on_or_before(min(last, first + dt.timedelta(memory.base.day - 1)))


def _weekday(when: When, report: dt.date, sessions: Sessions) -> dt.date:
    back = (report.weekday() - when.weekday) % 7
    if when.last and back <= report.weekday() < 5:
        back += 7  # of the week before, where the day has been in this one
    day = report - dt.timedelta(back)
    return sessions.on_or_before(day)


def _last_of(when: When) -> dt.date:
    """The last day of a month, quarter or year."""
    assert when.day is not None
    months = {"month": 1, "quarter": 3, "year": 12}[when.kind]
    month = when.day.month + months
    return dt.date(when.day.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - dt.timedelta(1)


def is_start(stated: Stated, when: When) -> bool:
    """Whether a mention begins a window."""
    text = stated.text
    if when.kind not in ("day", "month", "year"):
        return False
    if RECORD_BEFORE.search(text, max(stated.sentence.start, when.start - 70), max(stated.sentence.start, when.start)):
        return False
    if _RECORD_AFTER.match(text, when.end) or _WEEK_FROM.match(text, when.end):
        return False
    if when.kind == "day" and _BETWEEN.search(text, max(0, when.start - 10), when.start):
        return True
    if (
        when.kind == "day"
        and _TO.match(text, when.end)
        and any(other.kind == "day" and 0 <= other.start - when.end < 6 for other in stated.days)
    ):
        return True
    if (
        when.kind == "day"
        and _ITS_LOW.match(text, when.end)
        and _OFF_ITS.search(text, max(0, when.start - 14), when.start)
    ):
        return True
    if is_rough(stated, when) and _TO.match(text, when.end):
        return True
    after = _START_AFTER.match(text, when.end)
    before = _START.search(text, max(stated.sentence.start, when.start - 30), when.start)
    return bool(after or before)


def is_rough(stated: Stated, when: When) -> bool:
    """Whether a month is given by its end or begin only: 1月末至2月初."""
    return when.kind == "month" and stated.text[when.start : when.end].endswith(("末", "底", "初", "旬"))


_DAYS = ("day", "weekday", "yesterday", "today", "before", "lastday")


def names_day(stated: Stated) -> bool:
    """Whether a sentence is about a day."""
    return any(when.kind in _DAYS and not is_start(stated, when) for when in stated.days)


def day_of(stated: Stated, figure: Figure, memory: Memory, sessions: Sessions) -> tuple[dt.date | None, bool]:
    """The session of a figure, and whether its sentence names it."""
    inside = [
        when
        for when in stated.days
        if when.kind in ("day", "yesterday", "before", "today", "weekday", "lastday", "ago")
        and not is_start(stated, when)
        and not _FIRST_OF_WEEK.match(stated.text, when.end)
        and not _of_start(stated, when, figure)
    ]
    stop = _NEXT.search(stated.text, figure.end, stated.sentence.end)
    clause_end = stop.start() if stop else stated.sentence.end
    others = [one.start for one in stated.measured if one.start > figure.start]
    limit = min([clause_end, *others])
    close = [when for when in inside if figure.end <= when.start < limit]
    before = [when for when in inside if when.start < figure.start]
    for when in (*beside(stated, figure), *close[:1], *reversed(before)):
        if figure.start <= when.start < figure.end:
            continue
        found = session_of(when, memory, sessions)
        if found is not None and _BEFORE_IT.match(stated.text, when.end):
            found = sessions.before(found)
        if found is not None:
            return found, True
    return memory.base, False


_OF_START = re.compile(
    r"(?:\bfrom|\bthan|\bversus|\bvs\.?|\bagainst|\bcompared (?:with|to)|[从由较比]|高于|低于|高过|不及"
    r"|相比)\s*(?:the )?$",
    re.ASCII,
)


def _of_start(stated: Stated, when: When, figure: Figure) -> bool:
    """Whether a day is that of the level a move starts from, and the figure is another: 从周四的6798点反弹至6932点."""
    low = stated.sentence.start
    before = _OF_START.search(stated.text, max(low, when.start - 16), when.start)
    first = next((one for one in stated.measured if one.start >= when.end), None)
    if before is not None and first is not None and first.start - when.end < 8 and first != figure:
        return True
    if _COMPARED.search(stated.text, max(low, when.start - 4), when.start) and first == figure:
        gap = stated.text[when.end : figure.start]
        return words.UP.search(gap) is not None or words.DOWN.search(gap) is not None  # 较前一日上升2.76点
    last = next((one for one in reversed(stated.measured) if one.end <= when.start), None)
    if last is None or last == figure or not _SHORTLY.fullmatch(stated.text, last.end, when.start):
        return False  # "21.77 versus 18.64 on Wednesday"
    return _OF_START.search(stated.text, max(low, last.start - 20), last.start) is not None


_COMPARED = re.compile(r"[较比]\s*$")
_SHORTLY = re.compile(r"\s*(?:points? )?(?:on |\(|a |the )?\s*", re.ASCII)
_BEFORE_IT = re.compile(r"[^,;。]{0,4}之前")
_BESIDE = re.compile(r"点?\s*(?:\(|\bfrom |\bof |\bon |\bset on |\breached on |\bhit on |,)*\s*$", re.ASCII)


def beside(stated: Stated, figure: Figure) -> list[When]:
    """A day, or the end of a year, right behind a level: "the record of 2,718.77 from January 22"."""
    if figure.unit not in ("", "points", "USD") or figure.pattern:
        return []
    for when in stated.days:
        if when.start >= figure.end:
            gap = stated.text[figure.end : when.start]
            fits = len(gap) < 14 and _BESIDE.fullmatch(gap) and "," not in gap
            ends = when.kind == "day" or (when.kind == "year" and stated.text[when.start : when.end].endswith("末"))
            return [when] if fits and ends else []
    return []


_STOPPING = frozenset(("measurement", "forecast", "target", "threshold", "other"))
_TURN = re.compile(r"\b(?:after|as|while|but|following|despite|when|because|since|amid)\b", re.ASCII)


def _belongs(stated: Stated, end: int, span: Span) -> bool:
    """Whether a window behind a figure or its list is its own: near, with no turn of the sentence between."""
    gap = stated.text[end : span.start]
    return len(gap) <= 64 and _TURN.search(gap) is None


_AND = re.compile(r"\s*(?:and|or|,|、|和|及|与|, and)\s*", re.ASCII)


def _list_end(stated: Stated, figure: Figure) -> int:
    """The end of the list of figures that one stands in: what follows it holds for all of them."""
    end = figure.end
    for one in stated.measured:
        if one.start >= end:
            if not _AND.fullmatch(stated.text[end : one.start]):
                break
            end = one.end
    return end


def _near(stated: Stated, figure: Figure) -> list[Span]:
    """Windows by their nearness to a figure: behind it in its clause, then before it in its sentence."""
    end = _list_end(stated, figure)
    stop = _NEXT.search(stated.text, end, stated.sentence.end)
    others = [one.start for one in stated.figures if one.start >= end and one.kind in _STOPPING]
    limit = min([stop.start() if stop else stated.sentence.end, *others])
    close = [one for one in stated.windows if figure.end <= one.start < limit and _belongs(stated, end, one)]
    before = [one for one in stated.windows if one.end <= figure.start + 1 or one.start < figure.start < one.end]
    return [*close[:1], *reversed(before)]


def window_of(
    stated: Stated, figure: Figure, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    """The window of a figure, its first day, and the session that it ends at where that differs.

    The window is blank where the sentence names none; it has a first day where it is since a day.
    """
    periods: list[tuple[int, When | Span]] = [
        (when.start, when) for when in stated.days if _is_period(stated, when, figure)
    ]
    spans: list[tuple[int, When | Span]] = [
        (one.start, one) for one in _near(stated, figure) if not _of_average(stated, one)
    ]
    after = [pair for pair in (*spans, *periods) if pair[0] >= figure.end]
    before = [
        pair for pair in (*spans, *periods) if pair[0] < figure.start and reaches(stated, pair[0], pair[1].end, figure)
    ]
    if not after and not before:
        further = gapped(stated, figure)
        if further:
            return window_of(stated, further[-1], memory, sessions)
    chosen = (
        min(after, key=lambda pair: pair[0])[1]
        if after
        else max(before, key=lambda pair: pair[0])[1]
        if before
        else None
    )
    if isinstance(chosen, Span):
        return _spanned(stated, chosen, memory, sessions)
    if isinstance(chosen, When):
        return _period(stated, chosen, memory, sessions)
    return "", None, None


def _of_average(stated: Stated, span: Span) -> bool:
    """Whether a counted window is the length of an average, or a tenor."""
    after = stated.text[span.end : span.end + 14]
    return re.match(
        r"[- ]?(?:(?:simple |exponential |moving )*(?:average|ma\b)|移动|平均|均线|期|隐含|treasury|note|yield)", after
    ) is not None or stated.text[span.start : span.end].endswith("连")


def _is_period(stated: Stated, when: When, figure: Figure) -> bool:
    text, near = stated.text, 60
    end = _list_end(stated, figure)
    stop = _NEXT.search(text, end, stated.sentence.end)
    others = [one.start for one in stated.measured if one.start >= end]
    limit = min([stop.start() if stop else stated.sentence.end, *others])
    if when.start >= figure.end and (when.start >= limit or when.start - figure.end > near):
        return False
    if figure.start <= when.start < figure.end:
        return False
    if is_start(stated, when):
        return True
    if is_rough(stated, when):
        return False
    if when.kind == "day":
        return _WEEK_FROM.match(text, when.end) is not None
    if when.kind == "month":
        return (
            _GAINS.match(text, when.end) is not None
            or re.search(r"(?:\bin|\bfor|\bof)\s*$|^$|[,。;]\s*$", text[stated.sentence.start : when.start], re.ASCII)
            is not None
            or _zh_period(text, when)
        )
    if when.kind == "quarter":
        return True
    return when.kind == "year" and (
        _WHOLE_YEAR.search(text, max(0, when.start - 24), when.start) is not None
        or text[when.end : when.end + 2] in ("全年",)
    )


_WHOLE_YEAR = re.compile(
    r"\b(?:in|for|finish\w*|ended?|clos\w+|conclud\w+|wrapp\w+ up|capp\w+)\s*$"
    r"|(?<!week )(?<!month )(?<!day )(?<!end )(?<!start )(?<!half )"
    r"(?<!beginning )(?<!turn )(?<!close )(?<!quarter )(?<!session )(?<!part )(?<!most )\bof\s*$",
    re.ASCII,
)
_GAINS = re.compile(r"(?:'s)? (?:gain|loss|advance|decline|drop|rally|slide|rise|return)(?:s|es)?\b", re.ASCII)
_NO_PERIOD = re.compile(
    r"[^,。;]{0,3}(?:起|开始|末|底|初|[上中下]旬|至(?!今)|到|[前后](?!三)|交割|到期|会议|议息|不|是否|降息|加息"
    r"|美联储|合约|期货|C?PI|cpi|ppi|pce"
    r"|非农|就业|通胀|零售|数据|财报|的?(?:高|低|峰|谷)[点位]|以来的?最)|[日号]"
)
"""What stands behind a month that is no window."""


def _zh_period(text: str, when: When) -> bool:
    return "月" in text[when.start : when.end] and not _NO_PERIOD.match(text, when.end)


def _period(
    stated: Stated, when: When, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    if when.day is None:
        return "", None, None
    if when.kind == "day" and not is_start(stated, when):
        return "1W", None, None
    if is_start(stated, when):
        first = when.day if when.kind == "day" else when.day - dt.timedelta(1)
        if when.kind == "month" and stated.text[when.start : when.end].endswith(("末", "底")):
            first = _last_of(when)
        return "", first, None
    window = {"month": "MTD", "quarter": "QTD", "year": "YTD"}[when.kind]
    last = _last_of(when)
    end = sessions.on_or_before(last) if memory.base is None or last < memory.base else None
    return window, None, end


def _spanned(
    stated: Stated, span: Span, memory: Memory, sessions: Sessions
) -> tuple[str, dt.date | None, dt.date | None]:
    end = None
    if span.window == SAME:
        return memory.last
    if span.last and memory.report is not None:
        if span.window == "1W":
            if memory.ranged:  # the title gives the days of the week
                return span.window, None, None
            end = sessions.on_or_before(memory.report - dt.timedelta(memory.report.weekday() + 3))
        else:
            end = sessions.on_or_before(memory.report.replace(day=1) - dt.timedelta(1))
    elif span.window == "YTD" and (year := _year_before(stated, span)) and memory.base and year < memory.base.year:
        end = sessions.on_or_before(dt.date(year, 12, 31))
    return span.window, None, end


def _year_before(stated: Stated, span: Span) -> int | None:
    match = re.search(r"(20\d\d)年?$", stated.text[max(0, span.start - 6) : span.start]) or re.search(
        r"in (20\d\d)", stated.text[span.start : span.end]
    )
    return int(match[1]) if match else None
