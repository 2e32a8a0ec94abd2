"""Moves beyond the bounds, as a store has them: held back, told, and the reason of the formula."""

from __future__ import annotations

import pytest

from tests.market.files.made import asked, closes, put, sessions, table, told, walk
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.xlr.status import summary
from xlrotation.market import quarantine
from xlrotation.market.providers.folder import source

DAYS = sessions("2024-05-01", "2024-08-30")
SPLIT = "2024-06-10"
WALK = walk(DAYS)


def with_one(at, factor):
    return [round(value * factor, 4) if n == at else value for n, value in enumerate(WALK)]


@pytest.mark.parametrize("factor", [0.1, 10.0, 100.0, 0.01, 1.5, 0.5])
@pytest.mark.parametrize("at", [1, 40, len(DAYS) - 1])
def test_a_spike(tmp_path, factor, at):
    put(tmp_path, p__csv=table("Date,AAA,BBB", "{d},{c},{h}", DAYS, with_one(at, factor)))
    kept = closes(tmp_path, "AAA")
    assert DAYS[at] not in kept
    if at > 1:
        assert kept == {day: value for n, (day, value) in enumerate(zip(DAYS, WALK, strict=True)) if n != at}
    answer, reason = asked(tmp_path, "PX_CLOSE", "AAA", DAYS[at])
    assert str(answer) == "#N/A"
    assert "it is held back: close" in reason
    assert "without a split; the bound of a stock is 40%" in reason
    assert f"p.csv: AAA {DAYS[at]}: close" in told(tmp_path)


def test_a_split_that_nobody_states(tmp_path):
    """What follows is on another count of shares, however long it stays there."""
    path = walk(DAYS, 860.0, 3, SPLIT)
    put(tmp_path, NVDA__csv=table("Date,Close", "{d},{c}", DAYS, path))
    assert max(closes(tmp_path, "NVDA")) < SPLIT
    for call in (("PX_RET", "NVDA", "1D", SPLIT), ("PX_RET", "NVDA", "1M", "2024-06-28"), ("PX_RET", "NVDA", "1D")):
        answer, _ = asked(tmp_path, *call)
        assert str(answer) == "#N/A" or "2024-06-07" in str(source.load(tmp_path).last)
    assert "it looks like a split of 10 for 1 that the provider does not state; held back" in told(tmp_path)


def test_a_crash_that_stays_costs_its_day(tmp_path):
    at = DAYS.index(SPLIT)
    path = [value * 0.45 if n >= at else value for n, value in enumerate(WALK)]
    put(tmp_path, p__csv=table("Date,AAA", "{d},{c}", DAYS, path))
    assert len(closes(tmp_path, "AAA")) == len(DAYS) - 1
    assert "the days after it are stored, because the price stayed there" in told(tmp_path)


@pytest.mark.parametrize(("symbol", "held"), [("^VIX", False), ("^GSPC", True), ("AAA", True)])
def test_each_kind_has_its_bound(tmp_path, symbol, held):
    put(tmp_path, **{f"{symbol}.csv": table("Date,Close", "{d},{c}", DAYS, with_one(40, 1.45))})
    assert (DAYS[40] not in closes(tmp_path, symbol)) is held


def test_the_status_tells(tmp_path):
    put(tmp_path, p__csv=table("Date,AAA", "{d},{c}", DAYS, with_one(40, 100.0)))
    session = Session(f"folder:{tmp_path}", lang="en")
    items = dict(summary(session.panel, "en"))
    assert str(items["quarantined"]).startswith(f"1 symbols; AAA {DAYS[40]}: close")
    assert "correct the file, or state the split" in str(items["quarantined"])
    (reading,) = session.panel.readings
    assert any("held back" in refused.reason for refused in reading.refused)


def test_bars_that_contradict_themselves(tmp_path):
    text = table("Date,Open,High,Low,Close", "{d},{o},{h},{l},{c}", DAYS, WALK)
    lines = text.splitlines()
    day, opened, high, low, close = lines[20].split(",")
    lines[20] = ",".join((day, opened, low, high, close))
    lines[30] = lines[30].rpartition(",")[0] + f",{float(close) * 1.1:.2f}"
    put(tmp_path, AAA__csv="\n".join(lines) + "\n")
    panel = source.load(tmp_path)
    assert str(panel.fields["high"][19, 0]) == "nan"
    assert panel.fields["close"][19, 0] == float(close)
    assert str(panel.fields["close"][29, 0]) == "nan"
    assert "1 highs below their lows" in told(tmp_path)
    assert "1 closes outside high and low" in told(tmp_path)


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [("^TNX", "yield"), ("^DSPX", "floored index"), ("CL=F", "spread"), ("^VIX", "volatility index"), ("SPY", "stock")],
)
def test_kinds(symbol, kind):
    assert quarantine.kind(symbol) == kind


