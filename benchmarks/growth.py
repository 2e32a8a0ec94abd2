"""How the time grows with cells and names of a workbook, with symbols, sessions, dates and options.

Each kind of workbook is evaluated in three sizes, each twice the one before; the exponent is 1 where the time grows as
the workbook does, 2 where it grows as its square. Symbols and sessions are those of the data; a call remembers no
answer. Universes have up to 2,000 members: tables of more leave the processor's cache, and a step would be
measured that is no growth.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from harness import Bench, main, part
from harness.measuring import least, timed

from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell, Range
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.measures import implied
from xlrotation.workbook.evaluation import kept
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
    """The processor time of an evaluation of a workbook that was not evaluated before."""
    with xlsxwriter.Workbook(str(path)) as book:
        make(book, n)

    def work() -> None:
        kept.forget()
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


def session_of(symbols: int, sessions: int) -> Session:
    """Random paths, a sixth of which split, all of them members of SP500."""
    days = XNYS.sessions()
    days = days[days <= np.datetime64("2026-02-13")][-sessions:]
    random = np.random.default_rng(1)
    closes = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, (sessions, symbols + 1)), axis=0))
    split = np.zeros_like(closes)
    split[sessions // 2, : symbols // 6] = 2.0
    names = (*(f"S{place}" for place in range(symbols)), "^GSPC")
    panel = Panel(days, names, {"close": closes, "split": split}, universes={"SP500": names[:-1]})
    return Session(Pinned("benchmark", panel), remember=False)


UNIVERSE = (
    ("BRD_ABOVE_MA", "SP500", 200),
    ("BRD_NEW_HIGHS", "SP500", "252D"),
    ("ROT_LEADERS", "SP500", 10, "63D"),
    ("DISP_REALCORR_HISTORY", "SP500", "1Y"),
    ("BRD_MCCLELLAN", "SP500"),
)
"""Calls over a whole universe."""

PAIRS = ("DISP_REALCORR", "SP500", "21D")
"""The mean over all pairs; without forming any, so that it does not grow as their number."""


@part
def symbols(bench: Bench) -> None:
    sizes = (250, 500, 1000, 2000)
    made = {size: session_of(size, 600) for size in sizes}
    for call in (*UNIVERSE, PAIRS):
        bench.growth(f"symbols: {call[0]} of a universe of as many", _called(made, call), sizes)
    lists = {count: [[f"S{place}"] for place in range(count)] for count in (60, 120, 240, 480)}

    def matrix(count: int) -> float:
        return least(lambda: made[1000].call("DISP_CORR_MATRIX", lists[count], "6M"), 5)

    bench.growth("symbols: DISP_CORR_MATRIX of a list of as many", matrix, list(lists), "every pair is a cell of it")
    bench.growth("symbols: XLR_STATUS with as many in the data", _called(made, ("XLR_STATUS",)), sizes)
    wrong = _called(made, ("PX_CLOSE", "S1OO"))
    bench.growth("symbols: a wrong ticker with as many in the data", wrong, sizes)
    bench.growth("symbols: PX_RET of one with as many in the data", _called(made, ("PX_RET", "S1", "20D")), sizes)


@part
def sessions(bench: Bench) -> None:
    sizes = (1250, 2500, 5000, 10_000)
    made = {size: session_of(40, size) for size in sizes}
    for call in (*UNIVERSE, PAIRS, ("PX_RET", "S1", "20D")):
        bench.growth(f"sessions: {call[0]} with as many in the data", _called(made, call), sizes)
    bench.growth("sessions: PX_HISTORY of all of them", _called(made, ("PX_HISTORY", "SP500", "1980-01-02")), sizes)


def _called(made: Mapping[int, Session], call: tuple[object, ...]) -> Callable[[int], float]:
    """Seconds of a call on the session of a size, not the first: what is made once for the data is made."""

    def seconds(size: int) -> float:
        name, *arguments = call
        work = lambda: made[size].call(str(name), *arguments)  # type: ignore[arg-type]  # noqa: E731
        work()
        number = max(1, min(200, int(0.02 / max(timed(work), 1e-6))))
        return least(lambda: [work() for _ in range(number)], 5) / number

    return seconds


@part
def options(bench: Bench) -> None:
    random = np.random.default_rng(2)

    def kernel(size: int) -> float:
        forward, years = np.full(size, 100.0), random.uniform(0.05, 2.0, size)
        strike, vol, call = random.uniform(70, 140, size), random.uniform(0.1, 0.6, size), random.random(size) < 0.5
        price = implied.black(forward, strike, years, vol, call)
        return least(lambda: implied.implied_volatility(price, forward, strike, years, call), 5)

    def in_cells(size: int) -> float:
        strikes = [[strike] for strike in np.linspace(80.0, 120.0, size).tolist()]
        session = Session("sample", remember=False)
        prices = session.call("VOL_BS_PRICE", 0.25, 100, strikes, 0.5)
        return least(lambda: session.call("VOL_BS_IV", prices, 100, strikes, 0.5), 3)

    bench.growth("options: implied volatility, the kernel", kernel, (20_000, 40_000, 80_000))
    bench.growth("options: VOL_BS_IV over a range", in_cells, (1000, 2000, 4000))


@part
def dates(bench: Bench) -> None:
    days = [[str(day)] for day in Session("sample").panel.days[-400:].tolist()]

    def seconds(size: int) -> float:
        def work() -> None:
            fresh = Session(Pinned("benchmark", dataclasses.replace(Session("sample").panel)), remember=False)
            fresh.call("ROT_MECH_SCORE", days[-size:])

        return least(work, 3)

    bench.growth("dates: ROT_MECH_SCORE over as many", seconds, (50, 100, 200, 400))


if __name__ == "__main__":
    main()
