"""LibreOffice as an engine for formulas: one start of it, a workbook in each state in, their values out.

It works as for a PDF: with a profile of its own, without macros, links and network, in bounded time. It gets values in
the place of all formulas but those that are asked for, so it computes nothing else and knows nothing of our functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from xlrotation import guard
from xlrotation.errors import RotationError
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.evaluation.secondengine import Answers, Formulas
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.references import cell_name
from xlrotation.workbook.output.export import export_values, write_package
from xlrotation.workbook.output.pdf import find_libreoffice, make_profile, surroundings
from xlrotation.workbook.package.book import FormulaCell, read_book
from xlrotation.workbook.package.parts import Package

TIMEOUT_SECONDS = 60.0

_LARGEST = 2**28
"""Bytes of the largest file that it may write."""

_FORMAT = "xlsx:Calc MS Excel 2007 XML"


def libreoffice(
    path: Path, states: Sequence[Evaluation], formulas: Formulas, timeout: float = TIMEOUT_SECONDS
) -> Sequence[Answers] | None:
    """What LibreOffice gives for some formulas of a workbook in each of several states.

    None where it is not installed, takes too long, or leaves no workbook that can be read.
    """
    program = find_libreoffice()
    if program is None:
        return None
    try:
        with guard.scratch("xlrotation-office-") as job:
            drafts = []
            for number, state in enumerate(states):
                plain = export_values(path, state, job / f"plain{number}{path.suffix}")
                drafts.append(_with_formulas(plain, formulas, job / f"state{number}{path.suffix}"))
            out, profile = job / "out", job / "profile"
            make_profile(profile, recalculate=True)
            command = [
                *(program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo"),
                *("--convert-to", _FORMAT, "--outdir", str(out), *map(str, drafts)),
            ]
            guard.run(command, timeout, surroundings(job), _LARGEST)
            return [_read(out / f"{draft.stem}.xlsx", formulas) for draft in drafts]
    except (RotationError, OSError, TimeoutError):
        return None


def _with_formulas(plain: Path, formulas: Formulas, target: Path) -> Path:
    package = Package(plain)
    try:
        parts: dict[str, bytes | None] = {}
        for sheet, part in package.sheets.items():
            if sheet in formulas:
                parts[part] = _filled(package.read(part), formulas[sheet])
        return write_package(package, parts, target)
    finally:
        package.close()


def _filled(data: bytes, formulas: Mapping[tuple[int, int], FormulaCell]) -> bytes:
    """A worksheet with formulas in the place of the values of cells: none is left that could be taken for computed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    wanted = {cell_name(*place): formula for place, formula in formulas.items()}
    for cell in root.iter("{*}c"):
        formula = wanted.get(str(cell.get("r")))
        if formula is None:
            continue
        element: Any = etree.Element(str(cell.tag)[:-1] + "f")
        element.text = formula.text
        if formula.kind == "array" and formula.area is not None:
            element.set("t", "array")
            area = formula.area
            element.set("ref", f"{cell_name(area.row, area.column)}:{cell_name(area.last_row, area.last_column)}")
        for child in list(cell):
            cell.remove(child)
        if cell.get("t"):
            del cell.attrib["t"]
        cell.append(element)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _read(path: Path, formulas: Formulas) -> Answers:
    book = read_book(path)
    found: dict[str, dict[tuple[int, int], Value]] = {}
    for sheet, asked in formulas.items():
        number = book.index.get(sheet.lower())
        if number is None:
            continue
        held = book.sheets[number]
        for place, formula in asked.items():
            if place not in held.formulas:
                continue  # it did not take it for a formula
            area = formula.area if formula.kind == "array" else None
            last = place if area is None else (area.last_row, area.last_column)
            for row in range(place[0], last[0] + 1):
                for column in range(place[1], last[1] + 1):
                    found.setdefault(sheet, {})[row, column] = held.values.get((row, column), "")
    return found
