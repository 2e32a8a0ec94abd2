"""Edit the cells of one worksheet by their bytes and nothing else in it."""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterator, Mapping

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT, Cell
from xlrotation.hosts import known_as
from xlrotation.workbook.formulas.references import Area, Place, area_name, cell_name, parse_area
from xlrotation.workbook.package.sheetgrammar import EditedCell, Grammar
from xlrotation.workbook.package.splice import attributes_of, check, plain_xml, text_bytes, with_attribute
from xlrotation.workbook.package.transitional import iso_serial

_ROOT = re.compile(rb"<([\w.-]+:)?(?:worksheet|dialogsheet|macrosheet)[\s>]")
_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class SheetEditor:
    """A worksheet whose formula cells get new values.

    Args:
        data: The part.
        strings: Gives the workbook's shared strings.
        keep_formulas: Whether formulas stay.
        date1904: Whether the workbook counts days from 1904.

    Attributes:
        data: The part as it was.

    Raises:
        ValueError: The part is no worksheet.
    """

    def __init__(
        self, data: bytes, strings: Callable[[], list[str]], keep_formulas: bool, date1904: bool = False
    ) -> None:
        check(data)
        self.data = data = plain_xml(data, tidy=True)
        self._strings = strings
        self._keep = keep_formulas
        self._date1904 = date1904
        root = _ROOT.search(data)
        if root is None:
            raise ValueError("is no worksheet")
        self._prefix = root[1] or b""
        self._grammar = Grammar(self._prefix)
        self._begin, self._end = self._find_cells()
        self._rows: list[_Row] = []
        number = 0
        for match in self._grammar.row.finditer(data, self._begin, self._end):
            stated = self._grammar.number.search(match[1])
            number = int(stated[1]) if stated else number + 1
            self._rows.append(_Row(number, match.start(), match.end()))
        self._by_number = {row.number: row for row in self._rows}
        self._numbers = sorted(self._by_number)
        self._fresh: list[Place] = []

    def apply(self, values: Mapping[Place, Cell], anchors: Mapping[Place, Place], kept: Collection[Place] = ()) -> None:
        """Write *values*, but those at *kept*, which the sheet holds already.

        *anchors* are the cells whose formulas fill several, with the last cell of each.
        """
        self._clear_old_spills(values)
        style_of: dict[Place, EditedCell] = {}
        for (row, column), (last_row, last_column) in anchors.items():
            anchor = self._cell(row, column)
            if anchor is not None:
                for r in range(row, last_row + 1):
                    style_of.update({(r, c): anchor for c in range(column, last_column + 1)})
        for place, value in values.items():
            if place in kept:
                continue
            self._write(place, value, style_of.get(place))
        if self._keep:
            self._fit_spills(anchors)
        else:
            self._drop_formulas()

    def value(self, row: int, column: int) -> object:
        """The value of a cell: a number, a text, a truth value, or None."""
        cell = self._cell(row, column)
        stored = None if cell is None else self._stored(cell)
        return None if isinstance(stored, CellError) else stored

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """The part as it is now: what stands before the cells, the cells, and what stands behind them."""
        before, behind = self.data[: self._begin], self.data[self._end :]
        if self._fresh:
            before = self._widened(before)
        pieces, position = [], self._begin
        for row in self._rows:
            pieces.append(self.data[position : row.start])
            pieces.append(self.data[row.start : row.end] if row.cells is None else row.render(self._prefix))
            position = row.end
        pieces.append(self.data[position : self._end])
        cells = b"".join(pieces)
        if cells and behind[:1] != b"<":  # <sheetData/>, seen as before="<sheetData", behind="/>..."
            before, behind = before + b">", b"</" + self._prefix + b"sheetData>" + behind.partition(b"/>")[2]
        return before, cells, behind

    def _find_cells(self) -> tuple[int, int]:
        match = self._grammar.data.search(self.data)
        if match is None:
            raise ValueError("has no cells (sheetData)")
        if match[0].endswith(b"/>"):
            return match.end() - 2, match.end() - 2
        return match.end(), self.data.index(b"</" + self._prefix + b"sheetData", match.end())

    def _parsed(self, row: _Row) -> dict[int, EditedCell]:
        if row.cells is None:
            row.parse(self.data, self._grammar)
        assert row.cells is not None
        return row.cells

    def _cell(self, row: int, column: int) -> EditedCell | None:
        found = self._by_number.get(row)
        return None if found is None else self._parsed(found).get(column)

    def _with_formulas(self) -> Iterator[tuple[Place, EditedCell, bytes]]:
        """The cells that have formulas, each with the formula as the part has it."""
        starts = [row.start for row in self._rows]
        places = (match.start() for match in self._grammar.formula_start.finditer(self.data, self._begin, self._end))
        for place in dict.fromkeys(bisect_right(starts, start) - 1 for start in places):
            row = self._rows[place]
            for column, cell in self._parsed(row).items():
                if formula := self._grammar.formula_of(cell):
                    yield (row.number, column), cell, formula

    def _clear_old_spills(self, values: Mapping[Place, Cell]) -> None:
        """Empty the cells that a formula filled when the workbook was saved and does not fill now."""
        for _, _, formula in list(self._with_formulas()):
            tag = self._grammar.tag(formula)
            if b"array" not in tag and b"&" not in tag:
                continue
            described = attributes_of(tag)
            area = parse_area(described.get("ref", "")) if described.get("t") == "array" else None
            if area is None:
                continue
            for row in range(area.row, area.last_row + 1):
                for column in range(area.column, area.last_column + 1):
                    other = self._cell(row, column)
                    if other is None or (row, column) in values or self._grammar.formula_of(other):
                        continue
                    if self._grammar.holds(other):
                        self._render(other, None, b"")

    def _fit_spills(self, anchors: Mapping[Place, Place]) -> None:
        """Let formulas that spill name the cells that they fill now."""
        for place, cell, formula in self._with_formulas():
            tag = self._grammar.tag(formula)
            if attributes_of(tag).get("t") != "array":
                continue
            if place in anchors or "cm" in attributes_of(self._grammar.tag(cell.raw)):
                area = Area(None, *place, *anchors.get(place, place))
                reference = cell_name(*place) if area.is_cell else area_name(area)
                fitted = with_attribute(tag, "ref", reference) + formula[len(tag) :]
                cell.raw = cell.raw.replace(formula, fitted, 1)

    def _drop_formulas(self) -> None:
        for _, cell, _ in list(self._with_formulas()):
            self._render(cell, self._stored(cell), b"")

    def _write(self, place: Place, value: Cell, style_from: EditedCell | None) -> None:
        if isinstance(value, dt.date):
            raise TypeError("a date reaches a sheet as its serial number")
        if isinstance(value, float) and not math.isfinite(value):
            value = CellError.NUM
        if isinstance(value, CellError):
            value = known_as(value)  # another needs metadata of its own in a file; Excel writes #VALUE! beside it
        elif isinstance(value, str):
            value = _file_text(value)
        cell = self._cell(*place)
        if cell is None:
            if value is None or value == "":
                return
            cell = self._new_cell(place, style_from)
        formula = self._grammar.formula_of(cell)
        if formula and not self._keep:
            self._render(cell, value, b"")
        elif not _same(self._stored(cell), value):
            self._render(cell, value, formula)

    def _stored(self, cell: EditedCell) -> bool | float | str | CellError | None:
        """What a cell holds; texts as files write them."""
        kind, text = self._grammar.content(cell)
        if kind == "inlineStr" or text is None:
            return text
        try:
            if kind == "d":
                return iso_serial(text, self._date1904)
            if kind == "s":
                return self._strings()[int(text)]
            if kind == "e":
                return CellError(text)
            return text if kind == "str" else text.strip() in ("1", "true") if kind == "b" else float(text)
        except (ValueError, IndexError):
            return None

    def _render(self, cell: EditedCell, value: bool | float | str | CellError | None, formula: bytes) -> None:
        """Give a cell a value and a formula; its other attributes and children stay."""
        kind, body = self._body(value, formula)
        tag, further = self._grammar.untyped(cell, keep_metadata=bool(formula))
        if kind is not None:
            tag += b' t="%b"' % kind.encode()
        body = formula + body + further
        cell.raw = tag + b">" + body + b"</" + self._prefix + b"c>" if body else tag + b"/>"

    def _body(self, value: bool | float | str | CellError | None, formula: bytes) -> tuple[str | None, bytes]:
        """The type of a value, and how it stands in its cell: a text beside its formula, or in the cell itself."""
        p = self._prefix
        if value is None or (value == "" and not formula):
            return None, b""
        if isinstance(value, bool):
            kind, text = "b", str(int(value))
        elif isinstance(value, CellError):
            kind, text = "e", value.value
        elif isinstance(value, str) and not formula:
            held = b'<%bt xml:space="preserve">%b</%bt>' % (p, text_bytes(value), p)
            return "inlineStr", b"<%bis>%b</%bis>" % (p, held, p)
        elif isinstance(value, str):
            kind, text = "str", value
        else:
            return None, b"<%bv>%b</%bv>" % (p, number_text(value).encode(), p)
        return kind, b"<%bv>%b</%bv>" % (p, text_bytes(text), p)

    def _new_cell(self, place: Place, style_from: EditedCell | None) -> EditedCell:
        number, column = place
        row = self._by_number.get(number) or self._new_row(number)
        raw = b'<%bc r="%b"' % (self._prefix, cell_name(number, column).encode())
        style = attributes_of(self._grammar.tag(style_from.raw)).get("s") if style_from is not None else None
        if style:
            raw += f' s="{style}"'.encode()
        cell = EditedCell(b"", raw + b"/>")
        row.insert(column, cell, self.data, self._grammar)
        self._fresh.append(place)
        return cell

    def _new_row(self, number: int) -> _Row:
        place = bisect_left(self._numbers, number)
        later = self._by_number[self._numbers[place]] if place < len(self._numbers) else None
        here = later.start if later is not None else self._rows[-1].end if self._rows else self._begin
        row = _Row(number, here, here, b'<%brow r="%d">' % (self._prefix, number), {})
        self._rows.insert(self._rows.index(later) if later is not None else len(self._rows), row)
        insort(self._numbers, number)
        self._by_number[number] = row
        return row

    def _widened(self, before: bytes) -> bytes:
        """What stands before the cells, with the sheet's dimension as it is now."""
        match = self._grammar.dimension.search(before)
        area = parse_area(attributes_of(match[0]).get("ref", "")) if match else None
        if match is None or area is None:
            return before
        rows, columns = [row for row, _ in self._fresh], [column for _, column in self._fresh]
        first = min(area.row, *rows), min(area.column, *columns)
        now = Area(None, *first, max(area.last_row, *rows), max(area.last_column, *columns))
        return before[: match.start()] + with_attribute(match[0], "ref", area_name(now)) + before[match.end() :]


