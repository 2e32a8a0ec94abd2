"""Python's switches -O and -OO drop assertions and docstrings; functions, help and numbers stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xlrotation.functions.boundary import registry

ROOT = Path(__file__).parents[1]

HELP = """
import json
from xlrotation.functions.boundary import registry
print(json.dumps([registry.as_dict(spec) for spec in registry.functions().values()]))
"""

AS_EXCEL_DOES = """
import json, udfs
from xlrotation.functions.boundary.registry import functions
missing = [name for name in functions() if not callable(getattr(udfs, name, None))]
print(json.dumps([missing, udfs.RS_STREAK("RUT", "SPX", "2026-01-14")]))
"""

WITHOUT_SOURCE = """
import inspect
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.parameters import Number, default

def gone(function):
    raise OSError("could not get source code")

inspect.getsource = gone
try:
    @registry.worksheet_function(unit="number", example="=XLR_NEW()")
    def XLR_NEW(n: Number = default(1)) -> float:
        '''One.'''
        return n
except registry.SpecError as error:
    print(error)
"""


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("switch", ["-O", "-OO"])
def test_every_function_keeps_its_help(switch: str) -> None:
    assert run(switch, "-c", HELP) == run("-c", HELP)
    assert run(switch, "-c", HELP).count('"name": "XLR_') > 5


@pytest.mark.parametrize("switch", ["-O", "-OO"])
def test_a_cell_a_formula_and_the_help_of_the_command(switch: str) -> None:
    assert run(switch, "-c", AS_EXCEL_DOES).split() == ["[[],", "9]"]
    assert run(switch, "-m", "xlrotation", "eval", '=IF(RS_STREAK("RUT","SPX","2026-01-14")>8,"yes","no")') == "yes\n"
    assert run(switch, "-m", "xlrotation", "--help") == run("-m", "xlrotation", "--help")


def test_a_help_that_is_nowhere_is_said_to_be_missing() -> None:
    assert "XLR_NEW: python -OO drops the help" in run("-OO", "-c", WITHOUT_SOURCE)


def test_the_number_of_functions() -> None:
    assert run("-OO", "-m", "xlrotation", "functions", "--json").count('"example"') == len(registry.functions())
