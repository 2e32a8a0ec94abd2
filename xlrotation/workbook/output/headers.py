"""Page headers and footers that follow cells, which no spreadsheet program has by itself.

A workbook with a cell named ``page_header`` or ``page_footer`` gets that cell's text as the header or footer of every
sheet that has one, so that it tells the date and the language of the copy. The text has the program's codes (``&L``,
``&P``); an ampersand that is meant is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from xlrotation.workbook.package.splice import text_bytes

NAMES = {"page_header": b"oddHeader", "page_footer": b"oddFooter"}
"""Names of cells, and the elements that follow them."""

LONGEST = 255
"""Letters of a header or footer, as Excel bounds them."""


def wanted(named: Mapping[str, object]) -> dict[bytes, str]:
    """What headers and footers are to be, by element; *named* are the values of a workbook's names."""
    texts = {element: named.get(name) for name, element in NAMES.items()}
    return {element: text for element, text in texts.items() if isinstance(text, str) and 0 < len(text) <= LONGEST}


def headed(sheet: bytes, texts: Mapping[bytes, str]) -> bytes:
    """A sheet's part with the texts in the place of its own; the same object where it has none, or has them."""
    head, mark, tail = sheet.rpartition(b"sheetData>")  # what is drawn of a sheet stands behind its cells
    for element, text in texts.items():
        pattern = rb"(<((?:\w+:)?%b)(?:\s[^>]*)?>)[^<]*(</\2>)" % element
        new = text_bytes(text)
        tail = re.sub(pattern, lambda match, new=new: match[1] + new + match[3], tail)  # type: ignore[misc]
    made = head + mark + tail
    return sheet if made == sheet else made
