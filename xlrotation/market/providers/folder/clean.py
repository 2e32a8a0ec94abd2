"""A clean text table, read column by column: some fifty times as fast as cell by cell, and with the same result.

Clean is a table whose first row is its heads, whose rows all have as many cells, without quotation marks, whose dates
have the year first (``2026-02-13``), whose numbers are plain, and whose last line has its end. Whatever is not so, a
single cell even, is left to the careful reader, which tells what is wrong and where.
"""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, overload

import numpy as np
import numpy.typing as npt

from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import headers
from xlrotation.market.providers.folder.rows import GAP_WORDS, Value
from xlrotation.market.symbols import fold

SMALLEST = 1 << 14
"""Bytes from which on a table is tried as a clean one; below, reading it cell by cell takes no time."""

_HEAD_BYTES = 1 << 20
_SAMPLE = 20
_BLOCK = bounds.MEGABYTE
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LARGEST = 1e15
_OTHER_ERA = np.datetime64("2400-01-01")
"""Dates from here on count their years otherwise."""

_WORDS = ("symbol", "name", "sector", "date")
_GAPS = sorted({form for word in GAP_WORDS for form in (word, word.upper(), word.title())} | {"NaN", "N/A"})


class Columns:
    """The columns of a clean table: days, numbers, or texts by their place in a list.

    Attributes:
        heads: The heads.
        arrays: Of each column its days, numbers (NaN for a gap), or places of its texts.
        texts: Of a column of texts, the different ones; None for another.
    """

    def __init__(self, heads: list[str], arrays: list[npt.NDArray[Any]], texts: list[list[str] | None]) -> None:
        self.heads, self.arrays, self.texts = heads, arrays, texts

    def __len__(self) -> int:
        return len(self.arrays[0])

    def sort(self, order: npt.NDArray[np.int64]) -> None:
        """Put the rows in another order, a column at a time."""
        for array in self.arrays:
            array[:] = array[order]

    def row(self, place: int) -> list[Value]:
        """A row below the heads, as the careful reader would give it."""
        cells: list[Value] = []
        for array, texts in zip(self.arrays, self.texts, strict=True):
            if texts is not None:
                cells.append(texts[int(array[place])])
            elif array.dtype.kind == "M":
                day: dt.date = array[place].item()
                cells.append(day)
            else:
                number = float(array[place])
                cells.append(None if number != number else number)
        return cells


class CleanRows(Sequence[list[Value]]):
    """The rows of a clean table, its heads first, each made when it is asked for.

    Args:
        columns: The table.
        places: Which of its rows; None for all.
    """

    def __init__(self, columns: Columns, places: range | None = None) -> None:
        self.columns = columns
        self._places = range(len(columns) + 1) if places is None else places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> list[Value]: ...

    @overload
    def __getitem__(self, place: slice) -> CleanRows: ...

    def __getitem__(self, place: int | slice) -> list[Value] | CleanRows:
        if isinstance(place, slice):
            return CleanRows(self.columns, self._places[place])
        row = self._places[place]
        return self.columns.row(row - 1) if row else list(self.columns.heads)

    def __iter__(self) -> Iterator[list[Value]]:
        return (self[place] for place in range(len(self)))


