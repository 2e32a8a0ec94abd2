"""Make the Windows Python, and test on it: ``python tools/windows/run.py FOLDER [--sample]``; ``make test-windows``.

First a part of the project's tests runs on Python for Windows, then the tests beside this file call every function over
COM. ``--sample``: what takes a few minutes. Exit status 0: all passed; 3: nothing could be tested, and
it says why; 1: something failed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import make
from wine import Windows, as_windows, copied

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]

SAMPLE = ["tests/test_files.py"]
WHOLE = [
    *("tests/functions", "tests/market", "tests/workbook", "tests/measures", "tests/reports"),
    *("tests/fronts/test_addin.py", "tests/test_cli.py", "tests/test_files.py"),
]


def suite(windows: Windows, names: Sequence[str]) -> int:
    """Run tests of the project on the Windows Python; returns pytest's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        project = copied(PROJECT, Path(folder) / "xl rotation")
        words = "-m pytest -q -p no:cacheprovider -p leaving --continue-on-collection-errors".split()
        with windows.shown():
            process = windows.start_python(
                *words,
                *names,
                more={"PYTHONPATH": f"{as_windows(project)};{as_windows(project / 'tools' / 'windows')}"},
                cwd=project,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                errors="replace",
            )
            assert process.stdout
            for line in process.stdout:
                print(line, end="", flush=True)
            return process.wait()


def main(words: Sequence[str]) -> int:
    """Make and test; returns the exit status."""
    sample = "--sample" in words
    rest = [word for word in words if word != "--sample"]
    if len(rest) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(rest[0])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _tested(folder, sample)
    finally:
        Windows(folder).end()  # whatever a test that was stopped had started


def _tested(folder: Path, sample: bool) -> int:
    status = make.main([str(folder)])
    if status == make.UNAVAILABLE:
        print("the tests on Windows were NOT run", file=sys.stderr)
    if status:
        return status
    print("tests of the project on Python for Windows:", flush=True)
    failed = suite(Windows(folder), SAMPLE if sample else WHOLE)
    print("calls over COM:", flush=True)
    chosen = ["-m", "not whole"] if sample else []
    calls = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", HERE, *chosen],
        env={**os.environ, "XLROTATION_WINDOWS": str(folder.resolve())},
        cwd=PROJECT,
    )
    return int(bool(failed or calls.returncode))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
