"""The command line as a user runs it."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.commandline import own_home, run  # noqa: F401 - a fixture
from tests.workbook.parts import first_difference
from xlrotation.functions.boundary.registry import functions

BOOKS = Path(__file__).parents[1] / "workbooks"


pytestmark = pytest.mark.usefixtures("own_home")


def test_eval(capsys):
    assert run(capsys, "eval", '=IF(RS_STREAK("RUT","SPX")>=9,"historic","normal")')[:2] == (0, "normal\n")
    asof = ("--asof", "2026-01-14")
    assert run(capsys, "eval", '=IF(RS_STREAK("RUT","SPX")>=9,"historic","normal")', *asof)[1] == "historic\n"
    assert run(capsys, "eval", "=XLR_ASOF()", *asof)[1] == "2026-01-14\n"
    status, out, _ = run(capsys, "eval", "=RS_STREAK()", *asof, "--json")
    assert (status, json.loads(out)) == (0, 9)


def test_eval_prints_a_table_that_lines_up_in_chinese(capsys):
    _, out, _ = run(capsys, "eval", '=ROT_SECTOR_RET(,"5D")', "--lang", "zh")
    lines = out.splitlines()
    assert lines[0].split() == ["板块", "代码", "收益率"]
    assert len(lines) == 12


def test_eval_shows_a_table_in_its_units_and_a_program_gets_plain_numbers(capsys):
    formula = '=ROT_SECTOR_RET(,"5D")'
    lines = run(capsys, "eval", formula)[1].splitlines()
    rows = json.loads(run(capsys, "eval", formula, "--json")[1])
    assert lines[0].split() == ["Sector", "Symbol", "Return"]
    for line, (name, ticker, value) in zip(lines[1:], rows[1:], strict=True):
        assert line.startswith(name)
        assert line.endswith(f" {100 * value:+.2f} %")
        assert f" {ticker} " in line
    assert len(set(map(len, lines))) == 1  # numbers and their head stand to the right
    assert f"{rows[1][2]:.6f}" in run(capsys, "eval", formula, "--raw")[1]
    import csv

    table = list(csv.reader(run(capsys, "eval", formula, "--csv")[1].splitlines()))
    assert table[0] == ["Sector", "Symbol", "Return"]
    assert [float(row[2]) for row in table[1:]] == [row[2] for row in rows[1:]]
    assert "\x1b" not in "".join(lines)
    assert run(capsys, "eval", '=VOL_TERM("2026-02-13")')[1].splitlines()[2].split()[-3:] == ["^VIX", "30", "20.60"]
    history = run(capsys, "eval", '=PX_HISTORY("SPX","2026-02-13")')[1].splitlines()
    assert history[1].split() == ["2026-02-13", "6,835.93"]
    vols = run(capsys, "eval", '=VOL_REALIZED({"SPX";"XLK"},"1M")')[1].split()
    assert vols[1::2] == ["%", "%"]
    assert not vols[0].startswith("+")


def test_eval_of_several_formulas_and_of_the_standard_input(capsys, monkeypatch):
    import io

    status, out, err = run(capsys, "eval", "=1+1", "=2*3", '=PX_CLOSE("SPX","2026-02-13")')
    assert (status, out.split()) == (0, ["2", "6", "6835.93"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("=1+1\n\n=2*3\n"))
    assert run(capsys, "eval")[:2] == (0, "2\n6\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("\ufeff=1+1\r\n\t=2*3 \r\n"))  # as Notepad saves it
    assert run(capsys, "eval", "-")[:2] == (0, "2\n6\n")
    assert run(capsys, "eval", "=1+1", "--json", "--csv")[0] == 2
    assert run(capsys, "eval", "=VOL_TERM()")[1].splitlines()[0].split() == ["Name", "Symbol", "Days", "Value"]
    assert json.loads(run(capsys, "eval", "=VOL_TERM()", "--json")[1])[0] == ["Symbol", "Days", "Value"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("=2*3\n"))
    assert json.loads(run(capsys, "eval", "=1+1", "-", "--json")[1]) == [2, 6]
    status, out, err = run(capsys, "eval", "=1+1", "=NOSUCH_THING()", '=PX_CLOSE("NOPE")', "=2*3")
    assert (status, out.split()) == (2, ["2", "#NAME?", "#N/A", "6"])
    assert "=NOSUCH_THING(): " in err
    assert "no symbol 'NOPE'" in err
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    status, _, err = run(capsys, "eval")
    assert status == 2
    assert "no formula" in err


def test_status_prints_remarks_in_full(capsys, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    days = [f"2026-02-{day:02d}" for day in (9, 10, 11, 12, 13)]
    (folder / "prices.csv").write_text("Date,XLK\n" + "".join(f"{day},100\n" for day in days))
    for place in range(5):
        (folder / f"odd{place}.csv").write_text("what,is\nthis,\n")
    status, out, _ = run(capsys, "status", "--remarks", "--source", f"folder:{folder}")
    assert status == 0
    assert [f"odd{place}.csv" in out for place in range(5)] == [True] * 5
    assert "(+" not in out
    listed = json.loads(run(capsys, "status", "--remarks", "--source", f"folder:{folder}", "--json")[1])
    assert out.splitlines() == listed
    assert run(capsys, "status", "--remarks")[:2] == (0, "none\n")


@pytest.mark.parametrize(
    ("formula", "status", "told"),
    [
        ("=ROT_SECTOR_RETURN()", 2, "did you mean ROT_SECTOR_RET"),
        ("=PX_RET(XLK)", 2, 'a text needs quotes: "XLK"'),
        ("=BRD_ABOVE_MA(MAG7)", 2, 'a text needs quotes: "MAG7"'),  # a cell in row 7, too
        ("=1+PX_CLOSE(DJI30)", 2, "PX_CLOSE is given a cell, and one formula alone has no cells"),
        ("=PX_RET('XLK','20D')", 2, 'type =PX_RET("XLK","20D")'),
        ('=PXRET("XLK")', 2, "did you mean PX_RET?"),
        ('=volRealized("XLK")', 2, "did you mean VOL_REALIZED?"),
        ('=PX_RET(“XLKK”,"20D")', 1, "did you mean XLK"),
        ("=1+A1", 2, "it refers to a cell"),
        ('=PX_RET("20D","XLK")', 1, 'swapped? PX_RET("XLK","20D")'),
    ],
)
def test_a_formula_that_is_nearly_right_says_what_was_meant(capsys, formula, status, told):
    got, _, err = run(capsys, "eval", formula)
    assert got == status
    assert told in err


def test_a_wrong_formula_says_what_to_type(capsys):
    status, out, err = run(capsys, "eval", '=PX_RET("XLKK")')
    assert (status, out) == (1, "#N/A\n")
    assert "did you mean XLK" in err
    status, _, err = run(capsys, "eval", "=PX_RETT()")
    assert status == 2
    assert "PX_RETT" in err
    assert "XLR_FUNCTIONS() lists" in err
    status, _, err = run(capsys, "eval", "=1", "--asof", "02/03/2026")
    assert status == 2
    assert "year first" in err
    status, _, err = run(capsys, "eval", "=1", "--source", "nowhere")
    assert status == 2
    assert "folder:PATH" in err


def test_functions(capsys):
    status, out, _ = run(capsys, "functions", "--json")
    assert status == 0
    assert [item["name"] for item in json.loads(out)] == list(functions())
    assert "RS_STREAK " in run(capsys, "functions", "RS")[1]
    assert run(capsys, "functions", "NOPE")[0] == 2


def test_status(capsys):
    status, out, _ = run(capsys, "status")
    assert status == 0
    assert "sample data: synthetic paths" in out


def test_refresh_of_the_sample_says_that_there_is_nothing(capsys):
    assert "nothing to fetch" in run(capsys, "refresh", "--source", "sample")[1]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # of openpyxl, for sparklines
def test_demo_exports_books_without_formulas(capsys, tmp_path):
    status, out, _ = run(capsys, "demo", "-o", "out")
    assert status == 0, out
    assert "sample data" in out
    books = sorted((tmp_path / "out").glob("*.xlsx"))
    assert books
    for book in books:
        for sheet in openpyxl.load_workbook(book):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", f"{book.name} {sheet.title}!{cell.coordinate}"
                    assert cell.value != "#NAME?"


def test_export_lists_what_it_could_not_do(capsys, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = '=PX_RET("NOSUCH")'
    book.active["A2"] = '=PX_RET("XLK")'
    book.save("book.xlsx")
    status, out, _ = run(capsys, "export", "book.xlsx", "-o", "out")
    assert status == 1
    assert "Sheet!A1 #N/A no symbol 'NOSUCH'" in out
    written = openpyxl.load_workbook(tmp_path / "out" / "book.xlsx").active
    assert written["A1"].value == "#N/A"
    assert isinstance(written["A2"].value, float)
    status, out, _ = run(capsys, "export", "book.xlsx", "missing.xlsx", "-o", "out", "--json")
    reports = json.loads(out)
    assert reports[0]["errors"][0]["cell"] == "A1"
    assert "no such file" in reports[1]["failed"]


def test_export_never_overwrites_its_input(capsys, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save("book.xlsx")
    before = (tmp_path / "book.xlsx").read_bytes()
    status, _, err = run(capsys, "export", "book.xlsx", "-o", ".")
    assert status == 1
    assert "another folder" in err
    assert (tmp_path / "book.xlsx").read_bytes() == before


def test_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "xlrotation", "eval", "=RS_STREAK()", "--asof", "2026-01-14"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == "9\n"


def test_audit(capsys):
    status, out, _ = run(capsys, "audit", "small_value_rotation")
    assert status == 0
    assert out.startswith("sample data")
    assert "(small_value_rotation, 2026-01-18): agrees 15; differs 6; needs data 8; not checkable 2\n" in out
    assert len(out.splitlines()) == 2 + 2 + 31 + 1
    status, out, _ = run(capsys, "audit", "小盘股与价值股", "--lang", "zh")
    assert "一致 15；不一致 6；缺少数据 8；无法核对 2" in out
    status, _, err = run(capsys, "audit", "nope")
    assert status == 2
    assert "market_breadth" in err


def test_audit_for_programs(capsys):
    status, out, _ = run(capsys, "audit", "--json")
    reports = json.loads(out)
    assert (status, len(reports)) == (0, 5)
    assert sum(sum(report["counts"].values()) for report in reports) == 178
    figures = {figure["id"]: figure for report in reports for figure in report["figures"]}
    found = figures["R1-006"]
    assert (found["verdict"], found["explained"], found["published"]) == ("differs", True, 0.0838)
    assert round(found["other"], 4) == 0.0838
    assert figures["R2-013"]["computed"] == "#N/A"


def test_refresh_book_stores_new_values_in_place(capsys, tmp_path):
    book = tmp_path / "small_value_rotation.xlsx"
    book.write_bytes((BOOKS / book.name).read_bytes())
    status, out, _ = run(capsys, "refresh-book", str(book), "--asof", "2026-02-09", "--lang", "zh")
    assert status == 0, out
    values = openpyxl.load_workbook(book, data_only=True)["Report"]
    formulas = openpyxl.load_workbook(book)["Report"]
    assert values["A1"].value.startswith("小盘股领涨，价值")
    assert "2026-02-09" in values["A2"].value
    assert str(getattr(formulas["A2"].value, "text", formulas["A2"].value)).startswith("=")
    with zipfile.ZipFile(book) as new, zipfile.ZipFile(BOOKS / book.name) as old:
        assert new.namelist() == old.namelist()
        assert not first_difference(new.read("xl/styles.xml"), old.read("xl/styles.xml"))
        assert b'fullCalcOnLoad="0"' in new.read("xl/workbook.xml")
    assert [path.name for path in tmp_path.iterdir()] == [book.name]
    run(capsys, "refresh-book", str(book), "--recalc-on-open")
    with zipfile.ZipFile(book) as new:
        assert b'fullCalcOnLoad="1"' in new.read("xl/workbook.xml")


def test_refresh_book_leaves_what_it_cannot_read(capsys, tmp_path):
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"no workbook")
    status, _, err = run(capsys, "refresh-book", str(book))
    assert status == 1
    assert "book.xlsx" in err
    assert book.read_bytes() == b"no workbook"


class TestRefresh:
    """What the command prints; the fetching itself is tested in tests/market."""

    def refresh(self, monkeypatch, capsys, report, *arguments, prices=None):
        from xlrotation.market.refresh import extras as refresh_extras
        from xlrotation.market.refresh import run as refresh

        given = []

        def fetched(*positional, **named):
            given.append((positional, named))
            return report

        for module, name in (
            (refresh, "refresh"),
            (refresh_extras, "refresh_options"),
            (refresh_extras, "refresh_macro"),
        ):
            monkeypatch.setattr(module, name, prices if prices and name == "refresh" else fetched)
        return *run(capsys, "refresh", *arguments), given

    def report(self, **parts):
        from xlrotation.market.refresh.run import RefreshReport

        return RefreshReport("yahoo", message="3 symbols received", **parts)

    def test_all_came(self, monkeypatch, capsys):
        status, out, err, given = self.refresh(monkeypatch, capsys, self.report(), "AAA", "--force")
        assert (status, out, err) == (0, "3 symbols received\n", "")
        ((positional, named),) = given
        assert positional[:2] == ("yahoo", ["AAA"])
        assert named == {"force": True, "provisional": False, "rebuild": False, "trust_clock": False}

    def test_what_did_not_come_is_listed(self, monkeypatch, capsys):
        day = dt.date(2026, 2, 12)
        report = self.report(missing={"GONE": "look it up"}, holes={"AAA": [day]}, remarks={"BBB": ["mended"]})
        status, out, _, _ = self.refresh(monkeypatch, capsys, report)
        assert status == 1
        assert out.splitlines()[1:] == [
            "  GONE: look it up",
            "  AAA: no bar of 2026-02-12; the next xlrotation refresh asks again",
            "  BBB: mended",
        ]

    def test_what_did_not_come_is_listed_in_the_language_asked_for(self, monkeypatch, capsys):
        from xlrotation.market.refresh.run import RefreshReport

        days = [dt.date(2026, 2, day) for day in (2, 3, 4, 5, 6, 9)]
        report = RefreshReport(
            "yahoo",
            missing={"GONE": "the server answered 500, 3 times; run xlrotation refresh GONE later"},
            holes={"AAA": days},
            given_up={"CCC": days[:1]},
            remarks={"BBB": ["2026-02-12: high below low; both left out"] * 6},
        )
        report.summarise()
        status, out, _, _ = self.refresh(monkeypatch, capsys, report, "--lang", "zh")
        assert status == 1
        assert out.replace("2026-02-", "").splitlines() == [
            "收到0个代码（0个未变），1个缺失，1个有缺口，最新交易日None",
            "  GONE: 服务器回应500，共3次；请稍后运行xlrotation refresh GONE",
            "  AAA: 没有02, 03, 04, 05, 06及另外1个交易日的数据；下次xlrotation refresh将再次请求",
            "  CCC: Yahoo没有02的数据；xlrotation refresh --force可再次请求",
            *["  BBB: 12：最高价低于最低价；均已略去"] * 5,
            "  BBB: 另有1条同类备注",
        ]
        monkeypatch.setenv("XLROTATION_LANG", "zh")
        assert "服务器回应500" in self.refresh(monkeypatch, capsys, report)[1]

    def test_damage_is_a_problem(self, monkeypatch, capsys):
        status, out, _, given = self.refresh(
            monkeypatch, capsys, self.report(damage=["x is damaged"]), "--rebuild", "--trust-clock", "--macro"
        )
        assert (status, out.splitlines()[1]) == (1, "  x is damaged")
        assert all(named["rebuild"] and named["trust_clock"] for _, named in given)

    def test_damaged_prices_do_not_stop_option_chains(self, monkeypatch, capsys):
        from xlrotation.market.store.storage import Damaged

        def damaged(*_, **__):
            raise Damaged("the store yahoo has a damaged prices-2025", "prices-2025")

        report = self.report()
        status, out, err, given = self.refresh(monkeypatch, capsys, report, "--options", "--macro", prices=damaged)
        assert (status, len(given), out.count("3 symbols received")) == (2, 2, 2)
        assert err == "xlrotation: the store yahoo has a damaged prices-2025\n"

    def test_an_interruption_ends_all_steps(self, monkeypatch, capsys):
        report = self.report(interrupted=True)
        status, _, _, given = self.refresh(monkeypatch, capsys, report, "--options", "--macro")
        assert (status, len(given)) == (1, 1)
        status, _, _, given = self.refresh(monkeypatch, capsys, self.report(), "--options", "--macro")
        assert (status, len(given)) == (0, 3)
