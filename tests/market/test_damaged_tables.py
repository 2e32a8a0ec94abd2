"""Tables with rows of another width than their heads, cut off, or with two kinds of decimal signs."""

from __future__ import annotations

import random

import numpy as np
import openpyxl
import pytest

from xlrotation.errors import NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import source as folder
from xlrotation.market.providers.folder.rows import BadFile
from xlrotation.market.providers.folder.tables import number

DAYS = ("2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13")
THREE = "Date,AAA,BBB,CCC\n" + "".join(f"{day},1{n}.25,2{n}.5,3{n}.75\n" for n, day in enumerate(DAYS))


def read(path, text, name="prices.csv", encoding="utf-8"):
    (path / name).write_bytes(text.encode(encoding))
    panel = folder.load(path)
    closes = {
        (symbol, str(day)): float(value)
        for column, symbol in enumerate(panel.symbols)
        for day, value in zip(panel.days, panel.fields["close"][:, column], strict=True)
        if np.isfinite(value)
    }
    return closes, list(panel.remarks)


TRUE = {
    (s, day): float(f"{k}{n}{e}")
    for s, k, e in (("AAA", 1, ".25"), ("BBB", 2, ".5"), ("CCC", 3, ".75"))
    for n, day in enumerate(DAYS)
}


class TestWidths:
    def test_a_decimal_comma_without_quotes(self, tmp_path):
        closes, remarks = read(tmp_path, THREE.replace("2026-02-13,14.25", "2026-02-13,14,25"))
        assert closes == {key: value for key, value in TRUE.items() if key[1] != DAYS[-1]}
        assert remarks == ["prices.csv, row 6: has 5 cells under 4 heads and is left out"]

    def test_in_every_row(self, tmp_path):
        text = "Date,AAA,BBB\n2026-02-12,11,5,20,2\n2026-02-13,12,5,20,1\n"
        with pytest.raises(NoData, match=r"prices\.csv, row 2: has 5 cells under 3 heads, and most rows are such"):
            read(tmp_path, text)

    def test_a_head_too_few(self, tmp_path):
        """As R writes the numbers of rows."""
        with pytest.raises(NoData, match="has 4 cells under 3 heads"):
            read(tmp_path, "Date,AAA,BBB\n1,2026-02-12,11.5,20.2\n2,2026-02-13,12.5,20.1\n")

    @pytest.mark.parametrize("line", ["2026-02-11,1225,32.75", "2026-02-11,12.25,2", "2026-02-11,12.25"])
    def test_a_row_too_short(self, tmp_path, line):
        closes, remarks = read(tmp_path, THREE.replace("2026-02-11,12.25,22.5,32.75", line))
        assert closes == {key: value for key, value in TRUE.items() if key[1] != "2026-02-11"}
        assert remarks[0].startswith("prices.csv, row 4: has")

    def test_empty_cells_at_the_end_that_a_writer_leaves_out(self, tmp_path):
        text = "Date,AAA,BBB,CCC\n2026-02-10,1.5\n2026-02-11,1.6\n2026-02-12,1.7,2.5,3.5\n2026-02-13,1.8,2.6,3.6,,\n"
        closes, remarks = read(tmp_path, text)
        assert len(closes) == 8
        assert remarks == []

    def test_other_layouts(self, tmp_path):
        long = "date,ticker,close\n2026-02-12,AAA,1.5\n2026-02-12,BBB,2,5\n2026-02-13,AAA,1.6\n2026-02-13,BBB,2.6\n"
        closes, remarks = read(tmp_path, long, "long.csv")
        assert len(closes) == 3
        assert "long.csv, row 3: has 4 cells under 3 heads" in remarks[0]
        head = "quote_date,symbol,expiration,strike,type,bid,ask\n"
        rows = [f"2026-02-13,AAA,2026-03-20,{strike},C,1.5,1.6\n" for strike in (95, 100, 105)]
        (tmp_path / "chain.csv").write_text(head + "".join(rows) + "2026-02-13,AAA,2026-03-20,110,C,1,5,1.6\n")
        panel = folder.load(tmp_path)
        (day,) = panel.chains.days("AAA")
        assert sorted(panel.chains.chain("AAA", day).strike) == [95.0, 100.0, 105.0]
        assert any(remark.startswith("chain.csv, row 5: has 8 cells under 7 heads") for remark in panel.remarks)

    def test_many_such_rows_are_counted(self, tmp_path):
        days = np.arange("2025-01-01", "2025-06-01", dtype="datetime64[D]")
        rows = [f"{day},1.5,{'2,5' if n % 3 == 0 else '2.5'}" for n, day in enumerate(days)]
        _, remarks = read(tmp_path, "Date,AAA,BBB\n" + "\n".join(rows) + "\n")
        assert sum("and is left out" in remark for remark in remarks) == 10
        assert "prices.csv: 41 more rows with cells that do not fit its heads left out" in remarks


