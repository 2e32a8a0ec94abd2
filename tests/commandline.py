"""The command line as tests run it: in this process, in a home of its own."""

from __future__ import annotations

import pytest

from xlrotation.cli import main


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XLROTATION_SOURCE", raising=False)
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments):
    """Exit status, what was printed, and what was printed as errors."""
    status = main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err
