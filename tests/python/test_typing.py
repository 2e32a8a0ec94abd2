"""The stubs: example code passes the strict type checker, wrong code does not, and they say what there is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import xlrotation as xr
from xlrotation.functions.boundary.registry import functions

ROOT = Path(__file__).parents[2]
WRONG = """
import xlrotation as xr

m = xr.open("sample")
a: str = m.RS_STREAK("RUT", "SPX")
b = m.RS_STREAK(c="SPX")
c = m.RS_STREEK("RUT")
d: int = m.ROT_SECTOR_TABLE("5D")
e = m.VAL_PE(1.0)
f = xr.nothing
g = m.PX_RET("XLK", asof=object())
"""


def checked(path: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={cache}", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mypy")
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_stubs_fit_code_as_users_write_it(cache: Path, tmp_path: Path) -> None:
    done = checked(ROOT / "tests" / "python" / "typed.py", cache)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    lines = checked(tmp_path / "wrong.py", cache).stdout.splitlines()
    found = {int(line.split(":")[1]) for line in lines if ": error:" in line}
    assert found == set(range(5, 12)), lines


def test_the_stub_of_the_package_lists_what_it_gives() -> None:
    tree = ast.parse((ROOT / "xlrotation" / "__init__.pyi").read_text("utf-8"))
    names = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {*names, "__version__"} == set(xr.__all__)
    (listed,) = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    assert listed == sorted(listed)
    assert set(listed) == set(xr.__all__)


def test_the_stub_of_the_measures_lists_them() -> None:
    tree = ast.parse((ROOT / "xlrotation" / "measures" / "__init__.pyi").read_text("utf-8"))
    names = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names == set(xr.measures.__all__)


def test_the_stub_of_the_functions_has_every_parameter() -> None:
    tree = ast.parse((ROOT / "xlrotation" / "python" / "functions.pyi").read_text("utf-8"))
    (kind,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found: dict[str, list[list[str]]] = {}
    for node in kind.body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append([argument.arg for argument in node.args.args][1:])
    assert list(found) == list(functions())
    for name, spec in functions().items():
        assert found[name] == [[parameter.name for parameter in spec.parameters]] * 2
