"""Plans of many jobs: planned, found done, and handed over to a cluster of Dask.

The jobs on the cluster do nothing: what is measured is the process that hands them over.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter
from harness import Bench, main, part
from harness.measuring import timed
from harness.memory import measured

from xlrotation.batch import cluster
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.batch.work import Task
from xlrotation.jobs import Report

PLANNED = 1_000_000
DONE = 20_000
HELD = 99_000
HANDED = 15_000
"""Of the jobs held as many are handed over, in two minutes or so on two idle cores: each costs the same."""

DAYS = 100
ROWS = 500


def make_plan(folder: Path, jobs: int) -> Path:
    """A plan of one workbook of some 30 kB, on a hundred dates with so many inputs."""
    with xlsxwriter.Workbook(str(folder / "book.xlsx")) as book:
        sheet = book.add_worksheet("S")
        book.define_name("window", "=S!$B$1")
        for row in range(ROWS):
            sheet.write_row(row, 1, [row * column / 7 for column in range(1, 6)])
        sheet.write_formula(0, 0, '=PX_RET("XLK",B1,B2)')
    path = folder / f"plan{jobs}.toml"
    values = ", ".join(f'"{n}D"' for n in range(1, jobs // DAYS + 1))
    dates = "asof = { from = 2025-09-02, to = 2026-01-23 }"
    path.write_text(
        f'output = "out"\nsource = "sample"\n[[job]]\nbooks = "book.xlsx"\n{dates}\n[job.inputs]\nwindow = [{values}]\n'
    )
    return path


def pretend(tasks: list[Task]) -> None:
    """Leave what the jobs would have left: a report, and the result that it names."""
    for task in tasks:
        target = Path(task.output) / task.job.name
        target.parent.mkdir(parents=True, exist_ok=True)
        files = [f"{task.job.name}.xlsx"]
        Path(f"{target}.xlsx").write_bytes(b"result")
        told = {"job": json.loads(task.job.described()), **Report(book=task.job.book, cells=1).as_dict()}
        told |= {"files": files, "sizes": {files[0]: 6}, "identity": task.identity}
        Path(f"{target}.report.json").write_text(json.dumps(told, indent=1))


@part(long=True)
def planning(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = make_plan(Path(name), PLANNED)
        found: list[tuple[int, int]] = []

        def look() -> None:
            tasks, summary = batch.missing(read_plan(path))
            found.append((len(tasks), len(summary.present)))

        seconds = timed(look)
        assert found.pop() == (PLANNED, 0)
        bench.figure(f"{PLANNED:,} jobs, planned, none of them done", seconds, at_most=180.0)
        path = make_plan(Path(name), DONE)
        pretend(batch.missing(read_plan(path))[0])
        seconds = timed(look)
        assert found.pop() == (0, DONE)
        bench.figure(
            f"{DONE:,} jobs, planned, all of them done",
            seconds,
            at_most=180.0 * DONE / PLANNED,
            note=f"a {PLANNED // DONE}th of {PLANNED:,}: two files a job",
        )


def nothing(task: Task) -> Report:
    """Stands for a job."""
    return Report(book=task.job.book, cells=len(task.content or b""))


def hand_over(plan: str, scheduler: str) -> None:
    """What the command does with a plan, the jobs themselves left out; in a process of its own."""
    cluster._WORK = nothing
    tasks, summary = batch.missing(read_plan(Path(plan)))
    assert len(tasks) == HELD
    batch.run(tasks[:HANDED], summary, 0, scheduler)
    assert not summary.failed
    assert len(summary.done) == HANDED


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A scheduler and a worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = ["--no-dashboard"]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    commands = (
        ["dask_scheduler", "--host", "127.0.0.1", "--port", str(port), *quiet],
        ["dask_worker", address, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder), *quiet],
    )
    processes = []
    try:
        for command in commands:
            with (folder / "log").open("ab") as log:
                words = [sys.executable, "-m", f"distributed.cli.{command[0]}", *command[1:]]
                processes.append(subprocess.Popen(words, stdout=log, stderr=log, env=surroundings))
            time.sleep(3)
        yield address
    finally:
        for process in processes[::-1]:
            process.kill()
            process.wait()


@part(long=True)
def handed_over(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = make_plan(Path(name), HELD)
        size = (Path(name) / "book.xlsx").stat().st_size
        code = "import sys; from batches import hand_over; hand_over(*sys.argv[1:])"
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
        with running(Path(name)) as address:
            took = measured([sys.executable, "-c", code, str(path), address], surroundings)
        each = {"a workbook for each job": HANDED * size / 1e6}
        what = f"{HANDED:,} of {HELD:,} planned jobs handed over to Dask"
        bench.figure(f"{what}: memory", took.megabytes, "MB", each, kind="process", at_most=300.0)
        bench.figure(what, took.seconds, kind="process", note="jobs that do nothing, on one worker")


if __name__ == "__main__":
    main()
