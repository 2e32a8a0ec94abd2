"""The same numbers and verdicts whatever vector units the processor has.

numpy picks its loops, OpenBLAS its kernels, by the processor; both can be told to behave as on an older one. A process
of its own is started for each, because the choice is made when they are loaded.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core import _multiarray_umath as numpy_core  # where numpy says what it was built for

ROOT = Path(__file__).parents[1]

HAS = {name for name, there in numpy_core.__cpu_features__.items() if there}
DISPATCHED = [name for name in numpy_core.__cpu_dispatch__ if name in HAS]
_X86 = platform.machine().lower() in ("x86_64", "amd64")


def _without(*kept: str) -> str:
    return " ".join(name for name in DISPATCHED if name not in kept)


TARGETS = {
    "Prescott": _without(),  # SSE3 alone
    "Nehalem": _without("X86_V3", "AVX2", "FMA3"),  # numpy with 256 bits, BLAS with 128
    "Sandybridge": "",  # numpy as here, BLAS without fused products
    **({"Haswell": _without()} if "AVX2" in HAS else {}),
    **({"SkylakeX": ""} if "AVX512F" in HAS else {}),
}
if not _X86:
    TARGETS = {"ARMV8": _without(), "CORTEXA57": "", "NEOVERSEN1": _without()}

_OTHER_NAMES = {"Prescott": "katmai"}
"""What OpenBLAS calls the kernels that it takes for a processor."""

_EVERYTHING = """
import json, sys, tempfile
from pathlib import Path
import numpy, threadpoolctl
from numpy._core import _multiarray_umath as core
from xlrotation.workbook.evaluation.evaluate import evaluate_formula
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.sameness import differences
from xlrotation.reports.templates import build_templates

def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value if isinstance(value, (int, float, str, type(None))) else str(value)

session = Session("sample", lang="en")
examples = {name: spec.example for name, spec in functions().items() if name != "XLR_STATUS"}
found = {name: plain(evaluate_formula(example, session)) for name, example in examples.items()}
books = []
if len(sys.argv) > 1:
    with tempfile.TemporaryDirectory() as folder:
        for path in build_templates(Path(folder)):
            books += [f"{path.name}: {one}" for one in differences(Path(sys.argv[1]) / path.name, path)]
print(json.dumps({
    "values": found, "books": books,
    "kernel": [one["architecture"] for one in threadpoolctl.threadpool_info() if one["internal_api"] == "openblas"],
    "features": [name for name, there in core.__cpu_features__.items() if there],
}))
"""


def _environment(target: str) -> dict[str, str]:
    return {**os.environ, "OPENBLAS_CORETYPE": target, "NPY_DISABLE_CPU_FEATURES": TARGETS[target]}


def _everything(environment: dict[str, str], *arguments: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-c", _EVERYTHING, *arguments], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr[-2000:]
    answer: dict[str, object] = json.loads(run.stdout)
    return answer


def _differences(place: str, a: object, b: object) -> list[str]:
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [said for i, (x, y) in enumerate(zip(a, b, strict=True)) for said in _differences(f"{place}[{i}]", x, y)]
    if isinstance(a, float) and isinstance(b, float):
        same = math.isclose(a, b, rel_tol=1e-12) or max(abs(a), abs(b)) < 1e-12
    else:
        same = type(a) is type(b) and a == b
    return [] if same else [f"{place}: {a!r} against {b!r}"]


@pytest.fixture(scope="module")
def here() -> dict[str, object]:
    return _everything(dict(os.environ))


def test_at_least_three_processors_are_played() -> None:
    assert len(TARGETS) >= 3


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_every_function_and_every_workbook(target: str, here: dict[str, object]) -> None:
    there = _everything(_environment(target), str(ROOT / "workbooks"))
    assert {kernel.lower() for kernel in there["kernel"]} <= {target.lower(), _OTHER_NAMES.get(target)}, there["kernel"]
    assert not set(TARGETS[target].split()) & set(there["features"])
    assert there["books"] == []
    mine, others = here["values"], there["values"]
    assert len(mine) > 100
    assert list(mine) == list(others)
    assert [said for name in mine for said in _differences(name, mine[name], others[name])] == []


def _number_tests() -> list[str]:
    folders = (ROOT / "tests" / name for name in ("measures", "functions", "proofs"))
    return sorted(str(file.relative_to(ROOT)) for folder in folders for file in folder.glob("test_*.py"))


def _pass_on(target: str, files: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *files],
        capture_output=True,
        text=True,
        env=_environment(target),
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout[-3000:]


PLAYED = list(TARGETS)[:3]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("which", range(len(PLAYED)), ids=PLAYED)
def test_the_tests_of_numbers_pass(which: int) -> None:
    """Every file of them on one processor; `make search` plays every file on each."""
    files = _number_tests()
    assert len(files) > 40
    _pass_on(PLAYED[which], files[which :: len(PLAYED)])


@pytest.mark.search
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("target", PLAYED)
def test_all_tests_of_numbers_pass(target: str) -> None:
    _pass_on(target, _number_tests())
