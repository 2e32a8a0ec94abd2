"""Gamma of many options at once, and the level of the underlying at which a book of them has none."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlrotation.measures.arrays import FloatArray

_REACH, _STEPS = 0.5, 100
"""How far from the price a level without gamma is looked for, as a share of it, and the steps on either side."""

_NOTHING = 1e-9
"""A sum of gamma this small beside its parts is the rounding of their difference."""


class Book(NamedTuple):
    """Options on one underlying; arrays ``(options,)``.

    Attributes:
        strike: Strike.
        years: Time to expiry.
        vol: Volatility per year, which stays with the strike when the underlying moves.
        carry: Forward over spot, the same at every level of the underlying.
        discount: Value today of one paid at expiry.
    """

    strike: FloatArray
    years: FloatArray
    vol: FloatArray
    carry: FloatArray
    discount: FloatArray


def gamma(book: Book, spot: float) -> FloatArray:
    """Black-Scholes-Merton gamma of each option, of a call as of a put: change of delta for a change of 1 in *spot*."""
    total = book.vol * np.sqrt(book.years)
    d1 = np.log(spot * book.carry / book.strike) / total + 0.5 * total
    density = np.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    found: FloatArray = book.carry * book.discount * density / (spot * total)
    return found


def zero_level(book: Book, held: FloatArray, spot: float) -> float:
    """The level of the underlying nearest to *spot* at which the gamma of what is held changes its sign.

    Args:
        book: The options.
        held: Contracts held of each, below zero where short.
        spot: Price of the underlying.

    Returns:
        NaN where it keeps its sign from half to one and a half of *spot*.
    """
    from scipy.optimize import brentq

    def net(level: float) -> float:
        values = held * gamma(book, level)
        whole = float(values.sum())
        return whole if abs(whole) > _NOTHING * float(np.abs(values).sum()) else 0.0

    levels = spot * (1.0 + _REACH * np.arange(-_STEPS, _STEPS + 1) / _STEPS)
    signs = np.sign([net(level) for level in levels.tolist()])
    turns = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    zeros = [float(brentq(net, levels[turn], levels[turn + 1], xtol=1e-10 * spot)) for turn in turns]
    zeros += levels[1:-1][(signs[1:-1] == 0) & (signs[:-2] * signs[2:] < 0)].tolist()
    return min(zeros, key=lambda level: abs(level - spot), default=math.nan)
