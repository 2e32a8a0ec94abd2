"""The functions as Excel for Windows calls them: through xlwings' own code, with stand-ins for pywin32."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from unittest.mock import MagicMock

import pytest

from tests.fronts.com import MISSING, MODULE, ComCells, ComTime, to_cell
from xlrotation.errors import BadArgument, CellError
from xlrotation.fronts.excel import calls
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import ERROR_NUMBERS, EXCEL_COM, EXCEL_JS

NA, VALUE = ("CVErr", 2042), ("CVErr", 2015)


def test_xlwings_accepts_every_function(excel):
    _, module, _ = excel
    for name, spec in functions().items():
        described = getattr(module, name).__xlfunc__
        assert described["name"] == name
        assert [arg["name"] for arg in described["args"]] == [p.name for p in spec.parameters]
        assert [arg["doc"] for arg in described["args"]] == [p.help for p in spec.parameters]
        assert all(arg["optional"] is None for arg in described["args"])
        assert described["ret"]["doc"] == spec.summary
        assert described["category"].startswith(f"xlrotation {spec.family}")


def test_xlwings_own_wrapper_calls_python_as_ours_does(excel, tmp_path):
    xlwings_udfs, module, _ = excel
    path = tmp_path / "wrapper.bas"
    with path.open("w", encoding="utf-8") as file:
        xlwings_udfs.generate_vba_wrapper("udfs", module, file, MagicMock(Name="book.xlsm"))
    theirs = re.findall(r"XLPy\.CallUDF\(.*?\), ThisWorkbook, Application\.Caller\)", path.read_text("utf-8"))
    assert len(theirs) == len(functions())
    for line in theirs:
        assert line in MODULE


@pytest.mark.parametrize("name", list(functions()))
def test_every_function_with_all_arguments_missing(call, name):
    spec = functions()[name]
    result = call(name, *[MISSING] * len(spec.parameters))
    if name in STATELESS:
        assert result == plain(Session("sample").call(name))
    else:
        assert isinstance(result, list)


def plain(cell: object) -> object:
    """A result of the library as Excel shows it."""
    if isinstance(cell, list):
        return plain(cell[0][0]) if len(cell) == len(cell[0]) == 1 else [[plain(each) for each in row] for row in cell]
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, CellError):
        return ("CVErr", ERROR_NUMBERS[cell])
    return cell[:255] if isinstance(cell, str) else "" if cell is None else cell


STATELESS = [name for name in functions() if name != "XLR_ERRORS"]


@pytest.mark.parametrize("name", STATELESS)
def test_every_argument_of_every_function_blank_wrong_and_spilled(call, name):
    """Excel shows for each what the library itself gives."""
    here = Session("sample")
    raw_and_meant = [
        (ComCells(None), None),
        (ComCells(-2146826265), CellError.REF),
        (ComCells(((None, -2146826246),)), [[None, CellError.NA]]),
        (ComCells(((None,), (-2146826246,), (20.0,))), [[None], [CellError.NA], [20.0]]),
        ("no such thing", "no such thing"),
    ]
    count = len(functions()[name].parameters)
    for place in range(count):
        for raw, meant in raw_and_meant:
            given: list[object] = [MISSING] * count
            given[place] = raw
            result = call(name, *given)
            assert result == plain(here.call(name, *[None] * place, meant)), (place, meant)


def test_raw_values_of_com(call):
    assert call("PX_RET", "XLK", 20.0) == call("PX_RET", "XLK", "20D") == call("PX_RET", (("XLK",),), ((20.0,),))
    assert call("PX_RET", "XLK", None, ComTime(2026, 1, 16, tzinfo=dt.UTC)) == call(
        "PX_RET", "XLK", MISSING, "2026-01-16"
    )
    assert call("XLR_ASOF", "2026-02-08") == dt.datetime(2026, 2, 6)
    assert call("XLR_ASOF", None) == dt.datetime(2026, 2, 13)
    assert call("RS_STREAK", ((1.0,), (2.0,), (3.0,)), ((1.0,), (1.0,), (1.0,))) == 2


def test_errors_are_error_values_also_inside_arrays(call):
    assert call("PX_RET", "NOSUCH") == NA
    assert call("PX_RET", "XLK", 0.0) == VALUE
    spilled = call("PX_RET", (("XLK",), ("NOSUCH",), (None,)), "5D")
    assert isinstance(spilled[0][0], float)
    assert spilled[1][0] == NA
    assert spilled[2][0] == NA  # a blank cell among symbols is no symbol
    assert call("PX_RET", -2146826265) == ("CVErr", 2023)  # COM's number of #REF!, from a cell that holds it
    assert call("PX_RET", (("XLK",), (-2146826281,)))[1][0] == ("CVErr", 2007)
    assert call("PX_RET", "XLK", ((-2146826246,),)) == NA


def test_errors_that_xlwings_does_not_know_are_no_numbers(call):
    base = -2146828288
    assert call("PX_RET", "XLK", ComCells(base + 2045)) == ("CVErr", 2045)  # #SPILL!
    assert call("PX_RET", "XLK", ComCells(base + 2050)) == ("CVErr", 2050)  # #CALC!
    assert call("PX_RET", "XLK", ComCells(base + 2049)) == ("CVErr", 2049)  # #FIELD!
    assert call("PX_RET", "XLK", ComCells(base + 2043)) == ("CVErr", 2043)  # #GETTING_DATA
    assert call("PX_RET", "XLK", ComCells(base + 2199)) == VALUE  # one that nobody knows yet


def test_a_row_is_a_row(call):
    row = call("PX_RET", ComCells((("XLK", "NOSUCH", "XLE"),)), "5D")
    assert len(row) == 1
    assert row[0] == [call("PX_RET", "XLK", "5D"), NA, call("PX_RET", "XLE", "5D")]


def test_cells_in_currency_format_are_numbers(call):
    prices = [decimal.Decimal("1.5"), decimal.Decimal("2.5"), decimal.Decimal("3.25")]
    assert call("PX_RET", ComCells(tuple((price,) for price in prices)), 1.0) == pytest.approx(0.3)
    assert call("PX_RET", "XLK", ComCells(decimal.Decimal(20))) == call("PX_RET", "XLK", 20.0)


def test_integers_and_texts_fit_into_what_com_can_hand_over():
    assert EXCEL_COM.write([[2**40, 7, True]]) == [[float(2**40), 7, True]]
    assert isinstance(EXCEL_COM.write(2**40), float)
    assert len(EXCEL_COM.write("涨" * 300)) == 255
    assert len(EXCEL_COM.write("\U0001f4c8" * 300).encode("utf-16-le")) <= 2 * 255


def test_data_that_cannot_be_opened_are_told_not_raised(monkeypatch):
    def broken():
        raise BadArgument("no source 'nonsense'; give sample")

    monkeypatch.setattr(calls, "session", broken)
    assert to_cell(calls.call("PX_RET", [["XLK"]])) == VALUE
    assert calls.call("XLR_STATUS") == "no source 'nonsense'; give sample"


def test_data_cannot_be_taken_for_an_error():
    assert EXCEL_COM.write("#N/A") == "#N/A"
    assert to_cell("#N/A") == "#N/A"
    assert to_cell(EXCEL_COM.write(CellError.NA)) == NA


def test_long_texts_fit_into_arrays_and_nothing_is_none(call):
    for row in call("XLR_HELP", "ROT_RRG"):
        for cell in row:
            assert cell is not None
            assert len(cell) <= 255


def test_calls_go_by_the_profile_of_their_host(monkeypatch):
    assert calls.host() is EXCEL_COM
    assert to_cell(calls.call("PX_RET", [["XLK"]], [[0.0]])) == VALUE
    monkeypatch.setattr(calls, "office_js", lambda: True)
    assert calls.host() is EXCEL_JS
    assert calls.call("PX_RET", [["XLK"]], [[0]]) == Session("sample").call("PX_RET", "XLK")
    assert calls.call("PX_RET", [["XLK"]], [[-7]]) == "#VALUE!"


def test_the_refresh_macro_over_com(excel):
    """Called as the VBA macro does; over COM it is a macro, no function of the wizard."""
    _, module, python = excel
    assert module.refresh_market_data.__xlfunc__["sub"]
    assert 'XLPy.CallUDF("udfs", "refresh_market_data", Array(), ThisWorkbook' in MODULE
    said = python.CallUDF("udfs", "refresh_market_data", (), None, None)
    assert said == "sample has nothing to fetch; its files are read as they are"
