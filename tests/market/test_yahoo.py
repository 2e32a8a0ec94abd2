"""The real yfinance client against a server on this machine that answers as Yahoo Finance does."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from tests.market.answers import (
    DAYS,
    NOW,
    Clock,
    Stock,
    chart,
    dividend_event,
    quick,
    split_event,
)
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.asking import Asker
from xlrotation.market.providers.tickers import RENAMED, advice
from xlrotation.market.providers.yahoo import bars as yahoo
from xlrotation.market.symbols import NAMES

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas

START = dt.date(2026, 1, 26)


def fetch(client, *symbols, start=START, now=NOW, **more):
    manners = more.pop("manners", None) or quick()
    return yahoo.fetch(list(symbols), start, now, client, asker=Asker(manners), **more)


def one(client, **more):
    """Days and fields of XLK."""
    ((_, days, fields),) = fetch(client, "XLK", **more).blocks
    return [str(day) for day in days], fields


def spoiled(change, closes=(100.0, 101.0, 102.0)):
    answer = chart("XLK", list(closes))
    change(answer["chart"]["result"][0])
    return answer


def test_fetch_tells_what_came_and_what_did_not(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0]), "^RUT": chart("^RUT", [2600.0, 2646.7])}
    answer = fetch(client, "XLK", "^RUT", "GONE")
    blocks = {symbol: (days, fields) for symbol, days, fields in answer.blocks}
    assert set(blocks) == {"XLK", "^RUT"}
    assert set(answer.missing) == {"GONE"}
    days, fields = blocks["XLK"]
    assert [str(day) for day in days] == ["2026-02-11", "2026-02-12", "2026-02-13"]
    assert fields["close"].tolist() == [100.0, 101.0, 102.0]
    assert fields["open"] == pytest.approx([99.0, 99.99, 100.98])
    assert fields["volume"].tolist() == [1000.0] * 3
    assert "split" not in fields


def test_one_request_for_each_symbol(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
    fetch(client, "XLK", "GONE")
    assert [name for name, _ in server.asked] == ["XLK", "GONE"]
    assert server.asked[0][1]["events"] == "div,splits"


def test_the_question_reaches_beyond_today(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
    fetch(client, "XLK", start=dt.date(2026, 2, 10))
    asked = server.asked[0][1]
    assert int(asked["period1"]) <= dt.datetime(2026, 2, 10, tzinfo=dt.UTC).timestamp()
    assert int(asked["period2"]) > NOW.timestamp() + 14 * 3600


def test_a_bar_of_a_running_session_is_left_out_unless_it_is_wanted(server, client):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0])}
    during = dt.datetime(2026, 2, 13, 19, 0, tzinfo=dt.UTC)
    assert one(client, now=during)[0][-1] == "2026-02-12"
    assert one(client, now=during, provisional=True)[0][-1] == "2026-02-13"


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-02-13T21:20:00+00:00", "2026-02-13"),
        ("2026-02-13T20:59:00+00:00", "2026-02-12"),
        ("2026-02-15T12:00:00+00:00", "2026-02-13"),
        ("2025-11-28T18:20:00+00:00", "2025-11-28"),  # a half day
        ("2025-07-03T17:20:00+00:00", "2025-07-03"),
        ("2025-07-03T17:10:00+00:00", "2025-07-02"),
        ("2026-03-09T20:20:00+00:00", "2026-03-09"),  # summer time began the day before
    ],
)
def test_last_finished_session(now, last):
    assert str(XNYS.last_finished(dt.datetime.fromisoformat(now))) == last


class TestSplits:
    def test_closes_are_as_traded(self, server, client):
        server.charts = {"XLK": chart("XLK", [100.0, 100.0, 102.0], {"splits": split_event(DAYS[-2], 2)})}
        _days, fields = one(client)
        assert fields["close"].tolist() == [200.0, 100.0, 102.0]
        assert fields["high"] == pytest.approx([202.0, 101.0, 103.02])
        assert fields["volume"].tolist() == [500.0, 1000.0, 1000.0]
        assert str(fields["split"].tolist()) == "[nan, 2.0, nan]"

    def test_dividends_are_as_paid(self, server, client):
        events = {"splits": split_event(DAYS[-2], 4), "dividends": dividend_event(DAYS[-3], 0.5)}
        events["dividends"] |= dividend_event(DAYS[-1], 0.6)
        server.charts = {"XLK": chart("XLK", [100.0] * 4, events)}
        fields = one(client)[1]
        assert fields["dividend"].tolist() == [0.0, 2.0, 0.0, 0.6]

    def test_a_split_after_the_last_finished_session_counts(self, server, client):
        """Yahoo has halved the history in the morning; the bar of today is left out, its split must not be."""
        server.charts = {"XLK": chart("XLK", [50.0, 50.0, 51.0], {"splits": split_event(DAYS[-1], 2)})}
        days, fields = one(client, now=dt.datetime(2026, 2, 13, 19, 0, tzinfo=dt.UTC))
        assert days == ["2026-02-11", "2026-02-12"]
        assert fields["close"].tolist() == [100.0, 100.0]
        assert "split" not in fields

    def test_a_split_without_a_bar_yet_is_waited_for(self, server, client):
        morning = dt.datetime(2026, 2, 13, 13, 0, tzinfo=dt.UTC)
        answer = chart("XLK", [50.0, 50.0], {"splits": split_event(DAYS[-1], 2)}, DAYS[-3:-1])
        server.charts = {"XLK": answer}
        found = fetch(client, "XLK", now=morning)
        assert found.blocks == []
        assert "split of 2 for 1 takes effect on 2026-02-13" in found.missing["XLK"]
        assert "run xlrotation refresh XLK" in found.missing["XLK"]

    def test_a_split_of_the_future_has_no_effect_yet(self, server, client):
        answer = chart("XLK", [50.0, 50.0], {"splits": split_event(dt.date(2026, 2, 17), 2)})
        server.charts = {"XLK": answer}
        assert one(client)[1]["close"].tolist() == [50.0, 50.0]

    def test_a_split_that_the_source_has_not_applied_is_seen(self, server, client):
        server.charts = {"XLK": chart("XLK", [1000.0, 101.0, 102.0], {"splits": split_event(DAYS[-2], 10)})}
        found = fetch(client, "XLK")
        fields = found.blocks[0][2]
        assert fields["close"].tolist() == [1000.0, 101.0, 102.0]
        assert fields["split"][1] == 10.0
        assert "not applied" in found.remarks["XLK"][0]

    def test_a_split_on_a_day_without_a_bar_keeps_its_day(self, server, client):
        closes = [100.0, None, 102.0]
        server.charts = {"XLK": chart("XLK", closes, {"splits": split_event(DAYS[-2], 2)})}
        days, fields = one(client)
        assert days == ["2026-02-11", "2026-02-12", "2026-02-13"]
        assert str(fields["close"].tolist()) == "[200.0, nan, 102.0]"
        assert fields["split"][1] == 2.0

    @pytest.mark.parametrize("event", [(0, 1), (1, 0), (5000, 1), (-2, 1), ("two", 1)])
    def test_a_split_that_is_none_spoils_the_answer(self, server, client, event):
        server.charts = {"XLK": chart("XLK", [100.0, 102.0], {"splits": split_event(DAYS[-1], *event)})}
        assert "split" in fetch(client, "XLK").missing["XLK"]

    def test_the_truth_comes_back_whatever_day_yahoo_counts_the_shares_on(self, server, client):
        stock = Stock(DAYS, [float(100 + i) for i in range(len(DAYS))])
        stock.splits = {DAYS[4]: 3.0, DAYS[9]: 0.1}
        stock.dividends = {DAYS[3]: 0.7, DAYS[4]: 0.8, DAYS[12]: 0.9}
        server.stocks["XLK"] = stock
        for place in range(2, len(DAYS)):
            server.today = DAYS[place]
            now = dt.datetime.combine(DAYS[place], dt.time(22), dt.UTC)
            fields = one(client, now=now)[1]
            assert fields["close"] == pytest.approx(stock.closes[: place + 1])
            assert fields["volume"] == pytest.approx(1000.0)
            paid = {DAYS[i]: value for i, value in enumerate(fields["dividend"]) if value}
            assert paid == pytest.approx({day: value for day, value in stock.dividends.items() if day <= DAYS[place]})


class TestChecks:
    """Each answer is checked before it counts."""

    def left_out(self, server, client, change, closes=(100.0, 101.0, 102.0)):
        server.charts = {"XLK": spoiled(change, closes)}
        found = fetch(client, "XLK")
        return found, {str(day): row for day, row in zip(found.blocks[0][1], found.blocks[0][2]["close"], strict=True)}

    def test_prices_of_zero_are_gaps(self, server, client):
        def change(result):
            quote = result["indicators"]["quote"][0]
            quote["close"] = [100.0, 0.0, 102.0]
            quote["open"] = [0.0, 100.0, 101.0]

        found, closes = self.left_out(server, client, change)
        assert list(closes) == ["2026-02-11", "2026-02-13"]
        assert str(found.blocks[0][2]["open"].tolist()) == "[nan, 101.0]"
        assert "2026-02-12: close of zero or less; left out" in found.remarks["XLK"]

    def test_a_close_outside_high_and_low_is_no_bar(self, server, client):
        def change(result):
            result["indicators"]["quote"][0]["close"][1] = 120.0

        _found, closes = self.left_out(server, client, change)
        assert list(closes) == ["2026-02-11", "2026-02-13"]

    def test_high_below_low(self, server, client):
        def change(result):
            quote = result["indicators"]["quote"][0]
            quote["high"][0], quote["low"][0] = quote["low"][0], quote["high"][0]

        found, closes = self.left_out(server, client, change)
        assert list(closes.values()) == [100.0, 101.0, 102.0]
        assert np.isnan(found.blocks[0][2]["high"][0])
        assert found.remarks["XLK"] == ["2026-02-11: high below low; both left out"]

    def test_a_day_told_twice_alike_is_one_day(self, server, client):
        def change(result):
            for column in (result["timestamp"], *result["indicators"]["quote"][0].values()):
                column.insert(1, column[1])
            result["indicators"]["quote"][0]["volume"][1] = 1400

        found, closes = self.left_out(server, client, change)
        assert list(closes.values()) == [100.0, 101.0, 102.0]
        assert found.blocks[0][2]["volume"].tolist() == [1000.0, 1400.0, 1000.0]

    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_a_day_told_differently_is_left_out(self, server, client, times):
        def change(result):
            for column in (result["timestamp"], *result["indicators"]["quote"][0].values()):
                for _ in range(times):
                    column.insert(1, column[1])
            result["indicators"]["quote"][0]["close"][1] = 101.5

        found, closes = self.left_out(server, client, change)
        assert list(closes.values()) == [100.0, 102.0]
        assert found.remarks["XLK"][0].startswith("2026-02-12: two different bars")

    def test_days_in_no_order_are_sorted(self, server, client):
        def change(result):
            for column in (result["timestamp"], *result["indicators"]["quote"][0].values()):
                column.reverse()

        _found, closes = self.left_out(server, client, change)
        assert list(closes) == ["2026-02-11", "2026-02-12", "2026-02-13"]
        assert list(closes.values()) == [100.0, 101.0, 102.0]

    def test_a_bar_on_a_day_without_a_session(self, server, client):
        days = [dt.date(2026, 2, 13), dt.date(2026, 2, 16), dt.date(2026, 2, 17)]
        server.charts = {"XLK": chart("XLK", [100.0, 100.0, 101.0], days=days)}
        found = fetch(client, "XLK", now=NOW + dt.timedelta(days=4))
        assert [str(day) for day in found.blocks[0][1]] == ["2026-02-13", "2026-02-17"]
        assert found.remarks["XLK"] == ["2026-02-16: a bar, but no session; left out"]

    def test_bars_of_an_exchange_abroad_have_their_own_days(self, server, client):
        """Tokyo opens at midnight UTC; its bar of a Friday begins on Thursday in New York."""
        server.charts = {"7203.T": chart("7203.T", [3000.0, 3010.0], zone="Asia/Tokyo")}
        found = fetch(client, "7203.T")
        assert [str(day) for day in found.blocks[0][1]] == ["2026-02-12", "2026-02-13"]
        assert found.zones == {"7203.T": "Asia/Tokyo"}

    def test_a_late_beginning_is_told(self, server, client):
        def change(result):
            result["meta"]["firstTradeDate"] = 345479400

        server.charts = {"XLK": spoiled(change)}
        found = fetch(client, "XLK", start=dt.date(2025, 12, 1))
        assert "begin on 2026-02-11, though it trades since 2025-12-01" in found.remarks["XLK"][0]
        assert fetch(client, "XLK", start=dt.date(2026, 2, 9)).remarks == {}

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda r: r["meta"].update(symbol="XLF"), "is of XLF, not of XLK"),
            (lambda r: r["meta"].update(currency="12"), "no currency"),
            (lambda r: r["meta"].update(exchangeTimezoneName="Mars/Olympus"), "no time zone"),
            (lambda r: r["meta"].update(exchangeTimezoneName=None), "no time zone"),
            (lambda r: r["meta"].update(dataGranularity="1wk"), "bars of 1wk"),
            (lambda r: r.pop("meta"), "does not say of what"),
            (lambda r: r["timestamp"].append(1771000000), "more days than prices"),
            (lambda r: r["timestamp"].__setitem__(0, "now"), "cannot be read"),
            (lambda r: r["timestamp"].__setitem__(0, 10**17), "cannot be read"),
            (lambda r: r["indicators"]["quote"][0]["close"].__setitem__(0, "100"), "cannot be read"),
            (lambda r: r["indicators"]["quote"][0].pop("close"), "no closes"),
            (lambda r: r["indicators"].pop("quote"), "cannot be read"),
        ],
    )
    def test_an_answer_that_contradicts_itself_counts_for_nothing(self, server, client, change, reason):
        server.charts = {"XLK": spoiled(change)}
        found = fetch(client, "XLK")
        assert found.blocks == []
        assert reason in found.missing["XLK"]
        assert "run xlrotation refresh XLK" in found.missing["XLK"]
        assert len(server.asked) == quick().tries

    def test_no_bars_at_all(self, server, client):
        def change(result):
            del result["timestamp"]
            result["indicators"] = {"quote": [{}], "adjclose": [{}]}

        server.charts = {"XLK": spoiled(change)}
        assert "no bars since 2026-01-26; XLK may be delisted" in fetch(client, "XLK").missing["XLK"]

    def test_infinity_is_no_price(self, server, client):
        server.charts = {"XLK": json.dumps(chart("XLK", [100.0, 101.0])).replace("101.0", "Infinity")}
        assert one(client)[1]["close"].tolist() == [100.0]


class TestFaults:
    def test_a_fault_that_passes_is_asked_again(self, server, client):
        server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
        for fault in ("401", "crumb", "429", "429 after", "500", "truncated", "html", "wrong", "empty", "cut", "reset"):
            server.faults["XLK"] = [fault]
            assert one(client)[1]["close"].tolist() == [100.0, 101.0], fault
            server.refuse_crumb = False

    def test_a_404_without_yahoos_words_passes_too(self, server, client):
        server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
        server.faults["XLK"] = ["404"]
        assert one(client)[1]["close"].tolist() == [100.0, 101.0]

    def test_a_rate_limit_that_goes_on_ends_the_asking(self, server, client):
        server.charts = {name: chart(name, [100.0, 101.0]) for name in ("AAA", "BBB", "CCC")}
        server.always["BBB"] = "429"
        found = fetch(client, "AAA", "BBB", "CCC")
        assert [block[0] for block in found.blocks] == ["AAA"]
        assert list(found.missing) == ["BBB", "CCC"]
        for symbol, reason in found.missing.items():
            assert reason.startswith(f"{symbol} was not asked for: the source limits requests; run xlrotation refresh")
        assert [name for name, _ in server.asked].count("BBB") == quick().limit_tries
        assert not any(name == "CCC" for name, _ in server.asked)

    def test_a_long_wait_is_left_to_the_analyst(self, server, client):
        server.charts = {"AAA": chart("AAA", [100.0, 101.0])}
        server.always["AAA"] = "429 after"
        server.retry_after = 3600
        clock = Clock()
        found = fetch(client, "AAA", manners=quick(clock))
        assert "again in 60 minutes" in found.missing["AAA"]
        assert sum(clock.waits) < 60
        assert len(server.asked) == 1

    def test_a_stated_wait_is_kept(self, server, client):
        server.charts = {"AAA": chart("AAA", [100.0, 101.0])}
        server.faults["AAA"] = ["429 after"]
        clock = Clock()
        assert fetch(client, "AAA", manners=quick(clock)).missing == {}
        assert 30.0 <= max(clock.waits) <= 35.0

    def test_a_network_that_is_down_is_noticed(self, server, client):
        names = [f"A{i}" for i in range(20)]
        for name in names:
            server.always[name] = "reset"
        found = fetch(client, *names, manners=quick(tries=2))
        assert list(found.missing) == names
        assert "A19 was not asked for: 5 symbols in a row failed" in found.missing["A19"]
        assert "check the network" in found.missing["A19"]
        assert len(server.asked) == 10

    def test_ctrl_c_keeps_what_came(self, server, client):
        server.charts = {name: chart(name, [100.0, 101.0]) for name in ("AAA", "BBB", "CCC")}

        def progress(done, _total):
            if done == 2:
                raise KeyboardInterrupt

        found = fetch(client, "AAA", "BBB", "CCC", progress=progress)
        assert [block[0] for block in found.blocks] == ["AAA", "BBB"]
        assert found.interrupted
        assert found.missing == {
            "CCC": "CCC was not asked for: interrupted; run xlrotation refresh again to go on",
        }
        assert "request" not in vars(client)


def test_advice():
    assert "run xlrotation refresh META" in advice("FB", "No data found, symbol may be delisted")
    assert "run xlrotation refresh BRK-B" in advice("BRK.B", "")
    assert "look it up" in advice("OCDO.L", "x")
    assert not set(RENAMED) & {name.ticker for name in NAMES}
    assert not set(RENAMED) & set(RENAMED.values())


def test_our_own_session_looks_like_a_browser():
    from curl_cffi import requests as curl

    session = yahoo.own_session()
    assert isinstance(session, curl.Session)
    assert session.impersonate == "chrome"
    assert yahoo.own_session() is session


@pytest.mark.parametrize("fault", ["", "429 after", "500", "timeout", "drip", "truncated", "reset", "401"])
def test_curl_cffi_itself(server, fault):
    """The session of real use, with nothing changed but the address."""
    from curl_cffi import requests as curl

    class Here(curl.Session):
        def request(self, method, url, **options):
            path = url.split("/", 3)[3] if url.count("/") > 2 else ""
            return super().request(method, f"http://127.0.0.1:{server.server_address[1]}/{path}", **options)

    server.charts = {"XLK": chart("XLK", [100.0, 101.0])}
    server.faults["XLK"] = [fault] if fault else []
    with Here(impersonate="chrome") as session:
        _days, fields = one(session, manners=quick(timeout=0.5))
    assert fields["close"].tolist() == [100.0, 101.0]
