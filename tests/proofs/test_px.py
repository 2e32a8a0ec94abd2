"""PX: prices."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.proofs.published import column, rows
from xlrotation.errors import CellError

FOOL = "The Motley Fool, 2026-01-29: daily returns as printed"
REPORT = "a market report of 2026-02-09: averages as printed"


def random_walk(seed, n=300):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n)))


@pytest.mark.proves("PX_RET", by=FOOL)
def test_daily_returns_as_printed(indices):
    # The last row is left out: 2.02 is printed for the Russell 2000, whose closes of 2645.36 and 2698.17 make 2.00.
    for row in rows("fool_streak.csv")[:-1]:
        for symbol in ("rut", "spx"):
            got = indices.call("PX_RET", symbol, "1D", row["day"])
            assert round(100 * got, 2) == float(row[symbol]), (symbol, row["day"])


@pytest.mark.proves("PX_RET", by="hand calculation: CRSP's return with a dividend and a split")
def test_a_return_with_dividend_and_split(session_of):
    # 100 to 104 with a dividend of 1 the same day: (104 + 1) / 100. Then two shares for one, 52 to 50.96: -2 %.
    session = session_of({"AAA": [100.0, 104.0, 50.96]}, dividend={"AAA": [0, 1.0, 0]}, split={"AAA": [0, 0, 2.0]})
    assert session.call("PX_RET", "AAA", 2) == pytest.approx(1.04 * 0.98 - 1, abs=1e-12)
    assert session.call("PX_RET", "AAA", 2, None, "total") == pytest.approx(1.05 * 0.98 - 1, abs=1e-12)


@pytest.mark.proves("PX_RET_BETWEEN", by="S&P Dow Jones Indices: S&P 500 in 2022, price return -19.44 %")
def test_the_sp_500_in_2022(session_of):
    closes = np.linspace(4766.18, 3839.50, 252)
    session = session_of({"^GSPC": closes}, last="2022-12-30")
    got = session.call("PX_RET_BETWEEN", "SPX", "2021-12-31", "2022-12-30")
    assert round(100 * got, 2) == -19.44
    assert session.call("PX_RET_BETWEEN") == session.call("PX_RET_BETWEEN", "SPX", "2022-01-01") == got


@pytest.mark.proves("PX_RET_BETWEEN", by=FOOL)
def test_the_printed_returns_of_thirteen_sessions_compounded(indices):
    printed = [float(row["rut"]) / 100 for row in rows("fool_streak.csv")]
    got = indices.call("PX_RET_BETWEEN", "RUT", "2025-12-31", "2026-01-21")
    assert got == pytest.approx(np.prod(1 + np.array(printed)) - 1, abs=12 * 0.5e-4 + 2e-4)  # 2.02 for 2.00 at the end


@pytest.mark.proves("PX_CLOSE", by="FTSE Russell: Russell 2000 of 2026-02-09, as a market report printed it")
def test_a_close_as_published(indices):
    assert indices.call("PX_CLOSE", "RUT") == 2689.05
    assert indices.call("PX_CLOSE", "RUT", "2026-01-17") == 2677.74  # a Saturday: Friday's close
    assert indices.call("PX_CLOSE", "RUT", "2026-01-19") == 2677.74  # Martin Luther King Jr. Day


@pytest.mark.proves("PX_HISTORY", by="pandas")
def test_a_table_of_prices_equals_a_slice_of_the_frame(indices):
    table = rows("index_closes.csv")
    frame = pd.DataFrame(table).set_index("day").astype(float)
    got = indices.call("PX_HISTORY", [["RUT", "SPX"]], "2026-01-10", "2026-02-01", None, False)
    wanted = frame.loc["2026-01-10":"2026-02-01", ["rut", "spx"]]
    assert [[str(day), *values] for day, *values in got] == wanted.reset_index().to_numpy().tolist()
    last = indices.call("PX_HISTORY", [["RUT", "SPX"]], None, None, None, False, 7)
    assert [row[1:] for row in last] == frame.tail(7)[["rut", "spx"]].to_numpy().tolist()


@pytest.mark.proves("PX_HISTORY", by="hand calculation: dividends reinvested at the close")
def test_closes_with_dividends_reinvested(session_of):
    # A dividend of 2 with the close at 102: one share of 100 grows to 104, so 102 now stand for 102 / 1.04 then.
    session = session_of({"AAA": [100.0, 102.0]}, dividend={"AAA": [0, 2.0]})
    got = session.call("PX_HISTORY", "AAA", None, None, "total", False, 2)
    assert [row[1] for row in got] == pytest.approx([102 / 1.04, 102.0], abs=1e-12)


@pytest.mark.proves("PX_MA", "PX_VS_MA", by=REPORT)
def test_averages_as_printed(indices):
    assert [round(indices.call("PX_MA", "RUT", n), 2) for n in (20, 50)] == [2655.15, 2580.88]
    assert [round(100 * indices.call("PX_VS_MA", "RUT", n), 2) for n in (20, 50)] == [1.28, 4.19]


@pytest.mark.proves(
    "PX_MA", "PX_VS_MA", "PX_DRAWDOWN", "PX_SINCE", by="pandas: rolling, ewm, cummax, selection by label"
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_levels_equal_pandas(session_of, seed):
    closes = random_walk(seed)
    session = session_of({"AAA": closes})
    series = pd.Series(closes, index=session.panel.days.tolist())
    for n in (3, 20, 200):
        assert session.call("PX_MA", "AAA", n) == pytest.approx(series.rolling(n).mean().iloc[-1], rel=1e-12)
        ewm = series.ewm(span=n, adjust=False).mean().iloc[-1]
        assert session.call("PX_MA", "AAA", n, None, "EMA") == pytest.approx(ewm, rel=1e-12)
        above = series.iloc[-1] / series.rolling(n).mean().iloc[-1] - 1
        assert session.call("PX_VS_MA", "AAA", n) == pytest.approx(above, abs=1e-12)
        window = series.iloc[-n:]
        drawdown = (window / window.cummax() - 1).iloc[-1]
        assert session.call("PX_DRAWDOWN", "AAA", n) == pytest.approx(drawdown, abs=1e-12)
    for day in series.index[50::10]:
        before, now = series.loc[: day - dt.timedelta(days=1)], series.loc[day]
        for side, other in (("HIGH", before >= now), ("LOW", before <= now)):
            wanted = before[other].index[-1] if other.any() else CellError.NA
            assert session.call("PX_SINCE", "AAA", day, side) == wanted


@pytest.mark.proves("PX_DRAWDOWN", by="S&P Dow Jones Indices: S&P 500 from 2020-02-19 to 03-23, -33.9 %")
def test_the_fall_of_2020(session_of):
    closes = [3380.16, 3370.29, 3386.15, 3373.23, 2304.92, 2237.40]
    session = session_of({"^GSPC": closes}, last="2020-03-23")
    assert round(100 * session.call("PX_DRAWDOWN", "SPX", 6), 1) == -33.9
    assert session.call("PX_DRAWDOWN", "SPX", 3, "2020-03-18") == 0.0  # the third close, the highest


@pytest.mark.proves("PX_PCTRANK", by="scipy: percentileofscore, kind weak")
@pytest.mark.parametrize("seed", [4, 5])
def test_percentile_equals_scipy(session_of, seed):
    closes = np.round(random_walk(seed), 0)  # whole numbers, so that there are ties
    session = session_of({"^VIX": closes})
    for n in (10, 63, 252):
        wanted = stats.percentileofscore(closes[-n:], closes[-1], kind="weak") / 100
        assert session.call("PX_PCTRANK", "VIX", n) == pytest.approx(wanted, abs=1e-12)
        assert session.call("PX_PCTRANK", column(closes), n) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.proves("PX_SINCE", by="hand reading of the Dow's closes")
def test_highest_since(session_of):
    # 2026-02-12 to 02-13: 49,451.98 and 49,500.93. The last close before that was as high: 50,121.40 on 02-11; the
    # last as low, 49,451.98 on 02-12.
    closes = [48908.72, 50115.67, 50135.87, 50188.14, 50121.40, 49451.98, 49500.93]
    session = session_of({"^DJI": closes}, last="2026-02-13")
    assert session.call("PX_SINCE", "DJI") == dt.date(2026, 2, 11)
    assert session.call("PX_SINCE", "DJI", None, "LOW") == dt.date(2026, 2, 12)
    assert session.call("PX_SINCE", "DJI", "2026-02-10") is CellError.NA  # a record


@pytest.mark.proves("PX_CROSS", by="S&P Dow Jones Indices: first close above 20,000 on 2017-01-25")
def test_the_dow_at_20000(session_of):
    closes = [19827.25, 19799.85, 19912.71, 20068.51, 20100.91, 20093.78, 19971.13]
    session = session_of({"^DJI": closes}, last="2017-01-30")
    assert session.call("PX_CROSS", "DJI", 20000, "MAX", "2017-01-27") == dt.date(2017, 1, 25)
    assert session.call("PX_CROSS", "DJI", 20000) == dt.date(2017, 1, 30)  # back below
    assert session.call("PX_CROSS", "DJI", 20000, "MAX", "2017-01-24") is CellError.NA


@pytest.mark.proves("PX_MKTCAP", by="press of 2023-06-30: Apple at 3.05 trillion dollars")
def test_apple_at_three_trillion(session_of):
    # 15,728,702,000 shares as of 2023-04-21, says the quarterly report; the close was 193.97.
    session = session_of({"AAPL": [189.59, 193.97]}, last="2023-06-30", shares={"AAPL": [15_728_702_000, np.nan]})
    assert round(session.call("PX_MKTCAP", "AAPL") / 1e12, 2) == 3.05
    # 15,728,702,000 x 194 less 15,728,702,000 x 0.03: 3,051,368,188,000 - 471,861,060.
    assert session.call("PX_MKTCAP", "AAPL") == pytest.approx(3_050_896_326_940, rel=1e-12)


@pytest.mark.proves("PX_MKTCAP_CHANGE", by="Reuters, 2025-01-27: Nvidia lost 593 billion dollars in a day")
def test_nvidia_loses_593_billion(session_of):
    # 24.49 billion shares, from 142.62 to 118.42.
    session = session_of({"NVDA": [142.62, 118.42]}, last="2025-01-27", shares={"NVDA": [24.49e9, 24.49e9]})
    assert round(session.call("PX_MKTCAP_CHANGE", "NVDA", "1D") / 1e9) == -593


@pytest.mark.proves("PX_MKTCAP_CHANGE", by="hand calculation")
def test_market_value_of_two(session_of):
    # 3 shares from 10 to 12 and 5 shares from 20 to 17: +6 - 15.
    session = session_of({"A": [10.0, 12.0], "B": [20.0, 17.0]}, shares={"A": [3.0, 3.0], "B": [5.0, 5.0]})
    assert session.call("PX_MKTCAP_CHANGE", [["A"], ["B"]], "1D") == pytest.approx(-9.0, abs=1e-12)
