"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

TEMPORARY = ".writing-"
"""How names of files begin that are being written."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one and never a part."""
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: temporary.replace(path))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name, too, must be on disk before the pointer tells of it
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


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
