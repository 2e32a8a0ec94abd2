"""Every function over real COM, from a program that plays Excel to Python on Windows: what the headless call gives."""

from __future__ import annotations

import datetime as dt
import decimal
import os
import random
import time
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from excel import MISSING, NULL, Cells, Excel, Failed, Line, Whole, same
from wine import served

from xlrotation.errors import CellError
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import ERROR_NUMBERS
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.evaluation.oneformula import evaluate_formula
from xlrotation.workbook.formulas.references import cell_name

TELLS_FAILURES = "XLR_ERRORS"
"""Its answer is what happened before."""

BOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"), key=lambda book: book.stat().st_size)
NAMES = [name for name in functions() if name != TELLS_FAILURES]
PLACES = [(name, place) for name in NAMES for place in range(len(functions()[name].parameters))]


def first_of_each(kinds: Iterable[tuple[object, object]]) -> list[object]:
    """For each kind the first that has it; what continuous integration has time for."""
    found: dict[object, object] = {}
    for kind, one in kinds:
        found.setdefault(kind, one)
    return list(dict.fromkeys(found.values()))


def sampled(each: Iterable[object], sample: Collection[object]) -> list[object]:
    """Parameters of a test, those outside of the sample marked as such."""
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=() if one in sample else pytest.mark.whole)
        for one in each
    ]


SAMPLE_PLACES = first_of_each(
    (type(functions()[name].parameters[place].kind), (name, place))
    for name, place in sorted(PLACES, key=lambda at: functions()[at[0]].family == "XLR")  # which are slow: last
)
"""A place for each kind of parameter."""

SAMPLE_NAMES = first_of_each(
    (kind, name)
    for name in NAMES
    for spec in [functions()[name]]
    for kind in ((spec.family, bool(spec.table)), (spec.unit, bool(spec.table)))
)
"""A function for each kind of result and each family."""

SAMPLE_ERRORS = list(ERROR_NUMBERS)[::4]


class Headless:
    """A caller that keeps what it was asked, and what it gave."""

    def __init__(self) -> None:
        self.session = Session("sample")
        self.names = self.session.names
        self.asked: list[tuple[str, tuple[object, ...], object]] = []

    def __call__(self, name: str, arguments) -> object:
        result = self.session(name, arguments)
        self.asked.append((name, tuple(arguments), result))
        return result


def compare_example(excel: Excel, name: str) -> None:
    """Compare the example of a function, its cells as references and as values."""
    headless = Headless()
    expected = evaluate_formula(functions()[name].example, headless)
    found = evaluate_formula(functions()[name].example, excel)
    assert same(found, expected), (found, expected)
    for asked, arguments, result in headless.asked:  # as values, which a formula holds itself
        assert same(excel.call(asked, *(MISSING if each is None else each for each in arguments)), result)


@pytest.mark.parametrize("name", sampled(NAMES, SAMPLE_NAMES))
def test_the_example_of_every_function(by_server, name):
    compare_example(by_server, name)


@pytest.mark.parametrize("name", sampled(NAMES, SAMPLE_NAMES[::8]))
def test_the_examples_in_a_process_that_the_library_starts(by_library, name):
    compare_example(by_library, name)


def test_failures_are_told(excel):
    assert excel.call("PX_RET", "NOSUCH") == CellError.NA
    told = excel.call(TELLS_FAILURES, 1.0)
    assert any("NOSUCH" in str(cell) for cell in told[1])


MEANT = [
    ("no such thing", "no such thing"),
    (CellError.REF, CellError.REF),
    (Cells(None), None),
    (Cells(CellError.NUM), CellError.NUM),
    (Cells([[None, CellError.NA]]), [[None, CellError.NA]]),
    (Cells([[None], [CellError.NA], [20.0]]), [[None], [CellError.NA], [20.0]]),
    (Cells([["XLK", "科技"], ["2026-02-13", True]]), [["XLK", "科技"], ["2026-02-13", True]]),
    (Cells(dt.date(2026, 1, 16)), dt.date(2026, 1, 16)),
    (Cells(decimal.Decimal("20.5")), 20.5),
    (True, True),
    (-7.0, -7.0),
]


