"""Exports: what changes in the package, and above all what does not."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from lxml import etree

from tests.workbook.books import Array, Dynamic, Fake, make_book
from tests.workbook.parts import read_parts, rewritten
from xlrotation.errors import CellError, RotationError
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.output.pdf import find_libreoffice

SHEET = "xl/worksheets/sheet1.xml"


def exported(path: Path, live: bool = False) -> tuple[Path, Evaluation]:
    evaluation = evaluate_workbook(path, Fake())
    target = path.with_name(f"{path.stem}-out{path.suffix}")
    return (export_live if live else export_values)(path, evaluation, target), evaluation


def load(path: Path, **options: bool) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it would lose
        return openpyxl.load_workbook(path, **options)


def texts(path: Path) -> str:
    return "".join(data.decode("utf-8", "replace") for name, data in read_parts(path).items() if name.endswith(".xml"))


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A workbook with about everything that a rewrite could lose."""
    path = tmp_path / "rich.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        bold = book.add_format({"bold": True, "num_format": "0.0%"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_column("A1", [1, 2, 3])
        for row in (1, 2, 3):
            sheet.write_formula(f"B{row}", f"=T_ADD(A{row},10)", bold)
            sheet.write_formula(f"C{row}", f"=B{row}*2")
        sheet.write_dynamic_array_formula("E1:F2", "=T_TABLE(3,2)", bold)
        sheet.write_formula("H1", "=T_DATE(2026,2,13)", day)
        sheet.write_formula("H2", '=T_ECHO("=1+1 <b> & ""q""")')
        sheet.write_formula("H3", "=T_ERROR()")
        sheet.write_formula("H4", "=T_ECHO(TRUE)")
        sheet.write_formula("H5", "=T_BLANK()")
        sheet.write_rich_string("J1", "a ", bold, "rich", " text")
        sheet.add_sparkline("K1", {"range": "Data!B1:B3"})
        sheet.conditional_format("B1:B3", {"type": "data_bar", "data_bar_2010": True})
        sheet.set_header("&Lleft")
        sheet.repeat_rows(0)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$B$1:$B$3", "categories": "=Data!$A$1:$A$3", "name": "=Data!$H$2"})
        sheet.insert_chart("L2", chart)
        quiet = book.add_worksheet("Quiet")
        quiet.write("A1", "no formula here")
        book.define_name("ours", "=T_ADD(Data!$A$1,1)")
        book.define_name("kept", "=Data!$A$1")
    return path


def test_values_have_no_formula_and_the_right_cells(rich: Path) -> None:
    target, evaluation = exported(rich)
    assert not evaluation.problems
    assert "<f>" not in "".join(
        data.decode() for name, data in read_parts(target).items() if "worksheets/sheet" in name
    )
    assert "#NAME?" not in texts(target)
    sheet = load(target)["Data"]
    assert [[sheet[f"{c}{r}"].value for c in "ABC"] for r in (1, 2, 3)] == [[1, 11, 22], [2, 12, 24], [3, 13, 26]]
    assert [[sheet[f"{c}{r}"].value for c in "EF"] for r in (1, 2, 3)] == [[11, 12], [21, 22], [31, 32]]
    assert sheet["H1"].value == dt.datetime(2026, 2, 13)
    assert [sheet[f"H{r}"].value for r in (2, 3, 4, 5)] == ['=1+1 <b> & "q"', "#N/A", True, None]
    assert sheet["H2"].data_type == "s"  # text, never a formula
    assert sheet["B2"].number_format == sheet["F3"].number_format == "0.0%"
    assert sheet["F3"].font.bold  # a new cell has the style of the formula that fills it


def test_live_keeps_formulas_with_their_values(rich: Path) -> None:
    target, _ = exported(rich, live=True)
    formulas = load(target)["Data"]
    assert formulas["B2"].value == "=T_ADD(A2,10)"
    assert formulas["E1"].value.ref == "E1:F3"
    values = load(target, data_only=True)["Data"]
    assert [values[cell].value for cell in ("B2", "C3", "F3", "H3", "H4")] == [12, 26, 32, "#N/A", True]
    assert values["H2"].value == '=1+1 <b> & "q"'
    assert 'cm="1"' in texts(target)


@pytest.mark.parametrize("live", [False, True])
def test_everything_else_stays_byte_for_byte(rich: Path, live: bool) -> None:
    target, _ = exported(rich, live)
    before, after = read_parts(rich), read_parts(target)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {SHEET, "xl/workbook.xml", "xl/charts/chart1.xml"}
    assert set(after) == set(before)
    kept = ("<sheetViews>", "sparklineGroup", "dataBar", "<headerFooter>", "<drawing ", "<conditionalFormatting")
    for mark in kept:
        assert before[SHEET].decode().count(mark) == after[SHEET].decode().count(mark) > 0
    assert b'<definedName name="kept">Data!$A$1</definedName>' in after["xl/workbook.xml"]
    assert (b'name="ours"' in after["xl/workbook.xml"]) is live


