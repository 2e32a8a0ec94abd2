"""What the validations of cells let in from outside."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.datavalidation import DataValidation

import xlrotation as xr
from tests.batch.helpers import reports
from tests.workbook.books import Fake
from xlrotation.cli import main
from xlrotation.commands.filling import inputs_of
from xlrotation.errors import BadArgument
from xlrotation.grid import Cell
from xlrotation.languages import Text
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook

SIDE = {
    "A1": "Energy",
    "A2": "Tech",
    "A3": 2024,
    "B1": 5,
    "C1": "2024",
    "C2": "2025",
    "D1": "x",
    "E1": dt.datetime(2026, 2, 13),
    "E2": dt.datetime(2026, 2, 12),
    "F1": "=T_ADD(3,4)",
    "F2": "=T_ERROR()",
    "H1": "F1",
}
NAMES = {"sectors": "=Side!$A$1:$A$3", "gappy": "=Side!$D$1:$D$3", "cell": "=In!$B$2", "unset": "=Side!$Z$1"}


def book(path: Path, rule: Mapping[str, Any], where: str = "B2", date1904: bool = False) -> Path:
    with xlsxwriter.Workbook(str(path), {"date_1904": date1904, "default_date_format": "yyyy-mm-dd"}) as made:
        sheet, side = made.add_worksheet("In"), made.add_worksheet("Side")
        sheet.data_validation(where, dict(rule))
        sheet.write("B2", "old")
        sheet.write_formula("C2", "=T_ECHO(B2)")
        sheet.write("G9", "Energy")
        for cell, value in SIDE.items():
            side.write(cell, value)
        for name, target in NAMES.items():
            made.define_name(name, target)
    return path


def entered(path: Path, value: Cell, name: str = "cell") -> Evaluation:
    return evaluate_workbook(path, Fake(), {name: value})


def refusal(path: Path, value: Cell) -> str:
    with pytest.raises(BadArgument) as caught:
        entered(path, value)
    assert isinstance(caught.value.told, Text)
    assert caught.value.told.into("zh").startswith("In!B2 (cell) 不接受 ")
    return str(caught.value)


LIST = {"validate": "list"}
TYPED = {**LIST, "source": ["a/b", "Two", "3", "5%"]}
BETWEEN = {"criteria": "between", "minimum": 2, "maximum": 5}


@pytest.mark.parametrize(
    ("rule", "value", "held"),
    [
        (TYPED, "a/b", "a/b"),
        (TYPED, 3.0, 3.0),
        (TYPED, 0.05, 0.05),
        (TYPED, "3", 3.0),  # an entry that is a number is one when it is chosen
        (TYPED, "", ""),
        ({**LIST, "source": "=Side!$A$1:$A$3"}, "energy", "energy"),  # cells do not tell capital letters apart
        ({**LIST, "source": "=Side!$A$1:$A$3"}, 2024.0, 2024.0),
        ({**LIST, "source": "=Side!$A$1:$A$3"}, "2024", 2024.0),
        ({**LIST, "source": "=Side!$C$1:$C$2"}, 2025.0, "2025"),
        ({**LIST, "source": "=sectors"}, "Tech", "Tech"),
        ({**LIST, "source": "=OFFSET(Side!$A$1,0,0,COUNTA(Side!$A$1:$A$9),1)"}, "Tech", "Tech"),
        ({**LIST, "source": '=INDIRECT("Side!A1:A"&COUNTA(Side!$A$1:$A$9))'}, "Tech", "Tech"),
        ({**LIST, "source": "=Side!$E$1:$E$2"}, dt.date(2026, 2, 12), 46065.0),
        ({**LIST, "source": "=Side!$E$1:$E$2"}, "2026-02-12", 46065.0),
        ({"validate": "integer", **BETWEEN}, 5.0, 5.0),
        ({"validate": "integer", **BETWEEN}, "4", 4.0),
        ({"validate": "decimal", "criteria": "<=", "value": "=Side!$B$1"}, 5.0, 5.0),
        ({"validate": "decimal", "criteria": "==", "value": "=Side!$F$1"}, 7.0, 7.0),  # computed by ours
        ({"validate": "date", "criteria": ">", "value": dt.date(2026, 1, 1)}, dt.date(2026, 1, 2), 46024.0),
        ({"validate": "date", "criteria": ">", "value": dt.date(2026, 1, 1)}, "2026年1月2日", 46024.0),
        ({"validate": "time", "criteria": "<", "value": dt.time(12)}, 0.25, 0.25),
        ({"validate": "length", "criteria": "==", "value": 3}, "SPX", "SPX"),
        ({"validate": "length", "criteria": "==", "value": 4}, 2024.0, 2024.0),
        ({"validate": "custom", "value": "=LEN(B2)=3"}, "SPX", "SPX"),
        ({"validate": "custom", "value": "=COUNTIF(Side!$A$1:$A$3,B2)>0"}, "tech", "tech"),
        # a text that is a number, a day or a truth value everywhere is it in lists and limits alike
        ({**LIST, "source": "=Side!$A$1:$A$3"}, "2024.0", 2024.0),
        ({**LIST, "source": "=Side!$A$1:$A$3"}, "\uff12\uff10\uff12\uff14", 2024.0),
        ({**LIST, "source": "=Side!$E$1:$E$2"}, "2026/2/12", 46065.0),
        ({**LIST, "source": "=Side!$E$1:$E$2"}, "2026年2月12日", 46065.0),
        ({**LIST, "source": ["TRUE", "FALSE"]}, "true", True),
        ({**LIST, "source": ["TRUE", "FALSE"]}, "TRUE", True),
        ({**LIST, "source": ["1/2", "x"]}, "1/2", "1/2"),  # another day elsewhere
        ({"validate": "decimal", "criteria": ">", "value": 0}, "1.5", 1.5),
        ({"validate": "decimal", "criteria": ">", "value": 0}, "12.25", 12.25),
        ({"validate": "length", "criteria": "==", "value": 2}, "\U0001f600", "\U0001f600"),  # as LEN counts
    ],
)
def test_what_a_validation_takes(tmp_path: Path, rule: dict[str, Any], value: Cell, held: Cell) -> None:
    evaluation = entered(book(tmp_path / "b.xlsx", rule), value)
    assert evaluation.values["In"][2, 2] == held
    assert type(evaluation.values["In"][2, 2]) is type(held)
    assert evaluation.values["In"][2, 3] == held, "and so do the formulas that read it"
    assert not evaluation.notices


@pytest.mark.parametrize(
    ("rule", "value", "why"),
    [
        (TYPED, "purple", 'does not take "purple": it takes one of a/b, Two, 3, 5%'),
        (TYPED, "two", "is Two meant?"),
        (TYPED, "\uff34\uff57\uff4f", "is Two meant?"),
        (TYPED, " a/b", "is a/b meant?"),
        (TYPED, 4.0, "does not take 4: "),
        (TYPED, True, "does not take TRUE: "),
        ({**LIST, "source": "=Side!$A$1:$A$3"}, "Ener", "it takes one of Energy, Tech, 2024"),
        ({**LIST, "source": "=sectors"}, "a/b", "it takes one of Energy, Tech, 2024"),
        ({**LIST, "source": "=Side!$E$1:$E$2"}, dt.date(2026, 2, 11), "it takes one of 2026-02-13, 2026-02-12"),
        ({**LIST, "source": "=Side!$Z$1:$Z$9"}, "x", "its list is empty"),
        ({**LIST, "source": "=Side!$F$2"}, "x", "what its validation reads shows #N/A"),
        ({**TYPED, "ignore_blank": False}, "", "it must not be blank"),
        ({**TYPED, "error_message": "One of ours, please"}, "x", "its maker says: One of ours, please"),
        ({"validate": "integer", **BETWEEN}, 2.5, "it takes a whole number from 2 to 5"),
        ({"validate": "integer", **BETWEEN}, 6.0, "it takes a whole number from 2 to 5"),
        ({"validate": "integer", **BETWEEN}, "many", "it takes a whole number from 2 to 5"),
        ({"validate": "integer", **BETWEEN}, True, "it takes a whole number from 2 to 5"),
        ({"validate": "decimal", "criteria": "between", "minimum": 5, "maximum": 2}, 3.0, "it takes a number"),
        ({"validate": "decimal", "criteria": "<=", "value": "=Side!$B$1"}, 5.1, "it takes a number of 5 at most"),
        ({"validate": "decimal", "criteria": ">", "value": "=Side!$F$2"}, 5.1, "shows #N/A"),
        ({"validate": "decimal", "criteria": "not between", "minimum": 2, "maximum": 5}, 2.0, "not from 2 to 5"),
        ({"validate": "decimal", "criteria": ">", "value": 0}, "1,5", "it takes a number above 0"),
        ({"validate": "date", "criteria": ">", "value": dt.date(2026, 1, 1)}, "01/02/2026", "above 2026-01-01"),
        ({"validate": "date", "criteria": "<", "value": dt.date(2026, 1, 1)}, dt.date(2026, 1, 2), "2026-01-01"),
        ({"validate": "time", "criteria": "<", "value": dt.time(12)}, 0.75, "it takes a time below 12:00"),
        ({"validate": "length", "criteria": "==", "value": 3}, "SPXX", "it takes a text of a length equal to 3"),
        ({"validate": "custom", "value": "=LEN(B2)=3"}, "SPXX", "it takes what makes =LEN(B2)=3 true"),
        ({"validate": "custom", "value": '=FIND("x",B2)'}, "SP", "it takes what makes"),
        ({"validate": "custom", "value": "=Side!$Z$1>B2", "ignore_blank": False}, 3.0, "it takes what makes"),
        ({"validate": "custom", "value": "=COUNTIF(Side!$Y$1:$Z$9,B2)"}, 3.0, "it takes what makes"),  # no single cell
        ({"validate": "decimal", "criteria": ">", "value": 0}, "1.2.2026", "it takes a number above 0"),
        ({"validate": "decimal", "criteria": ">", "value": 0}, "1 1/2", "it takes a number above 0"),
        ({**TYPED, "error_message": "One_x000a_of ours"}, "x", "its maker says: One\nof ours"),
    ],
)
def test_what_it_refuses_with_cell_value_and_what_is_allowed(
    tmp_path: Path, rule: dict[str, Any], value: Cell, why: str
) -> None:
    told = refusal(book(tmp_path / "b.xlsx", rule), value)
    assert told.startswith("In!B2 (cell) does not take ")
    assert why in told


@pytest.mark.parametrize(
    ("rule", "value", "why"),
    [
        ({**TYPED, "error_type": "warning"}, "purple", "it takes one of a/b, Two"),
        ({**TYPED, "error_type": "information"}, "purple", "it takes one of a/b, Two"),
        ({**TYPED, "show_error": False}, "purple", "it takes one of a/b, Two"),
        ({"validate": "integer", "criteria": ">", "value": 3, "show_error": False}, 2.0, "a whole number above 3"),
        # blanks are let through: then a blank in a named list, a blank limit, a list of a blank name let all through
        ({**LIST, "source": "=gappy"}, "purple", "the cell that its validation reads is blank"),
        ({**LIST, "source": "=INDIRECT(Side!$Z$1)"}, "purple", "the cell that its validation reads is blank"),
        ({"validate": "decimal", "criteria": ">", "value": "=Side!$Z$1"}, -1.0, "is blank"),
        ({**LIST, "source": '=INDIRECT(SUBSTITUTE(Side!$Z$1," ","_"))'}, "purple", "is blank"),
        ({"validate": "decimal", "criteria": ">", "value": "=Side!$Z$1+10"}, -1.0, "is blank"),
        ({"validate": "custom", "value": "=Side!$Z$1>B2"}, 3.0, "is blank"),
        ({"validate": "custom", "value": "=unset>B2"}, 3.0, "is blank"),
        ({"validate": "custom", "value": '=CUBEVALUE("a",B2)'}, "x", "could not be asked about: it "),
    ],
)
def test_what_a_spreadsheet_lets_through_is_told(tmp_path: Path, rule: dict[str, Any], value: Cell, why: str) -> None:
    evaluation = entered(book(tmp_path / "b.xlsx", rule), value)
    assert evaluation.values["In"][2, 3] == value
    (notice,) = evaluation.notices
    assert notice.name == "cell"
    assert why in str(notice.text)
    assert any("\u4e00" <= mark <= "\u9fff" for mark in notice.text.into("zh"))


def test_where_blanks_are_not_let_through_a_blank_in_the_list_changes_nothing(tmp_path: Path) -> None:
    refusal(book(tmp_path / "a.xlsx", {**LIST, "source": "=gappy", "ignore_blank": False}), "purple")
    refusal(book(tmp_path / "b.xlsx", {**LIST, "source": "=Side!$D$1:$D$3"}), "purple")  # no name
    rule = {"validate": "decimal", "criteria": ">", "value": "=Side!$Z$1", "ignore_blank": False}
    refusal(book(tmp_path / "c.xlsx", rule), -1.0)


def test_formulas_are_those_of_the_cell_that_is_set(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", {"validate": "custom", "value": "=A2>10"}, "B2:B9")
    made = openpyxl.load_workbook(path)
    made["In"]["A2"], made["In"]["A5"] = 5, 20
    made.save(path)
    assert entered(path, 1.0, "In!B5").values["In"][5, 2] == 1.0
    with pytest.raises(BadArgument, match="In!B2 does not take 1"):
        entered(path, 1.0, "In!$B$2")
    assert entered(path, 1.0, "In!C5").values["In"][5, 3] == 1.0, "no validation of another cell"


def test_the_form_of_newer_spreadsheets_counts(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {**LIST, "source": "=Side!$A$1:$A$3"})
    extended = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="1" '
        b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" '
        b'allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>Side!$A$1:$A$3</xm:f></x14:formula1>'
        b"<xm:sqref>B2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                start, end = data.index(b"<dataValidations"), data.index(b"</dataValidations>") + 18
                data = (data[:start] + data[end:]).replace(b"</worksheet>", extended)
            new.writestr(name, data)
    assert entered(tmp_path / "b.xlsx", "tech").values["In"][2, 3] == "tech"
    assert "it takes one of Energy, Tech, 2024" in refusal(tmp_path / "b.xlsx", "purple")


def test_days_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    rule = {"validate": "date", "criteria": ">", "value": dt.date(2026, 1, 1)}
    path = book(tmp_path / "b.xlsx", rule, date1904=True)
    assert entered(path, dt.date(2026, 1, 2)).values["In"][2, 2] == 44562.0
    assert "it takes a date above 2026-01-01" in refusal(path, dt.date(2025, 12, 31))


def test_a_list_of_days_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", {**LIST, "source": "=Side!$E$1:$E$2"}, date1904=True)
    assert entered(path, "2026-02-12").values["In"][2, 2] == 44603.0
    assert "2022-02-11" in refusal(path, "2022-02-11"), "the day that the number is from 1900"
    assert "it takes one of 2026-02-13, 2026-02-12" in refusal(path, dt.date(2022, 2, 11))


@pytest.mark.parametrize("kind", [None, "none"])
def test_a_validation_that_takes_anything_takes_anything(tmp_path: Path, kind: str | None) -> None:
    path = plain(tmp_path / "b.xlsx", CHOICE)
    made = openpyxl.load_workbook(path)
    rule = made["In"].data_validations.dataValidation[0]
    rule.type, rule.formula1 = kind, "5"  # which is left over
    made.save(path)
    evaluation = entered(path, "x")
    assert evaluation.values["In"][2, 2] == "x"
    assert not evaluation.notices


def test_a_value_stands_in_the_first_of_merged_cells(tmp_path: Path) -> None:
    path = plain(tmp_path / "b.xlsx", CHOICE)
    made = openpyxl.load_workbook(path)
    made["In"].merge_cells("B2:B4")
    made.defined_names["block"] = openpyxl.workbook.defined_name.DefinedName("block", attr_text="In!$B$2:$B$4")
    made.save(path)
    for name in ("cell", "block", "In!B2"):
        assert entered(path, "b", name).values["In"][2, 2] == "b"
    with pytest.raises(BadArgument, match="'In!B3' lies within the merged cells B2:B4, whose value stands in B2"):
        entered(path, "b", "In!B3")
    with pytest.raises(BadArgument, match="neither a defined name of one cell"):
        entered(path, "b", "In!B2:B3")


@pytest.mark.parametrize("name", ["none", "In!B2:C2", "Out!B2"])
def test_no_cell_is_refused_in_the_language_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = plain(tmp_path / "b.xlsx", CHOICE)
    common = ["--source", "sample", "--lang", "zh", str(path), "--set", f"{name}=a"]
    assert main(["export", "-o", str(tmp_path / "out"), *common]) == 1
    assert "既不是" in capsys.readouterr().err


def test_a_number_of_a_program_is_none_for_a_cell() -> None:
    assert inputs_of(["a=1_000", "b=1000"]) == {"a": "1_000", "b": 1000.0}


def test_all_that_is_refused_is_told_at_once(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", TYPED, "B2:B3")
    with pytest.raises(BadArgument) as caught:
        evaluate_workbook(path, Fake(), {"cell": "purple", "In!B3": "pink"})
    assert "purple" in str(caught.value)
    assert "pink" in str(caught.value)


# Every door

CHOICE = {"validate": "list", "source": ["a", "b"]}


def plain(path: Path, rule: Mapping[str, Any]) -> Path:
    """A workbook without made-up functions."""
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("In")
        sheet.write("B2", "a")
        sheet.write_formula("C2", "=B2", None, "a")
        sheet.data_validation("B2", dict(rule))
        made.define_name("cell", "=In!$B$2")
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return plain(tmp_path / "b.xlsx", CHOICE)


@pytest.mark.parametrize(("lang", "said"), [("en", 'does not take "c": it takes one of a, b'), ("zh", '不接受 "c"')])
def test_commands_refuse_before_anything_is_written(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    before = report.read_bytes()
    common = ["--source", "sample", "--lang", lang, str(report), "--set", "cell=c"]
    assert main(["export", "-o", str(tmp_path / "out"), *common]) == 1
    assert said in capsys.readouterr().err
    assert main(["refresh-book", *common]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    assert report.read_bytes() == before
    assert main(["export", "-o", str(tmp_path / "out"), "--source", "sample", str(report), "--set", "cell=a"]) == 0


def test_a_plan_fails_the_job_with_the_value_alone(report: Path, tmp_path: Path) -> None:
    plan = tmp_path / "jobs.toml"
    text = f'output = "out"\nsource = "sample"\n[[job]]\nbooks = "{report.name}"\n[job.inputs]\ncell = ["a", "c"]\n'
    plan.write_text(text, "utf-8")
    assert main(["batch", str(plan), "--workers", "1"]) == 1
    failed = {name: json.dumps(held["failed"]) for name, held in reports(tmp_path / "out").items()}
    assert sorted(bool(len(why) > 2) for why in failed.values()) == [False, True]
    assert any("it takes one of a, b" in why for why in failed.values())


def test_python_refuses(report: Path, tmp_path: Path) -> None:
    with pytest.raises(xr.BadArgument, match="it takes one of a, b"):
        xr.fill(report, tmp_path / "filled.xlsx", values={"cell": "c"}, source="sample")
    with pytest.raises(xr.BadArgument, match="it takes one of a, b"):
        xr.refresh_book(report, values={"cell": "c"}, source="sample")
    (one,) = xr.export(report, tmp_path / "out", values={"cell": "c"}, source="sample")
    assert "it takes one of a, b" in one.failed
    assert not (tmp_path / "filled.xlsx").exists()


def test_python_refuses_in_an_open_workbook() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"], sheet["B1"] = "a", "=XLR_VERSION()"
    rule = DataValidation(type="list", formula1='"a,b"', showErrorMessage=True)
    sheet.add_data_validation(rule)
    rule.add("A1")
    with pytest.raises(xr.BadArgument, match="it takes one of a, b"):
        xr.openpyxl.fill(made, "sample", values={f"{sheet.title}!A1": "c"})
    assert sheet["A1"].value == "a"


def test_what_is_let_through_stands_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plain(tmp_path / "b.xlsx", {**CHOICE, "show_error": False})
    assert main(["export", "-o", str(tmp_path / "out"), "--source", "sample", str(path), "--set", "cell=c"]) == 0
    assert 'In!B2 (cell) holds "c", which its validation lets through, but it takes one of a, b' in (
        capsys.readouterr().out
    )


def dated(path: Path) -> Path:
    """A workbook whose cell named asof takes the days of a list."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        sheet = made.add_worksheet("In")
        for row, day in enumerate((dt.datetime(2026, 2, 12), dt.datetime(2026, 2, 13))):
            sheet.write(row, 5, day)
        sheet.write("B2", 0)
        sheet.write_formula("C2", "=B2+1")
        sheet.data_validation("B2", {"validate": "list", "source": "=In!$F$1:$F$2"})
        made.define_name("asof", "=In!$B$2")
        made.define_name("other", "=In!$B$4")
    return path


