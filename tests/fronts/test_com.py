"""The functions as Excel for Windows calls them: through xlwings' own code, with stand-ins for pywin32.

From the raw values that COM hands over, through the object that VBA calls, to the cells that Excel shows. The last
step, which VBA does, is restated here from the generated module's own text; test_basic.py runs that text itself.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import decimal
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock
from unittest.mock import MagicMock

import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.fronts import calls
from xlrotation.functions.registry import functions
from xlrotation.functions.session import Session

ROOT = Path(__file__).parents[2]
MODULE = (ROOT / "vba" / "xlrotation.bas").read_bytes().decode("ascii")
MISSING = -2147352572
OURS_TO_FORGET = ("udfs", "xlwings.udfs", "xlwings._xlwindows", "xlwings.com_server")
WINDOWS_ONLY = re.compile(r"pythoncom|pywintypes|win32\w*|servicemanager|winerror|pywin32_\w*")


class StandIn(ModuleType):
    """A module of pywin32 that has every name and does nothing."""

    __path__ = ()
    __file__ = "stand-in"

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        value = type(name, (Exception,), {}) if name in ("com_error", "error") else MagicMock(name=name)
        setattr(self, name, value)
        return value


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if WINDOWS_ONLY.fullmatch(fullname.split(".")[0]):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


class ComTime(dt.datetime):
    """A date as pywin32 hands it over."""


class ComCells:
    """A reference to cells, as a formula hands it over: ``Value`` is a value, or rows of them."""

    Worksheet, Row, Column = MagicMock(), 1, 1
    _oleobj_ = MagicMock()
    _oleobj_.GetTypeInfo().GetTypeAttr().iid = "{00020846-0000-0000-C000-000000000046}"

    def __init__(self, value):
        rows = value if isinstance(value, tuple) else ((value,),)
        self.Value, self.Rows, self.Columns = value, MagicMock(Count=len(rows)), MagicMock(Count=len(rows[0]))


@pytest.fixture(scope="module")
def excel():
    """xlwings' module that serves calls over COM, its own Windows engine included, and ``udfs.py`` published by it."""
    import xlwings

    finder = StandInFinder()
    before = set(sys.modules)
    kept = {name: getattr(xlwings, name) for name in ("func", "arg", "ret", "sub", "script")}
    sys.meta_path.insert(0, finder)
    sys.path.insert(0, str(ROOT))
    patched = [mock.patch.object(ctypes, name, MagicMock(), create=True) for name in ("windll", "oledll", "PyDLL")]
    for patch in patched:
        patch.start()
    try:
        importlib.import_module("pywintypes").TimeType = ComTime
        importlib.import_module("pywintypes").IID = str
        importlib.import_module("win32timezone").TimeZoneInfo.utc = lambda: dt.UTC
        importlib.import_module("win32com.server.util").unwrap = MagicMock(side_effect=TypeError)
        windows = importlib.import_module("xlwings._xlwindows")
        xlwings._xlwindows = windows
        xlwings.engines.add(xlwings.Engine(impl=windows.engine))
        served = importlib.import_module("xlwings.udfs")
        xlwings.func, xlwings.arg, xlwings.ret, xlwings.sub = served.xlfunc, served.xlarg, served.xlret, served.xlsub
        xlwings.script = served.xlsub
        sys.modules.pop("udfs", None)
        module = importlib.import_module("udfs")
        served.get_udf_module = lambda *_: module
        yield served, module, importlib.import_module("xlwings.com_server").XLPython()
    finally:
        for patch in patched:
            patch.stop()
        sys.meta_path.remove(finder)
        sys.path.remove(str(ROOT))
        xlwings.engines.engines_by_name.pop("excel", None)
        xlwings.engines.engines[:] = [engine for engine in xlwings.engines.engines if engine.name != "excel"]
        for name in set(sys.modules) - before:
            if WINDOWS_ONLY.fullmatch(name.split(".")[0]) or name in OURS_TO_FORGET:
                del sys.modules[name]
        for name, value in kept.items():
            setattr(xlwings, name, value)


def to_cell(value: object) -> object:
    """What the VBA wrapper puts into the cell, by the table in its own text."""
    table = dict(re.findall(r'Case "([^"]+)": DecodedCell = CVErr\((\d+)\)', MODULE))
    mark = chr(int(re.search(r"Left\$\(answer, 1\) <> ChrW\(&H([0-9A-F]+)\)", MODULE)[1], 16))
    if isinstance(value, list | tuple):
        return [to_cell(cell) for cell in value]
    if isinstance(value, str) and value[:1] == mark:
        return ("CVErr", int(table[value[1:]]))
    assert value is not None
    assert value == value  # no NaN
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


