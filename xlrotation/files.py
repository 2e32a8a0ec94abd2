"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import stat
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
    were killed are cleared away. A new file has the permissions that the umask and the folder give, one that is
    replaced keeps its own.

    Raises:
        OSError: It cannot be written; what was there stands.
    """
    path = Path(os.path.realpath(path))  # a link stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = f"-{path.name[-40:]}"
    _clear(path.parent, suffix)
    mode = _mode_of(path)
    temporary, handle = _created(path.parent, suffix, 0o666 if mode is None else mode)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:  # that of the file that is replaced, whatever the umask
            temporary.chmod(mode)
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


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file that somebody names: no pipe or device, which would be waited for or never end.

    Raises:
        OSError: It cannot be read, is no regular file, or holds more than *most* bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "is no file", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"has more than {most:,} bytes", str(path))
    return data


def _mode_of(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _created(folder: Path, suffix: str, mode: int) -> tuple[Path, int]:
    """A new file under a name that nobody has; the system takes the umask from its mode."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        path = folder / f"{TEMPORARY}{secrets.token_hex(8)}{suffix}"
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, flags, mode)


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
