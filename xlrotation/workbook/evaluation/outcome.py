"""What an evaluation gives, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from xlrotation.errors import CellError
from xlrotation.grid import Cell, Range
from xlrotation.hosts import WORKBOOK, HostProfile
from xlrotation.languages import Text
from xlrotation.workbook.formulas.references import Area, cell_name, parse_area


class Caller(Protocol):
    """Our functions, however they are computed."""

    @property
    def names(self) -> Collection[str]:
        """The names of the functions, in capitals."""

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        """Compute a function; never raises."""


def settled(caller: Caller) -> Caller:
    """*caller* on one state of its data from now on, where they can change (it says so by ``pinned``)."""
    pinned: Callable[[], Caller] | None = getattr(caller, "pinned", None)
    return caller if pinned is None else pinned()


def hosted(caller: Caller, host: HostProfile) -> Caller:
    """*caller* for the values of a host, where it knows how to read them (it says so by ``hosted``)."""
    made: Callable[[HostProfile], Caller] | None = getattr(caller, "hosted", None)
    return caller if made is None else made(host)


@dataclass(frozen=True, slots=True)
class Problem:
    """A formula that could not be computed as a spreadsheet program would."""

    sheet: str
    cell: str
    formula: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A value that the validation of its cell lets through without knowing it.

    Attributes:
        name: The cell, as it was named.
        text: What is to be told.
    """

    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class Frozen:
    """A conditional format or a validation, without its calls of ours.

    Attributes:
        cells: Where a conditional format holds, as areas with spaces between; empty where it holds nowhere.
        formulas: The values of a validation, as its formulas.
    """

    cells: str = ""
    formulas: tuple[str, ...] = ()


Calls = list[tuple[str, Sequence[Cell | Range], Cell | Range]]
"""Calls of our functions: name, arguments and result."""


@dataclass(slots=True)
class Evaluation:
    """What a workbook's formulas give.

    Attributes:
        values: By sheet, then (row, column): every formula cell, every cell that a formula spills into, every input
            that was overridden.
        kept: By sheet: those of them that nothing changed, or that could not be brought up to date; they hold what the
            file stores.
        anchors: By sheet: cell of a formula that fills several, and the last row and column that it fills.
        inputs: By sheet: the cells that were overridden.
        named: Values of the defined names that stand for one cell, by the name in small letters.
        calls: By sheet and cell: the calls of ours there, as (function, arguments, result).
        problems: What could not be computed.
        cut: By sheet and cell of a formula that calls ours: rows and columns of what it gives, where it shows but a
            part: the first of these cells, or as many as an array formula fills; None elsewhere.
        elsewhere: Sheet and cell of the formulas that a second engine computed.
        names: By defined name in small letters: the area that it stands for, or its values where it is computed.
        rules: By sheet, cells and formulas: what the conditional formats and validations that call ours say.
        functions: The names of our functions.
        notices: What the validations of cells that were set let through without knowing it.
        host: How its cells hold values.
    """

    values: dict[str, dict[tuple[int, int], Cell]] = field(default_factory=dict)
    kept: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    anchors: dict[str, dict[tuple[int, int], tuple[int, int]]] = field(default_factory=dict)
    inputs: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    named: dict[str, Cell] = field(default_factory=dict)
    calls: dict[tuple[str, str], Calls] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    cut: dict[tuple[str, str], tuple[int, int] | None] = field(default_factory=dict)
    elsewhere: list[tuple[str, str]] = field(default_factory=list)
    names: dict[str, Area | Range] = field(default_factory=dict)
    rules: dict[tuple[str, str, tuple[str, ...]], Frozen] = field(default_factory=dict)
    functions: Collection[str] = ()
    notices: Sequence[Notice] = ()
    host: HostProfile = WORKBOOK

    @property
    def computed(self) -> int:
        """Number of cells whose value was computed or set."""
        return sum(map(len, self.values.values())) - sum(map(len, self.kept.values()))

    @property
    def errors(self) -> list[tuple[str, str, CellError]]:
        """Sheet, cell and value of every cell that shows an error, by place."""
        found = [
            (sheet, sorted((place, value) for place, value in cells.items() if isinstance(value, CellError)))
            for sheet, cells in self.values.items()
        ]
        return [(sheet, cell_name(*place), value) for sheet, cells in found for place, value in cells]

    def anchor_of(self, sheet: str, cell: str) -> str:
        """The cell whose formula fills *cell*: itself, or the one that spills into it."""
        area = parse_area(cell)
        if area is not None:
            for (row, column), (last_row, last_column) in self.anchors.get(sheet, {}).items():
                if row <= area.row <= last_row and column <= area.column <= last_column:
                    return cell_name(row, column)
        return cell
