"""Edit the cells of one worksheet by their bytes and nothing else in it."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Mapping

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


class _Changes:
    """What becomes of a row.

    Attributes:
        raws: The cells that change, by column.
        values: What they hold then.
        order: The columns of all its cells; None where none is new.
    """

    __slots__ = ("order", "raws", "values")

    def __init__(self) -> None:
        self.raws: dict[int, bytes] = {}
        self.values: dict[int, Stored] = {}
        self.order: list[int] | None = None


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
        self._number = b"<" + layout.prefix + b"v>", b"</" + layout.prefix + b"v>"
        self._rows, self._by_number = layout.rows, layout.by_number
        self._changes: dict[Row, _Changes] = {}
        self._fresh: list[Place] = []

    def apply(self, values: Mapping[Place, Cell], anchors: Mapping[Place, Place], kept: Collection[Place] = ()) -> None:
        """Write *values*, but those at *kept*, which the sheet holds already.

        *anchors* are the cells whose formulas fill several, with the last cell of each.
        """
        self._anchors = anchors
        for row, column, cell in self._layout.filled:
            if (row.number, column) not in values:  # a formula does not fill it any more
                self._render(row, column, cell, None, b"")
        for place, value in values.items():
            if place not in kept:
                self._write(place, value)
        if self._keep:
            self._fit_spills(anchors)
        else:
            self._drop_formulas()

    def value(self, row: int, column: int) -> object:
        """The value of a cell: a number, a text, a truth value, or None."""
        found = self._by_number.get(row)
        if found is None:
            return None
        changes = self._changes.get(found)
        if changes is not None and column in changes.values:
            stored = changes.values[column]
            return None if isinstance(stored, CellError) or stored == "" else stored
        cell = self._layout.cells(found).cells.get(column)
        stored = None if cell is None else self._stored(cell)
        return None if isinstance(stored, CellError) else stored

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """The part as it is now: what stands before the cells, the cells, and what stands behind them."""
        data, position, end = self.data, self._layout.begin, self._layout.end
        before, behind = data[:position], data[end:]
        if self._fresh:
            before = self._widened(before)
        pieces = []
        for row in self._rows:
            if (changes := self._changes.get(row)) is not None:
                pieces += [data[position : row.start], self._changed(self._layout.cells(row), changes)]
                position = row.end
        pieces.append(data[position:end])
        cells = b"".join(pieces)
        if cells and behind[:1] != b"<":  # <sheetData/>, seen as before="<sheetData", behind="/>..."
            before, behind = before + b">", b"</" + self._prefix + b"sheetData>" + behind.partition(b"/>")[2]
        return before, cells, behind

    def _changed(self, row: Cells, changes: _Changes) -> bytes:
        """A row as it is now."""
        raws, cells, head = changes.raws, row.cells, row.head
        pieces = []
        for column in row.order if changes.order is None else changes.order:
            cell = cells.get(column)
            if cell is not None and cell.lead:
                pieces.append(cell.lead)
            raw = raws.get(column)
            pieces.append(raw if raw is not None else cells[column].raw)
        if changes.order is not None:
            head = with_attribute(head, "spans", None)  # a hint, which may be left out
            head = head.removesuffix(b"/>") + b">" if head.endswith(b"/>") else head
        return b"".join((head, *pieces, row.tail or b"</" + self._prefix + b"row>"))

    def _fit_spills(self, anchors: Mapping[Place, Place]) -> None:
        """Let formulas that spill name the cells that they fill now."""
        for row, column, cell, tag, _, dynamic in self._layout.arrays:
            place = row.number, column
            if place in anchors or dynamic:
                area = Area(None, *place, *anchors.get(place, place))
                reference = cell_name(*place) if area.is_cell else area_name(area)
                if (fitted := with_attribute(tag, "ref", reference)) != tag:
                    raws = self._changes_of(row).raws
                    raws[column] = raws.get(column, cell.raw).replace(tag, fitted, 1)

    def _drop_formulas(self) -> None:
        for row, column, cell in self._layout.formulas:
            if column not in self._changes_of(row).raws:
                self._render(row, column, cell, self._stored(cell), b"")

    def _write(self, place: Place, value: Cell) -> None:
        number, column = place
        held = _held(value)
        row = self._by_number.get(number)
        cell = None if row is None else self._layout.cells(row).cells.get(column)
        if row is None or cell is None:
            if held is not None and held != "":
                self._write_new(place, held)
        elif cell.formula and not self._keep:
            self._render(row, column, cell, held, b"")
        elif not _same(self._stored(cell), held):
            self._render(row, column, cell, held, cell.formula)

    def _stored(self, cell: SheetCell) -> Stored:
        """What a cell holds; texts as files write them."""
        kind = cell.kind
        if kind == "n" and (number := cell.number()) is not None:
            return number
        text = cell.text()
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

    def _changes_of(self, row: Row) -> _Changes:
        changes = self._changes.get(row)
        if changes is None:
            changes = self._changes[row] = _Changes()
        return changes

    def _render(self, row: Row, column: int, cell: SheetCell, value: Stored, formula: bytes) -> None:
        """Give a cell a value and a formula; its other attributes and children stay."""
        changes = self._changes_of(row)
        changes.values[column] = value
        tag = cell.marked if formula else cell.bare
        if isinstance(value, float | int) and not isinstance(value, bool):
            begin, end = self._number
            text = number_text(value).encode()
            changes.raws[column] = b"".join((tag, b">", formula, begin, text, end, cell.further, self._end))
            return
        kind, body = self._body(value, formula)
        if kind is not None:
            tag += b' t="%b"' % kind.encode()
        body = formula + body + cell.further
        changes.raws[column] = tag + b">" + body + self._end if body else tag + b"/>"

    def _body(self, value: bool | str | CellError | None, formula: bytes) -> tuple[str | None, bytes]:
        """The type of a value, and how it stands in its cell: a text beside its formula, or in the cell itself."""
        p = self._prefix
        if value is None or (value == "" and not formula):
            return None, b""
        if isinstance(value, str) and not formula:
            held = b'<%bt xml:space="preserve">%b</%bt>' % (p, text_bytes(value), p)
            return "inlineStr", b"<%bis>%b</%bis>" % (p, held, p)
        if isinstance(value, bool):
            kind, text = "b", str(int(value))
        elif isinstance(value, CellError):
            kind, text = "e", value.value
        else:
            kind, text = "str", value
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
        changes = self._changes_of(row)
        if changes.order is None:
            changes.order = list(self._layout.cells(row).order)
        changes.order.insert(next((i for i, c in enumerate(changes.order) if c > column), len(changes.order)), column)
        self._render(row, column, SheetCell(b"", b"", tag, tag), value, b"")
        self._fresh.append(place)

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
        rows, columns = [row for row, _ in self._fresh], [column for _, column in self._fresh]
        first = min(area.row, *rows), min(area.column, *columns)
        now = Area(None, *first, max(area.last_row, *rows), max(area.last_column, *columns))
        return before[: match.start()] + with_attribute(match[0], "ref", area_name(now)) + before[match.end() :]


def number_text(value: float) -> str:
    """A number as files write it."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _held(value: Cell) -> Stored:
    """A value as a file holds it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else CellError.NUM
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


def _file_text(text: str) -> str:
    """*text* as files write it: without what XML cannot hold, and with what reads like an escape escaped."""
    if len(text) <= MAX_TEXT and "_x" not in text and text.isprintable():
        return text
    return _ESCAPE.sub("_x005F_", _UNHELD.sub("\ufffd", text[:MAX_TEXT]))
