"""Workbooks and plans for the tests of batches, and jobs that misbehave."""

from __future__ import annotations

import json
import os
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

from tests.workbook.books import make_book
from xlrotation import guard
from xlrotation.batch.plan import Job
from xlrotation.batch.work import Task
from xlrotation.jobs import Report

BOOK = {"S": {"A1": '=PX_RET("XLK",B1,asof)', "B1": "5D", "A2": "=XLR_VERSION()", "C1": 46066}}


def write_plan(folder: Path, books: int, text: str = "", output: str = "out") -> Path:
    (folder / "books").mkdir(exist_ok=True)
    for number in range(books):
        make_book(folder / "books" / f"b{number:02}.xlsx", BOOK, {"asof": "=S!$C$1", "window": "=S!$B$1"})
    path = folder / "jobs.toml"
    path.write_text(f'output = "{output}"\nsource = "sample"\n[[job]]\nbooks = "books/*.xlsx"\n{text}\n', "utf-8")
    return path


def reports(folder: Path) -> dict[str, dict[str, object]]:
    found = sorted(path for path in folder.rglob("*.report.json") if not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): json.loads(path.read_text("utf-8")) for path in found}


def fake_task(name: str, folder: Path) -> Task:
    return Task(Job(book=name, name=name), str(folder), "identity", "data")


def misbehave(task: Task) -> Report:
    """What the name says, noting each try in a file: stands for a job in tests of the workers."""
    folder = Path(task.output)
    with (folder / f"{task.job.name}.tries").open("a") as file:
        file.write(f"{os.getpid()}\n")
    tries = len((folder / f"{task.job.name}.tries").read_text().split())
    if "dies" in task.job.name or ("once" in task.job.name and tries == 1):
        os.kill(os.getpid(), 9)
    if "slow" in task.job.name:
        time.sleep(1.5)
    if "hangs" in task.job.name:
        time.sleep(600)
    return Report(book=task.job.book, cells=1)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started in a session of its own, at once, with all that it started."""
    begun = _begun_by(process.pid)
    guard.end(process)
    for each in begun:  # on Windows they are no group, and end as soon as they see that it is gone
        each.wait(60)


def _begun_by(process: int) -> list[Any]:
    if os.name == "posix":
        return []
    import psutil

    try:
        found: list[Any] = psutil.Process(process).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def whole_books(folder: Path) -> int:
    """How many workbooks there are, each opened; what a killed writer has left under a temporary name is none."""
    books = [path for path in folder.rglob("*.xlsx") if not path.name.startswith(".")]
    for book in books:
        with zipfile.ZipFile(book) as package:
            assert package.testzip() is None
    return len(books)
