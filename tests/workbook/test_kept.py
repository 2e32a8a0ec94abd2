"""An evaluation of bytes that were evaluated before gives what the first one of a process gives."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.workbook.books import Content, Dynamic, Fake, make_book
from tests.workbook.test_recalculation import saved
from xlrotation import jobs
from xlrotation.errors import RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation import dependence, kept, machine, plans, recalculation
from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.dependence import Item
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_workbook
from xlrotation.workbook.package.book import Book

BOOKS = Path(__file__).parents[2] / "workbooks"

CELLS = {
    "A1": 2,
    "A2": "=A1*3",
    "A3": "=T_ADD(A2,1)",
    "A4": "=A2+1",  # stored otherwise
    "A5": "=A4+A1",
    "A6": '=INDIRECT("A"&A1)+1',
    "B1": "=A3+A5",
    "B2": "=SUM(SEQUENCE(2000,1,A1))",
    "B3": "=MYUDF(A1)",
    "B4": "=B3+1",
}
STORED = {
    "A2": "<v>6</v>",
    "A3": "<v>7</v>",
    "A4": "<v>99</v>",
    "A5": "<v>101</v>",
    "A6": "<v>7</v>",
    "B1": "<v>108</v>",
    "B2": "<v>2003000</v>",
    "B3": "<v>1</v>",
    "B4": "<v>2</v>",
}
INPUTS: list[Mapping[str, Cell]] = [{}, {"S!A1": 3}, {"S!A2": 5}, {"S!A4": 1, "S!A1": 4}, {"S!A6": 2, "S!B3": 9}]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path / "book.xlsx", CELLS, STORED, {"rate": "=S!$A$1"})


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the plans that are made."""
    made: list[int] = []
    items_of = dependence.items_of

    def counted(book: Book, ours: Collection[str]) -> dict[Key, Item]:
        made.append(1)
        return items_of(book, ours)

    monkeypatch.setattr(plans, "items_of", counted)
    return made


def told(found: Evaluation) -> dict[str, Any]:
    return {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}


def alone(file: Path, inputs: Mapping[str, Cell]) -> dict[str, Any]:
    kept.forget()
    return told(evaluate_workbook(file, Fake(), inputs))


def test_the_same_bytes_are_read_once_and_give_what_they_gave_alone(file: Path, read: list[int]) -> None:
    expected = [alone(file, inputs) for inputs in INPUTS]
    problems = {p.cell: p.reason for p in expected[1]["problems"]}
    assert "gives another value" in problems["A4"]
    assert "depends on A4" in problems["A5"]
    assert "MYUDF" in problems["B3"]
    for first in range(len(INPUTS)):
        kept.forget()
        read.clear()
        for place in [*range(first, len(INPUTS)), *range(first), *range(len(INPUTS))]:
            assert told(evaluate_workbook(file, Fake(), INPUTS[place])) == expected[place]
        assert len(read) == 1


def test_what_somebody_does_with_an_evaluation_is_not_seen_by_the_next(file: Path) -> None:
    expected = alone(file, {"S!A1": 3})
    found = evaluate_workbook(file, Fake(), {"S!A1": 3})
    for values in found.values.values():
        values.clear()
    found.problems.clear()
    opened = kept.opened(file, frozenset(Fake().names), False)
    assert opened.name in kept._kept
    for sheet in opened.book.sheets:
        sheet.values.clear()
        sheet.formulas.clear()
        sheet.rows = sheet.columns = 1
    opened.book.names.clear()
    opened.book.rules.clear()
    opened.book.index.clear()
    assert told(evaluate_workbook(file, Fake(), {"S!A1": 3})) == expected


def test_a_file_counts_by_its_bytes(file: Path, tmp_path: Path, read: list[int]) -> None:
    before = file.stat()
    evaluate_workbook(file, Fake())
    other = saved(tmp_path / "other.xlsx", CELLS | {"A1": 8}, STORED)
    file.write_bytes(other.read_bytes())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = evaluate_workbook(file, Fake())
    assert len(read) == 2
    assert found.values["S"][3, 1] == 7.0 == evaluate_workbook(other, Fake()).values["S"][3, 1]
    assert len(read) == 2  # of another name, but the same bytes
    moved = tmp_path / "elsewhere.xlsx"
    moved.write_bytes(file.read_bytes())
    with pytest.raises(RotationError, match=r"elsewhere\.xlsx: 'nowhere'"):
        evaluate_workbook(moved, Fake(), {"nowhere": 1})


