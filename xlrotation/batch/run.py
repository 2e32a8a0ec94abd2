"""Run a batch: find what is missing, have it done, and say what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from xlrotation.batch import cluster, pool, work
from xlrotation.batch.places import open_place
from xlrotation.batch.plan import Job, Plan
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.jobs import Report
from xlrotation.market.sources import open_source

TIMEOUT = 900.0
"""Seconds after which a job is taken to hang."""


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
    contents: dict[str, bytes] = {}
    tasks: list[Task] = []
    summary = Summary()
    for job in plan.jobs:
        try:
            known, state = _data(job, data)
            content = _content(job, contents)
        except RotationError as error:
            summary.failed[job.name] = error.message
            continue
        task = Task(job, plan.output, work.identity(job, content, known), known, state)
        if not again and work.is_done(place, job, task.identity):
            summary.present.append(job.name)
        else:
            tasks.append(task)
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
    ended: Iterator[tuple[Task, Report]]
    if scheduler is None:
        ended = pool.run(tasks, workers, timeout)
    else:
        sent = [replace(task, content=Path(task.job.book).read_bytes()) for task in tasks]
        ended = cluster.run(sent, scheduler)
    for task, report in ended:
        if report.failed:
            summary.failed[task.job.name] = report.failed
        else:
            summary.done[task.job.name] = report
        step(task.job.name)
    return summary


def _data(job: Job, known: dict[str | None, tuple[str, str] | RotationError]) -> tuple[str, str]:
    """The fingerprint of a job's data, and their state; the same for all jobs on a source."""
    if job.source not in known:
        try:
            panel = open_source(job.source).panel()
            known[job.source] = work.fingerprint(panel), panel.state
        except RotationError as error:
            known[job.source] = error
    found = known[job.source]
    if isinstance(found, RotationError):
        raise found
    return found


def _content(job: Job, known: dict[str, bytes]) -> bytes:
    """The digest of the workbook, which stands for its content."""
    if job.book not in known:
        try:
            with Path(job.book).open("rb") as file:
                known[job.book] = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise RotationError(f"{job.book}: cannot be read ({error.strerror or error})") from None
    return known[job.book]
