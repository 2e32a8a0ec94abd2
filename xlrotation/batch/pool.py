"""Workers on this machine, each a process: one that dies or hangs costs its job a second try and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import forkserver, util
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from xlrotation import guard
from xlrotation.batch import work
from xlrotation.batch.work import Task
from xlrotation.jobs import Report

TRIES = 2
"""How often a job is tried whose worker dies or hangs."""

_LOOKED_AT = 10_000
"""Jobs that are looked at for the data that workers share from the beginning."""

_ADDRESS = 107 - len("/listener-12345678")
"""Bytes of the longest folder in which a socket of :mod:`multiprocessing` has a name that Linux takes."""

_WORK: Callable[[Task], Report] = work.do


def run(tasks: Sequence[Task], workers: int, timeout: float) -> Iterator[tuple[Task, Report]]:
    """Do *tasks* in *workers* processes; gives each with its report as it ends.

    Args:
        tasks: The jobs.
        workers: Number of processes.
        timeout: Seconds after which a job is taken to hang.
    """
    waiting = deque((task, 1) for task in tasks)
    context = _context(tasks)
    slots: list[_Worker] = []
    try:
        while waiting or any(slot.task for slot in slots):
            busy = sum(slot.task is not None for slot in slots)
            slots += [_Worker(context) for _ in range(min(workers, busy + len(waiting)) - len(slots))]
            for slot in slots:
                if slot.task is None and waiting:
                    slot.start(*waiting.popleft())
            for slot in _ended(slots, timeout):
                task, tried = slot.take()
                try:
                    report = slot.result(timeout)
                except _LostError as lost:
                    slots.remove(slot)
                    slot.end()
                    if tried < TRIES:
                        waiting.appendleft((task, tried + 1))
                        continue
                    report = Report(book=task.job.book, failed=f"{lost}, {tried} times; the other jobs went on")
                yield task, report
    finally:
        for slot in slots:
            slot.end()


def _ended(slots: Sequence[_Worker], timeout: float) -> list[_Worker]:
    """The workers that have something to say, that died, or that took too long."""
    busy = {slot.connection: slot for slot in slots if slot.task is not None}
    left = min(slot.began + timeout - time.monotonic() for slot in busy.values())
    ready = wait(list(busy), max(0.0, left))
    found = [slot for connection, slot in busy.items() if connection in ready]
    late = [slot for slot in busy.values() if slot not in found and time.monotonic() >= slot.began + timeout]
    return found + late


class _LostError(Exception):
    """A worker that will not answer."""


class _Worker:
    """A process that does one job after another."""

    def __init__(self, context: Any) -> None:
        self.connection, theirs = context.Pipe()
        given = (theirs, _WORK, _in_main_thread(), dict(os.environ), _umask())
        self._process = context.Process(target=_serve, args=given, daemon=True)
        self._process.start()
        theirs.close()  # so that its end is seen when it dies
        self.task: Task | None = None
        self.began = 0.0
        self._tried = 0

    def start(self, task: Task, tried: int) -> None:
        """Give it a job."""
        self.task, self._tried, self.began = task, tried, time.monotonic()
        with contextlib.suppress(OSError):  # it has died; asking for the result says so
            self.connection.send(task)

    def take(self) -> tuple[Task, int]:
        """The job that it was given, and the number of the try; it is free then."""
        assert self.task is not None
        task, self.task = self.task, None
        return task, self._tried

    def result(self, timeout: float) -> Report:
        """The report of its job.

        Raises:
            _LostError: It has died, or took too long.
        """
        try:
            if not self.connection.poll():
                raise _LostError(f"took more than {timeout:g} s")
            report: Report = self.connection.recv()
        except (EOFError, OSError):  # on Windows as soon as one asks whether there is something
            self._process.join(5)
            raise _LostError(f"its process ended without a word (exit {self._process.exitcode})") from None
        return report

    def end(self) -> None:
        """End it, whatever it does."""
        self.connection.close()
        self._process.kill()
        self._process.join(5)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _context(tasks: Sequence[Task]) -> Any:
    """How workers are started: none of them inherits a lock of this process.

    On Linux they are forked from a process that has loaded the package and what *tasks* share of their data, and does
    nothing else: they start at once and share its memory. Elsewhere, and where temporary files lie so deep that its
    socket can have no name there, each is a process from the beginning.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    sockets = util.get_temp_dir()
    guard.goes_with_this(sockets)
    if len(os.fsencode(sockets)) > _ADDRESS:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["xlrotation.batch.preloaded"])
    data = dict.fromkeys((task.job.source, task.state, task.exchange) for task in itertools.islice(tasks, _LOOKED_AT))
    os.environ[work.WARM] = json.dumps(list(data)[: work.KEPT])
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[work.WARM]
    return context


def _umask() -> int | None:
    """That of this process, where the system tells it without changing it for all threads."""
    with (
        contextlib.suppress(OSError, ValueError),
        Path("/proc/self/status").open(encoding="ascii", errors="replace") as file,
    ):
        for line in file:
            name, _, value = line.partition(":")
            if name == "Umask":
                return int(value, 8)
    return None


def _serve(
    connection: Connection, do: Callable[[Task], Report], by_system: bool, given: dict[str, str], umask: int | None
) -> None:
    os.environ.clear()
    os.environ.update(given)  # what it was forked from may be older than this
    if hasattr(time, "tzset"):
        time.tzset()
    if umask is not None:
        os.umask(umask)
    work.check_surroundings()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    guard.die_with_parent(by_system)
    while True:
        try:
            task = connection.recv()
            connection.send(do(task))
        except (EOFError, OSError):
            return  # the parent has gone
