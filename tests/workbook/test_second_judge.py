"""Another program's judgement of every template and of its export: what Gnumeric computes is what we compute.

Formulas that call our functions are handed over as their values, all others as they are. Gnumeric's ``ssconvert``
recalculates the book, and each cell that it can compute must hold what stood there.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.export import export_values

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "workbooks").glob("*.xlsx"))
OURS = re.compile(rf"\b(?:_xldudf_)?({'|'.join(functions())})\(", re.IGNORECASE)
UNKNOWN = "#NAME?"
"""What Gnumeric shows for a function that it has not."""

pytestmark = [
    pytest.mark.skipif(
        shutil.which("ssconvert") is None and not os.environ.get("XLROTATION_NEED_GNUMERIC"),
        reason="Gnumeric's ssconvert is not installed",
    ),
    pytest.mark.filterwarnings("ignore:Workbook contains no default style"),  # what Gnumeric writes
]


def text_of(value: object) -> str:
    """The formula of a cell; empty where it has none."""
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return value if isinstance(value, str) and value.startswith("=") else ""


def handed_over(book: Path, values: Path, target: Path) -> dict[tuple[str, str], object]:
    """Write a book for the judge; the formulas that are left to it, with what we computed."""
    formulas, computed = openpyxl.load_workbook(book), openpyxl.load_workbook(values, data_only=True)
    asked: dict[tuple[str, str], object] = {}
    for sheet in formulas.worksheets:
        known = computed[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                formula = text_of(cell.value)
                if not formula:
                    if cell.value is None and known[cell.coordinate].value is not None:
                        cell.value = known[cell.coordinate].value  # of a table that spilled
                elif OURS.search(formula) or isinstance(cell.value, ArrayFormula):
                    cell.value = known[cell.coordinate].value
                else:
                    asked[sheet.title, cell.coordinate] = known[cell.coordinate].value
    formulas.save(target)
    return asked


def agrees(found: object, expected: object) -> bool:
    if isinstance(found, dt.datetime | dt.date) or isinstance(expected, dt.datetime | dt.date):
        return str(found)[:19] == str(expected)[:19]
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-11)  # differences of near numbers
    return (found or "") == (expected or "")


def judged(book: Path, values: Path, folder: Path) -> tuple[int, list[str], int]:
    """How many formulas agree, those that do not, and how many the judge does not know."""
    asked = handed_over(book, values, folder / "asked.xlsx")
    done = subprocess.run(
        ["ssconvert", "--recalc", folder / "asked.xlsx", folder / "judged.xlsx"],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    assert done.returncode == 0, done.stderr
    answers = openpyxl.load_workbook(folder / "judged.xlsx", data_only=True)
    agreed, other, unknown = 0, [], 0
    for (sheet, at), expected in asked.items():
        found = answers[sheet][at].value
        if found == UNKNOWN:
            unknown += 1
        elif agrees(found, expected):
            agreed += 1
        else:
            other.append(f"{sheet}!{at}: {expected!r}, Gnumeric {found!r}")
    return agreed, other, unknown


@pytest.mark.long
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_the_native_formulas_of_every_template(tmp_path, book):
    values = export_values(book, evaluate_workbook(book, Session("sample")), tmp_path / "values.xlsx")
    agreed, other, unknown = judged(book, values, tmp_path)
    print(f"{book.stem}: {agreed} agree, {len(other)} do not, {unknown} unknown to Gnumeric")
    assert not other
    assert agreed > 0


def test_a_wrong_value_is_seen(tmp_path):
    """The judge judges: one number that is not what its formula gives."""
    book, values = tmp_path / "book.xlsx", tmp_path / "values.xlsx"
    made = openpyxl.Workbook()
    made.active["A1"], made.active["A2"], made.active["A3"] = 2, "=A1*3", "=A2+1"
    made.save(book)
    made.active["A2"], made.active["A3"] = 6, 8
    made.save(values)
    agreed, other, unknown = judged(book, values, tmp_path)
    assert (agreed, len(other), unknown) == (1, 1, 0)
    assert "A3" in other[0]
