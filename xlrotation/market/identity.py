"""What data hold, as a short text: the same for the same content, in any process and on any machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np


class _Digest(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...


def identity_of(value: object) -> str:
    """The SHA-256 of everything in *value*, as hexadecimal digits.

    Args:
        value: Texts, bytes, numbers, truth values, dates, None, arrays, mappings, sequences, dataclasses of them, and
            whatever says its own ``identity()``. Order counts.

    Raises:
        TypeError: It holds something else, which therefore could change unseen.
    """
    import hashlib  # the library behind it takes long to load

    digest = hashlib.sha256()
    _add(digest, value)
    return digest.hexdigest()


def _add(digest: _Digest, value: object) -> None:
    """Feed *value*, its kind and length first, so that no two values run into the same bytes."""
    if value is None or isinstance(value, bool | int | str | dt.date):
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            value = value.astimezone(dt.UTC)  # the same moment, wherever it is read
        text = value.isoformat() if isinstance(value, dt.date) else str(value)
        _bytes(digest, type(value).__name__, text.encode("utf-8", "surrogatepass"))
    elif isinstance(value, float):
        _bytes(digest, "float", struct.pack("<d", value))
    elif isinstance(value, bytes):
        _bytes(digest, "bytes", value)
    elif isinstance(value, np.ndarray):
        _array(digest, value)
    else:
        kind, label, items = _composed(value)
        _bytes(digest, kind, label.encode())
        for item in items:
            _add(digest, item)


def _composed(value: object) -> tuple[str, str, Iterable[object]]:
    """The kind of a value that is made of others, what is told of it first, and the others."""
    if isinstance(value, Mapping):
        return "mapping", str(len(value)), itertools.chain.from_iterable(value.items())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = [field.name for field in dataclasses.fields(value) if field.init]  # of which the rest is made
        return "record", type(value).__name__, [each for name in given for each in (name, getattr(value, name))]
    if callable(own := getattr(value, "identity", None)):
        return "identity", str(own()), ()
    if isinstance(value, Sequence):
        return "sequence", str(len(value)), value
    raise TypeError(f"{type(value).__name__} has no identity")


def _bytes(digest: _Digest, kind: str, data: bytes) -> None:
    digest.update(f"{kind} {len(data)}:".encode())
    digest.update(data)


def _array(digest: _Digest, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    """The values column by column, little-endian, whatever the order in memory."""
    if array.dtype.hasobject:
        raise TypeError("an array of objects has no identity")
    _bytes(digest, "array", f"{array.dtype.newbyteorder('<').str} {array.shape}".encode())
    plain = array.astype(array.dtype.newbyteorder("<"), copy=False)
    digest.update(np.asfortranarray(plain).tobytes("F"))
