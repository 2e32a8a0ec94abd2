"""Conventions of levels: less dividends paid since, inside the day's range, and sources that do not say what they hold."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt

import pytest

from xlrotation.functions.auditing import binding, conventions
from xlrotation.functions.auditing.audit import audit, book_of
from xlrotation.functions.auditing.verdicts import UNADJUSTED, Judge, Verdict

DAY = dt.date(2025, 11, 3)


def test_a_close_less_later_dividends_is_explained(sample):
    last = book_of(sample.panel).sessions.last
    table = sample.call("PX_HISTORY", "XLK", DAY, last, "total", False)
    adjusted, close = float(table[0][1]), sample.call("PX_CLOSE", "XLK", DAY)
    assert adjusted < close - 0.05
    found = audit(f"XLK closed at {adjusted:.2f} on 3 November 2025.", sample, DAY).measured[0]
    assert found.verdict == Verdict.CONVENTION
    assert found.convention == conventions.ADJUSTED.of(day=str(last))


def judged(sample, values):
    """A level of 100.50 judged on the values of formulas that begin so."""
    book = book_of(sample.panel)
    read = binding.read("NVDA closed at 100.50 on 3 November 2025. NVDA fell 1.00% that day.", book, DAY)
    judge = Judge(
        lambda formula: next((v for k, v in values.items() if formula.startswith(k)), None), book.sessions, frozenset()
    )
    return judge.judge(read.bound, read.date)


LEVEL = {'=INDEX(PX_HISTORY("NVDA","2025-11-03","2026': 98.0, "=PX_CLOSE": 99.0, "=PX_RET": -0.01, '=INDEX(PX_HISTORY("NVDA","2025-11-03","2025-11-03","open"': 99.1}  # fmt: skip


@pytest.mark.parametrize(("reach", "verdict"), [(40.0, Verdict.CONVENTION), (5.0, Verdict.DIFFERS)])
def test_a_narrow_range_of_the_day_explains_a_level_inside_it_and_a_wide_one_does_not(sample, reach, verdict):
    day = '=INDEX(PX_HISTORY("NVDA","2025-11-03","2025-11-03",'
    found = judged(sample, LEVEL | {f'{day}"high"': 101.0, f'{day}"low"': 98.5, "=MAX(": reach})[0]
    assert found.verdict == verdict
    if verdict is Verdict.CONVENTION:
        assert found.convention == conventions.IN_RANGE
        assert found.chance == pytest.approx(2.5 / 40)


def test_a_source_that_does_not_tell_its_dividends_accuses_nobody(sample):
    values = {key: value for key, value in LEVEL.items() if "2026" not in key}
    found = judged(sample, values)[0]
    assert found.verdict == Verdict.AMBIGUOUS
    assert UNADJUSTED in found.notes
