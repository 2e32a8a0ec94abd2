"""What a workbook may take: formulas that would take for ever, or all memory, are told by cell and reason instead."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workbook.books import Fake, make_book
from tests.workbook.parts import rewritten
from xlrotation import jobs
from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation import machine, room
from xlrotation.workbook.evaluation.cells import Cells
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_formula, evaluate_workbook
from xlrotation.workbook.evaluation.finishing import never
from xlrotation.workbook.evaluation.machine import Budget, Machine, Unsupported
from xlrotation.workbook.evaluation.recalculation import Recalculation
from xlrotation.workbook.natives.conditions import wildcard
from xlrotation.workbook.package.book import Book, Sheet
from xlrotation.workbook.package.parts import Package
from xlrotation.workbook.package.sheetedit import SheetEditor

SHEET = "xl/worksheets/sheet1.xml"
TALL = "A1048576"
LONG = "a" * 30_000 + "c"

BOUNDED = {
    "a LAMBDA that calls itself twice": "=LET(f,LAMBDA(f,n,IF(n=0,1,f(f,n-1)+f(f,n-1))),f(f,60))",
    "a LAMBDA that calls itself for ever": "=LET(f,LAMBDA(f,n,f(f,n+1)),f(f,1))",
    "a deep LAMBDA": "=LET(f,LAMBDA(f," + "IF(1," * 80 + "f(f)" + ")" * 80 + "),f(f))",
    "an array of every cell": "=SUM(SEQUENCE(1048576,16384))",
    "MAKEARRAY": "=SUM(MAKEARRAY(100000,1000,LAMBDA(r,c,r*c)))",
    "MAP in MAP": "=SUM(MAP(SEQUENCE(1000,1000),LAMBDA(x,SUM(SEQUENCE(100)))))",
    "rows that double": "=ROWS(REDUCE(1,SEQUENCE(60),LAMBDA(a,b,VSTACK(a,a))))",
    "texts that double": '=LEN(REDUCE("a",SEQUENCE(60),LAMBDA(a,b,a&a)))',
    "many long texts": '=SUM(LEN(REPT("a",SEQUENCE(1000000)*0+32767)))',
    "texts joined by long ones": '=LEN(TEXTJOIN(REPT(",",32767),FALSE,SEQUENCE(300000)))',
    "a text that grows by replacing": '=LEN(SUBSTITUTE(REPT("a",32767),"a",REPT("b",32767)))',
    "all cells of a sheet": "=SUM(A:XFD*A:XFD)",
    "columns of every row": "=SUMPRODUCT(A:Z*A:Z)",
    "a reference to all cells": "=SUM(OFFSET(A1,0,0,1048576,16384))",
    "a pattern with many stars": '=COUNTIF(B1:B50,"' + "*a" * 30 + '*b")',
    "a search with many stars": '=SEARCH("' + "*a" * 30 + '*b",B1)',
    "a lookup with many stars": '=MATCH("' + "*a" * 30 + '*b",B1:B50,0)',
    "a power": "=PERMUTATIONA(1E9,1E9)",
    "ways to choose": "=COMBIN(1E9,5E8)",
    "ways to order": "=PERMUT(1E9,1E8)",
    "ways to split": "=MULTINOMIAL(1E6,1E6)",
    "every second factor": "=FACTDOUBLE(1E8)",
    "a distribution added up": "=HYPGEOM.DIST(1E6,2E6,3E6,9E6,TRUE)",
    "a distribution turned round": "=BINOM.INV(1E9,0.5,0.5)",
    "every row against every row": "=SUMPRODUCT(COUNTIF(B1:B20000,B1:B20000))",
    "prices of bonds with many coupons": "=SUM(PRICE(SEQUENCE(20000)+1000,2900000,0.05,0.05,100,4))",
    "yields of bonds with many coupons": "=SUM(YIELD(SEQUENCE(20000)+1000,2900000,0.05,95,100,4))",
    "odd periods with many coupons": "=SUM(ODDLPRICE(SEQUENCE(20000)+2800000,2900000,1000,0.05,0.05,100,4))",
    "interest of many periods": "=CUMIPMT(0.01,1E9,1,1,1E9,0)",
    "payments of many periods": "=CUMPRINC(0.01,1E9,1,1,1E9,0)",
    "depreciation over many periods": "=DDB(1E9,1,1E9,1E9)",
    "falling depreciation over many periods": "=SUM(VDB(SEQUENCE(20000)+1000,1,100000,0,90000))",
    "depreciation by declining balance": "=DB(1E9,1,1E9,1E9)",
    "days of work": "=SUM(WORKDAY(SEQUENCE(20000),2000000))",
    "rates": "=SUM(RATE(SEQUENCE(1000000),-1,20))",
    "a least common multiple": "=LCM(SEQUENCE(300000))",
    "a text that grows by a regular expression": '=LEN(REGEXREPLACE(REPT("a",32767),"a",REPT("b",32767)))',
    "many regular expressions": '=SUM(--REGEXTEST(REPT("a",SEQUENCE(20000)*0+17)&"b","(a+)+$"))',
    "a long format of many numbers": '=SUM(LEN(TEXT(SEQUENCE(300000),REPT("0",200))))',
    "an inverse": "=SUM(MINVERSE(MOD(SEQUENCE(1900,1900)^2,997)))",
    "growing sums under a condition": '=SUM(SUMIF(OFFSET(B1,0,0,ROW(1:20000)),">0"))',
    "every row searched": "=SUMPRODUCT(XLOOKUP(ROW(1:20000)+0.5,ROW(1:20000),ROW(1:20000),0,-1))",
}


def run(path: Path, cells: Mapping[str, object], names: Mapping[str, str] | None = None) -> Evaluation:
    return evaluate_workbook(make_book(path, {"S": cells}, names), Fake())  # type: ignore[dict-item]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


PROGRAM = """
import resource, sys
from pathlib import Path
from tests.workbook.books import Fake
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
found = evaluate_workbook(Path(sys.argv[1]), Fake())
print(repr(found.values["S"][1, 4]), *[problem.reason for problem in found.problems], sep="|")
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limits are those of POSIX")
@pytest.mark.parametrize("what", BOUNDED)
def test_no_formula_takes_for_ever_or_all_memory(file: Path, what: str) -> None:
    cells: dict[str, object] = {"A1": 1, TALL: 2, "XFD1": 3, "D1": BOUNDED[what], "E1": "=1+1"}
    cells |= {f"B{row}": LONG for row in range(1, 51)}
    make_book(file, {"S": cells})  # type: ignore[dict-item]
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    told, memory = done.stdout.splitlines()
    assert "Error" in told or "|" in told or float(told) >= 0
    assert int(memory) < 1000  # megabytes; 0 where the system does not tell


