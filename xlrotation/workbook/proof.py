"""Whether a computed value is to be believed."""

from __future__ import annotations

from collections.abc import Collection

from xlrotation.errors import CellError
from xlrotation.workbook.values import Value

UNPROVED: frozenset[str] = frozenset()
"""Functions that are computed, but believed only where a workbook's stored values prove them."""


def same(stored: Value, value: Value) -> bool:
    """Whether a computed value is the stored one, to the digits that a file keeps."""
    if isinstance(stored, bool) or isinstance(value, bool):
        return stored is value
    if isinstance(stored, float) and isinstance(value, float):
        return abs(stored - value) <= max(1e-10 * max(abs(stored), abs(value)), 1e-14)
    if stored is CellError.VALUE and value in (CellError.CALC, CellError.SPILL):
        return True  # as files hold these
    if stored is None or value is None:
        return (stored in (None, "") and value in (None, "")) or (stored is None and value is None)
    return type(stored) is type(value) and bool(stored == value)


def unproved(functions: Collection[str]) -> list[str]:
    """Those of some functions that need a stored value as their proof."""
    return sorted(name for name in functions if name in UNPROVED)
