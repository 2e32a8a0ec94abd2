"""Implied volatility of 100,000 options, side by side with vollib (Jaeckel's method, called option by option).

First the kernel, numpy in and out, then the worksheet function. vollib is timed on a part of the options, because all
of them take seconds.
"""

from __future__ import annotations

import numpy as np
from harness import Bench, main, part
from harness.measuring import in_turn, timed
from vollib.black.implied_volatility import implied_volatility as of_vollib

from xlrotation.functions.boundary.session import Session
from xlrotation.measures import implied

OPTIONS, PART = 100_000, 5_000
RANGE, AGAIN, TURNS = 2_000, 20, 15


@part
def kernel(bench: Bench) -> None:
    rng = np.random.default_rng(1)
    forward = 100 * np.exp(rng.normal(0, 0.3, OPTIONS))
    years = np.exp(rng.uniform(np.log(1 / 365), np.log(2), OPTIONS))
    vol = rng.uniform(0.08, 0.9, OPTIONS)
    strike = forward * np.exp(vol * np.sqrt(years) * rng.uniform(-3, 3, OPTIONS))
    call = rng.random(OPTIONS) < 0.5
    price = implied.black(forward, strike, years, vol, call)
    columns = [column[:PART].tolist() for column in (price, forward, strike, years, call)]

    def ours() -> np.ndarray:
        return implied.implied_volatility(price, forward, strike, years, call)

    def theirs() -> list[float]:
        return [of_vollib(p, f, k, 0.0, t, "c" if c else "p") for p, f, k, t, c in zip(*columns, strict=True)]

    wrong, wrong_theirs = np.abs(ours() - vol), np.abs(np.array(theirs()) - vol[:PART]).max()
    assert wrong[:PART].max() <= max(2 * wrong_theirs, 1e-12)
    took = in_turn({"ours": ours, "theirs": theirs}, repeat=5)
    bench.figure(
        "implied volatility, the kernel, an option of 100,000",
        took["ours"] / OPTIONS,
        against={"vollib in a loop": took["theirs"] / PART},
        times=50,
        note=f"largest error {wrong[:PART].max():.0e}, vollib's {wrong_theirs:.0e}",
    )


@part
def cells(bench: Bench) -> None:
    """What an option costs in a worksheet: the function on one cell, and on ranges."""
    session = Session("sample", remember=False)
    rng = np.random.default_rng(2)
    strikes = rng.uniform(92, 108, OPTIONS)
    vols, years = rng.uniform(0.1, 0.6, OPTIONS), rng.uniform(0.05, 2, OPTIONS)
    prices = implied.black(np.full(OPTIONS, 100.0), strikes, years, vols, np.ones(OPTIONS, bool))
    columns = [column.tolist() for column in (prices, strikes, years)]
    rows = list(zip(*columns, strict=True))[:RANGE]
    long = [[[value] for value in column] for column in columns]
    short = [[[value] for value in column[:RANGE]] for column in columns]

    def in_range(columns: list[list[list[float]]]) -> list[list[float]]:
        price, strike, year = columns
        return session.call("VOL_BS_IV", price, 100, strike, year)

    def again_and_again() -> None:
        for _ in range(AGAIN):
            in_range(short)

    def one_by_one() -> list[float]:
        return [session.call("VOL_BS_IV", p, 100, k, t) for p, k, t in rows]

    def theirs() -> list[float]:
        return [of_vollib(p, 100.0, k, 0.0, t, "c") for p, k, t in rows]

    assert np.abs(np.array(in_range(long)).ravel() - vols).max() < 1e-8
    assert np.abs(np.array(in_range(short)).ravel() - vols[:RANGE]).max() < 1e-8
    assert np.abs(np.array(one_by_one()) - vols[:RANGE]).max() < 1e-8
    assert np.abs(np.array(theirs()) - vols[:RANGE]).max() < 1e-8
    vollib = {"vollib in a loop": theirs}
    turns = [[timed(work) for work in (again_and_again, lambda: in_range(long), theirs)] for _ in range(TURNS)]
    took = dict(zip(("short", "long", "theirs"), map(min, zip(*turns, strict=True)), strict=True))
    for size, seconds in ((RANGE, took["short"] / AGAIN), (OPTIONS, took["long"])):
        bench.figure(
            f"VOL_BS_IV, an option of a range of {size:,}",
            seconds / size,
            against={"vollib in a loop": took["theirs"] / RANGE},
            at_most=1e-6,
            times=50,
            note=f"the least of {TURNS} turns",
        )
    bench.side_by_side("VOL_BS_IV, an option in a cell of its own", one_by_one, vollib, repeat=5, per=RANGE)


if __name__ == "__main__":
    main()
