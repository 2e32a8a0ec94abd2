"""Reading numbers from cells: one, a row or column of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np

from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.functions.boundary.cells import Cell, Range, is_blank, shown
from xlrotation.market import symbols
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
    elif isinstance(cell, str) and spells_number(cell):
        return number(float(cell.strip()))
    raise BadArgument(f"{shown(cell)} is no number; give one")


def spells_number(text: str) -> bool:
    """Whether a text spells a number as a spreadsheet writes one."""
    text = text.strip()
    if not (text.isascii() and text[-1:].isdigit() and "_" not in text):
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_column(cells: Range) -> bool:
    """Whether a range holds numbers rather than symbols: more numbers than other texts, none of them a known symbol."""
    kinds = set(map(type, chain.from_iterable(cells)))
    if not any(issubclass(kind, int | float) and kind is not bool for kind in kinds):
        return False
    count = 0
    for row in cells:
        for cell in row:
            if isinstance(cell, str) and cell and not spells_number(cell):
                if symbols.known(cell):
                    return False
                count -= 1
            elif isinstance(cell, int | float) and not isinstance(cell, bool):
                count += 1
    return count > 0


def vector(cells: Range, trim: bool = True, tell: Callable[[str], None] | None = None) -> FloatArray:
    """A row or a column of cells as numbers, NaN for gaps; blanks at its end are left out where *trim* says so.

    Args:
        cells: The cells.
        trim: Whether blanks at the end are left out.
        tell: Takes a remark on texts that were taken as gaps.

    Raises:
        BadArgument: It is neither a row nor a column, it has no number, or a text in it may be one.
        NoData: It has no number, because cells of it have none to show.
    """
    flat = line(cells, trim)
    (row,) = numbers([flat], tell)
    values = np.array(row)
    if len(values) == 0 or np.isnan(values).all():
        if CellError.NA in flat:
            raise NoData("a range without a number, whose cells show #N/A")
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


def numbers(rows: Range, tell: Callable[[str], None] | None = None) -> list[list[float]]:
    """Cells as numbers, NaN for a blank, a truth value, an error, or a text without a digit such as "n/a".

    Args:
        rows: The cells.
        tell: Takes a remark on texts that were taken as gaps.

    Raises:
        BadArgument: A text has digits and is no number: whatever it means, a gap would be another number.
    """
    texts: dict[str, int] = {}
    found = [[_gap_or_number(cell, texts) for cell in row] for row in rows]
    if texts and tell is not None and not np.isnan(found).all():
        which = ", ".join(f"{shown(text)}{f' ({count} times)' if count > 1 else ''}" for text, count in texts.items())
        tell(f"among numbers a text is a gap: {which}")
    return found


def _gap_or_number(cell: Cell, texts: dict[str, int]) -> float:
    if type(cell) is float and cell - cell == 0.0:
        return cell
    if is_blank(cell) or isinstance(cell, CellError | bool):
        return float("nan")
    if isinstance(cell, str) and not any(character.isdigit() for character in cell):
        texts[cell] = texts.get(cell, 0) + 1
        return float("nan")
    return number(cell)
