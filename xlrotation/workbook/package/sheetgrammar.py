"""How the elements of a worksheet look in the bytes of its part.

Nearly all cells are written in one usual form, with their attributes in one order, a formula, a value and nothing else.
One expression takes such a cell apart. Any other is looked at piece by piece, which gives the same.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
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


_GROUPS = (0, "head", "letters", "kind", "metadata", "late", "formula", "value", "inline", "text")


class _Columns(dict[bytes, int]):
    """The numbers of columns by their letters; 0 for what are none."""

    def __missing__(self, letters: bytes) -> int:
        number = column_number(letters.decode())
        self[letters] = number = number if number <= MAX_COLUMN else 0
        return number


class _Kinds(dict[bytes | None, str]):
    """The types of values, each text but once."""

    def __missing__(self, kind: bytes | None) -> str:
        found = "n" if kind is None else kind.decode()
        if len(self) < 100:
            self[kind] = found
        return found


_COLUMNS, _KINDS = _Columns(), _Kinds()


class SheetCell:
    """A cell as its part has it; it never changes.

    Attributes:
        lead: What stands before it in its row.
        raw: The cell.
        bare: Its start tag without its end, the type of its value and the metadata that only a formula needs.
        marked: The same with that metadata.
        further: Its extensions.
        formula: Its formula, tags included; empty where it has none.
        kind: The type of its value.
        holds: Whether it has a value or a text.
        known: The number that stands in it, once somebody has asked for it.
    """

    __slots__ = ("_written", "bare", "formula", "further", "holds", "kind", "known", "lead", "marked", "raw")

    def __init__(
        self,
        lead: bytes,
        raw: bytes,
        bare: bytes,
        marked: bytes,
        further: bytes = b"",
        formula: bytes = b"",
        kind: str = "n",
        written: bytes | str | None = None,
        holds: bool = False,
    ) -> None:
        self.lead, self.raw = lead, raw
        self.bare, self.marked, self.further, self.formula = bare, marked, further, formula
        self.kind, self._written, self.holds = kind, written, holds
        self.known: float | None = None

    def number(self) -> float | None:
        """The number that stands in it; None where there is none, or where it is of another type."""
        if self.known is None and self.kind == "n" and (text := self.text()) is not None:
            with contextlib.suppress(ValueError):
                self.known = float(text)  # as every thread would find it
        return self.known

    def text(self) -> str | None:
        """What stands in it; None for nothing."""
        written = self._written
        return unescape(written.decode()) if isinstance(written, bytes) else written


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
        self._cell = re.compile(usual + b"|" + element(b"c"), re.DOTALL)
        self._f = b"<" + prefix + b"f"
        self._row = re.compile(rb'<%brow(?: r="(?P<usual>[0-9]{1,7})"(?: [\w:.-]+="[^"<>]*")*/?>|%b)' % (p, _TAG))
        self._usual_end, self._odd_end = b"</" + prefix + b"row>", b"</" + prefix + b"row"
        self._row_end = re.compile(rb"</%brow\s*>" % p)
        self._formula = re.compile(element(b"f"), re.DOTALL)
        self._value = re.compile(element(b"v"), re.DOTALL)
        self._text = re.compile(element(b"t"), re.DOTALL)
        self._further = re.compile(rb"<%bextLst[\s>].*</%bextLst\s*>" % (p, p), re.DOTALL)
        self.formula_start = re.compile(rb"<%bf(?=[\s/>])" % p)
        self.dimension = re.compile(rb"<%bdimension%b" % (p, _TAG))
        self.data = re.compile(rb"<%bsheetData%b" % (p, _TAG))
        self._number = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
        self._tag = re.compile(rb"<[^\s/>]+%b" % _TAG)

    def tag(self, raw: bytes) -> bytes:
        """The start tag of an element."""
        match = self._tag.match(raw)
        assert match is not None
        return match[0]

    def rows(self, data: bytes, start: int, end: int) -> Iterator[tuple[int | None, int, int]]:
        """The rows between two places of a part: the number that each says it has, and where it begins and ends."""
        while (head := self._row.search(data, start, end)) is not None:
            start = head.end()
            number = head["usual"]
            if not head[0].endswith(b"/>"):
                close = data.find(self._usual_end, start, end)
                if close < 0 or data.find(self._odd_end, start, close) >= 0:  # one of them has blanks in it
                    behind = self._row_end.search(data, start, end)
                    start = end if behind is None else behind.end()
                else:
                    start = close + len(self._usual_end)
            if number is None and (stated := self._number.search(head[0])) is not None:
                number = stated[1]
            yield (None if number is None else int(number)), head.start(), start

    def cells(self, row: bytes, position: int) -> tuple[tuple[int, ...], dict[int, SheetCell], int]:
        """The cells of a row from a place on: their columns as they stand, each by its column, and where they end."""
        order: list[int] = []
        cells: dict[int, SheetCell] = {}
        column = 0
        for match in self._cell.finditer(row, position):
            start = match.start()
            lead = row[position:start] if start > position else b""
            position = match.end()
            raw, head, letters, kind, metadata, late, formula, value, inline, text = match.group(*_GROUPS)
            number = 0 if head is None else _COLUMNS[letters]
            if number:
                column = number
                marked = head if metadata is None else head + metadata
                named = _KINDS[kind or late]
                written = text or b"" if named == "inlineStr" else value or None
                holds = value is not None or inline is not None
                cell = SheetCell(lead, raw, head, marked, b"", formula or b"", named, written, holds)
            else:
                column = self._column(raw) or column + 1
                cell = self._unusual(lead, raw)
            order.append(column)
            cells[column] = cell
        return tuple(order), cells, position

    def _column(self, raw: bytes) -> int | None:
        """The column that a cell says it stands in."""
        area = parse_area(attributes_of(self.tag(raw)).get("r", ""))
        return None if area is None else area.column

    def _unusual(self, lead: bytes, raw: bytes) -> SheetCell:
        """A cell in whatever form."""
        tag = self.tag(raw)
        kind = attributes_of(tag).get("t", "n")
        found = self._formula.search(raw) if self._f in raw else None
        value, texts = self._value.search(raw), self._text.findall(raw)
        if kind == "inlineStr":
            written: str | None = "".join(unescape(content.decode()) for _, content in texts)
        else:
            written = unescape(value[2].decode()) if value and value[2] else None
        bare, marked = (self._untyped(tag, *further) for further in (("cm",), ()))
        further = b"".join(self._further.findall(raw))
        formula = b"" if found is None else found[0]
        return SheetCell(lead, raw, bare, marked, further, formula, kind, written, bool(value or texts))

    def _untyped(self, tag: bytes, *further: str) -> bytes:
        """The start tag of a cell without its end and without the type of its value."""
        for attribute in ("t", "vm", *further):
            tag = with_attribute(tag, attribute, None)
        return tag.removesuffix(b"/>").removesuffix(b">").rstrip()
