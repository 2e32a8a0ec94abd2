"""What a value is."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import OMITTED, Areas, Frame, Function, Ref, Unsupported
from xlrotation.workbook.evaluation.operators import read, ref_parts
from xlrotation.workbook.evaluation.values import NA, VALUE, Value
from xlrotation.workbook.formulas.references import column_letters
from xlrotation.workbook.natives.registry import Thunk, native


@native("ISERROR", "V")
def _iserror(_: Frame, value: Value) -> Value:
    return isinstance(value, CellError)


@native("ISERR", "V")
def _iserr(_: Frame, value: Value) -> Value:
    return isinstance(value, CellError) and value is not NA


@native("ISNA", "V")
def _isna(_: Frame, value: Value) -> Value:
    return value is NA


@native("ISNUMBER", "V")
def _isnumber(_: Frame, value: Value) -> Value:
    return isinstance(value, float)


@native("ISTEXT", "V")
def _istext(_: Frame, value: Value) -> Value:
    return isinstance(value, str)


@native("ISNONTEXT", "V")
def _isnontext(_: Frame, value: Value) -> Value:
    return not isinstance(value, str)


@native("ISLOGICAL", "V")
def _islogical(_: Frame, value: Value) -> Value:
    return isinstance(value, bool)


@native("ISBLANK", "V")
def _isblank(_: Frame, value: Value) -> Value:
    return value is None


@native("ISEVEN", "N")
def _iseven(_: Frame, value: float) -> Value:
    return int(value) % 2 == 0


@native("ISODD", "N")
def _isodd(_: Frame, value: float) -> Value:
    return int(value) % 2 == 1


@native("ISREF", "R")
def _isref(_: Frame, value: Value) -> Value:
    return isinstance(value, Ref | Areas)


@native("ISFORMULA", "R")
def _isformula(frame: Frame, value: Value) -> Value:
    if not isinstance(value, Ref):
        return VALUE
    return frame.machine.world.formula(value.sheet, value.top, value.left) is not None


@native("FORMULATEXT", "R")
def _formulatext(frame: Frame, value: Value) -> Value:
    if not isinstance(value, Ref):
        return value if isinstance(value, CellError) else NA
    text = frame.machine.world.formula(value.sheet, value.top, value.left)
    return NA if text is None else text


@native("ISOMITTED", "L")
def _isomitted(_: Frame, value: Thunk) -> Value:
    return value.raw() is OMITTED


@native("N", "R")
def _n(frame: Frame, value: Value) -> Value:
    value = first_cell(value, frame)
    if isinstance(value, CellError):
        return value
    return float(value) if isinstance(value, bool | float) else 0.0


@native("TYPE", "A")
def _type(frame: Frame, value: Value) -> Value:
    if isinstance(value, list):
        return 64
    if isinstance(value, Function):
        return 128
    if isinstance(value, Ref) and not value.is_cell:
        return 64
    value = read(value, frame, False)
    if isinstance(value, CellError):
        return 16
    return 4 if isinstance(value, bool) else 2 if isinstance(value, str) else 1


def first_cell(value: Value, frame: Frame) -> Value:
    """The first cell of a reference or an array."""
    if isinstance(value, Ref):
        return frame.machine.world.get(value.sheet, value.top, value.left)
    return value[0][0] if isinstance(value, list) else VALUE if isinstance(value, Areas) else value


@native("CELL", "T?R")
def _cell(frame: Frame, what: str, where: Value = None) -> Value:
    if isinstance(where, CellError):
        return where
    kind = what.lower()
    if where is not None and not isinstance(where, Ref):
        return VALUE
    row, column = (frame.row, frame.column) if where is None else (where.top, where.left)
    if kind == "row":
        return float(row)
    if kind == "col":
        return float(column)
    if (
        where is None
        or kind not in ("address", "contents", "type")
        or (kind == "address" and where.sheet != frame.sheet)
    ):
        raise Unsupported(
            f"asks CELL for {what!r}, which tells of the file, the look of a cell or the last one changed"
        )
    if kind == "address":
        return f"${column_letters(column)}${row}"
    value = first_cell(where, frame)
    if kind == "contents":
        return 0.0 if value is None else value
    return "b" if value is None else "l" if isinstance(value, str) else "v"


_NUMBERED = {
    CellError.NULL: 1,
    CellError.DIV0: 2,
    CellError.VALUE: 3,
    CellError.REF: 4,
    CellError.NAME: 5,
    CellError.NUM: 6,
    CellError.NA: 7,
    CellError.GETTING_DATA: 8,
    CellError.SPILL: 9,
    CellError.CONNECT: 10,
    CellError.BLOCKED: 11,
    CellError.UNKNOWN: 12,
    CellError.FIELD: 13,
    CellError.CALC: 14,
}


@native("ERROR.TYPE", "V")
def _error_type(_: Frame, value: Value) -> Value:
    return _NUMBERED.get(value, NA) if isinstance(value, CellError) else NA


@native("SHEET", "?R")
def _sheet(frame: Frame, value: Value = None) -> Value:
    if isinstance(value, Ref):
        return value.sheet + 1
    if isinstance(value, str):
        found = frame.machine.book.index.get(value.lower())
        return NA if found is None else found + 1
    if isinstance(value, bool | float):
        return NA
    return value if isinstance(value, CellError) else frame.sheet + 1


@native("SHEETS", "?R")
def _sheets(frame: Frame, value: Value = None) -> Value:
    return (
        len(ref_parts(value)) if value is not None else len(frame.machine.book.sheets) - len(frame.machine.book.linked)
    )
