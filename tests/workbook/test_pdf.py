"""PDF through LibreOffice."""

from __future__ import annotations

import http.server
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbook.books import make_book
from xlrotation.errors import RotationError
from xlrotation.workbook.output import pdf

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


@pytest.mark.parametrize(
    "written",
    [
        "%PDF-1.6 cut off in the mid",
        "no PDF at all %%EOF",
        " %PDF-1.6 begins late %%EOF",
        "%PDF-1.6 ends early %%EOF and more",
        "%PDF-1.6 %%EO",
        "%PDF-",
    ],
)
def test_a_part_of_a_pdf_is_none(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    program = fake_program(tmp_path, f'out="{written}"; {FIND_OUT}; printf %s "$out" > "$folder/my book.pdf"')
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/my book.pdf").write_bytes(b"the one of yesterday")
    with pytest.raises(pdf.NoLibreOffice, match=r"no PDF of my book\.xlsx: what it wrote is none, or a part of one"):
        pdf.render_pdf(book, tmp_path / "out")
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [b"the one of yesterday"]


FIND_OUT = 'while [ "$1" != --outdir ]; do shift; done; folder=$2; mkdir -p "$folder"'


@pytest.mark.parametrize("end", ["%%EOF", "%%EOF\\n", "%%EOF\\r\\n", "%%EOF \\n\\000\\000"])
def test_a_whole_pdf_comes_through(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    program = fake_program(tmp_path, f'{FIND_OUT}; printf "%%PDF-1.6 {end.replace("%", "%%")}" > "$folder/my book.pdf"')
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    made = pdf.render_pdf(book, tmp_path / "out")
    assert made.read_bytes().startswith(b"%PDF-1.6 %%EOF")
    mask = os.umask(0)
    os.umask(mask)
    assert made.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_link_in_place_of_a_pdf_is_not_followed(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.6 somebody else's %%EOF")
    program = fake_program(tmp_path, f'{FIND_OUT}; ln -s "{tmp_path}/other.pdf" "$folder/my book.pdf"')
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    with pytest.raises(pdf.NoLibreOffice, match="what it wrote is none"):
        pdf.render_pdf(book, tmp_path / "out")


def test_what_it_says_is_cut_and_printable(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_program(tmp_path, "yes | head -c 3000000; printf 'bad\\033[2J\\nend'")
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: program)
    with pytest.raises(pdf.NoLibreOffice) as caught:
        pdf.render_pdf(book, tmp_path / "out")
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()
    assert caught.value.message.endswith("end")


def test_a_program_that_cannot_be_started_is_an_error(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "soffice").mkdir()
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: str(tmp_path / "soffice"))
    with pytest.raises(pdf.NoLibreOffice, match="cannot be started"):
        pdf.render_pdf(book, tmp_path / "out")


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_OPTIONS = do_HEAD = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


@needs_libreoffice
@pytest.mark.parametrize("linked", ["{web}/image.png", "file://{folder}/image.png"])
def test_a_hostile_workbook_reaches_neither_the_network_nor_other_files(
    web: tuple[str, list[str]], tmp_path: Path, linked: str
) -> None:
    address, asked = web
    path = tmp_path / "hostile.xlsx"
    image = tmp_path / "image.png"
    image.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060"
            "f80f000105010117c2b5470000000049454e44ae426082"
        )
    )
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula(0, 0, f'=_xlfn.WEBSERVICE("{address}/service")', None, "stored")
        sheet.write_formula(1, 0, f"='{address}/[other.xlsx]Sheet1'!$A$1", None, "stored")
        sheet.write_formula(2, 0, f"='{tmp_path}/[other.xlsx]Sheet1'!$A$1", None, "stored")
        sheet.insert_image("C1", image)
    relations = "xl/drawings/_rels/drawing1.xml.rels"
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    target = linked.format(web=address, folder=tmp_path)
    parts[relations] = parts[relations].replace(
        b'Target="../media/image1.png"', f'Target="{target}" TargetMode="External"'.encode()
    )
    parts["xl/drawings/drawing1.xml"] = parts["xl/drawings/drawing1.xml"].replace(b"r:embed=", b"r:link=")
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    made = pdf.render_pdf(path, tmp_path / "out")
    assert asked == []
    assert b"/Image" not in made.read_bytes().replace(b"/ImageB", b"").replace(b"/ImageC", b"").replace(b"/ImageI", b"")


@pytest.mark.parametrize("recalculate", [False, True])
def test_the_profile_lets_no_macro_run_and_updates_no_link(tmp_path: Path, recalculate: bool) -> None:
    pdf.make_profile(tmp_path, recalculate)
    text = (tmp_path / "user/registrymodifications.xcu").read_text("utf-8")
    mode = ("OOXMLRecalcMode", "0" if recalculate else "1")
    for name, value in (("DisableMacrosExecution", "true"), ("MacroSecurityLevel", "3"), ("Link", "2"), mode):
        assert f'oor:name="{name}"' in text
        assert f"<value>{value}</value>" in text.partition(f'oor:name="{name}"')[2].partition("</prop>")[0]
