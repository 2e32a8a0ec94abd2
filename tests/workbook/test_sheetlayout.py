"""What is found of a sheet is shared by all who edit it: an edit never shows in another one, nor on another thread."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbook.books import Fake
from tests.workbook.parts import read_parts
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.package import shared
from xlrotation.workbook.package.sheetedit import SheetEditor
from xlrotation.workbook.package.sheetlayout import Layout

Values = dict[tuple[int, int], Cell]

SHEET = (
    b'<?xml version="1.0"?>\n<worksheet xmlns="u"><dimension ref="A1:C4"/><sheetData>\n'
    b'<row r="1" spans="1:3"><c r="A1" s="1" cm="1"><f t="array" ref="A1:B2">X()</f><v>1</v></c>'
    b'<c r="B1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c> <c r="B2" t="str"><v>four</v></c>'
    b'<c r="C2"><f>A1</f><v>1</v></c></row>\n'
    b'<row r="3" ht="20"/><row r="7"><c r="A7"><f>B2</f></c></row></sheetData><after a=">"/></worksheet>'
)

EDITS: list[tuple[Values, Values]] = [
    ({(1, 1): 5.0, (1, 2): 6.0, (2, 1): 7.0, (2, 2): 8.0, (2, 3): 5.0}, {(1, 1): (2, 2)}),
    ({(1, 1): 5.0, (2, 3): "a"}, {(1, 1): (1, 1)}),
    ({(1, 1): 1.0, (3, 4): "new", (5, 2): 2.0, (1, 3): True, (9, 9): 9.0}, {(1, 1): (9, 9)}),
    ({(7, 1): None}, {}),
    ({}, {}),
]


def edited(layout: Layout, values: Values, anchors: object, keep: bool) -> tuple[object, ...]:
    editor = SheetEditor(layout, list, keep)
    editor.apply(values, anchors)
    shown = editor.values(Area(None, 1, 1, 9, 9))
    return b"".join(editor.parts()), shown


def test_no_edit_shows_in_another_one() -> None:
    layout = Layout(SHEET)
    for values, anchors in EDITS * 2:
        for keep in (True, False):
            assert edited(layout, values, anchors, keep) == edited(Layout(SHEET), values, anchors, keep)
    assert b"".join(SheetEditor(layout, list, True).parts()) == SHEET
    assert [row.number for row in layout.rows] == sorted(layout.by_number) == [1, 2, 3, 7]


def test_cells_that_a_formula_fills_no_more_are_emptied_however_large_its_area_was() -> None:
    sheet = SHEET.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"').replace(b't="str"><v>four', b't="str" s="4"><v>four')
    made, shown = edited(Layout(sheet), {(1, 1): 5.0}, {}, keep=True)
    assert b'<c r="A1" s="1" cm="1"><f t="array" ref="A1">X()</f><v>5</v></c><c r="B1"/></row>' in made
    assert b'<row r="2"><c r="A2"/> <c r="B2" s="4"/><c r="C2"><f>A1</f><v>1</v></c></row>' in made
    assert [value for value in shown if value is not None] == [5.0, 1.0]


def test_rules_and_names_with_calls_go_from_every_copy(tmp_path: Path) -> None:
    path = tmp_path / "rules.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("S")
        sheet.write_formula("A1", "=T_ADD(1,2)")
        for cell, formula in (("B1", "=T_ADD(A1,1)"), ("B2", "=A1+1"), ("B3", "=T_NOW()>1")):
            sheet.data_validation(cell, {"validate": "custom", "value": formula})
        sheet.conditional_format("C1:C3", {"type": "formula", "criteria": "=T_ADD(A1,0)>9"})
        made.define_name("ours", "=T_ADD(S!$A$1,1)")
        made.define_name("kept", "=S!$A$1")
    evaluation = evaluate_workbook(path, Fake())
    evaluation.rules.clear()
    copies = [read_parts(export_values(path, evaluation, tmp_path / f"{number}.xlsx")) for number in range(3)]
    assert copies[0] == copies[1] == copies[2]
    assert not any(b"T_ADD" in data or b"T_NOW" in data for data in copies[0].values())
    assert b'<dataValidations count="1">' in copies[0]["xl/worksheets/sheet1.xml"]
    assert copies[0]["xl/workbook.xml"].count(b"<definedName ") == 1
    assert b"T_ADD" in read_parts(export_live(path, evaluation, tmp_path / "live.xlsx"))["xl/workbook.xml"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("S")
        sheet.write_column("A1", range(1, 41))
        for row in range(40):
            sheet.write_formula(row, 1, f"=T_ADD(A{row + 1},10)")
            sheet.write_formula(row, 2, f'="x"&B{row + 1}')
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=S!$B$1:$B$40", "categories": "=S!$C$1:$C$40"})
        sheet.insert_chart("E1", chart)
    return path


def moved(evaluation: Evaluation, by: float) -> Evaluation:
    values: dict[str, Values] = {
        sheet: {place: value + by if isinstance(value, float) else value for place, value in cells.items()}
        for sheet, cells in evaluation.values.items()
    }
    return Evaluation(**{**{name: getattr(evaluation, name) for name in evaluation.__slots__}, "values": values})


@pytest.mark.parametrize("write", [export_live, export_values])
def test_exports_on_many_threads_write_what_each_writes_alone(book: Path, tmp_path: Path, write) -> None:
    evaluation = evaluate_workbook(book, Fake())
    evaluations = [moved(evaluation, float(number)) for number in range(6)]
    expected = []
    for each in evaluations:
        shared.forget()
        expected.append(read_parts(write(book, each, tmp_path / "alone.xlsx")))
    assert all(one != other for one, other in itertools.pairwise(expected))
    shared.forget()
    start = threading.Barrier(len(evaluations))
    found: dict[int, list[dict[str, bytes]]] = {}

    def work(number: int) -> None:
        start.wait()
        target = tmp_path / f"{number}.xlsx"
        found[number] = [read_parts(write(book, evaluations[number], target)) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(evaluations))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [parts] * 3 for number, parts in enumerate(expected)}
