"""Workbooks of other makers, where they lie beside the checkout: kept as they are, or refused with nothing written."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from xlrotation import jobs
from xlrotation.errors import RotationError
from xlrotation.functions.session import Session

FOREIGN = Path(__file__).parents[3] / "shared" / "foreign"
SAMPLE = Session("sample", lang="en")

pytestmark = [
    pytest.mark.skipif(not FOREIGN.is_dir(), reason="no workbooks of other makers beside this checkout"),
    pytest.mark.filterwarnings("ignore"),  # of openpyxl, on what it does not keep
]


def files(folder: str) -> list[Path]:
    return sorted(path for path in (FOREIGN / folder).glob("*") if path.suffix in (".xlsx", ".xlsm"))


@pytest.mark.parametrize("path", files("sound"), ids=lambda path: path.stem)
def test_a_refresh_leaves_everything_but_computed_cells(path, tmp_path):
    report = jobs.export(path, tmp_path, SAMPLE, keep_formulas=True)
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / path.name) as after:
        assert before.namelist() == after.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    sheets = {name for name in changed if name.startswith("xl/worksheets/sheet")}
    assert changed - sheets <= {"xl/workbook.xml"}  # calculation settings: the file must not recalculate on opening
    if report.cells == 0:
        assert not sheets
    old, new = (openpyxl.load_workbook(book, data_only=False) for book in (path, tmp_path / path.name))
    for sheet in old.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                mine = new[sheet.title][cell.coordinate].value
                assert getattr(mine, "text", mine) == getattr(cell.value, "text", cell.value), cell.coordinate


@pytest.mark.parametrize("path", files("sound"), ids=lambda path: path.stem)
def test_values_only_leave_every_part_without_formulas(path, tmp_path):
    jobs.export(path, tmp_path, SAMPLE)
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / path.name) as after:
        assert after.testzip() is None
        written = set(after.namelist())
        for name in before.namelist():
            if not re.search(r"worksheets/sheet|workbook\.xml|charts/chart|calcChain|Types", name) and name in written:
                assert before.read(name) == after.read(name), name
    openpyxl.load_workbook(tmp_path / path.name).close()


@pytest.mark.parametrize("path", files("hostile"), ids=lambda path: path.stem)
@pytest.mark.parametrize("keep", [True, False])
def test_a_hostile_file_is_refused_and_nothing_is_written(path, keep, tmp_path):
    with pytest.raises(RotationError, match=path.stem):
        jobs.export(path, tmp_path, SAMPLE, keep_formulas=keep)
    assert list(tmp_path.iterdir()) == []
