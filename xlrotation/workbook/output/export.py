"""Write an evaluation into a copy of its workbook.

Only what a formula feeds is changed: the cells of the sheets, the numbers that charts cache, the calculation chain.
Every other part of the package stays as it was, so charts, sparklines, conditional formats, images and print settings
come through.
"""

from __future__ import annotations

import functools
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xlrotation import files
from xlrotation.errors import BadWorkbook, RotationError
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.evaluation.traces import without_calls
from xlrotation.workbook.formulas.calls import mentions
from xlrotation.workbook.formulas.references import Area, parse_area
from xlrotation.workbook.output import emptycharts, headers
from xlrotation.workbook.output.missing import NAME as MISSING
from xlrotation.workbook.package import chartcache
from xlrotation.workbook.package.parts import Package, opened, root_of
from xlrotation.workbook.package.shared import once
from xlrotation.workbook.package.sheetedit import SheetEditor
from xlrotation.workbook.package.sheetlayout import Layout
from xlrotation.workbook.package.splice import Edits, Element, parse, plain_tree, plain_xml
from xlrotation.workbook.package.zipcopy import copy_zip

_MAX_POINTS = 20_000
"""Cells that one series of a chart may cache."""

_ENGINE = 191029
"""The number of Excel's calculation engine since 2019; a workbook saved by an older one recalculates on opening."""

_BEFORE_CALCULATION = ("sheets", "functionGroups", "externalReferences", "definedNames")
"""Parts of a workbook that stand before its calculation settings."""

