"""Functions over the rows of a list that meet a table of conditions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, number_of_text, to_text
from xlrotation.workbook.natives.conditions import criterion, wildcard
from xlrotation.workbook.natives.registry import native
from xlrotation.workbook.natives.statistics import variance
from xlrotation.workbook.natives.sums import exact_sum

Test = Callable[[Value], bool]


def _title(value: Value) -> str:
    return "" if value is None or isinstance(value, CellError) else to_text(value).strip().lower()


def _test(wanted: Value, frame: Frame) -> Test:
    """A condition of such a table: a text alone is met by all that begin with it."""
    if isinstance(wanted, str):
        if wanted.startswith("="):
            if wanted == "=":
                return lambda value: value is None
            return criterion(wanted, frame)
        plain = not re.match(r"<=|>=|<>|<|>", wanted) and number_of_text(wanted, frame.date1904) is None
        if plain and wanted.upper() not in ("TRUE", "FALSE") and not wanted.startswith("#"):
            pattern = wildcard(wanted + "*")
            assert pattern is not None
            return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None
    return criterion(wanted, frame)


def _met(frame: Frame, head: list[str], rows: Rows, conditions: Rows) -> Rows:
    """The rows that meet all conditions of one line."""
    titles = [_title(item) for item in conditions[0]]
    lines: list[list[tuple[int, Test]]] = []
    for line in conditions[1:]:
        tests = []
        for title, wanted in zip(titles, line, strict=True):
            if wanted is None:
                continue
            if title not in head:
                raise Unsupported("has a condition under a heading that its list has not, which is not computed")
            tests.append((head.index(title), _test(wanted, frame)))
        lines.append(tests)
    return [row for row in rows if any(all(test(row[place]) for place, test in tests) for tests in lines)]


def _column(field: Value, head: list[str]) -> int | None:
    """The place of the field that is asked for; None where none is."""
    if field is None:
        return None
    if isinstance(field, CellError):
        raise Fault(field)
    if isinstance(field, str):
        if field.strip().lower() not in head:
            raise Fault(VALUE)
        return head.index(field.strip().lower())
    place = math.trunc(float(field))
    if not 1 <= place <= len(head):
        raise Fault(VALUE)
    return place - 1


def _chosen(frame: Frame, data: Value, field: Value, conditions: Value) -> tuple[list[Value] | None, Rows]:
    """The values of the field in the rows that meet the conditions, None without a field; and those rows."""
    for value in (data, conditions):
        if isinstance(value, CellError):
            raise Fault(value)
        if not isinstance(value, Ref | Areas):
            raise Fault(VALUE)
    table, wanted = all_rows(data, frame), all_rows(conditions, frame)
    if len(wanted) < 2:
        raise Fault(VALUE)
    head = [_title(item) for item in table[0]]
    frame.machine.step(len(table) * len(wanted) // 20 + 1)
    rows = _met(frame, head, table[1:], wanted)
    place = _column(field, head)
    return (None if place is None else [row[place] for row in rows]), rows


def _numbers(frame: Frame, data: Value, field: Value, conditions: Value) -> list[float]:
    items, _ = _chosen(frame, data, field, conditions)
    if items is None:
        raise Fault(VALUE)
    for item in items:
        if isinstance(item, CellError):
            raise Fault(item)
    return [item for item in items if type(item) is float]


def _average(numbers: list[float]) -> Value:
    return exact_sum(numbers) / len(numbers)


_OF_NUMBERS: dict[str, Callable[[list[float]], Value]] = {
    "DSUM": exact_sum,
    "DAVERAGE": _average,
    "DMAX": lambda numbers: max(numbers, default=0.0),
    "DMIN": lambda numbers: min(numbers, default=0.0),
    "DPRODUCT": lambda numbers: math.prod(numbers) if numbers else 0.0,
    "DSTDEV": lambda numbers: math.sqrt(variance(numbers, True)),
    "DSTDEVP": lambda numbers: math.sqrt(variance(numbers, False)),
    "DVAR": lambda numbers: variance(numbers, True),
    "DVARP": lambda numbers: variance(numbers, False),
}


def _declare(name: str, function: Callable[[list[float]], Value]) -> None:
    @native(name, "RVR")
    def _compute(frame: Frame, data: Value, field: Value, conditions: Value) -> Value:
        return function(_numbers(frame, data, field, conditions))


for _name, _function in _OF_NUMBERS.items():
    _declare(_name, _function)


@native("DCOUNT", "RVR")
def _dcount(frame: Frame, data: Value, field: Value, conditions: Value) -> Value:
    items, rows = _chosen(frame, data, field, conditions)
    return float(len(rows) if items is None else sum(type(item) is float for item in items))


@native("DCOUNTA", "RVR")
def _dcounta(frame: Frame, data: Value, field: Value, conditions: Value) -> Value:
    items, rows = _chosen(frame, data, field, conditions)
    return float(len(rows) if items is None else sum(item is not None for item in items))


@native("DGET", "RVR")
def _dget(frame: Frame, data: Value, field: Value, conditions: Value) -> Value:
    items, _ = _chosen(frame, data, field, conditions)
    if not items:
        return VALUE
    return NUM if len(items) > 1 else items[0]
