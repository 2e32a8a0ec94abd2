"""Evaluate a workbook, or one formula, without a spreadsheet program.

The formula that is evaluated is the file's own text. Which formulas of a workbook are, and when their values are
believed, is told in :mod:`xlrotation.workbook.evaluation.recalculation`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

from xlrotation.errors import CellError, RotationError
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation.cells import Cells, Key, Tainted
from xlrotation.workbook.evaluation.finishing import never
from xlrotation.workbook.evaluation.interpreter import call_ours, compute
from xlrotation.workbook.evaluation.machine import Budget, Frame, Function, Machine, Needs, Unsupported, host_of
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Caller, Evaluation, Problem, hosted, settled
from xlrotation.workbook.evaluation.recalculation import Recalculation
from xlrotation.workbook.evaluation.room import with_room
from xlrotation.workbook.evaluation.rules import frozen
from xlrotation.workbook.evaluation.secondengine import SecondEngine
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas import references
from xlrotation.workbook.formulas.calls import mentions
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Call, Node, Reference, Unary, walk
from xlrotation.workbook.formulas.troubles import too_long
from xlrotation.workbook.natives import NATIVES
from xlrotation.workbook.package.book import Book, Sheet, read_book

__all__ = ["Caller", "Evaluation", "Problem", "evaluate_formula", "evaluate_workbook", "formats_held"]


def evaluate_formula(text: str, caller: Caller) -> Cell | Range:
    """The value of one formula, as the command line shows it.

    Args:
        text: The formula, with or without the leading ``=``; a semicolon between arguments is read as a comma.
        caller: Our functions.

    Raises:
        RotationError: It cannot be read, or calls a function that does not exist.
    """
    formula = "=" + text.strip().removeprefix("=")
    if formula == "=":
        raise RotationError("the formula is empty; give one such as =1+1")
    if what := too_long(formula):
        raise RotationError(f"{formula[:100]}... {what}")
    caller = settled(caller)
    book = Book(Path(), [Sheet("book")])
    names = {name.upper() for name in caller.names}
    machine = Machine(book, Cells(book), caller, names, NATIVES)

    def value_of() -> tuple[bool, Value]:
        node = parse(formula, typed=True)
        _check_no_cells(node, names)
        inner = node.operand if isinstance(node, Unary) and node.sign == "@" else node
        frame = Frame(machine, 0, 1, 1)
        if isinstance(inner, Call) and inner.name in names:
            result = call_ours(inner, frame)
            return True, "" if result is None else result
        return False, read(compute(machine, node, frame, True), frame, True)

    try:
        finished, value = with_room(value_of)
    except FormulaError as error:
        raise RotationError(f"{formula} {error}") from None
    except Unsupported as error:
        if str(error).endswith(", which the evaluation does not know") and str(error).startswith("uses "):
            word = str(error).split()[1].rstrip(",")
            raise RotationError(f"no function or name {word.upper()}; XLR_FUNCTIONS() lists our functions") from None
        raise RotationError(f"{formula} {error}") from None
    except Fault as fault:
        return fault.error
    if finished:
        return value  # type: ignore[no-any-return]
    if isinstance(value, Function):
        return CellError.CALC
    if isinstance(value, list):
        rows: Range = [["" if cell is None else cell for cell in row] for row in value]
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows
    return 0.0 if value is None else value


def _check_no_cells(node: Node, ours: set[str]) -> None:
    """Refuse a cell as an argument of ours: it would be blank, so that MAG7 without quotes would mean the default.

    Raises:
        RotationError: There is one.
    """
    for call in walk(node):
        if isinstance(call, Call) and call.name in ours and any(isinstance(cell, Reference) for cell in call.arguments):
            raise RotationError(f"{call.name} is given a cell, and one formula alone has no cells")


def evaluate_workbook(
    path: Path | str,
    caller: Caller,
    overrides: Mapping[str, Cell] | None = None,
    second: SecondEngine | None = None,
) -> Evaluation:
    """The values of a workbook's formulas that are not what they were: see the module.

    Args:
        path: The workbook.
        caller: Our functions.
        overrides: Inputs to set before, by defined name or as ``Sheet!A1``.
        second: Another engine, asked for what would be reported otherwise; see
            :mod:`xlrotation.workbook.evaluation.secondengine`.

    Raises:
        BadWorkbook: The file is no workbook that can be read.
        RotationError: An override names no single cell.
    """
    path = Path(path)
    caller = settled(caller)
    return with_room(lambda: _evaluated(path, caller, overrides or {}, second))


def _evaluated(path: Path, caller: Caller, overrides: Mapping[str, Cell], second: SecondEngine | None) -> Evaluation:
    book = read_book(path)
    host = host_of(book)
    if host.date1904:
        caller = hosted(caller, host)
    result = Evaluation(functions=frozenset(caller.names), host=host)
    inputs = {_input_cell(book, name): _held(value, book) for name, value in overrides.items()}
    recalculation = Recalculation(book, caller, inputs, result)
    recalculation.run(second)
    _freeze_rules(book, recalculation.machine, mentions(caller.names), result)
    return result


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


def _freeze_rules(book: Book, machine: Machine, ours: re.Pattern[str], result: Evaluation) -> None:
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


def _input_cell(book: Book, name: str) -> Key:
    area = references.parse_input(book.definition(name, None) or name)
    sheet = book.index.get(area.sheet.lower()) if area and area.sheet else None
    if area is None or sheet is None or not area.is_cell:
        raise RotationError(
            f"{book.path.name}: {name!r} is neither a defined name of one cell nor a cell such as Inputs!B3"
        )
    return sheet, area.row, area.column


def _held(value: Cell, book: Book) -> Value:
    """*value* as a cell of the workbook holds it."""
    return None if value is None else host_of(book).write_cell(value)
