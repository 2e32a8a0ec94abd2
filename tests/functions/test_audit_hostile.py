"""Hostile texts and files: read in work that grows with their length, or refused."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile

import pytest

from xlrotation.audits import papers
from xlrotation.errors import BadArgument
from xlrotation.functions.auditing import binding
from xlrotation.functions.auditing.audit import book_of
from xlrotation.functions.boundary.session import Session

DAY = dt.date(2026, 1, 16)
PIECES = [
    *("1", "1.", "5% ", "-5%", "from ", "after x, ", "(", "x (Inc (", " ", "\n", "\t", "5\u0301%", "5-", "whenever ", "off its "),
    *("2026年", "1月末至", "1日", "距", "从高点", "中 1", "标普500", "since May ", "best and worst ", "| a | 1% |\n", "a +1%\n"),
    *("\u202e5% \u05d0 ", "一", "growth rate ", "nine straight ", "in a year ", "\n\n15连涨的\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return book_of(Session("sample", "en", None).panel)


@pytest.mark.parametrize("piece", PIECES)
def test_work_grows_with_the_length_of_a_text(piece, book):
    """Four times the text takes at most about four times the work: seven, with room for what varies."""

    def work(length):
        text = (piece * (length // len(piece) + 1))[:length]
        begun = time.process_time()
        binding.read(text, book, DAY)
        return time.process_time() - begun

    work(1000)
    short = min(work(6000) for _ in range(2))
    assert work(24_000) < 7 * short + 0.15


def test_marks_within_marks_are_read_in_one_pass():
    nested = "<div><b>" * 50_000 + "5%" + "</b></div>" * 50_000
    begun = time.process_time()
    assert "5%" in papers.from_html(nested)
    flat = time.process_time() - begun
    begun = time.process_time()
    papers.from_html("<p>5%</p>" * 100_000)
    assert flat < 6 * (time.process_time() - begun) + 0.5


def test_a_million_digits_are_read_as_nothing(book):
    read = binding.read("1" * 1_000_000, book, DAY)
    assert read.cut
    assert not [one for one in read.bound if one.figure.kind == "measurement"]


def package(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_packages_that_unpack_without_end_are_refused():
    with pytest.raises(BadArgument):
        papers.text_of(package(**{f"word/{n}.xml": b"\0" * (30 << 20) for n in range(10)}), ".docx")
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
    )
    with pytest.raises(BadArgument):
        papers.text_of(package(word__document=laughs + b"]><a>&m;</a>"), ".docx")


def test_a_text_from_right_to_left_keeps_its_places(book):
    text = "\u202e\u05d0\u05d1 S&P 500 rose 0.5% \u202c\u05d2"
    read = binding.read(text, book, DAY)
    assert [text[one.figure.start : one.figure.end] for one in read.bound if one.figure.kind == "measurement"] == [
        "0.5%"
    ]


def test_a_paper_of_thousands_of_pages_is_read_to_a_bound():
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    for _ in range(papers.MOST_PAGES + 200):
        writer.add_blank_page(width=10, height=10)
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(BadArgument):
        papers.text_of(buffer.getvalue(), ".pdf")
