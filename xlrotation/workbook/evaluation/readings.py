"""What a text that is entered stands for: a number, a day or a truth value that it is everywhere in the world."""

from __future__ import annotations

import re

from xlrotation.workbook.evaluation.values import Value, number_of_text

_AMBIGUOUS = re.compile(
    r"\s*\d{1,2}(?:[-/ ]\d{1,2}(?:[-/. ]\d+)?\b|\.\d{1,2}(?:\.|[-/ ]+\d)).*|.*,.*|.*[()].*", re.DOTALL
)
"""Texts that are another number, or day, elsewhere in the world."""


def certain(text: str, date1904: bool = False) -> float | None:
    """The number, day or time that a text is everywhere in the world; None where it is none, or another elsewhere."""
    return None if _AMBIGUOUS.fullmatch(text) else number_of_text(text, date1904)


def typed(text: str, date1904: bool = False) -> Value:
    """What a cell holds once a text is typed in it."""
    if text.strip().upper() in ("TRUE", "FALSE"):
        return text.strip().upper() == "TRUE"
    number = certain(text, date1904)
    return text if number is None else number
