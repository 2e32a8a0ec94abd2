"""Time a workbook of 5,000 formulas, 1,000 of them ours, against the ``formulas`` package.

Both compute the same file with the same two functions; the ratio of the processor times of one run is printed, after a
check that both found the same values. Then what a call of ours takes in a workbook, reading of the file included,
beside the same calls without one. Run it with ``python benchmarks/headless.py``; it needs the ``formulas`` package.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter
from formulas.excel import ExcelModel
from formulas.functions import get_functions, wrap_ufunc

from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook

ROWS = 500
"""Rows of ten formulas: eight native, two of ours."""

GOAL = 80

CALLS, CALL_GOAL = 5000, 40
"""Calls of ours in one workbook, and the microseconds that each may take."""


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


def per_call(path: Path) -> None:
    """What a call takes inside a workbook and outside; the best of some runs."""
    panel = Session("sample").panel
    days = [str(day) for day in panel.days[-CALLS // 20 :].tolist()]
    calls = [(symbol, day) for day in days for symbol in panel.symbols[:20]][:CALLS]
    times: dict[str, float] = {}

    def note(what: str, start: float) -> None:
        took = (time.process_time() - start) / len(calls) * 1e6
        times[what] = min(times.get(what, took), took)

    for _ in range(7):
        for texts, what in ((False, "of cells"), (True, "of texts")):
            make_calls(path, calls, texts)
            session = Session("sample")
            session.market()
            start = time.process_time()
            found = evaluate_workbook(path, session)
            note(what, start)
            assert not found.problems, found.problems[:3]
        session = Session("sample")
        session.market()
        start = time.process_time()
        for symbol, day in calls:
            session.call("PX_RET", symbol, "20D", day)
        note("alone", start)
    inside = ", ".join(f"{what} {times[what]:.0f} us" for what in ("of cells", "of texts"))
    print(f"a call of ours in a workbook: {inside} (goal {CALL_GOAL}); the call alone {times['alone']:.0f} us")


NAME = "book.xlsx"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of ten formulas (default: %(default)s)")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        make_workbook(path, rows)
        start = time.process_time()
        ours = evaluate_workbook(path, Functions())
        our_time = time.process_time() - start
        start = time.process_time()
        theirs = by_formulas(path)
        their_time = time.process_time() - start
        per_call(path)
    assert not ours.problems, ours.problems[:3]
    print(f"{rows * 10:,} formulas, {rows * 2:,} of them ours; {differences(ours, theirs)} values differ")
    times = f"xlrotation {our_time:.3f} s, formulas {their_time:.2f} s"
    print(f"processor time: {times}: {their_time / our_time:.0f} times (goal {GOAL})")


if __name__ == "__main__":
    main()
