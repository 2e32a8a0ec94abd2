"""What a test marked as a proof owes when it runs: it calls its functions, and it is not skipped."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest

from xlrotation.functions.boundary.session import Session


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a proof that never calls a function that it names."""
    wanted = {name for mark in item.iter_markers("proves") for name in mark.args}
    if not wanted:
        return (yield)
    called: set[str] = set()
    call = Session.call

    def counting(self: Session, name: str, *arguments: object) -> object:
        called.add(name.upper())
        return call(self, name, *arguments)

    with mock.patch.object(Session, "call", counting):
        yield
    if wanted - called:
        pytest.fail(f"never calls {', '.join(sorted(wanted - called))}, which it says to prove", pytrace=False)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail a proof that is skipped or expected to fail."""
    report = yield
    if report.outcome == "skipped" and next(item.iter_markers("proves"), None):
        report.outcome = "failed"
        report.longrepr = f"skipped, but a proof must run everywhere: {report.longrepr}"
    return report
