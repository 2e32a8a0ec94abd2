"""The figures of books by name: the hidden table, JSON and CSV."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import Text
from xlrotation.reports.backsheets import common_values, inputs_sheet
from xlrotation.reports.kit import DATE, PERCENT, POINTS, Book
from xlrotation.reports.results import results_sheet
from xlrotation.reports.templates import template_names
from xlrotation.workbook.output import figures, printing

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl, of sparklines and bars
SAMPLE = Session("sample", lang="en")
BOOKS = Path(__file__).parents[2] / "workbooks"
PROMISES = Path(__file__).with_name("figures.csv")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/figures.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A report with figures that are there, that are not, and one that cannot be computed."""
    path = tmp_path / "book.xlsx"
    book = Book(path, Text("Market breadth"), dt.date(2026, 2, 13))
    common_values(book, True)
    texts = {
        "there": ('PX_RET("SPX","5D",asof)', PERCENT),
        "none": ('PX_CLOSE("none",asof)', POINTS),
        "blank": ('IFERROR(PX_CLOSE("none",asof),"")', POINTS),
        "wrong": ("1/0", POINTS),
        "day": ("XLR_ASOF(asof)", DATE),
        "twice": ("{none}*2", POINTS),
        "top5": ("{there}*100", POINTS),
    }
    for key, (formula, number_format) in texts.items():
        cells = book.values.put(key, formula, (number_format,))
        book.values.figure(key, Text("Close"), number_format, cells.at(), formula)
    inputs_sheet(book, ())
    results_sheet(book)
    book.close()
    return path


def exported(path: Path, folder: Path, **options: object) -> tuple[jobs.Report, dict[str, dict[str, object]]]:
    report = jobs.export(path, folder, SAMPLE, json=True, csv=True, **options)  # type: ignore[arg-type]
    held = json.loads((folder / f"{path.stem}.json").read_text("utf-8"))
    VALIDATOR.validate(held)
    return report, {figure["key"]: figure for figure in held["figures"]}


def test_a_figure_has_key_labels_value_unit_date_formula_and_state(book: Path, tmp_path: Path) -> None:
    _, found = exported(book, tmp_path / "out")
    assert found["there"] == {
        "key": "there",
        "label": {"en": "Close", "zh": "收盘价"},
        "value": pytest.approx(SAMPLE.call("PX_RET", "SPX", "5D", "2026-02-13")),
        "unit": "return",
        "date": "2026-02-13",
        "formula": 'PX_RET("SPX","5D",asof)',
        "state": "ok",
        "reason": "",
    }
    assert (found["day"]["value"], found["day"]["unit"]) == ("2026-02-13", "date")


def test_what_is_missing_has_a_state_and_a_reason_and_never_a_number(book: Path, tmp_path: Path) -> None:
    report, found = exported(book, tmp_path / "out")
    for key in ("none", "blank", "twice"):
        assert (found[key]["value"], found[key]["state"]) == (None, "missing"), key
        assert "none" in str(found[key]["reason"]), found[key]
    assert (found["wrong"]["value"], found["wrong"]["state"]) == (None, "error")
    assert found["wrong"]["reason"]
    assert report.troubled


