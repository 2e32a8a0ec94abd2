"""What a sentence leaves for those behind it: its subject, the two that it compares, the window that it opens with."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from xlrotation.functions.auditing import days, tables
from xlrotation.functions.auditing.dayof import names_day
from xlrotation.functions.auditing.names import ELSEWHERE
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.reading import is_company, is_priced
from xlrotation.functions.auditing.sessions import Sessions
from xlrotation.functions.auditing.when import opening, window_of

_AHEAD = re.compile(r"\bbeats?\b|\bbeaten\b|\bahead of\b|\boutperform|跑赢|领先", re.ASCII)


def compared(stated: Stated, memory: Memory) -> None:
    """Remember the two that a sentence compares."""
    priced = [one for one in stated.subjects if is_priced(one.symbol)]
    for first, second in itertools.pairwise(priced):
        if first.symbol != second.symbol and _AHEAD.search(stated.text[first.end : second.start]):
            memory.pair = (first.symbol, second.symbol)
            return


def remember(stated: Stated, previous: str, subjects: Sequence[str], memory: Memory, sessions: Sessions) -> None:
    """Keep what a sentence leaves.

    Args:
        stated: The sentence.
        previous: The subject of its last figure.
        subjects: Those of its figures, in order.
        memory: What is kept.
        sessions: Those of the data.
    """
    _topic(stated, previous, memory)
    same = stated.sentence.paragraph == memory.paragraph
    if not same:
        memory.opened, memory.spoken = "", ()
    _opened(stated, memory)
    memory.spoken = tuple(dict.fromkeys((*memory.spoken, *(one for one in subjects if is_priced(one)))))
    spans = [one.window for one in stated.windows if one.window not in ("", days.SAME)]
    memory.window = spans[-1] if spans else memory.window if same else ""
    memory.row = _of_rows(stated, memory, sessions)
    memory.paragraph = stated.sentence.paragraph


def is_led(subject: str, memory: Memory) -> bool:
    """Whether the window that a sentence opened with may hold for a subject of a later one."""
    return memory.companies or not is_company(subject)


def _opened(stated: Stated, memory: Memory) -> None:
    """Keep the window that a sentence opens with for the next of its paragraph, until a day or another is named."""
    first = opening(stated)
    companies = any(is_company(one.symbol) for one in stated.subjects)
    if first:
        memory.opened, memory.companies = first, companies
    elif stated.windows or names_day(stated) or (companies and not memory.companies):
        memory.opened = ""


def _of_rows(stated: Stated, memory: Memory, sessions: Sessions) -> str:
    """The window that the first figure of a line has, for the lines below it."""
    if not tables.is_line(stated):
        return ""
    return window_of(stated, stated.measured[0], memory, sessions)[0] or memory.row


def _topic(stated: Stated, previous: str, memory: Memory) -> None:
    named = [one.symbol for one in stated.subjects]
    if previous:
        memory.topic = previous
    elif named and named[0] not in ELSEWHERE:
        memory.topic = named[0]
    if stated.whole.rstrip().endswith("?"):
        memory.asked = stated.windows[-1].window if stated.windows else " "
        if not stated.windows and any(when.kind == "year" for when in stated.days):
            memory.asked = "YTD"
    elif stated.measured:
        memory.asked = ""
    if named:
        memory.seen = tuple(dict.fromkeys(named))
