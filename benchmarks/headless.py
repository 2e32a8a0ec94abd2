"""Time a workbook of 5,000 formulas, 1,000 of them ours, against the ``formulas`` package.

Both compute the same file with the same two functions and find the same values. Then what a call of ours takes in a
workbook, reading of the file included, beside the same calls without one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from formulas.excel import ExcelModel
from formulas.functions import get_functions, wrap_ufunc
from harness import Bench, main, part
from harness.measuring import timed

from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation import kept
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook

ROWS = 500
"""Rows of ten formulas: eight native, two of ours."""

GOAL = 80

CALLS, CALL_GOAL = 5000, 40e-6
"""Calls of ours in one workbook, and the seconds that each may take."""


def bm_add(x: float, y: float) -> float:
    return float(x) + float(y)


def bm_ret(symbol: str, window: str) -> float:
    return (sum(map(ord, str(symbol))) % 97 - sum(map(ord, str(window))) % 13) / 100


class Functions:
    """The two functions as the evaluation calls them."""

    names = frozenset({"BM_ADD", "BM_RET"})

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        first, second = arguments
        if name == "BM_ADD":
            return bm_add(first, second)  # type: ignore[arg-type]
        return bm_ret(first, second)  # type: ignore[arg-type]


def make_workbook(path: Path, rows: int = ROWS) -> None:
    """Rows of three inputs, eight native formulas and two of ours, which feed each other across rows."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        for r in range(1, rows + 1):
            sheet.write_row(r - 1, 0, [r % 17 + 0.5, r % 5 + 1, f"SYM{r}"])
            above = r - 1 if r > 1 else r
            texts = [
                f"=A{r}*B{r}+1",  # D
                f"=SUM(A{max(1, r - 9)}:A{r})",  # E
                f"=IF(A{r}>B{r},D{r},E{r})",  # F
                f"=INDEX(A$1:A${rows},B{r})",  # G
                f"=BM_ADD(A{r},B{r})",  # H
                f'=BM_RET(C{r},"20D")*100',  # I
                f"=H{r}+I{r}",  # J
                f"=IF(J{r}>10,H{above},D{r})",  # K
                f"=K{r}-F{r}",  # L
                f"=ROUND(L{r}/3,4)",  # M
            ]
            for column, text in enumerate(texts, 3):
                sheet.write_formula(r - 1, column, text)


def _as_given(*values: object) -> tuple[object, ...]:
    return values


def _no_error(*_: object) -> None:
    return None


def by_formulas(path: Path) -> dict[str, object]:
    """Values by cell, as the ``formulas`` package computes them."""
    known = get_functions()
    for function in (bm_add, bm_ret):
        known[function.__name__.upper()] = wrap_ufunc(function, input_parser=_as_given, check_error=_no_error)
    solution = ExcelModel().loads(str(path)).finish().calculate()
    return {str(key): value for key, value in solution.items()}


def differences(ours: Evaluation, theirs: dict[str, object]) -> int:
    """How many cells the two do not agree on."""
    wrong = 0
    for (row, column), value in ours.values["Data"].items():
        cell = f"'[{NAME}]DATA'!{chr(64 + column)}{row}"
        other = theirs[cell].value[0, 0]  # type: ignore[attr-defined]
        wrong += abs(float(other) - float(value)) > 1e-9  # type: ignore[arg-type]
    return wrong


def make_calls(path: Path, calls: Sequence[tuple[str, str]], texts: bool) -> None:
    """A return in each row, its arguments as texts or as cells."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Calls")
        for r, (symbol, day) in enumerate(calls, 1):
            if texts:
                sheet.write_formula(r - 1, 0, f'=PX_RET("{symbol}","20D","{day}")')
            else:
                sheet.write_row(r - 1, 1, [symbol, day])
                sheet.write_formula(r - 1, 0, f'=PX_RET(B{r},"20D",C{r})')


@part
def per_call(bench: Bench) -> None:
    panel = Session("sample").panel
    days = [str(day) for day in panel.days[-CALLS // 20 :].tolist()]
    calls = [(symbol, day) for day in days for symbol in panel.symbols[:20]][:CALLS]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME

        def evaluated() -> None:
            kept.forget()
            assert not evaluate_workbook(path, Session("sample")).problems

        def called() -> None:
            session = Session("sample")
            for symbol, day in calls:
                session.call("PX_RET", symbol, "20D", day)

        for texts, what in ((False, "cells"), (True, "texts")):
            make_calls(path, calls, texts)
            bench.side_by_side(
                f"PX_RET in a workbook of 5,000, arguments as {what}",
                evaluated,
                {"the call alone": called},
                repeat=5,
                per=len(calls),
                at_most=CALL_GOAL,
            )


NAME = "book.xlsx"


@part
def five_thousand(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        make_workbook(path)
        found: dict[str, object] = {}
        their_time = timed(lambda: found.update(by_formulas(path)))
        ours = evaluate_workbook(path, Functions())
        assert not ours.problems
        assert differences(ours, found) == 0

        def evaluated() -> None:
            kept.forget()
            evaluate_workbook(path, Functions())

        our_time = sorted(timed(evaluated) for _ in range(5))[2]
    bench.figure(
        "a workbook of 5,000 formulas, 1,000 of them ours", our_time, against={"formulas": their_time}, times=GOAL
    )


if __name__ == "__main__":
    main()
