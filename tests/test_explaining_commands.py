"""The commands explain and watch, and the walk of a workbook's cell."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from tests.commandline import own_home, run  # noqa: F401 - a fixture
from xlrotation import jobs
from xlrotation.functions.boundary.anyformula import with_room
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.explaining.explanation import explain_answer
from xlrotation.walking import walk

BOOKS = sorted(
    path for path in (Path(__file__).parents[1] / "workbooks").glob("*.xlsx") if "reference" not in path.stem
)


pytestmark = pytest.mark.usefixtures("own_home")


# ---------------------------------------------------------------------- explain


def test_explain_a_formula(capsys):
    status, out, _ = run(capsys, "explain", '=PX_RET("RUT",20)')
    assert status == 0
    assert "2681.73" in out
    assert "=2653.81/2681.73-1" in out
    status, out, _ = run(capsys, "explain", '=PX_RET("RUT",20)', "--json", "--asof", "2026-01-14")
    found = json.loads(out)
    assert status == 0
    assert found["asof"] == "2026-01-14"
    assert [datum["date"] for datum in found["data"]] == ["2025-12-15", "2026-01-14"]
    assert found["native"]["same"] is True
    assert found["same_from_these_data_alone"] is True


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("=PX_RET(",), 2, "no formula"),
        (('=PX_RET("FOO",5)',), 1, "no symbol"),
        (("=NOW()",), 2, "by the clock"),
        (("book.xlsx",), 2, "which cell"),
        (("=PX_RET()", "B7"), 2, "no workbook"),
        (("book.xlsx", "S!B7"), 2, "no such file"),
        (("=PX_RET()", "--rows", "0"), 2, "--rows"),
    ],
)
def test_what_explain_refuses(capsys, arguments, status, said):
    got, out, err = run(capsys, "explain", *arguments)
    assert got == status
    assert said in out + err


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Inputs"
    sheet["A1"], sheet["A2"] = "RUT", 20
    other = made.create_sheet("Out")
    other["B1"] = "=PX_RET(Inputs!A1,Inputs!A2)"
    other["B2"] = '=PX_RET("SPX",Inputs!A2)'
    other["B3"] = "=ROUND(100*(B1-B2),2)"
    other["B4"] = '=PX_RET("FOO",5)'
    path = tmp_path / "own.xlsx"
    made.save(path)
    return path


def test_a_cell_is_walked_to_its_inputs_and_data(capsys, book):
    status, out, _ = run(capsys, "explain", str(book), "Out!B3", "--json")
    found = json.loads(out)
    assert status == 0
    assert {f"{step['sheet']}!{step['cell']}" for step in found["cells"]} == {
        *("Out!B3", "Out!B1", "Out!B2", "Inputs!A1", "Inputs!A2"),
    }
    assert found["cells"][0]["formula"] == "=ROUND(100*(B1-B2),2)"
    assert {datum["symbol"] for datum in found["data"]} == {"^RUT", "^GSPC"}
    assert len(found["data"]) == 4
    assert [call["native"]["same"] for call in found["calls"]] == [True, True]
    small, large = (call["value"] for call in found["calls"])
    assert found["value"] == pytest.approx(round(100 * (small - large), 2))
    assert run(capsys, "explain", str(book), "Out!B3")[0] == 0


def test_a_cell_that_has_no_value_fails_with_its_reason(capsys, book):
    status, out, _ = run(capsys, "explain", str(book), "Out!B4")
    assert status == 1
    assert "no symbol 'FOO'" in out


@pytest.mark.parametrize(
    ("cell", "said"),
    [("Nope!B1", "no sheet 'Nope'"), ("B1", "names no cell"), ("Out!Z9", "is empty"), ("Out!B1:B2", "names no cell")],
)
def test_a_cell_that_is_not_there(capsys, book, cell, said):
    status, _, err = run(capsys, "explain", str(book), cell)
    assert status == 2
    assert said in err


def test_a_cell_is_walked_through_tables_and_sheets(tmp_path):
    made = openpyxl.Workbook()
    data = made.active
    data.title = "数据 表"
    for row in (["sym", "ret"], ["SPX", "=PX_RET(A2,20)"], ["RUT", "=PX_RET(A3,20)"]):
        data.append(row)
    data.add_table(Table(displayName="Tab", ref="A1:B3"))
    for number in (1, 2):
        made.create_sheet(f"S{number}")["A1"] = f'=PX_CLOSE("SPX")*{number}'
    out = made.create_sheet("Out")
    formulas = ["=SUM(Tab[ret])", "=SUM('S1:S2'!A1)", '=INDIRECT("S1!A1")', "=NOW()+S1!A1", "=OFFSET(S1!A1,0,0)"]
    for number, formula in enumerate(formulas, 1):
        out[f"A{number}"] = formula
    path = tmp_path / "own.xlsx"
    made.save(path)
    session = Session("sample", lang="en")
    ways = [walk(path, f"Out!A{number}", session, 20, turns=40) for number in range(1, 6)]
    assert [len(way.explanation.calls) for way in ways[:2]] == [2, 1]
    assert {(step.sheet, step.cell) for step in ways[0].steps} >= {("数据 表", "B2"), ("数据 表", "A3")}
    assert {(step.sheet, step.cell) for step in ways[1].steps} == {("Out", "A2"), ("S1", "A1"), ("S2", "A1")}
    assert {datum.symbol for datum in ways[0].explanation.data} == {"^GSPC", "^RUT"}
    assert [way.problems for way in ways[:2]] == [[], []]
    for way, told in zip(ways[2:], ("only computing tells", "by the clock", "only computing tells"), strict=True):
        assert any(told in problem for problem in way.problems)


def _calls(paths):
    session = Session("sample", lang="en").pinned()
    for path in paths:
        evaluation, _, _ = jobs.evaluated(path, path, session, None, None, None, office=False)
        for place, calls in evaluation.calls.items():
            for name, arguments, _ in calls:
                if functions()[name.upper()].steady:
                    yield session, (path.stem, *place), name.upper(), arguments


def _explained(calls, turns):
    seen = set()
    count = {"alone": 0, "native": 0}
    for session, place, name, arguments in calls:
        key = repr((name, arguments))
        if key in seen:
            continue
        seen.add(key)
        wide = max([1, *(len(cells) for cells in arguments if isinstance(cells, list))])
        often = max(3, turns // wide)

        def ask(made, name=name, arguments=arguments):
            return made(name, arguments)

        found = with_room(lambda: explain_answer(session, name, ask, [name], 20, often))  # noqa: B023
        assert found.alone, (place, name, arguments)
        assert found.holds, (place, name, arguments, found.natives[-1].text)
        count["alone"] += 1
        count["native"] += bool(found.natives[-1].text)
    return count


@pytest.mark.parametrize("path", [path for path in BOOKS if path.stem in ("market_breadth", "small_value_rotation")])
def test_the_cells_of_books_are_computed_again_from_their_data(path):
    count = _explained(list(_calls([path]))[2::3], 8)
    assert count["alone"] > 10
    assert count["native"] >= 3


@pytest.mark.search
def test_the_cells_of_all_books_are_computed_again_from_their_data():
    count = _explained(_calls(BOOKS), 60)
    assert count["alone"] > 300
    assert count["native"] > 60


# ---------------------------------------------------------------------- watch

TOML = """
[[rule]]
name = "Small caps lead"
formula = '=RS_STREAK("RUT","SPX")'
op = ">="
threshold = 5

