"""Conditional formats and validations that call our functions: what they say now, without a call.

A conditional format becomes the list of the cells where it holds, a validation gets values in the place of its
formulas. A rule that says of a cell not yet typed what may stand in it, or one whose look hangs on a whole range, is
not computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import compute
from xlrotation.workbook.evaluation.machine import Frame, Machine, Ref, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Frozen
from xlrotation.workbook.evaluation.values import Fault, Value, compared, text_of_number, to_text
from xlrotation.workbook.formulas.references import Area, cell_name, moved, parse_area
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.package.rules import Rule

MOST_CELLS = 20_000
"""Cells that one conditional format is computed for."""

MARGIN = 50
"""Rows below the cells in use that a format is computed for."""

_LONGEST_LIST = 255
"""Characters of a validation's list of values."""

_TRUTHS = frozenset({"expression", "containsText", "notContainsText", "beginsWith", "endsWith"})
_LIMITS = frozenset({"whole", "decimal", "date", "time", "textLength"})

COMPARISONS: dict[str, Callable[[Value, list[Value]], bool]] = {
    "equal": lambda value, limits: compared(value, limits[0]) == 0,
    "notEqual": lambda value, limits: compared(value, limits[0]) != 0,
    "lessThan": lambda value, limits: compared(value, limits[0]) < 0,
    "lessThanOrEqual": lambda value, limits: compared(value, limits[0]) <= 0,
    "greaterThan": lambda value, limits: compared(value, limits[0]) > 0,
    "greaterThanOrEqual": lambda value, limits: compared(value, limits[0]) >= 0,
    "between": lambda value, limits: _within(value, limits),
    "notBetween": lambda value, limits: not _within(value, limits),
}


def _within(value: Value, limits: list[Value]) -> bool:
    low, high = limits if compared(limits[0], limits[1]) <= 0 else limits[::-1]
    return compared(value, low) >= 0 and compared(value, high) <= 0


def frozen(rule: Rule, machine: Machine) -> Frozen:
    """What a rule says now.

    Raises:
        Unsupported: It is not computed.
        Tainted: It reads a cell that was not brought up to date.
    """
    areas = [parse_area(part) for part in rule.cells.split()]
    sheet = machine.book.index.get(rule.sheet.lower())
    if sheet is None or not areas or None in areas:
        raise Unsupported("is a rule of a kind that is not computed")
    found = [area for area in areas if area is not None]
    top, left = min(area.row for area in found), min(area.column for area in found)
    if (found[0].row, found[0].column) != (top, left):
        raise Unsupported("is a rule over several areas, the first of which is not the uppermost and leftmost")
    one = _Rule(rule, machine, sheet, top, left)
    if rule.validation:
        return one.validation(sum(area.size for area in found) == 1)
    return one.format(found)


def value_for(formula: str, machine: Machine, place: tuple[int, int, int]) -> Value:
    """What a rule's formula gives for a cell: its sheet, row and column.

    Raises:
        Unsupported: It is not computed.
        Tainted: It reads a cell that was not brought up to date.
    """
    try:
        node = parse(formula)
    except FormulaError as error:
        raise Unsupported(str(error)) from None
    frame = Frame(machine, *place)
    value = compute(machine, node, frame, True)
    try:
        return read(value, frame, True)
    except Fault as fault:
        return fault.error


class _Rule:
    def __init__(self, rule: Rule, machine: Machine, sheet: int, top: int, left: int) -> None:
        self._rule, self._machine, self._sheet = rule, machine, sheet
        self._top, self._left = top, left

    def _value(self, formula: str, row: int, column: int) -> Value:
        """What a formula of the rule gives for a cell."""
        place = (self._sheet, row, column)
        return value_for(moved(formula, row - self._top, column - self._left), self._machine, place)

    def format(self, areas: list[Area]) -> Frozen:
        """The cells where a conditional format holds."""
        rule = self._rule
        if rule.kind not in _TRUTHS and not (rule.kind == "cellIs" and rule.operator in COMPARISONS):
            raise Unsupported("is a rule of a kind that is not computed")
        return Frozen(cells=" ".join(name for area in areas for name in self._held_in(area)))

    def _held_in(self, area: Area) -> Iterator[str]:
        """Where the format holds in an area; far below the cells in use it must say the same of every row."""
        bottom = max(self._machine.world.used(self._sheet)[0], area.row) + MARGIN
        last = min(area.last_row, bottom)
        if (last - area.row + 1) * (area.last_column - area.column + 1) > MOST_CELLS:
            raise Unsupported(f"is a rule over more than {MOST_CELLS:,} cells")
        for column in range(area.column, area.last_column + 1):
            rows = [row for row in range(area.row, last + 1) if self._holds(row, column)]
            below = sum(row > last - MARGIN for row in rows)
            if last < area.last_row and below not in (0, MARGIN):
                raise Unsupported("is a rule that says one thing and another below the cells in use")
            yield from _runs(rows, column, area.last_row if below and last < area.last_row else 0)

    def _holds(self, row: int, column: int) -> bool:
        limits = [_single(self._value(formula, row, column)) for formula in self._rule.formulas]
        if self._rule.kind != "cellIs":
            value = limits[0]
            return isinstance(value, bool | float) and bool(value)
        cell = read(Ref(self._sheet, row, column, row, column), Frame(self._machine, self._sheet, row, column), False)
        try:
            return COMPARISONS[self._rule.operator](cell, limits)
        except (Fault, IndexError):
            return False

    def validation(self, alone: bool) -> Frozen:
        """The formulas of a validation as values."""
        if self._rule.kind not in _LIMITS | {"list"}:
            raise Unsupported("is a validation by a formula, which a copy with values cannot have")
        if not alone and any(moved(formula, 1, 1) != formula for formula in self._rule.formulas):
            raise Unsupported("is a validation that says another thing in each cell")
        values = [self._value(formula, self._top, self._left) for formula in self._rule.formulas]
        if self._rule.kind == "list":
            return Frozen(formulas=(_listed(values[0]),))
        return Frozen(formulas=tuple(_number(_single(value)) for value in values))


def _single(value: Value) -> Value:
    return value[0][0] if isinstance(value, list) else value


def _number(value: Value) -> str:
    if type(value) is not float:
        raise Unsupported("is a validation whose limit is no number")
    return text_of_number(value)


def _listed(value: Value) -> str:
    rows: Rows = value if isinstance(value, list) else [[value]]
    items = [item for row in rows for item in row if item not in (None, "")]
    if not items or any(isinstance(item, CellError) for item in items):
        raise Unsupported("is a validation whose list is empty or holds an error")
    texts = [to_text(item) for item in items]
    joined = ",".join(texts)
    if len(joined) > _LONGEST_LIST or any("," in text or text != text.strip() for text in texts):
        raise Unsupported("is a validation whose list is too long, or holds commas")
    return '"' + joined.replace('"', '""') + '"'


def _runs(rows: list[int], column: int, beyond: int) -> Iterator[str]:
    """Rows of a column as areas; the last one reaches at least to *beyond*."""
    for place, row in enumerate(rows):
        if place == 0 or rows[place - 1] != row - 1:
            first = row
        if place + 1 == len(rows) or rows[place + 1] != row + 1:
            end = max(row, beyond) if place + 1 == len(rows) else row
            yield cell_name(first, column) + (f":{cell_name(end, column)}" if end > first else "")
