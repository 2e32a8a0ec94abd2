"""Files that are checked piece by piece, so that a part of one can be believed without reading the whole.

A file ends with a tail, which has the sums of the pieces before it; a state has the sum of the tail. What is given of a
piece was checked just then, in the very bytes that are given.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from xlrotation.market.store import storage

SIZE = 2**14
"""Bytes of a piece; the last one may have fewer."""

_DIGEST = hashlib.sha256().digest_size


def sums_of(body: bytes | memoryview) -> str:
    """The sums of the pieces of *body*, as text."""
    digests = [hashlib.sha256(body[start : start + SIZE]).digest() for start in range(0, len(body), SIZE)]
    return base64.b64encode(b"".join(digests)).decode()


class Checked(io.RawIOBase):
    """A file to read, each piece of which is checked before anything of it is given.

    It is opened and closed around what is read of it (:meth:`of`), and what is read is forgotten then.

    Args:
        folder: The store's folder.
        file: Its name.
        size: Its bytes.
        tail: Its last bytes, which were checked before.
        sums: What :func:`sums_of` says of the bytes before them.
    """

    def __init__(self, folder: Path, file: str, size: int, tail: bytes, sums: str) -> None:
        self._opened: IO[bytes] | None = None
        self._folder, self._file = folder, file
        self._size, self._body = size, size - len(tail)
        digests = base64.b64decode(sums, validate=True)
        if len(digests) != -(-self._body // SIZE) * _DIGEST:
            raise ValueError("it has other sums than pieces")
        self._digests = digests
        self._tail = tail
        self._place = 0
        self._pieces: dict[int, bytes] = {}

    @contextlib.contextmanager
    def of(self, opened: IO[bytes]) -> Iterator[None]:
        """Read from *opened* meanwhile."""
        self._opened = opened
        try:
            yield
        finally:
            self._opened = None
            self._pieces.clear()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises:
            Damaged: A piece of them is not what was written.
            Unreachable: They cannot be read now.
        """
        start = self._place
        end = self._size if size < 0 else min(start + size, self._size)
        if end <= start:
            return b""
        within = b"".join(self._piece(n) for n in range(start // SIZE, -(-min(end, self._body) // SIZE)))
        first = start - start // SIZE * SIZE
        found = within[first : first + min(end, self._body) - start] if start < self._body else b""
        if end > self._body:
            found += self._tail[max(start - self._body, 0) : end - self._body]
        self._place = end
        return found

    def _piece(self, number: int) -> bytes:
        found = self._pieces.get(number)
        if found is None:
            size = min(SIZE, self._body - number * SIZE)
            if self._opened is None:
                raise ValueError("it is not open")
            try:
                self._opened.seek(number * SIZE)
                found = self._opened.read(size)
            except OSError as error:
                raise storage.unreachable(self._folder, self._file, error) from error
            if hashlib.sha256(found).digest() != self._digests[number * _DIGEST : (number + 1) * _DIGEST]:
                raise storage.damaged(self._folder, self._file, f"the checksum of its piece {number} is another")
            self._pieces[number] = found
        return found
