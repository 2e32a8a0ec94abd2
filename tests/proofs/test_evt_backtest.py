"""EVT: backtests, by hand, by pandas and statsmodels, and by the figures that papers print."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.sandwich_covariance import S_hac_simple, weights_bartlett

from xlrotation.measures import backtests

HELD = '=PX_CLOSE("S")>150'


def by_item(rows: list[list[object]]) -> dict[str, list[object]]:
    return {row[0]: row[1:3] for row in rows[1:] if row[0] != "Not known"}


@pytest.mark.proves("EVT_BACKTEST", by="a path of 10,000 dollars by hand, to the cent")
def test_ten_thousand_dollars_by_hand(session_of):
    """Decisions 1 1 0 0 1 1 1 1, each traded at the next close, at 25 basis points; closes in dollars.

    2nd close, 50.00: 10,000.00 buy for 9,975.00, 199.5 shares. 3rd close, 52.00: 10,374.00. 4th close, 51.00:
    10,174.50, sold for 10,149.06. 5th close, 40.00: cash. 6th close, 44.00: 10,149.06 buy for 10,123.69, 230.083...
    shares. 7th close, 46.20: 10,629.88. 8th close, 55.44: 12,755.85.
    """
    closes = [48.0, 50.0, 52.0, 51.0, 40.0, 44.0, 46.2, 55.44]
    signal = [200.0, 200, 100, 100, 200, 200, 200, 200]
    session = session_of({"A": closes, "S": signal})
    found = by_item(session.call("EVT_BACKTEST", HELD, "A", 0, 1, 25, "MAX"))
    assert round(10_000 * (1 + found["Return"][0]), 2) == 12_755.85
    for last, dollars in ((3, 10_174.50), (4, 10_149.06), (5, 10_149.06), (6, 10_629.88)):
        upto = by_item(session.call("EVT_BACKTEST", HELD, "A", 0, 1, 25, "MAX", session.panel.days[last].item()))
        assert round(10_000 * (1 + upto["Return"][0]), 2) == dollars, last
    assert found["Return"][1] == pytest.approx(0.9975 * 55.44 / 50 - 1)
    # From 10,374.00 to 10,149.06, the lowest at a close: the cost of the second purchase is in the session after it.
    assert found["Largest drawdown"][0] == pytest.approx(10_149.0638 / 10_374.0 - 1, abs=1e-8)
    assert found["Share of sessions held"] == [pytest.approx(4 / 6), 1.0]
    assert found["Turnover per year"] == [3 * 252 / 6, 252 / 6]
    assert found["Periods held"] == [2, 1]
    assert found["Share of them that gained"] == [1.0, 1.0]  # 51 over 50 is a gain after two costs, too


@pytest.mark.proves(
    "EVT_BACKTEST", by="pandas: a vector backtest with shift and cumprod; statsmodels: HAC covariances of the moments"
)
@pytest.mark.parametrize(("seed", "lag", "rate", "cost"), [(1, 1, 0.0, 0), (2, 1, 0.04, 7), (3, 3, 0.02, 12.5)])
def test_a_backtest_equals_pandas_and_statsmodels(session_of, seed, lag, rate, cost):
    chance = np.random.default_rng(seed)
    n = 500
    noise = 0.011 * chance.standard_t(5, n)
    closes = 100 * np.cumprod(1 + 0.0004 + noise + 0.2 * np.roll(noise, 1))
    frame = pd.DataFrame({"A": closes})
    frame["on"] = (frame["A"] > frame["A"].rolling(20).mean()).astype(float)
    frame.loc[:18, "on"] = np.nan  # the average has no value yet
    position = frame["on"].shift(lag).shift(1)  # held over the session that ends in the row
    moves, cash = frame["A"].pct_change(), (1 + rate) ** (1 / 252) - 1
    known = position.notna()
    position, moves = position[known], moves[known]
    trades = position.diff().abs().fillna(position.iloc[0])
    returns = (1 + np.where(position > 0, moves, cash)) * (1 - trades * cost / 1e4) - 1
    wealth = pd.concat([pd.Series([1.0]), (1 + returns).cumprod()])
    excess = returns - cash
    session = session_of({"A": closes})
    rows = session.call("EVT_BACKTEST", '=PX_VS_MA("A",20)>0', "A", rate, lag, cost, "MAX", None, 25)
    found = {item: cells[0] for item, cells in by_item(rows).items()}
    assert found["Sessions"] == len(returns) == n - 19 - lag - 1
    assert found["Return"] == pytest.approx(wealth.iloc[-1] - 1, abs=1e-12)
    assert found["Return per year"] == pytest.approx(wealth.iloc[-1] ** (252 / len(returns)) - 1, abs=1e-12)
    assert found["Volatility per year"] == pytest.approx(returns.std() * math.sqrt(252), abs=1e-12)
    assert found["Sharpe ratio"] == pytest.approx(excess.mean() / excess.std() * math.sqrt(252), abs=1e-9)
    assert found["Largest drawdown"] == pytest.approx((wealth / wealth.cummax() - 1).min(), abs=1e-12)
    assert found["Share of sessions held"] == pytest.approx(position.mean())
    assert found["Turnover per year"] == pytest.approx(trades.sum() * 252 / len(returns))
    # Lo (2002): mean and variance by the method of moments, with Newey and West's covariance of the moments.
    most = int(4 * (len(returns) / 100) ** (2 / 9))
    centred = excess - excess.mean()
    moments = np.column_stack([centred, centred**2 - (centred**2).mean()])
    long_run = S_hac_simple(moments, most, weights_bartlett) / len(returns)
    spread = math.sqrt((centred**2).mean())
    slope = np.array([1 / spread, -excess.mean() / (2 * spread**3)])
    error = math.sqrt(slope @ long_run @ slope / (len(returns) - 1)) * math.sqrt(252)
    assert found["Standard error of the Sharpe ratio"] == pytest.approx(error, rel=1e-9)
    ratio = found["Sharpe ratio"] / error
    assert found["Probability that it is above 0"] == pytest.approx(stats.norm.cdf(ratio), abs=1e-12)
    best = (1 - np.euler_gamma) * stats.norm.ppf(1 - 1 / 25) + np.euler_gamma * stats.norm.ppf(1 - 1 / (25 * math.e))
    assert found["Probability, deflated for the trials"] == pytest.approx(stats.norm.cdf(ratio - best), abs=1e-12)
    regression = sm.OLS((moves - cash).to_numpy(), sm.add_constant(position.to_numpy())).fit(
        cov_type="HAC", cov_kwds={"maxlags": most, "use_correction": False}
    )
    assert found["Held less out, return per year"] == pytest.approx(regression.params[1] * 252, rel=1e-9)
    assert found["t (Newey-West)"] == pytest.approx(regression.tvalues[1], rel=1e-9)
    assert found["p-value"] == pytest.approx(regression.pvalues[1], rel=1e-9)


@pytest.mark.proves(
    "EVT_BACKTEST", by="Bailey and Lopez de Prado (2014): deflated Sharpe ratios of 100, 46 and 88 trials"
)
@pytest.mark.parametrize(
    ("trials", "skewness", "kurtosis", "probability"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_deflated_ratio_of_bailey_and_lopez_de_prado(sample, trials, skewness, kurtosis, probability):
    """The Deflated Sharpe Ratio, its numerical example: a ratio of 2.5 per year, the best of the trials, over five
    years of 250 daily returns; the variance of the trials' ratios is one half per year."""
    ratio = 2.5 / math.sqrt(250)
    best = backtests.expected_maximum(trials, 0.5 / 250)
    if trials == 100:
        assert best == pytest.approx(0.1132, abs=5e-5)
    error = backtests.independent_error(ratio, 1250, skewness, kurtosis)
    assert backtests.probability_above(ratio, best, error) == pytest.approx(probability, abs=5e-5)
    # The function tells the same of its own ratio and error.
    rows = by_item(sample.call("EVT_BACKTEST", "=PX_VS_MA()>0", "SPX", 0, 1, 5, "2Y", None, trials))
    own, told = rows["Sharpe ratio"][0], rows["Standard error of the Sharpe ratio"][0]
    wanted = backtests.probability_above(own, backtests.expected_maximum(trials, told**2), told)
    assert rows["Probability, deflated for the trials"][0] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.proves(
    "EVT_BACKTEST", by="Bailey and Lopez de Prado (2012): probabilistic Sharpe ratios and track records"
)
@pytest.mark.parametrize(
    ("year", "ratio", "skewness", "kurtosis", "years"),
    [(252, 2, 0.0, 3.0, 2.73), (52, 2, 0.0, 3.0, 2.83), (12, 2, 0.0, 3.0, 3.24), (12, 2, -0.72, 5.78, 4.99)],
)
def test_the_track_records_of_bailey_and_lopez_de_prado(sample, year, ratio, skewness, kurtosis, years):
    """The Sharpe Ratio Efficient Frontier: a ratio of 2 per year to be above 1 with 95 %, of daily, weekly and monthly
    normal returns, and of monthly ones like those of hedge funds; and 24 monthly returns with a ratio of 0.458."""
    length = backtests.track_record(ratio / math.sqrt(year), 1.0 / math.sqrt(year), skewness, kurtosis)
    assert length / year == pytest.approx(years, abs=5e-3)
    for of_skewness, of_kurtosis, probability in ((0.0, 3.0, 0.982), (-2.448, 10.164, 0.913)):
        error = backtests.independent_error(0.458, 24, of_skewness, of_kurtosis)
        assert backtests.probability_above(0.458, 0.0, error) == pytest.approx(probability, abs=5e-4)
    # The function's sessions are those after which its own probability is 95 %.
    rows = by_item(sample.call("EVT_BACKTEST", "=PX_VS_MA()>0", "SPX", 0, 1, 5, "2Y"))
    own, told, needed = (
        rows[item][0] for item in ("Sharpe ratio", "Standard error of the Sharpe ratio", "Sessions needed for 95 %")
    )
    shrunk = told * math.sqrt((rows["Sessions"][0] - 1) / (needed - 1))
    assert backtests.probability_above(own, 0.0, shrunk) == pytest.approx(0.95, abs=1e-12)
