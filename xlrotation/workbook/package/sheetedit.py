"""Edit the cells of one worksheet by their bytes and nothing else in it."""

from __future__ import annotations

import datetime as dt
import functools
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Mapping
from math import isfinite

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT, Cell
from xlrotation.hosts import known_as
from xlrotation.workbook.formulas.references import Area, Place, area_name, cell_name, parse_area
from xlrotation.workbook.package.sheetgrammar import SheetCell
from xlrotation.workbook.package.sheetlayout import Cells, Layout, Row
from xlrotation.workbook.package.splice import attributes_of, text_bytes, with_attribute
from xlrotation.workbook.package.transitional import iso_serial

_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Stored = bool | float | str | CellError | None
"""What a cell holds in a file."""


class SheetEditor:
    """A worksheet whose formula cells get new values.

    Args:
        layout: The worksheet, which stays as it is.
        strings: Gives the workbook's shared strings.
        keep_formulas: Whether formulas stay.
        date1904: Whether the workbook counts days from 1904.

    Attributes:
        data: The part as it was.
    """

    def __init__(
        self, layout: Layout, strings: Callable[[], list[str]], keep_formulas: bool, date1904: bool = False
    ) -> None:
        self.data = layout.data
        self._layout = layout
        self._strings = strings
        self._keep = keep_formulas
        self._date1904 = date1904
        self._prefix = layout.prefix
        self._end = b"</" + layout.prefix + b"c>"
        self._value = b"<" + layout.prefix + b"v>", b"</" + layout.prefix + b"v>"
        self._rows, self._by_number = layout.rows, layout.by_number
        self._changed: set[Row] = set()
        self._raws: dict[SheetCell, bytes] = {}  # the cells that change, as they stand then
        self._now: dict[SheetCell, object] = {}  # and what they show then
        self._fresh: dict[Row, dict[int, SheetCell]] = {}  # cells that the sheet does not have, by column

    def apply(self, values: Mapping[Place, Cell], anchors: Mapping[Place, Place], kept: Collection[Place] = ()) -> None:
        """Write *values*, but those at *kept*, which the sheet holds already.

        *anchors* are the cells whose formulas fill several, with the last cell of each.
        """
        self._anchors = anchors
        for place, filled in self._layout.filled.items():
            if place not in values:  # a formula does not fill it any more
                self._render(*filled, None, b"")
        by_number, cells_of = self._by_number, self._layout.cells
        for place, value in values.items():
            if place in kept:
                continue
            row = by_number.get(place[0])
            cell = None if row is None else (row.held or cells_of(row)).cells.get(place[1])
            held = value if isinstance(value, float) and isfinite(value) else _held(value)
            if row is None or cell is None:
                if held is not None and held != "":
                    self._write_new(place, held)
            elif cell.formula and not self._keep:
                self._render(row, cell, held, b"")
            elif not (cell.known == held and isinstance(held, float)) and not _same(self._stored(cell), held):
                self._render(row, cell, held, cell.formula)
        if self._keep:
            self._fit_spills(anchors)
        else:
            self._drop_formulas()

    def values(self, area: Area) -> list[object]:
        """The values of cells, row by row: numbers, texts, truth values, or None."""
        by_number, cells_of, now = self._by_number, self._layout.cells, self._now
        columns = range(area.column, area.last_column + 1)
        found: list[object] = []
        for number in range(area.row, area.last_row + 1):
            row = by_number.get(number)
            cells = {} if row is None else cells_of(row).cells
            if row in self._fresh:
                cells = cells | self._fresh[row]
            for column in columns:
                cell = cells.get(column)
                found.append(None if cell is None else now[cell] if cell in now else _shown(self._stored(cell)))
        return found

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """The part as it is now: what stands before the cells, the cells, and what stands behind them."""
        data, position, end = self.data, self._layout.begin, self._layout.end
        before, behind = data[:position], data[end:]
        if self._fresh:
            before = self._widened(before)
        pieces = []
        for row in self._rows:
            if row in self._changed:
                pieces.append(data[position : row.start])
                pieces += self._pieces(row)
                position = row.end
        pieces.append(data[position:end])
        cells = b"".join(pieces)
        if cells and behind[:1] != b"<":  # <sheetData/>, seen as before="<sheetData", behind="/>..."
            before, behind = before + b">", b"</" + self._prefix + b"sheetData>" + behind.partition(b"/>")[2]
        return before, cells, behind

    def _pieces(self, row: Row) -> list[bytes]:
        """A row as it is now."""
        head, order, cells, tail = self._layout.cells(row)
        if row in self._fresh:
            order, cells = _with(order, self._fresh[row]), cells | self._fresh[row]
            head = with_attribute(head, "spans", None)  # a hint, which may be left out
            head = head.removesuffix(b"/>") + b">" if head.endswith(b"/>") else head
        raw_of = self._raws.get
        pieces = [head]
        for column in order:
            cell = cells[column]
            pieces += cell.lead, raw_of(cell) or cell.raw
        pieces.append(tail or b"</" + self._prefix + b"row>")
        return pieces

    def _fit_spills(self, anchors: Mapping[Place, Place]) -> None:
        """Let formulas that spill name the cells that they fill now."""
        for row, column, cell, tag, _, dynamic in self._layout.arrays:
            place = row.number, column
            if place in anchors or dynamic:
                area = Area(None, *place, *anchors.get(place, place))
                reference = cell_name(*place) if area.is_cell else area_name(area)
                if (fitted := with_attribute(tag, "ref", reference)) != tag:
                    self._raws[cell] = self._raws.get(cell, cell.raw).replace(tag, fitted, 1)
                    self._changed.add(row)

    def _drop_formulas(self) -> None:
        for row, _, cell in self._layout.formulas:
            if cell not in self._raws:
                self._render(row, cell, self._stored(cell), b"")

    def _stored(self, cell: SheetCell) -> Stored:
        """What a cell holds; texts as files write them."""
        number = cell.known if cell.known is not None else cell.number()
        if number is not None:
            return number
        kind, text = cell.kind, cell.text()
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

    def _render(self, row: Row, cell: SheetCell, value: Stored, formula: bytes) -> None:
        """Give a cell a value and a formula; its other attributes and children stay."""
        self._changed.add(row)
        tag = cell.marked if formula else cell.bare
        if isinstance(value, float):
            self._now[cell] = value
            begin, end = self._value
            number = number_text(value).encode()
            self._raws[cell] = b"".join((tag, b">", formula, begin, number, end, cell.further, self._end))
            return
        self._now[cell] = None if value == "" else _shown(value)
        kind, body = self._body(value, formula)
        if kind is not None:
            tag += b' t="%b"' % kind
        body = formula + body + cell.further
        self._raws[cell] = tag + b">" + body + self._end if body else tag + b"/>"

    def _body(self, value: bool | int | str | CellError | None, formula: bytes) -> tuple[bytes | None, bytes]:
        """The type of a value, and how it stands in its cell: a text beside its formula, or in the cell itself."""
        p = self._prefix
        if value is None or (value == "" and not formula):
            return None, b""
        if isinstance(value, str) and not formula:
            return b"inlineStr", b'<%bis><%bt xml:space="preserve">%b</%bt></%bis>' % (p, p, text_bytes(value), p, p)
        if isinstance(value, bool):
            kind, text = b"b", str(int(value))
        elif isinstance(value, int):
            kind, text = None, number_text(value)
        elif isinstance(value, CellError):
            kind, text = b"e", value.value
        else:
            kind, text = b"str", value
        return kind, b"<%bv>%b</%bv>" % (p, text_bytes(text), p)

    def _write_new(self, place: Place, value: Stored) -> None:
        """Write a cell that the sheet does not have."""
        number, column = place
        row = self._by_number.get(number) or self._new_row(number)
        tag = b'<%bc r="%b"' % (self._prefix, cell_name(number, column).encode())
        style_from = self._anchor_of.get(place)
        style = None if style_from is None else attributes_of(self._layout.grammar.tag(style_from.raw)).get("s")
        if style:
            tag += f' s="{style}"'.encode()
        cell = self._fresh.setdefault(row, {})[column] = SheetCell(b"", b"", tag, tag)
        self._render(row, cell, value, b"")

    @functools.cached_property
    def _anchor_of(self) -> dict[Place, SheetCell]:
        """The cells whose formulas fill several, by each that they fill."""
        found = {}
        for (number, column), (last_row, last_column) in self._anchors.items():
            row = self._layout.by_number.get(number)
            anchor = None if row is None else self._layout.cells(row).cells.get(column)
            if anchor is not None:
                for r in range(number, last_row + 1):
                    found.update({(r, c): anchor for c in range(column, last_column + 1)})
        return found

    def _new_row(self, number: int) -> Row:
        if self._rows is self._layout.rows:
            self._rows, self._by_number = list(self._rows), dict(self._by_number)
            self._numbers = list(self._layout.numbers)
        place = bisect_left(self._numbers, number)
        later = self._by_number[self._numbers[place]] if place < len(self._numbers) else None
        here = later.start if later is not None else self._rows[-1].end if self._rows else self._layout.begin
        row = Row(number, here, here, Cells(b'<%brow r="%d">' % (self._prefix, number), (), {}, b""))
        self._rows.insert(self._rows.index(later) if later is not None else len(self._rows), row)
        insort(self._numbers, number)
        self._by_number[number] = row
        return row

    def _widened(self, before: bytes) -> bytes:
        """What stands before the cells, with the sheet's dimension as it is now."""
        match = self._layout.grammar.dimension.search(before)
        area = parse_area(attributes_of(match[0]).get("ref", "")) if match else None
        if match is None or area is None:
            return before
        rows = [row.number for row in self._fresh]
        columns = [column for cells in self._fresh.values() for column in cells]
        first = min(area.row, *rows), min(area.column, *columns)
        now = Area(None, *first, max(area.last_row, *rows), max(area.last_column, *columns))
        return before[: match.start()] + with_attribute(match[0], "ref", area_name(now)) + before[match.end() :]


