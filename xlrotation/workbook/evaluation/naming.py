"""What the defined names of an evaluated workbook stand for."""

from __future__ import annotations

from xlrotation.workbook.evaluation.cells import Cells, Tainted
from xlrotation.workbook.evaluation.interpreter import compute
from xlrotation.workbook.evaluation.machine import Frame, Machine, Needs, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.evaluation.tables import definition_tree
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.formulas.trees import Call, walk
from xlrotation.workbook.package.book import Book


def fill_names(book: Book, machine: Machine, cells: Cells, result: Evaluation) -> None:
    """Note in *result* what defined names stand for; those that call our functions are left out."""
    memos: dict[int, dict[object, Value]] = {}  # names that stand on others are computed once
    for (scope, name), definition in book.names.items():
        area = parse_area(definition)
        if area is not None:
            result.names[name] = area
            home = book.index.get(area.sheet.lower()) if area.sheet else None
            if scope is None and area.is_cell and home is not None:
                result.named[name] = cells.peek((home, area.row, area.column))
            continue
        value = _named(definition, scope or 0, machine, memos.setdefault(scope or 0, {}))
        if value is not None:
            result.names[name] = value


def _named(definition: str, sheet: int, machine: Machine, memo: dict[object, Value]) -> Rows | None:
    try:
        node = definition_tree(definition, 1, 1)
        if any(isinstance(part, Call) and part.name in machine.names | {"LAMBDA"} for part in walk(node)):
            return None
        frame = Frame(machine, sheet, 1, 1, None, memo)
        value = read(compute(machine, node, frame, True), frame, True)
    except Fault as fault:
        value = fault.error
    except (Unsupported, Needs, Tainted, RecursionError):
        return None
    return value if isinstance(value, list) else [[value]]
