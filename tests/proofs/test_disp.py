"""DISP: dispersion and correlation."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.conftest import FixedSource, panel_of
from tests.proofs.published import column, flat_chain
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains
from xlrotation.market.universes import MAG7, SP50

THREE = "elitetrader.com, thread 356726: the implied correlation of three stocks, 36 %"
INDEX, VOLS, WEIGHTS = 0.21, (0.25, 0.35, 0.18), (0.3, 0.4, 0.3)
BASKET = (INDEX, column(VOLS), column(WEIGHTS))
MEMBERS = [["A"], ["B"], ["C"]]
DAY = "2026-02-13"


@pytest.mark.proves("DISP_IMPLCORR_CALC", "DISP_BREAKEVEN", by=THREE)
def test_implied_correlation_of_three_stocks(sample):
    assert round(sample.call("DISP_IMPLCORR_CALC", *BASKET), 2) == 0.36
    assert round(sample.call("DISP_BREAKEVEN", *BASKET), 2) == 0.36


@pytest.mark.proves("DISP_IMPLCORR_CALC", "DISP_BREAKEVEN", "DISP_VOL_SPREAD_CALC", by="hand calculation")
def test_three_stocks_by_hand(sample):
    # w s: 0.075, 0.14, 0.054, together 0.269. Squares: 0.005625, 0.0196, 0.002916, together 0.028141.
    # Pairs: 0.269^2 - 0.028141 = 0.072361 - 0.028141 = 0.04422. Index: 0.0441 - 0.028141 = 0.015959.
    for name in ("DISP_IMPLCORR_CALC", "DISP_BREAKEVEN"):
        assert sample.call(name, *BASKET) == pytest.approx(0.015959 / 0.04422, abs=1e-12)
    assert sample.call("DISP_VOL_SPREAD_CALC", *BASKET) == pytest.approx(0.059, abs=1e-12)


@pytest.mark.proves(
    "DISP_BREAKEVEN", "DISP_PNL", by="hand calculation: at the breakeven correlation the trade makes nothing"
)
def test_breakeven_is_where_the_trade_makes_nothing(sample):
    # Index variance at a correlation c of the same volatilities: 0.028141 + 0.04422 c.
    def pnl(correlation):
        realised = (0.028141 + 0.04422 * correlation) ** 0.5
        return sample.call("DISP_PNL", *BASKET, realised, column(VOLS))

    even = sample.call("DISP_BREAKEVEN", *BASKET)
    assert pnl(even) == pytest.approx(0.0, abs=1e-6)
    assert pnl(even - 0.1) > 1000
    assert pnl(even + 0.1) < -1000


@pytest.mark.proves("DISP_INDEX_CALC", by="Cboe: closes of VIXEQ, VIX and DSPX")
@pytest.mark.parametrize(
    ("vixeq", "vix", "dspx"),
    [
        (31.70, 17.34, 26.54),  # 2023-09-28
        (51.52, 38.57, 34.17),  # 2024-08-05
        (36.70, 15.86, 33.10),  # 2026-01-16
        (39.67, 17.36, 35.66),  # 2026-02-09
        (41.60, 20.60, 36.13),  # 2026-02-13
    ],
)
def test_dispersion_index_of_cboe(sample, vixeq, vix, dspx):
    assert sample.call("DISP_INDEX_CALC", vix / 100, vixeq / 100, 1) == pytest.approx(dspx, abs=0.02)


@pytest.mark.proves("DISP_INDEX_CALC", "DISP_XS_CALC", by="hand calculation")
def test_weighted_variances_by_hand(sample):
    # 0.3 x 0.0625 + 0.4 x 0.1225 + 0.3 x 0.0324 = 0.07747; less 0.0441 is 0.03337, whose root is 0.182675.
    assert sample.call("DISP_INDEX_CALC", *BASKET) == pytest.approx(18.2675, abs=5e-5)
    # Around 0.5 x 0.05 - 0.3 x 0.02 + 0.2 x 0.01 = 0.021: 0.5 x 0.029^2 + 0.3 x 0.041^2 + 0.2 x 0.011^2 = 0.000949.
    got = sample.call("DISP_XS_CALC", column([0.05, -0.02, 0.01]), column([0.5, 0.3, 0.2]))
    assert got == pytest.approx(0.000949**0.5, abs=1e-12)


@pytest.mark.proves("DISP_LEGS", by="Bloomberg exam preparation: vega 60,000 at 18 is a variance notional of 1,667")
def test_variance_notional_of_a_leg(sample):
    rows = sample.call("DISP_LEGS", 0.18, 0.2, 1, "VEGA", 60_000, False)
    assert rows[0][2] == -60_000
    assert round(rows[0][3]) == -1667


@pytest.mark.proves("DISP_LEGS", by="hand calculation: what the legs of each scheme have in common")
def test_legs_by_hand(sample):
    def vegas(scheme):
        return [row[2] for row in sample.call("DISP_LEGS", *BASKET, scheme, 1000, False)]

    assert vegas("VEGA") == pytest.approx([-1000, 300, 400, 300], abs=1e-9)
    # Theta goes with vega times volatility: 300 x 0.25 + 400 x 0.35 + 300 x 0.18 = 269 against 210.
    assert vegas("THETA") == pytest.approx([-1000, 300 * 210 / 269, 400 * 210 / 269, 300 * 210 / 269], abs=1e-9)
    # Gamma with vega over volatility: 1200 + 1142.857143 + 1666.666667 = 4009.523810 against 4761.904762.
    share = 4761.904762 / 4009.523810
    assert vegas("GAMMA") == pytest.approx([-1000, 300 * share, 400 * share, 300 * share], abs=1e-4)


@pytest.mark.proves("DISP_PNL", by="published payoffs of variance swaps: CFA curriculum and wilmott.com, thread 410986")
@pytest.mark.parametrize(
    ("strike", "realised", "payoff"),
    [
        (0.20, 451.75**0.5 / 100, 129_375),  # vega 100,000; an expected variance of 451.75 against 400
        (0.20, 0.0, -1_000_000),  # 25 million of variance notional, nothing realised
    ],
)
def test_payoff_of_the_index_leg(sample, strike, realised, payoff):
    """The trade is short the index; a member that comes out as implied adds nothing."""
    got = sample.call("DISP_PNL", strike, 0.3, 1, realised, 0.3, 100_000)
    assert got == pytest.approx(-payoff, abs=1e-6)
    got = sample.call("DISP_PNL", 0.3, strike, 1, 0.3, realised, 100_000)  # and is long the member
    assert got == pytest.approx(payoff, abs=1e-6)


@pytest.mark.proves("DISP_PNL_TABLE", by="hand calculation of four cells")
def test_cells_of_the_table(sample):
    heads, *rows = sample.call("DISP_PNL_TABLE", *BASKET, 1000)
    assert heads[1:] == ["0.6x", "0.8x", "1x", "1.2x", "1.4x"]
    table = {(round(row[0], 1), head): value for row in rows for head, value in zip(heads[1:], row[1:], strict=True)}

    # Members long: vega w / (2 s) x ((k s)^2 - s^2) = vega w s (k^2 - 1) / 2, in points 1000 x 26.9 x (k^2 - 1) / 2.
    # Index short: 1000 / 42 x (realised^2 - 441) with realised^2 = k^2 (281.41 + 442.2 c).
    def by_hand(correlation, scale):
        return 13_450 * (scale**2 - 1) - 1000 / 42 * (scale**2 * (281.41 + 442.2 * correlation) - 441)

    assert by_hand(0.5, 1.0) == pytest.approx(-1000 / 42 * 61.51)  # 281.41 + 221.1 - 441
    for correlation, scale, head in ((0.0, 1.0, "1x"), (0.5, 1.0, "1x"), (0.5, 1.2, "1.2x"), (0.8, 0.6, "0.6x")):
        assert table[correlation, head] == pytest.approx(by_hand(correlation, scale), abs=1e-6)


def paths(seed, n, members):
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.01, (n, 1))
    return 100 * np.exp(np.cumsum(common + rng.normal(0, 0.01, (n, members)), axis=0))


def pairs(frame):
    """Correlations of all pairs as pandas has them."""
    table = frame.pct_change(fill_method=None).dropna().corr()
    return {(a, b): table.loc[a, b] for a, b in itertools.combinations(frame.columns, 2)}


@pytest.mark.proves("DISP_REALCORR", "DISP_REALCORR_CALC", "DISP_REALCORR_HISTORY", by="pandas: DataFrame.corr")
@pytest.mark.parametrize("seed", [1, 2])
def test_realised_correlation_equals_pandas(session_of, seed):
    closes = paths(seed, 80, 3)
    frame = pd.DataFrame(closes, columns=list("ABC"))
    session = session_of(dict(frame), shares={"A": [1.0] * 80, "B": [2.0] * 80, "C": [4.0] * 80})
    found = pairs(frame.iloc[-22:])
    wanted = float(np.mean(list(found.values())))
    assert session.call("DISP_REALCORR", MEMBERS, 21) == pytest.approx(wanted, abs=1e-12)
    assert session.call("DISP_REALCORR_CALC", closes[-22:].tolist()) == pytest.approx(wanted, abs=1e-12)
    weight = dict(zip("ABC", closes[-1] * [1, 2, 4], strict=True))
    by_pair = {pair: weight[pair[0]] * weight[pair[1]] for pair in found}
    weighted = sum(by_pair[pair] * value for pair, value in found.items()) / sum(by_pair.values())
    assert session.call("DISP_REALCORR", MEMBERS, 21, None, "CAP") == pytest.approx(weighted, abs=1e-12)
    history = session.call("DISP_REALCORR_HISTORY", MEMBERS, "10D", None, 21, False)
    for back, (_, value) in zip(range(9, -1, -1), history, strict=True):
        window = frame.iloc[80 - back - 22 : 80 - back]
        assert value == pytest.approx(float(np.mean(list(pairs(window).values()))), abs=1e-12)


@pytest.mark.proves("DISP_XS", by="numpy: average and std, as a weighted sample")
def test_cross_sectional_dispersion_equals_numpy(session_of):
    closes = paths(3, 40, 3)
    session = session_of(
        dict(zip("ABC", closes.T, strict=True)), shares={"A": [3.0] * 40, "B": [2.0] * 40, "C": [1.0] * 40}
    )
    returns = closes[-1] / closes[-22] - 1
    assert session.call("DISP_XS", MEMBERS, 21, None, "EQUAL") == pytest.approx(np.std(returns), abs=1e-12)
    caps = closes[-1] * [3, 2, 1]
    variance = np.cov(returns, aweights=caps, ddof=0)
    assert session.call("DISP_XS", MEMBERS, 21) == pytest.approx(float(variance) ** 0.5, abs=1e-12)


@pytest.mark.proves("DISP_RANGE", "DISP_RANGE_TABLE", by="Statista and the press: the Magnificent Seven in 2024")
def test_the_magnificent_seven_in_2024(session_of):
    ends = {  # closes of 2023-12-29 and 2024-12-31, and the gain in percent as reported
        "NVDA": (49.522, 134.29, 171), "META": (353.96, 585.51, 65), "TSLA": (248.48, 403.84, 63),
        "AMZN": (151.94, 219.39, 44), "GOOGL": (139.69, 189.30, 36), "AAPL": (192.53, 250.42, 30),
        "MSFT": (376.04, 421.50, 12),
    }  # fmt: skip
    session = session_of(
        {ticker: np.linspace(first, last, 253) for ticker, (first, last, _) in ends.items()}, last="2024-12-31"
    )
    *rows, spread = session.call("DISP_RANGE_TABLE", "MAG7", "YTD", None, False)
    assert [row[1] for row in rows] == list(ends)
    assert [round(100 * row[2]) for row in rows] == [gain for *_, gain in ends.values()]
    assert spread[2] == pytest.approx(1.71 - 0.12, abs=0.01)
    assert session.call("DISP_RANGE", "MAG7", "YTD") == pytest.approx(1.71 - 0.12, abs=0.01)
    # 134.29 / 49.522 - 421.50 / 376.04 = 2.711724 - 1.120891
    assert session.call("DISP_RANGE", "MAG7", "YTD") == pytest.approx(1.590833, abs=1e-6)
    assert [rows[0][2], rows[-1][2], spread[2]] == pytest.approx([1.711724, 0.120891, 1.590833], abs=1e-6)


@pytest.mark.proves("DISP_PARADOX", by="hand calculation: two stocks that move against each other, and together")
@pytest.mark.parametrize(("sign", "correlation", "cancelled"), [(-1, -1.0, 1.0), (1, 1.0, 0.0)])
def test_the_paradox_of_two_stocks(session_of, sign, correlation, cancelled):
    # Both move by 1 % a day, up and down in turn: 0.01 x sqrt(252) = 0.158745 a year. Of equal weight, the index does
    # not move where the second does the opposite, and moves as they do where it does the same.
    steps = np.tile([0.01, -0.01], 15)
    a, b = (np.cumprod([100.0, *(1 + side * steps)]) for side in (1, sign))
    index = np.cumprod([100.0, *(1 + (steps + sign * steps) / 2)])
    caps = {"A": 1 / a, "B": 1 / b}  # as many shares as make both worth the same
    session = session_of({"A": a, "B": b, "^GSPC": index}, shares=caps)
    rows = session.call("DISP_PARADOX", [["A"], ["B"]], "SPX", 20, None, False)
    assert [row[1] for row in rows] == pytest.approx(
        [0.158745, 0.158745 * (1 + sign) / 2, correlation, cancelled], abs=1e-6
    )


@pytest.mark.proves("DISP_PARADOX", by="pandas: weighted mean of the uncentred correlations of the pairs")
def test_the_paradox_equals_the_pairs(session_of):
    closes = paths(4, 64, 3)
    returns = pd.DataFrame(closes, columns=list("ABC")).pct_change().dropna()
    shares = np.array([5.0, 3.0, 2.0])
    caps = closes[-1] * shares
    weights = caps / caps.sum()
    index = np.cumprod([100.0, *(1 + returns.to_numpy() @ weights)])
    session = session_of(
        {**dict(zip("ABC", closes.T, strict=True)), "^GSPC": index},
        shares={name: [count] * 64 for name, count in zip("ABC", shares, strict=True)},
    )
    rows = session.call("DISP_PARADOX", MEMBERS, "SPX", 63, None, False)
    second = (returns.T @ returns) / len(returns)
    products = {
        (a, b): weights[i] * weights[j] * second.loc[a, b]
        for (i, a), (j, b) in itertools.combinations(enumerate("ABC"), 2)
    }
    size = dict(zip("ABC", np.sqrt(np.diag(second)), strict=True))
    scale = {
        (a, b): weights[i] * weights[j] * size[a] * size[b]
        for (i, a), (j, b) in itertools.combinations(enumerate("ABC"), 2)
    }
    assert rows[2][1] == pytest.approx(sum(products.values()) / sum(scale.values()), abs=1e-12)
    assert rows[0][1] == pytest.approx((252 * float(weights @ np.diag(second))) ** 0.5, abs=1e-12)


@pytest.fixture(scope="module")
def with_chains():
    """Three stocks and their index with options at vollib's prices, at the volatilities of the worked question.

    Weights are those of the market values. All four move together, by 1 % up and down in turn.
    """
    steps = np.cumprod([100.0, *(1 + np.tile([0.01, -0.01], 20))])
    panel = panel_of(
        dict.fromkeys(("A", "B", "C", "^GSPC"), steps),
        DAY,
        shares={name: [weight] * 41 for name, weight in zip("ABC", WEIGHTS, strict=True)},
    )
    expiries = ("2026-03-06", "2026-03-20", "2026-04-17")
    chains = [
        flat_chain(symbol, DAY, vol, expiries)
        for symbol, vol in zip(("A", "B", "C", "^GSPC"), (*VOLS, INDEX), strict=True)
    ]
    return Session(FixedSource(replace(panel, chains=HeldChains(chains))), lang="en")


@pytest.mark.proves("DISP_IMPLCORR", "DISP_VOL_SPREAD", by=f"{THREE}; chains at vollib's prices")
def test_what_chains_imply_at_the_money(with_chains):
    found = with_chains.call("DISP_IMPLCORR", "SPX", MEMBERS)
    assert round(found, 2) == 0.36
    assert found == pytest.approx(0.015959 / 0.04422, abs=1e-6)
    assert with_chains.call("DISP_VOL_SPREAD", "SPX", MEMBERS) == pytest.approx(0.269 - 0.21, abs=1e-7)


@pytest.mark.proves("DISP_INDEX", by="hand calculation on three stocks; chains at vollib's prices")
def test_dispersion_index_of_chains(with_chains):
    # 18.2675, as above, but for strikes that are a point apart and end where an option costs less than a cent.
    assert with_chains.call("DISP_INDEX", "SPX", MEMBERS) == pytest.approx(18.2675, abs=0.1)


@pytest.mark.proves("DISP_CORR_PREMIUM", by=f"{THREE}; stocks that move together have the correlation 1")
def test_correlation_premium(with_chains):
    got = with_chains.call("DISP_CORR_PREMIUM", "SPX", MEMBERS)
    assert got == pytest.approx(0.015959 / 0.04422 - 1.0, abs=1e-6)


@pytest.mark.proves("DISP_PCTILE", by="scipy: percentileofscore, kind weak, of histories by pandas")
def test_percentile_of_a_history_equals_scipy(session_of):
    closes = paths(28, 320, 50)
    by_name = dict(zip(SP50, closes.T, strict=True))
    noise = np.random.default_rng(28).normal(0, 2, (3, 320))
    levels = {"^COR1M": 12 + noise[0], "^VIX": 18 + noise[1], "^VIXEQ": 36 + noise[2]}
    session = session_of({**by_name, **levels}, shares={name: [1.0 + i] * 320 for i, name in enumerate(SP50)})
    frame = pd.DataFrame({**by_name, **levels})

    def weak(history):
        rank = stats.percentileofscore(history, history[-1], kind="weak") / 100
        assert 0.05 < rank < 0.95  # at an end many wrong histories would have the same
        return rank

    assert session.call("DISP_PCTILE", "IMPLCORR", 63) == pytest.approx(weak(frame["^COR1M"].tolist()[-63:]), abs=1e-12)
    spread = (frame["^VIXEQ"] - frame["^VIX"]).tolist()
    assert session.call("DISP_PCTILE", "VOL_SPREAD", 63) == pytest.approx(weak(spread[-63:]), abs=1e-12)
    year = frame[list(MAG7)].pct_change(252)
    extent = (year.max(axis=1) - year.min(axis=1)).tolist()
    assert session.call("DISP_PCTILE", "RANGE", 40) == pytest.approx(weak(extent[-40:]), abs=1e-12)
    returns = frame[list(SP50)].pct_change()
    upper = np.triu_indices(50, 1)
    correlation = [returns.iloc[end - 21 : end].corr().to_numpy()[upper].mean() for end in range(281, 321)]
    assert session.call("DISP_PCTILE", "REALCORR", 40) == pytest.approx(weak(correlation), abs=1e-12)
    caps = closes[-1] * (1 + np.arange(50.0))
    month = frame[list(SP50)].pct_change(21).to_numpy()[-40:]
    spread = [float(np.cov(row, aweights=caps, ddof=0)) for row in month]
    assert session.call("DISP_PCTILE", "XS", 40) == pytest.approx(weak(spread), abs=1e-12)
