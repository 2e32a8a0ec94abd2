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
from typing import ClassVar


class CellError(enum.Enum):
    """An error value as a spreadsheet shows it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    SPILL = "#SPILL!"
    CALC = "#CALC!"

    def __str__(self) -> str:
        return self.value


CELL_ERRORS: dict[str, CellError] = {error.value: error for error in CellError}
"""The error values by the text that a cell shows."""


class RotationError(Exception):
    """Base of all errors meant for the analyst; *message* says what to type instead."""

    cell_error: ClassVar[CellError] = CellError.VALUE

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


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
