"""Write a compound file ([MS-CFB] version 3), the container in which Office keeps VBA projects."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_BLACK = 1

Tree = Mapping[str, "bytes | Tree"]
"""Streams and storages by name."""


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    start: int = _END
    size: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE
    children: list[int] = field(default_factory=list)


def write(tree: Tree) -> bytes:
    """The bytes of a compound file that holds *tree*.

    Raises:
        ValueError: It needs more than the 109 sectors of allocation tables that fit into the header (7 MB).
    """
    entries = [_Entry("Root Entry", _ROOT)]
    _collect(tree, 0, entries)
    for entry in entries:
        if entry.children:
            entry.child = _balanced(entries, sorted(entry.children, key=lambda i: _order(entries[i].name)))
    mini, mini_chain = _ministream(entries)
    entries[0].data, entries[0].size = mini, len(mini)
    sectors: list[bytes] = []
    chain: list[int] = []
    for entry in entries:
        if entry.kind != _STORAGE and (entry.kind == _ROOT or len(entry.data) >= _CUTOFF):
            entry.start = _append(sectors, chain, entry.data)
    mini_fat = _append(sectors, chain, _numbers(mini_chain))
    mini_count = -(-len(mini_chain) * 4 // _SECTOR)
    directory = _append(sectors, chain, b"".join(map(_described, entries)), _described(_Entry("", 0)))
    tables = 1
    while tables * (_SECTOR // 4) < len(sectors) + tables:
        tables += 1
    if tables > 109:
        raise ValueError("too large for a compound file of this kind")
    first = len(sectors)
    chain += [_FAT] * tables
    chain += [_FREE] * (tables * (_SECTOR // 4) - len(chain))
    header = struct.pack(
        "<8s16x5H6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, tables, directory, 0, _CUTOFF, mini_fat, mini_count, _END, 0),
    )
    header += _numbers([first + i if i < tables else _FREE for i in range(109)])
    return header + b"".join(sectors) + _numbers(chain)


def _collect(tree: Tree, parent: int, entries: list[_Entry]) -> None:
    for name, content in tree.items():
        entries[parent].children.append(len(entries))
        if isinstance(content, bytes):
            entries.append(_Entry(name, _STREAM, content, size=len(content)))
        else:
            entries.append(_Entry(name, _STORAGE))
            _collect(content, len(entries) - 1, entries)


def _order(name: str) -> tuple[int, str]:
    return len(name.encode("utf-16-le")), name.upper()


def _balanced(entries: list[_Entry], places: list[int]) -> int:
    """Make *places*, in order, a search tree; its root."""
    if not places:
        return _NONE
    middle = len(places) // 2
    entry = entries[places[middle]]
    entry.left = _balanced(entries, places[:middle])
    entry.right = _balanced(entries, places[middle + 1 :])
    return places[middle]


def _ministream(entries: list[_Entry]) -> tuple[bytes, list[int]]:
    """Streams below the cutoff, together, and how their sectors follow one another."""
    whole, chain = b"", list[int]()
    for entry in entries:
        if entry.kind == _STREAM and 0 < len(entry.data) < _CUTOFF:
            entry.start = len(chain)
            count = -(-len(entry.data) // _MINI)
            chain += [*range(len(chain) + 1, len(chain) + count), _END]
            whole += entry.data.ljust(count * _MINI, b"\0")
    return whole, chain


def _append(sectors: list[bytes], chain: list[int], data: bytes, padding: bytes = b"\xff" * 4) -> int:
    """Add *data* in sectors of its own; the first of them."""
    if not data:
        return _END
    start = len(sectors)
    count = -(-len(data) // _SECTOR)
    data += padding * ((count * _SECTOR - len(data)) // len(padding) + 1)
    sectors += [data[i * _SECTOR : (i + 1) * _SECTOR] for i in range(count)]
    chain += [*range(start + 1, start + count), _END]
    return start


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _described(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    start = 0 if entry.kind in (0, _STORAGE) else entry.start
    return struct.pack(
        "<64sHBBIII16xI16xIQ",
        name,
        len(name) + 2 if name else 0,
        *(entry.kind, _BLACK, entry.left, entry.right, entry.child, 0, start, entry.size),
    )
