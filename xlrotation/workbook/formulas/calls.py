"""Calls of our functions inside formula texts."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from xlrotation.workbook.formulas.tokens import marks

_PREFIXES = ("_xlfn.", "_xlws.", "_xlpm.", "_xludf.", "_xll.", "_xldudf_")


def bare_name(text: str) -> str:
    """A function name as typed: in capitals, without the prefixes that files put before newer or foreign ones."""
    lower = text.lower()
    for prefix in _PREFIXES:
        if lower.startswith(prefix):
            return bare_name(text[len(prefix) :])
    return text.upper()


def has_call(formula: str, names: Collection[str]) -> bool:
    """Whether *formula* calls any of *names*; what stands in quotes is no call."""
    return any(
        token.kind == "name"
        and token.match is not None
        and following.text == "("
        and bare_name(token.match["name"]) in names
        for token, following in pairwise(marks(formula))
    )


def renamed_calls(formula: str, names: Collection[str], prefix: str) -> str:
    """*formula* with every call of *names*, at any depth, written with *prefix* before its bare name."""
    parts, place = [], 0
    for token, following in pairwise(marks(formula)):
        if token.kind == "name" and token.match is not None and following.text == "(":
            name = bare_name(token.match["name"])
            if name in names:
                start, end = token.match.span("name")
                parts += [formula[place:start], prefix + name]
                place = end
    return "".join((*parts, formula[place:]))


def mentions(names: Collection[str]) -> re.Pattern[str]:
    """A pattern that finds a call of any of *names* in a text, quickly and perhaps once too often."""
    alternatives = "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<![A-Za-z0-9.])(?:_xl(?:fn|ws|pm|udf|l)\.)*(?:{alternatives})\s*\(", re.IGNORECASE)