class TestCutOff:
    def test_the_last_close_of_a_copy_that_ended_early(self, tmp_path):
        rows = "".join(f"{day},13{n}.10\n" for n, day in enumerate(DAYS))
        (tmp_path / "prices.csv").write_text(f"Date,XLK\n{rows}"[:-5])  # ...2026-02-13,13
        session = Session(f"folder:{tmp_path}", lang="en")
        session.call("PX_RET", "XLK", "1D", "2026-02-13")
        assert session.call("PX_CLOSE", "XLK", "2026-02-12") == 133.1
        reasons = " ".join([*(failure.reason for failure in session.failures), *session.panel.remarks])
        assert "prices.csv, row 6: the file ends without a line end, and its last cell '13' may be cut off" in reasons

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
    @pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
    def test_whole_files_lose_nothing(self, tmp_path, encoding, end):
        closes, remarks = read(tmp_path, THREE.rstrip("\n").replace("\n", end or "\n") + end, encoding=encoding)
        assert closes == TRUE
        assert remarks == []

    @pytest.mark.parametrize(
        ("column", "last", "kept"),
        [
            (["138.1", "139.25"], "140", False),
            (["138.1", "139.25"], "140.", False),
            (["138.1", "139.25"], "140.5", True),
            (["1380", "1390"], "140", False),
            (["1380", "1390"], "1400", True),
            (["99", "101"], "100", True),
            (["4.1%", "4.2%"], "4.3", True),
            (["1e-05"], "1.5e-05", True),
        ],
    )
    def test_what_may_be_cut(self, tmp_path, column, last, kept):
        rows = [f"{day},{cell}" for day, cell in zip(DAYS, [*column, last], strict=False)]
        head = "^TNX" if "%" in column[0] else "AAA"
        closes, remarks = read(tmp_path, f"Date,{head}\n" + "\n".join(rows))
        assert len(closes) == len(column) + kept
        assert any("may be cut off" in remark for remark in remarks) is not kept

    @pytest.mark.parametrize("end", ["", "\n"])
    def test_an_empty_cell_at_the_end_may_be_the_beginning_of_any(self, tmp_path, end):
        rows = "\n".join(f"{day},138.1,{cell}" for day, cell in zip(DAYS, ["52.1", "52.2", ""], strict=False))
        closes, remarks = read(tmp_path, f"Date,XLK,XLF\n{rows}{end}")
        assert len(closes) == 5
        assert any("row 4: the file ends without a line end, and its last, empty cell" in each for each in remarks) is (
            not end
        )

    def test_a_symbol_or_day_at_the_end_of_a_line(self, tmp_path):
        long = "".join(
            f"{100 + n / 4},{s},{day}\n" for n, (day, s) in enumerate((d, s) for d in DAYS for s in ("XLK", "XLF"))
        )
        closes, remarks = read(tmp_path, f"close,ticker,date\n{long}"[:-2])  # ...2026-02-1
        assert "'2026-02-1' may be cut off" in " ".join(remarks)
        assert ("XLF", "2026-02-02") not in closes
        assert len(closes) == 9
        long = "".join(
            f"{day},{100 + n / 4},{s}\n" for n, (day, s) in enumerate((d, s) for d in DAYS for s in ("XLK", "XLF"))
        )
        closes, remarks = read(tmp_path, f"date,close,ticker\n{long}"[:-2])  # ...XL
        assert "'XL' may be cut off" in " ".join(remarks)
        assert {symbol for symbol, _ in closes} == {"XLK", "XLF"}

    @pytest.mark.parametrize("seed", range(200))
    def test_no_cut_makes_another_number(self, tmp_path, seed):
        """Of a number with decimals the last ones may be missing, which no reader can know."""
        cut = random.Random(seed).randrange(len("Date,AAA,BBB,CCC\n2026-02-09,"), len(THREE))
        try:
            closes, _ = read(tmp_path, THREE[:cut])
        except NoData:
            return
        for key, value in closes.items():
            assert value == pytest.approx(TRUE[key], abs=0.1)


