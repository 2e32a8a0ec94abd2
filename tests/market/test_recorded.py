"""Answers recorded from Yahoo Finance, replayed to the real client, where they lie beside the checkout."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from tests.market.answers import quick
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.asking import Asker
from xlrotation.market.providers.yahoo import bars as yahoo
from xlrotation.market.providers.yahoo import chains as yahoo_options

RECORDED = Path(__file__).parents[3] / "shared" / "yahoo"
NOW = dt.datetime(2025, 2, 25, 22, 0, tzinfo=dt.UTC)
START = dt.date(2019, 12, 1)
CHARTS = sorted(RECORDED.glob("chart-*.json"))
OPTIONS = sorted(RECORDED.glob("options-*.json"))

pytestmark = [
    pytest.mark.skipif(not CHARTS, reason="no recorded answers beside this checkout"),
    pytest.mark.filterwarnings("ignore"),  # of yfinance and pandas
]


def recorded(path: Path) -> tuple[str, str]:
    """Symbol and text of a recorded answer."""
    found = json.loads(path.read_text("utf-8"))
    response = found["response"]
    text = response.get("bodyText") or json.dumps(response["bodyJson"])
    return found["request"]["url"].split("?")[0].rsplit("/", 1)[-1].replace("%5E", "^"), text


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_a_chart_is_read_or_refused_in_words(server, client, path):
    symbol, text = recorded(path)
    server.charts[symbol] = text
    found = yahoo.fetch([symbol], START, NOW, client, asker=Asker(quick()))
    if found.missing:
        assert "run xlrotation refresh" in found.missing[symbol]
        return
    ((_, days, fields),) = found.blocks
    told = json.loads(text)["chart"]["result"][0]
    closes = [value for value in told["indicators"]["quote"][0]["close"] if value]
    assert np.isin(days, XNYS.sessions()).all()
    assert np.isin(fields["close"], closes).all()  # none of them has a split after its bars


def test_which_charts_are_read():
    read = {path.stem for path in CHARTS if "fake" not in path.stem and "interval" not in path.stem}
    assert len(read) > 15


def test_the_split_of_apple(server, client):
    """Four for one on 2020-08-31, the first bar of the answer; the dividend of 2020-11-06 was 0.205."""
    symbol, text = recorded(RECORDED / "chart-AAPL-2020-08-31-to-2020-11-07.json")
    server.charts[symbol] = text
    ((_, days, fields),) = yahoo.fetch([symbol], START, NOW, client, asker=Asker(quick())).blocks
    assert len(days) == 49
    assert fields["split"][0] == 4.0
    assert fields["close"][0] == pytest.approx(129.04)
    assert fields["dividend"][days == np.datetime64("2020-11-06")].tolist() == [0.205]


@pytest.mark.parametrize("path", OPTIONS, ids=lambda path: path.stem)
def test_a_chain_is_read_or_refused_in_words(server, client, path):
    symbol, text = recorded(path)
    results = json.loads(text)["optionChain"]["result"]
    told = results[0] if results else {}
    listed = told.get("expirationDates", [])[:1]  # the answer holds the contracts of the first expiry alone
    server.options = lambda *_: told | {"expirationDates": listed} if told else None
    traded = told["quote"]["regularMarketTime"] if told else NOW.timestamp()
    evening = dt.datetime.fromtimestamp(traded, dt.UTC) + dt.timedelta(hours=1)
    found = yahoo_options.fetch([symbol], evening, client, asker=Asker(quick()))
    contracts = [one for side in told.get("options", []) for one in (*side["calls"], *side["puts"])]
    if not any(one.get("ask") for one in contracts) or "expire" in path.stem:
        assert "run xlrotation refresh" in found.missing[symbol]
        return
    (chain,) = found.chains
    assert len(chain) == len(contracts)
    noughts = ["an open interest of nought of options that trade; it is taken for not known"]
    assert found.remarks in ({}, {symbol: noughts})
    assert found.shares[symbol] == told["quote"]["sharesOutstanding"]
