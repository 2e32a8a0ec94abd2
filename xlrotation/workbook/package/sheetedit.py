"""Edit the cells of one worksheet by their bytes and nothing else in it."""

from __future__ import annotations

import datetime as dt
import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterator, Mapping
from html import unescape

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT, Cell
from xlrotation.hosts import known_as
from xlrotation.workbook.formulas.references import Area, Place, area_name, cell_name, parse_area
from xlrotation.workbook.package.splice import attributes_of, check, plain_xml, text_bytes, with_attribute
from xlrotation.workbook.package.transitional import iso_serial

_TAG = rb"""(?=[\s/>])[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>"""
"""What follows the name in a start tag."""
_ROOT = re.compile(rb"<([\w.-]+:)?(?:worksheet|dialogsheet|macrosheet)[\s>]")
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
        self._grammar = _Grammar(self._prefix)
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
        style_of: dict[Place, _Cell] = {}
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

    def _parsed(self, row: _Row) -> dict[int, _Cell]:
        if row.cells is None:
            row.parse(self.data, self._grammar)
        assert row.cells is not None
        return row.cells

    def _cell(self, row: int, column: int) -> _Cell | None:
        found = self._by_number.get(row)
        return None if found is None else self._parsed(found).get(column)

    def _with_formulas(self) -> Iterator[tuple[Place, _Cell, bytes]]:
        """The cells that have formulas, each with the formula as the part has it."""
        starts = [row.start for row in self._rows]
        places = (match.start() for match in self._grammar.formula_start.finditer(self.data, self._begin, self._end))
        for place in dict.fromkeys(bisect_right(starts, start) - 1 for start in places):
            row = self._rows[place]
            for column, cell in self._parsed(row).items():
                if match := self._grammar.formula.search(cell.raw):
                    yield (row.number, column), cell, match[0]

    def _clear_old_spills(self, values: Mapping[Place, Cell]) -> None:
        """Empty the cells that a formula filled when the workbook was saved and does not fill now."""
        for _, _, formula in list(self._with_formulas()):
            described = attributes_of(self._grammar.tag(formula))
            area = parse_area(described.get("ref", "")) if described.get("t") == "array" else None
            if area is None:
                continue
            for row in range(area.row, area.last_row + 1):
                for column in range(area.column, area.last_column + 1):
                    other = self._cell(row, column)
                    if other is None or (row, column) in values or self._grammar.formula.search(other.raw):
                        continue
                    if self._grammar.value.search(other.raw) or self._grammar.text.search(other.raw):
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

    def _write(self, place: Place, value: Cell, style_from: _Cell | None) -> None:
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
        match = self._grammar.formula.search(cell.raw)
        if match and not self._keep:
            self._render(cell, value, b"")
        elif not _same(self._stored(cell), value):
            self._render(cell, value, match[0] if match else b"")

    def _stored(self, cell: _Cell) -> bool | float | str | CellError | None:
        """What a cell holds; texts as files write them."""
        kind = attributes_of(self._grammar.tag(cell.raw)).get("t", "n")
        if kind == "inlineStr":
            return "".join(unescape(content.decode()) for _, content in self._grammar.text.findall(cell.raw))
        match = self._grammar.value.search(cell.raw)
        text = unescape(match[2].decode()) if match and match[2] else None
        if text is None:
            return None
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

    def _render(self, cell: _Cell, value: bool | float | str | CellError | None, formula: bytes) -> None:
        """Give a cell a value and a formula; its other attributes and children stay."""
        tag = self._grammar.tag(cell.raw)
        for attribute in ("t", "vm", *(() if formula else ("cm",))):
            tag = with_attribute(tag, attribute, None)
        kind, body = self._body(value, formula)
        if kind is not None:
            tag = with_attribute(tag, "t", kind)
        body = formula + body + b"".join(self._grammar.further.findall(cell.raw))
        tag = tag.removesuffix(b"/>").removesuffix(b">").rstrip()
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

    def _new_cell(self, place: Place, style_from: _Cell | None) -> _Cell:
        number, column = place
        row = self._by_number.get(number) or self._new_row(number)
        raw = b'<%bc r="%b"' % (self._prefix, cell_name(number, column).encode())
        style = attributes_of(self._grammar.tag(style_from.raw)).get("s") if style_from is not None else None
        if style:
            raw += f' s="{style}"'.encode()
        cell = _Cell(b"", raw + b"/>")
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


class _Grammar:
    """How the elements of a worksheet look whose names have a prefix, or none."""

    def __init__(self, prefix: bytes) -> None:
        p = re.escape(prefix)

        def element(name: bytes) -> re.Pattern[bytes]:
            """A start tag that closes itself, or one with content up to the end tag."""
            whole = rb"(<%b%b%b)(?:(?<=/>)|(.*?)</%b%b\s*>)" % (p, name, _TAG, p, name)
            return re.compile(whole, re.DOTALL)

        self.row = element(b"row")
        self.cell = element(b"c")
        self.formula = element(b"f")
        self.value = element(b"v")
        self.text = element(b"t")
        self.further = re.compile(rb"<%bextLst[\s>].*</%bextLst\s*>" % (p, p), re.DOTALL)
        self.formula_start = re.compile(rb"<%bf(?=[\s/>])" % p)
        self.dimension = re.compile(rb"<%bdimension%b" % (p, _TAG))
        self.data = re.compile(rb"<%bsheetData%b" % (p, _TAG))
        self.number = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
        self._tag = re.compile(rb"<[^\s/>]+%b" % _TAG)

    def tag(self, raw: bytes) -> bytes:
        """The start tag of an element."""
        match = self._tag.match(raw)
        assert match is not None
        return match[0]


class _Cell:
    """A cell: the bytes before it, and its own."""

    __slots__ = ("lead", "raw")

    def __init__(self, lead: bytes, raw: bytes) -> None:
        self.lead, self.raw = lead, raw


class _Row:
    """A row; its cells are looked at when somebody asks for them."""

    __slots__ = ("_order", "_tail", "cells", "end", "head", "number", "start")

    def __init__(
        self, number: int, start: int, end: int, head: bytes = b"", cells: dict[int, _Cell] | None = None
    ) -> None:
        self.number, self.start, self.end, self.head, self.cells = number, start, end, head, cells
        self._order: list[int] = []
        self._tail = b""

    def parse(self, data: bytes, grammar: _Grammar) -> None:
        """Find the cells."""
        raw = data[self.start : self.end]
        self.head = grammar.tag(raw)
        self.cells = {}
        position, column = len(self.head), 0
        for match in grammar.cell.finditer(raw, position):
            area = parse_area(attributes_of(grammar.tag(match[0])).get("r", ""))
            column = area.column if area else column + 1
            self.cells[column] = _Cell(raw[position : match.start()], match[0])
            self._order.append(column)
            position = match.end()
        self._tail = raw[position:]

    def insert(self, column: int, cell: _Cell, data: bytes, grammar: _Grammar) -> None:
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
    clean = "".join(
        c if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) not in (0xFFFE, 0xFFFF) else "\ufffd"
        for c in text[:MAX_TEXT]
    )
    return _ESCAPE.sub("_x005F_", clean)
