"""The user's own files, as vendors and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import source as folder
from xlrotation.market.providers.folder.tables import number

WIDE = "Date,RUT,SPX\n2026-02-11,2669.47,6941.47\n2026-02-12,2615.83,6832.76\n2026-02-13,2646.70,6836.17\n"
BARS = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-02-12,10,12,9,11,5.5,100\n2026-02-13,11,13,10,12,6,200\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def close(panel, symbol):
    return panel.fields["close"][:, panel.columns[symbol]].tolist()


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("prices.csv", WIDE, "utf-8"),
        ("prices.csv", WIDE, "utf-8-sig"),
        ("prices.csv", WIDE.replace(",", ";"), "utf-8"),
        ("prices.tsv", WIDE.replace(",", "\t"), "utf-8"),
        ("prices.csv", WIDE.replace("2026-02-", "2026/2/"), "utf-8"),
        ("prices.csv", WIDE.replace("-", ""), "utf-8"),
        ("价格.csv", WIDE.replace("Date", "日期").replace("RUT", "罗素2000").replace("SPX", "标普500"), "gbk"),
        ("prices.csv", WIDE.replace("RUT,SPX", "RTY Index,SPX Index"), "utf-8"),
        ("prices.csv", WIDE.replace("2669.47", '"2,669.47"').replace("6941.47", '"6,941.47"'), "utf-8"),
        ("prices.csv", WIDE.replace("2026-02-11", "2026年2月11日"), "utf-8"),
        ("prices.csv", WIDE.replace("2026-02-11", "2026-02-11 00:00:00-05:00"), "utf-8"),
        ("prices.csv", WIDE, "utf-16"),
        ("sub/prices.csv", WIDE, "utf-8"),
    ],
)
def test_wide_tables(tmp_path, name, text, encoding):
    write(tmp_path / name, text, encoding)
    panel = folder.load(tmp_path)
    assert panel.symbols == ("^RUT", "^GSPC")
    assert close(panel, "^RUT") == [2669.47, 2615.83, 2646.70]
    assert panel.days.tolist() == [dt.date(2026, 2, 11), dt.date(2026, 2, 12), dt.date(2026, 2, 13)]
    assert panel.remarks == ()


def test_compressed_spreadsheet_and_parquet(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "prices.csv.gz").write_bytes(gzip.compress(WIDE.encode()))
    book = openpyxl.Workbook()
    book.active.append(["Date", "RUT", "SPX"])
    book.active.append([dt.datetime(2026, 2, 12), 2615.83, 6832.76])
    book.active.append([dt.datetime(2026, 2, 13), 2646.70, None])
    (tmp_path / "b").mkdir()
    book.save(tmp_path / "b" / "prices.xlsx")
    import pandas as pd

    (tmp_path / "c").mkdir()
    frame = pd.DataFrame({"RUT": [2615.83, 2646.70]}, index=pd.DatetimeIndex(["2026-02-12", "2026-02-13"], name="Date"))
    frame.to_parquet(tmp_path / "c" / "prices.parquet")
    for name in "abc":
        assert close(folder.load(tmp_path / name), "^RUT")[-2:] == [2615.83, 2646.70]
    assert np.isnan(close(folder.load(tmp_path / "b"), "^GSPC")[-1])


def test_one_file_per_symbol(tmp_path):
    write(tmp_path / "^RUT.csv", BARS)
    write(tmp_path / "BRK-B.csv", BARS)
    panel = folder.load(tmp_path)
    assert set(panel.symbols) == {"^RUT", "BRK-B"}
    assert panel.fields["open"][:, panel.columns["BRK-B"]].tolist() == [10.0, 11.0]
    session = Session(f"folder:{tmp_path}")
    assert session.call("PX_RET", "RUT", "1D", None, None, "OPEN") == pytest.approx(12 / 11 - 1)
    assert session.call("PX_RET", "RUT", "1D", None, "total") == pytest.approx(6 / 5.5 - 1)


def test_long_table(tmp_path):
    text = "date,index,open,high,low,close\n2026-02-13,RUT,1,3,1,2\n2026-02-13,SPX,5,6,4,5\n2026-02-12,RUT,1,2,1,1\n"
    write(tmp_path / "indices.csv", text)
    panel = folder.load(tmp_path)
    assert close(panel, "^RUT") == [1.0, 2.0]
    assert panel.fields["high"][-1, panel.columns["^GSPC"]] == 6.0


def test_members_and_weights(tmp_path):
    write(tmp_path / "prices.csv", "Date,AAPL,MSFT\n2026-02-13,255.78,401.32\n")
    write(tmp_path / "members.csv", "ticker,name,sector\nAAPL,Apple,IT\nMSFT,Microsoft,IT\n")
    write(tmp_path / "weights.csv", "date,ticker,weight_pct\n2026-02-13,MSFT,6.5\n2026-02-13,AAPL,7.5\n")
    panel = folder.load(tmp_path)
    assert panel.universes["SP500"] == ("AAPL", "MSFT")
    days, table = panel.weights["SP500"]
    assert days.tolist() == [dt.date(2026, 2, 13)]
    np.testing.assert_allclose(table, [[0.075, 0.065]])
    session = Session(f"folder:{tmp_path}")
    assert len(session.call("PX_HISTORY", "SP500", "2026-02-13")[0]) == 3


def test_gaps_are_gaps(tmp_path):
    write(tmp_path / "prices.csv", "Date,XLK,XLF,XLE\n2026-02-12,,--,#N/A\n2026-02-13,1,2,3\n")
    panel = folder.load(tmp_path)
    assert np.isnan(panel.fields["close"][0]).all()
    assert panel.remarks == ()


def test_sessions_that_the_file_lacks_are_gaps_not_fewer_rows(tmp_path):
    write(tmp_path / "prices.csv", "Date,XLK\n2026-02-09,1\n2026-02-13,2\n")
    session = Session(f"folder:{tmp_path}")
    assert session.call("PX_RET", "XLK", "4D") == 1.0
    assert str(session.call("PX_RET", "XLK", "1D")) == "#N/A"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("Date,XLK,BAD\n2026-02-13,1,abc\n", "prices.csv, row 2, column BAD: 'abc' is no number"),
        ("Date,XLK\n2026-02-13,1\n02/12/2026,2\n", "prices.csv, row 3, column Date"),
        ("Date,XLK\n2026-02-12,0\n2026-02-13,1\n", "XLK has 1 close prices of 0 or less (first 2026-02-12)"),
        ("Date,XLK\n2026-02-13,1\n2026-02-14,2\n", "1 rows on days that are no session"),
        ("Date,XLK\n2026-02-13,1\n2026-02-13,2\n", "the same day twice"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, text, remark):
    write(tmp_path / "prices.csv", text)
    write(tmp_path / "other.csv", "Date,SPY\n2026-02-13,681.75\n")
    panel = folder.load(tmp_path)
    assert any(remark in said for said in panel.remarks), panel.remarks
    assert close(panel, "SPY")[-1] == 681.75


def test_raw_and_adjusted_prices_are_not_spliced(tmp_path):
    write(tmp_path / "XLK.csv", BARS)
    write(tmp_path / "wide.csv", "Date,XLK\n2026-02-11,5\n2026-02-12,5.5\n2026-02-13,6\n")
    panel = folder.load(tmp_path)
    assert close(panel, "XLK")[-2:] == [11, 12]
    assert np.isnan(close(panel, "XLK")[:-2]).all()  # the other file's 5 is on another scale
    assert any("differs from XLK.csv" in remark for remark in panel.remarks)


def test_agreeing_files_fill_each_others_gaps(tmp_path):
    write(tmp_path / "XLK.csv", BARS)
    write(tmp_path / "wide.csv", "Date,XLK\n2026-02-11,10\n2026-02-12,11\n")
    panel = folder.load(tmp_path)
    assert close(panel, "XLK") == [10, 11, 12]
    assert panel.remarks == ()


def test_a_folder_without_prices_says_what_to_put_there(tmp_path):
    with pytest.raises(NoData, match="no folder"):
        folder.load(tmp_path / "nowhere")
    with pytest.raises(NoData, match="put a CSV"):
        folder.load(tmp_path)
    write(tmp_path / "notes.csv", "hello,world\n1,2\n")
    with pytest.raises(NoData, match=r"notes\.csv"):
        folder.load(tmp_path)


def test_total_return_prices_of_one_file_do_not_jump_to_the_closes_of_another(tmp_path):
    write(tmp_path / "XLK.csv", BARS)  # Adj Close is half of Close
    write(tmp_path / "wide.csv", "Date,XLK\n2026-02-11,10\n2026-02-12,11\n")
    session = Session(f"folder:{tmp_path}")
    assert session.call("PX_RET", "XLK", "2D", None, "total") == pytest.approx(11 / 10 * 6 / 5.5 - 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("frame.csv", ",RUT,SPX\n2026-02-12,1,2\n2026-02-13,3,4\n"),
        ("frame.csv", "index,RUT,SPX\n2026-02-12 00:00:00,1,2\n2026-02-13 00:00:00,3,4\n"),
        ("frame.csv", ",Date,RUT,SPX\n0,2026-02-12,1,2\n1,2026-02-13,3,4\n"),
        ("title.csv", "Prices of the desk\n\nDate,RUT,SPX\n2026-02-12,1,2\n2026-02-13,3,4\n"),
        ("newest_first.csv", "Date,RUT,SPX\n2026-02-13,3,4\n2026-02-12,1,2\n"),
        ("bloomberg.csv", "Dates,RTY Index,SPX Index\n2026-02-12,1,2\n2026-02-13,3,4\n"),
        ("ahead.csv", "Date,RUT,SPX\n2026-02-12,1,2\n2026-02-13,3,4\n2026-02-17,,\n2026-02-18,,\n"),
        ("long.csv", "日期,代码,收盘价\n20260212,RUT,1\n20260213,RUT,3\n20260212,SPX,2\n20260213,SPX,4\n"),
        ("yahoo.csv", "Price,Close,Close\nTicker,^RUT,^GSPC\nDate,,\n2026-02-12,1,2\n2026-02-13,3,4\n"),
        ("yahoo.csv", "Ticker,^RUT,^GSPC\nPrice,Close,Close\nDate,,\n2026-02-12,1,2\n2026-02-13,3,4\n"),
    ],
)
def test_tables_as_frames_and_exports_come(tmp_path, name, text):
    write(tmp_path / name, text)
    panel = folder.load(tmp_path)
    assert (close(panel, "^RUT"), close(panel, "^GSPC")) == ([1.0, 3.0], [2.0, 4.0])
    assert panel.remarks == ()


def test_chinese_bars(tmp_path):
    text = "日期,开盘,最高,最低,收盘,复权收盘价,成交量\n2026年2月12日,10,12,9,11,5.5,100\n2026/2/13,11,13,10,12,6,200\n"
    write(tmp_path / "罗素2000.csv", text, "gbk")
    panel = folder.load(tmp_path)
    assert {name: values[-1, 0] for name, values in panel.fields.items()} == {
        "open": 11.0,
        "high": 13.0,
        "low": 10.0,
        "close": 12.0,
        "adjclose": 6.0,
        "volume": 200.0,
    }
    assert panel.symbols == ("^RUT",)
    known = panel.provenance["^RUT"]
    assert (known.provider, str(known.first), str(known.last)) == ("罗素2000.csv", "2026-02-12", "2026-02-13")
    assert known.adjusted == "as in the file"


def test_every_sheet_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for symbol, value in (("XLK", 1.0), ("SPX", 2.0)):
        sheet = book.create_sheet(symbol)
        sheet.append(["Desk prices"])
        sheet.append([])
        sheet.append([None, "Date", "Open", "Close"])
        sheet.append([None, dt.date(2026, 2, 13), "#N/A", value])
    book.create_sheet("Notes").append(["to do"])
    book.save(tmp_path / "desk.xlsx")
    panel = folder.load(tmp_path)
    assert (close(panel, "XLK"), close(panel, "^GSPC")) == ([1.0], [2.0])
    assert panel.remarks == ("left out desk.xlsx, sheet Notes: has no rows",)
    book["XLK"]["D4"] = "soon"
    book.save(tmp_path / "desk.xlsx")
    assert "desk.xlsx, sheet XLK, row 4, column Close: 'soon' is no number" in folder.load(tmp_path).remarks[0]


def test_a_company_is_not_the_index_or_fund_of_the_same_name(tmp_path):
    write(tmp_path / "prices.csv", "Date,DJI,DOW,XLK,TECH,BF.B,AAPL US Equity\n2026-02-13,1,2,3,4,5,6\n")
    write(tmp_path / "members.csv", "ticker,name\nDOW,Dow\nTECH,Bio-Techne\n")
    panel = folder.load(tmp_path)
    assert panel.symbols == ("^DJI", "DOW", "XLK", "TECH", "BF-B", "AAPL")
    assert panel.universes["SP500"] == ("DOW", "TECH")
    session = Session(f"folder:{tmp_path}")
    assert session.call("PX_CLOSE", "DOW") == 2.0
    assert session.call("PX_CLOSE", "道指") == 1.0
    assert session.call("PX_HISTORY", "SP500", "2026-02-13")[1][1:] == [2.0, 4.0]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1234,56", "2,646"], [1234.56, 2.646]),  # the first says what a comma is in this file
        (["1.234,56", "12,5"], [1234.56, 12.5]),
        (["1,234.56", "2,646"], [1234.56, 2646.0]),
        (["1234.56", "2.646"], [1234.56, 2.646]),
    ],
)
def test_decimal_commas(tmp_path, cells, expected):
    rows = "".join(f"2026-02-{day};{cell}\n" for day, cell in zip((12, 13), cells, strict=True))
    write(tmp_path / "prices.csv", f"Date;XLK\n{rows}")
    assert close(folder.load(tmp_path), "XLK") == expected


def test_a_comma_that_may_be_either_is_refused(tmp_path):
    write(tmp_path / "prices.csv", "Date;XLK\n2026-02-12;2,646\n2026-02-13;2,615\n")
    with pytest.raises(NoData, match=r"prices\.csv, row 2, column 2: '2,646' may mean 2646 or 2\.646"):
        folder.load(tmp_path)


def test_nothing_is_passed_over_in_silence(tmp_path):
    write(tmp_path / "prices.csv", "Date,XLK,EMPTY,\n2026-02-13,1,,7\n,5,,\nSource: desk,,,\n")
    write(tmp_path / "SPY.csv", "Date,Close,Change %\n2026-02-13,681.75,0.05\n")
    write(tmp_path / "README.md", "hello")
    write(tmp_path / "sub" / "deep" / "prices.csv", WIDE)
    write(tmp_path / ".hidden.csv", WIDE)
    assert sorted(folder.load(tmp_path).remarks) == [
        "SPY.csv: columns not used: Change %",
        "left out README.md, sub/deep/: no CSV, XLSX or Parquet file",
        "prices.csv: 2 rows without a date left out (first row 3) (rows 3, 4)",
        "prices.csv: EMPTY has no values",
        "prices.csv: column 4 has no head and is left out",
    ]


def test_weights_and_members_that_do_not_fit(tmp_path):
    write(tmp_path / "prices.csv", "Date,AAPL\n2026-02-13,255.78\n")
    write(tmp_path / "members.csv", "ticker,name\nAAPL,Apple\nMSFT,Microsoft\n")
    write(tmp_path / "weights.csv", "date,ticker,weight\n2026-02-13,AAPL,60%\n2026-02-13,GONE,40%\n")
    write(tmp_path / "sub" / "members.csv", "ticker,name\nKO,Coca-Cola\n")
    write(tmp_path / "ndx_weights.csv", "date,ticker,weight\n2026-02-13,AAPL,0.6\n2026-02-13,MSFT,0.4\n")
    panel = folder.load(tmp_path)
    np.testing.assert_allclose(panel.weights["SP500"][1], [[0.6, np.nan]])
    np.testing.assert_allclose(panel.weights["NDX"][1], [[0.6, 0.4]])
    assert panel.universes == {"SP500": ("AAPL", "MSFT"), "NDX": ("AAPL", "MSFT")}
    assert "weights.csv: weights of SP500: no members, left out: GONE (row 3)" in panel.remarks
    assert any("sub/members.csv: the members of SP500 stand in another file" in said for said in panel.remarks)


TABLES = st.dictionaries(
    st.sampled_from(("^RUT", "^GSPC", "XLK", "BRK-B", "DOW")),
    st.lists(st.none() | st.floats(90, 110), min_size=5, max_size=5),
    min_size=1,
).filter(lambda table: any(value for values in table.values() for value in values))
WEEK = ("2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13")


@given(TABLES)
def test_every_layout_says_the_same(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("layouts")
    cell = {symbol: ["" if v is None else repr(v) for v in values] for symbol, values in table.items()}
    wide = [
        "Date," + ",".join(table),
        *(f"{day}," + ",".join(c[i] for c in cell.values()) for i, day in enumerate(WEEK)),
    ]
    long = ["date,ticker,close", *(f"{day},{s},{c[i]}" for s, c in cell.items() for i, day in enumerate(WEEK))]
    write(path / "wide" / "prices.csv", "\n".join(wide))
    write(path / "long" / "prices.csv", "\n".join([long[0], *reversed(long[1:])]))
    for symbol, cells in cell.items():
        rows = [f"{day};{text}" for day, text in zip(WEEK, cells, strict=True)]
        write(path / "single" / f"{symbol}.csv", "\n".join(["Date;Close", *rows]))
    for layout in ("wide", "long", "single"):
        panel = folder.load(path / layout)
        for symbol, values in table.items():
            for day, value in zip(WEEK, values, strict=True):
                rows = np.flatnonzero(panel.days == np.datetime64(day))
                if np.datetime64(day) > panel.days[-1]:  # fewer than half of the symbols have it
                    assert value is None or any("the newest session" in remark for remark in panel.remarks)
                    continue
                seen = panel.fields["close"][rows, panel.columns[symbol]].tolist() if symbol in panel.columns else []
                assert [v for v in seen if v == v] == ([] if value is None else [value])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_remark(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any")
    (path / "junk.csv").write_bytes(data)
    (path / "junk.xlsx").write_bytes(data)
    (path / "junk.parquet").write_bytes(data)
    write(path / "good.csv", "Date,SPY\n2026-02-13,681.75\n")
    panel = folder.load(path)
    assert close(panel, "SPY")[-1] == 681.75
    assert panel.remarks


@given(st.floats(-1e15, 1e15))
def test_numbers_as_spreadsheets_print_them(value):
    for text in (repr(value), f"{value:,.4f}", f"{value:.6e}"):
        assert number(text, "here") == pytest.approx(value, rel=1e-5, abs=1e-4)


def test_no_number():
    for text in ("abc", "1.2.3", "1,23,4", "12a"):
        with pytest.raises(BadArgument):
            number(text, "file, row 2, column X")