@functools.lru_cache(2**13)
def number_text(value: float) -> str:
    """A number as files write it."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _held(value: Cell) -> Stored:
    """A value as a file holds it."""
    if isinstance(value, float):
        return value if isfinite(value) else CellError.NUM
    if isinstance(value, str):
        return _file_text(value)
    if isinstance(value, CellError):
        return known_as(value)  # another needs metadata of its own in a file; Excel writes #VALUE! beside it
    if isinstance(value, dt.date):
        raise TypeError("a date reaches a sheet as its serial number")
    return value


def _same(stored: Stored, value: Stored) -> bool:
    """Whether a cell holds *value* already."""
    if isinstance(stored, bool) or isinstance(value, bool):
        return stored is value
    return stored == value


def _shown(value: Stored) -> object:
    """What a chart shows of a value that a cell holds."""
    return None if isinstance(value, CellError) else value


def _with(order: Iterable[int], fresh: Iterable[int]) -> tuple[int, ...]:
    """The columns of a row and further ones, each before the first that stands to the right of it."""
    found = list(order)
    for column in fresh:
        found.insert(next((i for i, c in enumerate(found) if c > column), len(found)), column)
    return tuple(found)


def _file_text(text: str) -> str:
    """*text* as files write it: without what XML cannot hold, and with what reads like an escape escaped."""
    if len(text) <= MAX_TEXT and "_x" not in text and text.isprintable():
        return text
    return _ESCAPE.sub("_x005F_", _UNHELD.sub("\ufffd", text[:MAX_TEXT]))
