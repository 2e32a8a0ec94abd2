"""Build the embedded sample data: ``python tools/build_sample.py``.

Synthetic daily paths on the real NYSE calendar that run through published figures (``sample/anchors.csv``). Everything
between the anchors is random, seeded by symbol, so the result is the same on every machine.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
from sample import extras, macro
from sample.paths import Anchor, FloatArray, bars, bend, generator
from sample.settle import settle
from sample.universe import FUNDS, INDICES, LEADERS, SECTORS, SMALL_STYLES, SPLITS, STOCKS, TRACKERS, Member
from sample.volatility import volatility

from xlrotation.market import federal
from xlrotation.market.calendar import XNYS

FIRST, LAST = dt.date(2023, 1, 3), dt.date(2026, 2, 13)
HERE = Path(__file__).parent
TARGET = HERE.parent / "xlrotation" / "market" / "data" / "sample.npz"
SCALE = 100.0

DAYS = XNYS.sessions_between(FIRST, LAST)
ROWS = {day: row for row, day in enumerate(DAYS.tolist())}
HOLIDAYS = [day for year in range(FIRST.year, LAST.year + 1) for day in sorted(federal.holidays(year))]
YEAR_END = ROWS[dt.date(2025, 12, 31)]


def read_anchors() -> dict[str, list[Anchor]]:
    """The published figures, by symbol."""
    found: dict[str, list[Anchor]] = {}
    with (HERE / "sample" / "anchors.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            base = ROWS[dt.date.fromisoformat(row["base_date"])] if row["base_date"] else -1
            day = ROWS[dt.date.fromisoformat(row["date"])]
            half = 0.5 * 10.0 ** -len(row["value"].partition(".")[2])
            found.setdefault(row["symbol"], []).append(Anchor(row["kind"], day, base, float(row["value"]), half))
    return found


class Builder:
    """All paths, each made from those before it."""

    def __init__(self) -> None:
        self.anchors = read_anchors()
        self.closes: dict[str, FloatArray] = {}

    def build(self) -> None:
        """Make every path."""
        self.closes = volatility(DAYS, self.anchors)
        shocks = generator("^GSPC").standard_normal(len(DAYS))
        fear = np.diff(np.log(self.closes["^VIX"]), prepend=np.log(self.closes["^VIX"][0]))
        shocks = 0.7 * shocks - 0.7 * fear / fear.std()
        market = 0.8 * self.closes["^VIX"] / 100 / np.sqrt(252) * shocks
        self.add("^GSPC", np.log(3824.0) + np.cumsum(market))
        for symbol, member in (INDICES | SECTORS | FUNDS).items():
            self.follow(symbol, member, LEADERS.get(symbol, "^GSPC"))
        for symbol, member in SMALL_STYLES.items():
            self.follow(symbol, member, "^RUT")
        for symbol, (index, level, _) in TRACKERS.items():
            noise = generator(symbol).normal(0.0, 2e-4, len(DAYS))
            self.closes[symbol] = np.round(self.closes[index] * level / self.closes[index][YEAR_END] * np.exp(noise), 2)
        for symbol, member in STOCKS.items():
            self.follow(symbol, member, "^GSPC")
        self.limits()

    def follow(self, symbol: str, member: Member, leader: str) -> None:
        """A path that moves with a leader and, for a stock, with its sector."""
        lead = np.diff(np.log(self.closes[leader]), prepend=np.log(self.closes[leader][0]))
        own = generator(symbol).normal(0.0, member.noise / 100, len(DAYS))
        moves = member.beta * (lead - lead.mean()) + own
        if member.sector:
            sector = np.diff(np.log(self.closes[member.sector]), prepend=np.log(self.closes[member.sector][0]))
            beta = SECTORS[member.sector].beta
            moves += sector - sector.mean() - beta * (lead - lead.mean())
        path = np.cumsum(moves)
        drift = np.linspace(0.0, 1.0, YEAR_END + 1)
        line = np.log(member.start) + (np.log(member.end / member.start) - (path[YEAR_END] - path[0])) * drift
        path[: YEAR_END + 1] += line - path[0]
        path[YEAR_END + 1 :] += path[YEAR_END] - np.cumsum(moves)[YEAR_END]
        self.add(symbol, path)

    def add(self, symbol: str, log_path: FloatArray) -> None:
        """Take a path, bent through its anchors and rounded to cents."""
        anchors = self.anchors.get(symbol, [])
        self.closes[symbol] = settle(np.exp(bend(log_path, anchors)), anchors)

    def limits(self) -> None:
        """Facts about a whole stretch: the Dow's first close above 50000, NVIDIA's high before November 2025."""
        dow = self.closes["^DJI"]
        first = ROWS[dt.date(2026, 2, 6)]
        dow[:first] = np.minimum(dow[:first], 49_890.0)
        nvidia = self.closes["NVDA"]
        high, low = ROWS[dt.date(2025, 10, 29)], ROWS[dt.date(2025, 11, 21)]
        nvidia[high + 1 : low] = np.clip(179.5 + np.abs(nvidia[high + 1 : low] - 179.5), 179.5, 206.5)
        nvidia[:high] = np.minimum(nvidia[:high], 206.9)


def main() -> None:
    """Build and write."""
    builder = Builder()
    builder.build()
    symbols = list(builder.closes)
    members = INDICES | SECTORS | FUNDS | SMALL_STYLES | STOCKS
    tables = {name: np.zeros((len(DAYS), len(symbols)), np.int32) for name in ("open", "high", "low", "close")}
    volume = np.zeros((len(DAYS), len(symbols)), np.int64)
    dividends: list[tuple[int, int, float]] = []
    splits: list[tuple[int, int, float]] = []
    for column, symbol in enumerate(symbols):
        close = builder.closes[symbol]
        anchors = builder.anchors.get(symbol, [])
        opens = {a.row: a.value for a in anchors if a.kind == "open"}
        opens |= {a.row: close[a.row] / (1 + a.value / 100) for a in anchors if a.kind == "open_to_close"}
        bar = (*bars(symbol, close, opens), close)
        factor = np.ones(len(DAYS))
        if symbol in SPLITS:
            day, ratio = SPLITS[symbol]
            row = ROWS[dt.date.fromisoformat(day)]
            factor[:row] = ratio
            splits.append((row, column, ratio))
        for name, values in zip(tables, bar, strict=True):
            tables[name][:, column] = np.rint(values * factor * SCALE).astype(np.int32)
        if not symbol.startswith("^"):
            size = 2e9 / close.mean()
            volume[:, column] = (
                np.rint(size * np.exp(generator(symbol, "volume").normal(0.0, 0.3, len(DAYS))) / 1e4) * 1e4
            )
            rate = members[symbol].dividend if symbol in members else TRACKERS[symbol][2]
            paid = range(50, len(DAYS), 63) if rate else range(0)
            dividends += [(row, column, round(close[row] * factor[row] * rate / 4, 4)) for row in paid]
    shares = [members[s].shares * 1e9 if s in members and members[s].shares else np.nan for s in symbols]
    funds = [s for s in symbols if not s.startswith("^") and s not in STOCKS]
    paths = {s: extras.shares(s, DAYS, builder.closes[s], round(4e10 / builder.closes[s][-1], -6)) for s in funds}
    series = {
        **extras.series(DAYS, builder.closes["^VIX"]),
        **macro.vintages(),
        **macro.yields(DAYS, HOLIDAYS),
        **macro.balances(DAYS),
        **macro.positions(DAYS[0].item(), DAYS[-1].item(), HOLIDAYS),
    }
    np.savez_compressed(
        TARGET,
        sessions=DAYS.astype(np.int32),
        symbols=np.array(symbols),
        scale=SCALE,
        **tables,
        volume=(volume // 10_000).astype(np.int32),
        volume_scale=10_000,
        shares=np.array(shares),
        fund_shares_column=np.array([symbols.index(s) for s in funds], np.int16),
        fund_shares=np.array([np.diff(paths[s], prepend=0.0) / extras.BLOCK for s in funds], np.int32),
        fund_shares_scale=extras.BLOCK,
        forward_pe_column=np.array([symbols.index(s) for s in extras.MULTIPLES], np.int16),
        forward_pe=np.array([extras.multiples(s, DAYS, builder.closes[s]) for s in extras.MULTIPLES]),
        series=np.array(list(series)),
        series_length=np.array([len(days) for days, _ in series.values()], np.int32),
        series_day=np.concatenate([days for days, _ in series.values()]).astype(np.int32),
        series_value=np.concatenate([values for _, values in series.values()]),
        **sparse("dividend", dividends),
        **sparse("split", splits),
    )
    print(f"{len(symbols)} symbols, {len(DAYS)} sessions -> {TARGET.name} ({TARGET.stat().st_size:,} bytes)")


def sparse(name: str, events: list[tuple[int, int, float]]) -> dict[str, np.ndarray]:
    """Events as three arrays."""
    rows, columns, values = zip(*events, strict=True)
    return {
        f"{name}_row": np.array(rows, np.int16),
        f"{name}_column": np.array(columns, np.int16),
        f"{name}_value": np.array(values),
    }


if __name__ == "__main__":
    main()
