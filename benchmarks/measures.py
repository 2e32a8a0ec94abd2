"""Measures over many names and years, side by side with the pandas line that a user would write.

Run: ``python benchmarks/measures.py``. Figures are ratios of timings of the same run; both answers are compared in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from xlrotation.measures import breadth, dispersion

NAMES, DAYS, YEARS_20, WINDOW = 500, 5_000, 5_040, 21
PART_NAMES = 60
"""Names that pandas correlates, over all days: what a pair costs it whatever its length must not be scaled by days."""


def best(work: Callable[[], object], repeat: int) -> tuple[float, object]:
    shortest, result = float("inf"), None
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def correlation() -> None:
    random = np.random.default_rng(1)
    returns = random.normal(0, 0.01, (YEARS_20, NAMES)) + random.normal(0, 0.006, (YEARS_20, 1))
    ours, rolled = best(lambda: dispersion.rolling_pairwise_correlation(returns, WINDOW), 3)
    part = pd.DataFrame(returns[:, :PART_NAMES])
    theirs, pairs = best(lambda: part.rolling(WINDOW).corr(), 2)
    table = pairs.to_numpy().reshape(YEARS_20, PART_NAMES, PART_NAMES)[WINDOW - 1 :]
    mean = (table.sum(axis=(1, 2)) - PART_NAMES) / (PART_NAMES * (PART_NAMES - 1))
    apart = np.abs(dispersion.rolling_pairwise_correlation(part.to_numpy(), WINDOW) - mean).max()
    whole = theirs * (NAMES / PART_NAMES) ** 2
    print(f"average pairwise correlation, {NAMES} names x {YEARS_20} days, {WINDOW}-day windows")
    print(f"  xlrotation {1e3 * ours:9.1f} ms; values differ by {apart:.1e} on the part")
    print(f"  pandas     {1e3 * whole:9.0f} ms, scaled by pairs from {PART_NAMES} names x {YEARS_20} days")
    print(f"  ratio      {whole / ours:9.0f} (goal 50)")
    assert len(rolled) == YEARS_20 - WINDOW + 1
    assert apart < 1e-10


def breadths() -> None:
    random = np.random.default_rng(2)
    closes = np.asfortranarray(np.round(100 * np.exp(np.cumsum(random.normal(0, 0.01, (DAYS, NAMES)), axis=0)), 2))
    frame = pd.DataFrame(closes)
    copied, _ = best(lambda: closes.copy(order="F"), 20)
    totalled, _ = best(lambda: [np.cumsum(column) for column in closes.T], 7)

    def mcclellan() -> object:
        net = (frame.diff() > 0).sum(axis=1) - (frame.diff() < 0).sum(axis=1)
        ten, five = (net[1:].ewm(alpha=alpha, adjust=False).mean() for alpha in (0.10, 0.05))
        return ten - five, 1000 + (ten - five) - 10 * ten + 20 * five

    cases: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        (
            "share above the 200-day average",
            lambda: breadth.above_average_history(closes, 200)[0],
            lambda: (frame > frame.rolling(200).mean()).sum(axis=1),
        ),
        (
            "McClellan oscillator, summation",
            lambda: breadth.mcclellan(breadth.net_advances(closes).astype(float)),
            mcclellan,
        ),
        (
            "new highs and lows of 252 days",
            lambda: breadth.new_extremes_history(closes, 252),
            lambda: ((frame >= frame.rolling(252).max()).sum(axis=1), (frame <= frame.rolling(252).min()).sum(axis=1)),
        ),
    ]
    print(f"breadth, {NAMES} names x {DAYS} days; goal: 10 times pandas, or memory bandwidth (a few copies)")
    print(f"  copying the prices once {1e3 * copied:.1f} ms, their running totals (np.cumsum) {1e3 * totalled:.1f} ms")
    for name, ours, theirs in cases:
        a, mine = best(ours, 15)
        b, other = best(theirs, 5)
        pairs = zip(mine, other, strict=True) if isinstance(mine, tuple) else [(mine, other)]
        apart = max(np.abs(x - np.asarray(y)[len(y) - len(x) :]).max() for x, y in pairs)
        text = f"{name:<33} {1e3 * a:6.1f} ms ({a / copied:4.1f} copies), pandas {1e3 * b:6.1f} ms, ratio {b / a:5.1f}"
        print(f"  {text}, largest difference {apart:.1g}")
        assert apart < 1e-9, name


if __name__ == "__main__":
    correlation()
    breadths()
