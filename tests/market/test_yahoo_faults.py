"""Sequences of faults, drawn by seed, through the real yfinance client: the store stays whole and true.

The truth about a few symbols is known (prices as traded, splits, dividends). Some refreshes with random faults follow
one another, sometimes sessions apart, then a clean one. After each refresh every stored value must be the truth, every
value that was stored before must still be there, and of every symbol and session that did not come a line must tell
what to do.
"""

from __future__ import annotations

import datetime as dt
import random
import re

import numpy as np
import pytest

from tests.market.answers import DAYS, FAULTS, SPOILED, Stock, client_of, quick, serving
from xlrotation.errors import NoData
from xlrotation.market.panel import PRICE_FIELDS
from xlrotation.market.refresh import extras as refresh_extras
from xlrotation.market.refresh import run as refresh_module
from xlrotation.market.refresh.run import RefreshReport
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance, pandas and bs4

CHUNKS, SEQUENCES = 10, 25
SYMBOLS = ("AAA", "^BBB", "CCC", "DDD")
SHIFTS = {"open": 0.99, "high": 1.01, "low": 0.98, "close": 1.0}
SLOW = ("timeout", "drip")

Values = dict[tuple[str, str, dt.date], float]


def at(place: int, hour: int = 22) -> dt.datetime:
    return dt.datetime.combine(DAYS[place], dt.time(hour), dt.UTC)


def some_stock(chance: random.Random) -> Stock:
    ratios: dict[dt.date, float] = {}
    while chance.random() < 0.4:
        ratios[chance.choice(DAYS[1:])] = chance.choice((2.0, 3.0, 10.0, 1.5, 0.1))
    closes, price = [], chance.uniform(20, 500)
    for day in DAYS:
        price *= chance.uniform(0.95, 1.05) / ratios.get(day, 1.0)
        closes.append(price)
    dividends = {day: closes[DAYS.index(day)] / 200 for day in chance.sample(DAYS, chance.randrange(3))}
    return Stock(list(DAYS), closes, dict(sorted(ratios.items())), dividends)


def truth(stocks: dict[str, Stock], last: dt.date) -> Values:
    """Every value that may be in the store, as traded."""
    values: Values = {}
    for symbol, stock in stocks.items():
        for day, close in zip(stock.days, stock.closes, strict=True):
            if day <= last:
                values |= {(symbol, name, day): close * SHIFTS[name] for name in PRICE_FIELDS}
                values |= {(symbol, "volume", day): 1000.0, (symbol, "dividend", day): stock.dividends.get(day, 0.0)}
                if day in stock.splits:
                    values[symbol, "split", day] = stock.splits[day]
    return values


def held() -> Values:
    """Every value that is in the store; empty where nothing was ever stored."""
    store = Store("yahoo")
    if store.version() is None:
        return {}
    panel = store.read()
    values: Values = {}
    for name, table in panel.fields.items():
        for row, column in zip(*np.nonzero(np.isfinite(table)), strict=True):
            values[panel.symbols[column], name, panel.days[row].item()] = float(table[row, column])
    return values


def assert_alike(found: Values, expected: Values) -> None:
    for key, value in found.items():
        assert key in expected, key
        assert value == pytest.approx(expected[key], rel=1e-9), key


def assert_told(report: RefreshReport, symbols: tuple[str, ...], found: Values, last: dt.date) -> None:
    """Each symbol, and each session of it, came or has a line that names it and says what to do."""
    lines = report.lines()
    for symbol in symbols:
        assert symbol in report.received or symbol in report.complete or symbol in report.missing
        days = [day for day in DAYS if (symbol, "close", day) in found]
        gaps = [day for day in DAYS if days and days[0] < day <= last and day not in days]
        told = set(report.holes.get(symbol, ())) | set(report.given_up.get(symbol, ()))
        assert symbol in report.missing or set(gaps) <= told, (symbol, gaps)
    for symbol in (*report.missing, *report.holes, *report.given_up):
        about = [line for line in lines if line.startswith(f"{symbol}: ")]
        assert any(re.search(r"xlrotation refresh|check the network", line) for line in about), (symbol, about)
    assert not any("Traceback" in line or "Error(" in line for line in lines)


