"""Counts of contracts: how volume and open interest come into chains, and what is missing stays missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.answers import NOW
from tests.market.test_chains import DAY, chain, option_answer, same
from xlrotation.market.providers.folder import source as folder
from xlrotation.market.providers.yahoo import chains as yahoo_options
from xlrotation.market.store import extras
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning", "ignore:The inplace")  # of yfinance and pandas
EXPIRY = dt.date(2026, 3, 20)


def listed(values):
    return None if values is None else [None if value != value else value for value in values.tolist()]


class TestStore:
    @pytest.fixture(autouse=True)
    def own_home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
        Store("s").write(panel_of({"AAA": [99.0, 100.0]}))

    def stored(self, symbol="AAA"):
        return Store("s").read().chains.chain(symbol, DAY)

    def test_what_is_written_is_read(self):
        with_counts = replace(chain(), volume=np.array([3.0, np.nan]), open_interest=np.array([7.0, 0.0]))
        Store("s").write_chains([with_counts, chain("BBB")])
        assert same(self.stored(), with_counts)
        assert listed(self.stored().volume) == [3.0, None]
        assert listed(self.stored().open_interest) == [7.0, 0.0]
        assert self.stored("BBB").volume is None
        assert self.stored("BBB").open_interest is None

    def test_a_store_from_before_there_were_counts(self, monkeypatch):
        def before(chains):
            return extras.parquet(*plain(chains))

        def plain(chains):
            import pyarrow as pa

            names = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
            table = {"symbol": pa.array(np.repeat([one.symbol for one in chains], [len(one) for one in chains]))}
            table |= {name: pa.array(np.concatenate([getattr(one, name) for one in chains])) for name in names}
            return table, {one.symbol: [None, None, one.source] for one in chains}

        with monkeypatch.context() as old:
            old.setattr(extras, "_encode_chains", before)
            Store("s").write_chains([chain()])
        assert self.stored().volume is None
        assert self.stored().bid.tolist() == chain().bid.tolist()
        Store("s").write_chains([replace(chain("BBB"), open_interest=np.array([7.0, 8.0]))])
        assert self.stored().open_interest is None
        assert listed(self.stored("BBB").open_interest) == [7.0, 8.0]

    def test_a_later_answer_without_counts_does_not_lose_them(self):
        Store("s").write_chains([replace(chain(), volume=np.array([3.0, 4.0]), open_interest=np.array([7.0, 0.0]))])
        turned = replace(
            chain(bid=1.5),
            **{name: getattr(chain(), name)[::-1] for name in ("expiry", "strike", "call", "morning", "traded")},
            volume=np.array([5.0, 6.0]),
        )
        Store("s").write_chains([turned, chain("BBB")])
        assert self.stored().bid.tolist() == [1.5, 2.0]
        assert listed(self.stored().volume) == [5.0, 6.0]
        assert listed(self.stored().open_interest) == [0.0, 7.0]  # of the option, wherever it stands
        Store("s").write_chains([chain(bid=1.7)])
        assert listed(self.stored().open_interest) == [7.0, 0.0]
        assert self.stored("BBB") is not None

    def test_it_replaces_a_damaged_file_all_the_same(self):
        Store("s").write_chains([chain()])
        for file in Store("s").folder.rglob("chains-*.parquet"):
            file.write_bytes(b"damaged")
        Store("s").write_chains([replace(chain(), open_interest=np.array([7.0, 0.0]))])
        assert listed(self.stored().open_interest) == [7.0, 0.0]


class TestFolder:
    def load(self, path, name, text):
        (path / "prices.csv").write_text("Date,AAA\n2026-02-12,99\n2026-02-13,100\n", "utf-8")
        (path / name).write_text(text, "utf-8")
        return folder.load(path).chains.chain("AAA", DAY)

    HEADS = "contractSymbol,lastTradeDate,strike,bid,ask,volume,openInterest\n"

    @pytest.mark.parametrize("spoilt", [False, True])  # a thousands separator is for the careful reader
    def test_as_yfinance_saves_it(self, tmp_path, spoilt):
        text = self.HEADS + (
            "AAA260320C00095000,2026-02-13 20:10:00+00:00,95,6.1,6.3,12,1500\n"
            "AAA260320C00105000,2026-02-12 20:10:00+00:00,105,1.1,1.3,90,300\n"
            "AAA260320P00095000,2026-02-13 15:00:00+00:00,95,1,1.2,,40\n"
            "AAA260320P00105000,2026-01-02 15:00:00+00:00,105,6,6.2,,\n"
        )
        found = self.load(tmp_path, "AAA_2026-02-13.csv", text.replace("1500", '"1,500"') if spoilt else text)
        assert listed(found.volume) == [12.0, 0.0, None, 0.0]  # none was traded in the session after its last trade
        assert listed(found.open_interest) == [1500.0, 300.0, 40.0, None]

    @pytest.mark.parametrize("spoilt", [False, True])
    @pytest.mark.parametrize(
        ("again", "kept"),
        [
            ("100,6.1,6.3,12,1500", 3),
            ("100,6.1,6.4,12,1500", 2),
            ("100,6.1,6.3,13,1500", 2),
            ("100,6.1,6.3,,1500", 2),
            ("102,6.1,6.3,12,1500", 4),
        ],
    )
    def test_an_option_that_is_quoted_twice_and_differently_is_left_out(self, tmp_path, again, kept, spoilt):
        rows = ["100,6.1,6.3,12,1500", "105,1.1,1.3,90,300", "110,1,1.2,,40", again]
        codes = [f"AAA260320C{int(row.partition(',')[0]) * 1000:08d},2026-02-13 20:10:00+00:00,{row}\n" for row in rows]
        text = self.HEADS + "".join(codes)
        found = self.load(tmp_path, "AAA_2026-02-13.csv", text.replace("1500", '"1,500"') if spoilt else text)
        assert len(found.strike) == kept
        assert (100.0 in found.strike) == (kept != 2)
        told = "1 options of AAA of 2026-02-13 stand there twice and differently (first 2026-03-20 100 call); left out"
        remarks = folder.load(tmp_path).remarks
        assert any(told in remark for remark in remarks) == (kept == 2)

    @pytest.mark.parametrize("cell", ["x", "-3", "", "n/a"])
    def test_what_is_no_count_is_missing_and_costs_no_quote(self, tmp_path, cell):
        rows = [f"AAA260320C00{strike}000,2026-02-13,{strike[1:]},1,2,5,5\n" for strike in ("095", "096", "097")]
        text = self.HEADS + "".join(rows) + f"AAA260320C00098000,2026-02-13,98,1,2,{cell},{cell}\n"
        found = self.load(tmp_path, "AAA_2026-02-13.csv", text)
        assert len(found) == 4
        assert listed(found.volume) == listed(found.open_interest) == [5.0, 5.0, 5.0, None]

    def test_tables_without_these_columns(self, tmp_path):
        text = "expiration,strike,type,bid,ask\n2026-03-20,95,call,1,2\n"
        found = self.load(tmp_path, "AAA_2026-02-13.csv", text)
        assert found.volume is None
        assert found.open_interest is None

    def test_columns_of_other_names(self, tmp_path):
        text = (
            "日期,代码,到期日,行权价,认购认沽,买价,卖价,成交量,持仓量\n"
            "2026-02-13,AAA,2026-03-20,95,认购,6.1,6.3,12,30\n2026-02-13,AAA,2026-03-20,95,认沽,1,1.1,0,0\n"
        )
        found = self.load(tmp_path, "期权.csv", text)
        assert (listed(found.volume), listed(found.open_interest)) == ([12.0, 0.0], [30.0, 0.0])

    def test_columns_that_the_settings_name(self, tmp_path):
        declared = '[files."q.csv"]\nsession = 2026-02-13\ncolumns = {Kontrakte = "volume", Offen = "open_interest"}\n'
        (tmp_path / "folder.toml").write_text(declared, "utf-8")
        text = "symbol,expiration,strike,type,bid,ask,Kontrakte,Offen\nAAA,2026-03-20,95,call,1,2,11,22\n"
        found = self.load(tmp_path, "q.csv", text)
        assert (listed(found.volume), listed(found.open_interest)) == ([11.0], [22.0])

    def test_as_cboes_quote_table_saves_it(self, tmp_path):
        text = (
            '\n"AAA CORP",Last: 100.00,Change: -1\n"Date: February 13, 2026 at 6:01 PM EST",Bid: 1,Ask: 2\n'
            "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
            "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\n"
            "Fri Mar 20 2026,AAA260320C00095000,0,0,6.1,6.3,11,0,1,0,22,95.00,"
            "AAA260320P00095000,0,0,1,1.1,33,0,0,0,44\n"
        )
        found = self.load(tmp_path, "quotedata.csv", text)
        assert (listed(found.volume), listed(found.open_interest)) == ([11.0, 33.0], [22.0, 44.0])


class TestYahoo:
    @pytest.fixture
    def answered(self, server, client):
        """Fetches a chain of five strikes whose contracts *change* has changed."""

        def fetch(change):
            def options(symbol, _):
                one = option_answer(symbol, EXPIRY, [90.0, 95.0, 100.0, 105.0, 110.0], 100.0)
                contracts = [each for side in ("calls", "puts") for each in one["options"][0][side]]
                for place, contract in enumerate(contracts):
                    change(place, contract)
                stamp = int(dt.datetime(EXPIRY.year, EXPIRY.month, EXPIRY.day, tzinfo=dt.UTC).timestamp())
                return one | {"expirationDates": [stamp]}

            server.options = options
            found = yahoo_options.fetch(["AAA"], NOW, client)
            return found.chains[0], found.remarks.get("AAA", [])

        return fetch

    def test_counts_of_the_session(self, answered):
        def change(place, contract):
            contract |= {"volume": 10 + place, "openInterest": 100 + place}
            if place == 0:
                contract["lastTradeDate"] -= 3 * 86400
            if place in (1, 2):
                del contract["volume"]
                contract["lastTradeDate"] -= 86400 * (place == 2)
            if place == 3:
                del contract["openInterest"]

        found, remarks = answered(change)
        assert found.day == DAY
        assert listed(found.volume) == [0, None, 0, *range(13, 20)]
        assert listed(found.open_interest) == [100, 101, 102, None, *range(104, 110)]
        assert not remarks

    def test_noughts_of_a_source_that_does_not_know(self, answered):
        def change(place, contract):
            contract["openInterest"] = int(place == 3)
            contract["lastTradeDate"] -= 86400

        found, remarks = answered(change)
        assert found.open_interest is None
        assert any("taken for not known" in remark for remark in remarks)

    def test_noughts_of_new_options_with_one_exception(self, answered):
        def change(place, contract):
            contract["openInterest"] = 0 if place else 5

        found, _ = answered(change)
        assert listed(found.open_interest) is None

    def test_an_answer_without_counts(self, answered):
        def change(_, contract):
            del contract["volume"], contract["openInterest"]

        found, remarks = answered(change)
        assert found.volume is None
        assert found.open_interest is None
        assert not remarks
