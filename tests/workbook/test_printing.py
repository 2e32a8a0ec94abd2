"""What is printed: the pages of the report, their headers and footers, and the fonts that they need."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from xlrotation import cli, jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.output import fonts, pdf, printing

SAMPLE = Session("sample", lang="en")
PDFTOTEXT = shutil.which("pdftotext")
needs_libreoffice = pytest.mark.skipif(
    pdf.find_libreoffice() is None or PDFTOTEXT is None, reason="needs LibreOffice and pdftotext (poppler-utils)"
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Four sheets, of which two are pages; header and footer follow cells."""
    path = tmp_path / "report & more.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        for name in ("Data", "Front", "Audit", "Hidden"):
            sheet = made.add_worksheet(name)
            sheet.write_string("A1", f"this is {name}")
            sheet.write_formula("A2", "=LEN(A1)")
            sheet.set_header("&LOld header")
            sheet.set_footer("&LOld footer")
            if name in ("Front", "Audit", "Hidden"):
                made.define_name(f"{name}!report_page", "=TRUE")
        sheet.hide()
        made.get_worksheet_by_name("Data").write_formula(
            "C1", '="&LS&&P of "&TEXT(asof,"yyyy-mm-dd")&"&RPage &P of &N <"', None, ""
        )
        made.get_worksheet_by_name("Data").write_datetime("C2", dt.datetime(2026, 2, 13))
        made.define_name("page_footer", "=Data!$C$1")
        made.define_name("asof", "=Data!$C$2")
    return path


def words(path: Path) -> str:
    return subprocess.run(
        [str(PDFTOTEXT), "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


@needs_libreoffice
def test_the_pages_of_the_report_are_printed_and_all_where_asked_for(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    jobs.export(book, out, SAMPLE, pdf=True, asof="2026-01-16")
    told = words(out / "report & more.pdf")
    assert [name for name in ("Data", "Front", "Audit", "Hidden") if f"this is {name}" in told] == ["Front", "Audit"]
    assert "S&P of 2026-01-16" in told
    assert "Page 1 of 2 <" in told
    assert "Page 2 of 2 <" in told
    jobs.export(book, out, SAMPLE, pdf="all")
    told = words(out / "report & more.pdf")
    assert [name for name in ("Data", "Front", "Audit", "Hidden") if f"this is {name}" in told] == [
        *("Data", "Front", "Audit")
    ]


def test_the_copy_shows_the_pages_and_opens_on_the_first(book: Path, tmp_path: Path) -> None:
    assert printing.report_pages(book) == ["Front", "Audit", "Hidden"]
    copy = openpyxl.load_workbook(printing.printed_copy(book, tmp_path / "copy.xlsx"))
    assert {sheet.title: sheet.sheet_state for sheet in copy} == {
        "Data": "hidden",
        "Front": "visible",
        "Audit": "visible",
        "Hidden": "hidden",
    }
    assert copy.active.title == "Front"
    assert sorted(printing.texts_of(tmp_path / "copy.xlsx")) == ["this is Audit", "this is Front"]


def test_a_workbook_that_marks_nothing_is_printed_whole(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet("A")
        made.define_name("A!report_page", "=FALSE")
    assert printing.printed_copy(path, tmp_path / "copy.xlsx") == path
    assert printing.report_pages(path) == []


@pytest.mark.parametrize("keep", [True, False])
def test_header_and_footer_follow_their_cells(book: Path, tmp_path: Path, keep: bool) -> None:
    jobs.export(book, tmp_path / "out", SAMPLE, keep_formulas=keep, asof="2026-01-16")
    for sheet in openpyxl.load_workbook(tmp_path / "out" / book.name):
        assert sheet.oddFooter.left.text == "S&&P of 2026-01-16"
        assert sheet.oddFooter.right.text.startswith("Page &P of &N")
        assert sheet.oddHeader.left.text == "Old header"
    with zipfile.ZipFile(tmp_path / "out" / book.name) as archive:
        assert b"Page &amp;P of &amp;N &lt;" in archive.read("xl/worksheets/sheet2.xml")


@pytest.mark.parametrize("text", ["", "x" * 256])
def test_a_footer_that_excel_does_not_take_is_left(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("A")
        sheet.set_footer("&LOld footer")
        sheet.write_formula("A1", f'=REPT("x",{len(text)})', None, "")
        made.define_name("page_footer", "=A!$A$1")
    jobs.export(path, tmp_path / "out", SAMPLE)
    assert openpyxl.load_workbook(tmp_path / "out/book.xlsx")["A"].oddFooter.left.text == "Old footer"


# Fonts


@pytest.fixture
def listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for fc-list that knows the letters in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "fc-list"
    program.write_text(f'#!/bin/sh\nif grep -qx "$1" "{folder}/known"; then echo "Some Font"; fi\n')
    program.chmod(0o755)
    (folder / "known").write_text("")
    monkeypatch.setattr(fonts.shutil, "which", lambda name: str(program) if name == "fc-list" else None)
    fonts._is_listed.cache_clear()
    yield folder / "known"  # type: ignore[misc]
    fonts._is_listed.cache_clear()


@pytest.mark.usefixtures("listing")
@pytest.mark.parametrize(
    ("text", "script", "package"),
    [
        ("市场", "Chinese", "fonts-noto-cjk"),
        ("\uff08A\uff09", "Chinese", "fonts-noto-cjk"),
        ("かな", "Japanese", "fonts-noto-cjk"),
        ("한국", "Korean", "fonts-noto-cjk"),
        ("ไทย", "Thai", "fonts-noto-core"),
    ],
)
def test_without_a_font_the_script_and_the_package_are_named(text: str, script: str, package: str) -> None:
    (said,) = fonts.unshown(["plain", f"a {text}"])
    assert script in said
    assert package in said
    assert fonts.unshown(["plain", "Größe – €", "Ελλάς"]) == []


def test_a_font_that_is_there_needs_no_word(listing: Path) -> None:
    listing.write_text(":charset=4e2d\n")
    assert fonts.unshown(["市场"]) == []
    assert len(fonts.unshown(["市场 かな"])) == 1


def test_where_nobody_knows_the_fonts_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.shutil, "which", lambda _: None)
    assert fonts.unshown(["市场"]) == []


@pytest.mark.usefixtures("listing")
def test_boxes_are_told_before_they_are_printed_and_in_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet("A").write_string("A1", "市场")
        made.add_worksheet("B")
        made.define_name("B!report_page", "=TRUE")
    told = []

    def render(_: Path, folder: Path, **_more: object) -> Path:
        told.append(capfd.readouterr().err)
        return folder / "book.pdf"

    monkeypatch.setattr(jobs, "render_pdf", render)
    command = ["export", str(path), "-o", str(tmp_path / "out")]
    assert cli.main([*command[:1], "--pdf=all", *command[1:], "--json"]) == 1
    assert "fonts-noto-cjk" in told[0]
    (report,) = json.loads(capfd.readouterr().out)
    assert "fonts-noto-cjk" in report["lacking"][0]
    assert cli.main([*command[:1], "--pdf", *command[1:]]) == 0  # the other sheet is the page
    assert told[1] == ""
