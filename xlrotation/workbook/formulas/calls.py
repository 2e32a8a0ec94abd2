"""Calls of our functions inside formula texts."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
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


class Mentions:
    """Finds a call of any of some functions in a text, quickly and perhaps once too often.

    Args:
        names: The names of the functions.
    """

    def __init__(self, names: Collection[str]) -> None:
        alternatives = "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"
        prefixes = r"(?:_xl(?:fn|ws|pm|udf|l)\.)*"
        self._form = re.compile(rf"(?<![A-Za-z0-9.]){prefixes}(?:{alternatives})\s*\(", re.IGNORECASE)
        self._letters = "".join({*_IN_NAMES, *"".join(names).upper(), *"".join(names).lower()})
        self._names = {name.upper() for name in names}

    def search(self, text: str) -> re.Match[str] | None:
        """The first call in *text*; None where it has none."""
        place = 0
        for piece in text.split("(")[:-1]:
            before = piece.rstrip()
            name = before[len(before.rstrip(self._letters)) :]
            if name and not self._names.isdisjoint(_endings(name.upper())):
                # The pattern goes through a text slowly: it has to try each name at each of its letters.
                return self._form.search(text, place + len(before) - len(name))
            place += len(piece) + 1
        return None


_IN_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.\u0131\u017f\u212a"
"""Letters of a name, those included that differ from another only in case."""


def _endings(name: str) -> Iterator[str]:
    """A name, and what stands in it behind each mark that may end a prefix."""
    yield name
    for match in re.finditer("[._]", name):
        yield name[match.end() :]


def mentions(names: Collection[str]) -> Mentions:
    """What finds a call of any of *names* in a text."""
    return _mentions(frozenset(names))


@functools.lru_cache(maxsize=16)
def _mentions(names: frozenset[str]) -> Mentions:
    return Mentions(names)
