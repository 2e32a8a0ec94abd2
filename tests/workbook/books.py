"""Small workbooks and a caller of made-up functions, for the tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from xlrotation.errors import CellError
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook

Argument = Cell | Range


def described(value: Argument) -> str:
    """What a function was given, in words."""
    if isinstance(value, list):
        return f"{len(value)}x{len(value[0])}: " + ";".join(",".join(map(described, row)) for row in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "blank" if value is None else repr(value) if isinstance(value, str) else str(value)


def number(value: Argument) -> float:
    return 0.0 if value is None else float(value)  # type: ignore[arg-type]


@dataclass
class Fake:
    """The functions ``T_...``; remembers how often it was asked."""

    asked: list[tuple[str, tuple[Argument, ...]]] = field(default_factory=list)
    names: frozenset[str] = frozenset(
        {"T_ADD", "T_SEEN", "T_TABLE", "T_DATE", "T_TIME", "T_ERROR", "T_SUM", "T_ECHO", "T_BLANK", "T_NOW"}
    )

    def __call__(self, name: str, arguments: Sequence[Argument]) -> Argument:
        self.asked.append((name, tuple(arguments)))
        try:
            return self._compute(name, arguments)
        except (TypeError, ValueError):
            return CellError.VALUE

    def _compute(self, name: str, arguments: Sequence[Argument]) -> Argument:
        errors = [a for a in arguments if isinstance(a, CellError)]
        if name == "T_SEEN":
            return " | ".join(map(described, arguments))
        if errors:
            return errors[0]
        if name == "T_ADD":
            return sum(map(number, arguments))
        if name == "T_SUM":
            rows = arguments[0] if isinstance(arguments[0], list) else [[arguments[0]]]
            return sum(c for row in rows for c in row if isinstance(c, int | float) and not isinstance(c, bool))
        if name == "T_TABLE":
            rows, columns = int(number(arguments[0])), int(number(arguments[1]))
            return [[float(r * 10 + c) for c in range(1, columns + 1)] for r in range(1, rows + 1)]
        if name == "T_DATE":
            return dt.date(*(int(number(a)) for a in arguments))
        if name == "T_TIME":
            return dt.datetime(2026, 2, 13, 18, 0)
        if name == "T_ERROR":
            return CellError.NA
        if name == "T_BLANK":
            return None
        return arguments[0]


@dataclass(frozen=True)
class Dynamic:
    """A formula that spills, with the cells that it filled when the file was made."""

    formula: str
    last: str = ""


@dataclass(frozen=True)
class Array:
    """An array formula of the old kind, which fills the cells up to *last*."""

    formula: str
    last: str


Content = Cell | Dynamic | Array


def make_book(
    path: Path,
    sheets: Mapping[str, Mapping[str, Content]],
    names: Mapping[str, str] | None = None,
    date1904: bool = False,
) -> Path:
    """Write a workbook; texts that begin with ``=`` are formulas."""
    with xlsxwriter.Workbook(str(path), {"date_1904": date1904}) as book:
        for title, cells in sheets.items():
            sheet = book.add_worksheet(title)
            for cell, content in cells.items():
                if isinstance(content, Dynamic):
                    sheet.write_dynamic_array_formula(f"{cell}:{content.last or cell}", content.formula)
                elif isinstance(content, Array):
                    sheet.write_array_formula(f"{cell}:{content.last}", "{" + content.formula + "}")
                elif isinstance(content, str) and content.startswith("="):
                    sheet.write_formula(cell, content)
                else:
                    sheet.write(cell, content)
        for name, target in (names or {}).items():
            book.define_name(name, target)
    return path


class Book:
    """An evaluated workbook, asked by cell."""

    def __init__(self, evaluation: Evaluation, fake: Fake, path: Path) -> None:
        self.evaluation = evaluation
        self.fake = fake
        self.path = path

    def __getitem__(self, cell: str) -> Cell:
        sheet, _, name = cell.rpartition("!")
        letters = name.rstrip("0123456789")
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        cells = self.evaluation.values[sheet or next(iter(self.evaluation.values))]
        return cells[int(name[len(letters) :]), column]

    @property
    def problems(self) -> dict[str, str]:
        return {f"{p.sheet}!{p.cell}": p.reason for p in self.evaluation.problems}


def evaluated(
    path: Path,
    sheets: Mapping[str, Mapping[str, Content]],
    names: Mapping[str, str] | None = None,
    date1904: bool = False,
    overrides: Mapping[str, Cell] | None = None,
) -> Book:
    """Make a workbook and evaluate it with :class:`Fake`."""
    fake = Fake()
    make_book(path, sheets, names, date1904)
    return Book(evaluate_workbook(path, fake, overrides), fake, path)