def test_names_that_triple_are_computed_once(file: Path) -> None:
    names = {"step_0": "=S!$A$1"} | {f"step_{i}": "=" + "+".join([f"step_{i - 1}"] * 3) for i in range(1, 31)}
    found = run(file, {"A1": 1, "B1": "=step_30"}, names)
    assert found.values["S"][1, 2] == 3.0**30
    assert not found.problems


def test_what_all_formulas_take_together_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_TOGETHER", 3000)
    cells = {f"A{row}": f"=SUM(SEQUENCE({row * 1000}))+{row}" for row in range(1, 31)} | {"C1": "=1+A1"}
    found = run(file, cells)
    told = {problem.cell: problem.reason for problem in found.problems}
    assert found.values["S"][1, 1] == 500501.0
    assert found.values["S"][1, 3] == 500502.0
    assert "A30" in told
    assert "took 3,000 together, most of them in S!A" in told["A30"]
    assert isinstance(found.values["S"][30, 1], CellError)


def test_a_formula_of_few_steps_is_computed_when_the_others_took_all() -> None:
    budget = Budget()
    budget.charge(machine.MAX_TOGETHER + 1000, lambda: "in S!A1")
    book = Book(Path(), [Sheet("S")])
    cells = Machine(book, Cells(book), never, (), {}, budget)
    cells.step(machine.FREE_STEPS)
    with pytest.raises(Unsupported, match="most of them in S!A1"):
        cells.step()


