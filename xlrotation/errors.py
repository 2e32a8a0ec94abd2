"""What can go wrong, as values and as exceptions.

A spreadsheet knows a handful of error values; :class:`CellError` names them. Code below the boundary raises one of
the few exceptions here, each with a sentence that tells the analyst what to type instead; the boundary turns it into
the cell error and keeps the sentence for ``XLR_ERRORS()``.

    RotationError
    ├── BadArgument    #VALUE!  an argument that cannot be read
    ├── NoData         #N/A     asked correctly, but no such symbol or no value for that date
    ├── OutOfDomain    #NUM!    a result outside its domain
    └── DividedByZero  #DIV/0!  a base or a sum of weights that is zero
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from typing import Any, ClassVar


class CellError(enum.Enum):
    """An error value as a spreadsheet shows it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    GETTING_DATA = "#GETTING_DATA"
    SPILL = "#SPILL!"
    CONNECT = "#CONNECT!"
    BLOCKED = "#BLOCKED!"
    UNKNOWN = "#UNKNOWN!"
    FIELD = "#FIELD!"
    CALC = "#CALC!"
    BUSY = "#BUSY!"
    EXTERNAL = "#EXTERNAL!"
    PYTHON = "#PYTHON!"

    def __str__(self) -> str:
        return self.value


CELL_ERRORS: dict[str, CellError] = {error.value: error for error in CellError}
"""The error values by the text that a cell shows."""


def take_errors() -> None:
    """Let openpyxl write error values as such, where somebody has loaded it; it refuses all that it does not know."""
    module: Any = sys.modules.get("openpyxl.cell.cell")
    types = getattr(module, "_TYPES", None)
    if isinstance(types, dict):
        types.setdefault(CellError, "e")


take_errors()


class RotationError(Exception):
    """Base of all errors meant for the analyst; *message* says what to type instead.

    Args:
        message: The sentence, or what puts it together when somebody asks: a range of 10,000 unknown symbols would
            spend seconds on advice that nobody reads.
    """

    cell_error: ClassVar[CellError] = CellError.VALUE

    def __init__(self, message: str | Callable[[], str]) -> None:
        super().__init__(message)
        self.told = message

    @property
    def message(self) -> str:
        """What is wrong and what to type instead."""
        return self.told if isinstance(self.told, str) else self.told()

    def __str__(self) -> str:
        return self.message


class BadArgument(RotationError):
    """An argument that cannot be read."""

    cell_error = CellError.VALUE


class NoData(RotationError):
    """The question is sound, but the data hold no such symbol or no value for that date."""

    cell_error = CellError.NA


class OutOfDomain(RotationError):
    """A result outside its domain, such as a negative variance."""

    cell_error = CellError.NUM


class DividedByZero(RotationError):
    """A base, or a sum of weights, that is zero."""

    cell_error = CellError.DIV0


class BadWorkbook(RotationError):
    """A file that is no workbook, or one that cannot be read."""
