"""The printed pages as a reader gets them: pictures are drawn, no text is cut or hidden, no page is mostly blank.

They are the PDF that LibreOffice makes of each book, measured by poppler; without these two the tests skip and say so.
The tests look at a sample of the books in both languages; ``make pages`` looks at all of them.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.reports.rendering import drawings, faults, lost, printed
from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import known
from xlrotation.reports import templates
from xlrotation.workbook.output.pdf import find_libreoffice, render_pdf
from xlrotation.workbook.output.printing import printed_copy

pytest.importorskip("PIL.Image", reason="needs pillow")
BOOKS = Path(__file__).parents[2] / "workbooks"
NEEDED = bool(os.environ.get("XLROTATION_NEED_LIBREOFFICE"))
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.*extension is not supported"),
    pytest.mark.skipif(
        find_libreoffice() is None and not NEEDED, reason="LibreOffice is not installed (Debian: libreoffice-calc)"
    ),
    pytest.mark.skipif(
        shutil.which("pdftotext") is None and not NEEDED, reason="poppler is not installed (Debian: poppler-utils)"
    ),
]
_ALL = [(name, lang) for name in templates.template_names() for lang in known()]
_SAMPLE = random.Random(19).sample(_ALL, 4)


def look_at(name: str, lang: str, folder: Path) -> None:
    """Print a book and look at its pages."""
    report = jobs.export(BOOKS / f"{name}.xlsx", folder, Session("sample"), pdf=True, lang=lang)
    if report.lacking and not NEEDED:
        pytest.skip(f"the letters cannot be drawn here: {report.lacking[0]}")
    assert not report.lacking
    sheets = printed(folder / f"{name}.pdf", folder)
    assert list(faults(sheets)) == []
    copy = printed_copy(folder / f"{name}.xlsx", folder / "printed.xlsx")  # without what print closes up
    assert list(lost(copy, folder / f"{name}.pdf")) == []
    held = openpyxl.load_workbook(copy)
    assert sum(map(len, map(drawings, sheets))) == sum(len(held[sheet]._charts) for sheet in held.sheetnames)
    if name != "dispersion_desk":  # which has charts in place of one another
        held = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")
        assert sum(map(len, map(drawings, sheets))) == sum(len(held[sheet]._charts) for sheet in held.sheetnames)


@pytest.mark.parametrize(("name", "lang"), _SAMPLE)
def test_pages_are_whole(name: str, lang: str, tmp_path: Path) -> None:
    look_at(name, lang, tmp_path)


@pytest.mark.search
@pytest.mark.parametrize(("name", "lang"), _ALL)
def test_all_pages_are_whole(name: str, lang: str, tmp_path: Path) -> None:
    look_at(name, lang, tmp_path)


def broken(folder: Path, *faulty: str) -> list[str]:
    """What is found of a book that has faults of the kinds named."""
    path = folder / "broken.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Report")
        sheet.set_paper(9)
        sheet.set_column(0, 5, 12)
        small = book.add_format({"text_wrap": True, "valign": "top"})
        for row in range(60):
            sheet.set_row(row, 12.75)
            sheet.write_string(row, 0, f"Row {row}")
        if "wide" in faulty:
            sheet.write_string(3, 1, "A label that is too long for its narrow cell", book.add_format({"align": "left"}))
            sheet.write_number(3, 2, 1.0)
        if "high" in faulty:
            sheet.merge_range(5, 1, 5, 2, "Words that need a second line, which the row leaves no room for", small)
        if "narrow" in faulty:
            sheet.write_number(8, 3, 1234567890123.0, book.add_format({"num_format": "#,##0.00"}))
        sheet.write_column(0, 8, [1.0, 3.0, 2.0])
        chart = book.add_chart({"type": "line"})
        area = "=Report!$J$1:$J$3" if "empty" in faulty else "=Report!$I$1:$I$3"
        chart.add_series({"values": area, "line": {"color": "#0072B2", "width": 3}})
        chart.set_legend({"none": True})
        for axis in (chart.set_x_axis, chart.set_y_axis):
            axis({"num_font": {"color": "#6B6B6B"}, "line": {"color": "#8C8C8C"}})
        chart.set_size({"width": 360, "height": 220})
        sheet.insert_chart(20, 1, chart)
        sheet.write_string(33, 1, "Source: nowhere")
        sheet.print_area(0, 0, 59, 6)
        sheet.set_h_pagebreaks([50] if "blank" in faulty else [])
        sheet.fit_to_pages(1, 0)
    pdf = render_pdf(path, folder)
    return [*faults(printed(pdf, folder)), *lost(path, pdf)]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("wide", r"'A label that .* cell' is not on the pages"),
        ("high", r"'Words that .* for' is not on the pages|is cut|on one another"),
        ("narrow", r"shows ###"),
        ("empty", r"the drawing above 'Source:' .* is empty"),
        ("blank", r"page 2: \d+% of it is blank"),
    ],
)
def test_a_fault_of_a_page_is_found(fault: str, told: str, tmp_path: Path) -> None:
    found = broken(tmp_path, fault)
    assert any(re.search(told, one) for one in found), found


def test_a_page_without_a_fault_has_none(tmp_path: Path) -> None:
    assert broken(tmp_path) == []


def test_a_copy_with_formulas_is_printed_with_its_lines(tmp_path: Path) -> None:
    name = "market_breadth"
    jobs.export(BOOKS / f"{name}.xlsx", tmp_path, Session("sample"), keep_formulas=True, pdf=True)
    assert list(faults(printed(tmp_path / f"{name}.pdf", tmp_path))) == []
