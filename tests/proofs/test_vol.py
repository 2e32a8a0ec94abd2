"""VOL: volatility."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from vollib.black_scholes import black_scholes
from vollib.black_scholes_merton import black_scholes_merton
from vollib.black_scholes_merton.greeks import analytical

from tests.conftest import FixedSource, panel_of
from tests.proofs.published import column, flat_chain, rows, smiling_chain
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains

# Hull, Options, Futures and Other Derivatives, table 15.1: 21 closes.
HULL = [
    *(20.0, 20.1, 19.9, 20.0, 20.5, 20.25, 20.9, 20.9, 20.9, 20.75, 20.75),
    *(21.0, 21.1, 20.9, 20.9, 21.25, 21.4, 21.4, 21.25, 21.75, 22.0),
]
# Cboe's closes from 2025-11-14 to 11-24.
NOVEMBER = {
    "^VVIX": [107.95, 117.86, 124.32, 119.57, 128.65, 118.34, 103.96],
    "^VIX9D": [18.61, 22.33, 25.18, 23.10, 26.35, 21.51, 18.55],
    "^VIX": [19.83, 22.38, 24.69, 23.66, 26.42, 23.43, 20.52],
    "^VIX3M": [21.58, 23.18, 24.54, 23.99, 25.76, 23.96, 21.85],
    "^VIX6M": [23.35, 24.32, 25.29, 25.00, 26.23, 25.16, 23.75],
    "^VXN": [26.15, 28.16, 30.51, 29.30, 32.72, 28.95, 25.57],
}
DAY = "2026-02-13"


@pytest.fixture
def november(session_of):
    return session_of(NOVEMBER, last="2025-11-24")


@pytest.mark.proves("VOL_REALIZED", by="Hull, Options, Futures and Other Derivatives, table 15.1: 19.3 % a year")
def test_close_to_close_of_hull(session_of):
    got = session_of({"A": HULL}).call("VOL_REALIZED", "A", 20)
    assert round(got, 3) == 0.193
    assert got / 252**0.5 == pytest.approx(0.01216, abs=5e-6)


@pytest.mark.proves("VOL_REALIZED", by="R package TTR: Garman-Klass, Parkinson, Rogers-Satchell over 10 bars")
def test_bars_equal_ttr_on_every_row(session_of):
    table = rows("ttr_volatility.csv")
    fields = {name: {"A": [row[name] for row in table]} for name in ("open", "high", "low")}
    session = session_of({"A": [row["close"] for row in table]}, **fields)
    days = session.panel.days.tolist()
    checked = 0
    for day, row in list(zip(days, table, strict=True))[10:]:  # a window has a close before it
        for method, name in (("GK", "garman_klass"), ("PARKINSON", "parkinson"), ("RS", "rogers_satchell")):
            got = session.call("VOL_REALIZED", "A", 10, day, method)
            assert got * math.sqrt(260 / 252) == pytest.approx(float(row[name]), abs=1e-13)
            checked += 1
    assert checked == 3 * 110


@pytest.mark.proves("VOL_REALIZED", by="pandas: Yang and Zhang's formula as TTR documents it, and ewm for RiskMetrics")
def test_yang_zhang_and_ewma_equal_pandas(session_of):
    table = pd.DataFrame(rows("ttr_volatility.csv"))[["open", "high", "low", "close"]].astype(float)
    session = session_of({"A": table["close"]}, **{name: {"A": table[name]} for name in ("open", "high", "low")})
    before = table["close"].shift(1)
    for n in (10, 30):
        overnight = np.log(table["open"] / before).rolling(n).var()
        within = np.log(table["close"] / table["open"]).rolling(n).var()
        parts = np.log(table["high"] / table["close"]) * np.log(table["high"] / table["open"])
        parts += np.log(table["low"] / table["close"]) * np.log(table["low"] / table["open"])
        k = 0.34 / (1.34 + (n + 1) / (n - 1))
        wanted = np.sqrt(252 * (overnight + k * within + (1 - k) * parts.rolling(n).mean())).iloc[-1]
        assert session.call("VOL_REALIZED", "A", n, None, "YZ") == pytest.approx(wanted, rel=1e-12)
        squares = np.log(table["close"] / before).iloc[1:] ** 2
        wanted = (252 * squares.ewm(alpha=0.06, adjust=False).mean().iloc[-1]) ** 0.5
        assert session.call("VOL_REALIZED", "A", n, None, "EWMA") == pytest.approx(wanted, rel=1e-12)
        wanted = (252 * squares.ewm(alpha=0.03, adjust=False).mean().iloc[-1]) ** 0.5
        assert session.call("VOL_REALIZED", "A", n, None, "EWMA", 0.97) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.proves("VOL_REALIZED", by="a worked example of RiskMetrics: 1.8 % and a return of -2.3 % give 1.834 %")
def test_ewma_of_a_worked_example(session_of):
    # 0.94 x 0.018^2 + 0.06 x 0.023^2 = 0.00030456 + 0.00003174 = 0.0003363, whose root is 0.018338.
    session = session_of({"A": 100 * np.exp([0.0, 0.018, -0.005])})
    assert session.call("VOL_REALIZED", "A", 2, None, "EWMA") / 252**0.5 == pytest.approx(0.018338, abs=5e-7)


def middles(table, minutes, rate):
    """Arguments of VOL_MODELFREE: middles of bid and ask, 0 where there is no bid."""

    def middle(row, kind):
        bid, ask = float(row[f"{kind}_bid"]), float(row[f"{kind}_ask"])
        return (bid + ask) / 2 if bid > 0 else 0.0

    strikes = column(float(row["strike"]) for row in table)
    calls, puts = (column(middle(row, kind) for row in table) for kind in ("call", "put"))
    return strikes, calls, puts, minutes / 525_600, rate


@pytest.mark.proves("VOL_MODELFREE", "VOL_VIX", by="Cboe, VIX white paper of 2019: both variances, and 13.69")
def test_white_paper_of_2019(sample):
    near = sample.call("VOL_MODELFREE", *middles(rows("vix_2019_near.csv"), 35_924, 0.000305))
    far = sample.call("VOL_MODELFREE", *middles(rows("vix_2019_next.csv"), 46_394, 0.000286))
    assert near == pytest.approx(0.01846292, abs=1e-8)
    assert far == pytest.approx(0.01882101, abs=1e-8)
    index = sample.call("VOL_VIX", near, far, 35_924 / 525_600, 46_394 / 525_600)
    assert index == pytest.approx(13.685821, abs=1e-6)
    assert round(index, 2) == 13.69


@pytest.mark.proves("VOL_MODELFREE", "VOL_VIX", by="Chicago Board Options Exchange, VIX white paper of 2009: 61.22")
def test_white_paper_of_2009(sample):
    found = []
    for days, expected in ((9, 0.472767), (37, 0.366818)):
        table = [row for row in rows("vix_2009.csv") if row["days"] == str(days)]
        minutes = 930 + 510 + (days - 1) * 1440  # until 8:30 of the last day, from 8:30
        variance = sample.call("VOL_MODELFREE", *middles(table, minutes, 0.0038))
        assert variance == pytest.approx(expected, abs=1e-6)
        found.append((variance, minutes / 525_600))
    (near, near_t), (far, far_t) = found
    assert round(sample.call("VOL_VIX", near, far, near_t, far_t), 2) == 61.22


@pytest.mark.proves("VOL_MODELFREE", by="Demeterfi, Derman, Kamal and Zou (1999), as QuantLib tests it: 0.04189")
def test_fair_variance_of_a_skew(sample):
    strikes = np.arange(50.0, 136.0, 5.0)
    vols = 0.30 - 0.002 * (strikes - 50)  # 30 % at 50 down to 13 % at 135
    t, rate = 0.246575, 0.05
    calls, puts = (
        column(black_scholes(flag, 100, strike, t, rate, vol) for strike, vol in zip(strikes, vols, strict=True))
        for flag in "cp"
    )
    got = sample.call("VOL_MODELFREE", column(strikes), calls, puts, t, rate)
    assert got == pytest.approx(0.04189, abs=1e-4)


@pytest.mark.proves(
    "VOL_BAND", by="a market report of November 2025: usual 16 to 20, medium stress 24 to 26, panic from 45"
)
def test_bands_of_the_report(sample):
    assert [sample.call("VOL_BAND", level) for level in (16, 18, 19.99)] == ["normal"] * 3
    assert [sample.call("VOL_BAND", level) for level in (24, 25, 25.99)] == ["medium stress"] * 3
    assert sample.call("VOL_BAND", 25, "zh") == "中度压力"
    assert [sample.call("VOL_BAND", level) for level in (45, 50)] == ["extreme"] * 2
    between = [sample.call("VOL_BAND", level) for level in (15.99, 20, 23.99, 26, 44.99)]
    assert between == ["calm", "elevated", "elevated", "severe stress", "severe stress"]


@pytest.mark.proves("VOL_STREAK", by="Cboe: closes of the VVIX in November 2025, counted by hand")
def test_closes_above_110(november):
    days = ["2025-11-14", "2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20", "2025-11-21", "2025-11-24"]
    assert [november.call("VOL_STREAK", "VVIX", 110, day) for day in days] == [0, 1, 2, 3, 4, 5, 0]
    assert november.call("VOL_STREAK", "VVIX", 118.34, "2025-11-21") == 0  # a close at the threshold is not above it
    assert november.call("VOL_STREAK", "VVIX", 110, None, "BELOW") == 1


@pytest.mark.proves("VOL_GAP", "VOL_TERM", "VOL_TERM_SLOPE", by="hand calculation on Cboe's closes of 2025-11-20")
def test_term_structure_of_2025_11_20(november):
    day = "2025-11-20"
    assert november.call("VOL_GAP", "VXN", "VIX", day) == pytest.approx(6.30, abs=1e-9)  # 32.72 - 26.42
    # Maturities as Cboe states them: 9, 30, 93 and 184 days.
    assert november.call("VOL_TERM", day, False) == [
        ["^VIX9D", 9, 26.35], ["^VIX", 30, 26.42], ["^VIX3M", 93, 25.76], ["^VIX6M", 184, 26.23],
    ]  # fmt: skip
    assert november.call("VOL_TERM_SLOPE", day) == pytest.approx(-0.024981, abs=5e-7)  # -0.66 / 26.42


@pytest.mark.proves("VOL_PCTILE", by="scipy: percentileofscore, kind weak")
def test_percentile_equals_scipy(november):
    for symbol, closes in NOVEMBER.items():
        for n in (3, 5, 7):
            wanted = stats.percentileofscore(closes[-n:], closes[-1], kind="weak") / 100
            assert november.call("VOL_PCTILE", symbol, n) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.proves("VOL_RANK", by="hand calculation: 45 between 30 and 60 has the rank 50 %")
def test_rank_by_hand(session_of, november):
    assert session_of({"^VIX": [40.0, 30.0, 60.0, 45.0]}).call("VOL_RANK", "VIX", 4) == pytest.approx(0.5, abs=1e-15)
    # The VIX on 2025-11-24 in its seven closes: (20.52 - 19.83) / (26.42 - 19.83) = 0.69 / 6.59.
    assert november.call("VOL_RANK", "VIX", 7) == pytest.approx(0.104704, abs=5e-7)


@pytest.mark.proves("VOL_STRESS", by="hand calculation")
def test_drawdowns_around_stress(session_of):
    # A hundred sessions at 100, but 90 on the 21st, 81 on the 31st and 72 on the 71st. Stress on the 21st and the 96th.
    # The 21st: 10 % below the high; 81 is 10 % lower within 21 sessions, 72 is 20 % lower within 63. The 96th: at the
    # high; what follows is not known yet.
    closes = np.full(100, 100.0)
    closes[20], closes[30], closes[70] = 90, 81, 72
    stress = np.isin(np.arange(100), [20, 95])
    session = session_of(
        {"^GSPC": closes, "^VVIX": np.where(stress, 120.0, 90.0), "^VIX": np.where(stress, 25.0, 15.0)}
    )
    found = [row[1:] for row in session.call("VOL_STRESS", 110, 25, None, False)]
    assert [row[0] for row in found[:7]] == pytest.approx([-0.1, -0.09, -0.075, -0.05, -0.025, -0.01, 0.0], abs=1e-12)
    assert [row[1] for row in found[:7]] == pytest.approx([-0.1] * 7, abs=1e-12)
    assert [row[2] for row in found[:7]] == pytest.approx([-0.2] * 7, abs=1e-12)
    assert found[7] == [2, 1, 1]
    assert found[8][0] == 2
    assert [row[2] for row in found[9:]] == [-0.15, -0.20]  # the report's fall of 15 to 20 %


@pytest.mark.proves("VOL_BS_PRICE", by="Haug, The Complete Guide to Option Pricing Formulas (1998): 43 prices")
def test_haugs_prices(sample):
    table = rows("haug.csv")
    assert len(table) == 43
    for row in table:
        numbers = [float(row[name]) for name in ("vol", "spot", "strike", "t", "r", "q")]
        assert sample.call("VOL_BS_PRICE", *numbers, row["type"]) == pytest.approx(float(row["price"]), abs=5.6e-5)


@pytest.mark.proves("VOL_BS_PRICE", "VOL_BS_GREEK", by="py_vollib: its table of 101 spots")
def test_grid_of_py_vollib(sample):
    for row in rows("py_vollib.csv"):
        numbers = [float(row[name]) for name in ("vol", "spot", "strike", "t", "rate")]
        for kind in ("call", "put"):
            got = sample.call("VOL_BS_PRICE", *numbers, 0, kind.upper())
            assert got == pytest.approx(float(row[kind]), abs=4.4e-7)
            for greek in ("delta", "gamma", "theta", "vega", "rho"):
                got = sample.call("VOL_BS_GREEK", greek.upper(), *numbers, 0, kind.upper())
                assert got == pytest.approx(float(row[f"{kind}_{greek}"]), abs=1e-5), (row["spot"], kind, greek)


@pytest.mark.proves("VOL_BS_PRICE", "VOL_BS_IV", "VOL_BS_GREEK", by="vollib: prices and Greeks with a dividend yield")
def test_a_dividend_yield_equals_vollib(sample):
    rng = np.random.default_rng(13)
    # Greeks in vollib's units: vega and rho for a hundredth, theta for a day of 365.
    units = {"delta": 1, "gamma": 1, "vega": 100, "theta": 365, "rho": 100}
    for _ in range(40):
        spot, strike = rng.uniform(80, 120, 2)
        t, rate, dividend, vol = rng.uniform([0.05, 0, 0, 0.1], [2, 0.08, 0.05, 0.6])
        for flag, kind in (("c", "CALL"), ("p", "PUT")):
            price = black_scholes_merton(flag, spot, strike, t, rate, vol, dividend)
            terms = (spot, strike, t, rate, dividend, kind)
            assert sample.call("VOL_BS_PRICE", vol, *terms) == pytest.approx(price, abs=1e-9)
            assert sample.call("VOL_BS_IV", price, *terms) == pytest.approx(vol, abs=1e-7)
            for greek, unit in units.items():
                theirs = getattr(analytical, greek)(flag, spot, strike, t, rate, vol, dividend)
                ours = sample.call("VOL_BS_GREEK", greek.upper(), vol, *terms)
                assert ours == pytest.approx(theirs * unit, abs=1e-7), (greek, kind)


@pytest.mark.proves("VOL_BS_IV", by="Hull, Options, Futures and Other Derivatives, section 15.11: 23.5 %")
def test_implied_volatility_of_hull(sample):
    assert round(sample.call("VOL_BS_IV", 1.875, 21, 20, 0.25, 0.1), 3) == 0.235


@pytest.mark.proves("VOL_BS_GREEK", by="Hull, Options, Futures and Other Derivatives, examples of chapter 19")
def test_greeks_of_hull(sample):
    terms = (0.2, 49, 50, 0.3846, 0.05)
    for greek, expected, digits in (("DELTA", 0.522, 3), ("GAMMA", 0.066, 3), ("VEGA", 12.1, 1), ("THETA", -4.31, 2)):
        assert round(sample.call("VOL_BS_GREEK", greek, *terms), digits) == expected


def with_chain(closes, *chains):
    first = chains[0]
    parts = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
    joined = {name: np.concatenate([getattr(chain, name) for chain in chains]) for name in parts}
    panel = replace(panel_of({"A": closes}, DAY), chains=HeldChains([replace(first, **joined)]))
    return Session(FixedSource(panel), lang="en")


@pytest.mark.proves("VOL_IMPLIED", by="vollib: chains at its prices; a hand calculation between two expiries")
def test_implied_volatility_of_chains():
    flat = with_chain([100.0, 100.0], flat_chain("A", DAY, 0.25, ("2026-03-06", "2026-03-20", "2026-04-17")))
    assert flat.call("VOL_IMPLIED", "A", "1M") == pytest.approx(0.25, abs=1e-7)
    for delta in (0.25, 0.75):
        assert flat.call("VOL_IMPLIED", "A", "1M", None, None, None, delta) == pytest.approx(0.25, abs=1e-7)
    # Model-free: strikes end where an option costs less than a cent.
    assert flat.call("VOL_IMPLIED", "A", "1M", None, "MODELFREE") == pytest.approx(0.25, abs=1e-3)
    # 20 % in 20 days, 26 % in 48: total variances 0.8 and 3.2448, at 30 days 0.8 x 18/28 + 3.2448 x 10/28 = 1.673143.
    steep = with_chain(
        [100.0, 100.0], flat_chain("A", DAY, 0.20, ("2026-03-05",)), flat_chain("A", DAY, 0.26, ("2026-04-02",))
    )
    assert steep.call("VOL_IMPLIED", "A", 30) == pytest.approx((1.673143 / 30) ** 0.5, abs=1e-6)
    assert steep.call("VOL_IMPLIED", "A", 60) is CellError.NA  # beyond the last expiry


@pytest.mark.proves("VOL_IMPLIED", by="vollib and scipy: the strike of a delta by root finding, on a skew")
@pytest.mark.parametrize("delta", [0.25, 0.5, 0.75])
def test_implied_volatility_at_a_delta(delta):
    def vol(strike):
        return 0.30 - 0.001 * (strike - 100)  # above 100 lower, as for an index

    session = with_chain([100.0, 100.0], smiling_chain("A", DAY, vol, ("2026-03-20", "2026-04-17")))
    for days in (35, 63):  # the days of the two expiries themselves
        strike = optimize.brentq(
            lambda k, t=days / 365: analytical.delta("c", 100.0, k, t, 0.0, vol(k), 0.0) - delta, 50, 150
        )
        assert abs(strike - 100) < 15
        assert session.call("VOL_IMPLIED", "A", days, None, None, None, delta) == pytest.approx(vol(strike), abs=2e-5)


@pytest.mark.proves("VOL_PREMIUM", by="Hull, table 15.1: 19.3 % realised; a chain at vollib's prices at 25 %")
def test_premium_over_hulls_closes():
    session = with_chain(HULL, flat_chain("A", DAY, 0.25, ("2026-03-06", "2026-03-20", "2026-04-17")))
    assert session.call("VOL_PREMIUM", "A", 29) == pytest.approx(0.25 - 0.193, abs=5e-4)  # 29 days are 20 sessions
    realised = np.std(np.diff(np.log(HULL[-21:])), ddof=1) * 252**0.5
    assert session.call("VOL_PREMIUM", "A", 29) == pytest.approx(0.25 - realised, abs=1e-6)
