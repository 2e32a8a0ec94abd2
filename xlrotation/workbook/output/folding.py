"""Rows of a page that hold nothing, closed up where the page is printed.

A page leaves room for the most that may stand in a place. How much of it is in use is known when the workbook is
filled: a sheet has defined names of its own, ``fold_1`` for the rows and ``fold_1_used`` for the cell that holds how
many of them are in use, from the first on; the others are hidden in the copy that is printed. A cell without a number
hides none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xlrotation.workbook.formulas.references import Area, parse_area
from xlrotation.workbook.package.book import Book
from xlrotation.workbook.package.splice import Edits, Element, parse, plain_xml

FOLD = "fold_{number}"
"""Name of the rows."""
USED = "fold_{number}_used"
"""Name of the cell that says how many are in use."""
FIRST_PAGE, NEXT_PAGE = 770.0, 706.0
"""Points of a page of paper, A4 upright; on those after the first the rows that are repeated stand again."""
_ROWS = re.compile(r"fold_\d+")
_USUAL = 15.0
"""Points of a row that does not say how high it is."""


def unused_rows(book: Book, names: Mapping[str, str]) -> set[int]:
    """Numbers of the rows of a sheet that are not in use, counted from 1.

    Args:
        book: The filled workbook.
        names: What the sheet's own defined names stand for, by their names in small letters.
    """
    return {row for name, told in names.items() if _ROWS.fullmatch(name) for row in _unused(book, names, name, told)}


def _unused(book: Book, names: Mapping[str, str], name: str, told: str) -> Iterator[int]:
    rows, cell = parse_area(told.strip()), parse_area(names.get(f"{name}_used", "").strip())
    if rows is None or cell is None:
        return
    used = _number(book, cell)
    if used is not None:
        yield from range(rows.row + max(0, used), rows.last_row + 1)


def _number(book: Book, cell: Area) -> int | None:
    sheet = next((sheet for sheet in book.sheets if sheet.name.lower() == (cell.sheet or "").lower()), None)
    value = None if sheet is None else sheet.values.get((cell.row, cell.column))
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def folded(data: bytes, rows: set[int]) -> bytes:
    """A sheet with these rows hidden, and without the page breaks that are no longer needed.

    Raises:
        ValueError: It is not well-formed.
    """
    data = plain_xml(data)
    edits, root = Edits(data), parse(data)
    heights: dict[int, float] = {}
    held: set[int] = set()
    for row in _rows(root):
        number = int(row.get("r")) if row.get("r").isdigit() else 0
        if number in rows:
            edits.set(row, {"hidden": "1"})
        elif row.get("hidden") not in ("1", "true"):
            heights[number] = _points(row.get("ht"))
            held |= {number} if row.children else set()
    _joined(edits, root, heights, held)
    return edits.apply()


def without_folded(data: bytes, rows: set[int]) -> bytes:
    """A part of drawings without those of which every row is hidden: a program would draw them as a line.

    Raises:
        ValueError: It is not well-formed.
    """
    data = plain_xml(data)
    edits, root = Edits(data), parse(data)
    for anchor in root.children:
        first, last = (_row_of(anchor.child(name)) for name in ("from", "to"))
        if first is not None and last is not None and first < last and rows.issuperset(range(first + 1, last + 1)):
            edits.remove(anchor)
    return edits.apply()


def _row_of(end: Element | None) -> int | None:
    row = None if end is None else end.child("row")
    return int(row.text) if row is not None and row.text.strip().isdigit() else None


def _points(told: str) -> float:
    try:
        return float(told)
    except ValueError:
        return _USUAL


def _joined(edits: Edits, root: Element, heights: Mapping[int, float], held: set[int]) -> None:
    """Take the breaks out between pages that are one now; rows without a cell at the end of one may lie off it."""
    for found in root.iter("rowBreaks"):
        breaks = sorted((int(b.get("id")), b) for b in found.children if b.get("id").isdigit())
        ends = [number for number, _ in breaks[1:]] + [max(heights, default=0)]
        begun, room, gone = 0, FIRST_PAGE, 0
        for (number, one), end in zip(breaks, ends, strict=True):
            last = max((row for row in held if row <= end), default=0)
            if sum(height for row, height in heights.items() if begun < row <= last) <= room:
                edits.remove(one)
                gone += 1
            else:
                begun, room = number, NEXT_PAGE
        if gone == len(breaks) > 0:
            edits.remove(found)
        elif gone:
            left = str(len(breaks) - gone)
            edits.set(found, {"count": left, "manualBreakCount": left})


def _rows(root: Element) -> Iterator[Element]:
    for held in root.iter("sheetData"):
        yield from (child for child in held.children if child.name == "row")
