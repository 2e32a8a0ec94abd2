"""Sums and products."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Frame, Ref, Rows
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native


@native("SUM", "R*R")
def _sum(frame: Frame, *values: Value) -> Value:
    return exact_sum(numbers_in(values, frame))


def exact_sum(numbers: list[float]) -> float:
    """A sum in the order of the numbers."""
    total = 0.0
    for number in numbers:
        total += number
    return total


@native("SUMSQ", "R*R")
def _sumsq(frame: Frame, *values: Value) -> Value:
    return sum(x * x for x in numbers_in(values, frame))


@native("PRODUCT", "R*R")
def _product(frame: Frame, *values: Value) -> Value:
    numbers = numbers_in(values, frame)
    return math.prod(numbers) if numbers else 0.0


@native("SUMPRODUCT", "A*A")
def _sumproduct(frame: Frame, *values: Value) -> Value:
    tables = [all_rows(value, frame) for value in values]
    shape = _shape(values[0], tables[0])
    if any(_shape(value, table) != shape for value, table in zip(values[1:], tables[1:], strict=True)):
        return VALUE
    for table in tables:
        frame.machine.step(len(table) * len(table[0]) // 50)
        for row in table:
            for item in row:
                if isinstance(item, CellError):
                    return item
    if shape == (0, 0) and len(tables) > 1 and any(isinstance(table[0][0], str) for table in tables):
        return VALUE
    if len(tables) == 1:
        return exact_sum([item for row in tables[0] for item in row if type(item) is float])
    total = 0.0
    for rows in zip(*tables, strict=True):
        for items in zip(*rows, strict=True):
            product = 1.0
            for item in items:
                product *= item if type(item) is float else 0.0
            total += product
    return total


def _shape(value: Value, rows: Rows) -> tuple[int, int]:
    if isinstance(value, Ref):
        return value.bottom - value.top, value.right - value.left
    return len(rows) - 1, len(rows[0]) - 1


def _pairs(frame: Frame, first: Value, second: Value) -> Iterator[tuple[float, float]]:
    a, b = all_rows(first, frame), all_rows(second, frame)
    left, right = [x for row in a for x in row], [x for row in b for x in row]
    if len(left) != len(right):
        raise Fault(NA)
    for x, y in zip(left, right, strict=True):
        for item in (x, y):
            if isinstance(item, CellError):
                raise Fault(item)
    if len(left) == 1 and not isinstance(first, Ref) and not isinstance(second, Ref):
        for item in (*left, *right):
            if not isinstance(item, float):
                raise Fault(VALUE)
    found = [(x, y) for x, y in zip(left, right, strict=True) if type(x) is float and type(y) is float]
    if not found:
        raise Fault(CellError.DIV0)
    yield from found


@native("SUMX2MY2", "AA")
def _sumx2my2(frame: Frame, first: Value, second: Value) -> Value:
    return sum(x * x - y * y for x, y in _pairs(frame, first, second))


@native("SUMX2PY2", "AA")
def _sumx2py2(frame: Frame, first: Value, second: Value) -> Value:
    return sum(x * x + y * y for x, y in _pairs(frame, first, second))


@native("SUMXMY2", "AA")
def _sumxmy2(frame: Frame, first: Value, second: Value) -> Value:
    return sum((x - y) ** 2 for x, y in _pairs(frame, first, second))


@native("SERIESSUM", "NNNA")
def _seriessum(frame: Frame, x: float, n: float, m: float, factors: Value) -> Value:
    return sum(a * x ** (n + i * m) for i, a in enumerate(numbers_in([factors], frame)))
