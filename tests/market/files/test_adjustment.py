"""What the closes of a file are: found on the jump at each split, and on the ticks beside dividends.

The split is NVIDIA's of 2024-06-10, 10 for 1: 1208.88 before it, 121.79 after it, a return of 0.74 %.
"""

from __future__ import annotations

import pytest

from tests.market.files.made import asked, put, sessions, told, walk
from xlrotation.market.providers.folder import source

DAYS = sessions("2024-05-01", "2024-08-30")
SPLIT = "2024-06-10"
AT = DAYS.index(SPLIT)
RAW = walk(DAYS, 860.0, 3, SPLIT)
ADJUSTED = [value / 10 if i < AT else value for i, value in enumerate(RAW)]
RETURN = RAW[AT] * 10 / RAW[AT - 1] - 1
PAID = {"2024-06-11": 0.4, "2024-07-15": 0.5, "2024-08-15": 0.5}


def history(closes: list[float], paid: dict[str, float] | None = None, splits: bool = True) -> str:
    """As yfinance's ``history()`` is saved."""
    head = "Date,Open,High,Low,Close,Volume,Dividends" + (",Stock Splits" if splits else "")
    rows = [
        f"{day} 00:00:00-04:00,{c},{c * 1.01},{c * 0.99},{c},100,{(paid or {}).get(day, 0.0)}"
        + (f",{10.0 if day == SPLIT else 0.0}" if splits else "")
        for day, c in zip(DAYS, closes, strict=True)
    ]
    return "\n".join([head, *rows, ""])


@pytest.mark.parametrize(("closes", "kind"), [(ADJUSTED, "adjusted for splits"), (RAW, "as traded")])
def test_a_split_is_applied_once(tmp_path, closes, kind):
    put(tmp_path, NVDA__csv=history(closes))
    for basis in ("price", "total"):
        assert asked(tmp_path, "PX_RET", "NVDA", "1D", SPLIT, basis)[0] == pytest.approx(RETURN)
    panel = source.load(tmp_path)
    assert panel.provenance["NVDA"].adjusted.startswith(kind)
    assert panel.provenance["NVDA"].as_traded is (closes is RAW)
    assert "the split of 10 for 1 on 2024-06-10" in panel.provenance["NVDA"].adjusted


def test_nvidia(tmp_path):
    days = sessions("2024-06-03", "2024-06-14")
    closes = [115.0, 116.437, 122.44, 120.998, 120.888, 121.79, 120.91, 125.2, 129.61, 131.88]
    rows = [
        f"{d},{c},100,{0.01 if d == '2024-06-11' else 0.0},{10.0 if d == SPLIT else 0.0}"
        for d, c in zip(days, closes, strict=True)
    ]
    put(tmp_path, NVDA__csv="\n".join(["Date,Close,Volume,Dividends,Stock Splits", *rows, ""]))
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", SPLIT)[0] == pytest.approx(0.00746, abs=5e-5)


def test_a_split_with_nothing_before_it_changes_nothing(tmp_path):
    rows = [f"{d},{a},{4.0 if n == 0 else 0.0}" for n, (d, a) in enumerate(zip(DAYS, ADJUSTED, strict=True))]
    put(tmp_path, NVDA__csv="\n".join(["Date,Close,Stock Splits", *rows, ""]))
    assert told(tmp_path) == ""
    assert asked(tmp_path, "PX_CLOSE", "NVDA", DAYS[5])[0] == ADJUSTED[5]


def test_what_cannot_be_told_is_not_applied(tmp_path):
    """Closes that fall by a third at a split of 10 for 1 are neither."""
    third = [value * 3.3 if i < AT else value for i, value in enumerate(ADJUSTED)]
    put(tmp_path, NVDA__csv=history(third))
    assert "cannot be told (10 for 1 on 2024-06-10); the file's splits are not applied" in told(tmp_path)
    answer, reason = asked(tmp_path, "PX_RET", "NVDA", "1D", SPLIT)
    assert str(answer) == "#N/A"
    assert "held back" in reason


