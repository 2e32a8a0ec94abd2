"""Logical and information functions, LET and LAMBDA."""

from __future__ import annotations

from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import evaluate, scalar
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Unsupported
from xlrotation.workbook.evaluation.operators import lifted, read, sound_items
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value, compared, to_bool, to_number
from xlrotation.workbook.formulas.trees import Node
from xlrotation.workbook.natives.registry import Thunk, branching, native


@native("TRUE")
def _true(_: Frame) -> Value:
    return True


@native("FALSE")
def _false(_: Frame) -> Value:
    return False


@native("NA")
def _na(_: Frame) -> Value:
    return NA


@branching("IF", "L?LL")
def _if(frame: Frame, array: bool, test: Node | None, *branches: Node | None) -> Value:
    asked = scalar(test, frame, array)
    if type(asked) is list:
        yes_value = _branch(branches, 0, frame, array)
        no_value = _branch(branches, 1, frame, array)

        def pick(item: Value, a: Value, b: Value) -> Value:
            return a if item is True or (item is not False and to_bool(item)) else b

        return lifted(pick, (asked, _cells(yes_value, frame), _cells(no_value, frame)), frame)
    return _branch(branches, 0 if to_bool(asked) else 1, frame, array)


def _branch(branches: tuple[Node | None, ...], place: int, frame: Frame, array: bool) -> Value:
    """The first branch of IF, for what is true, or the second; a truth value where there is none."""
    if place >= len(branches):
        return place == 0
    part = branches[place]
    return 0.0 if part is None else evaluate(part, frame, array)


def _cells(value: Value, frame: Frame) -> Value:
    return read(value, frame, True)


@branching("IFERROR", "LL")
def _iferror(frame: Frame, array: bool, first: Node | None, second: Node | None) -> Value:
    return _caught(frame, array, first, second, lambda value: type(value) is CellError)


@branching("IFNA", "LL")
def _ifna(frame: Frame, array: bool, first: Node | None, second: Node | None) -> Value:
    return _caught(frame, array, first, second, lambda value: value is NA)


def _caught(frame: Frame, array: bool, first: Node | None, second: Node | None, bad: Callable[[Value], bool]) -> Value:
    try:
        value = scalar(first, frame, array)
    except Fault as fault:
        value = fault.error
    if type(value) is list:
        if not any(CellError in set(map(type, row)) and any(map(bad, row)) for row in value):
            return value
        other = scalar(second, frame, array)
        return lifted(lambda a, b: b if bad(a) else a, (value, other), frame)
    if bad(value):
        return _blank_as_zero(scalar(second, frame, array))
    return value


def _blank_as_zero(value: Value) -> Value:
    return 0.0 if value is None else value


@native("IFS", "LL*LL")
def _ifs(frame: Frame, *parts: Thunk) -> Value:
    if len(parts) % 2:
        raise Unsupported("gives IFS an odd number of arguments")
    tests = [part.value() for part in parts[::2]] if _any_list(parts[::2]) else None
    if tests is not None:
        values = [part.value() for part in parts[1::2]]

        def pick(*items: Value) -> Value:
            half = len(items) // 2
            for test, value in zip(items[:half], items[half:], strict=True):
                if to_bool(test):
                    return value
            return NA

        return lifted(pick, (*tests, *values), frame)
    for test, result in zip(parts[::2], parts[1::2], strict=True):
        if to_bool(test.value()):
            return 0.0 if result.node is None else result.raw()
    return NA


def _any_list(parts: tuple[Thunk, ...]) -> bool:
    for part in parts:
        value = part.value()
        if isinstance(value, list):
            return True
        try:
            if to_bool(value):
                return False
        except Fault:
            return False
    return False


@native("SWITCH", "LLL*L")
def _switch(frame: Frame, asked: Thunk, *parts: Thunk) -> Value:
    value = asked.value()
    pairs, default = (parts[:-1], parts[-1]) if len(parts) % 2 else (parts, None)
    if isinstance(value, CellError):
        return value
    if not isinstance(value, list):
        for case, result in zip(pairs[::2], pairs[1::2], strict=True):
            tested = case.value()
            if isinstance(tested, list):
                break
            if isinstance(tested, CellError):
                return tested
            if _same(value, tested):
                return result.raw()
        else:
            return NA if default is None else default.raw()
    flat = [part.value() for part in pairs]
    rest = NA if default is None else default.value()

    def pick(item: Value, last: Value, *others: Value) -> Value:
        for case, result in zip(others[::2], others[1::2], strict=True):
            if _same(item, case):
                return result
        return last

    return lifted(pick, (value, rest, *flat), frame)


def _same(a: Value, b: Value) -> bool:
    return compared(0.0 if a is None else a, 0.0 if b is None else b) == 0


@native("CHOOSE", "LL*L")
def _choose(frame: Frame, place: Thunk, *parts: Thunk) -> Value:
    number = place.value()
    if isinstance(number, list):
        values = [part.value() for part in parts]

        def pick(item: Value, *others: Value) -> Value:
            n = int(to_number(item))
            return others[n - 1] if 1 <= n <= len(others) else VALUE

        return lifted(pick, (number, *values), frame)
    n = int(to_number(number, frame.date1904))
    if not 1 <= n <= len(parts):
        return VALUE
    return 0.0 if parts[n - 1].node is None else parts[n - 1].raw()


def _truths(frame: Frame, values: tuple[Value, ...]) -> list[bool]:
    found: list[bool] = []
    for value in values:
        if isinstance(value, Ref | Areas | list):
            found += [bool(item) for item in sound_items(value, frame) if isinstance(item, bool | float)]
        elif value is None:
            found.append(False)
        elif value != "":
            found.append(to_bool(value))
    if not found:
        raise Fault(VALUE)
    return found


@native("AND", "R*R")
def _and(frame: Frame, *values: Value) -> Value:
    return all(_truths(frame, values))


@native("OR", "R*R")
def _or(frame: Frame, *values: Value) -> Value:
    return any(_truths(frame, values))


@native("XOR", "R*R")
def _xor(frame: Frame, *values: Value) -> Value:
    return sum(_truths(frame, values)) % 2 == 1


@native("NOT", "B")
def _not(_: Frame, value: bool) -> Value:
    return not value
