"""Files that are written whole or not at all, read without waiting, and named so that every system takes the name."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")

TEMPORARY = ".writing-"
"""How names of files begin that are being written."""

_ABANDONED = 3600.0
"""Seconds after which a temporary file is taken for one whose writer was killed."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


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


def put_together(files: Iterable[tuple[Path, Path]]) -> None:
    """Copy whole files to their names: none of them where one finds no room or cannot have its name.

    As with :func:`replacing`, a reader finds each file whole, a link stays a link, and a file that is replaced keeps
    its permissions.

    Args:
        files: Where each lies, and the name that its copy takes.

    Raises:
        OSError: One of them cannot be written; what was there stands.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for lying, named in files:
            path = Path(os.path.realpath(named))
            path.parent.mkdir(parents=True, exist_ok=True)
            suffix = f"-{path.name[-40:]}"
            _clear(path.parent, suffix)
            mode = _mode_of(path)
            temporary, handle = _created(path.parent, suffix, 0o666 if mode is None else mode)
            ready.append((temporary, path))
            with os.fdopen(handle, "wb") as file, lying.open("rb") as content:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                temporary.chmod(mode)
        for temporary, path in ready:
            patiently(lambda temporary=temporary, path=path: temporary.replace(path))  # type: ignore[misc]
    except BaseException:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        raise
    for folder in dict.fromkeys(path.parent for _, path in ready):
        sync_folder(folder)


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
    try:
        with open_regular(path) as file:
            data = file.read(most + 1)
    except NotRegularError as error:
        raise OSError(errno.EINVAL, "is no file", str(path)) from error
    if len(data) > most:
        raise OSError(errno.EFBIG, f"has more than {most:,} bytes", str(path))
    return data


def _mode_of(path: Path) -> int | None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link that leads in a circle", str(path)) from None
        raise
    if not stat.S_ISREG(mode):  # a link may lead to a device, which renaming would replace for the whole machine
        raise OSError(errno.EEXIST, f"it is {_KINDS.get(stat.S_IFMT(mode), 'no regular file')}", str(path))
    return stat.S_IMODE(mode)


def _created(folder: Path, suffix: str, mode: int) -> tuple[Path, int]:
    """A new file under a name that nobody has; the system takes the umask from its mode."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        path = folder / f"{TEMPORARY}{os.urandom(8).hex()}{suffix}"
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, flags, mode)


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* so that a reader, or a crash, finds the old file or the new one and never a part."""
    with replacing(path) as file:
        file.write(data)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet.

    Raises:
        FileExistsError: It is.
        OSError: It cannot be written.
    """
    temporary, handle = _created(path.parent, f"-{path.name[-40:]}", 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "is there already", str(path))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_ours(path: Path, data: bytes) -> None:
    """As :func:`write_whole`, under a name that nobody else uses.

    A pipe, a socket, or a link that leads to no file gives way; what the link leads to stays, and so does a folder.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(path.lstat().st_mode) and not path.is_file():
            path.unlink()
    write_whole(path, data)


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
    import glob

    for left in folder.glob(f"{TEMPORARY}*{glob.escape(suffix)}"):
        with contextlib.suppress(OSError):  # another writer may have finished with it just now
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


class NotRegularError(OSError):
    """What has the name of a file is none that ends: a pipe, a device, a socket, a folder."""


def open_regular(path: Path) -> IO[bytes]:
    """A regular file to read, without ever waiting for what only looks like one.

    Opening a pipe waits for its writer, and reading a device may never end; links are followed to what they name.

    Raises:
        NotRegularError: It is no regular file; the message says what it is.
        OSError: It cannot be opened.
    """
    _check_regular(path.stat().st_mode)  # before it is opened: opening some devices does something
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags)
    try:
        _check_regular(os.fstat(handle).st_mode)  # it may have been replaced in between
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _check_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotRegularError(f"it is {_KINDS.get(stat.S_IFMT(mode), 'no regular file')}")


_FORBIDDEN = re.compile(r"""[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]""")
_PORTS = [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789\u00b9\u00b2\u00b3"]
_DEVICES = frozenset(("CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$", *_PORTS))
"""What Windows takes for a device, whatever follows behind a dot."""

LONGEST_NAME = 200
"""Bytes of a name in UTF-8 at most: file systems take 255, and endings and marks of temporary files come on top."""


def safe_name(text: str) -> str:
    """*text* as the name of a file or folder, without its ending, that Windows, macOS and Linux all take.

    What a name may not hold becomes ``_``; dots and spaces at its ends go; a device's name gets ``_`` in front; a name
    that is too long is cut, with a few digits that tell it from another one cut there.
    """
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", text)).strip(". ") or "_"
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        name = f"_{name}"
    if len(name.encode()) > LONGEST_NAME:
        import hashlib

        mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
        name = f"{name.encode()[: LONGEST_NAME - 9].decode('utf-8', 'ignore').rstrip('. ')}-{mark}"
    return name


def plain_name(path: Path) -> str:
    """The name of a private copy of a file: its own, or one that libraries take that know no names but of UTF-8."""
    try:
        if os.fsencode(path.name) == path.name.encode("utf-8"):
            return path.name
    except UnicodeEncodeError:
        pass
    return f"copy{path.suffix}" if path.suffix.isascii() else "copy"


def safe_names(texts: Iterable[str]) -> dict[str, str]:
    """A safe name for each of different *texts*, all of them different on every system, whatever their case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        name = safe_name(text)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{safe_name(text)}-{number}"
        taken.add(name.casefold())
        found[text] = name
    return found
