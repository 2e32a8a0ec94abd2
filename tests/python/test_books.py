"""Workbooks from Python: filled, exported, refreshed, in batches."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook.defined_name import DefinedName

import xlrotation as xr


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with inputs, a call of ours and a native formula."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Desk"
    for name, cell in (("asof", "$B$1"), ("lang", "$B$2"), ("symbol", "$B$3"), ("days", "$B$4")):
        made.defined_names[name] = DefinedName(name, attr_text=f"Desk!{cell}")
    sheet["B1"] = dt.date(2026, 2, 13)
    sheet["B3"] = "XLF"
    sheet["B4"] = 20
    sheet["B5"] = "=PX_RET(B3,B4,B1)"
    sheet["B6"] = "=B5*100"
    path = tmp_path / "desk.xlsx"
    made.save(path)
    return path


def value(path: str | Path, cell: str = "B5") -> object:
    return openpyxl.load_workbook(path, data_only=True)["Desk"][cell].value


def test_a_book_is_filled(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    m = xr.open("sample", asof="2026-01-16")
    report = xr.fill(book, tmp_path / "out" / "filled.xlsx", source=m, values={"symbol": "XLK", "Desk!B4": np.int64(5)})
    assert not report.troubled
    assert report.written == [str(tmp_path / "out" / "filled.xlsx")]
    assert report.asof == "2026-01-16"
    assert value(report.written[0]) == m.PX_RET("XLK", 5)
    assert value(report.written[0], "B6") == m.PX_RET("XLK", 5) * 100
    assert value(report.written[0], "B1") == dt.datetime(2026, 1, 16)
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    "asof", ["2026-01-16", dt.date(2026, 1, 16), pd.Timestamp("2026-01-16"), np.datetime64("2026-01-16")]
)
def test_a_date_is_given_in_any_form(book: Path, tmp_path: Path, asof: object) -> None:
    out = tmp_path / "out"
    out.mkdir()
    report = xr.fill(book, out, source="sample", asof=asof, lang="zh", values={"days": Decimal(5)}, keep_formulas=True)
    assert value(out / "desk.xlsx") == xr.open("sample").PX_RET("XLF", 5, asof)
    assert value(out / "desk.xlsx", "B2") == "zh"
    assert openpyxl.load_workbook(out / "desk.xlsx")["Desk"]["B5"].value == "=PX_RET(B3,B4,B1)"
    assert report.asof == "2026-01-16"


def test_what_fails_is_in_the_report(book: Path, tmp_path: Path) -> None:
    report = xr.fill(book, tmp_path / "out.xlsx", source="sample", values={"symbol": "ZZZ"})
    assert report.troubled
    assert report.errors[0]["cell"] == "B5"
    assert "ZZZ" in report.errors[0]["reason"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"nowhere": 1}, "neither a defined name"),
        ({"symbol": [1, 2]}, "a range of cells"),
        ({"symbol": pd.Series([1, 2])}, "a range of cells"),
        ({"symbol": np.array(["XLK", "XLF"])}, "a range of cells"),
        ({"symbol": pd.NA}, "is no value"),
        ({"symbol": "XLK", " Symbol": "XLF"}, "given twice"),
        ({"symbol": np.nan}, "is no value"),
        ({"symbol": b"x"}, "is no value of a cell"),
        ({"": 1}, "no name of a cell"),
        ({5: 1}, "no name of a cell"),
    ],
)
def test_a_value_for_no_cell_writes_nothing(book: Path, tmp_path: Path, values: dict[str, object], told: str) -> None:
    with pytest.raises(xr.RotationError, match=told):
        xr.fill(book, tmp_path / "out.xlsx", source="sample", values=values)
    assert not (tmp_path / "out.xlsx").exists()


def test_a_book_is_not_written_over_itself_or_as_another_kind(book: Path, tmp_path: Path) -> None:
    with pytest.raises(xr.BadArgument, match=r"ends in \.xlsx"):
        xr.fill(book, tmp_path / "out.csv", source="sample")
    with pytest.raises(xr.RotationError, match="overwritten by its own copy"):
        xr.fill(book, book, source="sample")
    with pytest.raises(xr.RotationError, match="overwritten by its own copy"):
        xr.fill(book, book.parent, source="sample")
    with pytest.raises(xr.BadWorkbook, match="no such file"):
        xr.fill(tmp_path / "gone.xlsx", tmp_path / "out.xlsx", source="sample")
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(xr.RotationError):
        xr.fill(book, tmp_path / "file" / "out.xlsx", source="sample")


def test_a_date_after_that_of_the_data_is_refused(book: Path, tmp_path: Path) -> None:
    with pytest.raises(xr.NoData):
        xr.fill(book, tmp_path / "out.xlsx", source="sample", asof="2031-01-03")
    with pytest.raises(xr.NoData, match="after the as-of date"):
        xr.fill(book, tmp_path / "out.xlsx", source=xr.open("sample", asof="2026-01-16"), asof="2026-01-20")
    assert not (tmp_path / "out.xlsx").exists()


def test_several_books_are_exported_and_one_that_fails_stops_none(book: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    reports = xr.export([tmp_path / "bad.xlsx", book], tmp_path / "out", source="sample", csv=True, json=True)
    assert reports[0].failed
    assert not reports[1].troubled
    assert value(tmp_path / "out" / "desk.xlsx") == xr.open("sample").PX_RET("XLF", 20)
    assert json.loads((tmp_path / "out" / "desk.json").read_text("utf-8"))
    assert len(xr.export(book, tmp_path / "one", source="sample")) == 1
    other = tmp_path / "more" / "DESK.xlsx"
    other.parent.mkdir()
    other.write_bytes(book.read_bytes())
    with pytest.raises(xr.BadArgument, match="their copies would be one file"):
        xr.export([book, other], tmp_path / "out", source="sample")


def test_a_book_is_refreshed_in_place(book: Path) -> None:
    report = xr.refresh_book(book, source="sample", values={"symbol": "XLK"})
    assert not report.troubled
    assert value(book) == xr.open("sample").PX_RET("XLK", 20, "2026-02-13")
    assert openpyxl.load_workbook(book)["Desk"]["B5"].value == "=PX_RET(B3,B4,B1)"


@pytest.mark.usefixtures("book")
def test_a_batch_is_run_from_a_dictionary_and_from_a_file(tmp_path: Path) -> None:
    plan = {"output": "out", "source": "sample", "job": [{"books": "desk.xlsx", "asof": ["2026-01-15", "2026-01-16"]}]}
    done: list[str] = []
    summary = xr.batch(plan, folder=tmp_path, workers=1, step=done.append)
    assert not summary.troubled
    assert sorted(done) == sorted(summary.done) == ["2026-01-15/desk", "2026-01-16/desk"]
    assert value(tmp_path / "out" / "2026-01-16" / "desk.xlsx") == xr.open("sample").PX_RET("XLF", 20, "2026-01-16")
    text = 'output = "out"\nsource = "sample"\n[[job]]\nbooks = "desk.xlsx"\nasof = ["2026-01-15", "2026-01-16"]\n'
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    again = xr.batch(tmp_path / "plan.toml", workers=1)
    assert sorted(again.present) == sorted(done)
    assert not again.done
    with pytest.raises(xr.BadArgument, match="lacks output"):
        xr.batch({}, folder=tmp_path)
    with pytest.raises(xr.RotationError, match="no such file"):
        xr.batch(tmp_path / "gone.toml")
    with pytest.raises(xr.BadArgument, match="workers"):
        xr.batch(plan, folder=tmp_path, workers=0)
