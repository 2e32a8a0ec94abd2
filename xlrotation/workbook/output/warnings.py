"""What a filled workbook does not bring up to date, or what no longer holds for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.output.missing import CHECK
from xlrotation.workbook.package.parts import opened

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
    package = opened(path)
    try:
        names = package.zip.namelist()
    finally:
        package.close()
    found = [_SIGNED] if any(name.startswith("_xmlsignatures/") for name in names) else []
    found += [sentence for pattern, sentence in _KEPT if any(map(pattern.search, names))]
    if not keep_formulas and any(name.lower().endswith("vbaproject.bin") for name in names):
        found.append(_MACROS)
    return found


def few(cells: Sequence[str]) -> str:
    """Cells in one line, the first of them and the number of the others."""
    return ", ".join(cells[:5]) + (f" and {len(cells) - 5:,} more" if len(cells) > 5 else "")


def from_elsewhere(evaluation: Evaluation) -> list[str]:
    """What another engine computed."""
    cells = [f"{sheet}!{cell}" for sheet, cell in evaluation.elsewhere]
    if not cells:
        return []
    return [f"LibreOffice computed {few(cells)}: it gives their stored values, which the evaluation here does not"]


def rules_that_call(evaluation: Evaluation) -> list[str]:
    """What a reader without our functions does not see of a copy that keeps its formulas."""
    places = [f"{sheet}!{cells.split()[0]}" if cells else sheet for sheet, cells, _ in evaluation.rules]
    if not places:
        return []
    return [
        f"its conditional formats and validations at {few(places)} call our functions; a reader without these "
        "misses them"
    ]


def let_through(evaluation: Evaluation, inputs: Collection[str], lang: str) -> list[str]:
    """What validations say of the inputs that nothing else judges: a date or language of the job's own does."""
    told = [notice for notice in evaluation.notices if notice.name in inputs]
    return [notice.text.into(lang) for notice in told if f"{CHECK}{notice.name.lower()}" not in evaluation.names]