@pytest.mark.parametrize("area", ["A1:XFD1048576", "A1:J100000", "A1:A1048576"])
def test_an_array_formula_over_a_whole_sheet_is_told(file: Path, tmp_path: Path, area: str) -> None:
    draft = make_book(tmp_path / "draft.xlsx", {"S": {"A1": "=ROW()", "M1": "=A1", "N1": "=2+2"}})
    text = f'<f t="array" ref="{area}">ROW(A1:XFD1048576)</f>'
    rewritten(draft, file, {SHEET: lambda old: old.replace("<f>ROW()</f>", text)})
    found = evaluate_workbook(file, Fake())
    reasons = {problem.cell: problem.reason for problem in found.problems}
    assert "fills" in reasons["A1"]
    assert "may fill 500,000 in all" in reasons["A1"]
    assert reasons["M1"].startswith("depends on A1")
    assert found.values["S"][1, 14] == 4.0


def test_long_texts_of_many_cells_are_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_CHARACTERS", 100_000)
    found = run(file, {f"A{row}": f'=REPT("ab",{15_000 + row})' for row in range(1, 9)})
    assert [problem.cell for problem in found.problems] == ["A4", "A5", "A6", "A7", "A8"]


def test_many_lookups_in_whole_columns_are_no_more_work_than_as_many_in_short_ones(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MAX_TOGETHER", 20_000)
    cells: dict[str, object] = {f"A{row}": row for row in range(1, 2001)}
    cells |= {f"L{row}": f"=VLOOKUP(A{row},A:J,1,0)" for row in range(1, 2001)}
    assert not run(file, cells).problems


@pytest.mark.parametrize(
    ("pattern", "text", "met"),
    [
        ("a*b", "axxb", True),
        ("a*b", "axxbc", False),
        ("*a*b", "xxaab", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("?*?", "a", False),
        ("?*?", "ab", True),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "aba", False),
        ("*ab*b", "abab", True),
        ("a**b", "ab", True),
        ("~*a*", "*abc", True),
        ("~*a*", "xabc", False),
        ("*", "", True),
        ("a*?c", "abc", True),
        ("a*?c", "ac", False),
        ("*A?*C", "xabyc", True),
    ],
)
def test_patterns_with_stars(pattern: str, text: str, met: bool) -> None:
    found = wildcard(pattern)
    assert found is not None
    assert (found.fullmatch(text) is not None) is met


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=SEARCH("b*d","abcd")', 2.0),
        ('=SEARCH("*d","abcd")', 1.0),
        ('=SEARCH("b*x","abcd")', CellError.VALUE),
        ('=SEARCH("?c","abcd")', 2.0),
        ('=SEARCH("~?","ab?")', 3.0),
        ('=SEARCH("","abc")', 1.0),
        ('=SEARCH("a*","banana",3)', 4.0),
        ("=COMBIN(50,6)", 15890700.0),
        ("=COMBIN(1E15,2)", 499999999999999500000000000000.0),
        ("=PERMUT(100,3)", 970200.0),
        ("=MULTINOMIAL(2,3,4)", 1260.0),
        ("=FACTDOUBLE(7)", 105.0),
        ("=FACTDOUBLE(302)", CellError.NUM),
        ("=PERMUTATIONA(3,4)", 81.0),
        ("=PERMUTATIONA(1,1E9)", 1.0),
    ],
)
def test_what_is_bounded_is_right(file: Path, formula: str, value: object) -> None:
    found = run(file, {"A1": formula}).values["S"][1, 1]
    assert found == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)


