"""What the first and the last lines of a file tell of it: enough to leave the rest for later.

A text table of the bars of one symbol, which its name tells, needs not be read before somebody asks for that symbol.
Whose bars it holds is told by its heads and its name, from when by its first line, and until when by its last ones.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xlrotation.files import open_regular
from xlrotation.market.calendar import Days
from xlrotation.market.panel import rise
from xlrotation.market.providers.folder import filenames, headers, tables
from xlrotation.market.providers.folder.clean import OTHER_ERA
from xlrotation.market.providers.folder.listed import Mark, stamp_of
from xlrotation.market.providers.folder.priceblocks import LARGEST
from xlrotation.market.quarantine import MOVES
from xlrotation.market.symbols import fold

ENDINGS = (".csv", ".txt", ".tsv")
SMALLEST = 1 << 14
"""Bytes below which a file is read at once."""

LARGEST_FILE = 32 << 20
"""Bytes from which on one is: it is no file of one symbol."""

_FIRST, _LAST = 2048, 4096
_LONGEST_HEAD = 512
_NUMBER = rb"-?(?:\d+(?:\.\d*)?|\.\d+)"


@dataclass(frozen=True, slots=True)
class Peek:
    """What was seen of a file.

    Attributes:
        name: The file, as messages name it.
        file: Where it is.
        symbol: Whose bars it holds.
        stamp: What the system said of it.
        first: Its first day.
        since: The first day of its last lines.
        closes: Days of its last lines that have a close, rising.
    """

    name: str
    file: Path
    symbol: str
    stamp: Mark
    first: np.datetime64
    since: np.datetime64
    closes: Days

    def same(self) -> bool:
        """Whether the file is still what it was."""
        return stamp_of(self.file) == self.stamp


def peek(file: Path, name: str) -> Peek | None:
    """Look at the ends of a file; None where they do not tell enough."""
    if not file.name.lower().endswith(ENDINGS) or filenames.names_no_symbol(stem := tables.stem(file)):
        return None
    try:
        with open_regular(file) as opened:
            stamp = stamp_of(file)
            if not SMALLEST <= os.fstat(opened.fileno()).st_size == stamp[0] <= LARGEST_FILE:
                return None
            head, begun, first = opened.read(_FIRST).partition(b"\n")
            opened.seek(-_LAST, os.SEEK_END)
            last = opened.read(_LAST)
    except OSError:
        return None
    pattern = _pattern(head) if begun and len(head) <= _LONGEST_HEAD else None
    if pattern is None or not last.endswith(b"\n") or any(each in first or each in last for each in (b'"', b"\0")):
        return None
    ends = [_lines(pattern, first.rpartition(b"\n")[0] + b"\n"), _lines(pattern, last.partition(b"\n")[2])]
    if ends[0] is None or ends[1] is None:
        return None
    (early, opening), (late, closing) = ends[0], ends[1]
    if not (rise(early) and rise(late)):  # newest first, as many vendors write
        (early, opening), (late, closing) = (late[::-1], closing[::-1]), (early[::-1], opening[::-1])
    if not (rise(early) and rise(late) and early[-1] < late[0]):
        return None
    if late[-1] >= OTHER_ERA:
        return None
    levels = np.array([float(text or b"0") for text in closing])
    known = (levels > 0.0) & (levels <= LARGEST)
    if not known.any() or _jumps(levels[known]):
        return None
    return Peek(name, file, filenames.symbol_of_file(stem), stamp, early[0], late[0], late[known])


def _jumps(levels: npt.NDArray[np.float64]) -> bool:
    """Whether closes move by so much that some may be held back."""
    return bool((abs(np.diff(levels)) > min(MOVES.values()) * levels[:-1]).any())


@functools.lru_cache(maxsize=64)
def _pattern(head: bytes) -> re.Pattern[bytes] | None:
    """What each line below a row of heads must be, with its day and its close; None for heads of another layout."""
    try:
        line = head.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        return None
    separator = max(",;\t|", key=line.count)
    heads = line.split(separator)
    plain = [fold(text) for text in heads]
    meanings = headers.understood(heads)
    wanted = {"date", *headers.PRICES}
    if '"' in line or len(set(meanings)) < len(meanings) or not {"date", "close"} <= set(meanings) <= wanted:
        return None
    if "value" in plain or any(text in plain for text in ("observation_date", "指标名称")):
        return None
    kinds = {"date": rb"(\d{4}-\d\d-\d\d)", "close": b"(%b|)" % _NUMBER}
    cells = [kinds.get(meaning or "", b"(?:%b|)" % _NUMBER) for meaning in meanings]
    if meanings.index("date") > meanings.index("close"):
        return None
    return re.compile(b"^" + re.escape(separator.encode()).join(cells) + rb"\r?$", re.MULTILINE)


def _lines(pattern: re.Pattern[bytes], text: bytes) -> tuple[Days, list[bytes]] | None:
    """Days and closes of lines, where all of them are such."""
    found = pattern.findall(text)
    if len(found) < 2 or len(found) != text.count(b"\n"):
        return None
    try:
        days = np.array([day.decode() for day, _ in found], "datetime64[D]")
    except ValueError:
        return None
    return days, [close for _, close in found]
