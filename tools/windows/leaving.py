"""A plug-in of pytest on the Windows Python: the tests that ``cannot.txt`` names may fail, and each line must have one.

So no line stays that is no longer true, and whatever else fails is a failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

CANNOT = Path(__file__).with_name("cannot.txt")


def listed() -> dict[str, str]:
    """Tests, or files of them, and why they cannot run there."""
    lines = [line.strip() for line in CANNOT.read_text("utf-8").splitlines()]
    pairs = [line.partition(" | ") for line in lines if line and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, _, reason in pairs}


def line_of(nodeid: str, names: Sequence[str]) -> str | None:
    """The line that names a test: whole, without what it is given, or by its file."""
    for form in (nodeid, nodeid.partition("[")[0], nodeid.partition("::")[0]):
        if form in names:
            return form
    return None


class Leaving:
    """Marks the tests, and sees which of them fail."""

    def __init__(self) -> None:
        self.reasons = listed()
        self.met: set[str] = set()
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if name := line_of(item.nodeid, list(self.reasons)):
                item.add_marker(pytest.mark.xfail(reason=self.reasons[name], strict=False))
                self.met.add(name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and hasattr(report, "wasxfail") and (name := line_of(report.nodeid, list(self.met))):
            self.failed.add(name)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.met - self.failed and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in sorted(self.met - self.failed):
            terminalreporter.write_line(f"cannot.txt names {name}, which passes: take it out", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest ask it."""
    config.pluginmanager.register(Leaving(), "what cannot run")
