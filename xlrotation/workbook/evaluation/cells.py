"""The cells that formulas read: what is known by now, and what has to be computed before it can be read."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from xlrotation.workbook.evaluation.machine import Needs, Ref, Rows, Unsupported
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.package.book import Book

Key = tuple[int, int, int]
"""A cell: sheet (from 0), row and column (from 1)."""

_KEPT = 5_000_000
"""Cells of rectangles that are kept in memory, for formulas that read the same."""

_WIDE = 100_000
"""A larger rectangle is a whole column or row, or nearly one: only the part that is used is read."""

_MOST = 12_000_000
"""Cells that a formula may read at once."""

_UNCOUNTED = 100
"""Cells of a rectangle that is read as part of a step."""

_TOLD = 1000
"""Cells that a formula is told at once to wait for."""

_BLANK: list[Value] = [None]


class Tainted(Exception):
    """A formula reads a cell that could not be brought up to date."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class _Marked:
    """The rows of one column whose cells are marked; those that no longer are, are skipped ever faster."""

    __slots__ = ("_added", "_next", "rows")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._next: list[int] = []
        self._added: list[int] = []

    def add(self, row: int) -> None:
        """Note a row."""
        self._added.append(row)

    def within(self, top: int, bottom: int, marked: Callable[[int], bool]) -> Iterator[int]:
        """The rows of a range for which *marked* still holds; others are not asked for again."""
        if self._added:
            self.rows = sorted({*filter(marked, self.rows), *self._added})
            self._next = list(range(len(self.rows)))
            self._added = []
        rows, after = self.rows, self._next
        place = bisect_left(rows, top)
        while place < len(rows):
            passed = []
            while place < len(rows):
                if after[place] == place:
                    if marked(rows[place]):
                        break
                    after[place] = place + 1
                passed.append(place)
                place = after[place]
            for skipped in passed:
                after[skipped] = place
            if place == len(rows) or rows[place] > bottom:
                return
            yield rows[place]
            place += 1


