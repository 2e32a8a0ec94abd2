"""Edit the cells of one worksheet's XML and nothing else in it."""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_left, insort
from collections.abc import Mapping

from lxml import etree

from xlrotation.errors import CellError
from xlrotation.workbook.engine import Cell
from xlrotation.workbook.references import Area, area_name, cell_name, parse_area

Place = tuple[int, int]

MAX_TEXT = 32_767
"""Characters that a cell can hold."""

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_FILES = {CellError.SPILL: CellError.VALUE, CellError.CALC: CellError.VALUE}
"""Errors that a file can hold only with metadata of their own; Excel writes #VALUE! beside it."""


class SheetEditor:
    """A worksheet whose formula cells get new values.

    Attributes:
        root: The XML, edited in place.
        changed: Whether anything was.
    """

    def __init__(self, root: etree._Element, strings: list[str], keep_formulas: bool) -> None:
        self.root = root
        self.changed = False
        self._strings = strings
        self._keep = keep_formulas
        self._namespace = etree.QName(root).namespace
        self._cells: dict[Place, etree._Element] = {}
        self._rows: dict[int, etree._Element] = {}
        self._columns: dict[int, list[int]] = {}
        data = root.find("{*}sheetData")
        self._data = data if data is not None else etree.SubElement(root, self._tag("sheetData"))
        self._index()
        self._numbers = sorted(self._rows)

    def apply(self, values: Mapping[Place, Cell], anchors: Mapping[Place, Place]) -> None:
        """Write *values*; *anchors* are the cells whose formulas fill several, with the last cell of each."""
        self._clear_old_spills(values)
        style_of: dict[Place, etree._Element] = {}
        for (row, column), (last_row, last_column) in anchors.items():
            anchor = self._cells.get((row, column))
            if anchor is not None:
                for r in range(row, last_row + 1):
                    style_of.update({(r, c): anchor for c in range(column, last_column + 1)})
        before = len(self._cells)
        for place, value in values.items():
            self._write(place, value, style_of.get(place))
        if len(self._cells) > before:
            self._widen_dimension()
        if self._keep:
            self._fit_spills(anchors)
        else:
            self._drop_formulas()

    def value(self, row: int, column: int) -> object:
        """The value of a cell: a number, a text, a truth value, or None."""
        cell = self._cells.get((row, column))
        if cell is None:
            return None
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return "".join(t.text or "" for t in cell.iter("{*}t"))
        element = cell.find("{*}v")
        text = element.text if element is not None else None
        if text is None or kind in ("e", "d"):
            return None
        try:
            return self._strings[int(text)] if kind == "s" else text if kind == "str" else _number(text, kind)
        except (ValueError, IndexError):
            return None

    def _index(self) -> None:
        number = 0
        for row in self._data.iterchildren("{*}row"):
            number = int(row.get("r") or number + 1)
            self._rows[number] = row
            columns = self._columns.setdefault(number, [])
            column = 0
            for cell in row.iterchildren("{*}c"):
                area = parse_area(cell.get("r") or "")
                column = area.column if area else column + 1
                self._cells[number, column] = cell
                columns.append(column)
            columns.sort()

    def _clear_old_spills(self, values: Mapping[Place, Cell]) -> None:
        """Empty the cells that a formula filled when the workbook was saved and does not fill now."""
        for cell in list(self._cells.values()):
            formula = cell.find("{*}f")
            area = parse_area(formula.get("ref") or "") if formula is not None and formula.get("t") == "array" else None
            if area is None:
                continue
            for row in range(area.row, area.last_row + 1):
                for column in range(area.column, area.last_column + 1):
                    other = self._cells.get((row, column))
                    if other is not None and (row, column) not in values and other.find("{*}f") is None:
                        self._empty(other)

    def _fit_spills(self, anchors: Mapping[Place, Place]) -> None:
        """Let formulas that spill name the cells that they fill now."""
        for place, cell in self._cells.items():
            formula = cell.find("{*}f")
            if formula is None or formula.get("t") != "array":
                continue
            if place in anchors or cell.get("cm") is not None:
                area = Area(None, *place, *anchors.get(place, place))
                formula.set("ref", cell_name(*place) if area.is_cell else area_name(area))
                self.changed = True

    def _drop_formulas(self) -> None:
        for cell in self._cells.values():
            formulas = cell.findall("{*}f")
            for formula in formulas:
                cell.remove(formula)
                self.changed = True
            self._drop_attribute(cell, "cm")
            if cell.get("t") == "str":  # the type of a formula's text; a cell without formula holds its text inline
                element = cell.find("{*}v")
                text = element.text if element is not None else ""
                self._empty(cell)
                self._inline(cell, text or "")

    def _write(self, place: Place, value: Cell, style_from: etree._Element | None) -> None:
        cell = self._cells.get(place)
        if cell is None:
            if value is None or value == "":
                return
            cell = self._new_cell(place, style_from)
        formula = cell.find("{*}f") if self._keep else None
        self._empty(cell)
        if isinstance(value, bool):
            self._typed(cell, "b", str(int(value)))
        elif isinstance(value, int | float) and math.isfinite(value):
            self._typed(cell, None, number_text(value))
        elif isinstance(value, int | float):
            self._typed(cell, "e", CellError.NUM.value)
        elif isinstance(value, CellError):
            self._typed(cell, "e", _NOT_IN_FILES.get(value, value).value)
        elif isinstance(value, dt.date):
            raise TypeError("a date reaches a sheet as its serial number")
        elif value is not None and formula is not None:
            self._typed(cell, "str", _file_text(value))
        elif value:
            self._inline(cell, _file_text(value))
        self.changed = True

    def _typed(self, cell: etree._Element, kind: str | None, text: str) -> None:
        if kind is not None:
            cell.set("t", kind)
        etree.SubElement(cell, self._tag("v")).text = text

    def _inline(self, cell: etree._Element, text: str) -> None:
        """Hold a text in the cell itself; *text* is as files write it."""
        if not text:
            return
        cell.set("t", "inlineStr")
        holder = etree.SubElement(etree.SubElement(cell, self._tag("is")), self._tag("t"))
        holder.text = text
        holder.set(_SPACE, "preserve")

    def _empty(self, cell: etree._Element) -> None:
        self._drop_attribute(cell, "t")
        self._drop_attribute(cell, "vm")
        for tag in ("{*}v", "{*}is"):
            for element in cell.findall(tag):
                cell.remove(element)
        self.changed = True

    def _drop_attribute(self, element: etree._Element, name: str) -> None:
        if element.get(name) is not None:
            del element.attrib[name]
            self.changed = True

    def _new_cell(self, place: Place, style_from: etree._Element | None) -> etree._Element:
        number, column = place
        row = self._rows.get(number)
        if row is None:
            row = self._new_row(number)
        cell = etree.Element(self._tag("c"), r=cell_name(number, column))
        if style_from is not None and style_from.get("s"):
            cell.set("s", str(style_from.get("s")))
        columns = self._columns[number]
        position = bisect_left(columns, column)
        if position < len(columns):
            self._cells[number, columns[position]].addprevious(cell)
        elif columns:
            self._cells[number, columns[-1]].addnext(cell)
        else:
            row.insert(0, cell)
        columns.insert(position, column)
        self._drop_attribute(row, "spans")
        self._cells[place] = cell
        return cell

    def _new_row(self, number: int) -> etree._Element:
        row = etree.Element(self._tag("row"), r=str(number))
        position = bisect_left(self._numbers, number)
        if position < len(self._numbers):
            self._rows[self._numbers[position]].addprevious(row)
        else:
            self._data.append(row)
        insort(self._numbers, number)
        self._rows[number] = row
        self._columns[number] = []
        return row

    def _widen_dimension(self) -> None:
        dimension = self.root.find("{*}dimension")
        if dimension is None:
            return
        rows = [row for row, columns in self._columns.items() if columns]
        first = min(columns[0] for columns in self._columns.values() if columns)
        last = max(columns[-1] for columns in self._columns.values() if columns)
        dimension.set("ref", area_name(Area(None, min(rows), first, max(rows), last)))

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}" if self._namespace else name


def number_text(value: float) -> str:
    """A number as files write it."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _number(text: str, kind: str) -> object:
    return text == "1" if kind == "b" else float(text)


def _file_text(text: str) -> str:
    """*text* as files write it: without what XML cannot hold, and with what reads like an escape escaped."""
    clean = "".join(
        c if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) not in (0xFFFE, 0xFFFF) else "\ufffd"
        for c in text[:MAX_TEXT]
    )
    return _ESCAPE.sub("_x005F_", clean)
