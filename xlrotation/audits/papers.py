"""The text of a report from its file: plain text, Markdown, HTML, PDF or DOCX; bounded, and nothing is fetched."""

from __future__ import annotations

import html
import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from xlrotation.errors import BadArgument
from xlrotation.functions.auditing.markup import LONGEST, from_html

LARGEST = 64 << 20
"""Bytes of a file that is read."""

_UNPACKED = 256 << 20
MOST_PAGES = 500
"""Pages of a PDF that is read."""

SUFFIXES = frozenset((".txt", ".text", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"))
_ADVICE = "install the extra: pip install xlrotation[reports]"


def read(path: str) -> str:
    """The text of the file at *path*; of the standard input for ``-``.

    Raises:
        BadArgument: It cannot be read, is too large, or is of a kind that is not read.
    """
    if path == "-":
        return _holding(decoded(sys.stdin.buffer.read(LARGEST + 1)), "the input")
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST:
            raise BadArgument(f"{path} is larger than {LARGEST >> 20} MB")
        content = place.read_bytes()
    except OSError as error:
        raise BadArgument(f"{path} cannot be read: {error.strerror or error}") from None
    return _holding(text_of(content, place.suffix.lower(), path), path)


def _holding(text: str, path: str) -> str:
    """A text that holds something.

    Raises:
        BadArgument: It is empty or blank.
    """
    if not text.strip():
        raise BadArgument(f"{path} holds no text")
    return text


def text_of(content: bytes, suffix: str, path: str = "the report") -> str:
    """The text of a file's content, by the suffix of its name.

    Raises:
        BadArgument: It is damaged, too large, or of a kind that is not read.
    """
    if content.startswith(b"%PDF") or suffix == ".pdf":
        return _pdf(content, path)
    if suffix == ".docx" or content.startswith(b"PK\x03\x04"):
        return _docx(content, path)
    text = decoded(content)
    if suffix in (".html", ".htm") or re.match(r"\s*<(?:!doctype|html)\b", text, re.IGNORECASE):
        return from_html(text)
    return _markdown(text) if suffix in (".md", ".markdown") else text[:LONGEST]


def decoded(content: bytes) -> str:
    """Text from bytes: UTF-8 or UTF-16, by their marks or their form, else GB 18030, Big5 or Latin.

    Raises:
        BadArgument: The bytes are no text.
    """
    if len(content) > LARGEST:
        raise BadArgument(f"the report is larger than {LARGEST >> 20} MB")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:4096]:
        return _wide(content)
    for encoding in ("utf-8-sig", _chinese(content), "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def _wide(content: bytes) -> str:
    """UTF-16 without its mark: of Latin text every other byte is 0, of any text the zeros stand on one side.

    Raises:
        BadArgument: The bytes are no text.
    """
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    encoding = "utf-16-le" if odd > 8 * even else "utf-16-be" if even > 8 * odd else ""
    try:
        text = content.decode(encoding) if encoding and len(content) % 2 == 0 else "\0"
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadArgument("the report is no text, HTML, PDF or DOCX")
    return text


_OFTEN = frozenset("的日月年在点點涨漲跌指股收报報美市上下一是中数數至了和")
"""Characters that every Chinese report has."""


def _chinese(content: bytes) -> str:
    """GB 18030 or Big5: whichever of the two gives more of the characters that reports have."""
    counts = {}
    for encoding in ("gb18030", "big5"):
        try:
            text = content[:65_536].decode(encoding, "ignore")
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        counts[encoding] = sum(character in _OFTEN for character in text)
    return max(counts, key=lambda encoding: counts[encoding]) if counts else "gb18030"


def _markdown(text: str) -> str:
    """Markdown without the marks that stand inside sentences; places of rows and headings stay."""
    text = text[:LONGEST]
    text = re.sub(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}\)", r"\1", text)
    text = re.sub(r"(?m)^[ \t:|-]{3,2000}$", lambda line: "" if "---" in line[0] else line[0], text)
    text = re.sub(r"\*\*|__|`", "", text)
    return html.unescape(re.sub(r"(?m)^#{1,6}[ \t]+", "", text))


def _pdf(content: bytes, path: str) -> str:
    try:
        import pypdf
    except ImportError:
        raise BadArgument(f"pypdf is needed to read {path}; {_ADVICE}") from None
    try:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        if len(pages) > MOST_PAGES:
            raise BadArgument(f"{path} has more than {MOST_PAGES} pages")
        texts, length = [], 0
        for page in pages:
            text = page.extract_text() or ""
            texts.append(text)
            length += len(text)
            if length > LONGEST:
                break
    except BadArgument:
        raise
    except Exception as error:  # the library raises many kinds on damaged files
        raise BadArgument(f"{path} is no PDF that can be read: {type(error).__name__}") from None
    text = "\n\n".join(texts)
    if pages and not text.strip():
        raise BadArgument(f"{path} holds pictures of pages and no text")
    return text[:LONGEST]


def _docx(content: bytes, path: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(one.file_size for one in package.infolist()) > _UNPACKED or len(package.infolist()) > 10_000:
                raise BadArgument(f"{path} unpacks to more than {_UNPACKED >> 20} MB")
            if "word/document.xml" not in package.namelist():
                raise BadArgument(f"{path} is no DOCX")
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadArgument(f"{path} is no DOCX that can be read") from None
    try:
        import docx
    except ImportError:
        raise BadArgument(f"python-docx is needed to read {path}; {_ADVICE}") from None
    try:
        return _blocks(docx.Document(io.BytesIO(content)))[:LONGEST]
    except Exception as error:  # the library raises many kinds on damaged files
        raise BadArgument(f"{path} is no DOCX that can be read: {type(error).__name__}") from None


def _blocks(document: Any) -> str:
    """Paragraphs and tables in the order of a document."""
    lines = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            lines += [f"| {' | '.join(cell.text.replace(chr(10), ' ') for cell in row.cells)} |" for row in block.rows]
        else:
            lines += [block.text, ""]
    return "\n".join(lines)
