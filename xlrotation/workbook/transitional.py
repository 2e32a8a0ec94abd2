"""What the evaluation cannot read of strict OOXML, as it can: other namespaces, and dates as text in cells."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from xlrotation import guard
from xlrotation.workbook.package import Package
from xlrotation.workbook.zipcopy import copy_zip

_NAMES = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
    b"http://purl.oclc.org/ooxml/officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
}
_DATED = re.compile(
    rb"""(<(?:[\w.-]+:)?c\s[^>]*?)\st=["']d["']([^>]*>(?:(?!</).)*?<(?:[\w.-]+:)?v>)([^<]*)(<)""", re.DOTALL
)
_EPOCHS = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}


def iso_serial(text: str, date1904: bool) -> float | None:
    """The serial number of a date or time as strict files write it; None where it is none."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment.replace(tzinfo=None) - _EPOCHS[date1904]) / dt.timedelta(days=1)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Path]:
    """A copy of a workbook, for a moment, that says the same in the transitional form.

    Raises:
        BadWorkbook: It is no workbook.
    """
    package = Package(path)
    try:
        parts = _parts(package)
        with guard.scratch("xlrotation-book-") as folder:
            copy = folder / path.name
            with copy.open("wb") as file:
                copy_zip(package.zip, parts, file)
            yield copy
    finally:
        package.close()


def _parts(package: Package) -> dict[str, bytes | None]:
    changed: dict[str, bytes | None] = {}
    for name in package.zip.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        data = before = package.read(name)
        if package.strict:
            for old, new in _NAMES.items():
                data = data.replace(old, new)
        if b't="d"' in data or b"t='d'" in data:
            data = _DATED.sub(lambda match: _numbered(match, package.date1904), data)
        if data != before:
            changed[name] = data
    return changed


def _numbered(match: re.Match[bytes], date1904: bool) -> bytes:
    serial = iso_serial(match[3].decode(), date1904)
    return match[0] if serial is None else match[1] + match[2] + repr(serial).encode() + match[4]
