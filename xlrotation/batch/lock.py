"""One run of a plan at a time: a lock that goes when its process goes, however it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.batch.places import Folder, open_place
from xlrotation.batch.plan import Plan
from xlrotation.errors import RotationError
from xlrotation.market.identity import identity_of
from xlrotation.market.places import data_folder
from xlrotation.outside import told

if TYPE_CHECKING:
    from filelock import BaseFileLock


class Busy(RotationError):  # noqa: N818
    """Another run is at work."""


@contextlib.contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """Keep other runs of *plan* of this account away.

    The lock lies in the account's data folder, where that cannot be written beside the results.

    Raises:
        Busy: Another one is at work.
        RotationError: The lock cannot be made.
    """
    lock = _taken(plan)
    try:
        yield
    finally:
        lock.release()


def _taken(plan: Plan) -> BaseFileLock:
    from filelock import FileLock, Timeout

    trouble: RotationError | None = None
    for path in _paths(plan):
        try:
            with told():
                path.parent.mkdir(parents=True, exist_ok=True)
                lock = FileLock(path, timeout=0)
                try:
                    lock.acquire()
                except Timeout:
                    raise Busy(f"another run of {plan.name} is at work (it holds {path}); wait for it to end") from None
                return lock
        except Busy:
            raise
        except RotationError as error:
            trouble = error
    assert trouble is not None
    raise trouble


def _paths(plan: Plan) -> Iterator[Path]:
    place = open_place(plan.output)
    where = str(place.path.resolve()) if isinstance(place, Folder) else plan.output
    yield data_folder() / "locks" / f"{identity_of((where, plan.name))}.lock"
    if isinstance(place, Folder):
        yield place.path / f"{plan.name}.lock"
