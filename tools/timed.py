"""A plug-in of pytest for tests that have a time: what has not begun by then is left out, and each outcome is kept.

``XLROTATION_UNTIL`` is the moment in seconds since 1970, ``XLROTATION_OUTCOMES`` a file that gets a line for each test
as soon as it has ended: so whoever has to end the run knows what it had shown.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

UNTIL, OUTCOMES = "XLROTATION_UNTIL", "XLROTATION_OUTCOMES"
LATE = "out of time"


def environment(until: float, outcomes: str) -> dict[str, str]:
    """What the tests are told by; nothing where there is no end."""
    return {UNTIL: repr(until), OUTCOMES: outcomes} if until != float("inf") else {OUTCOMES: outcomes}


def file_of(nodeid: str) -> str:
    """The file of a test."""
    return nodeid.partition("::")[0]


class Outcomes:
    """What a file of outcomes tells: the last of each test; what had failed is not undone by being left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self.last: dict[str, str] = {}
        again = 0
        for word, _, name in (line.partition(" ") for line in lines):
            if self.last.get(name) != "failed" or word == "passed":
                again += self.last.get(name) == "failed"
                self.last[name] = word
        self.counts = Counter(self.last.values())
        self.counts["passed at the second try"] = again
        self.failed = [name for name, word in self.last.items() if word == "failed"]

    def __str__(self) -> str:
        words = ("passed", "failed", "late", "passed at the second try")
        return ", ".join(f"{self.counts[word]} {word}" for word in words if self.counts[word]) or "no test ended"

    def close(self) -> str:
        """The test in which its program ended, which is kept as failed; nothing where all came to their ends."""
        begun = [name for name, word in self.last.items() if word == "begun"]
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(f"failed {name}\n" for name in begun)
        return begun[-1] if begun else ""

    def by_folder(self) -> list[str]:
        """A line for each folder, with its counts."""
        folders: dict[str, Counter[str]] = {}
        for name, word in self.last.items():
            folder = file_of(name).rpartition("/")[0]
            folders.setdefault(folder, Counter())[word] += 1
        return [
            f"{folder}: " + ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items()))
            for folder, counts in folders.items()
        ]


def keep_status(status: int, what: str) -> None:
    """After a run of pytest: where it could not even begin, as with a fault in a conftest.py, no test has said so."""
    kept = os.environ.get(OUTCOMES)
    if kept and status in (1, 2, 3, 4) and not Outcomes(Path(kept)).failed:
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(f"failed {what}: pytest ended with status {status}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest ask it."""
    config.pluginmanager.register(Timed(os.environ.get(UNTIL, "inf"), os.environ.get(OUTCOMES, "")), "timed tests")


class Timed:
    """Looks at the clock, and keeps what came of each test."""

    def __init__(self, until: str, outcomes: str) -> None:
        self.until = float(until)
        self.outcomes = Path(outcomes) if outcomes else None

    def keep(self, word: str, names: Iterable[str]) -> None:
        if self.outcomes:
            with self.outcomes.open("a", encoding="utf-8") as file:
                file.writelines(f"{word} {name}\n" for name in names)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Before any fixture of the test."""
        if time.time() > self.until:
            pytest.skip(LATE)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.keep("begun", [nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.keep("failed", [report.nodeid])
        elif report.skipped and hasattr(report, "wasxfail"):
            self.keep("xfailed", [report.nodeid])
        elif report.skipped:
            late = isinstance(report.longrepr, tuple) and report.longrepr[2].endswith(LATE)
            self.keep("late" if late else "skipped", [report.nodeid])
        elif report.when == "call":
            self.keep("passed", [report.nodeid])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.keep("failed", [report.nodeid])
