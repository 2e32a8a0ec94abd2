"""Ranges without the blank rows and columns at their edges."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Frame, Ref, Rows
from xlrotation.workbook.evaluation.operators import all_rows, noted
from xlrotation.workbook.evaluation.values import VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native

_LEADING, _TRAILING = 1, 2


def _edges(filled: list[bool], how: int) -> tuple[int, int]:
    """The first and last place that stay."""
    places = [i for i, full in enumerate(filled) if full]
    if not places:
        raise Fault(CellError.REF)
    return (places[0] if how & _LEADING else 0), (places[-1] if how & _TRAILING else len(filled) - 1)


def _trimmed(frame: Frame, value: Value, rows_how: int, columns_how: int) -> Value:
    if isinstance(value, CellError):
        return value
    if not 0 <= rows_how <= 3 or not 0 <= columns_how <= 3:
        return VALUE
    rows: Rows = all_rows(value, frame)
    if not isinstance(value, Ref | list):
        return value
    top, bottom = _edges([any(item is not None for item in row) for row in rows], rows_how)
    columns = [any(item is not None for item in column) for column in zip(*rows, strict=True)]
    left, right = _edges(columns, columns_how)
    if isinstance(value, list):
        return [row[left : right + 1] for row in rows[top : bottom + 1]]
    if not rows_how & _TRAILING:
        bottom = value.bottom - value.top
    if not columns_how & _TRAILING:
        right = value.right - value.left
    return noted(Ref(value.sheet, value.top + top, value.left + left, value.top + bottom, value.left + right), frame)


@native("TRIMRANGE", "R?II")
def _trimrange(frame: Frame, value: Value, rows: int = 3, columns: int = 3) -> Value:
    return _trimmed(frame, value, rows, columns)


@native("_TRO_ALL", "R")
def _all(frame: Frame, value: Value) -> Value:
    return _trimmed(frame, value, 3, 3)


@native("_TRO_LEADING", "R")
def _leading(frame: Frame, value: Value) -> Value:
    return _trimmed(frame, value, _LEADING, _LEADING)


@native("_TRO_TRAILING", "R")
def _trailing(frame: Frame, value: Value) -> Value:
    return _trimmed(frame, value, _TRAILING, _TRAILING)
