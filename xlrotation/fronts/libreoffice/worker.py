"""The process that computes for LibreOffice: calls come in over standard input, answers go out over standard output.

A message is its length (four bytes, little-endian) and JSON: ``[function, arguments]`` in, the result out. An error
value is ``{"error": "#N/A"}``, a range is a list of rows, a date is the serial number that LibreOffice counts from
1899-12-30.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import struct
import sys
from typing import Any, BinaryIO

from xlrotation.errors import CELL_ERRORS, CellError, RotationError
from xlrotation.fronts.excel.calls import TELLING
from xlrotation.functions.boundary.cells import Cell, NoCell
from xlrotation.functions.boundary.recalculation import Recalculation
from xlrotation.functions.boundary.session import Argument, Session
from xlrotation.grid import EPOCH
from xlrotation.languages import ENGLISH, language
from xlrotation.market.sources import Pinned

_LENGTH = struct.Struct("<I")
_IN_FILES = {CellError.SPILL: CellError.VALUE, CellError.CALC: CellError.VALUE}


def main() -> None:
    """Answer calls until the other side closes."""
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    serve(inward, outward, _opened(), _unspoken())


def _opened() -> Session:
    """The session of this process; where its source cannot be opened, one whose every call gives the reason."""
    try:
        return Session()
    except RotationError as error:
        return Session(Pinned("", None, error), ENGLISH)


def _unspoken() -> RotationError | None:
    """Why no call can be answered: a language that is not spoken, whose words would be English in silence."""
    try:
        language()
    except RotationError as error:
        return error
    return None


def serve(inward: BinaryIO, outward: BinaryIO, session: Session, refused: RotationError | None = None) -> None:
    """Answer the calls on a stream with a session's functions.

    Args:
        inward: Where the calls come from.
        outward: Where the answers go.
        session: The session.
        refused: Why none is answered; those functions say it that tell the state of the data.
    """
    recalculation = Recalculation(session)
    while len(head := inward.read(_LENGTH.size)) == _LENGTH.size:
        message = inward.read(_LENGTH.unpack(head)[0])
        with recalculation.call() as here:
            result = _answer(here, message, refused)
        data = json.dumps(_plain(result), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        outward.write(_LENGTH.pack(len(data)) + data)
        outward.flush()


def _answer(session: Session, message: bytes, refused: RotationError | None = None) -> Cell | list[list[Cell]]:
    try:
        name, arguments = json.loads(message, parse_int=_integer)
        if not isinstance(arguments, list):
            return CellError.VALUE
        given = [_read(value) for value in arguments]
    except (ValueError, TypeError, RecursionError):
        return CellError.VALUE  # no call at all; the next one may be
    if refused is not None:
        return refused.message if name in TELLING else refused.cell_error
    return session.call(name if isinstance(name, str) else "", *given)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 300 else float(digits)


def _read(value: Any) -> Argument:
    """An argument: a cell, or rows of cells."""
    if not isinstance(value, list):
        return _cell(value)
    return [[_cell(cell) for cell in row] if isinstance(row, list) else [_cell(row)] for row in value]


def _cell(value: Any) -> Cell | NoCell:
    if isinstance(value, dict):
        return CELL_ERRORS.get(str(value.get("error")), CellError.VALUE)
    return NoCell("list") if isinstance(value, list) else value


def _plain(value: Cell | list[list[Cell]]) -> Any:
    if isinstance(value, list):
        return [[_plain(cell) for cell in row] for row in value]
    if isinstance(value, CellError):
        return {"error": _IN_FILES.get(value, value).value}
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - dt.datetime.combine(EPOCH, dt.time())) / dt.timedelta(days=1)
    if isinstance(value, dt.date):
        return (value - EPOCH).days
    return value


if __name__ == "__main__":
    main()
