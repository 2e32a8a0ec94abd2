"""The last cent: closes moved by cents until every published return holds at the rounding in which it was printed.

A path through its anchors meets them in real numbers. Rounded to cents it may miss: on a share of 44 dollars a cent is
0.02 %, twice what a return printed with two decimals allows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .paths import Anchor, FloatArray

Cents = npt.NDArray[np.int64]
Near = dict[int, list[Anchor]]

REACH = 25
"""How many steps a close may move; a step is a cent, or a thousandth of a percent of an index."""

INSIDE = 0.95
"""A return this far within its rounding is met; at the very edge another processor might see it differently."""


def settle(close: FloatArray, anchors: Sequence[Anchor]) -> FloatArray:
    """*close* rounded to cents, with the returns of *anchors* met where cents can meet them."""
    cents = np.rint(close * 100).astype(np.int64)
    fixed = {anchor.row for anchor in anchors if anchor.kind == "close"}
    for anchor in anchors:
        if anchor.kind == "close":
            cents[anchor.row] = round(anchor.value * 100)
    near: Near = {}
    for anchor in anchors:
        for row in _rows(anchor):
            near.setdefault(row, []).append(anchor)
    returns = [anchor for anchor in anchors if anchor.kind == "return"]
    free = {row for anchor in returns for row in _rows(anchor)} - fixed
    start = cents.copy()
    for _ in range(20):
        # Only the surroundings of what is missed move, so that a met figure is not disturbed for nothing.
        missed = [anchor for anchor in anchors if _miss(cents, anchor) > 0]
        candidates = sorted(row for row in free if any(row in _rows(anchor) for anchor in missed))
        better = [_improve(cents, start, row, near, free) for row in candidates]
        if not any(better):
            break
    return cents / 100


def _rows(anchor: Anchor) -> Sequence[int]:
    """The rows whose closes decide whether *anchor* is met."""
    if anchor.kind == "return":
        return anchor.base, anchor.row
    if anchor.kind.startswith("sma"):
        return range(anchor.row - int(anchor.kind[3:]) + 1, anchor.row + 1)
    return ()


def _miss(cents: Cents, anchor: Anchor) -> float:
    """By how much *anchor* is missed, in halves of its last printed digit."""
    if anchor.kind == "return":
        got = 100.0 * (int(cents[anchor.row]) / int(cents[anchor.base]) - 1.0)
    elif anchor.kind.startswith("sma"):
        rows = _rows(anchor)
        got = int(cents[rows[0] : rows[-1] + 1].sum()) / len(rows) / 100.0
    else:
        return 0.0
    return max(0.0, abs(got - anchor.value) / anchor.half - INSIDE)


def _cost(cents: Cents, rows: Sequence[int], near: Near) -> float:
    """The squared misses of all anchors that touch *rows*."""
    return sum(_miss(cents, anchor) ** 2 for anchor in {a: None for row in rows for a in near[row]})


def _improve(cents: Cents, start: Cents, row: int, near: Near, free: set[int]) -> bool:
    """Move one close, let the closes that share a return with it follow, and keep the best if it is better."""
    others = sorted({r for a in near[row] if a.kind == "return" for r in _rows(a)} & free - {row})
    rows = [row, *others]
    lowest = before = _cost(cents, rows, near)
    best = cents.copy()
    unit = max(1, round(int(start[row]) / 100_000))
    for step in sorted(range(-REACH, REACH + 1), key=abs):
        trial = cents.copy()
        trial[row] = start[row] + step * unit
        for other in others:
            trial[other] = _follow(trial, row, other, near)
        if (cost := _cost(trial, rows, near)) < lowest - 1e-9:
            best, lowest = trial, cost
    cents[:] = best
    return lowest < before


def _follow(cents: Cents, row: int, other: int, near: Near) -> int:
    """The close of *other* that misses least: as it is, or where a return between it and *row* wants it."""
    choices = [int(cents[other])]
    for anchor in near[other]:
        if anchor.kind == "return" and row in _rows(anchor):
            growth = 1.0 + anchor.value / 100.0
            exact = cents[row] * growth if anchor.row == other else cents[row] / growth
            choices += [round(float(exact)) + shift for shift in (0, 1, -1)]
    costs = []
    trial = cents.copy()
    for choice in choices:
        trial[other] = choice
        costs.append(_cost(trial, [other], near))
    return choices[costs.index(min(costs))]
