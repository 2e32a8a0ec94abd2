"""Every host against one table of values: what a cell holds, how the host hands it over, and how it shows it."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import math
import struct
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.workbook.defined_name import DefinedName

from xlrotation import jobs
from xlrotation.errors import CellError
from xlrotation.fronts.excel import calls
from xlrotation.fronts.libreoffice import worker
from xlrotation.functions.boundary import kinds, registry
from xlrotation.functions.boundary.cells import NoCell
from xlrotation.functions.boundary.hosted import answer, given
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import (
    CALC_NUMBERS,
    ERROR_NUMBERS,
    EXCEL_COM,
    EXCEL_JS,
    HOSTS,
    JSON,
    LIBREOFFICE,
    LIBREOFFICE_1904,
    MARK,
    TERMINAL,
    WORKBOOK,
    WORKBOOK_1904,
    HostProfile,
    known_as,
    serial_of,
)
from xlrotation.market.dates import read_date
from xlrotation.market.windows import read_window
from xlrotation.workbook.evaluation import evaluate
from xlrotation.workbook.evaluation.outcome import hosted

DAY = dt.date(2026, 1, 16)
SERIAL, SERIAL_1904 = 46038.0, 44576.0
MOMENT = dt.datetime(2026, 1, 16, 18, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
ANY = kinds.Kind()
COM = -2146828288
"""What COM adds to Excel's number of an error."""

each = pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
asks = [host for host in HOSTS if host not in (TERMINAL, JSON)]
asking = pytest.mark.parametrize("host", asks, ids=lambda host: host.name)

