"""A real Dask cluster on this machine, whose worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

from tests.batch.helpers import reports, whole_books, write_plan
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main
from xlrotation.errors import RotationError

pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own closing


def start(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)


def worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """A worker without a nanny that would start it again."""
    quiet = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--local-directory", str(folder))
    return start("dask_worker", address, *quiet, folder=folder)


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


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
