"""Audits of files: texts of every kind read, and the audit written as a workbook, a page, Markdown and JSON."""

from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest

from tests.test_cli import run
from xlrotation.audits import papers
from xlrotation.errors import BadArgument

SENTENCE = "On 16 January 2026 the S&P 500 fell 0.06% while the Russell 2000 rose 0.12%."


def docx_of(*paragraphs: str) -> bytes:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "S&P 500", "-0.06%"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def pdf_of(text: str) -> bytes:
    """A page with one line of text, written by hand."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


def test_text_of_every_kind_of_file():
    assert papers.text_of(SENTENCE.encode(), ".txt") == SENTENCE
    assert papers.text_of("标普500跌0.06%".encode("gb18030"), ".txt") == "标普500跌0.06%"
    table = "<table><tr><td>A</td><td>1%</td></tr></table>"
    page = f"<html><script>5%</script><p>{SENTENCE.replace('&', '&amp;')}</p>{table}</html>"
    assert papers.text_of(page.encode(), ".html") == f"{SENTENCE}\n\n| A | 1% |"
    assert papers.text_of(f"# Head\n**{SENTENCE}** [a](http://b.example/9)".encode(), ".md") == f"Head\n{SENTENCE} a"
    assert SENTENCE in papers.text_of(docx_of(SENTENCE), ".docx")
    assert "| S&P 500 | -0.06% |" in papers.text_of(docx_of(SENTENCE), ".docx")
    pytest.importorskip("pypdf")
    assert SENTENCE in papers.text_of(pdf_of(SENTENCE), ".pdf")


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"\0" * (300 << 20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(b"%PDF-1.4 nothing", ".pdf"), (b"PK\x03\x04 broken", ".docx"), (b"\0\1\2", ".txt"), (b"no pdf", ".pdf")],
)
def test_what_cannot_be_read_is_refused(content, suffix):
    with pytest.raises(BadArgument):
        papers.text_of(content, suffix)


def test_a_package_that_unpacks_without_end_is_refused():
    with pytest.raises(BadArgument, match="unpacks"):
        papers.text_of(bomb(), ".docx")


def test_an_audit_as_every_kind_of_file(tmp_path, capsys):
    report = tmp_path / "report.txt"
    report.write_text(SENTENCE, "utf-8")
    for name in ("a.xlsx", "a.html", "a.md", "a.json"):
        status, out, _ = run(capsys, "audit", str(report), "--lang", "en", "-o", str(tmp_path / name))
        assert status == 0
        assert "2 figures measured" in out
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["Audit"]
    assert sheet["I2"].value.endswith('PX_RET("^GSPC","1D","2026-01-16")')
    assert sheet["E2"].value == "=I2*Q2"
    assert sheet["G2"].value.startswith("=IF(ISNUMBER(E2)")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page.count("<mark") == 2
    assert "S&amp;P 500" in page
    told = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [one["verdict"] for one in told["figures"] if one["kind"] == "measurement"] == ["agrees", "agrees"]
    assert "| agrees |" in (tmp_path / "a.md").read_text("utf-8")


def test_a_file_that_an_audit_is_not_written_as_is_refused(tmp_path, capsys):
    report = tmp_path / "report.txt"
    report.write_text(SENTENCE, "utf-8")
    status, _, err = run(capsys, "audit", str(report), "-o", str(tmp_path / "a.doc"))
    assert status != 0
    assert ".xlsx" in err
    assert not (tmp_path / "a.doc").exists()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (SENTENCE, 0),
        ("No number here.", 0),
        (SENTENCE + " The S&P 500 lost 9.87% on the day.", 3),
        ("The S&P 500 lost 9.87%.", 1),  # without a date nothing is compared
        (SENTENCE + " x" * 60_000, 1),  # not all of it is read
    ],
)
def test_the_exit_status_says_whether_a_figure_differs(tmp_path, capsys, text, status):
    report = tmp_path / "report.txt"
    report.write_text(text, "utf-8")
    assert run(capsys, "audit", str(report), "--source", "sample", "--lang", "en")[0] == status
    output = str(tmp_path / "a.json")
    assert run(capsys, "audit", str(report), "--source", "sample", "-o", output)[0] == status  # written all the same
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["figures"] is not None
