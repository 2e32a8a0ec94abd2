"""METHODS 9.3: CME's method over several meetings."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.measures import fedwatch
from xlrotation.measures.fedwatch import Month

# Contracts at 2023-03-10 as pyfedwatch's example has them (year, month, day of a meeting or 0, price) ...
CONTRACTS = (
    (2023, 1, 0, 95.6675),
    (2023, 2, 1, 95.4275),
    (2023, 3, 22, 95.3375),
    (2023, 4, 0, 95.1),
    (2023, 5, 3, 94.855),
    (2023, 6, 14, 94.775),
    (2023, 7, 26, 94.73),
    (2023, 8, 0, 94.75),
    (2023, 9, 20, 94.78),
    (2023, 10, 0, 94.835),
    (2023, 11, 1, 94.97),
    (2023, 12, 13, 95.06),
    (2024, 1, 31, 95.13),
    (2024, 2, 0, 95.3),
    (2024, 3, 20, 95.365),
    (2024, 4, 0, 95.485),
)
# ... and the table it publishes for them, percent by the lower bound of the target range in basis points.
PUBLISHED = {
    "2023-03-22": {475: 59.8, 500: 40.2},
    "2023-05-03": {500: 57.4, 525: 41.0, 550: 1.6},
    "2023-06-14": {500: 31.0, 525: 48.5, 550: 19.7, 575: 0.7},
    "2023-07-26": {475: 3.1, 500: 32.8, 525: 45.7, 550: 17.8, 575: 0.7},
    "2023-09-20": {450: 1.0, 475: 13.2, 500: 37.1, 525: 36.2, 550: 12.0, 575: 0.4},
    "2023-11-01": {425: 0.5, 450: 7.0, 475: 25.0, 500: 36.7, 525: 24.3, 550: 6.3, 575: 0.2},
    "2023-12-13": {400: 0.3, 425: 4.8, 450: 19.0, 475: 32.8, 500: 28.4, 525: 12.3, 550: 2.3, 575: 0.1},
    "2024-01-31": {375: 0.2, 400: 3.5, 425: 14.8, 450: 28.7, 475: 29.7, 500: 17.1, 525: 5.3, 550: 0.7},
    "2024-03-20": {350: 0.2, 375: 2.7, 400: 11.8, 425: 25.0, 450: 29.4, 475: 20.4, 500: 8.3, 525: 1.9, 550: 0.2},
}


def cells():
    months = [[dt.date(year, month, 1)] for year, month, _, _ in CONTRACTS]
    meetings = [[dt.date(year, month, day)] for year, month, day, _ in CONTRACTS if day]
    return months, [[price] for *_, price in CONTRACTS], meetings


def test_9_3_every_row_of_the_published_table(sample):
    """The announcement day counts as after, as pyfedwatch has it."""
    rows = sample.call("MAC_FEDWATCH_TABLE", *cells(), 4.5, 4.75, "SAME", dt.date(2023, 3, 10), False)
    got = {}
    for day, low, high, probability in rows:
        assert high == low + 0.25
        got.setdefault(str(day), {})[round(100 * low)] = 100 * probability
    assert list(got) == list(PUBLISHED)
    for day, published in PUBLISHED.items():
        for low in {*published, *got[day]}:
            assert abs(got[day].get(low, 0.0) - published.get(low, 0.0)) < 0.0501, (day, low)


def test_9_3_the_default_split_counts_the_announcement_day_as_before(sample):
    usual = sample.call("MAC_FEDWATCH_TABLE", *cells(), 4.5, 4.75, None, dt.date(2023, 3, 10), False)
    other = sample.call("MAC_FEDWATCH_TABLE", *cells(), 4.5, 4.75, "SAME", dt.date(2023, 3, 10), False)
    assert usual == sample.call("MAC_FEDWATCH_TABLE", *cells(), 4.5, 4.75, "AFTER", dt.date(2023, 3, 10), False)
    assert usual != other
    first, last = CONTRACTS[2], CONTRACTS[3]
    end, days, before = 100 - last[3], 31, first[2]
    start = ((100 - first[3]) * days - end * (days - before)) / before
    assert usual[0][3] == pytest.approx(1 - ((end - start) / 0.25 - 1))


@pytest.mark.parametrize(
    ("cut", "following"),
    [(62.1, (26.5, 54.9, 18.6)), (59.1, (30.4, 54.5, 15.2))],  # of 2025-11-13 and of 2025-11-20
)
def test_9_3_published_trees_of_two_meetings(cut, following):
    """CME's tables: the second meeting's outcomes are chained to the first's."""
    hold = 100 - cut
    second = 1 - following[0] / hold  # what the second meeting's first row says of its own cut
    tree = fedwatch.tree([-0.25 * cut / 100, -0.25 * second])[1]
    for steps, expected in zip((0, -1, -2), following, strict=True):
        assert abs(100 * tree[steps] - expected) < 0.1


