"""Lookups and references."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Rows
from xlrotation.workbook.evaluation.operators import all_rows, noted, read
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value, compared, rank_of, to_bool
from xlrotation.workbook.natives.conditions import wildcard
from xlrotation.workbook.natives.registry import Thunk, native


def _column_index(frame: Frame, rows: Rows, column: int) -> tuple[dict[object, int], bool]:
    """Where each value of a column stands first, and whether it holds texts; kept while the rows are the same."""
    kept = frame.machine.known(("index", column), rows)
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    places: dict[object, int] = {}
    for place, row in enumerate(rows):
        value = row[column]
        if value is not None:
            places.setdefault(_key(value), place)
    found = (places, any(isinstance(item, tuple) for item in places))
    frame.machine.know(("index", column), rows, found)
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
        frame.machine.step(len(rows) // 10)
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
    return value is not None and type(value) is not CellError and rank_of(value) == kind


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


def _asked(frame: Frame, wanted: Value, table: Value, number: float) -> tuple[Value, Rows, int]:
    """What is looked up, the rows of the table that it is looked up in, and the column or row of the answer."""
    if isinstance(table, str):
        raise Fault(VALUE)
    rows = _table(frame, table)
    wanted = _lookup_value(wanted)
    if number < 1:
        raise Fault(VALUE)
    return wanted, rows, int(number)


@native("VLOOKUP", "VAN?V")
def _vlookup(frame: Frame, wanted: Value, table: Value, column: float, near: Value = True) -> Value:
    wanted, rows, number = _asked(frame, wanted, table, column)
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
    kept = frame.machine.known("column", rows)
    if kept is None:
        kept = [row[0] for row in rows]
        frame.machine.know("column", rows, kept)
    return kept  # type: ignore[no-any-return]


@native("HLOOKUP", "VAN?V")
def _hlookup(frame: Frame, wanted: Value, table: Value, row: float, near: Value = True) -> Value:
    wanted, rows, number = _asked(frame, wanted, table, row)
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
    if min(_extent(results, frame)) > 1:
        return NA
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
        frame.machine.step(len(rows) // 10)
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
        for i in reversed(places) if mode == -1 and abs(search) == 2 else places:  # halving ends at the border
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


def _place(frame: Frame, wanted: Value, values: Value, mode: int, search: int) -> int | None:
    """The place that XMATCH finds in a row or column."""
    if mode == 0 and search == 1 and wanted is not None and isinstance(values, Ref) and values.left == values.right:
        return _exact(frame, wanted, all_rows(values, frame), 0, wild=False)
    line = _xline(values, frame)
    frame.machine.step(len(line) // 10)
    return _searched(wanted, line, mode, search)


@native("XMATCH", "VA?NN")
def _xmatch(frame: Frame, wanted: Value, values: Value, mode: float = 0.0, search: float = 1.0) -> Value:
    if isinstance(wanted, CellError):
        return wanted
    place = _place(frame, wanted, values, int(mode), int(search) or 1)
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
    if not isinstance(values, Ref) or values.left != values.right:
        _xline(values, frame)
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
                value = _xone(frame, item, values, results, other, int(mode), int(search), down)
                value = read(value, frame, True)
                out.append(value[0][0] if isinstance(value, list) else value)
            found.append(out)
        return found
    return _xone(frame, wanted, values, results, other, int(mode), int(search), down)


def _extent(value: Value, frame: Frame) -> tuple[int, int]:
    if isinstance(value, Ref):
        return value.bottom - value.top + 1, value.right - value.left + 1
    rows = _table(frame, value)
    return len(rows), len(rows[0])


def _xone(
    frame: Frame,
    wanted: Value,
    values: Value,
    results: Value,
    other: Thunk | None,
    mode: int,
    search: int,
    down: bool,
) -> Value:
    if isinstance(wanted, CellError):
        return wanted
    place = _place(frame, wanted, values, mode, search)
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


Picker = Callable[[int], Value]
