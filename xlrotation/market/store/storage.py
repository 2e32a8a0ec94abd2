"""The files of a store: their names, their checksums, and three different things that may be wrong with one.

A file that is missing or is not what was written is *damaged* (:class:`Damaged`): it stays so until somebody acts.
What the system refuses for the moment (permission, too many open files, an error of the disk) may pass and is never
taken for damage (:class:`Unreachable`). What a newer version wrote (:class:`NewerFormat`) is in order and not for us to
touch.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from xlrotation.errors import NoData
from xlrotation.files import NotRegularError, open_regular, patiently, write_ours

STATE_NAME = r"(?:\d{8}-)?\d{8}T\d{12}"
"""A state's number in the order of writing, and when it was written; format 1 had no number."""

_KINDS = {
    "prices": rf"prices-(?P<block>\d{{4}}(?:-\d\d)?)-(?P<state>{STATE_NAME})\.parquet",
    "chains": rf"chains-(?P<block>\d{{4}}-\d\d-\d\d)-(?P<state>{STATE_NAME})\.parquet",
    "series": rf"series-(?P<state>{STATE_NAME})\.parquet",
    "quarantine": rf"quarantine-(?P<state>{STATE_NAME})\.json",
    "journal": rf"journal(?:-(?P<state>{STATE_NAME}))?\.jsonl",
}
_PATTERNS = {kind: re.compile(pattern, re.ASCII) for kind, pattern in _KINDS.items()}
_ONE_STATE = re.compile(STATE_NAME, re.ASCII)


_MOST = 2**28
"""Bytes of a file whose size no state tells; sound ones have a few millions."""


class Damaged(NoData):
    """A file of a store is missing or is not what was written.

    Attributes:
        file: Its name.
    """

    def __init__(self, message: str, file: str) -> None:
        super().__init__(message)
        self.file = file


class Unreachable(NoData):
    """A file of a store cannot be read now; what it holds is not in doubt."""


class NewerFormat(NoData):
    """A store that a newer version of this package has written."""


class Sum(NamedTuple):
    """What a file's bytes must be: how many, and their SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


NEVER = Sum(-1, "")
"""The sum of a file that was damaged when its sum was to be taken; no file has it."""


def sum_of(data: bytes) -> Sum:
    """The sum of *data*."""
    return Sum(len(data), hashlib.sha256(data).hexdigest())


def tail_of(file: str) -> str:
    """What the sum of a file's tail is named by, among the sums of a state."""
    return f"{file}/tail"


def kind_of(file: str) -> tuple[str, str, str] | None:
    """Kind, block (or session) and state of a file by its name; None where a store has no such files."""
    for kind, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(file):
            parts = found.groupdict()
            return kind, parts.get("block") or "", parts["state"] or ""
    return None


def is_state(name: str) -> bool:
    """Whether a state may have this name."""
    return _ONE_STATE.fullmatch(name) is not None


def _advice(folder: Path) -> str:
    anew = (
        "run xlrotation refresh --rebuild"
        if folder.name == "yahoo"
        else f"write with Store({folder.name!r}, rebuild=True)"
    )
    return f"put it back from a copy of the store, or {anew}, which goes on without it"


def damaged(folder: Path, file: str, why: object, advice: str | None = None) -> Damaged:
    """The error that says so."""
    return Damaged(f"the store {folder.name} has a damaged {file} ({_short(why)}); {advice or _advice(folder)}", file)


def lacking(folder: Path, file: str, advice: str | None = None) -> Damaged:
    """The error of a file that is gone."""
    return Damaged(f"the store {folder.name} lacks {file}; {advice or _advice(folder)}", file)


def unreachable(folder: Path, file: str, error: BaseException) -> Unreachable:
    """The error of a file that the system does not give us."""
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    what = f"the store {folder.name}: {file} cannot be read now ({_short(why)})"
    return Unreachable(f"{what}; nothing was changed, try again when it can")


def _short(why: object) -> str:
    return " ".join(str(why).split())[:160]


