"""The audit workbook by itself: a reading chosen or a formula typed gives difference and verdict anew."""

from __future__ import annotations

import datetime as dt
import os

import openpyxl
import pytest

from tests.workbook.test_natives import with_libreoffice
from xlrotation.audits import paper
from xlrotation.functions.auditing.audit import audit
from xlrotation.functions.auditing.verdicts import Verdict
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.pdf import find_libreoffice
from xlrotation.workbook.package.book import read_book

DAY = dt.date(2026, 1, 16)


def text_of(session):
    """One figure of each relation, one that its second reading fits, one that a convention fits, one wrong."""
    since = 100 * session.call("PX_RET_BETWEEN", "^RUT", "2025-10-31", DAY)
    opened = 100 * session.call("PX_RET", "^RUT", "1W", DAY, "price", "OPEN")
    day = 100 * session.call("PX_RET", "^GSPC", "1D", DAY)
    vix = session.call("PX_CLOSE", "^VIX", DAY)
    return (
        f"Since 3 November 2025 the Russell 2000 has moved {since:+.2f}%. For the week the Russell 2000 moved "
        f"{opened:+.2f}%. The S&P 500 moved {day:+.2f}% on the day. The Nasdaq fell 9.87% on the day. "
        f"The VIX closed above {vix - 1:.1f}. The VIX closed below {vix - 1:.1f}. "
        f"The VIX closed at {vix - 1:.1f}-{vix + 1:.1f}. The VIX closed at about {vix:.1f}."
    )


@pytest.fixture
def book(sample, tmp_path):
    found = audit(text_of(sample), sample, DAY)
    path = tmp_path / "audit.xlsx"
    path.write_bytes(paper.written(found, "en"))
    return found, path


def verdicts(path, session, overrides=None):
    result = evaluate_workbook(path, session, overrides)
    assert not result.problems
    cells = result.values["Audit"]
    return [cells[row, 7] for row in range(2, 10)], cells


def test_the_workbook_comes_to_the_verdicts_of_the_audit(book, sample):
    found, path = book
    live, cells = verdicts(path, sample)
    assert live == [str(one.verdict) for one in found.measured]
    assert {Verdict.AGREES, Verdict.CONVENTION, Verdict.DIFFERS} <= {one.verdict for one in found.measured}
    for row, one in enumerate(found.measured, 2):
        assert cells[row, 5] == pytest.approx(one.computed)
        if one.bound.figure.relation != "range":
            assert cells[row, 6] == pytest.approx(one.difference)


def test_another_reading_gives_value_formula_and_verdict_anew(book, sample):
    found, path = book
    first = found.measured[0]
    assert first.verdict == Verdict.AGREES
    assert first.reading == first.bound.readings[1]
    live, cells = verdicts(path, sample, {"Audit!L2": 1})
    assert live[0] == "differs"
    assert cells[2, 10] == first.bound.readings[0].formula[1:]
    assert cells[2, 5] == pytest.approx(100 * sample.call("PX_RET_BETWEEN", "^RUT", "2025-11-03", DAY))
    live, cells = verdicts(path, sample, {"Audit!L3": 1})  # the reading in place of the convention
    assert live[1] == "differs"
    assert cells[3, 8] in ("", None)


def test_a_formula_typed_over_gives_difference_and_verdict_anew(book, sample):
    _, path = book
    live, cells = verdicts(path, sample, {"Audit!I5": -0.0987, "Audit!I4": 0.5})
    assert live[3] == "agrees"
    assert live[2] == "differs"
    assert cells[4, 5] == pytest.approx(50)
    assert cells[5, 6] == pytest.approx(0)


def test_what_has_no_value_needs_data(book, sample):
    _, path = book
    live, _ = verdicts(path, sample, {"Audit!I5": "x"})
    assert live[3] == "needs data"


@pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)
def test_libreoffice_comes_to_the_same_verdicts(book, tmp_path):
    """It has no function of ours: their values are typed in their cells, as a reader would."""
    found, path = book
    typed = openpyxl.load_workbook(path)
    sheet = typed["Audit"]
    stored = openpyxl.load_workbook(path, data_only=True)["Audit"]
    for row in range(2, 10):
        sheet[f"I{row}"].value = stored[f"I{row}"].value
    sheet["I5"].value, sheet["I4"].value = -0.0987, 0.5
    typed.save(tmp_path / "typed.xlsx")
    judge = read_book(with_libreoffice(tmp_path / "typed.xlsx", tmp_path)).sheets
    values = next(one.values for one in judge if one.name == "Audit")
    expected = [str(one.verdict) for one in found.measured]
    expected[3], expected[2] = "agrees", "differs"
    assert [values[row, 7] for row in range(2, 10)] == expected
