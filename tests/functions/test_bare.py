"""Every function on the first sessions, and over ranges in which nothing can be read: a reason, and no failure.

Sessions of tests raise where a function fails; in a workbook its whole formula would be one #NUM!.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import FixedSource
from tests.reports.test_lacking import last_rows
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_formula

SAMPLE = Session("sample", lang="en")
MANY = sorted(name for name in SAMPLE.names if SAMPLE.spec(name).many is not None)
ERRORS: list[object] = [[CellError.NA]] * 60


@pytest.mark.parametrize("rows", [1, 2])
def test_every_example_on_the_first_sessions(rows: int) -> None:
    panel = last_rows(SAMPLE.panel, np.datetime64("2026-02-13"), rows)
    session = Session(FixedSource(panel), lang="en")
    for name in session.names:
        evaluate_formula(session.spec(name).example, session)


@pytest.mark.parametrize("name", MANY)
def test_over_a_range_of_errors_each_cell_is_one(name: str) -> None:
    for place, parameter in enumerate(SAMPLE.spec(name).parameters):
        result = SAMPLE.call(name, *[None] * place, ERRORS)
        if parameter.kind.spills:
            assert result is CellError.NA or result == ERRORS, place
        else:  # the range is one argument, a list of symbols
            assert isinstance(result, CellError), place


def test_advances_of_a_first_session_are_not_known() -> None:
    panel = last_rows(SAMPLE.panel, np.datetime64("2026-02-13"), 1)
    assert Session(FixedSource(panel), lang="en").call("BRD_AD") is CellError.NA
