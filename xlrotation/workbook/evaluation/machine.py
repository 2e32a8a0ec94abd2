"""What formulas are computed with: references, cells, variables, and the bounds of the work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, Protocol

from xlrotation.errors import CellError
from xlrotation.hosts import WORKBOOK, WORKBOOK_1904, HostProfile
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.trees import Call, Node
from xlrotation.workbook.package.book import Book

MAX_CELLS = 4_000_000
"""Cells of the largest array that is computed."""


MAX_STEPS = 1_000_000
"""Calls that one formula may take; loops of LAMBDA and MAP count, and so do the cells that it reads and makes."""


LETTERS = 100
"""Characters of a text that are made in one step."""


MAX_TOGETHER = 4_000_000
"""Steps that all formulas of an evaluation may take together, beyond the first ones of each."""


FREE_STEPS = 100
"""The first steps of each formula: a workbook may be large."""


MAX_FILLED = 500_000
"""Cells that one formula may fill, and that those that fill several may fill together."""


TOO_MANY = f"which is too many: formulas that fill several may fill {MAX_FILLED:,} in all"


MAX_CHARACTERS = 100_000_000
"""Characters of all long texts that formulas give."""


MAX_SEARCHING = 10.0
"""Seconds that all regular expressions may be searched for, which no count of steps bounds."""


Rows = list[list[Value]]


Caller = Callable[[str, Sequence[Any]], Any]


def host_of(book: Book) -> HostProfile:
    """How cells of a workbook hold values."""
    return WORKBOOK_1904 if book.date1904 else WORKBOOK


class Unsupported(Exception):
    """A formula that is not computed here, with the reason."""


class Needs(Exception):
    """Cells that have to be computed before."""

    def __init__(self, keys: list[tuple[int, int, int]]) -> None:
        super().__init__()
        self.keys = keys


class Ref:
    """A rectangle of cells of one sheet."""

    __slots__ = ("bottom", "left", "right", "sheet", "top")

    def __init__(self, sheet: int, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self.top, self.left, self.bottom, self.right = sheet, top, left, bottom, right

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell."""
        return self.top == self.bottom and self.left == self.right

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


class Areas:
    """Several rectangles, of a union or of several sheets."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Ref]) -> None:
        self.parts = parts


class RefRows:
    """References in rows and columns, which OFFSET and INDIRECT give for arrays."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rows) -> None:
        self.rows = rows


class Function:
    """A LAMBDA with the variables that it sees, or a native function named without being called."""

    __slots__ = ("body", "frame", "native", "parameters")

    def __init__(self, parameters: tuple[str, ...], body: Node, frame: Frame, native: str = "") -> None:
        self.parameters, self.body, self.frame, self.native = parameters, body, frame, native


_NOTHING: Mapping[str, Value] = {}


class World(Protocol):
    """Where the cells are read."""

    step: Callable[[int], None]
    """Told of the work that reading takes."""

    def get(self, sheet: int, row: int, column: int) -> Value:
        """A cell's value; None where it is blank."""

    def rows(self, ref: Ref) -> Rows:
        """The values of a rectangle, of whole columns and rows as far as any sheet is used."""

    def used(self, sheet: int) -> tuple[int, int]:
        """The last row and column that a sheet uses."""

    def spilled(self, sheet: int, row: int, column: int) -> Ref | None:
        """The cells that the formula in a cell fills."""

    def formula(self, sheet: int, row: int, column: int) -> str | None:
        """The formula of a cell."""


class Frame:
    """The cell that a formula stands in, and the variables that it has bound."""

    __slots__ = ("column", "depth", "given", "machine", "memo", "row", "scope", "sheet")

    def __init__(
        self,
        machine: Machine,
        sheet: int,
        row: int,
        column: int,
        scope: dict[str, Value] | None = None,
        memo: dict[object, Value] | None = None,
        depth: int = 0,
        given: tuple[Ref | str | float, ...] = (),
    ) -> None:
        self.machine, self.sheet, self.row, self.column = machine, sheet, row, column
        self.scope: Mapping[str, Value] = scope or _NOTHING
        self.memo: dict[object, Value] = {} if memo is None else memo
        self.depth = depth
        self.given = given

    def with_scope(self, scope: dict[str, Value]) -> Frame:
        """The same cell with other variables."""
        return Frame(self.machine, self.sheet, self.row, self.column, scope, self.memo, self.depth, self.given)

    @property
    def date1904(self) -> bool:
        """Whether the workbook counts days from 1904."""
        return self.machine.book.date1904


