"""What was read of a folder's files, kept on disk, so that the next process need not read them again.

An entry counts only for the file that it was made of: one of the same name, size and times as when it was read, or else
of the same content. It is sealed with a key that nobody but the user has, and what does not bear the seal is not even
looked at: a folder may come from somebody else, with whatever lies in it. What was made by another version of the
reader, or under other declarations, is none. An entry that is missing, damaged or old costs time and nothing else.

Entries lie in ``.xlrotation`` in the folder, and of a folder that cannot be written in the user's cache.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
import stat
import struct
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlrotation
from xlrotation.files import open_regular
from xlrotation.market.providers.folder import packing
from xlrotation.market.providers.folder.listed import TELLS_CHANGE

FOLDER = ".xlrotation"
"""The folder of entries in a folder of files."""

VARIABLE = "XLROTATION_FOLDER_CACHE"
"""``off`` keeps nothing and takes nothing that was kept."""

_FORMAT = 1
_ENDING = ".parsed"
_KEY = "folder.key"
_KEY_BYTES = 32
_SEAL = 32
_LARGEST = 2 << 30
_PIECE = 4 << 20
_SETTLED = 2_000_000_000
"""Nanoseconds for which a file must have been left alone before its times alone say that it is the same: within the
step of a file system's clock it can change and keep them."""

_ABANDONED = 3600.0
"""Seconds after which a file of a writer that was killed is cleared away."""


@dataclass(frozen=True, slots=True)
class Status:
    """A file as the system describes it.

    Attributes:
        size: Its bytes.
        changed: When it was written, in nanoseconds.
        touched: When anything of it changed, its times included, in nanoseconds.
        place: Its number in the file system.
    """

    size: int
    changed: int
    touched: int
    place: int

    @classmethod
    def of(cls, status: os.stat_result) -> Status:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was read.

    Attributes:
        status: As the system described it.
        content: The digest of its bytes.
    """

    status: Status
    content: str

    def again(self, file: Path, made: int) -> Seen | None:
        """*file* as it is now, if it is what was seen at the time *made*: by its times, else by its content."""
        try:
            status = Status.of(file.stat())
        except OSError:
            return None
        if TELLS_CHANGE and status == self.status and max(status.changed, status.touched) < made - _SETTLED:
            return self
        return Seen(status, self.content) if status.size == self.status.size and digest(file) == self.content else None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of files.

    Attributes:
        name: What is kept: a file, as seen from the folder, or a word.
        about: The reader and the declarations under which it was read.
        files: The files that it was made of.
        made: When they were seen, in nanoseconds.
        found: What was read.
    """

    name: str
    about: str
    files: dict[str, Seen]
    made: int
    found: Any


class Kept:
    """The entries of a folder.

    Args:
        folder: The folder of files.
        records: The dataclasses of what is kept.
        left_out: Fields of them that are not.
    """

    def __init__(self, folder: Path, records: Sequence[type], left_out: frozenset[str] = frozenset()) -> None:
        self._folder = folder
        self._records = (*records, Entry, Seen, Status)
        self._left_out = left_out
        self._key: bytes | None = None
        self._places: list[Path] | None = None

    def find(self, name: str, about: str, files: Mapping[str, Path]) -> tuple[Any, dict[str, Seen]] | None:
        """What is kept under a name, if it was made of these *files* and they are what they were, and how they were.

        Args:
            name: Under which it is kept.
            about: The reader and the declarations under which they would be read now.
            files: The files by their names, as seen from the folder.
        """
        for entry in self._entries(name):
            if entry.about != about or entry.files.keys() != files.keys():
                continue
            now = time.time_ns()
            seen: dict[str, Seen] = {}
            for each, before in entry.files.items():
                if (same := before.again(files[each], entry.made)) is None:
                    break
                seen[each] = same
            else:
                if any(seen[each] is not before for each, before in entry.files.items()):
                    self.keep(name, about, seen, now, entry.found)  # touched or copied, and the same
                return entry.found, seen
        return None

    def last(self, name: str, about: str) -> Any | None:
        """What is kept under a name, whatever became of its files."""
        return next((entry.found for entry in self._entries(name) if entry.about == about), None)

    def keep(self, name: str, about: str, files: dict[str, Seen], made: int, found: object) -> None:
        """Keep what was *found* in *files*, which were seen so at the time *made* and after they were read."""
        if (key := self._sealing()) is None:
            return
        entry = Entry(name, about, files, made, found)
        for place in self._open_places(make=True):
            with contextlib.suppress(OSError, TypeError), _writing(place / self._called(name, key)) as write:
                seal = hmac.new(key, digestmod="sha256")

                def sealed(piece: bytes | memoryview, seal: hmac.HMAC = seal, write: packing.Write = write) -> None:
                    seal.update(piece)
                    write(piece)

                packing.pack(entry, self._records, sealed, self._left_out)
                write(seal.digest())
                return

    def _entries(self, name: str) -> Iterator[Entry]:
        if (key := self._sealing()) is None:
            return
        for place in self._open_places():
            entry = self._entry(place / self._called(name, key), key)
            if entry is not None and entry.name == name:
                yield entry

    def clear(self, names: Collection[str]) -> None:
        """Remove this user's entries of files that are not among *names*, and what killed writers left."""
        if (key := self._sealing()) is None:
            return
        wanted = {self._called(name, key) for name in names}
        prefix = _prefix(key)
        for place in self._open_places():
            with contextlib.suppress(OSError):
                for entry in place.iterdir():
                    if entry.name.startswith(prefix) and entry.name not in wanted and _is_old(entry):
                        entry.unlink()

    @property
    def active(self) -> bool:
        """Whether anything is kept."""
        return self._sealing() is not None

    def _sealing(self) -> bytes | None:
        if os.environ.get(VARIABLE, "").strip().lower() == "off":
            return None
        if self._key is None:
            self._key = _own_key()
        return self._key

    def _called(self, name: str, key: bytes) -> str:
        named = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), key=key, digest_size=12)
        return f"{_prefix(key)}{named.hexdigest()}{_ENDING}"

    def _open_places(self, make: bool = False) -> list[Path]:
        """The folders in which entries may lie, those that are the user's own."""
        if self._places is None or make:
            inside = self._folder / FOLDER
            named = hashlib.blake2b(os.fsencode(os.path.realpath(self._folder)), digest_size=12).hexdigest()
            own = _caches() / named
            self._places = [place for place in (inside, own) if _is_own(place, make)]
        return self._places

    def _entry(self, path: Path, key: bytes) -> Entry | None:
        try:
            with open_regular(path) as file:
                if os.fstat(file.fileno()).st_size > _LARGEST:
                    return None
                data = memoryview(file.read())
        except (OSError, MemoryError):
            return None
        sealed, seal = data[:-_SEAL], bytes(data[-_SEAL:])
        if not hmac.compare_digest(hmac.new(key, sealed, "sha256").digest(), seal):
            return None
        try:
            entry = packing.unpack(sealed, self._records)
        except (ValueError, KeyError, TypeError, struct.error):  # of another version of the records
            return None
        return entry if isinstance(entry, Entry) else None


