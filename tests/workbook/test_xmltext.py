"""Texts as XML writes them."""

from __future__ import annotations

from xml.sax import saxutils

from hypothesis import given
from hypothesis import strategies as st

from xlrotation.workbook.output import tabs
from xlrotation.workbook.package.xmltext import escaped, quoted

TEXTS = st.text(st.sampled_from("a&<>\"'\n\r\t;é#1x \u4e2d") | st.characters(codec="utf-8"), max_size=12)


@given(TEXTS)
def test_texts_are_written_as_the_standard_library_writes_them(text: str) -> None:
    assert escaped(text) == saxutils.escape(text)
    assert quoted(text) == saxutils.quoteattr(text)


@given(TEXTS | st.lists(st.sampled_from(["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "lt;", "x"])).map("".join))
def test_names_of_sheets_are_read_as_the_standard_library_reads_them(text: str) -> None:
    read = tabs._text(text.replace("#", "").encode())
    assert read == saxutils.unescape(text.replace("#", ""), {"&quot;": '"', "&apos;": "'"})
