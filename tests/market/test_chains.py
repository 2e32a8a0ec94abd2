"""Option chains: where they come from, and what of them is known at a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.answers import NOW, chart
from xlrotation.errors import CellError, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import Chain, is_monthly
from xlrotation.market.cutting import cut
from xlrotation.market.providers.folder import source as folder
from xlrotation.market.providers.yahoo import chains as yahoo_options
from xlrotation.market.refresh.extras import refresh_options
from xlrotation.market.refresh.run import refresh
from xlrotation.market.store.store import Store

DAY = dt.date(2026, 2, 13)
pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning", "ignore:The inplace")  # of yfinance and pandas
PRICES = "Date,AAA,^GSPC\n2026-02-12,99,6800\n2026-02-13,100,6836.17\n"


def chain(symbol: str = "AAA", day: dt.date = DAY, bid: float = 1.0) -> Chain:
    two = np.array([bid, 2.0])
    expiry = np.array(["2026-03-20", "2026-03-20"], "datetime64[D]")
    traded = np.array(["2026-02-12", "NaT"], "datetime64[D]")
    flags = np.array([True, False])
    return Chain(
        symbol, day, expiry, np.array([95.0, 105.0]), flags, two, two + 0.1, ~flags, traded, 100.0, source="test"
    )


def same(a: Chain, b: Chain) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name not in ("call", "morning"))
        for name in ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
    ) and (a.symbol, a.day, a.spot, a.source) == (b.symbol, b.day, b.spot, b.source)


@pytest.mark.parametrize(
    ("day", "monthly"),
    [("2026-03-20", True), ("2026-03-13", False), ("2026-06-18", True), ("2026-06-11", False), ("2025-04-17", True)],
)
def test_2_1_standard_expiries_are_third_fridays_or_the_session_before_a_holiday(day, monthly):
    assert is_monthly(dt.date.fromisoformat(day)) is monthly


class TestStore:
    @pytest.fixture(autouse=True)
    def own_home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
        Store("s").write(panel_of({"AAA": [99.0, 100.0]}))

    def test_what_is_written_is_read(self):
        Store("s").write_chains([chain(), chain("BBB")])
        Store("s").write_chains([chain(day=dt.date(2026, 2, 12))])
        book = Store("s").read().chains
        assert book.days("AAA") == (dt.date(2026, 2, 12), DAY)
        assert same(book.chain("AAA", DAY), chain())
        assert book.chain("BBB", dt.date(2026, 2, 12)) is None

    def test_a_new_chain_of_the_session_replaces_that_underlying_only(self):
        Store("s").write_chains([chain(), chain("BBB")])
        Store("s").write_chains([chain(bid=1.5)])
        book = Store("s").read().chains
        assert book.chain("AAA", DAY).bid[0] == 1.5
        assert same(book.chain("BBB", DAY), chain("BBB"))

    def test_a_session_notices_new_chains(self, monkeypatch):
        monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
        session = Session("store:s")
        with pytest.raises(NoData, match="no option chain"):
            session.market().chain("AAA")
        Store("s").write_chains([chain()])
        assert len(session.market().chain("AAA")) == 2

    def test_a_crash_before_the_pointer_leaves_the_old_chains(self, monkeypatch):
        Store("s").write_chains([chain()])

        def crash(path: Path, data: bytes) -> None:
            if path.name == "current.json":
                raise OSError("power cut")
            path.write_bytes(data)

        with monkeypatch.context() as patch:
            patch.setattr("xlrotation.market.store.states.write_ours", crash)
            with pytest.raises(OSError, match="power"):
                Store("s").write_chains([chain(bid=9.0)])
        assert Store("s").read().chains.chain("AAA", DAY).bid[0] == 1.0

    def test_a_damaged_file_is_named_and_prices_stay_readable(self):
        Store("s").write_chains([chain()])
        (file,) = Store("s").folder.glob("chains-*.parquet")
        file.write_bytes(b"PAR1")
        assert Session("store:s").call("PX_CLOSE", "AAA") == 100.0
        with pytest.raises(NoData, match="damaged"):
            Store("s").read().chains.chain("AAA", DAY)
        Store("s").write_chains([chain()])  # a refresh mends it
        assert same(Store("s").read().chains.chain("AAA", DAY), chain())

    def test_series_join(self):
        days = np.array(["2026-01-01", "2026-02-01"], "datetime64[D]")
        Store("s").write_series({"UNRATE": (days, np.array([4.3, np.nan]))})
        Store("s").write_series({"UNRATE": (days[1:], np.array([4.4])), "DFF": (days, np.array([3.6, 3.6]))})
        series = Store("s").read().series
        assert series["UNRATE"][1].tolist() == [4.3, 4.4]
        assert set(series) == {"UNRATE", "DFF"}


def test_a_chain_is_known_at_its_session_and_not_before():
    panel = panel_of({"AAA": [98.0, 99.0, 100.0]})
    from dataclasses import replace

    from xlrotation.market.chains import HeldChains

    market = cut(replace(panel, chains=HeldChains([chain(day=dt.date(2026, 2, 12))])), None)
    with pytest.raises(NoData, match="the last one before is of 2026-02-12"):
        market.chain("AAA")
    earlier = cut(replace(panel, chains=HeldChains([chain()])), dt.date(2026, 2, 12))
    with pytest.raises(NoData, match="no option chain of AAA up to 2026-02-12"):
        earlier.chain("AAA")


class TestFolder:
    def load(self, path: Path, name: str, text: str):
        (path / "prices.csv").write_text(PRICES, "utf-8")
        (path / name).write_text(text, "utf-8")
        return folder.load(path)

    def test_as_yfinance_saves_it(self, tmp_path):
        text = (
            "contractSymbol,type,expiration,strike,lastTradeDate,bid,ask,spot_price\n"
            "AAA260320C00095000,call,2026-03-20,95,2026-02-13 20:10:00+00:00,6.1,6.3,100.5\n"
            "AAA260320P00095000,put,2026-03-20,95,2026-01-02 15:00:00+00:00,0,,100.5\n"
            "AAA260213P00095000,put,2026-02-13,95,2026-02-13 15:00:00+00:00,1,2,100.5\n"
        )
        panel = self.load(tmp_path, "AAA_2026-02-13.csv", text)
        found = panel.chains.chain("AAA", DAY)
        assert found.strike.tolist() == [95.0, 95.0]
        assert found.call.tolist() == [True, False]
        assert found.bid.tolist() == [6.1, 0.0]
        assert np.isnan(found.ask[1])
        assert [str(day) for day in found.traded] == ["2026-02-13", "2026-01-02"]
        assert found.spot == 100.5
        assert any("1 quotes left out" in remark for remark in panel.remarks)

    @pytest.mark.parametrize("settings", ['exchange = "XETR"', '[symbols]\nAAA = "XETR"'])
    def test_the_settings_of_the_folder_say_on_whose_sessions(self, tmp_path, settings):
        (tmp_path / "xlrotation.toml").write_text(settings, "utf-8")
        text = (
            "quote_date,symbol,expiration,strike,type,bid,ask\n"
            "2026-02-16,AAA,2026-03-20,95,call,6.1,6.3\n"  # Washington's birthday: New York is closed
            "2026-04-06,AAA,2026-05-15,95,call,6.1,6.3\n"  # Easter Monday: Frankfurt is closed
        )
        panel = self.load(tmp_path, "quotes.csv", text)
        assert panel.chains.days("AAA") == (dt.date(2026, 2, 16), dt.date(2026, 4, 2))
        assert any("2026-04-06 is no session of XETR" in remark for remark in panel.remarks)

    def test_quotes_past_the_end_of_the_calendar_cost_no_prices(self, tmp_path):
        text = (
            "quote_date,symbol,expiration,strike,type,bid,ask\n"
            "2026-02-13,AAA,2026-03-20,95,call,6.1,6.3\n"
            "2026-02-13,AAA,2026-03-20,95,put,6.1,6.3\n"
            "2036-02-13,AAA,2036-03-20,95,call,6.1,6.3\n"
        )
        panel = self.load(tmp_path, "quotes.csv", text)
        assert panel.chains.days("AAA") == (dt.date(2026, 2, 13),)
        assert any("2036-02-13 lies past 2035-12-31" in remark for remark in panel.remarks)

    def test_as_cboes_quote_table_saves_it(self, tmp_path):
        text = (
            '\n"S&P 500 INDEX",Last: 6836.17,Change: -1\n"Date: February 13, 2026 at 6:01 PM EST",Bid: 1,Ask: 2\n'
            "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
            "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\n"
            "Fri Mar 20 2026,SPX260320C06800000,0,0,120.5,121.5,0,0,1,0,0,6800.00,"
            "SPX260320P06800000,0,0,80.1,80.9,0,0,0,0,0\n"
            "Fri Mar 20 2026,SPXW260320C06800000,0,0,120,122,0,0,1,0,0,6800.00,"
            "SPXW260320P06800000,0,0,80,81,0,0,0,0,0\n"
        )
        found = self.load(tmp_path, "quotedata.csv", text).chains.chain("^GSPC", DAY)
        assert found.spot == 6836.17
        assert found.morning.tolist() == [True, True, False, False]
        assert found.bid.tolist() == [120.5, 80.1, 120.0, 80.0]

    def test_plain_columns_in_either_language(self, tmp_path):
        text = "日期,代码,到期日,行权价,认购认沽,买价,卖价\n2026-02-13,AAA,2026-03-20,95,认购,6.1,6.3\n"
        found = self.load(tmp_path, "期权.csv", text).chains.chain("AAA", DAY)
        assert (found.strike[0], bool(found.call[0]), found.ask[0]) == (95.0, True, 6.3)

    @pytest.mark.parametrize(
        ("name", "row", "remark"),
        [
            ("AAA.csv", "2026-03-20,95,call,1,2", "no session"),
            ("AAA_2026-02-13.csv", "2026-03-20,95,straddle,1,2", "row 2: no expiry or no word for call or put"),
            ("AAA_2026-02-13.csv", "2026-03-20,95,call,1,x", "row 2, column ask"),
            ("AAA_2026-02-14.csv", "2026-03-20,95,call,1,2", "2026-02-14 is no session"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, tmp_path, name, row, remark):
        panel = self.load(tmp_path, name, f"expiration,strike,type,bid,ask\n{row}\n")
        assert any(remark in line for line in panel.remarks), panel.remarks

    def test_series_as_fred_exports_them(self, tmp_path):
        text = "observation_date,UNRATE\n2025-09-01,4.4\n2025-10-01,\n2025-11-01,4.5\n"
        panel = self.load(tmp_path, "UNRATE.csv", text)
        assert panel.series["UNRATE"][1].tolist()[::2] == [4.4, 4.5]
        session = Session(f"folder:{tmp_path}")
        assert session.call("MAC_SERIES", "unrate", None, None, False)[1][1] is CellError.NA


def option_answer(symbol: str, expiry: dt.date, strikes: list[float], spot: float) -> dict[str, object]:
    stamp = int(dt.datetime(expiry.year, expiry.month, expiry.day, tzinfo=dt.UTC).timestamp())

    def contract(strike: float, side: str) -> dict[str, object]:
        code = f"{symbol.lstrip('^')}{expiry:%y%m%d}{side}{round(strike * 1000):08d}"
        mid = max(spot - strike if side == "C" else strike - spot, 0.0) + 3.0
        quote = {"contractSymbol": code, "strike": strike, "bid": mid - 0.1, "ask": mid + 0.1, "lastPrice": mid}
        more = {"lastTradeDate": int(NOW.timestamp()) - 7200, "currency": "USD", "contractSize": "REGULAR"}
        rest = {"change": 0, "percentChange": 0, "volume": 1, "openInterest": 1, "impliedVolatility": 0.3}
        return quote | more | rest | {"inTheMoney": False, "expiration": stamp}

    chain = {"expirationDate": stamp, "hasMiniOptions": False}
    chain |= {"calls": [contract(k, "C") for k in strikes], "puts": [contract(k, "P") for k in strikes]}
    quote = {"symbol": symbol, "regularMarketPrice": spot, "sharesOutstanding": 2_000_000, "forwardPE": 21.5}
    return {"quote": quote, "options": [chain], "underlyingSymbol": symbol, "strikes": strikes, "hasMiniOptions": False}


@pytest.fixture
def yahoo_with_options(server):
    server.charts = {"AAA": chart("AAA", [99.0, 100.0]), "^GSPC": chart("^GSPC", [6800.0, 6836.0])}
    expiries = [
        dt.date(2026, 2, 27),
        dt.date(2026, 3, 20),
        dt.date(2026, 4, 2),
        dt.date(2026, 4, 17),
        dt.date(2027, 1, 15),
    ]
    spots = {"AAA": 100.0, "^SPX": 6836.0}
    asked = []

    def options(symbol: str, query: dict[str, str]) -> dict[str, object] | None:
        asked.append((symbol, query.get("date")))
        if symbol not in spots:
            return None
        day = dt.datetime.fromtimestamp(int(query["date"]), dt.UTC).date() if "date" in query else expiries[0]
        spot = spots[symbol]
        one = option_answer(symbol, day, [0.9 * spot, 0.95 * spot, spot, 1.05 * spot, 1.1 * spot], spot)
        stamps = [int(dt.datetime(d.year, d.month, d.day, tzinfo=dt.UTC).timestamp()) for d in expiries]
        return one | {"expirationDates": stamps}

    server.options = options
    return asked


class TestYahoo:
    def test_the_real_client_fills_the_store(self, yahoo_with_options, client):
        refresh("yahoo", ["AAA", "^GSPC"], session=client, now=NOW)
        report = refresh_options(["AAA", "SPX", "GONE"], session=client, now=NOW)
        assert report.received == ["AAA", "^GSPC"]
        assert list(report.missing) == ["GONE"]
        assert {symbol for symbol, _ in yahoo_with_options} == {"AAA", "^SPX", "GONE"}
        session = Session("yahoo")
        found = session.market().chain("^GSPC")
        assert sorted({str(day) for day in found.expiry}) == ["2026-02-27", "2026-03-20", "2026-04-17"]
        assert found.spot == 6836.0
        assert 0.05 < session.call("VOL_IMPLIED", "AAA", "1M") < 1.0
        assert session.call("VAL_FWD_PE", "AAA") == 21.5
        assert session.call("PX_MKTCAP", "AAA") == 2e8

    def test_zeros_outside_trading_hours_are_no_chain(self, yahoo_with_options, client, monkeypatch):
        real = option_answer

        def zeros(*arguments):
            answer = real(*arguments)
            for side in ("calls", "puts"):
                for quote in answer["options"][0][side]:
                    quote["bid"] = quote["ask"] = 0
            return answer

        monkeypatch.setattr("tests.market.test_chains.option_answer", zeros)
        found = yahoo_options.fetch(["AAA"], NOW, client)
        assert "no quotes of options in the answer" in found.missing["AAA"]
