"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")

TEMPORARY = ".writing-"
"""How names of files begin that are being written."""

_ABANDONED = 3600.0
"""Seconds after which a temporary file is taken for one whose writer was killed."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the name *path* once it is whole and on disk.

    A reader, or a crash at any moment, finds the old file or the new one and never a part. Leftovers of writers that
    were killed are cleared away.

    Raises:
        OSError: It cannot be written; what was there stands.
    """
    path = Path(os.path.realpath(path))  # a link stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = f"-{path.name[-40:]}"
    _clear(path.parent, suffix)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, suffix=suffix, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        patiently(lambda: temporary.replace(path))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)  # the new name, too, must be on disk before anything tells of it


def sync_folder(path: Path) -> None:
    """Bring to disk which names a folder holds, where the system can."""
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* so that a reader, or a crash, finds the old file or the new one and never a part."""
    with replacing(path) as file:
        file.write(data)


def patiently(step: Callable[[], T]) -> T:
    """Do *step*, again for a second where Windows refuses it because another program has the file open."""
    for pause in (0.01, 0.04, 0.15, 0.3, 0.5):
        try:
            return step()
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(pause)
    return step()


def _clear(folder: Path, suffix: str) -> None:
    for left in folder.glob(f"{TEMPORARY}*{glob.escape(suffix)}"):
        with contextlib.suppress(OSError):  # another writer may have finished with it just now
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()
