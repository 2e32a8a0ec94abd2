"""What nothing changed keeps its stored value; what changed counts where the stored values prove it."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.workbook import test_natives
from tests.workbook.books import Dynamic, Fake, make_book
from tests.workbook.parts import read_parts, rewritten
from xlrotation import jobs
from xlrotation.cli import main
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook
from xlrotation.workbook.evaluation.recalculation import Recalculation
from xlrotation.workbook.evaluation.secondengine import Answers, Formulas
from xlrotation.workbook.formulas.references import cell_name
from xlrotation.workbook.output import office
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.output.office import libreoffice
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


ASKED = {
    **{f"A{i}": i * 10 for i in range(1, 7)},
    "B1": "=SMALL(A1:A6,2.5)",  # not computed here: spreadsheets round the place in different ways
    "B2": "=B1*2",
    "B3": "=T_ADD(B1,1)",
    "B4": "=B3+B2",
    "B5": "=LARGE(A1:A6,2.5)",  # stored as no engine gives it
    "B6": "=MYUDF(A1)",
    "B7": "=B6+B1",
}
ASKED_STORED = {
    "B1": "<v>20</v>", "B2": "<v>40</v>", "B3": "<v>21</v>", "B4": "<v>61</v>", "B5": "<v>77</v>", "B6": "<v>5</v>",
    "B7": "<v>25</v>",
}  # fmt: skip


def column_b(evaluation: Evaluation) -> list[object]:
    return [evaluation.values["S"][row, 2] for row in range(1, 8)]


def test_a_second_engine_counts_only_where_it_gives_what_is_stored(file: Path) -> None:
    saved(file, ASKED, ASKED_STORED)
    seen: list[Mapping[str, object]] = []

    def engine(_: Path, states: Sequence[Evaluation], formulas: Formulas) -> Sequence[Answers]:
        seen.append({cell_name(*place): formula.text for place, formula in formulas["S"].items()})
        assert [state.values["S"].get((1, 2)) for state in states] == [20, 20]
        return [
            {"S": {(1, 2): 20.0, (2, 2): 40.0, (5, 2): 50.0}},
            {"S": {(1, 2): 21.0, (2, 2): 42.0, (5, 2): 50.0}},
        ]

    changed: dict[str, Cell] = {"S!A2": 21, "S!A1": 9}
    evaluation = evaluate_workbook(file, Fake(), changed, engine)
    assert seen == [{"B1": "SMALL(A1:A6,2.5)", "B2": "B1*2", "B5": "LARGE(A1:A6,2.5)"}]
    assert column_b(evaluation) == [21, 42, 22, 64, 77, 5, 25]
    assert set(told(evaluation)) == {"B5", "B6", "B7"}
    assert "depends on B6" in told(evaluation)["B7"]
    assert evaluation.elsewhere == [("S", "B1"), ("S", "B2")]
    assert evaluation.kept["S"] == {(5, 2), (6, 2), (7, 2)}
    without = evaluate_workbook(file, Fake(), changed, lambda *_: None)
    assert column_b(without) == [20, 40, 21, 61, 77, 5, 25]
    assert set(told(without)) == {f"B{row}" for row in range(1, 8)}


def test_a_second_engine_is_not_asked_what_stands_on_stale_ground(file: Path) -> None:
    cells = {"A1": 3, "A2": 1, "B1": "=MYUDF(A1)", "B2": "=SMALL(A1:B1,1.5)", "B3": "=SMALL(A1:A2,1.5)+B2"}
    saved(file, cells, {"B1": "<v>7</v>", "B2": "<v>3</v>", "B3": "<v>4</v>"})

    def engine(*_: object) -> None:
        raise AssertionError("asked")

    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 4}, engine)
    assert set(told(evaluation)) == {"B1", "B2", "B3"}


@pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)
def test_libreoffice_is_the_second_engine(file: Path, tmp_path: Path) -> None:
    saved(file, ASKED, ASKED_STORED)
    evaluation = evaluate_workbook(file, Fake(), {"S!A2": 21, "S!A1": 9}, libreoffice)
    assert column_b(evaluation) == [21, 42, 22, 64, 77, 5, 25]
    assert set(told(evaluation)) == {"B5", "B6", "B7"}
    found = read_book(export_live(file, evaluation, tmp_path / "live.xlsx")).sheets[0]
    assert [found.values[row, 2] for row in range(1, 8)] == [21, 42, 22, 64, 77, 5, 25]
    assert found.formulas[1, 2].text == "SMALL(A1:A6,2.5)"


def test_without_libreoffice_or_in_too_short_a_time_nothing_is_answered(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(file, ASKED, ASKED_STORED)
    evaluation = evaluate_workbook(file, Fake(), {"S!A2": 21})
    formulas = {"S": {(1, 2): read_book(file).sheets[0].formulas[1, 2]}}
    slow = file.with_name("soffice")
    slow.write_text("#!/bin/sh\nsleep 60\n", "utf-8")
    slow.chmod(0o755)
    for program in (None, str(slow), str(file.with_name("missing"))):
        monkeypatch.setattr(office, "find_libreoffice", lambda program=program: program)
        assert libreoffice(file, [evaluation], formulas, timeout=0.2) is None


def test_the_commands_ask_libreoffice_unless_told_not_to(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(file, {"A1": 10, "A2": 20, "B1": "=SMALL(A1:A2,1.5)"}, {"B1": "<v>10</v>"})
    asked: list[Path] = []

    def engine(path: Path, *_: object) -> Sequence[Answers]:
        asked.append(path)
        return [{"S": {(1, 2): 10.0}}, {"S": {(1, 2): 12.0}}]

    monkeypatch.setattr(jobs, "libreoffice", engine)
    out = str(tmp_path / "out")
    for command in (["export", str(file), "-o", out, "--keep-formulas"], ["refresh-book", str(file)]):
        copy = tmp_path / "out" / file.name if command[0] == "export" else file
        options = [*command, "--source", "sample", "--set", "S!A1=12"]
        assert main([*options, "--no-libreoffice"]) == 1
        assert not asked
        assert read_book(copy).sheets[0].values[1, 2] == 10
        assert "no whole number" in capsys.readouterr().out
        assert main(options) == 0
        assert len(asked) == 1
        assert read_book(copy).sheets[0].values[1, 2] == 12
        assert "LibreOffice computed S!B1" in capsys.readouterr().out
        asked.clear()
        saved(file, {"A1": 10, "A2": 20, "B1": "=SMALL(A1:A2,1.5)"}, {"B1": "<v>10</v>"})


def test_what_is_kept_of_other_workbooks_is_read(file: Path, tmp_path: Path) -> None:
    cells = {
        "A1": 2,
        "B1": "=[1]Prices!B2*A1",
        "B2": '=VLOOKUP("b",[1]Prices!A:B,2,0)+A1',
        "B3": "=[1]Other!A1+A1",
        "B4": "=[2]Prices!A1+A1",
        "B5": "=SUM('[1]Prices'!B1:B2)*A1",
        "B6": "=SHEETS()*A1",
        "B7": "=[1]Prices!C9+A1",
    }
    stored = {"B1": 20, "B2": 12, "B3": 7, "B4": 7, "B5": 26, "B6": 2, "B7": 2}
    saved(tmp_path / "base.xlsx", cells, {cell: f"<v>{value}</v>" for cell, value in stored.items()})
    main_ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = (
        f'<externalLink {main_ns}><externalBook><sheetNames><sheetName val="Prices"/><sheetName val="Other"/>'
        '</sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>a</v></cell>'
        '<cell r="B1"><v>3</v></cell></row>'
        '<row r="2"><cell r="A2" t="str"><v>b</v></cell><cell r="B2"><v>10</v></cell></row></sheetData>'
        '<sheetData sheetId="1" refreshError="1"/></sheetDataSet></externalBook></externalLink>'
    )
    rewritten(
        tmp_path / "base.xlsx",
        file,
        {
            "xl/workbook.xml": lambda text: text.replace(
                "</sheets>",
                f'</sheets><externalReferences><externalReference xmlns:r="{office}" r:id="rId77"/>'
                "</externalReferences>",
            ),
            "xl/_rels/workbook.xml.rels": lambda text: text.replace(
                "</Relationships>",
                f'<Relationship Id="rId77" Type="{office}/externalLink" Target="externalLinks/externalLink1.xml"/>'
                "</Relationships>",
            ),
            "xl/externalLinks/externalLink1.xml": lambda _: link,
        },
    )
    evaluation = evaluate_workbook(file, Fake(), {"S!A1": 3})
    assert column_b(evaluation) == [30, 13, 7, 7, 39, 3, 3]
    assert set(told(evaluation)) == {"B3", "B4"}
    assert set(evaluation.values) == {"S"}


def test_cells_filled_at_once_are_those_filled_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula that fills what it filled before needs no look for what is in its way."""
    cells: dict[str, Cell | Dynamic] = {
        "A1": 3,
        "B1": Dynamic("=SEQUENCE(T_ADD(A1,0),2)", "C3"),
        "D1": "=SUM(B1:C3)",
        "D2": "=SUM(B1#)",
        "D3": "=C3&B2",
        "E1": Dynamic("=B1#*2", "F3"),
        "G1": "=SUM(E:F)",
        "H1": Dynamic("=SEQUENCE(3)", "H3"),
        "H2": "=7",  # in the way
        "I1": Dynamic("=SEQUENCE(2,2)", "J2"),
        "M1": Dynamic("=SUM(K1:K4)"),
        "M2": Dynamic("=SUM(K1:K6)"),  # the column is looked at beyond, before its end is filled
        "K7": Dynamic("=T_ADD(A1,0)*SEQUENCE(2)", "K8"),
        "M9": "=SUM(K1:K8)",
    }
    cells |= {f"K{row}": row for row in range(1, 7)}
    file = make_book(tmp_path / "book.xlsx", {"S": cells, "T": {"A1": "=S!C3+S!F3", "A2": "=COUNT(S!B:J)"}})

    def found(inputs: Mapping[str, Cell]) -> list[object]:
        result = evaluate_workbook(file, Fake(), inputs)
        return [result.values, result.anchors, result.problems, result.kept]

    inputs: list[Mapping[str, Cell]] = [{}, {"S!A1": 3}, {"S!A1": 2}, {"S!A1": 5}, {"S!J2": 1}]
    filled: list[bool] = []
    again = Recalculation._fills_again

    def seen(*given: object) -> bool:
        filled.append(again(*given))  # type: ignore[arg-type]
        return filled[-1]

    monkeypatch.setattr(Recalculation, "_fills_again", seen)
    at_once = [found(each) for each in inputs]
    assert True in filled
    assert False in filled
    monkeypatch.setattr(Recalculation, "_fills_again", lambda *_: False)
    assert [found(each) for each in inputs] == at_once
