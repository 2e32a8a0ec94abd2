"""What openpyxl loses of a workbook's file when it loads and saves it, told by looking at the file."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from xlrotation.workbook.package.parts import Package

_KEPT = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/(app|core|custom)\.xml|xl/(workbook|styles|sharedStrings|calcChain)\.xml"
    r"|xl/theme/.*|xl/worksheets/[^/]+\.xml|xl/chartsheets/[^/]+\.xml|xl/tables/[^/]+\.xml|xl/comments\d*\.xml"
    r"|xl/comments/comment\d+\.xml|xl/drawings/(drawing\d*\.xml|commentsDrawing\d+\.vml|vmlDrawing\d*\.vml)"
    r"|xl/media/.*|xl/charts/chart\d*\.xml|xl/externalLinks/.*|xl/pivot(Tables|Cache)/.*|.*/",
    re.IGNORECASE,
)
"""Parts that it reads and writes; what of them is lost is told by their content."""

_LOST: tuple[tuple[str, str], ...] = (
    (r"xl/vbaProject.*|xl/vbaData\.xml", "its macros"),
    (r"xl/metadata\.xml", "the spilling of its formulas: they become array formulas over fixed cells"),
    (r"xl/richData/.*", "linked data types and pictures in cells"),
    (r"xl/charts/chartEx.*", "charts of the newer kinds, such as waterfall or treemap"),
    (r"xl/charts/(style|colors)\d*\.xml", "the styles of its charts"),
    (r"xl/(slicers|slicerCaches|timelines|timelineCaches)/.*", "slicers and timelines"),
    (r"xl/(threadedComments|persons)/.*", "threaded comments"),
    (r"xl/(ctrlProps|activeX)/.*", "form controls"),
    (r"xl/embeddings/.*", "embedded objects"),
    (r"xl/diagrams/.*", "SmartArt"),
    (r"xl/model/.*", "its data model"),
    (r"xl/(connections\.xml|queryTables/.*)", "queries and connections"),
    (r"xl/printerSettings/.*", "settings of its printer"),
    (r"customXml/.*", "custom XML data"),
    (r"customUI/.*|userCustomization/.*", "its own ribbon"),
    (r"docMetadata/.*", "its sensitivity label"),
    (r"_xmlsignatures/.*", "its signature"),
    (r"docProps/thumbnail.*", "its preview picture"),
)
_MACROS = ("its macros", "its own ribbon", "form controls")
"""What ``keep_vba`` keeps."""

_IN_SHEETS: tuple[tuple[bytes, str], ...] = (
    (rb"sparklineGroups", "sparklines"),
    (rb"x14:conditionalFormatting\b", "conditional formats of the newer kinds"),
    (rb"x14:dataValidation\b", "validations that refer to other sheets"),
    (rb"<(?:\w+:)?oleObject\b", "embedded objects"),
    (rb"<(?:\w+:)?picture\b", "background pictures"),
)
_IN_DRAWINGS = re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)\b")
_EXTENSIONS = re.compile(rb"<(?:\w+:)?extLst\b")
_UNKNOWN = "parts that it does not know: "


def losses(path: Path, keep_vba: bool, rich_text: bool, data_only: bool) -> list[str]:
    """What would be lost, each thing once.

    Args:
        path: The workbook.
        keep_vba: As openpyxl is told.
        rich_text: As openpyxl is told.
        data_only: As openpyxl is told.

    Raises:
        BadWorkbook: It cannot be read.
    """
    package = Package(path)
    try:
        found = dict.fromkeys(_found(package.zip, rich_text, data_only))
    finally:
        package.close()
    return [what for what in found if not (keep_vba and what in _MACROS)]


def _found(archive: zipfile.ZipFile, rich_text: bool, data_only: bool) -> Iterator[str]:
    names = archive.namelist()
    yield from _parts(names)
    for name in names:
        for pattern, look in _LOOKS.items():
            if re.fullmatch(pattern, name, re.IGNORECASE):
                yield from look(archive.read(name))
    yield from _pictures(names)
    if not rich_text and "xl/sharedStrings.xml" in names and b"<r>" in archive.read("xl/sharedStrings.xml"):
        yield "formats of single words within a cell"
    if data_only:
        yield "all formulas: data_only keeps their values alone"


def _parts(names: Sequence[str]) -> Iterator[str]:
    """What stands in parts of its own."""
    unknown = []
    for name in names:
        if _KEPT.fullmatch(name):
            continue
        what = next((told for pattern, told in _LOST if re.fullmatch(pattern, name, re.IGNORECASE)), None)
        if what is None:
            unknown.append(name)
        else:
            yield what
    if unknown:
        yield _UNKNOWN + ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
    if any(re.fullmatch(r"xl/charts/chart\d*\.xml", name) for name in names):
        yield "of its charts what openpyxl does not know, such as extended formats, and the numbers that they show"
    if any(name.startswith("xl/pivotTables/") for name in names):
        yield "newer settings of its pivot tables"


def _pictures(names: Sequence[str]) -> Iterator[str]:
    pictures = [name.lower() for name in names if name.startswith("xl/media/")]
    if pictures and importlib.util.find_spec("PIL") is None:
        yield "all pictures, since the package Pillow is not installed"
    elif any(name.endswith((".emf", ".wmf", ".svg")) for name in pictures):
        yield "pictures of drawings (EMF, WMF, SVG)"


def _of_sheet(content: bytes) -> Iterator[str]:
    told = [what for pattern, what in _IN_SHEETS if re.search(pattern, content)]
    yield from told
    if not told and _EXTENSIONS.search(content):
        yield "extensions of its sheets"
    if re.search(rb"<(?:\w+:)?f\b", content):
        yield "the values that its formulas show, until a spreadsheet program computes them"


def _of_drawing(content: bytes) -> Iterator[str]:
    if _IN_DRAWINGS.search(content):
        yield "shapes, text boxes and lines"


_LOOKS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    r"xl/worksheets/[^/]+\.xml": _of_sheet,
    r"xl/drawings/drawing\d*\.xml": _of_drawing,
}
