"""The rows of a file, as its readers give them: texts, numbers and dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from xlrotation.errors import BadArgument

Value = None | str | float | dt.date
Rows = Sequence[list[Value]]
Made = list[list[Value]]

GAP_WORDS = (
    *("", ".", "-", "--", "\u2013", "\u2014", "\u2014\u2014", "n/a", "n.a.", "n.a", "na", "<na>", "nan", "nat", "null"),
    *("none", "\\n", "无", "停牌", "休市", "暂停", "未上市", "n.m.", "nm", "#nv", "#wert!", "#bezug!"),
)
"""What stands in a cell without a number, in small letters."""


class BadFile(BadArgument):
    """A file that cannot be read; the message names file, row and column."""


def of_object(value: object) -> Value:
    """A cell as a reader gives it, as one of the few kinds of values of a table."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()  # no number
    if isinstance(value, dt.datetime):
        if value != value:
            return None
        plain = value.tzinfo is None and value.time() == dt.time(0)
        return value.date() if plain else dt.datetime.combine(value.date(), value.time(), value.tzinfo)
    if isinstance(value, dt.date):
        return value
    return float(value) if isinstance(value, int | float) else str(value)


NAMED = 40
"""Rows, or spans of rows, that a remark names; of more it tells how many they are."""


def rows_named(lines: Sequence[int]) -> str:
    """The numbers of rows as remarks end with them; empty where there are none or too many."""
    if not len(lines):
        return ""
    if len(lines) <= NAMED:
        return f" (row{'s' if len(lines) > 1 else ''} {', '.join(str(int(line)) for line in lines)})"
    spans: list[list[int]] = []
    for line in sorted(map(int, lines)):
        if spans and line <= spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    named = [f"{first} to {last}" if last > first else f"{first}" for first, last in spans]
    return f" (rows {', '.join(named)})" if len(named) <= NAMED else ""


_ROWS = re.compile(r"\(rows? (\d+(?: to \d+)?(?:, \d+(?: to \d+)?)*)\)")


def rows_in(reason: str) -> list[tuple[int, int]]:
    """The first and last row of each span of rows that a remark names as :func:`rows_named` does."""
    found = _ROWS.findall(reason)
    spans = [span.split(" to ") for span in found[-1].split(", ")] if found else []
    return [(int(span[0]), int(span[-1])) for span in spans]
