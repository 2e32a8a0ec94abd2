"""A text table as rows: unpacked, decoded and split within bounds, in a small multiple of its size of memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable
from typing import IO

from xlrotation.market.providers import bounds
from xlrotation.market.providers.tables import BadFile, Rows, Value

_PLAIN = re.compile(r"-?\d{1,15}\.\d{1,15}", re.ASCII)
_REPEATED = 500_000
"""Different texts, such as dates and symbols, that are kept once however often they stand in a table."""

_NOTHING: list[Value] = []


def read(file: IO[bytes], name: str, packed: bool) -> tuple[Rows, str]:
    """The rows of a text table and its separator.

    A number with a decimal point is read at once where a comma cannot be its decimal sign: it takes half the memory.

    Args:
        file: The file.
        name: What messages call it.
        packed: Whether it is packed by gzip.

    Raises:
        BadFile: It is too large, damaged, or no text.
    """
    data = _taken(file, name, packed)
    encoding = _encoding(data, name)
    separator = _separator(data, encoding)
    data.seek(0)
    with io.TextIOWrapper(data, encoding, newline="") as lines:
        return _rows(lines, separator, name), separator


def _taken(file: IO[bytes], name: str, packed: bool) -> io.BytesIO:
    data = io.BytesIO()
    try:
        source = gzip.GzipFile(fileobj=file, mode="rb") if packed else file
        while piece := source.read(bounds.MEGABYTE):
            if data.tell() + len(piece) > bounds.TEXT_BYTES:
                raise BadFile(
                    f"{name}: is larger than {bounds.TEXT_BYTES // bounds.MEGABYTE} MB; split it by symbol or by year"
                )
            data.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(f"{name}: cannot be read ({error}); copy it again") from None
    return data


def _encoding(data: io.BytesIO, name: str) -> str:
    """The encoding that the whole of *data* is sound in."""
    view = data.getbuffer()
    try:
        for encoding in ("utf-8-sig", "utf-16" if bytes(view[:2]) in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                for place in range(0, len(view), bounds.MEGABYTE):
                    decoder.decode(view[place : place + bounds.MEGABYTE])
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
    finally:
        view.release()
    raise BadFile(f"{name}: neither UTF-8 nor GBK text; save it as CSV UTF-8")


def _separator(data: io.BytesIO, encoding: str) -> str:
    data.seek(0)
    lines = io.TextIOWrapper(data, encoding, newline="")
    head = next((line for line in lines if line.strip()), "")
    lines.detach()
    return max(",;\t", key=head.count)


def _rows(lines: Iterable[str], separator: str, name: str) -> Rows:
    rows: Rows = []
    cells = 0
    texts: dict[str, str] = {}
    convert = separator != ";"
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            cells += len(row)
            if len(rows) == bounds.ROWS or cells > bounds.CELLS:
                raise BadFile(
                    f"{name}, row {len(rows) + 1}: has more than {bounds.ROWS:,} rows or {bounds.CELLS:,} cells; split "
                    "it by symbol or by year"
                )
            rows.append([_kept(cell, texts, convert) for cell in row] if row else _NOTHING)
    except csv.Error as error:
        raise BadFile(f"{name}, row {len(rows) + 1}: cannot be read ({error}); look for a quotation mark") from None
    return rows


def _kept(cell: str, texts: dict[str, str], convert: bool) -> Value:
    if convert and _PLAIN.fullmatch(cell):
        return float(cell)
    if len(texts) < _REPEATED:
        return texts.setdefault(cell, cell)
    return texts.get(cell, cell)
