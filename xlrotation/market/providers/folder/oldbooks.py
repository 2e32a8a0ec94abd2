"""How far the sheets of an old workbook (.xls) spread, looked at before a reader lays them out.

The file is a compound file: sectors chained by a table, one of the chains the workbook, which is a row of records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder.rows import BadFile

_END = 0xFFFFFFFA
"""Numbers of sectors from here on are marks."""

_STREAMS = ("workbook", "book")
_BOF, _SIZES, _CONTINUE, _SHARED_TEXTS, _SHARED = 0x0809, 0x0200, 0x003C, 0x00FC, 0x00FD
_MANY = 0x00BD
_CELLS = frozenset((0x0006, 0x0203, 0x0204, 0x0205, 0x027E, _MANY, 0x00D6, _SHARED))
"""Records of cells that hold something; 0x0201 and 0x00BE are formats alone."""

_MOST_ROWS, _MOST_COLUMNS = 65_536, 256


def check(data: bytes, name: str) -> None:
    """Refuse an old workbook whose sheets spread beyond the bounds.

    Args:
        data: The file.
        name: What messages call it.

    Raises:
        BadFile: It does, or is damaged.
    """
    try:
        stream = _workbook(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise BadFile(f"{name}: cannot be read (its parts do not hang together); copy it again") from None
    if stream is None:
        raise BadFile(f"{name}: is no Excel workbook, or locked with a password; save it as .xlsx without one")
    extent = _Extent()
    for record, body in _records(stream):
        if record == _SIZES and len(body) >= 12:
            last_row, first_column, last_column = struct.unpack_from("<I2H", body, 4)
            if last_row > _MOST_ROWS or max(first_column, last_column) > _MOST_COLUMNS:
                raise BadFile(f"{name}: cannot be read (a sheet larger than sheets are); save it as .xlsx")
        extent.take(record, body)
        if extent.cells > bounds.BOOK_CELLS:
            raise BadFile(
                f"{name}: its sheets span more than {bounds.BOOK_CELLS:,} cells; delete what is not needed, empty rows "
                "and columns too, or save it as CSV"
            )
    if extent.shown > bounds.BOOK_TEXT:
        raise BadFile(f"{name}: its cells hold more than {bounds.BOOK_TEXT:,} characters; save it as CSV")


class _Extent:
    """How far the sheets spread, record by record, and what their cells show of the shared texts."""

    def __init__(self) -> None:
        self._before = self._rows = self._columns = self._kind = 0
        self._texts: list[bytes] = []
        self._references: list[int] = []

    def take(self, record: int, body: bytes) -> None:
        """Go on by a record."""
        if record == _BOF:
            self._before, self._rows, self._columns = self.cells, 0, 0
        elif record == _SHARED_TEXTS or (record == _CONTINUE and self._kind == _SHARED_TEXTS):
            self._texts.append(body)
        elif record in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<2H", body)
            if record == _MANY:
                (column,) = struct.unpack_from("<H", body, len(body) - 2)
            self._rows, self._columns = max(self._rows, row + 1), max(self._columns, column + 1)
            if record == _SHARED and len(body) >= 10:
                self._references.append(struct.unpack_from("<I", body, 6)[0])
        self._kind = self._kind if record == _CONTINUE else record

    @property
    def cells(self) -> int:
        """Cells from the first one of each sheet to the last that holds something."""
        return self._before + self._rows * self._columns

    @property
    def shown(self) -> int:
        """Characters of shared texts that the cells show."""
        lengths = _lengths(self._texts)
        return sum(lengths[reference] for reference in self._references if reference < len(lengths))


def _workbook(data: bytes) -> bytes | None:
    """The stream of the workbook; None where there is none."""
    shift, small_shift = struct.unpack_from("<2H", data, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise IndexError
    size = 1 << shift
    first, cutoff, small_table, _, more, _ = struct.unpack_from("<I4x6I", data, 48)[:6]
    sectors = list(struct.unpack_from("<109I", data, 76))
    seen = set()
    while more < _END and more not in seen:
        seen.add(more)
        *found, more = struct.unpack_from(f"<{size // 4}I", data, (more + 1) << shift)
        sectors += found
    table: list[int] = []
    for sector in sectors:
        if sector < _END:
            table += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) << shift)

    def chained(start: int) -> bytes:
        return b"".join(data[(n + 1) << shift : (n + 2) << shift] for n in _chain(start, table))

    entries = chained(first)
    root = None
    for place in range(0, len(entries) - 127, 128):
        (length,) = struct.unpack_from("<H", entries, place + 64)
        title = entries[place : place + max(0, length - 2)].decode("utf-16-le").lower()
        start, extent = struct.unpack_from("<2I", entries, place + 116)
        if place == 0:
            root = start
        if entries[place + 66] == 2 and title in _STREAMS:
            if extent >= cutoff:
                return chained(start)[:extent]
            raw = chained(small_table)
            small = list(struct.unpack(f"<{len(raw) // 4}I", raw))
            inside = chained(root) if root is not None else b""
            return b"".join(inside[n << 6 : (n + 1) << 6] for n in _chain(start, small))[:extent]
    return None


def _chain(start: int, table: Sequence[int]) -> Iterator[int]:
    for _ in range(len(table) + 1):
        if start >= _END:
            return
        yield start
        start = table[start]
    raise IndexError


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        record, length = struct.unpack_from("<2H", stream, place)
        yield record, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _lengths(pieces: Sequence[bytes]) -> list[int]:
    """Characters of each shared text; a text may go on in the next piece, which says anew how wide its letters are."""
    lengths: list[int] = []
    piece, place = 0, 8
    while piece < len(pieces):
        if place + 3 > len(pieces[piece]):
            piece, place = piece + 1, 0
            continue
        count, flags = struct.unpack_from("<HB", pieces[piece], place)
        lengths.append(count)
        place += 3
        skip = 0
        for flag, form, unit in ((8, "<H", 4), (4, "<I", 1)):
            if flags & flag and place + struct.calcsize(form) <= len(pieces[piece]):
                skip += unit * int(struct.unpack_from(form, pieces[piece], place)[0])
                place += struct.calcsize(form)
        left, width = count, 1 + (flags & 1)
        while left:
            taken = min(left, max(0, len(pieces[piece]) - place) // width)
            left, place = left - taken, place + taken * width
            if left:
                piece, place = piece + 1, 1
                if piece == len(pieces) or not pieces[piece]:
                    return lengths
                width = 1 + (pieces[piece][0] & 1)
        while skip and piece < len(pieces):
            taken = min(skip, max(0, len(pieces[piece]) - place))
            skip, place = skip - taken, place + taken
            if skip:
                piece, place = piece + 1, 0
    return lengths