def test_closes_that_change_what_they_are(tmp_path):
    """Two splits, of which only the later one is taken out."""
    later = "2024-07-22"
    at = DAYS.index(later)
    raw = [value / 4 if i >= at else value for i, value in enumerate(RAW)]
    half = [value / 4 if i < at else value for i, value in enumerate(raw)]
    text = history(half).replace(f"{later} 00:00", "X").splitlines()
    text = [line[1:].join((f"{later} 00:00", "")) if line.startswith("X") else line for line in text]
    text = [line.rpartition(",")[0] + ",4.0" if line.startswith(later) else line for line in text]
    put(tmp_path, NVDA__csv="\n".join(text) + "\n")
    assert "as traded at some of its splits and adjusted at others" in told(tmp_path)


@pytest.mark.parametrize("head", ["Adjusted_close", "adjusted_close", "5. adjusted close", "Adj Close", "adjClose"])
def test_adjusted_closes_tell_of_splits(tmp_path, head):
    """EODHD, Alpha Vantage, Yahoo, Tiingo."""
    rows = [f"{d},{r},{r},{r},{r},{a},1" for d, r, a in zip(DAYS, RAW, ADJUSTED, strict=True)]
    put(tmp_path, NVDA__csv="\n".join([f"Date,Open,High,Low,Close,{head},Volume", *rows, ""]))
    for basis in ("price", "total"):
        assert asked(tmp_path, "PX_RET", "NVDA", "1D", SPLIT, basis)[0] == pytest.approx(RETURN)
    assert "splits that the adjusted closes tell of are applied: 10 for 1 on 2024-06-10" in told(tmp_path)


@pytest.mark.parametrize("at", [20, len(DAYS) - 1])
@pytest.mark.parametrize("factor", [0.1, 1.3, 10.0])
def test_one_wrong_adjusted_close(tmp_path, at, factor):
    wrong = [value * factor if n == at else value for n, value in enumerate(ADJUSTED)]
    rows = [f"{d},{r},{a}" for d, r, a in zip(DAYS, ADJUSTED, wrong, strict=True)]
    put(tmp_path, NVDA__csv="\n".join(["Date,Close,Adj Close", *rows, ""]))
    for day in DAYS[at : at + 2]:
        i = DAYS.index(day)
        answer, _ = asked(tmp_path, "PX_RET", "NVDA", "1D", day, "total")
        assert answer == pytest.approx(ADJUSTED[i] / ADJUSTED[i - 1] - 1)
    assert "adjusted closes that part from their closes left out" in told(tmp_path)


@pytest.mark.parametrize("amount", [-0.5, 50.0, 1000.0])
def test_a_dividend_that_can_be_none(tmp_path, amount):
    put(tmp_path, NVDA__csv=history(ADJUSTED, {**PAID, "2024-07-30": amount}))
    i = DAYS.index("2024-07-30")
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", DAYS[i], "total")[0] == pytest.approx(
        ADJUSTED[i] / ADJUSTED[i - 1] - 1
    )
    assert "1 dividends that can be none are left out" in told(tmp_path)


def test_how_each_file_was_read_says_what_its_closes_are(tmp_path):
    put(tmp_path, NVDA__csv=history(ADJUSTED))
    (reading,) = source.load(tmp_path).readings
    assert reading.adjustment == {"NVDA": "split-adjusted"}
    assert reading.found_by["NVDA"] == "the closes around the split of 10 for 1 on 2024-06-10"


def test_one_wrong_close_beside_adjusted_ones_is_no_split(tmp_path):
    closes = [value / 10 if day == "2024-08-30" else value for day, value in zip(DAYS, ADJUSTED, strict=True)]
    rows = [f"{d},{r},{a}" for d, r, a in zip(DAYS, closes, ADJUSTED, strict=True)]
    put(tmp_path, NVDA__csv="\n".join(["Date,Close,Adj Close", *rows, ""]))
    assert str(asked(tmp_path, "PX_RET", "NVDA", "1D", "2024-08-30")[0]) == "#N/A"