# What goes out: a cell, then how each host shows it, in the order of HOSTS.
OUT = [
    # cell, COM, Office.js, LibreOffice, there from 1904, workbook, from 1904, terminal, JSON
    (None, "", "", None, None, "", "", "", None),
    ("", "", "", "", "", "", "", "", ""),
    (0, 0, 0, 0, 0, 0.0, 0.0, 0, 0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (7, 7, 7, 7, 7, 7.0, 7.0, 7, 7),
    (2**40, float(2**40), 2**40, 2**40, 2**40, float(2**40), float(2**40), 2**40, 2**40),
    (True, True, True, 1.0, 1.0, True, True, True, True),
    (False, False, False, 0.0, 0.0, False, False, False, False),
    ("#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A", "#N/A"),
    (
        DAY,
        dt.datetime(2026, 1, 16),
        dt.datetime(2026, 1, 16),
        SERIAL,
        SERIAL_1904,
        SERIAL,
        SERIAL_1904,
        "2026-01-16",
        "2026-01-16",
    ),
    (
        dt.datetime(2026, 1, 16, 12),
        dt.datetime(2026, 1, 16, 12),
        dt.datetime(2026, 1, 16, 12),
        SERIAL + 0.5,
        SERIAL_1904 + 0.5,
        SERIAL + 0.5,
        SERIAL_1904 + 0.5,
        "2026-01-16 12:00:00",
        "2026-01-16 12:00:00",
    ),
    ("涨\ud83d", "涨?", "涨?", "涨?", "涨?", "涨?", "涨?", "涨?", "涨?"),
]


def typed(value: object) -> object:
    """TRUE is not 1, and 7 is not 7.0."""
    return type(value), value


@pytest.mark.parametrize("row", OUT, ids=lambda row: repr(row[0])[:30])
def test_a_cell_as_each_host_shows_it(row: tuple[object, ...]) -> None:
    cell, *shown = row
    assert [typed(host.write(cell)) for host in HOSTS] == [typed(value) for value in shown]
    assert [host.write([[cell, cell]]) for host in HOSTS] == [[[value, value]] for value in shown]


@pytest.mark.parametrize("error", list(CellError), ids=lambda error: error.name)
def test_an_error_as_each_host_shows_it(error: CellError) -> None:
    """Each as itself where the host knows it; else #N/A where something is still to come, and #VALUE! otherwise."""
    late = error in (CellError.GETTING_DATA, CellError.BUSY)
    other = CellError.NA if late else CellError.VALUE
    old = error if error in CALC_NUMBERS else other
    assert EXCEL_COM.write(error) == MARK + (error if error in ERROR_NUMBERS else other).value
    assert EXCEL_JS.write(error) == old.value
    assert LIBREOFFICE.write(error) == {"error": old.value}
    assert WORKBOOK.write(error) is error
    assert WORKBOOK_1904.write(error) is error
    assert TERMINAL.write(error) == JSON.write(error) == error.value
    assert known_as(error) is old  # as a file holds it


@each
@pytest.mark.parametrize(
    ("number", "error"), [(math.nan, CellError.NA), (math.inf, CellError.NUM), (-math.inf, CellError.NUM)]
)
def test_what_is_no_number_goes_out_as_an_error(host: HostProfile, number: float, error: CellError) -> None:
    assert host.write(number) == host.write(error)
    assert host.write([[1.0, number]]) == [[1.0, host.write(error)]]


@each
def test_a_long_text_fits(host: HostProfile) -> None:
    for text in ("x" * 40_000, "涨" * 40_000, "\U0001f4c8" * 40_000):
        shown = host.write(text)
        units = len(shown.encode("utf-16-le")) // 2
        assert text.startswith(shown)
        assert shown == text if host.longest is None else units <= host.longest
        assert shown == text or host.longest - units <= 1  # as much as fits, and no half of a character


def test_days_before_the_first_are_an_error_where_they_have_no_number() -> None:
    early = dt.date(1899, 12, 1)
    assert WORKBOOK.write(early) is CellError.NUM
    assert WORKBOOK_1904.write(dt.date(1903, 12, 31)) is CellError.NUM
    assert WORKBOOK_1904.write(dt.date(1904, 1, 1)) == 0.0
    assert [WORKBOOK.write(dt.date(1900, m, d)) for m, d in ((1, 1), (2, 28), (3, 1))] == [1.0, 59.0, 61.0]
    assert [LIBREOFFICE.write(dt.date(1900, m, d)) for m, d in ((1, 1), (2, 28), (3, 1))] == [2.0, 60.0, 61.0]
    assert serial_of(DAY) == SERIAL
    assert serial_of(DAY, True) == SERIAL_1904


def test_a_moment_with_a_time_zone_is_shown_as_its_clock_shows_it() -> None:
    local = MOMENT.replace(tzinfo=None)
    assert EXCEL_COM.write(MOMENT) == EXCEL_JS.write(MOMENT) == local
    assert LIBREOFFICE.write(MOMENT) == WORKBOOK.write(MOMENT) == SERIAL + 0.75


# What comes in: how each host hands a cell over.


def handed_over(host: HostProfile, error: CellError) -> list[object]:
    """The ways in which a host hands an error over."""
    if host is EXCEL_COM:
        return [error.value, *([COM + ERROR_NUMBERS[error]] if error in ERROR_NUMBERS else [])]
    if host is EXCEL_JS:
        return [error.value, {"type": "Error", "errorType": "X", "basicValue": error.value}]
    return [{"error": error.value}] if host is LIBREOFFICE else [error]


@asking
@pytest.mark.parametrize("error", list(CellError), ids=lambda error: error.name)
def test_an_error_comes_in_as_one_and_goes_out_again(host: HostProfile, error: CellError) -> None:
    session = Session("sample")
    for raw in handed_over(host, error):
        assert host.read(raw, ANY) is error
        assert host.read([[1.0], [raw]], ANY) == [[1.0], [error]]
        assert answer(session, host, "PX_RET", [["XLK"]], [[raw]]) == host.write(error)


@asking
def test_an_unknown_error_is_one(host: HostProfile) -> None:
    raws = {EXCEL_COM: [COM + 2199], LIBREOFFICE: [{"error": "#NEW!"}, {"error": [1]}, {"error": None}]}.get(host, [])
    if host is EXCEL_JS:
        raws = [{"type": "Error", "basicValue": "#NEW!"}, {"type": "Error"}, {"type": "Error", "basicValue": [1]}]
    for raw in raws:
        assert host.read(raw, ANY) is CellError.VALUE


@asking
def test_a_blank_cell_is_left_out(host: HostProfile) -> None:
    """Whatever stands for it: the default counts for every kind to which 0 means nothing."""
    session = Session("sample", lang="en")
    blanks = [None, *([0, 0.0] if host.zero_is_blank else []), *([""] if host.empty_is_blank else [])]
    plain = host.write(session.call("PX_RET", "XLK"))
    for blank in blanks:
        for place in range(1, 5):
            arguments: list[object] = ["XLK", None, None, None, None]
            arguments[place] = [[blank]]
            assert answer(session, host, "PX_RET", *arguments) == plain, (blank, place)
        assert answer(session, host, "PX_RET", blank, "5D") == host.write(session.call("PX_RET", None, "5D"))
        assert answer(session, host, "BRD_ABOVE_MA", blank, blank, blank) == host.write(session.call("BRD_ABOVE_MA"))
    if not host.zero_is_blank:
        assert answer(session, host, "PX_RET", "XLK", 0) == host.write(CellError.VALUE)


@asking
def test_an_empty_text_counts_as_blank(host: HostProfile) -> None:
    session = Session("sample", lang="en")
    assert answer(session, host, "PX_RET", "XLK", "") == host.write(session.call("PX_RET", "XLK"))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("PX_CLOSE", [[["XLK"], [0], ["XLF"]]]),
        ("PX_CLOSE", ["XLK", [["2026-01-16"], [0]]]),
        ("PX_RET", [[["XLK", 0.0, "XLF"]], "20D"]),
        ("PX_RET", ["XLK", [["20D"], [0]]]),
        ("ROT_SECTOR_RET", [[["XLK"], [0]], "20D"]),
        ("RS_STREAK", ["XLK", [["SPY"], [0], ["XLF"]]]),
    ],
)
def test_a_zero_for_a_blank_cell_in_a_range_is_a_gap(name: str, given: list[object]) -> None:
    """Office.js may say 0 for a blank cell; in a range of symbols, windows or dates nothing else can be meant."""
    session = Session("sample", lang="en")

    def blanks(argument: object) -> object:
        return [[None if cell == 0 else cell for cell in row] for row in argument] if _is_range(argument) else argument

    found = answer(session, EXCEL_JS, name, *given)
    assert found == EXCEL_JS.write(session.call(name, *map(blanks, given)))
    zeros = [cell == 0 for argument in given if _is_range(argument) for row in argument for cell in row]
    assert [cell == "#N/A" for row in found for cell in row] == zeros