def test_a_hypergeometric_of_many_agrees_with_one_that_is_counted(file: Path) -> None:
    """Where the numbers pass ten thousand, logarithms take over; scipy.stats.hypergeom gives the same."""
    found = run(file, {"A1": "=HYPGEOM.DIST(30,1000,300,10000,TRUE)", "A2": "=HYPGEOM.DIST(30,1000,300,10001,TRUE)"})
    assert found.values["S"][1, 1] == pytest.approx(found.values["S"][2, 1], rel=1e-3)
    stats = pytest.importorskip("scipy.stats")
    assert found.values["S"][2, 1] == pytest.approx(stats.hypergeom.cdf(30, 10001, 300, 1000), rel=1e-9)


@pytest.mark.parametrize("direction", [1, -1])
def test_cells_that_all_wait_for_all_before_them_are_computed(file: Path, direction: int) -> None:
    """Two thousand running sums of running sums, asked for from the wrong end."""
    count = 2000
    rows = range(1, count + 1)
    cells: dict[str, object] = {"A1": f"=B{count if direction > 0 else 1}"}
    for row in rows:
        first = row == (1 if direction > 0 else count)
        span = f"B$1:B{row - 1}" if direction > 0 else f"B{row + 1}:B${count}"
        cells[f"B{row}"] = "=1+0" if first else f"=SUM({span})/{(row - 1) if direction > 0 else count - row}"
    found = run(file, cells)
    assert not found.problems
    assert found.values["S"][1, 1] == pytest.approx(1.0)


def test_a_circle_of_many_cells_is_told(file: Path) -> None:
    count = 500
    found = run(file, {f"A{row}": f"=A{row % count + 1}+1" for row in range(1, count + 1)})
    assert len(found.problems) == count
    assert all("itself" in problem.reason for problem in found.problems)


