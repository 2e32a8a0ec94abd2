"""Which sheets of a workbook are printed, and the copy that is.

A sheet is a page of the report where a defined name of the sheet's own says so: ``report_page``, TRUE. A workbook in
which none does is printed whole.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from xlrotation.errors import BadWorkbook
from xlrotation.workbook.output.export import write_package
from xlrotation.workbook.output.folding import folded, unused_rows, without_folded
from xlrotation.workbook.package.book import read_book
from xlrotation.workbook.package.parts import Package
from xlrotation.workbook.package.splice import Edits, Element, parse, plain_xml

_DRAWING = re.compile(r"/drawings/drawing\d*\.xml$")

PAGE = "report_page"
"""The name of a sheet that is a page of the report."""

REPORT, ALL = "report", "all"
"""What is printed: the pages of the report, or every sheet that is not hidden."""

_CHECKED = 1_000_000
"""Letters of a workbook that are looked at for the fonts that they need."""


def report_pages(path: Path) -> list[str]:
    """The sheets that are pages of the report, in their order; empty where none is marked.

    Raises:
        BadWorkbook: The workbook cannot be read.
    """
    package = Package(path)
    try:
        _, root = _workbook(package)
        return [sheet.get("name") for number, sheet in enumerate(_sheets(root)) if number in _marked(root)]
    finally:
        package.close()


def printed_copy(path: Path, target: Path) -> Path:
    """Write a copy of which only the pages of the report are shown, without the rows that are not in use.

    Returns *path* itself where no page is marked.

    Raises:
        BadWorkbook: The workbook cannot be read.
        RotationError: The copy cannot be written.
    """
    package = Package(path)
    try:
        data, root = _workbook(package)
        marked, sheets = _marked(root), _sheets(root)
        shown = [n for n, sheet in enumerate(sheets) if n in marked and sheet.get("state") in ("", "visible")]
        if not shown:
            return path
        edits = Edits(data)
        for number, sheet in enumerate(sheets):
            if number not in shown and sheet.get("state") in ("", "visible"):
                edits.set(sheet, {"state": "hidden"})
        for name in root.iter("definedName"):  # LibreOffice prints the print area of a sheet that is hidden, too
            local = name.get("localSheetId")
            if name.get("name") == "_xlnm.Print_Area" and local.isdigit() and int(local) not in shown:
                edits.remove(name)
        for view in root.iter("workbookView"):  # the sheet in front must be one that is shown
            edits.set(view, {"activeTab": str(shown[0]), "firstSheet": None})
        parts = _folded_parts(package, root, [(n, sheets[n].get("name")) for n in shown])
        return write_package(package, {package.workbook_part: edits.apply(), **parts}, target)
    finally:
        package.close()


def _folded_parts(package: Package, root: Element, shown: Sequence[tuple[int, str]]) -> dict[str, bytes | None]:
    """The sheets that have rows which are not in use, without them, by their parts."""
    named: dict[int, dict[str, str]] = {number: {} for number, _ in shown}
    for name in root.iter("definedName"):
        if name.get("localSheetId").isdigit() and (names := named.get(int(name.get("localSheetId")))) is not None:
            names[name.get("name").lower()] = name.text
    if not any("fold_" in name for names in named.values() for name in names):
        return {}
    book = read_book(package.path)
    made: dict[str, bytes | None] = {}
    for number, sheet in shown:
        if rows := unused_rows(book, named[number]):
            part = package.sheets[sheet]
            try:
                made[part] = folded(package.read(part), rows)
                for drawing in filter(_DRAWING.search, package.relations(part).values()):
                    part = drawing
                    made[part] = without_folded(package.read(part), rows)
            except ValueError as error:
                raise BadWorkbook(f"{package.path}: {part} is no well-formed XML ({error})") from None
    return made


def texts_of(path: Path) -> list[str]:
    """The texts of the sheets that are not hidden, up to a bound.

    Raises:
        BadWorkbook: The workbook cannot be read.
    """
    package = Package(path)
    try:
        _, root = _workbook(package)
        shown = {sheet.get("name") for sheet in _sheets(root) if sheet.get("state") in ("", "visible")}
    finally:
        package.close()
    found, left = [], _CHECKED
    for sheet in read_book(path).sheets:
        for value in sheet.values.values() if sheet.name in shown else ():
            if isinstance(value, str) and left > 0:
                found.append(value[:left])
                left -= len(value)
    return found


def _workbook(package: Package) -> tuple[bytes, Element]:
    try:
        data = plain_xml(package.read(package.workbook_part))
        return data, parse(data)
    except ValueError as error:
        name = posixpath.basename(package.workbook_part)
        raise BadWorkbook(f"{package.path}: {name} is no well-formed XML ({error})") from None


def _sheets(root: Element) -> list[Element]:
    return [sheet for sheets in root.iter("sheets") for sheet in sheets.children]


def _marked(root: Element) -> set[int]:
    names = [name for name in root.iter("definedName") if name.get("name").lower() == PAGE]
    return {
        int(name.get("localSheetId"))
        for name in names
        if name.get("localSheetId").isdigit() and name.text.strip().upper() in ("TRUE", "1")
    }