@pytest.mark.parametrize("live", [False, True])
def test_opening_does_not_recalculate(rich: Path, live: bool) -> None:
    assert b'fullCalcOnLoad="1"' in read_parts(rich)["xl/workbook.xml"]
    target, _ = exported(rich, live)
    assert b'fullCalcOnLoad="0"' in read_parts(target)["xl/workbook.xml"]


def test_charts_show_the_new_values(rich: Path) -> None:
    target, _ = exported(rich)
    chart = etree.fromstring(read_parts(target)["xl/charts/chart1.xml"])
    caches = [[v.text for v in cache.iter("{*}v")] for cache in chart.iter("{*}numCache", "{*}strCache")]
    assert caches == [['=1+1 <b> & "q"'], ["1", "2", "3"], ["11", "12", "13"]]
    counts = [count.get("val") for count in chart.iter("{*}ptCount")]
    assert counts == ["1", "3", "3"]


def test_charts_on_names_show_spills_and_computed_ranges(tmp_path: Path) -> None:
    path = tmp_path / "names.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_dynamic_array_formula("A1", "=T_TABLE(3,1)")
        sheet.write_column("B1", [5, 6])
        book.define_name("spilled", "=_xlfn.ANCHORARRAY(Data!$A$1)")
        book.define_name("moving", "=OFFSET(Data!$B$1,0,0,COUNT(Data!$B:$B),1)")
        book.define_name("fixed", "=Data!$B$1:$B$2")
        chart = book.add_chart({"type": "line"})
        for name in ("spilled", "moving", "fixed"):
            chart.add_series({"values": f"=Data!{name}", "values_data": [0]})
        sheet.insert_chart("D1", chart)
    target, _ = exported(path)
    chart = etree.fromstring(read_parts(target)["xl/charts/chart1.xml"])
    caches = [[v.text for v in cache.iter("{*}v")] for cache in chart.iter("{*}numCache")]
    assert caches == [["11", "21", "31"], ["5", "6"], ["5", "6"]]


