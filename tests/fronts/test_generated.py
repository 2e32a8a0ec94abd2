"""The generated files, and what every spreadsheet program demands of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xlrotation.errors import CellError
from xlrotation.fronts import build, vba
from xlrotation.fronts.calls import MARK
from xlrotation.functions.registry import functions

ROOT = Path(__file__).parents[2]
MODULE = (ROOT / "vba" / "xlrotation.bas").read_bytes().decode("ascii")
LINES = MODULE.split("\r\n")


def test_generated_files_are_what_the_registry_gives():
    assert build.outdated(ROOT) == []


def test_a_change_in_the_registry_is_noticed(tmp_path):
    assert build.outdated(tmp_path) == list(build.GENERATED)


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
from xlrotation.functions.registry import functions
results = {name: getattr(udfs, name)() for name in functions()}
assert len(results) == len(functions())
"""
    environment = {key: value for key, value in os.environ.items() if key != "XLROTATION_SOURCE"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=environment | {"XLROTATION_STRICT": "1"})


def test_vba_lines_compile():
    assert "\n" not in MODULE.replace("\r\n", "")
    assert max(map(len, LINES)) < 1023
    run = longest = 0
    for line in LINES:
        run = run + 1 if line.endswith(" _") else 0
        longest = max(longest, run)
        assert re.sub(r'"[^"]*"', "", line).count('"') == 0, line
    assert longest <= 24


def test_vba_blocks_are_closed():
    stack = []
    opening = {
        "Function": r"^(?:Public |Private )?Function ",
        "Sub": r"^(?:Public |Private )?Sub ",
        "If": r"^If .* Then$",
        "Select": r"^Select ",
        "#If": r"^#If ",
    }
    for line in LINES:
        text = line.strip()
        if text.startswith(("End ", "#End ")):
            kind = text.replace("#End ", "End #").removeprefix("End ").strip()
            assert stack, line
            assert stack.pop() == kind, line
        else:
            stack += [kind for kind, pattern in opening.items() if re.match(pattern, text)]
    assert stack == []


@pytest.mark.parametrize("name", list(functions()))
def test_each_function_is_wrapped(name):
    spec = functions()[name]
    names = [parameter.name for parameter in spec.parameters]
    declaration = f"Public Function {name}({', '.join(f'Optional {each}' for each in names)})"
    assert LINES.count(declaration) == 1
    assert f'XLPy.CallUDF("udfs", "{name}", Array({", ".join(names)}), ThisWorkbook, Application.Caller)' in MODULE
    assert LINES.count(f"    Describe_{name}") == 1
    assert len(names) + sum(map(len, names)) <= 254


def test_arguments_do_not_hide_what_the_wrapper_uses():
    used = set("application array cverr decoded decodedcell failed isline thisworkbook wizard xlpy range".split())
    used |= {name.lower() for name in functions()}
    for spec in functions().values():
        assert used.isdisjoint(parameter.name.lower() for parameter in spec.parameters), spec.name


def test_wizard_texts_are_short_enough():
    for text in re.findall(r'"((?:[^"]|"")*)"', MODULE):
        assert len(text.replace('""', '"')) <= 255


def test_every_error_has_excels_number():
    assert set(vba.ERROR_NUMBERS) == set(CellError)
    assert f"Left$(answer, 1) <> ChrW(&H{ord(MARK):X})" in MODULE
    for error, number in vba.ERROR_NUMBERS.items():
        assert f'Case "{error.value}": DecodedCell = CVErr({number})' in MODULE
