"""Refreshes of a store, through the real yfinance client, against a server on this machine."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.market.answers import DAYS, NOW, Stock, chart, dividend_event, quick, split_event, wait_for
from xlrotation.errors import NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import EXCHANGES, XNYS
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.refresh import extras as refresh_extras
from xlrotation.market.refresh import run as refresh_module
from xlrotation.market.refresh.asked import ENOUGH, Asked
from xlrotation.market.refresh.run import AS_TRADED, RefreshReport, memory
from xlrotation.market.store.store import Store

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas


@pytest.fixture
def refresh(server, client):
    """Refresh symbols as of a time; the server lives on the same day."""

    def run(*symbols, now=NOW, progress=None, **options):
        server.asked.clear()
        return refresh_module.refresh("yahoo", list(symbols) or None, progress, client, now, quick(), **options)

    return run


def stored(symbol, field="close"):
    """What the store holds of a symbol, by day."""
    panel = Store("yahoo").read()
    column = panel.fields[field][:, panel.columns[symbol]]
    return {day: value for day, value in zip(panel.days.tolist(), column.tolist(), strict=True) if value == value}


def at(place, hour=22):
    """A time on a day of DAYS."""
    return dt.datetime.combine(DAYS[place], dt.time(hour), dt.UTC)


def rising(count=len(DAYS), first=100.0):
    return [first + i for i in range(count)]


def test_refresh_fills_the_store_and_keeps_it(server, refresh):
    server.charts = {"XLK": chart("XLK", [100.0, 101.0, 102.0]), "SPY": chart("SPY", [600.0, 610.0, 620.0])}
    report = refresh("XLK", "SPY", "GONE")
    assert sorted(report.received) == ["SPY", "XLK"]
    assert list(report.missing) == ["GONE"]
    session = Session("yahoo")
    assert session.call("PX_RET", "XLK", "2D") == pytest.approx(0.02)
    assert session.call("XLR_SOURCE", "XLK")[2][1] == "Yahoo Finance"
    server.charts = {}  # the provider answers nothing at all
    report = refresh("XLK", force=True)
    assert list(report.missing) == ["XLK"]
    assert Session("yahoo").call("PX_CLOSE", "SPY") == 620.0


def test_nothing_received_and_nothing_stored_is_an_error(refresh):
    with pytest.raises(NoData, match="nothing was received"):
        refresh("GONE")


class TestOnlyWhatIsMissing:
    def test_what_is_complete_is_not_asked_for(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising()), "BBB": chart("BBB", rising())}
        refresh("AAA", "BBB")
        report = refresh("AAA", "BBB")
        assert server.asked == []
        assert report.complete == ["AAA", "BBB"]
        assert report.message.startswith("0 symbols received (0 unchanged), 2 complete and not asked for")
        assert refresh("AAA", "BBB", force=True).unchanged == ["AAA", "BBB"]

    def test_a_weekend_brings_nothing_new(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA")
        refresh(
            "AAA", now=NOW + dt.timedelta(days=3, hours=16)
        )  # the Tuesday's session still runs, Monday is a holiday
        assert server.asked == []

    def test_the_next_session_is_asked_for_with_some_overlap(self, server, refresh):
        server.stocks["AAA"] = Stock(DAYS, rising())
        server.today = DAYS[-2]
        refresh("AAA", now=at(-2))
        server.today = DAYS[-1]
        refresh("AAA", now=at(-1))
        ((_, asked),) = server.asked
        since = dt.datetime.fromtimestamp(int(asked["period1"]), dt.UTC).date()
        assert since == DAYS[-11] - dt.timedelta(days=1)
        assert list(stored("AAA").values()) == rising()

    def test_a_symbol_that_fell_behind_is_fetched_from_where_it_stopped(self, server, refresh):
        server.stocks["AAA"] = Stock(DAYS, rising())
        server.today = DAYS[2]
        refresh("AAA", now=at(2))
        server.today = DAYS[-1]
        server.charts["BBB"] = chart("BBB", rising())
        refresh("BBB")
        report = refresh("aaa", "BBB")
        assert (report.received, report.complete) == (["AAA"], ["BBB"])
        assert Session("yahoo").call("PX_RET", "AAA", "14D") == pytest.approx(0.14)

    def test_the_first_fetch_is_of_twenty_years(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA")
        since = dt.datetime.fromtimestamp(int(server.asked[0][1]["period1"]), dt.UTC).date()
        assert since == dt.date(2006, 1, 31)

    def test_all_symbols_are_what_the_library_uses_and_what_is_stored(self, server, refresh):
        server.charts = {"ODD": chart("ODD", rising())}
        refresh("ODD")
        refresh(now=at(-1) + dt.timedelta(days=4))
        asked = {name for name, _ in server.asked}
        assert {"ODD", "^GSPC", "XLK"} <= asked


class TestSplits:
    def test_a_split_changes_no_stored_close(self, server, refresh):
        """And the history of no other symbol."""
        for name in ("AAA", "BBB"):
            server.stocks[name] = Stock(DAYS, rising())
        server.today = DAYS[-2]
        refresh("AAA", "BBB", now=at(-2))
        before = stored("AAA")
        halved = rising()
        halved[-1] /= 2
        server.stocks["AAA"] = Stock(DAYS, halved, {DAYS[-1]: 2.0})
        server.today = DAYS[-1]
        report = refresh("AAA", "BBB", now=at(-1))
        assert report.missing == {}
        assert len(server.asked) == 2  # nothing was fetched again
        assert stored("AAA") == pytest.approx(before | {DAYS[-1]: halved[-1]})
        assert stored("AAA", "split") == {DAYS[-1]: 2.0}
        rows = Session("yahoo").call("PX_HISTORY", [["AAA", "BBB"]], DAYS[0], None, None, False)
        assert [row[1] for row in rows] == pytest.approx([value / 2 for value in rising()])
        assert [row[2] for row in rows] == rising()

    def test_dividends_are_kept_and_splits_are_not_applied_twice(self, server, refresh):
        events = {"dividends": dividend_event(DAYS[-2], 0.5), "splits": split_event(DAYS[-2], 2)}
        server.charts = {"XLK": chart("XLK", [100.0, 100.0, 102.0], events)}
        refresh("XLK")
        session = Session("yahoo")
        assert session.call("PX_RET", "XLK", "2D") == pytest.approx(0.02)
        assert session.call("PX_RET", "XLK", "2D", None, "total") == pytest.approx(1.02 * 1.005 - 1)

    def test_what_an_older_version_stored_is_fetched_anew(self, server, refresh):
        """It stored closes adjusted for splits, without the splits."""
        closes = np.array([[50.0], [51.0], [52.0]])
        days = np.array(DAYS[:3], "datetime64[D]")
        known = Provenance("Yahoo Finance", DAYS[0], DAYS[2], at(2), "splits by the provider", as_traded=False)
        Store("yahoo").write(Panel(days, ("AAA",), {"close": closes}, "yahoo", "", {"AAA": known}))
        server.stocks["AAA"] = Stock(DAYS, [100.0, 51.0, 52.0, *rising(len(DAYS) - 3, 53.0)], {DAYS[1]: 2.0})
        refresh("AAA")
        assert stored("AAA")[DAYS[0]] == 100.0
        assert stored("AAA", "split") == {DAYS[1]: 2.0}
        assert Store("yahoo").read().provenance["AAA"].adjusted == AS_TRADED


class TestRewritten:
    """What is handed to the store; it may hold a rewritten history back."""

    @pytest.fixture
    def written(self, monkeypatch):
        """Closes of each symbol and the whole ones, as they were handed over last."""
        last = {}
        real = Store.write

        def write(self, panel, whole=()):
            last.update(
                whole=list(whole), closes=dict(zip(panel.symbols, panel.fields["close"].T.tolist(), strict=True))
            )
            last["split"] = panel.fields.get("split")
            return real(self, panel, whole)

        monkeypatch.setattr(Store, "write", write)
        return last

    def test_a_history_that_the_provider_rewrote_is_handed_over_whole(self, server, refresh, written):
        server.charts = {"AAA": chart("AAA", rising()), "BBB": chart("BBB", rising())}
        refresh("AAA", "BBB")
        server.charts["AAA"] = chart("AAA", [value * 1.02 for value in rising()])
        report = refresh("AAA", "BBB", force=True)
        assert report.missing == {}
        assert written["whole"] == ["AAA"]
        assert written["closes"]["AAA"] == pytest.approx([value * 1.02 for value in rising()])
        assert list(stored("BBB").values()) == rising()

    def test_one_that_comes_in_part_changes_nothing(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA")
        server.charts["AAA"] = chart("AAA", [value / 2 for value in rising()][-5:])
        report = refresh("AAA", force=True)
        assert "did not come whole" in report.missing["AAA"]
        assert "run xlrotation refresh AAA" in report.missing["AAA"]
        assert list(stored("AAA").values()) == rising()

    def test_two_answers_that_contradict_one_another_change_nothing(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA")
        server.charts["AAA"] = chart("AAA", [value * 2 for value in rising()])

        def progress(_done, _total):
            server.charts["AAA"] = chart("AAA", [value * 3 for value in rising()])

        report = refresh("AAA", force=True, progress=progress)
        assert "stays as it was" in report.missing["AAA"]
        assert list(stored("AAA").values()) == rising()

    def test_a_split_that_is_taken_back_is_noticed(self, server, refresh, written):
        server.charts = {"AAA": chart("AAA", [50.0] * 14 + [51.0], {"splits": split_event(DAYS[-3], 2)})}
        refresh("AAA")
        assert stored("AAA", "split") == {DAYS[-3]: 2.0}
        server.charts["AAA"] = chart("AAA", [50.0] * 14 + [51.0])
        report = refresh("AAA", force=True)
        assert report.missing == {}
        assert (written["whole"], written["split"]) == (["AAA"], None)
        assert written["closes"]["AAA"][0] == 50.0


class TestGaps:
    def test_a_dropped_session_is_told_and_asked_for_again(self, server, refresh):
        closes = rising()
        server.charts = {"AAA": chart("AAA", [*closes[:3], None, *closes[4:]]), "BBB": chart("BBB", closes)}
        report = refresh("AAA", "BBB")
        assert report.holes == {"AAA": [DAYS[3]]}
        assert "1 with gaps" in report.message
        assert f"AAA: no bar of {DAYS[3]}; the next xlrotation refresh asks again" in report.lines()
        server.charts["AAA"] = chart("AAA", closes)
        report = refresh("AAA", "BBB")
        assert [name for name, _ in server.asked] == ["AAA"]
        assert report.holes == {}
        assert list(stored("AAA").values()) == closes

    def test_gaps_are_counted_on_the_calendar(self, server, refresh):
        """Also those that no symbol has a row for."""
        days = [day for day in DAYS if day != DAYS[5]]
        server.charts = {"AAA": chart("AAA", rising(len(days)), days=days)}
        assert refresh("AAA").holes == {"AAA": [DAYS[5]]}

    def test_a_missing_last_session_is_a_gap(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising(len(DAYS) - 1), days=DAYS[:-1])}
        assert refresh("AAA").holes == {"AAA": [DAYS[-1]]}

    def test_a_gap_that_stays_is_given_up_but_never_hidden(self, server, refresh):
        stock = Stock([*DAYS[:3], *DAYS[4:]], rising(len(DAYS) - 1))
        server.stocks["AAA"] = stock
        told = []
        for place in range(6, 6 + ENOUGH + 1):
            server.today = DAYS[place]
            for hour in (22, 23):  # twice after each session
                report = refresh("AAA", now=at(place, hour))
            told.append((bool(report.holes), report.given_up.get("AAA")))
        gap = [DAYS[3]]
        assert told == [(True, None)] * (ENOUGH - 1) + [(False, gap)] * 2
        assert "Yahoo has no bar of 2026-01-29; xlrotation refresh --force asks once more" in report.lines()[0]
        assert server.asked == []
        stock.days.insert(3, DAYS[3])
        stock.closes.insert(3, 102.5)
        report = refresh("AAA", now=at(place), force=True)
        assert (report.holes, report.given_up) == ({}, {})

    def test_a_symbol_that_stopped_coming_is_no_gap(self, server, refresh):
        days = DAYS[:3]
        server.charts = {"AAA": chart("AAA", rising(3), days=days)}
        report = refresh("AAA")
        assert report.holes == {}
        assert f"no bar since {DAYS[2]}; AAA may be delisted, renamed" in report.missing["AAA"]

    def test_an_exchange_abroad_keeps_its_own_sessions(self, server, refresh):
        tokyo = EXCHANGES["XTKS"].sessions_between(DAYS[0], DAYS[-1]).tolist()
        assert set(DAYS).difference(tokyo) == {dt.date(2026, 2, 11)}
        closes = rising(len(tokyo))
        server.charts = {"7203.T": chart("7203.T", closes, days=tokyo, zone="Asia/Tokyo")}
        report = refresh("7203.T")
        assert (report.received, report.holes, report.missing) == (["7203.T"], {}, {})
        assert refresh("7203.T").complete == ["7203.T"]
        assert list(stored("7203.T")) == tokyo
        before = DAYS[-2]
        assert Session("yahoo").call("PX_RET", "7203.T", "1D", before) == pytest.approx(closes[-2] / closes[-3] - 1)

    def test_a_gap_abroad_is_told(self, server, refresh):
        tokyo = EXCHANGES["XTKS"].sessions_between(DAYS[0], DAYS[-1]).tolist()
        closes = rising(len(tokyo))
        server.charts = {
            "7203.T": chart("7203.T", [*closes[:3], None, *closes[4:]], days=tokyo, zone="Asia/Tokyo"),
            "GGAL.BA": chart("GGAL.BA", [*rising()[:3], None, *rising()[4:]], zone="America/Argentina/Buenos_Aires"),
        }
        assert refresh("7203.T", "GGAL.BA").holes == {"7203.T": [tokyo[3]]}  # nobody knows the sessions of Buenos Aires

    def test_each_symbol_is_asked_for_the_last_session_of_its_exchange(self, server, refresh):
        tokyo = EXCHANGES["XTKS"].sessions_between(DAYS[0], DAYS[-1]).tolist()
        server.charts = {
            "7203.T": chart("7203.T", rising(len(tokyo)), days=tokyo, zone="Asia/Tokyo"),
            "AAA": chart("AAA", rising()),
        }
        refresh("7203.T", "AAA", now=at(-1, 12))  # Tokyo has closed, New York has not opened
        assert max(stored("7203.T")) == tokyo[-1]
        assert max(stored("AAA")) == DAYS[-2]
        refresh("7203.T", "AAA", now=at(-1, 19), provisional=True)  # New York is running
        known = Store("yahoo").read().provenance
        assert max(stored("AAA")) == DAYS[-1]
        assert known["AAA"].provisional == DAYS[-1]
        assert known["7203.T"].provisional is None

    def test_past_the_end_of_a_calendar_a_symbol_is_left_out_with_the_reason(self, server, refresh):
        days = XNYS.sessions_between(dt.date(2027, 1, 4), dt.date(2027, 1, 8)).tolist()
        server.charts = {
            "AAA": chart("AAA", rising(5), days=days),
            "600519.SS": chart("600519.SS", rising(5), days=days),
        }
        report = refresh("AAA", "600519.SS", now=dt.datetime.combine(days[-1], dt.time(22), dt.UTC))
        assert report.received == ["AAA"]
        assert "known until 2026-12-31" in report.missing["600519.SS"]
        assert "tools/build_calendar.py" in report.missing["600519.SS"]


class TestProvisional:
    def test_a_running_session_is_marked_and_replaced(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        during = at(-1, 19)
        refresh("AAA", now=during)
        assert DAYS[-1] not in stored("AAA")
        refresh("AAA", now=during, provisional=True)
        assert stored("AAA")[DAYS[-1]] == 114.0
        assert Store("yahoo").read().provenance["AAA"].provisional == DAYS[-1]
        assert f"{DAYS[-1]} is provisional" in Session("yahoo").call("XLR_SOURCE", "AAA")[-1][1]
        server.charts = {"AAA": chart("AAA", [*rising()[:-1], 119.0])}
        report = refresh("AAA", now=at(-1))
        assert report.received == ["AAA"]
        assert stored("AAA")[DAYS[-1]] == 119.0
        assert Store("yahoo").read().provenance["AAA"].provisional is None
        assert refresh("AAA", now=at(-1)).complete == ["AAA"]

    def test_a_final_bar_that_does_not_come_leaves_the_mark(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA", now=at(-1, 19), provisional=True)
        server.charts = {"AAA": chart("AAA", [*rising()[:-1], None])}
        refresh("AAA", now=at(-1))
        assert Store("yahoo").read().provenance["AAA"].provisional == DAYS[-1]
        assert refresh("AAA", now=at(-1)).complete == []

    def test_without_a_running_session_there_is_nothing_provisional(self, server, refresh):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh("AAA", provisional=True)
        assert Store("yahoo").read().provenance["AAA"].provisional is None
        assert refresh("AAA", provisional=True).complete == ["AAA"]


def test_a_damaged_store_is_written_anew(server, refresh, monkeypatch):
    """From what can be read of it and what comes."""
    server.charts = {"AAA": chart("AAA", rising()), "BBB": chart("BBB", rising())}
    refresh("AAA", "BBB")
    assert refresh("AAA", "BBB").complete == ["AAA", "BBB"]
    real, refused = Store.read, []

    def read(self):
        if not refused:
            refused.append(self)
            raise NoData("damaged")
        return real(self)

    monkeypatch.setattr(Store, "read", read)
    assert refresh("AAA", "BBB").received == ["AAA", "BBB"]


class TestInterrupted:
    def names(self, server, count):
        names = [f"S{i}" for i in range(count)]
        server.charts = {name: chart(name, rising()) for name in names}
        return names

    def test_what_came_is_stored_and_the_next_run_goes_on(self, server, refresh, monkeypatch):
        monkeypatch.setattr(refresh_module, "BATCH", 3)
        names = self.names(server, 8)

        def progress(done, _total):
            if done == 5:
                raise KeyboardInterrupt

        report = refresh(*names, progress=progress)
        assert report.interrupted
        assert report.received == names[:5]
        assert list(report.missing) == names[5:]
        assert report.message.endswith("run xlrotation refresh again to go on")
        assert all("run xlrotation refresh again to go on" in reason for reason in report.missing.values())
        report = refresh(*names)
        assert [name for name, _ in server.asked] == names[5:]
        assert report.complete == names[:5]

    def test_while_the_store_is_written(self, server, refresh, monkeypatch):
        names = self.names(server, 2)
        real, calls = Store.write, []

        def write(self, panel, whole=()):
            calls.append(panel.symbols)
            if len(calls) == 1:
                raise KeyboardInterrupt
            return real(self, panel, whole)

        monkeypatch.setattr(Store, "write", write)
        report = refresh(*names)
        assert report.interrupted
        assert sorted(stored("S1")) == DAYS

    def test_a_rate_limit_keeps_what_came(self, server, refresh, monkeypatch):
        monkeypatch.setattr(refresh_module, "BATCH", 3)
        names = self.names(server, 8)
        server.always["S4"] = "429"
        report = refresh(*names)
        assert report.received == names[:4]
        assert list(report.missing) == names[4:]
        for symbol in names[4:]:
            assert f"{symbol} was not asked for: the source limits requests" in report.missing[symbol]
        server.always.clear()
        assert refresh(*names).received == names[4:]


def test_progress_counts_all_symbols(server, refresh, monkeypatch):
    monkeypatch.setattr(refresh_module, "BATCH", 2)
    server.charts = {name: chart(name, [100.0, 101.0]) for name in ("AAA", "BBB", "CCC")}
    told = []
    refresh("AAA", "BBB", "CCC", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_provenance_knows_when_each_symbol_came(server, refresh):
    server.charts = {"AAA": chart("AAA", rising()), "BBB": chart("BBB", rising())}
    refresh("AAA")
    later = NOW + dt.timedelta(hours=1)
    refresh("BBB", now=later)
    known = Store("yahoo").read().provenance
    assert (known["AAA"].fetched, known["BBB"].fetched) == (NOW, later)


def test_remarks_are_told_but_not_without_end():
    report = RefreshReport("yahoo", remarks={"AAA": [f"remark {i}" for i in range(9)]})
    assert report.lines() == [*(f"AAA: remark {i}" for i in range(5)), "AAA: and 4 more remarks of this kind"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"holes": 5, "zones": []}', '{"holes": {"A": {"B": 5}}, "series": {"X": 5}}']
)
def test_a_damaged_memory_counts_as_empty(tmp_path, text):
    path = tmp_path / "asked.json"
    path.write_text(text, "utf-8")
    asked = Asked(path)
    assert asked.worth_asking("A", DAYS[:2]) == DAYS[:2]
    assert asked.zone("A") is None
    assert asked.series_fetched("X") is None
    asked.count("A", DAYS[:1], DAYS[0], DAYS[0])
    asked.save()
    assert Asked(path).worth_asking("A", DAYS[:2]) == DAYS[:2]


def test_a_lost_memory_loses_no_data(server, refresh):
    server.charts = {"AAA": chart("AAA", rising())}
    refresh("AAA")
    (memory()._path).unlink()
    assert refresh("AAA").complete == ["AAA"]
    assert list(stored("AAA").values()) == rising()


class TestOptions:
    """With the chains of test_chains; here, when they are asked for."""

    @pytest.fixture
    def options(self, server, client):
        from tests.market.test_chains import option_answer

        expiry = dt.date(2026, 3, 20)
        stamp = int(dt.datetime(2026, 3, 20, tzinfo=dt.UTC).timestamp())

        def answer(name, _query):
            return option_answer(name, expiry, [95.0, 100.0, 105.0], 100.0) | {"expirationDates": [stamp]}

        server.options = answer

        def run(*symbols, now=NOW, **more):
            server.asked.clear()
            return refresh_extras.refresh_options(list(symbols), None, client, now, quick(), **more)

        return run

    def test_once_for_each_session(self, server, options):
        assert options("AAA", "BBB").received == ["AAA", "BBB"]
        report = options("AAA", "BBB")
        assert (report.received, report.complete, server.asked) == ([], ["AAA", "BBB"], [])
        assert options("AAA", force=True).received == ["AAA"]

    def test_not_while_a_session_runs(self, server, options):
        report = options("AAA", now=at(-1, 19))
        assert server.asked == []
        assert "run xlrotation refresh --options after 16:15 in New York" in report.missing["option chains"]
        report = options("AAA", now=at(-1, 19), provisional=True)
        assert (report.received, report.newest) == (["AAA"], DAYS[-1])
        assert options("AAA").complete == ["AAA"]

    @pytest.mark.parametrize("fault", ["401", "crumb", "429", "500", "html", "cut", "reset"])
    def test_faults_pass(self, server, options, fault):
        server.faults["AAA"] = [fault]
        report = options("AAA")
        assert (report.received, report.missing) == (["AAA"], {})

    def test_a_source_that_refuses(self, server, options):
        server.always["AAA"] = "401"
        report = options("AAA", "BBB")
        assert "the source refused us (answer 401); run xlrotation refresh AAA --options later" in report.missing["AAA"]
        assert report.received == ["BBB"]

    def test_a_rate_limit_ends_the_asking(self, server, options):
        server.always["AAA"] = "429"
        report = options("AAA", "BBB")
        assert list(report.missing) == ["AAA", "BBB"]
        assert "again in" in report.missing["BBB"]

    def test_chains_of_another_underlying_are_refused(self, server, options):
        plain = server.options
        server.options = lambda _, query: plain("WRONG", query)
        assert "is of WRONG, not of AAA" in options("AAA").missing["AAA"]

    def test_quotes_that_cannot_be(self, server, options):
        plain = server.options

        def spoiled(name, query):
            answer = plain(name, query)
            calls = answer["options"][0]["calls"]
            calls[0]["bid"] = calls[0]["ask"] + 5
            calls[1]["ask"] = -1.0
            calls[2]["strike"] = 250.0
            puts = answer["options"][0]["puts"]
            puts.append(puts[0] | {"bid": 0.01})
            answer["quote"] |= {"sharesOutstanding": 3_000_000_000, "marketCap": 2e8, "forwardPE": 1e9}
            return answer

        server.options = spoiled
        report = options("AAA")
        chain = Store("yahoo").extras.chains().chain("AAA", DAYS[-1])
        quotes = {(bool(c), k): a for c, k, a in zip(chain.call, chain.strike, chain.ask, strict=True)}
        assert {key for key, ask in quotes.items() if ask == ask} == {(False, 100.0), (False, 105.0)}
        assert set(quotes) == {(True, 95.0), (True, 100.0), (False, 100.0), (False, 105.0)}
        assert len(report.remarks["AAA"]) == 4

    def test_shares_from_the_market_value(self, server, options, client):
        server.charts = {"AAA": chart("AAA", rising())}
        refresh_module.refresh("yahoo", ["AAA"], None, client, NOW, quick())
        plain = server.options

        def without(name, query):
            answer = plain(name, query)
            del answer["quote"]["sharesOutstanding"]
            answer["quote"]["marketCap"] = 5e8
            return answer

        server.options = without
        options("AAA")
        assert stored("AAA", "shares") == {DAYS[-1]: 5e6}

    def test_an_interruption(self, server, client, monkeypatch):
        monkeypatch.setattr(refresh_extras, "CHAINS_AT_A_TIME", 1)

        def progress(_done, _total):
            raise KeyboardInterrupt

        report = refresh_extras.refresh_options(["AAA", "BBB", "CCC"], progress, client, NOW, quick())
        assert report.interrupted
        assert "BBB was not asked for: interrupted" in report.missing["BBB"]
        assert "CCC" in report.missing


def test_calendar_covers_the_days_of_these_tests():
    assert XNYS.sessions_between(DAYS[0], DAYS[-1]).tolist() == DAYS


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_on_the_command_line(server):
    """The command itself, in a process of its own, interrupted while an answer is awaited."""
    server.charts = {name: chart(name, rising()) for name in ("AAA", "BBB", "CCC")}
    server.always["BBB"] = "timeout"
    server.slow = 30.0
    code = f"""
from types import SimpleNamespace
from tests.market.answers import client_of
from xlrotation.cli import main
from xlrotation.market.providers.yahoo import bars as yahoo
session = client_of(SimpleNamespace(server_address=("127.0.0.1", {server.server_address[1]})))
yahoo.own_session = lambda: session
raise SystemExit(main(["refresh", "AAA", "BBB", "CCC"]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert wait_for(lambda: [name for name, _ in server.asked] == ["AAA", "BBB"], 60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert out.startswith("1 symbols received")
    assert "interrupted: what came is stored, run xlrotation refresh again to go on" in out
    assert "CCC: CCC was not asked for: interrupted; run xlrotation refresh again to go on" in out
    assert "AAA" in Store("yahoo").read().symbols
