"""How the text of a report is read out of cells."""

from __future__ import annotations

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.cells import Cell, Range, is_blank, shown
from xlrotation.functions.boundary.kinds import TextsKind
from xlrotation.functions.boundary.scope import Scope


class ReportKind(TextsKind):
    """The text of a report: a cell, a column of paragraphs, or the cells of a table row by row."""

    def read(self, cell: Cell, scope: Scope) -> tuple[str, ...]:
        return (self._text(cell),)

    def read_range(self, cells: Range, scope: Scope) -> tuple[str, ...]:
        return tuple(self._row([self._text(cell) for cell in row]) for row in cells)

    @staticmethod
    def _row(texts: list[str]) -> str:
        """A row of several cells as a row of a table; one cell as it is."""
        filled = [text for text in texts if text]
        return (filled[0] if filled else "") if len(filled) < 2 else f"| {' | '.join(texts)} |"

    @staticmethod
    def _text(cell: Cell) -> str:
        if isinstance(cell, CellError):
            raise BadArgument(f"the report's text holds the error {cell.value}; nothing of it is read")
        if is_blank(cell):
            return ""
        return cell if isinstance(cell, str) else shown(cell)
