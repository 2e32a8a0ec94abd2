"""Every kind of workbook that we write, under a validator of the Open XML standard."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openxml_audit
import pytest

from xlrotation import jobs
from xlrotation.fronts.excel import macros
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.templates import template_names

BOOKS = Path(__file__).parents[2] / "workbooks"
SAMPLE = Session("sample", lang="en")


# Functions that came after 2007: Excel knows them in a file under a prefix alone, and shows #NAME? without it
# (Microsoft, "Issue: An _xlfn. prefix is displayed in front of a formula").
LATER = (
    "TEXTJOIN CONCAT IFS SWITCH MAXIFS MINIFS XLOOKUP XMATCH FILTER SORT SORTBY UNIQUE SEQUENCE LET LAMBDA MAP REDUCE "
    "SCAN BYROW BYCOL TAKE DROP HSTACK VSTACK TOCOL TOROW CHOOSECOLS CHOOSEROWS EXPAND TEXTSPLIT TEXTBEFORE TEXTAFTER "
    "IFNA DAYS NUMBERVALUE XOR UNICHAR UNICODE STDEV.S STDEV.P VAR.S VAR.P PERCENTILE.INC PERCENTILE.EXC QUARTILE.INC "
    "PERCENTRANK.INC PERCENTRANK.EXC RANK.EQ RANK.AVG NORM.DIST NORM.S.DIST NORM.INV NORM.S.INV FORECAST.LINEAR"
).split()
BARE = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(LATER, key=len, reverse=True))) + r")\(")


def bare_calls(path: Path) -> list[str]:
    """Calls of later functions without their prefix, in formulas of cells, formats, lists and names."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            text = archive.read(part).decode("utf-8", "replace") if part.endswith(".xml") else ""
            for formula in re.findall(r"<(?:\w+:)?(?:f|formula\d?|definedName)\b[^>]*>([^<]*)<", text):
                plain = re.sub(r'"[^"]*"|&quot;.*?&quot;', "", formula)
                found += [f"{part}: {call}" for call in BARE.findall(plain)]
    return found


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


@pytest.mark.parametrize("name", template_names())
def test_later_functions_have_their_prefix(name: str) -> None:
    assert bare_calls(BOOKS / f"{name}.xlsx") == []


def test_a_later_function_without_its_prefix_is_found(tmp_path: Path) -> None:
    sheet = '<c><f>SUM(TEXTJOIN(",",TRUE,A1),_xlfn._xlws.FILTER(A1:A2,B1:B2),"LET(")</f></c>'
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    assert bare_calls(tmp_path / "book.xlsx") == ["xl/worksheets/sheet1.xml: TEXTJOIN("]
