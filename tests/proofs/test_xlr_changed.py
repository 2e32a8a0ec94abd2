"""XLR: what changed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session

SYMBOLS = ("^GSPC", "^RUT", "^VIX", "^VIX3M", "GLD")


def walks(seed: int, n: int = 320) -> dict[str, np.ndarray]:
    moves = np.random.default_rng(seed).normal(0, 0.01, (len(SYMBOLS), n))
    return dict(zip(SYMBOLS, 20 * np.exp(np.cumsum(moves, axis=1)), strict=True))


@pytest.mark.proves("XLR_CHANGED", by="pandas: pct_change, diff, mean, std; scipy: percentileofscore, kind weak")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_changes_against_a_year_equal_pandas(session_of, seed):
    closes = walks(seed)
    frame = pd.DataFrame(closes)
    wanted = {
        "S&P 500": frame["^GSPC"].pct_change(),
        "Small against large caps (Russell 2000 / S&P 500)": (frame["^RUT"] / frame["^GSPC"]).pct_change(),
        "VIX": frame["^VIX"].diff(),
        "VIX over VIX3M": (frame["^VIX"] / frame["^VIX3M"]).diff(),
        "Gold (GLD)": frame["GLD"].pct_change(),
    }
    session = session_of(closes)
    rows = session.call("XLR_CHANGED", None, 20, False)
    assert {row[0] for row in rows} == set(wanted)
    scores = []
    for name, value, change, score, percentile, count, _ in rows:
        changes = wanted[name]
        earlier = changes.iloc[-253:-1]
        scores.append((changes.iloc[-1] - earlier.mean()) / earlier.std())
        assert change == pytest.approx(changes.iloc[-1], rel=1e-9)
        assert score == pytest.approx(scores[-1], rel=1e-8)
        share = stats.percentileofscore(changes.iloc[-253:], changes.iloc[-1], kind="weak") / 100
        assert (percentile, count) == (pytest.approx(share, abs=1e-12), 252)
        assert np.isfinite(value)
    assert [abs(score) for score in scores] == sorted((abs(score) for score in scores), reverse=True)
    assert session.call("XLR_CHANGED", None, 2, False) == rows[:2]
    assert any("VVIX" in remark and "is without" in remark for remark in session.remarks)


def test_a_change_in_words(session_of):
    # A VIX that moved by a tenth each day, and by 3.20 points at last; 252 earlier changes, half of each sign.
    levels = np.append(17.4 + 0.1 * (np.arange(260) % 2), 20.60)
    session = session_of({"^VIX": levels, "^GSPC": np.full(261, 100.0)})
    ((name, value, change, score, percentile, count, told),) = session.call("XLR_CHANGED", None, 5, False)
    assert (name, value, percentile, count) == ("VIX", 20.60, 1.0, 252)
    assert change == pytest.approx(3.1)
    assert score > 25
    assert told == "VIX rose by 3.10 points to 20.60: further than on 100% of 252 sessions before"
    down = session_of({"^VIX": np.append(levels[:-1], 17.45)}).call("XLR_CHANGED", None, 5, False)
    assert down[0][-1] == "VIX fell by 0.05 points to 17.45: further than on 50% of 252 sessions before"
    steps = 17.4 + 0.1 * (np.arange(262) % 20)  # 0.1 up each day, 13 times 1.9 down; rounding makes none less
    (same,) = session_of({"^VIX": steps}).call("XLR_CHANGED", None, 5, False)
    assert same[-1] == "VIX rose by 0.10 points to 17.50: further than on 5% of 252 sessions before"
    chinese = session.call("XLR_CHANGED", None, 5, False, "zh")[0][-1]
    assert "3.10" in chinese and "VIX" in chinese and "rose" not in chinese  # noqa: PT018


def test_what_changed_does_not_look_ahead(session_of):
    closes = walks(4)
    session = session_of(closes)
    day = session.panel.days[280].item()
    known = session_of({name: values[:281] for name, values in closes.items()}, last=day.isoformat())
    assert session.call("XLR_CHANGED", day) == known.call("XLR_CHANGED")


def test_a_measure_without_a_value_or_a_history_is_left_out(session_of):
    closes = walks(5)
    closes["GLD"][-2] = np.nan
    closes["^VIX"][:-40] = np.nan
    session = session_of(closes)
    names = {row[0] for row in session.call("XLR_CHANGED", None, 20, False)}
    assert names == {"S&P 500", "Small against large caps (Russell 2000 / S&P 500)"}
    assert session_of({"^VIX": closes["^VIX"]}).call("XLR_CHANGED") is CellError.NA


def test_a_series_has_its_own_dates():
    panel = panel_of({"^GSPC": walks(6)["^GSPC"]})
    days = panel.days[-200:-1]  # the last value is of the session before
    values = 3.0 + np.random.default_rng(6).normal(0, 0.05, len(days))
    object.__setattr__(panel, "series", {"BAMLH0A0HYM2": (days, values)})
    session = Session(FixedSource(panel), lang="en")
    rows = {row[0]: row for row in session.call("XLR_CHANGED", None, 20, False)}
    assert rows["High-yield spread"][1:3] == [values[-1], pytest.approx(values[-1] - values[-2])]
    assert rows["High-yield spread"][5] == 197
    stale = panel.days[-1].item() - dt.timedelta(days=30)
    keep = days < np.datetime64(stale)
    object.__setattr__(panel, "series", {"BAMLH0A0HYM2": (days[keep], values[keep])})
    again = Session(FixedSource(panel), lang="en").call("XLR_CHANGED", None, 20, False)
    assert "High-yield spread" not in {row[0] for row in again}
