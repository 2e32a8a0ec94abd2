"""What xlwings Lite has: a Python in a browser, without threads, processes, sockets and the packages that fetch."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import panel_of
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.store.store import Store
from xlrotation.workbook.evaluation.oneformula import evaluate_formula
from xlrotation.workbook.evaluation.room import with_room

ROOT = Path(__file__).parents[2]
IN_A_BROWSER = """
import importlib.abc, sys, threading

class Refused(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

def no_thread(self):
    raise RuntimeError("can't start new thread")

sys.modules.update(dict.fromkeys({refused!r}))
sys.meta_path.insert(0, Refused())
sys.path.insert(0, {root!r})
threading.Thread.start = no_thread
import udfs  # xlwings itself knows its computer
sys.platform = "emscripten"
"""
ASKED = """
from xlrotation.fronts.excel import calls
assert calls.host().name == "Excel (Office.js)"
print(udfs.PX_CLOSE([["XLK"]], None, None))
print(udfs.XLR_ASOF())
"""
WITHOUT = {
    *("requests", "urllib3", "rich", "yfinance", "curl_cffi"),
    *("_multiprocessing", "grp", "msvcrt", "pwd", "resource", "termios", "winreg"),
}
"""What fetches, and what Pyodide's own standard library lacks (asked of Pyodide 2026.0: its Python is 3.14)."""


def browser(code: str, **environment: str) -> list[str]:
    """Run code as in a browser; what it printed."""
    script = IN_A_BROWSER.format(refused=WITHOUT, root=str(ROOT)) + code
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_sample_data(tmp_path):
    close, day = browser(ASKED, XLROTATION_HOME=str(tmp_path))
    assert float(close) > 0
    assert day.startswith("2026-02-13")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_folder_of_tables(tmp_path, kind):
    """Each is read by a package that Pyodide has, too."""
    import pandas

    folder = tmp_path / "tables"
    folder.mkdir()
    table = pandas.DataFrame({"Date": pandas.to_datetime(["2026-02-12", "2026-02-13"]), "XLK": [100.0, 123.5]})
    if kind == "csv":
        table.to_csv(folder / "closes.csv", index=False)
    elif kind == "xlsx":
        table.to_excel(folder / "closes.xlsx", index=False)
    else:
        table.to_parquet(folder / "closes.parquet", index=False)
    environment = {"XLROTATION_HOME": str(tmp_path), "XLROTATION_SOURCE": f"folder:{folder}"}
    close, day = browser(ASKED, **environment)
    assert float(close) == 123.5
    assert day.startswith("2026-02-13")


def test_a_store_that_was_copied_there(tmp_path, monkeypatch):
    """Its files are read; nothing locks, and nothing is written."""
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    Store("mine").write(panel_of({"XLK": [101.0, 102.0, 123.5]}))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    close, _ = browser(ASKED, XLROTATION_HOME=str(tmp_path), XLROTATION_SOURCE="store:mine")
    assert float(close) == 123.5
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_every_function_answers_as_here(tmp_path):
    """The calls of every function's example: none needs what is not there."""
    session, asked = Session("sample"), []

    def recorded(name, arguments):
        result = session(name, arguments)
        asked.append((name, tuple(arguments), result))
        return result

    recorded.names = session.names
    for spec in functions().values():
        evaluate_formula(spec.example, recorded)
    (tmp_path / "asked").write_bytes(pickle.dumps([each for each in asked if each[0] != "XLR_ERRORS"]))
    code = f"""
import pickle
from xlrotation.functions.boundary.session import Session
there = Session("sample")
asked = pickle.loads(open({str(tmp_path / "asked")!r}, "rb").read())
print(len({{name for name, _, _ in asked}}))
print(*[name for name, given, result in asked if repr(there(name, given)) != repr(result)])
"""
    count, *differing = browser(code, XLROTATION_HOME=str(tmp_path))
    assert int(count) == len(functions()) - 1
    assert not any(differing)


def test_what_nests_too_deep_is_refused_there(tmp_path):
    """Without a stack of its own a formula ends as an error that a cell shows, and the next one answers."""
    asked = """
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.oneformula import evaluate_formula
from xlrotation.workbook.evaluation.room import with_room
for depth in (30, 3_000):
    for form in ("(", "-(", "ABS(", "IF(TRUE,"):
        try:
            print(evaluate_formula("=" + form * depth + "1" + ")" * depth, Session("sample")))
        except Exception as error:
            print(type(error).__name__)
"""
    told = browser(asked, XLROTATION_HOME=str(tmp_path))
    assert told[:4] == ["1.0", "1.0", "1.0", "1.0"]
    assert all(each != "1.0" for each in told[4:])


def test_what_is_left_out_there_only_fetches():
    """Whatever computes or reads is required there as everywhere: Pyodide has it, or it is Python alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    there = {"sys_platform": "emscripten"}
    left_out = {
        wanted.name
        for wanted in map(Requirement, project["dependencies"])
        if wanted.marker and not wanted.marker.evaluate(there)
    }
    assert left_out == {"requests", "rich", "urllib3", "yfinance"}


@pytest.mark.parametrize("platform", ["emscripten", "wasi", "linux"])
def test_a_formula_is_computed_where_no_system_has_threads(monkeypatch, platform):
    """On others memory is short where none starts: that is no reason to compute without room."""

    def no_thread(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    monkeypatch.setattr(sys, "platform", platform)
    if platform == "linux":
        with pytest.raises(RuntimeError):
            with_room(lambda: 7)
    else:
        assert with_room(lambda: 7) == 7
