"""The audit of dependencies: what it says of an answer, of a part of one, and of none."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "audit.py"


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, vulnerable: str = "", skip: tuple[str, ...] = (), text: str = ""
) -> list[str]:
    """Make pip-audit answer; gives what it was asked for."""
    asked: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.extend(Path(command[-1]).read_text("utf-8").split())
        entries: list[dict[str, object]] = []
        for name, _, version in (line.partition("==") for line in asked):
            entry: dict[str, object] = {"name": name, "version": version, "vulns": []}
            if name == vulnerable:
                entry["vulns"] = [{"id": "PYSEC-1", "fix_versions": ["9"]}]
            entries.append({"name": name, "skip_reason": "not found"} if name in skip else entry)
        return subprocess.CompletedProcess(
            command, 1, text or json.dumps({"dependencies": entries}), "no route to host"
        )

    monkeypatch.setattr(audit.subprocess, "run", run)
    return asked


def test_all_that_is_declared_and_needed_is_asked_for(audit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(audit, monkeypatch)
    assert audit.main() in (audit.FINE, audit.UNKNOWN)
    names = {line.partition("==")[0] for line in asked}
    assert {"numpy", "openpyxl", "lxml", "yfinance", "filelock"} <= names  # declared
    assert {"python-dateutil", "requests", "urllib3"} <= names  # needed by those
    assert "pytest" not in names


def test_what_is_vulnerable_is_named(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(audit, monkeypatch, vulnerable="lxml")
    assert audit.main() == audit.VULNERABLE
    assert "PYSEC-1; mended in 9" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "no JSON", "[]", "null"])
def test_without_an_answer_it_says_so(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    answer(audit, monkeypatch, text=text or "\n")
    assert audit.main() == audit.UNKNOWN
    assert "could not be done: pip-audit, or the network" in capsys.readouterr().err


def test_what_was_left_out_is_not_fine(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(audit, monkeypatch, skip=("numpy",))
    assert audit.main() == audit.UNKNOWN
    assert "not audited: 1 of" in capsys.readouterr().err
