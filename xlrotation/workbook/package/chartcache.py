"""The values that a chart caches, for viewers that show a workbook without computing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlrotation.workbook.package.sheetedit import number_text
from xlrotation.workbook.package.splice import Edits, Element, text_bytes

ValuesOf = Callable[[str], Sequence[object] | None]
"""The values of what a chart refers to, as a formula writes it; None where that is not known."""


def refreshed(data: bytes, chart: Element, values_of: ValuesOf) -> bytes:
    """A chart with its caches rebuilt from the cells that they show; the same object where none has changed.

    Args:
        data: The part, as :func:`~xlrotation.workbook.package.splice.plain_xml` gives it.
        chart: Its elements.
        values_of: Gives the values that it refers to.
    """
    edits = Edits(data)
    for reference in chart.iter("numRef", "strRef"):
        kind = reference.name.removesuffix("Ref")
        formula, cache = reference.child("f"), reference.child(f"{kind}Cache")
        values = values_of(formula.text.strip()) if cache is not None and formula is not None else None
        if cache is not None and values is not None:
            _fill(edits, data, cache, [_text(value, kind == "num") for value in values])
    return edits.apply()


def _text(value: object, numbers: bool) -> str | None:
    if isinstance(value, bool):
        return str(int(value)) if numbers else str(value).upper()
    if isinstance(value, int | float):
        return number_text(value)
    return value if isinstance(value, str) and not numbers else None


def _fill(edits: Edits, data: bytes, cache: Element, texts: list[str | None]) -> None:
    """Put *texts* into *cache*, unless it holds them already."""
    points = [child for child in cache.children if child.name == "pt"]
    before = {point.get("idx"): value.text for point in points if (value := point.child("v")) is not None}
    after = {str(index): text for index, text in enumerate(texts) if text is not None}
    count = cache.child("ptCount")
    if count is not None and count.get("val") == str(len(texts)) and _same(before, after):
        return
    p = cache.prefix.encode()
    made = [b'<%bptCount val="%d"/>' % (p, len(texts))]
    for index, text in after.items():
        made.append(b'<%bpt idx="%b"><%bv>%b</%bv></%bpt>' % (p, index.encode(), p, text_bytes(text), p, p))
    kept = [child for child in cache.children if child.name not in ("ptCount", "pt")]
    whole = [data[child.start : child.end] for child in kept]
    split = next((i for i, child in enumerate(kept) if child.name != "formatCode"), len(kept))
    tag = data[cache.start : cache.inside].removesuffix(b"/>").removesuffix(b">")
    body = b"".join((*whole[:split], *made, *whole[split:]))
    edits.replace(cache.start, cache.end, tag + b">" + body + b"</" + cache.tag.encode() + b">")


def _same(before: dict[str, str], after: dict[str, str]) -> bool:
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
