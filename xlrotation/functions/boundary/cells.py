"""Cell values: what goes into and comes out of a worksheet function."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.grid import MAX_TEXT
from xlrotation.grid import Cell as Cell
from xlrotation.grid import Range as Range
from xlrotation.hosts import NoCell as NoCell

MAX_CELLS = 250_000
"""A larger range is refused: it is nearly always a whole column given by mistake."""

_MAX_NUMBER = 1.7976931348623157e308
_WHOLE = 1e15
"""Up to which size a whole number is shown with all its digits."""

_BOUNDED = frozenset({float, bool, type(None), CellError, dt.date, dt.datetime})
"""Types whose values are all fit for a cell, but for numbers that are none."""


@dataclass(frozen=True, slots=True)
class Table:
    """A result with several columns.

    Attributes:
        columns: Heads, as keys of :mod:`xlrotation.functions.boundary.words` or plain text.
        rows: The cells.
        header: Whether the heads are shown.
        lang: Language of the heads; None means the settings' language.
        plain: Whether the rows are lists of cells as they are, so that none need be looked at.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    header: bool = True
    lang: str | None = None
    plain: bool = False


def with_dates(table: Table, dates: bool) -> Table:
    """A table whose first column are dates, with them or without."""
    if dates:
        return table
    return replace(table, columns=table.columns[1:], rows=[row[1:] for row in table.rows])


def check_cells(cells: Sequence[object], inside: bool = False) -> None:
    """Refuse what no cell holds.

    Args:
        cells: The cells.
        inside: Pass over ranges among them, which :func:`as_range` has looked at.

    Raises:
        BadArgument: A value of another kind, a number that is none or is infinite, or a text that is too long.
    """
    for cell in cells:
        if type(cell) is list and inside:
            continue
        if type(cell) is float:
            if cell - cell != 0.0:
                raise BadArgument(f"{shown(cell)} is no number that a cell holds; give a finite one")
        elif type(cell) is str:
            if len(cell) > MAX_TEXT:
                raise BadArgument(f"a text of {len(cell):,} characters; a cell holds at most {MAX_TEXT:,}")
        elif cell is not None and not isinstance(cell, CellError | dt.date):
            if not isinstance(cell, int | float | str):
                raise BadArgument(f"{shown(cell)} is no value of a cell; give a number, a text, a date, TRUE or FALSE")
            if not isinstance(cell, str) and not abs(cell) <= _MAX_NUMBER:
                raise BadArgument(f"{shown(cell)} is no number that a cell holds; give a smaller one")


def is_blank(cell: object) -> bool:
    """Whether *cell* counts as blank: an empty cell or an empty text."""
    return cell is None or cell == ""


def shown(cell: object) -> str:
    """*cell* as a message shows it: short, and printable whatever it holds."""
    if isinstance(cell, CellError):
        return cell.value
    if isinstance(cell, NoCell):
        return f"a {cell.name}"
    if isinstance(cell, str):
        text = repr(cell[:60])
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < _WHOLE:
        text = str(int(cell))  # as a cell shows it
    elif isinstance(cell, dt.datetime):  # what COM hands over for a day: its midnight, somewhere on earth
        moment = cell.replace(tzinfo=None)
        text = str(moment.date() if moment.time() == dt.time() else moment)
    elif cell is None or isinstance(cell, dt.date | float | bool):
        text = str(cell)
    elif isinstance(cell, int):
        text = str(cell) if cell.bit_length() <= 1024 else "a number beyond 1.8E+308"
    else:
        text = f"a {type(cell).__name__}"  # whatever it is, it is shown without asking it
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 40 else text[:37] + "..."


def _column_is_fit(rows: Range) -> bool:
    """Whether rows of one cell are that, and their cells numbers or short texts: what most ranges are, seen at once."""
    try:
        flat = [cell for (cell,) in rows]
    except ValueError:
        return False
    kinds = set(map(type, flat))
    return kinds <= _BOUNDED or (kinds == {str} and max(map(len, flat)) <= MAX_TEXT)  # type: ignore[arg-type]


def as_range(value: Sequence[object]) -> Range:
    """*value* as rows of cells: a list of rows, or a plain list taken as one column.

    Raises:
        BadArgument: It has too many cells, or rows of different lengths.
    """
    first = value[0] if value else None
    width = len(first) if isinstance(first, list | tuple) else 1
    if len(value) * width > MAX_CELLS:
        raise BadArgument(f"a range of {len(value) * width:,} cells; give the part that is used, such as A2:A500")
    rows: Range
    if isinstance(value, list) and set(map(type, value)) == {list}:
        rows = value
        if width == 1 and _column_is_fit(rows):
            return rows
    else:
        rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]  # type: ignore[list-item]
    if max(map(len, rows), default=0) != min(map(len, rows), default=0):
        raise BadArgument("a range whose rows differ in length; give a rectangle")
    kinds = set(map(type, chain.from_iterable(rows)))
    if not kinds <= _BOUNDED:  # check_cells, for those that need it; a number that is none is for the reader to tell
        check_cells([cell for cell in chain.from_iterable(rows) if type(cell) not in _BOUNDED])
    return rows


def result_cell(value: object) -> Cell:
    """A function's result as a cell: a gap becomes #N/A, an infinite number #NUM!."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return CellError.NA if math.isnan(value) else CellError.NUM
    if value is None or isinstance(value, str | int | CellError | dt.date):
        return value
    raise TypeError(f"a worksheet function returned a {type(value).__name__}")


_AS_THEY_ARE = frozenset((str, int, bool, dt.date, type(None)))


def _cell(value: Any) -> Cell:
    """As :func:`result_cell`; what nearly all cells hold is seen at once."""
    kind = type(value)
    return value if kind in _AS_THEY_ARE or (kind is float and value - value == 0.0) else result_cell(value)


def table_cells(table: Table, heads: Sequence[str]) -> Range:
    """The cells of *table* under *heads*.

    Raises:
        NoData: The table has no row.
    """
    if not table.rows:
        raise NoData("nothing to list; widen the window or the universe")
    rows = cast(Range, table.rows) if table.plain else [list(map(_cell, row)) for row in table.rows]
    return [list(heads), *rows] if table.header else rows


def dated_table(
    columns: tuple[str, ...], days: npt.NDArray[np.datetime64], values: npt.NDArray[np.float64], header: bool
) -> Table:
    """A table of a date and numbers per row, made at once: millions of cells are not looked at one by one.

    Args:
        columns: Heads.
        days: ``(rows,)``.
        values: ``(rows, columns - 1)``; a gap becomes #N/A, an infinite number #NUM!.
        header: Whether the heads are shown.
    """
    numbers: npt.NDArray[Any] = np.ascontiguousarray(values)
    strange = ~np.isfinite(numbers)
    if strange.any():
        numbers = numbers.astype(object)
        numbers[strange] = [result_cell(value) for value in values[strange].tolist()]
    rows = [[day, *row] for day, row in zip(days.tolist(), numbers.tolist(), strict=True)]
    return Table(columns, rows, header, plain=True)
