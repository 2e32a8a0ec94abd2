"""The text of a page of HTML, in a file or pasted into a cell."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 2_000_000
"""Characters of a text that are kept."""

_BLOCKS = frozenset(
    "p div br li tr h1 h2 h3 h4 h5 h6 table section article header footer ul ol blockquote pre title".split()
)
_SILENT = frozenset("script style noscript template head svg".split())
_MARKS = re.compile(
    r"<(?:!doctype|html|body|div|p|span|table|tr|td|th|ul|ol|li|h[1-6]|b|strong|i|em|a|br|font|section|article)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)


def bare(text: str) -> str:
    """A text without its markup where it is HTML; any other as it is, "<5%" and "a < b" too."""
    return from_html(text) if _MARKS.search(text) else text


class _Text(HTMLParser):
    """The text of a page: a line for each block, cells of tables parted by bars."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._length = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "tr":
            self.parts.append(" |\n")
        elif tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent and self._length < LONGEST:
            self._length += len(data)
            self.parts.append(re.sub(r"\s+", " ", data))


def from_html(text: str) -> str:
    """The text of an HTML page."""
    parser = _Text()
    parser.feed(text[: 4 * LONGEST])
    parser.close()
    lines = (line.strip() for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]
