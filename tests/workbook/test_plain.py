"""CSV and JSON of a filled workbook."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook.books import Dynamic, make_book
from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.output.plain import csv_cell

SAMPLE = Session("sample", lang="en")
DANGEROUS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def read_csv(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_sheets_and_named_ranges(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("数据 1")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_formula("B2", "=XLR_VERSION()")
        sheet.write_formula("B3", '=PX_RET("none")')
        sheet.write_formula("C3", "=DATE(2026,2,13)", day)
        sheet.write_row("A5", ["a", 1, 2.5, True, None, 'x,"y"\nz'])
        sheet.write_dynamic_array_formula("H1", "=SEQUENCE(2)*0.1")
        book.add_worksheet("empty")
        book.define_name("Version", "='数据 1'!$B$2")
        book.define_name("Block", "='数据 1'!$B$2:$C$3")
        book.define_name("Column", "='数据 1'!$H:$H")
        book.define_name("Computed", "=SUM('数据 1'!$B$5:$C$5)")
    report = jobs.export(path, tmp_path / "out", SAMPLE, csv=True, json=True, name="filled")
    written = [Path(name).relative_to(tmp_path / "out").as_posix() for name in report.written]
    assert written[:3] == ["filled.xlsx", "filled-csv/数据 1.csv", "filled-csv/empty.csv"]
    assert set(written[3:]) == {f"filled-csv/names/{n}.csv" for n in ("Version", "Block", "Column", "Computed")} | {
        "filled.json"
    }
    rows = read_csv(tmp_path / "out/filled-csv/数据 1.csv")
    version = openpyxl.load_workbook(tmp_path / "out/filled.xlsx")["数据 1"]["B2"].value
    assert rows == [
        ["", "", "", "", "", "", "", "0.1"],
        ["", version, "", "", "", "", "", "0.2"],
        ["", "#N/A", "2026-02-13", "", "", "", "", ""],
        [""] * 8,
        ["a", "1", "2.5", "TRUE", "", 'x,"y"\nz', "", ""],
    ]
    assert read_csv(tmp_path / "out/filled-csv/empty.csv") == []
    assert read_csv(tmp_path / "out/filled-csv/names/Block.csv") == [[version, ""], ["#N/A", "2026-02-13"]]
    held = json.loads((tmp_path / "out/filled.json").read_text("utf-8"))
    assert held["names"] == {
        "Version": version,
        "Block": [[version, None], ["#N/A", "2026-02-13"]],
        "Column": [[0.1], [0.2], [None], [None], [None]],
        "Computed": 3.5,
    }
    assert (held["source"], held["book"]) == ("sample", "book.xlsx")
    assert held["notice"].startswith("sample data")


@given(st.text(max_size=12), st.sampled_from(DANGEROUS), st.sampled_from(["", " ", "\u3000"]))
def test_a_text_never_begins_like_a_formula(text: str, first: str, space: str) -> None:
    shown = csv_cell(space + first + text)
    assert shown.startswith("'") or is_number(shown)


def is_number(text: str) -> bool:
    try:
        float(text.rstrip("%"))
    except ValueError:
        return False
    return True


@given(st.floats(allow_nan=False) | st.integers() | st.booleans())
def test_numbers_stay_numbers(value: float) -> None:
    shown = csv_cell(value)
    if isinstance(value, bool):
        assert shown == str(value).upper()
    else:
        assert type(value)(shown) == value


def test_a_text_from_data_is_no_formula_in_any_form(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x","y")'
    path = make_book(
        tmp_path / "b.xlsx",
        {"S": {"A1": "who", "B1": '=A1&""', "B2": "=XLR_HELP(A1)", "C1": Dynamic("=IF(SEQUENCE(2)>0,A1)")}},
        {"who": "=S!$A$1"},
    )
    for keep in (True, False):
        folder = tmp_path / str(keep)
        jobs.export(path, folder, SAMPLE, keep_formulas=keep, csv=True, json=True, inputs={"who": evil})
        sheet = openpyxl.load_workbook(folder / "b.xlsx", data_only=True)["S"]
        for cell in ("A1", "B1", "C1", "C2"):
            assert sheet[cell].value == evil
            assert sheet[cell].data_type == "s"
        formulas = openpyxl.load_workbook(folder / "b.xlsx")["S"]
        found = [cell.coordinate for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
        assert found == (["B1", "C1", "B2"] if keep else [])
        assert read_csv(folder / "b-csv/S.csv")[0] == [f"'{evil}"] * 3
        assert json.loads((folder / "b.json").read_text("utf-8"))["names"] == {"who": evil}


def test_every_system_takes_the_names_of_sheets(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for number, name in enumerate(("CON", "lpt1.x", "a<", "a>", "end.")):
            book.add_worksheet(name).write(0, 0, number)
        book.define_name("NUL", "=CON!$A$1")
    jobs.export(path, tmp_path / "out", SAMPLE, csv=True)
    folder = tmp_path / "out" / "book-csv"
    found = {file.name: read_csv(file) for file in folder.glob("*.csv")}
    assert found == {
        "_CON.csv": [["0"]],
        "_lpt1.x.csv": [["1"]],
        "a_.csv": [["2"]],
        "a_-2.csv": [["3"]],
        "end.csv": [["4"]],
    }
    assert [file.name for file in (folder / "names").iterdir()] == ["_NUL.csv"]