@pytest.mark.parametrize(("name", "place"), sampled(PLACES, SAMPLE_PLACES))
def test_every_parameter_with_cells_of_every_kind(by_server, name, place):
    here = Session("sample")
    count = len(functions()[name].parameters)
    for given, meant in MEANT:
        expected = here.call(name, *[None] * place, meant)
        found = by_server.call(name, *[MISSING] * place, given, *[MISSING] * (count - place - 1))
        assert same(found, expected), (meant, found, expected)


@pytest.mark.parametrize("error", sampled(ERROR_NUMBERS, SAMPLE_ERRORS))
def test_every_error_in_every_form(excel, error):
    """Among them those that later versions of Excel have: #GETTING_DATA, #BLOCKED!, #FIELD!."""
    close = Session("sample").call("PX_CLOSE", "SPX")
    assert excel.call("PX_CLOSE", error, MISSING, MISSING) == error
    assert excel.call("PX_CLOSE", Cells(error), MISSING, MISSING) == error
    assert excel.call("PX_CLOSE", "SPX", Cells(error), MISSING) == error
    spilled = excel.call("PX_CLOSE", Cells([["SPX"], [error]]), MISSING, MISSING)
    assert same(spilled, [[close], [error]])


def test_errors_that_nobody_knows_are_errors(excel):
    assert excel._asked(["call PX_CLOSE 1", "error 2199"]) == CellError.VALUE
    assert excel._asked(["call PX_CLOSE 1", "cells", "error 2199"]) == CellError.VALUE


@pytest.mark.parametrize("nothing", [MISSING, NULL, None, "", Cells(None), Cells("")])
def test_nothing_in_every_form_is_the_default(excel, nothing):
    expected = Session("sample").call("PX_CLOSE")
    assert same(excel.call("PX_CLOSE", nothing, nothing, nothing), expected)


def test_days_in_every_form(excel):
    day = dt.date(2026, 1, 16)
    expected = Session("sample").call("PX_CLOSE", "SPX", day)
    number = 46038.0
    for form in (day, number, decimal.Decimal(46038), Whole(46038), "2026-01-16", number + 0.99):
        found = excel.call("PX_CLOSE", "SPX", form, MISSING)
        assert same(found, expected), form
        if not isinstance(form, Whole):
            assert same(excel.call("PX_CLOSE", "SPX", Cells(form), MISSING), expected), form
    assert excel.call("XLR_ASOF", Cells(dt.date(2026, 2, 8))) == dt.date(2026, 2, 6)


def test_arrays_of_one_dimension_are_rows(excel):
    here = Session("sample")
    assert same(excel.call("PX_RET", Line(["SPX", "RUT"]), "20D"), here.call("PX_RET", [["SPX", "RUT"]], "20D"))
    given = excel.call("DISP_IMPLCORR_CALC", 0.2, Line([0.2, 0.3]), Line([0.5, 0.5]))
    assert same(given, here.call("DISP_IMPLCORR_CALC", 0.2, [[0.2, 0.3]], [[0.5, 0.5]]))
    assert same(excel.call("PX_RET", "SPX", Whole(20, 16)), here.call("PX_RET", "SPX", 20.0))


def test_a_long_column_in_one_call(excel):
    symbols = [[("XLK", "NOSUCH", "XLE", None)[i % 4]] for i in range(2_000)]
    assert same(excel.call("PX_RET", Cells(symbols), "5D"), Session("sample").call("PX_RET", symbols, "5D"))


@pytest.mark.whole
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "book",
    BOOKS,
    ids=lambda at: at.stem,
)
def test_every_template_cell_by_cell(by_server, book):
    expected, found = evaluate_workbook(book, Headless()), evaluate_workbook(book, by_server)
    assert found.problems == expected.problems
    left = {
        (sheet, expected.anchor_of(sheet, at))
        for (sheet, at), calls in expected.calls.items()
        if any(name == TELLS_FAILURES for name, _, _ in calls)
    }
    compared = 0
    for sheet, cells in expected.values.items():
        assert set(found.values[sheet]) == set(cells)
        for at, value in cells.items():
            mine, about = found.values[sheet][at], cells.get((at[0], 1))  # the function reference has a row for each
            if (sheet, expected.anchor_of(sheet, cell_name(*at))) not in left and about != TELLS_FAILURES:
                assert mine == value or same(mine, value), (sheet, at)  # a text of Excel's own formulas may be long
                compared += 1
    assert compared > 20


