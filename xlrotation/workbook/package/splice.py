"""XML parts edited by their bytes, so that what is not meant to change keeps every one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from lxml import etree

from xlrotation.workbook.package.xmltext import quoted

_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TAG_END = re.compile(rb"""(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_WRITTEN = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
MARK = "\ufeff".encode()


@dataclass(slots=True, eq=False)
class Element:
    """An element and where it stands in the bytes of its part; it does not change once it is read.

    Attributes:
        tag: Its name as written, prefix included.
        attributes: Names as written, values as meant.
        start: Where its start tag begins.
        inside: Where its content begins.
        outside: Where its end tag begins; the same as *end* where it has none.
        end: The byte behind it.
        text: The text in front of its first child.
        parent: The element around it.
        children: The elements in it.
    """

    tag: str
    attributes: dict[str, str]
    start: int
    inside: int
    parent: Element | None
    outside: int = 0
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name without prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix of its name with the colon; empty where there is none."""
        return self.tag[: -len(self.name)]

    def get(self, attribute: str) -> str:
        """The value of an attribute; empty where it is missing."""
        return self.attributes.get(attribute, "")

    def child(self, name: str) -> Element | None:
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def iter(self, *names: str) -> Iterator[Element]:
        """Itself and all elements in it that have one of *names*, in their order."""
        left = [self]
        while left:
            element = left.pop()
            if element.tag.rpartition(":")[2] in names:
                yield element
            left += reversed(element.children)


def plain_xml(data: bytes, tidy: bool = False) -> bytes:
    """A part as UTF-8, as nearly every part is; *tidy* ones have no comments and quoted sections either.

    Raises:
        ValueError: It is not well-formed.
    """
    found = _ENCODING.match(data.removeprefix(MARK))
    encoding = found[1].lower() if found else b"utf-8"
    odd = encoding not in (b"utf-8", b"utf8", b"us-ascii") or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not odd and not (tidy and (b"<!--" in data or b"<![CDATA[" in data)):
        return data
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def check(data: bytes) -> None:
    """Raise ValueError unless *data* is well-formed XML without a document type."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None


def _refuse(*_: object) -> None:
    raise ValueError("declares a document type, which no workbook does")


def parse(data: bytes) -> Element:
    """The elements of a part (UTF-8, as :func:`plain_xml` gives it).

    Raises:
        ValueError: It is not well-formed, or declares a document type.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.buffer_text = True
    top = Element("", {}, 0, 0, None)
    open_elements = [top]

    def started(tag: str, attributes: dict[str, str]) -> None:
        start = parser.CurrentByteIndex
        inside = data.index(b">", start) + 1
        for value in attributes.values():
            if ">" in value:
                match = _TAG_END.match(data, start)
                assert match is not None
                inside = match.end()
        element = Element(tag, attributes, start, inside, open_elements[-1])
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def ended(_: str) -> None:
        element = open_elements.pop()
        if data[element.inside - 2 : element.inside] == b"/>":
            element.outside = element.end = element.inside
        else:
            element.outside = parser.CurrentByteIndex
            element.end = data.index(b">", element.outside) + 1

    def text(characters: str) -> None:
        if not open_elements[-1].children:
            open_elements[-1].text += characters

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = started, ended, text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    root = top.children[0]
    root.parent = None
    return root


def plain_tree(part: bytes) -> tuple[bytes, Element]:
    """A part as :func:`plain_xml` gives it, and its elements.

    Raises:
        ValueError: It is not well-formed, or declares a document type.
    """
    data = plain_xml(part)
    return data, parse(data)


class Edits:
    """Changes of a part, kept until they are all applied at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._changes: list[tuple[int, int, bytes]] = []
        self._pruned: set[Element] = set()

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Put *new* in the place of the bytes from *start* to *end*."""
        self._changes.append((start, end, new))

    def remove(self, element: Element) -> None:
        """Take an element out."""
        self.replace(element.start, element.end, b"")

    def prune(self, element: Element, *holders: str) -> None:
        """Take an element out, and what holds nothing else then and has one of the names *holders*."""
        while (parent := element.parent) is not None:
            self._pruned.add(element)
            if self.left(parent) or parent.name not in holders:
                break
            element = parent
        self.remove(element)

    def left(self, element: Element) -> list[Element]:
        """The elements in another one that are not pruned."""
        return [child for child in element.children if child not in self._pruned]

    def set(self, element: Element, attributes: Mapping[str, str | None]) -> None:
        """Give attributes other values; None takes one away."""
        tag = before = self._data[element.start : element.inside]
        for attribute, value in attributes.items():
            if element.attributes.get(attribute) != value:
                tag = with_attribute(tag, attribute, value)
        if tag != before:
            self.replace(element.start, element.inside, tag)

    def apply(self) -> bytes:
        """The part with all changes; the same object where there are none."""
        if not self._changes:
            return self._data
        parts, position = [], 0
        for start, end, new in sorted(self._changes, key=lambda change: change[:2]):
            if start < position:
                continue  # inside of what was taken out
            parts += [self._data[position:start], new]
            position = end
        return b"".join((*parts, self._data[position:]))


def with_attribute(tag: bytes, attribute: str, value: str | None) -> bytes:
    """A start tag with an attribute set, added at its end, or (None) taken away."""
    new = b"" if value is None else f" {attribute}={quoted(value)}".encode()
    name = attribute.encode()
    for match in _ATTRIBUTE.finditer(tag) if name in tag else ():
        if match[1] == name:
            return tag[: match.start()] + new + tag[match.end() :]
    if value is None:
        return tag
    place = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:place].rstrip() + new + tag[place:]


def attributes_of(tag: bytes) -> dict[str, str]:
    """The attributes of a start tag."""
    return {match[1].decode(): unescape(match[2][1:-1].decode()) for match in _ATTRIBUTE.finditer(tag)}


def text_bytes(text: str) -> bytes:
    """A text as it stands between tags."""
    for mark, written in _WRITTEN:
        if mark in text:
            text = text.replace(mark, written)
    return text.encode()
