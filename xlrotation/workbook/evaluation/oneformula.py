"""Evaluate one formula, which loads what it needs: a call of ours alone needs none of the native functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from xlrotation.errors import CellError, RotationError
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation.cells import Cells
from xlrotation.workbook.evaluation.interpreter import call_ours, compute
from xlrotation.workbook.evaluation.machine import (
    MAX_STEPS,
    Budget,
    Frame,
    Function,
    Machine,
    NativeFunction,
    Unsupported,
)
from xlrotation.workbook.evaluation.operators import read
from xlrotation.workbook.evaluation.outcome import Caller, settled
from xlrotation.workbook.evaluation.room import with_room
from xlrotation.workbook.evaluation.values import Fault, Value
from xlrotation.workbook.formulas.astyped import as_typed
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Call, Constant, Node, Reference, Unary, children
from xlrotation.workbook.formulas.troubles import too_long
from xlrotation.workbook.package.book import Book, Sheet


class _Natives(Mapping[str, NativeFunction]):
    """The native functions, loaded when one is asked for."""

    def __init__(self) -> None:
        self._held: Mapping[str, NativeFunction] | None = None

    def _loaded(self) -> Mapping[str, NativeFunction]:
        if self._held is None:
            from xlrotation.workbook.natives import NATIVES

            self._held = NATIVES
        return self._held

    def __getitem__(self, name: str) -> NativeFunction:
        return self._loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())


# Made once, as a formula may be asked of many dates.
_NOTHING = Book(Path(), [Sheet("book")])
"""The workbook that a formula alone stands in, which nobody writes to."""

_NATIVES = _Natives()


class OneFormula:
    """One formula without cells around it, read once and computed as often as is asked.

    Args:
        text: The formula, with or without the leading ``=``; a semicolon between arguments is read as a comma, and
            full-width marks and curly quotes as plain ones.
        names: The names of our functions.

    Attributes:
        tree: What it was read as.

    Raises:
        RotationError: It cannot be read.
    """

    def __init__(self, text: str, names: Collection[str]) -> None:
        self._text = "=" + as_typed(text).strip().removeprefix("=")
        if self._text == "=":
            raise RotationError("the formula is empty; give one such as =1+1")
        if what := too_long(self._text):
            raise RotationError(f"{_start(self._text)} {what}")
        self._names = frozenset(name.upper() for name in names)

        def read_tree() -> Node:
            node = parse(self._text, typed=True)
            _check_no_cells(node, self._names)
            return node

        try:
            self.tree = with_room(read_tree)
        except FormulaError as error:
            raise RotationError(f"{_start(self._text)} {error}") from None

    def value(self, caller: Caller, work: Budget | None = None) -> Cell | Range:
        """Its value, as the command line shows it.

        Args:
            caller: Our functions.
            work: What this and other computations may take together; None: as much as one formula may.

        Raises:
            RotationError: It calls a function that does not exist, or takes too much work.
        """
        machine = Machine(_NOTHING, Cells(_NOTHING), settled(caller), self._names, _NATIVES, work)

        def value_of() -> tuple[bool, Value]:
            node = self.tree
            inner = node.operand if isinstance(node, Unary) and node.sign == "@" else node
            frame = Frame(machine, 0, 1, 1)
            if isinstance(inner, Call) and inner.name in self._names:
                result = call_ours(inner, frame)
                return True, "" if result is None else result
            return False, read(compute(machine, node, frame, True), frame, True)

        try:
            finished, value = with_room(value_of)
        except Unsupported as error:
            if unknown := _UNKNOWN.fullmatch(str(error)):
                known = "XLR_FUNCTIONS() lists our functions"
                raise RotationError(f"no function or name {unknown[1].upper()}; {known}") from None
            if work is not None and "steps" in str(error):
                raise RotationError(f"{_start(self._text)} takes too many steps, alone or with the others") from None
            raise RotationError(f"{_start(self._text)} {error}") from None
        except Fault as fault:
            return fault.error
        if finished:
            return value  # type: ignore[no-any-return]
        if isinstance(value, Function):
            return CellError.CALC
        if isinstance(value, list):
            rows: Range = [["" if cell is None else cell for cell in row] for row in value]
            return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows
        return 0.0 if value is None else value


_UNKNOWN = re.compile(r"uses (\S+), which the evaluation does not know")
_SHOWN = 100
"""Characters of a formula that a reason shows."""


def _start(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def shared_work(most: int | None = None) -> Budget:
    """What several computations may take together.

    Args:
        most: Steps; None: as many as one formula may.
    """
    found = Budget()
    found.left = MAX_STEPS if most is None else most
    return found


def evaluate_formula(text: str, caller: Caller) -> Cell | Range:
    """The value of one formula, as the command line shows it.

    Args:
        text: The formula, with or without the leading ``=``; a semicolon between arguments is read as a comma.
        caller: Our functions.

    Raises:
        RotationError: It cannot be read, or calls a function that does not exist.
    """
    caller = settled(caller)
    return OneFormula(text, caller.names).value(caller)


_SHAPE = frozenset({"ROW", "ROWS", "COLUMN", "COLUMNS"})
"""Native functions that need of cells where they are and how many, and not what is in them."""
_PLACES = frozenset({"row", "col", "address"})
"""What CELL tells of where a cell is."""

_LOOKUPS = frozenset({"INDIRECT", "OFFSET"})
"""Native functions that give cells."""


def _check_no_cells(node: Node, ours: Collection[str]) -> None:
    """Refuse cells: they would be blank, so that A1 would count as 0, and MAG7 without quotes as the default.

    Raises:
        RotationError: There is one.
    """
    stack: list[Node | None] = [node]
    while stack:
        match stack.pop():
            case Reference():
                raise RotationError("it refers to a cell, and one formula alone has no cells; write the value itself")
            case Call(name=name, arguments=arguments) if name in _SHAPE:
                if not arguments:
                    raise RotationError(f"{name}() asks for the cell that it stands in, and one formula alone has none")
                stack += [part for part in arguments if not _is_cells(part)]
            case Call(name="CELL", arguments=(Constant(value=str(told)), Reference())) if told.lower() in _PLACES:
                continue
            case Call(name=name) if name in _LOOKUPS:
                raise RotationError(f"{name} gives cells, and one formula alone has no cells; write the value itself")
            case Call(name=name, arguments=arguments) if name in ours and any(
                isinstance(part, Reference) for part in arguments
            ):
                raise RotationError(f"{name} is given a cell, and one formula alone has no cells")
            case None:
                continue
            case other:
                stack += children(other)


def _is_cells(part: Node | None) -> bool:
    return isinstance(part, Reference) or (isinstance(part, Call) and part.name == "INDIRECT")