@given(st.lists(st.floats(-0.6, 0.6), min_size=1, max_size=8))
def test_9_3_the_expected_rate_of_the_tree_is_the_rate_settled(changes):
    rate = 0.0
    for change, outcomes in zip(changes, fedwatch.tree(changes), strict=True):
        rate += change
        assert sum(outcomes.values()) == pytest.approx(1.0)
        assert 0.25 * sum(steps * p for steps, p in outcomes.items()) == pytest.approx(rate, abs=1e-9)
        assert min(outcomes.values()) >= 0.0


@given(st.lists(st.tuples(st.integers(2, 28), st.floats(0, 6)), min_size=1, max_size=7), st.booleans())
def test_9_3_each_month_keeps_its_average(months, same):
    """A run of meetings before a month without one: settled backwards, every average is met."""
    contracts = [*(Month(average, 30, day) for day, average in months), Month(3.0, 31)]
    settled = fedwatch.rates(contracts, same)
    assert settled[-1] == (3.0, 3.0)
    for (_, end), following in itertools.pairwise(settled):
        if end == end and following[0] == following[0]:
            assert end == following[0]
    for month, (start, end) in zip(contracts, settled, strict=True):
        before = fedwatch.days_before(month.meeting, same)
        if month.meeting and before:
            assert (start * before + end * (30 - before)) / 30 == pytest.approx(month.average, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("same", [False, True])
def test_9_3_the_expected_rate_is_the_bootstrapped_rate_at_the_end_of_the_month(same):
    months = [Month(100 - price, calendar.monthrange(year, month)[1], day) for year, month, day, price in CONTRACTS]
    settled = fedwatch.rates(months, same)
    ends = [(start, end) for month, (start, end) in zip(months, settled, strict=True) if month.meeting]
    trees = fedwatch.tree([end - start for start, end in ends])
    for (_, end), outcomes in zip(ends, trees, strict=True):
        expected = sum(steps * probability for steps, probability in outcomes.items())
        assert ends[0][0] + fedwatch.STEP * expected == pytest.approx(end, abs=1e-9)


def test_what_cannot_be_settled(sample):
    months, prices, meetings = cells()
    assert sample.call("MAC_FEDWATCH_TABLE", months, prices[:-1], meetings, 4.5, 4.75) is CellError.VALUE
    assert sample.call("MAC_FEDWATCH_TABLE", months[::2], prices[::2], meetings, 4.5, 4.75) is CellError.VALUE
    assert "consecutive" in sample.failures[-1].reason
    assert sample.call("MAC_FEDWATCH_TABLE", months, prices, meetings, 4.75, 4.5) is CellError.VALUE
    only = [[dt.date(2026, 3, 18)], [dt.date(2026, 4, 29)]]
    assert sample.call("MAC_FEDWATCH_TABLE", only, [[96.4], [96.5]], only, 3.5, 3.75) is CellError.NA
    assert sample.call("MAC_FEDWATCH_TABLE", months, prices, [[None], [None]], 4.5, 4.75) is CellError.NA


def test_9_3_one_meeting_by_hand(sample):
    """Rates before and after from any two of the three months; a cut of one step and a half is sure."""

    def call(*prices, meeting="2025-12-10", **_):
        return sample.call("MAC_FEDWATCH", [[price] for price in prices], meeting, 3.75, 4)

    assert call(96.0, None, 96.375) == pytest.approx(1.0)  # a cut of 0.375: one step or two
    assert call(96.0, None, 96.5) == pytest.approx(1.0)
    assert call(96.0, None, 96.25) == pytest.approx(1.0)
    assert call(96.0, None, 96.1) == pytest.approx(0.4)
    assert call(96.0, None, 96.0) == 0.0
    assert call(96.0, None, 95.8) == 0.0  # a rise
    assert call(96.0, None, 98.0) == pytest.approx(1.0)  # eight steps are believed ...
    assert call(96.0, None, 98.01) is CellError.NUM  # ... and not more, nor as many upwards
    assert call(96.0, None, 93.7) is CellError.NUM
    # The meeting's own month: ten days at 4, twenty-one at 3.9.
    assert call(96.0, 100 - (10 * 4 + 21 * 3.9) / 31) == pytest.approx(0.4)
    assert call(None, 100 - (10 * 4 + 21 * 3.9) / 31, 96.1) == pytest.approx(0.4)
    same = sample.call("MAC_FEDWATCH", [[96.0], [100 - (9 * 4 + 22 * 3.9) / 31]], "2025-12-10", 3.75, 4, "SAME")
    assert same == pytest.approx(0.4)
    same = sample.call("MAC_FEDWATCH", [[None], [100 - (9 * 4 + 22 * 3.9) / 31], [96.1]], "2025-12-10", 3.75, 4, "SAME")
    assert same == pytest.approx(0.4)


def test_9_3_what_one_meeting_needs(sample):
    def call(prices, meeting="2025-12-10", low=3.75, high=4.0, split="AFTER"):
        return sample.call("MAC_FEDWATCH", [[price] for price in prices], meeting, low, high, split)

    assert call([96.0]) is CellError.VALUE
    assert call([96.0, 96.1, 96.2, 96.3]) is CellError.VALUE
    assert call([96.0, 96.1], low=4.0) is CellError.VALUE
    assert call([96.0, 96.1], low=4.25) is CellError.VALUE
    assert call([None, None, 96.1]) is CellError.NA
    assert call([96.0, None]) is CellError.NA
    assert call([None, 96.0]) is CellError.NA
    # A decision on the last day of a month leaves no trace in it, one on the first (counted as after) no day before.
    assert call([96.0, 96.1], "2025-12-31") is CellError.NA
    assert "last day" in sample.failures[-1].reason
    assert isinstance(call([96.0, 96.001], "2025-12-31", split="SAME"), float)
    assert call([None, 96.1, 96.2], "2025-12-01", split="SAME") is CellError.NA
    assert "first day" in sample.failures[-1].reason
    assert isinstance(call([None, 96.1, 96.11], "2025-12-01"), float)
    assert isinstance(call([96.0, 96.1, 96.2], "2025-12-31"), float)  # both neighbours suffice


def test_9_3_a_table_by_hand(sample):
    """A month at 4 %, a meeting halfway, and a month at 3.8 %: a cut of 0.8 steps; then nothing priced in."""
    months = [[f"2025-{month:02}-01"] for month in (9, 10, 11)]
    prices = [[96.0], [100 - (29 * 4 + 2 * 3.8) / 31], [96.2]]
    rows = sample.call("MAC_FEDWATCH_TABLE", months, prices, [["2025-10-29"]], 3.75, 4, None, None, False)
    assert [row[:3] for row in rows] == [[dt.date(2025, 10, 29), 3.5, 3.75], [dt.date(2025, 10, 29), 3.75, 4.0]]
    assert [row[3] for row in rows] == pytest.approx([0.8, 0.2])
    headed = sample.call("MAC_FEDWATCH_TABLE", months, prices, [["2025-10-29"]], 3.75, 4)
    assert headed[0] == ["Meeting", "Range from", "Range to", "Probability"]
    # The table begins after a day: with a meeting on the day itself it has none left.
    for day, there in (("2025-10-28", True), ("2025-10-29", False)):
        answer = sample.call("MAC_FEDWATCH_TABLE", months, prices, [["2025-10-29"]], 3.75, 4, None, day, False)
        assert (answer == rows) is there
    two_points = [[96.0], [96.5], [98.0]]
    assert isinstance(sample.call("MAC_FEDWATCH_TABLE", months, two_points, [["2025-10-29"]], 3.75, 4), list)
    more = [[96.0], [96.5], [98.01]]
    assert sample.call("MAC_FEDWATCH_TABLE", months, more, [["2025-10-29"]], 3.75, 4) is CellError.NUM
    assert sample.call("MAC_FEDWATCH_TABLE", months, two_points, [["2025-10-29"]], 4, 4) is CellError.VALUE


def test_9_3_outcomes_below_a_twentieth_of_a_percent_are_not_shown(sample):
    months = [["2025-09-01"], ["2025-10-01"], ["2025-11-01"]]

    def shown(share):
        prices = [[96.0], [96.0], [96.0 + 0.25 * share]]
        rows = sample.call("MAC_FEDWATCH_TABLE", months, prices, [["2025-10-29"]], 3.75, 4, None, None, False)
        return [round(row[3], 5) for row in rows]

    assert shown(0.00052) == [0.00052, 0.99948]
    assert shown(0.00048) == [0.99952]
    assert shown(0.0) == [1.0]


def test_9_3_blank_rows_between_contracts_are_passed_over_and_half_blank_ones_refused(sample):
    months, prices = [["2025-09-15"], [None], ["2025-10-02"], ["2025-11-30"]], [[96.0], [None], [96.01], [96.1]]
    rows = sample.call("MAC_FEDWATCH_TABLE", months, prices, [["2025-10-29"]], 3.75, 4, None, None, False)
    assert [row[3] for row in rows] == pytest.approx([0.4, 0.6])
    for place in (0, 2):
        half = [list(row) for row in prices]
        half[place] = [None]
        assert sample.call("MAC_FEDWATCH_TABLE", months, half, [["2025-10-29"]], 3.75, 4) is CellError.VALUE
    half = [list(row) for row in months]
    half[2] = [None]
    assert sample.call("MAC_FEDWATCH_TABLE", half, prices, [["2025-10-29"]], 3.75, 4) is CellError.VALUE
    turn = [["2025-11-01"], ["2025-12-31"], ["2026-01-31"], ["2026-02-01"]]
    over = sample.call("MAC_FEDWATCH_TABLE", turn, [[96.0]] * 4, [["2025-12-10"]], 3.75, 4, None, None, False)
    assert over == [[dt.date(2025, 12, 10), 3.75, 4.0, 1.0]]


@pytest.mark.parametrize(
    ("change", "below", "more"),
    [(0.0, 0, 0.0), (0.25, 1, 0.0), (-0.25, -1, 0.0), (0.1, 0, 0.4), (-0.1, -1, 0.6), (-0.6, -3, 0.6), (0.5, 2, 0.0)],
)
def test_9_3_a_change_is_spread_over_the_two_nearest_steps(change, below, more):
    steps, share = fedwatch.step_probabilities(change)
    assert steps == below
    assert share == pytest.approx(more, abs=1e-12)


def test_9_3_a_month_split_by_a_meeting():
    # 30 days at an average of 4.2; the rate was 4 up to the tenth, so 4.3 over the 20 days after.
    assert fedwatch.split_month(4.2, 4.0, 10, 30, False) == pytest.approx(4.3)
    assert fedwatch.split_month(4.2, 4.0, 11, 30, True) == pytest.approx(4.3)
    assert fedwatch.rates([Month(4.0, 31), Month(4.2, 30, 10)], False) == [(4.0, 4.0), (4.0, pytest.approx(4.3))]
    assert fedwatch.rates([Month(4.2, 30, 20), Month(4.4, 31)], False) == [(pytest.approx(4.1), 4.4), (4.4, 4.4)]
    # Meetings in a row: the later one is settled first, by the month after it.
    rows = fedwatch.rates([Month(4.0, 30, 15), Month(4.3, 30, 10), Month(4.4, 31)], False)
    assert rows[1] == (pytest.approx(4.1), 4.4)
    assert rows[0] == (pytest.approx(3.9), pytest.approx(4.1))
    # On the last day of a month the month has the old rate; the new one comes from the next.
    late = fedwatch.rates([Month(4.0, 30, 30), Month(4.5, 31)], False)
    assert late == [(pytest.approx(4.0), 4.5), (4.5, 4.5)]
    alone = fedwatch.rates([Month(3.0, 31), Month(4.0, 30, 30)], False)
    assert alone[1][0] == 3.0
    assert alone[1][1] != alone[1][1]


def test_the_last_month_of_the_calendar_is_a_month_too(sample):
    months = [[dt.date(9999, 11, 1)], [dt.date(9999, 12, 1)]]
    given = (months, [[96.0]] * 2, [["9999-12-10"]], 3.75, 4.0)
    assert sample.call("MAC_FEDWATCH_TABLE", *given, "AFTER", None, False) == [
        [dt.date(9999, 12, 10), 3.75, 4.0, 1.0],
    ]
    assert sample.call("MAC_FEDWATCH_TABLE", months[::-1], *given[1:]) is CellError.VALUE
    assert "9999-11 does not follow 9999-12" in sample.failures[-1].reason
