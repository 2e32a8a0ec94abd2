"""Edit the cells of one worksheet's XML and nothing else in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from lxml import etree

from xlrotation.errors import CellError
from xlrotation.workbook.engine import Cell
from xlrotation.workbook.references import cell_name, parse_area

Place = tuple[int, int]
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


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
        data = root.find("{*}sheetData")
        self._data = data if data is not None else etree.SubElement(root, self._tag("sheetData"))
        self._index()

    def apply(self, values: Mapping[Place, Cell], anchors: Mapping[Place, Place]) -> None:
        """Write *values*; *anchors* are the cells whose formulas fill several, with the last cell of each."""
        self._clear_old_spills(values)
        style_of: dict[Place, etree._Element] = {}
        for (row, column), (last_row, last_column) in anchors.items():
            anchor = self._cells.get((row, column))
            if anchor is not None:
                for r in range(row, last_row + 1):
                    style_of.update({(r, c): anchor for c in range(column, last_column + 1)})
        for place, value in values.items():
            self._write(place, value, style_of.get(place))
        if self._keep:
            for place, last in anchors.items():
                formula = self._cells[place].find("{*}f")
                if formula is not None and formula.get("t") == "array":
                    formula.set("ref", f"{cell_name(*place)}:{cell_name(*last)}")
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
        if text is None or kind == "e":
            return None
        if kind == "s":
            return self._strings[int(text)] if int(text) < len(self._strings) else None
        return text if kind == "str" else text == "1" if kind == "b" else float(text)

    def _index(self) -> None:
        row_number = 0
        for row in self._data.iterchildren("{*}row"):
            row_number = int(row.get("r") or row_number + 1)
            self._rows[row_number] = row
            column = 0
            for cell in row.iterchildren("{*}c"):
                area = parse_area(cell.get("r") or "")
                column = area.column if area else column + 1
                self._cells[row_number, column] = cell

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

    def _drop_formulas(self) -> None:
        for cell in self._cells.values():
            for formula in cell.findall("{*}f"):
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
        elif isinstance(value, int | float):
            self._typed(cell, None, repr(value))
        elif isinstance(value, CellError):
            self._typed(cell, "e", value.value)
        elif isinstance(value, dt.date):
            raise TypeError("a date reaches a sheet as its serial number")
        elif value is not None and formula is not None:
            self._typed(cell, "str", value)
        elif value:
            self._inline(cell, value)
        self.changed = True

    def _typed(self, cell: etree._Element, kind: str | None, text: str) -> None:
        if kind is not None:
            cell.set("t", kind)
        etree.SubElement(cell, self._tag("v")).text = _xml_text(text)

    def _inline(self, cell: etree._Element, text: str) -> None:
        cell.set("t", "inlineStr")
        holder = etree.SubElement(etree.SubElement(cell, self._tag("is")), self._tag("t"))
        holder.text = _xml_text(text)
        holder.set(_SPACE, "preserve")

    def _empty(self, cell: etree._Element) -> None:
        self._drop_attribute(cell, "t")
        for tag in ("{*}v", "{*}is"):
            for element in cell.findall(tag):
                cell.remove(element)
        self.changed = True

    def _drop_attribute(self, element: etree._Element, name: str) -> None:
        if element.get(name) is not None:
            del element.attrib[name]
            self.changed = True

    def _new_cell(self, place: Place, style_from: etree._Element | None) -> etree._Element:
        row_number, column = place
        row = self._rows.get(row_number)
        if row is None:
            row = etree.Element(self._tag("row"), r=str(row_number))
            later = [number for number in self._rows if number > row_number]
            if later:
                self._rows[min(later)].addprevious(row)
            else:
                self._data.append(row)
            self._rows[row_number] = row
        cell = etree.Element(self._tag("c"), r=cell_name(row_number, column))
        if style_from is not None and style_from.get("s"):
            cell.set("s", str(style_from.get("s")))
        after = [c for r, c in self._cells if r == row_number and c > column]
        if after:
            self._cells[row_number, min(after)].addprevious(cell)
        else:
            row.append(cell)
        self._drop_attribute(row, "spans")
        self._cells[place] = cell
        return cell

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}" if self._namespace else name


def _xml_text(text: str) -> str:
    """*text* without what XML cannot hold: control characters and lone surrogates."""
    return "".join(
        c if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) not in (0xFFFE, 0xFFFF) else "\ufffd"
        for c in text
    )
