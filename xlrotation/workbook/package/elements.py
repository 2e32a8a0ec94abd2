"""What the elements of a sheet's XML say: their names, the columns of their cells, their texts."""

from __future__ import annotations

import math
import re
from typing import Any

from xlrotation.workbook.formulas.references import column_number


class _Tags(dict[object, str]):
    """The local names of elements; empty for comments and the like."""

    def __missing__(self, tag: object) -> str:
        name = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        if len(self) < 1000:
            self[tag] = name
        return name


class _Columns(dict[str, int]):
    """The numbers of columns by their letters; 0 for what are none."""

    def __missing__(self, letters: str) -> int:
        number = column_number(letters) if _LETTERS.fullmatch(letters) else 0
        if number:
            self[letters] = number
        return number


_LETTERS = re.compile(r"[A-Za-z]{1,3}")
TAGS, COLUMNS = _Tags(), _Columns()
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def joined(item: Any) -> str:
    """The text of a string item: its runs, without the readings that stand over them."""
    found: list[str] = []
    for element in item.iter("{*}t"):
        parent = element.getparent()
        if parent is None or not str(parent.tag).endswith("}rPh"):
            found.append(element.text or "")
    return "".join(found)


def unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold, which files write as ``_x000D_``."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def stored_number(text: str) -> float:
    """The number that a cell of a file holds.

    Raises:
        ValueError: It is none, or none that a cell can hold: beyond 1.8E+308, or no number at all.
    """
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value
