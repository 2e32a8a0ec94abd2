"""The values that a chart caches, for viewers that show a workbook without computing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from xlrotation.workbook.sheetedit import number_text

ValuesOf = Callable[[str], Sequence[object] | None]
"""The values of what a chart refers to, as a formula writes it; None where that is not known."""


def refresh_cache(chart: etree._Element, values_of: ValuesOf) -> bool:
    """Rebuild the caches of *chart* from the cells that they show; returns whether any has changed."""
    changed = False
    for kind in ("num", "str"):
        for reference in chart.iter(f"{{*}}{kind}Ref"):
            formula, cache = reference.find("{*}f"), reference.find(f"{{*}}{kind}Cache")
            if cache is None or formula is None:
                continue
            values = values_of((formula.text or "").strip())
            if values is not None:
                changed = _fill(cache, [_text(value, kind == "num") for value in values]) or changed
    return changed


def _text(value: object, numbers: bool) -> str | None:
    if isinstance(value, bool):
        return str(int(value)) if numbers else str(value).upper()
    if isinstance(value, int | float):
        return number_text(value)
    return value if isinstance(value, str) and not numbers else None


def _fill(cache: etree._Element, texts: list[str | None]) -> bool:
    """Put *texts* into *cache*; returns whether it held others."""
    before = {point.get("idx"): point.findtext("{*}v") for point in cache.iterchildren("{*}pt")}
    count = cache.find("{*}ptCount")
    after = {str(index): text for index, text in enumerate(texts) if text is not None}
    if count is not None and count.get("val") == str(len(texts)) and _same(before, after):
        return False
    for child in [*cache.iterchildren("{*}ptCount"), *cache.iterchildren("{*}pt")]:
        cache.remove(child)
    namespace = etree.QName(cache).namespace
    made = [etree.Element(f"{{{namespace}}}ptCount", val=str(len(texts)))]
    for index, text in after.items():
        point = etree.Element(f"{{{namespace}}}pt", idx=index)
        etree.SubElement(point, f"{{{namespace}}}v").text = text
        made.append(point)
    format_code = cache.find("{*}formatCode")
    position = 0 if format_code is None else cache.index(format_code) + 1
    cache[position:position] = made
    return True


def _same(before: dict[str | None, str | None], after: dict[str, str]) -> bool:
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
