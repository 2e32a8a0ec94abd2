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
from pathlib import Path

from lxml import etree

from xlrotation.workbook.chartcache import refresh_cache
from xlrotation.workbook.evaluate import Evaluation
from xlrotation.workbook.package import Package
from xlrotation.workbook.sheetedit import SheetEditor

_OURS = re.compile(r"(?<![A-Z0-9.])(?:XLR|PX|ROT|RS|DISP|VOL|BRD|VAL|FLOW|MAC|EVT|REP)_[A-Z0-9_]+\s*\(", re.IGNORECASE)


def export_values(path: Path | str, evaluation: Evaluation, target: Path | str) -> Path:
    """Write a copy whose formulas are replaced by their values, for readers who lack our functions."""
    return _export(Path(path), evaluation, Path(target), keep_formulas=False)


def export_live(path: Path | str, evaluation: Evaluation, target: Path | str) -> Path:
    """Write a copy that keeps its formulas and stores their values beside them.

    The workbook is told not to recalculate when it opens: where the add-in is missing the stored values stay.
    """
    return _export(Path(path), evaluation, Path(target), keep_formulas=True)


def _export(path: Path, evaluation: Evaluation, target: Path, keep_formulas: bool) -> Path:
    package = Package(path)
    try:
        parts: dict[str, bytes | None] = {}
        editors: dict[str, SheetEditor] = {}
        strings = _shared_strings(package)
        for sheet, part in package.sheets.items():
            if "/worksheets/" not in f"/{part}":
                continue
            editor = SheetEditor(package.tree(part), strings, keep_formulas)
            editor.apply(evaluation.values.get(sheet, {}), evaluation.anchors.get(sheet, {}))
            editors[sheet.lower()] = editor
            if editor.changed:
                parts[part] = _bytes(editor.root)
        for part in package.zip.namelist():
            if re.search(r"/charts/chart\d*\.xml$", part):
                chart = package.tree(part)
                if refresh_cache(chart, lambda sheet, row, column: _value(editors, sheet, row, column)):
                    parts[part] = _bytes(chart)
        _edit_workbook(package, parts, keep_formulas)
        return write_package(package, parts, target)
    finally:
        package.close()


def _value(editors: dict[str, SheetEditor], sheet: str, row: int, column: int) -> object:
    editor = editors.get(sheet.lower())
    return editor.value(row, column) if editor else None


def _edit_workbook(package: Package, parts: dict[str, bytes | None], keep_formulas: bool) -> None:
    """No recalculation on opening; without formulas also no calculation chain and no name that calls our functions."""
    root = package.tree(package.workbook_part)
    for properties in root.iter("{*}calcPr"):
        properties.set("fullCalcOnLoad", "0")  # said outright: where it is missing some readers take it as set
        if properties.get("forceFullCalc") is not None:
            del properties.attrib["forceFullCalc"]
    if not keep_formulas:
        for name in list(root.iter("{*}definedName")):
            parent = name.getparent()
            if parent is not None and _OURS.search(name.text or ""):
                parent.remove(name)
                if len(parent) == 0 and (above := parent.getparent()) is not None:
                    above.remove(parent)
        _drop_calculation_chain(package, parts)
    parts[package.workbook_part] = _bytes(root)


def _drop_calculation_chain(package: Package, parts: dict[str, bytes | None]) -> None:
    chains = [name for name in package.zip.namelist() if name.lower().endswith("calcchain.xml")]
    if not chains:
        return
    parts.update(dict.fromkeys(chains))
    folder, _, name = package.workbook_part.rpartition("/")
    for part in ("[Content_Types].xml", f"{folder}/_rels/{name}.rels".lstrip("/")):
        root = package.tree(part)
        for item in list(root):
            if (item.get("PartName") or item.get("Target") or "").lower().endswith("calcchain.xml"):
                root.remove(item)
        parts[part] = _bytes(root)


def _shared_strings(package: Package) -> list[str]:
    for target in package.relations(package.workbook_part).values():
        if target.lower().endswith("sharedstrings.xml"):
            return ["".join(t.text or "" for t in item.iter("{*}t")) for item in package.tree(target).iter("{*}si")]
    return []


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def write_package(package: Package, parts: dict[str, bytes | None], target: Path) -> Path:
    """Write the package with *parts* replaced (None: left out); never a half-written file under the target's name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
                for info in package.zip.infolist():
                    if info.filename in parts:
                        data = parts[info.filename]
                        if data is not None:
                            out.writestr(info.filename, data)
                    else:
                        out.writestr(info, package.read(info.filename))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target
