"""The figures of books by name: the hidden table, JSON and CSV."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import jsonschema
import openpyxl
import pytest

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import Text
from xlrotation.reports.kit import DATE, PERCENT, POINTS, Book
from xlrotation.workbook.output import figures

SAMPLE = Session("sample", lang="en")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/figures.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A report with figures that are there, that are not, and one that cannot be computed."""
    path = tmp_path / "book.xlsx"
    book = Book(path, Text("Market breadth"), dt.date(2026, 2, 13))
    sheet = book.sheet("Report", (40, 14))
    texts = {
        "B2": ('=PX_RET("SPX","5D",asof)', PERCENT),
        "B3": ('=PX_CLOSE("none",asof)', POINTS),
        "B4": ('=IFERROR(PX_CLOSE("none",asof),"")', POINTS),
        "B5": ('=IFERROR(PX_CLOSE("none",asof),"n/a")', POINTS),
        "B6": ("=1/0", POINTS),
        "B7": ("=XLR_ASOF(asof)", DATE),
        "B8": ("=B3*2", POINTS),
        "B9": ("=B20", POINTS),
    }
    for cell, (formula, number_format) in texts.items():
        book.value(sheet, int(cell[1:]) - 1, 1, formula, number_format)
        book.figure(f"figure_{cell.lower()}", Text("Close"), f"Report!{cell}", number_format, formula)
    book.inputs_sheet(())
    book.close()
    return path


def exported(path: Path, folder: Path, **options: object) -> tuple[jobs.Report, dict[str, dict[str, object]]]:
    report = jobs.export(path, folder, SAMPLE, json=True, csv=True, **options)  # type: ignore[arg-type]
    held = json.loads((folder / f"{path.stem}.json").read_text("utf-8"))
    VALIDATOR.validate(held)
    return report, {figure["key"]: figure for figure in held["figures"]}


def test_a_figure_has_key_labels_value_unit_date_formula_and_state(book: Path, tmp_path: Path) -> None:
    _, found = exported(book, tmp_path / "out")
    assert found["figure_b2"] == {
        "key": "figure_b2",
        "label": {"en": "Close", "zh": "收盘价"},
        "value": pytest.approx(SAMPLE.call("PX_RET", "SPX", "5D", "2026-02-13")),
        "unit": "return",
        "date": "2026-02-13",
        "formula": '=PX_RET("SPX","5D",asof)',
        "state": "ok",
        "reason": "",
    }
    assert (found["figure_b7"]["value"], found["figure_b7"]["unit"]) == ("2026-02-13", "date")


def test_what_is_missing_has_a_state_and_a_reason_and_never_a_number(book: Path, tmp_path: Path) -> None:
    report, found = exported(book, tmp_path / "out")
    for key in ("figure_b3", "figure_b4", "figure_b5", "figure_b8"):
        assert (found[key]["value"], found[key]["state"]) == (None, "missing"), key
        assert "none" in str(found[key]["reason"]), found[key]
    assert (found["figure_b6"]["value"], found["figure_b6"]["state"]) == (None, "error")
    assert found["figure_b6"]["reason"]
    assert report.troubled


def test_a_blank_cell_is_missing_in_the_workbook_as_well(book: Path, tmp_path: Path) -> None:
    exported(book, tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out/book.xlsx", data_only=True)["Results"]
    assert sheet.sheet_state == "hidden"
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["figure_b4"][3] == rows["figure_b5"][3] == "#N/A"


def test_an_error_is_told_once_where_it_stands_and_a_hidden_one_in_the_table(book: Path, tmp_path: Path) -> None:
    report, _ = exported(book, tmp_path / "out")
    places = {(error["sheet"], error["cell"]) for error in report.errors}
    assert {place for place in places if place[0] == "Report"} == {("Report", "B3"), ("Report", "B6"), ("Report", "B8")}
    hidden = [error for error in report.errors if error["sheet"] == "Results"]
    assert len(hidden) == 2  # B4 and B5, which show no error to a person
    assert all("none" in error["reason"] for error in hidden)
    assert next(e["reason"] for e in report.errors if e["cell"] == "B8") == next(
        e["reason"] for e in report.errors if e["cell"] == "B3"
    )


def test_figures_as_csv_and_no_file_for_each(book: Path, tmp_path: Path) -> None:
    exported(book, tmp_path / "out")
    with (tmp_path / "out/book-figures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["key", "label_en", "label_zh", "value", "unit", "date", "formula", "state", "reason"]
    by_key = {row["key"]: row for row in rows}
    assert by_key["figure_b3"]["value"] == ""
    assert by_key["figure_b3"]["state"] == "missing"
    assert float(by_key["figure_b2"]["value"]) == pytest.approx(SAMPLE.call("PX_RET", "SPX", "5D", "2026-02-13"))
    assert by_key["figure_b2"]["formula"].startswith("'=")
    names = {path.stem for path in (tmp_path / "out/book-csv/names").iterdir()}
    assert "asof" in names
    assert not names & {*by_key, figures.TABLE}


def test_a_workbook_without_the_table_has_no_figures(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.save(tmp_path / "plain.xlsx")
    _, found = exported(tmp_path / "plain.xlsx", tmp_path / "out")
    assert found == {}


@pytest.mark.parametrize("key", ["vix", "Vix_close", "a1", "asof", "vix close", "vix__close", "_vix", "1_day"])
def test_what_is_no_key_is_refused(tmp_path: Path, key: str) -> None:
    book = Book(tmp_path / "book.xlsx", Text("Market breadth"), dt.date(2026, 2, 13))
    with pytest.raises(ValueError, match="no key"):
        book.figure(key, "x", "Report!A1", POINTS, "1")


def test_a_key_is_given_once(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx", Text("Market breadth"), dt.date(2026, 2, 13))
    book.name("vix_alarm", "Report!$A$1")
    book.figure("vix_close", "x", "Report!A1", POINTS, "1")
    for key in ("vix_close", "vix_alarm"):
        with pytest.raises(ValueError, match="taken"):
            book.figure(key, "x", "Report!A1", POINTS, "1")