def resident(pid: int) -> int:
    """The memory of a process in bytes."""
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.whole
@pytest.mark.timeout(7200)
def test_ten_thousand_calls(windows, project, server):
    """In an order that changes, each with the answer that it had; the process grows by less than 30 MB.

    One call in ten is of references to cells, about which xlwings asks some dozens of times; the others are of values.
    """
    excel = Excel(windows)
    asked = []
    for name in NAMES:
        headless = Headless()
        evaluate_formula(functions()[name].example, headless)
        asked += [each for each in headless.asked if not isinstance(each[2], list) or len(each[2]) <= 30]
    order = random.Random(24)

    def given(value):
        return MISSING if value is None else value

    before = 0
    for i in range(10_000):
        name, arguments, result = order.choice(asked)
        if name != TELLS_FAILURES:
            found = excel.call(name, *map(given, arguments)) if i % 10 else excel(name, arguments)
            assert same(found, result), (i, name)
        if i == 2_000:
            before = resident(server.pid)
    grown = resident(server.pid) - before
    excel.close()
    assert before > 20e6
    assert grown < 30e6, f"grown by {grown:,} bytes"


@pytest.mark.whole
def test_a_server_that_is_killed_and_started_again(windows, project):
    """The dead one is told as a failed call, never as a number; the next one gives the same answers."""
    asked = [("PX_RET", "XLK", "20D"), ("XLR_ASOF",), ("PX_CLOSE", Cells([["SPX"], ["NOSUCH"]]))]
    answers = []
    for own in ("{6a7c9d4e-6f0b-4b0e-9a3c-1d2f3e4a5b6c}", "{6a7c9d4e-6f0b-4b0e-9a3c-1d2f3e4a5b6d}"):
        process = served(windows, project, clsid=own)  # each start has a name of its own, as the library gives it
        excel = Excel(windows, clsid=own)
        answers.append([excel.call(*each) for each in asked])
        process.kill()
        process.wait()
        assert isinstance(excel.call(*asked[0]), Failed)
        excel.close()
    assert not any(isinstance(each, Failed) for each in answers[0])
    assert answers[0] == answers[1]


@pytest.mark.whole
def test_a_running_excel_whose_server_is_killed_and_started_again(windows, project):
    """Under its name: each call ends soon, with the answer or as failed.

    Wine keeps the name of the dead one, and finds the new one under it neither from this Excel nor from another.
    """
    own, asked = "{6a7c9d4e-6f0b-4b0e-9a3c-1d2f3e4a5b6e}", ("PX_RET", Cells([["XLK"], ["NOSUCH"]]), "20D")
    process = served(windows, project, clsid=own)
    excel = Excel(windows, clsid=own)
    answer = excel.call(*asked)
    assert not isinstance(answer, Failed)
    process.kill()
    process.wait()
    assert isinstance(excel.call(*asked), Failed)
    again = served(windows, project, clsid=own)
    anew = Excel(windows, clsid=own)
    began = time.monotonic()
    for each in (excel, excel, anew, anew):
        found = each.call(*asked)
        assert isinstance(found, Failed) or found == answer
    assert time.monotonic() - began < 120
    for each in (excel, anew):
        each.close()
    again.kill()
    again.wait()


def python_processes(windows) -> dict[int, str]:
    """What serves in this Windows for xlwings' library, by its number."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            here = str(windows.folder / "prefix") in (folder / "environ").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if here and "xlwings.serve" in words and "python.exe" in words and "cmd.exe" not in words:
            found[int(folder.name)] = words
    return found


@pytest.mark.whole
def test_the_library_starts_a_killed_process_again(windows, project):
    """Until then each call is told as failed, and none is a number; an Excel that is started anew has answers."""
    before = set(python_processes(windows))
    excel = Excel(windows, project)
    answer = excel.call("PX_RET", "XLK", "20D")
    assert same(answer, Session("sample").call("PX_RET", "XLK", "20D"))
    own = set(python_processes(windows)) - before
    assert own
    for pid in own:
        os.kill(pid, 9)
    for _ in range(3):
        assert isinstance(excel.call("PX_RET", "XLK", "20D"), Failed)
    assert not isinstance(excel.restart(), Failed)
    again = excel.call("PX_RET", "XLK", "20D")
    assert isinstance(again, Failed) or again == answer  # Wine does not find the new process from where the old one was
    excel.close()
    anew = Excel(windows, project)
    assert anew.call("PX_RET", "XLK", "20D") == answer
    anew.close()
