"""The variant of a workbook that Excel stores when functions come from Office.js.

Excel writes such a function as ``_xldudf_NAME`` and does not know it under the plain name; classic add-ins are the
other way round.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from xlrotation.errors import BadWorkbook
from xlrotation.workbook.formulas.calls import renamed_calls
from xlrotation.workbook.output.export import write_package
from xlrotation.workbook.package.parts import Package
from xlrotation.workbook.package.splice import Edits, parse, plain_xml, text_bytes

PREFIX = "_xldudf_"
_FORMULAS = ("f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula")


def convert(path: Path, target: Path, names: Collection[str]) -> Path:
    """Write the variant of a workbook; the values stored beside the formulas stay.

    Args:
        path: The workbook.
        target: The variant.
        names: The names of the functions.

    Raises:
        BadWorkbook: The workbook cannot be read.
        RotationError: The variant cannot be written.
    """
    package = Package(path)
    try:
        parts: dict[str, bytes | None] = {}
        for part in package.zip.namelist():
            if part == package.workbook_part or "/worksheets/sheet" in part or "/tables/" in part:
                data = plain_xml(package.read(part))
                edits = Edits(data)
                for element in parse(data).iter(*_FORMULAS):
                    renamed = renamed_calls(element.text, names, PREFIX)
                    if renamed != element.text:
                        edits.replace(element.inside, element.outside, text_bytes(renamed))
                parts[part] = edits.apply()
        return write_package(package, parts, target)
    except ValueError as error:
        raise BadWorkbook(f"{path}: is no well-formed workbook ({error})") from None
    finally:
        package.close()
