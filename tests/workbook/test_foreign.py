"""Workbooks of other makers, where they lie beside the checkout: kept as they are, or refused with nothing written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine

from tests.workbook.parts import first_difference, read_parts, without_cells
from xlrotation import jobs
from xlrotation.errors import RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.formulas.references import cell_name
from xlrotation.workbook.output.export import export_live
from xlrotation.workbook.output.pdf import find_libreoffice
from xlrotation.workbook.package.parts import Package

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
def test_a_refresh_leaves_every_byte_around_computed_cells(path, tmp_path):
    evaluation = evaluate_workbook(path, SAMPLE)
    target = export_live(path, evaluation, tmp_path / path.name)
    before, after = read_parts(path), read_parts(target)
    package = Package(path)
    parts = dict(package.sheets)
    package.close()
    for sheet, part in parts.items():
        if "/worksheets/" in f"/{part}":
            fed = [cell_name(*place) for place in evaluation.values.get(sheet, {})]
            assert not first_difference(without_cells(before[part], fed), without_cells(after[part], fed)), part


@pytest.mark.long
@pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)
def test_libreoffice_reads_the_same_cells_after_a_refresh(tmp_path):
    """Every cell that no formula feeds, as LibreOffice reads it before and after, of all workbooks in one go."""
    books = [path for path in files("sound") if path.suffix == ".xlsx"]
    for path in books:
        jobs.export(path, tmp_path / "after", SAMPLE, keep_formulas=True)
    for when, originals in (("before", books), ("after", sorted((tmp_path / "after").glob("*.xlsx")))):
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        convert = ("--headless", "--convert-to", "ods", "--outdir", tmp_path / f"read-{when}", *originals)
        subprocess.run([find_libreoffice(), profile, *convert], check=True, capture_output=True, timeout=280)
    compared = 0
    for path in books:
        fed = evaluate_workbook(path, SAMPLE).values
        cells = [ods_cells(tmp_path / f"read-{when}" / f"{path.stem}.ods", fed) for when in ("before", "after")]
        assert cells[0] == cells[1], path.name
        compared += len(cells[0])
    assert compared > 200


def ods_cells(path, fed):
    book = python_calamine.CalamineWorkbook.from_path(path)
    found = {}
    for sheet in book.sheet_names:
        for r, row in enumerate(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), 1):
            for c, value in enumerate(row, 1):
                if value != "" and (r, c) not in fed.get(sheet, {}):
                    found[sheet, r, c] = value
    return found


@pytest.mark.parametrize("path", files("sound"), ids=lambda path: path.stem)
def test_values_only_leave_every_part_without_formulas(path, tmp_path):
    jobs.export(path, tmp_path, SAMPLE)
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / path.name) as after:
        assert after.testzip() is None
        written = set(after.namelist())
        for name in before.namelist():
            if not re.search(r"worksheets/sheet|workbook\.xml|charts/chart|calcChain|Types", name) and name in written:
                assert not first_difference(before.read(name), after.read(name)), name
    openpyxl.load_workbook(tmp_path / path.name).close()


@pytest.mark.parametrize("path", files("hostile"), ids=lambda path: path.stem)
@pytest.mark.parametrize("keep", [True, False])
def test_a_hostile_file_is_refused_and_nothing_is_written(path, keep, tmp_path):
    with pytest.raises(RotationError, match=path.stem):
        jobs.export(path, tmp_path, SAMPLE, keep_formulas=keep)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("path", files("hostile"), ids=lambda path: path.stem)
def test_a_hostile_file_is_refused_within_bounds(path, tmp_path):
    """Refused by the command line with two gibibytes of address space beyond its imports and ten seconds of work."""
    program = """
import resource, sys
from xlrotation import cli
cli.main(["eval", "=1+1"])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**31, used + 2**31))
spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
resource.setrlimit(resource.RLIMIT_CPU, (spent + 11, spent + 11))
sys.exit(cli.main(["export", sys.argv[1], "-o", sys.argv[2]]))
"""
    command = [sys.executable, "-c", program, path, tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr[-500:]
    assert path.name in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.xlsx"))
