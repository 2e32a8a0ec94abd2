"""What a command loads: only what it needs. Modules are counted, because seconds depend on the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from xlrotation.cli import COMMANDS

HEAVY = frozenset(
    {
        *("numpy", "pandas", "scipy", "pyarrow", "openpyxl", "lxml", "xlsxwriter", "xlwings", "requests", "urllib3"),
        *("yfinance", "regex", "filelock", "platformdirs", "multiprocessing", "subprocess", "tempfile", "rich"),
    }
)
_CODE = """
import sys
from xlrotation.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("\\n".join(sys.modules), file=sys.stderr)
"""


def loaded(*arguments: str) -> frozenset[str]:
    done = subprocess.run([sys.executable, "-c", _CODE, *arguments], capture_output=True, text=True, check=True)
    return frozenset(done.stderr.split())


def ours(modules: frozenset[str]) -> set[str]:
    return {name for name in modules if name.startswith("xlrotation.")}


def test_the_help_loads_nothing_of_the_work() -> None:
    modules = loaded("--help")
    assert not modules & HEAVY
    assert len(ours(modules)) <= 10, sorted(ours(modules))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_loads_nothing_of_the_work(command: str) -> None:
    modules = loaded(command, "--help")
    assert not modules & HEAVY
    assert len(ours(modules)) <= 20, sorted(ours(modules))
    rooms = {name.split(".")[1] for name in ours(modules)}
    assert not rooms & {"functions", "market", "workbook", "reports", "measures", "jobs"}