def test_a_smaller_spill_leaves_no_old_cells(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": Dynamic("=T_TABLE(2,1)", "A4"), "A5": "below"}})
    old = rewritten(
        path,
        tmp_path / "old.xlsx",
        {SHEET: lambda text: re.sub(r"(<c r=\"A[34]\")(.*?)<v>0</v>", r"\1\2<v>99</v>", text)},
    )
    for live in (False, True):
        target, _ = exported(old, live)
        sheet = load(target, data_only=True)["S"]
        assert [sheet[f"A{r}"].value for r in range(1, 6)] == [11, 21, None, None, "below"]
    assert load(target)["S"]["A1"].value.ref == "A1:A2"


def test_a_spill_that_shrinks_to_one_cell_says_so(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": Dynamic("=T_TABLE(1,1)", "A4")}})
    target, _ = exported(path, live=True)
    assert load(target)["S"]["A1"].value.ref == "A1"


def test_spills_make_cells_in_order(tmp_path: Path) -> None:
    path = make_book(
        tmp_path / "book.xlsx", {"S": {"B2": Dynamic("=T_TABLE(4,3)"), "A3": "a", "E3": "e", "C9": "c", "F2": 1}}
    )
    target, _ = exported(path)
    root = etree.fromstring(read_parts(target)[SHEET])
    rows = [int(row.get("r")) for row in root.iter("{*}row")]
    assert rows == sorted(rows) == [2, 3, 4, 5, 9]
    cells = [[cell.get("r") for cell in row.iter("{*}c")] for row in root.iter("{*}row")]
    assert cells[:3] == [["B2", "C2", "D2", "F2"], ["A3", "B3", "C3", "D3", "E3"], ["B4", "C4", "D4"]]
    assert root.find("{*}dimension").get("ref") == "A2:F9"


def test_array_and_shared_formulas_become_values(tmp_path: Path) -> None:
    path = make_book(
        tmp_path / "book.xlsx",
        {
            "S": {
                "A1": Array("=T_TABLE(2,2)", "B2"),
                "D1": Array("=A1:A2*2", "D2"),
                "F1": 1,
                "G1": "=T_ADD(F1,1)",
                "G2": 0,
            }
        },
    )
    shared = rewritten(
        path,
        tmp_path / "shared.xlsx",
        {
            SHEET: lambda text: text.replace('"G1"><f>', '"G1"><f t="shared" ref="G1:G2" si="0">').replace(
                '"G2"><v>0</v>', '"G2"><f t="shared" si="0"/><v>0</v>'
            )
        },
    )
    target, _ = exported(shared)
    sheet = load(target)["S"]
    assert [sheet[c].value for c in ("A1", "B2", "D1", "D2", "G1", "G2")] == [11, 22, 22, 42, 2, 1]


def test_the_calculation_chain_goes_with_the_formulas(tmp_path: Path, rich: Path) -> None:
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="B1" i="1"/></calcChain>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    path = rewritten(
        rich,
        tmp_path / "chain.xlsx",
        {
            "xl/calcChain.xml": lambda _: chain,
            "[Content_Types].xml": lambda text: text.replace(
                "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
            ),
            "xl/_rels/workbook.xml.rels": lambda text: text.replace(
                "</Relationships>",
                f'<Relationship Id="rId99" Type="{relation}" Target="calcChain.xml"/></Relationships>',
            ),
        },
    )
    values, _ = exported(path)
    assert "xl/calcChain.xml" not in read_parts(values)
    assert "calcChain" not in texts(values) + read_parts(values)["xl/_rels/workbook.xml.rels"].decode()
    live, _ = exported(path, live=True)
    assert "xl/calcChain.xml" in read_parts(live)


def test_inputs_that_were_set_are_exported(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": "old", "B1": "=T_ECHO(A1)"}}, {"who": "=S!$A$1"})
    evaluation = evaluate_workbook(path, Fake(), {"who": "=cmd|' /C calc'!A0"})
    for write in (export_values, export_live):
        write(path, evaluation, tmp_path / "out.xlsx")
        sheet = load(tmp_path / "out.xlsx", data_only=True)["S"]
        assert sheet["A1"].value == sheet["B1"].value == "=cmd|' /C calc'!A0"
        assert sheet["A1"].data_type == "s"


def test_texts_that_files_cannot_hold_are_made_safe(tmp_path: Path) -> None:
    class Odd(Fake):
        def _compute(self, *_: object) -> object:  # type: ignore[override]
            return [["a\x00b\ud800", "_x0041_", " x\ny ", "z" * 40_000, float("nan"), CellError.SPILL, 1e300, 46066.0]]

    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": Dynamic("=T_TABLE()")}})
    target = export_values(path, evaluate_workbook(path, Odd()), tmp_path / "out.xlsx")
    sheet = load(target)["S"]
    row = [cell.value for cell in sheet[1]]
    assert row[0] == "a\ufffdb?"
    assert b"_x005F_x0041_" in read_parts(target)[SHEET]
    assert row[2] == " x\ny "
    assert len(row[3]) == 32_767
    assert row[4:] == ["#N/A", "#VALUE!", 1e300, 46066]


def test_tables_do_not_fill_rows_with_our_functions(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        columns = [{"header": "a"}, {"header": "b", "formula": "=T_ADD([@[a]],1)"}, {"header": "c", "formula": "=1+1"}]
        sheet.add_table("A1:C3", {"name": "Tbl", "columns": columns})
        sheet.write_column("A2", [1, 2])
    target, evaluation = exported(path)
    assert not evaluation.problems
    sheet = load(target)["S"]
    assert [sheet[c].value for c in ("B2", "B3", "C2")] == [2, 3, 2]
    table = read_parts(target)["xl/tables/table1.xml"].decode()
    assert "T_ADD" not in table
    assert "1+1" in table


def test_formulas_beside_the_cells_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=1+1")
        sheet.conditional_format(
            "B1:B3", {"type": "formula", "criteria": "=T_ADD(A1,1)>MYUDF(1)", "format": book.add_format()}
        )
    problems = evaluate_workbook(path, Fake()).problems
    assert [(p.sheet, p.cell) for p in problems] == [("S", "B1:B3")]


def test_an_export_onto_itself(rich: Path) -> None:
    export_values(rich, evaluate_workbook(rich, Fake()), rich)
    assert load(rich)["Data"]["B2"].value == 12


def test_an_export_that_fails_leaves_the_old_file(rich: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation = evaluate_workbook(rich, Fake())
    folder = rich.parent / "out"
    folder.mkdir()
    target = folder / "out.xlsx"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RotationError, match="No space left"):
        export_values(rich, evaluation, target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in folder.iterdir()] == ["out.xlsx"]


def test_a_target_that_is_locked_is_named(rich: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(RotationError, match=r"out\.xlsx: cannot be replaced; close it"):
        export_values(rich, evaluate_workbook(rich, Fake()), rich.parent / "out.xlsx")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_export_leaves_the_old_file(rich: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "out.xlsx"
    target.write_bytes(b"old")
    program = textwrap.dedent(
        """
        import os, signal, sys
        from tests.workbook.books import Fake
        from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
        from xlrotation.workbook.output.export import export_values
        evaluation = evaluate_workbook(sys.argv[1], Fake())
        os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        export_values(sys.argv[1], evaluation, sys.argv[2])
        """
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program, rich, target], cwd=root, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"


@pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("live", [False, True])
def test_libreoffice_reads_exports(rich: Path, live: bool) -> None:
    target, _ = exported(rich, live)
    subprocess.run(
        [
            *(str(find_libreoffice()), f"-env:UserInstallation={(rich.parent / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"),
            *("--outdir", str(rich.parent / "csv"), str(target)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (made,) = (rich.parent / "csv").iterdir()
    lines = made.read_text(encoding="utf-8").splitlines()
    assert re.match(r"1,1100(\.0)?%,22,.*,2026-02-13,", lines[0])
    if not live:  # LibreOffice computes array formulas and errors when it opens a file, whatever is stored beside them
        assert re.match(r"3,1300(\.0)?%,26,.*,#N/A,", lines[2])
        assert "#NAME?" not in "".join(lines)
