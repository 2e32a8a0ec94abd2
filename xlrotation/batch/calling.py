"""A batch from Python: ``xlrotation.batch``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xlrotation.batch import TIMEOUT
from xlrotation.batch import run as running
from xlrotation.batch.lock import alone
from xlrotation.batch.plan import plan_of, read_plan
from xlrotation.batch.run import Summary
from xlrotation.errors import BadArgument
from xlrotation.market.calendar import find_exchange
from xlrotation.market.listing import home_of_work


def batch(
    plan: str | os.PathLike[str] | Mapping[str, Any],
    *,
    folder: str | os.PathLike[str] = ".",
    workers: int | None = None,
    scheduler: str | None = None,
    timeout: float = TIMEOUT,
    exchange: str | None = None,
    again: bool = False,
    accept_errors: bool = False,
    step: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Run the exports of a plan, on processes or a cluster; what is there already is not done again.

    A script that calls this must be guarded by ``if __name__ == "__main__":`` where processes are started anew.

    Args:
        plan: The path of a plan (TOML), or what such a file says as a dictionary.
        folder: What paths of a dictionary are relative to.
        workers: Number of processes. None: the processors of this machine.
        scheduler: The address of a Dask scheduler, to use its workers instead.
        timeout: Seconds after which a job is taken to hang.
        exchange: The home exchange, such as ``"XETR"``. None: as the sources say.
        again: Also do what is there already.
        accept_errors: The errors that this run finds are known from now on, and the data as large as they should be.
        step: Told the name of each job that has ended.

    Returns:
        The jobs that were done, that were there already and that failed; look at ``summary.troubled``.

    Raises:
        RotationError: The plan cannot be read, or the output cannot be used.
    """
    if workers is not None and (isinstance(workers, bool) or workers < 1):
        raise BadArgument(f"workers={workers!r}; give at least 1")
    read = plan_of(plan, Path(folder).resolve()) if isinstance(plan, Mapping) else read_plan(Path(plan))
    with home_of_work(None if exchange is None else find_exchange(exchange).code), alone(read):
        tasks, summary = running.missing(read, again, accept_errors)
        running.run(tasks, summary, workers or os.cpu_count() or 1, scheduler, timeout, step)
        running.remember(read, summary, accept_errors)
        return summary
