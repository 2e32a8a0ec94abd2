import numpy as np
import pytest

from xlrotation.errors import CellError
from xlrotation.functions.families.rot import interpret
from xlrotation.market.market import Market
from xlrotation.market.universes import SECTORS

# One-day returns in percent of the eleven sectors, best to worst.
RETURNS = dict(zip(SECTORS, (1.5, 1.2, 0.9, 0.4, 0.3, 0.1, 0.0, -0.2, -0.5, -1.0, -2.0), strict=True))


@pytest.fixture
def sectors(session_of):
    closes = {ticker: [100.0, 100.0 + change] for ticker, change in RETURNS.items()}
    funds = {"^RUT": [10.0, 11.0], "^GSPC": [10.0, 10.5], "IWD": [1.0, 1.1], "IWF": [1.0, 1.0], "RSP": [4.0, 4.0]}
    return session_of({**closes, **funds, "SPY": [5.0, 6.0]})


def test_sector_returns_by_any_name(sectors):
    for name in ("XLK", "xlk", "Technology", "信息技术", "科技", "ＸＬＫ"):
        assert sectors.call("ROT_SECTOR_RET", name, "1D") == pytest.approx(0.015)
    table = sectors.call("ROT_SECTOR_RET", None, "1D")
    assert [row[1] for row in table[1:]] == list(SECTORS)
    assert table[1] == ["Technology", "XLK", pytest.approx(0.015)]
    assert sectors.call("ROT_SECTOR_RET", None, "1D", None, None, None, False, "zh")[0][0] == "信息技术"
    assert sectors.call("ROT_SECTOR_RET", "SPY", "1D") is CellError.VALUE


def test_ranks_spread_best_and_worst(sectors):
    assert [sectors.call("ROT_SECTOR_RANK", ticker, "1D") for ticker in SECTORS] == list(range(1, 12))
    assert sectors.call("ROT_SECTOR_SPREAD", "1D") == pytest.approx(0.035)
    assert sectors.call("ROT_SECTOR_BEST", "1D") == "Technology"
    assert sectors.call("ROT_SECTOR_WORST", "1D", None, "zh") == "通信服务"


def test_leaders_and_laggards(sectors):
    leaders = sectors.call("ROT_LEADERS", "SECTORS", 2, "1D")
    assert leaders == [
        ["Rank", "Name", "Symbol", "Return"],
        [1, "Technology", "XLK", pytest.approx(0.015)],
        [2, "Financials", "XLF", pytest.approx(0.012)],
    ]
    assert sectors.call("ROT_LAGGARDS", [["XLK"], ["XLC"]], 1, "1D", None, False)[0][2] == "XLC"


def test_leaders_are_the_first_of_the_ranked_equal_ones_as_they_stand_and_none_without_a_return(session_of):
    moves = {"XLK": 1.0, "XLF": 3.0, "XLE": None, "XLV": 3.0 * (1 + 1e-15), "XLU": 0.0, "XLP": None, "XLI": 3.0}
    closes = {ticker: [100.0, None if move is None else 100.0 + move] for ticker, move in moves.items()}
    held = session_of({**closes, "^GSPC": [10.0, 10.5]})
    names = [[ticker] for ticker in moves]
    best = ["XLF", "XLV", "XLI", "XLK", "XLU"]
    for n in range(1, 8):
        rows = held.call("ROT_LEADERS", names, n, "1D", None, False)
        assert [(row[0], row[2]) for row in rows] == list(enumerate(best[:n], 1))
        rows = held.call("ROT_LAGGARDS", names, n, "1D", None, False)
        assert [row[2] for row in rows] == ["XLU", "XLK", "XLF", "XLV", "XLI"][:n]


def test_gaps_between_groups(sectors):
    assert sectors.call("ROT_REL_RET", "RUT", "SPX", "1D") == pytest.approx(0.05)
    assert sectors.call("ROT_SIZE", "1D") == pytest.approx(0.05)
    assert sectors.call("ROT_VALUE", "1D") == pytest.approx(0.10)
    assert sectors.call("ROT_EQUALWEIGHT", "1D") == pytest.approx(-0.20)
    defensive = (RETURNS["XLP"] + RETURNS["XLU"] + RETURNS["XLV"]) / 3
    offensive = (RETURNS["XLK"] + RETURNS["XLY"] + RETURNS["XLC"]) / 3
    assert sectors.call("ROT_DEFENSIVE", "1D") == pytest.approx((defensive - offensive) / 100)


