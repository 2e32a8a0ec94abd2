"""Bars on a terminal, and silence where there is none."""

from __future__ import annotations

import io

import pytest

from xlrotation.progress import counted, steps


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_written_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with steps("exporting", 3) as step, counted("symbols") as told:
        step("a")
        assert told is None
    import sys

    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]


def test_bars_count_on_a_terminal_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    for work in ("steps", "counted"):
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        if work == "steps":
            with steps("exporting", 2) as step:
                step("first")
                step("second")
            assert "exporting second" in terminal.getvalue()
        else:
            with counted("symbols") as told:
                assert told is not None
                told(1, 2)
                told(2, 2)
            assert "symbols" in terminal.getvalue()
        assert "2/2" in terminal.getvalue()
        assert terminal.getvalue().endswith("\x1b[2K")  # the line is wiped
