"""Ways to choose and to order, given up where they are more than a cell holds, before they are counted."""

from __future__ import annotations

import math

from xlrotation.workbook.evaluation.values import NUM, Fault

_MOST = 1100
"""More factors above one, each at least two, are more than a cell holds."""


def chosen(n: int, k: int) -> int:
    """How many ways there are to choose *k* of *n*.

    Raises:
        Fault: They are more than a cell holds.
    """
    _hold(min(k, n - k))
    return math.comb(n, k)


def ordered(n: int, k: int) -> int:
    """How many ways there are to choose *k* of *n* in order.

    Raises:
        Fault: They are more than a cell holds.
    """
    _hold(min(k, n))
    return math.perm(n, k)


def repeated(n: int, k: int) -> int:
    """``n^k``.

    Raises:
        Fault: It is more than a cell holds.
    """
    _hold(k if n > 1 else 0)
    return int(n**k)


def split(parts: list[int]) -> int:
    """How many ways there are to split a whole into parts of these sizes.

    Raises:
        Fault: They are more than a cell holds.
    """
    whole, ways = 0, 1
    for part in parts:
        whole += part
        ways *= chosen(whole, part)
        _hold(ways.bit_length())
    return ways


def _hold(factors: int) -> None:
    if factors > _MOST:
        raise Fault(NUM)
