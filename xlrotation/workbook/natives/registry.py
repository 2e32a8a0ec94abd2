"""How a native function is declared: what its arguments are, and how they reach it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import evaluate, operand, scalar
from xlrotation.workbook.evaluation.machine import LETTERS, MAX_CELLS, Areas, Frame, Ref, RefRows, Unsupported
from xlrotation.workbook.evaluation.many import Block, applied
from xlrotation.workbook.evaluation.operators import NO_REFERENCES, lifted
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, to_bool, to_number, to_text
from xlrotation.workbook.formulas.trees import Call, Node

NATIVES: dict[str, Native] = {}
"""The functions by name."""


class Thunk:
    """An argument that is computed when it is asked for."""

    __slots__ = ("_array", "_frame", "node")

    def __init__(self, node: Node | None, frame: Frame, array: bool) -> None:
        self.node, self._frame, self._array = node, frame, array

    def value(self) -> Value:
        """The value, cells read."""
        return scalar(self.node, self._frame, self._array)

    def raw(self) -> Value:
        """The value; a reference stays one."""
        return None if self.node is None else evaluate(self.node, self._frame, self._array)


_Reader = Callable[[Value, bool], Value]


class _Taken(NamedTuple):
    """How a function takes so many arguments.

    Attributes:
        kinds: Of each, see :class:`Native`.
        lazy: All of them are computed when they are asked for.
        single: All of them are single values.
        readers: How each is read; empty where all come as they are.
    """

    kinds: str
    lazy: bool
    single: bool
    readers: tuple[_Reader | None, ...]


@dataclass(slots=True)
class Native:
    """A native function.

    Attributes:
        name: In capitals.
        function: Takes the frame and the arguments.
        kinds: Of each argument: ``N`` number, ``P`` number that no truth value may stand for and that must be there,
            ``I`` whole number, ``T`` text, ``B`` truth value, ``V`` any single value (all of these item by item over
            arrays); ``R`` as it is, references too; ``A`` the same with every cell of ranges taken; ``L`` computed
            when asked for.
        least: Arguments that must be there.
        most: Arguments that may be there.
        repeats: Kinds that follow again and again.
        branching: It takes the parts of the formula in the place of the arguments, see :func:`branching`.
    """

    name: str
    function: Callable[..., Value]
    kinds: tuple[str, ...]
    least: int
    most: int
    repeats: tuple[str, ...]
    branching: bool = False
    _taken: dict[int, _Taken] = field(default_factory=dict)

    def call(self, node: Call, frame: Frame, array: bool, block: bool = False) -> Value:
        """What the function gives for a call; *block*: an array of numbers may be one block."""
        parts = node.arguments
        taken = self._taken.get(len(parts)) or self._taken_of(len(parts))
        if self.branching:
            return self._applied(taken, (array, *parts), frame, parts)
        if taken.lazy:
            return self._applied(taken, [Thunk(part, frame, array) for part in parts], frame, parts)
        if not taken.single:
            values, several = self._values(taken.kinds, parts, frame, array)
        else:
            values = [(operand if block else scalar)(part, frame, array) for part in parts]
            if block and type(values[0]) is Block:
                return values[0].by(self.name, frame)
            several = list in map(type, values)
        return (self._lifted if several else self._applied)(taken, values, frame, parts)

    def _values(self, kinds: str, parts: tuple[Node | None, ...], frame: Frame, array: bool) -> tuple[list[Any], bool]:
        """The arguments of a call, and whether the function is to be asked for each item of some."""
        values: list[Any] = []
        several = False
        for kind, part in zip(kinds, parts, strict=True):
            if kind == "L":
                values.append(Thunk(part, frame, array))
            elif part is None:
                values.append(None)
            elif kind in "RA":
                value = evaluate(part, frame, array or kind == "A")
                if type(value) is RefRows:
                    if self.name not in _OVER_REFERENCES:
                        raise Unsupported(NO_REFERENCES)
                    several = True
                values.append(value)
            else:
                value = scalar(part, frame, array)
                several = several or type(value) is list
                values.append(value)
        return values, several

    def _taken_of(self, count: int) -> _Taken:
        if not self.least <= count <= self.most:
            raise Unsupported(f"gives {self.name} {count} arguments, which it does not take")
        fixed = len(self.kinds)
        each = [self.kinds[i] if i < fixed else self.repeats[(i - fixed) % len(self.repeats)] for i in range(count)]
        kinds, readers = "".join(each), tuple(map(_READERS.get, each))
        lazy, single = count > 0 and set(each) == {"L"}, not kinds.strip(_SINGLE)
        self._taken[count] = found = _Taken(kinds, lazy, single, readers if any(readers) else ())
        return found

    def _lifted(self, taken: _Taken, values: list[Any], frame: Frame, parts: tuple[Node | None, ...]) -> Value:
        kinds = taken.kinds
        scalars = [i for i, kind in enumerate(kinds) if kind in _SINGLE or type(values[i]) is RefRows]
        referring = self.name in ("OFFSET", "INDIRECT")
        if taken.single and not referring:
            together = applied(self.function, kinds, values, frame)
            if together is not None:
                return together

        def one(*items: Value) -> Value:
            now = list(items)
            if len(now) < len(values):
                now = list(values)
                for i, item in zip(scalars, items, strict=True):
                    now[i] = item
            result = self._applied(taken, now, frame, parts)
            if isinstance(result, list):
                return result[0][0]
            return result if referring else scalar_of(result, frame)

        rows = lifted(one, [v.rows if type(v := values[i]) is RefRows else v for i in scalars], frame)
        if not referring:
            return rows
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else RefRows(rows)

    def _applied(self, taken: _Taken, values: Sequence[Any], frame: Frame, parts: tuple[Node | None, ...]) -> Value:
        try:
            if taken.readers:
                values = _read(taken, values, frame.machine.book.date1904, parts)
            result = self.function(frame, *values)
        except Fault as fault:
            return fault.error
        except ZeroDivisionError:
            return CellError.DIV0
        except (OverflowError, ValueError, FloatingPointError):
            return NUM
        kind = type(result)
        if kind is float:
            return result if math.isfinite(result) else NUM
        if kind is bool or kind is CellError:
            return result
        if kind is str:
            frame.machine.step(len(result) // LETTERS)
        elif kind is list:
            size = len(result) * len(result[0]) if result else 0
            if size > MAX_CELLS:
                raise Unsupported(f"computes an array of {size:,} cells, which is too large here")
            frame.machine.step(size // 10)
        elif isinstance(result, int):
            return float(result)
        elif isinstance(result, complex):
            return NUM
        return result


_OVER_REFERENCES = frozenset(
    "SUBTOTAL SUMIF SUMIFS COUNTIF COUNTIFS AVERAGEIF AVERAGEIFS MAXIFS MINIFS COUNTBLANK N T".split()
)
"""Functions that take one reference of an array after the other."""


def _strict_number(value: Value, date1904: bool) -> float:
    if isinstance(value, bool):
        raise Fault(VALUE)
    return to_number(value, date1904)


_SINGLE = "NPITBV"
"""The kinds of single values."""

_READERS: dict[str, _Reader] = {
    "P": _strict_number,
    "N": to_number,
    "I": lambda value, date1904: math.trunc(to_number(value, date1904)),
    "T": lambda value, _: to_text(value),
    "B": lambda value, _: to_bool(value),
}
"""How the single values of each kind are read; all others come as they are."""


def _read(taken: _Taken, values: Sequence[Any], date1904: bool, parts: tuple[Node | None, ...]) -> list[Any]:
    """The single values as the function takes them."""
    ready: list[Any] = []
    for reader, value, part in zip(taken.readers, values, parts, strict=True):
        if reader is _strict_number and value is None and part is None:  # left out between its commas
            raise Fault(CellError.NA)
        ready.append(value if reader is None else reader(value, date1904))
    return ready


def scalar_of(value: Value, frame: Frame) -> Value:
    """A single value where a reference to one cell may stand."""
    if isinstance(value, Ref):
        return frame.machine.world.get(value.sheet, value.top, value.left)
    return VALUE if isinstance(value, Areas) else value


_Declare = Callable[[Callable[..., Value]], Callable[..., Value]]


def branching(names: str, kinds: str) -> _Declare:
    """Declare a function that computes some parts of its formula and not others.

    It takes the frame, whether it stands in an array formula, and the parts, None where one is left out between its
    commas.
    """
    return native(names, kinds, branching=True)


def native(names: str, kinds: str = "", branching: bool = False) -> _Declare:
    """Declare a function.

    Args:
        names: Its name, and others for the same.
        kinds: The kinds of its arguments, ``?`` before those that may be missing, ``*`` before those that repeat (each
            time one group more or none). See :class:`Native`.
        branching: See :func:`branching`.
    """
    fixed, _, repeated = kinds.replace(" ", "").partition("*")
    needed, _, optional = fixed.partition("?")

    def declare(function: Callable[..., Value]) -> Callable[..., Value]:
        for name in names.split():
            NATIVES[name] = Native(
                name,
                function,
                tuple(needed + optional),
                len(needed),
                255 if repeated else len(needed + optional),
                tuple(repeated),
                branching,
            )
        return function

    return declare
