"""How the elements of a worksheet look in the bytes of its part.

Nearly all cells are written in one usual form, with their attributes in one order, a formula, a value and nothing else.
One expression takes such a cell apart. Any other is looked at piece by piece, which gives the same.
"""

from __future__ import annotations

import re
from html import unescape

from xlrotation.workbook.formulas.references import MAX_COLUMN, column_number, parse_area
from xlrotation.workbook.package.splice import attributes_of, with_attribute

_TAG = rb"""(?=[\s/>])[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>"""
"""What follows the name in a start tag."""

_USUAL = (
    rb'(?P<head><%bc r="(?P<letters>[A-Z]{1,3})[1-9][0-9]{0,5}"(?: s="[0-9]+")?)'
    rb'(?: t="(?P<kind>[A-Za-z]+)")?(?P<metadata> cm="[0-9]+")?(?: t="(?P<late>[A-Za-z]+)")?'
    rb"(?:/>|>(?P<formula><%bf(?:/>|>[^<]*</%bf>| [^<>]*(?:/>|>[^<]*</%bf>)))?"
    rb"(?:<%bv>(?P<value>[^<]*)</%bv>)?"
    rb'(?P<inline><%bis><%bt(?: xml:space="preserve")?>(?P<text>[^<]*)</%bt></%bis>)?</%bc>)'
)
"""A cell in the usual form; a kind behind the metadata is one that was put there."""


class EditedCell:
    """A cell: the bytes before it, and its own.

    Args:
        lead: What stands before it in its row.
        raw: The cell.
        found: The match of the grammar that found it.
    """

    __slots__ = ("_found", "_of", "lead", "raw")

    def __init__(self, lead: bytes, raw: bytes, found: re.Match[bytes] | None = None) -> None:
        self.lead, self.raw = lead, raw
        self._of = b"" if found is None else raw
        self._found = None if found is None or found["head"] is None else found

    def usual(self, form: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """The cell taken apart; None where it is not in the usual form."""
        if self._of is not self.raw:
            self._of, self._found = self.raw, form.fullmatch(self.raw)
        return self._found


class Grammar:
    """The elements of a worksheet whose names have a prefix, or none.

    Args:
        prefix: The prefix, with its colon.
    """

    def __init__(self, prefix: bytes) -> None:
        p = re.escape(prefix)

        def element(name: bytes) -> bytes:
            """A start tag that closes itself, or one with content up to the end tag."""
            return rb"(<%b%b%b)(?:(?<=/>)|(.*?)</%b%b\s*>)" % (p, name, _TAG, p, name)

        usual = _USUAL % ((p,) * _USUAL.count(b"%b"))
        self._usual = re.compile(usual, re.DOTALL)
        self._f = b"<" + prefix + b"f"
        self.row = re.compile(element(b"row"), re.DOTALL)
        self.cell = re.compile(usual + b"|" + element(b"c"), re.DOTALL)
        self._formula = re.compile(element(b"f"), re.DOTALL)
        self._value = re.compile(element(b"v"), re.DOTALL)
        self._text = re.compile(element(b"t"), re.DOTALL)
        self._further = re.compile(rb"<%bextLst[\s>].*</%bextLst\s*>" % (p, p), re.DOTALL)
        self.formula_start = re.compile(rb"<%bf(?=[\s/>])" % p)
        self.dimension = re.compile(rb"<%bdimension%b" % (p, _TAG))
        self.data = re.compile(rb"<%bsheetData%b" % (p, _TAG))
        self.number = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
        self._tag = re.compile(rb"<[^\s/>]+%b" % _TAG)

    def tag(self, raw: bytes) -> bytes:
        """The start tag of an element."""
        match = self._tag.match(raw)
        assert match is not None
        return match[0]

    def column(self, found: re.Match[bytes]) -> int | None:
        """The column that a cell, as :attr:`cell` finds it, says it stands in."""
        if found["head"] is not None and (column := column_number(found["letters"].decode())) <= MAX_COLUMN:
            return column
        area = parse_area(attributes_of(self.tag(found[0])).get("r", ""))
        return None if area is None else area.column

    def formula_of(self, cell: EditedCell) -> bytes:
        """The formula of a cell, tags included; empty where it has none."""
        if self._f not in cell.raw:
            return b""
        usual = cell.usual(self._usual)
        if usual is not None:
            return usual["formula"] or b""
        match = self._formula.search(cell.raw)
        return b"" if match is None else match[0]

    def holds(self, cell: EditedCell) -> bool:
        """Whether a cell has a value or a text."""
        usual = cell.usual(self._usual)
        if usual is not None:
            return usual["value"] is not None or usual["inline"] is not None
        return bool(self._value.search(cell.raw) or self._text.search(cell.raw))

    def content(self, cell: EditedCell) -> tuple[str, str | None]:
        """The type of a cell and what stands in it; None for nothing."""
        usual = cell.usual(self._usual)
        if usual is not None:
            kind = (usual["kind"] or usual["late"] or b"n").decode()
            if kind == "inlineStr":
                return kind, unescape((usual["text"] or b"").decode())
            return kind, unescape(usual["value"].decode()) if usual["value"] else None
        kind = attributes_of(self.tag(cell.raw)).get("t", "n")
        if kind == "inlineStr":
            return kind, "".join(unescape(content.decode()) for _, content in self._text.findall(cell.raw))
        match = self._value.search(cell.raw)
        return kind, unescape(match[2].decode()) if match and match[2] else None

    def untyped(self, cell: EditedCell, keep_metadata: bool) -> tuple[bytes, bytes]:
        """The start tag of a cell without its end and without the type of its value, and its extensions."""
        usual = cell.usual(self._usual)
        if usual is not None:
            metadata: bytes | None = usual["metadata"] if keep_metadata else None
            return usual["head"] + (metadata or b""), b""
        tag = self.tag(cell.raw)
        for attribute in ("t", "vm", *(() if keep_metadata else ("cm",))):
            tag = with_attribute(tag, attribute, None)
        further = b"".join(self._further.findall(cell.raw))
        return tag.removesuffix(b"/>").removesuffix(b">").rstrip(), further
