"""Answers beyond all bounds, and time stamps of another clock, through the real clients: refused with a reason."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
import subprocess
import sys
import textwrap
import zlib
from zoneinfo import ZoneInfo

import pytest

from tests.market.answers import DAYS, NOW, chart, opening, quick
from xlrotation.market.providers import asking, bounds, fred
from xlrotation.market.providers.asking import Asker, Passing, Unusable, retry_after
from xlrotation.market.providers.yahoo import bars as yahoo
from xlrotation.market.providers.yahoo import chains as yahoo_options
from xlrotation.market.providers.yahoo import chart as yahoo_chart
from xlrotation.market.providers.yahoo.stamps import Hours
from xlrotation.market.refresh.run import refresh
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas

START = dt.date(2026, 1, 26)
LARGE = f"larger than {bounds.ANSWER_BYTES // bounds.MEGABYTE} MB"


@contextlib.contextmanager
def a_client(kind, server, client):
    """A session of requests, or one of curl_cffi, which is what a refresh uses."""
    if kind == "requests":
        yield client
        return
    from curl_cffi import requests as curl

    class Here(curl.Session):
        def request(self, method, url, **options):
            path = url.split("/", 3)[3] if url.count("/") > 2 else ""
            return super().request(method, f"http://127.0.0.1:{server.server_address[1]}/{path}", **options)

    with Here(impersonate="chrome") as session:
        yield session


def fetch(session, *symbols, **manners):
    return yahoo.fetch(list(symbols), START, NOW, session, asker=Asker(quick(**manners)))


class TestSizes:
    @pytest.mark.parametrize("kind", ["requests", "curl_cffi"])
    @pytest.mark.parametrize("fault", ["bomb", "endless", "large"])
    def test_an_answer_beyond_the_bound(self, server, client, kind, fault):
        server.always["BIG"] = fault
        server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
        with a_client(kind, server, client) as session:
            found = fetch(session, "BIG", "XLK", timeout=5.0)
        assert [symbol for symbol, _, _ in found.blocks] == ["XLK"]
        if (kind, fault) == ("curl_cffi", "large"):
            assert "run xlrotation refresh BIG" in found.missing["BIG"]  # nothing of it came
        else:
            assert LARGE in found.missing["BIG"]
            assert [name for name, _ in server.asked] == ["BIG", "XLK"]  # not asked for four times
        assert server.sent < 40 * bounds.ANSWER_BYTES

    @pytest.mark.parametrize("kind", ["requests", "curl_cffi"])
    def test_a_body_that_only_leads_elsewhere(self, server, client, kind):
        server.faults["XLK"] = ["bomb ahead"]
        server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
        with a_client(kind, server, client) as session:
            found = fetch(session, "XLK", timeout=5.0)
        if kind == "requests":  # it reads what stands beside an address; curl throws it away
            assert LARGE in found.missing["XLK"]
        else:
            assert [symbol for symbol, _, _ in found.blocks] == ["XLK"]

    def test_series_and_options(self, server, client):
        server.always = {"DFF": "bomb", "AAA": "endless"}
        found = fred.Fred().fetch(["DFF"], client, Asker(quick(timeout=5.0)))
        assert LARGE in found.missing["DFF"]
        chains = yahoo_options.fetch(["AAA"], NOW, client, asker=Asker(quick(timeout=5.0)))
        assert LARGE in chains.missing["AAA"]

    def test_headers_that_drip_end_in_time(self, server, client):
        server.always["XLK"], server.slow = "headers", 4.0
        found = fetch(client, "XLK", timeout=0.5, tries=1)
        assert "no answer in time" in found.missing["XLK"]

    def test_a_packing_that_was_not_asked_for(self, server, client):
        server.always["DFF"] = "packed"
        assert "packed as 'br'" in fred.Fred().fetch(["DFF"], client, Asker(quick())).missing["DFF"]

    @pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS bounds the memory of a process on Linux only")
    @pytest.mark.parametrize("fault", ["bomb", "endless"])
    def test_memory_stays_small(self, server, fault):
        """600 MB packed into less than one, for a process that may have half a gigabyte more than it has."""
        server.always["DFF"], server.bomb = fault, 600 << 20
        code = f"""
            import resource
            from tests.market.answers import ToThisMachine, quick
            import requests
            from xlrotation.market.providers import fred
            from xlrotation.market.providers.asking import Asker
            session = requests.Session()
            session.mount("https://", ToThisMachine({server.server_address[1]}))
            now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (now + 2**29, now + 2**29))
            found = fred.Fred().fetch(["DFF"], session, Asker(quick(timeout=20.0)))
            print(found.missing["DFF"])
        """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=False
        )
        assert LARGE in done.stdout, done.stderr


class TestUnpacking:
    TEXT = b'{"chart": 1}' * 5000

    @staticmethod
    def pieces(data, size=7):
        return [data[place : place + size] for place in range(0, len(data), size)]

    @pytest.mark.parametrize("size", [1, 7, 100_000])
    def test_every_packing_that_is_asked_for(self, size):
        raw = zlib.compressobj(wbits=-15)
        for encoding, data in {
            "": self.TEXT,
            "gzip": gzip.compress(self.TEXT),
            "x-gzip": gzip.compress(self.TEXT[:100]) + gzip.compress(self.TEXT[100:]) + bytes(512),
            "deflate": zlib.compress(self.TEXT),
        }.items():
            assert asking._unpacked(self.pieces(data, size), encoding) == self.TEXT
        bare = raw.compress(self.TEXT) + raw.flush()
        assert asking._unpacked(self.pieces(bare, size), "deflate") == self.TEXT

    @pytest.mark.parametrize("cut", [1, 20, 60])
    def test_half_an_answer_is_none(self, cut):
        with pytest.raises(OSError, match="cut off"):
            asking._unpacked(self.pieces(gzip.compress(self.TEXT)[:cut]), "gzip")

    def test_a_damaged_one_is_none(self):
        data = bytearray(gzip.compress(self.TEXT))
        data[-6] ^= 1  # its checksum
        with pytest.raises(OSError, match="damaged"):
            asking._unpacked([bytes(data)], "gzip")

    def test_two_packings_are_refused(self):
        twice = gzip.compress(gzip.compress(self.TEXT))
        with pytest.raises(Unusable, match="not asked for"):
            asking._unpacked([twice], "gzip, gzip")

    def test_no_piece_is_larger_than_its_bound(self):
        bomb = gzip.compress(bytes(50 << 20))
        assert max(map(len, asking._inflated([bomb], "gzip"))) <= asking._PIECE


@pytest.mark.parametrize("text", ["9" * 400, "1" * 40, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_beyond_reason_is_no_overflow(server, client, text):
    assert retry_after({"Retry-After": text}) <= bounds.LONGEST_WAIT
    server.always["XLK"], server.retry_after = "429 after", text
    assert "the source limits requests" in fetch(client, "XLK").missing["XLK"]


class TestContents:
    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000,
            '{"chart":' + "[" * 100_000 + "]" * 100_000 + "}",
            '{"chart":{"error":' + '{"description":' * 900 + "1" + "}" * 900 + "}}",
            '{"chart":{"result":[{"meta":{"symbol":"BAD"},"timestamp":' + "[" * 400 + "]" * 400 + "}]}}",
            "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
            "1" * 5000,
            "NaN",
        ],
    )
    def test_a_strange_answer_costs_its_own_symbol_alone(self, server, client, text, monkeypatch, tmp_path):
        server.charts = {"AAA": chart("AAA", [1.0, 2.0]), "BAD": text, "CCC": chart("CCC", [3.0, 4.0])}
        report = refresh("yahoo", ["AAA", "BAD", "CCC"], None, client, NOW, quick())
        assert report.received == ["AAA", "CCC"]
        assert set(report.missing) == {"BAD"}
        assert set(Store("yahoo").read().symbols) == {"AAA", "CCC"}

    @pytest.mark.parametrize("value", [10**400, 1e400, -(10**19), "x", [], {}, True, float("nan")])
    @pytest.mark.parametrize(
        "place", ["timestamp", "close", "split", "dividend", "firstTradeDate", "regularMarketTime"]
    )
    def test_a_strange_value_in_any_place(self, value, place):
        events = {
            "splits": {"1": {"date": opening(DAYS[-2]), "numerator": 2, "denominator": 1}},
            "dividends": {"1": {"date": opening(DAYS[-2]), "amount": 0.1}},
        }
        answer = chart("XLK", [100.0, 50.0, 51.0], events)
        result = answer["chart"]["result"][0]
        if place == "timestamp":
            result["timestamp"][1] = value
        elif place == "close":
            result["indicators"]["quote"][0]["close"][1] = value
        elif place in ("split", "dividend"):
            (event,) = result["events"][f"{place}s"].values()
            event[{"split": "denominator", "dividend": "date"}[place]] = value
        else:
            result["meta"][place] = value
        with contextlib.suppress(Passing):
            yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1])

    @pytest.mark.parametrize(
        "line", ["20260105,4.1", "2026-W02-1,4.1", "2026-01-05,4_1", "2026-01-05,４", "2026-01-05,1e400", "2026-01-05"]
    )
    def test_a_line_of_a_series_is_a_day_and_a_number(self, line):
        with pytest.raises(ValueError, match="no date and number"):
            fred.parse("DFF", f"observation_date,DFF\n2026-01-02,4.0\n{line}\n")

    def test_a_cell_without_an_end(self, server, client):
        server.series["DFF"] = 'observation_date,DFF\n"' + "1" * 200_000
        assert "no table" in fred.Fred().fetch(["DFF"], client, Asker(quick())).missing["DFF"]

    @pytest.mark.parametrize("symbol", ["..", "../../x", "AAPL?a=b", "A/B", "", "A" * 40, "US0378331005", "苹果"])
    def test_what_is_no_ticker_is_not_asked_for(self, server, client, symbol):
        for found in (
            fetch(client, symbol),
            yahoo_options.fetch([symbol], NOW, client, asker=Asker(quick())),
        ):
            assert "run xlrotation refresh with" in found.missing[symbol]
        assert server.asked == []

    def test_a_folder_for_caches_that_cannot_be_made(self, server, client, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "file"))
        server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
        assert [symbol for symbol, _, _ in fetch(client, "XLK").blocks] == ["XLK"]


def stamped(moved, symbol="XLK", zone="America/New_York", closes=None, **meta):
    """An answer whose bars are stamped as *moved* says of their days."""
    answer = chart(symbol, closes or [100.0 + place for place in range(5)], days=DAYS[-5:])
    result = answer["chart"]["result"][0]
    result["timestamp"] = [int(moved(day).timestamp()) for day in DAYS[-5:]]
    result["meta"] |= {"exchangeTimezoneName": zone, "regularMarketTime": result["timestamp"][-1], **meta}
    return answer


def midnight(zone):
    return lambda day: dt.datetime.combine(day, dt.time(0), ZoneInfo(zone))


def period(opens, closes, zone):
    """The trading period as an answer tells it."""
    day = DAYS[-1]
    start, end = (
        int(dt.datetime.combine(day, dt.time.fromisoformat(time), ZoneInfo(zone)).timestamp())
        for time in (opens, closes)
    )
    return {"currentTradingPeriod": {"regular": {"start": start, "end": end}}}


def quotes_of(day):
    """An answer of the options address whose underlying was last traded on *day*."""
    stamp = int(dt.datetime(2026, 3, 20, tzinfo=dt.UTC).timestamp())
    traded = opening(day) + 6 * 3600
    sides = {
        name: [
            {"contractSymbol": f"AAA260320{letter}{strike:05d}000", "strike": strike, "bid": 1.0, "ask": 1.1}
            | {"lastTradeDate": traded}
            for strike in (95, 100, 105)
        ]
        for name, letter in (("calls", "C"), ("puts", "P"))
    }
    quote = {"symbol": "AAA", "regularMarketPrice": 100.0, "regularMarketTime": traded}
    return {"quote": quote, "expirationDates": [stamp], "options": [{"expirationDate": stamp, **sides}]}


class TestQuotes:
    def test_quotes_of_another_session_are_not_of_this_one(self, server, client):
        server.options = lambda *_: quotes_of(DAYS[-1])
        assert len(yahoo_options.fetch(["AAA"], NOW, client, asker=Asker(quick())).chains) == 1
        server.options = lambda *_: quotes_of(DAYS[-2])
        found = yahoo_options.fetch(["AAA"], NOW, client, asker=Asker(quick()))
        assert found.chains == []
        assert "the quotes in the answer are of 2026-02-12, not of the session 2026-02-13" in found.missing["AAA"]

    @pytest.mark.parametrize("value", ["x", [], {}, None, 10**400, True])
    @pytest.mark.parametrize("name", ["strike", "bid", "contractSymbol", "lastTradeDate"])
    def test_a_strange_value_costs_its_own_chain_at_most(self, server, client, name, value):
        spoiled = quotes_of(DAYS[-1])
        spoiled["options"][0]["calls"][1][name] = value
        server.options = lambda symbol, _: spoiled if symbol == "BBB" else quotes_of(DAYS[-1])
        spoiled["quote"]["symbol"] = "BBB"
        found = yahoo_options.fetch(["BBB", "AAA"], NOW, client, asker=Asker(quick(tries=1)))
        assert [chain.symbol for chain in found.chains][-1] == "AAA"
        assert "BBB" in found.missing or "BBB" in [chain.symbol for chain in found.chains]


class TestStamps:
    """The days are 9 to 13 February 2026, Monday to Friday."""

    @pytest.mark.parametrize("days", [slice(0, 5), slice(1, 5), slice(2, 3)])
    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "Asia/Shanghai", "Australia/Sydney", "Europe/Berlin"])
    @pytest.mark.parametrize("told", [True, False])
    def test_midnights_elsewhere_are_refused(self, server, client, zone, days, told):
        meta = period("09:30", "16:00", "America/New_York") if told else {}
        answer = stamped(midnight(zone), **meta)
        result = answer["chart"]["result"][0]
        result["timestamp"] = result["timestamp"][days]
        for name, values in result["indicators"]["quote"][0].items():
            result["indicators"]["quote"][0][name] = values[days]
        result["meta"]["regularMarketTime"] = opening(DAYS[-1]) + 6 * 3600
        server.charts = {"XLK": answer}
        found = fetch(client, "XLK")
        assert found.blocks == []
        assert "stamped" in found.missing["XLK"] or "weekend" in found.missing["XLK"]
        assert "xlrotation refresh XLK" in found.missing["XLK"]

    def test_nothing_of_a_refused_answer_is_stored(self, server, client):
        server.charts = {"XLK": stamped(midnight("UTC")), "SPY": chart("SPY", [1.0, 2.0])}
        report = refresh("yahoo", ["XLK", "SPY"], None, client, NOW, quick())
        assert report.received == ["SPY"]
        assert "stamped 2026-02-08 19:00 in America/New_York" in report.missing["XLK"]
        assert any("stamped" in line for line in report.lines())

    @pytest.mark.parametrize(
        ("moved", "zone", "meta"),
        [
            (midnight("America/New_York"), "America/New_York", {}),
            (midnight("America/New_York"), "America/New_York", period("00:00", "23:59", "America/New_York")),
            (midnight("UTC"), "UTC", {"instrumentType": "CRYPTOCURRENCY"}),
            (midnight("Europe/London"), "Europe/London", period("00:00", "23:59", "Europe/London")),
            (midnight("Asia/Tokyo"), "Asia/Tokyo", period("09:00", "15:30", "Asia/Tokyo")),
            (midnight("UTC"), "Asia/Tokyo", period("09:00", "15:30", "Asia/Tokyo")),  # nine in the morning there
            (lambda day: dt.datetime.combine(day, dt.time(8), ZoneInfo("Europe/London")), "Europe/London", {}),
            (lambda day: dt.datetime.combine(day, dt.time(8, 30), ZoneInfo("America/Chicago")), "America/Chicago", {}),
        ],
    )
    def test_the_bell_and_the_midnight_of_the_exchange_are_days(self, moved, zone, meta):
        found = yahoo_chart.read("XLK", json.dumps(stamped(moved, zone=zone, **meta)), START, DAYS[-1], DAYS[-1])
        assert found.days.tolist() == DAYS[-5:]

    def test_the_newest_bar_may_bear_the_last_trade(self):
        answer = chart("XLK", [100.0, 101.0, 102.0])
        result = answer["chart"]["result"][0]
        result["timestamp"][-1] = result["meta"]["regularMarketTime"] = opening(DAYS[-1]) + 6 * 3600 + 1801
        assert yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1]).days.tolist() == DAYS[-3:]
        result["timestamp"][-1] = opening(DAYS[-1]) - 86400 + 3600 * 3  # yesterday, while the last trade is of today
        with pytest.raises(Unusable, match="stamped 2026-02-12 12:30"):
            yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1])

    def test_a_midnight_that_forgets_summer_time_is_its_day(self):
        def moved(day):
            return midnight("Europe/London")(day) - dt.timedelta(hours=day == DAYS[-2])

        answer = stamped(moved, zone="Europe/London", **period("00:00", "23:59", "Europe/London"))
        assert yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1]).days.tolist() == DAYS[-5:]

    @pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Tokyo"])
    def test_bars_on_a_weekend_are_refused(self, zone):
        days = [day - dt.timedelta(days=1) for day in DAYS[-5:]]  # Sunday to Thursday
        answer = chart("XLK", [1.0, 2.0, 3.0, 4.0, 5.0], days=days, zone=zone)
        with pytest.raises(Unusable, match=r"1 of 5 bars fall on a weekend \(2026-02-08, a Sunday\)"):
            yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1])

    def test_where_the_week_begins_on_a_sunday(self):
        days = [day - dt.timedelta(days=1) for day in DAYS[-5:]]
        answer = chart("XLK", [1.0, 2.0, 3.0, 4.0, 5.0], days=days, zone="Asia/Riyadh")
        assert yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1]).days.tolist() == DAYS[-5:-1]

    @pytest.mark.parametrize("kind", ["splits", "dividends"])
    def test_an_event_has_a_day_of_the_exchange_too(self, kind):
        stamp = int(midnight("UTC")(DAYS[-2]).timestamp())
        event = {"date": stamp, "numerator": 2, "denominator": 1, "amount": 0.1}
        answer = chart("XLK", [100.0, 100.0, 102.0], {kind: {str(stamp): event}})
        with pytest.raises(Unusable, match=f"a {kind[:-1]} is stamped"):
            yahoo_chart.read("XLK", json.dumps(answer), START, DAYS[-1], DAYS[-1])

    @pytest.mark.parametrize(
        ("zone", "opens"), [("America/New_York", "09:30"), ("Europe/London", "08:00"), ("Asia/Tokyo", "09:00")]
    )
    @pytest.mark.parametrize("count", [1, 3, 5])
    def test_no_midnight_of_any_clock_is_another_day(self, zone, opens, count):
        """Over a year with its changes to summer time; without half hours: Adelaide's is New York's bell."""
        accepted = 0
        for offset in range(-12, 15):
            clock = dt.timezone(dt.timedelta(hours=offset))
            for start in range(0, 365, 5):
                first = dt.date(2025, 1, 1) + dt.timedelta(days=start)
                every = [first + dt.timedelta(days=days) for days in range(8)]
                days = [day for day in every if day.weekday() < 5][:count]
                bell = dt.datetime.combine(days[-1], dt.time.fromisoformat(opens), ZoneInfo(zone))
                told = {"start": bell.timestamp(), "end": bell.timestamp() + 6 * 3600}
                meta = {"currentTradingPeriod": {"regular": told}, "regularMarketTime": told["end"]}
                stamps = [int(dt.datetime.combine(day, dt.time(0), clock).timestamp()) for day in days]
                with contextlib.suppress(Unusable):
                    assert Hours(ZoneInfo(zone), meta).days(stamps).tolist() == days
                    accepted += 1
        assert accepted > 0  # its own midnight is accepted
