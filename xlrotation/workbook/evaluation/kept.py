"""The workbooks that were evaluated last, kept for the next evaluation of the same bytes.

An export is often one of many: for another date, with other inputs, in another language, to another client. What its
formulas tell is the same each time and is read once (:mod:`xlrotation.workbook.evaluation.plans`). Each evaluation has
cells of its own, so that nothing that one of them computes is seen by another. A file counts by its bytes as they are
now, never by its name or age.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

from xlrotation import files
from xlrotation.workbook.evaluation.machine import MAX_TOGETHER, Budget
from xlrotation.workbook.evaluation.plans import Plan
from xlrotation.workbook.formulas.calls import mentions
from xlrotation.workbook.package.book import Book, read_book
from xlrotation.workbook.package.shared import Store

_LARGEST = 16 * 2**20
"""Bytes of the largest file that is kept."""

_MOST_BOOKS = 16
_MOST_CELLS = 400_000
"""Cells of all workbooks that are kept, formulas counted four times."""

_LITTLE = MAX_TOGETHER // 10
"""Steps of a workbook that is kept: what it takes is far from what is refused, however it is counted."""

_Name = tuple[bytes, frozenset[str], bool]

_kept: Store[Plan] = Store(_MOST_CELLS, _MOST_BOOKS)
forget = _kept.forget
if hasattr(os, "register_at_fork"):  # what a thread of the parent had begun in a plan, nobody ends in a forked process
    os.register_at_fork(after_in_child=_kept.begin_anew)


@dataclasses.dataclass(slots=True)
class Opened:
    """A workbook for one evaluation.

    Attributes:
        book: Its cells, for this evaluation alone.
        plan: What its formulas tell, for all.
        name: What it is kept by; None where it is not.
    """

    book: Book
    plan: Plan
    name: _Name | None

    def done(self, budget: Budget) -> None:
        """Keep the workbook for the next time, after an evaluation that took *budget*."""
        if self.name is None:
            return
        if budget.taken > _LITTLE:
            _kept.drop(self.name)
        else:
            _kept.put(self.name, self.plan, _size(self.plan.book))


def opened(path: Path, names: frozenset[str], spill: bool) -> Opened:
    """A workbook, read and understood: anew, or as it was for the same bytes.

    Args:
        path: The file.
        names: The names of our functions, in capitals.
        spill: Let plain formulas that call ours spill.

    Raises:
        BadWorkbook: It cannot be read.
    """
    try:
        content = files.read_regular(path, _LARGEST)
    except OSError:  # too large to be kept, or reading it as a workbook says why
        return _read(path, None, names, spill, None)
    name = (hashlib.sha256(content).digest(), names, spill)
    held = _kept.get(name)
    if held is None:
        return _read(path, content, names, spill, name)
    return Opened(_apart(held.value.book, path), held.value, name)


def _read(path: Path, content: bytes | None, names: frozenset[str], spill: bool, name: _Name | None) -> Opened:
    book = read_book(path, content)
    if spill:
        _let_spill(book, names)
    return Opened(_apart(book, path), Plan(book, names), name)


def _let_spill(book: Book, names: frozenset[str]) -> None:
    ours = mentions(names)
    for sheet in book.sheets:
        for place, cell in sheet.formulas.items():
            if cell.kind == "plain" and ours.search(cell.text):
                sheet.formulas[place] = cell._replace(kind="dynamic")


def _apart(book: Book, path: Path) -> Book:
    """A workbook of its own, with the same cells."""
    sheets = [
        dataclasses.replace(
            sheet, values=sheet.values.copy(), formulas=sheet.formulas.copy(), hidden=sheet.hidden.copy()
        )
        for sheet in book.sheets
    ]
    tables = {name: dataclasses.replace(table, columns=table.columns.copy()) for name, table in book.tables.items()}
    return dataclasses.replace(
        book,
        path=path,
        sheets=sheets,
        tables=tables,
        names=book.names.copy(),
        rules=book.rules.copy(),
        index=book.index.copy(),
        linked=book.linked.copy(),
    )


def _size(book: Book) -> int:
    return sum(len(sheet.values) + 4 * len(sheet.formulas) for sheet in book.sheets)
