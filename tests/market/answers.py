"""A server on this machine that answers as Yahoo Finance and FRED do, with faults on demand.

The answers are made here, in the form of recorded ones: a market is told by its prices as traded, and the server
adjusts them for the splits up to its present day, as Yahoo does.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import json
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import requests
from requests.adapters import HTTPAdapter

from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.asking import Manners

NOW = dt.datetime(2026, 2, 13, 22, 0, tzinfo=dt.UTC)  # 17:00 in New York, after the close
DAYS = XNYS.sessions_between(dt.date(2026, 1, 26), dt.date(2026, 2, 13)).tolist()
NEW_YORK = ZoneInfo("America/New_York")

SPOILED = ("truncated", "html", "wrong", "empty", "twice", "contradicted", "unordered", "zero", "negative", "crossed")
"""Faults of an answer with the status 200; the rest is by the server."""
FAULTS = (*SPOILED, "401", "crumb", "404", "429", "429 after", "500", "timeout", "drip", "cut", "reset")


def opening(day: dt.date, zone: ZoneInfo = NEW_YORK) -> int:
    """The time stamp of a daily bar: the opening bell."""
    return int(dt.datetime.combine(day, dt.time(9, 30), zone).timestamp())


def split_event(day: dt.date, new: float, old: float = 1) -> dict[str, object]:
    return {
        str(opening(day)): {"date": opening(day), "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
    }


def dividend_event(day: dt.date, amount: float) -> dict[str, object]:
    return {str(opening(day)): {"amount": amount, "date": opening(day)}}


def chart(
    symbol: str,
    closes: Sequence[float | None],
    events: dict[str, object] | None = None,
    days: Sequence[dt.date] | None = None,
    zone: str = "America/New_York",
    currency: str = "USD",
) -> dict[str, object]:
    """An answer of the chart endpoint: daily bars, the last ones of ``DAYS`` unless *days* are given."""
    days = DAYS[-len(closes) :] if days is None else days
    stamps = [opening(day, ZoneInfo(zone)) for day in days]

    def moved(by: float) -> list[float | None]:
        return [None if value is None else value * by for value in closes]

    quote = {"open": moved(0.99), "high": moved(1.01), "low": moved(0.98), "close": list(closes)}
    quote["volume"] = [None if value is None else 1000 for value in closes]
    meta = {
        "currency": currency,
        "symbol": symbol,
        "exchangeName": "NYQ",
        "instrumentType": "EQUITY",
        "firstTradeDate": stamps[0] if stamps else 0,
        "regularMarketTime": stamps[-1] if stamps else 0,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": zone,
        "regularMarketPrice": closes[-1] if closes else 0,
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "max"],
    }
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]}}
    if events:
        result["events"] = events
    return {"chart": {"result": [result], "error": None}}


@dataclass
class Stock:
    """The truth about one symbol: prices and dividends as traded, and splits."""

    days: list[dt.date]
    closes: list[float]
    splits: dict[dt.date, float] = field(default_factory=dict)
    dividends: dict[dt.date, float] = field(default_factory=dict)

    def answer(self, symbol: str, first: dt.date, today: dt.date) -> dict[str, object]:
        """What Yahoo answers on the day *today*: everything in the shares of that day."""

        def shares(day: dt.date) -> float:
            product = 1.0
            for ex, ratio in self.splits.items():
                product *= ratio if day < ex <= today else 1.0
            return product

        told = [(day, close / shares(day)) for day, close in zip(self.days, self.closes, strict=True)]
        told = [(day, close) for day, close in told if first <= day <= today]
        events: dict[str, dict[str, object]] = {"splits": {}, "dividends": {}}
        for day, ratio in self.splits.items():
            if first <= day <= today:
                events["splits"] |= split_event(day, ratio)
        for day, amount in self.dividends.items():
            if first <= day <= today:
                events["dividends"] |= dividend_event(day, amount / shares(day))
        made = chart(symbol, [close for _, close in told], {k: v for k, v in events.items() if v}, [d for d, _ in told])
        result = made["chart"]["result"][0]
        result["meta"]["firstTradeDate"] = opening(self.days[0])
        result["indicators"]["quote"][0]["volume"] = [1000 * shares(day) for day, _ in told]
        if not told:
            del result["timestamp"]
            result["indicators"] = {"quote": [{}], "adjclose": [{}]}
        return made


def spoil(answer: dict[str, object], fault: str, chance: random.Random) -> str:
    """The text of *answer* with a fault in it."""
    if fault == "html":
        return "<!doctype html><html><body>Will be right back</body></html>"
    if fault == "empty":
        return json.dumps({"chart": {"result": [], "error": None}})
    made = copy.deepcopy(answer)
    result = made["chart"]["result"][0]
    if fault == "truncated":
        text = json.dumps(made)
        return text[: chance.randrange(1, len(text) - 1)]
    if fault == "wrong":
        result["meta"]["symbol"] = "WRONG"
        return json.dumps(made)
    stamps, quote = result.get("timestamp"), result["indicators"]["quote"][0]
    if not stamps:
        return json.dumps(made)
    _spoil_rows(stamps, quote, fault, chance)
    return json.dumps(made)


def _spoil_rows(stamps: list[int], quote: dict[str, list[float]], fault: str, chance: random.Random) -> None:
    row = chance.randrange(len(stamps))
    columns = [stamps, *(quote[name] for name in ("open", "high", "low", "close", "volume"))]
    if fault in ("twice", "contradicted"):
        for column in columns:
            column.insert(row, column[row])
        if fault == "contradicted":
            row += chance.randrange(2)  # either may be the true one
            quote["close"][row] *= chance.choice((0.5, 0.995, 1.005, 3.0))
            quote["high"][row], quote["low"][row] = quote["close"][row] * 1.01, quote["close"][row] * 0.98
    elif fault == "unordered":
        order = list(range(len(stamps)))
        chance.shuffle(order)
        for column in columns:
            column[:] = [column[place] for place in order]
    elif fault in ("zero", "negative"):
        for name in chance.sample(("open", "high", "low", "close"), chance.randint(1, 4)):
            quote[name][row] = 0 if fault == "zero" else -quote[name][row]
    elif fault == "crossed":
        quote["high"][row], quote["low"][row] = quote["low"][row], quote["high"][row]


def spoil_table(text: str, fault: str | None, chance: random.Random) -> str:
    """FRED's table with a fault in it."""
    if fault is None:
        return text
    head, *lines = text.splitlines()
    if fault == "html":
        return "<!doctype html><html><body>busy</body></html>"
    if fault == "empty":
        return head + "\n"
    if fault == "truncated":
        return text[: chance.randrange(1, len(text) - 1)]
    if fault == "wrong":
        head = head.replace(",", ",X")
    elif fault == "twice":
        lines.insert(0, chance.choice(lines))
    elif fault == "contradicted":
        day, _, value = chance.choice(lines).partition(",")
        lines.append(f"{day},{float(value) + 7:g}")
    elif fault == "unordered":
        chance.shuffle(lines)
    return "\n".join([head, *lines]) + "\n"


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        here = self.server
        parts = urlsplit(self.path)
        name = unquote(parts.path.rsplit("/", 1)[-1])
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if "getcrumb" in parts.path:
            return self.say(401, "Unauthorized") if here.refuse_crumb else self.say(200, "crumb")
        if "fredgraph" in parts.path or "alfredgraph" in parts.path:
            name = query["id"].partition(",")[0]
        elif parts.path.startswith("/resource/"):
            name = f"{name.removesuffix('.csv')} {query['cftc_contract_market_code']}"
        elif parts.path.startswith("/q/d/l/"):
            name = query["s"]
        elif "/daily_prices/" in parts.path:
            pass
        elif "/chart/" not in parts.path and "/options/" not in parts.path:
            return self.say(404, "")  # where cookies come from
        here.asked.append((name, query))
        fault = here.fault(name)
        if fault is not None and self.fault(fault):
            return None
        status, text = self.answer(parts.path, name, query, fault)
        return self.say(status, text)

    def answer(self, path: str, name: str, query: dict[str, str], fault: str | None) -> tuple[int, str]:
        here = self.server
        if "alfredgraph" in path:
            made = here.vintages(name, query["vintage_date"].split(",")) if here.vintages else None
            return (200, spoil_table(made, fault, here.chance)) if made else (404, "<html>none</html>")
        if path.startswith("/resource/"):
            return 200, spoil_table(here.reports.get(name, '"id"\n'), fault, here.chance)
        if "fredgraph" in path:
            if name not in here.series:
                return 404, "<html>none</html>"
            return 200, spoil_table(here.series[name], fault, here.chance)
        if "/daily_prices/" in path or path.startswith("/q/d/l/"):
            if name not in here.tables:
                missing = (403, "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>")
                return missing if "/daily_prices/" in path else (200, "No data")
            return 200, spoil_table(here.tables[name], fault, here.chance)
        if "/options/" in path:
            made = here.options(name, query) if here.options else None
            return 200, json.dumps({"optionChain": {"result": [made] if made else [], "error": None}})
        made = here.charts.get(name)
        if name in here.stocks:
            first = dt.datetime.fromtimestamp(int(query["period1"]), dt.UTC).date()
            made = here.stocks[name].answer(name, first, here.today)
        if made is None:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return 404, json.dumps({"chart": {"result": None, "error": error}})
        if isinstance(made, str):
            return 200, made
        return 200, spoil(made, fault, here.chance) if fault in SPOILED else json.dumps(made)

    def fault(self, fault: str) -> bool:
        """Do a fault of the server; False where it is one of the answer."""
        here = self.server
        if fault in SPOILED:
            return False
        if fault in ("401", "404", "500"):
            self.say(int(fault), "<html>no</html>" if fault != "401" else '{"finance": {"error": "Invalid Crumb"}}')
        elif fault == "crumb":
            here.refuse_crumb = True
            self.say(401, '{"finance": {"result": null, "error": {"code": "Unauthorized"}}}')
        elif fault == "429":
            self.say(429, "Edge: Too Many Requests")
        elif fault == "429 after":
            self.say(429, "Too Many Requests", {"Retry-After": str(here.retry_after)})
        elif fault in ("bomb", "bomb ahead"):
            self.bomb(here.bomb, 302 if fault == "bomb ahead" else 200)
        elif fault == "packed":
            self.say(200, "{}", {"Content-Encoding": "br"})
        else:
            broken = {
                "timeout": self.wait,
                "drip": self.drip,
                "cut": self.cut,
                "endless": self.go_on,
                "large": self.promise,
                "headers": self.send_headers,
                "reset": self.reset,
            }
            broken[fault]()
            self.close_connection = True
        return True

    def wait(self) -> None:
        self.server.released.wait(self.server.slow)

    def drip(self) -> None:
        self.begin(200, 100_000)
        with contextlib.suppress(OSError):
            for _ in range(200):
                self.wfile.write(b" ")
                if self.server.released.wait(self.server.slow / 20):
                    break

    def cut(self) -> None:
        self.begin(200, 5000)
        self.wfile.write(b'{"chart": {"result": [{"meta"')

    def go_on(self) -> None:
        self.begin(200, None)
        with contextlib.suppress(OSError):
            while not self.server.released.is_set():
                self.server.sent += self.wfile.write(b" " * 65536)

    def promise(self) -> None:
        self.begin(200, 4_000_000_000)

    def send_headers(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(400):
                self.wfile.write(b"X-%d: y\r\n" % number)
                if self.server.released.wait(self.server.slow / 20):
                    break

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.wfile = self.rfile = _Nothing()

    def bomb(self, size: int, status: int) -> None:
        """Zeros that are a thousand times smaller packed."""
        packer = zlib.compressobj(9, wbits=31)
        data = b"".join(packer.compress(bytes(2**20)) for _ in range(size >> 20)) + packer.flush()
        self.begin(status, len(data), {"Content-Encoding": "gzip", "Location": self.path})
        with contextlib.suppress(OSError):
            self.wfile.write(data)
        self.close_connection = True

    def begin(self, status: int, length: int | None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if length is not None:
            self.send_header("Content-Length", str(length))
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()

    def say(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode()
        self.begin(status, len(data), headers)
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class _Nothing:
    """Stands for the files of a connection that is gone."""

    closed = True

    def close(self) -> None:
        pass

    def flush(self) -> None:
        pass


class Server(ThreadingHTTPServer):
    """The server; what it answers are its attributes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.charts: dict[str, object] = {}
        self.stocks: dict[str, Stock] = {}
        self.series: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        self.vintages: Callable[[str, list[str]], str] | None = None
        self.reports: dict[str, str] = {}
        self.options = None
        self.today = NOW.astimezone(NEW_YORK).date()
        self.faults: dict[str, list[str]] = {}
        self.always: dict[str, str] = {}
        self.refuse_crumb = False
        self.retry_after: object = 30
        self.slow = 1.0
        self.bomb = 64 << 20
        self.sent = 0
        self.released = threading.Event()
        self.chance = random.Random(0)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def fault(self, name: str) -> str | None:
        """The fault that the next answer for *name* has."""
        waiting = self.faults.get(name)
        return waiting.pop(0) if waiting else self.always.get(name)

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that went away


class ToThisMachine(HTTPAdapter):
    """Sends what is meant for a provider to the local server; every other line of the client stays as it is."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request, **options):
        parts = urlsplit(request.url)
        request.url = f"http://127.0.0.1:{self.port}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **options)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A running server."""
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.released.set()
        running.shutdown()
        running.server_close()
        thread.join(5)


def client_of(server: Server) -> requests.Session:
    """A session of requests whose every request goes to *server*."""
    session = requests.Session()
    session.mount("https://", ToThisMachine(server.server_address[1]))
    session.mount("http://", ToThisMachine(server.server_address[1]))
    return session


class Clock:
    """A clock that stands still but for the waiting, which it counts and does not do."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


def quick(clock: Clock | None = None, **more: object) -> Manners:
    """Manners that do not wait."""
    still = clock or Clock()
    return Manners(clock=still, sleep=still.sleep, random=random.Random(1), **{"timeout": 10.0, **more})


def wait_for(condition, seconds: float = 5.0) -> bool:
    """Whether *condition* comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False
