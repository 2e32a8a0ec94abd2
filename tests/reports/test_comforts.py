"""What a spreadsheet program offers with a book: contents, lists, comments, names, styles, pages."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.workbook import Workbook

from xlrotation import jobs
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.templates import template_names
from xlrotation.workbook.output import printing

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl, of sparklines

BOOKS = Path(__file__).parents[2] / "workbooks"
SAMPLE = Session("sample", lang="en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=template_names())
def path(request: pytest.FixtureRequest) -> Path:
    return BOOKS / f"{request.param}.xlsx"


@pytest.fixture
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def test_it_opens_on_its_front_at_the_first_cell(book: Workbook) -> None:
    assert book.active.title == book.sheetnames[0] == "Report"
    for sheet in book:
        view = sheet.sheet_view
        assert view.tabSelected in (None, False) or sheet.title == "Report"
        assert (view.topLeftCell or "A1") == "A1"
        assert sheet["A1"].coordinate in {"A1", *(selection.activeCell for selection in view.selection)}
    front = book["Report"].sheet_view
    assert {selection.activeCell for selection in front.selection} <= {"A1", None}


def test_contents_link_to_every_sheet_and_name(book: Workbook) -> None:
    sheet = book["Contents"]
    links = {cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    visible = {name for name in book.sheetnames if book[name].sheet_state == "visible"} - {"Contents"}
    assert {f"'{name}'!A1" for name in visible} <= links
    shown = {cell.value for (cell,) in sheet.iter_rows(max_col=1)}
    assert {name for name in book.defined_names if name.startswith("f.")} <= shown
    assert {"asof", "lang", "universe"} <= shown & set(book.defined_names)


def test_tables_keep_their_heads_in_sight(book: Workbook) -> None:
    for sheet in book:
        if sheet.max_row > 45:
            assert sheet.freeze_panes, sheet.title


def test_every_sheet_prints_in_letters_that_can_be_read(book: Workbook) -> None:
    """At 8 points: some 97 characters upright, 142 across, and what has more takes several sheets of paper."""
    for sheet in book:
        area = sheet.print_area.split("!")[-1].replace("$", "") if sheet.print_area else sheet.dimensions
        last = openpyxl.utils.range_boundaries(area)[2]
        widths = [9.0] * last
        for look in sheet.column_dimensions.values():
            for column in range(look.min, min(look.max, last) + 1):
                widths[column - 1] = look.width
        across = sheet.page_setup.fitToWidth or 1
        room = {"portrait": 103, "landscape": 150}[sheet.page_setup.orientation]
        assert sum(widths) + (across - 1) * widths[0] <= across * room, sheet.title
        assert across == 1 or sheet.print_title_cols == "$A:$A", sheet.title
        assert sheet.page_setup.fitToHeight == 0, sheet.title


def test_inputs_offer_lists(book: Workbook) -> None:
    sheet = book["Inputs"]
    lists = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    for name in ("asof", "lang", "universe", "market_colours"):
        cell = book.defined_names[name].attr_text.split("!")[1].replace("$", "")
        assert cell in lists, name
    places = {name: book.defined_names[name].attr_text.split("!")[1].replace("$", "") for name in ("asof", "universe")}
    assert not any(lists[cell].showErrorMessage for cell in places.values()), "another date or list may be typed"


def test_the_as_of_list_holds_the_sessions_at_hand(path: Path, tmp_path: Path) -> None:
    jobs.export(path, tmp_path, SAMPLE, asof="2026-01-16")
    values = openpyxl.load_workbook(tmp_path / path.name, data_only=True)["Values"]
    rows = {row[0].value: row[0].row for row in values.iter_rows(max_col=1)}
    found = [values.cell(rows["sessions"] + place, 3).value for place in range(120)]
    days = [day.date() for day in found if day]
    assert str(days[0]) == "2026-02-13", "the newest of the data, whatever the as-of cell says"
    assert days == sorted(days, reverse=True)
    assert len(days) == 120


def test_heads_tell_what_stands_below_them(path: Path, book: Workbook) -> None:
    summaries = {spec.summary for spec in functions().values()}
    notes = [cell.comment.text for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    assert all(note.split("\n")[0] in summaries and CHINESE.search(note) for note in notes)
    assert notes or path.stem == "function_reference"


def test_charts_and_pictures_have_words(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if posixpath.dirname(name) == "xl/drawings" and name.endswith(".xml"):
                for item in etree.fromstring(archive.read(name)).iter("{*}cNvPr"):
                    assert len(item.get("descr", "")) > 10, name


def test_no_cell_is_styled_by_hand(book: Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.value is None or cell.style != "Normal", f"{sheet.title}!{cell.coordinate}"


def test_pages_are_marked_and_fit_the_paper(path: Path, book: Workbook) -> None:
    pages = printing.report_pages(path)
    assert pages[0] == "Report"
    assert not {"Inputs", "Audit", "Notes", "Values", "Results", "Data"} & set(pages)
    for name in pages:
        sheet = book[name]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.paperSize) == (
            1,
            9,
        ) or sheet.page_setup.fitToWidth is None
        assert sheet.oddHeader.left.text
        assert "&P" in (sheet.oddFooter.right.text or "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_header_and_footer_speak_the_language_of_the_book(path: Path, tmp_path: Path, lang: str) -> None:
    jobs.export(path, tmp_path, SAMPLE, lang=lang, asof="2026-01-16")
    sheet = openpyxl.load_workbook(tmp_path / path.name).worksheets[0]
    header, footer = sheet.oddHeader, sheet.oddFooter
    told = [header.left.text, footer.left.text, footer.center.text, footer.right.text]
    assert all(bool(CHINESE.search(text)) == (lang == "zh") for text in told), told
    assert header.right.text.strip() == "2026-01-16"
    assert "2026-01-16" in footer.left.text
    assert "&P" in footer.right.text
    assert "&N" in footer.right.text


@pytest.mark.parametrize("folder", ["prices", "two words & more"])
def test_the_path_of_a_folder_does_not_stand_on_the_page(tmp_path: Path, folder: str) -> None:
    data = tmp_path / "private" / folder
    data.mkdir(parents=True)
    rows = ["Date,Close", *(f"2026-01-{day:02},{100 + day}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16))]
    (data / "SPY.csv").write_text("\n".join(rows), "utf-8")
    jobs.export(BOOKS / "market_breadth.xlsx", tmp_path / "out", Session(f"folder:{data}", lang="en"))
    sheet = openpyxl.load_workbook(tmp_path / "out/market_breadth.xlsx", data_only=True)["Report"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert not [text for text in texts if "private" in text]
    assert any(f"folder {folder}" in text for text in texts)
    assert folder.replace("&", "&&") in sheet.oddFooter.left.text
