"""Cells of a workbook that are shown as percentages: 0.0412 in a cell that reads 4.12%.

What a reader gives of such a cell is its number without its format, a hundredth of what its owner sees.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable
from typing import IO

from xlrotation.market.providers.folder.rows import Rows

_BUILT_IN = frozenset((9, 10))
"""Numbers of the formats 0% and 0.00%."""

_FORMAT = re.compile(rb"<(?:[\w.-]+:)?numFmt\b([^>]*)>")
_STYLES = re.compile(rb"<(?:[\w.-]+:)?cellXfs\b.*?</(?:[\w.-]+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:[\w.-]+:)?xf\b([^>]*)>")
_ROW_OR_CELL = re.compile(rb"<(?:[\w.-]+:)?(row|c)(\s[^>]*)?>")
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:[\w.-]+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_DIGITS = 12
"""Of a percentage, as many as a hundred times a number has."""

Place = tuple[int, int]


def cells_of(file: IO[bytes]) -> dict[str, list[Place]]:
    """Row and column of every cell with a format of percentages, by the title of its sheet."""
    file.seek(0)
    with zipfile.ZipFile(file) as package:
        names = {name.lower(): name for name in package.namelist()}
        if "xl/styles.xml" not in names:
            return {}
        styles = _styles(package.read(names["xl/styles.xml"]))
        if not styles:
            return {}
        found = {}
        for title, part in _sheets(package, names):
            if part.lower() in names:
                found[title] = _places(package.read(names[part.lower()]), styles)
        return found


def write(rows: Rows, places: Iterable[Place]) -> None:
    """Write the numbers in *places* as they are shown."""
    for row, column in places:
        if row < len(rows) and column < len(rows[row]):
            value = rows[row][column]
            if isinstance(value, float):
                rows[row][column] = f"{value * 100:.{_DIGITS}g}%"


def _attributes(text: bytes) -> dict[str, str]:
    return {
        key.decode("utf-8", "replace").rpartition(":")[2]: (one or other).decode("utf-8", "replace")
        for key, one, other in _ATTRIBUTE.findall(text)
    }


def _styles(data: bytes) -> frozenset[int]:
    """The styles of cells whose format shows a percentage."""
    formats = set(_BUILT_IN)
    for match in _FORMAT.finditer(data):
        said = _attributes(match[1])
        code = re.sub(r'\\.|"[^"]*"|&quot;.*?&quot;|\[[^\]]*\]', "", said.get("formatCode", ""))
        if "%" in code and said.get("numFmtId", "").isdigit():
            formats.add(int(said["numFmtId"]))
    block = _STYLES.search(data)
    if block is None:
        return frozenset()
    numbers = [_attributes(match[1]).get("numFmtId", "0") for match in _STYLE.finditer(block[0])]
    return frozenset(place for place, number in enumerate(numbers) if number.isdigit() and int(number) in formats)


def _sheets(package: zipfile.ZipFile, names: dict[str, str]) -> list[tuple[str, str]]:
    """Title and part of each sheet."""
    relations = names.get("xl/_rels/workbook.xml.rels")
    if relations is None:
        return []
    targets = {}
    for match in _RELATION.finditer(package.read(relations)):
        said = _attributes(match[1])
        target = said.get("Target", "")
        targets[said.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = []
    for match in _SHEET.finditer(package.read(names["xl/workbook.xml"])):
        said = _attributes(match[1])
        if said.get("id") in targets:
            found.append((html.unescape(said.get("name", "")), targets[said["id"]]))
    return found


def _places(data: bytes, styles: frozenset[int]) -> list[Place]:
    wanted = b"|".join(str(style).encode() for style in sorted(styles))
    cell = re.compile(rb"""<(?:[\w.-]+:)?c\s([^>]*\bs\s*=\s*["'](?:%s)["'][^>]*)>""" % wanted)
    places = [_attributes(match[1]) for match in cell.finditer(data)]
    if not all("r" in said for said in places):
        return _counted(data, styles)
    return [place for said in places if (place := _place(said["r"])) is not None]


def _place(text: str) -> Place | None:
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _counted(data: bytes, styles: frozenset[int]) -> list[Place]:
    """As :func:`_places`, of a sheet whose cells do not say where they are: each follows the one before it."""
    found = []
    row, column = -1, -1
    for match in _ROW_OR_CELL.finditer(data):
        said = _attributes(match[2] or b"")
        if match[1] == b"row":
            row, column = int(said["r"]) - 1 if said.get("r", "").isdigit() else row + 1, -1
            continue
        place = _place(said.get("r", ""))
        row, column = place if place is not None else (row, column + 1)
        if said.get("s", "").isdigit() and int(said["s"]) in styles:
            found.append((row, column))
    return found
