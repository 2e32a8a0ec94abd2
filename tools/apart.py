"""What continuous integration tests apart from the suite: ``python tools/apart.py SECONDS [FOLDER]``.

A sample of the tests on Windows' Python, and one with the oldest versions of the dependencies, one after the other,
within SECONDS; what they need is made and kept in FOLDER (that of the user's caches where none is named). Each ends
with a line: passed, FAILED, NOT RUN, or NOT RUN TO THE END; all but the first say why. Exit status 1 where a test
failed, and only then: what cannot be had from a network or made on this computer, and what time was too short for, is
no fault of the project, but is said.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from timed import Outcomes, environment

HERE = Path(__file__).parent
sys.path.append(str(HERE / "windows"))

from wine import Windows  # noqa: E402 (it lies in that folder)

UNAVAILABLE = 3
GRACE = 15.0
"""What a test that has begun gets beyond the time, in seconds; then the same for ending."""

ROOM = 6e9
"""Bytes that must be free: what they make takes half of that, and the tests of the suite need some, too."""

SAMPLES = {"Windows' Python": (0.62, "windows/run.py", "windows"), "the oldest versions": (1.0, "floors.py", "floors")}
"""By name: the part of the time at whose end each ends, its program, its folder."""


def verdict(status: int | None, outcomes: Outcomes, last: str) -> tuple[str, bool]:
    """What is said of a sample, and whether it failed.

    Args:
        status: With which it ended; None where it had to be ended.
        outcomes: What its tests had shown by then.
        last: The last line that it said.
    """
    if outcomes.failed:
        return f"FAILED: {outcomes}: {', '.join(outcomes.failed)}", True
    if status == 0 and outcomes.counts["passed"] and not outcomes.counts["late"]:
        return f"passed: {outcomes}", False
    why = {None: "there was no more time", 0: "there was no more time", UNAVAILABLE: last}
    reason = why.get(status, f"it ended with status {status}: {last}")
    if outcomes.counts["passed"]:
        return f"NOT RUN TO THE END: {outcomes}: {reason}", False
    return f"NOT RUN: {reason}", False


class Sample:
    """A program that tests, in a process group of its own."""

    def __init__(self, words: Sequence[str], until: float, outcomes: Path) -> None:
        self.until, self.outcomes = until, outcomes
        self.last = "it said nothing"
        more = environment(until - GRACE, str(outcomes))
        self.process = subprocess.Popen(
            words,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with contextlib.suppress(ValueError, OSError):
            for line in self.process.stdout:
                print(line, end="", flush=True)
                self.last = line.strip() or self.last

    def ended(self) -> tuple[str, bool]:
        """Wait for it, not beyond its time; the verdict."""
        status: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self.process.wait(max(0.0, self.until - time.time()))
        self.end()
        self.reader.join(5)  # a process that it left behind may hold its output open
        return verdict(status, Outcomes(self.outcomes), self.last)

    def end(self) -> None:
        """End it and its group, which may clean up first."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def folder_of_caches() -> Iterator[Path]:
    """Where things may be kept, best first."""
    with contextlib.suppress(RuntimeError):
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    yield HERE.parent / "build"


def kept(named: Sequence[str]) -> Path:
    """The folder, made."""
    for parent in [Path(name) for name in named] or [each / "xlrotation-apart" for each in folder_of_caches()]:
        with contextlib.suppress(OSError):
            parent.mkdir(parents=True, exist_ok=True)
            if os.access(parent, os.W_OK):
                return parent.resolve()
    raise SystemExit("no folder can be written to")


def main(words: Sequence[str]) -> int:
    """Test; returns the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder, began, seconds, failed = kept(words[1:2]), time.time(), float(words[0]), False
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        print(f"NOT RUN: {', '.join(SAMPLES)}: {free / 1e9:.1f} GB of the disk are free, {ROOM / 1e9:.1f} are needed")
        return 0
    told = []
    for name, (part, program, place) in SAMPLES.items():
        print(f"a sample of the tests: {name}", flush=True)
        with tempfile.TemporaryDirectory() as made:
            start = time.time()
            command = [sys.executable, str(HERE / program), str(folder / place), "--sample"]
            sample = Sample(command, began + part * seconds, Path(made) / "outcomes")
            try:
                text, wrong = sample.ended()
            finally:
                sample.end()
                if place == "windows":
                    Windows(folder / place).end(GRACE)
        told.append(f"{name}: {text} ({time.time() - start:.0f} s)")
        failed = failed or wrong
    print(*told, sep="\n", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
