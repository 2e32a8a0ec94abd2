"""The columns of a clean table, and its rows, each made when it is asked for."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from xlrotation.market.providers.folder.rows import Value

_TOP = 25
"""Rows in which the layout of a table is looked for."""


class Codes(Sequence[str]):
    """Texts that hardly repeat, such as the codes of contracts: their bytes one after the other.

    Args:
        letters: The bytes.
        ends: Where each text begins, and where the last one ends.
    """

    def __init__(self, letters: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        self.letters, self.ends = letters, ends

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self.letters[self.ends[place] : self.ends[place + 1]].tobytes().decode()


class Columns:
    """The columns of a clean table: days, numbers, or texts by their place in a list.

    Attributes:
        heads: The heads.
        arrays: Of each column its days, numbers (NaN for a gap), or places of its texts.
        texts: Of a column of texts, the different ones; None for another.
        partial: Whether there are columns that were not read; they are shown as empty.
    """

    def __init__(
        self,
        heads: list[str],
        arrays: list[npt.NDArray[Any]],
        texts: list[Sequence[str] | None],
        partial: bool = False,
    ) -> None:
        self.heads, self.arrays, self.texts, self.partial = heads, arrays, texts, partial

    @functools.cached_property
    def top(self) -> list[list[Value]]:
        """The first rows, heads included: where the layout of a table is looked for, again and again."""
        return [list(self.heads), *(self.row(place) for place in range(min(len(self), _TOP - 1)))]

    def __len__(self) -> int:
        return len(self.arrays[0])

    def sort(self, order: npt.NDArray[np.integer]) -> None:
        """Put the rows in another order, a column at a time."""
        self.__dict__.pop("top", None)
        for array in self.arrays:
            array[:] = array[order]

    def row(self, place: int) -> list[Value]:
        """A row below the heads, as the careful reader would give it."""
        cells: list[Value] = []
        for array, texts in zip(self.arrays, self.texts, strict=True):
            if texts is not None:
                cells.append(texts[int(array[place])])
            elif array.dtype.kind == "M":
                day: dt.date = array[place].item()
                cells.append(day)
            else:
                number = float(array[place])
                cells.append(None if number != number else number)
        return cells


class CleanRows(Sequence[list[Value]]):
    """The rows of a clean table, its heads first, each made when it is asked for.

    Args:
        columns: The table.
        places: Which of its rows; None for all.
    """

    def __init__(self, columns: Columns, places: range | None = None) -> None:
        self.columns = columns
        self._places = range(len(columns) + 1) if places is None else places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> list[Value]: ...

    @overload
    def __getitem__(self, place: slice) -> CleanRows: ...

    def __getitem__(self, place: int | slice) -> list[Value] | CleanRows:
        if isinstance(place, slice):
            return CleanRows(self.columns, self._places[place])
        row = self._places[place]
        return list(self.columns.top[row]) if row < _TOP else self.columns.row(row - 1)

    def __iter__(self) -> Iterator[list[Value]]:
        return (self[place] for place in range(len(self)))
