"""The sheets of a workbook as rows, read only where what they unpack and spread to is bounded.

A few kilobytes can hold a cell in the last corner of a sheet, and a reader lays out every cell before it; or a text of
megabytes that a million cells show. The reader ends the whole process where memory runs out, so all that is looked at
first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from itertools import pairwise
from typing import IO

from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import oldbooks, percentages
from xlrotation.market.providers.folder.rows import BadFile, Rows, of_object

_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = b"PK\x05\x06"
_END_SPAN = 65_557
"""Bytes in which the end of a zip file must lie, with the longest comment."""

_PIECE = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_ATTRIBUTES = rb"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_PLACED = re.compile(rb'<(?:[\w.-]+:)?(row|c)(?=[\s/>])(?:\s+r="([A-Za-z]{0,3})(\d{1,7})")?(' + _ATTRIBUTES + rb")>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,3})(\d{1,7})\s*["']""")
_ANY_PLACE = re.compile(rb"\sr\s*=")
_SHARED = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>\s*(\d{1,9})\s*</")
_ITEM = re.compile(rb"<(?:[\w.-]+:)?si(?=[\s/>])[^>]*>")

_CURE = "delete what is not needed, the empty rows and columns too, or save it as CSV"


_PLAIN_1904 = re.compile(rb"<(?:[\w.-]+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true)", re.IGNORECASE)

DAYS_1904 = 1462
"""What a serial number of a workbook that counts from 1904 lacks."""


def counts_from_1904(file: IO[bytes]) -> bool:
    """Whether a workbook's serial numbers count from 1904."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            names = {each.lower(): each for each in package.namelist()}
            return bool(_PLAIN_1904.search(package.read(names["xl/workbook.xml"])))
    except (zipfile.BadZipFile, KeyError):
        return False


def read(file: IO[bytes], name: str, hidden: list[str]) -> list[tuple[str, Rows]]:
    """The sheets of a workbook that can be seen: their titles and rows.

    A cell that is shown as a percentage is given as it is shown, as a text table has it.

    Args:
        file: The file, .xlsx or .xls, whatever its name says.
        name: What messages call it.
        hidden: Takes the titles of sheets that cannot be seen: they are no part of what somebody gives.

    Raises:
        BadFile: It is no such workbook, or larger than the bounds.
        Exception: Whatever the reader raises.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    file.seek(0)
    begin = file.read(len(_COMPOUND))
    if file.seek(0, 2) > bounds.PACKED_BYTES:
        raise BadFile(f"{name}: is larger than {bounds.PACKED_BYTES // bounds.MEGABYTE} MB; {_CURE}")
    if begin.startswith(_ZIP):
        _check(file, name)
    elif begin == _COMPOUND:
        file.seek(0)
        oldbooks.check(file.read(bounds.PACKED_BYTES), name)
    else:
        raise BadFile(f"{name}: is no Excel workbook; open it in a spreadsheet and save it as .xlsx or CSV")
    file.seek(0)
    shares = percentages.cells_of(file) if begin.startswith(_ZIP) else {}
    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    found: list[tuple[str, Rows]] = []
    cells = 0
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    for title in book.sheet_names:
        if visible and title not in visible:
            hidden.append(title)
            continue
        sheet = book.get_sheet_by_name(title)
        cells += (sheet.end[0] + 1) * (sheet.end[1] + 1) if sheet.end is not None else 0
        if cells > bounds.BOOK_CELLS:
            raise _too_wide(name, title, cells)
        rows = [list(map(of_object, row)) for row in sheet.to_python(skip_empty_area=False)]
        percentages.write(rows, shares.get(title, ()))
        found.append((title, rows))
    return found


def _too_wide(name: str, sheet: str, cells: int) -> BadFile:
    return BadFile(
        f"{name}, sheet {sheet}: spans {cells:,} cells with those before it, more than {bounds.BOOK_CELLS:,}; {_CURE}"
    )


