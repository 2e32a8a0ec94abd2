"""Symbols as files and formulas write them, names that files and reports use, and chains and files that go together."""

from __future__ import annotations

import pytest

from tests.market.files.made import CLOSES, WEEK, asked, closes, put, sessions, table, told, walk
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import source
from xlrotation.market.symbols import canonical, ticker_of

FULL = dict(zip(WEEK, CLOSES, strict=True))


@pytest.mark.parametrize(
    ("file", "asked_for"),
    [
        ("AAPL.O", ("AAPL.O", "AAPL", "AAPL US Equity", "AAPL UW Equity", "aapl.us", "apple", "蘋果")),
        ("BF.B", ("BF.B", "BF/B", "BF_B", "BF-B", "BF B", "BF/B US Equity")),
        ("600519.SH", ("600519.SH", "600519.SS", "600519", "sh600519", "sh.600519", "600519.XSHG")),
        ("SPX.GI", ("SPX.GI", "SPX", "^SPX", "^GSPC", "S&P 500", "標普500", "SPX Index")),
        ("VIX_History", ("VIX", "^VIX", "fear gauge", "恐慌指數")),
        ("COR1M_History", ("COR1M", "^COR1M")),
    ],
)
def test_one_normaliser_for_files_and_formulas(tmp_path, file, asked_for):
    put(tmp_path, **{f"{file}.csv": table("Date,Close", "{d},{c}")})
    for text in asked_for:
        assert asked(tmp_path, "PX_CLOSE", text)[0] == CLOSES[-1], text


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        *(("羅素2000指數", "^RUT"), ("道瓊工業指數", "^DJI"), ("那斯達克綜合指數", "^IXIC"), ("輝達", "NVDA")),
        *(("必选消费", "XLP"), ("金融服务", "XLF"), ("fear gauge", "^VIX"), ("微軟", "MSFT"), ("標普500指數", "^GSPC")),
    ],
)
def test_names_that_reports_use(text, ticker):
    assert canonical(text) == ticker


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        ("BRK.A", "BRK-A"),
        ("BF.A", "BF-A"),
        ("GOOG.O", "GOOG"),
        ("0700.HK", "0700.HK"),
        ("700 HK Equity", "0700.HK"),
        ("7203 JT Equity", "7203.T"),
        ("SAP GY Equity", "SAP.DE"),
        ("600519 CG Equity", "600519.SH"),
        ("BRK/B US Equity", "BRK-B"),
        ("S5TELS Index", "S5TELS"),
        ("Import Price Index", "IMPORT PRICE INDEX"),
    ],
)
def test_tickers(text, ticker):
    assert ticker_of(text) == ticker


def test_names_of_members_are_names(tmp_path):
    put(
        tmp_path,
        p__csv=table("Date,GNRC,AAPL", "{d},{c},{h}"),
        members__csv="ticker,name,sector\nGNRC,Generac,Industrials\nAAPL,Apple Inc.,Technology\n",
    )
    assert asked(tmp_path, "XLR_SYMBOL", "Generac")[0] == "GNRC"
    assert asked(tmp_path, "PX_CLOSE", "generac")[0] == CLOSES[-1]
    session = Session(f"folder:{tmp_path}", lang="en")
    assert session.market().name("GNRC", "zh") == "Generac"
    assert session.market().name("AAPL", "en") == "Apple"


def test_a_name_of_two_symbols_means_neither(tmp_path):
    put(
        tmp_path,
        p__csv=table("Date,GOOG,FOX", "{d},{c},{h}"),
        members__csv="ticker,name,sector\nGOOG,The Firm,IT\nFOX,The Firm,IT\n",
    )
    assert str(asked(tmp_path, "XLR_SYMBOL", "The Firm")[0]) == "#N/A"


