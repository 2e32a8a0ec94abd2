"""What a filled workbook does not bring up to date, or what no longer holds for it."""

from __future__ import annotations

import re
from pathlib import Path

from xlrotation.workbook.package.parts import Package

_SIGNED = "is signed, and the signature no longer holds once values change; sign it again"
_KEPT = (
    (re.compile(r"pivotCache/pivotCacheDefinition"), "its pivot tables show what they showed; refresh them in Excel"),
    (re.compile(r"xl/model/"), "its data model holds what it held; refresh it in Excel"),
    (re.compile(r"xl/(connections\.xml|queryTables/)"), "its queries and connections are not run"),
)
_MACROS = "its macros are kept; where they call our functions, a reader without these cannot run them"


def warnings_of(path: Path, keep_formulas: bool) -> list[str]:
    """What a reader of a filled copy of *path* should know, in sentences.

    Raises:
        BadWorkbook: It cannot be read.
    """
    package = Package(path)
    try:
        names = package.zip.namelist()
    finally:
        package.close()
    found = [_SIGNED] if any(name.startswith("_xmlsignatures/") for name in names) else []
    found += [sentence for pattern, sentence in _KEPT if any(map(pattern.search, names))]
    if not keep_formulas and any(name.lower().endswith("vbaproject.bin") for name in names):
        found.append(_MACROS)
    return found
