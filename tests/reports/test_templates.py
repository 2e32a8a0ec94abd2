"""The committed template workbooks."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import MergedCell
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import to_excel

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.paper import ROW_POINTS
from xlrotation.reports.sameness import differences
from xlrotation.reports.templates import build_templates, template_names
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.trees import Call, Node, children
from xlrotation.workbook.output.export import export_values
from xlrotation.workbook.output.folding import FIRST_PAGE, NEXT_PAGE
from xlrotation.workbook.output.pdf import find_libreoffice, render_pdf

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*extension is not supported",  # openpyxl, of the dashboard's sparklines
    "ignore:Unable to read chart",  # openpyxl, of charts as LibreOffice writes them
)

BOOKS = Path(__file__).parents[2] / "workbooks"
SAMPLE = Session("sample", lang="en")
templates = pytest.mark.parametrize("name", template_names())
reports = pytest.mark.parametrize("name", [name for name in template_names() if name != "function_reference"])
needs_libreoffice = pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed (Debian: libreoffice-calc)",
)


@templates
def test_committed_workbook_is_what_the_definition_builds(name, tmp_path):
    (built,) = build_templates(tmp_path, [name])
    found = list(itertools.islice(differences(BOOKS / f"{name}.xlsx", built), 10))
    assert not found, "the committed workbook is another one; run: xlrotation templates build"


def test_what_is_built_does_not_hang_on_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_EXCHANGE", "XTKS")
    monkeypatch.setenv("XLROTATION_LANG", "zh")
    monkeypatch.setenv("XLROTATION_SOURCE", "folder:nowhere")
    (built,) = build_templates(tmp_path, ["market_breadth"])
    assert not list(differences(BOOKS / "market_breadth.xlsx", built))


@reports
def test_no_sheet_of_paper_of_the_report_is_left_blank(name):
    sheet = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")["Report"]
    ends = [0, *(one.id for one in sheet.row_breaks.brk), sheet.max_row]
    for number, (first, last) in enumerate(itertools.pairwise(ends)):
        used = sum(sheet.row_dimensions[row].height for row in range(first + 1, last + 1))
        room = (NEXT_PAGE if number else FIRST_PAGE) + ROW_POINTS
        assert 0.85 * room <= used <= room, f"sheet of paper {number + 1} of {name}: {used:.0f} of {room:.0f} points"


def test_the_grid_of_the_dispersion_desk_takes_large_sums():
    sheet = openpyxl.load_workbook(BOOKS / "dispersion_desk.xlsx")["Report"]
    narrow = [cell for row in sheet.iter_rows() for cell in row if cell.number_format == "#,##0,;-#,##0,"]
    assert len(narrow) == 45
    assert all(cell.alignment.shrink_to_fit for cell in narrow)


def test_bars_are_drawn_whatever_the_colours_are_called(tmp_path):
    book = BOOKS / "market_breadth.xlsx"

    def bars(path, **inputs):
        values = evaluate_workbook(path, SAMPLE, inputs).values["Values"]
        return {place: value for place, value in values.items() if isinstance(value, float)}

    usual, own = bars(book), bars(book, market_colours="red/green")
    assert usual != own
    with pytest.raises(BadArgument, match="blue/orange, green/red, red/green"):
        bars(book, market_colours="neutral")
    free = tmp_path / "free.xlsx"  # a cell may hold it nevertheless: here as one without a list
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(free, "w") as new:
        for part in old.namelist():
            new.writestr(part, re.sub(rb'sqref="B7"(?=><formula1>"blue)', b'sqref="Z99"', old.read(part)))
    assert bars(free, market_colours="neutral") == usual
    assert bars(free, market_colours="Red/Green") == own


@pytest.mark.parametrize(
    ("lang", "said", "verdict"), [("en", "Those that differ: ", "differs"), ("zh", "有差异者：", "不一致")]
)
def test_the_page_names_the_figures_that_differ(lang, said, verdict):
    values = evaluate_workbook(BOOKS / "market_breadth.xlsx", SAMPLE, {"lang": lang}).values
    audit = values["Audit"]
    rows = {row for row, column in audit if column == 7 and audit[row, column] == verdict}
    names = [audit[row, 2] for row in sorted(rows)]
    (told,) = (str(text) for text in values["Report"].values() if str(text).startswith(said))
    shown = told.removeprefix(said).replace("；另有", "; ").split("; ")
    assert 3 < len(shown) - 1 < len(names) == 9
    assert shown[:-1] == names[: len(shown) - 1]
    assert str(len(names) - len(shown) + 1) in shown[-1]


@templates
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_evaluates_without_an_error_cell(name, lang):
    evaluation = evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE, {"lang": lang})
    assert evaluation.problems == []
    assert evaluation.errors == []
    assert evaluation.computed > 100


@reports
def test_as_of_cell_drives_the_numbers(name):
    reports = {
        day: evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE, {"asof": day}).values["Report"]
        for day in ("2026-01-16", "2026-02-09")
    }
    a, b = reports.values()
    changed = [place for place in a if isinstance(a[place], float) and a[place] != b.get(place)]
    assert len(changed) > 15


@templates
def test_language_cell_drives_the_words(name):
    english, chinese = (
        evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE, {"lang": lang}).values for lang in ("en", "zh")
    )
    # how many rows a text takes is a matter of its language
    names = openpyxl.load_workbook(BOOKS / f"{name}.xlsx").worksheets[0].defined_names
    told = [names[one].attr_text.rpartition("$")[2] for one in names if one.startswith("fold_") and "_used" in one]
    rows_of_texts = {("Values", (int(row), 3)) for row in told}
    for sheet, cells in english.items():
        for place, value in cells.items():
            other = chinese[sheet].get(place)
            if isinstance(value, float) and (sheet, place) not in rows_of_texts:
                assert other == value, (sheet, place)
    words = [value for cells in chinese.values() for value in cells.values() if isinstance(value, str)]
    assert sum(any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words) > 20


def our_calls(node: Node) -> list[Call]:
    """The outermost calls of our functions."""
    if isinstance(node, Call) and node.name in functions():
        return [node]
    return [call for child in children(node) for call in our_calls(child)]


@templates
def test_formulas_call_functions_with_arguments_they_take(name):
    for sheet in openpyxl.load_workbook(BOOKS / f"{name}.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                if isinstance(text, str) and text.startswith("="):
                    for call in our_calls(parse(text)):
                        assert len(call.arguments) <= len(functions()[call.name].parameters), cell.coordinate


@templates
def test_a_reader_without_the_add_in_keeps_the_numbers(name):
    """Stored values beside the formulas, and no recalculation on opening, which would make #NAME? of them."""
    stored = openpyxl.load_workbook(BOOKS / f"{name}.xlsx", data_only=True)
    for sheet in stored:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.value != "#NAME?"
    assert not stored.calculation.fullCalcOnLoad


