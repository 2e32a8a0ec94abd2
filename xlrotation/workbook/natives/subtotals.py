"""SUBTOTAL and AGGREGATE."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref
from xlrotation.workbook.evaluation.operators import all_rows, ref_parts
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, to_number
from xlrotation.workbook.formulas.calls import has_call, mentions
from xlrotation.workbook.natives.registry import NATIVES, native

_SUBTOTALS = (
    "",
    "AVERAGE",
    "COUNT",
    "COUNTA",
    "MAX",
    "MIN",
    "PRODUCT",
    "STDEV.S",
    "STDEV.P",
    "SUM",
    "VAR.S",
    "VAR.P",
    "MEDIAN",
    "MODE.SNGL",
)


_NESTED = frozenset(("SUBTOTAL", "AGGREGATE"))
_MENTIONS = mentions(_NESTED)


def _visible(frame: Frame, values: tuple[Value, ...], skip_hidden: bool, skip_nested: bool) -> list[Value]:
    """The cells of areas without those that a subtotal leaves out."""
    found: list[Value] = []
    world, book = frame.machine.world, frame.machine.book
    for value in values:
        if isinstance(value, CellError):
            raise Fault(value)
        if not isinstance(value, Ref | Areas):
            raise Fault(VALUE)
        for part in ref_parts(value):
            hidden = book.sheets[part.sheet].hidden if part.sheet < len(book.sheets) else set()
            formulas = book.sheets[part.sheet].formulas if part.sheet < len(book.sheets) else {}
            for r, row in enumerate(world.rows(part), part.top):
                if skip_hidden and r in hidden:
                    continue
                for c, item in enumerate(row, part.left):
                    if skip_nested and (r, c) in formulas and _nested(formulas[r, c].text):
                        continue
                    found.append(item)
    return found


def _nested(formula: str) -> bool:
    return _MENTIONS.search(formula) is not None and has_call(formula, _NESTED)


def _filtered(frame: Frame, ref: Ref) -> bool:
    """Whether a filter hides rows of a range."""
    book = frame.machine.book
    if book.sheets[ref.sheet].filtered:
        return True
    return any(
        table.filtered and table.sheet == ref.sheet and table.area.row <= ref.bottom and ref.top <= table.area.last_row
        for table in book.tables.values()
    )


@native("SUBTOTAL", "IR*R")
def _subtotal(frame: Frame, number: int, *values: Value) -> Value:
    hidden = number > 100
    code = number - 100 if hidden else number
    if not 1 <= code <= 11:
        return VALUE
    parts = ref_parts(values[0]) if values else []
    filtered = any(_filtered(frame, part) for part in parts)
    items = _visible(frame, values, hidden or filtered, True)
    return NATIVES[_SUBTOTALS[code]].function(frame, [items] if items else [[None]])


@native("AGGREGATE", "IIA*A")
def _aggregate(frame: Frame, number: int, option: int, *values: Value) -> Value:
    if not 1 <= number <= 19 or not 0 <= option <= 7:
        return VALUE
    no_errors = option in (2, 3, 6, 7)
    if number >= 14:
        if len(values) < 2:
            return VALUE
        items = [item for row in all_rows(values[0], frame) for item in row]
        if isinstance(values[0], Ref | Areas):
            items = _visible(frame, (values[0],), option in (1, 3, 5, 7), option < 4)
        name = ("LARGE", "SMALL", "PERCENTILE.INC", "QUARTILE.INC", "PERCENTILE.EXC", "QUARTILE.EXC")[number - 14]
        place = all_rows(values[1], frame)[0][0]
        if no_errors:
            items = [item for item in items if not isinstance(item, CellError)]
        return NATIVES[name].function(frame, [items], to_number(place)) if items else NUM
    items = _visible(frame, values, option in (1, 3, 5, 7), option < 4)
    if no_errors:
        items = [item for item in items if not isinstance(item, CellError)]
    return NATIVES[_SUBTOTALS[number]].function(frame, [items] if items else [[None]])