def test_other_functions_and_other_ways_to_spill_are_read_apart(file: Path, read: list[int]) -> None:
    udf = Fake(names=Fake().names | {"MYUDF"})
    for caller, spill in ((Fake(), False), (udf, False), (Fake(), True), (udf, False), (Fake(), False)):
        first = told(evaluate_workbook(file, caller, {"S!A1": 3}, spill=spill))
        held = dict(kept._kept._held)
        kept.forget()
        read_before = len(read)
        assert told(evaluate_workbook(file, caller, {"S!A1": 3}, spill=spill)) == first
        del read[read_before:]
        for name, one in held.items():
            kept._kept.put(name, *one)
    assert len(read) == 3


def test_threads_share_a_workbook_and_nothing_else(file: Path) -> None:
    expected = [alone(file, inputs) for inputs in INPUTS]
    kept.forget()
    wrong: list[object] = []

    def work(first: int) -> None:
        for turn in range(8):
            place = (first + turn) % len(INPUTS)
            found = told(evaluate_workbook(file, Fake(), INPUTS[place]))
            if found != expected[place]:
                wrong.append((place, found))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_work_is_counted_as_if_it_were_done_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: list[int]
) -> None:
    """What one formula takes is not there for another, whoever computed it."""
    rows = range(1, 21)
    cells = {"D1": 1} | {f"A{row}": f"=SUM(SEQUENCE({row * 1000},1,D1))" for row in rows}
    stored = {f"A{row}": f"<v>{row * 1000 * (row * 1000 + 1) // 2}</v>" for row in rows}
    file = saved(tmp_path / "book.xlsx", cells, stored)
    monkeypatch.setattr(machine, "MAX_TOGETHER", 30_000)
    expected = alone(file, {"S!D1": 1})
    assert 0 < len(expected["problems"]) < 20
    assert "took 30,000 together" in expected["problems"][0].reason
    kept.forget()
    del read[:]
    for _ in range(3):
        assert told(evaluate_workbook(file, Fake(), {"S!D1": 1})) == expected
    assert len(read) == 1


def test_no_formula_is_begun_in_vain_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(book)) as made:
        sheet = made.add_worksheet("S")
        for row in range(1, 30, 2):
            sheet.write_formula(f"A{row}", f"=T_ADD(A{row + 2},1)+SUM(B{row + 1}:B{row + 2})")
            sheet.write_dynamic_array_formula(f"B{row}", f"=SEQUENCE(2,1,C{row})")
            sheet.write_formula(f"C{row}", f"=T_ADD(D{row},{row})")
            sheet.write(f"D{row}", 1)
    inputs: list[Mapping[str, Cell]] = [{"S!D3": 4}, {"S!D3": 4}, {"S!D3": 7}]
    expected = [alone(book, given) for given in inputs]
    begun: list[Key] = []
    finished = recalculation.finished
    monkeypatch.setattr(recalculation, "finished", lambda item, by: (begun.append(item.key), finished(item, by))[1])
    kept.forget()
    in_vain = []
    for given, found in zip(inputs, expected, strict=True):
        begun.clear()
        assert told(evaluate_workbook(book, Fake(), given)) == found
        assert not found["problems"]
        in_vain.append(len(begun) - len(set(begun)))
    assert in_vain[0] > 0
    assert in_vain[1:] == [0, 0]


