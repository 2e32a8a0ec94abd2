"""PDF through LibreOffice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.workbook.books import make_book
from xlrotation.errors import RotationError
from xlrotation.workbook import pdf

needs_libreoffice = pytest.mark.skipif(pdf.find_libreoffice() is None, reason="LibreOffice is not installed")


def fake_program(folder: Path, script: str) -> str:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make_book(tmp_path / "my book.xlsx", {"S": {"A1": "hello"}})


@needs_libreoffice
def test_a_workbook_becomes_a_pdf(book: Path, tmp_path: Path) -> None:
    made = pdf.render_pdf(book, tmp_path / "out")
    assert made == tmp_path / "out" / "my book.pdf"
    assert made.read_bytes().startswith(b"%PDF-")
    assert [path.name for path in made.parent.iterdir()] == ["my book.pdf"]


def test_without_libreoffice_the_error_says_what_to_do(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: None)
    with pytest.raises(pdf.NoLibreOffice, match="install"):
        pdf.render_pdf(book, tmp_path)


@pytest.mark.parametrize("script", ["exit 0", "echo broken; exit 1", 'mkdir -p "$7"; : > "$7/my book.pdf"'])
def test_no_output_is_an_error(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = fake_program(tmp_path, script)
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    with pytest.raises(pdf.NoLibreOffice, match=r"no PDF of my book\.xlsx"):
        pdf.render_pdf(book, tmp_path / "out")


def test_a_program_that_hangs_is_ended_with_its_children(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = fake_program(tmp_path, f'(sleep 3; touch "{tmp_path}/survived") & wait')
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    began = time.monotonic()
    with pytest.raises(pdf.NoLibreOffice, match=r"more than 0\.5 s"):
        pdf.render_pdf(book, tmp_path / "out", timeout=0.5)
    assert time.monotonic() - began < 3
    time.sleep(3.2)
    assert not (tmp_path / "survived").exists()


def test_a_missing_workbook_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: "soffice")
    with pytest.raises(RotationError, match="no such file"):
        pdf.render_pdf(tmp_path / "none.xlsx", tmp_path)
