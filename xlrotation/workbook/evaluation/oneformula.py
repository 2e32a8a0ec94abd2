"""Evaluate one formula, which loads what it needs: a call of ours alone needs none of the native functions."""

from __future__ import annotations

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
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Call, Node, Reference, Unary, walk
from xlrotation.workbook.formulas.troubles import too_long
from xlrotation.workbook.package.book import Book, Sheet

_NOWHERE = Path()
"""Where the workbook lies that a formula alone stands in; made once, as a formula may be asked of many dates."""


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


class OneFormula:
    """One formula without cells around it, read once and computed as often as is asked.

    Args:
        text: The formula, with or without the leading ``=``; a semicolon between arguments is read as a comma.
        names: The names of our functions.

    Attributes:
        tree: What it was read as.

    Raises:
        RotationError: It cannot be read.
    """

    def __init__(self, text: str, names: Collection[str]) -> None:
        self._text = "=" + text.strip().removeprefix("=")
        self._budget: Budget | None = None
        if self._text == "=":
            raise RotationError("the formula is empty; give one such as =1+1")
        if what := too_long(self._text):
            raise RotationError(f"{self._text[:100]}... {what}")
        self._names = {name.upper() for name in names}

        def read_tree() -> Node:
            node = parse(self._text, typed=True)
            _check_no_cells(node, self._names)
            return node

        try:
            self.tree = with_room(read_tree)
        except FormulaError as error:
            raise RotationError(f"{self._text} {error}") from None

    def value(self, caller: Caller, together: bool = False) -> Cell | Range:
        """Its value, as the command line shows it.

        Args:
            caller: Our functions.
            together: Whether the work of all computations of this formula counts together, as that of one formula.

        Raises:
            RotationError: It calls a function that does not exist, or takes too much work.
        """
        book = Book(_NOWHERE, [Sheet("book")])
        if together and self._budget is None:
            self._budget = Budget()
            self._budget.left = MAX_STEPS
        machine = Machine(book, Cells(book), settled(caller), self._names, _Natives(), self._budget)

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
            if str(error).endswith(", which the evaluation does not know") and str(error).startswith("uses "):
                word = str(error).split()[1].rstrip(",")
                known = "XLR_FUNCTIONS() lists our functions"
                raise RotationError(f"no function or name {word.upper()}; {known}") from None
            if self._budget is not None and "steps" in str(error):
                raise RotationError(f"{self._text[:100]} takes too many steps, alone or over all dates") from None
            raise RotationError(f"{self._text} {error}") from None
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


def _check_no_cells(node: Node, ours: set[str]) -> None:
    """Refuse a cell as an argument of ours: it would be blank, so that MAG7 without quotes would mean the default.

    Raises:
        RotationError: There is one.
    """
    for call in walk(node):
        if isinstance(call, Call) and call.name in ours and any(isinstance(cell, Reference) for cell in call.arguments):
            raise RotationError(f"{call.name} is given a cell, and one formula alone has no cells")