@pytest.mark.parametrize("name", ["asof", "ASOF", "In!B2"])
@pytest.mark.parametrize("day", ["20260213", "2026-02-13", "2026/2/13", "2026年2月13日"])
def test_a_day_is_read_in_all_forms_through_every_door(tmp_path: Path, name: str, day: str) -> None:
    path = dated(tmp_path / "b.xlsx")
    assert main(["export", "-o", str(tmp_path / "out"), "--source", "sample", str(path), "--set", f"{name}={day}"]) == 0
    xr.fill(path, tmp_path / "filled.xlsx", values={name: int(day) if day.isdigit() else day}, source="sample")
    for written in (tmp_path / "out" / "b.xlsx", tmp_path / "filled.xlsx"):
        assert openpyxl.load_workbook(written)["In"]["B2"].value == 46066


def test_a_day_that_is_none_or_no_entry_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dated(tmp_path / "b.xlsx")
    for day, told in (("20260299", "does not take 20260299"), ("20260211", "does not take 2026-02-11")):
        assert main(["export", "-o", str(tmp_path / "out"), str(path), "--set", f"asof={day}"]) == 1
        assert told in capsys.readouterr().err


def test_a_number_elsewhere_stays_one(tmp_path: Path) -> None:
    path = dated(tmp_path / "b.xlsx")
    xr.fill(path, tmp_path / "filled.xlsx", values={"other": 20260213}, source="sample")
    assert openpyxl.load_workbook(tmp_path / "filled.xlsx")["In"]["B4"].value == 20260213
