"""Heads of vendors' exports as they come, each with the same week; others are refused with what was seen.

Where the heads come from: the vendors' own pages and download buttons, and public programs that read such files.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.market.files.made import CLOSES, WEEK, asked, closes, put, table, told
from xlrotation.errors import NoData
from xlrotation.market.providers.folder import filenames, headers, source

US = [f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in WEEK]
SHORT = [f"{day[:6]}{day[8:]}" for day in US]
PLAIN = [day.replace("-", "") for day in WEEK]
MILLISECONDS = [str(1_770_613_200_000 + 86_400_000 * i) for i in range(5)]
SECONDS = [str(1_770_647_400 + 86_400 * i) for i in range(5)]
FULL = dict(zip(WEEK, CLOSES, strict=True))

EXPORTS = {
    "Nasdaq.com": ("AAPL.csv", "Date,Close/Last,Volume,Open,High,Low", "{d},${c},1000,${o},${h},${l}", US, "AAPL"),
    "letters": ("AAPL.csv", "date,o,h,l,c,v", "{d},{o},{h},{l},{c},100", WEEK, "AAPL"),
    "Polygon": ("AAPL.csv", "v,vw,o,c,h,l,t,n", "1000,{c},{o},{c},{h},{l},{d},12", MILLISECONDS, "AAPL"),
    "Polygon flat": (
        "day.csv",
        "ticker,volume,open,close,high,low,window_start,transactions",
        "AAPL,100,{o},{c},{h},{l},{d},12",
        [f"{stamp}000000" for stamp in MILLISECONDS],
        "AAPL",
    ),
    "Kaggle": ("all_stocks_5yr.csv", "date,open,high,low,close,volume,Name", "{d},{o},{h},{l},{c},1,AAL", WEEK, "AAL"),
    "stock": ("all.csv", "Date,Close,Volume,Stock", "{d},{c},100,AAL", WEEK, "AAL"),
    "tushare": (
        "daily.csv",
        ",ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount",
        "{i},600519.SH,{d},{o},{h},{l},{c},1,1,1,2,3",
        PLAIN,
        "600519.SH",
    ),
    "Ricequant": (
        "p.csv",
        "order_book_id,date,open,close,high,low,total_turnover,volume",
        "600519.XSHG,{d},{o},{c},{h},{l},1,2",
        WEEK,
        "600519.SH",
    ),
    "BaoStock": (
        "b.csv",
        "date,code,open,high,low,close,preclose",
        "{d},sh.600519,{o},{h},{l},{c},1",
        WEEK,
        "600519.SH",
    ),
    "AKShare": (
        "a.csv",
        "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率",
        "{d},600519,{o},{c},{h},{l},1,1,1,1,1,1",
        WEEK,
        "600519.SH",
    ),
    "EODHD": (
        "AAPL.US.csv",
        "Date,Open,High,Low,Close,Adjusted_close,Volume",
        "{d},{o},{h},{l},{c},{c},9",
        WEEK,
        "AAPL",
    ),
    "Alpha Vantage": (
        "daily_adjusted_IBM.csv",
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient",
        "{d},{o},{h},{l},{c},{c},100,0.0000,1.0",
        WEEK,
        "IBM",
    ),
    "Alpha Vantage, numbered": (
        "IBM.csv",
        "date,1. open,2. high,3. low,4. close,5. adjusted close,6. volume,7. dividend amount,8. split coefficient",
        "{d},{o},{h},{l},{c},{c},100,0,1.0",
        WEEK,
        "IBM",
    ),
    "Stooq": ("spy_us_d.csv", "Date,Open,High,Low,Close,Volume", "{d},{o},{h},{l},{c},100", WEEK, "SPY"),
    "Stooq, all": (
        "spy.us.txt",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        "SPY.US,D,{d},000000,{o},{h},{l},{c},100,0",
        PLAIN,
        "SPY",
    ),
    "Stooq, Polish": (
        "^spx_d.csv",
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie",
        "{d},{o},{h},{l},{c}",
        WEEK,
        "^GSPC",
    ),
    "MetaTrader": (
        "US500_D1.csv",
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
        "{d}\t{o}\t{h}\t{l}\t{c}\t1\t2\t3",
        [day.replace("-", ".") for day in WEEK],
        "US500",
    ),
    "Dukascopy": (
        "USA500_Candlestick_1_D_BID_01.01.2026-13.02.2026.csv",
        "Gmt time,Open,High,Low,Close,Volume",
        "{d} 00:00:00.000,{o},{h},{l},{c},1.5",
        [f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in WEEK],
        "USA500",
    ),
    "CryptoDataDownload": (
        "Binance_BTCUSDT_d.csv",
        "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount",
        "1770595200000,{d},BTCUSDT,{o},{h},{l},{c},1,2,3",
        WEEK,
        "BTCUSDT",
    ),
    "Quandl": (
        "WIKI-AAPL.csv",
        "Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. Close",
        "{d},{o},{h},{l},{c},100,0.0,1.0,{o},{c}",
        WEEK,
        "AAPL",
    ),
    "Tiingo": (
        "AAPL.csv",
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
        "{d}T00:00:00.000Z,{c},{h},{l},{o},100,{c},{h},{l},{o},100,0.0,1.0",
        WEEK,
        "AAPL",
    ),
    "IEX": (
        "AAPL.csv",
        "date,open,high,low,close,volume,uOpen,uClose,change,changePercent,label,changeOverTime",
        '{d},{o},{h},{l},{c},100,{o},{c},0,0,"Feb 13, 26",0',
        WEEK,
        "AAPL",
    ),
    "WSJ": ("SPX.csv", "Date, Open, High, Low, Close", "{d}, {o}, {h}, {l}, {c}", SHORT, "^GSPC"),
    "investing.com": (
        "S&P 500 Historical Data.csv",
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        '"{d}","{c}","{o}","{h}","{l}","68.18M","-0.20%"',
        US,
        "^GSPC",
    ),
    "investing.com, Chinese": (
        "标普500历史数据.csv",
        '"日期","收盘","开盘","高","低","交易量","涨跌幅"',
        '"{d}","{c}","{o}","{h}","{l}","68.18M","-0.20%"',
        [f"{day[:4]}年{int(day[5:7])}月{int(day[8:])}日" for day in WEEK],
        "^GSPC",
    ),
    "Cboe": ("VIX_History.csv", "DATE,OPEN,HIGH,LOW,CLOSE", "{d},{o},{h},{l},{c}", US, "^VIX"),
    "Cboe, one value": ("COR1M_History.csv", "DATE,COR1M", "{d},{c}", US, "^COR1M"),
    "LSEG": (
        "VOD.L.csv",
        "Timestamp,Trade Close,Trade Open,Trade High,Trade Low",
        "{d},{c},{o},{h},{l}",
        WEEK,
        "VOD.L",
    ),
    "LSEG, long": ("p.csv", "Instrument,Date,Price Close,Price Open", "AAPL.O,{d}T00:00:00Z,{c},{o}", WEEK, "AAPL"),
    "S&P": ("Export.csv", "S&P Dow Jones Indices\n\nEffective date ,S&P 500", "{d},{c}", WEEK, "^GSPC"),
    "Sharadar": (
        "SEP.csv",
        "ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated",
        "AAPL,{d},{o},{h},{l},{c},100,{c},{c},2026-02-14",
        WEEK,
        "AAPL",
    ),
    "TradingView": ("BATS_SPY, 1D.csv", "time,open,high,low,close,Volume", "{d},{o},{h},{l},{c},9", SECONDS, "SPY"),
    "MarketWatch": ("STOCK_US_XNYS_XOM.csv", "Date,Open,High,Low,Close,Volume", '{d},{o},{h},{l},{c},"9"', US, "XOM"),
    "Barchart": (
        "spy_daily_historical-data-02-13-2026.csv",
        "Time,Open,High,Low,Last,Change,%Chg,Volume",
        "{d},{o},{h},{l},{c},0,-0.2%,9",
        US,
        "SPY",
    ),
    "STOXX": (
        "h_sx5e.txt",
        "Date;Symbol;Indexvalue;",
        "{d};SX5E;{c};",
        [f"{d[8:]}.{d[5:7]}.{d[:4]}" for d in WEEK],
        "^STOXX50E",
    ),
    "CSI": ("i.csv", "日期Date,指数代码Index Code,开盘Open,收盘Close", "{d},H30269,{o},{c}", PLAIN, "H30269"),
    "funds": ("510300.SH.csv", "净值日期,单位净值,累计净值,日增长率", "{d},{c},{h},0.1%", WEEK, "510300.SH"),
    "Yahoo, Japanese": ("7203.T.csv", "日付,始値,高値,安値,終値,出来高", "{d},{o},{h},{l},{c},9", WEEK, "7203.T"),
    "LSEG, titled": (
        "AAPL.O.csv",
        "Exchange Date,Close,Net,%Chg,Open,Low,High",
        "{d},{c},0,0%,{o},{l},{h}",
        WEEK,
        "AAPL",
    ),
    "FactSet": ("p.csv", "Symbol,Date,Price,Open", "AAPL-US,{d},{c},{o}", US, "AAPL"),
    "MetaStock": ("x.txt", "<TICKER>,<DTYYYYMMDD>,<OPEN>,<CLOSE>", "SPY,{d},{o},{c}", PLAIN, "SPY"),
    "Databento": (
        "d.csv",
        "ts_event,open,high,low,close,volume,symbol",
        "{d}T00:00:00Z,{o},{h},{l},{c},9,SPY",
        WEEK,
        "SPY",
    ),
    "numbered rows": ("AAPL.csv", "index,Date,Close", "{i},{d},{c}", WEEK, "AAPL"),
    "days in words": (
        "AAPL.csv",
        "Date,Close",
        '"{d}",{c}',
        [f"{dt.date.fromisoformat(d):%A, %B %d, %Y}" for d in WEEK],
        "AAPL",
    ),
    "13-Feb-26": ("AAPL.csv", "Date,Close", "{d},{c}", [f"{dt.date.fromisoformat(d):%d-%b-%y}" for d in WEEK], "AAPL"),
    "serials": ("AAPL.csv", "Date,Close", "{d},{c}", [str(46_062 + i) for i in range(5)], "AAPL"),
    "20260209.0": ("AAPL.csv", "Date,Close", "{d}.0,{c}", PLAIN, "AAPL"),
    "pipes": ("p.csv", "Date|AAPL|SPY", "{d}|{c}|{h}", WEEK, "AAPL"),
    "a title above tabs": ("p.txt", "Prices, daily, of the desk\nDate\tAAPL\tSPY", "{d}\t{c}\t{h}", WEEK, "AAPL"),
}


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("export", EXPORTS)
def test_exports(tmp_path, export, newest_first):
    name, head, form, days, symbol = EXPORTS[export]
    rows = table(head, form, days).splitlines()
    top = head.count("\n") + 1
    if newest_first and export != "numbered rows":
        rows = [*rows[:top], *rows[top:][::-1]]
    text = "\n".join(rows) + "\n"
    if export == "Kaggle":
        text += table(head, form, days).partition("\n")[2].replace("AAL", "AAP")
    put(tmp_path, **{name: text})
    shut = {"2026-02-11"} if symbol == "7203.T" else set()
    assert closes(tmp_path, symbol) == {day: c for day, c in FULL.items() if day not in shut}, told(tmp_path)


def test_a_title_above_decimal_commas(tmp_path):
    text = table("Prices of the desk, daily, closes\nDate;AAPL;SPY", "{d};{c};{h}").replace(".", ",")
    put(tmp_path, p__csv=text)
    assert closes(tmp_path, "AAPL") == FULL


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SH#600519.txt", "600519 贵州茅台 日线 不复权\n日期\t开盘\t最高\t最低\t收盘\t成交量\t成交额"),
        ("SH600519.xls", "时间\t开盘\t最高\t最低\t收盘\t涨幅\t总手"),
    ],
)
@pytest.mark.parametrize("form", ["{d}\t{o}\t{h}\t{l}\t{c}\t1\t2", "{d},四\t{o}\t{h}\t{l}\t{c}\t1\t2"])
def test_programs_of_chinese_brokers(tmp_path, name, text, form):
    days = [day.replace("-", "/") for day in WEEK]
    put(tmp_path, **{name: (table(text, form, days) + "#数据来源:通达信\n").encode("gbk")})
    assert closes(tmp_path, "600519.SH") == FULL


@pytest.mark.parametrize(
    ("head", "encoding", "symbol"),
    [
        ("日期,標普500,羅素2000指數", "big5", "^GSPC"),
        ("日期,收盤價,成交量", "big5", "SPY"),
        ("日付,終値,安値", "cp932", "SPY"),
        ("日期,收盘价,最高价", "gbk", "SPY"),
        ("日期,收盘价,最高价", "utf-16", "SPY"),
        ("Date,Close,High", "utf-16-le", "SPY"),
        ("Date,Close,High", "utf-16-be", "SPY"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, head, encoding, symbol, end):
    values = table(head, "{d},{c},{c}").replace("\n", end)
    put(tmp_path, SPY__csv=values.encode(encoding))
    assert closes(tmp_path, symbol) == FULL


@pytest.mark.parametrize("name", ["HistoricalData_1707512345678.csv", "HistoricalPrices.csv", "download (1).csv"])
def test_a_file_that_names_no_symbol(tmp_path, name):
    put(tmp_path, **{name: table("Date,Close/Last,Volume", "{d},{c},1", US)})
    with pytest.raises(NoData, match="neither a column nor the file's name says whose prices they are"):
        source.load(tmp_path)


@pytest.mark.parametrize(
    ("head", "form"),
    [
        ("date,c,v", "{d},{c},100"),
        ("Date,Open,High,Low", "{d},{o},{h},{l}"),
        ("Date,Volume,Turnover", "{d},100,{c}"),
        ("Date,VWAP,Average", "{d},{c},{c}"),
        ("日期,涨跌幅,换手率", "{d},{c},{c}"),
    ],
)
def test_words_for_fields_are_no_tickers(tmp_path, head, form):
    put(tmp_path, AAPL__csv=table(head, form))
    with pytest.raises(NoData) as error:
        source.load(tmp_path)
    assert "may be no ticker, and it has no Close column (its heads are " in error.value.message
    assert "folder.toml can say what each column is" in error.value.message


def test_tickers_that_are_words(tmp_path):
    put(tmp_path, p__csv=table("Date,LOW,HD,TGT,OPEN,MA,V,C", "{d},{c},{c},{c},{c},{c},{c},{c}"))
    assert set(source.load(tmp_path).symbols) == {"LOW", "HD", "TGT", "OPEN", "MA", "V", "C"}


def test_a_lone_value_among_tickers(tmp_path):
    put(tmp_path, SPY__csv=table("Date,AAPL,NAV,MSFT,Value", "{d},{c},{h},{l},{o}"))
    assert set(source.load(tmp_path).symbols) == {"AAPL", "NAV", "MSFT"}
    assert closes(tmp_path, "AAPL") == FULL
    assert "column Value is a word for a field" in told(tmp_path)
    put(tmp_path, SPY__csv=table("Date,Close,Fast,Slow", "{d},{c},{h},{l}"))
    assert source.load(tmp_path).symbols == ("SPY",)


def test_names_of_series_with_words_for_fields(tmp_path):
    text = table("Date,Import Price Index,US 10Y Yield,HY spread,Total Return,SPY,QQQ", "{d},{c},4.1,2.9,7,{c},{c}")
    put(tmp_path, p__csv=text)
    assert set(source.load(tmp_path).symbols) == {"IMPORT PRICE INDEX", "US 10Y YIELD", "HY SPREAD", "SPY", "QQQ"}
    assert "column Total Return is a word for a field" in told(tmp_path)


def test_a_column_among_tickers_that_is_none(tmp_path):
    put(tmp_path, p__csv=table("Date,SPX,RUT,Average", "{d},{c},{c},{c}"))
    assert source.load(tmp_path).symbols == ("^GSPC", "^RUT")
    assert "column Average is a word for a field and is left out" in told(tmp_path)


def test_several_securities_that_no_column_tells_apart(tmp_path):
    rows = "".join(f"{day},{c},{desk}\n" for day in WEEK for c, desk in ((100.5, "A"), (40.25, "B")))
    put(tmp_path, x__csv=f"Date,Close,Desk\n{rows}")
    with pytest.raises(NoData, match="of several securities as it seems; its column 'Desk' may say which"):
        source.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "series"),
    [
        ("UNRATE.csv", "DATE,UNRATE\n2025-12-01,4.4\n2026-01-01,4.3\n", "UNRATE"),
        ("UNRATE.csv", "observation_date,UNRATE\n2025-12-01,4.4\n2026-01-01,4.3\n", "UNRATE"),
        ("JHDUSRGDPBR.csv", "DATE,JHDUSRGDPBR\n2025-10-01,4.4\n2026-01-01,.\n", "JHDUSRGDPBR"),
        ("DGS10.csv", "DATE,DGS10\n2026-02-13,4.1\n2026-02-16,.\n2026-02-17,4.2\n", "DGS10"),
        ("UNRATE.csv", "date,value\n2025-12-01,4.4\n2026-01-01,4.3\n", "UNRATE"),
        ("e.csv", "指标名称,中国:M2:同比\n频率,月\n单位,%\n更新时间,2026-02-13\n2025-12-31,8.0\n", "中国:M2:同比"),
        (
            "ecb.csv",
            "DATE,TIME PERIOD,EXR.D.USD\n2026-02-13,13 Feb 2026,1.18\n2026-02-17,17 Feb 2026,1.19\n",
            "EXR.D.USD",
        ),
    ],
)
def test_series_are_no_prices(tmp_path, name, text, series):
    put(tmp_path, **{name: text, "SPY.csv": table("Date,Close", "{d},{c}")})
    panel = source.load(tmp_path)
    assert list(panel.series) == [series]
    assert panel.symbols == ("SPY",)
    assert str(panel.last) == WEEK[-1]


def test_a_folder_of_series_alone(tmp_path):
    """Its series can be asked for; of a price the reason says what the folder holds."""
    put(tmp_path, UNRATE__csv="DATE,UNRATE\n2025-12-01,4.4\n2026-01-01,4.3\n")
    put(tmp_path, DGS10__csv="observation_date,DGS10\n2026-02-13,4.1\n2026-02-16,.\n2026-02-17,4.2\n")
    answer, _ = asked(tmp_path, "MAC_SERIES", "UNRATE", None, None, False)
    assert answer == [[dt.date(2025, 12, 1), 4.4], [dt.date(2026, 1, 1), 4.3]]
    assert len(asked(tmp_path, "MAC_SERIES", "DGS10", None, None, False)[0]) == 2
    panel = source.load(tmp_path)
    assert (str(panel.first), str(panel.last), panel.symbols) == ("2025-12-01", "2026-02-17", ())
    answer, reason = asked(tmp_path, "PX_CLOSE", "SPY")
    assert str(answer) == "#N/A"
    assert "holds no prices, but series DGS10, UNRATE" in reason
    answer, reason = asked(tmp_path, "BRD_AD")
    assert str(answer) == "#N/A"
    assert reason


@pytest.mark.parametrize("days", [("2026-01-01",), ("1890-01-01", "1890-02-01"), ("2199-01-01", "2199-02-01")])
def test_a_folder_of_series_of_any_time(tmp_path, days):
    put(tmp_path, UNRATE__csv="DATE,UNRATE\n" + "".join(f"{day},4.4\n" for day in days))
    panel = source.load(tmp_path)
    assert len(panel.days)
    assert panel.last < dt.date.today()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("group_by", ["column", "ticker"])
def test_frames_of_yfinance(tmp_path, ending, group_by):
    levels = [["Close", "Volume"], ["SPY"]] if group_by == "column" else [["SPY"], ["Close", "Volume"]]
    names = ["Price", "Ticker"] if group_by == "column" else ["Ticker", "Price"]
    columns = pd.MultiIndex.from_product(levels, names=names)
    frame = pd.DataFrame(np.array([CLOSES, [100.0] * 5]).T, pd.DatetimeIndex(WEEK, name="Date"), columns)
    save = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}[ending]
    save(tmp_path / f"x.{ending}")
    assert closes(tmp_path, "SPY") == FULL


@pytest.mark.parametrize("index", ["Date", None])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("order", ["fields above", "tickers above", "sorted"])
def test_frames_of_several_tickers_without_names(tmp_path, ending, order, index):
    """Nothing says which row of heads are fields; the first column of a ticker is a volume or an open."""
    close = pd.DataFrame({"SPY": CLOSES, "QQQ": np.array(CLOSES) * 2}, pd.DatetimeIndex(WEEK, name=index))
    frame = pd.concat({"Volume": close * 0 + 1e6, "Open": close + 0.5, "Close": close}, axis=1)
    frame = frame if order == "fields above" else frame.swaplevel(axis=1)
    frame = frame.sort_index(axis=1) if order == "sorted" else frame
    {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}[ending](tmp_path / f"x.{ending}")
    assert closes(tmp_path, "SPY") == FULL, told(tmp_path)
    assert set(source.load(tmp_path).symbols) == {"SPY", "QQQ"}
    assert told(tmp_path) == ""


def test_units_below_the_heads_are_no_tickers(tmp_path):
    put(tmp_path, AAPL__csv="Date,Open,Close\n,USD,USD\n" + table("", "{d},{o},{c}").lstrip())
    assert source.load(tmp_path).symbols == ("AAPL",)


@pytest.mark.parametrize(
    "head", ["Adj. High", "MA20", "pct_chg", "换手%", "成交额", "Unnamed: 3", "Prev Close", "vwap"]
)
def test_no_ticker(head):
    assert headers.no_ticker(head)


@pytest.mark.parametrize(
    "head", ["AAPL", "BRK.B", "SPX Index", "600519.SH", "贵州茅台", "Technology", "HY spread", "^TNX"]
)
def test_a_ticker(head):
    assert not headers.no_ticker(head)


@pytest.mark.parametrize(
    ("stem", "symbol"),
    [
        *(("BAC-D", "BAC-D"), ("BRK-B", "BRK-B"), ("MAX", "MAX"), ("D", "D"), ("DATA", "DATA"), ("SPY prices", "SPY")),
        *(
            ("AAPL (1)", "AAPL"),
            ("AAPL - Copy", "AAPL"),
            ("^spx_d", "^GSPC"),
            ("EURUSD_Daily", "EURUSD"),
            ("SPY_1d", "SPY"),
        ),
        *(("S&P 500 Historical Data (2)", "^GSPC"), ("SPY-2026-02-13", "SPY"), ("SZ000001", "000001.SZ")),
    ],
)
def test_symbols_of_files(stem, symbol):
    assert filenames.symbol_of_file(stem) == symbol


@pytest.mark.parametrize(
    "head",
    [
        "Date,Ouverture,Plus haut,Plus bas,Clôture,Volume",
        "Datum,Eröffnung,Tageshoch,Tagestief,Letzter Kurs,Umsatz",
        "Datum,Kurs,Hoch,Tief,Schluss,Umsatz",
        "Fecha,Apertura,Máximo,Mínimo,Cierre,Volumen",
        "Data,Apertura,Massimo,Minimo,Ultimo,Volume",
        "Data,Abertura,Máxima,Mínima,Fechamento,Volume",
        "Datum,Opening,Hoog,Laag,Slotkoers,Volume",
        "Datum,Öppning,Högst,Lägst,Stängning,Volym",
        "Data,Otwarcie,Najwyższy,Najniższy,Zamknięcie,Wolumen",
        "Tarih,Açılış,Yüksek,Düşük,Şimdi,Hacim",
        "Дата,Открытие,Максимум,Минимум,Закрытие,Объём",
        "날짜,시가,고가,저가,종가,거래량",
        "日付け,始値,高値,安値,現在値,出来高",
        "DATUM,KURS,HOCH,TIEF,SCHLUSS,UMSATZ",
    ],
)
def test_heads_of_other_languages(tmp_path, head):
    put(tmp_path, AAPL__csv=table(head, "{d},{o},{h},{l},{c},100"))
    assert closes(tmp_path, "AAPL") == FULL, told(tmp_path)
    assert {"high", "low", "volume"} <= source.load(tmp_path).fields.keys()


@pytest.mark.parametrize("head", ["Datum,Kurs", "Date,Cours", "Fecha,Cierre", "DATUM,KURS", "Date,Prezzo"])
def test_one_word_for_a_close(tmp_path, head):
    put(tmp_path, AAPL__csv=table(head, "{d},{c}"))
    assert closes(tmp_path, "AAPL") == FULL
    put(tmp_path, prices__csv=table("Date,AAPL,SON,MSFT," + head.partition(",")[2], "{d},{c},{o},{h},1"))
    assert source.load(tmp_path).symbols == ("AAPL", "SON", "MSFT")


@pytest.mark.parametrize("head", ["Datum,Wert", "Fecha,Valor", "Date,Veränderung", "日付,前日比"])
def test_one_word_that_says_no_price(tmp_path, head):
    put(tmp_path, AAPL__csv=table(head, "{d},{c}"))
    with pytest.raises(NoData, match="may be no ticker"):
        source.load(tmp_path)


def test_weights_of_other_languages(tmp_path):
    put(tmp_path, p__csv=table("Date,AAPL,MSFT", "{d},{c},{c}"))
    put(tmp_path, weights_desk__csv="Datum;Symbol;Gewicht\n13.02.2026;AAPL;60,5%\n13.02.2026;MSFT;39,5%\n")
    _, held = source.load(tmp_path).weights["DESK"]
    assert held.tolist() == [[pytest.approx(0.605), pytest.approx(0.395)]]
    assert told(tmp_path) == ""
