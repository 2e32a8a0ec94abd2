"""The recipes of docs/python.md run as they stand, and both languages show the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

import xlrotation as xr

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "python.md").read_text("utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of every block of code."""
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


RECIPES = {
    title: blocks(body)
    for title, body in re.findall(r"^### (\d+)\. .*?\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a template."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Inputs"
    sheet["B3"], sheet["B4"], sheet["B5"] = "XLF", 5, "=PX_RET(B3,B4)"
    book.defined_names["symbol"] = DefinedName("symbol", attr_text="Inputs!$B$3")
    book.save(tmp_path / "template.xlsx")
    return tmp_path


def run(code: str, folder: Path, site: Path | None = None) -> str:
    (folder / "recipe.py").write_text(code, "utf-8")
    path = os.pathsep.join(filter(None, (str(site or ""), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "recipe.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_ten_recipes() -> None:
    assert list(RECIPES) == [str(number) for number in range(1, 11)]
    assert all(RECIPES.values())


def test_the_first_lines_of_the_page_run(folder: Path) -> None:
    shown = run(blocks(PAGE)[0][1], folder)
    assert shown.splitlines()[0] == str(xr.open("sample", asof="2026-01-16").RS_STREAK("RUT", "SPX"))


@pytest.mark.parametrize("number", [number for number in RECIPES if number != "10"])
def test_a_recipe_runs(number: str, folder: Path) -> None:
    for language, code in RECIPES[number]:
        assert language == "python"
        shown = run(code, folder)
    m = xr.open("sample", asof="2026-01-16")
    match number:
        case "1":
            sheet = openpyxl.load_workbook(folder / "sectors.xlsx")["Sectors"]
            assert sheet.max_row == 12
            assert len(sheet._charts) == 1  # type: ignore[attr-defined]
        case "2":
            assert "did you mean" in shown or "no symbol 'XLKK'" in shown
            assert shown.splitlines()[-1] == "#N/A"
        case "5":
            assert shown.count("datetime.date") == len(m.sessions("2026-01-05"))
        case "6":
            read = openpyxl.load_workbook(folder / "morning.xlsx", data_only=True)["Inputs"]
            assert read["B5"].value == m.PX_RET("XLK", 20)
        case "7":
            assert shown.strip() == "4 {}"
            assert len(list((folder / "reports").rglob("*.xlsx"))) == 4
        case "8":
            read = openpyxl.load_workbook(folder / "with_openpyxl.xlsx")["Inputs"]
            assert [read.cell(1, column).value for column in (4, 5, 6)] == ["Sector", "Symbol", "5D"]


def test_the_function_of_ones_own_is_there(folder: Path) -> None:
    (_, module), (_, project), (_, use) = RECIPES["10"]
    site = folder / "site"
    about = site / "desk-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "desk_functions.py").write_text(module, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: desk\nVersion: 1.0\n", "utf-8")
    (group, entries), *_ = tomllib.loads(project)["project"]["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    (about / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    first, second = run(use, folder, site).split()
    assert -1 < float(first) <= 0
    assert 0 <= float(second) <= 1


def test_both_languages_show_the_same() -> None:
    chinese = (DOCS / "zh" / "python.md").read_text("utf-8")
    assert blocks(chinese) == blocks(PAGE)
    assert re.findall(r"^### (\d+)", chinese, re.MULTILINE) == list(RECIPES)
    for name in re.findall(r"`(xr\.[\w.]+)", PAGE + chinese):
        found: object = xr
        for part in name.split(".")[1:]:
            found = getattr(found, part)
