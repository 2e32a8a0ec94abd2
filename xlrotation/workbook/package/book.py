"""A workbook as its file has it: cells with their stored values, formulas in the file's own text, names, tables."""

from __future__ import annotations

import io
import operator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from xlrotation.errors import CELL_ERRORS, BadWorkbook, CellError
from xlrotation.workbook.formulas.references import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    Place,
    cell_name,
    moved,
    parse_area,
)
from xlrotation.workbook.formulas.troubles import MAX_DEPTH, too_long
from xlrotation.workbook.package.elements import TAGS, joined, stored_number, unescaped
from xlrotation.workbook.package.links import linked_sheets
from xlrotation.workbook.package.parts import Package
from xlrotation.workbook.package.rules import Rule, rule_of, texts_of
from xlrotation.workbook.package.sheetcells import (
    Attributes,
    Cells,
    Unusual,
    plain_cells,
    plain_parts,
    tree_cells,
)
from xlrotation.workbook.package.transitional import iso_serial

Scalar = None | bool | float | str | CellError
"""Row and column, from 1."""

_ROW, _COLUMN = operator.itemgetter(0), operator.itemgetter(1)
_RULES = ("{*}cfRule", "{*}dataValidation", "{*}autoFilter", "{*}mergeCell")


class FormulaCell(NamedTuple):
    """A formula as the file has it.

    Attributes:
        kind: ``plain``, ``dynamic`` (it spills), ``array`` (it fills just ``area``) or ``table`` (what-if data).
        text: The file's own text, without ``=``; of a shared formula as it reads in this cell.
        area: The cells that an array formula fills, or that one which spills filled when the workbook was saved.
    """

    kind: str
    text: str
    area: Area | None = None


@dataclass(slots=True)
class ListObject:
    """A table of a sheet."""

    name: str
    sheet: int
    area: Area
    columns: list[str]
    headers: int
    totals: int
    filtered: bool = False


@dataclass(slots=True)
class Sheet:
    """A worksheet; one of another kind has no cells.

    Attributes:
        name: Its name.
        values: What the cells hold, as stored, those of formulas included.
        formulas: The formulas.
        unsure: Cells whose value the file holds in a form that says more than the value (a stock, a picture).
        hidden: Rows that are hidden, for SUBTOTAL.
        merged: Cells that are merged, the first of which holds their value.
    """

    name: str
    values: dict[Place, Scalar] = field(default_factory=dict)
    formulas: dict[Place, FormulaCell] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    hidden: set[int] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    filtered: bool = False


@dataclass(slots=True)
class Book:
    """A workbook, read.

    Attributes:
        sheets: In order, also those that hold no cells, so that positions agree with the file.
        names: By scope (position of a sheet, or None) and name in small letters: the definition.
        tables: By name in small letters.
        full: The file asks for a full calculation when it opens: its maker did not compute.
        rules: Conditional formats and validations with formulas.
        index: Positions of sheets by name in small letters.
        linked: By number of another workbook and name of its sheet in small letters: the position, behind the
            workbook's own, of the values that are kept of it.
    """

    path: Path
    sheets: list[Sheet] = field(default_factory=list)
    names: dict[tuple[int | None, str], str] = field(default_factory=dict)
    tables: dict[str, ListObject] = field(default_factory=dict)
    date1904: bool = False
    full: bool = False
    rules: list[Rule] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    linked: dict[tuple[str, str], int] = field(default_factory=dict)

    def definition(self, name: str, scope: int | None) -> str | None:
        """What a defined name stands for, seen from a sheet."""
        name = name.lower()
        return self.names.get((scope, name), self.names.get((None, name)))


def read_book(path: Path, content: bytes | None = None) -> Book:
    """Read a workbook; *content*: its bytes, where they were read already.

    Raises:
        BadWorkbook: It cannot be read.
    """
    package = Package(path, content)
    try:
        package.verify()
        return _Loader(package).book
    finally:
        package.close()


