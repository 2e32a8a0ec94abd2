"""Workers on this machine: what happens to jobs whose worker dies or hangs."""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.batch.helpers import fake_task, misbehave
from xlrotation.batch import pool
from xlrotation.batch.run import Summary, run


def tries(folder: Path, name: str) -> int:
    return len((folder / f"{name}.tries").read_text().split())


@pytest.fixture(autouse=True)
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_WORK", misbehave)


def test_a_worker_that_dies_costs_its_job_a_second_try(tmp_path: Path) -> None:
    names = ["a", "once", "b", "dies", "c", "d"]
    summary = run([fake_task(name, tmp_path) for name in names], Summary(), workers=2)
    assert set(summary.done) == {"a", "once", "b", "c", "d"}
    assert list(summary.failed) == ["dies"]
    assert "ended without a word" in summary.failed["dies"]
    assert {name: tries(tmp_path, name) for name in names} == {"a": 1, "once": 2, "b": 1, "dies": 2, "c": 1, "d": 1}
    assert not multiprocessing.active_children()


def test_a_job_that_hangs_is_ended(tmp_path: Path) -> None:
    seconds = 3.0 if sys.platform == "linux" else 30.0  # elsewhere a process begins anew, which takes some of them
    summary = run([fake_task(name, tmp_path) for name in ("hangs", "a", "b")], Summary(), workers=2, timeout=seconds)
    assert set(summary.done) == {"a", "b"}
    assert f"took more than {seconds:g} s" in summary.failed["hangs"]
    assert tries(tmp_path, "hangs") == 2
    assert not multiprocessing.active_children()


def test_stopping_ends_the_workers(tmp_path: Path) -> None:
    ended = pool.run([fake_task(name, tmp_path) for name in ("a", "hangs")], 2, 60.0)
    assert next(ended)[1].cells == 1
    ended.close()  # as Ctrl-C does
    assert not multiprocessing.active_children()


def test_workers_work_side_by_side(tmp_path: Path) -> None:
    names = ["slow1", "slow2", "slow3", "slow4"]
    run([fake_task(name, tmp_path) for name in names], Summary(), workers=2)
    who = [(tmp_path / f"{name}.tries").read_text() for name in names]
    assert len(set(who)) == 2


def test_no_more_workers_than_jobs(tmp_path: Path) -> None:
    summary = run([fake_task("a", tmp_path)], Summary(), workers=64)
    assert list(summary.done) == ["a"]
    assert run([], Summary(), workers=2).done == {}


def test_a_worker_at_a_pipe_of_windows_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """There :func:`multiprocessing.Pipe` gives another kind than elsewhere."""

    class PipeConnection:
        pass

    said, silent = (pool._Worker.__new__(pool._Worker) for _ in range(2))
    slot: Any
    for slot in (said, silent):
        slot.connection, slot.task, slot.began = PipeConnection(), fake_task("a", Path()), time.monotonic()
    monkeypatch.setattr(pool, "wait", lambda held, _: held[:1])
    assert pool._ended([said, silent], 60.0) == [said]


def test_a_dead_worker_is_told_where_asking_raises() -> None:
    """On Windows a pipe whose other end is gone cannot even be asked whether something came."""

    class Gone:
        def poll(self) -> bool:
            raise BrokenPipeError(109, "Broken pipe")

    class Ended:
        exitcode = 9

        def join(self, _: float) -> None:
            pass

    slot: Any = pool._Worker.__new__(pool._Worker)
    slot.connection, slot._process = Gone(), Ended()
    with pytest.raises(pool._LostError, match=r"ended without a word \(exit 9\)"):
        slot.result(60.0)
