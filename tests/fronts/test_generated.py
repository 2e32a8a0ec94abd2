"""The generated files, and what every spreadsheet program demands of them."""

import os
import subprocess
import sys
from pathlib import Path

from xlrotation.fronts import build

ROOT = Path(__file__).parents[2]


def test_generated_files_are_what_the_registry_gives():
    assert build.outdated(ROOT) == []


def test_a_change_in_the_registry_is_noticed(tmp_path):
    assert build.outdated(tmp_path) == list(build.generated())


def test_importing_udfs_costs_nothing_but_xlwings():
    heavy = "('pandas', 'yfinance', 'openpyxl', 'pyarrow')"
    code = f"import sys\nimport {{0}}\nprint(sorted(m for m in {heavy} if m in sys.modules))"
    brought = [
        subprocess.run(
            [sys.executable, "-c", code.format(name)], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        for name in ("xlwings", "udfs")
    ]
    assert brought[0] == brought[1]


def test_udfs_work_where_there_is_only_numpy():
    """As in Excel on the web: nothing compiled but numpy, no pandas, no files of the user's."""
    code = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        first = name.split(".")[0]
        known = first in sys.stdlib_module_names or first in ("numpy", "xlwings", "xlrotation", "udfs")
        if not known and not first.startswith("_"):
            raise ModuleNotFoundError(name, name=first)
sys.meta_path.insert(0, Refuse())
import udfs
assert isinstance(udfs.PX_RET([["XLK"]], [["20D"]]), float)
assert udfs.ROT_SECTOR_RET()[0][0] == "Sector"
from xlrotation.functions.boundary.registry import functions
results = {name: getattr(udfs, name)() for name in functions()}
assert len(results) == len(functions())
"""
    environment = {key: value for key, value in os.environ.items() if key != "XLROTATION_SOURCE"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment | {"XLROTATION_STRICT": "1"})
