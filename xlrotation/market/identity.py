"""What data hold, as a short text: the same for the same content, in any process and on any machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import struct
from collections.abc import Mapping, Sequence
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
    elif isinstance(value, Mapping):
        _bytes(digest, "mapping", str(len(value)).encode())
        for key, item in value.items():
            _add(digest, key)
            _add(digest, item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        _bytes(digest, "record", type(value).__name__.encode())
        for item in dataclasses.fields(value):
            if item.init:  # what is not given is made of what is
                _add(digest, item.name)
                _add(digest, getattr(value, item.name))
    elif callable(own := getattr(value, "identity", None)):
        _bytes(digest, "identity", str(own()).encode())
    elif isinstance(value, Sequence):
        _bytes(digest, "sequence", str(len(value)).encode())
        for item in value:
            _add(digest, item)
    else:
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
