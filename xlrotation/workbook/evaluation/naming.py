"""What the defined names of an evaluated workbook stand for."""

from __future__ import annotations

from xlrotation.workbook.evaluation.cells import Cells, Tainted
from xlrotation.workbook.evaluation.interpreter import evaluate
from xlrotation.workbook.evaluation.machine import Frame, Machine, Needs, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.evaluation.tables import definition_tree
from xlrotation.workbook.evaluation.values import Fault
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.formulas.trees import Call, walk
from xlrotation.workbook.package.book import Book


def fill_names(book: Book, machine: Machine, cells: Cells, result: Evaluation) -> None:
    """Note in *result* what defined names stand for; those that call our functions are left out."""
    for (scope, name), definition in book.names.items():
        area = parse_area(definition)
        if area is not None:
            result.names[name] = area
            home = book.index.get(area.sheet.lower()) if area.sheet else None
            if scope is None and area.is_cell and home is not None:
                result.named[name] = cells.peek((home, area.row, area.column))
            continue
        value = _named(definition, scope or 0, machine)
        if value is not None:
            result.names[name] = value


def _named(definition: str, sheet: int, machine: Machine) -> Rows | None:
    try:
        node = definition_tree(definition, 1, 1)
        if any(isinstance(part, Call) and part.name in machine.names | {"LAMBDA"} for part in walk(node)):
            return None
        machine.steps = 0
        frame = Frame(machine, sheet, 1, 1)
        value = read(evaluate(node, frame, True), frame, True)
    except Fault as fault:
        value = fault.error
    except (Unsupported, Needs, Tainted, RecursionError):
        return None
    return value if isinstance(value, list) else [[value]]
