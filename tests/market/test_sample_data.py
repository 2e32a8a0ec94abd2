"""The stored sample itself, read with nothing but numpy: figures, calendar, bars, and how it was built."""

import csv
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
with np.load(ROOT / "xlrotation" / "market" / "data" / "sample.npz") as _stored:
    DATA = {name: _stored[name] for name in _stored.files}
SYMBOLS = DATA["symbols"].tolist()
DAYS = DATA["sessions"].astype("datetime64[D]")
ROWS = {str(day): row for row, day in enumerate(DAYS)}
with (ROOT / "tools" / "sample" / "anchors.csv").open(encoding="utf-8", newline="") as _file:
    ANCHORS = list(csv.DictReader(_file))


def prices(symbol, field="close"):
    """Prices adjusted for splits."""
    column = SYMBOLS.index(symbol)
    adjusted = DATA[field][:, column] / float(DATA["scale"])
    for row, split_column, ratio in zip(DATA["split_row"], DATA["split_column"], DATA["split_value"], strict=True):
        if split_column == column:
            adjusted[:row] /= ratio
    return adjusted


def change(symbol, base, day):
    close = prices(symbol)
    return 100 * (close[ROWS[day]] / close[ROWS[base]] - 1)


def streaks(leader, other):
    """Lengths of the runs of sessions on which *leader* did better, by session."""
    better = prices(leader)[1:] / prices(leader)[:-1] > prices(other)[1:] / prices(other)[:-1]
    lengths = [0]
    for won in better:
        lengths.append(lengths[-1] + 1 if won else 0)
    return lengths


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda a: f"{a['symbol']} {a['kind']} {a['base_date']} {a['date']}")
def test_anchor_holds_at_its_rounding(anchor):
    symbol, row, value = anchor["symbol"], ROWS[anchor["date"]], float(anchor["value"])
    half = 0.5 * 10.0 ** -len(anchor["value"].partition(".")[2])
    close = prices(symbol)
    match anchor["kind"]:
        case "close":
            assert round(close[row], 2) == value
        case "open":
            assert round(prices(symbol, "open")[row], 2) == value
        case "open_to_close":
            assert abs(100 * (close[row] / prices(symbol, "open")[row] - 1) - value) <= half
        case "return":
            assert abs(change(symbol, anchor["base_date"], anchor["date"]) - value) <= half
        case kind:
            window = int(kind.removeprefix("sma"))
            assert round(close[row - window + 1 : row + 1].mean(), 2) == value


def test_no_figure_is_stated_twice():
    keys = [(a["symbol"], a["kind"], a["base_date"], a["date"]) for a in ANCHORS]
    assert len(set(keys)) == len(keys)
    assert all(a["source"] for a in ANCHORS)


def test_streak_of_january_2026():
    lengths = streaks("^RUT", "^GSPC")
    expected = {"2026-01-14": 9, "2026-01-16": 11, "2026-01-21": 13, "2026-01-22": 14, "2026-01-23": 0, "2026-02-06": 1}
    assert {day: lengths[ROWS[day]] for day in expected} == expected
    assert [str(DAYS[row]) for row, length in enumerate(lengths) if length >= 14] == ["2026-01-22"]


def test_sectors_of_2026_01_16():
    moves = {s: change(s, "2026-01-15", "2026-01-16") for s in SYMBOLS if s.startswith("XL") and s != "XLG"}
    assert len(moves) == 11
    assert max(moves, key=moves.get) == "XLI"
    assert min(moves, key=moves.get) == "XLU"
    assert round(max(moves.values()) - min(moves.values()), 2) == pytest.approx(3.35, abs=0.0101)


def test_the_seven_and_two_market_values():
    seven = ("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA")
    assert np.mean([change(s, "2025-12-31", "2026-01-14") for s in seven]) == pytest.approx(-1.49, abs=0.005)
    assert np.mean([change(s, "2025-12-31", "2026-01-16") for s in seven]) == pytest.approx(-1.54, abs=0.005)
    lost = {}
    for symbol in ("AMZN", "MSFT"):
        close = prices(symbol)
        fall = close[ROWS["2026-02-06"]] - close[ROWS["2026-01-13"]]
        lost[symbol] = fall * DATA["shares"][SYMBOLS.index(symbol)] / 1e9
    assert lost["MSFT"] == pytest.approx(-517, abs=1)
    assert lost["AMZN"] == pytest.approx(-345, abs=1)


