"""A call that failed, as an exception: the error value by its class, the reason as the cell tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from xlrotation.errors import BadArgument, CellError, DividedByZero, NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.failures import Failure

Errors = Literal["raise", "value"]
"""What becomes of a call that fails: an exception, or the error value that the cell would show."""

_CLASSES: dict[CellError, type[RotationError]] = {
    CellError.VALUE: BadArgument,
    CellError.NAME: BadArgument,
    CellError.NA: NoData,
    CellError.GETTING_DATA: NoData,
    CellError.BUSY: NoData,
    CellError.NUM: OutOfDomain,
    CellError.DIV0: DividedByZero,
}


class Remark(UserWarning):
    """What an answer rests on that the call does not say, such as a gap among its numbers."""


def check_errors(errors: str) -> Errors:
    """*errors* as one of the words that there are.

    Raises:
        BadArgument: It is none.
    """
    if errors == "raise":
        return "raise"
    if errors == "value":
        return "value"
    raise BadArgument(f"errors={errors!r} is none of the choices; give 'raise' or 'value'")


def raised(error: CellError, failures: Sequence[Failure], where: str) -> RotationError:
    """The exception of an error value.

    Args:
        error: The value.
        failures: The calls that failed on the way to it, oldest first.
        where: The call or formula, which the traceback shows as a note.
    """
    reason = next((failure for failure in reversed(failures) if failure.error is error), None)
    message = reason.reason if reason is not None else f"{where} gives {error}, which an argument or a cell brought in"
    found = _CLASSES.get(error, RotationError)(message)
    found.add_note(f"in {where}" if reason is None else f"in {where}: {reason.function}({reason.arguments}) is {error}")
    return found
