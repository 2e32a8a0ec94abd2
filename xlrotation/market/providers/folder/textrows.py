"""A text table as rows: unpacked, decoded and split within bounds, in a small multiple of its size of memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import statistics
import zlib
from collections.abc import Iterable
from typing import IO

from xlrotation.market import lastcell, symbols
from xlrotation.market.filereadings import Declaration
from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import headers
from xlrotation.market.providers.folder.rows import BadFile, Made, Value

_PLAIN = re.compile(r"-?\d{1,15}\.\d{1,15}", re.ASCII)
_REPEATED = 500_000
"""Different texts, such as dates and symbols, that are kept once however often they stand in a table."""

_NOTHING: list[Value] = []

BLANK, BLANKS = "blank", "blanks"
"""Separators: one blank or more, and two or more, as in columns of even width."""

_UNIT_OR_END = re.compile("[\x1f\r\n]+$")


def read(
    file: IO[bytes], name: str, packed: bool, remarks: list[str], declared: Declaration, quick: bool = True
) -> tuple[Made, str]:
    """The rows of a text table and its separator.

    A number with a decimal point is read at once where commas part the cells: it takes half the memory.

    Args:
        file: The file.
        name: What messages call it.
        packed: Whether it is packed by gzip.
        remarks: Takes what is not certain and left out.
        declared: What its owner says of it.
        quick: Whether numbers may be read at once; else all cells stay texts.

    Raises:
        BadFile: It is too large, damaged, or no text.
    """
    data = _taken(file, name, packed)
    encoding = _encoding(data, name, declared.encoding)
    separator = declared.separator or _separator(data, encoding)
    ended = _ends(data, encoding)
    data.seek(0)
    with io.TextIOWrapper(data, encoding, newline="") as lines:
        convert = quick and ended and separator == "," != declared.decimal
        rows = _rows(_parted(lines, separator), separator if len(separator) == 1 else _UNIT, name, convert)
    if not ended and len(rows) not in declared.rows_left_out:
        _doubt_last_cell(rows, name, remarks)
    return rows, separator


_UNIT = "\x1f"
"""Parts cells where what parts them in the file is longer than a character, or blanks."""


def _parted(lines: Iterable[str], separator: str) -> Iterable[str]:
    if separator in (BLANK, BLANKS):
        gap = re.compile(" +" if separator == BLANK else " {2,}|\t")
        return (_UNIT_OR_END.sub("", gap.sub(_UNIT, line.lstrip(" "))) + "\n" for line in lines)
    return lines if len(separator) == 1 else (line.replace(separator, _UNIT) for line in lines)


def _ends(data: io.BytesIO, encoding: str) -> bool:
    """Whether the last line has an end, as it mostly lacks in a file that was cut off while it was copied."""
    with data.getbuffer() as view:
        tail = bytes(view[-8 - len(view) % 2 :])  # whole units of UTF-16
    marks = "\r\n\0" if encoding.startswith("utf-16") else "\r\n"
    return not tail or any(tail.rstrip(b"\0 \t")[-1:] == mark.encode() for mark in marks)


def _doubt_last_cell(rows: Made, name: str, remarks: list[str]) -> None:
    """Empty the last cell of a table without a last line end, where others of its column speak against it."""
    line = next((line for line in range(len(rows) - 1, 0, -1) if rows[line]), 0)
    row = rows[line]
    place = len(row) - 1
    text = "" if not row or row[place] is None else str(row[place]).strip()
    above = [each for row in rows[1:line] if len(row) > place and (each := str(row[place]).strip())]
    if not above and text:  # the first row: its other cells tell how numbers are written
        above = [str(cell).strip() for cell in row[:place] if _PLAIN.fullmatch(str(cell).strip())]
    told = bool(above) if text else place > 0  # an empty cell stands behind a separator
    if not line or not told or not lastcell.may_be_cut(text, above):
        return
    rows[line] = [*row[:place], None]
    remarks.append(lastcell.doubt(name, line + 1, text))


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


_ENCODINGS = ("gb18030", "big5", "cp932", "cp1252")
"""Of texts that are no Unicode; most bytes are sound in several of them, so what is known of heads decides."""

_LOOKED_AT = 20
"""Lines at the top of a text that tell its separator and encoding."""


def _encoding(data: io.BytesIO, name: str, declared: str) -> str:
    """The encoding that the whole of *data* is sound in, and that makes known words of its first lines."""
    view = data.getbuffer()
    try:
        if declared:
            own = declared.replace("utf-8", "utf-8-sig")
            if _sound(view, own):
                return own
            raise BadFile(f"{name}: is no {declared} text, as folder.toml declares")
        if bytes(view[:2]) in (b"\xff\xfe", b"\xfe\xff") and _sound(view, "utf-16"):
            return "utf-16"
        if (bare := _without_mark(bytes(view[:4096]))) and _sound(view, bare):
            return bare
        if _sound(view, "utf-8-sig"):
            return "utf-8-sig"
        sound = [encoding for encoding in _ENCODINGS if _sound(view, encoding)]
        top = b"\n".join(bytes(view[:4096]).splitlines()[:_LOOKED_AT])
    finally:
        view.release()
    if not sound or b"\0" in top:
        raise BadFile(f"{name}: neither UTF-8 nor GBK text; save it as CSV UTF-8")
    known = {encoding: _known_words(top.decode(encoding, "replace")) for encoding in sound}
    best = max(sound, key=lambda encoding: known[encoding])
    if best == "cp1252" and not known[best]:
        raise BadFile(f"{name}: neither UTF-8 nor GBK text; save it as CSV UTF-8")
    return best


def _without_mark(top: bytes) -> str:
    """UTF-16 that does not say so: every second byte of its separators, digits and ends of lines is 0."""
    for encoding, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, others = top[zero::2].count(0), top[1 - zero :: 2].count(0)
        if zeros > len(top) // 8 and not others:
            return encoding
    return ""


def _sound(view: memoryview, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for place in range(0, len(view), bounds.MEGABYTE):
            decoder.decode(view[place : place + bounds.MEGABYTE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _known_words(text: str) -> int:
    cells = {cell.strip(" \"'") for cell in re.split(r"[,;\t|\n\r ]+", text)}
    return sum(
        not cell.isascii() and (headers.meaning(cell) is not None or symbols.known(cell)) for cell in cells if cell
    )


def _separator(data: io.BytesIO, encoding: str) -> str:
    """What parts the cells: the mark that most of the first lines have, each as often as the next one.

    A title above the table may have commas of its own. Where no mark is in most lines, the first line says.
    """
    data.seek(0)
    lines = io.TextIOWrapper(data, encoding, newline="")
    top = [line for line in itertools.islice(lines, 10 * _LOOKED_AT) if line.strip()][:_LOOKED_AT]
    lines.detach()
    if not top:
        return ","
    bare = [re.sub(r'"[^"]*"', "", line) for line in top]
    first = max(_SEPARATORS, key=bare[0].count) if any(map(bare[0].count, _SEPARATORS)) else ","

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in bare]
        usual = statistics.mode(count for count in counts if count) if any(counts) else 0
        return sum(count == usual for count in counts) if usual else 0, usual

    if score(first)[0] == len(bare) or (len(bare) < 3 and score(first)[0]):
        return first
    best = max(_SEPARATORS, key=score)
    return best if 2 * score(best)[0] > len(bare) else first


_SEPARATORS = "\t|;,"
"""The comma last: in a table that another mark parts it is a decimal sign."""


def _rows(lines: Iterable[str], separator: str, name: str, convert: bool) -> Made:
    rows: Made = []
    cells = 0
    texts: dict[str, str] = {}
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