def _is_range(argument: object) -> bool:
    return isinstance(argument, list)


def test_a_zero_in_a_range_of_members_is_left_out_and_one_among_numbers_counts() -> None:
    session = Session("sample", lang="en")
    members = [["XLK"], [0], ["XLF"], [0.0]]
    assert answer(session, EXCEL_JS, "BRD_ABOVE_MA", members, 50) == session.call(
        "BRD_ABOVE_MA", [["XLK"], ["XLF"]], 50
    )
    assert answer(session, EXCEL_JS, "PX_DRAWDOWN", [[10.0], [8.0], [0.0]], 3) == -1.0
    assert answer(session, EXCEL_JS, "FLOW_STREAK", [[1.0], [0.0], [0.0]]) == session.call(
        "FLOW_STREAK", [[1.0], [0.0], [0.0]]
    )


@asking
def test_zero_stays_a_number_where_it_means_something(host: HostProfile) -> None:
    """A rate of 0, a volatility of 0, FALSE, a 0 among numbers."""
    session = Session("sample")
    price = session.call("VOL_BS_PRICE", 0.2, 100.0, 100.0, 1.0, 0.0)
    assert isinstance(price, float)
    assert answer(session, host, "VOL_BS_PRICE", 0.2, 100.0, 100.0, 1.0, 0) == price
    level = {parameter.name: parameter.kind for parameter in registry.functions()["PX_CROSS"].parameters}["level"]
    assert host.read(0, level) == 0
    assert host.read(0.0, kinds.VectorKind()) == 0.0
    assert typed(host.read(False, kinds.FlagKind())) == typed(False)
    assert typed(host.read(False, kinds.WindowKind())) == typed(False)
    assert host.read([[0], [0]], kinds.WindowKind()) == ([[None], [None]] if host.zero_in_range else [[0], [0]])
    assert host.read([[0], [5]], kinds.SymbolKind()) == [[0], [5]]  # a column of numbers
    assert host.read([[0], [5]], kinds.CountKind(minimum=0)) == [[0], [5]]
    assert host.read([[0]], kinds.CountKind(minimum=0)) == 0
    assert host.read([[0]], kinds.CountKind(minimum=1)) == (None if host.zero_is_blank else 0)


def test_every_kind_says_what_zero_means() -> None:
    """A kind that refuses 0 takes it as blank where a program says 0 for a blank cell; the others must not."""
    session = Session("sample")
    for name, spec in registry.functions().items():
        for place, parameter in enumerate(spec.parameters):
            if parameter.kind.zero_is_blank or parameter.required:
                continue
            arguments: list[object] = [None] * len(spec.parameters)
            before = len(session.failures)
            arguments[place] = 0
            session.call(name, *arguments)
            told = [failure.reason for failure in list(session.failures)[before:]]
            assert not [reason for reason in told if "0 is out of bounds" in reason or "0 is no " in reason], (
                name,
                parameter.name,
                told,
            )


