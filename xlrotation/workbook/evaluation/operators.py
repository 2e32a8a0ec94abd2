"""Operators, and how values reach them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT
from xlrotation.workbook.evaluation.machine import (
    LETTERS,
    MAX_CELLS,
    Areas,
    Frame,
    Function,
    Ref,
    RefRows,
    Rows,
    Unsupported,
)
from xlrotation.workbook.evaluation.values import NA, NUM, VALUE, Fault, Value, compared, to_number, to_text


def read(value: Value, frame: Frame, array: bool) -> Value:
    """Cells in the place of a reference."""
    kind = type(value)
    if kind is Ref:
        if value.top == value.bottom and value.left == value.right:
            return frame.machine.world.get(value.sheet, value.top, value.left)
        if array:
            return frame.machine.world.rows(value)
        met = intersected(value, frame)
        return VALUE if met is None else frame.machine.world.get(met.sheet, met.top, met.left)
    if kind is Areas:
        if len(value.parts) == 1:
            return read(value.parts[0], frame, array)
        return VALUE
    if kind is Function:
        return CellError.CALC
    if kind is RefRows:
        raise Unsupported(NO_REFERENCES)
    return value


REFERRING = frozenset({Ref, Areas, Function, RefRows})
"""Types of what :func:`read` makes another value of."""

NO_REFERENCES = "uses an array of references where only SUBTOTAL, SUMIF, COUNTIF, N and their like take one"


def intersected(ref: Ref, frame: Frame) -> Ref | None:
    """The cell of a range in the row or column of the formula."""
    if ref.is_cell:
        return ref
    if ref.left == ref.right and ref.top <= frame.row <= ref.bottom:
        return Ref(ref.sheet, frame.row, ref.left, frame.row, ref.left)
    if ref.top == ref.bottom and ref.left <= frame.column <= ref.right:
        return Ref(ref.sheet, ref.top, frame.column, ref.top, frame.column)
    return None


def noted(ref: Ref, frame: Frame) -> Ref:
    """A reference made by a function, noted as read."""
    if frame.machine.reads is not None:
        frame.machine.reads.append(ref)
    return ref


def single(value: Value, frame: Frame) -> Value:
    """What ``@`` makes of a value."""
    if isinstance(value, Ref):
        met = intersected(value, frame)
        return VALUE if met is None else met
    return value[0][0] if isinstance(value, list) else value


def anchored(anchor: Value, frame: Frame) -> Value:
    """The cells that the formula in a cell fills, ``A1#``."""
    if not isinstance(anchor, Ref) or not anchor.is_cell:
        return CellError.REF
    frame.machine.world.get(anchor.sheet, anchor.top, anchor.left)  # computed first
    spilled = frame.machine.world.spilled(anchor.sheet, anchor.top, anchor.left)
    return CellError.REF if spilled is None else noted(spilled, frame)


