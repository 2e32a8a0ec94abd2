"""Named cell styles: what a reader finds in the program's list of styles, to change all cells of a kind at once.

XlsxWriter writes formats without names; here they get one by what they look like, in the finished file.
"""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from xlrotation.reports.theme import Theme, own_theme

_PART = "xl/styles.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(f"{{{_MAIN}}}{name}")
    assert found is not None, f"XlsxWriter writes {name}"
    return found


class _Look:
    """What a format looks like."""

    def __init__(self, styles: etree._Element, xf: etree._Element) -> None:
        font = _child(styles, "fonts")[int(xf.get("fontId", "0"))]
        fill = _child(styles, "fills")[int(xf.get("fillId", "0"))]
        size, colour = font.find(f"{{{_MAIN}}}sz"), fill.find(f".//{{{_MAIN}}}fgColor")
        self.bold = font.find(f"{{{_MAIN}}}b") is not None
        self.size = float(size.get("val", "10")) if size is not None else 10.0
        self.fill = "" if colour is None else f"#{colour.get('rgb', '')[2:]}"
        self.bordered = xf.get("borderId", "0") != "0"


_Names = tuple[tuple[str, Callable[[_Look], bool]], ...]


def _names(theme: Theme) -> _Names:
    """Names, and how a format that has one looks; the first that fits counts."""
    sizes, colours = theme.sizes, theme.colours
    return (
        ("Report Title", lambda look: look.bold and look.size >= sizes["title"]),
        ("Report Heading", lambda look: look.bold and look.size == sizes["section"]),
        ("Table Head", lambda look: look.bold and look.fill == colours["dark"]),
        ("Input Cell", lambda look: look.fill == colours["input"]),
        ("Table Body", lambda look: look.bordered and not look.bold),
        ("Remark", lambda look: look.size < sizes["body"] and not look.bordered),
        ("Emphasis", lambda look: look.bold),
        ("Report Text", lambda _: True),
    )


def name_styles(path: Path, theme: Theme | None = None) -> None:
    """Give the formats of a workbook their names, in place."""
    names = _names(theme or own_theme())
    with zipfile.ZipFile(path) as archive:
        parts = [(item, archive.read(item)) for item in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item, data in parts:
            archive.writestr(item, _named(data, names) if item.filename == _PART else data)


def _named(data: bytes, looks: _Names) -> bytes:
    styles = etree.fromstring(data)
    bases, formats = _child(styles, "cellStyleXfs"), _child(styles, "cellXfs")
    names = _child(styles, "cellStyles")
    places: dict[str, int] = {}
    for xf in list(formats)[1:]:  # the first is that of cells without a format
        look = _Look(styles, xf)
        name = next((name for name, fits in looks if fits(look)), None)
        if name is None:
            continue
        if name not in places:
            base = copy.deepcopy(xf)
            base.attrib.pop("xfId", "")
            places[name] = len(bases)
            bases.append(base)
            etree.SubElement(names, f"{{{_MAIN}}}cellStyle", name=name, xfId=str(places[name]))
        xf.set("xfId", str(places[name]))
    for element in (bases, names):
        element.set("count", str(len(element)))
    return etree.tostring(styles, xml_declaration=True, encoding="UTF-8", standalone=True)
