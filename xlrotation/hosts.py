"""What the programs that show our cells do to a value: one profile for each.

Hosts differ in what arrives for a blank cell, in how dates and errors look on their way in and out, and in what their
cells hold. A front reads its arguments and writes its results by the profile of its host and knows no values itself.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.grid import EPOCH, EPOCH_1904, LAST_SERIAL, MAX_TEXT

_FIRST_DATE = dt.date(1927, 5, 18)
"""Serial numbers of earlier days are no dates to our functions: in the 1900 system they are below 10,000."""

_LAST_DATE = EPOCH + dt.timedelta(LAST_SERIAL)


class Reading(Protocol):
    """What a host must know of the parameter that a value is for."""

    @property
    def zero_is_blank(self) -> bool:
        """Whether 0 means nothing to it."""

    @property
    def serials_from(self) -> int | None:
        """From which number on a number is a date's serial number; None where it never is."""

    def zeros_are_blank(self, cells: list[list[Any]]) -> bool:
        """Whether a 0 in a range of them can only be a blank cell."""


@dataclass(frozen=True, slots=True)
class NoCell:
    """Stands where a program handed over what no cell can hold, such as a list inside a list.

    Attributes:
        name: What it was.
    """

    name: str


def serial_of(day: dt.date, date1904: bool = False) -> float | None:
    """The serial number of a date or moment; None before the first that the workbook's system has."""
    days = (dt.date(day.year, day.month, day.day) - (EPOCH_1904 if date1904 else EPOCH)).days
    if not date1904 and days < 61:
        days -= 1  # 29 February 1900, which the systems count though it never was
    if days < 0:
        return None
    if isinstance(day, dt.datetime):
        return days + (day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6) / 86400
    return float(days)


def _moment(day: dt.date) -> dt.datetime:
    return day.replace(tzinfo=None) if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)


def _serial_1900(day: dt.date) -> object:
    return CellError.NUM if (serial := serial_of(day)) is None else serial


def _serial_1904(day: dt.date) -> object:
    return CellError.NUM if (serial := serial_of(day, True)) is None else serial


def _serial_calc(day: dt.date) -> object:
    """Days since 1899-12-30: there is no 29 February 1900, and earlier days are below zero."""
    return (_moment(day) - _moment(EPOCH)) / dt.timedelta(days=1)


def _serial_calc_1904(day: dt.date) -> object:
    return (_moment(day) - _moment(EPOCH_1904)) / dt.timedelta(days=1)


_WAITING = (CellError.GETTING_DATA, CellError.BUSY)
_OLD = (CellError.NULL, CellError.DIV0, CellError.VALUE, CellError.REF, CellError.NAME, CellError.NUM, CellError.NA)
"""The error values that every spreadsheet program and file knows."""


def known_as(error: CellError, *known: CellError) -> CellError:
    """*error* for a host that knows only some: what is still to come is not available, any other is #VALUE!."""
    if error in (known or _OLD):
        return error
    return CellError.NA if error in _WAITING else CellError.VALUE


ERROR_NUMBERS: Mapping[CellError, int] = {
    CellError.NULL: 2000,
    CellError.DIV0: 2007,
    CellError.VALUE: 2015,
    CellError.REF: 2023,
    CellError.NAME: 2029,
    CellError.NUM: 2036,
    CellError.NA: 2042,
    CellError.GETTING_DATA: 2043,
    CellError.SPILL: 2045,
    CellError.CONNECT: 2046,
    CellError.BLOCKED: 2047,
    CellError.UNKNOWN: 2048,
    CellError.FIELD: 2049,
    CellError.CALC: 2050,
}
"""Excel's numbers of its error values (XlCVError)."""

CALC_NUMBERS: Mapping[CellError, int] = {
    CellError.NULL: 521,
    CellError.DIV0: 532,
    CellError.VALUE: 519,
    CellError.REF: 524,
    CellError.NAME: 525,
    CellError.NUM: 503,
    CellError.NA: 32767,
}
"""LibreOffice's numbers of its error values."""

