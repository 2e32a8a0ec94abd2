"""Every kind of workbook that we write, under a validator of the Open XML standard."""

from __future__ import annotations

from pathlib import Path

import openxml_audit
import pytest

from xlrotation import jobs
from xlrotation.fronts.excel import macros
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.templates import template_names

BOOKS = Path(__file__).parents[2] / "workbooks"
SAMPLE = Session("sample", lang="en")


def faults(path: Path) -> list[str]:
    return [str(error) for error in openxml_audit.OpenXmlValidator().validate(path).errors]


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("keep", [True, False])
def test_templates_and_exports_are_sound(name: str, keep: bool, tmp_path: Path) -> None:
    book = BOOKS / f"{name}.xlsx"
    assert faults(book) == []
    jobs.export(book, tmp_path, SAMPLE, keep_formulas=keep, lang="zh")
    assert faults(tmp_path / book.name) == []


def test_what_brings_its_macros_along_is_sound(tmp_path: Path) -> None:
    macros.with_macros(BOOKS / "daily_dashboard.xlsx", tmp_path / "daily_dashboard.xlsm")
    macros.build_addin(tmp_path)
    made = [path for path in tmp_path.iterdir() if path.suffix in (".xlsm", ".xlam")]
    assert len(made) == 2
    assert [faults(path) for path in made] == [[], []]


def test_a_broken_part_is_found(tmp_path: Path) -> None:
    from tests.workbook.parts import rewritten

    part = "xl/worksheets/sheet1.xml"
    bad = rewritten(
        BOOKS / "market_breadth.xlsx",
        tmp_path / "bad.xlsx",
        {part: lambda text: text.replace("<sheetData>", "<sheetDat>").replace("</sheetData>", "</sheetDat>")},
    )
    assert faults(bad)