class TestDecimals:
    def test_a_point_beside_decimal_commas(self, tmp_path):
        text = "Date;AAA;BBB\n2026-02-12;1.234;20,2\n2026-02-13;1.240;20,1\n"
        with pytest.raises(NoData, match=r"prices\.csv, row 2, column 2: '1\.234' stands beside '20,2'"):
            read(tmp_path, text)

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_points_that_part_thousands_beyond_doubt(self, tmp_path, separator):
        text = "Date;AAA;BBB\n12.02.2026;1.234;20,2\n13.02.2026;1.240,5;20,1\n".replace(";", separator)
        closes, remarks = read(tmp_path, text)
        assert closes == {
            ("AAA", "2026-02-12"): 1234.0,
            ("AAA", "2026-02-13"): 1240.5,
            ("BBB", "2026-02-12"): 20.2,
            ("BBB", "2026-02-13"): 20.1,
        }
        assert remarks == []

    def test_tabs_and_quotes(self, tmp_path):
        closes, _ = read(tmp_path, "Date\tAAA\n2026-02-12\t1,234\n2026-02-13\t20,1\n")
        assert closes == {("AAA", "2026-02-12"): 1.234, ("AAA", "2026-02-13"): 20.1}
        closes, _ = read(tmp_path, 'Date,AAA\n2026-02-12,"1,234"\n2026-02-13,"20,1"\n')
        assert closes == {("AAA", "2026-02-12"): 1.234, ("AAA", "2026-02-13"): 20.1}

    def test_a_point_that_cannot_part_thousands(self, tmp_path):
        with pytest.raises(NoData, match=r"row 3, column 2: '20\.25' stands beside '1\.200,5'"):
            read(tmp_path, "Date;AAA\n2026-02-11;1.200,5\n2026-02-12;20.25\n2026-02-13;20,1\n")