def lifted(function: Callable[..., Value], arguments: Sequence[Value], frame: Frame) -> Rows:
    """*function* applied item by item; a single row or column goes along with every other."""
    shapes = [(len(a), len(a[0])) if isinstance(a, list) else (1, 1) for a in arguments]
    rows = max(shape[0] for shape in shapes)
    columns = max(shape[1] for shape in shapes)
    if rows * columns > MAX_CELLS:
        raise Unsupported(f"computes an array of {rows * columns:,} cells, which is too large here")
    frame.machine.step(rows * columns // 10 + 1)
    if columns == 1:  # in one pass, as histories stand in columns
        sides = [
            [row[0] for row in argument] if height > 1 else [_first(argument)] * rows
            for argument, (height, _) in zip(arguments, shapes, strict=True)
        ]
        return [[item] for item in _each(function, sides, rows)]
    found: Rows = []
    for r in range(rows):
        sides = []
        for argument, (height, width) in zip(arguments, shapes, strict=True):
            if height > 1 and r >= height:
                sides.append([])
            elif width > 1:
                sides.append(argument[r if height > 1 else 0])
            else:
                sides.append([argument[r][0] if height > 1 else _first(argument)] * columns)
        found.append(_each(function, sides, columns))
    return found


def _first(argument: Value) -> Value:
    return argument[0][0] if isinstance(argument, list) else argument


def _each(function: Callable[..., Value], sides: Sequence[Sequence[Value]], count: int) -> list[Value]:
    """*function* of the first items, of the second ones and so on; #N/A where a side has no item."""
    try:
        line = list(map(function, *sides))
    except Fault:
        line = [_sound(function, items) for items in zip(*sides, strict=False)]
    return line + [NA] * (count - len(line)) if len(line) < count else line


def _sound(function: Callable[..., Value], items: Sequence[Value]) -> Value:
    try:
        return function(*items)
    except Fault as fault:
        return fault.error


def ref_parts(value: Value) -> list[Ref]:
    """The rectangles of a reference; none where it is something else."""
    if isinstance(value, Ref):
        return [value]
    return value.parts if isinstance(value, Areas) else []


def joined(sign: str, left: Value, right: Value, frame: Frame) -> Value:
    """The rectangle around two references, ``:``, or what they share, a space."""
    for value in (left, right):
        if isinstance(value, CellError):
            return value
    lefts, rights = ref_parts(left), ref_parts(right)
    if not lefts or not rights:
        return VALUE
    if sign == ":":
        every = [*lefts, *rights]
        if len({ref.sheet for ref in every}) != 1:
            return VALUE
        return noted(
            Ref(
                every[0].sheet,
                min(r.top for r in every),
                min(r.left for r in every),
                max(r.bottom for r in every),
                max(r.right for r in every),
            ),
            frame,
        )
    met = []
    for a in lefts:
        for b in rights:
            top, bottom = max(a.top, b.top), min(a.bottom, b.bottom)
            left_, right_ = max(a.left, b.left), min(a.right, b.right)
            if a.sheet == b.sheet and top <= bottom and left_ <= right_:
                met.append(Ref(a.sheet, top, left_, bottom, right_))
    if not met:
        return CellError.NULL
    return met[0] if len(met) == 1 else Areas(met)


def _finite(value: float) -> Value:
    return value if math.isfinite(value) else NUM


def _converted(operator: Callable[[float, float, Frame], Value], a: Value, b: Value, frame: Frame) -> Value:
    """What *operator* gives for the numbers that two values stand for."""
    try:
        return operator(float(to_number(a, frame.date1904)), float(to_number(b, frame.date1904)), frame)
    except Fault as fault:
        return fault.error


def _plus(a: Value, b: Value, frame: Frame) -> Value:
    return _finite(a + b) if type(a) is float and type(b) is float else _converted(_plus, a, b, frame)


def _minus(a: Value, b: Value, frame: Frame) -> Value:
    return _finite(a - b) if type(a) is float and type(b) is float else _converted(_minus, a, b, frame)


def _times(a: Value, b: Value, frame: Frame) -> Value:
    return _finite(a * b) if type(a) is float and type(b) is float else _converted(_times, a, b, frame)


def _divided(a: Value, b: Value, frame: Frame) -> Value:
    if type(a) is not float or type(b) is not float:
        return _converted(_divided, a, b, frame)
    return CellError.DIV0 if b == 0 else _finite(a / b)


def power(a: float, b: float) -> Value:
    """``a^b``."""
    if a == 0:
        return NUM if b == 0 else CellError.DIV0 if b < 0 else 0.0
    try:
        result = a**b
    except OverflowError:
        return NUM
    return NUM if isinstance(result, complex) else _finite(result)


def _powered(a: Value, b: Value, frame: Frame) -> Value:
    return _converted(lambda x, y, _: power(x, y), a, b, frame)


def _concatenated(a: Value, b: Value, frame: Frame) -> Value:
    try:
        text = (a if type(a) is str else to_text(a)) + (b if type(b) is str else to_text(b))
    except Fault as fault:
        return fault.error
    if len(text) >= LETTERS:
        frame.machine.step(len(text) // LETTERS)
    return text if len(text) <= MAX_TEXT else VALUE


def _comparison(*orders: int) -> Callable[[Value, Value, Frame], Value]:
    """The operator that holds where the first value comes before (-1), with (0) or after (1) the second."""
    same, other = 0 in orders, 1 in orders
    ordering = other != (-1 in orders)

    def compare(a: Value, b: Value, _: Frame) -> Value:
        if type(a) is str and type(b) is str and not ordering:
            return same if a == b or a.lower() == b.lower() else other
        try:
            return compared(a, b) in orders
        except Fault as fault:
            return fault.error

    return compare


_OPERATORS: dict[str, Callable[[Value, Value, Frame], Value]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "^": _powered,
    "&": _concatenated,
    "=": _comparison(0),
    "<>": _comparison(-1, 1),
    "<": _comparison(-1),
    ">": _comparison(1),
    "<=": _comparison(-1, 0),
    ">=": _comparison(0, 1),
}


def numbers_in(values: Iterable[Value], frame: Frame) -> list[float]:
    """The numbers that an aggregate takes: of cells and arrays only the numbers, of arguments also what reads as one.

    Raises:
        Fault: An error is among them, or an argument is a text that is no number.
    """
    found: list[float] = []
    for value in values:
        kind = type(value)
        if kind is float:
            found.append(value)
        elif kind is Ref or kind is Areas or kind is list:
            rows = all_rows(value, frame)
            frame.machine.step(len(rows) * len(rows[0]) // 100)
            before = len(found)
            found += [item for row in rows for item in row if type(item) is float]
            if len(found) - before < len(rows) * len(rows[0]):
                for row in rows:
                    for item in row:
                        if type(item) is CellError:
                            raise Fault(item)
        elif value is not None:
            found.append(to_number(value, frame.date1904))
        else:
            found.append(0.0)
    return found


def sound_items(value: Value, frame: Frame) -> Iterator[Value]:
    """The values of a reference or an array, one after the other.

    Raises:
        Fault: An error is among them.
    """
    for row in all_rows(value, frame):
        for item in row:
            if isinstance(item, CellError):
                raise Fault(item)
            yield item


def all_rows(value: Value, frame: Frame) -> Rows:
    """The rows of a reference, of several, of an array, or of a single value."""
    kind = type(value)
    if kind is list:
        return value  # type: ignore[no-any-return]
    world = frame.machine.world
    if kind is Ref:
        return world.rows(value)
    if kind is Areas:
        return [row for part in value.parts for row in world.rows(part)]
    if kind is RefRows:
        raise Unsupported(NO_REFERENCES)
    return [[value]]
