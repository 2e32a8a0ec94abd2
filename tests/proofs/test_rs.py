"""RS: relative strength."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.proofs.published import column, rows

FOOL = "The Motley Fool, 2026-01-29: the streak of January 2026"


@pytest.fixture
def january(session_of):
    """Closes that make the printed returns, after a session in which the Russell 2000 fell behind."""
    table = rows("fool_streak.csv")
    closes = {
        symbol: 100 * np.cumprod([1.0, first, *(1 + float(row[name]) / 100 for row in table)])
        for symbol, name, first in (("^RUT", "rut", 0.99), ("^GSPC", "spx", 1.0))
    }
    return session_of(closes, last=table[-1]["day"])


@pytest.mark.proves("RS_STREAK", by=FOOL)
def test_the_streak_of_january_2026(january):
    got = [january.call("RS_STREAK", "RUT", "SPX", row["day"]) for row in rows("fool_streak.csv")]
    assert got == list(range(1, 14))
    assert january.call("RS_STREAK", "SPX", "RUT") == -13


@pytest.mark.proves("RS_STREAK", "RS_STREAK_TABLE", by=FOOL)
def test_the_streak_in_the_closes(indices):
    """Fourteen sessions to 2026-01-22, the first of them the first of the year."""
    assert indices.call("RS_STREAK", "RUT", "SPX", "2026-01-22") == 14
    longest = indices.call("RS_STREAK_TABLE", "RUT", "SPX", 1, None, False)[0]
    assert longest[:3] == [14, dt.date(2026, 1, 2), dt.date(2026, 1, 22)]
    # From 2025-12-31: 2481.91 to 2718.77 against 6845.50 to 6913.35.
    assert longest[3] == pytest.approx(2718.77 / 2481.91 - 6913.35 / 6845.50, abs=1e-12)
    assert round(longest[3], 4) == 0.0855


@pytest.mark.proves("RS_HITRATE", by=FOOL)
def test_share_of_sessions_ahead(january):
    assert january.call("RS_HITRATE", "RUT", "SPX", "13D") == 1.0
    assert january.call("RS_HITRATE", "RUT", "SPX", "14D") == pytest.approx(13 / 14, abs=1e-15)


@pytest.mark.proves(
    "RS_STREAK_PROB", by="Feller's tables of runs: 520 of the 1024 series of ten tosses hold three heads"
)
def test_three_heads_in_ten_tosses(session_of):
    # Half of ten sessions won, the last three in a row. Series without HHH of ten: the tribonacci number 504.
    steps = [0.9, 1.1, 0.9, 0.9, 1.1, 0.9, 0.9, 1.1, 1.1, 1.1]
    session = session_of({"A": np.cumprod([1.0, *steps]), "B": np.ones(11)})
    assert session.call("RS_STREAK", "A", "B") == 3
    assert session.call("RS_STREAK_PROB", "A", "B", None, "10D") == pytest.approx(520 / 1024, abs=1e-12)


@pytest.mark.proves("RS_STREAK_SINCE", by="hand reading")
def test_longest_since(session_of):
    # Won or lost: W W L L W L W W. The streak at the end, of two, is as long as the one that ended with the second
    # of the eight sessions up to 2026-02-13, which are those from 2026-02-04 on: 2026-02-05.
    steps = [1.1, 1.1, 0.9, 0.9, 1.1, 0.9, 1.1, 1.1]
    session = session_of({"A": np.cumprod([1.0, *steps]), "B": np.ones(9)}, last="2026-02-13")
    assert session.call("RS_STREAK_SINCE", "A", "B") == dt.date(2026, 2, 5)


@pytest.mark.proves("RS_RATIO", by="hand calculation: 2677.74 by 6940.01")
def test_ratio_of_two_closes(indices):
    # 2677.74 = 0.38 x 6940.01 + 40.5362; 40.5362 = 0.0058 x 6940.01 + 0.284142; 0.284142 = 0.00004 x 6940.01 + ...
    assert indices.call("RS_RATIO", "RUT", "SPX", "2026-01-16") == pytest.approx(0.38584, abs=5e-6)
    assert indices.call("RS_RATIO", "RUT", "SPX", "2026-01-16", 100) == pytest.approx(38.584, abs=5e-4)


@pytest.mark.proves("RS_RATIO", "RS_MOMENTUM", by="pandas: quotient and pct_change")
def test_ratio_and_its_change_equal_pandas(indices):
    table = pd.DataFrame(rows("index_closes.csv")).set_index("day").astype(float)
    ratio = table["rut"] / table["spx"]
    for n in (1, 5, 20, 50):
        wanted = ratio.pct_change(n).iloc[-1]
        assert indices.call("RS_MOMENTUM", "RUT", "SPX", n) == pytest.approx(wanted, abs=1e-12)
    assert indices.call("RS_RATIO", "RUT", "SPX") == pytest.approx(ratio.iloc[-1], rel=1e-14)


@pytest.mark.proves("RS_MANSFIELD", by="hand calculation")
def test_mansfield_of_a_ratio_that_counts_up(session_of):
    # A ratio of 1, 2, ..., 52 has the mean 26.5; 52 / 26.5 - 1 = 0.962264.
    got = session_of({"A": [1.0, 2.0]}).call("RS_MANSFIELD", column(range(1, 53)), column([1] * 52))
    assert got == pytest.approx(96.2264, abs=5e-5)


@pytest.mark.proves("RS_MANSFIELD", by="pandas: weekly closes by resample, rolling mean")
def test_mansfield_equals_pandas(session_of):
    rng = np.random.default_rng(11)
    closes = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 400))) for name in ("A", "B")}
    session = session_of(closes, last="2026-02-11")  # a Wednesday: the running week counts
    days = pd.DatetimeIndex(session.panel.days)
    weekly = (pd.Series(closes["A"], days) / pd.Series(closes["B"], days)).resample("W-SUN").last()
    for n in (10, 52):
        wanted = 100 * (weekly / weekly.rolling(n).mean() - 1).iloc[-1]
        assert session.call("RS_MANSFIELD", "A", "B", n) == pytest.approx(wanted, abs=1e-9)
