"""The date of a report, as its text gives it."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing import days
from xlrotation.functions.auditing.sessions import Sessions

_HEAD = 600
_TITLE = 120
_OF_DATA = re.compile(
    r"\b(?:data|prices|returns|performance)\b[^.;()]{0,14}\b(?:to|as of|as at|through|thru|until) $|数据截[至止]$",
    re.ASCII,
)
_WEEKLY = re.compile(
    r"\bweekly\b(?! (?:gain|loss|decline|advance|jobless|claims|inventor|rise|drop|win))|\bweek (?:ending|ended"
    r"|to)\b|\bweek in (?!which)"
    r"|\bfor the week\b|\bweek in review\b|周报|(?:上|本|一)周[^,。;]{0,24}(?:回顾|复盘|综述|总结|盘点)|周评|一周"
    r"|(?<!本)(?<!上)当周|每周|周度|周复盘|周回顾",
    re.ASCII,
)


def title(text: str) -> str:
    """The first lines of a text that are short, as titles are; of running prose nothing."""
    found: list[str] = []
    for line in text[:_HEAD].strip().split("\n")[:3]:
        if len(line) > _TITLE or re.search(r"\d%|\d\.\d", line):
            break
        found.append(line)
    return "\n".join(found) or text[:60]


_STATED = re.compile(r"(?:data as of|as of|dated?|published(?: on)?|数据截至|截至|撰于|发布于|日期)[::\s]*$", re.ASCII)
_DAYS_OF_WEEK = re.compile(r"\b[a-z]{3,9}\.? \d{1,2} ?- ?\d{1,2},? (?:19|20)\d\d\b", re.ASCII)
"""The days of a week in a title: "Jan. 5-9, 2026"."""
_REVIEW = re.compile(
    r"(?P<year>(?:19|20)\d\d)年?(?:美股)?(?:收官|全年|年度)|\byear in review\b.*?(?P<en>20\d\d)", re.ASCII
)


def report_date(text: str, sessions: Sessions) -> dt.date | None:
    """The date that plain *text* gives for itself; None where it gives none.

    The first whole date of the head counts, or a day and month there in the year that leads to the newest session; a
    review of a year is of its last day.
    """
    head = text[:_HEAD]
    around = sessions.last
    found = [when for when in days.find(head, around) if when.kind == "day" and when.day and not _other(head, when)]
    stated = [when for when in found if when.stated]
    line = head.find("\n")
    first = [when for when in found if line < 0 or when.start < line or _STATED.search(head[: when.start])]
    of_data = [when for when in stated if _OF_DATA.search(head, 0, when.start)]
    for group in (of_data, first, stated):
        if group:
            return _last_of_range(head, group[0], found)
    if match := _REVIEW.search(head[: max(line, 80)]):
        return dt.date(int(match["year"] or match["en"]), 12, 31)
    later = [
        when
        for when in days.find(text[:4000], around)
        if when.kind == "day" and when.stated and when.day and _STATED.search(text[: when.start][-20:])
    ]
    return later[0].day if later else None


_RANGE = re.compile(r"\)?\s*(?:-|~|至|到|to|through|until|and)\s*", re.ASCII)


def _last_of_range(head: str, when: days.When, found: list[days.When]) -> dt.date | None:
    """The day that a date gives; the last one where it begins a range: 2026年2月9日-2月13日."""
    for other in days.find(head, when.day and when.day + dt.timedelta(120)):
        gap = head[when.end : other.start] if other.start >= when.end else None
        if gap is None or other.kind != "day" or not other.day or not when.day:
            continue
        between = gap.strip() != "and" or head[: when.start].rstrip().endswith("between")
        if _RANGE.fullmatch(gap) and between and dt.timedelta(0) < other.day - when.day <= dt.timedelta(120):
            return other.day
        break
    return when.day


_LAST_WEEK = re.compile(r"\s*\((?:上|last )", re.ASCII)


def is_ranged(text: str, sessions: Sessions) -> bool:
    """Whether the head of a text gives the first and the last day of a week, so that its week is that one."""
    head = text[:_HEAD]
    found = [when for when in days.find(head, sessions.last) if when.kind == "day" and when.day and when.stated]
    if found and _LAST_WEEK.match(head, found[0].end):
        return True
    last = _last_of_range(head, found[0], found) if found else None
    return last is not None and dt.timedelta(0) < last - (found[0].day or last) <= dt.timedelta(7)


def is_weekly(text: str) -> bool:
    """Whether the title says that the text is of a week."""
    head = title(text)
    return _WEEKLY.search(head) is not None or _DAYS_OF_WEEK.search(head) is not None


def _other(head: str, when: days.When) -> bool:
    """Whether a date begins a window or belongs to a record."""
    return (
        re.search(r"(?:\bsince|\bfrom|自|从|\bset on)\s*(?:the )?$", head[max(0, when.start - 12) : when.start])
        is not None
        or head[when.end : when.end + 2] == "以来"
    )
