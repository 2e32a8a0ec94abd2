"""The command line from start to end: the help, one formula, a workbook.

Three times: with bytecode that Python wrote itself; where it may write none, as containers set it
(PYTHONDONTWRITEBYTECODE), installed by pip, which compiles all the same; and where pip was told not to compile. numpy
alone is what a formula over prices cannot do without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Bench, main, part
from harness.measuring import compiled as of_compiled
from harness.measuring import ours

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "workbooks" / "daily_dashboard.xlsx"
VARIABLE = "PYTHONDONTWRITEBYTECODE"
NUMPY = {"python -c 'import numpy'": [sys.executable, "-c", "import numpy"]}


def commands(bench: Bench, how: str, environment: dict[str, str], goals: bool = True, note: str = "") -> None:
    helped, asked = (0.08, 0.22) if goals else (None, None)
    given = {"environment": environment, "note": note}
    bench.process(f"xlrotation --help, {how}", ours("--help"), at_most=helped, **given)
    formula = ours("eval", "=RS_STREAK()")
    bench.process(
        f"xlrotation eval '=RS_STREAK()', {how}", formula, NUMPY, at_most=asked, memory=True, repeat=9, **given
    )


@part
def compiled(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = (["--help"], ["eval", "=RS_STREAK()"], ["export", str(BOOK), "-o", folder])
        environment = of_compiled(folder, *(ours(*each) for each in words))
        commands(bench, "compiled", environment)
        export = ours("export", str(BOOK), "-o", folder)
        bench.process("xlrotation export of daily_dashboard.xlsx, compiled", export, environment=environment, repeat=3)


@part
def as_containers(bench: Bench) -> None:
    """Installed by pip, the variable set from the beginning."""
    with tempfile.TemporaryDirectory() as folder:
        commands(bench, "as containers install it", _installed(folder), note=f"{VARIABLE}=1, installed by pip")


@part
def without_bytecode(bench: Bench) -> None:
    """Our modules are compiled anew by each time; others have their bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        note = f"{VARIABLE}=1, installed by pip with --no-compile: each process compiles anew"
        commands(bench, "never compiled", _installed(folder, "--no-compile"), goals=False, note=note)


def _installed(folder: str, *options: str) -> dict[str, str]:
    """The environment of processes that find the package where pip put it; it writes no bytecode."""
    source, target = Path(folder) / "source", Path(folder) / "installed"
    kept = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "xlrotation", source / "xlrotation", ignore=kept)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    surroundings = {**os.environ, VARIABLE: "1"}
    subprocess.run([*install, *options, "--target", str(target), str(source)], env=surroundings, check=True)
    path = os.pathsep.join(filter(None, [str(target), os.environ.get("PYTHONPATH", "")]))
    return {VARIABLE: "1", "PYTHONPATH": path}


if __name__ == "__main__":
    main()
