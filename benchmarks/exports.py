"""Time exports: the report workbooks against other programs, many exports in a row, and a large workbook.

It needs the ``formulas`` package, and LibreOffice for its part. Where several processes work, seconds are those of the
clock.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter
from harness import Bench, main, part

from xlrotation import jobs
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.output.pdf import find_libreoffice

BOOKS = Path(__file__).parents[1] / "workbooks"
PEER_SECONDS = 5
"""How long another program may take over one workbook."""

LARGE_ROWS = 75_000
MOST = 3
EXPORTS = 60


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@part(long=True)
def reports(bench: Bench) -> None:
    """All report workbooks, against LibreOffice and ``formulas``."""
    books = sorted(BOOKS.glob("*.xlsx"))
    session = Session("sample")
    session.market()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = timed(lambda: [jobs.export(book, folder / "ours", session) for book in books])
        against = {}
        if program := find_libreoffice():
            profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
            convert = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "theirs")]
            subprocess.run([*convert, str(books[0])], check=True, capture_output=True, timeout=300)  # makes the profile
            command = [*convert, *map(str, books)]
            against["LibreOffice, its own formulas only"] = timed(
                lambda: subprocess.run(command, check=True, capture_output=True)
            )
    took, gave_up = 0.0, []
    for book in books:
        command = [sys.executable, __file__, "--by-formulas", str(book)]
        start = time.perf_counter()
        try:
            failed = subprocess.run(command, timeout=PEER_SECONDS, capture_output=True, check=False).returncode != 0
        except subprocess.TimeoutExpired:
            failed = True
        took += time.perf_counter() - start
        if failed:
            gave_up.append(book.stem)
    against["formulas, with our functions"] = took
    note = f"on the clock; formulas failed at, or took more than {PEER_SECONDS} s for, {len(gave_up)}"
    bench.figure(f"{len(books)} report workbooks exported", ours, against=against, note=note)


def by_formulas(book: Path) -> None:
    """Compute a workbook with the ``formulas`` package, which is given our functions."""
    from formulas.excel import ExcelModel
    from formulas.functions import get_functions, wrap_ufunc

    session = Session("sample")
    known = get_functions()

    def called(name: str) -> Callable[..., object]:
        return lambda *arguments: session.call(name, *arguments)

    for name in session.names:
        known[name] = wrap_ufunc(called(name), input_parser=lambda *a: a, check_error=lambda *_: None)
    ExcelModel().loads(str(book)).finish().calculate()


@part(long=True)
def many(bench: Bench) -> None:
    """A batch on one worker and on two: throughput, and the memory of the workers along the way."""
    days = "{ from = 2025-06-02, to = 2026-02-13 }"
    times = {}
    with tempfile.TemporaryDirectory() as name:
        plan = Path(name) / "jobs.toml"
        for workers in (1, 2):
            out = Path(name) / f"out{workers}"
            plan.write_text(f'output = "{out}"\n[[job]]\nbooks = "{BOOKS}/*.xlsx"\nasof = {days}\n', "utf-8")
            tasks, summary = batch.missing(read_plan(plan))
            tasks = tasks[:EXPORTS]
            memory: list[tuple[int, float]] = []
            step = _watcher(memory)
            times[workers] = timed(lambda: batch.run(tasks, summary, workers, step=step))  # noqa: B023
            assert not summary.failed, summary.failed
            early, late = (max(m for n, m in memory if low <= n <= high) for low, high in _thirds(len(tasks)))
            note = f"memory of a worker in the second fifth {early:.0f} MB, in the last {late:.0f} MB"
            what = f"an export of a batch of {EXPORTS}, workers: {workers}"
            bench.figure(what, times[workers] / EXPORTS, kind="process", note=f"on the clock; {note}")


def _thirds(count: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (count // 5, 2 * count // 5), (4 * count // 5, count)


def _watcher(memory: list[tuple[int, float]]) -> Callable[[str], None]:
    """Notes after each job how much memory the largest worker holds."""
    lock = threading.Lock()

    def step(_: str) -> None:
        with lock:
            memory.append((len(memory) + 1, max(_children_mb(), default=0.0)))

    return step


def _children_mb() -> Iterator[float]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int((process / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                yield int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        except (OSError, ValueError):
            continue


@part(long=True)
def large(bench: Bench) -> None:
    """A workbook of 50 MB with 20 of our formulas, against copying its zip entries."""
    session = Session("sample")
    session.market()
    with tempfile.TemporaryDirectory() as name:
        book = Path(name) / "large.xlsx"

        def copied() -> None:
            copy = Path(name) / "copy.xlsx"
            with zipfile.ZipFile(book) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
                for info in old.infolist():
                    new.writestr(info, old.read(info))

        for where in ("a sheet of their own", "the sheets of the data"):
            _make_large(book, apart=where == "a sheet of their own")
            bench.side_by_side(
                f"20 formulas in a workbook of 50 MB refreshed, on {where}",
                lambda: jobs.refresh_book(book, session),
                {"copying the entries": copied},
                repeat=1,
                times=1 / MOST,
            )


def _make_large(path: Path, apart: bool) -> None:
    chance = random.Random(1)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        if apart:
            front = book.add_worksheet("Front")
            for row in range(20):
                front.write_formula(row, 0, f'=PX_RET("XLK","{row + 1}D")*100')
        for number in (1, 2, 3):
            sheet = book.add_worksheet(f"Data{number}")
            for row in range(LARGE_ROWS):
                sheet.write_row(row, 0, [chance.random() * 100 for _ in range(18)])
                if not apart and number < 3 and row % (LARGE_ROWS // 10) == 0:
                    sheet.write_formula(row, 20, f'=PX_RET("XLK","{row % 7 + 1}D")*A{row + 1}')


if __name__ == "__main__":
    if sys.argv[1:2] == ["--by-formulas"]:
        by_formulas(Path(sys.argv[2]))
    else:
        main()
