"""The shape of a formula: its text without the cells, texts and numbers in it.

Formulas that were filled down or across differ only in their cells. They share one tree, whose :class:`Slot` and
:class:`Literal` nodes stand for what each of them gives in those places.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

from xlrotation.workbook.evaluation.machine import Ref
from xlrotation.workbook.formulas.references import MAX_COLUMN, MAX_ROW, column_number, parse_area
from xlrotation.workbook.formulas.syntax import ANY_CELL, ANY_NUMBER, ANY_TEXT, Places, parse_slotted
from xlrotation.workbook.formulas.tokens import AREA, NUMBER, FormulaError
from xlrotation.workbook.formulas.trees import Node
from xlrotation.workbook.formulas.troubles import MAX_LENGTH

_GIVEN = re.compile(
    r'("[^"]*(?:""[^"]*)*"'
    r"|(?<![\w.$\\?!':\]])(?=[\w.$'])"
    rf"(?:(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*+)!)?{AREA}|{NUMBER}(?![\w.(\\?!:\[])))"
)
"""A text in quotes, a reference with its sheet, or a number."""

_UNSHAPED = re.compile(r"[\[{#]")
"""Marks of what is read as a whole: parts of tables, other workbooks, arrays, errors, spilled cells."""

Given = tuple[Ref | str | float, ...]
"""What stands in the slots of a shape, in the order of the text."""


class Known(dict[str, "Ref | str | float | None"]):
    """The references, texts and numbers that formulas of one sheet give; None for what a shape cannot leave out."""

    def __init__(self, sheet: int, index: Mapping[str, int]) -> None:
        super().__init__()
        self._sheet, self._index = sheet, index

    def __missing__(self, text: str) -> Ref | str | float | None:
        self[text] = found = self._read(text)
        return found

    def _read(self, text: str) -> Ref | str | float | None:
        if text.isalnum() and text[0] > "9":  # nearly all
            letters = text.rstrip("0123456789")
            row, column = int(text[len(letters) :]), column_number(letters)
            return Ref(self._sheet, row, column, row, column) if 1 <= row <= MAX_ROW and column <= MAX_COLUMN else None
        if text[0] == '"':
            return text[1:-1].replace('""', '"')
        if text[0] in ".0123456789" and ":" not in text:
            return number if math.isfinite(number := float(text)) else None
        if "!" not in text and ":" not in text:
            plain = text.replace("$", "")
            letters = plain.rstrip("0123456789")
            row, column = int(plain[len(letters) :]), column_number(letters)
            return Ref(self._sheet, row, column, row, column) if 1 <= row <= MAX_ROW and column <= MAX_COLUMN else None
        if "\\" in text or "/" in text:
            return None
        area = parse_area(text)
        if area is None:
            return None
        sheet = self._sheet if area.sheet is None else self._index.get(area.sheet.lower())
        if sheet is None:
            return None
        return Ref(sheet, area.row, area.column, area.last_row, area.last_column)


_ANY = {Ref: ANY_CELL, str: ANY_TEXT, float: ANY_NUMBER}


def shape_of(text: str, known: Known) -> tuple[Node, Given] | None:
    """The tree that a formula shares with all of its shape, and what it gives; None where it is to be read whole.

    Args:
        text: The formula, without ``=``.
        known: What formulas of its sheet give.
    """
    if len(text) > MAX_LENGTH or _UNSHAPED.search(text):
        return None
    parts = _GIVEN.split(text)
    given = tuple([known[part] for part in parts[1::2]])
    tree = _shaped("\0".join(parts[::2]), tuple(map(type, given)))
    return None if tree is None else (tree, given)  # type: ignore[return-value]


@functools.lru_cache(maxsize=8192)
def _shaped(literal: str, kinds: tuple[type, ...]) -> Node | None:
    """The tree of a shape; None where what is left out is not what the whole text would be read as."""
    pieces = literal.split("\0")
    if len(pieces) != len(kinds) + 1 or type(None) in kinds:
        return None
    places: Places = {}
    text = pieces[0]
    for place, (kind, piece) in enumerate(zip(kinds, pieces[1:], strict=True)):
        places[len(text)] = place
        text += _ANY[kind] + piece
    try:
        return parse_slotted(text, places)
    except FormulaError:
        return None
