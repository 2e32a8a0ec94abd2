"""The Windows of a test run: ``make test-windows`` makes it and names its folder in ``XLROTATION_WINDOWS``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from excel import Excel
from wine import Windows, copied, served

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def windows() -> Iterator[Windows]:
    with Windows(Path(os.environ["XLROTATION_WINDOWS"])).shown() as here:
        yield here


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A copy of the project, whose path has a space."""
    return copied(PROJECT, tmp_path_factory.mktemp("the project") / "xl rotation")


@pytest.fixture(scope="session")
def server(windows, project) -> Iterator[subprocess.Popen[str]]:
    """xlwings' COM server with our functions."""
    process = served(windows, project)
    yield process
    process.kill()
    process.wait()  # its output stays open as long as a program that it started lives


@pytest.fixture(scope="session")
def by_server(windows, server) -> Iterator[Excel]:
    """Excel with a running server."""
    here = Excel(windows)
    yield here
    here.close()


@pytest.fixture(scope="session")
def by_library(windows, project) -> Iterator[Excel]:
    """Excel with a process that xlwings' own library starts."""
    here = Excel(windows, project)
    yield here
    here.close()


@pytest.fixture(params=["server", "library"])
def excel(request) -> Iterator[Excel]:
    """Excel, both ways; what is asked of it that is not played is a fault of these tests."""
    here = request.getfixturevalue(f"by_{request.param}")
    yield here
    assert not here.unplayed
