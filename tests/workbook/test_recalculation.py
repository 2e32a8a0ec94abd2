"""What nothing changed keeps its stored value; what changed counts where the stored values prove it."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workbook import test_natives
from tests.workbook.books import Dynamic, Fake, make_book
from tests.workbook.parts import read_parts, rewritten
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.output.pdf import find_libreoffice
from xlrotation.workbook.package.book import read_book

SHEET = "xl/worksheets/sheet1.xml"


def saved(
    path: Path, cells: Mapping[str, object], stored: Mapping[str, str], names: Mapping[str, str] | None = None
) -> Path:
    """A workbook as a spreadsheet saves it: formulas with stored values, no wish for a calculation on opening."""
    draft = make_book(path.with_name("draft.xlsx"), {"S": cells}, names)  # type: ignore[dict-item]

    def store(text: str) -> str:
        for cell, value in stored.items():
            start = text.index(f'<c r="{cell}"')
            end = text.index("</c>", start)
            text = text[:start] + text[start:end].replace("<v>0</v>", value) + text[end:]
        return text

    return rewritten(
        draft,
        path,
        {SHEET: store, "xl/workbook.xml": lambda text: text.replace(' fullCalcOnLoad="1"', "")},
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def told(evaluation: Evaluation) -> dict[str, str]:
    return {problem.cell: problem.reason for problem in evaluation.problems}


WRONG = {
    "A1": 1,
    "B1": "=A1+1",  # stored as a spreadsheet would
    "B2": "=A1+2",  # stored otherwise: another program computed it
    "B3": "=[1]Sheet1!A1",
    "B4": "=MYUDF(3)",
    "C2": "=B2*2",
    "C3": "=B3+A1",
    "C4": "=B4+A1",
    "D1": "=B1*10",
}
STORED = {
    "B1": "<v>2</v>",
    "B2": "<v>50</v>",
    "B3": "<v>123.5</v>",
    "B4": "<v>7</v>",
    "C2": "<v>100</v>",
    "C3": "<v>124.5</v>",
    "C4": "<v>8</v>",
    "D1": "<v>20</v>",
}


def near(a: object, b: object) -> bool:
    return a == (pytest.approx(b, rel=1e-7, abs=1e-9) if isinstance(b, float) else b)


def test_without_a_change_every_value_and_byte_stays(file: Path, tmp_path: Path) -> None:
    saved(file, WRONG, STORED)
    evaluation = evaluate_workbook(file, Fake())
    assert evaluation.problems == []
    assert evaluation.computed == 0
    live = export_live(file, evaluation, tmp_path / "live.xlsx")
    assert read_parts(live)[SHEET] == read_parts(file)[SHEET]
    plain = export_values(file, evaluation, tmp_path / "plain.xlsx")
    found = read_book(plain).sheets[0]
    assert found.formulas == {}
    assert (found.values[2, 2], found.values[3, 2], found.values[4, 3]) == (50, 123.5, 8)


def test_what_changed_counts_where_the_stored_value_proves_it(file: Path, tmp_path: Path) -> None:
    saved(file, WRONG, STORED)
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 5})
    values = evaluation.values["S"]
    assert (values[1, 2], values[1, 4]) == (6, 60)
    assert set(told(evaluation)) == {"B2", "C2"}
    assert "stored" in told(evaluation)["B2"]
    assert "depends on B2" in told(evaluation)["C2"]
    found = read_book(export_live(file, evaluation, tmp_path / "live.xlsx")).sheets[0].values
    assert (found[2, 2], found[2, 3]) == (50, 100)  # never an error that hides a number
    assert (found[3, 2], found[4, 2]) == (123.5, 7)  # nothing that they depend on changed
    assert (found[3, 3], found[4, 3]) == (128.5, 12)


def test_what_cannot_be_computed_keeps_its_number_and_taints_what_follows(file: Path) -> None:
    cells = {
        "A1": 1,
        "B1": "=MYUDF(A1)",
        "C1": "=B1+1",
        "D1": "=IFERROR(C1,0)",
        "E1": "=T_ADD(D1,1)",
        "F1": "=IF(TRUE,A1,B1)",
    }
    stored = {"B1": "<v>7</v>", "C1": "<v>8</v>", "D1": "<v>8</v>", "E1": "<v>9</v>", "F1": "<v>1</v>"}
    saved(file, cells, stored)
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 2})
    assert set(told(evaluation)) == {"B1", "C1", "D1", "E1"}
    assert "MYUDF" in told(evaluation)["E1"] or "B1" in told(evaluation)["E1"]
    assert [evaluation.values["S"][1, column] for column in (2, 3, 4, 5, 6)] == [7, 8, 8, 9, 2]


def test_computed_references_are_followed_to_what_changed(file: Path) -> None:
    cells = {
        "A1": 1,
        "A2": 2,
        "B1": '=INDIRECT("A"&1)*3',
        "B2": "=OFFSET(A1,1,0)*3",
        "B3": "=SUM(A1:A2)",
        "B4": '=A2&"x"',
    }
    stored = {"B1": "<v>3</v>", "B2": "<v>6</v>", "B3": "<v>3</v>", "B4": "<v>2</v>"}
    saved(file, cells, stored)
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 10})
    assert evaluation.problems == []
    assert [evaluation.values["S"][row, 2] for row in (1, 2, 3)] == [30, 6, 12]
    assert evaluation.kept["S"] == {(4, 2)}


def test_ours_are_computed_anew_and_all_that_follows(file: Path) -> None:
    cells = {"A1": "=T_ADD(1,1)", "A2": "=A1*2", "A3": "=1+1", "A4": "=NOW()*0"}
    saved(file, cells, {"A1": "<v>99</v>", "A2": "<v>198</v>", "A3": "<v>5</v>", "A4": "<v>1</v>"})
    evaluation = evaluate_workbook(file, Fake())
    assert evaluation.problems == []
    assert [evaluation.values["S"][row, 1] for row in (1, 2, 3, 4)] == [2, 4, 5, 0]
    assert evaluation.kept["S"] == {(3, 1)}


def test_spilled_cells_that_nothing_changed_stay(file: Path, tmp_path: Path) -> None:
    cells: dict[str, object] = {"A1": Dynamic("=_xlfn.SEQUENCE(3)", "A3"), "B1": "=T_ADD(1,1)"}
    saved(file, cells, {"A1": "<v>7</v>", "A2": "<v>8</v>", "A3": "<v>9</v>"})
    found = read_book(export_live(file, evaluate_workbook(file, Fake()), tmp_path / "live.xlsx")).sheets[0].values
    assert [found[row, 1] for row in (1, 2, 3)] == [7, 8, 9]
    assert found[1, 2] == 2


def test_workbooks_that_a_spreadsheet_opens_are_read(file: Path, tmp_path: Path) -> None:
    names = {f"rate_{i}": f"={i}/100" for i in range(40)}
    base = make_book(tmp_path / "base.xlsx", {"S": {"A1": 1, "B1": "=A1+rate_7", "C1": "=T_ADD(A1,1)"}}, names)
    parts = read_parts(base)
    sheet = parts[SHEET].decode()
    for cell in ("A1", "B1", "C1"):
        sheet = sheet.replace(f' r="{cell}"', "")
    sheet = sheet.replace('<row r="1" spans="1:3">', "<row>")
    styles = parts["xl/styles.xml"].decode()
    start, end = styles.index("<cellStyles"), styles.index("</cellStyles>") + len("</cellStyles>")
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/", b"")
        for name, data in parts.items():
            if name == SHEET:
                data = sheet.replace("UTF-8", "UTF-16").encode("utf-16")
            elif name == "xl/styles.xml":
                data = (styles[:start] + styles[end:]).encode()
            package.writestr(name, data)
    evaluation = evaluate_workbook(file, Fake())
    assert evaluation.problems == []
    assert evaluation.values["S"] == {(1, 2): 1.07, (1, 3): 2}
    found = read_book(export_live(file, evaluation, tmp_path / "live.xlsx")).sheets[0].values
    assert found[1, 2] == 1.07


def test_rounded_inputs_prove_a_small_difference_of_theirs(file: Path) -> None:
    cells = {"A1": 17531.453961, "A2": 17531.4539612782, "B1": '=IFERROR(A1-A2,"")', "C1": "=A1-A2"}
    saved(file, cells, {"B1": "<v>-2.78229981187567E-07</v>", "C1": "<v>-2.8E-07</v>"})
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 17531.5})
    assert set(told(evaluation)) == {"C1"}
    assert evaluation.values["S"][1, 2] == pytest.approx(0.0460387218, abs=1e-9)


def test_a_data_table_keeps_its_values_and_is_reported_where_its_inputs_changed(file: Path, tmp_path: Path) -> None:
    cells = {"A1": 2, "C1": "=A1*10", "B2": 1, "B3": 2, "C2": 10, "C3": 20, "E1": "=C3+1", "G1": 1}
    saved(tmp_path / "base.xlsx", cells, {"C1": "<v>20</v>", "E1": "<v>21</v>"})
    table = '<c r="C2"><f t="dataTable" ref="C2:C3" dt2D="0" dtr="0" r1="A1"/>'
    rewritten(tmp_path / "base.xlsx", file, {SHEET: lambda text: text.replace('<c r="C2">', table)})
    assert told(evaluate_workbook(file, Fake(), {"S!G1": 9})) == {}
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 3})
    assert set(told(evaluation)) == {"C2", "E1"}
    assert [evaluation.values["S"][place] for place in ((1, 3), (2, 3), (3, 3), (1, 5))] == [30, 10, 20, 21]


def test_formulas_over_a_whole_sheet_or_a_million_steps_are_bounded(file: Path, tmp_path: Path) -> None:
    from tests.workbook.books import Array

    make_book(tmp_path / "small.xlsx", {"S": {"A1": Array("=C1:XFD1048576*2", "B2"), "D9": 1}})
    rewritten(tmp_path / "small.xlsx", file, {SHEET: lambda text: text.replace('ref="A1:B2"', 'ref="A1:XFD1048576"')})
    assert "too many" in told(evaluate_workbook(file, Fake()))["A1"]
    endless = "=_xlfn.MAKEARRAY(2000,2000,_xlfn.LAMBDA(_xlpm.a,_xlpm.b,_xlpm.a))"
    make_book(file, {"S": {"A1": Dynamic(endless), "C1": Dynamic("=_xlfn.SEQUENCE(1048576,100)")}})
    assert set(told(evaluate_workbook(file, Fake()))) == {"A1", "C1"}


@pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)
def test_changed_inputs_give_what_libreoffice_gives_or_are_reported(tmp_path: Path) -> None:
    """Inputs of a workbook that LibreOffice saved are changed; every formula is compared with LibreOffice's own."""
    chance = random.Random(11)
    base = test_natives.with_libreoffice(test_natives.example_book(tmp_path / "base.xlsx"), tmp_path)
    before = dict(test_natives.DATA)
    changes = {cell: chance.choice([1.5, 2, 3, 8]) for cell in ("B8", "C4", "E2", "H2", "L2")}
    try:
        for cell, value in changes.items():
            column = list(before[cell[0]])
            column[int(cell[1:]) - 1] = value
            test_natives.DATA[cell[0]] = column
        edited = test_natives.example_book(tmp_path / "edited.xlsx")
    finally:
        test_natives.DATA.update(before)
    judge = read_book(test_natives.with_libreoffice(edited, tmp_path)).sheets[0].values
    evaluation = evaluate_workbook(base, Fake(), {f"Data!{cell}": value for cell, value in changes.items()})
    reported = told(evaluation)
    stored = read_book(base).sheets[0].values
    wrong = [
        (place, judge.get(place), value)
        for place, value in evaluation.values["S"].items()
        if f"A{place[0]}" not in reported and not near(judge.get(place), value)
    ]
    assert not wrong
    assert sum(stored.get(place) != value for place, value in judge.items()) > 40
    assert len(reported) <= 0.02 * len(judge), reported
