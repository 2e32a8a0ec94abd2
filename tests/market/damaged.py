"""A store with a bit of everything, and what is in one, for tests that damage it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from tests.conftest import panel_of
from xlrotation.market.chains import Chain
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.store.store import Store

HOME = "XLROTATION_HOME"
DAY = dt.date(2026, 2, 13)


def everything(symbol: str, day: dt.date, bid: float) -> Chain:
    """A chain of two puts."""
    expiry, strikes = np.array(["2026-03-20"] * 2, "M8[D]"), np.array([95.0, 105.0])
    none = np.array(["NaT"] * 2, "M8[D]")
    quotes = (strikes * 0.0 + bid, strikes * 0.0 + bid + 0.1)
    return Chain(symbol, day, expiry, strikes, strikes < 0, *quotes, strikes < 0, none, 100.0, 0.04, "test")


def fill(name: str) -> None:
    """Three states of five symbols: prices of two years, chains of three sessions, a series, a held-back value."""
    base = {symbol: 100.0 + 10 * place for place, symbol in enumerate(("AAA", "BBB", "CCC", "DDD", "EEE"))}

    def bring(last: str, closes: dict[str, list[float]], chains: list[Chain], **more: object) -> None:
        when = dt.datetime.fromisoformat(f"{last}T22:00:00+00:00")
        panel = panel_of(closes, last, volume={symbol: [1000.0] * len(rows) for symbol, rows in closes.items()})
        known = {symbol: Provenance("Yahoo", panel.first, panel.last, when, currency="USD") for symbol in closes}
        Store(name, now=when).write_together(replace(panel, provenance=known, fetched=when), chains=chains, **more)

    days = [dt.date(2026, 2, 11), dt.date(2026, 2, 12), DAY]
    series = {"UNRATE": (np.array(["2025-12-01", "2026-01-01"], "M8[D]"), np.array([4.3, 4.4]))}
    rows = {symbol: [value + i * 0.05 for i in range(40)] for symbol, value in base.items()}
    bring("2026-02-11", rows, [everything("AAA", days[0], 1.0)], series=series)
    bring("2026-02-12", {symbol: [value + 3] for symbol, value in base.items()}, [everything("AAA", days[1], 1.5)])
    last = {symbol: [value + 4] for symbol, value in base.items()} | {"BBB": [30.0]}
    bring("2026-02-13", last, [everything("AAA", DAY, 2.0), everything("BBB", DAY, 3.0)])


def closes_of(panel: Panel, symbol: str) -> list[float]:
    """The closes of a symbol."""
    closes: list[float] = panel.fields["close"][:, panel.columns[symbol]].tolist()
    return closes
