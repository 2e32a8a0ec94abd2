"""Logical and information functions, LET and LAMBDA."""

from __future__ import annotations

from collections.abc import Iterator

from xlrotation.errors import CellError
from xlrotation.workbook.interpreter import (
    OMITTED,
    Areas,
    Frame,
    Function,
    Ref,
    Rows,
    Unsupported,
    all_rows,
    apply,
    evaluate,
    intersected,
    lifted,
    read,
    ref_parts,
    scalar,
)
from xlrotation.workbook.natives.registry import Thunk, native
from xlrotation.workbook.syntax import Name
from xlrotation.workbook.values import NA, NUM, VALUE, Fault, Value, compared, to_bool, to_number, to_text


@native("TRUE")
def _true(_: Frame) -> Value:
    return True


@native("FALSE")
def _false(_: Frame) -> Value:
    return False


@native("NA")
def _na(_: Frame) -> Value:
    return NA


@native("IF", "L?LL")
def _if(frame: Frame, test: Thunk, yes: Thunk | None = None, no: Thunk | None = None) -> Value:
    asked = test.value()
    if isinstance(asked, list):
        yes_value = _branch(yes, True)
        no_value = _branch(no, False)

        def pick(item: Value, a: Value, b: Value) -> Value:
            return a if to_bool(item) else b

        return lifted(pick, (asked, _cells(yes_value, frame), _cells(no_value, frame)), frame)
    chosen = yes if to_bool(asked) else no
    if chosen is None:
        return bool(to_bool(asked))
    return 0.0 if chosen.node is None else chosen.raw()


def _branch(part: Thunk | None, missing: bool) -> Value:
    return missing if part is None else 0.0 if part.node is None else part.raw()


def _cells(value: Value, frame: Frame) -> Value:
    return read(value, frame, True)


@native("IFERROR", "LL")
def _iferror(frame: Frame, first: Thunk, second: Thunk) -> Value:
    return _caught(frame, first, second, lambda value: isinstance(value, CellError))


@native("IFNA", "LL")
def _ifna(frame: Frame, first: Thunk, second: Thunk) -> Value:
    return _caught(frame, first, second, lambda value: value is NA)


def _caught(frame: Frame, first: Thunk, second: Thunk, bad: object) -> Value:
    assert callable(bad)
    try:
        value = first.value()
    except Fault as fault:
        value = fault.error
    if isinstance(value, list):
        if not any(bad(item) for row in value for item in row):
            return value
        other = second.value()
        return lifted(lambda a, b: b if bad(a) else a, (value, other), frame)
    if bad(value):
        return _blank_as_zero(second.value())
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
    if isinstance(value, list):
        flat = [part.value() for part in pairs]
        rest = NA if default is None else default.value()

        def pick(item: Value, last: Value, *others: Value) -> Value:
            for case, result in zip(others[::2], others[1::2], strict=True):
                if _same(item, case):
                    return result
            return last

        return lifted(pick, (value, rest, *flat), frame)
    if isinstance(value, CellError):
        return value
    for case, result in zip(pairs[::2], pairs[1::2], strict=True):
        tested = case.value()
        if isinstance(tested, CellError):
            return tested
        if _same(value, tested):
            return result.raw()
    return NA if default is None else default.raw()


def _same(a: Value, b: Value) -> bool:
    return compared(a, b) == 0


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
            for row in all_rows(value, frame):
                for item in row:
                    if isinstance(item, CellError):
                        raise Fault(item)
                    if isinstance(item, bool | float):
                        found.append(bool(item))
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


@native("ISERROR", "V")
def _iserror(_: Frame, value: Value) -> Value:
    return isinstance(value, CellError)


@native("ISERR", "V")
def _iserr(_: Frame, value: Value) -> Value:
    return isinstance(value, CellError) and value is not NA


@native("ISNA", "V")
def _isna(_: Frame, value: Value) -> Value:
    return value is NA


@native("ISNUMBER", "V")
def _isnumber(_: Frame, value: Value) -> Value:
    return isinstance(value, float)


@native("ISTEXT", "V")
def _istext(_: Frame, value: Value) -> Value:
    return isinstance(value, str)


@native("ISNONTEXT", "V")
def _isnontext(_: Frame, value: Value) -> Value:
    return not isinstance(value, str)


@native("ISLOGICAL", "V")
def _islogical(_: Frame, value: Value) -> Value:
    return isinstance(value, bool)


@native("ISBLANK", "V")
def _isblank(_: Frame, value: Value) -> Value:
    return value is None


@native("ISEVEN", "N")
def _iseven(_: Frame, value: float) -> Value:
    return int(value) % 2 == 0


@native("ISODD", "N")
def _isodd(_: Frame, value: float) -> Value:
    return int(value) % 2 == 1


@native("ISREF", "R")
def _isref(_: Frame, value: Value) -> Value:
    return isinstance(value, Ref | Areas)


@native("ISFORMULA", "R")
def _isformula(frame: Frame, value: Value) -> Value:
    if not isinstance(value, Ref):
        return VALUE
    return frame.machine.world.formula(value.sheet, value.top, value.left) is not None


@native("FORMULATEXT", "R")
def _formulatext(frame: Frame, value: Value) -> Value:
    if not isinstance(value, Ref):
        return value if isinstance(value, CellError) else NA
    text = frame.machine.world.formula(value.sheet, value.top, value.left)
    return NA if text is None else text


@native("ISOMITTED", "L")
def _isomitted(_: Frame, value: Thunk) -> Value:
    return value.raw() is OMITTED


@native("N", "R")
def _n(frame: Frame, value: Value) -> Value:
    value = first_cell(value, frame)
    if isinstance(value, CellError):
        return value
    return float(value) if isinstance(value, bool | float) else 0.0


@native("TYPE", "A")
def _type(frame: Frame, value: Value) -> Value:
    if isinstance(value, list):
        return 64
    if isinstance(value, Function):
        return 128
    if isinstance(value, Ref) and not value.is_cell:
        return 64
    value = read(value, frame, False)
    if isinstance(value, CellError):
        return 16
    return 4 if isinstance(value, bool) else 2 if isinstance(value, str) else 1


def first_cell(value: Value, frame: Frame) -> Value:
    """The first cell of a reference or an array."""
    if isinstance(value, Ref):
        return frame.machine.world.get(value.sheet, value.top, value.left)
    return value[0][0] if isinstance(value, list) else VALUE if isinstance(value, Areas) else value


_NUMBERED = {
    CellError.NULL: 1,
    CellError.DIV0: 2,
    CellError.VALUE: 3,
    CellError.REF: 4,
    CellError.NAME: 5,
    CellError.NUM: 6,
    CellError.NA: 7,
    CellError.SPILL: 9,
    CellError.CALC: 14,
}


@native("ERROR.TYPE", "V")
def _error_type(_: Frame, value: Value) -> Value:
    return _NUMBERED[value] if isinstance(value, CellError) else NA


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
    from xlrotation.workbook.interpreter import anchored

    return anchored(value, frame)


@native("SHEET", "?R")
def _sheet(frame: Frame, value: Value = None) -> Value:
    if isinstance(value, Ref):
        return value.sheet + 1
    if isinstance(value, str):
        found = frame.machine.book.index.get(value.lower())
        return NA if found is None else found + 1
    if isinstance(value, bool | float):
        return NA
    return value if isinstance(value, CellError) else frame.sheet + 1


@native("SHEETS", "?R")
def _sheets(frame: Frame, value: Value = None) -> Value:
    return len(ref_parts(value)) if value is not None else len(frame.machine.book.sheets)


__all__ = ["NUM", "scalar", "to_text"]
