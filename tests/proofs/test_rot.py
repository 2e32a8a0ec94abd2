"""ROT: sector, size and style rotation."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.proofs.published import rows
from xlrotation.market.universes import SECTORS

SP_2022 = "S&P Dow Jones Indices: total returns of the S&P 500's sectors in 2022"
# Percent, best to worst, as published; the sectors' indices stand for the funds.
OF_2022 = {
    "XLE": 65.72, "XLU": 1.57, "XLP": -0.62, "XLV": -1.95, "XLI": -5.48, "XLF": -10.53, "XLB": -12.27, "XLRE": -26.13,
    "XLK": -28.19, "XLY": -37.03, "XLC": -39.89,
}  # fmt: skip
FOOL = "The Motley Fool, 2026-01-29: points ahead as printed"


@pytest.fixture
def of_2022(year_2022):
    return year_2022(OF_2022)


@pytest.mark.proves("ROT_SECTOR_RET", "ROT_SECTOR_TABLE", "ROT_SECTOR_RANK", by=SP_2022)
def test_sectors_of_2022(of_2022):
    for rank, (ticker, percent) in enumerate(OF_2022.items(), 1):
        assert of_2022.call("ROT_SECTOR_RET", ticker, "YTD") == pytest.approx(percent / 100, abs=1e-12)
        assert of_2022.call("ROT_SECTOR_RANK", ticker, "YTD") == rank
    for name in ("ROT_SECTOR_RET", "ROT_SECTOR_TABLE"):
        window = (None, "YTD") if name == "ROT_SECTOR_RET" else ("YTD",)
        heads, *table = of_2022.call(name, *window)
        assert heads[:2] == ["Sector", "Symbol"]
        assert [row[1] for row in table] == list(OF_2022)
        assert [row[2] for row in table] == pytest.approx([percent / 100 for percent in OF_2022.values()], abs=1e-12)


@pytest.mark.proves("ROT_SECTOR_BEST", "ROT_SECTOR_WORST", "ROT_SECTOR_SPREAD", by=SP_2022)
def test_best_and_worst_sector_of_2022(of_2022):
    assert of_2022.call("ROT_SECTOR_BEST", "YTD") == "Energy"
    assert of_2022.call("ROT_SECTOR_WORST", "YTD") == "Communication Services"
    assert of_2022.call("ROT_SECTOR_SPREAD", "YTD") == pytest.approx(1.0561, abs=1e-12)  # 65.72 + 39.89


@pytest.mark.proves("ROT_LEADERS", "ROT_LAGGARDS", by=SP_2022)
def test_leaders_and_laggards_of_2022(of_2022):
    leaders = of_2022.call("ROT_LEADERS", "SECTORS", 3, "YTD", None, False)
    assert [row[:3] for row in leaders] == [
        [1, "Energy", "XLE"],
        [2, "Utilities", "XLU"],
        [3, "Consumer Staples", "XLP"],
    ]
    laggards = of_2022.call("ROT_LAGGARDS", "SECTORS", 2, "YTD", None, False)
    assert [row[:3] for row in laggards] == [[1, "Communication Services", "XLC"], [2, "Consumer Discretionary", "XLY"]]
    assert [row[3] for row in laggards] == pytest.approx([-0.3989, -0.3703], abs=1e-12)


@pytest.mark.proves("ROT_DEFENSIVE", by="hand calculation on the sectors of 2022")
def test_defensive_minus_offensive_sectors_of_2022(of_2022):
    # (-0.62 + 1.57 - 1.95) / 3 = -1.00 / 3; (-28.19 - 37.03 - 39.89) / 3 = -105.11 / 3; the gap is 104.11 / 3.
    assert of_2022.call("ROT_DEFENSIVE", "YTD") == pytest.approx(1.0411 / 3, abs=1e-12)


@pytest.mark.proves("ROT_VALUE", by="FTSE Russell: Russell 1000 Value -7.54 %, Growth -29.14 % in 2022")
def test_value_minus_growth_in_2022(year_2022):
    assert year_2022({"IWD": -7.54, "IWF": -29.14}).call("ROT_VALUE", "YTD") == pytest.approx(0.2160, abs=1e-12)


@pytest.mark.proves("ROT_EQUALWEIGHT", by="S&P Dow Jones Indices: equal weight -11.45 %, S&P 500 -18.11 % in 2022")
def test_equal_minus_cap_weight_in_2022(year_2022):
    assert year_2022({"RSP": -11.45, "SPY": -18.11}).call("ROT_EQUALWEIGHT", "YTD") == pytest.approx(0.0666, abs=1e-12)


@pytest.mark.proves("ROT_REL_RET", "ROT_SIZE", by=FOOL)
def test_points_ahead_as_printed(indices):
    # Printed are differences of two rounded returns, so they are off by a hundredth at most.
    for row in rows("fool_streak.csv")[:-1]:
        ahead = float(row["ahead"]) / 100
        assert indices.call("ROT_SIZE", "1D", row["day"]) == pytest.approx(ahead, abs=1.01e-4), row["day"]
        assert indices.call("ROT_REL_RET", "RUT", "SPX", "1D", row["day"]) == pytest.approx(ahead, abs=1.01e-4)
        assert indices.call("ROT_REL_RET", "SPX", "RUT", "1D", row["day"]) == pytest.approx(-ahead, abs=1.01e-4)


@pytest.mark.proves("ROT_REL_RET", "ROT_SIZE", by="hand calculation: 8 % less 5 %")
def test_points_ahead_by_hand(session_of):
    session = session_of({"^RUT": [2500.0, 2600.0, 2700.0], "^GSPC": [6000.0, 6500.0, 6300.0]})
    assert session.call("ROT_SIZE", "2D") == pytest.approx(0.03, abs=1e-12)
    assert session.call("ROT_REL_RET", "RUT", "SPX", "2D") == pytest.approx(0.03, abs=1e-12)


@pytest.mark.proves("ROT_RRG", "ROT_RRG_TAIL", by="pandas: rolling means of the public definition")
def test_rotation_graph_equals_pandas(session_of):
    rng = np.random.default_rng(12)
    closes = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 200))) for name in ("A", "B", "C", "^GSPC")}
    session = session_of(closes)
    frame = pd.DataFrame(closes)
    relative = frame[["A", "B", "C"]].div(frame["^GSPC"], axis=0)
    for length, short in ((60, 25), (24, 10)):
        ratio = 100 * relative.rolling(short).mean() / relative.rolling(length).mean()
        momentum = 100 * ratio / ratio.rolling(short).mean()
        got = session.call("ROT_RRG", [["A"], ["B"], ["C"]], "SPX", None, length, False)
        assert [row[2] for row in got] == pytest.approx(ratio.iloc[-1].tolist(), rel=1e-12)
        assert [row[3] for row in got] == pytest.approx(momentum.iloc[-1].tolist(), rel=1e-12)
        # As drawn on the graph: to the right of 100 the ratio is strong, above 100 it gains.
        quadrants = {(True, True): "Leading", (True, False): "Weakening", (False, False): "Lagging"}
        for row in got:
            assert row[4] == quadrants.get((row[2] > 100, row[3] > 100), "Improving")
        tail = session.call("ROT_RRG_TAIL", "B", "SPX", 4, None, length, False)
        assert [row[1] for row in tail] == pytest.approx(ratio["B"].iloc[[-16, -11, -6, -1]].tolist(), rel=1e-12)
        assert [row[2] for row in tail] == pytest.approx(momentum["B"].iloc[[-16, -11, -6, -1]].tolist(), rel=1e-12)
        assert tail[0][0] == session.panel.days[-16].item()


@pytest.mark.proves("ROT_PERSISTENCE", by="scipy: spearmanr")
@pytest.mark.parametrize("seed", [1, 2])
def test_persistence_equals_scipy(session_of, seed):
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, (70, 11)), axis=0))
    session = session_of(dict(zip(SECTORS, closes.T, strict=True)))
    ends = closes[::-1][::5][:14][::-1]  # every fifth close back from the last: thirteen windows, twelve pairs
    returns = ends[1:] / ends[:-1] - 1
    pairs = [stats.spearmanr(a, b).statistic for a, b in itertools.pairwise(returns)]
    assert len(pairs) == 12
    assert session.call("ROT_PERSISTENCE", "5D", 12) == pytest.approx(np.mean(pairs), abs=1e-12)


@pytest.mark.proves("ROT_INTERPRET", by="hand calculation")
def test_a_return_in_words(session_of):
    # Returns of +1 and -1 % in turn have a deviation of about 1 % a day, 4.5 % over twenty sessions. The index ends
    # where it began (0.99 x 1.01 = 0.9999, ten times: -0.1 %). One symbol gains 2 % on top, less than one deviation
    # and more than a quarter of one: a modest gain. The other loses 10 %, more than two: a sharp loss.
    flat = 100 * np.cumprod(1 + np.tile([0.01, -0.01], 100))
    gains, falls = flat.copy(), flat.copy()
    gains[-1] *= 1.02
    falls[-1] *= 0.90
    session = session_of({"KO": gains, "NVDA": falls, "^GSPC": flat})
    assert session.call("ROT_INTERPRET", "SPX", 20) == "little changed"
    assert session.call("ROT_INTERPRET", "KO", 20) == "defensive: modest gain, 2.0 pp ahead of the S&P 500"
    assert session.call("ROT_INTERPRET", "NVDA", 20) == "technology: sharp loss, 10.0 pp behind the S&P 500"
    assert session.call("ROT_INTERPRET", "NVDA", 20, None, "zh") == "科技类：大幅下跌，跑输标普500 10.0个百分点"


@pytest.mark.proves("ROT_RRG", "ROT_RRG_TAIL", by="pandas: weekly closes by resampling, rolling means")
def test_rotation_graph_of_weeks_equals_pandas(session_of):
    rng = np.random.default_rng(17)
    closes = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300))) for name in ("A", "B", "^GSPC")}
    session = session_of(closes, last="2026-02-11")  # a Wednesday: the last week is running
    weekly = pd.DataFrame(closes, index=pd.DatetimeIndex(session.panel.days)).resample("W-SUN").last().dropna()
    relative = weekly[["A", "B"]].div(weekly["^GSPC"], axis=0)
    ratio = 100 * relative.rolling(5).mean() / relative.rolling(12).mean()
    momentum = 100 * ratio / ratio.rolling(5).mean()
    got = session.call("ROT_RRG", [["A"], ["B"]], "SPX", None, 60, False, None, "W")
    assert [row[2] for row in got] == pytest.approx(ratio.iloc[-1].tolist(), rel=1e-12)
    assert [row[3] for row in got] == pytest.approx(momentum.iloc[-1].tolist(), rel=1e-12)
    tail = session.call("ROT_RRG_TAIL", "A", "SPX", 4, None, 60, False, "W")
    assert [row[1] for row in tail] == pytest.approx(ratio["A"].iloc[-4:].tolist(), rel=1e-12)
    assert [row[2] for row in tail] == pytest.approx(momentum["A"].iloc[-4:].tolist(), rel=1e-12)


@pytest.mark.proves("ROT_CHANGE", by=SP_2022)
def test_change_against_the_sectors_of_2022(session_of):
    # Two years of 2022 after each other, the second one in the reverse order: YTD now and a year before.
    names, percent = list(OF_2022), list(OF_2022.values())
    pace = np.linspace(0, 1, 252)[:, None]
    first = 100 * (1 + np.array(percent) / 100) ** pace
    second = first[-1] * (1 + np.array(percent[::-1]) / 100) ** np.linspace(0, 1, 251)[1:, None]
    session = session_of(dict(zip(names, np.vstack([first, second]).T, strict=True)), last="2023-12-29")
    assert str(session.panel.days[251]) == "2022-12-30"
    table = {row[1]: row[2:] for row in session.call("ROT_CHANGE", "YTD", None, "2022-12-30", False)}
    assert list(table) == [name for name in SECTORS if name in names]
    for place, name in enumerate(names):
        now, before, change, rank, rank_before = table[name]
        assert (now, before) == pytest.approx((percent[::-1][place] / 100, percent[place] / 100), abs=1e-12)
        assert change == pytest.approx((percent[::-1][place] - percent[place]) / 100, abs=1e-12)
        assert (rank, rank_before) == (11 - place, place + 1)