class Cells:
    """The cells of a workbook, as stored or as they become."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._values = [sheet.values for sheet in book.sheets]
        self._own = [False] * len(book.sheets)
        self._pending: list[dict[int, _Marked]] = [defaultdict(_Marked) for _ in book.sheets]
        self.waiting: dict[Key, Key] = {}
        """Cells that cannot be read yet, each with the cell of the formula that fills it."""
        self.tainted: dict[Key, Key] = {}
        self._spoilt: list[dict[int, _Marked]] = [defaultdict(_Marked) for _ in book.sheets]
        self.anchors: dict[Key, Ref] = {}
        self.step: Callable[[int], None] = _uncounted
        self._versions: dict[tuple[int, int], int] = {}
        self._kept = 0
        self._cache: dict[tuple[int, int, int, int, int], tuple[tuple[int, ...], Rows]] = {}
        self._columns_read: dict[tuple[int, int], Rows] = {}
        self._read = 0
        self._rows = max((sheet.rows for sheet in book.sheets), default=1) or 1
        self._columns = max((sheet.columns for sheet in book.sheets), default=1) or 1

    # ------------------------------------------------------------------ reading

    def get(self, sheet: int, row: int, column: int) -> Value:
        """A cell's value; None where it is blank."""
        key = (sheet, row, column)
        if key in self.waiting:
            raise Needs([self.waiting[key]])
        if key in self.tainted:
            raise Tainted(self.tainted[key])
        return self._values[sheet].get((row, column))

    def peek(self, key: Key) -> Value:
        """A cell's value as it is now, whatever is still to be computed."""
        return self._values[key[0]].get(key[1:])

    def rows(self, ref: Ref) -> Rows:
        """The values of a rectangle; of whole columns and rows as far as any sheet is used."""
        sheet, top, left, bottom, right = ref.sheet, ref.top, ref.left, ref.bottom, ref.right
        size = (bottom - top + 1) * (right - left + 1)
        if size > _WIDE:
            bottom = max(top, min(bottom, self._rows))
            right = max(left, min(right, self._columns))
            size = (bottom - top + 1) * (right - left + 1)
        if self.waiting and self._pending[sheet]:
            self._wait(sheet, top, left, bottom, right)
        if self.tainted and self._spoilt[sheet]:
            for key in _within(self._spoilt[sheet], self.tainted, (sheet, top, left, bottom, right)):
                raise Tainted(self.tainted[key])
        where = (sheet, top, left, bottom, right)
        versions = self._versions
        stamp = tuple([versions.get((sheet, column), 0) for column in range(left, right + 1)])
        kept = self._cache.get(where)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        if size > _UNCOUNTED:
            self.step(size // 50)
        if size > _MOST:
            raise Unsupported(f"reads {size:,} cells at once, which is too many here")
        if left == right:
            rows = self._column(sheet, left, bottom)[top - 1 : bottom]
        else:
            get, columns = self._values[sheet].get, range(left, right + 1)
            rows = [[get((row, column)) for column in columns] for row in range(top, bottom + 1)]
        self._kept += size
        if self._kept > _KEPT:
            self._cache.clear()
            self._kept = size
        self._cache[where] = (stamp, rows)
        return rows

    def _column(self, sheet: int, column: int, bottom: int) -> Rows:
        """The rows of a column, down to *bottom* at least; kept up to date, so that ranges of it are cut out of it."""
        rows = self._columns_read.get((sheet, column))
        if rows is None:
            if self._read > _KEPT:
                self._columns_read.clear()
                self._read = 0
            rows = self._columns_read[sheet, column] = []
        if len(rows) < bottom:
            bottom = max(bottom, min(2 * len(rows), self._rows))
            self._read += bottom - len(rows)
            get = self._values[sheet].get
            for row in range(len(rows) + 1, bottom + 1):
                value = get((row, column))
                rows.append(_BLANK if value is None else [value])
        return rows

    def _wait(self, sheet: int, top: int, left: int, bottom: int, right: int) -> None:
        needed: dict[Key, None] = {}
        for key in _within(self._pending[sheet], self.waiting, (sheet, top, left, bottom, right)):
            needed[self.waiting[key]] = None
            if len(needed) >= _TOLD:
                break
        if needed:
            raise Needs(list(needed))

    def used(self, sheet: int) -> tuple[int, int]:
        """The last row and column that a sheet uses."""
        found = self._book.sheets[sheet]
        return found.rows or 1, found.columns or 1

    def spilled(self, sheet: int, row: int, column: int) -> Ref | None:
        """The cells that the formula in a cell fills."""
        key = (sheet, row, column)
        found = self.anchors.get(key)
        if found is not None:
            return found
        formula = self._book.sheets[sheet].formulas.get((row, column))
        if formula is None or formula.area is None:
            return None
        area = formula.area
        return Ref(sheet, area.row, area.column, area.last_row, area.last_column)

    def formula(self, sheet: int, row: int, column: int) -> str | None:
        """The formula of a cell as it is shown."""
        formula = self._book.sheets[sheet].formulas.get((row, column))
        if formula is None:
            return None
        text = f"={_shown(formula.text)}"
        return f"{{{text}}}" if formula.kind == "array" else text

    # ------------------------------------------------------------------ writing

    def wait(self, key: Key, anchor: Key) -> None:
        """Note that a cell cannot be read before the formula in *anchor* is computed."""
        if key not in self.waiting:
            sheet, row, column = key
            self._pending[sheet][column].add(row)
        self.waiting[key] = anchor

    def arrived(self, key: Key) -> None:
        """Note that a cell can be read."""
        self.waiting.pop(key, None)

    def put(self, key: Key, value: Value) -> None:
        """Give a cell a value; None empties it."""
        sheet, row, column = key
        if not self._own[sheet]:
            self._values[sheet] = dict(self._values[sheet])
            self._own[sheet] = True
        if value is None:
            self._values[sheet].pop((row, column), None)
        else:
            self._values[sheet][row, column] = value
            used = self._book.sheets[sheet]
            if row > used.rows or column > used.columns:
                used.rows, used.columns = max(used.rows, row), max(used.columns, column)
                if used.rows > self._rows or used.columns > self._columns:
                    self._rows, self._columns = max(self._rows, used.rows), max(self._columns, used.columns)
        where = (sheet, column)
        self._versions[where] = self._versions.get(where, 0) + 1
        read = self._columns_read.get(where)
        if read is not None and row <= len(read):
            read[row - 1] = _BLANK if value is None else [value]

    def fill(self, key: Key, rows: Rows) -> dict[tuple[int, int], Value]:
        """Give the cells from one on the values of rows, none of them blank; they can be read from now on.

        Returns:
            The values by row and column.
        """
        sheet, top, left = key
        bottom, right = top + len(rows) - 1, left + len(rows[0]) - 1
        self.put((sheet, bottom, right), rows[-1][-1])
        places = itertools.product(range(top, bottom + 1), range(left, right + 1))
        filled = dict(zip(places, itertools.chain.from_iterable(rows), strict=True))
        self._values[sheet].update(filled)
        for row, column in filled:
            self.waiting.pop((sheet, row, column), None)
        for row, column in filled if self.tainted else ():
            self.tainted.pop((sheet, row, column), None)
        for place, c in enumerate(range(left, right + 1)):
            where = (sheet, c)
            self._versions[where] = self._versions.get(where, 0) + 1
            read = self._columns_read.get(where)
            if read is not None:
                for r in range(top, min(bottom, len(read)) + 1):
                    read[r - 1] = [rows[r - top][place]]
        return filled

    def taint(self, key: Key, source: Key) -> None:
        """Note that a cell could not be brought up to date, for what became of *source*."""
        if key not in self.tainted:
            sheet, row, column = key
            self._spoilt[sheet][column].add(row)
        self.tainted[key] = source

    def clean(self, key: Key) -> None:
        """A cell is up to date after all."""
        self.tainted.pop(key, None)


def _uncounted(_: int) -> None:
    pass


def _within(
    marked: dict[int, _Marked], keys: Mapping[Key, Key], place: tuple[int, int, int, int, int]
) -> Iterator[Key]:
    """The cells of a rectangle of one sheet that are among *keys*."""
    sheet, top, left, bottom, right = place
    for column in range(left, right + 1) if right - left < len(marked) else sorted(marked):
        if left <= column <= right and column in marked:
            for row in marked[column].within(top, bottom, lambda row, c=column: (sheet, row, c) in keys):  # type: ignore[misc]
                yield sheet, row, column


def _shown(text: str) -> str:
    for prefix in ("_xlfn.", "_xlws.", "_xlpm."):
        text = text.replace(prefix, "")
    return text
