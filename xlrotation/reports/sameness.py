"""Whether two workbooks are the same: structure and words exactly, numbers but for what processors differ in.

The last digits of a sum depend on the order in which a processor's vector units add. A workbook that was built on
another machine is the same one where nothing but those digits differs.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from lxml import etree

TOLERANCE = 1e-12
"""How far two numbers may lie apart, in relation to them."""
_NOTHING = 1e-12
"""Two numbers below this are both what rounding left of zero, as a difference of equal amounts is."""

_SHOWN = 60
"""Letters of a text that a sentence quotes."""
_RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def settled(value: float) -> float:
    """*value* rounded to the 15 significant digits that spreadsheet programs show and compare by."""
    return float(f"{value:.15g}")


def differences(a: Path, b: Path) -> Iterator[str]:
    """Where *a* and *b* differ, as sentences that name sheet, cell and both values; nothing where they are the same."""
    with zipfile.ZipFile(a) as first, zipfile.ZipFile(b) as second:
        names, others = first.namelist(), second.namelist()
        for name in sorted(set(names) ^ set(others)):
            yield f"only {(a if name in names else b).name} of the two has the part {name}"
        if names != others and sorted(names) == sorted(others):
            yield "the parts stand in another order"
        sheets = _sheet_names(first)
        for name in names:
            if name in others:
                yield from _parts(sheets.get(name, name), first.read(name), second.read(name))


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The sheet that a part holds, by the part's name."""
    try:
        targets = {
            link.get("Id"): str(PurePosixPath("xl") / link.get("Target", "").removeprefix("/xl/"))
            for link in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        sheets = etree.fromstring(archive.read("xl/workbook.xml")).iter("{*}sheet")
        return {targets[sheet.get(_RELATIONSHIP)]: sheet.get("name", "") for sheet in sheets}
    except (KeyError, etree.XMLSyntaxError):
        return {}


def _parts(place: str, a: bytes, b: bytes) -> Iterator[str]:
    if a == b:
        return
    try:
        first, second = etree.fromstring(a), etree.fromstring(b)
    except etree.XMLSyntaxError:
        yield f"{place} differs"
        return
    yield from _elements(place, first, second)


def _elements(place: str, a: etree._Element, b: etree._Element) -> Iterator[str]:
    kind = etree.QName(a).localname if isinstance(a.tag, str) else ""
    if kind == "c" and a.get("r"):
        place = f"{place}!{a.get('r')}"
    if a.tag != b.tag or sorted(a.attrib.items()) != sorted(b.attrib.items()):
        yield f"{place}: {_tag(a)} against {_tag(b)}"
        return
    if not _same_text(kind, a.text, b.text):
        yield f"{place}: {_quoted(a.text)} against {_quoted(b.text)}"
    if (a.tail or "").strip() != (b.tail or "").strip():
        yield f"{place}: {_quoted(a.tail)} against {_quoted(b.tail)}"
    for one, other in zip_longest(a, b):
        if one is None or other is None:
            left = one if one is not None else other
            yield f"{place}: {_tag(left)} {_quoted(left.get('r', '') or left.text)} only in one of them"
        else:
            yield from _elements(place, one, other)


def _same_text(kind: str, a: str | None, b: str | None) -> bool:
    if (a or "") == (b or ""):
        return True
    if kind != "v" or a is None or b is None:
        return False
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return math.isclose(x, y, rel_tol=TOLERANCE) or max(abs(x), abs(y)) < _NOTHING


def _tag(element: etree._Element) -> str:
    name = etree.QName(element).localname if isinstance(element.tag, str) else "comment"
    attributes = (f"{etree.QName(key).localname}={value!r}" for key, value in sorted(element.attrib.items()))
    return f"<{' '.join([name, *attributes])[:_SHOWN]}>"


def _quoted(text: str | None) -> str:
    text = text or ""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
