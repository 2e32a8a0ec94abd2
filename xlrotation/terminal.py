"""Values and tables as the command line prints them."""

from __future__ import annotations

from xlrotation.functions.cells import Cell, Range


def plain(value: Cell | Range) -> object:
    """A value for JSON; an error is its name."""
    if isinstance(value, list):
        return [[plain(cell) for cell in row] for row in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def shown(value: Cell) -> str:
    """A value as a cell shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def as_table(rows: Range) -> str:
    """Rows in columns that line up."""
    cells = [[f"{cell:.6f}" if isinstance(cell, float) else shown(cell) for cell in row] for row in rows]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = [
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)) for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in text)
