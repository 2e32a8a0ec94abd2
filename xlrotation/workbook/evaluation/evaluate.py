"""Evaluate a workbook without a spreadsheet program.

The formula that is evaluated is the file's own text. Which formulas of a workbook are, and when their values are
believed, is told in :mod:`xlrotation.workbook.evaluation.recalculation`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xlrotation.errors import BadArgument
from xlrotation.grid import Cell
from xlrotation.languages import Text
from xlrotation.workbook.evaluation.cells import Cells, Key, Tainted
from xlrotation.workbook.evaluation.entries import Entries, Given
from xlrotation.workbook.evaluation.finishing import never
from xlrotation.workbook.evaluation.kept import opened
from xlrotation.workbook.evaluation.machine import Budget, Machine, Needs, Unsupported, host_of
from xlrotation.workbook.evaluation.oneformula import evaluate_formula
from xlrotation.workbook.evaluation.outcome import Caller, Evaluation, Problem, hosted, settled
from xlrotation.workbook.evaluation.plans import Plan
from xlrotation.workbook.evaluation.recalculation import Recalculation
from xlrotation.workbook.evaluation.room import with_room
from xlrotation.workbook.evaluation.rules import frozen
from xlrotation.workbook.evaluation.secondengine import SecondEngine
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas import references
from xlrotation.workbook.formulas.calls import Mentions, mentions
from xlrotation.workbook.natives import NATIVES
from xlrotation.workbook.package.book import Book, read_book

NO_CELL = Text("{book}: '{name}' is neither a defined name of one cell nor a cell such as Inputs!B3")
HIDDEN = Text("{book}: '{name}' lies within the merged cells {cells}, whose value stands in {cell}")
"""Why a value cannot be set."""

__all__ = ["Caller", "Evaluation", "Problem", "evaluate_formula", "evaluate_workbook", "formats_held"]


def evaluate_workbook(
    path: Path | str,
    caller: Caller,
    overrides: Mapping[str, Cell] | None = None,
    second: SecondEngine | None = None,
    spill: bool = False,
    readings: Mapping[str, Callable[[Cell], Cell]] | None = None,
) -> Evaluation:
    """The values of a workbook's formulas that are not what they were: see the module.

    Args:
        path: The workbook.
        caller: Our functions.
        overrides: Inputs to set before, by defined name or as ``Sheet!A1``.
        second: Another engine, asked for what would be reported otherwise; see
            :mod:`xlrotation.workbook.evaluation.secondengine`.
        spill: Let plain formulas that call ours spill: a library wrote them, which has no word for that.
        readings: By defined name: how an override of its cell is read, whichever way it names the cell.

    Raises:
        BadWorkbook: The file is no workbook that can be read.
        BadArgument: An override names no single cell, or a validation refuses it; see
            :mod:`xlrotation.workbook.evaluation.entries`.
    """
    path = Path(path)
    caller = settled(caller)
    return with_room(lambda: _evaluated(path, caller, overrides or {}, second, spill, readings or {}))


def _evaluated(
    path: Path,
    caller: Caller,
    overrides: Mapping[str, Cell],
    second: SecondEngine | None,
    spill: bool,
    readings: Mapping[str, Callable[[Cell], Cell]],
) -> Evaluation:
    names = frozenset(name.upper() for name in caller.names)
    held = opened(path, names, spill)
    book = held.book
    host = host_of(book)
    if host.date1904:
        caller = hosted(caller, host)
    entries = Entries(book, dict(_given(book, overrides, readings)))
    entries.judge(Machine(book, Cells(book), never, set(), NATIVES, Budget()), fixed=True)
    for again in (True, False):
        result, recalculation = _recalculated(book, held.plan, caller, entries, second)
        if not (again and entries.judge(recalculation.machine, fixed=False)):
            break
    _freeze_rules(book, recalculation.machine, mentions(caller.names), result)
    held.done(recalculation.machine.budget)
    return result


def _recalculated(
    book: Book, plan: Plan, caller: Caller, entries: Entries, second: SecondEngine | None
) -> tuple[Evaluation, Recalculation]:
    """The workbook, computed in the order of the time before; in that of the file where the order may tell."""
    used = [(sheet.rows, sheet.columns) for sheet in book.sheets]
    for as_before in (True, False):
        result = Evaluation(functions=frozenset(caller.names), host=host_of(book), notices=entries.notices)
        recalculation = Recalculation(book, plan, caller, entries.values, result)
        if recalculation.run(second, as_before):
            break
        for sheet, (rows, columns) in zip(book.sheets, used, strict=True):
            sheet.rows, sheet.columns = rows, columns
    return result, recalculation


def formats_held(path: Path) -> dict[tuple[str, str, tuple[str, ...]], list[references.Area]]:
    """Where the conditional formats of a workbook hold by the values that it stores, by sheet, cells and formulas.

    Formats that are not computed, or that call functions of an add-in, are left out.

    Raises:
        BadWorkbook: The file is no workbook that can be read.
    """
    return with_room(lambda: _formats_held(path))


def _formats_held(path: Path) -> dict[tuple[str, str, tuple[str, ...]], list[references.Area]]:
    book = read_book(path)
    for sheet in book.sheets:
        sheet.formulas.clear()  # what is stored counts
    machine = Machine(book, Cells(book), never, set(), NATIVES, Budget())
    found = {}
    for rule in book.rules:
        if not rule.validation:
            with contextlib.suppress(Tainted, Unsupported, Needs, Fault):
                areas = map(references.parse_area, frozen(rule, machine).cells.split())
                found[rule.sheet, rule.cells, rule.formulas] = [area for area in areas if area is not None]
    return found


def _freeze_rules(book: Book, machine: Machine, ours: Mentions, result: Evaluation) -> None:
    """Note what the conditional formats and validations that call ours say."""
    for rule in book.rules:
        text = next(filter(ours.search, rule.formulas), None)
        if text is None:
            continue
        try:
            result.rules[rule.sheet, rule.cells, rule.formulas] = frozen(rule, machine)
        except Tainted:
            why = "reads a cell that could not be brought up to date"
        except (Unsupported, Needs, Fault) as error:
            why = str(error)
        else:
            continue
        reason = f"calls our functions in a rule, which {why}; a copy with values has it no longer"
        result.problems.append(Problem(rule.sheet, rule.cells, text, reason))


def _given(
    book: Book, overrides: Mapping[str, Cell], readings: Mapping[str, Callable[[Cell], Cell]]
) -> Iterator[tuple[Key, Given]]:
    """The cells that are to be set, with their values."""
    read = {}
    for name, reading in readings.items():
        if book.definition(name, None) is not None:
            with contextlib.suppress(BadArgument):  # it names no single cell
                read[_input_cell(book, name)] = reading
    for name, typed in overrides.items():
        key = _input_cell(book, name)
        value = read[key](typed) if key in read else typed
        yield key, Given(name, value, _held(value, book))


def _input_cell(book: Book, name: str) -> Key:
    area = references.parse_input(book.definition(name, None) or name)
    sheet = book.index.get(area.sheet.lower()) if area and area.sheet else None
    if area is not None and sheet is not None:
        for merged in book.sheets[sheet].merged:
            if (merged.row, merged.column) == (area.row, area.column) and area.size in (1, merged.size):
                return sheet, area.row, area.column
            if area.is_cell and _within(area, merged):
                first, cells = references.cell_name(merged.row, merged.column), references.area_name(merged)
                raise BadArgument(HIDDEN.of(book=book.path.name, name=name, cells=cells, cell=first))
    if area is None or sheet is None or not area.is_cell:
        raise BadArgument(NO_CELL.of(book=book.path.name, name=name))
    return sheet, area.row, area.column


def _within(cell: references.Area, area: references.Area) -> bool:
    return area.row <= cell.row <= area.last_row and area.column <= cell.column <= area.last_column


def _held(value: Cell, book: Book) -> Value:
    """*value* as a cell of the workbook holds it."""
    return None if value is None else host_of(book).write_cell(value)