class _Row:
    """A row; its cells are looked at when somebody asks for them."""

    __slots__ = ("_order", "_tail", "cells", "end", "head", "number", "start")

    def __init__(
        self, number: int, start: int, end: int, head: bytes = b"", cells: dict[int, EditedCell] | None = None
    ) -> None:
        self.number, self.start, self.end, self.head, self.cells = number, start, end, head, cells
        self._order: list[int] = []
        self._tail = b""

    def parse(self, data: bytes, grammar: Grammar) -> None:
        """Find the cells."""
        raw = data[self.start : self.end]
        self.head = grammar.tag(raw)
        self.cells = {}
        position, column = len(self.head), 0
        for match in grammar.cell.finditer(raw, position):
            column = grammar.column(match) or column + 1
            self.cells[column] = EditedCell(raw[position : match.start()], match[0], match)
            self._order.append(column)
            position = match.end()
        self._tail = raw[position:]

    def insert(self, column: int, cell: EditedCell, data: bytes, grammar: Grammar) -> None:
        """Put a new cell where it belongs."""
        if self.cells is None:
            self.parse(data, grammar)
        assert self.cells is not None
        place = next((i for i, other in enumerate(self._order) if other > column), len(self._order))
        self._order.insert(place, column)
        self.cells[column] = cell
        self.head = with_attribute(self.head, "spans", None)  # a hint, which may be left out

    def render(self, prefix: bytes) -> bytes:
        """The row as it is now."""
        assert self.cells is not None
        cells = b"".join(self.cells[column].lead + self.cells[column].raw for column in self._order)
        if not cells:
            return self.head + self._tail
        head = self.head.removesuffix(b"/>") + b">" if self.head.endswith(b"/>") else self.head
        return head + cells + (self._tail or b"</" + prefix + b"row>")


def number_text(value: float) -> str:
    """A number as files write it."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _same(stored: object, value: Cell) -> bool:
    """Whether a cell holds *value* already."""
    if isinstance(stored, bool) or isinstance(value, bool):
        return stored is value
    return stored == value


def _file_text(text: str) -> str:
    """*text* as files write it: without what XML cannot hold, and with what reads like an escape escaped."""
    return _ESCAPE.sub("_x005F_", _UNHELD.sub("\ufffd", text[:MAX_TEXT]))
