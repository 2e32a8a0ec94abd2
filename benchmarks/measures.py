"""Measures over many names and years, side by side with the pandas line that a user would write.

Both answers are compared.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import bottleneck as bn
import numpy as np
import pandas as pd
import polars as pl
from harness import Bench, main, part
from harness.measuring import in_turn, timed

from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.measures import breadth, dispersion

NAMES, DAYS, YEARS_20, WINDOW = 500, 5_000, 5_040, 21
SHARE = "share above the 200-day average"
PART_NAMES = 60
"""Names that pandas correlates, over all days: what a pair costs it whatever its length must not be scaled by days."""


@part
def correlation(bench: Bench) -> None:
    random = np.random.default_rng(1)
    returns = random.normal(0, 0.01, (YEARS_20, NAMES)) + random.normal(0, 0.006, (YEARS_20, 1))
    part_of = pd.DataFrame(returns[:, :PART_NAMES])
    pairs = part_of.rolling(WINDOW).corr()
    table = pairs.to_numpy().reshape(YEARS_20, PART_NAMES, PART_NAMES)[WINDOW - 1 :]
    mean = (table.sum(axis=(1, 2)) - PART_NAMES) / (PART_NAMES * (PART_NAMES - 1))
    rolled = dispersion.rolling_pairwise_correlation(part_of.to_numpy(), WINDOW)
    assert np.abs(rolled - mean).max() < 1e-10
    theirs = min(timed(lambda: part_of.rolling(WINDOW).corr()) for _ in range(2)) * (NAMES / PART_NAMES) ** 2
    bench.figure(
        f"average pairwise correlation, {NAMES} names x {YEARS_20} days, {WINDOW}-day windows",
        in_turn({"": lambda: dispersion.rolling_pairwise_correlation(returns, WINDOW)}, repeat=3)[""],
        against={"pandas": theirs},
        times=50,
        note=f"pandas scaled by pairs from {PART_NAMES} names",
    )


@part
def breadths(bench: Bench) -> None:
    random = np.random.default_rng(2)
    closes = np.asfortranarray(np.round(100 * np.exp(np.cumsum(random.normal(0, 0.01, (DAYS, NAMES)), axis=0)), 2))
    frame = pd.DataFrame(closes)

    table = pl.DataFrame(closes)

    def with_bottleneck() -> np.ndarray:
        return (closes > bn.move_mean(closes, 200, axis=0)).sum(axis=1)

    def with_polars() -> np.ndarray:
        above = table.select(pl.all() > pl.all().rolling_mean(200))
        return above.select(pl.sum_horizontal(pl.all())).to_series().to_numpy()

    def mcclellan() -> object:
        net = (frame.diff() > 0).sum(axis=1) - (frame.diff() < 0).sum(axis=1)
        ten, five = (net[1:].ewm(alpha=alpha, adjust=False).mean() for alpha in (0.10, 0.05))
        return ten - five, 1000 + (ten - five) - 10 * ten + 20 * five

    cases: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        (
            SHARE,
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
    for name, ours, theirs in cases:
        mine, other = ours(), theirs()
        pairs = zip(mine, other, strict=True) if isinstance(mine, tuple) else [(mine, other)]
        assert max(np.abs(x - np.asarray(y)[len(y) - len(x) :]).max() for x, y in pairs) < 1e-9, name
        what = f"{name}, {NAMES} names x {DAYS} days"
        sides = {"pandas": theirs, "copying the prices": lambda: closes.copy(order="F")}
        if name == SHARE:
            sides |= {"bottleneck": with_bottleneck, "polars": with_polars}
            for side in (with_bottleneck, with_polars):
                assert np.abs(side()[199:] - mine[-(DAYS - 199) :]).max() <= 1, side
        bench.side_by_side(what, ours, sides, repeat=5)
    copies = {side: beyond(work) / closes.nbytes for side, work in (("ours", cases[0][1]), ("pandas", cases[0][2]))}
    bench.figure(
        f"{SHARE}, {NAMES} names x {DAYS} days: memory beside the prices",
        copies["ours"],
        "times",
        {"pandas": copies["pandas"]},
        at_most=3.0,
        note="times the prices themselves; columns are worked on a few at a time",
    )


@part
def share_in_a_cell(bench: Bench) -> None:
    """The same from a cell, a sixth of the members having split, so that their prices are put on one share count."""
    days = XNYS.sessions()
    days = days[days <= np.datetime64("2026-02-13")][-DAYS:]
    random = np.random.default_rng(2)
    closes = np.asfortranarray(100 * np.exp(np.cumsum(random.normal(0, 0.01, (DAYS, NAMES)), axis=0)))
    split = np.zeros_like(closes)
    split[DAYS // 2, : NAMES // 6] = 2.0
    names = tuple(f"S{place}" for place in range(NAMES))
    panel = Panel(days, names, {"close": closes, "split": split}, source="benchmark", universes={"SP500": names})
    session = Session(Pinned("benchmark", panel), remember=False)
    frame = pd.DataFrame(closes / np.where(np.arange(DAYS)[:, None] < DAYS // 2, 2.0, 1.0) ** (split.any(axis=0)))

    def ours() -> object:
        return session.call("BRD_HISTORY", "SP500", "ABOVE_MA", "MAX")

    def theirs() -> pd.Series:
        return (frame > frame.rolling(200).mean()).sum(axis=1) / NAMES

    found = [row[1] for row in ours()[200:]]  # type: ignore[index]
    assert np.abs(np.array(found) - theirs().to_numpy()[199:]).max() < 1e-9
    what = f"BRD_HISTORY of the {SHARE}, {NAMES} members x {DAYS} days"
    bench.side_by_side(what, ours, {"pandas": theirs}, repeat=3, note="pandas has its prices adjusted already")
    bench.figure(
        f"{what}: memory beside the prices",
        beyond(ours) / closes.nbytes,
        "times",
        {"pandas": beyond(theirs) / closes.nbytes},
        at_most=3.0,
        note="times the prices themselves",
    )


def beyond(work: Callable[[], object]) -> int:
    """The bytes that work holds at its peak, beside what is there before."""
    work()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    main()
