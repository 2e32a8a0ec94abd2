"""Matrices."""

from __future__ import annotations

import itertools
import math
import operator

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.operators import all_rows, sound_items
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native

_NUMBERS = frozenset({float})


def matrix(value: Value, frame: Frame) -> list[list[float]]:
    """A table of numbers only.

    Raises:
        Fault: Another value is among them.
    """
    rows = all_rows(value, frame)
    if set(map(type, itertools.chain.from_iterable(rows))) == _NUMBERS:
        return rows
    for item in sound_items(rows, frame):
        if type(item) is not float:
            raise Fault(VALUE)
    return rows


@native("MMULT", "AA")
def _mmult(frame: Frame, first: Value, second: Value) -> Value:
    a, b = matrix(first, frame), matrix(second, frame)
    if len(a[0]) != len(b):
        return VALUE
    turned = list(zip(*b, strict=True))
    frame.machine.step(len(a) * len(turned) * len(b) // 20)
    found = [[sum(map(operator.mul, row, column)) for column in turned] for row in a]
    return found if all(map(math.isfinite, itertools.chain.from_iterable(found))) else NUM


@native("MDETERM", "A")
def _mdeterm(frame: Frame, value: Value) -> Value:
    import numpy as np

    rows = matrix(value, frame)
    if len(rows) != len(rows[0]):
        return VALUE
    frame.machine.step(len(rows) ** 3 // 10_000)
    result = float(np.linalg.det(np.array(rows)))
    near = round(result)
    whole = all(item == int(item) for row in rows for item in row)
    return float(near) if whole and abs(result - near) < 1e-6 * max(1.0, abs(result)) else result


@native("MINVERSE", "A")
def _minverse(frame: Frame, value: Value) -> Value:
    import numpy as np

    rows = matrix(value, frame)
    if len(rows) != len(rows[0]):
        return VALUE
    frame.machine.step(len(rows) ** 3 // 3000)
    try:
        found = np.linalg.inv(np.array(rows))
    except np.linalg.LinAlgError:
        return NUM
    return [[float(item) for item in row] for row in found]


@native("MUNIT", "I")
def _munit(frame: Frame, size: int) -> Value:
    if size < 1:
        return VALUE
    frame.machine.step(size * size)
    return [[float(r == c) for c in range(size)] for r in range(size)]
