"""IronCalc, which computes the native functions, behind the few calls that evaluation needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ironcalc

from xlrotation.errors import CELL_ERRORS, CellError, RotationError
from xlrotation.workbook.references import Area, cell_name, quoted_sheet

Cell = None | bool | int | float | str | dt.date | CellError
Table = list[list[Cell]]

_LANE = 40
"""Columns of a scratch sheet that one expression has for its result; a wider one gets a sheet of its own."""

_EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}


class BadWorkbook(RotationError):
    """A file that is no workbook, or one that cannot be read."""


class Engine:
    """A workbook in IronCalc. Sheets count from 0; rows and columns from 1."""

    def __init__(self, path: Path | None = None, date1904: bool = False) -> None:
        try:
            self._model: Any = ironcalc.load_from_xlsx(str(path), "en", "UTC") if path else ironcalc.create("book")
        except Exception as error:
            raise BadWorkbook(
                f"{path}: cannot be read as a workbook ({error}); open it in a spreadsheet and save it again"
            ) from error
        self._epoch = _EPOCHS[date1904]
        self.sheets: list[str] = [sheet["name"] for sheet in self._model.get_worksheets_properties()]
        self.own_sheets = len(self.sheets)
        self._index = {name.lower(): place for place, name in enumerate(self.sheets)}
        self.names: dict[tuple[int | None, str], str] = {
            (item["scope"], item["name"].lower()): item["formula"].removeprefix("=")
            for item in self._model.get_defined_name_list()
        }
        self._lanes: list[int] = []
        self.stale = True

    def sheet(self, name: str) -> int | None:
        """The number of the sheet *name*; None where there is none."""
        return self._index.get(name.lower())

    def formulas(self) -> Iterable[tuple[int, int, int, str]]:
        """Sheet, row, column and text of every formula."""
        formula_of = self._model.get_cell_formula
        for sheet, row, column in self._model.get_all_cells():
            text = formula_of(sheet, row, column)
            if text is not None:
                yield sheet, row, column, text

    def formula(self, sheet: int, row: int, column: int) -> str | None:
        """The formula of a cell as IronCalc understood it; functions that it does not know are in small letters."""
        text: str | None = self._model.get_cell_formula(sheet, row, column)
        return text

    def evaluate(self) -> None:
        """Compute everything, unless nothing has changed since the last time."""
        if self.stale:
            self._model.evaluate()
            self.stale = False

    def set_formula(self, sheet: int, row: int, column: int, formula: str) -> None:
        """Put a formula into a cell; its result may spill."""
        self._model.set_user_input(sheet, row, column, formula)
        self.stale = True

    def set_array(self, sheet: int, area: Area, formula: str) -> None:
        """Put an array formula of the old kind, which fills just its area."""
        self._model.range_clear_contents(sheet, area.row, area.column, area.last_row, area.last_column)
        width, height = area.last_column - area.column + 1, area.last_row - area.row + 1
        self._model.set_user_array_formula(sheet, area.row, area.column, width, height, formula)
        self.stale = True

    def set_value(self, sheet: int, row: int, column: int, value: Cell) -> None:
        """Put a value into a cell; a text is never read as a formula, a date becomes its serial number."""
        model = self._model
        if value is None:
            model.clear_cell_contents(sheet, row, column)
        elif isinstance(value, bool):
            model.update_cell_with_bool(sheet, row, column, value)
        elif isinstance(value, int | float):
            model.update_cell_with_number(sheet, row, column, float(value))
        elif isinstance(value, CellError):
            model.set_user_input(sheet, row, column, f"={value.value}")
        elif isinstance(value, dt.date):
            model.update_cell_with_number(sheet, row, column, self.serial(value))
        else:
            model.update_cell_with_text(sheet, row, column, value)
        self.stale = True

    def clear_spill(self, sheet: int, area: Area) -> None:
        """Empty what a formula in the first cell of *area* had spilled: read from a file it would stand in its way."""
        for row in range(area.row, area.last_row + 1):
            for column in range(area.column, area.last_column + 1):
                if (row, column) != (area.row, area.column) and self.formula(sheet, row, column) is None:
                    self._model.clear_cell_contents(sheet, row, column)
        self.stale = True

    def serial(self, day: dt.date) -> float:
        """The serial number of a date in the workbook's date system."""
        days = (dt.date(day.year, day.month, day.day) - self._epoch).days
        if isinstance(day, dt.datetime):
            return days + (day.hour * 3600 + day.minute * 60 + day.second) / 86400
        return float(days)

    def value(self, sheet: int, row: int, column: int) -> Cell:
        """The value of a cell, None where it is empty."""
        value: Cell = self._model.get_cell_value(sheet, row, column)
        if not isinstance(value, str) or value[:1] != "#":
            return value
        if self._model.get_cell_type(sheet, row, column) != ironcalc.CellType.ErrorValue:
            return value
        return CELL_ERRORS.get(value, CellError.REF if value == "#CIRC!" else CellError.NAME)

    def raw_error(self, sheet: int, row: int, column: int) -> str:
        """The error text of a cell in IronCalc's own words, empty where it holds none."""
        value = self._model.get_cell_value(sheet, row, column)
        return value if isinstance(value, str) and value[:1] == "#" else ""

    def values(self, sheet: int, area: Area) -> Table:
        """The values of an area; what lies below the sheet's last row is left out."""
        last = min(area.last_row, max(area.row, self._model.get_sheet_dimensions(sheet)[1]))
        rows, columns = range(area.row, last + 1), range(area.column, area.last_column + 1)
        return [[self.value(sheet, row, column) for column in columns] for row in rows]

    # Scratch space, on sheets added behind the workbook's own

    def scratch_formula(self, formula: str, alone: bool = False) -> tuple[int, int, int]:
        """Put an expression where its result has room to spill; returns its cell."""
        sheet, column = self._lane(alone)
        self.set_formula(sheet, 1, column, formula)
        return sheet, 1, column

    def scratch_table(self, table: Table) -> tuple[str, tuple[int, int, int]]:
        """Put a table where formulas can refer to it; returns the reference and its first cell."""
        width = len(table[0])
        sheet, column = self._lane(alone=width > _LANE)
        place = (sheet, 1, column)
        return self.refill(place, table), place

    def refill(self, place: tuple[int, int, int], table: Table) -> str:
        """Write *table* at *place*; returns the reference to it."""
        sheet, top, left = place
        for r, row in enumerate(table, top):
            for c, value in enumerate(row, left):
                self.set_value(sheet, r, c, "" if value is None else value)
        last = cell_name(top + len(table) - 1, left + len(table[0]) - 1)
        return f"{quoted_sheet(self.sheets[sheet])}!{cell_name(top, left)}:{last}"

    def spilled(self, place: tuple[int, int, int]) -> Cell | Table:
        """The result of a scratch expression: a value, or the rectangle that it filled."""
        sheet, top, left = place
        right, bottom = left, top
        while self._model.get_cell_value(sheet, top, right + 1) is not None:
            right += 1
        while self._model.get_cell_value(sheet, bottom + 1, left) is not None:
            bottom += 1
        if right == left and bottom == top:
            return self.value(sheet, top, left)
        return self.values(sheet, Area(None, top, left, bottom, right))

    def _lane(self, alone: bool) -> tuple[int, int]:
        """A free stretch of columns on a scratch sheet."""
        if not self._lanes or alone or self._lanes[-1] + 2 * _LANE > 16_000:
            name = f"_xlr{len(self._lanes) + 1}"
            while name in self._index:
                name += "_"
            self._model.add_sheet(name)
            self.sheets.append(name)
            self._index[name.lower()] = len(self.sheets) - 1
            self._lanes.append(1)
        else:
            self._lanes[-1] += _LANE
        column = self._lanes[-1]
        if alone:
            self._lanes[-1] = 16_000  # full
        return len(self.sheets) - 1, column
