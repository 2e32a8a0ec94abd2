"""Operators that compare a value with a threshold, in the ways that they are typed."""

from __future__ import annotations

import unicodedata
from functools import cache

from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.cells import Cell, shown
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import WORDS
from xlrotation.languages import Text

OPERATORS = (">", ">=", "<", "<=")

_ALIKE = {"≥": ">=", "≧": ">=", "=>": ">=", "≤": "<=", "≦": "<=", "=<": "<="}
_WORDS = {"above": ">", "below": "<"}


@cache
def _spelled() -> dict[str, str]:
    """Operators by how they may be written, in small letters."""
    words = {text.lower(): sign for key, sign in _WORDS.items() for text in (key, *WORDS[key].anywhere())}
    return {sign: sign for sign in OPERATORS} | _ALIKE | words


def read_operator(cell: object) -> str:
    """The operator that a cell means: ``>=``, its full-width form, ``≥``, ``above`` in any language.

    Raises:
        BadArgument: It means none.
    """
    if isinstance(cell, str) and cell in OPERATORS:
        return cell
    text = "".join(unicodedata.normalize("NFKC", cell).split()).lower() if isinstance(cell, str) else ""
    found = _spelled().get(text)
    if found is None:
        raise BadArgument(f"{shown(cell)} is no operator; give one of {' '.join(OPERATORS)}")
    return found


class OperatorKind(ChoiceKind):
    """An operator."""

    def __init__(self, help: Text) -> None:  # noqa: A002
        super().__init__(*OPERATORS, help=help)

    def read(self, cell: Cell, scope: Scope) -> str:
        return read_operator(cell)
