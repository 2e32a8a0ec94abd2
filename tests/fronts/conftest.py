"""Fixtures for the doors to spreadsheet programs."""

from __future__ import annotations

import pytest

from tests.fronts import com


@pytest.fixture(scope="module")
def excel():
    """xlwings' module that serves calls over COM, its own Windows engine included, and ``udfs.py`` published by it."""
    with com.excel() as served:
        yield served


@pytest.fixture
def call(excel):
    """Call a function as the VBA wrapper does; the result as Excel shows it: a value, or rows of values."""
    _, _, python = excel

    def called(name, *raw):
        return com.shown(python.CallUDF("udfs", name, raw, None, None))

    return called
