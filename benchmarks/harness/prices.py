"""Prices to measure on: 20 years of random walks, the same in every script."""

from __future__ import annotations

import datetime as dt

import numpy as np

from xlrotation.market.calendar import XNYS, Days
from xlrotation.measures.arrays import FloatArray


def twenty_years(symbols: int = 600) -> tuple[Days, FloatArray]:
    """Sessions, and closes ``(sessions, symbols)`` that move by 1 % a day."""
    days = XNYS.sessions_between(dt.date(2006, 2, 13), dt.date(2026, 2, 13))
    moves = np.random.default_rng(1).normal(0, 0.01, (len(days), symbols))
    return days, 100 * np.exp(np.cumsum(moves, axis=0))
