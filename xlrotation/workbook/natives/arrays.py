"""Functions that give and reshape arrays."""

from __future__ import annotations

import math

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import MAX_CELLS, Frame, Ref, Rows, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows, read
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value, to_bool, to_number
from xlrotation.workbook.natives.orders import ordered
from xlrotation.workbook.natives.registry import native

CALC = CellError.CALC


def _table(frame: Frame, value: Value) -> Rows:
    if isinstance(value, CellError):
        raise Fault(value)
    return all_rows(value, frame)


@native("SEQUENCE", "N?VVV")
def _sequence(_: Frame, rows: float, columns: Value = None, start: Value = None, step: Value = None) -> Value:
    r, c = int(rows), 1 if columns is None else int(to_number(columns))
    first, gap = (1.0 if start is None else to_number(start)), (1.0 if step is None else to_number(step))
    if r < 1 or c < 1:
        return CALC if r == 0 or c == 0 else VALUE
    if r * c > MAX_CELLS:
        raise Unsupported(f"computes an array of {r * c:,} cells, which is too large here")
    return [[first + gap * (i * c + j) for j in range(c)] for i in range(r)]


@native("FILTER", "AA?A")
def _filter(frame: Frame, value: Value, keep: Value, empty: Value = None) -> Value:
    rows, flags = _table(frame, value), _table(frame, keep)
    if len(flags) == len(rows) and len(flags[0]) == 1:
        kept = [row for row, flag in zip(rows, flags, strict=True) if to_bool(flag[0])]
    elif len(flags) == 1 and len(flags[0]) == len(rows[0]):
        places = [i for i, flag in enumerate(flags[0]) if to_bool(flag)]
        kept = [[row[i] for i in places] for row in rows] if places else []
    else:
        return VALUE
    if kept:
        return kept
    return CALC if empty is None else read(empty, frame, True)


@native("SORT", "A?AAV")
def _sort(frame: Frame, value: Value, index: Value = None, order: Value = None, by_column: Value = None) -> Value:
    rows = _table(frame, value)
    across = by_column is not None and to_bool(by_column)
    lines = [list(line) for line in zip(*rows, strict=True)] if across else rows
    indexes = [1.0] if index is None else [to_number(x) for row in _table(frame, index) for x in row]
    orders = [1.0] if order is None else [to_number(x) for row in _table(frame, order) for x in row]
    if len(orders) < len(indexes):
        orders = orders + [orders[-1]] * (len(indexes) - len(orders))
    places = list(range(len(lines)))
    for key, way in reversed(list(zip(indexes, orders, strict=False))):
        if not 1 <= key <= len(lines[0]) or way not in (1, -1):
            return VALUE
        places = ordered([line[int(key) - 1] for line in lines], places, way < 0)
    found = [lines[place] for place in places]
    return [list(line) for line in zip(*found, strict=True)] if across else found


@native("SORTBY", "AA*AA")
def _sortby(frame: Frame, value: Value, *keys: Value) -> Value:
    rows = _table(frame, value)
    pairs = [(keys[i], keys[i + 1] if i + 1 < len(keys) else None) for i in range(0, len(keys), 2)]
    lines, across = rows, False
    first = _table(frame, pairs[0][0])
    if len(first) == 1 and len(first[0]) == len(rows[0]) and len(rows[0]) > 1:
        lines, across = [list(line) for line in zip(*rows, strict=True)], True
    places = list(range(len(lines)))
    for key, way in reversed(pairs):
        column = [item for row in _table(frame, key) for item in row]
        if len(column) != len(lines):
            return VALUE
        sign = 1.0 if way is None else to_number(read(way, frame, True))
        places = ordered(column, places, sign < 0)
    found = [lines[place] for place in places]
    return [list(line) for line in zip(*found, strict=True)] if across else found


def _same_key(item: Value) -> object:
    return ("t", item.lower()) if isinstance(item, str) else (type(item), item)


@native("UNIQUE", "A?VV")
def _unique(frame: Frame, value: Value, by_column: Value = None, once: Value = None) -> Value:
    rows = _table(frame, value)
    across = by_column is not None and to_bool(by_column)
    lines = [list(line) for line in zip(*rows, strict=True)] if across else rows
    counts: dict[tuple[object, ...], int] = {}
    firsts: dict[tuple[object, ...], list[Value]] = {}
    for line in lines:
        key = tuple(map(_same_key, line))
        counts[key] = counts.get(key, 0) + 1
        firsts.setdefault(key, line)
    only = once is not None and to_bool(once)
    found = [line for key, line in firsts.items() if not only or counts[key] == 1]
    if not found:
        return CALC
    return [list(line) for line in zip(*found, strict=True)] if across else found


@native("VSTACK", "A*A")
def _vstack(frame: Frame, *values: Value) -> Value:
    tables = [all_rows(value, frame) for value in values]
    width = max(len(table[0]) for table in tables)
    return [[*row, *[NA] * (width - len(row))] for table in tables for row in table]


