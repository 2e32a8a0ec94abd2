import numpy as np
import pytest

from xlrotation.errors import CellError
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
    assert session.call("ROT_INTERPRET", "纳斯达克", 20, None, "zh").startswith("科技类:大幅下跌")
