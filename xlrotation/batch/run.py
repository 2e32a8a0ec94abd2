"""Run a batch: find what is missing, have it done, and say what came of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlrotation.batch import TIMEOUT, cluster, memory, pool, work
from xlrotation.batch.content import Bounds, Content, Loss, Refused, content_of, loss, most_of
from xlrotation.batch.expected import Shown, shown, sort
from xlrotation.batch.memory import Key, Memory
from xlrotation.batch.places import Folder, Place, open_place
from xlrotation.batch.plan import Job, Plan
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.jobs import Report, read_book
from xlrotation.languages import language
from xlrotation.market.condition import Condition, condition_of, few
from xlrotation.market.listing import chosen_home
from xlrotation.market.sources import chosen, open_source
from xlrotation.outside import reason, told

_HELD = 64_000_000
"""Bytes of workbooks that are kept from planning to work; beyond that they are read once more, and compared."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a source gives a batch.

    Attributes:
        identity: Says what the data are.
        state: Their state, of a source that keeps states.
        condition: What could not be read, what is stale.
        content: How much there is.
        loss: What is gone since the last run.
    """

    identity: str
    state: str
    condition: Condition
    content: Content
    loss: Loss


@dataclass(slots=True)
class Summary:
    """What came of a batch.

    Attributes:
        done: The jobs that were done now, with their reports.
        present: The jobs whose results were there already.
        failed: The jobs that could not be done, with the reason.
        stored: The reports of those that were there already, as plain data.
        data: What each source gives, by its text; what cannot be had, with the reason.
        memory: What earlier runs remember.
        unbegun: Those of the failed jobs whose data or workbook cannot be had; what stands there of them stays.
    """

    done: dict[str, Report] = field(default_factory=dict)
    present: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stored: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    data: dict[str, Data | RotationError] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    unbegun: list[str] = field(default_factory=list)

    @property
    def troubled(self) -> bool:
        """Whether a job failed or its workbook shows errors."""
        return bool(self.failed) or any(report.troubled for report in self.done.values())


def missing(plan: Plan, again: bool = False, accept: bool = False) -> tuple[list[Task], Summary]:
    """What is to be done, and what is there already or cannot be begun.

    Args:
        plan: The plan.
        again: Do all jobs, whether their results are there or not.
        accept: Take data and reports as they are, however much worse than the last ones.

    Raises:
        RotationError: The output cannot be used, or what earlier runs remember cannot be read.
    """
    place = open_place(plan.output)
    books: dict[str, _Book | RotationError] = {}
    own = _Books(place, plan)
    languages: dict[str | None, str] = {}
    home, program = chosen_home(), work.program()
    tasks: list[Task] = []
    noted = {job.name: work.noted_of(place, job) for job in plan.jobs if not job.trouble and not again}
    summary = Summary(memory=memory.read(place, plan.name))
    bounds = plan.settings.bounds
    for job in plan.jobs:
        try:
            if job.trouble:
                raise RotationError(job.trouble)
            own.spare(job)
        except RotationError as error:
            summary.failed[job.name] = reason(error)
            continue
        try:
            data = data_of(job.source, summary, bounds, accept)
            _check_age(job, data, bounds)
            book = _book(job, books)
            if job.lang not in languages:
                languages[job.lang] = language(job.lang)
            lang = languages[job.lang]
        except RotationError as error:
            summary.failed[job.name] = reason(error)
            summary.unbegun.append(job.name)
            continue
        identity = work.identity(job, book.digest, data.identity, lang)
        report = None if again else work.stored(place, noted[job.name], identity)
        if report is not None:
            summary.present.append(job.name)
            summary.stored[job.name] = report
        else:
            tasks.append(
                Task(
                    *(job, plan.output, identity, data.identity, data.state),
                    *(book.content, book.digest, lang, program),
                    exchange=home,
                    bounds=None if accept else bounds,
                    accepted=tuple(summary.memory.accepted.get(job.subject, ())),
                )
            )
    return tasks, summary


def data_of(source: str | None, summary: Summary, bounds: Bounds, accept: bool) -> Data:
    """What a source gives; the same for all jobs on it.

    Raises:
        RotationError: It cannot be read, or has lost more than *bounds* allow.
    """
    name = chosen(source)
    if name not in summary.data:
        try:
            with told():
                panel = open_source(source).panel()
                content = content_of(panel)
                before = summary.memory.sources.get(name, Content())
                lost = Loss() if accept else loss(before, content, bounds.lost)
                summary.data[name] = Data(panel.identity, panel.state, condition_of(panel), content, lost)
        except RotationError as error:
            summary.data[name] = error
    found = summary.data[name]
    if isinstance(found, RotationError):
        raise found
    if found.loss.refused:
        unread = f"; could not be read: {'; '.join(few(found.condition.unread, 3))}" if found.condition.unread else ""
        raise Refused(
            f"the data of {name} are not what they were in the last run: {'; '.join(found.loss.refused)}{unread}. "
            "The last good report stays. Where that is meant: --accept-errors"
        )
    return found


def _check_age(job: Job, data: Data, bounds: Bounds) -> None:
    """Refuse data that are too old for a job that wants the newest.

    Raises:
        Refused: They are.
    """
    if bounds.behind is None or job.asof is not None:
        return
    behind = data.condition.behind
    if behind is None or behind > bounds.behind:
        how = "nobody knows how old the data are" if behind is None else f"the data are {behind} sessions behind"
        raise Refused(f"{how}, and the plan takes {bounds.behind}; the last good report stays")


def remember(plan: Plan, summary: Summary, accept: bool) -> None:
    """Write what the next run must know: how much the sources held, and with *accept* which errors are known.

    Reports of jobs that could not be begun say so, and what stands there.

    Raises:
        RotationError: It cannot be written.
    """
    place = open_place(plan.output)
    held = summary.memory
    for job in plan.jobs:
        if job.name in summary.unbegun:
            data = summary.data.get(chosen(job.source))
            told = data.condition.as_dict() if isinstance(data, Data) else {}
            work.note(place, job, summary.failed[job.name], told)
        elif job.name in summary.stored:
            work.settle(place, job, summary.stored[job.name])
    for name, data in summary.data.items():
        if isinstance(data, Data) and not data.loss.refused:
            before = held.sources.get(name)
            held.sources[name] = data.content if accept or before is None else most_of(before, data.content)
    if accept:
        found: dict[str, dict[Key, None]] = {}
        for job in plan.jobs:
            if (errors := errors_of(job.name, summary)) is not None:
                keys = found.setdefault(job.subject, {})
                keys.update(dict.fromkeys(item.key for item in sort(errors, job.expected).new))
        held.accepted |= {subject: list(keys) for subject, keys in found.items()}
    memory.write(place, plan.name, held)


def errors_of(name: str, summary: Summary) -> list[Shown] | None:
    """The errors that a job's result shows, done now or before; None where it failed."""
    if name in summary.done:
        return shown(summary.done[name].as_dict())
    return shown(summary.stored[name]) if name in summary.stored else None


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