@native("HSTACK", "A*A")
def _hstack(frame: Frame, *values: Value) -> Value:
    tables = [all_rows(value, frame) for value in values]
    height = max(map(len, tables))
    return [
        [item for table in tables for item in (table[r] if r < len(table) else [NA] * len(table[0]))]
        for r in range(height)
    ]


def _span(count: Value, size: int, drop: bool) -> range:
    if count is None:
        return range(size)
    n = math.trunc(to_number(count))
    if drop:
        return range(n, size) if n >= 0 else range(size + n)
    if n == 0:
        return range(0)
    return range(min(n, size)) if n > 0 else range(max(size + n, 0), size)


def _cut(frame: Frame, value: Value, rows: Value, columns: Value, drop: bool) -> Value:
    table = _table(frame, value)
    kept_rows, kept_columns = _span(rows, len(table), drop), _span(columns, len(table[0]), drop)
    if not len(kept_rows) or not len(kept_columns):
        return CALC
    if isinstance(value, Ref) and value.size <= 100_000:
        return Ref(
            value.sheet,
            value.top + kept_rows[0],
            value.left + kept_columns[0],
            value.top + kept_rows[-1],
            value.left + kept_columns[-1],
        )
    return [[table[r][c] for c in kept_columns] for r in kept_rows]


@native("TAKE", "AV?V")
def _take(frame: Frame, value: Value, rows: Value, columns: Value = None) -> Value:
    return _cut(frame, value, rows, columns, False)


@native("DROP", "AV?V")
def _drop(frame: Frame, value: Value, rows: Value, columns: Value = None) -> Value:
    return _cut(frame, value, rows, columns, True)


def _chosen(frame: Frame, numbers: tuple[Value, ...], size: int) -> list[int]:
    found = []
    for value in numbers:
        for row in all_rows(value, frame):
            for item in row:
                n = math.trunc(to_number(item))
                if n == 0 or abs(n) > size:
                    raise Fault(VALUE)
                found.append(n - 1 if n > 0 else size + n)
    return found


@native("CHOOSEROWS", "AA*A")
def _chooserows(frame: Frame, value: Value, *numbers: Value) -> Value:
    table = _table(frame, value)
    return [table[r] for r in _chosen(frame, numbers, len(table))]


@native("CHOOSECOLS", "AA*A")
def _choosecols(frame: Frame, value: Value, *numbers: Value) -> Value:
    table = _table(frame, value)
    places = _chosen(frame, numbers, len(table[0]))
    return [[row[c] for c in places] for row in table]


@native("EXPAND", "AV?VV")
def _expand(frame: Frame, value: Value, rows: Value, columns: Value = None, pad: Value = None) -> Value:
    table = _table(frame, value)
    height = len(table) if rows is None else int(to_number(rows))
    width = len(table[0]) if columns is None else int(to_number(columns))
    if height < len(table) or width < len(table[0]):
        return VALUE
    if height * width > MAX_CELLS:
        raise Unsupported("computes an array that is too large here")
    fill = NA if pad is None else pad
    return [
        [table[r][c] if r < len(table) and c < len(table[0]) else fill for c in range(width)] for r in range(height)
    ]


def _flat(frame: Frame, value: Value, ignore: Value, by_column: Value) -> list[Value]:
    table = _table(frame, value)
    lines = list(zip(*table, strict=True)) if by_column is not None and to_bool(by_column) else table
    how = 0 if ignore is None else int(to_number(ignore))
    return [
        item
        for line in lines
        for item in line
        if not (how in (1, 3) and item is None) and not (how in (2, 3) and isinstance(item, CellError))
    ]


@native("TOROW", "A?VV")
def _torow(frame: Frame, value: Value, ignore: Value = None, by_column: Value = None) -> Value:
    found = _flat(frame, value, ignore, by_column)
    return [found] if found else CALC


@native("TOCOL", "A?VV")
def _tocol(frame: Frame, value: Value, ignore: Value = None, by_column: Value = None) -> Value:
    found = _flat(frame, value, ignore, by_column)
    return [[item] for item in found] if found else CALC


def _wrapped(frame: Frame, value: Value, count: int, pad: Value) -> Rows:
    line = [item for row in _table(frame, value) for item in row]
    if count < 1:
        raise Fault(CellError.NUM)
    rows = [line[i : i + count] for i in range(0, len(line), count)]
    rows[-1] = rows[-1] + [NA if pad is None else pad] * (count - len(rows[-1]))
    return rows


@native("WRAPROWS", "AI?V")
def _wraprows(frame: Frame, value: Value, count: int, pad: Value = None) -> Value:
    return _wrapped(frame, value, count, pad)


@native("WRAPCOLS", "AI?V")
def _wrapcols(frame: Frame, value: Value, count: int, pad: Value = None) -> Value:
    return [list(column) for column in zip(*_wrapped(frame, value, count, pad), strict=True)]
