"""The process that computes for LibreOffice: calls come in over standard input, answers go out over standard output.

A message is its length (four bytes, little-endian) and JSON: ``[function, arguments, day]`` in, where *day* is the one
from which the document counts its dates, and the result out. Values are as the profiles of LibreOffice in
:mod:`xlrotation.hosts` have them.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Sequence
from typing import BinaryIO

from xlrotation.errors import CellError, RotationError
from xlrotation.fronts.excel.calls import TELLING
from xlrotation.functions.boundary.hosted import answer
from xlrotation.functions.boundary.recalculation import Recalculation
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import LIBREOFFICE, LIBREOFFICE_1904
from xlrotation.languages import ENGLISH, language
from xlrotation.market.sources import Pinned

_LENGTH = struct.Struct("<I")


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
        data = json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        outward.write(_LENGTH.pack(len(data)) + data)
        outward.flush()


def _answer(session: Session, message: bytes, refused: RotationError | None = None) -> object:
    try:
        name, arguments, day_0 = _call(json.loads(message, parse_int=_integer))
        if not isinstance(arguments, list) or not isinstance(day_0, str):
            return LIBREOFFICE.write(CellError.VALUE)
    except (ValueError, TypeError, RecursionError):
        return LIBREOFFICE.write(CellError.VALUE)  # no call at all; the next one may be
    if refused is not None:
        return LIBREOFFICE.write(refused.message if name in TELLING else refused.cell_error)
    host = _HOSTS.get(day_0)
    if host is None:
        told = f"the document counts its dates from {day_0[:20]}; choose 1899-12-30 or 1904-01-01 in its options"
        return LIBREOFFICE.write(told if name in TELLING else CellError.VALUE)
    return answer(session, host, name if isinstance(name, str) else "", *arguments)


_HOSTS = {"": LIBREOFFICE, "1899-12-30": LIBREOFFICE, "1904-01-01": LIBREOFFICE_1904}
"""By the day from which a document counts its dates."""


def _call(message: Sequence[object]) -> Sequence[object]:
    """A message with all of its three parts."""
    return (*message, "") if len(message) == 2 else message


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 300 else float(digits)


if __name__ == "__main__":
    main()