@pytest.mark.parametrize(
    ("cells", "given"),
    [
        # two spills that meet: the first of the file fills its cells, whatever was computed first before
        (
            {"C1": Dynamic("=IF(H1=1,A3+0,SEQUENCE(5))"), "A3": Dynamic("=IF(H1=1,5,SEQUENCE(1,5))")},
            (1, 2, 1, 2, 2, 1),
        ),
        # a spill that goes out of another one's way
        (
            {
                "C1": Dynamic("=IF(H1=1,A3+0,SEQUENCE(3))"),
                "A3": Dynamic("=SEQUENCE(1,IF(H1=1,3,1))", "C3"),
                "B3": 2,
                "C3": 3,
            },
            (1, 2, 1, 2, 2, 1),
        ),
        # errors, and tables of which a plain formula shows the first cell, come by their place
        (
            {
                "A1": "=IF(H1=1,C1,1/0)",
                "B1": "=IF(H1=1,D1,T_TABLE(2,2))",
                "C1": "=IF(H1=1,1,1/0)",
                "D1": "=T_TABLE(3,1)",
            },
            (1, 2, 1, 2),
        ),
        # cells that refer to themselves are told in the order of the file
        ({"A1": "=IF(H1=1,B1+1,B1)", "B1": "=IF(H1=1,C1+1,A1+C1)", "C1": "=IF(H1=1,7,B1)"}, (1, 2, 2, 1, 2)),
    ],
)
def test_the_order_of_the_time_before_is_not_seen(
    tmp_path: Path, cells: Mapping[str, Content], given: tuple[int, ...]
) -> None:
    def all_of(evaluation: Evaluation) -> object:
        return told(evaluation), evaluation.errors, list(evaluation.calls), list(evaluation.cut)

    book = make_book(tmp_path / "book.xlsx", {"S": {"H1": 1, **cells}})
    expected = {}
    for n in given:
        kept.forget()
        expected[n] = all_of(evaluate_workbook(book, Fake(), {"S!H1": n}))
    kept.forget()
    for n in given:
        assert all_of(evaluate_workbook(book, Fake(), {"S!H1": n})) == expected[n]


def test_what_took_much_is_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch, read: list[int]) -> None:
    monkeypatch.setattr(kept, "_LITTLE", 10)
    for _ in range(2):
        evaluate_workbook(file, Fake(), {"S!A1": 3})
    assert len(read) == 2
    assert not kept._kept


@pytest.mark.parametrize(("name", "most"), [("many", 2), ("most", 120), ("_LARGEST", 100)])
def test_few_workbooks_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: list[int], name: str, most: int
) -> None:
    monkeypatch.setattr(kept if name == "_LARGEST" else kept._kept, name, most)
    files = [saved(tmp_path / f"{n}.xlsx", CELLS | {"A1": n}, STORED) for n in (3, 4, 5)]
    for file in files:
        evaluate_workbook(file, Fake())
    left = len(kept._kept)
    assert left == {"many": 2, "most": 2, "_LARGEST": 0}[name]
    evaluate_workbook(files[2], Fake())
    assert len(read) == (3 if left else 4)
    evaluate_workbook(files[0], Fake())  # the oldest went
    assert len(read) == (4 if left else 5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX alone")
def test_a_forked_process_waits_for_no_thread_of_its_parent(file: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from tests.workbook.books import Content, Dynamic, Fake, make_book
from xlrotation.workbook.evaluation import kept
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
evaluate_workbook(Path({str(file)!r}), Fake())
kept._kept._lock.acquire()
child = os.fork()
if child == 0:
    signal.alarm(60)
    found = evaluate_workbook(Path({str(file)!r}), Fake())
    os._exit(int(found.values["S"][3, 1]))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "7", done.stderr


def test_exports_in_turn_are_those_of_processes_of_their_own(tmp_path: Path) -> None:
    book = BOOKS / "market_breadth.xlsx"
    wanted = [("2026-02-13", "en", {}), ("2026-01-30", "zh", {}), ("2026-01-30", "en", {"universe": "MAG7"})]
    session = Session("sample")

    def exported(folder: str, place: int) -> bytes:
        asof, lang, inputs = wanted[place]
        target = tmp_path / folder / str(place)
        jobs.export(book, target, session, asof=asof, lang=lang, inputs=inputs, office=False)
        return (target / book.name).read_bytes()

    apart = []
    for place in range(3):
        kept.forget()
        apart.append(exported("apart", place))
    assert len(set(apart)) == 3
    kept.forget()
    for turn, places in enumerate(((0, 1, 2), (2, 0))):
        assert [exported(str(turn), place) for place in places] == [apart[place] for place in places]
