"""The report workbooks in a process that is open: each, all together, and how that grows with their number."""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Bench, main, part
from harness.measuring import least

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.market.sources import Pinned

BOOKS = sorted((Path(__file__).parents[1] / "workbooks").glob("*.xlsx"))


AGAIN = "the workbook was exported before in this process, on data of which nothing was remembered"
FIRST = "in a process that exported nothing before; what it imports for it is part of the time"

_PROGRAM = """
import sys, tempfile, time
from pathlib import Path
import books
from xlrotation import jobs
session = books.anew()
with tempfile.TemporaryDirectory() as folder:
    began = time.process_time()
    for name in sys.argv[1:]:
        jobs.export(Path(name), Path(folder), session)
    print(time.process_time() - began)
"""


def anew() -> Session:
    """A session on the sample that remembers nothing of what was computed before."""
    session = Session(Pinned("sample", dataclasses.replace(Session("sample").panel)))
    session.market()
    return session


@part
def each(bench: Bench) -> None:
    goals = {"daily_dashboard": 0.2, "dispersion_desk": 0.3}
    with tempfile.TemporaryDirectory() as folder:
        for book in BOOKS:
            what = f"{book.stem}, exported from the sample"
            work = lambda b=book: jobs.export(b, Path(folder), anew())  # noqa: E731
            bench.side_by_side(what, work, repeat=5, at_most=goals.get(book.stem), note=AGAIN)


@part
def together(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:

        def all_of_them() -> None:
            session = anew()
            for book in BOOKS:
                jobs.export(book, Path(folder), session)

        what = "all report workbooks, exported in one session"
        bench.side_by_side(what, all_of_them, repeat=5, at_most=0.8, note=AGAIN)


@part
def first(bench: Bench) -> None:
    """The same where a process has read, proved and written none of them before."""
    paths = [str(Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def seconds(names: list[Path]) -> float:
        command = [sys.executable, "-c", _PROGRAM, *map(str, names)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    for book in BOOKS:
        what = f"{book.stem}, exported from the sample for the first time"
        bench.figure(what, statistics.median(seconds([book]) for _ in range(3)), note=FIRST)
    what = "all report workbooks, exported in one session for the first time"
    bench.figure(what, statistics.median(seconds(BOOKS) for _ in range(3)), note=FIRST)


@part
def growth(bench: Bench) -> None:
    """The same workbook for more and more as-of dates, as a batch has it."""
    days = [str(day) for day in Session("sample").panel.days[-40:].tolist()]
    with tempfile.TemporaryDirectory() as folder:

        def seconds(count: int) -> float:
            def work() -> None:
                session = anew()
                for day in days[-count:]:
                    jobs.export(BOOKS[0], Path(folder) / day, session, asof=day)

            return least(work, 2)

        bench.growth("books: daily_dashboard for as many dates", seconds, (5, 10, 20))


if __name__ == "__main__":
    main()
