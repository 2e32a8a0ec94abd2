"""The values that a chart caches, for viewers that show a workbook without computing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import NamedTuple

from xlrotation.workbook.package.sheetedit import number_text
from xlrotation.workbook.package.splice import Edits, Element, check, parse, plain_xml, text_bytes

ValuesOf = Callable[[str], Sequence[object] | None]
"""The values of what a chart refers to, as a formula writes it; None where that is not known."""

_HELD = re.compile(rb"<(?:[\w.-]+:)?(?:num|str)Ref[\s/>]")
_PLAIN = (
    rb"<%b(num|str)Ref><%bf>([^<]*)</%bf>(<%b\1Cache>(?:<%bformatCode>[^<]*</%bformatCode>)?)"
    rb'<%bptCount val="([0-9]+)"/>((?:<%bpt idx="[0-9]+"><%bv>[^<]*</%bv></%bpt>)*)(</%b\1Cache>)</%b\1Ref>'
)
"""A reference and its cache as spreadsheets and libraries write them."""

_POINT = r'<%spt idx="([0-9]+)"><%sv>([^<]*)<'
_PREFIX = re.compile(rb"<([\w.-]+:)?chartSpace[\s/>]")


class Cache(NamedTuple):
    """What a chart keeps of the cells that it shows.

    Attributes:
        reference: The cells, as a formula writes them.
        numbers: Whether it keeps numbers, or texts.
        prefix: The prefix of its elements, with the colon.
        start: Where it begins in the part.
        end: The byte behind it.
        head: What stands in it before its points and their number.
        tail: What stands behind them.
        stated: The number of its points as it says it; None where it does not.
        points: Its points as they stand there; None where they are not in the plain form.
        before: Its points by index, where they are not.
    """

    reference: str
    numbers: bool
    prefix: str
    start: int
    end: int
    head: bytes
    tail: bytes
    stated: str | None
    points: bytes | None
    before: dict[str, str]

    def texts(self) -> dict[str, str]:
        """Its points by index."""
        if self.points is None:
            return self.before
        found = re.findall(_POINT.replace("%s", self.prefix), self.points.decode())
        return {index: unescape(text) for index, text in found} if b"&" in self.points else dict(found)


class Chart(NamedTuple):
    """A chart, as it is written.

    Attributes:
        data: The part, as :func:`~xlrotation.workbook.package.splice.plain_xml` gives it.
        caches: What it keeps, in order.
    """

    data: bytes
    caches: tuple[Cache, ...]


def read(part: bytes) -> Chart:
    """A chart by the bytes of its part.

    Raises:
        ValueError: It is not well-formed, or declares a document type.
    """
    data = plain_xml(part)
    check(data)
    caches = _plain_caches(data)
    return Chart(data, _caches_of(data, parse(data)) if caches is None else caches)


def _plain_caches(data: bytes) -> tuple[Cache, ...] | None:
    """The caches of a chart in the plain form, of a well-formed part; None where any is in another."""
    root = _PREFIX.search(data)
    if root is None or b"<!" in data or data.find(b"<?", 1) >= 0:
        return None
    p = root[1] or b""
    found = []
    for match in re.finditer(_PLAIN.replace(b"%b", re.escape(p)), data):
        kind, formula, head, count, points, tail = match.groups()
        if b"\r" in match[0] or b"&#" in match[0]:
            return None  # characters that XML reads as others
        where = match.start(3), match.end(6)
        reference = unescape(formula.decode()).strip()
        found.append(Cache(reference, kind == b"num", p.decode(), *where, head, tail, count.decode(), points, {}))
    return tuple(found) if len(found) == len(_HELD.findall(data)) else None


def _caches_of(data: bytes, chart: Element) -> tuple[Cache, ...]:
    """The caches of any chart, by its elements."""
    found = []
    for reference in chart.iter("numRef", "strRef"):
        kind = reference.name.removesuffix("Ref")
        formula, cache = reference.child("f"), reference.child(f"{kind}Cache")
        if cache is None or formula is None:
            continue
        points = [child for child in cache.children if child.name == "pt"]
        before = {point.get("idx"): value.text for point in points if (value := point.child("v")) is not None}
        count = cache.child("ptCount")
        kept = [child for child in cache.children if child.name not in ("ptCount", "pt")]
        whole = [data[child.start : child.end] for child in kept]
        split = next((i for i, child in enumerate(kept) if child.name != "formatCode"), len(kept))
        tag = data[cache.start : cache.inside].removesuffix(b"/>").removesuffix(b">")
        found.append(
            Cache(
                formula.text.strip(),
                kind == "num",
                cache.prefix,
                cache.start,
                cache.end,
                b"".join((tag, b">", *whole[:split])),
                b"".join((*whole[split:], b"</", cache.tag.encode(), b">")),
                None if count is None else count.get("val"),
                None,
                before,
            )
        )
    return tuple(found)


class Filler:
    """Puts values into the caches of charts; many charts may show the same cells.

    Args:
        values_of: Gives the values that a chart refers to.
    """

    def __init__(self, values_of: ValuesOf) -> None:
        self._values_of = values_of
        self._made: dict[tuple[str, bool, str], tuple[list[str | None], bytes] | None] = {}

    def refreshed(self, chart: Chart) -> bytes:
        """A chart with its caches rebuilt from the cells that they show; its own bytes where none has changed."""
        edits = Edits(chart.data)
        for cache in chart.caches:
            key = cache.reference, cache.numbers, cache.prefix
            if key not in self._made:
                self._made[key] = self._points(*key)
            made = self._made[key]
            if made is None:
                continue
            texts, points = made
            count = str(len(texts))
            if cache.stated == count and (points == cache.points or _same(cache.texts(), texts)):
                continue
            told = f'<{cache.prefix}ptCount val="{count}"/>'.encode()
            edits.replace(cache.start, cache.end, b"".join((cache.head, told, points, cache.tail)))
        return edits.apply()

    def _points(self, reference: str, numbers: bool, p: str) -> tuple[list[str | None], bytes] | None:
        """The texts of the points that show some cells, None for one without a value, and how they are written."""
        values = self._values_of(reference)
        if values is None:
            return None
        texts = [_text(value, numbers) for value in values]
        written = texts if numbers else [None if text is None else text_bytes(text).decode() for text in texts]
        begin, middle, end = f'<{p}pt idx="', f'"><{p}v>', f"</{p}v></{p}pt>"
        points = [f"{begin}{index}{middle}{text}{end}" for index, text in enumerate(written) if text is not None]
        return texts, "".join(points).encode()


def _text(value: object, numbers: bool) -> str | None:
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bool):
        return str(int(value)) if numbers else str(value).upper()
    if isinstance(value, int):
        return number_text(value)
    return value if isinstance(value, str) and not numbers else None


def _same(before: dict[str, str], texts: list[str | None]) -> bool:
    after = {str(index): text for index, text in enumerate(texts) if text is not None}
    if len(before) != len(after):
        return False
    for index, text in after.items():
        old = before.get(index)
        if old != text:
            try:
                if old is None or float(old) != float(text):
                    return False
            except ValueError:
                return False
    return True