class TestChains:
    HEAD = (
        "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
        "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest\n"
    )

    def quotes(self, when, root="SPXW"):
        rows = "".join(
            f"Fri Mar 20 2026,{root}260320C0{k}000,1,0,50,52,1,0.1,0.5,0.1,1,{k}.00,"
            f"{root}260320P0{k}000,1,0,40,42,1,0.1,0.5,0.1,1\n"
            for k in (6800, 6850, 6900)
        )
        return f'INDEX,Last: 6836.17,Change:  3.41\n"Date: {when}",Bid: 1,Ask: 2\n{self.HEAD}{rows}'

    @pytest.mark.parametrize(
        ("when", "moved"),
        [
            ("February 13, 2026 at 6:01 PM EST", False),
            ("February 14, 2026 at 10:30 AM EST", True),
            ("February 16, 2026 at 10:30 AM EST", True),
            ("February 17, 2026 at 8:01 AM EST", True),
        ],
    )
    def test_of_a_day_without_a_session_are_of_the_one_before(self, tmp_path, when, moved):
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}"), spx_quotedata__csv=self.quotes(when))
        panel = source.load(tmp_path)
        assert [str(each) for each in panel.chains.days("^GSPC")] == ["2026-02-13"]
        assert ("its quotes are taken for those of 2026-02-13" in told(tmp_path)) is moved

    @pytest.mark.parametrize(
        ("root", "symbol", "morning"),
        [
            *(("SPXW", "^GSPC", False), ("SPX", "^GSPC", True), ("NDXP", "^NDX", False), ("RUTW", "^RUT", False)),
            *(("VIXW", "^VIX", True), ("NDX", "^NDX", True), ("AAPL", "AAPL", False)),
        ],
    )
    def test_weeklies_are_their_index(self, tmp_path, root, symbol, morning):
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}"), q__csv=self.quotes("February 13, 2026", root))
        panel = source.load(tmp_path)
        assert panel.chains.symbols() == (symbol,)
        (day,) = panel.chains.days(symbol)
        assert set(panel.chains.chain(symbol, day).morning) == {morning}

    LISTED = "quote_date,underlying,expiration,strike,type,bid,ask"

    @pytest.mark.parametrize("quick", [True, False])
    @pytest.mark.parametrize(
        ("roots", "symbol", "mornings"),
        [
            (("SPXW",), "^GSPC", [False]),
            (("SPX", "SPXW"), "^GSPC", [False, True]),
            (("^RUT", "RUTW"), "^RUT", [False, True]),
            (("NDX",), "^NDX", [False]),
            (("VIXW",), "^VIX", [True]),
        ],
    )
    def test_weeklies_in_a_column_are_their_index(self, tmp_path, roots, symbol, mornings, quick):
        rows = "".join(
            f"2026-02-13,{root},2026-03-20,{strike},{side},{bid},{bid + 2}\n"
            for root, bid in zip(roots, (50, 60), strict=False)
            for strike in (6800, 6850)
            for side in ("C", "P")
        )
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}"))
        put(tmp_path, q__csv=f"{self.LISTED if quick else self.LISTED.replace('strike', ' Strike ')}\n{rows}")
        chains = source.load(tmp_path).chains
        assert chains.symbols() == (symbol,)
        (day,) = chains.days(symbol)
        chain = chains.chain(symbol, day)
        assert sorted(set(chain.morning.tolist())) == mornings
        assert len(chain.bid) == 4 * len(roots)

    def test_the_name_of_a_file_may_be_a_root(self, tmp_path):
        head = self.LISTED.removeprefix("quote_date,underlying,")
        text = f"{head}\n2026-03-20,6800,C,50,52\n2026-03-20,6800,P,40,42\n"
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}"), **{"SPXW_2026-02-13.csv": text})
        assert source.load(tmp_path).chains.symbols() == ("^GSPC",)

    def test_a_chain_alone_carries_its_spot(self, tmp_path):
        put(tmp_path, q__csv=self.quotes("February 13, 2026"))
        assert asked(tmp_path, "PX_CLOSE", "SPX")[0] == 6836.17
        assert "the level that its option chain states" in source.load(tmp_path).provenance["^GSPC"].adjusted


class TestTwoFilesOfOneSymbol:
    DAYS = sessions("2025-01-02", "2025-06-30")
    PATH = walk(DAYS)

    def test_the_longer_one_goes_on_where_the_other_ends(self, tmp_path):
        """One of them is adjusted for a dividend of 1 %: their ratio changes in one step."""
        at = self.DAYS.index("2025-05-01")
        adjusted = [value * 0.99 if n < at else value for n, value in enumerate(self.PATH)]
        late = slice(60, None)
        put(
            tmp_path,
            SPY__csv=table("Date,Open,High,Low,Close", "{d},{o},{h},{l},{c}", self.DAYS[late], self.PATH[late]),
            wide__csv=table("Date,SPY,QQQ", "{d},{c},{h}", self.DAYS, adjusted),
        )
        found = closes(tmp_path, "SPY")
        assert found == pytest.approx(dict(zip(self.DAYS, self.PATH, strict=True)))
        assert "the closes of 2025-01-02 to 2025-03-31 are those of wide.csv times 1.0101" in told(tmp_path)

    def test_another_path_is_not_used(self, tmp_path):
        late = slice(60, None)
        put(
            tmp_path,
            SPY__csv=table("Date,Open,High,Low,Close", "{d},{o},{h},{l},{c}", self.DAYS[late], self.PATH[late]),
            wide__csv=table("Date,SPY,QQQ", "{d},{c},{h}", self.DAYS, walk(self.DAYS, seed=9)),
        )
        assert min(closes(tmp_path, "SPY")) == self.DAYS[60]
        assert "wide.csv differs from SPY.csv" in told(tmp_path)


class TestTheReason:
    """What a file had is what a formula tells."""

    def test_of_a_cell(self, tmp_path):
        put(tmp_path, prices__csv=table("Date,AAA,SPY", "{d},{c},{h}").replace("185.01,", "abc,"))
        answer, reason = asked(tmp_path, "PX_CLOSE", "AAA")
        assert str(answer) == "#N/A"
        assert "prices.csv, row 6, column AAA: 'abc' is no number" in reason

    def test_of_a_column(self, tmp_path):
        put(tmp_path, prices__csv="Date,AAA,SPY\n2026-02-12,abc,600\n2026-02-13,def,601\n")
        assert (
            "left out column AAA: prices.csv, row 2, column AAA: 'abc' is no number"
            in asked(tmp_path, "PX_CLOSE", "AAA")[1]
        )

    def test_of_a_file(self, tmp_path):
        put(tmp_path, p__csv=table("Date,SPY", "{d},{c}"), AAA__csv=table("Date,Close", "{d},{c}", ["02/03/2026"] * 5))
        assert "AAA.csv, row 2, column Date: '02/03/2026' is no date" in asked(tmp_path, "PX_CLOSE", "AAA")[1]
