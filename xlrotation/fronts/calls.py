"""What ``udfs.py`` calls: one worksheet function, with values as a spreadsheet program hands them over.

A classic xlwings function (COM) cannot return an error value: xlwings would show the text of an exception. So Python
returns the error's name behind a mark that no data contain, and the VBA wrapper (:mod:`xlrotation.fronts.vba`) makes it
a real error, element by element. Office.js (xlwings Server and Lite) turns the plain error name into an error itself.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import sys
from typing import TYPE_CHECKING

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.functions.cells import Cell, Range
from xlrotation.functions.parameters import AsOfKind, CountKind, DayKind, Kind, SymbolKind, TextKind, WindowKind

if TYPE_CHECKING:
    from xlrotation.functions.session import Argument, Session

MARK = "\ue0f0"
"""Stands before an error's name on its way to the VBA wrapper: a character for private use."""

MAX_TEXT = 255
"""Excel refuses a longer text inside an array that comes over COM."""

_ZERO_IS_BLANK = (AsOfKind, WindowKind, SymbolKind, DayKind, TextKind, CountKind)
"""Parameters to which 0 means nothing: Office.js hands a blank cell over as 0."""


@functools.cache
def session() -> Session:
    """The one session of this process; opened by the first call, so that importing costs nothing."""
    from xlrotation.functions.session import Session

    return Session()


@functools.cache
def office_js() -> bool:
    """Whether calls come from Office.js rather than over COM."""
    on_server = os.environ.get("XLWINGS_ON_SERVER", "").lower() in ("true", "1")
    return on_server or sys.platform == "emscripten" or "xlwings_server" in sys.modules


def call(name: str, *arguments: object) -> object:
    """Evaluate a worksheet function for xlwings.

    Args:
        name: The function.
        *arguments: As xlwings reads them with ``ndim=2`` and ``err_to_str``: rows of cells, or None where omitted.
    """
    here = session()
    kinds = [parameter.kind for parameter in here.spec(name).parameters]
    given = [read(value, kind) for value, kind in zip(arguments, kinds, strict=False)]
    while given and given[-1] is None:
        given.pop()
    result = here.call(name, *given)
    return write(result)


def read(value: object, kind: Kind) -> Argument:
    """An argument as xlwings hands it over, as cells; a single cell is unwrapped."""
    if not isinstance(value, list | tuple):
        return _cell_in(value, kind, alone=True)
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]
    if len(rows) == 1 and len(rows[0]) == 1:
        return _cell_in(rows[0][0], kind, alone=True)
    return [[_cell_in(cell, kind, alone=False) for cell in row] for row in rows]


def _cell_in(cell: object, kind: Kind, alone: bool) -> Cell:
    if isinstance(cell, str):
        return CELL_ERRORS.get(cell, cell)
    if alone and cell == 0 and not isinstance(cell, bool) and office_js() and isinstance(kind, _ZERO_IS_BLANK):
        return None
    if cell is None or isinstance(cell, bool | int | float | dt.date):
        return cell
    return str(cell)


def write(result: Cell | Range) -> object:
    """A result as xlwings passes it on: never None, never an error that would become a text."""
    if isinstance(result, list):
        return [[_cell_out(cell) for cell in row] for row in result]
    return _cell_out(result)


def _cell_out(cell: Cell) -> object:
    if isinstance(cell, CellError):
        return cell.value if office_js() else MARK + cell.value
    if cell is None:
        return ""
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, str) and not office_js():
        return cell[:MAX_TEXT]
    return cell
