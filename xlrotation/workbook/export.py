"""Write an evaluation into a copy of its workbook.

Only what a formula feeds is changed: the cells of the sheets, the numbers that charts cache, the calculation chain.
Every other part of the package stays as it was, so charts, sparklines, conditional formats, images and print settings
come through.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from xlrotation.errors import RotationError
from xlrotation.workbook.calls import mentions
from xlrotation.workbook.chartcache import refresh_cache
from xlrotation.workbook.evaluation import Evaluation
from xlrotation.workbook.package import Package
from xlrotation.workbook.references import Area, parse_area
from xlrotation.workbook.sheetedit import SheetEditor

_MAX_POINTS = 20_000
"""Cells that one series of a chart may cache."""

_CHART = re.compile(r"/charts/chart\d*\.xml$")
_TABLE = re.compile(r"/tables/table\d*\.xml$")
_QUALIFIED = re.compile(r"(?:'(?:[^']|'')*'|[^!']*)!([^!]+)")


def export_values(path: Path | str, evaluation: Evaluation, target: Path | str) -> Path:
    """Write a copy whose formulas are replaced by their values, for readers who lack our functions.

    Raises:
        BadWorkbook: The workbook cannot be read.
        RotationError: The copy cannot be written.
    """
    return _Export(Path(path), evaluation, keep_formulas=False).write(Path(target))


def export_live(
    path: Path | str, evaluation: Evaluation, target: Path | str, recalculate_on_open: bool = False
) -> Path:
    """Write a copy that keeps its formulas and stores their values beside them.

    The workbook is told not to recalculate when it opens: where the add-in is missing the stored values stay.

    Args:
        path: The workbook.
        evaluation: Its values.
        target: Where the copy goes; the workbook itself is replaced whole.
        recalculate_on_open: Tell it to recalculate all the same, for readers who have the functions.

    Raises:
        BadWorkbook: The workbook cannot be read.
        RotationError: The copy cannot be written.
    """
    return _Export(Path(path), evaluation, keep_formulas=True, recalculate=recalculate_on_open).write(Path(target))


class _Export:
    def __init__(self, path: Path, evaluation: Evaluation, keep_formulas: bool, recalculate: bool = False) -> None:
        self._path = path
        self._evaluation = evaluation
        self._keep = keep_formulas
        self._recalculate = "1" if recalculate else "0"
        self._ours = mentions(evaluation.functions)
        self._editors: dict[str, SheetEditor] = {}
        self._parts: dict[str, bytes | None] = {}

    def write(self, target: Path) -> Path:
        """Edit the package and write it to *target*."""
        package = Package(self._path)
        try:
            self._edit_sheets(package)
            self._edit_charts(package)
            self._edit_workbook(package)
            if not self._keep:
                self._edit_tables(package)
                self._drop_calculation_chain(package)
            return write_package(package, self._parts, target)
        finally:
            package.close()

    def _edit_sheets(self, package: Package) -> None:
        strings = _shared_strings(package)
        for sheet, part in package.sheets.items():
            if "/worksheets/" not in f"/{part}":
                continue
            editor = SheetEditor(package.tree(part), strings, self._keep)
            editor.apply(self._evaluation.values.get(sheet, {}), self._evaluation.anchors.get(sheet, {}))
            self._editors[sheet.lower()] = editor
            if editor.changed:
                self._parts[part] = _bytes(editor.root)

    def _edit_charts(self, package: Package) -> None:
        for part in package.zip.namelist():
            if _CHART.search(part):
                chart = package.tree(part)
                if refresh_cache(chart, self._values_of):
                    self._parts[part] = _bytes(chart)

    def _values_of(self, reference: str) -> Sequence[object] | None:
        """The values of a range, or of a defined name, that a chart shows."""
        area = parse_area(reference)
        if area is None and (match := _QUALIFIED.fullmatch(reference)):
            named = self._evaluation.names.get(match[1].lower())
            if isinstance(named, list):
                return [value for row in named for value in row]
            area = named
        editor = self._editors.get((area.sheet or "").lower()) if isinstance(area, Area) else None
        if editor is None or not isinstance(area, Area) or area.size > _MAX_POINTS:
            return None
        rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
        return [editor.value(row, column) for row in rows for column in columns]

    def _edit_workbook(self, package: Package) -> None:
        """No recalculation on opening unless asked for; without formulas also no name that calls our functions."""
        root = package.tree(package.workbook_part)
        changed = False
        for properties in root.iter("{*}calcPr"):
            if properties.get("fullCalcOnLoad") != self._recalculate or properties.get("forceFullCalc") is not None:
                # Said outright: where it is missing some readers take it as set.
                properties.set("fullCalcOnLoad", self._recalculate)
                if properties.get("forceFullCalc") is not None:
                    del properties.attrib["forceFullCalc"]
                changed = True
        for name in [] if self._keep else list(root.iter("{*}definedName")):
            parent = name.getparent()
            if parent is not None and self._ours.search(name.text or ""):
                parent.remove(name)
                changed = True
                if len(parent) == 0 and (above := parent.getparent()) is not None:
                    above.remove(parent)
        if changed:
            self._parts[package.workbook_part] = _bytes(root)

    def _edit_tables(self, package: Package) -> None:
        """Tables must not fill new rows with our functions."""
        for part in package.zip.namelist():
            if not _TABLE.search(part):
                continue
            root = package.tree(part)
            ours = [f for f in root.iter("{*}calculatedColumnFormula") if self._ours.search(f.text or "")]
            for formula in ours:
                if (parent := formula.getparent()) is not None:
                    parent.remove(formula)
            if ours:
                self._parts[part] = _bytes(root)

    def _drop_calculation_chain(self, package: Package) -> None:
        chains = [name for name in package.zip.namelist() if name.lower().endswith("calcchain.xml")]
        if not chains:
            return
        self._parts.update(dict.fromkeys(chains))
        folder, _, name = package.workbook_part.rpartition("/")
        for part in ("[Content_Types].xml", f"{folder}/_rels/{name}.rels".lstrip("/")):
            root = package.tree(part)
            for item in list(root):
                if (item.get("PartName") or item.get("Target") or "").lower().endswith("calcchain.xml"):
                    root.remove(item)
            self._parts[part] = _bytes(root)


def _shared_strings(package: Package) -> list[str]:
    for target in package.relations(package.workbook_part).values():
        if target.lower().endswith("sharedstrings.xml"):
            return ["".join(t.text or "" for t in item.iter("{*}t")) for item in package.tree(target).iter("{*}si")]
    return []


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def write_package(package: Package, parts: dict[str, bytes | None], target: Path) -> Path:
    """Write the package with *parts* replaced (None: left out); never a half-written file under the target's name.

    Raises:
        RotationError: The target cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                _write_zip(package, parts, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            if target.exists() and target.samefile(package.path):
                package.close()  # Windows does not replace an open file
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except PermissionError:
        raise RotationError(f"{target}: cannot be replaced; close it in Excel, or write to another folder") from None
    except OSError as error:
        raise RotationError(f"{target}: cannot be written ({error.strerror or error})") from None
    return target


def _write_zip(package: Package, parts: dict[str, bytes | None], file: object) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:  # type: ignore[call-overload]
        for info in package.zip.infolist():
            if info.filename not in parts:
                out.writestr(info, package.read(info.filename))
            elif (data := parts[info.filename]) is not None:
                out.writestr(info, data)
