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

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.fronts.recalculation import Recalculation
from xlrotation.functions.cells import Cell
from xlrotation.functions.session import Session

_LENGTH = struct.Struct("<I")
_FIRST_DAY = dt.datetime(1899, 12, 30)
_IN_FILES = {CellError.SPILL: CellError.VALUE, CellError.CALC: CellError.VALUE}


def main() -> None:
    """Answer calls until the other side closes."""
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    serve(inward, outward, Session())


def serve(inward: BinaryIO, outward: BinaryIO, session: Session) -> None:
    """Answer the calls on a stream with a session's functions."""
    recalculation = Recalculation(session)
    while len(head := inward.read(_LENGTH.size)) == _LENGTH.size:
        name, arguments = json.loads(inward.read(_LENGTH.unpack(head)[0]))
        with recalculation.call() as here:
            result = here.call(name, *map(_read, arguments))
        data = json.dumps(_plain(result), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        outward.write(_LENGTH.pack(len(data)) + data)
        outward.flush()


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [[_read(cell) for cell in row] for row in value]
    return CELL_ERRORS[value["error"]] if isinstance(value, dict) else value


def _plain(value: Cell | list[list[Cell]]) -> Any:
    if isinstance(value, list):
        return [[_plain(cell) for cell in row] for row in value]
    if isinstance(value, CellError):
        return {"error": _IN_FILES.get(value, value).value}
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - _FIRST_DAY) / dt.timedelta(days=1)
    if isinstance(value, dt.date):
        return (value - _FIRST_DAY.date()).days
    return value


if __name__ == "__main__":
    main()