DATES = {
    EXCEL_COM: [dt.datetime(2026, 1, 16, tzinfo=dt.UTC), dt.datetime(2026, 1, 16, 9), "2026-01-16"],
    EXCEL_JS: [46038, 46038.0, 46038.25, "2026-01-16"],
    LIBREOFFICE: [46038.0, 46038.99, "2026-01-16"],
    LIBREOFFICE_1904: [44576.0, 44576.99, "2026-01-16"],
    WORKBOOK: [SERIAL, SERIAL + 0.5, "2026-01-16", "2026/1/16"],
    WORKBOOK_1904: [SERIAL_1904, SERIAL_1904 + 0.5, 44576, "2026-01-16", DAY],
}


@asking
def test_a_date_is_the_day_that_the_cell_shows(host: HostProfile) -> None:
    session = Session("sample")
    close = session.call("PX_CLOSE", "SPX", DAY)
    since = session.call("PX_RET", "SPX", DAY)
    assert isinstance(close, float)
    for raw in DATES[host]:
        assert answer(session, host, "PX_CLOSE", "SPX", raw) == close
        assert answer(session, host, "PX_CLOSE", "SPX", [[raw], [raw]]) == [[close], [close]]
        assert answer(session, host, "PX_RET", "SPX", raw) == since
        assert (
            answer(session, host, "ROT_SECTOR_TABLE", [[raw, "5D"]])[1:]
            == host.write(session.call("ROT_SECTOR_TABLE", [[DAY, "5D"]]))[1:]
        )  # type: ignore[index]


def test_numbers_that_are_no_dates_stay_from_1904_too() -> None:
    assert WORKBOOK_1904.read(20, kinds.WindowKind()) == 20
    assert WORKBOOK_1904.read(9_000, kinds.WindowKind()) == 9_000  # sessions
    assert WORKBOOK_1904.read(44_576.0, kinds.NumberKind()) == 44_576.0
    assert WORKBOOK_1904.read([[44_576.0]], kinds.VectorKind()) == 44_576.0
    for odd in (-1.0, 1e9, 1e300):
        assert WORKBOOK_1904.read(odd, kinds.DayKind()) == odd
    assert math.isnan(WORKBOOK_1904.read(math.nan, kinds.DayKind()))
    assert Session("sample").call("PX_CLOSE", "SPX", WORKBOOK_1904.read(5.0, kinds.AsOfKind())) is CellError.VALUE


@asking
def test_what_no_cell_holds_is_refused(host: HostProfile) -> None:
    session = Session("sample")
    for raw in ([[["XLK"]]], object(), b"XLK", 1j, {"type": "Entity"}, {"basicValue": {"basicValue": 1}}):
        assert answer(session, host, "PX_RET", raw, "5D") == host.write(CellError.VALUE)
    assert isinstance(host.read(object(), ANY), NoCell)
    for number in (math.nan, math.inf, 10**400):
        assert answer(session, host, "PX_RET", "XLK", number) == host.write(CellError.VALUE)
    assert not [failure for failure in session.failures if "internal error" in failure.reason]


@asking
def test_currency_cells_are_numbers(host: HostProfile) -> None:
    assert typed(host.read(decimal.Decimal("1.5"), ANY)) == typed(1.5)
    assert math.isnan(host.read(decimal.Decimal("sNaN"), ANY))


@asking
def test_ranges_keep_their_shape(host: HostProfile) -> None:
    assert host.read([[1.0]], ANY) == 1.0
    assert host.read((("a",), ("b",)), ANY) == [["a"], ["b"]]
    assert host.read([["a", None]], ANY) == [["a", None]]
    assert host.read(["a", "b"], ANY) == [["a"], ["b"]]
    assert host.read([[1.0, True, "x"], [None, False, 2.0]], ANY) == [[1.0, True, "x"], [None, False, 2.0]]
    assert given(host, "PX_RET", [[["XLK"]], None, None]) == ["XLK"]
    assert given(host, "px_ret", ["XLK", None, DAY, None]) == ["XLK", None, DAY]
    assert given(host, "NO_SUCH", [1.5, None]) == [1.5]


# The fronts themselves go by these profiles.


def test_the_fronts_go_by_their_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session("sample")
    close = session.call("PX_CLOSE", "SPX", DAY)
    monkeypatch.setenv("XLROTATION_SOURCE", "sample")
    assert calls.call("PX_CLOSE", [["SPX"]], [[dt.datetime(2026, 1, 16)]]) == close
    monkeypatch.setattr(calls, "office_js", lambda: True)
    assert calls.call("PX_CLOSE", [["SPX"]], [[46038]]) == close
    message = json.dumps(["XLR_ASOF", [46040]]).encode()
    outward = io.BytesIO()
    worker.serve(io.BytesIO(struct.pack("<I", len(message)) + message), outward, session)
    assert json.loads(outward.getvalue()[4:]) == SERIAL
    assert evaluate.evaluate_formula("=XLR_ASOF(46040)+0", session) == SERIAL


