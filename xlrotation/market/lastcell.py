"""The last cell of a text table that ends without a line end, as a file does that was cut off while it was copied."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

CUT_OFF = "may be cut off"
"""What the remark on a last cell says that is doubted."""

_NUMBER = re.compile(r"-?\d*\.\d+(e[+-]?\d+)?|-?\d+(\.\d*)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
_MOVES = 5.0
"""How far a whole number may lie from the median of its column; without its last digit it is a tenth of itself."""


def doubt(file: str, line: int, text: str) -> str:
    """The remark on a last cell that is doubted.

    Args:
        file: Name of the file.
        line: Number of the row.
        text: What the cell holds; empty where the file ends behind a separator.
    """
    cell = f"its last cell {text[:30]!r}" if text else "its last, empty cell"
    return (
        f"{file}, row {line}: the file ends without a line end, and {cell} {CUT_OFF}; it is left out, end the line if "
        "it is whole"
    )


def may_be_cut(text: str, above: Sequence[str]) -> bool:
    """Whether the last cell of a file may be the beginning of a longer one, as far as the cells above it tell.

    Of a number with decimals nothing can be missing before them; one without must be of the size of the others, which
    have none either; what has digits besides, a date for instance, must look as they do; and a text that others begin
    with must be one of them. An empty cell is the beginning of any.

    Args:
        text: The cell.
        above: The other cells of its column that are not empty.
    """
    if not text:
        return True
    if text in above:
        return False
    if not any(letter.isdigit() for letter in text):
        return any(each.startswith(text) for each in above)
    if _NUMBER.fullmatch(text):
        return False
    if not _WHOLE.fullmatch(text):
        return _form(text) not in set(map(_form, above))
    if not all(map(_WHOLE.fullmatch, above)):
        return True
    usual = statistics.median(abs(int(each)) for each in above)
    return not usual / _MOVES <= abs(int(text)) <= usual * _MOVES


def _form(text: str) -> str:
    return re.sub(r"\d", "9", text)
