"""Lookups and references."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from xlrotation.errors import CellError
from xlrotation.workbook.interpreter import (
    Areas,
    Frame,
    Ref,
    Rows,
    Unsupported,
    all_rows,
    evaluate,
    noted,
    read,
    ref_parts,
)
from xlrotation.workbook.natives.mathematics import wildcard
from xlrotation.workbook.natives.registry import Thunk, native
from xlrotation.workbook.references import MAX_COLUMN, MAX_ROW, column_letters
from xlrotation.workbook.syntax import FormulaError, Name, Reference, Structured, parse
from xlrotation.workbook.values import NA, VALUE, Fault, Value, compared, rank_of, to_bool, to_number, to_text


def _column_index(frame: Frame, rows: Rows, column: int) -> tuple[dict[object, int], bool]:
    """Where each value of a column stands first, and whether it holds texts; kept while the rows are the same."""
    key = ("index", id(rows), column)
    kept = frame.machine.exact.get(key)
    if kept is not None and kept[0] is rows:
        return kept[1]  # type: ignore[no-any-return]
    places: dict[object, int] = {}
    for place, row in enumerate(rows):
        value = row[column]
        if value is not None:
            places.setdefault(_key(value), place)
    found = (places, any(isinstance(item, tuple) for item in places))
    frame.machine.exact[key] = (rows, found)
    return found


def _key(value: Value) -> object:
    if isinstance(value, str):
        return ("t", value.lower())
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, CellError):
        return ("e", value)
    return value


def _exact(frame: Frame, wanted: Value, rows: Rows, column: int, wild: bool = True) -> int | None:
    """The place of the first value that equals *wanted*."""
    if isinstance(wanted, str) and wild and any(mark in wanted for mark in "*?~"):
        pattern = wildcard(wanted)
        assert pattern is not None
        for place, row in enumerate(rows):
            if isinstance(row[column], str) and pattern.fullmatch(row[column]):
                return place
        return None
    return _column_index(frame, rows, column)[0].get(_key(0.0 if wanted is None else wanted))


def below(values: Sequence[Value], wanted: Value) -> int | None:
    """The place of the last value that is not above *wanted*, in values that rise; others than its kind are skipped.

    Halving, as spreadsheets do it, so that values out of order give what they give there.
    """
    kind = rank_of(wanted)
    low, high = -1, len(values)
    while high - low > 1:
        middle = low + (high - low) // 2
        place = middle
        while place < high and not _comparable(values[place], kind):
            place += 1
        if place == high:
            high = middle
            continue
        order = compared(values[place], wanted)
        if order == 0:
            last = place
            for later in range(place + 1, high):
                if not _comparable(values[later], kind) or compared(values[later], wanted) != 0:
                    break
                last = later
            return last
        if order < 0:
            low = place
        elif place != middle and place == high - 1:
            high = middle
        else:
            high = place
    return None if low < 0 else low


def _comparable(value: Value, kind: int) -> bool:
    return value is not None and not isinstance(value, CellError) and rank_of(value) == kind


def _lookup_value(wanted: Value) -> Value:
    if isinstance(wanted, CellError):
        raise Fault(wanted)
    return 0.0 if wanted is None else wanted


def _table(frame: Frame, value: Value) -> Rows:
    if isinstance(value, CellError):
        raise Fault(value)
    if isinstance(value, Areas):
        raise Fault(VALUE)
    return all_rows(value, frame)


@native("VLOOKUP", "VAN?V")
def _vlookup(frame: Frame, wanted: Value, table: Value, column: float, near: Value = True) -> Value:
    if isinstance(table, str):
        return VALUE
    rows = _table(frame, table)
    wanted = _lookup_value(wanted)
    number = int(column)
    if number < 1:
        return VALUE
    if number > len(rows[0]) or (isinstance(table, Ref) and number > table.right - table.left + 1):
        if isinstance(table, Ref) and number <= table.right - table.left + 1:
            return 0.0
        return CellError.REF
    if near is not None and to_bool(near):
        place = below(_first_column(frame, rows), wanted)
    else:
        place = _exact(frame, wanted, rows, 0)
    if place is None:
        return NA
    return rows[place][number - 1]


def _first_column(frame: Frame, rows: Rows) -> list[Value]:
    key = ("column", id(rows))
    kept = frame.machine.exact.get(key)
    if kept is None or kept[0] is not rows:
        kept = (rows, [row[0] for row in rows])
        frame.machine.exact[key] = kept
    return kept[1]


@native("HLOOKUP", "VAN?V")
def _hlookup(frame: Frame, wanted: Value, table: Value, row: float, near: Value = True) -> Value:
    if isinstance(table, str):
        return VALUE
    rows = _table(frame, table)
    wanted = _lookup_value(wanted)
    number = int(row)
    if number < 1:
        return VALUE
    if number > len(rows):
        return CellError.REF
    if near is not None and to_bool(near):
        place = below(rows[0], wanted)
    else:
        place = _exact(frame, wanted, [[value] for value in rows[0]], 0)
    return NA if place is None else rows[number - 1][place]


def _line(value: Value, frame: Frame) -> list[Value]:
    """A row or a column as a list."""
    rows = _table(frame, value)
    if len(rows) == 1:
        return rows[0]
    if len(rows[0]) == 1:
        return _first_column(frame, rows)
    raise Fault(NA)


@native("LOOKUP", "VA?A")
def _lookup(frame: Frame, wanted: Value, values: Value, results: Value = None) -> Value:
    wanted = _lookup_value(wanted)
    rows = _table(frame, values)
    if results is None:
        if len(rows[0]) > len(rows):
            place = below(rows[0], wanted)
            return NA if place is None else rows[-1][place]
        place = below([row[0] for row in rows], wanted)
        return NA if place is None else rows[place][-1]
    first = rows[0] if len(rows[0]) > len(rows) else [row[0] for row in rows]
    place = below(first, wanted)
    if place is None:
        return NA
    if isinstance(results, Ref):
        ref = results
        if ref.left == ref.right or ref.bottom - ref.top > ref.right - ref.left:
            return frame.machine.world.get(ref.sheet, ref.top + place, ref.left)
        return frame.machine.world.get(ref.sheet, ref.top, ref.left + place)
    line = _line(results, frame)
    return line[place] if place < len(line) else NA


@native("MATCH", "VA?N")
def _match(frame: Frame, wanted: Value, values: Value, kind: float = 1.0) -> Value:
    wanted = _lookup_value(wanted)
    rows = _table(frame, values)
    if len(rows) > 1 and len(rows[0]) > 1:
        return NA
    place: int | None
    if kind == 0:
        if len(rows) == 1:
            rows = [[value] for value in rows[0]]
        place = _exact(frame, wanted, rows, 0)
    elif kind > 0:
        place = below(_line(values, frame), wanted)
    else:
        place = None
        for i, value in enumerate(_line(values, frame)):
            if not _comparable(value, rank_of(wanted)):
                continue
            order = compared(value, wanted)
            if order < 0:
                break
            place = i
            if order == 0:
                break
    return NA if place is None else place + 1.0


def _searched(wanted: Value, line: list[Value], mode: int, search: int) -> int | None:
    """The place that XMATCH finds."""
    if mode not in (-1, 0, 1, 2) or search not in (-2, -1, 1, 2):
        raise Fault(VALUE)
    if mode == 2 and abs(search) == 2:
        raise Fault(VALUE)
    if mode == 2 and isinstance(wanted, str):
        pattern = wildcard(wanted)
        places = range(len(line)) if search > 0 else range(len(line) - 1, -1, -1)
        for i in places:
            value = line[i]
            if isinstance(value, str) and (pattern.fullmatch(value) if pattern else value.lower() == wanted.lower()):
                return i
        return None
    key = _key("" if wanted is None else wanted)
    places = range(len(line)) if search > 0 else range(len(line) - 1, -1, -1)
    blank = wanted is None
    for i in places:
        value = line[i]
        if (value is None and blank) or (value is not None and _key(value) == key):
            return i
    if mode in (-1, 1) and not blank:
        best: int | None = None
        for i in places:
            value = line[i]
            if value is None or isinstance(value, CellError):
                continue
            order = compared(value, wanted)
            if order == mode and (best is None or compared(value, line[best]) == -mode):
                best = i
        return best
    return None


def _xline(value: Value, frame: Frame) -> list[Value]:
    rows = _table(frame, value)
    if isinstance(value, Ref) and value.size > 100_000:
        return _first_column(frame, rows) if value.left == value.right else rows[0]
    if len(rows) == 1:
        return rows[0]
    if len(rows[0]) == 1:
        return _first_column(frame, rows)
    raise Fault(VALUE)


@native("XMATCH", "VA?NN")
def _xmatch(frame: Frame, wanted: Value, values: Value, mode: float = 0.0, search: float = 1.0) -> Value:
    if isinstance(wanted, CellError):
        return wanted
    line = _xline(values, frame)
    if mode == 0 and search == 1 and wanted is not None and isinstance(values, Ref) and values.left == values.right:
        quick = _exact(frame, wanted, all_rows(values, frame), 0, wild=False)
        return NA if quick is None else quick + 1.0
    place = _searched(wanted, line, int(mode), int(search) or 1)
    return NA if place is None else place + 1.0


@native("XLOOKUP", "AAA?LNN")
def _xlookup(
    frame: Frame,
    wanted: Value,
    values: Value,
    results: Value,
    other: Thunk | None = None,
    mode: float = 0.0,
    search: float = 1.0,
) -> Value:
    wanted = read(wanted, frame, True)
    rows = _table(frame, values)
    line = _xline(values, frame)
    search = search or 1.0
    down = len(rows) > 1 or (isinstance(values, Ref) and values.bottom > values.top) or len(rows[0]) == 1
    shape = _extent(results, frame)
    if (shape[0] if down else shape[1]) != (_extent(values, frame)[0] if down else _extent(values, frame)[1]):
        return VALUE
    if isinstance(wanted, list) and len(wanted) == 1 and len(wanted[0]) == 1:
        wanted = wanted[0][0]
    if isinstance(wanted, list):
        found: Rows = []
        for row in wanted:
            out: list[Value] = []
            for item in row:
                value = _xone(frame, item, line, results, other, int(mode), int(search), down)
                value = read(value, frame, True)
                out.append(value[0][0] if isinstance(value, list) else value)
            found.append(out)
        return found
    return _xone(frame, wanted, line, results, other, int(mode), int(search), down)


def _extent(value: Value, frame: Frame) -> tuple[int, int]:
    if isinstance(value, Ref):
        return value.bottom - value.top + 1, value.right - value.left + 1
    rows = _table(frame, value)
    return len(rows), len(rows[0])


def _xone(
    frame: Frame,
    wanted: Value,
    line: list[Value],
    results: Value,
    other: Thunk | None,
    mode: int,
    search: int,
    down: bool,
) -> Value:
    if isinstance(wanted, CellError):
        return wanted
    place = _searched(wanted, line, mode, search)
    if place is None:
        return NA if other is None or other.node is None else other.raw()
    if isinstance(results, Ref):
        if down:
            return noted(
                Ref(results.sheet, results.top + place, results.left, results.top + place, results.right), frame
            )
        return noted(Ref(results.sheet, results.top, results.left + place, results.bottom, results.left + place), frame)
    rows = all_rows(results, frame)
    if down:
        return [rows[place]] if len(rows[place]) > 1 else rows[place][0]
    return [[row[place]] for row in rows] if len(rows) > 1 else rows[0][place]


@native("INDEX", "R?VVN")
def _index(frame: Frame, table: Value, row: Value = None, column: Value = None, area: float = 1.0) -> Value:
    if isinstance(table, CellError):
        return table
    parts = ref_parts(table)
    if parts:
        if not 1 <= area <= len(parts):
            return CellError.REF
        ref = parts[int(area) - 1]
        height, width = ref.bottom - ref.top + 1, ref.right - ref.left + 1
    else:
        rows = all_rows(table, frame)
        height, width = len(rows), len(rows[0])
    r = int(to_number(row, frame.date1904))
    if column is None and height == 1 and width > 1 and row is not None:
        r, c = 1, r
        if c == 0 and parts:
            return ref
    else:
        c = int(to_number(column, frame.date1904))
        if column is None and width > 1 and not parts and height > 1:
            c = 0
        elif column is None and width == 1:
            c = 1
        elif column is None and height > 1 and width > 1 and parts and row is not None:
            c = 0
    if r < 0 or c < 0:
        return VALUE
    if r > height or c > width:
        return CellError.REF
    if parts:
        top, bottom = (ref.top, ref.bottom) if r == 0 else (ref.top + r - 1, ref.top + r - 1)
        left, right = (ref.left, ref.right) if c == 0 else (ref.left + c - 1, ref.left + c - 1)
        return Ref(ref.sheet, top, left, bottom, right)
    if r and c:
        return rows[r - 1][c - 1]
    if r:
        return [rows[r - 1]]
    return [[line[c - 1]] for line in rows] if c else rows


@native("OFFSET", "RNN?VV")
def _offset(frame: Frame, base: Value, down: float, right: float, height: Value = None, width: Value = None) -> Value:
    if isinstance(base, CellError):
        return base
    parts = ref_parts(base)
    if len(parts) != 1:
        return VALUE
    ref = parts[0]
    rows = ref.bottom - ref.top + 1 if height is None else math.trunc(to_number(height))
    columns = ref.right - ref.left + 1 if width is None else math.trunc(to_number(width))
    if rows == 0 or columns == 0:
        return CellError.REF
    top, left = ref.top + math.trunc(down), ref.left + math.trunc(right)
    if rows < 0:
        top, rows = top + rows + 1, -rows
    if columns < 0:
        left, columns = left + columns + 1, -columns
    if top < 1 or left < 1 or top + rows - 1 > MAX_ROW or left + columns - 1 > MAX_COLUMN:
        return CellError.REF
    return noted(Ref(ref.sheet, top, left, top + rows - 1, left + columns - 1), frame)


_R1C1 = re.compile(r"(?:(?P<sheet>'(?:[^']|'')+'|[\w.]+)!)?(?P<a>[Rr][^:!]*)(?::(?P<b>[Rr][^:!]*))?")
_CORNER = re.compile(r"[Rr](?P<r>\[-?\d+\]|\d*)(?:[Cc](?P<c>\[-?\d+\]|\d*))?")


def _r1c1(text: str, frame: Frame) -> Value:
    match = _R1C1.fullmatch(text.strip())
    if match is None:
        return CellError.REF
    sheet: int | None = frame.sheet
    if match["sheet"]:
        sheet = frame.machine.book.index.get(match["sheet"].strip("'").replace("''", "'").lower())
    corners = []
    for part in (match["a"], match["b"]):
        if part is None:
            continue
        corner = _CORNER.fullmatch(part)
        if corner is None or corner["c"] is None:
            return CellError.REF
        corners.append((_at(corner["r"], frame.row), _at(corner["c"], frame.column)))
    rows, columns = [r for r, _ in corners], [c for _, c in corners]
    if sheet is None or min(*rows, *columns) < 1:
        return CellError.REF
    return noted(Ref(sheet, min(rows), min(columns), max(rows), max(columns)), frame)


def _at(text: str, here: int) -> int:
    return here + int(text[1:-1]) if text.startswith("[") else int(text) if text else here


@native("INDIRECT", "T?B")
def _indirect(frame: Frame, text: str, a1: bool = True) -> Value:
    if not text.strip():
        return CellError.REF
    if not a1:
        return _r1c1(text, frame)
    try:
        node = parse(text.strip())
    except FormulaError:
        return CellError.REF
    if not isinstance(node, Reference | Name | Structured):
        return CellError.REF
    if node.book is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    try:
        value = evaluate(node, frame, True)
    except Unsupported:
        return CellError.REF
    return value if isinstance(value, Ref | Areas) else CellError.REF


def _numbers(frame: Frame, value: Value, rows: bool) -> Value:
    if value is None:
        return float(frame.row if rows else frame.column)
    if isinstance(value, CellError):
        return value
    parts = ref_parts(value)
    if len(parts) != 1:
        return VALUE if not parts else CellError.REF
    ref = parts[0]
    if rows:
        if ref.top == ref.bottom:
            return float(ref.top)
        count = len(frame.machine.world.rows(ref)) if ref.bottom - ref.top > 100_000 else ref.bottom - ref.top + 1
        return [[float(ref.top + i)] for i in range(count)]
    if ref.left == ref.right:
        return float(ref.left)
    return [[float(c) for c in range(ref.left, ref.right + 1)]]


@native("ROW", "?R")
def _row(frame: Frame, value: Value = None) -> Value:
    return _numbers(frame, value, True)


@native("COLUMN", "?R")
def _column(frame: Frame, value: Value = None) -> Value:
    return _numbers(frame, value, False)


@native("ROWS", "A")
def _rows(frame: Frame, value: Value) -> Value:
    if isinstance(value, CellError):
        return value
    return float(_extent(value, frame)[0])


@native("COLUMNS", "A")
def _columns(frame: Frame, value: Value) -> Value:
    if isinstance(value, CellError):
        return value
    return float(_extent(value, frame)[1])


@native("AREAS", "R")
def _areas(_: Frame, value: Value) -> Value:
    return float(len(ref_parts(value))) or VALUE


@native("ADDRESS", "II?NVV")
def _address(_: Frame, row: int, column: int, kind: float = 1.0, a1: Value = None, sheet: Value = None) -> Value:
    if not 1 <= row <= MAX_ROW or not 1 <= column <= MAX_COLUMN or not 1 <= kind <= 4:
        return VALUE
    fixed_row, fixed_column = kind in (1, 2), kind in (1, 3)
    if a1 is not None and not to_bool(a1):
        text = f"R{row if fixed_row else f'[{row}]'}C{column if fixed_column else f'[{column}]'}"
    else:
        text = f"{'$' * fixed_column}{column_letters(column)}{'$' * fixed_row}{row}"
    if sheet is None:
        return text
    name = to_text(sheet)
    if name and re.search(r"[^\w.\[\]]", name):
        name = "'" + name.replace("'", "''") + "'"
    return f"{name}!{text}"


@native("HYPERLINK", "V?V")
def _hyperlink(_: Frame, link: Value, shown: Value = None) -> Value:
    return link if shown is None else shown


@native("TRANSPOSE", "A")
def _transpose(frame: Frame, value: Value) -> Value:
    return [list(column) for column in zip(*_table(frame, value), strict=True)]


def ordered(line: Sequence[Value], places: list[int], down: bool) -> list[int]:
    """Places sorted by their values: numbers, texts, truth values, errors, blanks."""
    from functools import cmp_to_key

    def order(a: int, b: int) -> int:
        x, y = line[a], line[b]
        ranks = [4 if v is None else 3 if isinstance(v, CellError) else rank_of(v) for v in (x, y)]
        if ranks[0] != ranks[1]:
            if 4 in ranks:
                return -1 if ranks[0] < ranks[1] else 1
            result = -1 if ranks[0] < ranks[1] else 1
        else:
            result = 0 if ranks[0] > 2 else compared(x, y)
        return -result if down else result

    return sorted(places, key=cmp_to_key(order))


Picker = Callable[[int], Value]
