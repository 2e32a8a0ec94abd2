"""Macro series of the sample beside those of extras: vintages of unemployment, yields, the Federal Reserve, positions.

Vintages are real: what the Bureau of Labor Statistics published on each day. Yields and balances are paths through
published figures. Positions of traders are chosen: no figure of them is one of the market.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from .paths import FloatArray, generator

Series = tuple[np.ndarray, FloatArray]

FIRST_PRINTS = (
    # month, published, rate in percent as the employment report of that day had it
    *(("2023-01", "2023-02-03", 3.4), ("2023-02", "2023-03-10", 3.6), ("2023-03", "2023-04-07", 3.5)),
    *(("2023-04", "2023-05-05", 3.4), ("2023-05", "2023-06-02", 3.7), ("2023-06", "2023-07-07", 3.6)),
    *(("2023-07", "2023-08-04", 3.5), ("2023-08", "2023-09-01", 3.8), ("2023-09", "2023-10-06", 3.8)),
    *(("2023-10", "2023-11-03", 3.9), ("2023-11", "2023-12-08", 3.7), ("2023-12", "2024-01-05", 3.7)),
    *(("2024-01", "2024-02-02", 3.7), ("2024-02", "2024-03-08", 3.9), ("2024-03", "2024-04-05", 3.8)),
    *(("2024-04", "2024-05-03", 3.9), ("2024-05", "2024-06-07", 4.0), ("2024-06", "2024-07-05", 4.1)),
    *(("2024-07", "2024-08-02", 4.3), ("2024-08", "2024-09-06", 4.2), ("2024-09", "2024-10-04", 4.1)),
    *(("2024-10", "2024-11-01", 4.1), ("2024-11", "2024-12-06", 4.2), ("2024-12", "2025-01-10", 4.1)),
    *(("2025-01", "2025-02-07", 4.0), ("2025-02", "2025-03-07", 4.1), ("2025-03", "2025-04-04", 4.2)),
    *(("2025-04", "2025-05-02", 4.2), ("2025-05", "2025-06-06", 4.2), ("2025-06", "2025-07-03", 4.1)),
    *(("2025-07", "2025-08-01", 4.2), ("2025-08", "2025-09-05", 4.3), ("2025-09", "2025-11-20", 4.4)),
    *(("2025-10", "2025-12-16", np.nan), ("2025-11", "2025-12-16", 4.6)),
    *(("2025-12", "2026-01-09", 4.4), ("2026-01", "2026-02-11", 4.3)),
)
"""U.S. Bureau of Labor Statistics, The Employment Situation; October 2025 was never surveyed."""

REVISIONS = {
    "2024-01-05": {"2023-10": 3.8},
    "2025-01-10": {
        "2023-01": 3.5,
        "2023-05": 3.6,
        "2023-08": 3.7,
        "2023-10": 3.9,
        "2023-12": 3.8,
        "2024-03": 3.9,
        "2024-07": 4.2,
    },
    "2026-01-09": {
        "2024-05": 3.9,
        "2025-02": 4.2,
        "2025-05": 4.3,
        "2025-07": 4.3,
        "2025-11": 4.5,
    },
}
"""What the report on each December changed: seasonal factors of five years are estimated anew."""

TENORS = ("1MO", "3MO", "6MO", "1", "2", "3", "5", "7", "10", "20", "30")
YIELDS = {
    # U.S. Department of the Treasury, daily par yield curve rates
    "2023-01-03": (4.17, 4.53, 4.77, 4.72, 4.40, 4.18, 3.94, 3.89, 3.79, 4.06, 3.88),
    "2025-12-31": (3.74, 3.67, 3.59, 3.48, 3.47, 3.55, 3.73, 3.94, 4.18, 4.79, 4.84),
    "2026-01-16": (3.75, 3.67, 3.60, 3.55, 3.59, 3.67, 3.82, 4.02, 4.24, 4.79, 4.83),
    "2026-01-30": (3.72, 3.67, 3.61, 3.48, 3.52, 3.60, 3.79, 4.01, 4.26, 4.82, 4.87),
    "2026-02-06": (3.72, 3.68, 3.59, 3.45, 3.50, 3.57, 3.76, 3.98, 4.22, 4.80, 4.85),
    "2026-02-11": (3.71, 3.70, 3.60, 3.47, 3.52, 3.55, 3.75, 3.96, 4.18, 4.76, 4.82),
    "2026-02-12": (3.72, 3.70, 3.58, 3.45, 3.47, 3.49, 3.67, 3.87, 4.09, 4.68, 4.72),
    "2026-02-13": (3.72, 3.68, 3.59, 3.42, 3.40, 3.43, 3.61, 3.81, 4.04, 4.64, 4.69),
}

BALANCES = {
    # Board of Governors, H.4.1: total assets and Treasury's account (week average), millions of dollars, on Wednesdays
    "2023-01-04": (8_507_000, 400_000),  # rounded levels
    "2025-10-29": (6_587_034, 957_990),
    "2025-11-26": (6_552_419, 903_394),
    "2025-12-31": (6_640_618, 837_306),
    "2026-01-14": (6_581_700, 779_175),
    "2026-01-28": (6_587_568, 923_042),
    "2026-02-04": (6_605_909, 908_773),
    "2026-02-11": (6_622_382, 915_306),
}
REPOS = {
    # Federal Reserve Bank of New York: overnight reverse repurchase agreements, billions of dollars
    "2023-01-03": 2188.0,  # rounded level
    "2025-10-29": 19.504,
    "2025-12-31": 105.993,
    "2026-01-14": 3.223,
    "2026-01-28": 1.103,
    "2026-02-04": 2.414,
    "2026-02-11": 1.048,
    "2026-02-13": 0.377,
}

OPEN_INTEREST = 2_100_000
"""Contracts of the E-mini S&P 500; chosen, as the shares below are."""

SHARES = {
    # of the open interest: long, short, spreading
    "LEGACY": {"NONCOMM": (0.16, 0.21, 0.05), "COMM": (0.66, 0.65, 0.0), "NONREPT": (0.13, 0.09, 0.0)},
    "TFF": {
        "DEALER": (0.08, 0.24, 0.03),
        "ASSET_MGR": (0.50, 0.12, 0.07),
        "LEV_MONEY": (0.07, 0.28, 0.04),
        "OTHER_REPT": (0.06, 0.11, 0.02),
        "NONREPT": (0.13, 0.09, 0.0),
    },
}
MARKET = "13874A"


def vintages() -> dict[str, Series]:
    """What was new on each day of publication, by the names of the vintages."""
    new: dict[str, dict[str, float]] = {}
    for month, published, rate in FIRST_PRINTS:
        new.setdefault(published, {})[month] = rate
    for published, changes in REVISIONS.items():
        new[published] = changes | new[published]
    found = {}
    for published, values in sorted(new.items()):
        months = sorted(values)
        found[f"UNRATE@{published}"] = (
            np.array([f"{month}-01" for month in months], "datetime64[D]"),
            np.array([values[month] for month in months]),
        )
    return found


def yields(days: np.ndarray, holidays: Sequence[dt.date]) -> dict[str, Series]:
    """Yields by tenor: straight lines between published curves, with days that go up and down together.

    There are none on holidays on which the exchange trades and the bond market does not.
    """
    closed = np.isin(days, np.array(holidays, "datetime64[D]"))
    common = np.cumsum(generator("DGS").normal(0.0, 0.045, len(days)))
    found = {}
    for place, tenor in enumerate(TENORS):
        own = np.cumsum(generator(f"DGS{tenor}").normal(0.0, 0.015, len(days)))
        anchors = {day: curve[place] for day, curve in YIELDS.items()}
        weight = 0.3 if place < 3 else 1.0
        path = np.round(_through(days, anchors, weight * common + own), 2)
        found[f"DGS{tenor}"] = (days, np.where(closed, np.nan, path))
    return found


def balances(days: np.ndarray) -> dict[str, Series]:
    """The Federal Reserve's assets and the Treasury's account on Wednesdays, and reverse repurchases of each day."""
    first, last = days[0], days[-1]
    wednesdays = np.arange(first, last + np.timedelta64(1, "D"))
    wednesdays = wednesdays[(wednesdays.astype(int) + 3) % 7 == 2]  # the first day of all was a Thursday
    found = {}
    for place, (name, swing) in enumerate((("WALCL", 0.0008), ("WTREGEN", 0.05))):
        anchors = {day: float(np.log(values[place])) for day, values in BALANCES.items()}
        noise = np.cumsum(generator(name).normal(0.0, swing, len(wednesdays)))
        found[name] = (wednesdays, np.round(np.exp(_through(wednesdays, anchors, noise))))
    noise = np.cumsum(generator("RRPONTSYD").normal(0.0, 0.08, len(days)))
    logs = {day: float(np.log(value)) for day, value in REPOS.items()}
    found["RRPONTSYD"] = (days, np.round(np.exp(_through(days, logs, noise)), 3))
    return found


def positions(first: dt.date, last: dt.date, holidays: Sequence[dt.date]) -> dict[str, Series]:
    """Positions of traders of the E-mini S&P 500 in two reports, which add up to its open interest on either side."""
    reports = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    reports = [day for day in reports if day.weekday() == 1]
    reports = [day - dt.timedelta(days=1) if day in holidays else day for day in reports]
    days = np.array(reports, "datetime64[D]")
    interest = np.rint(OPEN_INTEREST * np.exp(np.cumsum(generator("COT", "interest").normal(0.0, 0.012, len(days)))))
    found: dict[str, Series] = {}
    for report, groups in SHARES.items():
        found[f"COT:{report}:{MARKET}:OI"] = (days, interest)
        spreads = {}
        for group, (*_, spread) in groups.items():
            wander = np.exp(np.cumsum(generator(f"COT:{report}:{group}", "spread").normal(0.0, 0.02, len(days))))
            spreads[group] = np.rint(interest * spread * wander)
        left = interest - sum(spreads.values())
        for place, side in enumerate(("LONG", "SHORT")):
            held = {}
            for group, shares in groups.items():
                steps = generator(f"COT:{report}:{group}", side).normal(0.0, 0.025, len(days))
                held[group] = shares[place] * np.exp(np.cumsum(steps))
            total = sum(held.values())
            counts = {group: np.rint(left * share / total) for group, share in held.items()}
            rest = next(iter(reversed(counts)))
            counts[rest] = left - sum(count for group, count in counts.items() if group != rest)
            for group, count in counts.items():
                found[f"COT:{report}:{MARKET}:{group}_{side}"] = (days, count)
        for group, count in spreads.items():
            if groups[group][2]:
                found[f"COT:{report}:{MARKET}:{group}_SPREAD"] = (days, count)
    return found


def _through(days: np.ndarray, anchors: Mapping[str, float], noise: FloatArray) -> FloatArray:
    """Straight lines through *anchors*, with as much of *noise* as goes back to nothing at each of them."""
    rows = np.searchsorted(days, np.array(list(anchors), "datetime64[D]"))
    levels = np.array(list(anchors.values()))
    path: FloatArray = np.interp(np.arange(len(days)), rows, levels - noise[rows]) + noise
    return path