MARK = "\ue0f0"
"""Stands before an error's name on its way to the VBA wrapper: a character for private use."""

_COM_ERRORS = range(-2146826288, -2146825988)
"""An error cell over COM: 0x800A0000 plus Excel's number, from 2000 on. A number in a cell is never an integer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HostProfile:
    """How a host hands over cells and takes them.

    Attributes:
        name: What it is.
        zero_is_blank: A blank cell, given alone, arrives as 0.
        zero_in_range: One in a range may, too.
        empty_is_blank: A blank cell arrives as an empty text.
        names_are_errors: An error arrives as the text that the cell shows.
        numbered: Integers that stand for errors, all in :attr:`numbers`.
        numbers: Integers that stand for an error even where it is an unknown one.
        date1904: Numbers that are dates count from 1904.
        date: How a date goes out.
        error: How an error goes out.
        blank: What goes out for a blank cell.
        booleans: Its cells hold TRUE and FALSE.
        largest: The largest whole number that goes out as one.
        longest: The longest text that goes out whole, in UTF-16 units.
    """

    name: str
    zero_is_blank: bool = False
    zero_in_range: bool = False
    empty_is_blank: bool = False
    names_are_errors: bool = False
    numbered: Mapping[int, CellError] = dataclasses.field(default_factory=dict)
    numbers: range = range(0)
    date1904: bool = False
    date: Callable[[dt.date], object]
    error: Callable[[CellError], object]
    blank: object = ""
    booleans: bool = True
    largest: int | None = None
    longest: int | None = None

    # what comes in

    def read(self, value: object, kind: Reading) -> Any:
        """An argument as the host hands it over: a cell, or rows of cells; a range of one cell is a cell.

        Args:
            value: What came.
            kind: What the parameter is.
        """
        if not isinstance(value, list | tuple):
            return self._cell_in(value, kind, alone=True)
        rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value]
        if len(rows) == 1 and len(rows[0]) == 1:
            return self._cell_in(rows[0][0], kind, alone=True)
        cells = [[self._cell_in(cell, kind, alone=False) for cell in row] for row in rows]
        if self.zero_in_range and kind.zeros_are_blank(cells):
            return [[None if _is_zero(cell) else cell for cell in row] for row in cells]
        return cells

    def _cell_in(self, cell: object, kind: Reading, alone: bool) -> object:
        if isinstance(cell, dict):
            cell = _unpacked(cell)
        if isinstance(cell, str):
            if self.empty_is_blank and not cell:
                return None
            return CELL_ERRORS.get(cell, cell) if self.names_are_errors else cell
        if cell is None or isinstance(cell, bool | dt.date | CellError | NoCell):
            return cell
        if isinstance(cell, int | float):
            return self._number_in(cell, kind, alone)
        from decimal import Decimal

        if isinstance(cell, Decimal):  # a cell in currency format
            number = math.nan if cell.is_nan() else float(cell)  # float() refuses a signalling one
            return self._number_in(number, kind, alone)
        return NoCell(type(cell).__name__)

    def _number_in(self, cell: float, kind: Reading, alone: bool) -> object:
        if isinstance(cell, int) and cell in self.numbers:
            return self.numbered.get(cell, CellError.VALUE)
        if alone and cell == 0 and self.zero_is_blank and kind.zero_is_blank:
            return None
        if self.date1904 and kind.serials_from is not None and cell >= kind.serials_from:
            return _date_1904(cell)
        return cell

    # what goes out

    def write(self, result: object) -> Any:
        """A result, a cell or rows of cells, as the host takes it."""
        if isinstance(result, list):
            return [[self.write_cell(cell) for cell in row] for row in result]
        return self.write_cell(result)

    def write_cell(self, cell: object) -> Any:
        """A cell as the host takes it: never a number that is none, never half of a character."""
        if isinstance(cell, float):
            if math.isfinite(cell):
                return cell
            return self.error(CellError.NA if math.isnan(cell) else CellError.NUM)
        if isinstance(cell, str):
            return self._text_out(cell)
        if cell is None:
            return self.blank
        if isinstance(cell, CellError):
            return self.error(cell)
        if isinstance(cell, dt.date):
            shown = self.date(cell)
            return self.error(shown) if isinstance(shown, CellError) else shown
        if isinstance(cell, bool):
            return cell if self.booleans else float(cell)
        if isinstance(cell, int) and self.largest is not None and abs(cell) > self.largest:
            return float(cell) if abs(cell) <= sys.float_info.max else self.error(CellError.NUM)
        return cell

    def _text_out(self, text: str) -> str:
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()
        if self.longest is None or len(text) * 2 <= self.longest:
            return text
        return text.encode("utf-16-le")[: 2 * self.longest].decode("utf-16-le", "ignore")


def _is_zero(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and cell == 0


def _unpacked(value: Mapping[Any, Any]) -> object:
    """What an object of JSON stands for: an error, or a value of Excel with more than is seen."""
    if "error" in value:
        return CELL_ERRORS.get(str(value["error"]), CellError.VALUE)
    shown = value.get("basicValue", NoCell("data type without a value"))
    if value.get("type") == "Error":  # one that is not known here is an error too
        return CELL_ERRORS.get(shown, CellError.VALUE) if isinstance(shown, str) else CellError.VALUE
    return NoCell("list" if isinstance(shown, list) else "data type") if isinstance(shown, dict | list) else shown


def _date_1904(serial: float) -> object:
    """The date of a serial number that counts from 1904; what is no date stays a number."""
    first = EPOCH_1904.toordinal()
    if _FIRST_DATE.toordinal() <= first + serial < _LAST_DATE.toordinal() + 1:
        return dt.date.fromordinal(first + int(serial))
    return serial


def _itself(value: object) -> object:
    return value


EXCEL_COM = HostProfile(
    name="Excel for Windows (COM)",
    names_are_errors=True,
    numbered={_COM_ERRORS.start + number - 2000: error for error, number in ERROR_NUMBERS.items()},
    numbers=_COM_ERRORS,
    date=_moment,
    error=lambda error: MARK + known_as(error, *ERROR_NUMBERS).value,
    largest=2**31 - 1,  # Excel shows no 64-bit integer
    longest=255,  # it refuses a longer text inside an array that comes over COM
)
"""xlwings would show an error as the text of an exception: its name goes out behind a mark that no data contain, and
the VBA wrapper (:mod:`xlrotation.fronts.excel.vba`) makes it a real error."""

EXCEL_JS = HostProfile(
    name="Excel (Office.js)",
    zero_is_blank=True,
    zero_in_range=True,
    empty_is_blank=True,
    names_are_errors=True,
    date=_moment,
    error=lambda error: known_as(error).value,  # the name of any other would stay a text
    longest=MAX_TEXT,
)
"""xlwings Server and Lite make an error of its name."""

LIBREOFFICE = HostProfile(
    name="LibreOffice",
    zero_is_blank=True,
    date=_serial_calc,
    error=lambda error: {"error": known_as(error, *CALC_NUMBERS).value},
    blank=None,
    booleans=False,
    longest=65_535,
)
"""Calls and answers are JSON; the part inside LibreOffice makes an error's number of its name."""

LIBREOFFICE_1904 = dataclasses.replace(
    LIBREOFFICE, name="LibreOffice, a document that counts from 1904", date1904=True, date=_serial_calc_1904
)

WORKBOOK = HostProfile(name="a workbook", date=_serial_1900, error=_itself, largest=-1)
"""The evaluation of a workbook without a spreadsheet program."""

WORKBOOK_1904 = HostProfile(
    name="a workbook that counts from 1904", date1904=True, date=_serial_1904, error=_itself, largest=-1
)

TERMINAL = HostProfile(name="the command line", date=lambda day: str(day), error=lambda error: error.value)
JSON = dataclasses.replace(TERMINAL, name="JSON", blank=None)

HOSTS = (EXCEL_COM, EXCEL_JS, LIBREOFFICE, LIBREOFFICE_1904, WORKBOOK, WORKBOOK_1904, TERMINAL, JSON)
