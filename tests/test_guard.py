"""Whatever ends a process ends its children and removes its folders."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.batch.helpers import write_plan
from tests.fronts.serving import signals_as_usual
from tests.workbook.books import make_book
from xlrotation import guard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

LONG = 120
"""Seconds that something may take on a busy machine before it counts as not happening."""

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name)


def until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LONG
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    if Path("/proc/self/stat").exists():
        return False
    with contextlib.suppress(OSError):
        os.kill(process, 0)
        return True
    return False


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A LibreOffice that notes its processes and hangs with a child that hears no polite signal."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "soffice"
    child = "import os, signal, time; signal.signal(15, 1); signal.signal(1, 1); print(os.getpid(), flush=True)"
    program.write_text(
        f"#!/bin/sh\necho $$ >> {tmp_path}/processes\n{sys.executable} -c '{child}; time.sleep(600)' >> "
        f"{tmp_path}/processes &\nwait\nsleep 600\n"
    )
    program.chmod(0o755)
    return folder


def started(arguments: list[str], tmp_path: Path, office: Path) -> subprocess.Popen[str]:
    """A command of its own, whose temporary files go to a folder of its own."""
    (tmp_path / "tmp").mkdir(exist_ok=True)
    surroundings = os.environ | {"PATH": f"{office}:{os.environ['PATH']}", "TMPDIR": str((tmp_path / "tmp").resolve())}
    return subprocess.Popen(
        [sys.executable, "-m", "xlrotation", *arguments],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=signals_as_usual,
    )


def noted(tmp_path: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(line) for line in (tmp_path / "processes").read_text().split()]
    return []


@SIGNALS
def test_an_export_that_is_ended_leaves_nothing(tmp_path: Path, office: Path, number: signal.Signals) -> None:
    book = make_book(tmp_path / "book.xlsx", {"S": {"A1": "hello"}})
    process = started(["export", str(book), "-o", str(tmp_path / "out"), "--pdf"], tmp_path, office)
    assert until(lambda: len(noted(tmp_path)) == 2)
    assert list((tmp_path / "tmp").iterdir())
    process.send_signal(number)
    said = process.communicate(timeout=LONG)
    assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    assert said == ("", "")
    assert until(lambda: not any(map(alive, noted(tmp_path))))
    assert until(lambda: not list((tmp_path / "tmp").iterdir()))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"book.xlsx"}


@pytest.fixture(params=["short", "long"])
def temporary(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """A folder for temporary files so near, or so deep, that a socket in it can have a name, or cannot."""
    if request.param == "short":
        with tempfile.TemporaryDirectory(dir="/tmp") as near:
            (tmp_path / "tmp").symlink_to(near)
            yield
    else:
        deep = tmp_path / ("deep" * 30)
        deep.mkdir()
        (tmp_path / "tmp").symlink_to(deep)
        yield


@SIGNALS
@pytest.mark.usefixtures("temporary")
def test_a_batch_that_is_ended_leaves_nothing(tmp_path: Path, office: Path, number: signal.Signals) -> None:
    plan = write_plan(tmp_path, 4, 'formats = "pdf"')
    process = started(["batch", str(plan), "--workers", "2"], tmp_path, office)
    assert until(lambda: len(noted(tmp_path)) == 4)
    workers = children(process.pid)
    assert len(workers) >= 2
    process.send_signal(number)
    said, complained = process.communicate(timeout=LONG)
    assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    assert said == ""
    assert complained.strip() in ("", "stopped; the same command does what is missing")
    assert until(lambda: not any(map(alive, (*noted(tmp_path), *workers))))
    assert until(lambda: not list((tmp_path / "tmp").iterdir()))


def children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return [int(child) for child in subprocess.check_output(["pgrep", "-P", str(process)], text=True).split()]


@pytest.mark.usefixtures("temporary")
def test_a_worker_whose_parent_has_gone_says_nothing(tmp_path: Path, office: Path) -> None:
    """The job ends after the parent: there is nobody to take its report."""
    plan = write_plan(tmp_path, 6, "asof = { from = 2026-01-02, to = 2026-02-13 }")
    process = started(["batch", str(plan), "--workers", "2"], tmp_path, office)
    assert until(lambda: len(list(tmp_path.rglob("out/**/*.xlsx"))) > 2)
    workers = children(process.pid)
    process.kill()
    assert process.communicate(timeout=LONG) == ("", "")  # closed only when the workers, too, have ended
    assert until(lambda: not any(map(alive, workers)))
    assert until(lambda: not list((tmp_path / "tmp").iterdir()))


def test_a_hang_up_that_is_ignored_stays_so(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from xlrotation.ending import to_the_end\n"
        "print(to_the_end(lambda: os.kill(os.getpid(), signal.SIGHUP) or 7))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path).strip() == "7"


def test_what_a_child_says_is_kept_to_a_bound(tmp_path: Path) -> None:
    """Of 200 MB the last words are kept, and little memory is used."""
    code = (
        "import resource, sys\n"
        "from xlrotation import guard\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "done = guard.run(['sh', '-c', 'head -c 200000000 /dev/zero; echo the end; exit 3'], 300)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, done.status, done.said[-7:])"
    )
    grown, *rest = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path).split(maxsplit=2)
    assert rest == ["3", "the end\n"]
    assert int(grown) < 20_000


def test_an_endless_talker_is_ended_in_time() -> None:
    with pytest.raises(TimeoutError):
        guard.run(["sh", "-c", "yes & yes"], 0.5)


def test_what_a_child_leaves_running_ends_with_it() -> None:
    done = guard.run(["sh", "-c", "sleep 600 & echo $!"], 60)
    assert done.status == 0
    assert until(lambda: not alive(int(done.said)))


def test_a_child_writes_no_file_beyond_its_bound(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux bounds another process")
    guard.run(["sh", "-c", f"sleep 0.5; head -c 3000000 /dev/zero > {tmp_path}/large"], 60, largest=1_000_000)
    assert (tmp_path / "large").stat().st_size <= 1_000_000


def test_a_folder_goes_at_the_end_and_after_a_failure() -> None:
    with guard.scratch("xlrotation-test-") as folder:
        (folder / "deep").mkdir()
        (folder / "deep/file").touch()
    assert not folder.exists()
    with pytest.raises(ZeroDivisionError), guard.scratch("xlrotation-test-") as folder:
        _ = 1 / 0
    assert not folder.exists()


def test_a_signal_ends_what_the_interpreter_is_held_up_by(tmp_path: Path) -> None:
    """Native code that hangs and does not let the interpreter run: no handler in Python can end that."""
    code = (
        "import collections, itertools; from xlrotation import guard; from xlrotation.ending import to_the_end\n"
        "def hang():\n"
        "    with guard.scratch('xlrotation-test-') as folder:\n"
        "        print(folder, flush=True)\n"
        "        collections.deque(itertools.repeat(None), maxlen=0)\n"
        "guard.STUCK = 0.5\n"
        "to_the_end(hang)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    time.sleep(0.5)
    process.terminate()
    assert process.wait(LONG) == -signal.SIGKILL
    assert until(lambda: not folder.exists())
    process.stdout.close()


def test_a_slow_but_orderly_end_is_waited_for(tmp_path: Path) -> None:
    code = (
        "import os, signal, time; from xlrotation import guard; from xlrotation.ending import to_the_end\n"
        "def slow():\n"
        "    with guard.scratch('xlrotation-test-'):\n"
        "        try: os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)\n"
        "        except KeyboardInterrupt: time.sleep(2); print('in order', flush=True)\n"
        "guard.STUCK = 0.5\n"
        "raise SystemExit(to_the_end(slow))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "in order\n", "")
