"""What a formula shows in its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.dependence import Item
from xlrotation.workbook.evaluation.interpreter import compute
from xlrotation.workbook.evaluation.machine import Frame, Function, Machine, Needs, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Evaluation, Problem
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas.references import Area, Place, cell_name
from xlrotation.workbook.formulas.trees import Call
from xlrotation.workbook.package.book import Book


def finished(item: Item, machine: Machine) -> Value:
    """What a formula shows: a value, or rows of them where it fills several cells."""
    node = item.node
    assert node is not None
    kind = item.cell.kind
    several = kind != "plain"
    sheet, row, column = item.key
    frame = Frame(machine, sheet, row, column, None, None, 0, item.given)
    machine.cut = None
    value = compute(machine, node, frame, several)
    if type(value) in _SINGLE and kind != "array":
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
            return spread([[_held(value)]], item.cell.area)
        return _held(value)
    if not several:
        machine.cut = (len(value), len(value[0])) if len(value) * len(value[0]) > 1 else None
        return _held(value[0][0])
    rows = [[_held(cell) for cell in line] for line in value]
    if item.cell.kind == "array":
        area = item.cell.area
        room = (1, 1) if area is None else (area.last_row - area.row + 1, area.last_column - area.column + 1)
        machine.cut = (len(rows), len(rows[0])) if len(rows) > room[0] or len(rows[0]) > room[1] else None
        return rows[0][0] if area is None or area.is_cell else spread(rows, area)
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


_SINGLE = frozenset({float, str, bool, CellError})
"""Types of values that a cell shows as they are."""


def _held(value: Value) -> Value:
    """A value as a cell holds it: a blank is zero, and there is but one zero."""
    return 0.0 if value is None or (type(value) is float and value == 0.0) else value


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


def never(name: str, _: object) -> Value:
    """Our functions, where only what is stored counts: they say that they are not computed."""
    raise Unsupported(f"calls {name}, which is not computed on stored values")


def reported(book: Book, items: Mapping[Key, Item], problems: Mapping[Key, str]) -> list[Problem]:
    """What could not be computed, by place."""
    return [
        Problem(book.sheets[key[0]].name, cell_name(*key[1:]), f"={items[key].cell.text}", reason)
        for key, reason in sorted(problems.items())
    ]


def keep_others(result: Evaluation, book: Book, items: Mapping[Key, Item], places: Callable[[Item], list[Key]]) -> None:
    """Say in *result* that what was not computed holds what the file stores; *places*: the cells of a formula there."""
    by_sheet: dict[int, dict[Place, Value]] = {}
    for key, item in items.items():
        shown = by_sheet.get(key[0])
        if shown is None:
            shown = by_sheet[key[0]] = result.values.setdefault(book.sheets[key[0]].name, {})
        if key[1:] in shown:
            continue
        sheet = book.sheets[key[0]]
        kept = result.kept.setdefault(sheet.name, set())
        for place in places(item):
            if place[1:] not in shown:
                shown[place[1:]] = sheet.values.get(place[1:])
                kept.add(place[1:])
        area = item.cell.area
        if item.cell.kind != "plain" and area is not None and not area.is_cell:
            anchors = result.anchors.setdefault(sheet.name, {})
            anchors[key[1:]] = (area.last_row, area.last_column)


def has_no_value(item: Item, book: Book) -> bool:
    """Whether a workbook stores nothing for a formula."""
    sheet, row, column = item.key
    value = book.sheets[sheet].values.get((row, column))
    if value is None or (value == 0.0 and book.full and not isinstance(value, bool)):
        return item.cell.kind != "table"
    return False


def note_reads(item: Item, machine: Machine) -> None:
    """Add to what a formula names the cells that it reaches by computed references."""
    machine.reads = []
    try:
        assert item.node is not None
        compute(machine, item.node, Frame(machine, *item.key, given=item.given), item.cell.kind != "plain")
    except (Unsupported, Needs):
        pass
    item.needs += machine.reads
    machine.reads = None
