"""Implied volatility of 100,000 options, side by side with vollib (Jaeckel's method, called option by option).

Run: ``python benchmarks/options.py``. The figure is a ratio of two timings of the same run; vollib is timed on a part
of the options, which is said, because all of them take seconds.
"""

from __future__ import annotations

import time

import numpy as np
from vollib.black.implied_volatility import implied_volatility as of_vollib

from xlrotation.measures import implied

OPTIONS, PART = 100_000, 5_000


def main() -> None:
    rng = np.random.default_rng(1)
    forward = 100 * np.exp(rng.normal(0, 0.3, OPTIONS))
    years = np.exp(rng.uniform(np.log(1 / 365), np.log(2), OPTIONS))
    vol = rng.uniform(0.08, 0.9, OPTIONS)
    strike = forward * np.exp(vol * np.sqrt(years) * rng.uniform(-3, 3, OPTIONS))
    call = rng.random(OPTIONS) < 0.5
    price = implied.black(forward, strike, years, vol, call)
    implied.implied_volatility(price[:10], forward[:10], strike[:10], years[:10], call[:10])  # makes the table

    columns = [column[:PART].tolist() for column in (price, forward, strike, years, call)]
    ours_best = theirs_best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        ours = implied.implied_volatility(price, forward, strike, years, call)
        ours_best = min(ours_best, time.perf_counter() - start)
        start = time.perf_counter()
        theirs = [of_vollib(p, f, k, 0.0, t, "c" if c else "p") for p, f, k, t, c in zip(*columns, strict=True)]
        theirs_best = min(theirs_best, time.perf_counter() - start)
    each, each_theirs = ours_best / OPTIONS, theirs_best / PART
    wrong, wrong_theirs = np.abs(ours - vol), np.abs(theirs - vol[:PART]).max()
    print(f"implied volatility of {OPTIONS:,} options (vollib: the first {PART:,})")
    of_all, of_part = wrong.max(), wrong[:PART].max()
    print(f"  xlrotation {1e9 * each:8.0f} ns an option, largest error {of_all:.1e}, on the part {of_part:.1e}")
    print(f"  vollib     {1e9 * each_theirs:8.0f} ns an option, largest error {wrong_theirs:.1e}")
    print(f"  ratio      {each_theirs / each:8.0f}")


if __name__ == "__main__":
    main()
