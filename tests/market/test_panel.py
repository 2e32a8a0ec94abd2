import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.conftest import panel_of
from xlrotation.errors import NoData, OutOfDomain, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.families import windowed
from xlrotation.market.calendar import XNYS
from xlrotation.market.cutting import cut
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel, align
from xlrotation.market.stacking import stack
from xlrotation.market.windows import Unit, Window, parse_window


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def test_align_puts_rows_on_the_calendar():
    dated = days("2026-02-13", "2026-02-09", "2026-02-14", "2026-02-13")  # out of order, a Saturday, a double
    grid, fields = align(dated, {"close": np.array([[3.0], [1.0], [9.0], [4.0]])})
    assert [str(day) for day in grid] == ["2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13"]
    np.testing.assert_array_equal(fields["close"][:, 0], [1.0, np.nan, np.nan, np.nan, 4.0])


def test_stack_joins_symbols_of_different_length():
    a = ("A", days("2026-02-12", "2026-02-13"), {"close": np.array([1.0, 2.0])})
    b = ("B", days("2026-02-11", "2026-02-12"), {"close": np.array([5.0, 6.0]), "open": np.array([4.0, 5.0])})
    grid, symbols, fields = stack([a, b])
    assert symbols == ("A", "B")
    assert len(grid) == 3
    np.testing.assert_array_equal(fields["close"], [[np.nan, 5.0], [1.0, 6.0], [2.0, np.nan]])
    np.testing.assert_array_equal(fields["open"][:, 0], [np.nan] * 3)


def test_an_empty_panel_is_refused():
    with pytest.raises(NoData):
        Panel(days(), (), {"close": np.empty((0, 0))})


def test_a_panel_cannot_be_changed():
    panel = panel_of({"XLK": [1.0, 2.0]})
    with pytest.raises(ValueError, match="read-only"):
        panel.fields["close"][0, 0] = 5.0
    with pytest.raises(ValueError, match="read-only"):
        cut(panel, None).series("XLK").close[0] = 5.0


prices = st.lists(st.floats(1, 1000), min_size=3, max_size=30)


@given(prices, st.data())
def test_the_future_never_shows(path, data):
    n = len(path)
    dividend = data.draw(st.lists(st.sampled_from([0.0, 0.5]), min_size=n, max_size=n))
    split = data.draw(st.lists(st.sampled_from([0.0, 2.0, 10.0]), min_size=n, max_size=n))
    end = data.draw(st.integers(2, n))
    whole = panel_of({"A": path}, dividend={"A": dividend}, split={"A": split})
    asof = whole.days[end - 1].item()
    past = panel_of({"A": path[:end]}, str(asof), dividend={"A": dividend[:end]}, split={"A": split[:end]})
    for basis in ("price", "total"):
        seen = cut(whole, asof).series("A").path(basis)
        known = cut(past, None).series("A").path(basis)
        np.testing.assert_allclose(seen, known, rtol=1e-12)
        assert seen[-1] == pytest.approx(path[end - 1])  # both paths end at the close as traded


def test_total_return_reinvests_dividends():
    panel = panel_of({"A": [100.0, 99.0, 99.0]}, dividend={"A": [0.0, 1.0, 0.0]})
    path = cut(panel, None).series("A").path("total")
    assert path[-1] / path[0] - 1 == pytest.approx(99 / 100 * (1 + 1 / 99) - 1)


def test_cut():
    panel = panel_of({"A": [1.0, 2.0, 3.0]})
    assert cut(panel, dt.date(2026, 2, 15)).asof == dt.date(2026, 2, 13)
    assert cut(panel, dt.date(2026, 2, 12)).series("A").close.tolist() == [1.0, 2.0]
    for day in (dt.date(2026, 2, 10), dt.date(2026, 2, 17), dt.date(2040, 1, 1)):
        with pytest.raises(NoData):
            cut(panel, day)


def test_stated_total_return_prices_lead_without_jumps():
    panel = panel_of(
        {"A": [10.0, 11.0, 12.0, 12.0, 12.6]}, adjclose={"A": [np.nan, 5.5, np.nan, 6.6, np.nan]}
    )  # a dividend of ten per cent between the two stated prices
    path = cut(panel, None).series("A").path("total")
    assert path[1] / path[0] == pytest.approx(1.1)
    assert path[3] / path[1] == pytest.approx(1.2)
    assert path[4] / path[3] == pytest.approx(1.05)
    assert path[4] == pytest.approx(12.6)


@given(prices, st.data())
def test_a_stated_price_of_the_future_never_shows(path, data):
    n = len(path)
    stated = data.draw(st.lists(st.just(np.nan) | st.floats(1, 1000), min_size=n, max_size=n))
    dividend = data.draw(st.lists(st.sampled_from([0.0, 0.5]), min_size=n, max_size=n))
    end = data.draw(st.integers(1, n))
    whole = panel_of({"A": path}, adjclose={"A": stated}, dividend={"A": dividend})
    asof = whole.days[end - 1].item()
    past = panel_of({"A": path[:end]}, str(asof), adjclose={"A": stated[:end]}, dividend={"A": dividend[:end]})
    seen, known = cut(whole, asof).series("A").path("total"), cut(past, None).series("A").path("total")
    np.testing.assert_allclose(seen, known, rtol=1e-9)