def _check(file: IO[bytes], name: str) -> None:
    """Refuse a zip file that unpacks or spreads beyond the bounds, or that two readers could read differently."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SPAN))
    if file.read().count(_END) != 1:
        raise BadFile(f"{name}: cannot be read (its end is missing or stands there twice); copy it again")
    try:
        with zipfile.ZipFile(file) as package:
            _check_package(package, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise BadFile(f"{name}: cannot be read ({error}); copy it again") from None


def _check_package(package: zipfile.ZipFile, name: str) -> None:
    parts = package.infolist()
    names = [info.filename.lower() for info in parts]
    if "xl/workbook.xml" not in names or "content.xml" in names or "xl/workbook.bin" in names:
        raise BadFile(f"{name}: is no .xlsx workbook; open it in a spreadsheet and save it as .xlsx")
    if len(set(names)) < len(names):
        raise BadFile(f"{name}: holds the same part twice; open it in a spreadsheet and save it again")
    if sum(info.file_size for info in parts) > bounds.BOOK_BYTES:
        raise BadFile(f"{name}: unpacks to more than {bounds.BOOK_BYTES // bounds.MEGABYTE} MB; {_CURE}")
    total = cells = shown = 0
    lengths: list[int] = []
    for info in sorted(parts, key=lambda info: "sharedstrings" not in info.filename.lower()):
        data = _part(package, info, name)
        total += len(data)
        if total > bounds.BOOK_BYTES:
            raise BadFile(f"{name}: unpacks to more than {bounds.BOOK_BYTES // bounds.MEGABYTE} MB; {_CURE}")
        if b"\0" in data[:200] and info.filename.lower().endswith((".xml", ".rels")):
            raise BadFile(f"{name}, {info.filename}: is no UTF-8 text; open it in a spreadsheet and save it again")
        if b"<sst" in data[:4096] or b":sst" in data[:4096]:
            starts = [match.end() for match in _ITEM.finditer(data)]
            lengths = [end - start for start, end in pairwise([*starts, len(data)])]
        elif b"sheetData" in data:
            cells += _spread(data, f"{name}, {info.filename}")
            if cells > bounds.BOOK_CELLS:
                raise _too_wide(name, info.filename.rpartition("/")[2].removesuffix(".xml"), cells)
            if lengths and max(lengths) * cells > bounds.BOOK_TEXT:
                shown += sum(lengths[int(match[1])] for match in _SHARED.finditer(data) if int(match[1]) < len(lengths))
            if shown > bounds.BOOK_TEXT:
                raise BadFile(f"{name}: its cells hold more than {bounds.BOOK_TEXT:,} characters; {_CURE}")


def _part(package: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """A part, unpacked as far as the bounds: what it says of its size need not be true."""
    where = f"{name}, {info.filename}"
    if info.compress_type not in _METHODS or info.flag_bits & 1:
        raise BadFile(f"{where}: is packed or locked in a way that spreadsheets do not use; save it without a password")
    if info.file_size > bounds.PART_BYTES:
        raise BadFile(f"{where}: unpacks to more than {bounds.PART_BYTES // bounds.MEGABYTE} MB; {_CURE}")
    most = max(bounds.MEGABYTE, bounds.RATIO * info.compress_size)
    data = bytearray()
    with package.open(info) as file:
        while piece := file.read(_PIECE):
            data += piece
            if len(data) > bounds.PART_BYTES:
                raise BadFile(f"{where}: unpacks to more than {bounds.PART_BYTES // bounds.MEGABYTE} MB; {_CURE}")
            if len(data) > most:
                raise BadFile(f"{where}: unpacks to more than {bounds.RATIO} times its size; {_CURE}")
    return bytes(data)


def _spread(data: bytes, where: str) -> int:
    """Cells from the first one of a sheet to the last that holds something, empty ones between them included."""
    row = column = last_row = last_column = 0
    for match in _PLACED.finditer(data):
        kind, letters, digits, rest = match.groups()
        if digits is None or _ANY_PLACE.search(rest):
            places = _PLACE.findall(rest)
            if len(places) != len(_ANY_PLACE.findall(rest)):
                raise BadFile(f"{where}: has a cell whose place cannot be read; save the workbook again")
            places += [(letters, digits)] if digits is not None else []
            if places:
                letters, digits = max(places, key=lambda place: int(place[1]))
                letters = max((each for each, _ in places), key=lambda each: (len(each), each.upper()))
        if kind == b"row":
            row, column = int(digits) if digits is not None else row + 1, 0
            continue
        if digits is None:
            column += 1
        else:
            row, column = int(digits), _column(letters)
        end = match.end()
        if rest.endswith(b"/") or data[end : end + 2] == b"</":
            continue  # no more than a format
        last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row * last_column


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
