"""Texts that are XML."""

from __future__ import annotations

from lxml import etree

from xlrotation.workbook.evaluation.machine import Frame, Rows
from xlrotation.workbook.evaluation.values import VALUE, Value, number_of_text
from xlrotation.workbook.natives.registry import native


@native("FILTERXML", "TT")
def _filterxml(frame: Frame, text: str, path: str) -> Value:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
        if getattr(root.getroottree().docinfo, "doctype", ""):
            return VALUE
        found = root.getroottree().xpath(path)
    except (etree.Error, ValueError, UnicodeEncodeError):
        return VALUE
    if not isinstance(found, list):
        return VALUE
    rows: Rows = []
    for item in found:
        content = "".join(map(str, item.itertext())) if isinstance(item, etree._Element) else str(item)
        number = number_of_text(content, frame.date1904)
        rows.append([content if number is None else number])
    return rows or VALUE
