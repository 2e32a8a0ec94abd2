"""What a formula shows in its cells."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.dependence import Item
from xlrotation.workbook.evaluation.interpreter import compute
from xlrotation.workbook.evaluation.machine import Frame, Function, Machine, Rows
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.formulas.trees import Call


def finished(item: Item, machine: Machine) -> Value:
    """What a formula shows: a value, or rows of them where it fills several cells."""
    node = item.node
    assert node is not None
    kind = item.cell.kind
    several = kind != "plain"
    sheet, row, column = item.key
    frame = Frame(machine, sheet, row, column, None, None, 0, item.given)
    value = compute(machine, node, frame, several)
    if type(value) is float and kind != "array":
        return value
    try:
        value = read(value, frame, several)
    except Fault as fault:
        value = fault.error
    if isinstance(value, Function):
        value = CellError.CALC
    if value is None:
        value = "" if isinstance(node, Call) and node.name in machine.names else 0.0
    if not isinstance(value, list):
        if item.cell.kind == "array" and item.cell.area is not None and not item.cell.area.is_cell:
            return spread([[value]], item.cell.area)
        return value
    if not several:
        first = value[0][0]
        return 0.0 if first is None else first
    rows = [[0.0 if cell is None else cell for cell in line] for line in value]
    if item.cell.kind == "array":
        area = item.cell.area
        return rows[0][0] if area is None or area.is_cell else spread(rows, area)
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def spread(rows: Rows, area: Area) -> Rows:
    """Rows over the cells of an array formula: single ones repeat, beyond the others stands #N/A."""
    height, width = len(rows), len(rows[0])
    return [
        [
            rows[0 if height == 1 else r][0 if width == 1 else c]
            if (height == 1 or r < height) and (width == 1 or c < width)
            else CellError.NA
            for c in range(area.last_column - area.column + 1)
        ]
        for r in range(area.last_row - area.row + 1)
    ]