def read(folder: Path, file: str, advice: str | None = None, most: int = _MOST) -> bytes:
    """The bytes of a file of a store.

    Args:
        folder: The store's folder.
        file: Its name.
        advice: What to do where it is damaged.
        most: Bytes that it has at most.

    Raises:
        Damaged: There is none, or what has its name is none: a folder, a pipe, a device, a link to itself.
        Unreachable: The system does not give it.
    """
    data, _, size = _taken(folder, file, most, advice, whole=True)
    if max(size, len(data)) > most:
        raise damaged(folder, file, f"{max(size, len(data)):,} bytes, at most {most:,} are sound", advice)
    return data


def _taken(
    folder: Path, file: str, most: int, advice: str | None = None, whole: bool = False
) -> tuple[bytes, tuple[int, ...] | None, int]:
    """The first bytes of a file, one more than *most* at the end; what it was like, None where it changed; its size.

    One that must be *whole* and has more is not read at all.
    """

    def take() -> tuple[bytes, tuple[int, ...] | None, int]:
        with open_regular(folder / file) as opened:
            before = os.fstat(opened.fileno())
            if whole and before.st_size > most:
                return b"", None, before.st_size
            data = opened.read(min(most, before.st_size) + 1)  # the system gives memory for as much as is asked for
            same = _like(before) == _like(os.fstat(opened.fileno()))
            return data, _like(before) if same else None, before.st_size

    with _trouble_told(folder, file, advice):
        return patiently(take)


@contextlib.contextmanager
def _trouble_told(folder: Path, file: str, advice: str | None = None) -> Iterator[None]:
    """Errors of opening and reading a file as what they mean for a store."""
    try:
        yield
    except FileNotFoundError:
        raise lacking(folder, file, advice) from None
    except NotRegularError as error:
        raise damaged(folder, file, error, advice) from None
    except (OSError, MemoryError) as error:
        if getattr(error, "errno", None) in _NO_FILE:
            raise damaged(folder, file, error.strerror, advice) from None  # type: ignore[union-attr]
        raise unreachable(folder, file, error) from error


def check_size(folder: Path, file: str, expected: Sum) -> None:
    """See that a file is there and has the size that it was written with.

    Raises:
        Damaged: It is missing, has another size, or is no file.
        Unreachable: The system does not tell.
    """
    with _trouble_told(folder, file):
        found = patiently((folder / file).stat)
    if not stat.S_ISREG(found.st_mode):
        raise damaged(folder, file, "it is no file")
    _check_size(folder, file, found.st_size, expected)


def _check_size(folder: Path, file: str, found: int, expected: Sum) -> None:
    if found != expected.size:
        raise damaged(folder, file, f"{found:,} bytes in place of {max(expected.size, 0):,}")


def beginning(folder: Path, file: str, size: int, advice: str | None = None) -> bytes:
    """The first bytes of a file, so many or as many as it has.

    Raises:
        Damaged, Unreachable: As :func:`read`.
    """
    return _taken(folder, file, size, advice)[0][:size]


def check_file(folder: Path, file: str, advice: str | None = None) -> None:
    """See that what is to be written into is a file, or nothing yet.

    Raises:
        Damaged: It is a folder, a pipe, a device, or a link to what is not there.
        Unreachable: The system does not tell.
    """
    try:
        (folder / file).lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise unreachable(folder, file, error) from error
    beginning(folder, file, 0, advice)


_NO_FILE = frozenset((errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO))
"""What the system says where a name leads in a circle, or is not that of a file; none of it passes by itself."""