class TestCells:
    """A cell that is no number costs itself alone."""

    @pytest.mark.parametrize(
        "cell",
        [
            *("停牌", "休市", "—", "–", "N.A.", "<NA>", r"\N", "NaT", "n.m.", "NULL", "－", "\u3000", "\u00a0"),
            *("#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#SPILL!", "#CALC!", "#VALUE!", "#GETTING_DATA"),
            *("#N/A", "#N/A N/A", "#N/A Invalid Security", "#N/A Field Not Applicable", "#N/A Requesting Data..."),
        ],
    )
    def test_gaps(self, cell):
        assert np.isnan(number(cell, "here"))

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            *(("$11.5", 11.5), ("11.5元", 11.5), ("１１．５", 11.5), ("1 234.5", 1234.5), ("1'230.5", 1230.5)),
            *(("(1,234)", -1234.0), ("3.2万", 32_000.0), ("68.18M", 68.18e6), ("1.2B", 1.2e9), ("US$1,234.5", 1234.5)),
            *(
                ("-$5", -5.0),
                ("$-5", -5.0),
                ("($5.25)", -5.25),
                ("1\u2009234", 1234.0),
                ("1\u202f234\u202f567.5", 1234567.5),
            ),
            *(
                ("HK$ 8", 8.0),
                ("5 亿", 5e8),
                ("￥12.5", 12.5),
                ("\u20ac1", 1.0),
                ("1 EUR", 1.0),
                ("＋1，234．5", 1234.5),
            ),
            *(("4.12%", 4.12), ("1e3", 1000.0), (".5", 0.5)),
        ],
    )
    def test_numbers(self, cell, value):
        assert number(cell, "here") == pytest.approx(value)

    @pytest.mark.parametrize(
        "cell",
        [
            *(
                "abc",
                "1.2.3",
                "12a",
                "a12",
                "c5",
                "(5",
                "5)",
                "--5",
                "-(5)",
                "1 2",
                "12 34",
                "1 234,5",
                "1'23",
                "11.5³",
            ),
            *("5 apples", "2026-02-13", "5/7", "0x10", "1_000", "TRUE", "#hash", "M", "万", "$", "1,2,3", "½"),
        ],
    )
    def test_no_numbers(self, cell):
        with pytest.raises(BadFile, match="is no number"):
            number(cell, "here")

    def test_one_bad_cell_is_one_gap(self, tmp_path):
        closes, remarks = read(tmp_path, THREE.replace("22.5", "soon"))
        assert closes == {key: value for key, value in TRUE.items() if key != ("BBB", "2026-02-11")}
        assert remarks == [
            "prices.csv, row 4, column BBB: 'soon' is no number; correct the cell or leave it empty; a gap"
        ]

    def test_truth_is_no_number(self, tmp_path):
        book = openpyxl.Workbook()
        for row in (["Date", "AAA"], ["2026-02-11", 1.5], ["2026-02-12", True], ["2026-02-13", 1.25]):
            book.active.append(row)
        book.save(tmp_path / "p.xlsx")
        panel = folder.load(tmp_path)
        assert panel.fields["close"][:, 0].tolist()[::2] == [1.5, 1.25]
        assert np.isnan(panel.fields["close"][1, 0])
        assert "row 3, column AAA: 'TRUE' is no number" in panel.remarks[0]

    def test_many_are_counted_and_a_column_of_them_is_left_out(self, tmp_path):
        days = np.arange("2025-01-01", "2025-06-01", dtype="datetime64[D]")
        rows = [f"{day},{'x' if n % 4 == 0 else 1.5},y,2.5" for n, day in enumerate(days)]
        closes, remarks = read(tmp_path, "Date,AAA,BBB,CCC\n" + "\n".join(rows) + "\n")
        assert {symbol for symbol, _ in closes} == {"AAA", "CCC"}
        (more,) = (remark for remark in remarks if "35 more cells that are no numbers, taken as gaps (rows " in remark)
        assert more.startswith("prices.csv, column AAA: ")
        assert any(remark.startswith("left out column BBB: prices.csv, row 2, column BBB: 'y'") for remark in remarks)

    def test_all_symbols_after_it(self, tmp_path):
        text = "date,ticker,close,volume\n" + "".join(f"2026-02-{d},{s},1.5,9\n" for s in "ABC" for d in (12, 13))
        text = text.replace("2026-02-12,A,1.5", "2026-02-12,A,x").replace("2026-02-13,A,1.5", "2026-02-13,A,x")
        closes, remarks = read(tmp_path, text)
        assert {symbol for symbol, _ in closes} == {"B", "C"}
        assert remarks[0].startswith("left out A: prices.csv, row 2, column close: 'x' is no number")

    def test_a_column_beside_the_close(self, tmp_path):
        rows = "".join(f"{day},1.5,many\n" for day in DAYS)
        closes, remarks = read(tmp_path, f"Date,Close,Volume\n{rows}", "AAA.csv")
        assert len(closes) == 5
        assert remarks[0].startswith("left out column Volume: AAA.csv, row 2")

    @pytest.mark.parametrize(
        "footer", ["Average,11.5,22.5,33.5", "合计,1,2,3", "Source: desk 2026,1,2,3", "2026-02-31,1,2,3"]
    )
    def test_footers_and_bad_days(self, tmp_path, footer):
        closes, remarks = read(tmp_path, f"{THREE}{footer}\n")
        assert closes == TRUE
        assert remarks[0].startswith("prices.csv, row 7, column Date: ")
        assert remarks[0].endswith("the row is left out")

    def test_a_repeated_head(self, tmp_path):
        lines = THREE.splitlines(keepends=True)
        closes, remarks = read(tmp_path, "".join([*lines[:3], lines[0], *lines[3:]]))
        assert closes == TRUE
        assert remarks == ["prices.csv: 1 rows without a date left out (first row 4)"]

    def test_a_second_table_below(self, tmp_path):
        closes, remarks = read(tmp_path, THREE + "\nDate,DDD,EEE,FFF\n2026-02-12,7,8,9\n2026-02-13,7,8,9\n")
        assert closes == TRUE
        assert remarks == [
            "prices.csv, row 8: another table begins there; it is left out, give it a file (rows 8 to 10)"
        ]

    def test_series(self, tmp_path):
        (tmp_path / "p.csv").write_text(THREE)
        (tmp_path / "fred.csv").write_text(
            "observation_date,DFF,BAD\n2026-02-11,4.1,x\n2026-02-12,?,x\n2026-02-13,4.2,x\n"
        )
        panel = folder.load(tmp_path)
        assert list(panel.series) == ["DFF"]
        assert panel.series["DFF"][1].tolist()[::2] == [4.1, 4.2]
        assert len(panel.remarks) == 2

    def test_quotes_of_options(self, tmp_path):
        (tmp_path / "p.csv").write_text(THREE)
        head = "quote_date,symbol,expiration,strike,type,bid,ask\n"
        rows = [f"2026-02-13,AAA,2026-03-20,{strike},C,1.5,1.6\n" for strike in (95, 100, 105, 110, 115)]
        rows[1] = rows[1].replace("1.5", "soon")
        rows[3] = rows[3].replace(",C,", ",?,")
        (tmp_path / "chain.csv").write_text(head + "".join(rows))
        panel = folder.load(tmp_path)
        (day,) = panel.chains.days("AAA")
        assert sorted(panel.chains.chain("AAA", day).strike) == [95.0, 105.0, 115.0]
        assert [remark.split(":")[0] for remark in panel.remarks] == [
            "chain.csv, row 3, column bid",
            "chain.csv, row 5",
        ]
