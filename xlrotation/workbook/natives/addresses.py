"""References computed from others, and what they say of themselves."""

from __future__ import annotations

import math
import re

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.interpreter import evaluate
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref, Unsupported
from xlrotation.workbook.evaluation.operators import all_rows, noted, ref_parts
from xlrotation.workbook.evaluation.values import VALUE, Value, to_bool, to_number, to_text
from xlrotation.workbook.formulas.references import MAX_COLUMN, MAX_ROW, column_letters, quoted_sheet
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Name, Reference, Structured
from xlrotation.workbook.natives.lookup import _extent, _table
from xlrotation.workbook.natives.registry import native


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
    r, c = int(to_number(row, frame.date1904)), int(to_number(column, frame.date1904))
    if column is None and width == 1:
        c = 1
    elif column is None and height == 1 and row is not None:  # of a single row, the one number is the column
        r, c = 1, r
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
    sheet, mark, rest = text.strip().rpartition("!")
    if mark and sheet.lower() in frame.machine.book.index:  # INDIRECT takes names without the quotes of a formula
        text = f"{quoted_sheet(sheet)}!{rest}"
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
