"""Whether a computed value is to be believed."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import NamedTuple

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.dependence import Item
from xlrotation.workbook.evaluation.machine import Ref, Rows
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.references import Place
from xlrotation.workbook.natives import NATIVES


class Proof(NamedTuple):
    """What a native function was proved by.

    Attributes:
        stored: Cells of workbooks that a spreadsheet saved, from public test collections, whose stored value a formula
            with the function gives.
        libreoffice: Examples for which LibreOffice gives the same.
        documented: Examples from Excel's help.
    """

    stored: int
    libreoffice: int
    documented: int


def _proofs() -> dict[str, Proof]:
    text = (Path(__file__).parents[1] / "natives" / "proofs.csv").read_text(encoding="utf-8")
    return {name: Proof(*map(int, counts)) for name, *counts in list(csv.reader(io.StringIO(text)))[1:]}


PROOFS: Mapping[str, Proof] = _proofs()
"""What the functions were proved by; others are believed only where a workbook's stored values prove them."""

_BY_CHANCE = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"})


def same(stored: Value, value: Value) -> bool:
    """Whether a computed value is the stored one, to the digits that a file keeps."""
    if isinstance(stored, bool) or isinstance(value, bool):
        return stored is value
    if isinstance(stored, float) and isinstance(value, float):
        return abs(stored - value) <= max(1e-10 * max(abs(stored), abs(value)), 1e-14)
    if stored is CellError.VALUE and value in (CellError.CALC, CellError.SPILL):
        return True  # as files hold these
    if isinstance(value, CellError) and isinstance(stored, str):
        return stored == value.value  # as some programs store errors
    if stored is None or value is None:
        return (stored in (None, "") and value in (None, "")) or (stored is None and value is None)
    return type(stored) is type(value) and bool(stored == value)


@functools.lru_cache(maxsize=1024)
def unproved(functions: Set[str]) -> list[str]:
    """Those of some functions that need a stored value as their proof."""
    return sorted(name for name in functions if name in NATIVES and name not in PROOFS and name not in _BY_CHANCE)


def agrees(item: Item, value: Value, stored: Mapping[Place, Value]) -> bool:
    """Whether what a formula gives is what its cells store."""
    _, row, column = item.key
    if not isinstance(value, list):
        return same(stored.get((row, column)), value)
    if item.cell.kind == "dynamic" and item.cell.area is not None:
        area = item.cell.area
        if (len(value), len(value[0])) != (area.last_row - area.row + 1, area.last_column - area.column + 1):
            return False
    return all(
        same(stored.get((row + r, column + c)), cell) for r, line in enumerate(value) for c, cell in enumerate(line)
    )


def cancels(stored: Value, value: Value, needs: Sequence[Ref], rows: Callable[[Ref], Rows]) -> bool:
    """Whether a difference of large numbers is the stored one but for the digits that the file rounded off them."""
    if not isinstance(stored, float) or not isinstance(value, float) or sum(ref.size for ref in needs) > 10_000:
        return False
    read = (cell for ref in needs for row in rows(ref) for cell in row)
    largest = max((abs(cell) for cell in read if isinstance(cell, float)), default=0.0)
    return abs(stored - value) <= 1e-14 * largest
