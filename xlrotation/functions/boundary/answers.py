"""What was asked before, with the answer, until the data change.

A recalculation in a spreadsheet program asks the same again and again: cells that were not ready when first asked, the
same formula on several sheets, every formula after each edit that touches one of its inputs.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from itertools import chain

from xlrotation.functions.boundary.cells import Cell, Range

MAX_CALLS = 10_000
"""Calls that are remembered; the oldest go first."""

MAX_CELLS = 250_000
"""Cells of remembered answers, together."""

MAX_ASKED = 2_000
"""Cells of the arguments of a remembered call: comparing longer ranges costs as much as most answers."""


MAX_TEXT = 255
"""Characters of a text among them: thousands of long ones would fill the memory."""


class Unknown:
    """Stands for an answer that is not known; None is one."""


UNKNOWN = Unknown()


class Answers:
    """Answers by call."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Cell | Range] = {}
        self._cells = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, call: Hashable) -> Cell | Range | Unknown:
        """The answer to *call*, a table as a copy of its own; :data:`UNKNOWN` where there is none."""
        found = self._known.get(call, UNKNOWN)
        return [row.copy() for row in found] if type(found) is list else found

    def put(self, call: Hashable, answer: Cell | Range) -> None:
        """Remember an answer; one that is too large is not."""
        size, kept = 1, answer
        if isinstance(answer, list):
            size = _size(answer)
            if size > MAX_CELLS // 10:
                return
            kept = [row.copy() for row in answer]
        with self._lock:
            if call in self._known:
                return
            while self._known and (len(self._known) >= MAX_CALLS or self._cells + size > MAX_CELLS):
                self._cells -= _size(self._known.pop(next(iter(self._known))))
            self._known[call] = kept
            self._cells += size


def identity(arguments: Sequence[object]) -> Hashable | None:
    """What tells a call's arguments from others (TRUE is not 1); None where they are too many or too long."""
    parts: list[object] = [*arguments, *map(type, arguments)]
    left = MAX_ASKED
    for place, argument in enumerate(arguments):
        if isinstance(argument, str):
            if len(argument) > MAX_TEXT:
                return None
        elif isinstance(argument, (list, tuple)):
            if len(argument) > left:
                return None
            rows = [row if isinstance(row, list | tuple) else (row,) for row in argument]
            widths = set(map(len, rows))
            left -= sum(widths) * len(rows)
            if left < 0 or len(widths) > 1:
                return None
            cells = tuple(chain.from_iterable(rows))
            if any(isinstance(cell, str) and len(cell) > MAX_TEXT for cell in cells):
                return None
            types = _NUMBERS.intersection(map(type, cells))
            parts[place] = (len(rows), cells, tuple(map(type, cells)) if len(types) > 1 else frozenset(types))
    return tuple(parts)


_NUMBERS = frozenset({bool, int, float})
"""Types whose values Python holds to be equal, though a cell shows them differently."""


def _size(answer: Cell | Range) -> int:
    return len(answer) * len(answer[0]) if isinstance(answer, list) and answer else 1
