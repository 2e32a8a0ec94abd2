"""Files as terminals and web pages export them, cell by cell; all of them hold the same week.

Where the layouts come from: Bloomberg: the security, its dates and options in rows above ``Date`` or ``Dates``, or the
securities in a row above their fields (public programs that read such exports). Wind and Choice: codes with the
exchange behind a dot, units in parentheses, a last row with the source (the same). Yahoo: the table of the web page,
and the file that it offered for download until 2024.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.market.test_folder import close, write
from xlrotation.errors import NoData
from xlrotation.market.providers.folder import source as folder
from xlrotation.market.providers.folder.headers import meaning, symbol

DAYS = (dt.date(2026, 2, 11), dt.date(2026, 2, 12), dt.date(2026, 2, 13))
SPX = (6941.47, 6832.76, 6836.17)
RUT = (2669.47, 2615.83, 2646.70)


def check(path: Path, *symbols: str, remarks: int = 0):
    panel = folder.load(path)
    assert panel.symbols == symbols
    assert panel.days.tolist() == list(DAYS)
    for name, values in (("^GSPC", SPX), ("^RUT", RUT)):
        if name in symbols:
            assert close(panel, name) == list(values)
    assert len(panel.remarks) == remarks, panel.remarks
    return panel


def sheet(path: Path, rows: list[list[object]], title: str = "Sheet1") -> None:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)


class TestBloomberg:
    TOP = (
        ["Security", "SPX Index"],
        ["Start Date", DAYS[0]],
        ["End Date", DAYS[-1]],
        ["Period", "D"],
        ["Currency", "USD"],
    )

    def test_one_security(self, tmp_path):
        rows = [[day, value, 5e9] for day, value in zip(DAYS, SPX, strict=True)]
        sheet(tmp_path / "grid1.xlsx", [*map(list, self.TOP), [], ["Date", "PX_LAST", "PX_VOLUME"], *rows[::-1]])
        panel = check(tmp_path, "^GSPC")
        assert panel.fields["volume"][:, 0].tolist() == [5e9] * 3

    def test_one_security_without_a_row_between(self, tmp_path):
        rows = [[day, value] for day, value in zip(DAYS, SPX, strict=True)]
        sheet(tmp_path / "grid1.xlsx", [*map(list, self.TOP), ["Date", "Last Price"], *rows])
        check(tmp_path, "^GSPC")

    def test_securities_above_their_fields(self, tmp_path):
        text = ",SPX Index,,RTY Index,\nDates,PX_LAST,PX_HIGH,PX_LAST,PX_HIGH\n"
        for day, spx, rut in zip(DAYS, SPX, RUT, strict=True):
            text += f'{day:%m/%d/%Y},"{spx:,.2f}","{spx + 9:,.2f}","{rut:,.2f}",#N/A N/A\n'
        write(tmp_path / "bdh.csv", text)
        panel = check(tmp_path, "^GSPC", "^RUT")
        assert panel.fields["high"][0, 0] == SPX[0] + 9
        assert np.isnan(panel.fields["high"][:, 1]).all()

    def test_each_security_with_dates_of_its_own(self, tmp_path):
        rows = [
            [DAYS[i], SPX[i], None, DAYS[i + 1] if i < 2 else None, RUT[i + 1] if i < 2 else None] for i in range(3)
        ]
        top = [["SPX Index", None, None, "RTY Index", None], ["Date", "PX_LAST", None, "Date", "PX_LAST"]]
        sheet(tmp_path / "bdh.xlsx", [["Start Date", DAYS[0]], [], *top, *rows])
        panel = folder.load(tmp_path)
        assert close(panel, "^GSPC") == list(SPX)
        np.testing.assert_array_equal(close(panel, "^RUT"), [np.nan, *RUT[1:]])

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_frame_of_the_programming_interface(self, tmp_path, ending):
        columns = pd.MultiIndex.from_tuples([("SPX Index", "px_last"), ("RTY Index", "px_last")])
        frame = pd.DataFrame(list(zip(SPX, RUT, strict=True)), pd.Index(DAYS), columns)
        save = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}[ending]
        save(tmp_path / f"bdh.{ending}")
        check(tmp_path, "^GSPC", "^RUT")

    def test_a_bad_cell_is_named(self, tmp_path):
        rows = [["SPX Index", None, "RTY Index", None], ["Date", "PX_LAST", "Date", "PX_LAST"]]
        sheet(tmp_path / "bdh.xlsx", [*rows, [DAYS[0], 1.0, DAYS[0], "soon"]], "Export")
        panel = folder.load(tmp_path)
        assert panel.symbols == ("^GSPC",)
        named = "bdh.xlsx, row 3, column RTY Index PX_LAST: 'soon' is no number; correct the cell or leave it empty"
        assert panel.remarks == (f"left out RTY Index: {named}",)


class TestWind:
    HEADS = (
        *("证券代码", "证券简称", "日期", "前收盘价(元)", "开盘价(元)", "最高价(元)", "最低价(元)", "收盘价(元)"),
        *("成交量(股)", "成交额(元)", "涨跌幅(%)"),
    )

    def rows(self):
        for code, name, path in (
            ("SPX.GI", "标普500", SPX),
            ("RUT.GI", "罗素2000", RUT),
            ("BRK_B.N", "伯克希尔B", SPX),
        ):
            for day, value in zip(DAYS, path, strict=True):
                yield [code, name, day, 1.0, value, value + 1, value - 1, value, 1234567.0, 1.0, 0.1]

    @pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
    def test_quotes_as_text(self, tmp_path, encoding):
        cells = [
            [f"{c:%Y/%m/%d}" if isinstance(c, dt.date) else f'"{c:,}"' if c.__class__ is float else c for c in row]
            for row in self.rows()
        ]
        lines = [
            ",".join(map(str, row))
            for row in ([h.replace("(", "\uff08").replace(")", "\uff09") for h in self.HEADS], *cells)
        ]
        write(tmp_path / "行情.csv", "\n".join([*lines, "", "数据来源\uff1aWind", ""]), encoding)
        panel = check(tmp_path, "^GSPC", "^RUT", "BRK-B", remarks=2)
        assert panel.fields["volume"][0, 0] == 1234567.0
        assert "columns not used: 前收盘价" in " ".join(panel.remarks)

    def test_quotes_as_a_sheet(self, tmp_path):
        sheet(tmp_path / "行情.xlsx", [list(self.HEADS), *self.rows(), [], ["数据来源:Wind"]])
        check(tmp_path, "^GSPC", "^RUT", "BRK-B", remarks=2)

    def test_series_with_code_and_name_above(self, tmp_path):
        top = [["代码", "SPX.GI", "RUT.GI"], ["简称", "标普500", "罗素2000"], ["日期", "收盘价(点)", "收盘价(点)"]]
        rows = [[f"{day.year}年{day.month}月{day.day}日", a, b] for day, a, b in zip(DAYS, SPX, RUT, strict=True)]
        sheet(tmp_path / "序列.xlsx", [*top, *rows, ["数据来源:Wind"]])
        check(tmp_path, "^GSPC", "^RUT", remarks=1)

    def test_series_with_rows_of_heads_below(self, tmp_path):
        top = [["日期", "SPX.GI", "RUT.GI"], ["名称", "标普500", "罗素"], ["单位", "点", "点"]]
        text = "\n".join(",".join(row) for row in top)
        text += "".join(f"\n{day:%Y%m%d},{a},{b}" for day, a, b in zip(DAYS, SPX, RUT, strict=True))
        write(tmp_path / "序列.csv", text, "gbk")
        check(tmp_path, "^GSPC", "^RUT")

    def test_adjusted_closes_alone_are_refused(self, tmp_path):
        write(tmp_path / "AAPL.csv", "日期,收盘价(前复权)\n2026-02-13,255.78\n")
        with pytest.raises(NoData, match=r"AAPL\.csv: has adjusted closes only"):
            folder.load(tmp_path)


class TestChoice:
    def test_quotes(self, tmp_path):
        heads = [
            "证券代码",
            "证券名称",
            "交易时间",
            "开盘价",
            "最高价",
            "最低价",
            "收盘价",
            "涨跌",
            "涨跌幅%",
            "成交量",
            "成交金额",
        ]
        rows = [
            [code, name, f"{day} 00:00:00", value, value, value, f"{value:,.2f}", 0.0, 0.0, "3,000,000", 1.0]
            for code, name, path in (("SPX.GI", "标普500", SPX), ("RUT.GI", "罗素2000", RUT))
            for day, value in zip(DAYS, path, strict=True)
        ]
        sheet(tmp_path / "Choice.xlsx", [heads, *rows, ["数据来源:东方财富Choice数据"]])
        panel = check(tmp_path, "^GSPC", "^RUT", remarks=2)
        assert panel.fields["volume"][-1, 1] == 3e6

    def test_one_symbol_with_its_source_in_the_date_column(self, tmp_path):
        rows = [[day, value] for day, value in zip(DAYS, SPX, strict=True)]
        frame = pd.DataFrame([*rows, ["数据来源:东方财富Choice数据", None]], columns=["交易时间", "收盘价"])
        frame["交易时间"] = frame["交易时间"].astype(str)
        frame.to_parquet(tmp_path / "标普500.parquet")
        check(tmp_path, "^GSPC", remarks=1)


class TestYahoo:
    def test_the_page(self, tmp_path):
        heads = "Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume\n"
        rows = [
            f"{day:%b} {day.day}, {day.year}\t{v}\t{v}\t{v}\t{v:,.2f}\t{v:,.2f}\t5,123,456,000\n"
            for day, v in zip(DAYS, SPX, strict=True)
        ]
        write(tmp_path / "^GSPC.tsv", heads + "".join(rows[::-1]))
        panel = check(tmp_path, "^GSPC")
        assert panel.fields["volume"][0, 0] == 5123456000.0

    def test_the_file(self, tmp_path):
        heads = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-02-10,null,null,null,null,null,null\n"
        write(
            tmp_path / "^RUT.csv",
            heads + "".join(f"{d},{v},{v},{v},{v},{v},0\n" for d, v in zip(DAYS, RUT, strict=True)),
        )
        panel = folder.load(tmp_path)
        np.testing.assert_array_equal(close(panel, "^RUT"), [np.nan, *RUT])

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_frame_of_yfinance(self, tmp_path, ending):
        columns = pd.MultiIndex.from_product([["Close", "Volume"], ["^GSPC", "^RUT"]], names=["Price", "Ticker"])
        values = [[a, b, 7.0, 8.0] for a, b in zip(SPX, RUT, strict=True)]
        frame = pd.DataFrame(values, pd.DatetimeIndex(DAYS, name="Date"), columns)
        save = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}[ending]
        save(tmp_path / f"prices.{ending}")
        panel = check(tmp_path, "^GSPC", "^RUT")
        assert panel.fields["volume"][0].tolist() == [7.0, 8.0]


class TestDates:
    @pytest.mark.parametrize(
        "texts",
        [
            ("02/11/2026", "02/12/2026", "02/13/2026"),
            ("2/11/2026 16:00", "2/12/2026 16:00", "2/13/2026 16:00"),
            ("11.02.2026", "12.02.2026", "13.02.2026"),
            ("11-Feb-2026", "12-Feb-2026", "13-Feb-2026"),
            ("Feb 11, 2026", "February 12, 2026", "Feb 13, 2026"),
        ],
    )
    def test_what_the_whole_column_says(self, tmp_path, texts):
        write(tmp_path / "prices.tsv", "Date\tSPX\n" + "".join(f"{t}\t{v}\n" for t, v in zip(texts, SPX, strict=True)))
        check(tmp_path, "^GSPC")

    def test_what_it_does_not_say_is_refused(self, tmp_path):
        write(tmp_path / "prices.csv", "Date,SPX\n02/03/2026,1\n02/04/2026,2\n")
        with pytest.raises(
            NoData, match=r"prices\.csv, row 2, column Date: '02/03/2026' is no date with the year first"
        ):
            folder.load(tmp_path)
        write(tmp_path / "prices.csv", "Date,SPX\n02/13/2026,1\n02/30/2026,2\n")
        with pytest.raises(NoData, match=r"row 3, column Date: '02/30/2026' is no day of the calendar"):
            folder.load(tmp_path)


class TestWhatCannotBeRead:
    """It is named by file, row and column, whatever the kind of file."""

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({"Date": [str(day) for day in DAYS], "XLK": ["1", "soon", "3"], "SPX": list(SPX)})

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_number(self, tmp_path, ending):
        frame = self.frame()
        if ending == "parquet":
            frame.to_parquet(tmp_path / "prices.parquet", index=False)
        else:
            getattr(frame, {"csv": "to_csv", "xlsx": "to_excel"}[ending])(tmp_path / f"prices.{ending}", index=False)
        panel = check(tmp_path, "XLK", "^GSPC", remarks=1)
        np.testing.assert_array_equal(close(panel, "XLK"), [1.0, np.nan, 3.0])
        assert panel.remarks == (
            f"prices.{ending}, row 3, column XLK: 'soon' is no number; correct the cell or leave it empty; a gap",
        )

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_date(self, tmp_path, ending):
        frame = self.frame()[["Date", "SPX"]]
        frame.loc[1, "Date"] = "2026-02-31"
        save = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}[ending]
        save(tmp_path / f"prices.{ending}", index=False)
        panel = folder.load(tmp_path)
        assert close(panel, "^GSPC")[::2] == [SPX[0], SPX[2]]
        assert np.isnan(close(panel, "^GSPC")[1])
        (remark,) = panel.remarks
        assert remark.startswith(f"prices.{ending}, row 3, column Date: '2026-02-31' is no day of the calendar")

    @pytest.mark.parametrize("ending", ["parquet", "xlsx"])
    def test_a_damaged_file(self, tmp_path, ending):
        (tmp_path / f"prices.{ending}").write_bytes(b"PK\x03\x04 cut off")
        with pytest.raises(NoData, match=rf"prices\.{ending}: cannot be read"):
            folder.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        *(("SPX.GI", "^GSPC"), ("AAPL.O", "AAPL"), ("JPM.N", "JPM"), ("SPY.P", "SPY"), ("BRK_B.N", "BRK-B")),
        *(("AAPL UW Equity", "AAPL"), ("BRK/B US Equity", "BRK-B"), ("VIX Index", "^VIX"), ("BF.B", "BF-B")),
        *(("600519.SH", "600519.SH"), ("7203.T", "7203.T")),
    ],
)
def test_codes(text, ticker):
    assert symbol(text) == ticker


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        *(("收盘价(元)", "close"), ("收盘价\uff08美元\uff09", "close"), ("最高价(点)", "high"), ("开盘价[元]", "open")),
        *(("成交量(股)", "volume"), ("成交量(手)", None), ("成交量(万股)", None), ("收盘价(前复权)", "adjclose")),
        *(("最高价(前复权)", None), ("PX_LAST", "close"), ("Last Price", "close"), ("Adj Close**", "adjclose")),
        *(("收盘价(不复权)", "close"), ("AAPL", None)),
    ],
)
def test_heads(head, expected):
    assert meaning(head) == expected
