"""Columns of numbers, read at once: what the ranges of a long calculation nearly always are."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from xlrotation.functions.boundary.cells import MAX_CELLS, Cell, Range
from xlrotation.measures.arrays import FloatArray

_FORM = 2
"""The last form in which equal objects are written out each time, so that every row takes the same bytes."""

_BEFORE = len(marshal.dumps([], _FORM))
_HEAD = marshal.dumps([[0.0]], _FORM)[_BEFORE:-8]
"""What stands before the eight bytes of a number: that the row is a list of one cell, and the cell a float."""

_ROW = len(_HEAD) + 8
_NUMBER = np.dtype({"names": ["number"], "formats": ["<f8"], "offsets": [len(_HEAD)], "itemsize": _ROW})
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


def column(argument: object) -> Column | None:
    """A range as a column of floats; None where it is no list of lists of one float each.

    The interpreter writes the rows into one string of bytes, types included, in a fraction of the time of looking at
    each; a row that is anything else has other bytes before its number, or another length.
    """
    if type(argument) is not list or not _FEW <= len(argument) <= MAX_CELLS or not _is_row(argument[0]):
        return None
    try:
        written = marshal.dumps(argument, _FORM)
    except ValueError:  # a value of another kind
        return None
    if len(written) != _BEFORE + _ROW * len(argument):
        return None
    for place in range(len(_HEAD)):
        if written[_BEFORE + place :: _ROW] != _HEAD[place : place + 1] * len(argument):
            return None
    return Column(argument, np.frombuffer(written, _NUMBER, offset=_BEFORE)["number"].astype(np.float64))


def _is_row(row: object) -> bool:
    return type(row) is list and len(row) == 1 and type(row[0]) is float
