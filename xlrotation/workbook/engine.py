"""IronCalc, which computes the native functions, behind the few calls that evaluation needs."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ironcalc

from xlrotation.errors import CELL_ERRORS, CellError, RotationError
from xlrotation.workbook.references import Area

Cell = None | bool | int | float | str | dt.date | CellError
Table = list[list[Cell]]

Place = tuple[int, int, int]
"""A cell: sheet (from 0), row and column (from 1)."""

_EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
_WIDE = 100_000
"""A larger area is a whole column or row, or nearly one; only its used part is read."""


class BadWorkbook(RotationError):
    """A file that is no workbook, or one that cannot be read."""


@contextlib.contextmanager
def engine_errors(path: Path) -> Iterator[None]:
    """Turn what IronCalc raises over a workbook into :class:`BadWorkbook`; a panic of its is no ``Exception``."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, ironcalc.WorkbookError) or type(error).__name__ == "PanicException":
            raise BadWorkbook(f"{path}: cannot be evaluated ({error}); save it again in a spreadsheet") from error
        raise


class Engine:
    """A workbook in IronCalc. Sheets count from 0; rows and columns from 1.

    Attributes:
        sheets: The names of the sheets, scratch sheets at the end.
        names: Defined names (scope or None, and name in small letters) with their definitions.
    """

    def __init__(self, path: Path | None = None, date1904: bool = False) -> None:
        try:
            self._model: Any = ironcalc.load_from_xlsx(str(path), "en", "UTC") if path else ironcalc.create("book")
        except Exception as error:
            raise BadWorkbook(
                f"{path}: cannot be read as a workbook ({error}); open it in a spreadsheet and save it again"
            ) from error
        self._epoch = _EPOCHS[date1904]
        self.sheets: list[str] = [sheet["name"] for sheet in self._model.get_worksheets_properties()]
        self._index = {name.lower(): place for place, name in enumerate(self.sheets)}
        self.names: dict[tuple[int | None, str], str] = {
            (item["scope"], item["name"].lower()): item["formula"].removeprefix("=")
            for item in self._model.get_defined_name_list()
        }
        self._stale = True
        self._unread = True

    def sheet(self, name: str) -> int | None:
        """The number of the sheet *name*; None where there is none."""
        return self._index.get(name.lower())

    def add_sheet(self, name: str) -> int:
        """Add a sheet at the end, under *name* or a name like it; returns its number."""
        while name.lower() in self._index:
            name += "_"
        self._model.add_sheet(name)
        self.sheets.append(name)
        self._index[name.lower()] = len(self.sheets) - 1
        return len(self.sheets) - 1

    def definition(self, name: str, sheet: int | None = None) -> str | None:
        """What a defined name stands for, seen from *sheet*."""
        name = name.lower()
        return self.names.get((sheet, name), self.names.get((None, name)))

    def formulas(self, places: Mapping[str, Sequence[tuple[int, int]]] | None) -> Iterator[tuple[int, int, int, str]]:
        """Sheet, row, column and text of every formula, where they may stand at *places* (None: anywhere)."""
        formula_of = self._model.get_cell_formula
        cells: Iterable[Place] = self._model.get_all_cells() if places is None else self._cells(places)
        for sheet, row, column in cells:
            text = formula_of(sheet, row, column)
            if text is not None:
                yield sheet, row, column, text

    def _cells(self, places: Mapping[str, Sequence[tuple[int, int]]]) -> Iterator[Place]:
        for name, cells in places.items():
            sheet = self.sheet(name)
            if sheet is not None:
                yield from ((sheet, row, column) for row, column in sorted(cells))

    def formula(self, sheet: int, row: int, column: int) -> str:
        """The formula of a cell as IronCalc understood it; functions that it does not know are in small letters."""
        return self._model.get_cell_formula(sheet, row, column) or ""

    def evaluate(self) -> None:
        """Compute everything, unless nothing has changed since the last time."""
        if self._stale:
            self._model.evaluate()
            self._stale = self._unread = False

    def evaluate_unread(self) -> None:
        """Compute, if a cell was set whose value cannot be read before."""
        if self._unread:
            self.evaluate()

    def set_formula(self, sheet: int, row: int, column: int, formula: str) -> None:
        """Put a formula into a cell; its result may spill."""
        self._model.set_user_input(sheet, row, column, _without_surrogates(formula))
        self._stale = self._unread = True

    def set_array(self, sheet: int, area: Area, formula: str) -> None:
        """Put an array formula of the old kind, which fills just its area."""
        self.clear(sheet, area)
        width, height = area.last_column - area.column + 1, area.last_row - area.row + 1
        self._model.set_user_array_formula(sheet, area.row, area.column, width, height, _without_surrogates(formula))
        self._stale = self._unread = True

    def clear(self, sheet: int, area: Area) -> None:
        """Empty an area, and what its formulas spilled into."""
        self._model.range_clear_contents(sheet, area.row, area.column, area.last_row, area.last_column)
        self._stale = True

    def set_value(self, sheet: int, row: int, column: int, value: Cell) -> None:
        """Put a value into a cell; a text is never read as a formula, a date becomes its serial number."""
        model = self._model
        self._stale = True
        if isinstance(value, float) and not math.isfinite(value):
            value = CellError.NA if math.isnan(value) else CellError.NUM
        if value is None:
            model.clear_cell_contents(sheet, row, column)
        elif isinstance(value, bool):
            model.update_cell_with_bool(sheet, row, column, value)
        elif isinstance(value, int | float):
            model.update_cell_with_number(sheet, row, column, float(value))
        elif isinstance(value, CellError):
            model.set_user_input(sheet, row, column, f"={value.value}")
            self._unread = True
        elif isinstance(value, dt.date):
            model.update_cell_with_number(sheet, row, column, self.serial(value))
        else:
            model.update_cell_with_text(sheet, row, column, _without_surrogates(value))

    def serial(self, day: dt.date) -> float:
        """The serial number of a date in the workbook's date system."""
        days = (dt.date(day.year, day.month, day.day) - self._epoch).days
        if isinstance(day, dt.datetime):
            seconds = day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6
            return days + seconds / 86400
        return float(days)

    def shown(self, value: Cell) -> Cell:
        """*value* as a cell of this workbook holds it: a date as its serial number."""
        return self.serial(value) if isinstance(value, dt.date) else value

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

    def is_empty(self, sheet: int, row: int, column: int) -> bool:
        """Whether a cell holds nothing, not even what a formula spilled into it."""
        return self._model.get_cell_value(sheet, row, column) is None

    def values(self, sheet: int, area: Area) -> Table:
        """The values of an area; of whole columns and rows only the part that the sheet uses."""
        last_row, last_column = area.last_row, area.last_column
        if area.size > _WIDE:
            _, bottom, _, right = self._model.get_sheet_dimensions(sheet)
            last_row = max(area.row, min(last_row, bottom))
            last_column = max(area.column, min(last_column, right))
        columns = range(area.column, last_column + 1)
        return [[self.value(sheet, row, column) for column in columns] for row in range(area.row, last_row + 1)]


def _without_surrogates(text: str) -> str:
    """*text* as UTF-8 can hold it: a half of a character becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
