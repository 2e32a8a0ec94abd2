"""The order of a table's rows: by the return over a window, or as the list has them."""

from __future__ import annotations

from typing import Annotated

from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.kinds import WindowKind
from xlrotation.functions.boundary.scope import Scope
from xlrotation.languages import Text
from xlrotation.market import windows

FIXED = "FIXED"


class OrderKind(WindowKind):
    """A window whose return orders the rows, or the word FIXED."""

    takes = "window or FIXED"
    help = Text("Window whose return orders the rows, best first; FIXED: the order of the list.")

    def read(self, cell: Cell, scope: Scope) -> windows.Window | str:  # type: ignore[override]
        if isinstance(cell, str) and cell.strip().upper() == FIXED:
            return FIXED
        return super().read(cell, scope)


Order = Annotated[windows.Window | str | None, OrderKind()]
