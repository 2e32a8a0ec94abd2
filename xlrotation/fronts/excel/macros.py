"""Workbooks and an add-in for Excel that bring their macros along, so that nothing has to be imported by hand.

The project holds our module and, from the installed package xlwings (BSD licence, whose text stands in its module), the
module that reaches Python; so no reference has to be ticked either.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from xlrotation import guard
from xlrotation.files import write_whole
from xlrotation.fronts.excel import intellisense, ribbon, vba
from xlrotation.fronts.excel.vba_project import Module, build, documents
from xlrotation.workbook.package.zipcopy import copy_zip

ADDIN = "xlrotation.xlam"

_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_TYPES = {
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
_PROJECT_TYPE = "application/vnd.ms-office.vbaProject"
_PROJECT_LINK = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_RIBBON_LINK = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_CLASS = """Attribute VB_Base = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"
Attribute VB_TemplateDerived = False
Attribute VB_Customizable = False
"""


def with_macros(book: Path, target: Path) -> Path:
    """Write a copy of the workbook *book* with our macros to *target*, an .xlsm or .xlam.

    Args:
        book: A workbook without macros, as :mod:`xlrotation.reports` builds them.
        target: Where it is written; an add-in also gets the ribbon tab.

    Returns:
        *target*.
    """
    with zipfile.ZipFile(book) as source:
        sheets = sorted(
            (name for name in source.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
            key=lambda name: int(name.removesuffix(".xml").rpartition("sheet")[2]),
        )
        codes = [f"Sheet{place}" for place in range(1, len(sheets) + 1)]
        changed: dict[str, bytes | None] = {
            name: _with_code(source.read(name), code) for name, code in zip(sheets, codes, strict=True)
        }
        changed["xl/workbook.xml"] = _replaced(
            source.read("xl/workbook.xml"), "<workbookPr", '<workbookPr codeName="ThisWorkbook"'
        )
        types = _replaced(source.read("[Content_Types].xml"), _PLAIN, _TYPES[target.suffix])
        added = f'<Override PartName="/xl/vbaProject.bin" ContentType="{_PROJECT_TYPE}"/></Types>'
        changed["[Content_Types].xml"] = _replaced(types, "</Types>", added)
        changed["xl/_rels/workbook.xml.rels"] = _linked(
            source.read("xl/_rels/workbook.xml.rels"), _PROJECT_LINK, "vbaProject.bin"
        )
        parts = {"xl/vbaProject.bin": project(codes)}
        if target.suffix == ".xlam":
            changed["_rels/.rels"] = _linked(source.read("_rels/.rels"), _RIBBON_LINK, "customUI/customUI14.xml")
            parts["customUI/customUI14.xml"] = ribbon.render().encode("utf-8")
        file = io.BytesIO()
        copy_zip(source, changed, file)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            made = zipfile.ZipInfo(name)
            made.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(made, data)
    write_whole(target, file.getvalue())
    return target


def build_addin(folder: Path) -> list[Path]:
    """Build the add-in into *folder*, with the file for Excel-DNA IntelliSense that belongs beside it."""
    import xlsxwriter

    with guard.scratch("xlrotation-addin-") as scratch:
        draft, drawn = scratch / "draft.xlsx", io.BytesIO()
        with xlsxwriter.Workbook(drawn, {"in_memory": True}) as book:
            book.add_worksheet("xlrotation").write_string(0, 0, "Worksheet functions of xlrotation")
        draft.write_bytes(drawn.getvalue())
        addin = with_macros(draft, folder / ADDIN)
    help_file = folder / "xlrotation.intellisense.xml"
    write_whole(help_file, intellisense.render().encode("utf-8"))
    return [addin, help_file]


def build_books(build: Callable[[Path], Sequence[Path]], folder: Path) -> list[Path]:
    """Build workbooks with macros into *folder*, and the add-in.

    Args:
        build: Builds the workbooks without macros into a folder.
        folder: Where those with macros go.
    """
    with guard.scratch("xlrotation-templates-") as drafts:
        books = [with_macros(book, folder / f"{book.stem}.xlsm") for book in build(drafts)]
    return [*books, *build_addin(folder)]


def project(codes: list[str]) -> bytes:
    """The VBA project of a workbook whose sheets have the code names *codes*."""
    import xlwings

    package = Path(xlwings.__file__).parent
    reach = (package / "xlwings.bas").read_text("cp1252")
    dictionary = (package / "addin" / "Dictionary.cls").read_text("cp1252")
    return build(
        [
            *documents(codes),
            Module("xlrotation", vba.render()),
            Module("xlwings", reach),
            Module("Dictionary", _class_text(dictionary), "class"),
        ]
    )


def _class_text(exported: str) -> str:
    """An exported class as a project keeps it: without the head of the file, with the attributes of all classes."""
    text = exported[exported.index("Attribute VB_Name") :]
    first, _, rest = text.partition("\n")
    return f"{first}\n{_CLASS}{rest}"


def _replaced(data: bytes, old: str, new: str) -> bytes:
    if data.count(old.encode()) != 1:
        raise ValueError(f"the workbook does not hold {old} once")
    return data.replace(old.encode(), new.encode())


def _with_code(sheet: bytes, code: str) -> bytes:
    if b"<sheetPr" in sheet:
        return sheet.replace(b"<sheetPr", f'<sheetPr codeName="{code}"'.encode(), 1)
    return re.sub(rb"(<worksheet\b[^>]*>)", rb'\1<sheetPr codeName="' + code.encode() + rb'"/>', sheet, count=1)


def _linked(relations: bytes, kind: str, target: str) -> bytes:
    link = f'<Relationship Id="rIdMacros" Type="{kind}" Target="{target}"/></Relationships>'
    return _replaced(relations, "</Relationships>", link)
