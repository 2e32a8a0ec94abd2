"""How the time of an evaluation grows with the workbook: chains, names, lookups in whole columns, growing ranges.

Each kind of workbook is evaluated in three sizes, each twice the one before; the exponent is 1 where the time grows as
the workbook does, 2 where it grows as its square.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from harness import Bench, main, part
from harness.measuring import least

from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook


class Adding:
    """A caller with one function."""

    names = frozenset({"BM_ADD"})

    def __call__(self, _: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        return float(arguments[0]) + float(arguments[1])  # type: ignore[arg-type]


Book = Any
Maker = Callable[[Book, int], None]


def chain(book: Book, n: int) -> None:
    """Ours and native in turn, each on the cell above."""
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, 1)
    for r in range(2, n + 2):
        sheet.write_formula(r - 1, 0, f"=BM_ADD(A{r - 1},1)" if r % 2 else f"=A{r - 1}*1.0001")


def chain_upwards(book: Book, n: int) -> None:
    """The same from the last row up, so that each cell waits for the one below."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        sheet.write_formula(r - 1, 0, f"=BM_ADD(A{r + 1},1)" if r % 2 else f"=A{r + 1}*1.0001")
    sheet.write(n, 0, 1)


def indirect(book: Book, n: int) -> None:
    """Each cell by INDIRECT on the one above."""
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, 1)
    for r in range(2, n + 2):
        sheet.write_formula(r - 1, 0, f'=INDIRECT("A{r - 1}")+1')


def names(book: Book, n: int) -> None:
    """As many names as cells that use them."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        book.define_name(f"rate_{r}", f"=S!$B${r}*2")
        sheet.write(r - 1, 1, r)
        sheet.write_formula(r - 1, 0, f"=BM_ADD(rate_{r},1)")


def names_on_names(book: Book, n: int) -> None:
    """Names that stand on the one before, every hundred of them, each used by a cell."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        book.define_name(f"step_{r}", "=S!$B$1" if r % 100 == 1 else f"=step_{r - 1}+1")
        sheet.write_formula(r - 1, 0, f"=BM_ADD(step_{r},1)")
    sheet.write(0, 1, 1)


def whole_columns(book: Book, n: int) -> None:
    """Twenty lookups in whole columns per hundred rows of prices."""
    prices, sheet = book.add_worksheet("Prices"), book.add_worksheet("S")
    for r in range(n):
        prices.write_row(r, 0, [f"K{r}", *range(9)])
        sheet.write(r, 0, f"K{(r * 7) % n}")
        if r % 5 == 0:
            sheet.write_formula(r, 1, f"=VLOOKUP($A{r + 1},Prices!$A:$J,2,0)")


def matches(book: Book, n: int) -> None:
    """As many exact matches as rows."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        sheet.write(r - 1, 0, r)
        sheet.write_formula(r - 1, 1, f"=INDEX($A$1:$A${n},MATCH({n + 1}-A{r},$A$1:$A${n},0))+XLOOKUP(A{r},A:A,A:A)")


def conditions(book: Book, n: int) -> None:
    """As many counts and sums of what equals a cell as rows."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        sheet.write(r - 1, 0, f"K{r % (n // 2)}")
        sheet.write(r - 1, 1, r)
        sheet.write_formula(r - 1, 2, f"=COUNTIF(A:A,A{r})+SUMIF($A$1:$A${n},A{r},$B$1:$B${n})")


def rolling(book: Book, n: int) -> None:
    """Twenty rows at a time, on computed cells."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        sheet.write_formula(r - 1, 0, f"=BM_ADD({r},1)")
        sheet.write_formula(r - 1, 1, f"=AVERAGE(A{max(1, r - 19)}:A{r})")


def parts_of_tables(book: Book, n: int) -> None:
    """A table whose rows compute from their own columns."""
    sheet = book.add_worksheet("S")
    sheet.add_table(0, 0, n, 1, {"name": "Tab", "columns": [{"header": "X"}, {"header": "Y"}]})
    for r in range(1, n + 1):
        sheet.write(r, 0, r)
        sheet.write_formula(r, 1, "=BM_ADD(Tab[[#This Row],[X]],1)")


def spills(book: Book, n: int) -> None:
    """Formulas that spill over ten cells each, and one that reads them."""
    sheet = book.add_worksheet("S")
    for r in range(n):
        sheet.write_dynamic_array_formula(r, 0, r, 0, f"=SEQUENCE(1,10,BM_ADD({r},1))")
        sheet.write_formula(r, 11, f"=SUM(A{r + 1}:J{r + 1})")


def growing(book: Book, n: int) -> None:
    """Sums of a range that grows by a row: what is added grows as the square."""
    sheet = book.add_worksheet("S")
    for r in range(1, n + 1):
        sheet.write(r - 1, 0, r)
        sheet.write_formula(r - 1, 1, f"=SUM(A$1:A{r})")


def growing_computed(book: Book, n: int) -> None:
    """The same over the cells of the column itself."""
    sheet = book.add_worksheet("S")
    sheet.write(0, 0, 1)
    for r in range(2, n + 1):
        sheet.write_formula(r - 1, 0, f"=SUM(A$1:A{r - 1})/{r}")


LINEAR: tuple[tuple[Maker, int], ...] = (
    (chain, 2000),
    (chain_upwards, 2000),
    (indirect, 2000),
    (names, 2000),
    (names_on_names, 2000),
    (whole_columns, 5000),
    (matches, 2000),
    (conditions, 2000),
    (rolling, 2000),
    (parts_of_tables, 2000),
    (spills, 500),
)
SQUARE: tuple[tuple[Maker, int], ...] = ((growing, 1000), (growing_computed, 1000))


def measured(make: Maker, n: int, path: Path) -> float:
    """The processor time of an evaluation."""
    with xlsxwriter.Workbook(str(path)) as book:
        make(book, n)

    def work() -> None:
        found = evaluate_workbook(path, Adding())
        assert not found.problems, found.problems[:2]

    return least(work)


@part
def workbooks(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        measured(chain, 100, path)
        for make, n in (*LINEAR, *SQUARE):
            what = f"cells: {make.__name__.replace('_', ' ')}"
            square = "what is added grows as the square" if (make, n) in SQUARE else ""
            bench.growth(what, lambda size, m=make: measured(m, size, path), [n * k for k in (1, 2, 4)], square)


if __name__ == "__main__":
    main()