@pytest.fixture
def call(excel):
    """Call a function as the VBA wrapper does; the result as Excel shows it: a value, or rows of values."""
    _, _, python = excel

    def called(name, *raw):
        result = python.CallUDF("udfs", name, raw, None, None)
        cells = to_cell(result)
        if isinstance(cells, list) and not isinstance(cells[0], list):
            assert "If IsLine(answer) Then" in MODULE  # an array of one dimension, which VBA must not index by two
            return [cells]
        return cells

    return called


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
        return ("CVErr", calls.ERROR_NUMBERS[cell])
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
    assert isinstance(spilled[2][0], float)  # a blank cell means the default symbol
    assert call("PX_RET", -2146826265) == ("CVErr", 2023)  # COM's number of #REF!, from a cell that holds it
    assert call("PX_RET", (("XLK",), (-2146826281,)))[1][0] == ("CVErr", 2007)
    assert call("PX_RET", "XLK", ((-2146826246,),)) == NA


def test_errors_that_xlwings_does_not_know_are_no_numbers(call):
    base = -2146828288
    assert call("PX_RET", "XLK", ComCells(base + 2045)) == ("CVErr", 2045)  # #SPILL!
    assert call("PX_RET", "XLK", ComCells(base + 2050)) == ("CVErr", 2050)  # #CALC!
    assert call("PX_RET", "XLK", ComCells(base + 2049)) == VALUE  # #FIELD!, which we do not know either


def test_a_row_is_a_row(call):
    row = call("PX_RET", ComCells((("XLK", "NOSUCH", "XLE"),)), "5D")
    assert len(row) == 1
    assert row[0] == [call("PX_RET", "XLK", "5D"), NA, call("PX_RET", "XLE", "5D")]


def test_cells_in_currency_format_are_numbers(call):
    prices = [decimal.Decimal("1.5"), decimal.Decimal("2.5"), decimal.Decimal("3.25")]
    assert call("PX_RET", ComCells(tuple((price,) for price in prices)), 1.0) == pytest.approx(0.3)
    assert call("PX_RET", "XLK", ComCells(decimal.Decimal(20))) == call("PX_RET", "XLK", 20.0)


def test_integers_and_texts_fit_into_what_com_can_hand_over():
    assert calls.write([[2**40, 7, True]]) == [[float(2**40), 7, True]]
    assert isinstance(calls.write(2**40), float)
    assert len(calls.write("涨" * 300)) == 255
    assert len(calls.write("\U0001f4c8" * 300).encode("utf-16-le")) <= 2 * 255


def test_data_that_cannot_be_opened_are_told_not_raised(monkeypatch):
    def broken():
        raise BadArgument("no source 'nonsense'; give sample")

    monkeypatch.setattr(calls, "session", broken)
    assert to_cell(calls.call("PX_RET", [["XLK"]])) == VALUE
    assert calls.call("XLR_STATUS") == "no source 'nonsense'; give sample"


def test_data_cannot_be_taken_for_an_error():
    assert calls.write("#N/A") == "#N/A"
    assert to_cell("#N/A") == "#N/A"
    assert to_cell(calls.write(CellError.NA)) == NA


def test_long_texts_fit_into_arrays_and_nothing_is_none(call):
    for row in call("XLR_HELP", "ROT_RRG"):
        for cell in row:
            assert cell is not None
            assert len(cell) <= 255


def test_a_zero_is_blank_only_where_office_js_says_so(monkeypatch):
    kinds = {p.name: p.kind for p in functions()["PX_CROSS"].parameters}
    assert calls.read([[0.0]], kinds["window"]) == 0.0
    monkeypatch.setattr(calls, "office_js", lambda: True)
    assert calls.read([[0]], kinds["window"]) is None
    assert calls.read(0, kinds["asof"]) is None
    assert calls.read([[0]], kinds["level"]) == 0
    assert calls.read([[False]], kinds["window"]) is False
    assert calls.read([[0]], functions()["PX_RET"].parameters[3].kind) is None  # a choice
    assert calls.read([[0], [0]], kinds["window"]) == [[0], [0]]
    assert calls.write(CellError.NUM) == "#NUM!"
    assert calls.write(CellError.SPILL) == "#VALUE!"  # Office.js would show the other name as a text


def test_the_refresh_macro_over_com(excel):
    """Called as the VBA macro does; over COM it is a macro, no function of the wizard."""
    _, module, python = excel
    assert module.refresh_market_data.__xlfunc__["sub"]
    assert 'XLPy.CallUDF("udfs", "refresh_market_data", Array(), ThisWorkbook' in MODULE
    said = python.CallUDF("udfs", "refresh_market_data", (), None, None)
    assert said == "sample has nothing to fetch; its files are read as they are"
