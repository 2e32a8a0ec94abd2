"""The tool that tests with other versions: what it says where nothing can be tested."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).parents[1] / "tools"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("floors_tool", TOOLS / "floors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "ascii")
    path.chmod(0o755)
    return path


def test_a_python_that_does_not_run_is_named(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for python in ("no-such-python", str(program(tmp_path / "shim", "exit 127"))):
        assert tool.main([str(tmp_path / "made"), "--python", python]) == tool.UNAVAILABLE
        assert f"nothing was tested: {python} is no Python that runs here" in capsys.readouterr().err


@pytest.mark.parametrize("network", [True, False])
def test_contradicting_bounds_are_a_failure_where_there_is_a_network(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: bool
) -> None:
    """Without one, pip speaks of conflicts as well."""
    for folder in ("core", "server-mcp"):
        program(tmp_path / folder / "bin" / "python", "exit 0" if network else "exit 1")
    monkeypatch.setattr(tool, "make", lambda *_: "ERROR: these package versions have conflicting dependencies")
    assert tool.main([str(tmp_path), "--sample"]) == (1 if network else tool.UNAVAILABLE)


def test_the_oldest_versions_are_those_of_the_project_file(tool: ModuleType) -> None:
    lines, held = tool.wanted(())
    assert any(line.startswith("numpy>=2.0") for line in lines)
    assert "numpy==2.0" in held
    assert not any(version.startswith("uvicorn") for version in held)
    assert any(version.startswith("uvicorn==") for version in tool.wanted(("server", "mcp"))[1])
