"""How a native function is declared: what its arguments are, and how they reach it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
    """

    name: str
    function: Callable[..., Value]
    kinds: tuple[str, ...]
    least: int
    most: int
    repeats: tuple[str, ...]
    _kinds: dict[int, tuple[str, bool]] = field(default_factory=dict)

    def call(self, node: Call, frame: Frame, array: bool, block: bool = False) -> Value:
        """What the function gives for a call; *block*: an array of numbers may be one block."""
        parts = node.arguments
        count = len(parts)
        if not self.least <= count <= self.most:
            raise Unsupported(f"gives {self.name} {count} arguments, which it does not take")
        kinds, lazy = self._kinds.get(count) or self._kinds_of(count)
        if lazy:
            return self._applied(kinds, [Thunk(part, frame, array) for part in parts], frame, parts)
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
                value = operand(part, frame, array) if block else scalar(part, frame, array)
                if type(value) is Block:
                    return value.by(self.name, frame)
                several = several or type(value) is list
                values.append(value)
        if several:
            return self._lifted(kinds, values, frame, parts)
        return self._applied(kinds, values, frame, parts)

    def _kinds_of(self, count: int) -> tuple[str, bool]:
        """The kinds of so many arguments, and whether all of them are computed when they are asked for."""
        fixed = len(self.kinds)
        kinds = [self.kinds[i] if i < fixed else self.repeats[(i - fixed) % len(self.repeats)] for i in range(count)]
        self._kinds[count] = found = "".join(kinds), count > 0 and set(kinds) == {"L"}
        return found

    def _lifted(self, kinds: str, values: list[Any], frame: Frame, parts: tuple[Node | None, ...]) -> Value:
        scalars = [i for i, kind in enumerate(kinds) if kind in "NPITBV" or type(values[i]) is RefRows]
        referring = self.name in ("OFFSET", "INDIRECT")
        if not kinds.strip("NPITBV") and not referring:
            together = applied(self.function, kinds, values, frame)
            if together is not None:
                return together

        def one(*items: Value) -> Value:
            now = list(items)
            if len(now) < len(values):
                now = list(values)
                for i, item in zip(scalars, items, strict=True):
                    now[i] = item
            result = self._applied(kinds, now, frame, parts)
            if isinstance(result, list):
                return result[0][0]
            return result if referring else scalar_of(result, frame)

        rows = lifted(one, [v.rows if type(v := values[i]) is RefRows else v for i in scalars], frame)
        if not referring:
            return rows
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else RefRows(rows)

    def _applied(self, kinds: str, values: list[Any], frame: Frame, parts: tuple[Node | None, ...]) -> Value:
        try:
            if kinds.strip("LRAV"):
                values = _read(kinds, values, frame.machine.book.date1904, parts)
            result = self.function(frame, *values)
        except Fault as fault:
            return fault.error
        except ZeroDivisionError:
            return CellError.DIV0
        except (OverflowError, ValueError, FloatingPointError):
            return NUM
        if type(result) is str:
            frame.machine.step(len(result) // LETTERS)
        elif type(result) is list:
            size = len(result) * len(result[0]) if result else 0
            if size > MAX_CELLS:
                raise Unsupported(f"computes an array of {size:,} cells, which is too large here")
            frame.machine.step(size // 10)
        if type(result) is float:
            return result if math.isfinite(result) else NUM
        if isinstance(result, int) and not isinstance(result, bool):
            return float(result)
        if isinstance(result, complex):
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


_READERS: dict[str, Callable[[Value, bool], Value]] = {
    "P": _strict_number,
    "N": to_number,
    "I": lambda value, date1904: math.trunc(to_number(value, date1904)),
    "T": lambda value, _: to_text(value),
    "B": lambda value, _: to_bool(value),
}
"""How the single values of each kind are read; all others come as they are."""


def _read(kinds: str, values: list[Any], date1904: bool, parts: tuple[Node | None, ...]) -> list[Any]:
    """The single values as the function takes them."""
    ready: list[Any] = []
    for kind, value in zip(kinds, values, strict=True):
        if kind == "P" and value is None and kind_missing(parts, len(ready)):
            raise Fault(CellError.NA)
        reader = _READERS.get(kind)
        ready.append(value if reader is None else reader(value, date1904))
    return ready


def kind_missing(parts: tuple[Node | None, ...], place: int) -> bool:
    """Whether an argument was left out between its commas."""
    return parts[place] is None


def scalar_of(value: Value, frame: Frame) -> Value:
    """A single value where a reference to one cell may stand."""
    if isinstance(value, Ref):
        return frame.machine.world.get(value.sheet, value.top, value.left)
    return VALUE if isinstance(value, Areas) else value


def native(names: str, kinds: str = "") -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare a function.

    Args:
        names: Its name, and others for the same.
        kinds: The kinds of its arguments, ``?`` before those that may be missing, ``*`` before those that repeat (each
            time one group more or none). See :class:`Native`.
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
            )
        return function

    return declare
