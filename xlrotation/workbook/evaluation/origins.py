"""Where the value of a cell comes from: the cells that it reads, and those that they read."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area, Place, areas
from xlrotation.workbook.formulas.tokens import marks
from xlrotation.workbook.package.book import read_book

_MOST = 200_000
"""Cells that are looked at for all answers of a workbook together."""

_WIDE = 5_000
"""A reference to more cells is walked by the cells that formulas feed."""

Spot = tuple[str, Place]
"""A sheet's name as it is spelled, and a cell of it."""


class Origins:
    """The cells that a cell's value comes from.

    Args:
        path: The workbook.
        evaluation: What its cells came to.
    """

    def __init__(self, path: Path, evaluation: Evaluation) -> None:
        self._path, self._evaluation, self._left = path, evaluation, _MOST
        self._said: dict[tuple[Spot, Callable[[Spot], str], bool], str] = {}

    @functools.cached_property
    def _formulas(self) -> dict[str, dict[Place, str]]:
        book = read_book(self._path)
        return {s.name: {place: cell.text for place, cell in s.formulas.items()} for s in book.sheets}

    @functools.cached_property
    def _spelled(self) -> dict[str, str]:
        return {name.lower(): name for name in self._formulas}

    @functools.cached_property
    def _spilled(self) -> dict[str, dict[Place, Place]]:
        """By sheet: the cell whose formula fills a cell."""
        return {
            sheet: {
                (row, column): (top, left)
                for (top, left), (bottom, right) in anchors.items()
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
            }
            for sheet, anchors in self._evaluation.anchors.items()
        }

    def anchor(self, spot: Spot) -> Spot:
        """The cell whose formula fills a cell: itself, or the one that spills into it."""
        sheet, place = spot
        return sheet, self._spilled.get(sheet, {}).get(place, place)

    def formula(self, spot: Spot) -> str:
        """The formula in a cell; empty where it has none."""
        return self._formulas.get(spot[0], {}).get(spot[1], "")

    def read_by(self, spot: Spot) -> Iterator[Spot]:
        """The cells that a cell's formula names, as far as formulas feed them; of a name those that it stands for."""
        sheet, place = self.anchor(spot)
        text = self._formulas.get(sheet, {}).get(place, "")
        for area in (*areas(text), *self._named(text)):
            where = sheet if area.sheet is None else self._spelled.get(area.sheet.lower(), "")
            values = self._evaluation.values.get(where, {})
            rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
            if area.size > _WIDE:
                yield from ((where, cell) for cell in values if cell[0] in rows and cell[1] in columns)
            else:
                yield from ((where, (row, column)) for row in rows for column in columns if (row, column) in values)

    def _named(self, text: str) -> Iterator[Area]:
        for token in marks(text):
            if token.kind == "name":
                meant = self._evaluation.names.get(token.text.lower())
                if isinstance(meant, Area):
                    yield meant

    def shows_error(self, spot: Spot) -> bool:
        """Whether a cell shows an error value."""
        return isinstance(self._evaluation.values.get(spot[0], {}).get(spot[1]), CellError)

    def first(self, spot: Spot, told: Callable[[Spot], str], beyond_errors: bool = False) -> str:
        """What *told* says, first, of the cells that *spot* comes from, the nearest first.

        Args:
            spot: The cell.
            told: What there is to say of a cell that has a formula; empty for nothing.
            beyond_errors: Follow, after cells that show an error, also those that show none.
        """
        key = self.anchor(spot), told, beyond_errors
        if key not in self._said:
            self._said[key] = self._first(spot, told, beyond_errors)
        return self._said[key]

    def _first(self, spot: Spot, told: Callable[[Spot], str], beyond_errors: bool) -> str:
        follows: tuple[Callable[[Spot], bool], ...] = (self.shows_error, lambda _: True)
        for follow in follows if beyond_errors else follows[:1]:
            seen, left = {self.anchor(spot)}, deque([spot])
            while left:
                here = left.popleft()
                if said := told(self.anchor(here)):
                    return said
                for other in self._budgeted(self.read_by(here)):
                    if self.anchor(other) not in seen and follow(other):
                        seen.add(self.anchor(other))
                        left.append(other)
        return ""

    def _budgeted(self, spots: Iterator[Spot]) -> Iterator[Spot]:
        """*spots*, as long as there is work left for all answers together: a workbook may hold many errors."""
        for spot in spots:
            if self._left <= 0:
                return
            self._left -= 1
            yield spot
