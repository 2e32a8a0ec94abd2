"""Which quotes of an option chain decide an answer: those of the expiries, and of the strikes, that it needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from xlrotation.market.chains import Chain
from xlrotation.measures.arrays import BoolArray, FloatArray

Underlying = tuple[str, dt.date]
"""A chain: of which underlying, and of which session."""

Quotes = Mapping[Underlying, BoolArray]
"""By chain, which of its quotes are kept."""

_WRONG = {"large": 7.0, "small": 1.0 / 7.0, "larger": 31.0, "smaller": 1.0 / 31.0}
"""What a quote that is not kept is multiplied by."""


_QUOTED = ("bid", "ask", "volume", "open_interest")


def kept(chain: Chain, keep: BoolArray, fill: str) -> Chain:
    """A chain of which some quotes are kept; the others are gone, or wrong.

    Args:
        chain: It.
        keep: Which.
        fill: As of a view.
    """
    factor = _WRONG.get(fill)
    changed: dict[str, Any] = {}
    for each in fields(chain):
        values = getattr(chain, each.name)
        if not isinstance(values, np.ndarray):
            continue
        if factor is None:
            changed[each.name] = values[keep]
        elif each.name in _QUOTED:
            changed[each.name] = np.where(keep, values, values * factor)
    return replace(chain, **changed)


def narrowed(chain: Chain, enough: Callable[[BoolArray], bool]) -> BoolArray:
    """The quotes of a chain that an answer needs: whole expiries first, then the lowest and the highest strikes.

    Args:
        chain: It.
        enough: Whether some of them give the answer; it is asked of one at least.
    """
    keep = np.ones(len(chain), bool)
    for expiry in np.unique(chain.expiry):
        without = keep & (chain.expiry != expiry)
        if without.any() and enough(without):
            keep = without
    for expiry in np.unique(chain.expiry[keep]):
        for side in (1.0, -1.0):
            own = keep & (chain.expiry == expiry)
            keep = _trimmed(keep, own, side * chain.strike, enough)
    return keep


def _trimmed(keep: BoolArray, own: BoolArray, order: FloatArray, enough: Callable[[BoolArray], bool]) -> BoolArray:
    """*keep* without as many of the first of *own* as can be left out."""
    levels = np.unique(order[own])
    low, high = 0, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        if enough(keep & ~(own & (order < levels[middle]))):
            low = middle
        else:
            high = middle
    return keep & ~(own & (order < levels[low])) if low else keep
