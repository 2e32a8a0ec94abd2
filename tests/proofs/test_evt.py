"""EVT: event studies."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.proofs.published import column

# Cboe's closes of the VVIX from 2025-11-12 to 11-26.
VVIX = [103.47, 111.25, 107.95, 117.86, 124.32, 119.57, 128.65, 118.34, 103.96, 96.85, 92.17]


@pytest.mark.proves("EVT_SIGNALS", by="Cboe: closes of the VVIX in November 2025, read by hand")
def test_signals_of_november_2025(session_of):
    session = session_of({"^VVIX": VVIX}, last="2025-11-26")

    def signals(*arguments):
        return [day for (day,) in session.call("EVT_SIGNALS", "VVIX", *arguments, None, False)]

    # Above 110: on the 13th alone, then from the 17th to the 21st.
    assert signals(">", 110, 5) == [dt.date(2025, 11, 21)]
    assert signals(">", 110, 1) == [dt.date(2025, 11, 13), dt.date(2025, 11, 17)]
    assert signals(">=", 118.34, 4) == [dt.date(2025, 11, 21)]  # 124.32, 119.57, 128.65, 118.34
    assert signals("<", 104, 3) == [dt.date(2025, 11, 26)]
    assert session.call("EVT_SIGNALS", "VVIX", ">", 110, 1, None, False, 3) == [[dt.date(2025, 11, 13)]]


def study_by_pandas(closes, days, horizon):
    """The columns of a study that pandas has, and the returns after the events."""
    series = pd.Series(closes)
    forward = (series.shift(-horizon) / series - 1).dropna()
    after = forward[forward.index.intersection(days)]
    return (
        [*(len(after), after.mean(), after.median(), (after > 0).mean(), after.min(), after.max(), forward.mean())],
        after,
        forward,
    )


def t_value(forward, rows, lags):
    """Newey and West (1987), sum by sum: a regression on a mark of the events, weights 1 - j / (lags + 1)."""
    n = len(forward)
    x = np.column_stack([np.ones(n), np.isin(np.arange(n), rows)])
    beta = np.linalg.lstsq(x, forward, rcond=None)[0]
    moments = x * (forward - x @ beta)[:, None]
    middle = sum(
        (1 - abs(i - j) / (lags + 1)) * np.outer(moments[i], moments[j])
        for i in range(n)
        for j in range(max(0, i - lags), min(n, i + lags + 1))
    )
    inverse = np.linalg.inv(x.T @ x)
    return beta[1] / (inverse @ middle @ inverse)[1, 1] ** 0.5


@pytest.mark.proves("EVT_STUDY", by="pandas: shift, mean, median; Newey and West's formula sum by sum")
def test_a_study_equals_pandas(session_of):
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(16).normal(0, 0.01, 400)))
    session = session_of({"^GSPC": closes})
    rows = [20, 31, 90, 91, 150, 222, 300, 390]
    dates = column(session.panel.days[rows].tolist())
    table = session.call("EVT_STUDY", dates, "SPX", column(["5D", "21D"]), None, False)
    # Events at least a horizon apart: all but row 91 for 5 sessions; of rows 20, 31 and 90, 91 one each for 21.
    for row, horizon, separate in zip(table, (5, 21), (7, 5), strict=True):
        wanted, after, forward = study_by_pandas(closes, rows, horizon)
        found = [row[1], *row[3:8], row[10]]
        assert found == pytest.approx(wanted, abs=1e-12)
        assert row[2] == separate
        inside = list(after.index)
        assert row[11] == pytest.approx(t_value(forward.to_numpy(), inside, horizon - 1), rel=1e-9)
        assert row[12] == pytest.approx(len(forward) / horizon, rel=1e-12)


@pytest.mark.proves("EVT_STUDY", by="scipy: bootstrap of the mean, percentile method")
def test_the_interval_equals_scipys(session_of):
    """Events farther apart than the horizon are independent: blocks of one, as scipy draws them."""
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(17).normal(0, 0.01, 400)))
    session = session_of({"^GSPC": closes})
    rows = list(range(3, 390, 9))
    got = session.call("EVT_STUDY", column(session.panel.days[rows].tolist()), "SPX", "5D", None, False)[0]
    _, after, _ = study_by_pandas(closes, rows, 5)
    theirs = stats.bootstrap(
        (after.to_numpy(),), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    )
    low, high = theirs.confidence_interval
    assert got[8:10] == pytest.approx([low, high], abs=0.06 * (high - low))


@pytest.mark.proves("EVT_VVIX", by="pandas: shift, mean, median")
def test_the_study_of_the_vvix_equals_pandas(session_of):
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(18).normal(0.0005, 0.01, 800)))
    vvix = np.full(800, 95.0)
    for start, length in ((50, 6), (120, 4), (300, 5), (500, 9), (700, 5)):
        vvix[start : start + length] = 112.0
    session = session_of({"^GSPC": closes, "^VVIX": vvix})
    fifth = [54, 304, 504, 704]  # the fifth close in a row above 110; the run of four gives none
    for row, horizon in zip(session.call("EVT_VVIX", 110, 5, None, False), (126, 252), strict=True):
        wanted, _, _ = study_by_pandas(closes, fifth, horizon)
        assert row[0] == f"{horizon}D"
        assert [row[1], *row[3:8], row[10]] == pytest.approx(wanted, abs=1e-12)
        assert row[1] == 3  # too few sessions follow the last one
