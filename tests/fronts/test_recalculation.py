"""Excel's recalculation without Excel: every function and every template through the code that serves VBA.

What a real Excel adds to a plain call is played here: references arrive as objects, ranges as tuples of rows, dates as
pywin32's times, errors as integers, omitted arguments as a number that means missing, and a cell whose precedents are
not computed yet is called once with blanks before it is called again. The native formulas between our
calls are computed without Excel, so what one call gives is what the next one gets.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fronts.com import ERROR_BASE, MISSING, MODULE, ROOT, ComCells, ComTime, shown
from xlrotation.errors import CellError
from xlrotation.fronts.excel import calls
from xlrotation.functions.boundary.kinds import AsOfKind, DayKind
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import ERROR_NUMBERS, EXCEL_COM
from xlrotation.market.dates import from_serial
from xlrotation.market.providers import sample
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_formula, evaluate_workbook
from xlrotation.workbook.formulas.references import cell_name

BOOKS = sorted((ROOT / "workbooks").glob("*.xlsx"))
WORKBOOK = object()
TELLS_FAILURES = "XLR_ERRORS"
"""Its answer is what happened before, with the time of day; no two recalculations agree on it."""


def raw(value: object) -> object:
    """A value as COM hands it over when a formula holds it itself: numbers are doubles, rows are tuples."""
    if isinstance(value, list):
        return tuple(tuple(raw(cell) for cell in row) for row in value)
    if isinstance(value, CellError):
        return ERROR_BASE + ERROR_NUMBERS[value]
    if isinstance(value, dt.date):
        return ComTime(value.year, value.month, value.day, tzinfo=dt.UTC)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def referred(value: object) -> object:
    """A value as COM hands it over when a formula refers to the cells that hold it."""
    return ComCells(raw(value))


def cell(value: object) -> object:
    """What Excel shows, as the headless evaluation gives it."""
    if isinstance(value, list):
        return [[cell(each) for each in row] for row in value]
    if isinstance(value, tuple):
        return next(error for error, number in ERROR_NUMBERS.items() if number == value[1])
    if isinstance(value, dt.datetime):
        assert value.time() == dt.time()
        return value.date()
    return value


def same(value: object) -> object:
    """*value* with what no cell can tell apart made alike: blank and empty text; long texts are cut over COM."""
    if isinstance(value, list):
        return [[same(each) for each in row] for row in value]
    if isinstance(value, str):
        return value[: EXCEL_COM.longest]
    return "" if value is None else value


class Excel:
    """A caller for the headless evaluation that goes the way of VBA."""

    def __init__(self, python, hasty: bool = False) -> None:
        self.python = python
        self.hasty = hasty
        self.names = frozenset(functions())
        self.log: list[tuple[str, tuple[object, ...], object]] = []

    def call(self, name: str, *arguments: object) -> object:
        caller = ComCells(None)
        answer = self.python.CallUDF("udfs", name, arguments, WORKBOOK, caller)
        return cell(shown(answer))

    def __call__(self, name: str, arguments: Sequence[object]) -> object:
        missing = [MISSING] * (len(functions()[name].parameters) - len(arguments))
        by_reference = (*map(referred, arguments), *missing)
        if self.hasty:  # precedents not computed yet: Excel calls with blanks, then again
            self.call(name, *[referred(None)] * len(arguments), *missing)
        result = self.call(name, *by_reference)
        if self.hasty and name != TELLS_FAILURES:
            as_values = [MISSING if value is None else raw(value) for value in arguments]
            assert same(self.call(name, *as_values, *missing)) == same(result)
            assert same(self.call(name, *by_reference)) == same(result)
            dated = tuple(map(with_times, functions()[name].parameters, arguments))
            assert same(self.call(name, *dated, *missing)) == same(result)
        self.log.append((name, by_reference, result))
        return result


def with_times(parameter, value: object) -> object:
    """A date as COM hands it over from a cell in date format, where the workbook gave its number."""
    if isinstance(parameter.kind, AsOfKind | DayKind) and isinstance(value, float) and value > 20_000:
        return referred(from_serial(value))
    return referred(value)


@pytest.fixture(autouse=True)
def fresh():
    """A session of the sample data that no other test has used."""
    calls.session.cache_clear()
    yield
    calls.session.cache_clear()


@pytest.fixture
def recalculate(excel):
    """Recalculate a workbook as Excel does; the values, and what played Excel."""

    def recalculated(book: Path, hasty: bool = False) -> tuple[Evaluation, Excel]:
        program = Excel(excel[2], hasty)
        return evaluate_workbook(book, program), program

    return recalculated


def grids(evaluation: Evaluation, without: Evaluation) -> dict[str, dict[tuple[int, int], object]]:
    """Every computed cell, but for the tables of failures of *without*."""
    failures = {
        (sheet, evaluation.anchor_of(sheet, at))
        for (sheet, at), found in without.calls.items()
        if any(name == TELLS_FAILURES for name, _, _ in found)
    }
    kept: dict[str, dict[tuple[int, int], object]] = {}
    for sheet, cells in evaluation.values.items():
        for place, value in cells.items():
            if (sheet, evaluation.anchor_of(sheet, cell_name(*place))) not in failures:
                kept.setdefault(sheet, {})[place] = same(value)
    return kept


@pytest.mark.long
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
@pytest.mark.parametrize("hasty", [False, True], ids=["in order", "hasty"])
def test_every_template_cell_by_cell(recalculate, book, hasty):
    expected = evaluate_workbook(book, Session("sample"))
    found, program = recalculate(book, hasty)
    assert program.log
    assert found.problems == expected.problems
    assert set(found.calls) == set(expected.calls)
    for place, computed in expected.calls.items():
        for (name, arguments, result), (name2, arguments2, result2) in zip(computed, found.calls[place], strict=True):
            assert (name2, same_all(arguments2)) == (name, same_all(arguments)), place
            if name != TELLS_FAILURES:
                assert same(result2) == same(result), place
    assert grids(found, expected) == grids(expected, expected)


def same_all(arguments: Sequence[object]) -> list[object]:
    return [same(argument) for argument in arguments]


@pytest.mark.parametrize("name", list(functions()))
def test_the_example_of_every_function(excel, name):
    expected = evaluate_formula(functions()[name].example, Session("sample"))
    found = evaluate_formula(functions()[name].example, Excel(excel[2], hasty=True))
    if name == TELLS_FAILURES:
        assert same(found[0]) == same(expected[0])
    else:
        assert same(found) == same(expected)


@pytest.fixture(scope="module")
def recorded(excel):
    """Every call that the templates make, as (function, what COM hands over, answer)."""
    calls.session.cache_clear()
    program = Excel(excel[2])
    for book in BOOKS:
        evaluate_workbook(book, program)
    calls.session.cache_clear()
    return [entry for entry in program.log if entry[0] != TELLS_FAILURES]


@pytest.mark.long
def test_the_order_of_calls_does_not_matter(excel, recorded):
    """Excel keeps an order of its own, and begins anywhere after an edit."""
    assert {name for name, _, _ in recorded} == set(functions()) - {TELLS_FAILURES}
    program = Excel(excel[2])
    for seed in range(3):
        for name, arguments, result in random.Random(seed).sample(recorded, len(recorded)):
            assert same(program.call(name, *arguments)) == same(result)


@pytest.mark.parametrize("error", list(ERROR_NUMBERS))  # COM has no way to tell another
def test_an_error_among_the_arguments_is_the_answer_of_the_library(excel, recorded, error):
    """Each call of the templates, with one argument after another a cell that holds an error."""
    program, here = Excel(excel[2]), Session("sample")
    seen = set()
    for name, arguments, _ in recorded:
        meant = [same_argument(argument) for argument in arguments]
        for place in range(len(arguments)):
            if (name, place) in seen:
                continue
            seen.add((name, place))
            told = [*arguments[:place], referred(error), *arguments[place + 1 :]]
            expected = here.call(name, *meant[:place], error, *meant[place + 1 :])
            assert same(program.call(name, *told)) == same(unwrapped(expected)), (name, place)
    assert {name for name, _ in seen} == {name for name, spec in functions().items() if spec.parameters} - {
        TELLS_FAILURES
    }


def same_argument(told: object) -> object:
    """What the library is given where COM hands *told* over."""
    if not isinstance(told, ComCells):
        return None
    rows = told.Value if isinstance(told.Value, tuple) else ((told.Value,),)
    return [[day.date() if isinstance(day, dt.datetime) else day for day in row] for row in rows]


def unwrapped(result: object) -> object:
    """A table of one cell is that cell, as xlwings hands it over."""
    return result[0][0] if isinstance(result, list) and len(result) == len(result[0]) == 1 else result


@pytest.mark.long
def test_ten_thousand_calls_leave_nothing_behind(excel, recorded):
    """Calls of every function; long tables are left out of the rounds, whose conversion would take minutes."""
    program = Excel(excel[2])
    short = [entry for entry in recorded if not isinstance(entry[2], list) or len(entry[2]) <= 30]
    assert {name for name, _, _ in short} == {name for name, _, _ in recorded}

    def play(count: int) -> int:
        for i, (name, arguments, _) in enumerate(itertools.islice(itertools.cycle(short), count)):
            if i % (4 * len(short)) == 0:
                calls.session().source.reload()  # new data: everything is computed anew
            program.call(name, *arguments)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    play(2 * len(short))
    tracemalloc.start()
    try:
        before = play(5_000)  # until the records of failures and remarks are full
        after = play(10_000)
    finally:
        tracemalloc.stop()
    assert after - before < 100_000, f"10,000 calls grew by {after - before:,} bytes"


def test_a_storm_loads_the_data_once_and_computes_each_call_once(excel, monkeypatch):
    """5,000 calls of 100 kinds: cells of several sheets, and cells that were not ready when first asked."""
    loaded, computed = [], []
    real_load, real_value = sample.load, Session._value
    monkeypatch.setattr(sample, "load", lambda: loaded.append(1) or real_load())
    monkeypatch.setattr(Session, "_value", lambda self, *given: computed.append(1) or real_value(self, *given))
    program = Excel(excel[2])
    results = [
        program.call("PX_RET", ComCells("XLK"), float(1 + i % 20), ComTime(2026, 1, 12 + i // 20 % 5, tzinfo=dt.UTC))
        for i in range(5_000)
    ]
    assert len(set(results)) == 100
    assert loaded == [1]
    assert len(computed) == 100


def test_failures_do_not_pile_up(excel):
    program = Excel(excel[2])
    for i in range(10_000):
        assert program.call("PX_RET", f"NOSUCH{i}") == CellError.NA
    assert len(program.call("XLR_ERRORS", 100_000.0)) == 201  # the head and the last 200


def test_refresh_reads_the_data_again(excel, tmp_path, monkeypatch):
    """What the macro XlRotationRefresh says to Python, between two calls."""
    code = re.search(r'XLPy\.Exec "(.*)"', MODULE)[1]
    monkeypatch.setenv("XLROTATION_SOURCE", f"folder:{tmp_path}")
    write_closes(tmp_path, 120)
    program = Excel(excel[2])
    assert program.call("PX_RET", "XLK", 1.0) == pytest.approx(120 / 112 - 1)
    write_closes(tmp_path, 130)
    assert program.call("PX_RET", "XLK", 1.0) == pytest.approx(120 / 112 - 1)
    excel[2].Exec(code)
    assert program.call("PX_RET", "XLK", 1.0) == pytest.approx(130 / 112 - 1)


SERVER = """
import json, sys
sys.path.insert(0, {root!r})
from tests.fronts import com
with com.excel() as (_, _, python):
    print("ready", flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        given = [com.ComCells(tuple(map(tuple, a)) if isinstance(a, list) else a) for a in arguments]
        print(json.dumps(com.shown(python.CallUDF("udfs", name, given, None, None)), default=str), flush=True)
"""


class Process:
    """A process that serves the functions as the one that xlwings starts does, over a pipe in the place of COM."""

    def __init__(self, source: str) -> None:
        self.environment = {**os.environ, "XLROTATION_SOURCE": source}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-c", SERVER.format(root=str(ROOT))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        assert self.process.stdout.readline() == "ready\n"

    def call(self, name: str, *arguments: object) -> object:
        self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise EOFError
        return json.loads(answer)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def write_closes(folder: Path, last: float) -> None:
    rows = "".join(f"2026-02-{day:02d},{100 + day}\n" for day in (9, 10, 11, 12))
    (folder / "XLK.csv").write_text(f"Date,Close\n{rows}2026-02-13,{last}\n", "utf-8")


def test_a_process_that_dies_comes_back_with_the_same_answers(tmp_path):
    write_closes(tmp_path, 120)
    asked = [("PX_RET", "XLK", 1.0), ("PX_CLOSE", [["XLK"], ["NOSUCH"]]), ("XLR_ASOF",), ("XLR_HELP", "PX_RET")]
    server = Process(f"folder:{tmp_path}")
    try:
        answers = [server.call(*question) for question in asked]
        assert answers[0] == pytest.approx(120 / 112 - 1)
        assert answers[1] == [[120.0], ["CVErr", 2042]] or answers[1] == [[120.0], [["CVErr", 2042]]]
        assert "NOSUCH" in server.call("XLR_ERRORS", 1.0)[1][2]
        server.kill()
        with pytest.raises((EOFError, ValueError, OSError)):
            server.call(*asked[0])
        server.start()
        assert server.call("XLR_ERRORS", 1.0)[1][0] == "none"  # failures of the dead process are not told again
        assert [server.call(*question) for question in asked] == answers
        write_closes(tmp_path, 130)
        assert server.call(*asked[0]) == answers[0]  # a folder is read once
        server.kill()
        server.start()
        assert server.call(*asked[0]) == pytest.approx(130 / 112 - 1)
    finally:
        server.kill()
