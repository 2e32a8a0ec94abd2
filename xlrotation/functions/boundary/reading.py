"""Reading numbers from cells: one, a row or column of them."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.cells import Cell, Range, is_blank, shown
from xlrotation.market.panel import FloatArray


def number(cell: Cell) -> float:
    """The number in a cell; a text that spells one counts.

    Raises:
        BadArgument: There is none.
    """
    if isinstance(cell, int | float):
        value = float(cell) if abs(cell) < 1e300 else float("inf")
        if value - value == 0.0:
            return value
    elif isinstance(cell, str):
        text = cell.strip()
        if text.isascii() and text[-1:].isdigit() and "_" not in text:
            try:
                return number(float(text))
            except ValueError:
                pass
    raise BadArgument(f"{shown(cell)} is no number; give one")


def vector(cells: Range, trim: bool = True) -> FloatArray:
    """A row or a column of cells as numbers, NaN for gaps; blanks at its end are left out where *trim* says so.

    Raises:
        BadArgument: It is neither a row nor a column, or it has no number.
    """
    flat = line(cells, trim)
    values = np.array([gap_or_number(cell) for cell in flat])
    if len(values) == 0 or np.isnan(values).all():
        raise BadArgument("a range without a number; give a column of numbers")
    return values


def line(cells: Range, trim: bool = False) -> list[Cell]:
    """The cells of a row or a column; blanks at its end are left out where *trim* says so.

    Raises:
        BadArgument: It is neither.
    """
    if len(cells) > 1 and len(cells[0]) > 1:
        raise BadArgument(f"a range of {len(cells)} by {len(cells[0])} cells where one column is expected")
    flat = [row[0] for row in cells] if len(cells) > 1 else list(cells[0])
    while trim and flat and is_blank(flat[-1]):
        flat.pop()
    return flat


def gap_or_number(cell: Cell) -> float:
    """The number in a cell of a column, NaN for a blank, a truth value or an error."""
    if type(cell) is float and cell - cell == 0.0:
        return cell
    if is_blank(cell) or isinstance(cell, CellError | bool):
        return float("nan")
    return number(cell)
