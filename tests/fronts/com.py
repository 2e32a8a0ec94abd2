"""Stand-ins for pywin32 and for Excel's cells, so that xlwings' own Windows code runs anywhere.

From the raw values that COM hands over, through the object that VBA calls, to the cells that Excel shows. The last
step, which VBA does, is restated here from the generated module's own text; test_basic.py runs that text itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock
from unittest.mock import MagicMock

ROOT = Path(__file__).parents[2]
MODULE = (ROOT / "vba" / "xlrotation.bas").read_bytes().decode("ascii")
MISSING = -2147352572
ERROR_BASE = -2146828288
"""What COM adds to an error's number in Excel."""
OURS_TO_FORGET = ("udfs", "xlwings.udfs", "xlwings._xlwindows", "xlwings.com_server")
WINDOWS_ONLY = re.compile(r"pythoncom|pywintypes|win32\w*|servicemanager|winerror|pywin32_\w*")


class Anything:
    """Can be called and has every name; a mock would remember each call and so look like a leak."""

    def __call__(self, *arguments: object, **named: object) -> Anything:
        return self

    def __getitem__(self, key: object) -> Anything:
        return self

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class StandIn(ModuleType):
    """A module of pywin32 that has every name and does nothing."""

    __path__ = ()
    __file__ = "stand-in"

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        value = type(name, (Exception,), {}) if name in ("com_error", "error") else Anything()
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

    Worksheet, Row, Column = SimpleNamespace(Parent=SimpleNamespace(Application=SimpleNamespace(Hwnd=1))), 1, 1
    _type = SimpleNamespace(iid="{00020846-0000-0000-C000-000000000046}")
    _oleobj_ = SimpleNamespace(GetTypeInfo=lambda: SimpleNamespace(GetTypeAttr=lambda: ComCells._type))

    def __init__(self, value):
        rows = value if isinstance(value, tuple) else ((value,),)
        self.Value = value
        self.Rows, self.Columns = SimpleNamespace(Count=len(rows)), SimpleNamespace(Count=len(rows[0]))
        self.Count = len(rows) * len(rows[0])  # which an older xlwings asks for


def _no_object_of_ours(_: object) -> object:
    raise TypeError


@contextlib.contextmanager
def excel():
    """xlwings' module that serves calls over COM, its own Windows engine included, and ``udfs.py`` published by it."""
    import xlwings

    finder = StandInFinder()
    before = set(sys.modules)
    names = ("func", "arg", "ret", "sub", "script")  # an older xlwings knows no script
    kept = {name: getattr(xlwings, name) for name in names if hasattr(xlwings, name)}
    sys.meta_path.insert(0, finder)
    sys.path.insert(0, str(ROOT))
    patched = [mock.patch.object(ctypes, name, MagicMock(), create=True) for name in ("windll", "oledll", "PyDLL")]
    for patch in patched:
        patch.start()
    try:
        importlib.import_module("pywintypes").TimeType = ComTime
        importlib.import_module("pywintypes").IID = str
        importlib.import_module("win32timezone").TimeZoneInfo.utc = lambda: dt.UTC
        importlib.import_module("win32com.server.util").unwrap = _no_object_of_ours
        importlib.import_module("win32com.client").Dispatch = lambda told: told
        importlib.import_module("win32process").GetWindowThreadProcessId = lambda _: (1, 1)
        windows = importlib.import_module("xlwings._xlwindows")
        xlwings._xlwindows = windows
        xlwings.engines.add(xlwings.Engine(impl=windows.engine))
        served = importlib.import_module("xlwings.udfs")
        xlwings.func, xlwings.arg, xlwings.ret, xlwings.sub = served.xlfunc, served.xlarg, served.xlret, served.xlsub
        if "script" in kept:
            xlwings.script = served.xlsub
        sys.modules.pop("udfs", None)
        module = importlib.import_module("udfs")
        served.get_udf_module = lambda *_: module
        yield served, module, importlib.import_module("xlwings.com_server").XLPython()
    finally:
        sys.modules["xlwings.com_server"].loop.close()  # opened by its import
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


def shown(result: object) -> object:
    """An answer of Python as Excel shows it: a value, or rows of values."""
    cells = to_cell(result)
    if isinstance(cells, list) and not isinstance(cells[0], list):
        assert "If IsLine(answer) Then" in MODULE  # an array of one dimension, which VBA must not index by two
        return [cells]
    return cells
