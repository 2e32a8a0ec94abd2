"""Fixtures of the proofs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.proofs.published import rows
from xlrotation.functions.boundary.session import Session

LATEST = "2026-02-09"


@pytest.fixture
def indices(session_of: Callable[..., Session]) -> Session:
    """The published closes of the Russell 2000 and the S&P 500 up to 2026-02-09."""
    table = rows("index_closes.csv")
    session = session_of({"^RUT": [r["rut"] for r in table], "^GSPC": [r["spx"] for r in table]}, last=LATEST)
    assert [str(day) for day in session.panel.days.tolist()] == [r["day"] for r in table]
    return session


@pytest.fixture
def year_2022(session_of: Callable[..., Session]) -> Callable[[dict[str, float]], Session]:
    """A market whose symbols make the given percentages in 2022, at an even pace from 100 at the end of 2021."""

    def make(percent: dict[str, float]) -> Session:
        pace = np.linspace(0, 1, 252)
        closes = {symbol: 100 * (1 + value / 100) ** pace for symbol, value in percent.items()}
        session = session_of(closes, last="2022-12-30")
        assert str(session.panel.days[0]) == "2021-12-31"
        return session

    return make
