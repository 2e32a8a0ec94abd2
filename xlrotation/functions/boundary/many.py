"""Many calls of a function at once: what a formula over ranges asks, argument by argument.

A function may declare beside itself what answers many of its calls together (``many=``). It is given a :class:`Calls`
and gives an answer for each call, and which of the answers hold. A call whose answer does not hold, because a cell
cannot be read or there is anything to be said of it, is made by itself, so that its reason is told as ever.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import Cell, check_cells, is_blank
from xlrotation.functions.boundary.columns import Column, Words
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.kinds import AsOfKind, NumberKind
from xlrotation.functions.boundary.scope import Scope
from xlrotation.market.market import Market
from xlrotation.measures.arrays import BoolArray, FloatArray, IntArray

_FIRST = np.zeros(1, np.int64)


class Odd:
    """Stands for an argument that cannot be read, or that is better read by itself; None is an argument."""


ODD = Odd()

_BOUND = 1e300
"""Numbers of this size and above are read one by one."""

Answers = tuple[npt.NDArray[Any], BoolArray]
"""An answer for each call, and which of them hold."""


class Declared(Protocol):
    """A parameter, as far as reading its cells goes."""

    @property
    def kind(self) -> Kind:
        """How it reads a cell."""

    @property
    def default(self) -> Cell:
        """What a blank cell stands for."""

    @property
    def required(self) -> bool:
        """Whether it stands for nothing."""


class Spread:
    """The cells of one argument that is a range.

    Attributes:
        cells: Cells.
        of: Which of them each call is given; None where each is given its own.
    """

    __slots__ = ("cells", "of")

    def __init__(self, cells: Sequence[Cell], of: IntArray | None = None) -> None:
        self.cells = cells
        self.of = of


class Calls:
    """Many calls of one function.

    Args:
        parameters: Of the function.
        arguments: What is given, a cell for all calls or a :class:`Spread`; those at the end may be left out.
        size: Number of calls.
        scope_at: The scope at an as-of date; None where there is none.
        markets_at: The markets of the home exchange at as-of dates; None where there is none.
    """

    def __init__(
        self,
        parameters: Sequence[Declared],
        arguments: Sequence[object],
        size: int,
        scope_at: Callable[[Cell], Scope | None],
        markets_at: Callable[[tuple[Cell, ...]], Sequence[Market | None]],
    ) -> None:
        self.size, self.parameters = size, len(parameters)
        self._declared, self._scope_at, self._markets_at = parameters, scope_at, markets_at
        self._arguments = [*arguments, *[None] * (len(parameters) - len(arguments))]
        self._scope: Scope | None = None
        self._read: dict[int, tuple[IntArray, list[Any]]] = {}

    def numbers(self, place: int) -> FloatArray:
        """The numbers of one argument, ``(calls,)``; NaN for what is not just a number within bounds."""
        kind, default, argument = self._declared[place].kind, self._declared[place].default, self._arguments[place]
        assert isinstance(kind, NumberKind)
        spread = isinstance(argument, Spread)
        values = _numbers(argument.cells if isinstance(argument, Spread) else [argument], default)
        if len(values) > 1:
            lowest, highest = values.min(), values.max()
        else:
            lowest = highest = values.item() if len(values) else 0.0
        least = -_BOUND if kind.minimum is None else kind.minimum
        most = _BOUND if kind.maximum is None else kind.maximum
        if not (least <= lowest and highest <= most and lowest > -_BOUND and highest < _BOUND):
            with np.errstate(invalid="ignore"):
                odd = ~(np.abs(values) < _BOUND) | (values < least) | (values > most)
            values = np.where(odd, np.nan, values)
        if not spread:
            return _same(values, self.size)
        assert isinstance(argument, Spread)
        return values if argument.of is None else values[argument.of]

    def nothing(self) -> Answers:
        """No answer that holds."""
        return np.full(self.size, np.nan), np.zeros(self.size, bool)

    def read(self, place: int) -> tuple[IntArray, list[Any]]:
        """One argument as its kind reads it: which of the values each call is given, and the values.

        A value is :data:`ODD` where a cell cannot be read. As-of dates are read as markets of the home exchange.
        """
        found = self._read.get(place)
        if found is None:
            found = self._read[place] = self._distinct(place)
        return found

    def _distinct(self, place: int) -> tuple[IntArray, list[Any]]:
        argument = self._arguments[place]
        if not isinstance(argument, Spread):
            return _same(_FIRST, self.size), [self._value(place, argument, False)]
        cells = argument.cells
        if isinstance(cells, Words):
            values = self._values(place, cells.distinct)
            return (cells.codes() if argument.of is None else cells.codes()[argument.of]), values
        keys: Sequence[object] = cells
        if bool in set(map(type, cells)):  # TRUE is not 1
            keys = list(zip(map(type, cells), cells, strict=True))
        places = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        codes = np.fromiter(map(places.__getitem__, keys), np.int64, len(keys))
        distinct: list[Any] = list(places) if keys is cells else [key[1] for key in places]  # type: ignore[index]
        values = (
            self._values(place, distinct) if keys is cells else [self._value(place, cell, True) for cell in distinct]
        )
        return (codes if argument.of is None else codes[argument.of]), values

    def _values(self, place: int, cells: Sequence[Any]) -> list[Any]:
        """What the cells of a range are read as, neither TRUE nor FALSE among them."""
        kind = self._declared[place].kind
        if not isinstance(kind, AsOfKind):
            return [self._value(place, cell, True) for cell in cells]
        markets = zip(cells, self._markets_at(tuple(cells)), strict=True)
        return [ODD if found is None or (not cell and kind.is_gap(cell)) else found for cell, found in markets]

    def _value(self, place: int, cell: Any, spread: bool) -> Any:
        parameter = self._declared[place]
        kind = parameter.kind
        try:
            if isinstance(cell, CellError | list) or (spread and kind.is_gap(cell)):
                return ODD
            if isinstance(kind, AsOfKind):
                (market,) = self._markets_at((cell,))
                return ODD if market is None else market
            if not spread:
                check_cells([cell])
            given: Any = parameter.default if is_blank(cell) else cell
            if given is None and parameter.required:
                return ODD
            scope = self._any_scope()
            if scope is None:
                return ODD
            return kind.blank(scope) if given is None else kind.read(given, scope)
        except Exception:
            return ODD  # the call that is made by itself says what is wrong

    def _any_scope(self) -> Scope | None:
        """A scope to read in what does not depend on the as-of date. What is told in it is told of a date asked for."""
        if self._scope is None:
            for place, parameter in enumerate(self._declared):
                if isinstance(parameter.kind, AsOfKind):
                    argument = self._arguments[place]
                    dates: Iterable[Any] = [argument]
                    if isinstance(argument, Spread):
                        dates = itertools.filterfalse(parameter.kind.is_gap, dict.fromkeys(argument.cells))
                    found = (self._scope_at(day) for day in dates if not isinstance(day, CellError))
                    self._scope = next(filter(None, found), None)
                    break
            else:
                self._scope = self._scope_at(None)
        return self._scope


def _same(value: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """One value for all calls, as broadcasting gives it, not to be written to."""
    found: npt.NDArray[Any] = np.ndarray((size,), value.dtype, value, strides=(0,))
    found.flags.writeable = False
    return found


def _numbers(cells: Sequence[Any], default: Cell) -> FloatArray:
    if isinstance(cells, Column):
        return cells.numbers
    kinds = set(map(type, cells))
    if kinds <= {float, int}:
        try:
            return np.array(cells, np.float64)
        except OverflowError:
            pass
    otherwise = float(default) if isinstance(default, float | int) else np.nan
    found = [
        cell
        if type(cell) is float
        else (float(cell) if abs(cell) < _BOUND else np.nan)
        if type(cell) is int
        else otherwise
        if is_blank(cell)
        else np.nan
        for cell in cells
    ]
    return np.array(found, np.float64)


def together(name: str, answer: Callable[[Calls], Answers], calls: Calls) -> Answers:
    """What *answer* says of *calls*; where it fails, each is made by itself and says what is wrong."""
    try:
        return answer(calls)
    except Exception:
        if os.environ.get("XLROTATION_STRICT"):
            raise
        from logging import getLogger

        getLogger("xlrotation").exception("%s over %d cells failed", name, calls.size)
        return calls.nothing()
