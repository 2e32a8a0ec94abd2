"""What the server keeps to itself: its token, its secret, a licence key.

They lie in the user's data folder, apart from the project whose files are served, and only their owner can read them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from pathlib import Path

from xlrotation import files
from xlrotation.errors import RotationError

LICENCE = "licence"
SETTINGS = "settings.env"

_GOOD = re.compile(r"[\x21-\x7e]{32,200}")


def folder_of(project: Path, data: Path) -> Path:
    """The folder of what a project keeps, made where it is missing.

    Args:
        project: The project's folder.
        data: The user's data folder.

    Raises:
        RotationError: It cannot be made, or others can get into it.
    """
    name = hashlib.sha256(str(project).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    folder = data / "server-keys" / name
    try:
        # where they really lie: either may be a link
        if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(project / "static")):
            raise RotationError(f"{folder}: lies in a folder that is served; set XLROTATION_HOME to another one")
        folder.mkdir(parents=True, exist_ok=True)
        for private in (folder.parent, folder):
            private.chmod(0o700)
    except OSError as error:
        raise RotationError(f"{folder}: cannot be made ({error.strerror or error})") from None
    return folder


def secret(folder: Path, name: str, new: bool = False) -> str:
    """A random text, made once and readable by its owner only.

    Args:
        folder: Where it is kept.
        name: Which one.
        new: Make another one.

    Raises:
        RotationError: It cannot be read or written.
    """
    path = folder / name
    try:
        if not new and path.exists():
            text = _read(path)
            if _GOOD.fullmatch(text):
                return text
        write(path, made := secrets.token_urlsafe(32))
    except OSError as error:
        raise RotationError(f"{path}: cannot be kept ({error.strerror or error})") from None
    return made


def licence(folder: Path) -> str | None:
    """The licence key that the user keeps for the server; None where there is none.

    Raises:
        RotationError: It cannot be read, or others can read it.
    """
    path = folder.parent / LICENCE
    try:
        key = _read(path) if path.exists() else ""
    except OSError as error:
        raise RotationError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not re.fullmatch(r"[\x21-\x7e]*", key):  # such as UTF-16, as Notepad may write it: no setting holds a NUL
        raise RotationError(f"{path}: holds no licence key; write it there alone, as plain text in UTF-8")
    return key or None


def write(path: Path, text: str) -> None:
    """Write a text that only its owner can read, whole or not at all."""
    path.touch(mode=0o600)
    path.chmod(0o600)  # what takes the place of a file takes its mode
    files.write_whole(path, text.encode())


def _read(path: Path) -> str:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise RotationError(f"{path}: others can read it; chmod 600 it, after making a new one where it may be known")
    if not path.is_file():  # reading a pipe would wait for ever
        raise RotationError(f"{path}: no plain file; remove it")
    with path.open("rb") as file:
        return file.read(4096).decode("utf-8-sig", "replace").strip()
