import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.mac.fedwatch import _before_and_after
from xlrotation.measures import fedwatch, macro

# US unemployment rate in percent, January 2023 to September 2025, as FRED had it in March 2026 (series UNRATE).
UNRATE = [
    *(3.5, 3.6, 3.5, 3.4, 3.6, 3.6, 3.5, 3.7, 3.8, 3.9, 3.7, 3.8),
    *(3.7, 3.9, 3.9, 3.9, 3.9, 4.1, 4.2, 4.2, 4.1, 4.1, 4.2, 4.1),
    *(4.0, 4.2, 4.2, 4.2, 4.3, 4.1, 4.3, 4.3, 4.4),
]


def column(values):
    return [[value] for value in values]


def test_9_1_sahm_by_hand(sample):
    rates = column([4.0] * 14 + [4.9])
    assert sample.call("MAC_SAHM", rates) == pytest.approx(0.30)  # the mean of three rises by a third of 0.9
    assert sample.call("MAC_SAHM", column([4.0] * 12 + [5.0] * 3)) == 1.0
    assert sample.call("MAC_SAHM", column([4.0] * 14)) is CellError.NA
    assert sample.call("MAC_SAHM", column([4.0] * 13 + [4.0, None])) is CellError.NA
    assert sample.call("MAC_SAHM", column([4.0] * 12 + [None, None, 4.0])) is CellError.NA


def test_9_1_a_month_that_was_never_published(sample):
    # October 2025. Econbrowser of December 2025, with September 4.4, November 4.6 and October interpolated: 0.43; the
    # mean of the two months is the same.
    sample = sample.pinned(apart=True)
    november = [4.1, 4.0, 4.1, 4.2, 4.2, 4.2, 4.1, 4.2, 4.3, 4.3, 4.4, None, 4.6]
    months = column([4.1, 4.2, *november])
    assert sample.call("MAC_SAHM", months) == pytest.approx(0.43)
    assert sample.call("MAC_SAHM", column([4.1, 4.2, *november[:11], 4.5, 4.6])) == pytest.approx(0.43)
    assert list(sample.remarks) == [
        "no rate 1 months before the last: three-month means with that month are of the other two"
    ]
    # It goes on: November has a mean, and a year later October's own is simply not there.
    later = [*november, 4.4, 4.3, 4.4, 4.3, 4.3, 4.3, 4.3, 4.3, 4.3, 4.3, 4.3, 4.3]
    for end in range(13, len(later) + 1):
        assert isinstance(sample.call("MAC_SAHM", column([4.1, 4.2, *later[:end]])), float), end
    low = (4.1 + 4.0 + 4.1) / 3
    assert sample.call("MAC_SAHM_TRIGGER", months, 3) == pytest.approx(low + 0.5)
    assert sample.call("MAC_SAHM_TRIGGER", months, 2) == pytest.approx((3 * (low + 0.5) - 4.6) / 2)
    assert sample.call("MAC_SAHM_TRIGGER", months, 1) == pytest.approx(2 * (low + 0.5) - 4.6)
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 12 + [None, None]), 1) is CellError.NA


def test_9_1_the_rate_that_a_report_names_does_not_trigger_the_rule(sample):
    # A report of November 2025 says that a rise from 4.1 to 4.55 triggers the rule. The lowest three-month mean of the
    # year before is 4.10, so the mean itself must reach 4.60.
    assert sample.call("MAC_SAHM_TRIGGER", column(UNRATE), 3) == pytest.approx(4.60)
    held = [*UNRATE, 4.55, 4.55, 4.55]
    assert sample.call("MAC_SAHM", column(held)) < 0.50


@given(st.lists(st.floats(3, 10), min_size=14, max_size=30), st.integers(1, 3))
def test_9_1_the_trigger_triggers_exactly(rates, months):
    rate = macro.sahm_trigger(np.array(rates), months)
    low = macro.three_month_means(np.array(rates))[-12:].min()
    after = macro.three_month_means(np.array([*rates, *[rate] * months]))[-1]
    assert after - low == pytest.approx(0.5, abs=1e-9)


def test_9_2_high_yield_spread_of_november_2025(sample):
    # ICE BofA US High Yield: 2.94 on 2025-10-31, 3.17 on 11-20, a holiday between; CCC bucket 8.65 and 9.20.
    assert sample.call("MAC_WIDENING_BP", column([2.94, None, 3.17]), "MAX") == pytest.approx(23)
    assert sample.call("MAC_WIDENING_BP", column([8.65, 9.20]), 1) == pytest.approx(55)
    assert sample.call("MAC_WIDENING_BP", column([2.94, 3.17]), 2) is CellError.NA
    assert sample.call("MAC_WIDENING_BP", column([2.94, 3.17]), "3M") is CellError.VALUE


