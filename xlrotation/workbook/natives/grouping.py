"""Rows brought together under what they have in common."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import apply
from xlrotation.workbook.evaluation.machine import Frame, Function, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in, read
from xlrotation.workbook.evaluation.values import VALUE, Fault, Value, to_bool, to_number
from xlrotation.workbook.natives.orders import ordered
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.sums import exact_sum


@native("PERCENTOF", "RR")
def _percentof(frame: Frame, part: Value, whole: Value) -> Value:
    return exact_sum(numbers_in([part], frame)) / exact_sum(numbers_in([whole], frame))


def _key(row: Sequence[Value]) -> tuple[object, ...]:
    return tuple(("t", item.lower()) if isinstance(item, str) else (type(item), item) for item in row)


def _result(frame: Frame, function: Function, part: list[Value], whole: list[Value]) -> Value:
    """What the function gives for a group's values; one of two parameters is given all values too."""
    arguments: list[Value] = [[[item] for item in part]]
    if function.native == "PERCENTOF" or len(function.parameters) > 1:
        arguments.append([[item] for item in whole])
    value = read(apply(function, arguments, frame), frame, True)
    if isinstance(value, list):
        return value[0][0] if len(value) == len(value[0]) == 1 else CellError.CALC
    return value


def _has_headers(fields: Rows, values: Rows, asked: int | None) -> tuple[bool, bool]:
    """Whether the first row holds headings, and whether they are shown."""
    if asked is None:
        found = len(values) > 1 and isinstance(values[0][0], str) and type(values[1][0]) is float
        return found, found and len(fields[0]) > 1
    if asked == 2:
        raise Unsupported("makes up headings, which is not computed")
    if asked not in (0, 1, 3):
        raise Fault(VALUE)
    return asked in (1, 3), asked == 3


def _whole(value: Value) -> int | None:
    return None if value is None else int(to_number(value))


def _kept(frame: Frame, rows: Rows, values: Rows, keep: Value) -> tuple[Rows, Rows]:
    if keep is None:
        return rows, values
    flags = [to_bool(item) for row in all_rows(keep, frame) for item in row]
    if len(flags) == len(rows) + 1:
        flags = flags[1:]
    if len(flags) != len(rows):
        raise Fault(VALUE)
    places = [i for i, flag in enumerate(flags) if flag]
    if not places:
        raise Fault(CellError.CALC)
    return [rows[i] for i in places], [values[i] for i in places]


@native("GROUPBY", "AAA?VVAAV")
def _groupby(
    frame: Frame,
    fields: Value,
    values: Value,
    function: Value,
    headings: Value = None,
    depth: Value = None,
    order: Value = None,
    keep: Value = None,
    relation: Value = None,
) -> Value:
    if not isinstance(function, Function):
        raise Unsupported("groups by several functions at once, which is not computed")
    rows, data = all_rows(fields, frame), all_rows(values, frame)
    if len(rows) != len(data):
        return VALUE
    totals = _whole(depth)
    if relation is not None or (len(rows[0]) > 1 and totals not in (0, 1, -1)) or totals in (2, -2):
        raise Unsupported("groups with subtotals, or by fields that stand side by side, which is not computed")
    titled, shown = _has_headers(rows, data, _whole(headings))
    title = [*rows[0], *data[0]]
    rows, data = _kept(frame, rows[titled:], data[titled:], keep)
    if any(item is None or isinstance(item, CellError) for row in rows for item in row):
        raise Unsupported("groups by blank cells or errors, which is not computed")
    columns = [list(column) for column in zip(*data, strict=True)]
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(_key(row), []).append(place)
    found: Rows = [
        [*rows[places[0]], *(_result(frame, function, [c[i] for i in places], c) for c in columns)]
        for places in groups.values()
    ]
    found = _sorted(frame, found, len(rows[0]), order)
    if totals != 0:
        total = ["Total", *[""] * (len(rows[0]) - 1), *(_result(frame, function, c, c) for c in columns)]
        found = [total, *found] if totals == -1 else [*found, total]
    return [title, *found] if shown else found


def _sorted(frame: Frame, found: Rows, fields: int, order: Value) -> Rows:
    places = list(range(len(found)))
    keys = [float(i) for i in range(fields, 0, -1)]
    if order is not None:
        keys += [to_number(item) for row in all_rows(order, frame) for item in row][::-1]
    for key in keys:
        if not 1 <= abs(key) <= len(found[0]):
            raise Fault(VALUE)
        places = ordered([row[int(abs(key)) - 1] for row in found], places, key < 0)
    return [found[place] for place in places]