def test_a_sector_without_data_comes_last_and_does_not_count(session_of):
    closes = {ticker: [100.0, 100.0 + change] for ticker, change in RETURNS.items()}
    closes["XLK"] = [100.0, np.nan]
    del closes["XLC"]
    session = session_of(closes)
    table = session.call("ROT_SECTOR_TABLE", "1D", None, None, None, False)
    assert [row[1] for row in table[-2:]] == ["XLK", "XLC"]
    assert table[-1][2] is CellError.NA
    assert session.call("ROT_SECTOR_BEST", "1D") == "Financials"
    assert session.call("ROT_SECTOR_RANK", "XLF", "1D") == 1
    assert session.call("ROT_SECTOR_RET", "XLC", "1D") is CellError.NA


def test_sector_table_is_sorted_by_the_window_asked_for(sample):
    table = sample.call("ROT_SECTOR_TABLE", "1D 20D", None, "20D")
    assert table[0] == ["Sector", "Symbol", "1D", "20D"]
    column = [row[3] for row in table[1:]]
    assert column == sorted(column, reverse=True)
    for name, ticker, day, month in table[1:]:
        assert day == sample.call("ROT_SECTOR_RET", ticker, "1D")
        assert month == sample.call("ROT_SECTOR_RET", name, "20D")


def test_rotation_graph_tail_ends_where_the_graph_stands(sample):
    graph = {row[1]: row[2:4] for row in sample.call("ROT_RRG")[1:]}
    tail = sample.call("ROT_RRG_TAIL", "XLE", "SPX", 5, None, None, False)
    assert len(tail) == 5
    assert tail[-1][1:] == graph["XLE"]
    earlier = sample.call("ROT_RRG", "XLE", None, tail[0][0], None, False)[0]
    assert tail[0][1:] == earlier[2:4]


def test_persistence_bounds(sample):
    assert -1 <= sample.call("ROT_PERSISTENCE") <= 1
    assert sample.call("ROT_PERSISTENCE", "3M") is CellError.VALUE
    assert sample.call("ROT_PERSISTENCE", "20D", 500) is CellError.NA


def test_interpretation_follows_the_number(session_of):
    steps = np.tile([0.01, -0.01], 150)
    flat = 100 * np.cumprod(1 + steps)
    strong, weak = flat.copy(), flat.copy()
    strong[-1] *= 1.2
    weak[-1] *= 0.8
    session = session_of({"WMT": strong, "^GSPC": flat, "^IXIC": weak})
    assert session.call("ROT_INTERPRET", "SPX", 20) == "little changed"
    assert session.call("ROT_INTERPRET", "WMT", 20) == "defensive: strong gain, 20.0 pp ahead of the S&P 500"
    assert session.call("ROT_INTERPRET", "纳斯达克", 20, None, "zh").startswith("科技类：大幅下跌")


def test_6_3_the_graph_needs_the_closes_that_enter_and_no_more(session_of):
    # A long average of 60 and a short one of 25: the oldest of 25 ratios has the first of 25 + 60 - 1 closes in it.
    rng = np.random.default_rng(12)
    closes = np.cumprod(1 + rng.normal(0, 0.01, (140, 2)), axis=0)
    every = session_of({"XLK": closes[:, 0], "^GSPC": closes[:, 1]})
    for rows, points in ((84, 1), (89, 2), (119, 8)):
        cut = session_of({"XLK": closes[-rows:, 0], "^GSPC": closes[-rows:, 1]})
        tail = cut.call("ROT_RRG_TAIL", "XLK", None, points, None, None, False)
        assert len(tail) == points
        for row, wanted in zip(tail, every.call("ROT_RRG_TAIL", "XLK", None, points, None, None, False), strict=True):
            assert row[0] == wanted[0]
            assert row[1:] == pytest.approx(wanted[1:], rel=1e-12)
        short = session_of({"XLK": closes[-rows + 1 :, 0], "^GSPC": closes[-rows + 1 :, 1]})
        assert short.call("ROT_RRG_TAIL", "XLK", None, points) is CellError.NA
        assert f"needs {rows} sessions; there are {rows - 1}" in short.failures[-1].reason
    days = [row[0] for row in every.call("ROT_RRG_TAIL", "XLK", None, 8, None, None, False)]
    assert [every.panel.days.tolist().index(day) for day in days] == list(range(104, 140, 5))


