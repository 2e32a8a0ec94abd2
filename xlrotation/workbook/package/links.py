"""What a workbook keeps of other workbooks: the values that its formulas read when it was saved."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.workbook.package.elements import stored_number
from xlrotation.workbook.package.parts import Package

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Values = dict[tuple[int, int], bool | float | str | CellError | None]


def linked_sheets(package: Package) -> Iterator[tuple[str, str, Values]]:
    """The sheets of other workbooks that values are kept of: the number of the workbook, the sheet, its cells.

    Raises:
        BadWorkbook: A part cannot be read.
    """
    targets = package.relations(package.workbook_part)
    names = set(package.zip.namelist())
    for number, item in enumerate(package.tree(package.workbook_part).iter("{*}externalReference"), 1):
        identity = next((str(value) for key, value in item.attrib.items() if str(key).endswith("}id")), "")
        part = targets.get(identity)
        if part not in names:
            continue
        root = package.tree(str(part))
        titles = [str(title.get("val") or "") for title in root.iter("{*}sheetName")]
        for data in root.iter("{*}sheetData"):
            place = str(data.get("sheetId") or "")
            if place.isdigit() and int(place) < len(titles) and data.get("refreshError") not in ("1", "true"):
                yield str(number), titles[int(place)], dict(_cells(data))


def _cells(data: Any) -> Iterator[tuple[tuple[int, int], bool | float | str | CellError | None]]:
    for cell in data.iter("{*}cell"):
        match = _CELL.fullmatch(str(cell.get("r") or ""))
        value = cell.find("{*}v")
        if match is None or value is None:
            continue
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        text, kind = value.text or "", cell.get("t", "n")
        place = int(match[2]), column
        if kind == "str":
            yield place, text
        elif kind == "b":
            yield place, text.strip() in ("1", "true")
        elif kind == "e":
            yield place, CELL_ERRORS.get(text.strip(), CellError.VALUE)
        else:
            with contextlib.suppress(ValueError):
                yield place, stored_number(text)
