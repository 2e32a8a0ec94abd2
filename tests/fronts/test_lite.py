"""What xlwings Lite has: a Python in a browser, without threads, processes, sockets and the packages that fetch."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
IN_A_BROWSER = """
import importlib.abc, sys, threading

class Refused(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

def no_thread(self):
    raise RuntimeError("can't start new thread")

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
WITHOUT = {"requests", "urllib3", "rich", "yfinance", "curl_cffi", "multiprocessing", "_ssl"}


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
