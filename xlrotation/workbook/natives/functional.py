"""LET, LAMBDA and the functions that take one."""

from __future__ import annotations

from collections.abc import Iterator

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import apply, evaluate
from xlrotation.workbook.evaluation.machine import Frame, Function, Ref, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows, anchored, intersected, lifted, read
from xlrotation.workbook.evaluation.values import VALUE, Fault, Value
from xlrotation.workbook.formulas.trees import Name
from xlrotation.workbook.natives.registry import Thunk, native


@native("LET", "LLL*L")
def _let(frame: Frame, *parts: Thunk) -> Value:
    if len(parts) % 2 == 0:
        raise Unsupported("gives LET a name without a value")
    scope = dict(frame.scope)
    for name, value in zip(parts[:-1:2], parts[1::2], strict=True):
        inner = frame.with_scope(dict(scope))
        scope[_variable(name)] = None if value.node is None else evaluate(value.node, inner, True)
    last = parts[-1].node
    return None if last is None else evaluate(last, frame.with_scope(scope), True)


def _variable(part: Thunk) -> str:
    if not isinstance(part.node, Name):
        raise Unsupported("has a LET or LAMBDA whose variable is no name")
    return part.node.name.lower()


@native("LAMBDA", "L*L")
def _lambda(frame: Frame, *parts: Thunk) -> Value:
    body = parts[-1].node
    if body is None:
        return VALUE
    return Function(tuple(_variable(part) for part in parts[:-1]), body, frame)


def _result(value: Value, frame: Frame) -> Value:
    """What a LAMBDA gave for one item, as one cell."""
    value = read(value, frame, True)
    if isinstance(value, list):
        return value[0][0] if len(value) == 1 and len(value[0]) == 1 else CellError.CALC
    return 0.0 if value is None else value


def _guarded(function: Value, arguments: list[Value], frame: Frame) -> Value:
    try:
        return _result(apply(function, arguments, frame), frame)
    except Fault as fault:
        return fault.error


@native("MAP", "AA*A")
def _map(frame: Frame, *values: Value) -> Value:
    arrays = [all_rows(value, frame) for value in values[:-1]]
    return lifted(lambda *items: _guarded(values[-1], list(items), frame), arrays, frame)


@native("REDUCE", "AAA")
def _reduce(frame: Frame, start: Value, values: Value, function: Value) -> Value:
    total = read(start, frame, True)
    for row in all_rows(values, frame):
        for item in row:
            total = read(apply(function, [total, item], frame), frame, True)
    return total


@native("SCAN", "AAA")
def _scan(frame: Frame, start: Value, values: Value, function: Value) -> Value:
    total = read(start, frame, True)
    found: Rows = []
    for row in all_rows(values, frame):
        line: list[Value] = []
        for item in row:
            total = _guarded(function, [total, item], frame)
            line.append(total)
        found.append(line)
    return found


@native("BYROW", "AA")
def _byrow(frame: Frame, values: Value, function: Value) -> Value:
    if isinstance(values, Ref):
        parts: Iterator[Value] = (
            Ref(values.sheet, r, values.left, r, values.right)
            for r in range(values.top, values.top + len(all_rows(values, frame)))
        )
        return [[_guarded(function, [part], frame)] for part in parts]
    return [[_guarded(function, [[row]], frame)] for row in all_rows(values, frame)]


@native("BYCOL", "AA")
def _bycol(frame: Frame, values: Value, function: Value) -> Value:
    rows = all_rows(values, frame)
    return [[_guarded(function, [[[row[c]] for row in rows]], frame) for c in range(len(rows[0]))]]


@native("MAKEARRAY", "IIA")
def _makearray(frame: Frame, rows: int, columns: int, function: Value) -> Value:
    if rows < 1 or columns < 1:
        return VALUE
    frame.machine.step(rows * columns)
    return [
        [_guarded(function, [float(r), float(c)], frame) for c in range(1, columns + 1)] for r in range(1, rows + 1)
    ]


@native("SINGLE", "R")
def _single(frame: Frame, value: Value) -> Value:
    if isinstance(value, Ref):
        met = intersected(value, frame)
        return VALUE if met is None else met
    return value[0][0] if isinstance(value, list) else value


@native("ANCHORARRAY", "R")
def _anchorarray(frame: Frame, value: Value) -> Value:
    return anchored(value, frame)
