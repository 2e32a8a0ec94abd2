"""Values as plain data, to a bound: what is left out is told, so that no table looks whole that is not."""

from __future__ import annotations

import json
from typing import Any

from xlrotation.errors import CellError
from xlrotation.grid import Cell, Range
from xlrotation.hosts import JSON

MOST = 60_000
"""Characters of all values of an answer."""

LONGEST = 4_000
"""Characters of one text."""


class Bound:
    """What an answer may still hold."""

    def __init__(self, most: int = MOST) -> None:
        self.left = most

    def take(self, size: int) -> bool:
        """Whether so many characters more may be in it; they are then."""
        if size > self.left:
            return False
        self.left -= size
        return True


def value_of(value: Cell | Range, bound: Bound) -> dict[str, Any]:
    """A value as ``eval --json`` prints it, with its kind, and how much of it is left out."""
    if isinstance(value, list):
        return _table(value, bound)
    plain = JSON.write(value)
    found: dict[str, Any] = {"kind": _kind(value, plain), "value": plain}
    if isinstance(plain, str) and len(plain) > LONGEST:
        found |= {"value": plain[:LONGEST], "cut": f"the first {LONGEST} of {len(plain)} characters"}
    if not bound.take(_size(found["value"])):
        found |= {"value": None, "cut": "left out: the answer is too long; ask for less at once"}
    return found


def _table(rows: Range, bound: Bound) -> dict[str, Any]:
    width = max(map(len, rows), default=0)
    shown: list[list[Any]] = []
    cut = 0
    for row in rows:
        cells = []
        for cell in row[: MOST // 4]:
            plain = JSON.write_cell(cell)
            if isinstance(plain, str) and len(plain) > LONGEST:
                plain, cut = plain[:LONGEST], cut + 1
            cells.append(plain)
        if len(cells) < len(row) or not bound.take(_size(cells)):
            break
        shown.append(cells)
    found: dict[str, Any] = {"kind": "table", "rows": len(rows), "columns": width, "value": shown}
    if len(shown) < len(rows):
        found["cut"] = f"the first {len(shown)} of {len(rows)} rows; ask for less, such as by TAKE or a shorter list"
    elif cut:
        found["cut"] = f"{cut} texts to their first {LONGEST} characters"
    if errors := sum(_is_error(cell, JSON.write_cell(cell)) for row in rows for cell in row):
        found["errors"] = errors
    return found


def _is_error(value: Cell, plain: object) -> bool:
    """Whether a cell shows an error: it is one, or a number that no cell can hold."""
    return isinstance(value, CellError) or (isinstance(value, float) and isinstance(plain, str))


def _size(plain: object) -> int:
    return len(json.dumps(plain, ensure_ascii=False)) + 1


def _kind(value: Cell, plain: object) -> str:
    if _is_error(value, plain):
        return "error"
    if isinstance(value, bool):
        return "logical"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "date" if value is not None else "blank"