def test_9_4_diffusion_of_the_ism(sample):
    # 40 % up, 32 % unchanged, 28 % down give 56.
    now = [1.0] * 40 + [0.0] * 32 + [-1.0] * 28
    assert sample.call("MAC_DIFFUSION", [[0.0] * 100, now]) == pytest.approx(0.56)
    assert sample.call("MAC_DIFFUSION", [[1, None], [2, 3]]) == 1.0
    assert sample.call("MAC_DIFFUSION", [[1, 2]]) is CellError.NA


def test_9_4_composite(sample):
    assert sample.call("MAC_COMPOSITE", [[1], [2], [3]]) == pytest.approx(1.0)
    assert sample.call("MAC_COMPOSITE", [[1, 3], [2, 2], [3, 1]]) == pytest.approx(0.0)
    assert sample.call("MAC_COMPOSITE", [[1], [1], [1]]) is CellError.DIV0


def test_9_5_bankruptcies_of_2025(sample):
    # S&P Global counts of the report: industrials 98, discretionary 80, of 387 in all; the last four are made up.
    counts = column([98, 80, 45, 24, 4, 40, 36, 30, 30])
    assert sample.call("MAC_TOP_SHARE", counts, 2) == pytest.approx(178 / 387)
    assert round(100 * sample.call("MAC_TOP_SHARE", counts, 2), 2) == 45.99
    shares = sample.call("MAC_SHARE", counts)
    assert sum(row[0] for row in shares) == pytest.approx(1.0)
    assert sample.call("MAC_SHARE", column([-1, 2])) is CellError.VALUE
    assert sample.call("MAC_TOP_SHARE", column([0, 0])) is CellError.DIV0


def test_9_3_fedwatch_of_2023_03_10():
    # Fed funds futures of that day, and the 59.8 and 40.2 % for 2023-03-22 that pyfedwatch prints for them (to it the
    # announcement day is one after): March 95.3375, and April 95.10, which has no meeting.
    averages = 100 - np.array([np.nan, 95.3375, 95.10])
    start, end = _before_and_after(averages, dt.date(2023, 3, 22), same=True)
    steps, more = fedwatch.step_probabilities(end - start)
    assert steps == 1
    assert round(100 * more, 1) == 40.2


def test_9_3_a_cut_that_is_priced_in_full_or_by_half(sample):
    meeting = "2025-12-10"
    full = column([100 - 3.875, None, 100 - 3.625])
    half = column([100 - 3.875, None, 100 - 3.750])
    none = column([100 - 3.875, None, 100 - 3.875])
    for futures, expected in ((full, 1.0), (half, 0.5), (none, 0.0)):
        assert sample.call("MAC_FEDWATCH", futures, meeting, 3.75, 4) == pytest.approx(expected)
    # The month of the meeting alone: ten days of thirty-one at the old rate.
    month = 100 - (3.875 * 10 + 3.625 * 21) / 31
    assert sample.call("MAC_FEDWATCH", column([100 - 3.875, month]), meeting, 3.75, 4) == pytest.approx(1.0)
    assert sample.call("MAC_FEDWATCH", column([None, month, 100 - 3.625]), meeting, 3.75, 4) == pytest.approx(1.0)
    assert sample.call("MAC_FEDWATCH", column([None, month]), meeting, 3.75, 4) is CellError.NA
    assert sample.call("MAC_FEDWATCH", column([50, None, 90]), meeting, 3.75, 4) is CellError.NUM


def test_highest_since(sample):
    dates = [["2011-03-31"], ["2025-06-30"], ["2025-09-30"]]
    assert sample.call("MAC_SINCE", dates, column([12.5, 12.3, 12.4])) == dt.date(2011, 3, 31)


def with_series(**series):
    """A session whose source holds dated series."""
    panel = panel_of({"XLK": range(1, 30)})
    held = {
        name: (np.array([day for day, _ in rows], "datetime64[D]"), np.array([value for _, value in rows], float))
        for name, rows in series.items()
    }
    return Session(FixedSource(replace(panel, series=held)), lang="en")


def test_a_series_by_its_dates():
    rows = [("2025-10-01", 4.3), ("2025-11-01", np.nan), ("2025-12-01", 4.5), ("2026-01-01", 4.4)]
    session = with_series(UNRATE=rows)
    table = session.call("MAC_SERIES", "unrate", None, None, False)
    assert [(str(day), value) for day, value in table] == [
        ("2025-10-01", 4.3),
        ("2025-11-01", CellError.NA),  # of a monthly series a gap is shown
        ("2025-12-01", 4.5),
        ("2026-01-01", 4.4),
    ]
    assert session.call("MAC_SERIES", "UNRATE", "2025-12-01", "2025-12-01", False) == [table[2]]  # both days count
    assert session.call("MAC_SERIES", "UNRATE", "2025-12-02", None, False) == [table[3]]
    assert session.call("MAC_SERIES", "UNRATE", None, "2025-11-30", False) == table[:2]
    assert session.call("MAC_SERIES", "UNRATE", None, None, False, None, 1) == table[-1:]
    assert session.call("MAC_SERIES", "UNRATE", None, None, False, None, 3) == table[-3:]
    assert session.call("MAC_SERIES") == [["Date", "Value"], *table]
    assert session.call("MAC_SERIES", "UNRATE", "2026-02-01") is CellError.NA
    assert "the data hold from 2025-10-01 to 2026-01-01" in session.failures[-1].reason


