"""Option chains and regimes, side by side with vollib, scipy, pandas and statsmodels.

A chain has two expiries of 220 strikes on either side at prices that vollib makes of a known smile. Others are given
the quotes as a table, the price of the underlying and that there is no interest; what a function finds out beside
(forwards by put-call parity, quotes that contradict each other, what is missing) they do not.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from harness import Bench, main, part
from scipy import optimize
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression
from vollib.black.implied_volatility import implied_volatility
from vollib.black_scholes_merton.greeks import analytical

from tests.proofs.published import flat_chain, smiling_chain
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.chains import Chain, HeldChains
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned

SESSIONS, SPOT = 760, 100.0
TENORS, DELTAS = (21, 49), (0.25, 0.5, 0.75)


def smile(strike: float) -> float:
    """The volatility that the quotes are made of."""
    return 0.30 - 0.001 * (strike - SPOT)


def closes_of_two_regimes() -> np.ndarray:
    """Closes whose volatility switches between 10 and 32 % a year."""
    chance = np.random.default_rng(1)
    state, moves = 0, []
    for _ in range(SESSIONS):
        state = 1 - state if chance.random() > 0.97 else state
        moves.append(chance.normal(0.0003, (0.006, 0.02)[state]))
    return SPOT * np.exp(np.cumsum(moves))


def session() -> Session:
    """A symbol with chains, and one with regimes."""
    days = XNYS.sessions()
    days = days[days <= np.datetime64("2026-02-13")][-SESSIONS:]
    last = smiling_chain("A", str(days[-1]), smile, [str(days[-1] + ahead) for ahead in TENORS])
    chance = np.random.default_rng(3)
    last = replace(
        last,
        volume=np.rint(chance.lognormal(4.0, 1.0, len(last))),
        open_interest=np.rint(chance.lognormal(6.0, 1.0, len(last))),
    )
    earlier = [
        flat_chain("A", str(day), float(vol), [str(day + ahead) for ahead in (21, 49)])
        for day, vol in zip(days[-20:-1], chance.uniform(0.2, 0.4, 19), strict=True)
    ]
    closes = np.column_stack([np.full(SESSIONS, SPOT), closes_of_two_regimes()])
    panel = Panel(days, ("A", "B"), {"close": closes}, source="benchmark", chains=HeldChains([*earlier, last]))
    return Session(Pinned("benchmark", panel), remember=False)


def quotes_of(chain: Chain) -> pd.DataFrame:
    """The chain as a table."""
    table = pd.DataFrame(
        {
            "expiry": chain.expiry.astype("datetime64[ns]"),
            "strike": chain.strike,
            "call": chain.call,
            "mid": (chain.bid + chain.ask) / 2,
            "bid": chain.bid,
            "volume": chain.volume,
            "open_interest": chain.open_interest,
        }
    )
    return table.assign(years=(table["expiry"] - pd.Timestamp(chain.day)).dt.days / 365)


def smiles(quotes: pd.DataFrame) -> dict[float, tuple[np.ndarray, np.ndarray]]:
    """Strikes and volatilities of what is out of the money, by years."""
    out = quotes[(quotes["call"] == (quotes["strike"] >= SPOT)) & (quotes["bid"] > 0)].sort_values("strike")
    found = {}
    for years, some in out.groupby("years"):
        vols = [
            implied_volatility(price, SPOT, strike, 0.0, years, "c" if call else "p")
            for price, strike, call in zip(some["mid"], some["strike"], some["call"], strict=True)
        ]
        found[years] = some["strike"].to_numpy(), np.array(vols)
    return found


def at_delta(strikes: np.ndarray, vols: np.ndarray, years: float, delta: float) -> float:
    """The volatility at a delta of the call, by root finding on a straight line between strikes."""

    def off(strike: float) -> float:
        return analytical.delta("c", SPOT, strike, years, 0.0, np.interp(strike, strikes, vols), 0.0) - delta

    return float(np.interp(optimize.brentq(off, strikes[0], strikes[-1], xtol=1e-6), strikes, vols))


@part
def chains(bench: Bench) -> None:
    held = session()
    market = held.market()
    quotes = quotes_of(market.chain("A"))

    def surface() -> list[list[float]]:
        found = smiles(quotes)
        return [[at_delta(*found[days / 365], days / 365, delta) for delta in DELTAS] for days in TENORS]

    def skew() -> list[float]:
        strikes, vols = smiles(quotes[quotes["years"] == TENORS[0] / 365])[TENORS[0] / 365]
        call, middle, put = (at_delta(strikes, vols, TENORS[0] / 365, delta) for delta in DELTAS)
        return [call - put, (call + put) / 2 - middle]

    def gamma() -> list[float]:
        found = smiles(quotes)
        each = [
            (1 if call else -1)
            * analytical.gamma("c", SPOT, strike, years, 0.0, np.interp(strike, *found[years]), 0.0)
            * (interest * 100 * SPOT**2 * 0.01)
            for strike, call, years, interest in zip(
                *(quotes[name] for name in ("strike", "call", "years", "open_interest")), strict=True
            )
        ]
        by_strike = pd.Series(each).groupby(quotes["strike"]).sum()
        return [by_strike.sum(), *by_strike]

    def ratio() -> float:
        sums = quotes.groupby("call")["volume"].sum()
        return sums[False] / sums[True]

    asked = [[float(days)] for days in TENORS]
    given = " ".join(map(str, DELTAS))
    ours = held.call("VOL_SURFACE", "A", asked, given, None, False)
    assert np.allclose([row[1:] for row in ours], surface(), atol=2e-4), (ours, surface())  # type: ignore[index]
    bench.side_by_side(
        f"VOL_SURFACE, {len(quotes)} quotes, two maturities x three deltas",
        lambda: held.call("VOL_SURFACE", "A", asked, given),
        {"vollib and scipy": surface},
        repeat=3,
        note="answers within 0.02 points of volatility",
    )
    (skewed,) = held.call("VOL_SKEW", "A", TENORS[0], 0.25, None, None, False)  # type: ignore[misc]
    assert np.allclose(skewed[:2], skew(), atol=2e-4), (skewed, skew())
    bench.side_by_side(
        f"VOL_SKEW, {len(quotes)} quotes",
        lambda: held.call("VOL_SKEW", "A", TENORS[0]),
        {"vollib and scipy": skew},
        repeat=3,
        note="answers within 0.02 points of volatility",
    )
    rows = held.call("VOL_GEX", "A", None, None, None, None, None, False)
    net, theirs = [row[4] for row in (rows[0], *rows[2:])], gamma()  # type: ignore[index]
    assert np.allclose(net, theirs, rtol=3e-3, atol=1e-3 * np.abs(theirs[1:]).sum()), (net[:5], theirs[:5])
    bench.side_by_side(
        f"VOL_GEX, {len(quotes)} quotes",
        lambda: held.call("VOL_GEX", "A"),
        {"vollib": gamma},
        repeat=3,
        note="ours finds the level without gamma too",
    )
    assert math.isclose(held.call("VOL_PUTCALL", "A"), ratio())  # type: ignore[arg-type]
    bench.side_by_side(
        f"VOL_PUTCALL, {len(quotes)} quotes", lambda: held.call("VOL_PUTCALL", "A"), {"pandas": ratio}, number=20
    )


@part
def rank(bench: Bench) -> None:
    """Where implied volatility stands among that of twenty chains."""
    held = session()
    days = [day.item() for day in held.panel.days[-20:]]
    tables = [quotes_of(held.market(day).chain("A")) for day in days]

    def theirs() -> float:
        vols = []
        for table in tables:
            near = {}
            for years, (strikes, own) in smiles(table[(table["strike"] - SPOT).abs() <= 5]).items():
                near[years] = np.interp(SPOT, strikes, own)
            years = sorted(near)
            total = np.interp(30 / 365, years, [near[one] ** 2 * one for one in years])
            vols.append(math.sqrt(total / np.clip(30 / 365, years[0], years[-1])))
        return (vols[-1] - min(vols)) / (max(vols) - min(vols))

    ours = held.call("VOL_IVRANK", "A", "1M", "1M")
    assert math.isclose(ours, theirs(), abs_tol=0.03), (ours, theirs())  # type: ignore[arg-type]
    bench.side_by_side(
        "VOL_IVRANK, twenty chains of 880 quotes",
        lambda: held.call("VOL_IVRANK", "A", "1M", "1M"),
        {"vollib": theirs},
        repeat=3,
        note="vollib looks at ten strikes around the money; answers within 0.03",
    )


@part
def regimes(bench: Bench) -> None:
    held = session()
    returns = 100 * np.diff(np.log(closes_of_two_regimes()[-757:]))

    def theirs() -> list[float]:
        model = MarkovRegression(returns, k_regimes=2, switching_trend=False, switching_variance=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit(disp=False)
        names = list(model.param_names)
        variances = [fitted.params[names.index(f"sigma2[{place}]")] for place in range(2)]
        order = np.argsort(variances)
        chances = np.asarray(fitted.filtered_marginal_probabilities)[-1][order]
        return [*chances, *(np.sqrt(np.array(variances)[order]) / 100 * math.sqrt(252))]

    rows = held.call("VOL_REGIME", "B", 2, 756, None, False)
    ours = [row[place] for place in (1, 2) for row in rows]  # type: ignore[index]
    assert np.allclose(ours, theirs(), atol=5e-3), (ours, theirs())
    bench.side_by_side(
        "VOL_REGIME, two regimes, 756 sessions",
        lambda: held.call("VOL_REGIME", "B", 2, 756),
        {"statsmodels": theirs},
        repeat=3,
        note="ours from many starts, statsmodels from one; answers within 0.005",
    )


if __name__ == "__main__":
    main()
