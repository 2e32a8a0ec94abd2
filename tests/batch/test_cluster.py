"""A real Dask cluster on this machine, whose worker is killed in the middle."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from tests.batch.helpers import end, reports, whole_books, write_plan
from xlrotation.batch import cluster
from xlrotation.batch import run as batch
from xlrotation.batch.plan import Job, read_plan
from xlrotation.batch.work import Task
from xlrotation.cli import main
from xlrotation.errors import RotationError
from xlrotation.jobs import Report, read_book

pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own closing


def start(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}  # the stand-in for a job is one of this module
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """A worker without a nanny that would start it again."""
    quiet = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--local-directory", str(folder))
    return start("dask_worker", address, *quiet, folder=folder)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    process = start("dask_scheduler", *where, folder=tmp_path)
    yield f"tcp://127.0.0.1:{port}"
    end(process)


@pytest.mark.long
def test_jobs_of_a_killed_worker_run_again(tmp_path: Path, scheduler: str) -> None:
    """Two workers; one is killed when some jobs are done. All jobs are done in the end, each result whole."""
    text = 'asof = ["2026-01-16", "2026-02-06", "2026-02-13"]\nlang = ["en", "zh"]\nformats = ["json"]'
    path = write_plan(tmp_path, 20, text)
    tasks, summary = batch.missing(read_plan(path))
    assert len(tasks) == 120
    workers = [worker(scheduler, tmp_path) for _ in range(2)]
    with Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    ended: list[str] = []

    def step(name: str) -> None:
        ended.append(name)
        if len(ended) == 10:
            end(workers[0])

    try:
        batch.run(tasks, summary, workers=0, scheduler=scheduler, step=step)
    finally:
        with Client(scheduler, set_as_default=False) as client:
            assert len(client.scheduler_info()["workers"]) == 1
        for process in workers:
            end(process)
    assert len(ended) >= 120
    assert not summary.failed
    assert len(summary.done) == len(reports(tmp_path / "out")) == 120
    assert whole_books(tmp_path / "out") == 120
    assert batch.missing(read_plan(path))[0] == []


def reported(task: Task) -> Report:
    """Stands for a job; the workbook must have come with it."""
    return Report(book=task.job.book, cells=len(task.content or b""))


def test_a_workbook_is_sent_once_and_jobs_some_at_a_time(
    tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of jobs, what is handed over at one time is bounded, and no job carries its workbook."""
    books = [tmp_path / name for name in ("a.xlsx", "b.xlsx", "gone.xlsx")]
    for place, book in enumerate(books[:2]):
        book.write_bytes(bytes(100_000 + place))
    tasks = [
        Task(Job(book=str(books[n % 3]), name=f"job{n}"), str(tmp_path), f"identity{n}", "data") for n in range(300)
    ]
    handed: list[tuple[str, int]] = []
    ended: list[str] = []
    most = 0
    real = Client.submit

    def submit(self: Client, function: object, *arguments: object, **options: str) -> object:
        nonlocal most
        plain = [argument for argument in arguments if isinstance(argument, bytes | Task)]
        handed.append((options["key"], len(pickle.dumps(plain))))
        most = max(most, sum("-book-" not in key for key, _ in handed) - len(ended))
        return real(self, function, *arguments, **options)

    monkeypatch.setattr(Client, "submit", submit)
    monkeypatch.setattr(cluster, "_WORK", reported)
    process = worker(scheduler, tmp_path)
    try:
        with Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        found = {}
        for task, report in cluster.run(tasks, lambda task: read_book(task.job.book), scheduler):
            if not report.failed:
                ended.append(task.job.name)
            found[task.job.name] = report
    finally:
        end(process)
    assert len(found) == 300
    assert all("no such file" in found[f"job{n}"].failed for n in range(2, 300, 3))
    assert {found[f"job{n}"].cells for n in range(0, 300, 3)} == {100_000}
    assert {found[f"job{n}"].cells for n in range(1, 300, 3)} == {100_001}
    sizes = [size for key, size in handed if "-book-" in key]
    assert len(sizes) == 2
    assert min(sizes) > 100_000
    assert max(size for key, size in handed if "-book-" not in key) < 5_000
    assert 1 < most <= cluster._LEAST


def test_the_command_on_a_cluster_with_a_broken_job(
    tmp_path: Path, scheduler: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_plan(tmp_path, 3)
    (tmp_path / "books/b01.xlsx").write_text("no workbook")
    process = worker(scheduler, tmp_path)
    try:
        assert main(["batch", str(path), "--scheduler", scheduler]) == 1
        said = capsys.readouterr()
        assert "2 jobs done, 0 there already, 1 failed" in said.out
        assert "newest/b01: failed" in said.err
    finally:
        end(process)


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlrotation.batch.cluster._PATIENCE", 0.5)
    tasks, summary = batch.missing(read_plan(write_plan(tmp_path, 1)))
    began = time.monotonic()
    with pytest.raises(RotationError, match="no Dask scheduler answers at tcp://127"):
        batch.run(tasks, summary, workers=0, scheduler="tcp://127.0.0.1:9")
    assert time.monotonic() - began < 60