def test_a_blank_cell_is_missing_in_the_workbook_as_well(book: Path, tmp_path: Path) -> None:
    exported(book, tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out/book.xlsx", data_only=True)["Results"]
    assert sheet.sheet_state == "hidden"
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert (rows["blank"][3], rows["blank"][7]) == (None, "missing")
    assert (rows["none"][3], rows["none"][7]) == ("#N/A", "missing")


def test_an_error_is_told_once_where_it_stands(book: Path, tmp_path: Path) -> None:
    report, _ = exported(book, tmp_path / "out")
    assert [error["sheet"] for error in report.errors] == ["Values"] * 3
    reasons = {error["reason"] for error in report.errors if error["error"] == "#N/A"}
    assert len(reasons) == 1, "that of the cell that the other comes from"
    assert "none" in reasons.pop()


def test_a_formula_may_use_the_names(book: Path, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    assert {"f.there", "f.top5"} <= set(workbook.defined_names)
    workbook["Inputs"]["F1"] = "=f.top5/f.there"
    workbook.save(tmp_path / "more.xlsx")
    exported(tmp_path / "more.xlsx", tmp_path / "out")
    filled = openpyxl.load_workbook(tmp_path / "out/more.xlsx", data_only=True)
    assert filled["Inputs"]["F1"].value == pytest.approx(100)


def test_figures_as_csv_and_no_file_for_each(book: Path, tmp_path: Path) -> None:
    exported(book, tmp_path / "out")
    with (tmp_path / "out/book-figures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["key", "label_en", "label_zh", "value", "unit", "date", "formula", "state", "reason"]
    by_key = {row["key"]: row for row in rows}
    assert by_key["none"]["value"] == ""
    assert by_key["none"]["state"] == "missing"
    assert float(by_key["there"]["value"]) == pytest.approx(SAMPLE.call("PX_RET", "SPX", "5D", "2026-02-13"))
    assert by_key["there"]["formula"] == 'PX_RET("SPX","5D",asof)'
    names = {path.stem for path in (tmp_path / "out/book-csv/names").iterdir()}
    assert "asof" in names
    assert not names & {*by_key, figures.TABLE}


def test_a_workbook_without_the_table_has_no_figures(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.save(tmp_path / "plain.xlsx")
    _, found = exported(tmp_path / "plain.xlsx", tmp_path / "out")
    assert found == {}


@pytest.mark.parametrize("key", ["", "Vix", "vix close", "vix..close", ".vix", "vix-close", "1d"])
def test_what_is_no_key_is_refused(tmp_path: Path, key: str) -> None:
    book = Book(tmp_path / "book.xlsx", Text("Market breadth"), dt.date(2026, 2, 13))
    book.values.figure(key, Text("Close"), POINTS, "Values!$A$1", "1")
    with pytest.raises(ValueError, match="no key"):
        results_sheet(book)


def test_a_key_is_given_once(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.xlsx", Text("Market breadth"), dt.date(2026, 2, 13))
    common_values(book, True)
    for _ in range(2):
        book.values.figure("vix", Text("Close"), POINTS, "Values!$A$1", "1")
    with pytest.raises(ValueError, match="another one"):
        results_sheet(book)


# The committed books


@pytest.fixture(scope="module", params=template_names())
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    jobs.export(BOOKS / f"{request.param}.xlsx", folder, SAMPLE, json=True)
    return folder / f"{request.param}.xlsx"


def held(filled: Path) -> dict[str, Any]:
    return json.loads(filled.with_suffix(".json").read_text("utf-8"))  # type: ignore[no-any-return]


def test_json_of_every_book_is_as_the_schema_says(filled: Path) -> None:
    told = held(filled)
    VALIDATOR.validate(told)
    assert len(told["figures"]) >= 1
    assert len({figure["key"] for figure in told["figures"]}) == len(told["figures"])


def test_every_number_of_a_page_is_among_the_figures(filled: Path) -> None:
    """What a person reads on the pages, a program finds by name."""
    values = [figure["value"] for figure in held(filled)["figures"]]
    known = {round(value, 9) for value in values if isinstance(value, int | float)}
    book, typed = openpyxl.load_workbook(filled, data_only=True), openpyxl.load_workbook(BOOKS / filled.name)
    unnamed = [
        f"{name}!{cell.coordinate} {cell.value!r}"
        for name in printing.report_pages(filled)
        for row in book[name].iter_rows()
        for cell in row
        if isinstance(cell.value, int | float)
        and not isinstance(cell.value, bool)
        and round(cell.value, 9) not in known
        and not isinstance(typed[name][cell.coordinate].value, int | float)  # of others, typed in
    ]
    assert not unnamed


def test_keys_stay_as_they_are(filled: Path) -> None:
    """Programs rely on them: one that goes, or counts something else, is a break that ``format`` has to tell of."""
    now = {figure["key"]: figure["unit"] for figure in held(filled)["figures"]}
    promised = {row["key"]: row["unit"] for row in promises() if row["book"] == filled.stem}
    assert {key: now.get(key) for key in promised} == promised
    assert set(now) == set(promised), f"new figures: add them to {PROMISES.name}"


def promises() -> list[dict[str, str]]:
    with PROMISES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_labels_are_told_in_every_language(filled: Path) -> None:
    for figure in held(filled)["figures"]:
        assert set(figure["label"]) == {"en", "zh"}
        assert any("\u4e00" <= letter <= "\u9fff" for letter in figure["label"]["zh"]) or not re.search(
            r"[a-z]{3}", figure["label"]["zh"]
        ), figure
