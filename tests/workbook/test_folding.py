"""Rows that are not in use are hidden in print, page breaks that are not needed go, and fonts are narrow ones."""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from xlrotation.recording import by_days
from xlrotation.workbook.output import fonts, pdf, printing


def printed(tmp_path: Path, used: object, breaks: tuple[int, ...] = (), rows: int = 60) -> openpyxl.worksheet.Worksheet:
    """The page of a copy for print; rows 11 to 50 may fold, of which *used* are in use."""
    path, copy = tmp_path / "book.xlsx", tmp_path / "copy.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        page, values = made.add_worksheet("Page"), made.add_worksheet("Values")
        for row in range(rows):
            page.set_row(row, 20)
            page.write_number(row, 0, row + 1)
        page.set_h_pagebreaks(list(breaks))
        if isinstance(used, str):
            values.write_string(0, 0, used)
        else:
            values.write(0, 0, used)
        made.define_name("Page!report_page", "=TRUE")
        made.define_name("Page!fold_1", "=Page!$A$11:$L$50")
        made.define_name("Page!fold_1_used", "=Values!$A$1")
    assert printing.printed_copy(path, copy) == copy
    return openpyxl.load_workbook(copy)["Page"]


def hidden(sheet: openpyxl.worksheet.Worksheet) -> list[int]:
    return [row for row, look in sheet.row_dimensions.items() if look.hidden]


@pytest.mark.parametrize(
    ("used", "first"), [(0, 11), (1, 12), (39, 50), (40, 51), (99, 51), (-3, 11), ("many", 51), (None, 51)]
)
def test_the_last_rows_are_hidden_and_no_others(tmp_path: Path, used: object, first: int) -> None:
    assert hidden(printed(tmp_path, used)) == list(range(first, 51))


@pytest.mark.parametrize(("first", "drawn"), [(12, 1), (30, 0), (9, 1), (45, 1)])
def test_charts_whose_rows_are_all_hidden_are_not_drawn(tmp_path: Path, first: int, drawn: int) -> None:
    path, copy = tmp_path / "book.xlsx", tmp_path / "copy.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        page = made.add_worksheet("Page")
        page.write_column(0, 0, range(60))
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=Page!$A$1:$A$9"})
        chart.set_size({"height": 200})  # ten rows
        page.insert_chart(first, 2, chart)
        made.define_name("Page!report_page", "=TRUE")
        made.define_name("Page!fold_1", "=Page!$A$11:$L$50")
        made.define_name("Page!fold_1_used", "=Page!$A$6")  # 5
    printing.printed_copy(path, copy)
    assert len(openpyxl.load_workbook(copy)["Page"]._charts) == drawn


def test_rows_without_a_cell_at_the_end_of_a_page_may_lie_off_it(tmp_path: Path) -> None:
    path, copy = tmp_path / "book.xlsx", tmp_path / "copy.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        page = made.add_worksheet("Page")
        for row in range(40):
            page.set_row(row, 20)
            if row < 38:  # 760 points, and 40 of nothing
                page.write_number(row, 0, 1)
        page.set_h_pagebreaks([20])
        made.define_name("Page!report_page", "=TRUE")
        made.define_name("Page!fold_1", "=Page!$A$38:$L$38")
        made.define_name("Page!fold_1_used", "=Page!$B$1")
        page.write_number(0, 1, 0)
    printing.printed_copy(path, copy)
    assert not openpyxl.load_workbook(copy)["Page"].row_breaks.brk


@pytest.mark.parametrize(
    ("used", "kept"),
    [
        (40, [35]),  # nothing folds: 60 rows of 20 points are no page
        (20, [35]),  # 800 points are none
        (18, []),  # 760 points are one
        (0, []),
    ],
)
def test_pages_that_fit_one_are_one(tmp_path: Path, used: int, kept: list[int]) -> None:
    sheet = printed(tmp_path, used, (35,))
    assert [b.id for b in sheet.row_breaks.brk] == kept


def test_a_break_that_is_needed_stays_where_another_goes(tmp_path: Path) -> None:
    sheet = printed(tmp_path, 0, (30, 60), 90)
    assert [b.id for b in sheet.row_breaks.brk] == [60]  # 20 rows, and 30 of more than 706 points together with them


def test_fonts_of_the_narrow_kind_are_named_before_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "fonts & more.conf"
    own.write_text("<fontconfig></fontconfig>")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("FONTCONFIG_FILE", str(own))
    (tmp_path / "job").mkdir()
    made = Path(pdf.surroundings(tmp_path / "job", ("First",))["FONTCONFIG_FILE"]).read_text("utf-8")
    assert "fonts &amp; more.conf</include>" in made
    assert made.index("Calibri") < made.index("First") < made.index("Carlito") < made.index("Nimbus Sans")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_systems_with_fonts_of_their_own_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert fonts.substitutes(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_system_without_a_configuration_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    monkeypatch.delenv("FONTCONFIG_PATH", raising=False)
    monkeypatch.setattr(fonts, "_FOUND_IN", (str(tmp_path / "none"),))
    assert fonts.substitutes(tmp_path) == {}


def test_a_chinese_page_has_one_font_for_words_and_figures() -> None:
    assert fonts.first_fonts(["标普500", "+0.05%"]) == fonts.CHINESE
    assert fonts.first_fonts(["S&P 500 moved +0.05 % and nothing else did", "中文"]) == ()
    assert fonts.first_fonts([]) == ()


def test_remarks_that_differ_in_a_day_are_told_once() -> None:
    told = by_days(
        ["A at 2025-08-19 is old", "B", "A at 2025-08-18 is old", "C at 2025-08-18", "A at 2025-09-01 is old"]
    )
    assert told == ["A at 2025-08-18…2025-09-01 (3) is old", "B", "C at 2025-08-18"]
