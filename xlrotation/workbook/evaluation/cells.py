"""The cells that formulas read: what is known by now, and what has to be computed before it can be read."""

from __future__ import annotations

from bisect import bisect_left, insort

from xlrotation.workbook.evaluation.machine import Needs, Ref, Rows
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.package.book import Book

Key = tuple[int, int, int]
"""A cell: sheet (from 0), row and column (from 1)."""

_KEPT = 5_000_000
"""Cells of rectangles that are kept in memory, for formulas that read the same."""

_WIDE = 100_000
"""A larger rectangle is a whole column or row, or nearly one: only the part that is used is read."""


class Tainted(Exception):
    """A formula reads a cell that could not be brought up to date."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class Cells:
    """The cells of a workbook, as stored or as they become."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._values = [sheet.values for sheet in book.sheets]
        self._own = [False] * len(book.sheets)
        self._pending: list[dict[int, list[int]]] = [{} for _ in book.sheets]
        self.waiting: dict[Key, Key] = {}
        """Cells that cannot be read yet, each with the cell of the formula that fills it."""
        self.tainted: dict[Key, Key] = {}
        self._tainted_sheets: set[int] = set()
        self.anchors: dict[Key, Ref] = {}
        self._versions: dict[tuple[int, int], int] = {}
        self._kept = 0
        self._cache: dict[tuple[int, int, int, int, int], tuple[tuple[int, ...], Rows]] = {}
        self._longest: dict[Key, tuple[tuple[int, ...], int, Rows]] = {}
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
        if (bottom - top + 1) * (right - left + 1) > _WIDE:
            bottom = max(top, min(bottom, self._rows))
            right = max(left, min(right, self._columns))
        if self._pending[sheet]:
            self._wait(sheet, top, left, bottom, right)
        if sheet in self._tainted_sheets:
            for key, source in self.tainted.items():
                if key[0] == sheet and top <= key[1] <= bottom and left <= key[2] <= right:
                    raise Tainted(source)
        where = (sheet, top, left, bottom, right)
        versions = self._versions
        stamp = tuple([versions.get((sheet, column), 0) for column in range(left, right + 1)])
        kept = self._cache.get(where)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        get = self._values[sheet].get
        if left == right:
            start, rows = top, []
            longest = self._longest.get((sheet, top, left))
            if longest is not None and longest[0] == stamp and longest[1] <= bottom:
                start, rows = longest[1] + 1, list(longest[2])  # a range that grows from formula to formula
            rows += [[get((row, left))] for row in range(start, bottom + 1)]
            self._longest[sheet, top, left] = (stamp, bottom, rows)
        else:
            columns = range(left, right + 1)
            rows = [[get((row, column)) for column in columns] for row in range(top, bottom + 1)]
        self._kept += (bottom - top + 1) * (right - left + 1)
        if self._kept > _KEPT:
            self._cache.clear()
            self._kept = 0
        self._cache[where] = (stamp, rows)
        return rows

    def _wait(self, sheet: int, top: int, left: int, bottom: int, right: int) -> None:
        pending = self._pending[sheet]
        columns = range(left, right + 1) if right - left < len(pending) else sorted(pending)
        needed: dict[Key, None] = {}
        for column in columns:
            if not left <= column <= right:
                continue
            rows = pending.get(column)
            if not rows:
                continue
            place = bisect_left(rows, top)
            while place < len(rows) and rows[place] <= bottom:
                needed[self.waiting[sheet, rows[place], column]] = None
                place += 1
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
            insort(self._pending[key[0]].setdefault(key[2], []), key[1])
        self.waiting[key] = anchor

    def arrived(self, key: Key) -> None:
        """Note that a cell can be read."""
        if self.waiting.pop(key, None) is not None:
            rows = self._pending[key[0]][key[2]]
            del rows[bisect_left(rows, key[1])]
            if not rows:
                del self._pending[key[0]][key[2]]

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

    def taint(self, key: Key, source: Key) -> None:
        """Note that a cell could not be brought up to date, for what became of *source*."""
        self.tainted[key] = source
        self._tainted_sheets.add(key[0])

    def clean(self, key: Key) -> None:
        """A cell is up to date after all."""
        self.tainted.pop(key, None)


def _shown(text: str) -> str:
    for prefix in ("_xlfn.", "_xlws.", "_xlpm."):
        text = text.replace(prefix, "")
    return text