[[rule]]
name = "Stress"
formula = 'VOL_STREAK("VVIX",110)>=5'
"""
BROKEN = """
[[rule]]
name = "Broken"
formula = '=PX_RET("FOO",5)'
above = 0
"""


@pytest.mark.parametrize(
    ("text", "asof", "status", "said"),
    [
        (TOML, "2026-01-14", 3, "1 fired, 1 quiet, 0 could not"),
        (TOML, "2026-02-13", 0, "0 fired, 2 quiet, 0 could not"),
        (TOML + BROKEN, "2026-01-14", 3, "1 fired, 1 quiet, 1 could not"),
        (TOML + BROKEN, "2026-02-13", 1, "rule 3: no symbol 'FOO'"),
        (BROKEN.replace("above", "abvoe"), None, 1, "'abvoe' is none of name"),
        (BROKEN + 'source = "yahoo"', None, 1, "its own source"),
        ("[[rules]]\nname = 1", None, 2, "none of [[rule]]"),
        ("", None, 2, "there is no rule"),
        ("[rule]\nformula = 1", None, 2, "two brackets"),
        ("[[rule]", None, 2, "cannot be read"),
    ],
)
def test_watch_rules_of_a_file(capsys, tmp_path, text, asof, status, said):
    path = tmp_path / "rules.toml"
    path.write_text(text, "utf-8")
    got, out, err = run(capsys, "watch", str(path), *(("--asof", asof) if asof else ()))
    assert got == status
    assert said in out + err


def test_watch_tells_programs_and_the_mail_why(capsys, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(TOML, "utf-8")
    arguments = ("watch", str(path), "--asof", "2026-02-13", "--since", "2026-01-01")
    status, out, _ = run(capsys, *arguments, "--json")
    found = json.loads(out)
    assert status == 3
    first = found["rules"][0]
    assert (first["state"], first["date"], first["since"], first["value"]) == ("fired", "2026-01-22", "2026-01-08", 14)
    assert first["holds"] is False
    assert first["percentile"] == 1.0
    assert len(first["before"]) == first["after"]["events"] == 7
    assert first["explanation"]["same_from_these_data_alone"] is True
    assert first["explanation"]["native"]["same"] is True
    status, out, _ = run(capsys, *arguments)
    assert status == 3
    assert "it fired 7 times before" in out
    assert "^RUT  close  2026-01-22  2726.67" in out


def test_watch_rules_of_a_sheet(capsys, tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "Notes"
    sheet = made.create_sheet("Watch")
    for row in (
        ["What the desk watches"],
        [],
        ["Name", "Formula", "Operator", "Threshold"],
        ["Small caps lead", 'RS_STREAK("RUT","SPX")', ">=", 5],
        ["As a formula", '=RS_STREAK("RUT","SPX")', ">=", 50],
        ["Broken", 'RS_STREAK("RUT"', ">=", 5],
    ):
        sheet.append(row)
    path = tmp_path / "rules.xlsx"
    made.save(path)
    status, out, _ = run(capsys, "watch", str(path), "--asof", "2026-01-14", "--json")
    found = json.loads(out)["rules"]
    assert status == 3
    assert [rule["state"] for rule in found] == ["fired", "quiet", "error"]
    assert found[2]["place"] == "Watch row 6"
    assert run(capsys, "watch", str(path), "--sheet", "Watch")[0] == 1
    assert run(capsys, "watch", str(path), "--sheet", "Notes")[0] == 2
    assert run(capsys, "watch", str(path), "--sheet", "Nope")[0] == 2


@pytest.mark.parametrize("arguments", [("rules.txt",), ("none.toml",), ("none.xlsx",), ("none.toml", "--sheet", "A")])
def test_rules_that_cannot_be_read_end_the_command(capsys, arguments):
    assert run(capsys, "watch", *arguments)[0] == 2
