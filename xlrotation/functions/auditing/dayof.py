"""The session that a figure is about: its day as the sentence names it, near it or before it."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.days import When, month_of
from xlrotation.functions.auditing.figures import RECORD_BEFORE, Figure
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.sessions import Sessions
from xlrotation.functions.auditing.standing import clause

_ITS_LOW = re.compile(r" ?(?:closing |intraday )?(?:low|trough|bottom|high|peak|close|record)s?\b", re.ASCII)
_OFF_ITS = re.compile(r"\b(?:off|from|above|below|since|under) (?:its|the|their|a) $", re.ASCII)
_START = re.compile(
    r"(?:\bsince(?: the (?:start|beginning|end) of| end-)?|\bfrom(?: the (?:low|high|close|open) (?:of|on))?|自|从"
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


_HELD = re.compile(r"(?:的?收盘价?|的?[高低]点)?(?:累计|已|再)?(?:[下回上反大累]?[涨跌升落弹降]|高出|低)", re.ASCII)


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
        return sessions.on_or_before(min(last_of(when), max(report, memory.base or report)))
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


def last_of(when: When) -> dt.date:
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
    if (
        when.kind == "day"
        and _COMPARED.search(text, max(0, when.start - 2), when.start)
        and _HELD.match(text, when.end)
    ):
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


_END_BEFORE = re.compile(
    r"(?:(?P<month>1[0-2]|[1-9])月|(?P<year>去年|上年)年?|(?P<last>上)个?月)[末底](?:时|收盘)?的?\s*\$?$", re.ASCII
)
_END_AFTER = re.compile(
    r"\s*(?:points? )?(?:\()?(?:at|on) (?:the )?(?:(?P<year>year-end|end of (?:last year|december)|turn of the year"
    r"|start of the year)|end of (?P<name>[a-z]+)"
    r"|end-(?P<short>[a-z]+))\b",
    re.ASCII,
)


def period_end(stated: Stated, figure: Figure, memory: Memory, sessions: Sessions) -> dt.date | None:
    """The last session of a month or of last year that a level is told of: 较6月末的16.73, "14.9 at year-end"."""
    if figure.unit not in ("", "points", "USD") or figure.pattern or memory.base is None:
        return None
    base = memory.base
    first = base.replace(day=1)
    match = _END_BEFORE.search(stated.text, stated.sentence.start, figure.start) or _END_AFTER.match(
        stated.text, figure.end, stated.sentence.end
    )
    if match is None:
        return None
    found = match.groupdict()
    name = found.get("name") or found.get("short") or ""
    if found.get("year"):
        return sessions.on_or_before(dt.date(base.year - 1, 12, 31))
    if found.get("last"):
        return sessions.on_or_before(first - dt.timedelta(1))
    month = int(found.get("month") or 0) or month_of(name)
    if not month:
        return None
    year = base.year if month < base.month else base.year - 1
    return sessions.on_or_before(dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(1))


_ASIDE_BEFORE = re.compile(
    r"\b(?:after|following|before|until|than|despite|eras\w+|revers\w+|extend\w+|continu\w+|building on)\s+(?:the "
    r"|a |its |an )?$",
    re.ASCII,
)
_ASIDE_AFTER = re.compile(r"'s (?!clos)(?:[\w-]+ ){0,2}[a-z]+", re.ASCII)


_HELD_AGAINST = re.compile(
    r"(?:\bfrom|\bversus|\bvs\.?|\bagainst|\bthan|\bcompared (?:with|to)) \$?[\d,.]+%?\s*(?:on |\(|at )?$|[由从较比]$",
    re.ASCII,
)


_HAD = re.compile(r"\b(?:which|who|that) had \w+[^,;]*$", re.ASCII)
"""What stands before the day of a clause that tells of the time before."""


def is_aside(stated: Stated, when: When) -> bool:
    """Whether a day is only that of another event: "after Monday's rally"."""
    if _HELD_AGAINST.search(stated.text, max(stated.sentence.start, when.start - 32), when.start):
        return True
    if _HAD.search(stated.text, max(stated.sentence.start, when.start - 48), when.start):
        return True
    if _ASIDE_AFTER.match(stated.text, when.end) is None:
        return False
    return _ASIDE_BEFORE.search(stated.text, max(stated.sentence.start, when.start - 24), when.start) is not None


def day_of(stated: Stated, figure: Figure, memory: Memory, sessions: Sessions) -> tuple[dt.date | None, bool]:
    """The session of a figure, and whether its sentence names it."""
    inside = [
        when
        for when in stated.days
        if when.kind in ("day", "yesterday", "before", "today", "weekday", "lastday", "ago")
        and not is_start(stated, when)
        and not _FIRST_OF_WEEK.match(stated.text, when.end)
        and not _of_start(stated, when, figure)
        and not (is_aside(stated, when) and not _next_to(stated, when, figure))
        and not _again(stated, when)
        and not _of_record(stated, when)
        and not _within_which(stated, when, figure)
    ]
    stop = _NEXT.search(stated.text, figure.end, stated.sentence.end)
    clause_end = stop.start() if stop else stated.sentence.end
    others = [one.start for one in stated.measured if one.start > figure.start]
    limit = min([clause_end, *others])
    close = [when for when in inside if figure.end <= when.start < limit]
    before = [when for when in inside if when.start < figure.start]
    if (ended := period_end(stated, figure, memory, sessions)) is not None:
        return ended, True
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


_RECORD_BEHIND = re.compile(
    r"(?:的|创下的|所创)?(?:历史|收盘|盘中|阶段)*(?:[高低]点|纪录|峰值|新高)|\s(?:closing |record |all-time "
    r"|intraday )*(?:record|high|peak|low|trough)\b",
    re.ASCII,
)
_RECORD_AHEAD = re.compile(
    r"(?:[距较从自离比]|\b(?:from|below|off|since|above|under|beneath)(?: (?:its|the|their|a))?\s*)$", re.ASCII
)


def _of_record(stated: Stated, when: When) -> bool:
    """Whether a day is that of a high or a low that something is held against."""
    ahead = _RECORD_AHEAD.search(stated.text, max(stated.sentence.start, when.start - 14), when.start)
    return ahead is not None and _RECORD_BEHIND.match(stated.text, when.end) is not None


_WHICH = re.compile(r",\s*(?:which|who|where|when)\b[^,;]*$", re.ASCII)


def _within_which(stated: Stated, when: When, figure: Figure) -> bool:
    """Whether a day stands in a relative clause that ends before the figure: "which closed at 52 on April 8, is at"."""
    if when.start >= figure.start or not _WHICH.search(stated.text, stated.sentence.start, when.start):
        return False
    return re.search(r",(?!\d)", stated.text[when.end : figure.start]) is not None


def _next_to(stated: Stated, when: When, figure: Figure) -> bool:
    behind = 0 <= figure.start - when.end < 24 and "," not in stated.text[when.end : figure.start]
    return behind or 0 <= when.start - figure.end < 12


def _again(stated: Stated, when: When) -> bool:
    """Whether a weekday stands in parentheses behind its date."""
    return when.kind == "weekday" and any(
        one.kind == "day"
        and stated.text[one.end : when.start].strip(" ,") in ("(", "")
        and 0 <= when.start - one.end < 4
        for one in stated.days
    )


def _of_start(stated: Stated, when: When, figure: Figure) -> bool:
    """Whether a day is that of the level a move starts from, and the figure is another: 从周四的6798点反弹至6932点."""
    low = stated.sentence.start
    before = _OF_START.search(stated.text, max(low, when.start - 16), when.start)
    first = next((one for one in stated.measured if one.start >= when.end), None)
    if before is not None and first is not None and first.start - when.end < 8 and first.start != figure.start:
        return True
    if (
        _COMPARED.search(stated.text, max(low, when.start - 4), when.start)
        and first is not None
        and first.start == figure.start
    ):
        gap = stated.text[when.end : figure.start]
        return words.UP.search(gap) is not None or words.DOWN.search(gap) is not None  # 较前一日上升2.76点
    last = next((one for one in reversed(stated.measured) if one.end <= when.start), None)
    if last is None or last.start == figure.start or not _SHORTLY.fullmatch(stated.text, last.end, when.start):
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


def of_period(stated: Stated, figure: Figure) -> bool:
    """Whether the clause of a level names the month, quarter or year that it is of, or a window does."""
    first, last = clause(stated.text, figure.start, figure.end, stated.sentence.start, stated.sentence.end)
    periods = [when for when in stated.days if when.kind in ("month", "quarter", "year")]
    return not periods or any(first <= when.start < last for when in periods)
