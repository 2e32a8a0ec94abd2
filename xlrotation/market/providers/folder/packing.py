"""Records and arrays as bytes, and back: for what is kept on disk of files that were read.

Nothing but plain values, arrays of numbers and the records that the caller names can come out of such bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xlrotation.market.calendar import Exchange, find_exchange

_HEAD = struct.Struct("<QQ")
_ALIGNED = 64
_PLAIN = (str, int, float, bool, type(None))


def pack(value: object, records: Sequence[type], left_out: frozenset[str] = frozenset()) -> list[bytes | memoryview]:
    """*value* as pieces of bytes.

    Args:
        value: Plain values, dates, sequences, mappings, exchanges, arrays of numbers or days, and *records* of them.
        records: The dataclasses in it.
        left_out: Names of fields of records that are not written; they come back as their defaults.

    Raises:
        TypeError: It holds something else.
    """
    names = {record: record.__name__ for record in records}
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _tree(value, names, left_out, arrays)
    text = json.dumps(tree, ensure_ascii=True, separators=(",", ":")).encode()
    pieces: list[bytes | memoryview] = [_HEAD.pack(len(text), len(arrays)), text]
    size = _HEAD.size + len(text)
    for array in arrays:
        pad = -size % _ALIGNED
        pieces += [bytes(pad), _bytes(array)]
        size += pad + array.nbytes
    return pieces


_SCALES = (1, 100, 10_000)
_GAP = -(2**31)


def _shortest(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], str]:
    """*values* as whole numbers of four bytes where they are such, or hundredths, or ten thousandths, bit by bit."""
    if values.dtype != np.float64 or not len(values):
        return values, values.dtype.str
    gaps = np.isnan(values)
    known = np.where(gaps, 0.0, values)
    for scale in _SCALES:
        whole = np.rint(known * scale)
        if not (np.abs(whole) < -_GAP).all():
            break
        short = whole.astype(np.int32)
        if np.array_equal((short / float(scale)).view(np.int64), known.view(np.int64)):  # minus nought is none
            short[gaps] = _GAP
            return short, f"whole/{scale}"
    return values, values.dtype.str


def _bytes(array: Any) -> memoryview:
    return memoryview(array).cast("B") if array.size else memoryview(b"")


def unpack(data: memoryview, records: Sequence[type]) -> Any:
    """What was packed; its arrays are views of *data*.

    Raises:
        ValueError: These are no such bytes.
    """
    length, _ = _HEAD.unpack_from(data)
    tree = json.loads(bytes(data[_HEAD.size : _HEAD.size + length]))
    reader = _Unpacker(data, _HEAD.size + length, {record.__name__: record for record in records})
    return reader.value(tree)


def _tree(
    value: object, names: Mapping[type, str], left_out: frozenset[str], arrays: list[np.ndarray[Any, Any]]
) -> object:
    def inner(item: object) -> object:
        return _tree(item, names, left_out, arrays)

    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray):
        turned = value.ndim == 2 and not value.flags.c_contiguous
        shape = list(value.T.shape if turned else value.shape)
        value = value.T if turned else value
        if value.dtype.kind == "M":
            stored, kind = value.astype("datetime64[D]").view(np.int64), "M8[D]"
            if len(stored) == 0 or (np.isfinite(value.astype("datetime64[D]")).all() and abs(stored).max() < 2**31):
                stored, kind = stored.astype(np.int32), "day"
        elif value.dtype.hasobject:
            raise TypeError("an array of objects cannot be kept")
        else:
            stored, kind = _shortest(value)
        arrays.append(np.ascontiguousarray(stored))
        return {"a": [kind, shape, turned]}
    if isinstance(value, dt.datetime):
        return {"n": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, Exchange):
        return {"x": value.code}
    if type(value) in names:
        record: Any = value
        kept = [item.name for item in dataclasses.fields(record) if item.init and item.name not in left_out]
        return {"r": [names[type(value)], {name: inner(getattr(record, name)) for name in kept}]}
    if isinstance(value, Mapping):
        return {"m": [[inner(key), inner(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"t": [inner(item) for item in value]}
    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, np.generic):
        return inner(value.item())
    raise TypeError(f"{type(value).__name__} cannot be kept")


class _Unpacker:
    """Makes values of a tree, taking arrays from the bytes in the order in which they were put there."""

    def __init__(self, data: memoryview, at: int, records: Mapping[str, type]) -> None:
        self.data, self.at, self.records = data, at, records

    def value(self, tree: object) -> Any:
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, content),) = tree.items()
        if kind == "a":
            array = self._array(*content[:2])
            return array.T if content[2] else array
        if kind == "d":
            return dt.date.fromisoformat(content)
        if kind == "n":
            return dt.datetime.fromisoformat(content)
        if kind == "x":
            return find_exchange(content)
        if kind == "r":
            return self.records[content[0]](**{name: self.value(item) for name, item in content[1].items()})
        if kind == "m":
            return {self.value(key): self.value(item) for key, item in content}
        return tuple(self.value(item) for item in content)

    def _array(self, kind: str, shape: list[int]) -> np.ndarray[Any, Any]:
        whole, _, scale = kind.partition("/")
        dtype = np.dtype({"day": "<i4", "whole": "<i4", "M8[D]": "<i8"}.get(whole, kind))
        count = int(np.prod(shape, dtype=np.int64))
        self.at += -self.at % _ALIGNED
        flat = np.frombuffer(self.data, dtype, count, self.at)
        self.at += flat.nbytes
        if scale:
            numbers = flat / float(scale)
            numbers[flat == _GAP] = np.nan
            return numbers.reshape(shape)
        if kind == "day":
            return flat.astype("datetime64[D]").reshape(shape)
        return (flat.view("datetime64[D]") if kind == "M8[D]" else flat).reshape(shape)
