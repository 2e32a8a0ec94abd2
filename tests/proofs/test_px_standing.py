"""PX: changes, volumes, ranks, runs and records."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.proofs.published import column, rows
from xlrotation.errors import CellError

CLOSES = "S&P Dow Jones Indices, closes of the S&P 500 in 2025"


@pytest.fixture
def year_2025(session_of):
    """The published closes of the S&P 500, 2024-12-02 to 2025-12-31."""
    table = rows("sp500_2025.csv")
    session = session_of({"^GSPC": [row["close"] for row in table]}, last="2025-12-31")
    assert [str(day) for day in session.panel.days.tolist()] == [row["day"] for row in table]
    return session


@pytest.mark.proves("PX_CHANGE", by="the press of 2025-04-09 and 2025-05-02: S&P 500 up 474.13 points, up 82.53 points")
def test_changes_in_points_as_printed(year_2025):
    assert round(year_2025.call("PX_CHANGE", "SPX", "1D", "2025-04-09"), 2) == 474.13
    assert round(year_2025.call("PX_CHANGE", None, None, "2025-05-02"), 2) == 82.53
    # From the published closes, by hand: 5,686.67 - 5,525.21 in the week, 5,686.67 - 5,881.63 in the year.
    assert round(year_2025.call("PX_CHANGE", "SPX", "WTD", "2025-05-02"), 2) == 161.46
    assert round(year_2025.call("PX_CHANGE", "SPX", "YTD", "2025-05-02"), 2) == -194.96


@pytest.mark.proves("PX_STREAK", by="the press of 2025-05-02: nine gains in a row, the longest run since November 2004")
def test_nine_gains_in_a_row(year_2025):
    assert year_2025.call("PX_STREAK", "SPX", "2025-05-02") == 9
    assert year_2025.call("PX_STREAK", "SPX", "2025-05-05") == -1
    days = [day.isoformat() for day in year_2025.panel.days.tolist()]
    every = year_2025.call("PX_STREAK", "SPX", [[day] for day in days[1:]])
    assert max(row[0] for row in every) == 9


@pytest.mark.proves("PX_RECORDS", by="All Star Charts, 2025-08-29 and 2025-10-03: 20 and 30 record closes in 2025")
def test_record_closes_of_2025(year_2025):
    assert year_2025.call("PX_RECORDS", "SPX", "YTD", "2025-08-28") == 20
    assert year_2025.call("PX_RECORDS", "SPX", None, "2025-10-02") == 30


@pytest.mark.proves("PX_RET_SINCE", by="the press of 2025-04-09: +9.52 %, the largest daily gain since 2008-10-28")
def test_the_largest_daily_gain_since_2008(session_of):
    # The days around the largest gains since, as published; the days between are left out, and had smaller moves.
    closes = {
        "2008-10-27": 848.92, "2008-10-28": 940.51, "2008-11-12": 852.30, "2008-11-13": 911.29,
        "2020-03-12": 2480.64, "2020-03-13": 2711.02, "2020-03-23": 2237.40, "2020-03-24": 2447.33,
        "2025-04-08": 4982.77, "2025-04-09": 5456.90,
    }  # fmt: skip
    days = [str(day) for day in session_of({"^GSPC": np.full(4200, 1.0)}, last="2025-04-09").panel.days.tolist()]
    session = session_of({"^GSPC": [closes.get(day, np.nan) for day in days]}, last="2025-04-09")
    assert round(100 * session.call("PX_RET", "SPX", "1D"), 2) == 9.52
    assert session.call("PX_RET_SINCE", "SPX") == dt.date(2008, 10, 28)
    # "the best rally since October 2008", wrote the press of 2020-03-24 as well
    assert session.call("PX_RET_SINCE", "SPX", "1D", "2020-03-24") == dt.date(2008, 10, 28)
    assert session.call("PX_RET_SINCE", "SPX", "1D", "2008-10-28") is CellError.NA


@pytest.mark.proves("PX_RET_SINCE", by="pandas: pct_change, resample")
@pytest.mark.parametrize("window", [1, 5, "WTD", "MTD"])
def test_returns_as_large_equal_pandas(year_2025, window):
    closes = pd.Series(
        [float(row["close"]) for row in rows("sp500_2025.csv")],
        index=pd.to_datetime([row["day"] for row in rows("sp500_2025.csv")]),
    )
    for day in closes.index[40::9]:
        known = closes.loc[:day]
        if isinstance(window, int):
            returns = known.pct_change(window)
        else:
            rule = "W-SUN" if window == "WTD" else "ME"
            ends = known.index.to_series().resample(rule).last().dropna()
            returns = known.loc[ends].pct_change()
        last = returns.iloc[-1]
        for side in ("HIGH", "LOW"):
            before = returns.iloc[:-1]
            found = before[before >= last] if side == "HIGH" else before[before <= last]
            wanted = found.index[-1].date() if len(found) else CellError.NA
            assert year_2025.call("PX_RET_SINCE", "SPX", window, day.date(), side) == wanted, (day, side)
        blank = year_2025.call("PX_RET_SINCE", "SPX", window, day.date())
        assert blank == year_2025.call("PX_RET_SINCE", "SPX", window, day.date(), "HIGH" if last >= 0 else "LOW")


@pytest.mark.proves("PX_ZSCORE", "PX_RANK", by="scipy: zscore with one degree of freedom, rankdata of method min")
def test_places_equal_scipy(year_2025):
    closes = np.array([float(row["close"]) for row in rows("sp500_2025.csv")])
    for n in (2, 20, 250):
        for end in (260, len(closes)):
            window, day = closes[end - n : end], year_2025.panel.days[end - 1].item()
            score = stats.zscore(window, ddof=1)[-1]
            assert year_2025.call("PX_ZSCORE", "SPX", n, day) == pytest.approx(score, rel=1e-9)
            assert year_2025.call("PX_ZSCORE", column(window), n) == pytest.approx(score, rel=1e-9)
            assert year_2025.call("PX_RANK", "SPX", n, day, "LOW") == stats.rankdata(window, "min")[-1]
            assert year_2025.call("PX_RANK", "SPX", n, day) == stats.rankdata(-window, "min")[-1]


@pytest.mark.proves("PX_RANK", by=CLOSES)
def test_the_lowest_closes_of_2025(year_2025):
    # Lowest: 4,982.77 on 04-08, 5,062.25 on 04-07, 5,074.08 on 04-04, 5,158.20 on 04-21.
    for day, place in (("2025-04-08", 1), ("2025-04-21", 4)):
        assert year_2025.call("PX_RANK", "SPX", "YTD", day, "LOW") == place
    assert year_2025.call("PX_RANK", "SPX", "YTD", "2025-04-07", "LOW") == 1


@pytest.mark.proves("PX_VOLUME", by="pandas: rolling mean and sum")
def test_volumes_equal_pandas(session_of):
    volumes = np.round(np.random.default_rng(3).lognormal(16, 0.4, 60))
    session = session_of({"NVDA": np.full(60, 10.0)}, volume={"NVDA": volumes})
    rolling = pd.Series(volumes).rolling(20)
    assert session.call("PX_VOLUME", "NVDA") == volumes[-1]
    assert session.call("PX_VOLUME", "NVDA", 20, None, "AVERAGE") == pytest.approx(rolling.mean().iloc[-1], rel=1e-12)
    assert session.call("PX_VOLUME", "NVDA", 20, None, "TOTAL") == pytest.approx(rolling.sum().iloc[-1], rel=1e-12)
    ratio = volumes[-1] / rolling.mean().iloc[-1]
    assert session.call("PX_VOLUME", "NVDA", 20, None, "RATIO") == pytest.approx(ratio, rel=1e-12)
