"""One call of ours with texts, numbers and truth values, which needs nothing of what evaluates formulas.

The command line is most often asked for such a call. It is read by one expression here, and given to the function as
:mod:`~xlrotation.workbook.evaluation.oneformula` would; what is anything else goes there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from xlrotation.errors import CellError
from xlrotation.grid import Cell, Range

_ARGUMENT = r'(?:"[^"]*(?:""[^"]*)*"|[0-9]{1,15}(?:\.[0-9]{1,15})?|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?'
_CALL = re.compile(rf"=?([A-Za-z][A-Za-z0-9_]*)\((?: *({_ARGUMENT}(?: *, *{_ARGUMENT})*) *)?\)")
_EACH = re.compile(rf" *({_ARGUMENT}) *(?:,|$)")
_LONGEST = 1000


class Calls(Protocol):
    """Our functions, on one state of their data."""

    @property
    def names(self) -> Collection[str]:
        """The names of the functions, in capitals."""

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        """Compute a function; never raises."""


def is_plain(text: str) -> bool:
    """Whether a formula looks like one such call."""
    return _match(text) is not None


def called(text: str, calls: Calls) -> tuple[Cell | Range] | None:
    """The value of a formula that is one such call; None where it is another formula."""
    match = _match(text)
    if match is None or (name := match[1].upper()) not in calls.names:
        return None
    result = calls(name, _arguments(match[2] or ""))
    if isinstance(result, list) and (not result or not result[0]):
        return (CellError.CALC,)
    return ("" if result is None else result,)


def _match(text: str) -> re.Match[str] | None:
    plain = text.strip()
    return _CALL.fullmatch(plain) if len(plain) <= _LONGEST else None


def _arguments(text: str) -> list[Cell | Range]:
    """What stands between the parentheses."""
    found: list[Cell | Range] = []
    place = 0
    while text and place <= len(text):
        match = _EACH.match(text, place)
        assert match is not None
        found.append(_value(match[1]))
        if match.end() == len(text) and not match[0].endswith(","):
            break
        place = match.end()
    return found


def _value(text: str) -> Cell:
    if not text:
        return None
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text[0] in "Tt" if text[0] in "TtFf" else float(text)