def test_gaps_of_a_daily_series_are_left_out_and_those_of_a_weekly_one_shown():
    daily = [("2026-02-09", 2.9), ("2026-02-10", np.nan), ("2026-02-11", 3.1)]
    two = [("2026-02-10", np.nan), ("2026-02-11", 3.1)]
    weekly = [("2026-01-28", 2.9), ("2026-02-04", np.nan), ("2026-02-11", 3.1)]
    one, later = [("2026-02-11", np.nan)], [("2027-01-01", 1.0)]
    session = with_series(D=daily, T=two, W=weekly, ONE=one, LATER=later)
    assert [value for _, value in session.call("MAC_SERIES", "D", None, None, False)] == [2.9, 3.1]
    assert [value for _, value in session.call("MAC_SERIES", "T", None, None, False)] == [3.1]
    assert [value for _, value in session.call("MAC_SERIES", "W", None, None, False)] == [2.9, CellError.NA, 3.1]
    assert [value for _, value in session.call("MAC_SERIES", "ONE", None, None, False)] == [CellError.NA]
    assert session.call("MAC_SERIES", "LATER") is CellError.NA  # dated after the as-of session
    assert "none up to the as-of date" in session.failures[-1].reason


def test_9_1_only_the_last_fifteen_months_enter(sample):
    # The low of 1 % sixteen months back is too old; in the month before the last three it is inside.
    assert sample.call("MAC_SAHM", column([1.0] + [4.0] * 14 + [4.3])) == pytest.approx(0.10)
    assert sample.call("MAC_SAHM", column([None] + [4.0] * 14 + [4.3])) == pytest.approx(0.10)
    assert sample.call("MAC_SAHM", column([1.0] + [4.0] * 13 + [4.3])) == pytest.approx(4.1 - 3.0)
    assert sample.call("MAC_SAHM", column([1.0] + [4.0] * 14)) == pytest.approx(4.0 - 3.0)
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 13)) is CellError.NA
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 14), 1) == pytest.approx(3 * 4.5 - 8)
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 14), 2) == pytest.approx((3 * 4.5 - 4) / 2)
    assert sample.call("MAC_SAHM_TRIGGER", column([None] + [4.0] * 14), 3) == pytest.approx(4.5)
    told = len(sample.failures)
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 9 + [None, None] + [4.0] * 4), 3) is CellError.NA
    assert len(sample.failures) == told + 1
    assert "two of three months" in sample.failures[-1].reason
    assert sample.call("MAC_SAHM_TRIGGER", column([1.0] + [4.0] * 14), 3) == pytest.approx(4.5)
    assert sample.call("MAC_SAHM_TRIGGER", column([4.0] * 14), 4) is CellError.VALUE


def test_shares_composites_and_diffusion_at_their_edges(sample):
    assert sample.call("MAC_TOP_SHARE", column([5, None, 3, 2])) == 0.8
    assert sample.call("MAC_TOP_SHARE", column([5, None, 3, 2]), 1) == 0.5
    assert sample.call("MAC_TOP_SHARE", column([5, 3]), 9) == 1.0
    assert sample.call("MAC_SHARE", column([0, None, 4])) == [[0.0], [CellError.NA], [1.0]]
    assert sample.call("MAC_COMPOSITE", column([1, 2])) is CellError.NA
    assert sample.call("MAC_COMPOSITE", [[1, 5], [2, None], [3, 6]]) is CellError.NA  # two values of the second
    assert sample.call("MAC_COMPOSITE", [[1, 5], [2, 7], [3, None], [4, 6]]) == pytest.approx(
        (1.5 / (5 / 3) ** 0.5) / 2
    )
    assert sample.call("MAC_COMPOSITE", [[1, 5], [2, 7], [3, 6], [4, None]]) is CellError.NA
    assert sample.call("MAC_COMPOSITE", [[1, 5], [2, 5], [3, 5]]) is CellError.DIV0
    rows = [[1, 1], [2, 1], [1, 3]]
    assert sample.call("MAC_DIFFUSION", rows, 1) == 0.5
    assert sample.call("MAC_DIFFUSION", rows, 2) == 0.75
    assert sample.call("MAC_DIFFUSION", rows, 3) is CellError.NA
    assert sample.call("MAC_DIFFUSION", [[1, None], [None, 1]]) is CellError.NA
    spreads = column([2.0, 2.5, None, 3.0])
    assert [sample.call("MAC_WIDENING_BP", spreads, rows) for rows in (1, 2)] == pytest.approx([50, 100])
    assert sample.call("MAC_WIDENING_BP", spreads, "MAX") == pytest.approx(100)
    assert sample.call("MAC_WIDENING_BP", spreads, 3) is CellError.NA
