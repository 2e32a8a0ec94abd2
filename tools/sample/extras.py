"""What the sample holds beside prices: funds' shares, forward multiples, macro series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from .paths import FloatArray, generator

FLOWS = {"SPY": 12.0e9, "QQQ": 2.8e9, "SMH": 1.3e9}
"""Net inflow of a week of November 2025 as a report printed it; the week is chosen: five sessions to 2025-11-21."""

FLOW_WEEK = (dt.date(2025, 11, 14), dt.date(2025, 11, 21))
BLOCK = 50_000.0
"""Funds create and redeem shares in blocks."""

MULTIPLES = {"^GSPC": 22.0, "^RUT": 22.0 * (1 - 0.31), "^NDX": 26.0}
"""Price over expected earnings on 2026-01-16: 22 and a discount of 31 % as reports print them; the last is chosen."""

MULTIPLE_DAY, EARNINGS_GROWTH = dt.date(2026, 1, 16), 0.11

UNEMPLOYMENT = (
    *(3.5, 3.6, 3.5, 3.4, 3.6, 3.6, 3.5, 3.7, 3.8, 3.9, 3.7, 3.8),
    *(3.7, 3.9, 3.9, 3.9, 3.9, 4.1, 4.2, 4.2, 4.1, 4.1, 4.2, 4.1),
    *(4.0, 4.2, 4.2, 4.2, 4.3, 4.1, 4.3, 4.3, 4.4, np.nan, 4.5, 4.4),
    4.3,
)
"""Unemployment rate, percent, from January 2023 (U.S. Bureau of Labor Statistics); October 2025 was never surveyed."""

SPREADS = {
    "BAMLH0A0HYM2": {
        "2023-01-03": 4.8,
        "2025-10-29": 2.76,
        "2025-10-31": 2.94,
        "2025-11-18": 3.20,
        "2025-11-20": 3.17,
        "2026-02-13": 2.9,
    },
    "BAMLH0A3HYC": {"2023-01-03": 11.5, "2025-10-31": 8.65, "2025-11-20": 9.20, "2026-02-13": 8.9},
}
"""High-yield and CCC spreads, percent: published figures of October and November 2025, rounded levels at the ends."""


def shares(symbol: str, days: np.ndarray, closes: FloatArray, start: float) -> FloatArray:
    """Shares outstanding of a fund: random creations and redemptions, and the printed flow in its week."""
    moves = np.rint(generator(symbol, "shares").normal(0.02, 0.35, len(days)) * start / 100 / BLOCK) * BLOCK
    if symbol in FLOWS:
        first, last = (int(np.searchsorted(days, np.datetime64(day))) for day in FLOW_WEEK)
        wanted = FLOWS[symbol] / (last - first)
        for row in range(first + 1, last + 1):
            moves[row] = np.rint(wanted / closes[row - 1] / BLOCK) * BLOCK
    path = start + np.cumsum(moves)
    return np.maximum(path, 0.2 * start)


def multiples(symbol: str, days: np.ndarray, closes: FloatArray) -> FloatArray:
    """Forward price-earnings ratio: expected earnings grow steadily through the printed multiple."""
    row = int(np.searchsorted(days, np.datetime64(MULTIPLE_DAY)))
    years = (days - days[row]).astype(float) / 365.25
    earnings = closes[row] / MULTIPLES[symbol] * (1 + EARNINGS_GROWTH) ** years
    return np.round(closes / earnings, 2)


def series(days: np.ndarray, vix: FloatArray) -> Mapping[str, tuple[np.ndarray, FloatArray]]:
    """Macro series with their own dates."""
    months = (np.datetime64("2023-01") + np.arange(len(UNEMPLOYMENT)).astype("timedelta64[M]")).astype("datetime64[D]")
    found: dict[str, tuple[np.ndarray, FloatArray]] = {"UNRATE": (months, np.array(UNEMPLOYMENT))}
    for name, anchors in SPREADS.items():
        rows = np.searchsorted(days, np.array(list(anchors), "datetime64[D]"))
        levels = np.log(list(anchors.values()))
        fear = 0.25 * np.log(vix / vix.mean()) + np.cumsum(generator(name).normal(0.0, 0.004, len(days)))
        path = np.interp(np.arange(len(days)), rows, levels - fear[rows]) + fear
        found[name] = (days, np.round(np.exp(path), 2))
    return found
