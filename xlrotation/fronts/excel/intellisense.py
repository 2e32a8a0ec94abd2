"""Generate the file that Excel-DNA IntelliSense reads, so that argument help shows while a formula is typed.

Excel has such help for its own functions only. The IntelliSense add-in (a download of its own) looks for a file with
the name of the workbook or add-in and the ending ``.intellisense.xml`` beside it.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from xlrotation.functions.boundary.registry import Spec, functions

NAMESPACE = "http://schemas.excel-dna.net/intellisense/1.0"


def render() -> str:
    """The text of the file."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<IntelliSense xmlns="{NAMESPACE}">',
        "  <FunctionInfo>",
        *(line for spec in functions().values() for line in _function(spec)),
        "  </FunctionInfo>",
        "</IntelliSense>",
    ]
    return "\n".join(lines) + "\n"


def _function(spec: Spec) -> list[str]:
    arguments = [
        f"      <Argument Name={quoteattr(parameter.name)} Description={quoteattr(parameter.help)} />"
        for parameter in spec.parameters
    ]
    head = f"    <Function Name={quoteattr(spec.name)} Description={quoteattr(spec.with_unit)}>"
    return [head, *arguments, "    </Function>"]
