"""The command line from start to end: the help, one formula, a workbook.

Twice: with the modules compiled before, and without, as a container has them that writes no bytecode
(PYTHONDONTWRITEBYTECODE). numpy alone is what a formula over prices cannot do without.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from harness import Bench, main, part
from harness.measuring import compiled as of_compiled
from harness.measuring import ours

BOOK = Path(__file__).parents[1] / "workbooks" / "daily_dashboard.xlsx"
NUMPY = {"python -c 'import numpy'": [sys.executable, "-c", "import numpy"]}


def commands(bench: Bench, how: str, environment: dict[str, str]) -> None:
    bench.process(f"xlrotation --help, {how}", ours("--help"), environment=environment, at_most=0.08)
    formula = ours("eval", "=RS_STREAK()")
    bench.process(
        f"xlrotation eval '=RS_STREAK()', {how}", formula, NUMPY, environment=environment, at_most=0.22, memory=True
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
def without_bytecode(bench: Bench) -> None:
    """Our modules are compiled anew each time; others have their bytecode, as pip leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": _copied(folder)}
        commands(bench, "without bytecode", environment)


def _copied(folder: str) -> str:
    """A copy of the package without bytecode, first on the path."""
    place = Path(folder) / "copy"
    source = Path(__file__).parents[1] / "xlrotation"
    shutil.copytree(source, place / "xlrotation", ignore=shutil.ignore_patterns("__pycache__"))
    return os.pathsep.join([str(place), os.environ.get("PYTHONPATH", "")])


if __name__ == "__main__":
    main()