def some_faults(chance: random.Random, slow: list[int]) -> list[str]:
    faults = []
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        fault = chance.choice(FAULTS)
        if fault in SLOW:
            slow[0] -= 1
            fault = fault if slow[0] >= 0 else "reset"
        faults.append(fault)
    return faults


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_sequence_of_faults_harms_the_store(chunk, tmp_path, monkeypatch):
    seen: set[str] = set()
    ended: set[str] = set()
    with serving() as server, client_of(server) as client:
        server.slow = 0.15
        for number in range(SEQUENCES):
            seed = chunk * SEQUENCES + number
            chance = server.chance = random.Random(seed)
            monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / str(seed)))
            monkeypatch.setattr(refresh_module, "BATCH", chance.choice((1, 2, 100)))
            symbols = SYMBOLS[: chance.randint(2, len(SYMBOLS))]
            server.stocks = {symbol: some_stock(chance) for symbol in symbols}
            slow, place, before, newest = [2], chance.randint(3, 8), {}, DAYS[0]

            def refresh(place=0, hour=22, progress=None, symbols=symbols, **manners):
                server.today, server.refuse_crumb = DAYS[place], False
                here = quick(**manners)
                return refresh_module.refresh("yahoo", symbols, progress, client, at(place, hour), here)

            def interrupt(_done, _total, chance=chance):
                if chance.random() < 0.05:
                    ended.add("interrupted")
                    raise KeyboardInterrupt

            for _ in range(chance.randint(2, 3)):
                server.faults = {symbol: some_faults(chance, slow) for symbol in symbols}
                server.always = {symbol: chance.choice(SPOILED) for symbol in symbols if chance.random() < 0.1}
                seen.update(*server.faults.values())
                hour = chance.choice((22, 22, 16))
                try:
                    report = refresh(place, hour, interrupt, tries=chance.randint(1, 3), limit_tries=2, timeout=0.06)
                except NoData as error:
                    nothing = error.message.startswith("nothing was received")
                    assert (nothing, before, held()) == (True, {}, {})
                else:
                    last = DAYS[place] if hour == 22 else DAYS[place - 1]
                    found = held()
                    newest = max(newest, last)
                    assert_alike(found, truth(server.stocks, newest))
                    assert found.keys() >= before.keys()
                    assert_told(report, symbols, found, last)
                    before = found
                    ended.update(re.sub(r"[A-Z^]{3,}|[0-9.]+", "", reason)[:30] for reason in report.missing.values())
                place = min(len(DAYS) - 1, place + chance.choice((0, 0, 1, 3)))
            server.faults, server.always = {}, {}
            report = refresh(place)
            assert report.missing == {}
            if report.given_up:
                report = refresh_module.refresh("yahoo", symbols, None, client, at(place), quick(), force=True)
            assert (report.holes, report.given_up) == ({}, {})
            found = held()
            assert_alike(found, truth(server.stocks, DAYS[place]))
            closes = {key for key in truth(server.stocks, DAYS[place]) if key[1] in ("close", "split", "dividend")}
            assert found.keys() >= closes
            server.asked.clear()
            assert sorted(refresh(place).complete) == sorted(symbols)
            assert server.asked == []
    assert len(seen) > len(FAULTS) / 2  # the sequences are what they claim to be
    assert len(ended) > 5


@pytest.mark.long
def test_no_sequence_of_faults_harms_the_series(tmp_path, monkeypatch):
    names = ("UNRATE", "DFF", "BAMLH0A0HYM2")
    with serving() as server, client_of(server) as client:
        server.slow = 0.15
        for seed in range(50):
            chance = server.chance = random.Random(1000 + seed)
            monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / str(seed)))
            true = {name: {day: round(chance.uniform(-1, 9), 2) for day in DAYS} for name in names}
            before: dict[str, dict[dt.date, float]] = {}
            for round_ in range(4):
                clean = round_ == 3
                end = 8 + round_
                server.series = {
                    name: f"observation_date,{name}\n" + "".join(f"{d},{v:.2f}\n" for d, v in list(rows.items())[:end])
                    for name, rows in true.items()
                }
                server.faults = {} if clean else {name: some_faults(chance, [1]) for name in names}
                manners = quick(tries=2, limit_tries=2, **({} if clean else {"timeout": 0.06}))
                report = refresh_extras.refresh_macro(names, client, None, at(end), manners, force=True)
                series = Store("yahoo").extras.series()
                found = {name: dict(zip(d.tolist(), v.tolist(), strict=True)) for name, (d, v) in series.items()}
                for name, rows in found.items():
                    assert rows.items() <= true[name].items()
                    assert rows.keys() >= before.get(name, {}).keys()
                assert set(report.received) | set(report.missing) == set(names)
                for name, reason in report.missing.items():
                    assert name in reason
                    assert "xlrotation refresh --" in reason
                before = found
            assert report.missing == {}
            assert {name: len(rows) for name, rows in before.items()} == dict.fromkeys(names, 11)