class TestSlips:
    """What looks like a slip in a sound table is told, or left out."""

    TEXT = table("Date,AAA,BBB", "{d},{c},{h}", DAYS, WALK)

    @pytest.mark.parametrize("other", ["2014-06-10", "2024-06-28", "2025-06-10", "2024-05-02"])
    def test_a_date_out_of_its_order(self, tmp_path, other):
        put(tmp_path, p__csv=self.TEXT.replace("2024-06-10,", f"{other},"))
        found = closes(tmp_path, "AAA")
        truth = dict(zip(DAYS, WALK, strict=True))
        assert found == {day: value for day, value in truth.items() if day != "2024-06-10"}
        assert f"is dated {other} between 2024-06-07 and 2024-06-11; the row is left out" in told(tmp_path)

    def test_newest_first_and_by_symbol(self, tmp_path):
        rows = "".join(f"{d},{s},{v}\n" for d, v in list(zip(DAYS, WALK, strict=True))[::-1] for s in ("AAA", "BBB"))
        put(tmp_path, l__csv="date,ticker,close\n" + rows.replace("2024-06-10,AAA", "2022-06-10,AAA"))
        assert min(closes(tmp_path, "AAA")) == DAYS[0]
        assert SPLIT in closes(tmp_path, "BBB")

    def test_chunks_in_any_order_are_all_taken(self, tmp_path):
        lines = self.TEXT.splitlines()
        put(tmp_path, p__csv="\n".join([lines[0], *lines[50:], *lines[20:50], *lines[1:20], ""]))
        assert closes(tmp_path, "AAA") == dict(zip(DAYS, WALK, strict=True))
        assert told(tmp_path) == ""

    def test_a_last_row_far_away(self, tmp_path):
        put(tmp_path, p__csv=self.TEXT + "2026-01-13,100,101\n")
        assert "is dated 2026-01-13, 501 days away from the row beside it" in told(tmp_path)

    def test_a_close_that_stands_alone(self, tmp_path):
        put(tmp_path, p__csv=table("Date,AAA", "{d},{c}", DAYS, with_one(60, 1.12)))
        assert f"AAA {DAYS[60]}: close" in told(tmp_path)
        assert "look whether it is right" in told(tmp_path)

    def test_a_slip_of_a_name(self, tmp_path):
        rows = "".join(f"{d},{s},{v}\n" for d, v in zip(DAYS, WALK, strict=True) for s in ("AAA", "BBB"))
        put(tmp_path, l__csv="date,ticker,close\n" + rows.replace("2024-06-10,AAA", "2024-06-10,AAB"))
        assert "l.csv: AAB stand in hardly a row" in told(tmp_path)


class TestWeights:
    HEAD = "date,ticker,weight_pct\n"

    def read(self, path, text):
        put(path, p__csv=table("Date,AAPL,MSFT", "{d},{c},{h}", DAYS, WALK), weights__csv=self.HEAD + text)
        panel = source.load(path)
        return panel.weights["SP500"][1].tolist(), "\n".join(panel.remarks)

    def test_twice_and_differently(self, tmp_path):
        found, remarks = self.read(tmp_path, "2024-06-10,AAPL,60\n2024-06-10,MSFT,30\n2024-06-10,AAPL,6\n")
        assert str(found) == "[[nan, 0.3]]"
        assert "weights.csv, row 2: the weight 60 stands there twice and differently; left out" in remarks

    def test_more_than_all(self, tmp_path):
        found, remarks = self.read(tmp_path, "2024-06-10,AAPL,60\n2024-06-10,MSFT,300\n")
        assert found == [[0.6, 3.0]]
        assert "1 days whose weights sum to more than 102% (first 2024-06-10)" in remarks

    def test_less_than_all(self, tmp_path):
        found, remarks = self.read(
            tmp_path, "2024-06-10,AAPL,60\n2024-06-10,MSFT,29\n2024-06-11,AAPL,60\n2024-06-11,MSFT,40\n"
        )
        assert found == [[0.6, 0.29], [0.6, 0.4]]
        assert remarks == "weights.csv: 1 days whose weights sum to less than 90% (first 2024-06-10)"

    def test_twice_and_the_same(self, tmp_path):
        found, remarks = self.read(tmp_path, "2024-06-10,AAPL,45\n2024-06-10,MSFT,50\n2024-06-10,AAPL,45\n")
        assert found == [[0.45, 0.5]]
        assert remarks == "weights.csv: 1 weights stand there twice with the same value, counted once (row 4)"

    def test_below_zero(self, tmp_path):
        found, remarks = self.read(tmp_path, "2024-06-10,AAPL,60\n2024-06-10,MSFT,-30\n")
        assert str(found) == "[[0.6, nan]]"
        assert "the weight -30 is below 0; left out" in remarks


@pytest.mark.parametrize("rows", [2, 2000])
def test_a_chain_that_states_several_prices_of_its_underlying(tmp_path, rows):
    head = "quote_date,underlying,expiration,strike,type,bid,ask,spot_price"
    form = "2026-02-13,SPY,2026-03-20,{},call,1.10,1.30,{}"
    lines = [form.format(600 + n / 10, 681.75 if n < rows - 1 else 691.75) for n in range(rows)]
    put(tmp_path, SPY__csv=table("Date,Close", "{d},{c}"), chain__csv="\n".join([head, *lines, ""]))
    remark = (
        "chain.csv: the chain of SPY of 2026-02-13 states prices of its underlying from 681.75 to 691.75; the first one"
    )
    assert "\n".join(source.load(tmp_path).remarks) == f"{remark}, 681.75, is used"
    put(tmp_path, chain__csv="\n".join([head, *lines, ""]).replace("691.75", "681.95"))
    assert source.load(tmp_path).remarks == ()
