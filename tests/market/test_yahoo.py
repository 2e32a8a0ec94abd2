"""The real yfinance client against a server on this machine that answers as Yahoo Finance does."""

from __future__ import annotations

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from xlrotation.errors import NoData
from xlrotation.functions.session import Session
from xlrotation.market import calendar
from xlrotation.market.providers import yahoo
from xlrotation.market.refresh import refresh

NOW = dt.datetime(2026, 2, 13, 22, 0, tzinfo=dt.UTC)  # 17:00 in New York, after the close
DAYS = calendar.sessions_between(dt.date(2026, 1, 26), dt.date(2026, 2, 13)).tolist()


def chart(symbol: str, closes: list[float], events: dict[str, object] | None = None) -> dict[str, object]:
    """An answer of the chart endpoint: daily bars stamped with the opening bell."""
    days = DAYS[-len(closes) :]
    stamps = [int(dt.datetime(d.year, d.month, d.day, 14, 30, tzinfo=dt.UTC).timestamp()) for d in days]
    quote = {
        "open": [value - 1 for value in closes],
        "high": [value + 1 for value in closes],
        "low": [value - 2 for value in closes],
        "close": closes,
        "volume": [1000] * len(closes),
    }
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NYQ",
        "instrumentType": "EQUITY",
        "firstTradeDate": stamps[0],
        "regularMarketTime": stamps[-1],
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": closes[-1],
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "max"],
        "currentTradingPeriod": {
            part: {"timezone": "EST", "start": stamps[-1], "end": stamps[-1] + 23400, "gmtoffset": -18000}
            for part in ("pre", "regular", "post")
        },
    }
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]}}
    if events:
        result["events"] = events
    return {"chart": {"result": [result], "error": None}}


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        symbol = path.rsplit("/", 1)[-1].replace("%5E", "^")
        status, body = (
            404,
            json.dumps({"chart": {"result": None, "error": {"code": "Not Found", "description": "No data"}}}),
        )
        if "/chart/" in path and symbol in self.server.charts:
            status, body = 200, json.dumps(self.server.charts[symbol])
        elif "getcrumb" in path:
            status, body = 200, "crumb"
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class ToThisMachine(HTTPAdapter):
    """Sends what is meant for Yahoo to the local server; every other line of the client stays as it is."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request, **options):
        parts = urlsplit(request.url)
        request.url = f"http://127.0.0.1:{self.port}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **options)


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    running.charts = {}
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def client(server):
    session = requests.Session()
    session.mount("https://", ToThisMachine(server.server_address[1]))
    session.mount("http://", ToThisMachine(server.server_address[1]))
    return session


pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas


def test_fetch_tells_what_came_and_what_did_not(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0]), "^RUT": chart("^RUT", [2600.0, 2646.7])}
    answer = yahoo.fetch(["XLK", "^RUT", "GONE"], dt.date(2026, 1, 26), NOW, client)
    blocks = {symbol: (days, fields) for symbol, days, fields in answer.blocks}
    assert set(blocks) == {"XLK", "^RUT"}
    assert set(answer.missing) == {"GONE"}
    days, fields = blocks["XLK"]
    assert [str(day) for day in days] == ["2026-02-11", "2026-02-12", "2026-02-13"]
    assert fields["close"].tolist() == [100.0, 101.0, 102.0]
    assert fields["open"].tolist() == [99.0, 100.0, 101.0]


def test_a_bar_of_a_running_session_is_left_out(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0])}
    during = dt.datetime(2026, 2, 13, 19, 0, tzinfo=dt.UTC)
    ((_, days, _),) = yahoo.fetch(["XLK"], dt.date(2026, 1, 26), during, client).blocks
    assert str(days[-1]) == "2026-02-12"


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-02-13T21:20:00+00:00", "2026-02-13"),
        ("2026-02-13T20:59:00+00:00", "2026-02-12"),
        ("2026-02-15T12:00:00+00:00", "2026-02-13"),
        ("2025-11-28T18:20:00+00:00", "2025-11-28"),  # a half day
        ("2025-07-03T17:20:00+00:00", "2025-07-03"),
    ],
)
def test_last_finished_session(now, last):
    assert str(yahoo.last_finished_session(dt.datetime.fromisoformat(now))) == last


def test_refresh_fills_the_store_and_keeps_it(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0]), "SPY": chart("SPY", [600.0, 610.0, 620.0])}
    report = refresh("yahoo", ["XLK", "SPY", "GONE"], session=client, now=NOW)
    assert sorted(report.received) == ["SPY", "XLK"]
    assert list(report.missing) == ["GONE"]
    session = Session("yahoo")
    assert session.call("PX_RET", "XLK", "2D") == pytest.approx(0.02)
    assert session.call("XLR_SOURCE", "XLK")[2][1] == "Yahoo Finance"
    server.charts = {}  # the provider answers nothing at all
    report = refresh("yahoo", ["XLK"], session=client, now=NOW)
    assert list(report.missing) == ["XLK"]
    assert Session("yahoo").call("PX_CLOSE", "SPY") == 620.0


@pytest.mark.usefixtures("server")
def test_nothing_received_and_nothing_stored_is_an_error(client):
    with pytest.raises(NoData, match="nothing was received"):
        refresh("yahoo", ["GONE"], session=client, now=NOW)


def test_a_split_rewrites_the_history_of_that_symbol(server, client):
    old = [100.0 + i for i in range(14)]
    server.charts = {"AAA": chart("AAA", old), "BBB": chart("BBB", old)}
    refresh("yahoo", ["AAA", "BBB"], session=client, now=NOW)
    stamp = int(dt.datetime(2026, 2, 13, 14, 30, tzinfo=dt.UTC).timestamp())
    split = {"splits": {str(stamp): {"date": stamp, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}}}
    server.charts["AAA"] = chart("AAA", [value / 2 for value in old], split)  # Yahoo halves the whole history
    report = refresh("yahoo", ["AAA", "BBB"], session=client, now=NOW)
    assert report.missing == {}
    session = Session("yahoo")
    rows = session.call("PX_HISTORY", [["AAA", "BBB"]], DAYS[-14], None, None, False)
    assert [row[1] for row in rows] == [value / 2 for value in old]
    assert [row[2] for row in rows] == old


def test_only_the_last_sessions_are_fetched_again(server, client):
    asked = []
    real = yahoo.fetch
    server.charts = {"CCC": chart("CCC", [100.0 + i for i in range(14)])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yahoo, "fetch", lambda *a, **k: asked.append(a[1]) or real(*a, **k))
        refresh("yahoo", ["CCC"], session=client, now=NOW)
        refresh("yahoo", ["CCC"], session=client, now=NOW)
    assert asked == [dt.date(2006, 2, 1), DAYS[-10]]


def test_why_a_symbol_did_not_come_is_told(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
    answer = yahoo.fetch(["XLK", "GONE"], dt.date(2026, 1, 26), NOW, client)
    assert "delisted" in answer.missing["GONE"] or "404" in answer.missing["GONE"]


def test_prices_of_zero_are_gaps(server, client):
    bars = chart("XLK", [100.0, 101.0, 102.0])
    quote = bars["chart"]["result"][0]["indicators"]["quote"][0]
    quote["close"] = [100.0, 0.0, 102.0]
    quote["open"] = [0.0, 100.0, 101.0]
    server.charts = {"XLK": bars}
    ((_, days, fields),) = yahoo.fetch(["XLK"], dt.date(2026, 1, 26), NOW, client).blocks
    assert [str(day) for day in days] == ["2026-02-11", "2026-02-13"]
    assert str(fields["open"].tolist()) == "[nan, 101.0]"


def test_sessions_after_the_end_of_the_table_are_not_invented():
    late = dt.datetime(2040, 1, 2, 22, tzinfo=dt.UTC)
    assert yahoo.last_finished_session(late) == calendar.sessions()[-1].item()


def test_dividends_are_kept_and_splits_are_not_applied_twice(server, client):
    stamp = int(dt.datetime(2026, 2, 12, 14, 30, tzinfo=dt.UTC).timestamp())
    events = {
        "dividends": {str(stamp): {"amount": 0.5, "date": stamp}},
        "splits": {str(stamp): {"date": stamp, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}},
    }
    server.charts = {"XLK": chart("XLK", [100.0, 100.0, 102.0], events)}
    refresh("yahoo", ["XLK"], session=client, now=NOW)
    session = Session("yahoo")
    assert session.call("PX_RET", "XLK", "2D") == pytest.approx(0.02)
    assert session.call("PX_RET", "XLK", "2D", None, "total") == pytest.approx(1.02 * 1.005 - 1)


def test_a_symbol_that_fell_behind_is_fetched_from_where_it_stopped(server, client):
    server.charts = {"AAA": chart("AAA", [100.0 + i for i in range(15)])}
    refresh("yahoo", ["AAA"], session=client, now=NOW - dt.timedelta(days=17))
    server.charts["BBB"] = chart("BBB", [100.0 + i for i in range(15)])
    refresh("yahoo", ["BBB"], session=client, now=NOW)
    report = refresh("yahoo", ["aaa", "BBB"], session=client, now=NOW)
    assert report.received == ["AAA", "BBB"]
    assert report.unchanged == ["BBB"]
    assert Session("yahoo").call("PX_RET", "AAA", "14D") == pytest.approx(0.14)


def test_a_rewritten_history_that_comes_in_part_changes_nothing(server, client):
    old = [100.0 + i for i in range(14)]
    server.charts = {"AAA": chart("AAA", old)}
    refresh("yahoo", ["AAA"], session=client, now=NOW)
    server.charts["AAA"] = chart("AAA", [value / 2 for value in old][-5:])
    report = refresh("yahoo", ["AAA"], session=client, now=NOW)
    assert "did not come whole" in report.missing["AAA"]
    assert Session("yahoo").call("PX_CLOSE", "AAA") == old[-1]


def test_progress_counts_all_symbols(server, client):
    server.charts = {name: chart(name, [100.0, 101.0]) for name in ("AAA", "BBB")}
    refresh("yahoo", ["AAA"], session=client, now=NOW)
    told = []
    refresh("yahoo", ["AAA", "BBB"], lambda done, total: told.append((done, total)), client, NOW)
    assert told == [(1, 2), (2, 2)]
