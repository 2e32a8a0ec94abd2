import datetime as dt

import numpy as np
import pytest

from xlrotation.market import calendar


@pytest.mark.filterwarnings("ignore")  # of that library itself
def test_sessions_are_those_of_exchange_calendars():
    library = pytest.importorskip("exchange_calendars")
    first, last = calendar.sessions()[[0, -1]].tolist()
    theirs = library.get_calendar("XNYS", start=first, end=last).sessions.to_numpy().astype("datetime64[D]")
    np.testing.assert_array_equal(calendar.sessions(), theirs)


@pytest.mark.parametrize(
    "day", ["2001-09-12", "2012-10-29", "2018-12-05", "2025-01-09", "2025-11-27", "2026-01-19", "2026-04-03"]
)
def test_days_that_the_exchange_was_or_is_closed(day):
    assert np.datetime64(day) not in calendar.sessions()


def test_half_days():
    assert dt.date(2025, 11, 28) in calendar.early_closes()
    assert dt.date(2025, 11, 26) not in calendar.early_closes()


def test_between_includes_both_ends():
    days = calendar.sessions_between(dt.date(2026, 2, 6), dt.date(2026, 2, 9))
    assert [str(day) for day in days] == ["2026-02-06", "2026-02-09"]
    assert len(calendar.sessions_between(dt.date(2026, 2, 7), dt.date(2026, 2, 8))) == 0