def test_a_workbook_that_counts_from_1904_means_its_own_days(tmp_path: Path) -> None:
    """Its dates are 1,462 lower than those of others: they must not be taken for days four years before."""
    session = Session("sample")
    reports = {}
    for epoch in (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904):
        book = openpyxl.Workbook()
        book.epoch = epoch
        sheet = book.active
        sheet.title = "S"
        sheet["A1"] = dt.datetime(2026, 1, 16)
        sheet["A2"] = '=PX_CLOSE("SPX",A1)'
        sheet["A3"] = '=TEXT(XLR_ASOF(A1+1),"yyyy-mm-dd")'
        sheet["A4"] = '=PX_RET("SPX",A1-7,A1)'
        sheet["A5"] = '=PX_RET("SPX",5,XLR_ASOF(A1))'
        sheet["A6"] = '=PX_CLOSE("SPX",DATE(2026,1,16))'
        sheet["A7"] = '=SUM(PX_CLOSE({"SPX","RUT"},A1:A1))'
        book.defined_names["asof"] = DefinedName("asof", attr_text="S!$A$1")
        path = tmp_path / f"{epoch.year}.xlsx"
        book.save(path)
        values = evaluate.evaluate_workbook(path, session).values["S"]
        earlier = evaluate.evaluate_workbook(path, session, {"asof": dt.date(2026, 1, 9)}).values["S"]
        report = jobs.export(path, tmp_path / "out", session, asof="2026-01-13")
        reports[epoch] = [*(values[row, 1] for row in range(2, 8)), earlier[2, 1], earlier[3, 1], report.asof]
    old, new = reports.values()
    assert new == old
    assert old[:2] == [session.call("PX_CLOSE", "SPX", DAY), "2026-01-16"]
    assert old[4] == old[0]
    assert old[-2:] == ["2026-01-09", "2026-01-13"]


def test_a_caller_that_knows_no_hosts_is_called_as_it_is() -> None:
    def caller(name: str, arguments: object) -> object:
        return name, arguments

    assert hosted(caller, WORKBOOK_1904) is caller  # type: ignore[arg-type]
    assert hosted(Session("sample"), WORKBOOK_1904)("PX_CLOSE", ["SPX", SERIAL_1904]) == Session("sample").call(
        "PX_CLOSE", "SPX", DAY
    )


@pytest.mark.parametrize(
    ("error", "number"),
    [(CellError.GETTING_DATA, 8), (CellError.SPILL, 9), (CellError.BLOCKED, 11), (CellError.FIELD, 13)],
)
def test_newer_errors_are_errors_in_formulas_and_files(error: CellError, number: int, tmp_path: Path) -> None:
    session = Session("sample")
    assert evaluate.evaluate_formula(f"=ERROR.TYPE({error.value})", session) == number
    assert evaluate.evaluate_formula(f'=IFERROR({error.value},"caught")', session) == "caught"
    assert evaluate.evaluate_formula(f'=PX_RET("XLK",{error.value})', session) is error
    book = openpyxl.Workbook()
    book.active["A1"] = f'=PX_RET("XLK",{error.value})'
    path = tmp_path / "book.xlsx"
    book.save(path)
    jobs.export(path, tmp_path / "out", session)
    written = openpyxl.load_workbook(tmp_path / "out" / "book.xlsx").active["A1"]
    assert written.value == known_as(error).value
    assert written.data_type == "e"


@given_by_hypothesis(st.dates(dt.date(1927, 5, 18), dt.date(9999, 12, 31)), st.sampled_from(asks))
def test_a_date_that_goes_out_comes_back_as_the_same_day(day: dt.date, host: HostProfile) -> None:
    back = host.read(host.write(day), kinds.AsOfKind())
    assert read_date(back) == day
    if isinstance(back, float):  # a serial number, which a window takes for a date too
        assert read_window(host.read(host.write(day), kinds.WindowKind())).since == day


@given_by_hypothesis(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.sampled_from(CellError)),
    st.sampled_from(HOSTS),
)
def test_whatever_comes_is_read_and_written_without_an_exception(value: object, host: HostProfile) -> None:
    for kind in (ANY, kinds.AsOfKind(), kinds.WindowKind(), kinds.NumberKind()):
        read = host.read([[value, {"error": value}], [{"basicValue": value}, [value]]], kind)
        assert [len(row) for row in read] == [2, 2]
        assert isinstance(read[1][1], NoCell)
    shown = host.write(value if not isinstance(value, bytes) else None)
    assert not isinstance(shown, float) or math.isfinite(shown)