def test_dividends_taken_out_of_the_closes_are_put_back(tmp_path):
    """What ``history()`` gives by default: closes without their dividends, and the dividends beside them."""
    left, full = 1.0, [0.0] * len(DAYS)
    for i in range(len(DAYS) - 1, -1, -1):
        full[i] = ADJUSTED[i] * left
        if DAYS[i] in PAID:
            left *= 1 - PAID[DAYS[i]] / ADJUSTED[i - 1]
    put(tmp_path, NVDA__csv=history(full, PAID))
    i = DAYS.index("2024-07-15")
    assert asked(tmp_path, "PX_CLOSE", "NVDA", "2024-06-20")[0] == pytest.approx(ADJUSTED[DAYS.index("2024-06-20")])
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", DAYS[i])[0] == pytest.approx(ADJUSTED[i] / ADJUSTED[i - 1] - 1)
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", DAYS[i], "total")[0] == pytest.approx(full[i] / full[i - 1] - 1)


@pytest.mark.parametrize("closes", [RAW, ADJUSTED], ids=["raw", "adjusted"])
def test_dividends_beside_what_was_traded_count_once(tmp_path, closes):
    put(tmp_path, NVDA__csv=history(closes, PAID))
    i = DAYS.index("2024-07-15")
    expected = (ADJUSTED[i] + PAID[DAYS[i]]) / ADJUSTED[i - 1] - 1
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", DAYS[i], "total")[0] == pytest.approx(expected)


def test_dividends_of_then_beside_closes_of_now(tmp_path):
    paid = {"2024-05-15": 5.0, "2024-07-15": 0.5}
    put(tmp_path, NVDA__csv=history(ADJUSTED, paid))
    i = DAYS.index("2024-05-15")
    expected = (ADJUSTED[i] + 0.5) / ADJUSTED[i - 1] - 1
    assert asked(tmp_path, "PX_RET", "NVDA", "1D", DAYS[i], "total")[0] == pytest.approx(expected)
    assert "its dividends are as traded and its closes are split-adjusted" in told(tmp_path)


def test_dividends_beside_closes_that_tell_nothing_are_not_applied(tmp_path):
    odd = [value * 0.987654321 for value in ADJUSTED]
    put(tmp_path, NVDA__csv=history(odd, PAID))
    assert "whether its closes are adjusted for the dividends beside them cannot be told" in told(tmp_path)
    answer, reason = asked(tmp_path, "PX_RET", "NVDA", "1D", "2024-07-15", "total")
    assert str(answer) == "#N/A"
    assert "neither dividends nor adjusted closes" in reason


def test_total_return_without_dividends_is_not_the_price_return(tmp_path):
    rows = [f"{d},{a},{a}" for d, a in zip(DAYS, ADJUSTED, strict=True)]
    put(tmp_path, wide__csv="\n".join(["Date,AAA,BBB", *rows, ""]))
    assert asked(tmp_path, "PX_RET", "AAA", "1D")[0] == pytest.approx(ADJUSTED[-1] / ADJUSTED[-2] - 1)
    for call in (("PX_RET", "AAA", "1D", None, "total"), ("PX_CLOSE", "AAA", None, "total")):
        answer, reason = asked(tmp_path, *call)
        assert str(answer) == "#N/A"
        assert "the data hold neither dividends nor adjusted closes of AAA" in reason


def test_closes_that_their_title_calls_adjusted(tmp_path):
    """As 通达信 writes it."""
    rows = [f"{d.replace('-', '/')}\t{c}\t{c}\t{c}\t{c}" for d, c in zip(DAYS, ADJUSTED, strict=True)]
    text = "\n".join(["600519 贵州茅台 日线 前复权", "日期\t开盘\t最高\t最低\t收盘", *rows, "#数据来源:通达信", ""])
    put(tmp_path, **{"SH#600519__txt": text.encode("gbk")})
    panel = source.load(tmp_path)
    assert panel.provenance["600519.SH"].adjusted.startswith("adjusted for splits and dividends")
    assert any("adjusted for dividends, too" in remark for remark in panel.remarks)