def _like(found: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written again."""
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def clear_way(folder: Path, file: str) -> None:
    """See that a file can take its name.

    Raises:
        Damaged: A folder has it.
        Unreachable: The system does not tell.
    """
    try:
        taken = stat.S_ISDIR((folder / file).lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreachable(folder, file, error) from error
    if taken:
        raise damaged(folder, file, "it is a folder", "move it away and run again; nothing was changed")


def remove(folder: Path, file: str) -> None:
    """Remove a file that no state names; a folder that has the name of one is nobody's and stays."""
    path = folder / file
    try:
        path.unlink(missing_ok=True)
    except OSError:
        if not path.is_dir():
            raise


def there(folder: Path, file: str) -> bool:
    """Whether there is a file of this name.

    Raises:
        Unreachable: The system does not tell.
    """
    try:
        (folder / file).stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in _NO_FILE:
            return False
        raise unreachable(folder, file, error) from error
    return True


def listed(folder: Path, below: str = "") -> list[str]:
    """The names in a folder, sorted; none where it does not exist.

    Raises:
        Unreachable: The system does not tell them.
    """
    try:
        return sorted(path.name for path in (folder / below).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreachable(folder, below or "its folder", error) from error


_known: set[tuple[object, ...]] = set()
"""Files whose sum was found right in this process, as they lay there."""


class Files:
    """The files that a state names, each checked against its sum when this process first reads it.

    Args:
        folder: The store's folder.
        sums: By file; those of a store of format 1 have none.
    """

    def __init__(self, folder: Path, sums: Mapping[str, Sum]) -> None:
        self.folder = folder
        self.sums = dict(sums)

    def get(self, file: str) -> bytes:
        """What is in a file.

        Raises:
            Damaged: It is missing, or is not what was written.
            Unreachable: It cannot be read now.
        """
        expected = self.sums.get(file)
        if expected is None:
            return read(self.folder, file)
        size = max(expected.size, 0)
        data, like, found = _taken(self.folder, file, size, whole=True)
        if len(data) != expected.size or found > size:
            raise damaged(self.folder, file, f"{max(found, len(data)):,} bytes in place of {size:,}")
        # of the very file that was read: another one may have its name by now
        mark = None if like is None else (str(self.folder / file), like, expected)
        if mark is None or mark not in _known:
            if sum_of(data) != expected:
                raise damaged(self.folder, file, "its checksum is another")
            if mark is not None:
                _known.add(mark)
        return data

    def tail(self, file: str) -> bytes | None:
        """The end of a file that is checked by pieces; None for another one.

        Raises:
            Damaged: The file is missing, has another size, or its end is not what was written.
            Unreachable: It cannot be read now.
        """
        expected = self.sums.get(tail_of(file))
        if expected is None:
            return None
        with self.reading(file) as opened:
            try:
                opened.seek(max(self.sums[file].size - expected.size, 0))
                data = opened.read(max(expected.size, 0) + 1)
            except OSError as error:
                raise unreachable(self.folder, file, error) from error
        if sum_of(data) != expected:
            raise damaged(self.folder, file, "the checksum of its end is another")
        return data

    @contextlib.contextmanager
    def reading(self, file: str) -> Iterator[IO[bytes]]:
        """A file that has a sum, opened to be read in part; it has the right size, and its bytes are not checked.

        Raises:
            Damaged: It is missing or has another size.
            Unreachable: It cannot be read now.
        """
        with _trouble_told(self.folder, file):
            opened = patiently(lambda: open_regular(self.folder / file))
        with opened:
            _check_size(self.folder, file, os.fstat(opened.fileno()).st_size, self.sums[file])
            yield opened

    def put(self, file: str, data: bytes, tail: int = 0) -> None:
        """Write a new file.

        Args:
            file: Its name.
            data: What is in it.
            tail: Bytes at its end that have the sums of the pieces before them; 0 where it is checked as a whole.
        """
        write_ours(self.folder / file, data)
        self.sums[file] = sum_of(data)
        if tail:
            self.sums[tail_of(file)] = sum_of(data[-tail:])

    def sums_of(self, files: frozenset[str]) -> dict[str, Sum]:
        """The sums of *files*; one of format 1 is summed now, as it lies there.

        Raises:
            Unreachable: One cannot be read now.
        """
        for file in files.difference(self.sums):
            try:
                self.sums[file] = sum_of(read(self.folder, file))
            except Damaged:
                self.sums[file] = NEVER
        named = (name for file in sorted(files) for name in (file, tail_of(file)))
        return {name: self.sums[name] for name in named if name in self.sums}