class _Loader:
    def __init__(self, package: Package) -> None:
        self._package = package
        self.book = book = Book(package.path, date1904=package.date1904)
        root = package.tree(package.workbook_part)
        for item in root.iter("{*}sheet"):
            if name := item.get("name"):
                book.index.setdefault(name.lower(), len(book.sheets))
                book.sheets.append(Sheet(name))
        for item in root.iter("{*}definedName"):
            text = item.text or ""
            if what := too_long(text):
                raise BadWorkbook(f"{package.path}: {item.get('name')} {what}")
            scope = item.get("localSheetId")
            if item.get("name"):
                key = (int(scope) if scope and scope.isdigit() else None, str(item.get("name")).lower())
                book.names[key] = text.strip().removeprefix("=")
        for item in root.iter("{*}calcPr"):
            book.full = item.get("fullCalcOnLoad") in ("1", "true", "on")
        self._strings: list[str] | None = None
        for number, sheet in enumerate(book.sheets):
            part = package.sheets.get(sheet.name)
            if part is None or "/worksheets/" not in f"/{part}":
                continue
            self._read_tables(part, number)
            self._read_sheet(part, sheet)
            for held in (sheet.values, sheet.formulas):
                sheet.rows = max(sheet.rows, max(map(_ROW, held), default=0))
                sheet.columns = max(sheet.columns, max(map(_COLUMN, held), default=0))
        for link, title, values in linked_sheets(package):
            book.linked[link, title.lower()] = len(book.sheets)
            rows, columns = (max((place[axis] for place in values), default=0) for axis in (0, 1))
            book.sheets.append(Sheet(f"[{link}]{title}", dict(values), rows=rows, columns=columns))

    def _read_tables(self, part: str, number: int) -> None:
        package = self._package
        names = set(package.zip.namelist())
        for target in package.relations(part).values():
            if "/tables/" not in target or target not in names:
                continue
            root = package.tree(target)
            for element in root.iter("{*}calculatedColumnFormula"):
                if what := too_long(element.text or ""):
                    raise BadWorkbook(f"{package.path}: {target} {what}")
            area = parse_area(root.get("ref") or "")
            name = str(root.get("displayName") or root.get("name") or "")
            if area is None or not name:
                continue
            columns = [unescaped(str(item.get("name") or "")) for item in root.iter("{*}tableColumn")]
            headers, totals = root.get("headerRowCount"), root.get("totalsRowCount")
            self.book.tables[name.lower()] = ListObject(
                name,
                number,
                area,
                columns,
                int(headers or 1),
                int(totals) if totals and totals.isdigit() else 0,
                next(root.iter("{*}filterColumn"), None) is not None,
            )

    def _read_sheet(self, part: str, sheet: Sheet) -> None:
        data = self._package.read(part)
        try:
            self._read_plain(part, data, sheet)
        except Unusual:
            for held in (sheet.values, sheet.formulas, sheet.hidden, sheet.merged):
                held.clear()
            self._read_tree(part, data, sheet)

    def _read_plain(self, part: str, data: bytes, sheet: Sheet) -> None:
        """Read a sheet whose rows are in the plain form.

        Raises:
            Unusual: They are not.
        """
        rest, start, end = plain_parts(data)
        root = self._package.tree(part, rest)
        shared: dict[str, tuple[str, Place]] = {}
        number = 0
        for rows, cells in plain_cells(data, start, end, root.nsmap):
            for stated, attributes in rows:
                number = self._row_number(stated, attributes, number, sheet)
            self._read_cells(cells, sheet, shared)
        for element in root.iter(*_RULES):
            self._read_other(element, sheet)

    def _read_tree(self, part: str, data: bytes, sheet: Sheet) -> None:
        from lxml import etree

        context = etree.iterparse(
            io.BytesIO(data),
            events=("end",),
            tag=("{*}row", *_RULES),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        shared: dict[str, tuple[str, Place]] = {}
        row = 0
        try:
            for _, element in context:
                if row == 0 and str(element.getroottree().docinfo.doctype or ""):
                    raise BadWorkbook(
                        f"{self._package.path}: {part} declares a document type, which no workbook does; refused"
                    )
                if TAGS[element.tag] == "row":
                    row = self._row_number(element.get("r"), element.attrib, row, sheet)
                    self._read_cells(tree_cells(element, row), sheet, shared)
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
                else:
                    self._read_other(element, sheet)
        except etree.XMLSyntaxError as error:
            raise BadWorkbook(f"{self._package.path}: {part} is no well-formed XML ({error})") from None
        doctype = "" if context.root is None else str(context.root.getroottree().docinfo.doctype or "")
        if doctype:
            raise BadWorkbook(f"{self._package.path}: {part} declares a document type, which no workbook does; refused")

    def _read_other(self, element: Any, sheet: Sheet) -> None:
        if TAGS[element.tag] == "autoFilter":
            sheet.filtered = True
        elif TAGS[element.tag] == "mergeCell":
            if area := parse_area(element.get("ref") or ""):
                sheet.merged.append(area)
        else:
            self._read_rule(element, sheet)

    def _read_rule(self, element: Any, sheet: Sheet) -> None:
        for text in texts_of(element):
            if what := too_long(text):
                raise BadWorkbook(f"{self._package.path}: {sheet.name}! {what}")
        rule = rule_of(element, sheet.name)
        if rule is not None:
            self.book.rules.append(rule)

    def _row_number(self, stated: str | None, row: Attributes, before: int, sheet: Sheet) -> int:
        """The number of a row, which may leave it to the one before."""
        number = int(stated) if stated and stated.isdigit() else before + 1
        if number > MAX_ROW:
            raise BadWorkbook(f"{self._package.path}: {sheet.name} has a row {number:,}, which no spreadsheet has")
        if row.get("hidden") in ("1", "true"):
            sheet.hidden.add(number)
        return number

    def _read_cells(self, cells: Cells, sheet: Sheet, shared: dict[str, tuple[str, Place]]) -> None:
        rows, columns = cells.rows, cells.columns
        for number, most, what in ((rows, MAX_ROW, "row"), (columns, MAX_COLUMN, "column")):
            if number and not 0 < min(number) <= max(number) <= most:
                odd = next(one for one in number if not 0 < one <= most)
                raise BadWorkbook(
                    f"{self._package.path}: {sheet.name} has a cell in {what} {odd:,}, which no spreadsheet has"
                )
        values, value_of = sheet.values, self._value
        for place, attributes, of_formula, formula, text, inline in zip(
            zip(rows, columns, strict=True), *cells[2:], strict=True
        ):
            if of_formula is not None:
                self._read_formula(formula or "", of_formula, attributes, place, sheet, shared)
            if inline is not None:
                values[place] = unescaped(inline)
            elif text is not None:
                value = value_of(attributes.get("t"), text, sheet, place)
                if value is not None:
                    values[place] = value

    def _read_formula(
        self,
        text: str,
        attributes: Attributes,
        cell: Attributes,
        place: Place,
        sheet: Sheet,
        shared: dict[str, tuple[str, Place]],
    ) -> None:
        kind = attributes.get("t")
        if len(text) > MAX_DEPTH and (what := too_long(text)):
            raise BadWorkbook(f"{self._package.path}: {sheet.name}!{cell_name(*place)} {what}")
        if kind == "dataTable":
            area = parse_area(attributes.get("ref") or "")
            inputs = [str(attributes.get(name)) for name in ("r1", "r2") if attributes.get(name)]
            if area is not None:
                sheet.formulas[place] = FormulaCell("table", f"TABLE({','.join(inputs)})", area)
            return
        if kind == "shared":
            group = str(attributes.get("si"))
            if text:
                shared[group] = text, place
            elif group in shared:
                first, origin = shared[group]
                text = moved(first, place[0] - origin[0], place[1] - origin[1])
        text = text.strip().removeprefix("=")
        if not text:
            return
        if kind == "array":
            area = parse_area(attributes.get("ref") or "") or Area(None, *place, *place)
            dynamic = cell.get("cm") is not None
            sheet.formulas[place] = FormulaCell("dynamic" if dynamic else "array", text, area)
        else:
            sheet.formulas[place] = FormulaCell("plain", text)

    def _value(self, kind: str | None, text: str, sheet: Sheet, place: Place) -> Scalar:
        if not text:
            return "" if kind == "str" else None
        try:
            if kind is None:
                return stored_number(text)
            if kind == "s":
                return (self._strings or self.strings)[int(text)]
            if kind == "str":
                return unescaped(text)
            if kind == "b":
                return text.strip() in ("1", "true")
            if kind == "e":
                return CELL_ERRORS.get(text.strip(), CellError.VALUE)
            if kind == "d":
                return iso_serial(text, self.book.date1904)
            if kind == "inlineStr":
                return unescaped(text)
            return stored_number(text) if text.strip() else None
        except (ValueError, IndexError):
            if kind is None and not text.strip():
                return None
            raise BadWorkbook(
                f"{self._package.path}: {sheet.name}!{cell_name(*place)} holds {text[:40]!r}, which is no value; "
                "open it in a spreadsheet and save it again"
            ) from None

    @property
    def strings(self) -> list[str]:
        """The shared strings."""
        if self._strings is None:
            self._strings = []
            for target in self._package.relations(self._package.workbook_part).values():
                if target.lower().endswith("sharedstrings.xml") and target in self._package.zip.namelist():
                    items = self._package.tree(target).iter("{*}si")
                    self._strings = [unescaped(joined(item)) for item in items]
        return self._strings
