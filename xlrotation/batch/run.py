"""Run a batch: find what is missing, have it done, and say what came of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xlrotation.batch import TIMEOUT, cluster, pool, work
from xlrotation.batch.places import Folder, Place, open_place
from xlrotation.batch.plan import Job, Plan
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.jobs import Report, read_book
from xlrotation.languages import language
from xlrotation.market.listing import chosen_home
from xlrotation.market.sources import open_source
from xlrotation.outside import reason, told

_HELD = 64_000_000
"""Bytes of workbooks that are kept from planning to work; beyond that they are read once more, and compared."""


@dataclass(slots=True)
class Summary:
    """What came of a batch.

    Attributes:
        done: The jobs that were done now, with their reports.
        present: The jobs whose results were there already.
        failed: The jobs that could not be done, with the reason.
    """

    done: dict[str, Report] = field(default_factory=dict)
    present: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def troubled(self) -> bool:
        """Whether a job failed or its workbook shows errors."""
        return bool(self.failed) or any(report.troubled for report in self.done.values())


def missing(plan: Plan, again: bool = False) -> tuple[list[Task], Summary]:
    """What is to be done, and what is there already or cannot be begun.

    Args:
        plan: The plan.
        again: Do all jobs, whether their results are there or not.

    Raises:
        RotationError: The output cannot be used.
    """
    place = open_place(plan.output)
    data: dict[str | None, tuple[str, str] | RotationError] = {}
    books: dict[str, _Book | RotationError] = {}
    own = _Books(place, plan)
    languages: dict[str | None, str] = {}
    home, program = chosen_home(), work.program()
    tasks: list[Task] = []
    summary = Summary()
    for job in plan.jobs:
        try:
            own.spare(job)
            known, state = _data(job, data)
            book = _book(job, books)
            if job.lang not in languages:
                languages[job.lang] = language(job.lang)
            lang = languages[job.lang]
        except RotationError as error:
            summary.failed[job.name] = reason(error)
            continue
        identity = work.identity(job, book.digest, known, lang)
        if not again and work.is_done(place, job, identity):
            summary.present.append(job.name)
        else:
            tasks.append(
                Task(
                    *(job, plan.output, identity, known, state, book.content, book.digest, lang, program),
                    exchange=home,
                )
            )
    return tasks, summary


def run(
    tasks: list[Task],
    summary: Summary,
    workers: int,
    scheduler: str | None = None,
    timeout: float = TIMEOUT,
    step: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Do *tasks*; a job that fails does not stop the others.

    Args:
        tasks: What :func:`missing` found.
        summary: Is completed.
        workers: Number of processes on this machine.
        scheduler: The address of a Dask scheduler, to use its workers instead.
        timeout: Seconds after which a job is taken to hang.
        step: Told the name of each job that has ended.

    Raises:
        RotationError: The cluster cannot be used.
    """
    for output in dict.fromkeys(task.output for task in tasks):
        if getattr(open_place(output), "of_this_process", False):
            raise RotationError(f"{output} is the memory of one process, and jobs are done by others; give a folder")
    ended = pool.run(tasks, workers, timeout) if scheduler is None else cluster.run(tasks, _content, scheduler)
    for task, report in ended:
        if report.failed:
            summary.failed[task.job.name] = report.failed
        else:
            summary.done[task.job.name] = report
        step(task.job.name)
    return summary


def _data(job: Job, known: dict[str | None, tuple[str, str] | RotationError]) -> tuple[str, str]:
    """The identity of a job's data, and their state; the same for all jobs on a source."""
    if job.source not in known:
        try:
            with told():
                panel = open_source(job.source).panel()
                known[job.source] = panel.identity, panel.state
        except RotationError as error:
            known[job.source] = error
    found = known[job.source]
    if isinstance(found, RotationError):
        raise found
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook as it was when the batch was planned: its SHA-256, and its bytes where there is room for them."""

    digest: bytes
    content: bytes | None


def _book(job: Job, known: dict[str, _Book | RotationError]) -> _Book:
    if job.book not in known:
        try:
            content = read_book(job.book)
            held = sum(len(book.content or b"") for book in known.values() if isinstance(book, _Book))
            fits = held + len(content) <= _HELD
            known[job.book] = _Book(hashlib.sha256(content).digest(), content if fits else None)
        except RotationError as error:
            known[job.book] = error
    found = known[job.book]
    if isinstance(found, RotationError):
        raise found
    return found


def _content(task: Task) -> bytes:
    """The workbook of a task, which workers on other machines cannot read."""
    return read_book(task.job.book) if task.content is None else task.content


class _Books:
    """The workbooks of a batch, which no result may replace."""

    def __init__(self, place: Place, plan: Plan) -> None:
        self._root = str(place.path) if isinstance(place, Folder) else None
        self._suffixes = {book: Path(book).suffix for book in {job.book for job in plan.jobs}}
        self._books = set(map(os.path.realpath, self._suffixes))
        self._real: dict[str, str] = {}

    def spare(self, job: Job) -> None:
        """Refuse a job whose result would replace one of them.

        Raises:
            RotationError: It would.
        """
        if self._root is None:
            return
        target = f"{self._root}/{job.name}{self._suffixes[job.book]}"
        folder, _, name = target.rpartition("/")
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        linked = Path(target).is_symlink()
        real = os.path.realpath(target) if linked else f"{self._real[folder]}{os.sep}{name}"
        if real in self._books:
            raise RotationError(f"{real} would be overwritten by a result; choose another output or name")