def test_volatility_indices():
    vix, vvix, vixeq = prices("^VIX"), prices("^VVIX"), prices("^VIXEQ")
    np.testing.assert_allclose(np.sqrt(vixeq**2 - vix**2), prices("^DSPX"), atol=0.005001)
    of_2025 = (np.datetime64("2025-01-01") <= DAYS) & (np.datetime64("2026-01-01") > DAYS)
    assert str(DAYS[of_2025][vix[of_2025].argmax()]) == "2025-04-08"
    november = slice(ROWS["2025-11-03"], ROWS["2025-11-28"] + 1)
    above = [str(day) for day in DAYS[november][vvix[november] > 110]]
    assert above == ["2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20", "2025-11-21"]
    assert vvix[november].min() == vvix[ROWS["2025-11-10"]]
    moves = np.diff(np.log([vix, vvix, prices("^COR1M"), prices("^GSPC")]), axis=1)
    correlation = np.corrcoef(moves)
    assert (correlation[0, 1:3] > 0.3).all()
    assert (correlation[:3, 3] < -0.2).all()


def test_levels_that_were_records():
    dow, nvidia = prices("^DJI"), prices("NVDA")
    assert str(DAYS[(dow > 50_000).argmax()]) == "2026-02-06"
    row = ROWS["2025-11-21"]
    assert 100 * (nvidia[row] / nvidia[: row + 1].max() - 1) == pytest.approx(-13.6, abs=0.05)


def test_the_split_is_in_the_traded_prices():
    column, row = SYMBOLS.index("NVDA"), ROWS["2024-06-10"]
    assert DATA["split_row"].tolist() == [row]
    assert DATA["split_column"].tolist() == [column]
    assert DATA["split_value"].tolist() == [10.0]
    assert DATA["close"][row - 1, column] / DATA["close"][row, column] == pytest.approx(10, rel=0.1)
    assert np.abs(np.diff(np.log(prices("NVDA")))).max() < 0.15


@pytest.mark.filterwarnings("ignore")  # of that library itself
def test_calendar_has_no_gaps():
    exchange = pytest.importorskip("exchange_calendars")
    sessions = exchange.get_calendar("XNYS").sessions_in_range("2023-01-03", "2026-02-13")
    np.testing.assert_array_equal(DAYS, sessions.to_numpy().astype("datetime64[D]"))


def test_bars_are_sound():
    opening, high, low, close = (DATA[name] for name in ("open", "high", "low", "close"))
    assert opening.shape == (len(DAYS), len(SYMBOLS))
    assert (low > 0).all()
    assert (high >= np.maximum(opening, close)).all()
    assert (low <= np.minimum(opening, close)).all()
    assert len(set(SYMBOLS)) == len(SYMBOLS)
    index = np.array([symbol.startswith("^") for symbol in SYMBOLS])
    assert (DATA["volume"][:, ~index] > 0).all()
    assert np.isnan(DATA["shares"][index]).all()


def test_it_is_what_the_script_builds_and_a_symbol_less_changes_no_other(tmp_path):
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:3]\n"
        "import build_sample\n"
        "build_sample.TARGET = Path(sys.argv[3], 'whole.npz'); build_sample.main()\n"
        "del build_sample.STOCKS['AAPL']\n"
        "build_sample.TARGET = Path(sys.argv[3], 'less.npz'); build_sample.main()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(ROOT / "tools"), str(ROOT), str(tmp_path)], check=True)
    with np.load(tmp_path / "whole.npz") as whole, np.load(tmp_path / "less.npz") as less:
        assert whole.files == list(DATA)
        for name in whole.files:
            np.testing.assert_array_equal(whole[name], DATA[name])
        assert [s for s in SYMBOLS if s != "AAPL"] == less["symbols"].tolist()
        for name in ("open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(np.delete(DATA[name], SYMBOLS.index("AAPL"), axis=1), less[name])


def test_streaks_elsewhere_are_those_of_a_market():
    lengths = streaks("^RUT", "^GSPC")
    ends = [a for a, b in pairwise([*lengths, 0]) if a and not b]
    assert 1.5 < np.mean(ends) < 2.5
