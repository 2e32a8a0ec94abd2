"""Providers beside Yahoo: Cboe and Stooq, from a server on this machine that answers in their layouts.

The layouts were taken from what users of both publish: Cboe's files begin ``DATE,OPEN,HIGH,LOW,CLOSE`` or
``DATE,VVIX`` and date MM/DD/YYYY; Stooq's begin ``Date,Open,High,Low,Close,Volume`` and date YYYY-MM-DD, with refusals
as plain words under the status 200.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.market.answers import DAYS, NOW, chart, dividend_event, quick
from xlrotation.cli import main
from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import EXCHANGES, XNYS
from xlrotation.market.panel import PRICE_FIELDS
from xlrotation.market.providers import bounds, registry
from xlrotation.market.providers.asking import Asker
from xlrotation.market.providers.cboe import Cboe
from xlrotation.market.providers.daily_csv import DailyCsv
from xlrotation.market.providers.stooq import Raw, Stooq, stooq_symbol
from xlrotation.market.refresh import extras as refresh_extras
from xlrotation.market.refresh import opinions
from xlrotation.market.refresh import run as refresh_module
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas

START = dt.date(2025, 1, 1)
MANY = XNYS.sessions_between(DAYS[-1] - dt.timedelta(days=60), DAYS[-1]).tolist()


def cboe_bars(days, closes):
    return "DATE,OPEN,HIGH,LOW,CLOSE\n" + "".join(
        f"{day:%m/%d/%Y},{close - 0.5:f},{close + 1:f},{close - 1:f},{close:f}\n"
        for day, close in zip(days, closes, strict=True)
    )


def cboe_values(name, days, closes):
    return f"DATE,{name}\n" + "".join(f"{day:%m/%d/%Y},{close:f}\n" for day, close in zip(days, closes, strict=True))


def stooq_bars(days, closes, end="\r\n"):
    return f"Date,Open,High,Low,Close,Volume{end}" + "".join(
        f"{day},{close},{close + 1},{close - 1},{close},1000{end}" for day, close in zip(days, closes, strict=True)
    )


def rising(days, first=100.0):
    return [first + place for place in range(len(days))]


@pytest.fixture
def refresh(server, client, monkeypatch):
    monkeypatch.delenv("STOOQ_API_KEY", raising=False)

    def run(*symbols, now=NOW, **options):
        server.asked.clear()
        return refresh_module.refresh("yahoo", list(symbols) or None, None, client, now, quick(), **options)

    return run


def fetch(provider, client, *symbols, now=NOW):
    return provider.fetch(list(symbols), START, now, client, asker=Asker(quick()))


def source(symbol):
    return {row[0].lower(): row[1] for row in Session("yahoo").call("XLR_SOURCE", symbol)}


def stored(symbol):
    panel = Store("yahoo").read()
    column = panel.fields["close"][:, panel.columns[symbol]]
    return {day: value for day, value in zip(panel.days.tolist(), column.tolist(), strict=True) if value == value}


class TestRouting:
    def test_what_yahoo_lacks_comes_from_cboe_and_says_so(self, server, refresh):
        server.tables["VVIX_History.csv"] = cboe_values("VVIX", MANY, rising(MANY))
        report = refresh("VVIX")
        assert report.received == ["^VVIX"]
        assert report.missing == {}
        assert any(
            "^VVIX: from Cboe; Yahoo Finance: No data found, symbol may be delisted" in x for x in report.lines()
        )
        assert source("VVIX")["provider"] == "Cboe"
        assert source("VVIX")["adjustment"] == Cboe.adjusted
        assert Session("yahoo").call("PX_CLOSE", "VVIX") == rising(MANY)[-1]

    def test_a_symbol_goes_on_with_its_provider(self, server, refresh):
        server.tables["VVIX_History.csv"] = cboe_values("VVIX", MANY[:-1], rising(MANY[:-1]))
        refresh("VVIX", now=dt.datetime.combine(MANY[-2], dt.time(22), dt.UTC))
        server.tables["VVIX_History.csv"] = cboe_values("VVIX", MANY, rising(MANY))
        server.charts["^VVIX"] = chart("^VVIX", [1.0, 2.0])
        report = refresh("VVIX")
        assert [name for name, _ in server.asked] == ["VVIX_History.csv"]
        assert report.received == ["^VVIX"]
        assert stored("^VVIX")[MANY[-1]] == rising(MANY)[-1]
        assert refresh("VVIX").complete == ["^VVIX"]
        assert server.asked == []

    def test_yahoo_is_asked_first_and_suffices(self, server, refresh):
        server.charts["^VIX"] = chart("^VIX", rising(DAYS, 15.0))
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS, 90.0))
        refresh("VIX")
        assert "VIX_History.csv" not in [name for name, _ in server.asked]
        assert source("VIX")["provider"] == "Yahoo Finance"

    def test_a_single_row_of_yahoo_is_no_history(self, server, refresh):
        server.charts["^COR1M"] = chart("^COR1M", [0.0633])
        server.tables["COR1M_History.csv"] = cboe_bars(MANY, rising(MANY, 6.0))
        report = refresh("COR1M")
        assert any("from Cboe; Yahoo Finance: no more than 1 bar" in line for line in report.lines())
        assert list(stored("^COR1M").values()) == rising(MANY, 6.0)

    def test_a_remnant_stays_where_cboe_gives_nothing_either(self, server, refresh):
        server.charts["^COR1M"] = chart("^COR1M", [6.33])
        report = refresh("COR1M")
        assert report.received == ["^COR1M"]
        assert source("COR1M")["provider"] == "Yahoo Finance"

    def test_a_yahoo_that_is_down_is_not_one_that_lacks(self, server, refresh):
        server.always["^VVIX"] = "500"
        server.charts["AAA"] = chart("AAA", [1.0, 2.0])
        server.tables["VVIX_History.csv"] = cboe_values("VVIX", MANY, rising(MANY))
        report = refresh("AAA", "VVIX")
        assert list(report.missing) == ["^VVIX"]
        assert "VVIX_History.csv" not in [name for name, _ in server.asked]

    def test_both_reasons_are_told_where_neither_has_it(self, refresh, server):
        server.charts["AAA"] = chart("AAA", [1.0, 2.0])
        reason = refresh("AAA", "VVIX").missing["^VVIX"]
        assert reason.startswith("Yahoo Finance: No data found")
        assert "^VVIX" in reason

    def test_stocks_are_not_asked_for_at_cboe(self, server, refresh):
        server.charts["AAA"] = chart("AAA", [1.0, 2.0])
        refresh("AAA", "GONE")
        assert {name for name, _ in server.asked} == {"AAA", "GONE"}

    def test_stored_prices_of_yahoo_are_taken_over_where_both_agree(self, server, refresh):
        server.charts["^VIX"] = chart("^VIX", rising(DAYS, 15.0))
        refresh("VIX")
        longer = [MANY[0], *DAYS]
        server.tables["VIX_History.csv"] = cboe_bars(longer, [14.0, *rising(DAYS, 15.0)])
        report = refresh("VIX", by="cboe")
        assert report.received == ["^VIX"]
        assert source("VIX")["provider"] == "Cboe"
        assert stored("^VIX")[MANY[0]] == 14.0

    @pytest.mark.parametrize("closes", [rising(DAYS, 16.0), rising(DAYS, 15.0)[:-5]])
    def test_otherwise_they_stay(self, server, refresh, closes):
        server.charts["^VIX"] = chart("^VIX", rising(DAYS, 15.0))
        refresh("VIX")
        server.tables["VIX_History.csv"] = cboe_bars(DAYS[: len(closes)], closes)
        report = refresh("VIX", by="cboe")
        assert "what is stored is from Yahoo Finance, and the history of Cboe" in report.missing["^VIX"]
        assert list(stored("^VIX").values()) == rising(DAYS, 15.0)
        assert source("VIX")["provider"] == "Yahoo Finance"

    def test_force_replaces_what_does_not_agree(self, server, refresh):
        server.charts["^VIX"] = chart("^VIX", rising(DAYS, 15.0))
        refresh("VIX")
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS, 16.0))
        assert refresh("VIX", by="cboe", force=True).received == ["^VIX"]
        assert list(stored("^VIX").values()) == rising(DAYS, 16.0)

    def test_dividends_are_not_lost_to_a_provider_without_them(self, server, refresh):
        paid = {"dividends": dividend_event(DAYS[5], 0.2)}
        server.charts["^VIX"] = chart("^VIX", rising(DAYS, 15.0), paid)
        refresh("VIX")
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS, 15.0))
        assert "lacks its dividends and splits" in refresh("VIX", by="cboe").missing["^VIX"]
        assert source("VIX")["provider"] == "Yahoo Finance"

    def test_a_symbol_that_a_provider_cannot_have(self, server, refresh):
        server.tables["VVIX_History.csv"] = cboe_values("VVIX", MANY, rising(MANY))
        report = refresh("VVIX", "XLK", by="cboe")
        assert report.missing == {"XLK": "Cboe: it has no XLK; look XLK up there, what is stored stays"}

    def test_an_unknown_provider(self, refresh):
        with pytest.raises(BadArgument, match="there are yahoo, cboe, stooq, fred, alfred and cftc"):
            refresh("VIX", by="bloomberg")

    def test_nothing_to_ask_a_provider_for(self, refresh):
        with pytest.raises(BadArgument, match="nothing is stored from Stooq"):
            refresh(by="stooq")

    def test_nothing_received_names_who_was_asked(self, refresh):
        with pytest.raises(NoData, match="nothing was received from Stooq"):
            refresh("XLK", by="stooq")


class TestAnswers:
    def test_both_layouts_of_cboe(self, server, client):
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS))
        server.tables["SKEW_History.csv"] = cboe_values("SKEW", DAYS, rising(DAYS))
        found = fetch(Cboe(), client, "^VIX", "^SKEW")
        assert found.missing == {}
        (_, days, bars), (_, _, values) = found.blocks
        assert days.tolist() == DAYS
        assert list(bars) == list(PRICE_FIELDS)
        assert list(values) == ["close"]

    @pytest.mark.parametrize("name", [symbol.removeprefix("^") for symbol in Cboe.symbols])
    def test_every_index_of_cboe(self, server, client, name):
        server.tables[f"{name}_History.csv"] = cboe_values(name, DAYS, rising(DAYS))
        assert [block[0] for block in fetch(Cboe(), client, f"^{name}").blocks] == [f"^{name}"]

    def test_stooq_with_and_without_volume(self, server, client):
        server.tables["xlk.us"] = stooq_bars(DAYS, rising(DAYS))
        server.tables["^spx"] = "Date,Open,High,Low,Close\n2026-02-12,1,2,0.5,1.5\n2026-02-13,2,3,1.5,2.5\n"
        found = fetch(Stooq(), client, "XLK", "^GSPC")
        assert [sorted(block[2]) for block in found.blocks] == [sorted((*PRICE_FIELDS, "volume")), sorted(PRICE_FIELDS)]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("DATE,OPEN,HIGH,LOW,LAST\n02/12/2026,1,2,0.5,1.5\n", "begins with 'DATE,OPEN,HIGH,LOW,LAST'"),
            ("DATE,VVIX\n02/12/2026,1\n", "begins with 'DATE,VVIX'"),  # another index's file
            ("DATE,OPEN,HIGH,LOW,CLOSE\n2026-02-12,1,2,0.5,1.5\n", "line 2 is '2026-02-12,1,2,0.5,1.5'"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n13/02/2026,1,2,0.5,1.5\n", "line 2 is '13/02/2026"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/12/2026,1,2,0.5\n", "line 2 is"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/12/2026,1,2,0.5,n/a\n", "line 2 is"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/12/2026,1,2,0.5,1e400\n", "line 2 is"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/12/2026,1,2,0.5,nan\n", "line 2 is"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/12/2036,1,2,0.5,1.5\n", "bars of the future"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n02/07/2026,1,2,0.5,1.5\n", "fall on a weekend"),
            ("", "begins with ''"),
            ("<html>moved</html>", "a web page came"),
            ("DATE,OPEN,HIGH,LOW,CLOSE\n", "no bars since"),
        ],
    )
    def test_a_table_that_is_not_understood_counts_for_nothing(self, server, client, text, words):
        server.tables["VIX_History.csv"] = text
        found = fetch(Cboe(), client, "^VIX")
        assert found.blocks == []
        assert words in found.missing["^VIX"]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("No data", "No data"),
            ("Brak danych", "No data"),
            ("Exceeded the daily hits limit", "limits requests; run xlrotation refresh again in 1440 minutes"),
            ("Get your apikey:\n1. Open https://stooq.com/q/d/?s=xlk.us&get_apikey\n", "Stooq wants a key"),
            (
                "Warning: Division by zero in download.inc on line 102\nDate,Open,High,Low,Close\n",
                "begins with 'Warning",
            ),
            ("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n2026-02-12,1,2,1,1,1\n", "begins with 'Data,Otw"),
        ],
    )
    def test_what_stooq_says_in_words(self, server, client, text, words):
        server.tables["xlk.us"] = text
        found = fetch(Stooq(), client, "XLK")
        assert found.blocks == []
        assert words in found.missing["XLK"]

    def test_the_daily_limit_ends_the_asking(self, server, client):
        server.tables["xlk.us"] = "Exceeded the daily hits limit"
        found = fetch(Stooq(), client, "XLK", "XLF")
        assert list(found.missing) == ["XLK", "XLF"]
        assert [name for name, _ in server.asked] == ["xlk.us"]

    def test_implausible_values_are_left_out_and_told(self, server, client):
        text = cboe_bars(DAYS[:4], rising(DAYS[:4])).splitlines()
        text[1] = f"{DAYS[0]:%m/%d/%Y},0.0,0.0,0.0,100.0"
        text[2] = f"{DAYS[1]:%m/%d/%Y},100,101,99,0"
        text[3] = f"{DAYS[2]:%m/%d/%Y},100,101,99,300"
        text += [text[4], "12/25/2025,1,2,0.5,1.5"]
        server.tables["VIX_History.csv"] = "\n".join(text) + "\n"
        found = fetch(Cboe(), client, "^VIX")
        ((_, days, fields),) = found.blocks
        assert days.tolist() == [DAYS[0], DAYS[3]]
        assert np.isnan(fields["low"][0])
        told = "\n".join(found.remarks["^VIX"])
        assert "close outside high and low" in told
        assert "close of zero or less" in told
        assert "2025-12-25: a bar, but no session" in told

    def test_a_running_session_does_not_count(self, server, client):
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS))
        noon = dt.datetime.combine(DAYS[-1], dt.time(17), dt.UTC)
        ((_, days, _),) = fetch(Cboe(), client, "^VIX", now=noon).blocks
        assert days[-1].item() == DAYS[-2]

    @pytest.mark.parametrize("fault", ["429", "500", "cut", "reset"])
    def test_faults_pass(self, server, client, fault):
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS))
        server.faults["VIX_History.csv"] = [fault]
        assert [block[0] for block in fetch(Cboe(), client, "^VIX").blocks] == ["^VIX"]

    def test_an_answer_beyond_the_bounds(self, server, client, monkeypatch):
        server.always["VIX_History.csv"] = "large"
        assert "larger than" in fetch(Cboe(), client, "^VIX").missing["^VIX"]
        server.always.clear()
        monkeypatch.setattr(bounds, "OBSERVATIONS", 3)
        server.tables["VIX_History.csv"] = cboe_bars(DAYS, rising(DAYS))
        assert "more than 3 lines" in fetch(Cboe(), client, "^VIX").missing["^VIX"]

    def test_the_key_of_stooq_is_sent_and_never_told(self, server, client, monkeypatch):
        monkeypatch.setenv("STOOQ_API_KEY", "geheim")
        server.always["xlk.us"] = "500"
        found = fetch(Stooq(), client, "XLK")
        assert server.asked[0][1]["apikey"] == "geheim"
        assert "geheim" not in str(found)

    def test_symbols_at_stooq(self):
        names = ("XLK", "BRK-B", "^GSPC", "SAP.DE", "0700.HK", "^VVIX", "BTC-USD=X", "^GSPC&x=1", "600000.SS")
        assert [stooq_symbol(name) for name in names] == [
            *("xlk.us", "brk-b.us", "^spx", "sap.de", "700.hk", None, None, None, None)
        ]


class TestStooq:
    def test_a_history_is_fetched_whole_and_told_as_adjusted(self, server, refresh):
        server.tables["xlk.us"] = stooq_bars(MANY[:-1], rising(MANY[:-1]))
        refresh("XLK", by="stooq", now=dt.datetime.combine(MANY[-2], dt.time(22), dt.UTC))
        assert source("XLK")["provider"] == "Stooq"
        assert "adjusted by Stooq for splits and dividends" in source("XLK")["adjustment"]
        halved = [close / 2 for close in rising(MANY)]  # a split has changed every close
        server.tables["xlk.us"] = stooq_bars(MANY, halved)
        report = refresh("XLK")
        assert report.received == ["XLK"]
        assert list(stored("XLK").values()) == halved
        assert refresh("XLK").complete == ["XLK"]

    def test_it_does_not_replace_prices_as_traded(self, server, refresh):
        server.charts["XLK"] = chart("XLK", rising(DAYS))
        refresh("XLK")
        server.tables["xlk.us"] = stooq_bars(DAYS, rising(DAYS))
        assert "what is stored is from Yahoo Finance" in refresh("XLK", by="stooq").missing["XLK"]
        assert source("XLK")["provider"] == "Yahoo Finance"


class TestSecondOpinion:
    @pytest.fixture
    def compare(self, server, client, refresh):
        server.charts["XLK"] = chart("XLK", rising(DAYS))
        refresh("XLK")

        def run(*symbols, key="stooq"):
            server.asked.clear()
            return opinions.second_opinion(key, symbols, None, client, NOW, quick())

        return run

    def test_agreement(self, server, compare):
        server.tables["xlk.us"] = stooq_bars(DAYS, [close * 1.0009 for close in rising(DAYS)])
        report = compare("XLK")
        assert (report.received, report.missing, report.fine) == (["XLK"], {}, True)
        assert server.asked[0][1]["o"] == "1111111"

    def test_differences_are_shown_and_nothing_is_chosen(self, server, compare):
        closes = rising(DAYS)
        before = stored("XLK")
        closes[3] *= 1.002
        server.tables["xlk.us"] = stooq_bars(DAYS, closes)
        report = compare("XLK")
        assert report.received == []
        assert not report.fine
        assert f"1 of {len(DAYS)} closes differ by more than 0.1%" in report.missing["XLK"]
        assert f"{DAYS[3]}: Yahoo Finance 103, Stooq 103.206" in report.missing["XLK"]
        assert stored("XLK") == before

    def test_no_opinion_is_told(self, server, compare):
        report = compare("XLK", "NONE")
        assert "Stooq: No data" in report.missing["XLK"]
        assert "nothing is stored of NONE" in report.missing["NONE"]

    def test_a_provider_is_no_second_opinion_on_itself(self, compare):
        assert "no second opinion" in compare("XLK", key="yahoo").missing["XLK"]

    def test_symbols_must_be_named(self, compare):
        with pytest.raises(BadArgument, match="name the symbols"):
            compare()


class TestOneOfYourOwn:
    def test_a_further_provider_is_a_short_class(self, server, client, refresh, monkeypatch):
        class House(DailyCsv):
            key, name, adjusted = "house", "Our house", "as traded"

            def has(self, symbol):
                return symbol.isalpha()

            def query(self, symbol, first, last):
                return f"https://data.example/daily_prices/{symbol}.csv", {}

            def layout(self, symbol, header):
                return ("day", "close") if list(header) == ["when", "last"] else None

            def day(self, text):
                return dt.date.fromisoformat(text)

        monkeypatch.setattr(registry, "PROVIDERS", (*registry.PROVIDERS, House()))
        server.tables["XLK.csv"] = "when,last\n" + "".join(f"{day},{5 + i}\n" for i, day in enumerate(DAYS))
        refresh("XLK", by="house")
        assert source("XLK")["provider"] == "Our house"
        assert refresh("XLK").complete == ["XLK"]
        assert Session("yahoo").call("PX_CLOSE", "XLK") == 4.0 + len(DAYS)


def test_raw_prices_are_not_offered_for_storing():
    assert not any(isinstance(found, Raw) for found in registry.PROVIDERS)


@pytest.mark.parametrize("arguments", [("--provider", "fred", "DGS10", "t10y2y"), ("--provider", "FRED", "DGS10")])
def test_fred_is_a_provider_of_any_series(monkeypatch, arguments):
    asked = []

    def macro(names, **_):
        asked.append(names)
        return refresh_module.RefreshReport("fred", message="came")

    monkeypatch.setattr(refresh_extras, "refresh_macro", macro)
    assert main(["refresh", *arguments, "--macro"]) == 0
    assert asked == [list(arguments[2:])]


class TestSettings:
    """A store may say where its symbols trade, whatever their suffix: so they are asked for and taken, too."""

    FIRST, LAST = dt.date(2026, 1, 2), dt.date(2026, 1, 21)
    MORNING = dt.datetime(2026, 1, 21, 17, 0, tzinfo=dt.UTC)  # the bell has rung in Frankfurt, not in New York

    @pytest.fixture
    def german(self, server):
        folder = Store("yahoo").folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "xlrotation.toml").write_text('[symbols]\n"^DE" = "XETR"\nSAP = "XETR"\n', "utf-8")
        days = EXCHANGES["XETR"].sessions_between(self.FIRST, self.LAST).tolist()
        assert dt.date(2026, 1, 19) in days  # New York was closed
        return days

    @pytest.mark.parametrize("by", ["yahoo", "stooq"])
    def test_bars_of_its_own_exchange_are_kept_to_its_own_last_session(self, server, refresh, german, by):
        server.charts["SAP"] = chart("SAP", rising(german), days=german, zone="Europe/Berlin", currency="EUR")
        server.tables["sap.us"] = stooq_bars(german, rising(german))
        report = refresh("SAP", by=by, now=self.MORNING)
        assert list(stored("SAP")) == german
        assert stored("SAP")[dt.date(2026, 1, 19)] == rising(german)[german.index(dt.date(2026, 1, 19))]
        assert "left out" not in str(report.remarks)
        assert refresh("SAP", by=by, now=self.MORNING).complete == ["SAP"]
        assert server.asked == []

    def test_a_rewritten_history_is_asked_for_on_the_same_sessions(self, server, refresh, german):
        server.charts["SAP"] = chart("SAP", rising(german[:-1]), days=german[:-1], zone="Europe/Berlin")
        refresh("SAP", now=self.MORNING - dt.timedelta(days=1))
        server.charts["SAP"] = chart("SAP", rising(german, 101.0), days=german, zone="Europe/Berlin")
        refresh("SAP", now=self.MORNING)
        assert len([name for name, _ in server.asked if name == "SAP"]) > 1
        assert list(stored("SAP")) == german

    def test_a_second_opinion_compares_them_on_it(self, server, refresh, client, german):
        server.charts["SAP"] = chart("SAP", rising(german), days=german, zone="Europe/Berlin")
        refresh("SAP", now=self.MORNING)
        closes = rising(german)
        closes[german.index(dt.date(2026, 1, 19))] *= 2.0
        server.tables["sap.us"] = stooq_bars(german, closes)
        report = opinions.second_opinion("stooq", ["SAP"], None, client, self.MORNING, quick())
        assert "2026-01-19" in report.missing["SAP"]