def test_a_symbol_with_a_gap_has_no_place_on_the_graph(session_of):
    closes = np.cumprod(1 + np.random.default_rng(13).normal(0, 0.01, (90, 3)), axis=0)
    closes[40, 1] = np.nan
    session = session_of({"XLK": closes[:, 0], "XLF": closes[:, 1], "^GSPC": closes[:, 2]})
    table = session.call("ROT_RRG", [["XLK"], ["XLF"]], None, None, None, False)
    assert [cell is CellError.NA for cell in table[1][2:]] == [True] * 3
    assert CellError.NA not in table[0]


def test_persistence_needs_the_ends_of_all_windows_and_three_sectors(session_of):
    rng = np.random.default_rng(14)
    closes = dict(zip(SECTORS, np.cumprod(1 + rng.normal(0, 0.01, (11, 11)), axis=0).T, strict=True))
    assert isinstance(session_of(closes).call("ROT_PERSISTENCE", "5D", 1), float)  # two windows of five, and a base
    assert (
        session_of({name: path[1:] for name, path in closes.items()}).call("ROT_PERSISTENCE", "5D", 1) is CellError.NA
    )
    three = {name: closes[name] for name in SECTORS[:3]}
    assert isinstance(session_of(three).call("ROT_PERSISTENCE", "5D", 1), float)
    assert session_of({name: closes[name] for name in SECTORS[:2]}).call("ROT_PERSISTENCE", "5D", 1) is CellError.NA
    inside, at_end = closes["XLK"].copy(), closes["XLK"].copy()
    inside[3], at_end[5] = np.nan, np.nan
    kept = session_of({**three, "XLK": inside}).call("ROT_PERSISTENCE", "5D", 1)
    assert kept == session_of(three).call("ROT_PERSISTENCE", "5D", 1)  # only the ends of windows enter
    assert session_of({**three, "XLK": at_end}).call("ROT_PERSISTENCE", "5D", 1) is CellError.NA


def test_persistence_by_hand(session_of):
    # Three sectors over three windows of one session: ranks 1 2 3, then 1 3 2, then 3 1 2. Spearman's coefficient is
    # 1 - 6 sum(d^2) / (n (n^2 - 1)): 1 - 12 / 24 = 0.5 and, of 1 3 2 against 3 1 2, 1 - 6 x 8 / 24 = -1.
    steps = np.array([[0.01, 0.02, 0.03], [0.01, 0.03, 0.02], [0.03, 0.01, 0.02]])
    closes = 100 * np.cumprod(np.vstack([np.ones(3), 1 + steps]), axis=0)
    session = session_of(dict(zip(SECTORS[:3], closes.T, strict=True)))
    assert session.call("ROT_PERSISTENCE", "1D", 2) == pytest.approx(-0.25)
    assert session.call("ROT_PERSISTENCE", "1D", 1) == pytest.approx(-1.0)


def moved(session_of, change, market=0.0):
    """A symbol and the S&P 500 whose daily returns were 1 % up and down, and then *change* in one session."""
    steps = np.tile([0.01, -0.01], 150)
    flat = 100 * np.cumprod(1 + steps)
    a, b = np.append(flat, flat[-1] * (1 + change)), np.append(flat, flat[-1] * (1 + market))
    return session_of({"GLD": a, "^GSPC": b, "XLF": a, "IWM": a, "HYG": a})


# The deviation of the last 252 daily returns, the last among them, is 1 % for small moves; one session's own is that.
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (0.0, "little changed"),
        (0.0024, "little changed"),
        (-0.0024, "little changed"),
        (0.0026, "modest gain"),
        (-0.0026, "modest loss"),
        (0.0099, "modest gain"),
        (-0.0099, "modest loss"),
        (0.0102, "strong gain"),
        (-0.0102, "sharp loss"),
    ],
)
def test_words_of_a_move_by_its_size_in_deviations(session_of, change, words):
    session = moved(session_of, change, change)
    assert session.call("ROT_INTERPRET", "GLD", "1D") == f"precious metal: {words}, in line with the S&P 500"
    assert session.call("ROT_INTERPRET", "SPX", "1D") == words


