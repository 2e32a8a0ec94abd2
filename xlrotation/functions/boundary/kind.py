"""What every kind of parameter says of itself."""

from __future__ import annotations

from typing import ClassVar

from xlrotation.functions.boundary.cells import Cell, Range, is_blank
from xlrotation.functions.boundary.scope import Scope
from xlrotation.languages import NO_TEXT, Text


class Kind:
    """How one type of parameter reads a cell."""

    spills: ClassVar[bool] = True
    gaps: ClassVar[bool] = False
    """Whether a blank cell in a range of them is a gap: the default would answer a question that nobody asked."""
    one_is_range: ClassVar[bool] = False
    """Whether a range of one cell says something else than the cell."""
    zero_is_blank: bool = False
    """Whether 0 means nothing to it, so that it stands for a blank cell where a program says 0 for one."""
    serials_from: ClassVar[int | None] = None
    """From which number on a number is a date; None where it never is."""
    takes: str = ""
    help: Text = NO_TEXT

    def read(self, cell: Cell, scope: Scope) -> object:
        """The argument that *cell* (never blank, never an error) stands for."""
        raise NotImplementedError

    def blank(self, scope: Scope) -> object:
        """The argument where the cell and the default are blank."""
        return None

    def is_gap(self, cell: object) -> bool:
        """Whether *cell* of a range that is spread is a gap; alone a blank cell means the default."""
        return self.gaps and is_blank(cell)

    def zeros_are_blank(self, cells: Range) -> bool:
        """Whether a 0 in a range of them can only be a blank cell, where a program says 0 for one."""
        return self.zero_is_blank and (self.gaps or not self.spills)

    def takes_whole(self, cells: Range) -> bool:
        """Whether a range is one argument instead of one argument per cell."""
        return not self.spills

    def read_range(self, cells: Range, scope: Scope) -> object:
        """The argument that a range taken whole stands for."""
        raise NotImplementedError

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts that may be given, where there is a closed list."""
        return ()
