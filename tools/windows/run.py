"""Make the Windows Python, and test on it: ``python tools/windows/run.py FOLDER [--sample] [TEST...]``.

``make test-windows`` runs it. The tests beside this file call every function over COM; then the project's tests that
can run on Python for Windows do. ``--sample``: what takes a few minutes; with TEST, as pytest takes it, only those of
the project. Exit status 0: all passed; 3: nothing could be tested, and it says why; 1: something failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import make

sys.path.append(str(Path(__file__).parents[1]))

from timed import OUTCOMES, UNTIL, Outcomes, file_of, keep_status
from wine import Windows, as_windows, copied, served

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]

SAMPLE = [
    "tests/functions/test_kinds.py",
    "tests/market/test_condition.py",
    "tests/market/test_knowntables.py",
    "tests/measures/test_averages.py",
    "tests/reports/test_choosing.py",
    "tests/workbook/test_operators.py",
    "tests/test_files.py",
]
"""Some of each folder."""

WHOLE = [
    *("tests/functions", "tests/market", "tests/workbook", "tests/measures", "tests/reports"),
    *(f"tests/batch/test_{name}.py" for name in ("batch", "cluster", "naming", "nightly", "plan", "pool")),
    *("tests/fronts/test_addin.py", "tests/test_cli.py", "tests/test_files.py"),
]
QUIET = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""What a test that failed left open fails by itself; nothing else shall, after all tests have passed."""

CALLS = 0.6
"""The part of the time that the calls over COM of a sample may take, so that some is left for the project's tests."""

STARTS = 60
"""Seconds in which a server that has no functions of ours must be there; else it is not ours that is tested."""


def suite(windows: Windows, names: Sequence[str], options: Sequence[str] = ()) -> int:
    """Run tests of the project on the Windows Python, whose counts it prints by folder; returns pytest's exit status.

    There a test that hangs ends Python as a whole (pytest-timeout): it is told as failed, and the files after it run.
    """
    worst, left = 0, files(names)
    with tempfile.TemporaryDirectory() as folder:
        project = copied(PROJECT, Path(folder) / "xl rotation")
        kept = Path(os.environ.get(OUTCOMES) or Path(folder) / "outcomes")
        while left:
            worst = max(worst, _run(windows, project, [*options, *left], kept))
            last = Outcomes(kept).close()
            at = [file_of(name) for name in left].index(file_of(last)) if last else len(left)
            left = left[at + 1 :]
        print(*Outcomes(kept).by_folder(), sep="\n", flush=True)
    return worst


def files(names: Sequence[str]) -> list[str]:
    """The files of tests in folders; what is none stays as it is."""
    found: list[str] = []
    for name in names:
        inside = sorted(PROJECT.joinpath(name).rglob("test_*.py")) if PROJECT.joinpath(name).is_dir() else []
        found += [each.relative_to(PROJECT).as_posix() for each in inside] or [name]
    return found


def _run(windows: Windows, project: Path, words: Sequence[str], outcomes: Path) -> int:
    pytest = "-m pytest -q -p no:cacheprovider -p leaving -p timed --continue-on-collection-errors".split()
    tools = project / "tools"
    path = ";".join(map(as_windows, (project, tools / "windows", tools)))
    more = {name: value for name, value in os.environ.items() if name == UNTIL}
    with windows.shown():
        process = windows.start_python(
            *pytest,
            *words,
            more={"PYTHONPATH": path, OUTCOMES: as_windows(outcomes), **more},
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
        )
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
        return process.wait()


def calls(folder: Path, sample: bool) -> int:
    """Call every function over COM; returns pytest's exit status.

    In a sample, which continuous integration depends on, what fails is tried once more: Wine's COM is not Windows'.
    What passed only then is told.
    """
    until = earlier(os.environ) if sample else {}
    status = _called(folder, [HERE, *(("-m", "not whole") if sample else ())], until)
    failed = Outcomes(Path(os.environ.get(OUTCOMES, os.devnull))).failed
    if sample and status == 1 and failed:
        print("once more, what failed:", flush=True)
        status = _called(folder, failed, until)
    return status


def earlier(environment: Mapping[str, str]) -> dict[str, str]:
    """The end for the first of two parts, as an environment; nothing where there is no end."""
    if UNTIL not in environment:
        return {}
    now = time.time()
    return {UNTIL: repr(now + CALLS * (float(environment[UNTIL]) - now))}


def _called(folder: Path, tests: Sequence[str | Path], until: Mapping[str, str]) -> int:
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "timed", *QUIET, *tests],
        env={**os.environ, "XLROTATION_WINDOWS": str(folder.resolve()), "PYTHONPATH": path, **until},
        cwd=PROJECT,
    ).returncode


def without_com(windows: Windows) -> str:
    """Why no COM server starts here, not even one without our functions; nothing where one does."""
    with tempfile.TemporaryDirectory() as empty:
        try:
            with windows.shown():
                stopped = threading.Timer(STARTS, windows.end)
                stopped.start()
                try:
                    process = served(windows, Path(empty))
                finally:
                    stopped.cancel()
                process.kill()
                process.wait()
        except (OSError, RuntimeError) as error:
            return " ".join(str(error).split())
    return ""


def main(words: Sequence[str]) -> int:
    """Make and test; returns the exit status."""
    parser = argparse.ArgumentParser(description="Test on Python for Windows, under Wine.")
    parser.add_argument("folder", type=Path, help="where it is made and kept")
    parser.add_argument("tests", nargs="*", help="tests of the project, in the place of all and of the calls over COM")
    parser.add_argument("--sample", action="store_true", help="a sample of the tests")
    given, more = parser.parse_known_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _tested(given.folder, given.sample, given.tests, more)
    finally:
        Windows(given.folder).end()  # whatever a test that was stopped had started


def _tested(folder: Path, sample: bool, tests: Sequence[str], options: Sequence[str]) -> int:
    status = make.main([str(folder)])
    if status:
        return status
    windows = Windows(folder)
    failed = 0
    if not (tests or options):
        if why := without_com(windows):
            print(f"the tests on Windows were NOT run: {why}", file=sys.stderr)
            return make.UNAVAILABLE
        print("calls over COM:", flush=True)
        failed = calls(folder, sample)
        keep_status(failed, "the calls over COM")
    print("tests of the project on Python for Windows:", flush=True)
    done = suite(windows, tests or (SAMPLE if sample else WHOLE), options)
    keep_status(done, "the tests on Python for Windows")
    return int(bool(failed or done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
