"""Rows of tables: what a head says of a column, and the subject that stands at the begin of a row."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from xlrotation.functions.auditing.days import windows
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import VOLATILITY
from xlrotation.functions.auditing.place import Stated
from xlrotation.functions.auditing.prose import Sentence, is_row
from xlrotation.functions.auditing.reading import Reading

_LEVEL = re.compile(r"\b(?:close|last|level|price|value|settle)\b|收盘|收报|点位|最新|现价|价格|收于", re.ASCII)
_CHANGE = re.compile(r"\b(?:chg|change|points?|net)\b(?! ?%)|涨跌(?!幅|%)|涨跌额", re.ASCII)
_RETURN = re.compile(
    r"%|\b(?:day|daily|1d|5d|week|wk|month|mtd|qtd|ytd|year|1w|1m|3m|6m|12m|1y|return|performance|chg"
    r"|change)\b|[日周月季年]涨?跌?幅?|年初至今|表现|涨幅|涨跌",
    re.ASCII,
)
_CODES = {
    "1d": "1D",
    "5d": "5D",
    "1w": "1W",
    "wk": "1W",
    "week": "1W",
    "1m": "1M",
    "3m": "3M",
    "6m": "6M",
    "12m": "1Y",
    "1y": "1Y",
    "ytd": "YTD",
    "mtd": "MTD",
    "qtd": "QTD",
    "day": "1D",
    "daily": "1D",
    "month": "1M",
    "year": "1Y",
    "20d": "20D",
}
_ZH = {"日": "1D", "周": "1W", "月": "1M", "年": "1Y"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        what: ``level``, ``change``, ``return`` or blank.
        window: Of a return; blank where the head names none.
    """

    what: str
    window: str = ""


def column(head: str) -> Column:
    """What a head says."""
    bare = head.strip()
    if _LEVEL.search(bare):
        return Column("level")
    window = _window(bare)
    if window:
        return Column("return", window)
    if _CHANGE.search(bare):
        return Column("change", "1D")
    return Column("return", "") if _RETURN.search(bare) else Column("")


def _window(bare: str) -> str:
    for word in re.findall(r"[a-z0-9]+", bare):
        if word in _CODES:
            return _CODES[word]
    if found := windows(bare):
        return found[0].window
    match = re.search(r"([日周月])(?:度)?涨", bare)
    return _ZH[match[1]] if match else ""


def cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The places of the cells of a row."""
    line = text[start:end]
    if is_row(line):
        mark = "|" if line.count("|") >= 2 else "\t"
        found, begun = [], start
        for place in range(start, end + 1):
            if place == end or text[place] == mark:
                if text[begun:place].strip() or mark == "\t":
                    found.append((begun, place))
                begun = place + 1
        return found
    return [(start + match.start(), start + match.end()) for match in re.finditer(r"\S+(?: \S+)*?(?=\s|$)", line)]


def heads(text: str, sentence: Sentence) -> list[Column]:
    """The columns that a line declares as the head of a table; empty where it is none."""
    line = text[sentence.start : sentence.end]
    before = text[: sentence.start].rpartition("\n")[2]
    if before.strip() or re.search(r"[.。!?]\s*$", line):
        return []  # a sentence of prose
    if re.search(r"\d+\.\d|[。,;!?%]\s|\.\s", line) or len(line) > 300:
        return []
    found = [column(text[slice(*cell)]) for cell in cells(text, sentence.start, sentence.end)]
    named = [one for one in found if one.what]
    return found if len(named) >= 2 else []


_LEADS = re.compile(r"\s*(?:[-*•·▪■●◦–|#]\s*|\d{1,2}[.、)]\s*)?")
_TO_VALUE = re.compile(r"(?:\s*\([^()\n]{1,30}\))?[\s:|]*")


def is_line(stated: Stated) -> bool:
    """Whether a sentence is set like a row: a subject at its begin, and its figure right behind."""
    if not stated.subjects or not stated.measured or len(stated.whole.strip()) > _LINE:
        return False
    subject, figure = stated.subjects[0], stated.measured[0]
    lead = _LEADS.fullmatch(stated.text, stated.sentence.start, subject.start)
    return lead is not None and _TO_VALUE.fullmatch(stated.text, subject.end, figure.start) is not None


_LINE = 60
"""Characters of a line that is read like a row of a table."""


def of_column(
    stated: Stated, figure: Figure, column: Column, subject: str, base: dt.date | None
) -> tuple[Reading, ...]:
    """How a figure in a column is read.

    Args:
        stated: The row.
        figure: The figure.
        column: What the head says.
        subject: Of the row.
        base: The session that the report is about.
    """
    if figure.unit == "%" or column.what == "return":
        window = column.window
        inside = [one for one in stated.windows if figure.end <= one.start <= figure.end + 2]
        if not window and inside:
            window = inside[0].window
        doubts = () if window else ("the table does not say the window",)
        return (Reading(subject, "return", window or "1D", base, doubts=doubts),)
    if column.what == "change":
        return (Reading(subject, "change", "1D", base),)
    if column.what == "level" or figure.unit == "points":
        return (Reading(subject, "volatility level" if subject in VOLATILITY else "level", "", base),)
    return ()
