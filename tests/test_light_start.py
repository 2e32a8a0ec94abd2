"""What a command loads: only what it needs. Modules are counted, because seconds depend on the machine."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xlrotation.cli import COMMANDS, _parser
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.store.store import Store

ROOT = Path(__file__).parents[1]
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


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (("eval", "=PI()"), ("eval",)),
        (("refresh-book", "--help"), ("refresh-book",)),
        ((), tuple(COMMANDS)),
        (("--help",), tuple(COMMANDS)),
        (("evil",), tuple(COMMANDS)),
    ],
)
def test_a_parser_is_built_for_the_command_alone(given: tuple[str, ...], known: tuple[str, ...]) -> None:
    (commands,) = (one for one in _parser(given)._actions if isinstance(one, argparse._SubParsersAction))
    assert tuple(commands.choices) == known


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


def test_a_formula_of_ours_loads_no_native_function_and_nothing_that_fills_workbooks() -> None:
    modules = loaded("eval", "=RS_STREAK()")
    heavy = {
        "lxml",
        "tempfile",
        "tomllib",
        "pandas",
        "scipy",
        "pyarrow",
        "openpyxl",
        "xlsxwriter",
        "xlwings",
        "requests",
        "yfinance",
        "regex",
        "rich",
        "statistics",
        "fractions",
        "decimal",
        "multiprocessing",
        "subprocess",
        "json",
        "hashlib",
        "numpy.ma",
        "numpy.random",
    }
    assert not modules & heavy
    assert "xlrotation.market.ownlists" not in modules
    rooms = {".".join(name.split(".")[1:3]) for name in ours(modules)}
    assert not rooms & {"workbook.natives", "workbook.output", "market.refresh", "market.store"}
    assert not {name.split(".")[1] for name in ours(modules)} & {"reports", "fronts", "batch", "jobs", "readable"}
    assert "xlrotation.workbook.evaluation.recalculation" not in modules
    assert "xlrotation.workbook.evaluation.interpreter" not in modules
    assert "xlrotation.workbook.formulas" not in modules


@pytest.mark.parametrize("book", ["daily_dashboard", "small_value_rotation"])
def test_an_export_loads_what_this_workbook_needs(book: str, tmp_path: Path) -> None:
    modules = loaded("export", str(ROOT / "workbooks" / f"{book}.xlsx"), "-o", str(tmp_path))
    assert (tmp_path / f"{book}.xlsx").exists()
    fetching = {"urllib.request", "http", "email", "ssl", "socket", "multiprocessing", "requests", "urllib3"}
    assert not modules & fetching
    assert not modules & {"numpy.ma", "pandas", "scipy", "pyarrow", "openpyxl", "xlsxwriter", "xlwings", "matplotlib"}
    assert not modules & {"regex", "difflib", "zoneinfo", "json", "tomllib", "filelock", "rich"}
    assert not {f"xlrotation.workbook.output.{name}" for name in ("page.html", "plain")} & modules


def test_native_functions_are_loaded_when_one_is_called() -> None:
    modules = loaded("eval", "=SUM(1,2)")
    assert "xlrotation.workbook.natives.sums" in modules
    assert "xlrotation.workbook.evaluation.recalculation" not in modules


def test_one_number_of_a_store_loads_no_masked_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    days = XNYS.sessions()[-600:-200]
    closes = 100.0 + np.arange(len(days) * 3.0).reshape(len(days), 3)
    Store("small").write(Panel(days, ("A", "B", "C"), {"close": closes, "dividend": np.zeros_like(closes)}))
    modules = loaded("eval", "--source", "store:small", '=PX_RET("B","1D",,"total")')
    assert "xlrotation.market.store.lazily" in modules
    assert not modules & {"numpy.ma", "pandas", "pyarrow.dataset"}


_AT_THE_END = """
import gc, os, sys
from xlrotation.cli import main
main(%s)
print(gc.get_freeze_count() > 0, os.environ["OPENBLAS_THREAD_TIMEOUT"], file=sys.stderr)
"""


@pytest.mark.parametrize(("given", "frozen"), [("", "True"), ("['functions']", "False")])
def test_nothing_is_collected_when_a_process_ends_but_where_it_goes_on(given: str, frozen: str) -> None:
    command = [sys.executable, "-c", _AT_THE_END % given, "functions"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.split()[0] == frozen


@pytest.mark.parametrize(("before", "after"), [(None, "20"), ("26", "26")])
def test_threads_of_the_linear_algebra_sleep_soon_unless_somebody_says_otherwise(
    before: str | None, after: str
) -> None:
    given = {name: value for name, value in os.environ.items() if name != "OPENBLAS_THREAD_TIMEOUT"}
    given |= {} if before is None else {"OPENBLAS_THREAD_TIMEOUT": before}
    command = [sys.executable, "-c", _AT_THE_END % "", "functions"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=given)
    assert done.stderr.split()[1] == after