def read(file: IO[bytes], packed: bool) -> CleanRows | None:
    """The rows of a text table; None for one that is not clean, or too large.

    Args:
        file: The file, at its start.
        packed: Whether it is packed by gzip.
    """
    import pyarrow as pa

    source: Any = gzip.GzipFile(fileobj=file, mode="rb") if packed else file
    try:
        top = source.read(_HEAD_BYTES)
        if not packed and len(top) < SMALLEST:
            return None
        plan = _Plan.of(top)
        size = 0 if packed else os.fstat(file.fileno()).st_size
        return None if plan is None else _columns(plan, _Scanner(source, top, plan.separator, size))
    except (pa.ArrowInvalid, _NotCleanError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
        return None


class _NotCleanError(Exception):
    """The table is not clean."""


class _Plan:
    """How a table is to be read, as its first lines tell."""

    def __init__(self, heads: list[str], separator: str, kinds: list[str], skipped: int) -> None:
        self.heads, self.separator, self.kinds, self.skipped = heads, separator, kinds, skipped

    @classmethod
    def of(cls, top: bytes) -> _Plan | None:
        """None for a table that cannot be clean."""
        lines = top.split(b"\n", _SAMPLE + 1)[:-1]
        if len(lines) < 2 or b'"' in lines[0]:
            return None
        head, *sample = [line.decode("utf-8-sig").rstrip("\r") for line in lines]
        separator = max(",;\t|", key=head.count)
        heads = head.split(separator)
        rows = [line.split(separator) for line in sample]
        if len(heads) < 2 or len(heads) > bounds.COLUMNS or any(len(row) != len(heads) for row in rows):
            return None
        if any(_NUMBER.fullmatch(text.strip()) or _DATE.match(text.strip()) for text in heads):
            return None
        meanings = [headers.meaning(text) if text.strip() else None for text in heads]
        kinds = [_kind(meaning, list(cells)) for meaning, cells in zip(meanings, zip(*rows, strict=True), strict=True)]
        if "date" not in (*kinds, *meanings) and "strike" not in map(fold, heads):
            return None
        return cls(heads, separator, kinds, len(lines[0]) + 1)


def _kind(meaning: str | None, cells: list[str]) -> str:
    if all(map(_DATE.fullmatch, cells)):
        return "date"
    filled = [cell for cell in cells if cell not in _GAPS]
    plain = all(_NUMBER.fullmatch(cell) and not _leads_with_zero(cell) for cell in filled)
    return "number" if plain and meaning not in _WORDS else "text"


def _leads_with_zero(cell: str) -> bool:
    digits = cell.lstrip("-")
    return len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()


class _Scanner:
    """The bytes below the heads, looked through while they are handed on.

    Args:
        source: The file behind what was read of it.
        top: What was read of it.
        separator: What parts the cells.
        size: Its bytes; 0 where nobody knows.
    """

    closed = False

    def __init__(self, source: IO[bytes], top: bytes, separator: str, size: int) -> None:
        self._source, self._top = source, top
        self._bad = [b'"', b"\0", *([b","] if separator != "," else [])]
        self._last = b""
        self._total = 0
        self.expected = int(size * (top.count(b"\n") + 1) / max(1, len(top)) * 1.02)
        """How many rows there will be, as it seems."""

    def skip(self, count: int) -> None:
        self._top = self._top[count:]

    def read(self, count: int = -1) -> bytes:
        piece, self._top = self._top, b""
        if not piece:
            piece = self._source.read(min(count, _BLOCK) if count > 0 else _BLOCK)
        if not piece:
            if self._last != b"\n":
                raise _NotCleanError
            return b""
        self._total += len(piece)
        if self._total > bounds.CLEAN_BYTES or any(each in piece for each in self._bad):
            raise _NotCleanError
        if b"\r" in piece or self._last == b"\r":
            joined = self._last + piece if self._last == b"\r" else piece
            if joined.count(b"\r") - joined.endswith(b"\r") != joined.count(b"\r\n"):
                raise _NotCleanError
        self._last = piece[-1:]
        return piece

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def _columns(plan: _Plan, source: _Scanner) -> CleanRows:
    import pyarrow as pa
    from pyarrow import csv

    source.skip(plan.skipped)
    types = {"date": pa.date32(), "number": pa.float64(), "text": pa.dictionary(pa.int32(), pa.string())}
    names = [str(place) for place in range(len(plan.heads))]
    pool = pa.system_memory_pool()
    stream = csv.open_csv(
        pa.PythonFile(source, mode="r"),
        csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
        csv.ParseOptions(delimiter=plan.separator, quote_char=False, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types={name: types[kind] for name, kind in zip(names, plan.kinds, strict=True)},
            null_values=_GAPS,
            strings_can_be_null=False,
        ),
        memory_pool=pool,
    )
    columns = [_Growing() for _ in names]
    texts: list[dict[str, int] | None] = [{} if kind == "text" else None for kind in plan.kinds]
    rows = 0
    for batch in stream:
        rows += len(batch)
        if rows > bounds.CLEAN_ROWS or rows * len(names) > bounds.CLEAN_CELLS:
            raise _NotCleanError
        for column, known, growing in zip(batch.columns, texts, columns, strict=True):
            growing.add(_part(column, known), source.expected)
        del batch, column
    pool.release_unused()
    arrays = [growing.array() for growing in columns]
    return CleanRows(Columns(plan.heads, arrays, [None if known is None else list(known) for known in texts]))


class _Growing:
    """An array that parts are added to, in about the memory that it has in the end."""

    def __init__(self) -> None:
        self._array: npt.NDArray[Any] | None = None
        self._rows = 0

    def add(self, part: npt.NDArray[Any], expected: int) -> None:
        """Add a part to an array of which so many rows are expected."""
        rows = self._rows + len(part)
        if self._array is None:
            self._array = np.empty(max(expected, rows), part.dtype)
        elif rows > len(self._array):
            self._array.resize(max(expected, rows * 5 // 4), refcheck=False)
        self._array[self._rows : rows] = part
        self._rows = rows

    def array(self) -> npt.NDArray[Any]:
        """The whole."""
        assert self._array is not None
        return self._array[: self._rows]


def _part(column: Any, known: dict[str, int] | None) -> npt.NDArray[Any]:
    """A part of a column as an array; the texts that are new in it join those that are *known*."""
    if known is not None:
        words = column.dictionary.to_pylist()
        codes = np.array([known.setdefault(word, len(known)) for word in words], np.int32)
        return np.asarray(codes[column.indices.to_numpy()])
    if str(column.type) == "date32[day]":
        if column.null_count:
            raise _NotCleanError
        days = np.asarray(column.to_numpy(zero_copy_only=False), "datetime64[D]")
        if len(days) and days.max() >= _OTHER_ERA:
            raise _NotCleanError
        return days
    numbers = np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
    if (np.abs(numbers) > _LARGEST).any():
        raise _NotCleanError
    return numbers