def test_words_of_a_move_against_the_market(session_of):
    for change, words in (
        (0.0099, "in line with the S&P 500"),
        (-0.0099, "in line with the S&P 500"),
        (0.0101, "1.0 pp ahead of the S&P 500"),
        (-0.0101, "1.0 pp behind the S&P 500"),
        (-0.0306, "3.1 pp behind the S&P 500"),
    ):
        assert moved(session_of, change).call("ROT_INTERPRET", "XLF", "1D").endswith(words)
    session = moved(session_of, 0.02)
    assert session.call("ROT_INTERPRET", "XLF", "1D") == "cyclical: strong gain, 2.0 pp ahead of the S&P 500"
    assert session.call("ROT_INTERPRET", "IWM", "1D", None, "zh") == "小盘股：强劲上涨，跑赢标普500 2.0个百分点"
    assert session.call("ROT_INTERPRET", "HYG", "1D") == "strong gain, 2.0 pp ahead of the S&P 500"
    behind = moved(session_of, -0.02)
    assert behind.call("ROT_INTERPRET", "IWM", "1D", None, "zh") == "小盘股：大幅下跌，跑输标普500 2.0个百分点"
    assert moved(session_of, 0.001).call("ROT_INTERPRET", "IWM", "1D", None, "zh") == "小盘股：基本持平，与标普500同步"


def test_the_deviation_of_a_longer_window_grows_with_the_root_of_its_sessions(session_of):
    # Four sessions of 1 % each: 4.06 % against 2 %, and against the 1 % of one session.
    steps = np.concatenate([np.tile([0.01, -0.01], 150), [0.005] * 3])
    session = session_of({"GLD": 100 * np.cumprod(1 + steps), "^GSPC": np.full(303, 100.0)})
    # Three sessions gain 1.51 %: 0.87 of 1 % x sqrt(3), but 1.5 of a single session's deviation.
    assert session.call("ROT_INTERPRET", "GLD", "3D").startswith("precious metal: modest gain, 1.5 pp ahead")


def test_a_price_that_stands_still_is_little_changed_and_one_that_never_moved_before_moves_strongly(session_of):
    session = session_of(
        {"GLD": [100.0] * 5, "SLV": [100.0] * 4 + [100.01], "TLT": [100.0, 100.01], "QQQ": [100.0, 110, 132]}
    )
    assert session.call("ROT_INTERPRET", "GLD", "1D") == "precious metal: little changed"  # nothing to compare with
    assert session.call("ROT_INTERPRET", "TLT", "1D") == "strong gain"  # one return has no deviation
    # Two returns of 10 and 20 % deviate by 7.07 %: over two sessions by 10 %, and the 32 % are a strong gain.
    assert session.call("ROT_INTERPRET", "QQQ", "1D") == "technology: strong gain"
    assert session.call("ROT_INTERPRET", "QQQ", "2D") == "technology: strong gain"
    assert interpret.daily_deviation(np.array([100.0, 110.0, 132.0])) == pytest.approx(0.1 / 2**0.5)
    assert interpret.daily_deviation(np.array([100.0, 110.0])) == 0.0
    assert interpret.daily_deviation(np.array([100.0, 110.0, np.nan, 132.0, 145.2])) == pytest.approx(0.0)
    assert interpret.sentence("TLT", 0.0, 0.0, np.nan, "en") == "little changed"
    assert interpret.sentence("TLT", -0.25, 1.0, np.nan, "en") == "modest loss"  # a quarter itself is no longer flat
    assert interpret.sentence("TLT", 1.0, 1.0, 0.01, "en") == "strong gain, 1.0 pp ahead of the S&P 500"
    assert interpret.sentence("TLT", 1.0, 0.0, -0.01, "en") == "strong gain, 1.0 pp behind the S&P 500"


def test_the_deviation_is_that_of_the_last_year(session_of):
    # 253 closes hold 252 returns of 1 % up and down; a fall by half just before them does not count.
    quiet = 100 * np.cumprod(np.append(1.0, 1 + np.tile([0.01, -0.01], 126)))
    session = session_of({"GLD": np.append(200.0, quiet), "SLV": np.append(200.0, quiet[1:])})
    assert session.call("ROT_INTERPRET", "GLD", "1D") == "precious metal: modest loss"  # 1 % against 1.002 %
    assert session.call("ROT_INTERPRET", "SLV", "1D") == "precious metal: modest loss"
    assert session.call("ROT_INTERPRET", "SLV", "2D") == "precious metal: little changed"


@pytest.mark.parametrize("dates", ["2026-02-12", [["2026-02-12"]]])
def test_persistence_reads_no_more_than_its_windows(sample, dates, monkeypatch):
    """One date alone and a column of them need the same rows: damage to older ones stops neither."""
    asked = []
    original = Market.closes
    monkeypatch.setattr(
        Market,
        "closes",
        lambda self, *given, first=0: asked.append(self.end - first) or original(self, *given, first=first),
    )
    sample.call("ROT_PERSISTENCE", "5D", 4, dates)
    assert asked == [26]
