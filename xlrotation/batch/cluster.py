"""Workers on a cluster of Dask: jobs of a worker that is lost run again on another one.

A workbook is sent once, whatever the number of its jobs; the scheduler keeps it and gives it again where a worker that
held it is lost. Jobs are handed over some at a time, as many as keep the workers busy.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from xlrotation.addresses import keys_of, without
from xlrotation.batch import work
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.jobs import Report
from xlrotation.outside import reason

_PATIENCE = 30.0
"""Seconds to wait for the scheduler."""

_AHEAD = 4
"""Jobs that are handed over for each thread of the cluster, so that none waits for its next one."""

_LEAST = 32
"""Jobs that are handed over at least; workers may join."""

_WORK: Callable[[Task], Report] = work.do


def run(tasks: Iterable[Task], book: Callable[[Task], bytes], scheduler: str) -> Iterator[tuple[Task, Report]]:
    """Do *tasks* on the cluster at *scheduler*; gives each with its report as it ends.

    Args:
        tasks: The jobs.
        book: Gives the workbook of a job, or raises why it cannot be had; it is asked once for each workbook.
        scheduler: The scheduler's address.

    Raises:
        RotationError: Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RotationError("--scheduler needs Dask: pip install 'xlrotation[cluster]'") from None
    try:
        client: Any = Client(scheduler, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        text = f"no Dask scheduler answers at {scheduler} ({error})"
        raise RotationError(without(keys_of(scheduler), text)) from None
    with client:
        yield from _windowed(client, iter(tasks), book, scheduler)


def _windowed(
    client: Any, tasks: Iterator[Task], book: Callable[[Task], bytes], scheduler: str
) -> Iterator[tuple[Task, Report]]:
    from distributed import as_completed

    books: dict[str, Any] = {}
    at_work: dict[Any, Task] = {}
    ended: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]
    while True:
        room = max(_LEAST, _AHEAD * sum(client.nthreads().values())) - len(at_work)
        for task in itertools.islice(tasks, max(room, 0)):
            try:
                if task.job.book not in books:
                    books[task.job.book] = _sent(client, book(task))
            except RotationError as error:
                yield task, Report(book=task.job.book, failed=reason(error))
                continue
            key = f"xlrotation-{task.identity}-{task.job.name}"
            bare = replace(task, content=None)
            future = client.submit(_do, _WORK, bare, books[task.job.book], key=key, pure=False)
            at_work[future] = task
            ended.add(future)
        if not at_work:
            return
        future = next(ended)
        task = at_work.pop(future)
        try:
            report = future.result()
        except Exception as error:  # workers that died one after the other, or could not load the package
            report = Report(book=task.job.book, failed=_given_up(error, scheduler))
        yield task, report


def _sent(client: Any, content: bytes) -> Any:
    """A workbook on the cluster: a result of its own, which is made again from what the scheduler keeps."""
    return client.submit(_held, content, key=f"xlrotation-book-{hashlib.sha256(content).hexdigest()}", pure=False)


def _held(content: bytes) -> bytes:
    return content


def _do(do: Callable[[Task], Report], task: Task, content: bytes) -> Report:
    return do(replace(task, content=content))


def _given_up(error: Exception, scheduler: str) -> str:
    return without(keys_of(scheduler), f"the cluster gave up ({type(error).__name__}: {error})")
