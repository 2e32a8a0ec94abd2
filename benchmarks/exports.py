"""Time exports: the report workbooks against other programs, many exports in a row, and a large workbook.

Each ratio compares two things done in the same run. Run it with ``python benchmarks/exports.py``; it needs the
``formulas`` package, and LibreOffice for its part.
"""

from __future__ import annotations

import argparse
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

from xlrotation import jobs
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.output.pdf import find_libreoffice

BOOKS = Path(__file__).parents[1] / "workbooks"
PEER_SECONDS = 60
"""How long another program may take over one workbook."""

LARGE_MB, LARGE_ROWS = 50, 75_000
MOST = 3


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def reports(folder: Path) -> None:
    """All report workbooks, against LibreOffice and ``formulas``."""
    books = sorted(BOOKS.glob("*.xlsx"))
    session = Session("sample")
    session.market()
    ours = timed(lambda: [jobs.export(book, folder / "ours", session) for book in books])
    print(f"{len(books)} report workbooks exported: {ours:.2f} s")
    if program := find_libreoffice():
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        convert = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "theirs"), *books]
        subprocess.run([*convert[:-1]], check=True, capture_output=True)  # makes the profile
        theirs = timed(lambda: subprocess.run(convert, check=True, capture_output=True))
        print(f"  LibreOffice, native formulas only: {theirs:.1f} s, ratio {theirs / ours:.1f}")
    took, gave_up = 0.0, []
    for book in books:
        command = [sys.executable, __file__, "--by-formulas", str(book)]
        start = time.perf_counter()
        try:
            done = subprocess.run(command, timeout=PEER_SECONDS, capture_output=True, text=True, check=False)
            failed = done.stderr.strip().splitlines()[-1][:100] if done.returncode else ""
        except subprocess.TimeoutExpired:
            failed = f"more than {PEER_SECONDS} s"
        took += time.perf_counter() - start
        if failed:
            gave_up.append(f"{book.stem} ({failed})")
    print(f"  formulas, with our functions: {took:.1f} s, ratio {took / ours:.0f}; gave up on {len(gave_up)}")
    for name in gave_up:
        print(f"    {name}")


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


def many(folder: Path, exports: int) -> None:
    """A batch on one worker and on two: throughput, and the memory of the workers along the way."""
    days = "{ from = 2025-06-02, to = 2026-02-13 }"
    plan = folder / "jobs.toml"
    times = {}
    for workers in (1, 2):
        out = folder / f"out{workers}"
        plan.write_text(f'output = "{out}"\n[[job]]\nbooks = "{BOOKS}/*.xlsx"\nasof = {days}\n', "utf-8")
        tasks, summary = batch.missing(read_plan(plan))
        tasks = tasks[:exports]
        memory: list[tuple[int, float]] = []
        step = _watcher(memory)
        times[workers] = timed(lambda: batch.run(tasks, summary, workers, step=step))  # noqa: B023
        assert not summary.failed, summary.failed
        early, late = (max(m for n, m in memory if low <= n <= high) for low, high in _thirds(len(tasks)))
        speed = len(tasks) / times[workers]
        print(
            f"{len(tasks)} exports, workers: {workers}: {times[workers]:.1f} s, {speed:.1f} a second; "
            f"their memory in the second fifth {early:.0f} MB, in the last {late:.0f} MB"
        )
    print(f"  two cores against one: {times[1] / times[2]:.2f} times")


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


def large(folder: Path) -> None:
    """A workbook of 50 MB with 20 of our formulas, against copying its zip entries."""
    session = Session("sample")
    session.market()
    for where in ("a sheet of their own", "the sheets of the data"):
        book = folder / "large.xlsx"
        _make_large(book, apart=where == "a sheet of their own")
        start = time.perf_counter()
        with zipfile.ZipFile(book) as old, zipfile.ZipFile(folder / "copy.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                new.writestr(info, old.read(info))
        copied = time.perf_counter() - start
        start = time.perf_counter()
        report = jobs.refresh_book(book, session)
        ours = time.perf_counter() - start
        assert not report.troubled
        print(
            f"refresh of {book.stat().st_size / 2**20:.0f} MB, formulas on {where}: {ours:.1f} s, "
            f"copying the entries {copied:.1f} s, ratio {ours / copied:.2f} (goal: at most {MOST})"
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="large, many, reports (default: all)")
    parser.add_argument("--exports", type=int, default=500, help="exports in a row (default: %(default)s)")
    parser.add_argument("--by-formulas", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.by_formulas:
        by_formulas(options.by_formulas)
        return
    with tempfile.TemporaryDirectory() as name:
        parts = {"large": lambda: large(Path(name)), "many": lambda: many(Path(name), options.exports)}
        parts["reports"] = lambda: reports(Path(name))
        for part in options.parts or parts:
            if part not in parts:
                parser.error(f"no part {part}; there are {', '.join(parts)}")
            parts[part]()


if __name__ == "__main__":
    main()
