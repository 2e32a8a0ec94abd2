"""Columns of numbers, and of texts, read at once: what the ranges of a long calculation nearly always are."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from xlrotation.functions.boundary.cells import MAX_CELLS, Cell, Range
from xlrotation.grid import MAX_TEXT
from xlrotation.measures.arrays import FloatArray, IntArray

_FORM = 2
"""The last form in which equal objects are written out each time, so that every row takes the same bytes."""

_BEFORE = len(marshal.dumps([], _FORM))
_HEAD = marshal.dumps([[0.0]], _FORM)[_BEFORE:-8]
"""What stands before the eight bytes of a number: that the row is a list of one cell, and the cell a float."""

_ROW = len(_HEAD) + 8
_CELL = np.dtype(
    {
        "names": ["list", "float", "number"],
        "formats": ["<u4", "<u2", "<f8"],
        "offsets": [0, 4, len(_HEAD)],
        "itemsize": _ROW,
    }
)
"""The mark of a list, its length in four bytes, the mark of a float, and the number."""

_LIST, _FLOAT = int.from_bytes(_HEAD[:4], "little"), int.from_bytes(_HEAD[4:], "little")
_BYTES = 256
_FEW = 16
"""Cells of a column below which reading them one by one costs no more."""


class Column(Sequence[Cell]):
    """The cells of a column of floats.

    Attributes:
        numbers: ``(rows,)``, not to be written to.
    """

    __slots__ = ("_rows", "numbers")

    def __init__(self, rows: Range, numbers: FloatArray) -> None:
        numbers.flags.writeable = False
        self._rows, self.numbers = rows, numbers

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> list[Cell]: ...
    def __getitem__(self, place: int | slice) -> Cell | list[Cell]:
        return [cell for (cell,) in self._rows[place]] if isinstance(place, slice) else self._rows[place][0]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self[:])


class Words(Sequence[Cell]):
    """The cells of a column of texts.

    Attributes:
        distinct: Each text once, in the order of its first cell.
    """

    __slots__ = ("_flat", "distinct")

    def __init__(self, flat: list[Cell], distinct: list[Cell]) -> None:
        self._flat, self.distinct = flat, distinct

    def __len__(self) -> int:
        return len(self._flat)

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> list[Cell]: ...
    def __getitem__(self, place: int | slice) -> Cell | list[Cell]:
        return self._flat[place]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._flat)

    def codes(self) -> IntArray:
        """Which of the distinct texts each cell is, ``(rows,)``."""
        places = {text: number for number, text in enumerate(self.distinct)}
        numbered = map(places.__getitem__, self._flat)
        if len(places) <= _BYTES:
            return np.frombuffer(bytes(numbered), np.uint8).astype(np.int64)
        return np.fromiter(numbered, np.int64, len(self._flat))


def read(argument: object) -> Column | Words | None:
    """A range as a column of floats or of texts; None where it is neither."""
    if type(argument) is not list or not _FEW <= len(argument) <= MAX_CELLS:
        return None
    first = argument[0]
    if type(first) is not list or len(first) != 1:
        return None
    kind = type(first[0])
    return _floats(argument) if kind is float else _texts(argument) if kind is str else None


def _texts(rows: Range) -> Words | None:
    """A column of texts that cells can hold; None where a row has no cell or several, or one is anything else."""
    try:
        flat = [cell for (cell,) in rows]
        distinct = list(dict.fromkeys(flat))
    except (TypeError, ValueError):
        return None
    if set(map(type, rows)) != {list} or set(map(type, distinct)) != {str}:
        return None
    return Words(flat, distinct) if max(map(len, distinct)) <= MAX_TEXT else None  # type: ignore[arg-type]


def _floats(argument: Range) -> Column | None:
    """A range as a column of floats; None where it is no list of lists of one float each.

    The interpreter writes the rows into one string of bytes, types included, in a fraction of the time of looking at
    each; a row that is anything else has other bytes before its number, or another length.
    """
    try:
        written = marshal.dumps(argument, _FORM)
    except ValueError:  # a value of another kind
        return None
    if len(written) != _BEFORE + _ROW * len(argument):
        return None
    cells = np.frombuffer(written, _CELL, offset=_BEFORE)
    if not ((cells["list"] == _LIST).all() and (cells["float"] == _FLOAT).all()):
        return None
    return Column(argument, cells["number"].astype(np.float64))
