"""Watch rules on a sheet of a workbook."""

from __future__ import annotations

from pathlib import Path

from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.words import WORDS
from xlrotation.functions.watching.rules import Rule, rules_in
from xlrotation.grid import Cell
from xlrotation.market.symbols import fold
from xlrotation.workbook.package.book import Sheet, read_book

_MOST_ROWS, _MOST_COLUMNS = 2_000, 30


def read_rules(path: Path, sheet: str | None) -> list[Rule]:
    """The rules of a sheet: rows under heads of which one is Formula, wherever on the sheet they begin.

    A cell that holds a formula stands for the formula and not for the value that it shows.

    Args:
        path: The workbook.
        sheet: Its name; None: the first one with such heads.

    Raises:
        RotationError: The workbook cannot be read, or there is no such sheet, or no rule on it.
    """
    book = read_book(path)
    if sheet is not None and sheet.lower() not in book.index:
        names = ", ".join(found.name for found in book.sheets)
        raise BadArgument(f"{path.name} has no sheet {sheet!r}; it has {names}")
    sheets = book.sheets if sheet is None else [book.sheets[book.index[sheet.lower()]]]
    heads = {fold(text) for text in WORDS["formula"].anywhere()}
    for found in sheets:
        rows = _rows(found)
        for number, row in enumerate(rows):
            if any(isinstance(cell, str) and fold(cell) in heads for cell in row):
                return rules_in(rows[number:], f"{found.name} row", number + 1)
    where = "no sheet" if sheet is None else f"the sheet {sheet} does not have a row"
    raise BadArgument(f"{path.name}: {where} with the heads Name, Formula, Operator, Threshold")


def _rows(sheet: Sheet) -> list[list[Cell]]:
    bottom, right = min(sheet.rows, _MOST_ROWS), min(sheet.columns, _MOST_COLUMNS)

    def cell(row: int, column: int) -> Cell:
        formula = sheet.formulas.get((row, column))
        if formula is not None:
            return "=" + formula.text.removeprefix("=")
        return sheet.values.get((row, column))

    return [[cell(row, column) for column in range(1, right + 1)] for row in range(1, bottom + 1)]
