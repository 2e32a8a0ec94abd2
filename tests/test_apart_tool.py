"""What continuous integration tests apart from the suite: each way a sample can end is told, and only faults fail."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"
TESTS = """
import time

def test_one():
    pass

def test_two():
    if {late}:
        time.time = lambda: 1e12

def test_three():
    assert {holds}
"""
PROGRAM = """
import os, signal, subprocess, sys, time
{before}
words = "-m pytest -q -p no:cacheprovider -p timed -o addopts= -c /dev/null".split()
sys.exit(subprocess.run([sys.executable, *words, "{tests}"]).returncode)
"""
ALONE = {"PYTHONPATH": str(TOOLS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def play(
    folder: Path, seconds: float, before: str = "", late: bool = False, room: float = 0, holds: bool = True
) -> tuple[int, str]:
    """Have a program with three tests in the place of the samples; the status, and what was said."""
    (folder / "tests").mkdir()
    tests = folder / "tests" / "test_it.py"
    tests.write_text(TESTS.format(late=late, holds=holds), "utf-8")
    program = folder / "program.py"
    program.write_text(PROGRAM.format(before=before, tests=tests), "utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(TOOLS)!r}); import apart; apart.GRACE, apart.ROOM = 2.0, {room!r}\n"
        f"apart.SAMPLES = {{'the sample': (1.0, {str(program)!r}, 'here')}}\n"
        f"sys.exit(apart.main(['{seconds}', {str(folder / 'kept')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **ALONE})
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()[-1]


def test_what_passes_is_told_with_its_count(tmp_path: Path) -> None:
    status, told = play(tmp_path, 300)
    assert (status, told.partition(" (")[0]) == (0, "the sample: passed: 3 passed")


def test_a_test_that_fails_fails_it(tmp_path: Path) -> None:
    status, told = play(tmp_path, 300, holds=False)
    assert status == 1
    assert "FAILED: 2 passed, 1 failed: " in told
    assert "::test_three" in told


def test_a_suite_that_cannot_begin_fails_it(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text("import no_such_module", "utf-8")
    status = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "tests"], capture_output=True
    ).returncode
    code = (
        f"import sys, timed; timed.keep_status({status}, 'all'); print(*timed.Outcomes(timed.Path(sys.argv[1])).failed)"
    )
    more = {**ALONE, "XLROTATION_OUTCOMES": str(tmp_path / "outcomes")}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "outcomes"], capture_output=True, text=True, env={**os.environ, **more}
    )
    assert done.stdout.startswith("all: pytest ended with status 4")


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("print('no network here'); sys.exit(3)", "NOT RUN: no network here"),
        ("raise OSError('the disk is full')", "NOT RUN: it ended with status 1: OSError: the disk is full"),
        (
            "os.kill(os.getpid(), signal.SIGKILL)",
            "NOT RUN: it ended with status -9: it said nothing",
        ),
    ],
)
def test_what_cannot_be_had_is_told_and_fails_nothing(tmp_path: Path, before: str, reason: str) -> None:
    status, told = play(tmp_path, 300, before)
    assert (status, told.partition(" (")[0]) == (0, f"the sample: {reason}")


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    status, told = play(tmp_path, 300, room=1e30)
    assert status == 0
    assert told.startswith("NOT RUN: the sample: ")
    assert not list((tmp_path / "kept").iterdir())


def test_a_download_without_an_end_is_ended(tmp_path: Path) -> None:
    before = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    status, told = play(tmp_path, 3, before)
    assert (status, told.partition(" (")[0]) == (0, "the sample: NOT RUN: there was no more time")


def test_what_has_not_begun_in_time_is_left_out_and_told(tmp_path: Path) -> None:
    """The second test begins in time and ends after it; the third never begins."""
    status, told = play(tmp_path, 300, late=True)
    assert status == 0
    assert told.startswith("the sample: NOT RUN TO THE END: 2 passed, 1 late: there was no more time")


def test_a_failure_counts_although_the_rest_was_ended(tmp_path: Path) -> None:
    """What had failed by then is known from the file, whatever became of the program."""
    before = "open(os.environ['XLROTATION_OUTCOMES'], 'w').write('failed a test\\n'); os.abort()"
    status, told = play(tmp_path, 300, before)
    assert status == 1
    assert told.startswith("the sample: FAILED: 1 failed: a test")


@pytest.mark.parametrize(
    ("lines", "told", "failed"),
    [
        (["failed a", "passed a", "passed b"], "2 passed, 1 passed at the second try", []),
        (["passed a", "failed a"], "1 failed", ["a"]),  # its fixture failed after it
        (["failed a", "late a"], "1 failed", ["a"]),
        (["failed a", "failed a"], "1 failed", ["a"]),
    ],
)
def test_a_second_try_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: list[str], told: str, failed: list[str]
) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))
    timed = importlib.import_module("timed")
    (tmp_path / "outcomes").write_text("\n".join(lines), "utf-8")
    outcomes = timed.Outcomes(tmp_path / "outcomes")
    assert (str(outcomes), outcomes.failed) == (told, failed)


def test_a_test_that_ends_python_costs_the_rest_of_its_file_alone(tmp_path: Path) -> None:
    """As a hanging test on Windows, where pytest-timeout knows no other way."""
    folder = tmp_path / "tests" / "part"
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text("def test_it():\n    pass\n", "utf-8")
    (folder / "test_b.py").write_text("import os\n\ndef test_it():\n    os._exit(1)\n\ndef test_on(): pass\n", "utf-8")
    (folder / "test_c.py").write_text("import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert 0\n", "utf-8")
    code = f"""
import os, subprocess, sys
sys.path[:0] = [{str(TOOLS / "windows")!r}, {str(TOOLS)!r}]
import run

def here(windows, project, words, outcomes):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "timed", "-c", os.devnull]
    more = {{**os.environ, run.OUTCOMES: str(outcomes)}}
    return subprocess.run([*command, "--rootdir", run.PROJECT, *words], cwd=run.PROJECT, env=more).returncode

run.PROJECT, run._run, run.copied = run.Path({str(tmp_path)!r}), here, lambda project, to: project
sys.exit(run.suite(None, ["tests/part"]))
"""
    more = {name: value for name, value in os.environ.items() if not name.startswith("XLROTATION_")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**more, **ALONE})
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[-1] == "tests/part: 1 failed, 1 passed, 1 xfailed"


def test_slow_calls_over_com_leave_time_for_the_tests_of_the_project(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those of a sample end before its time does; those of a whole run have no end of their own."""
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.syspath_prepend(str(TOOLS / "windows"))
    run = importlib.import_module("run")
    given: list[dict[str, str]] = []

    def ran(*_: object, env: dict[str, str], **__: object) -> subprocess.CompletedProcess[str]:
        given.append(env)
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(run.time, "time", lambda: 1000.0)
    monkeypatch.setattr(run.subprocess, "run", ran)
    monkeypatch.setenv("XLROTATION_UNTIL", "1100.0")
    run.calls(tmp_path, sample=True)
    run.calls(tmp_path, sample=False)
    monkeypatch.delenv("XLROTATION_UNTIL")
    run.calls(tmp_path, sample=True)
    assert [each.get("XLROTATION_UNTIL") for each in given] == ["1060.0", "1100.0", None]
