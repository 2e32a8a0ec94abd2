"""Workers on a cluster of Dask: jobs of a worker that is lost run again on another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from xlrotation.addresses import keys_of, without
from xlrotation.batch import work
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.jobs import Report

_PATIENCE = 30.0
"""Seconds to wait for the scheduler."""


def run(tasks: Iterable[Task], scheduler: str) -> Iterator[tuple[Task, Report]]:
    """Do *tasks* on the cluster at *scheduler*; gives each with its report as it ends.

    Raises:
        RotationError: Dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise RotationError("--scheduler needs Dask: pip install 'xlrotation[cluster]'") from None
    try:
        client: Any = Client(scheduler, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        text = f"no Dask scheduler answers at {scheduler} ({error})"
        raise RotationError(without(keys_of(scheduler), text)) from None
    with client:
        futures = {
            client.submit(work.do, task, key=f"xlrotation-{task.identity}-{task.job.name}", pure=False): task
            for task in tasks
        }
        for future in as_completed(list(futures), loop=client.loop):  # type: ignore[no-untyped-call]
            task = futures[future]
            try:
                report = future.result()
            except Exception as error:  # workers that died one after the other, or could not load the package
                report = Report(book=task.job.book, failed=_given_up(error, scheduler))
            yield task, report


def _given_up(error: Exception, scheduler: str) -> str:
    return without(keys_of(scheduler), f"the cluster gave up ({type(error).__name__}: {error})")
