"""Build the option chains of the sample: ``python tools/build_sample_chains.py``, after ``build_sample.py``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from sample import chains
from sample.universe import STOCKS

from xlrotation.market.cutting import cut
from xlrotation.market.market import Market
from xlrotation.market.providers import sample
from xlrotation.market.universes import SP50

SESSIONS = (dt.date(2026, 1, 16), dt.date(2026, 2, 6), dt.date(2026, 2, 9), dt.date(2026, 2, 13))
TARGET = Path(__file__).parent.parent / "xlrotation" / "market" / "data" / "sample_chains.npz"


def main() -> None:
    """Build and write."""
    panel = sample.load()
    names = ("expiry", "strike", "call", "bid", "ask", "volume", "open_interest")
    columns: dict[str, list[object]] = {name: [] for name in names}
    counts, known = [], []
    for day in SESSIONS:
        market = cut(panel, day)
        level = chains.levels(*(last(market, s) for s in ("^VIX", "^VIXEQ", "^COR1M")), *members(market))
        for place, symbol in enumerate((chains.INDEX, *SP50)):
            dividend = chains.INDEX_DIVIDEND if place == 0 else STOCKS[symbol].dividend
            atm, free = float(level["atm"][place]), float(level["free"][place])
            made = chains.quotes(last(market, symbol), dividend, atm, free, day, index=place == 0)
            for name, values in made.items():
                columns[name] += values
            counts.append(len(made["bid"]))
            known.append((atm, free))
    np.savez_compressed(
        TARGET,
        sessions=np.array(SESSIONS, "datetime64[D]").astype(np.int32),
        symbols=np.array((chains.INDEX, *SP50)),
        counts=np.array(counts, np.int32),
        rate=chains.RATE,
        volatilities=np.array(known),
        **{name: np.array(values, np.int8 if name == "call" else np.int32) for name, values in columns.items()},
    )
    print(f"{len(columns['bid']):,} quotes -> {TARGET.name} ({TARGET.stat().st_size:,} bytes)")


def last(market: Market, symbol: str) -> float:
    """The close of the session."""
    return market.series(symbol).at(-1)


def members(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the basket, and the members' volatilities relative to each other: those of a year of their returns."""
    weights = market.cap_weights("SP50", SP50)
    closes = market.closes(SP50)[-253:]
    return weights / weights.sum(), np.std(np.diff(np.log(closes), axis=0), axis=0)


if __name__ == "__main__":
    main()