_CHART = re.compile(r"/charts/chart\d*\.xml$")
_DRAWING = re.compile(r"/drawings/drawing\d*\.xml$")
_TABLE = re.compile(r"/tables/table\d*\.xml$")
_LINKED = re.compile(r"\[\d+\]")
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
        self._recalculate = recalculate
        self._ours = mentions(evaluation.functions)
        self._editors: dict[str, SheetEditor] = {}
        self._parts: dict[str, bytes | None] = {}
        self._shown: dict[str, Sequence[object] | None] = {}
        self._strings: list[str] | None = None

    def write(self, target: Path) -> Path:
        """Edit the package and write it to *target*."""
        self._package = opened(self._path)
        try:
            self._edit_sheets()
            self._edit_headers()
            self._edit_charts()
            self._edit_workbook()
            if MISSING in self._evaluation.names:
                self._leave_out_empty_charts()
            if not self._keep:
                self._edit_tables()
                self._drop_calculation_chain()
                self._drop_links()
            return write_package(self._package, self._parts, target)
        finally:
            self._package.close()
            self._editors.clear()  # they ask this for texts, and a ring is left to the collector of memory

    def _edit_sheets(self) -> None:
        evaluation = self._evaluation
        for sheet, part in self._package.sheets.items():
            if "/worksheets/" not in f"/{part}":
                continue
            values = evaluation.values.get(sheet)
            kept = evaluation.kept.get(sheet, set())
            if values and (len(values) > len(kept) or not self._keep):
                self._editor(sheet).apply(values, evaluation.anchors.get(sheet, {}), kept)
            if values or (not self._keep and self._ours.search(self._package.read(part).decode("utf-8", "replace"))):
                editor = self._editor(sheet)
                pieces = editor.parts()
                rules = {
                    (cells, formulas): rule
                    for (name, cells, formulas), rule in evaluation.rules.items()
                    if name.lower() == sheet.lower()
                }
                data = b"".join(pieces if self._keep else without_calls(*pieces, self._ours, rules))
                if data != editor.data:
                    self._parts[part] = data

    def _edit_headers(self) -> None:
        texts = headers.wanted(self._evaluation.named)
        for part in self._sheet_parts.values() if texts else ():
            data = self._parts.get(part) or self._package.read(part)
            made = headers.headed(data, texts)
            if made is not data:
                self._parts[part] = made

    def _editor(self, sheet: str) -> SheetEditor:
        key = sheet.lower()
        if key not in self._editors:
            part = self._sheet_parts[key]
            try:
                data, dated = self._package.read(part), self._package.date1904
                self._editors[key] = SheetEditor(once(Layout, data), self._shared_strings, self._keep, dated)
            except ValueError as error:
                raise BadWorkbook(f"{self._path}: {part} {error}") from None
        return self._editors[key]

    @functools.cached_property
    def _sheet_parts(self) -> dict[str, str]:
        found = {sheet.lower(): part for sheet, part in self._package.sheets.items()}
        return {sheet: part for sheet, part in found.items() if "/worksheets/" in f"/{part}"}

    def _shared_strings(self) -> list[str]:
        if self._strings is None:
            self._strings = _read_shared_strings(self._package)
        return self._strings

    def _put(self, part: str, data: bytes) -> None:
        """Note what a part becomes, unless it stays as it is."""
        if data != self._package.read(part):
            self._parts[part] = data

    def _tree(self, part: str) -> tuple[bytes, Element]:
        """The bytes of a part and its elements."""
        try:
            return once(plain_tree, self._package.read(part))
        except ValueError as error:
            raise self._malformed(part, error) from None

    def _malformed(self, part: str, error: ValueError) -> BadWorkbook:
        return BadWorkbook(f"{self._path}: {part} is no well-formed XML ({error})")

    def _edit_charts(self) -> None:
        filler = chartcache.Filler(self._values_of)
        for part in filter(_CHART.search, self._package.zip.namelist()):
            data = self._package.read(part)
            try:
                chart = once(chartcache.read, data)
            except ValueError as error:
                raise self._malformed(part, error) from None
            changed = filler.refreshed(chart)
            if changed is not chart.data and changed != data:
                self._parts[part] = changed

    def _leave_out_empty_charts(self) -> None:
        """Of a report book that tells what is missing: axes without data say nothing, so their charts are not shown.

        They are gone from a copy without formulas. In one with formulas they are hidden, until they show something. One
        beside them has their room.
        """
        for part in self._package.zip.namelist():
            if _DRAWING.search(part):
                charts = {key: target for key, target in self._package.relations(part).items() if _CHART.search(target)}

                def chart_of(anchor: Element, charts: Mapping[str, str] = charts) -> str:
                    named = (v for c in anchor.iter("chart") for v in c.attributes.values())
                    return next((charts[name] for name in named if name in charts), "")

                data, root = self._tree(part)
                self._put(part, emptycharts.left_out(data, root, chart_of, self._draws, self._keep))

    def _draws(self, part: str, named: str) -> bool:
        """Whether a chart shows a number: in the cells that it is named by, or in any of its own where it is not."""
        if parse_area(named) is not None and (values := self._values_of(named)) is not None:
            return any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        root = parse(plain_xml(self._package.read(part)))
        for holder in root.iter("val", "yVal"):
            for formula in holder.iter("f"):
                values = self._values_of(formula.text.strip()) or ()
                if any(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
                    return True
        return False

    def _values_of(self, reference: str) -> Sequence[object] | None:
        """The values of a range, or of a defined name, that a chart shows; None where no formula feeds it."""
        if reference not in self._shown:
            self._shown[reference] = self._values_now(reference)
        return self._shown[reference]

    def _values_now(self, reference: str) -> Sequence[object] | None:
        area = parse_area(reference)
        if area is None and (match := _QUALIFIED.fullmatch(reference)):
            named = self._evaluation.names.get(match[1].lower())
            if isinstance(named, list):
                return [value for row in named for value in row]
            area = named
        if not isinstance(area, Area) or area.size > _MAX_POINTS or (area.sheet or "").lower() not in self._fed:
            return None
        return self._editor(area.sheet or "").values(area)

    @functools.cached_property
    def _fed(self) -> set[str]:
        """Sheets with cells that formulas feed."""
        return {sheet.lower() for sheet, values in self._evaluation.values.items() if values} & set(self._sheet_parts)

    def _edit_workbook(self) -> None:
        """No recalculation on opening unless asked for; without formulas also no name that calls our functions."""
        data, root = self._tree(self._package.workbook_part)
        edits = Edits(data)
        properties = root.child("calcPr")
        if properties is not None:
            edits.set(properties, self._calculation(properties.attributes))
        elif before := [child for child in root.children if child.name in _BEFORE_CALCULATION]:
            attributes = "".join(f' {name}="{value}"' for name, value in self._calculation({}).items() if value)
            edits.replace(before[-1].end, before[-1].end, f"<{root.prefix}calcPr{attributes}/>".encode())
        for name in [] if self._keep else list(root.iter("definedName")):
            if self._ours.search(name.text):
                edits.prune(name, "definedNames")
        self._put(self._package.workbook_part, edits.apply())

    def _calculation(self, now: Mapping[str, str]) -> dict[str, str | None]:
        """The calculation settings: an older engine's number, too, would make Excel recalculate on opening."""
        wanted: dict[str, str | None] = {"fullCalcOnLoad": "1" if self._recalculate else "0", "forceFullCalc": None}
        if not self._recalculate and not (now.get("calcId", "").isdigit() and int(now["calcId"]) >= _ENGINE):
            wanted["calcId"] = str(_ENGINE)
        return wanted

    def _edit_tables(self) -> None:
        """Tables must not fill new rows with our functions."""
        for part in self._package.zip.namelist():
            if _TABLE.search(part):
                data, root = self._tree(part)
                edits = Edits(data)
                for formula in root.iter("calculatedColumnFormula", "totalsRowFormula"):
                    if self._ours.search(formula.text):
                        edits.remove(formula)
                self._put(part, edits.apply())

    def _drop_calculation_chain(self) -> None:
        self._drop_parts([name for name in self._package.zip.namelist() if name.lower().endswith("calcchain.xml")])

    def _drop_links(self) -> None:
        """Links to other workbooks or add-ins go with the formulas, unless a name, chart or rule still uses one."""
        now = self._parts.get(self._package.workbook_part) or self._package.read(self._package.workbook_part)
        if b"externalReference" not in plain_xml(now):
            return
        data, root = self._current(self._package.workbook_part)
        links = list(root.iter("externalReference"))
        if not links or any(map(_LINKED.search, self._left_formulas())):
            return
        targets = self._package.relations(self._package.workbook_part)
        parts = [
            targets.get(value, "") for link in links for key, value in link.attributes.items() if key[-3:] == ":id"
        ]
        folders = [part.rpartition("/") for part in parts]
        relations = [f"{folder}/_rels/{name}.rels" for folder, _, name in folders]
        self._drop_parts([part for part in (*parts, *relations) if part in self._package.zip.namelist()])
        edits = Edits(data)
        for holder in root.iter("externalReferences"):
            edits.remove(holder)
        self._parts[self._package.workbook_part] = edits.apply()

    def _left_formulas(self) -> Iterator[str]:
        """The texts of formulas that a copy without formulas in its cells still has."""
        _, root = self._current(self._package.workbook_part)
        yield from (name.text for name in root.iter("definedName"))
        for part in self._package.zip.namelist():
            if _CHART.search(part):
                yield from (formula.text for formula in self._current(part)[1].iter("f"))
        for part in self._sheet_parts.values():
            data = self._parts.get(part) or self._package.read(part)
            yield data.rpartition(b"sheetData>")[2].decode("utf-8", "replace")

    def _current(self, part: str) -> tuple[bytes, Element]:
        data = self._parts.get(part)
        return self._tree(part) if data is None else (data, parse(data))

    def _drop_parts(self, dropped: Sequence[str]) -> None:
        """Leave parts out, and what the package says of them."""
        if not dropped:
            return
        self._parts.update(dict.fromkeys(dropped))
        folder, _, name = self._package.workbook_part.rpartition("/")
        for part in ("[Content_Types].xml", f"{folder}/_rels/{name}.rels".lstrip("/")):
            data, root = self._current(part)
            edits = Edits(data)
            for item in root.children:
                target = item.get("PartName") or item.get("Target")
                whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                if whole in dropped:
                    edits.remove(item)
            self._parts[part] = edits.apply()


def _read_shared_strings(package: Package) -> list[str]:
    for target in package.relations(package.workbook_part).values():
        if target.lower().endswith("sharedstrings.xml"):
            return package.told(_strings_of, target)
    return []


def _strings_of(data: bytes) -> list[str]:
    return ["".join(text.text or "" for text in item.iter("{*}t")) for item in root_of(data).iter("{*}si")]


def write_package(package: Package, parts: dict[str, bytes | None], target: Path) -> Path:
    """Write the package with *parts* replaced (None: left out); never a half-written file under the target's name.

    Raises:
        BadWorkbook: A part that is copied as it is, is not whole.
        RotationError: The target cannot be written.
    """
    try:
        with files.replacing(target) as file:
            copy_zip(package.zip, parts, file)
            if target.exists() and target.samefile(package.path):
                package.close()  # Windows does not replace an open file
    except zipfile.BadZipFile as error:
        raise BadWorkbook(f"{package.path}: is damaged ({error}); open it in a spreadsheet and save it again") from None
    except PermissionError:
        raise RotationError(f"{target}: cannot be replaced; close it in Excel, or write to another folder") from None
    except OSError as error:
        raise RotationError(f"{target}: cannot be written ({error.strerror or error})") from None
    return target
