"""Room for expressions and tables, on sheets added behind the workbook's own."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.engine import Cell, Engine, Place, Table
from xlrotation.workbook.references import Area, area_name, cell_name, quoted_sheet

_LANE = 40
"""Columns that a result with several rows gets at first; a wider one gets a sheet of its own."""

_LAST_LANE = 16_000


class Scratch:
    """Scratch sheets of an engine.

    Expressions stand in one column, a row each: most give one value. One whose result has several rows is blocked
    there by the next and moves to a lane of its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._column: int | None = None
        self._rows = 0
        self._lanes: int | None = None
        self._lane = 1

    def expression(self, formula: str) -> Place:
        """Put an expression; returns its cell."""
        if self._column is None or self._rows > 1_000_000:
            self._column, self._rows = self._engine.add_sheet("_xlr_expressions"), 0
        self._rows += 1
        place = (self._column, self._rows, 1)
        self._engine.set_formula(*place, formula)
        self._engine.set_value(self._column, self._rows + 1, 1, ".")  # blocks a result of several rows
        return place

    def moved(self, place: Place, formula: str) -> Place:
        """Give an expression that has no room at *place* more; returns its new cell."""
        self._engine.set_value(*place, ".")
        roomy = self._own_sheet() if place[0] != self._column else self._next_lane(_LANE)
        self._engine.set_formula(*roomy, formula)
        return roomy

    def roomy(self, formula: str) -> Place:
        """Put an expression whose result will have several cells; returns its cell."""
        place = self._own_sheet()
        self._engine.set_formula(*place, formula)
        return place

    def is_blocked(self, place: Place) -> bool:
        """Whether an expression has no room for its result."""
        return self._engine.raw_error(*place) == "#SPILL!"

    def result(self, place: Place) -> Cell | Table:
        """The result of an expression: a value, or the rectangle that it filled."""
        engine, (sheet, top, left) = self._engine, place
        right, bottom = left, top
        while not engine.is_empty(sheet, top, right + 1):
            right += 1
        while sheet != self._column and not engine.is_empty(sheet, bottom + 1, left):
            bottom += 1
        if right == left and bottom == top:
            return engine.value(sheet, top, left)
        return engine.values(sheet, Area(None, top, left, bottom, right))

    def table(self, table: Table) -> str:
        """Put a table where formulas can refer to it; returns the reference. A blank cell becomes an empty text."""
        width = len(table[0])
        sheet, top, left = self._next_lane(_LANE) if width < _LANE else self._own_sheet()
        for r, row in enumerate(table, top):
            for c, value in enumerate(row, left):
                self._engine.set_value(sheet, r, c, "" if value is None else value)
        area = Area(None, top, left, top + len(table) - 1, left + width - 1)
        return f"{quoted_sheet(self._engine.sheets[sheet])}!{area_name(area)}"

    def number(self, value: float) -> str:
        """Put a number where formulas can refer to it; returns the reference."""
        place = self.expression("=0")
        self._engine.set_value(*place, value)
        return f"{quoted_sheet(self._engine.sheets[place[0]])}!{cell_name(place[1], place[2])}"

    def _next_lane(self, width: int) -> Place:
        if self._lanes is None or self._lane > _LAST_LANE:
            self._lanes, self._lane = self._engine.add_sheet("_xlr_tables"), 1
        place = (self._lanes, 1, self._lane)
        self._lane += width + 1
        return place

    def _own_sheet(self) -> Place:
        return self._engine.add_sheet("_xlr_table"), 1, 1


def rectangle(value: Cell | Table) -> Cell | Table:
    """*value* with an empty table as the error that a spreadsheet shows for one."""
    if isinstance(value, list) and (not value or not value[0]):
        return CellError.CALC
    return value