@dataclass(frozen=True, slots=True)
class Before:
    """A file before it is read.

    Attributes:
        status: As the system describes it.
        content: The digest of its bytes; None where its times will tell whether it changes.
        made: When it was looked at, in nanoseconds.
    """

    status: Status
    content: str | None
    made: int

    @classmethod
    def of(cls, file: Path) -> Before | None:
        """None for a file that cannot be read."""
        made = time.time_ns()
        try:
            status = Status.of(file.stat())
        except OSError:
            return None
        settled = TELLS_CHANGE and max(status.changed, status.touched) < made - _SETTLED
        return cls(status, None if settled else digest(file), made)

    def still(self, file: Path) -> Seen | None:
        """The file, if it is what it was before; else None."""
        content = digest(file)
        try:
            same = Status.of(file.stat()) == self.status
        except OSError:
            return None
        return Seen(self.status, content) if content and same and self.content in (None, content) else None


def digest(file: Path) -> str | None:
    """The digest of the bytes of a file; None where it cannot be read."""
    try:
        found = hashlib.sha256()
        with open_regular(file) as opened:
            while piece := opened.read(_PIECE):
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[packing.Write]:
    """Write a file that has its name once it is whole. It need not be on disk by then: its seal tells.

    Raises:
        OSError: It cannot be written.
    """
    temporary = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            yield file.write
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _is_own(place: Path, make: bool) -> bool:
    """Whether *place* is a folder of this user, and no link; made where it is missing and *make* says so."""
    try:
        if make:
            place.parent.mkdir(parents=True, exist_ok=True) if place.name != FOLDER else None
            place.mkdir(mode=0o700, exist_ok=True)
        status = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid())


def _is_old(entry: Path) -> bool:
    return entry.name.endswith(_ENDING) or time.time() - entry.lstat().st_mtime > _ABANDONED


def _prefix(key: bytes) -> str:
    return hashlib.blake2b(b"entries", key=key, digest_size=4).hexdigest() + "-"


@functools.cache
def reader() -> str:
    """Says which reader this is: its version, and the state of the modules and tables that it is made of."""
    root = Path(__file__).parents[2]
    parts = [xlrotation.__version__, str(_FORMAT)]
    with contextlib.suppress(OSError):
        for file in sorted(each for end in ("*.py", "data/sessions/*") for each in root.rglob(end)):
            status = file.stat()
            parts.append(f"{file.relative_to(root)} {status.st_size} {status.st_mtime_ns}")
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _caches() -> Path:
    from platformdirs import user_cache_path

    home = os.environ.get("XLROTATION_HOME")
    base = Path(home).expanduser() if home else user_cache_path("xlrotation", appauthor=False)
    return base / "folders.cache"  # the dot keeps it apart from stores


def _own_key() -> bytes | None:
    """The user's key, made once; None where none can be kept."""
    try:
        path = _caches() / _KEY
    except RuntimeError:  # nobody knows the user's home
        return None
    for _ in range(3):
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError), open_regular(path) as file:
                status = os.fstat(file.fileno())
                key = file.read(_KEY_BYTES + 1)
                private = os.name != "posix" or (not status.st_mode & 0o077 and status.st_uid == os.geteuid())
                if len(key) == _KEY_BYTES and private:
                    return key
                path.unlink()
            _write_once(path, secrets.token_bytes(_KEY_BYTES))
    return None


def _write_once(path: Path, data: bytes) -> None:
    """Write a small file that others may be writing, too; the first one counts."""
    temporary = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    with _writing(temporary) as write:
        write(data)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # no such links here
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
