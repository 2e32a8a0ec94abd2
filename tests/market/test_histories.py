"""Histories made once for all as-of dates: the same answers in any order, and nothing of the future in them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FixedSource
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.rot import mechanical
from xlrotation.market import histories
from xlrotation.market.panel import Panel
from xlrotation.measures import mechanical as measures

CALLS = (("ROT_MECH_SCORE",), ("ROT_MECH_TABLE",), ("ROT_MECH_LABEL",), ("DISP_REALCORR_HISTORY", "SP50", "1M"))
DAYS = ("2025-11-03", "2025-12-15", "2026-01-16", "2026-02-13")


def sample_panel() -> Panel:
    return Session("sample").panel


def session(panel: Panel) -> Session:
    """A session on a panel that has remembered nothing."""
    return Session(FixedSource(dataclasses.replace(panel)), lang="en", remember=False)


def answers(on: Session, day: str) -> list[object]:
    found: list[object] = []
    for name, *arguments in CALLS:
        result = on.call(name, *arguments, day)
        for row in result if isinstance(result, list) else [[result]]:
            found += row
    return found


def same(a: list[object], b: list[object]) -> None:
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        if isinstance(x, float) and isinstance(y, float):
            assert x == pytest.approx(y, rel=1e-12, abs=1e-12)
        else:
            assert x == y


@pytest.fixture(scope="module")
def alone() -> dict[str, list[object]]:
    """Answers of sessions that were asked for one date only."""
    return {day: answers(session(sample_panel()), day) for day in DAYS}


@pytest.mark.parametrize("order", [DAYS, DAYS[::-1], (DAYS[1], DAYS[3], DAYS[0], DAYS[2])])
def test_the_order_of_dates_changes_nothing(alone: dict[str, list[object]], order: tuple[str, ...]) -> None:
    one = session(sample_panel())
    for day in order:
        same(answers(one, day), alone[day])


def test_many_dates_at_once_give_what_each_gives_alone(alone: dict[str, list[object]]) -> None:
    spilled = session(sample_panel()).call("ROT_MECH_SCORE", [[day] for day in DAYS])
    for (score,), day in zip(spilled, DAYS, strict=True):
        assert score == pytest.approx(alone[day][0], rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_future_changes_no_answer_before_it(alone: dict[str, list[object]], data: st.DataObject) -> None:
    """Prices, volumes and splits after a date are others, and were asked for before: the answers before stay."""
    panel = sample_panel()
    place = data.draw(st.integers(0, len(DAYS) - 2))
    end = int(np.searchsorted(panel.days, np.datetime64(DAYS[place]), side="right"))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    fields = {name: values.copy() for name, values in panel.fields.items()}
    for name, values in fields.items():
        if name == "split":
            values[end + 1, random.random(values.shape[1]) < 0.3] = data.draw(st.sampled_from([2.0, 3.0, 0.1]))
        else:
            values[end:] *= np.exp(random.normal(0, 0.2, values[end:].shape))
    changed = session(dataclasses.replace(panel, fields=fields))
    later = answers(changed, DAYS[-1])
    assert later != alone[DAYS[-1]]
    for day in DAYS[: place + 1]:
        same(answers(changed, day), alone[day])


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each absorption over windows gave, as they are asked for."""
    lengths: list[int] = []
    original = measures.rolling_absorption

    def counting(returns: np.ndarray, window: int, fraction: float = 0.2) -> np.ndarray:
        found = original(returns, window, fraction)
        lengths.append(len(found))
        return found

    monkeypatch.setattr(measures, "rolling_absorption", counting)
    return lengths


def test_a_year_is_computed_once(counted: list[int]) -> None:
    one = session(sample_panel())
    days = [str(day) for day in one.panel.days[-60:].tolist()]
    one.call("ROT_MECH_SCORE", [[day] for day in days])
    assert 250 < sum(counted) < 330
    assert len(counted) <= 2, "the dates of a range are not made one by one"
    one.call("ROT_MECH_TABLE", days[30])
    assert sum(counted) < 330


@pytest.mark.parametrize("asked", ["a range", "a formula over time"])
def test_many_years_of_dates_are_made_a_year_at_a_time(counted: list[int], asked: str) -> None:
    one = session(sample_panel())
    days = [str(day) for day in one.panel.days[-600::20].tolist()]
    if asked == "a range":
        one.call("ROT_MECH_SCORE", [[day] for day in days[::-1]])
    else:
        one.call("XLR_SERIES", "=ROT_MECH_SCORE()", 600)
    assert len(counted) <= 5, counted


def test_a_value_is_computed_from_no_later_row_than_the_market_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, int]] = []
    original = histories.history

    def watched(market: object, key: object, first: int, make: histories.Make) -> np.ndarray:
        def made(begin: int, end: int) -> np.ndarray:
            asked.append((begin, end, market.end))  # type: ignore[attr-defined]
            return make(begin, end)

        return original(market, key, first, made)  # type: ignore[arg-type]

    monkeypatch.setattr(mechanical, "history", watched)
    one = session(sample_panel())
    for day in (DAYS[3], DAYS[0], DAYS[2]):
        one.call("ROT_MECH_SCORE", day)
    assert asked
    assert all(0 <= begin < end <= last for begin, end, last in asked)


def test_of_many_histories_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_KEPT", 3)
    market = session(sample_panel()).market()
    for key in range(5):
        found = histories.history(market, key, market.end - 2, lambda begin, end: np.arange(begin, end) * 1.0)
        assert found.tolist() == [market.end - 2, market.end - 1]
    assert len(market.shown.__dict__["_histories"]) == 3


def test_what_is_handed_out_is_a_copy() -> None:
    market = session(sample_panel()).market()
    first = histories.history(market, "key", market.end - 2, lambda begin, end: np.ones(end - begin))
    first[:] = 7.0
    assert histories.history(market, "key", market.end - 2, lambda *_: np.zeros(2)).tolist() == [1.0, 1.0]


def test_a_first_close_after_the_as_of_date_is_none() -> None:
    panel = sample_panel()
    close = panel.fields["close"].copy()
    close[:-10, panel.columns["XLK"]] = np.nan
    one = session(dataclasses.replace(panel, fields={**panel.fields, "close": close}))
    row = len(panel.days) - 10
    assert histories.first_close(one.market(str(panel.days[row - 1])), "XLK") is None
    assert histories.first_close(one.market(), "XLK") == row
    assert histories.first_close(one.market(str(panel.days[row])), "XLK") == row
    assert histories.first_close(one.market(str(panel.days[row - 1])), "XLK") is None  # known by now, and not shown
