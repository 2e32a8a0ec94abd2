"""RS: beta, alpha and correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.proofs.published import column, rows

BLOOMBERG = "Bloomberg's adjusted beta, 0.67 of the raw one and 0.33"


def two_walks(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Prices that move together, the first with a beta of about 1.3."""
    chance = np.random.default_rng(seed)
    market = chance.normal(0.0003, 0.01, n)
    own = 0.0002 + 1.3 * market + chance.normal(0, 0.008, n)
    return 50 * np.cumprod(1 + own), 100 * np.cumprod(1 + market)


@pytest.mark.proves("RS_BETA", "RS_ALPHA", "RS_CORREL", by="scipy: linregress, pearsonr")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_regression_equals_scipy(session_of, seed):
    a, b = two_walks(seed)
    session = session_of({"NVDA": a, "^GSPC": b})
    for n in (3, 20, 252):
        y, x = (values[-n - 1 :][1:] / values[-n - 1 :][:-1] - 1 for values in (a, b))
        line = stats.linregress(x, y)
        assert session.call("RS_BETA", "NVDA", "SPX", n) == pytest.approx(line.slope, rel=1e-9)
        assert session.call("RS_ALPHA", "NVDA", "SPX", n) == pytest.approx(252 * line.intercept, rel=1e-9)
        assert session.call("RS_CORREL", "NVDA", "SPX", n) == pytest.approx(stats.pearsonr(x, y).statistic, rel=1e-9)
        assert session.call("RS_BETA", column(a), column(b), n) == pytest.approx(line.slope, rel=1e-9)
        with_rate = stats.linregress(x - 0.05 / 252, y - 0.05 / 252)
        got = session.call("RS_ALPHA", "NVDA", "SPX", n, None, 0.05)
        assert got == pytest.approx(252 * with_rate.intercept, rel=1e-9)


@pytest.mark.proves(
    "RS_BETA", by="scipy: linregress of lead and lag, put together as Scholes and Williams (1977) print it"
)
def test_scholes_williams_from_three_regressions(session_of):
    a, b = two_walks(3)
    late = np.append(a[0], a[:-1])  # a close that is a session old: half of what moves it comes a day later
    a = np.sqrt(a * late)
    session = session_of({"NVDA": a, "^GSPC": b})
    y, x = (values[-253:][1:] / values[-253:][:-1] - 1 for values in (a, b))
    slopes = [stats.linregress(x[:-1], y[1:]), stats.linregress(x, y), stats.linregress(x[1:], y[:-1])]
    wanted = sum(line.slope for line in slopes) / (1 + 2 * stats.pearsonr(x[1:], x[:-1]).statistic)
    assert session.call("RS_BETA", "NVDA", "SPX", 252, None, "SCHOLES_WILLIAMS") == pytest.approx(wanted, rel=1e-9)
    assert session.call("RS_BETA", "NVDA", "SPX", 252, None, "sw") == pytest.approx(wanted, rel=1e-9)
    assert wanted > 1.15 > 0.8 > slopes[1].slope  # what it is for: the plain slope is about half of 1.3


@pytest.mark.proves("RS_BETA", by=BLOOMBERG)
def test_an_adjusted_beta(session_of):
    # A raw beta of 1.2 is shown as 1.13, one of 0.6 as 0.73.
    market = np.cumprod(1 + np.random.default_rng(4).normal(0, 0.01, 60))
    moves = market[1:] / market[:-1] - 1
    for raw, adjusted in ((1.2, 1.13), (0.6, 0.73)):
        own = np.append(1.0, np.cumprod(1 + raw * moves))
        session = session_of({"AAA": 100 * own, "^GSPC": 100 * market})
        assert session.call("RS_BETA", "AAA", "SPX", 50) == pytest.approx(raw, rel=1e-9)
        assert round(session.call("RS_BETA", "AAA", "SPX", 50, None, "BLUME"), 2) == adjusted


@pytest.mark.proves("RS_HISTORY", by="pandas: rolling cov, var, corr, pct_change")
def test_a_history_equals_pandas(indices):
    table = pd.DataFrame(rows("index_closes.csv")).set_index("day").astype(float)
    returns = table.pct_change()
    rolling = returns["rut"].rolling(20)
    beta = rolling.cov(returns["spx"]) / returns["spx"].rolling(20).var()
    alpha = 252 * (rolling.mean() - beta * returns["spx"].rolling(20).mean())
    wanted = {
        "RATIO": table["rut"] / table["spx"],
        "BETA": beta,
        "ALPHA": alpha,
        "CORREL": rolling.corr(returns["spx"]),
        "EXCESS": table["rut"].pct_change(20) - table["spx"].pct_change(20),
    }
    for measure, values in wanted.items():
        got = indices.call("RS_HISTORY", "RUT", "SPX", measure, 25, None, 20, False)
        assert [str(row[0]) for row in got] == list(table.index[-25:])
        assert [row[1] for row in got] == pytest.approx(values.iloc[-25:].tolist(), rel=1e-8), measure
    daily = indices.call("RS_HISTORY", "RUT", "SPX", "EXCESS", 5, None, None, False)
    assert [row[1] for row in daily] == pytest.approx((returns["rut"] - returns["spx"]).iloc[-5:].tolist(), rel=1e-8)


@pytest.mark.proves("RS_HISTORY", by="The Motley Fool, 2026-01-29: by how much the Russell 2000 was ahead, day by day")
def test_the_printed_leads(indices):
    printed = rows("fool_streak.csv")[:-1]  # the last return of the Russell 2000 is misprinted there
    got = indices.call("RS_HISTORY", "RUT", "SPX", "EXCESS", "2026-01-02", printed[-1]["day"], None, False)
    leads = {str(day): 100 * value for day, value in got}
    for row in printed:
        assert leads[row["day"]] == pytest.approx(float(row["rut"]) - float(row["spx"]), abs=0.0101)