class Budget:
    """The work that the formulas of one evaluation may take together.

    Attributes:
        left: Steps that are left.
        taken: Steps that were taken.
        filled: Cells that were filled by formulas that fill several.
        characters: Characters of long texts.
        searching: Seconds that are left for regular expressions.
    """

    def __init__(self) -> None:
        self.left = MAX_TOGETHER
        self.taken = 0
        self.filled = self.characters = 0
        self.searching = MAX_SEARCHING
        self._most, self._where = 0, ""

    def allows(self, steps: int) -> bool:
        """Whether a formula may take so many steps now."""
        return steps <= min(MAX_STEPS, self.left + FREE_STEPS)

    def charge(self, steps: int, where: Callable[[], str]) -> None:
        """Note what a formula took."""
        if steps > FREE_STEPS:
            self.taken += steps - FREE_STEPS
            self.left = max(0, self.left - steps + FREE_STEPS)
            if steps > self._most:
                self._most, self._where = steps, where()

    def over(self) -> str:
        """Why a formula that takes many steps is not computed."""
        if self.left + FREE_STEPS >= MAX_STEPS:
            return "takes too many steps to be computed"
        return (
            f"takes more steps than are left: the workbook's formulas took {MAX_TOGETHER:,} together, "
            f"most of them {self._where or 'here'}"
        )

    def weigh(self, value: Value) -> None:
        """Note what a formula gives.

        Raises:
            Unsupported: It is too much, with what others gave.
        """
        if type(value) is str:
            if len(value) > 1000:
                self.characters += len(value)
        elif type(value) is list:
            self.filled += len(value) * len(value[0])
            self.characters += sum(len(item) for row in value for item in row if type(item) is str)
            if self.filled > MAX_FILLED:
                raise Unsupported(f"fills {len(value) * len(value[0]):,} cells, {TOO_MANY}")
        if self.characters > MAX_CHARACTERS:
            raise Unsupported(f"gives a text, where the workbook's have more than {MAX_CHARACTERS:,} characters")


class _Steps:
    """The work that one formula takes; apart from the machine, so that what counts with it does not hold it in a ring.

    Attributes:
        taken: Steps so far.
    """

    __slots__ = ("_budget", "_last", "taken")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.begin()

    def begin(self) -> None:
        """Count anew, for another formula."""
        self.taken = 0
        self._last = left if (left := self._budget.left + FREE_STEPS) < MAX_STEPS else MAX_STEPS

    def step(self, count: int = 1) -> None:
        """Count the work that a formula takes.

        Raises:
            Unsupported: It is too much, alone or with what others took.
        """
        self.taken += count
        if self.taken > self._last:
            raise Unsupported(self._budget.over())


class NativeFunction(Protocol):
    """A function of the spreadsheet itself."""

    def call(self, node: Call, frame: Frame, array: bool, block: bool) -> Value:
        """What the function gives for a call; *block*: an array of numbers may be one block."""


class Machine:
    """Computes formulas of one workbook on one world of cells.

    Attributes:
        begin: Counts anew, for another formula.
        step: Counts the work that a formula takes; raises :class:`Unsupported` where it is too much.
    """

    def __init__(
        self,
        book: Book,
        world: World,
        caller: Caller,
        names: Collection[str],
        natives: Mapping[str, NativeFunction],
        budget: Budget | None = None,
    ) -> None:
        self.book, self.world = book, world
        self.host = host_of(book)
        self.names = frozenset(names)
        self.natives = natives
        self.caller = caller
        self.memo: dict[object, Value] = {}
        self.calls: list[tuple[str, Sequence[Any], Any]] = []
        self.budget = budget or Budget()
        self._counted = _Steps(self.budget)
        self.begin, self.step = self._counted.begin, self._counted.step
        world.step = self.step
        self.reads: list[Ref] | None = None
        self.cut: tuple[int, int] | None = None
        self.now: dt.datetime | None = None
        self._exact: dict[object, tuple[Rows, Any]] = {}
        self._exact_rows = 0

    @property
    def steps(self) -> int:
        """The work that the formula took so far."""
        return self._counted.taken

    @steps.setter
    def steps(self, taken: int) -> None:
        self._counted.taken = taken

    def known(self, key: Hashable, rows: Rows) -> Any:
        """What was found of rows before, while they are the same; None where nothing was."""
        kept = self._exact.get((key, id(rows)))
        return kept[1] if kept is not None and kept[0] is rows else None

    def know(self, key: Hashable, rows: Rows, found: Any) -> None:
        """Keep what was found of rows, as long as all that is kept is not too much."""
        self._exact_rows += len(rows)
        if self._exact_rows > _KNOWN:
            self._exact.clear()
            self._exact_rows = len(rows)
        self._exact[key, id(rows)] = rows, found

    def ours(self, name: str, arguments: list[Any]) -> Any:
        """A call of one of our functions."""
        try:
            key: object = (name, *arguments, *map(type, arguments))
            result = self.memo.get(key, _UNKNOWN)
        except TypeError:  # a range among them
            key = (name, frozen(arguments))
            result = self.memo.get(key, _UNKNOWN)
        if result is _UNKNOWN:
            result = self.caller(name, arguments)
            if isinstance(result, list) and (not result or not result[0]):
                result = CellError.CALC
            self.memo[key] = result
        self.calls.append((name, arguments, result))
        return result

    def cell(self, value: Any) -> Value:
        """What one of our functions gives, as cells hold it."""
        return self.host.write(value)


_UNKNOWN = object()

_KNOWN = 2_000_000
"""Rows of which is kept where their values stand."""


def frozen(value: Any) -> object:
    """A value that can be remembered; TRUE is not 1."""
    if isinstance(value, list):
        return tuple([frozen(item) for item in value])
    return (bool, value) if isinstance(value, bool) else value


class _Omitted:
    """An argument that a LAMBDA was not given."""


OMITTED = _Omitted()
