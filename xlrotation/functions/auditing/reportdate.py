"""The date of a report, as its text gives it."""

from __future__ import annotations

import datetime as dt
import re

from xlrotation.functions.auditing import days
from xlrotation.functions.auditing.sessions import Sessions

_HEAD = 600
_STATED = re.compile(r"(?:data as of|as of|dated?|published(?: on)?|数据截至|截至|撰于|发布于|日期)[::\s]*$", re.ASCII)
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
    for group in (first, stated):
        if group:
            return group[0].day
    if match := _REVIEW.search(head[: max(line, 80)]):
        return dt.date(int(match["year"] or match["en"]), 12, 31)
    later = [
        when
        for when in days.find(text[:4000], around)
        if when.kind == "day" and when.stated and when.day and _STATED.search(text[: when.start][-20:])
    ]
    return later[0].day if later else None


def _other(head: str, when: days.When) -> bool:
    """Whether a date begins a window or belongs to a record."""
    return (
        re.search(r"(?:\bsince|\bfrom|自|从|\bset on)\s*(?:the )?$", head[max(0, when.start - 12) : when.start])
        is not None
        or head[when.end : when.end + 2] == "以来"
    )
