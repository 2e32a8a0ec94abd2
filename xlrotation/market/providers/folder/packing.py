"""Records and arrays as bytes, and back: for what is kept on disk of files that were read.

Nothing but plain values, arrays of numbers and the records that the caller names can come out of such bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from xlrotation.market.calendar import Exchange, find_exchange

_END = struct.Struct("<Q")
_ALIGNED = 64
_PLAIN = (str, int, float, bool, type(None))


Write = Callable[[bytes | memoryview], object]


def pack(value: object, records: Sequence[type], write: Write, left_out: frozenset[str] = frozenset()) -> None:
    """Write *value* as bytes: its arrays as they come, then what they belong to.

    Args:
        value: Plain values, dates, sequences, mappings, exchanges, arrays of numbers or days, and *records* of them.
        records: The dataclasses in it.
        write: Takes pieces of bytes.
        left_out: Names of fields of records that are not written; they come back as their defaults.

    Raises:
        TypeError: It holds something else.
    """
    packer = _Packer({record: record.__name__ for record in records}, left_out, write)
    text = json.dumps(packer.tree(value), ensure_ascii=True, separators=(",", ":")).encode()
    write(text)
    write(_END.pack(len(text)))


def unpack(data: memoryview, records: Sequence[type]) -> Any:
    """What was packed; its arrays are views of *data*.

    Raises:
        ValueError: These are no such bytes.
    """
    (length,) = _END.unpack_from(data, len(data) - _END.size)
    begin = len(data) - _END.size - length
    tree = json.loads(bytes(data[begin : begin + length]))
    return _Unpacker(data, {record.__name__: record for record in records}).value(tree)


def _bytes(array: Any) -> memoryview:
    return memoryview(array).cast("B") if array.size else memoryview(b"")


_SCALES = (1, 100, 10_000)
_GAP = -(2**31)
_PART = 1 << 18


def _shortest(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], str]:
    """*values* as whole numbers of four bytes where they are such, or hundredths, or ten thousandths, bit by bit."""
    if values.dtype != np.float64 or not values.size:
        return values, values.dtype.str
    flat = values.reshape(-1)
    for scale in _SCALES:
        short = np.empty(len(flat), np.int32)
        if all(_fill(short[at : at + _PART], flat[at : at + _PART], scale) for at in range(0, len(flat), _PART)):
            return short.reshape(values.shape), f"whole/{scale}"
    return values, values.dtype.str


def _fill(short: np.ndarray[Any, Any], values: np.ndarray[Any, Any], scale: int) -> bool:
    """Put *values* times *scale* into *short*; False where that would lose anything."""
    gaps = np.isnan(values)
    known = np.where(gaps, 0.0, values)
    whole = np.rint(known * scale)
    if not (np.abs(whole) < -_GAP).all():
        return False
    short[:] = whole
    if not np.array_equal((short / float(scale)).view(np.int64), known.view(np.int64)):  # minus nought is none
        return False
    short[gaps] = _GAP
    return True


class _Packer:
    """Turns values into what JSON can say, and writes the arrays in them."""

    def __init__(self, names: Mapping[type, str], left_out: frozenset[str], write: Write) -> None:
        self.names, self.left_out, self.write = names, left_out, write
        self.size = 0

    def tree(self, value: object) -> object:
        if type(value) in _PLAIN:
            return value
        if isinstance(value, np.ndarray):
            return {"a": self._array(value)}
        if isinstance(value, dt.datetime):
            return {"n": value.isoformat()}
        if isinstance(value, dt.date):
            return {"d": value.isoformat()}
        if isinstance(value, Exchange):
            return {"x": value.code}
        if type(value) in self.names:
            record: Any = value
            kept = [item.name for item in dataclasses.fields(record) if item.init and item.name not in self.left_out]
            return {"r": [self.names[type(value)], {name: self.tree(getattr(record, name)) for name in kept}]}
        return self._several(value)

    def _several(self, value: object) -> object:
        if isinstance(value, Mapping):
            return {"m": [[self.tree(key), self.tree(item)] for key, item in value.items()]}
        if isinstance(value, tuple):
            return {"t": [self.tree(item) for item in value]}
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        if isinstance(value, np.generic):
            return self.tree(value.item())
        raise TypeError(f"{type(value).__name__} cannot be kept")

    def _array(self, value: np.ndarray[Any, Any]) -> list[object]:
        if value.dtype.hasobject:
            raise TypeError("an array of objects cannot be kept")
        turned = value.ndim == 2 and not value.flags.c_contiguous
        value = value.T if turned else value
        stored, kind = _days(value) if value.dtype.kind == "M" else _shortest(value)
        pad = -self.size % _ALIGNED
        self.write(bytes(pad))
        self.write(_bytes(np.ascontiguousarray(stored)))
        begin = self.size + pad
        self.size = begin + stored.nbytes
        return [kind, list(value.shape), turned, begin]


def _days(value: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], str]:
    stored = value.astype("datetime64[D]").view(np.int64)
    if len(stored) == 0 or (np.abs(stored).max() < -_GAP and stored.min() > _GAP):
        return stored.astype(np.int32), "day"
    return stored, "M8[D]"


class _Unpacker:
    """Makes values of a tree, and arrays of the bytes."""

    def __init__(self, data: memoryview, records: Mapping[str, type]) -> None:
        self.data, self.records = data, records

    def value(self, tree: object) -> Any:
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, content),) = tree.items()
        if kind == "a":
            array = self._array(content[0], content[1], content[3])
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

    def _array(self, kind: str, shape: list[int], begin: int) -> np.ndarray[Any, Any]:
        whole, _, scale = kind.partition("/")
        dtype = np.dtype({"day": "<i4", "whole": "<i4", "M8[D]": "<i8"}.get(whole, kind))
        flat = np.frombuffer(self.data, dtype, int(np.prod(shape, dtype=np.int64)), begin)
        if scale:
            numbers = flat / float(scale)
            numbers[flat == _GAP] = np.nan
            return numbers.reshape(shape)
        if kind == "day":
            return flat.astype("datetime64[D]").reshape(shape)
        return (flat.view("datetime64[D]") if kind == "M8[D]" else flat).reshape(shape)
