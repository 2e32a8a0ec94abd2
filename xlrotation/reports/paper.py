"""How the blocks of a page lie on sheets of paper: where a new one begins, and how high the charts are.

Charts give and take: they shrink a little where that saves a sheet of paper, and grow into what a sheet leaves free.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xlrotation.workbook.output.folding import FIRST_PAGE, NEXT_PAGE

ROW_POINTS = 12.75
_SHRINK, _GROW = 3, 14
"""Rows that a chart loses or gains at most."""
_WIDTHS = {
    0.28: "ijl'",
    0.33: " .,:;/|IJ",
    0.4: "ftr-()[]!",
    0.53: "scz?",
    0.59: "kvxyLTYZF",
    0.7: "ABCEKPRSVX",
    0.78: "DGHNOQU&",
    0.85: "w+<=>M",
    0.98: "mW@%",
}
"""Widths of letters in DejaVu Sans, which is what Linux takes where it has nothing narrower."""
_USUAL, _SIGN = 0.62, 1.2
"""Widths of the other letters; of Chinese ones where the columns have the widths that Excel gives them."""


_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]+\s*|[\u2e80-\uffff][\u3000-\u303f\uff00-\uff20,.:;)]*\s*|\s+")
"""A word, or a Chinese letter, with the signs that stay with it."""


def width_of(text: str) -> float:
    """Width of a text in sizes of its font, in a wide font without serifs, such as columns are measured in."""
    return sum(map(_letter, text))


def lines_of(text: str, room: float) -> int:
    """Lines that a text takes in so much room, in sizes of its font: broken at spaces, and at Chinese letters."""
    lines, used = 1, 0.0
    for part in _UNBROKEN.findall(text):
        width = width_of(part.rstrip())
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        used += width_of(part)
        if used > room and width > room:  # a word that is longer than a line is broken anywhere
            lines, used = lines + int(used // room), used % room
    return lines


@functools.lru_cache(maxsize=4096)
def _letter(letter: str) -> float:
    if letter > "\u2e80":
        return _SIGN
    return next((width for width, letters in _WIDTHS.items() if letter in letters), _USUAL)


class Measured(NamedTuple):
    """A block as it was written.

    Attributes:
        height: In points, with the row of space below.
        free: Rows that its charts may grow by and the block stays as high; None where it has no chart.
        least: The height that it has whatever its charts' is.
        opening: Points that it is higher where it begins a sheet of paper.
    """

    height: float
    free: int | None
    least: float = 0.0
    opening: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a page lies on paper.

    Attributes:
        breaks: Numbers of the blocks that begin a new sheet of paper.
        stretch: Rows that the charts of a block are made higher, by its number.
    """

    breaks: frozenset[int] = frozenset()
    stretch: Mapping[int, int] = field(default_factory=dict)


def planned(blocks: Sequence[Measured]) -> Plan:
    """The plan of a page whose blocks were measured, without any stretch."""
    shrunk = min(range(_SHRINK + 1), key=lambda rows: len(_filled(_lowered(blocks, rows), blocks)))
    heights = _lowered(blocks, shrunk)
    starts = _balanced(heights, blocks, len(_filled(heights, blocks)))
    stretch: dict[int, int] = {}
    for first, last in itertools.pairwise((*starts, len(blocks))):
        stretch |= _stretched(blocks, heights, first, last, -shrunk)
    return Plan(frozenset(starts[1:]), stretch)


def _lowered(blocks: Sequence[Measured], rows: int) -> list[float]:
    """Heights where each chart is so many rows lower."""
    return [
        block.height if block.free is None else max(block.least, block.height - rows * ROW_POINTS) for block in blocks
    ]


def _room(first: int) -> float:
    """Points of a sheet of paper that begins with a block; the space below its last block may lie off it."""
    return (NEXT_PAGE if first else FIRST_PAGE) + ROW_POINTS


def _filled(heights: Sequence[float], blocks: Sequence[Measured]) -> list[int]:
    """The blocks that begin a sheet of paper, where each is filled as far as it goes."""
    starts, used = [0], 0.0
    for number, height in enumerate(heights):
        if used and used + height > _room(starts[-1]):
            starts.append(number)
            used = blocks[number].opening
        used += height
    return starts


def _balanced(heights: Sequence[float], blocks: Sequence[Measured], sheets: int) -> list[int]:
    """The blocks that begin one of so many sheets of paper, such that what stays free is small and spread."""

    @functools.cache
    def best(first: int, left: int) -> tuple[float, tuple[int, ...]]:
        if left == 1:
            return (_free(heights, blocks, first, len(heights)), (first,))
        found: list[tuple[float, tuple[int, ...]]] = [(float("inf"), (first,))]
        for last in range(first + 1, len(heights) - left + 2):
            cost = _free(heights, blocks, first, last)
            if cost == float("inf"):
                break
            more, starts = best(last, left - 1)
            found.append((cost + more, (first, *starts)))
        return min(found)

    cost, starts = best(0, sheets)
    return list(starts) if cost < float("inf") else _filled(heights, blocks)


def _free(heights: Sequence[float], blocks: Sequence[Measured], first: int, last: int) -> float:
    """What a sheet of paper with these blocks leaves free that its charts cannot fill, squared."""
    left = _room(first) - blocks[first].opening - sum(heights[first:last])
    if left < 0 and last > first + 1:
        return float("inf")
    charts = sum(block.free is not None for block in blocks[first:last])
    return max(0.0, left - charts * _GROW * ROW_POINTS) ** 2


def _stretched(
    blocks: Sequence[Measured], heights: Sequence[float], first: int, last: int, begun: int
) -> Iterator[tuple[int, int]]:
    """The rows that the charts of a sheet of paper gain or lose."""
    charts = [number for number in range(first, last) if blocks[number].free is not None]
    left = int((_room(first) - blocks[first].opening - sum(heights[first:last])) // ROW_POINTS)
    for place, number in enumerate(charts):
        more = min(_GROW, max(0, left // (len(charts) - place)))
        left -= more
        free = blocks[number].free or 0
        yield number, (free if free else begun) + more
