"""How the command line prints: values, tables."""

from __future__ import annotations

import math

from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.hosts import JSON, TERMINAL


def plain(value: Cell | Range) -> object:
    """A value for JSON; an error is its name."""
    return JSON.write(value)


def shown(value: Cell) -> str:
    """A value as a cell shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.10g}"
    return str(TERMINAL.write_cell(value))


def as_table(rows: Range) -> str:
    """Rows in columns that line up."""
    cells = [
        [f"{cell:.6f}" if isinstance(cell, float) and math.isfinite(cell) else shown(cell) for cell in row]
        for row in rows
    ]
    widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = [
        "  ".join(text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True)) for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in text)
