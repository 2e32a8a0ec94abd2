"""The part of a worksheet that evaluation reads: its cells with formulas, and what stands around the cells."""

from __future__ import annotations

import re

from xlrotation.workbook.splice import plain_xml

_CELLS = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?=[\s>])[^>]*(?<!/)>")


def without_plain_cells(data: bytes) -> bytes:
    """A worksheet's bytes, only with the cells that hold a formula; large sheets then need little memory.

    Where the cells do not all say where they stand, or the part is unusual, everything stays.
    """
    data = plain_xml(data, tidy=True)
    match = _CELLS.search(data)
    if match is None:
        return data
    prefix = match[1]
    end = data.rfind(b"</" + prefix + b"sheetData", match.end())
    if end < 0:
        return data
    kept: list[bytes] = []
    place = match.end()
    closing = b"</" + prefix + b"c>"
    opening = re.compile(rb"<%bc\s" % prefix)
    for formula in re.compile(rb"<%bf(?=[\s/>])" % prefix).finditer(data, match.end(), end):
        if formula.start() < place:
            continue  # inside of the cell before
        start = data.rfind(b"<" + prefix + b"c ", place, formula.start())
        stop = data.find(closing, formula.start(), end)
        if start < 0 or stop < 0 or len(opening.findall(data, start, formula.start())) != 1:
            return data
        place = stop + len(closing)
        kept.append(data[start:place])
    row = b"<" + prefix + b"row>", b"</" + prefix + b"row>"
    return b"".join((data[: match.end()], row[0], *kept, row[1], data[end:]))
