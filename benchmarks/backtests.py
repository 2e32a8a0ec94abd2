"""How long it takes to test a formula as a strategy, beside a vector backtest by pandas on the same prices."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from harness import Bench, main, part
from harness.prices import twenty_years

from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.measures import backtests

AVERAGE, COST = 200, 5e-4


def by_pandas(closes: pd.Series) -> tuple[float, float, float]:
    """Return, Sharpe ratio and drawdown of holding above the average of 200 days."""
    held = (closes > closes.rolling(AVERAGE).mean())[AVERAGE - 1 :].shift(2).dropna().astype(bool)
    moves = closes.pct_change()[held.index]
    trades = held.astype(int).diff().abs().fillna(int(held.iloc[0]))
    returns = (1 + moves.where(held, 0.0)) * (1 - COST * trades) - 1
    wealth = (1 + returns).cumprod()
    highest = wealth.cummax().clip(lower=1.0)
    return wealth.iloc[-1] - 1, returns.mean() / returns.std() * math.sqrt(252), (wealth / highest - 1).min()


def prices() -> tuple[np.ndarray, pd.Series]:
    """One symbol over 20 years."""
    days, closes = twenty_years()
    return days, pd.Series(closes[:, 0], index=pd.DatetimeIndex(days.astype("datetime64[ns]")))


@part
def formula(bench: Bench) -> None:
    days, closes = prices()
    panel = Panel(days, ("XLK",), {"close": closes.to_numpy()[:, None]}, source="benchmark")
    session = Session(Pinned("benchmark", panel), remember=False)

    def ours() -> list[list[object]]:
        asked = ("EVT_BACKTEST", f'=PX_VS_MA("XLK",{AVERAGE})>0', "XLK", 0, 1, 1e4 * COST, "MAX", None, 1, False)
        return session.call(*asked)  # type: ignore[return-value]

    rows = {row[0]: row[1] for row in ours()}
    wanted = by_pandas(closes)
    found = [rows[item] for item in ("Return", "Sharpe ratio", "Largest drawdown")]
    assert np.allclose(np.array(found, float), wanted, rtol=1e-9), (found, wanted)
    bench.side_by_side(
        "EVT_BACKTEST, a formula over 20 years",
        ours,
        {"pandas": lambda: by_pandas(closes)},
        at_most=3.0,
        note="the formula is any that a cell holds, computed as of each session; pandas has this one in its own terms, "
        "and tells no error of the ratio",
    )


@part
def arithmetic(bench: Bench) -> None:
    _, closes = prices()
    values = closes.to_numpy()
    average = closes.rolling(AVERAGE).mean().to_numpy()
    held = (values > average)[AVERAGE - 1 : -2]

    def ours() -> backtests.Figures:
        found = backtests.path(values[AVERAGE:], held, np.zeros(len(held)), COST)
        backtests.timing(found)
        return backtests.figures(found)

    wanted = by_pandas(closes)
    assert np.allclose([ours().total, ours().sharpe, ours().drawdown], wanted, rtol=1e-9)
    bench.side_by_side(
        "A backtest's path and figures, 20 years of positions",
        ours,
        {"pandas": lambda: by_pandas(closes)},
        number=20,
        note="ours with the errors of ratio and timing, pandas with the average of the closes",
    )


if __name__ == "__main__":
    main()
