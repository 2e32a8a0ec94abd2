"""Operators and functions over arrays, all items in one pass: a step of the interpreter for each is left out.

Items that are no plain numbers go through the operator itself, one by one; arrays of shapes that do not match, and
functions of which an item fails, through :func:`~xlrotation.workbook.evaluation.operators.lifted`.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import LETTERS, MAX_CELLS, Frame, Rows
from xlrotation.workbook.evaluation.operators import _OPERATORS, lifted
from xlrotation.workbook.evaluation.values import NUM, Fault, Value, equal_numbers

if TYPE_CHECKING:
    import numpy as np

_MOST = sys.float_info.max

_Operator = Callable[[Value, Value, Frame], Value]
_OfBlocks = Callable[["np.ndarray | float", "np.ndarray | float"], "np.ndarray | None"]
_Many = Callable[[Iterable[Value], Iterable[Value], _Operator, Frame], list[Value]]


class Block:
    """An array of numbers, or of truth values, within a formula.

    Args:
        items: Rows of them: finite numbers, or truth values.
    """

    __slots__ = ("items",)

    def __init__(self, items: np.ndarray) -> None:
        self.items = items

    def by(self, name: str, frame: Frame) -> Block:
        """What a function of :data:`EXACT` gives for each."""
        frame.machine.step(self.items.size // 10 + 1)
        return Block(EXACT[name](self.items.astype(float)))


ARRAYS = frozenset({list, Block})
"""Types of arrays within a formula."""


def in_cells(value: Value) -> Value:
    """The rows of a block; another value as it is."""
    return value.items.tolist() if type(value) is Block else value


def combined(sign: str, left: Value, right: Value, frame: Frame) -> Value:
    """What an operator gives for two values, arrays item by item; a block where it is one of numbers."""
    if type(left) not in ARRAYS and type(right) not in ARRAYS:
        return _OPERATORS[sign](left, right, frame)
    if sign in _BLOCKS and (size := _size_together(left, right)) >= _LARGE:
        numbers, others = _numbers(left), _numbers(right)
        if numbers is not None and others is not None and size <= MAX_CELLS:
            found = _BLOCKS[sign](numbers, others)
            if found is not None:
                frame.machine.step(size // 10 + 1)
                return Block(found)
    return over(sign, in_cells(left), in_cells(right), frame)


_LARGE = 100
"""Items from which on an array is computed as a block."""


def _size_together(left: Value, right: Value) -> int:
    """Items of what two values give together; 0 where the shapes do not match."""
    (rows, columns), (height, width) = _shape(left), _shape(right)
    fits = (rows == height or 1 in (rows, height)) and (columns == width or 1 in (columns, width))
    return max(rows, height) * max(columns, width) if fits else 0


def _shape(value: Value) -> tuple[int, int]:
    kind = type(value)
    if kind is Block:
        return value.items.shape  # type: ignore[no-any-return]
    return (len(value), len(value[0])) if kind is list else (1, 1)


def _numbers(value: Value) -> np.ndarray | float | None:
    """A value as a block has it; None where an item is no number."""
    import numpy as np

    kind = type(value)
    if kind is Block:
        return value.items  # type: ignore[no-any-return]
    if kind is not list:
        return value if kind is float else None
    height, width = _shape(value)
    flat = [item for row in value for item in row]
    kinds = set(map(type, flat))
    if len(kinds) > 1 or not kinds <= {float, bool} or len(flat) != height * width:
        return None
    return np.array(flat).reshape(height, width)


def _summed(sign: str) -> _OfBlocks:
    def work(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray | None:
        import numpy as np

        if sign == "/" and not np.all(b):
            return None
        with np.errstate(all="ignore"):
            found = _UFUNCS[sign](np, np.asarray(a, dtype=float), np.asarray(b, dtype=float))
        return found if np.isfinite(found).all() else None

    return work


def _ordered(sign: str) -> _OfBlocks:
    def work(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray | None:
        import numpy as np

        if bool in (getattr(a, "dtype", None), getattr(b, "dtype", None)):
            return None  # a truth value is more than every number
        with np.errstate(all="ignore"):
            near = np.abs(np.subtract(a, b)) <= 1e-14 * np.abs(a)
        if near.any() and not np.array_equal(near, np.equal(a, b)):
            return None
        found: np.ndarray = _UFUNCS[sign](np, a, b)
        return found

    return work


def over(sign: str, left: Value, right: Value, frame: Frame) -> Rows:
    """What an operator gives for each item of two arrays, or of one and a single value."""
    one, many = _OPERATORS[sign], _MANY.get(sign)
    flat = None if many is None else _flattened((left, right))
    if many is None or flat is None:
        return lifted(one, (left, right, frame), frame)
    rows, columns, (lefts, rights) = flat
    frame.machine.step(rows * columns // 10 + 1)
    if sign in _SUMS:
        lefts, rights = _without_truths(lefts), _without_truths(rights)
    return _in_rows(many(lefts, rights, one, frame), rows, columns)


def applied(function: Callable[..., Value], kinds: str, arguments: Sequence[Value], frame: Frame) -> Rows | None:
    """What a native function gives for each item of arrays; None where it is to be asked for one after the other.

    Args:
        function: Takes the frame, and single values as their kinds say.
        kinds: See :class:`~xlrotation.workbook.natives.registry.Native`; of single values only.
        arguments: The arrays and single values.
        frame: Where the formula stands.
    """
    flat = _flattened(arguments)
    if flat is None:
        return None
    rows, columns, sides = flat
    ready = []
    for kind, side in zip(kinds, sides, strict=True):
        taken = side if kind == "V" else _taken(kind, side)
        if taken is None:
            return None
        ready.append(taken)
    machine = frame.machine
    before = machine.steps
    machine.step(rows * columns // 10 + 1)
    found: list[Value] = []
    try:
        for item in map(function, itertools.repeat(frame), *ready):
            kind_of = type(item)
            if kind_of is float:
                found.append(item if -_MOST <= item <= _MOST else NUM)
            elif kind_of is str:
                machine.step(len(item) // LETTERS)
                found.append(item)
            elif kind_of in _PLAIN:
                found.append(item)
            elif kind_of is int:
                found.append(float(item))
            else:
                break
        else:
            return _in_rows(found, rows, columns)
    except (Fault, ZeroDivisionError, OverflowError, ValueError, FloatingPointError):
        pass
    machine.steps = before
    return None


_PLAIN = frozenset({bool, CellError, type(None)})
"""Types of other results that stand in an array as they are."""

_TYPES = {"N": float, "P": float, "I": float, "T": str, "B": bool}
"""By kind: what needs no reading."""


def _taken(kind: str, side: Sequence[Value]) -> Iterable[Value] | None:
    """Items as a function takes them; None where one is not what it wants."""
    if kind == "N":
        side = _without_truths(side)
    if any(kind_of is not _TYPES[kind] for kind_of in set(map(type, side))):
        return None
    return map(math.trunc, side) if kind == "I" else side


def _flattened(arguments: Sequence[Value]) -> tuple[int, int, list[Sequence[Value]]] | None:
    """Rows, columns, and of each argument the items row by row; None where the shapes do not match."""
    rows = columns = 1
    for argument in arguments:
        if type(argument) is list:
            rows, columns = max(rows, len(argument)), max(columns, len(argument[0]))
    size = rows * columns
    if size > MAX_CELLS:
        return None
    found: list[Sequence[Value]] = []
    for argument in arguments:
        if type(argument) is not list:
            found.append([argument] * size)
            continue
        height, width = len(argument), len(argument[0])
        side: Sequence[Value]
        if height == 1:
            side = argument[0] * (rows if width == columns else size if width == 1 else 0)
        elif height != rows:
            return None
        elif width == 1:
            side = [row[0] for row in argument]
            if columns > 1:
                side = [item for item in side for _ in range(columns)]
        else:
            side = [item for row in argument for item in row]
        if len(side) != size:
            return None
        found.append(side)
    return rows, columns, found


def _in_rows(items: list[Value], rows: int, columns: int) -> Rows:
    if columns == 1:
        return [[item] for item in items]
    return [items[place : place + columns] for place in range(0, rows * columns, columns)]


def _without_truths(side: Sequence[Value]) -> Sequence[Value]:
    """Items with numbers in the place of truth values, where there are such from the first on."""
    if type(side[0]) is not bool:
        return side
    return [float(item) if type(item) is bool else item for item in side]


# An item of each is what the operator gives for two numbers or texts; for other values, and what is too large, it is
# asked.


def _plus(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        r if type(a) is float and type(b) is float and -_MOST <= (r := a + b) <= _MOST else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _minus(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        r if type(a) is float and type(b) is float and -_MOST <= (r := a - b) <= _MOST else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _times(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        r if type(a) is float and type(b) is float and -_MOST <= (r := a * b) <= _MOST else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _divided(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        one(a, b, frame)
        if type(a) is not float or type(b) is not float
        else CellError.DIV0
        if b == 0
        else r
        if -_MOST <= (r := a / b) <= _MOST
        else NUM
        for a, b in zip(lefts, rights, strict=True)
    ]


def _below(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        a < b and (b - a > 1e-14 * abs(a) or not equal_numbers(a, b))
        if type(a) is float and type(b) is float
        else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _above(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        a > b and (a - b > 1e-14 * abs(a) or not equal_numbers(a, b))
        if type(a) is float and type(b) is float
        else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _equal(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        (a == b or a.lower() == b.lower())
        if type(a) is str and type(b) is str
        else (a == b or (abs(a - b) <= 1e-14 * abs(a) and equal_numbers(a, b)))
        if type(a) is float and type(b) is float
        else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _concatenated(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
    return [
        r if type(a) is str and type(b) is str and len(r := a + b) < LETTERS else one(a, b, frame)
        for a, b in zip(lefts, rights, strict=True)
    ]


def _opposite(many: _Many) -> _Many:
    """The comparison that holds where another does not; an error stays one."""

    def opposed(lefts: Iterable[Value], rights: Iterable[Value], one: _Operator, frame: Frame) -> list[Value]:
        found = many(lefts, rights, lambda a, b, f: not r if type(r := one(a, b, f)) is bool else r, frame)
        return [not item if type(item) is bool else item for item in found]

    return opposed


_SUMS = frozenset("+-*/")
_MANY: dict[str, _Many] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "&": _concatenated,
    "<": _below,
    ">": _above,
    "=": _equal,
    "<>": _opposite(_equal),
    ">=": _opposite(_below),
    "<=": _opposite(_above),
}

_UFUNCS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "+": lambda np, a, b: np.add(a, b),
    "-": lambda np, a, b: np.subtract(a, b),
    "*": lambda np, a, b: np.multiply(a, b),
    "/": lambda np, a, b: np.divide(a, b),
    "=": lambda np, a, b: np.equal(a, b),
    "<>": lambda np, a, b: np.not_equal(a, b),
    "<": lambda np, a, b: np.less(a, b),
    ">": lambda np, a, b: np.greater(a, b),
    "<=": lambda np, a, b: np.less_equal(a, b),
    ">=": lambda np, a, b: np.greater_equal(a, b),
}
_BLOCKS: dict[str, _OfBlocks] = {sign: (_summed if sign in _SUMS else _ordered)(sign) for sign in _UFUNCS}

EXACT: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {"ABS": abs}
"""Functions that a block is given to as a whole: their result is the same to the last bit."""