def test_an_evaluation_leaves_the_settings_of_the_process_as_they_were() -> None:
    before = sys.getrecursionlimit(), gc.get_threshold(), threading.stack_size()
    seen: list[int] = []

    def work() -> int:
        seen.append(sys.getrecursionlimit())
        return room.with_room(lambda: 3)

    threads = [threading.Thread(target=lambda: room.with_room(work)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert room.with_room(work) == 3
    assert min(seen) >= 30_000
    assert (sys.getrecursionlimit(), gc.get_threshold(), threading.stack_size()) == before


def test_the_work_on_a_workbook_is_seldom_interrupted(file: Path, tmp_path: Path, monkeypatch) -> None:
    before = sys.getrecursionlimit(), gc.get_threshold()
    seen: list[tuple[int, int]] = []

    def write(*_: object) -> Path:
        seen.append((gc.get_threshold()[0], sys.getrecursionlimit()))
        raise RotationError("cannot be written")

    monkeypatch.setattr(jobs, "export_values", write)
    run(file, {"A1": "=1+1"})
    with pytest.raises(RotationError, match="cannot be written"):
        jobs.export(file, tmp_path / "out", Session("sample"))
    assert seen == [(100_000, before[0])]  # the depth of formulas is for their evaluation alone
    assert (sys.getrecursionlimit(), gc.get_threshold()) == before
    gc.set_threshold(0, *before[1][1:])  # a program that collects by itself is left alone
    try:
        with room.seldom_collected(), room.seldom_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before[1])


def test_a_job_leaves_nothing_to_the_collector_of_memory(file: Path, tmp_path: Path) -> None:
    """All that reads, computes and writes is gone with the last that held it: objects in rings would wait, and many."""
    session = Session("sample")
    run(file, {"A1": '=PX_CLOSE("SPX")', "A2": "=A1+1", "A3": "=SUM(A1:A2)"})
    kinds = Machine, Cells, SheetEditor, Package, Recalculation
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    before = {id(one) for one in gc.get_objects() if isinstance(one, kinds)}
    try:
        jobs.export(file, tmp_path / "out", session)
        assert evaluate_formula("=SUM(1,2)", session) == 3.0
        assert evaluate_formula('=PX_CLOSE("SPX")', session) == session.call("PX_CLOSE", "SPX")
        left = [one for one in gc.get_objects() if isinstance(one, kinds)]
        assert [type(one).__name__ for one in left if id(one) not in before] == []
    finally:
        if collecting:
            gc.enable()


def test_what_an_evaluation_raises_is_raised_where_it_was_asked_for() -> None:
    with pytest.raises(ZeroDivisionError):
        room.with_room(lambda: 1 // 0)


def test_regular_expressions_have_a_time_together(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_SEARCHING", 0.0)
    found = run(file, {"A1": '=REGEXTEST("abc","b")', "A2": "=1+1"})
    assert [problem.cell for problem in found.problems] == ["A1"]
    assert "too long together" in found.problems[0].reason
    assert found.values["S"][2, 1] == 2.0


CONDITIONS = """
2 2.5 "2" "=2" "02" "B" "=b" "c" "=3" "" "=" "<>2" ">1" "<=2" ">2.00000000000000001" "b*" TRUE "TRUE" A1 Z9 ">-1" "<0"
"<>b" "1/1/1900" 0
"""


@pytest.mark.parametrize("wanted", CONDITIONS.split())
def test_conditions_asked_again_and_again_find_what_they_found_at_first(file: Path, wanted: str) -> None:
    """A column that is searched often is searched by an index of what stands where."""
    values = [
        1,
        2,
        2.5,
        "2",
        "b",
        "B",
        "bc",
        "",
        True,
        "TRUE",
        "x",
        3,
        "3 ",
        0,
        -1,
        None,
        "c",
        "C",
        "02",
        "1/1/1900",
    ] * 3
    cells: dict[str, object] = {f"A{row}": value for row, value in enumerate(values, 1) if value is not None}
    cells |= {f"B{row}": float(row) for row in range(1, len(values) - 2)}
    area, summed = f"$A$1:$A${len(values)}", f"$B$1:$B${len(values)}"
    for row in range(1, 8):
        cells[f"D{row}"] = f"=COUNTIF({area},{wanted})"
        cells[f"E{row}"] = f"=SUMIF({area},{wanted},{summed})"
        cells[f"F{row}"] = f'=SUMIFS({summed},{area},{wanted},{summed},">4")'
    found = run(file, cells).values["S"]
    for column in (4, 5, 6):
        assert len({found[row, column] for row in range(1, 8)}) == 1


def test_a_column_that_changes_is_not_searched_by_its_old_index(file: Path) -> None:
    cells: dict[str, object] = {f"A{row}": float(row % 5) for row in range(1, 41)}
    cells |= {f"C{row}": "=COUNTIF(A$1:A$40,3)" for row in range(1, 9)}
    cells |= {"A40": "=B1+3", "B1": 0.0, "D1": "=COUNTIF(A$1:A$40,3)"}
    path = make_book(file, {"S": cells})  # type: ignore[dict-item]
    assert evaluate_workbook(path, Fake()).values["S"][1, 4] == 9.0
    assert evaluate_workbook(path, Fake(), {"S!B1": 1.0}).values["S"][1, 4] == 8.0


def test_sums_under_a_condition_grow_as_the_workbook_does(file: Path) -> None:
    """Ten thousand rows, each counted and added up among all."""
    cells: dict[str, object] = {f"A{row}": f"k{row % 5000}" for row in range(1, 10001)}
    cells |= {f"B{row}": f"=COUNTIF(A:A,A{row})+SUMIF(A$1:A$10000,A{row},C$1:C$10000)" for row in range(1, 10001)}
    found = run(file, cells)
    assert not found.problems
    assert found.values["S"][10000, 2] == 2.0
