"""What ``udfs.py`` calls: one worksheet function, with values as a spreadsheet program hands them over.

A classic xlwings function (COM) cannot return an error value: xlwings would show the text of an exception. So Python
returns the error's name behind a mark that no data contain, and the VBA wrapper (:mod:`xlrotation.fronts.excel.vba`)
makes it a real error, element by element. Office.js (xlwings Server and Lite) turns the plain error name into an error
itself.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import logging
import math
import os
import sys
import threading
from typing import TYPE_CHECKING

from xlrotation.errors import CELL_ERRORS, CellError, RotationError
from xlrotation.functions.boundary.cells import Cell, NoCell, Range
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    ChoiceKind,
    CountKind,
    DayKind,
    Kind,
    SymbolKind,
    TextKind,
    UniverseKind,
    WindowKind,
    WindowsKind,
)
from xlrotation.outside import reason

if TYPE_CHECKING:
    from xlrotation.functions.boundary.recalculation import Recalculation
    from xlrotation.functions.boundary.session import Argument, Session

log = logging.getLogger("xlrotation")

MARK = "\ue0f0"
"""Stands before an error's name on its way to the VBA wrapper: a character for private use."""

ERROR_NUMBERS = {
    CellError.NULL: 2000,
    CellError.DIV0: 2007,
    CellError.VALUE: 2015,
    CellError.REF: 2023,
    CellError.NAME: 2029,
    CellError.NUM: 2036,
    CellError.NA: 2042,
    CellError.SPILL: 2045,
    CellError.CALC: 2050,
}
"""Excel's numbers of its error values (XlCVError)."""

MAX_TEXT = 255
"""Excel refuses a longer text inside an array that comes over COM; it counts UTF-16 units."""

_COM_ERRORS = range(-2146826288, -2146825988)
"""An error cell over COM: 0x800A0000 plus Excel's number, from 2000 on. A number in a cell is never an integer."""

_BY_NUMBER = {number: error for error, number in ERROR_NUMBERS.items()}

_OFFICE_JS_LACKS = (CellError.SPILL, CellError.CALC)
"""Errors whose name stays a text in Office.js."""

_ZERO_IS_BLANK = (
    *(AsOfKind, WindowKind, WindowsKind, SymbolKind, UniverseKind, DayKind, TextKind, CountKind, ChoiceKind),
)
"""Parameters to which 0 means nothing: Office.js hands a blank cell over as 0."""

TELLING = ("XLR_STATUS", "XLR_ERRORS")
"""Functions that say in words why there are no data at all."""


@functools.cache
def session() -> Session:
    """The one session of this process; opened by the first call, so that importing costs nothing."""
    from xlrotation.functions.boundary.session import Session

    return Session()


_OPENING = threading.Lock()
_recalculation: Recalculation | None = None


def recalculation() -> Recalculation:
    """The recalculation of :func:`session` that calls belong to."""
    global _recalculation
    from xlrotation.functions.boundary.recalculation import Recalculation

    with _OPENING:  # two first calls in two threads share one session
        here = session()
        if _recalculation is None or _recalculation.session is not here:
            _recalculation = Recalculation(here)
        return _recalculation


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
    try:
        current = recalculation()
    except Exception as error:  # such as a source that does not exist: it must not reach the cell as a traceback
        log.error("the data cannot be opened", exc_info=error)
        if name in TELLING:
            return write(reason(error))
        return write(error.cell_error if isinstance(error, RotationError) else CellError.VALUE)
    with current.call() as here:
        kinds = [parameter.kind for parameter in here.spec(name).parameters] if name in here.names else []
        kinds += [Kind()] * (len(arguments) - len(kinds))  # one too many, or of no function: the session says so
        given = [read(value, kind) for value, kind in zip(arguments, kinds, strict=False)]
        while given and given[-1] is None:
            given.pop()
        return write(here.call(name, *given))


def reload() -> None:
    """Read the data again at the next call; what is kept of the old ones is forgotten. Refresh in Excel calls it."""
    session().source.reload()
    recalculation().end()


def read(value: object, kind: Kind) -> Argument:
    """An argument as xlwings hands it over, as cells; a single cell is unwrapped."""
    if not isinstance(value, list | tuple):
        return _cell_in(value, kind, alone=True)
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]
    if len(rows) == 1 and len(rows[0]) == 1:
        return _cell_in(rows[0][0], kind, alone=True)
    return [[_cell_in(cell, kind, alone=False) for cell in row] for row in rows]


def _cell_in(cell: object, kind: Kind, alone: bool) -> Cell | NoCell:
    if isinstance(cell, str):
        return CELL_ERRORS.get(cell, cell)
    if cell is None or isinstance(cell, bool | float | dt.date | CellError | NoCell):
        return None if alone and cell == 0 and cell is not False and _zero_is_blank(kind) else cell
    if isinstance(cell, int):
        if cell in _COM_ERRORS and not office_js():  # newer than those that xlwings knows, such as #SPILL!
            return _BY_NUMBER.get(cell - _COM_ERRORS.start + 2000, CellError.VALUE)
        return None if alone and cell == 0 and _zero_is_blank(kind) else cell
    if isinstance(cell, decimal.Decimal):  # a cell in currency format
        return math.nan if cell.is_nan() else float(cell)  # float() refuses a signalling one
    return NoCell(type(cell).__name__)


def _zero_is_blank(kind: Kind) -> bool:
    if isinstance(kind, CountKind) and (kind.minimum is None or kind.minimum <= 0):
        return False
    return isinstance(kind, _ZERO_IS_BLANK) and office_js()


def write(result: Cell | Range) -> object:
    """A result as xlwings passes it on: never None, never an error that would become a text."""
    if isinstance(result, list):
        return [[_cell_out(cell) for cell in row] for row in result]
    return _cell_out(result)


def _cell_out(cell: Cell) -> object:
    if isinstance(cell, CellError):
        if office_js():
            return (CellError.VALUE if cell in _OFFICE_JS_LACKS else cell).value
        return MARK + cell.value
    if cell is None:
        return ""
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)
    if office_js():
        return cell
    if isinstance(cell, str) and len(cell) * 2 > MAX_TEXT:
        return cell.encode("utf-16-le", "replace")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore")
    if isinstance(cell, int) and abs(cell) > 2**31 - 1:  # Excel shows no 64-bit integer
        return float(cell)
    return cell
