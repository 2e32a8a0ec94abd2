"""Series as they were known, yields, net liquidity and positions of traders, beside the pandas that a user would write.

Vintages are made up: 900 months, each published once and revised in five Januaries, as unemployment is.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from harness import Bench, main, part

from xlrotation.functions.boundary.session import Session
from xlrotation.market import vintages
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned

MONTHS = 900
TENORS = ("1MO", "3MO", "6MO", "1", "2", "3", "5", "7", "10", "20", "30")


def published() -> pd.DataFrame:
    """A row per value and day of publication, as ALFRED has them."""
    random = np.random.default_rng(3)
    months = pd.date_range("1951-01-01", periods=MONTHS, freq="MS")
    rates = np.round(5 + np.cumsum(random.normal(0, 0.15, MONTHS)) % 4, 1)
    rows = [(month, month + pd.Timedelta(35, "D"), rate) for month, rate in zip(months, rates, strict=True)]
    for month, rate in zip(months, rates, strict=True):
        for year in range(1, 6):
            revised = pd.Timestamp(month.year + year, 1, 10)
            rows.append((month, revised, round(float(rate + random.choice([-0.1, 0.0, 0.1])), 1)))
    return pd.DataFrame(rows, columns=["date", "realtime_start", "value"])


def sample() -> Panel:
    return Session("sample").panel


@part
def real_time(bench: Bench) -> None:
    table = published()
    held = {
        vintages.key("UNRATE", day.date()): (
            some.sort_values("date")["date"].to_numpy().astype("datetime64[D]"),
            some.sort_values("date")["value"].to_numpy(),
        )
        for day, some in table.groupby("realtime_start")
    }
    panel = dataclasses.replace(sample(), series=held)
    session = Session(Pinned("benchmark", panel), remember=False)

    def ours() -> object:
        rates = session.call("MAC_SERIES", "UNRATE", None, None, False, None, 15, False, "KNOWN", "2025-06-30")
        return session.call("MAC_SAHM", rates)

    def theirs() -> object:
        known = table[table["realtime_start"] <= "2025-06-30"].sort_values("realtime_start")
        rates = known.groupby("date")["value"].last()
        means = rates.rolling(3).mean()
        return round(float(means.iloc[-1] - means.iloc[-13:-1].min()) + 1e-9, 2)

    assert ours() == theirs()
    bench.side_by_side(
        f"Sahm rule in real time, {MONTHS} months in {len(held)} vintages", ours, {"pandas": theirs}, number=20, times=1
    )


@part
def balances(bench: Bench) -> None:
    panel = sample()
    session = Session("sample", remember=False)
    frame = pd.DataFrame(
        {
            name: pd.Series(values, pd.DatetimeIndex(days))
            for name, (days, values) in panel.series.items()
            if name in ("WALCL", "WTREGEN", "RRPONTSYD") or name.startswith("DGS")
        }
    )

    def liquidity() -> float:
        known = frame.loc[:"2026-02-11", ["WALCL", "WTREGEN", "RRPONTSYD"]].dropna()
        last = known.iloc[-1]
        return float(1e6 * (last["WALCL"] - last["WTREGEN"]) - 1e9 * last["RRPONTSYD"])

    def curve() -> list[float]:
        return frame.loc[:"2026-02-13", [f"DGS{tenor}" for tenor in TENORS]].dropna().iloc[-1].tolist()

    assert abs(session.call("MAC_NETLIQ", "2026-02-13") - liquidity()) < 1
    bench.side_by_side(
        "MAC_NETLIQ, one cell, sample",
        lambda: session.call("MAC_NETLIQ", "2026-02-13"),
        {"pandas": liquidity},
        number=50,
        note="pandas is told which Wednesday was out",
    )
    assert [row[2] for row in session.call("MAC_CURVE", "2026-02-13", False)] == curve()
    bench.side_by_side(
        "MAC_CURVE, one table, sample",
        lambda: session.call("MAC_CURVE", "2026-02-13", False),
        {"pandas": curve},
        number=50,
    )


@part
def traders(bench: Bench) -> None:
    panel = sample()
    session = Session("sample", remember=False)
    prefix = "COT:LEGACY:13874A:"
    frame = pd.DataFrame(
        {
            name.removeprefix(prefix): pd.Series(values, pd.DatetimeIndex(days))
            for name, (days, values) in panel.series.items()
            if name.startswith(prefix)
        }
    )

    def theirs() -> list[list[float]]:
        known = frame.loc[:"2026-02-10"]
        rows = []
        for group in ("NONCOMM", "COMM", "NONREPT"):
            net = known[f"{group}_LONG"] - known[f"{group}_SHORT"]
            low, high = net.iloc[-156:].min(), net.iloc[-156:].max()
            rows.append(
                [
                    net.iloc[-1],
                    net.diff().iloc[-1],
                    net.iloc[-1] / known["OI"].iloc[-1],
                    (net.iloc[-1] - low) / (high - low),
                ]
            )
        return rows

    ours = [row[4:8] for row in session.call("FLOW_COT", "ES", "2026-02-13", "LEGACY", 156, False)]
    assert np.allclose(np.array(ours, float), np.array(theirs(), float))
    bench.side_by_side(
        "FLOW_COT, one table, sample",
        lambda: session.call("FLOW_COT", "ES", "2026-02-13", "LEGACY", 156, False),
        {"pandas": theirs},
        number=50,
        note="pandas is told which report was out",
    )


if __name__ == "__main__":
    main()