@reports
def test_single_cells_do_not_crowd_out_tables(name):
    """One call per cell is what makes a workbook slow in Excel."""
    book = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")
    texts = (getattr(cell.value, "text", cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert sum(len(our_calls(parse(text))) for text in texts if isinstance(text, str) and text.startswith("=")) <= 110


@templates
def test_cells_have_named_styles(name):
    book = openpyxl.load_workbook(BOOKS / f"{name}.xlsx")
    assert {"Normal", "Report Title", "Table Head", "Table Body", "Input Cell"} <= set(book.named_styles)
    assert book["Report"]["A1"].style == "Report Title"
    assert book["Inputs"]["B4"].style == "Input Cell"


@needs_libreoffice
@templates
def test_pdf_through_libreoffice(name, tmp_path):
    evaluation = evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE)
    filled = export_values(BOOKS / f"{name}.xlsx", evaluation, tmp_path / f"{name}.xlsx")
    pdf = render_pdf(filled, tmp_path / "pdf")
    assert pdf.read_bytes()[:5] == b"%PDF-"
    assert [path.name for path in (tmp_path / "pdf").iterdir()] == [pdf.name]


def test_known_findings_of_the_audit():
    """METHODS 13: found by the program, in the workbooks' own sheets."""
    verdicts, notes = {}, {}
    for name in ("small_value_rotation", "market_breadth", "volatility_gap", "liquidity_crossroads"):
        values = evaluate_workbook(BOOKS / f"{name}.xlsx", SAMPLE, {"lang": "en"}).values["Audit"]
        for (row, column), value in values.items():
            if column == 1 and isinstance(value, str) and value.startswith("R"):
                verdicts[value], notes[value] = values[row, 7], values.get((row, 8), "")
        assert CellError.NA not in values.values()
    assert verdicts["R1-004"] == "differs"  # 2481.05 is an open
    assert "open" in notes["R1-004"]
    assert verdicts["R1-006"] == "differs"  # from the open of the first session
    assert notes["R1-006"].startswith("matches")
    assert verdicts["R1-007"] == verdicts["R1-023"] == "agrees"


@pytest.mark.long
@needs_libreoffice
@templates
def test_native_formulas_as_libreoffice_computes_them(name, tmp_path):
    """Our calls as values, everything else left to LibreOffice: every native cell comes out the same there."""
    path = BOOKS / f"{name}.xlsx"
    evaluation = evaluate_workbook(path, SAMPLE, {"lang": "en"})
    book = openpyxl.load_workbook(path)
    book["Inputs"]["B5"] = "en"
    native = []
    for sheet in book:
        computed = evaluation.values[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                value = computed.get((cell.row, cell.column))
                if not isinstance(text, str) or not text.startswith("="):
                    if value is not None and cell.value is None and not isinstance(cell, MergedCell):
                        cell.value = str(value) if isinstance(value, CellError) else value  # of a spilled table
                elif getattr(cell.value, "ref", None) or our_calls(parse(text)):
                    cell.value = str(value) if isinstance(value, CellError) else value
                else:
                    native.append((sheet.title, cell.coordinate, value))
    book.save(tmp_path / "live.xlsx")
    recalculated = openpyxl.load_workbook(convert(tmp_path / "live.xlsx", tmp_path / "out"), data_only=True)
    assert len(native) > 5
    for sheet, place, ours in native:
        theirs = recalculated[sheet][place].value
        if isinstance(theirs, dt.datetime):
            theirs = to_excel(theirs)
        if isinstance(ours, float) and isinstance(theirs, int | float):
            noise = rounding(book[sheet][place].value, evaluation.values[sheet])
            assert theirs == pytest.approx(ours, rel=1e-9, abs=noise), (sheet, place)
        else:
            assert (theirs or "") == (ours or ""), (sheet, place)


EPSILON = sys.float_info.epsilon


def rounding(formula: str, cells: Mapping[tuple[int, int], object]) -> float:
    """What rounding may leave of a number: of a difference of two cells some last digits of the larger one."""
    parts = re.fullmatch(r'=IFERROR\((\w+)-(\w+),""\)', formula)
    beside = [cells.get(coordinate_to_tuple(place)) for place in parts.groups()] if parts else []
    return max([1e-12, *(4 * EPSILON * abs(value) for value in beside if isinstance(value, float))])


def convert(path: Path, folder: Path) -> Path:
    """*path* recalculated by LibreOffice."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    arguments = ["--headless", "--norestore", profile, "--convert-to", "xlsx", "--outdir", str(folder), str(path)]
    subprocess.run([str(find_libreoffice()), *arguments], check=True, capture_output=True, timeout=180)
    return folder / path.name
