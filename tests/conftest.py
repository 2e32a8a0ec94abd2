"""Fixtures shared by all tests."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from tests.proofs.marked import pytest_runtest_call, pytest_runtest_makereport
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel

__all__ = ["pytest_runtest_call", "pytest_runtest_makereport"]  # hooks

os.environ["XLROTATION_FOLDER_CACHE"] = "off"  # tests of it say otherwise, and where its key lies
os.environ["XLROTATION_STRICT"] = "1"  # a fault of ours fails the test instead of becoming an error value

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("ci")


class FixedSource:
    """A source that holds one panel."""

    text = "test"

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def panel(self) -> Panel:
        return self._panel

    def reload(self) -> None:
        pass


def panel_of(closes: Mapping[str, object], last: str = "2026-02-13", **fields: Mapping[str, object]) -> Panel:
    """A panel of columns of closes (and further fields by symbol) that all end on session *last*."""
    arrays = {symbol: np.asarray(values, float) for symbol, values in closes.items()}
    n = max(len(values) for values in arrays.values())
    days = XNYS.sessions_between(dt.date(1950, 1, 3), dt.date.fromisoformat(last))[-n:]

    def table(columns: Mapping[str, object]) -> np.ndarray:
        out = np.full((n, len(arrays)), np.nan)
        for place, symbol in enumerate(arrays):
            if symbol in columns:
                values = np.asarray(columns[symbol], float)
                out[n - len(values) :, place] = values
        return out

    every = {"close": table(closes), **{name: table(columns) for name, columns in fields.items()}}
    return Panel(days, tuple(arrays), every, source="test")


@pytest.fixture
def session_of() -> Callable[..., Session]:
    """Make a session on columns of closes: ``session_of({"XLK": [...]}, last="2026-02-13")``."""

    def make(closes: Mapping[str, object], last: str = "2026-02-13", **fields: Mapping[str, object]) -> Session:
        return Session(FixedSource(panel_of(closes, last, **fields)), lang="en")

    return make


@pytest.fixture
def sample() -> Session:
    """A session on the sample data."""
    return Session("sample", lang="en")
