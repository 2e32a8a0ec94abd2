"""The printed pages as a reader gets them: pictures are drawn, and no text is cut or hidden, in both languages.

They are the PDF that LibreOffice makes of each book, measured by poppler; without these two the tests skip and say so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import lxml.html
import openpyxl
import pytest

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import known
from xlrotation.reports import templates
from xlrotation.workbook.output.pdf import find_libreoffice

Image = pytest.importorskip("PIL.Image", reason="needs pillow")
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
_DOTS = 72  # of an inch: a dot is a point, and a place of the text is one of the picture
_FOOT = 40.0
"""Points at the lower end of a page that the footer takes."""
_LINES = 4
"""Lines that a text may be broken into."""
_INK = 150
"""Coloured or dark dots that a drawing has at least."""


class Word(NamedTuple):
    """A word of a page and its box, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(pdf: Path) -> list[list[Word]]:
    """The words of each page."""
    told = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, timeout=120)
    pages = lxml.html.fromstring(told.stdout.decode()).xpath("//page")
    return [
        [
            Word(w.text or "", *(float(w.get(end)) for end in ("xmin", "ymin", "xmax", "ymax")))
            for w in page.xpath(".//word")
        ]
        for page in pages
    ]


def hidden(words: list[Word]) -> list[tuple[str, str]]:
    """Words that stand on one another: a text too long for its cells goes on beneath its neighbour."""
    found = []
    for n, one in enumerate(words):
        for other in words[n + 1 :]:
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            if across > 2 and down > 0.6 * min(one.bottom - one.top, other.bottom - other.top):
                found.append((one.text, other.text))
    return found


def ink(picture: Path, left: float, top: float, right: float, bottom: float) -> int:
    """Dots of a part of a page that are no grey and no white, or are dark."""
    with Image.open(picture) as image:
        part = image.convert("RGB").crop((int(left), int(top), int(right), int(bottom)))
        return sum(n for n, (r, g, b) in part.getcolors(2**24) if max(r, g, b) - min(r, g, b) > 40 or max(r, g, b) < 90)


def shown(book: Path) -> list[str]:
    """Texts of the report's cells."""
    sheet = openpyxl.load_workbook(book, data_only=True)["Report"]
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and cell.value]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def pieces(text: str, letters: str) -> int:
    """Of how many pieces of the page a text is made, as its lines in a cell are; more than _LINES where some lack."""
    made = 0
    while text:
        end = next((end for end in range(len(text), 0, -1) if text[:end] in letters), 0)
        if not end or made > _LINES:
            return _LINES + 1
        made, text = made + 1, text[end:]
    return made


@pytest.mark.parametrize("lang", known())
@pytest.mark.parametrize("name", templates.template_names())
def test_pages_are_whole(name: str, lang: str, tmp_path: Path) -> None:
    report = jobs.export(BOOKS / f"{name}.xlsx", tmp_path, Session("sample"), pdf=True, lang=lang)
    if report.lacking and not NEEDED:
        pytest.skip(f"the letters cannot be drawn here: {report.lacking[0]}")
    assert not report.lacking
    pdf = tmp_path / f"{name}.pdf"
    pages = words_of(pdf)
    texts = [word.text for words in pages for word in words]
    assert not [text for text in texts if "##" in text or "#N/A" in text or "#VALUE" in text or "#NAME" in text]
    assert [pair for words in pages for pair in hidden(words)] == []
    letters = bare("".join(texts))
    assert [text for text in shown(tmp_path / f"{name}.xlsx") if pieces(bare(text), letters) > _LINES] == []
    subprocess.run(["pdftoppm", "-r", str(_DOTS), "-png", str(pdf), str(tmp_path / "p")], check=True, timeout=120)
    pictures = sorted(tmp_path.glob("p-*.png"))
    assert len(pictures) == len(pages)
    drawings = 0
    for picture, words in zip(pictures, pages, strict=True):
        with Image.open(picture) as image:
            width, height = image.size
        for word in words:
            assert 0 <= word.left < word.right <= width, word
            assert 0 <= word.top < word.bottom <= height, word
            if re.match("Source:|来源", word.text) and word.bottom < height - _FOOT:
                drawings += 1
                assert ink(picture, word.left, word.top - 100, word.left + 240, word.top - 2) >= _INK, word
    held = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")
    assert drawings == sum(len(held[sheet]._charts) for sheet in held.sheetnames)