def test_a_split_scales_the_past_only_once_it_has_happened():
    panel = panel_of({"A": [100.0, 10.0, 11.0]}, split={"A": [0.0, 10.0, 0.0]})
    assert cut(panel, panel.first).series("A").close.tolist() == [100.0]
    assert cut(panel, None).series("A").close.tolist() == [10.0, 10.0, 11.0]


@st.composite
def universes(draw):
    """Three symbols that split, pay dividends and have gaps, one that does not, and the row at which to look."""
    closes = draw(arrays(np.float64, (12, 4), elements=st.floats(1.0, 500.0) | st.just(np.nan)))
    splits = draw(arrays(np.float64, (12, 4), elements=st.sampled_from((0.0, 0.0, 0.0, 2.0, 0.1))))
    dividends = draw(arrays(np.float64, (12, 4), elements=st.sampled_from((0.0, 0.0, 0.25, 3.0))))
    splits[:, 3] = dividends[:, 3] = 0.0
    return closes, splits, dividends, draw(st.integers(1, 12)), draw(st.integers(0, 11))


@given(universes())
def test_prices_of_many_are_those_of_each(drawn):
    closes, splits, dividends, end, first = drawn
    grid = XNYS.sessions_between(dt.date(2026, 1, 2), dt.date(2026, 2, 13))[:12]
    panel = Panel(grid, ("A", "B", "C", "D"), {"close": closes, "split": splits, "dividend": dividends})
    market, first = Market(panel, end), min(first, end - 1)
    tickers = ("C", "none", "A", "D", "B")
    for basis in ("price", "total"):
        table = market.closes(tickers, basis, first)
        for place, ticker in enumerate(tickers):
            each = market.series(ticker).path(basis)[first:] if market.has(ticker) else np.full(end - first, np.nan)
            np.testing.assert_allclose(table[:, place], each, rtol=1e-14)
        np.testing.assert_array_equal(market.closes_on(tickers, first, basis), table[0])
        np.testing.assert_array_equal(market.closes_on(tickers, -1, basis), table[-1])


@given(
    universes(),
    st.sampled_from(("price", "total")),
    st.sampled_from((*map(parse_window, ("1D", "5D", "1M", "YTD")), Window(Unit.EVERYTHING))),
)
def test_returns_of_many_are_those_of_each(drawn, basis, window):
    closes, splits, dividends, end, _ = drawn
    grid = XNYS.sessions_between(dt.date(2026, 1, 2), dt.date(2026, 2, 13))[:12]
    panel = Panel(grid, ("A", "B", "C", "D"), {"close": closes, "split": splits, "dividend": dividends})
    market, basket = Market(panel, end), Basket("these", ("C", "none", "A", "D", "B"))
    each = []
    for ticker in basket.tickers:
        try:
            each.append(windowed.window_return(market.series(ticker), window, basis))
        except RotationError:
            each.append(np.nan)
    try:
        many = windowed.returns_of(market, basket, window, basis)
    except RotationError:
        assert np.isnan(each).all()
    else:
        np.testing.assert_allclose(many, each, rtol=1e-14)


def test_a_universe_has_no_return_on_a_negative_price():
    grid = XNYS.sessions_between(dt.date(2020, 4, 17), dt.date(2020, 4, 21))
    closes = np.array(
        [[18.27, 41.0, 5.0], [-37.63, 42.0, 0.0], [10.01, 43.0, 0.0]]
    )  # WTI's front month, and two others
    market = Market(Panel(grid, ("CL=F", "XOM", "GONE"), {"close": closes}), 3)
    basket = Basket("these", ("CL=F", "XOM", "GONE"))
    for sessions, expected in ((1, [np.nan, 1 / 42, np.nan]), (2, [10.01 / 18.27 - 1, 2 / 41, -1.0])):
        window = Window(Unit.SESSIONS, sessions)
        np.testing.assert_allclose(windowed.returns_of(market, basket, window), expected, rtol=1e-12)
    with pytest.raises(OutOfDomain):
        windowed.window_return(market.series("CL=F"), Window(Unit.SESSIONS, 1))


def test_symbols_that_a_panel_lacks_are_told_in_their_order():
    panel = Panel(np.array(["2025-01-02"], "datetime64[D]"), ("A", "B"), {"close": np.ones((1, 2))})
    assert panel.lacking(("A", "B")) == panel.lacking(()) == []
    for _ in range(2):
        assert panel.lacking(("X", "B", "C", "A")) == ["X", "C"]
