"""What is held back, what is not, and how it is decided."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import panel_of
from xlrotation.errors import BadArgument
from xlrotation.market import quarantine
from xlrotation.market.calendar import XNYS
from xlrotation.market.cutting import cut
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.providers.agreement import REWRITTEN, rewritten
from xlrotation.market.quarantine import MOVES, RECENT, REVISED, SETTLED, screen
from xlrotation.market.store import heldback
from xlrotation.market.store.store import Store

NAN = np.nan
WHEN = dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))


def offer(closes, last="2026-02-13", when=WHEN, **fields) -> Panel:
    panel = panel_of(closes, last, **fields)
    known = {symbol: Provenance("Yahoo Finance", panel.first, panel.last, when) for symbol in panel.symbols}
    return replace(panel, provenance=known, fetched=when)


def write(closes, last="2026-02-13", whole=(), when=WHEN, **fields):
    Store("s").write(offer(closes, last, when, **fields), whole)


def closes(symbol="A"):
    panel = Store("s").read()
    return panel.fields["close"][:, panel.columns[symbol]].tolist()


def held(symbol="A"):
    return [entry for entry in Store("s").read().quarantine if entry.symbol == symbol and not entry.rejected]


def days_held(closes, **fields):
    found = screen(None, panel_of(closes, **fields)).entries
    return {(entry.symbol, str(entry.day)) for entry in found}


@pytest.mark.parametrize(
    ("symbol", "path", "held_back"),
    [
        ("AAPL", [100.0, 61.0], False),
        ("AAPL", [100.0, 59.0], True),
        ("AAPL", [100.0, 139.0], False),
        ("AAPL", [100.0, 141.0], True),
        ("^GSPC", [282.70, 224.84], False),  # 1987-10-19, -20.5 %, closes of the S&P 500
        ("^GSPC", [100.0, 74.0], True),
        ("^VIX", [17.31, 37.32], False),  # 2018-02-05, +115.6 %
        ("^VIX", [15.0, 39.0], True),
        ("^IRX", [0.003, 0.045], False),  # a yield near zero
        ("^IRX", [3.5, 5.0], True),
        ("^IRX", [0.01, -0.05], False),
        ("AAPL", [1.15, 1.61], False),  # 40 % to the digit, although 1.61 / 1.15 - 1 is above 0.4
        ("^IRX", [3.03, 4.03], False),  # a point, although the difference is above 1
        ("^IRX", [3.03, 4.04], True),
        ("AAPL", [100.0, -1.0], True),
        ("AAPL", [100.0, NAN, NAN, 59.0], True),  # a gap does not let a move through
    ],
)
def test_the_bound_is_of_the_kind_of_symbol(symbol, path, held_back):
    assert days_held({symbol: path}) == ({(symbol, "2026-02-13")} if held_back else set())


def test_a_stated_split_explains_a_move():
    assert days_held({"A": [100.0, 26.0]}, split={"A": [NAN, 4.0]}) == set()
    assert days_held({"A": [100.0, NAN, 26.0]}, split={"A": [NAN, 4.0, NAN]}) == set()
    assert days_held({"A": [1.0, 9.5]}, split={"A": [NAN, 0.1]}) == set()
    # a split without the move that it makes is as suspicious
    assert days_held({"A": [100.0, 99.0]}, split={"A": [NAN, 4.0]}) == {("A", "2026-02-13")}


def test_a_split_of_a_stored_symbol_gets_in_and_changes_nothing_else():
    write({"A": [100.0, 101.0], "B": [7.0, 7.1]}, "2026-02-12")
    write({"A": [101.0, 25.5], "B": [7.1, 7.2]}, "2026-02-13", split={"A": [NAN, 4.0]})
    assert closes() == [100.0, 101.0, 25.5]
    assert closes("B") == [7.0, 7.1, 7.2]
    assert held() == []


def test_one_bad_bar_is_held_back_alone():
    path = [100.0, 101.0, 1010.0, 101.5, 102.0]
    write({"A": path}, volume={"A": [5.0] * 5})
    np.testing.assert_array_equal(closes(), [100.0, 101.0, NAN, 101.5, 102.0])
    (entry,) = held()
    assert (str(entry.day), entry.provider, entry.fetched, entry.times) == ("2026-02-11", "Yahoo Finance", WHEN, 1)
    np.testing.assert_equal(dict(entry.values), {"close": (NAN, 1010.0), "volume": (NAN, 5.0)})
    assert entry.reason == "close 1010 after 101 (+900.0%) without a split; the bound of a stock is 40%"
    assert np.isnan(Store("s").read().fields["volume"][2, 0])  # the whole bar


def test_a_crash_that_comes_today_waits_and_so_does_what_follows():
    write({"A": [100.0, 101.0], "B": [5.0, 5.0]}, "2026-02-11")
    write({"A": [101.0, 40.0], "B": [5.0, 5.1]}, "2026-02-12")
    write({"A": [101.0, 40.0, 39.0], "B": [5.0, 5.1, 5.2]}, "2026-02-13")
    np.testing.assert_array_equal(closes(), [100.0, 101.0, NAN, NAN])
    assert [(str(entry.day), entry.times) for entry in held()] == [("2026-02-12", 2), ("2026-02-13", 1)]
    assert closes("B")[-1] == 5.2
    for _ in range(9):  # however often it comes
        write({"A": [101.0, 40.0, 39.0]}, "2026-02-13")
    np.testing.assert_array_equal(closes(), [100.0, 101.0, NAN, NAN])
    assert [entry.times for entry in held()] == [11, 10]
    Store("s").accept(["A"])
    assert closes() == [100.0, 101.0, 40.0, 39.0]
    assert held() == []
    found = Store("s").origin("A", dt.date(2026, 2, 12))
    assert (found.provider, found.fetched, found.accepted) == ("Yahoo Finance", WHEN, True)
    write({"A": [40.1, 39.0, 38.0]}, "2026-02-17")  # a slight correction of the crash's day is none
    assert closes() == [100.0, 101.0, 40.1, 39.0, 38.0]
    assert held() == []


def test_what_is_rejected_stays_out_until_something_else_comes():
    write({"A": [100.0, 101.0]}, "2026-02-11")
    write({"A": [101.0, 40.0]}, "2026-02-12")
    Store("s").reject(["A"])
    assert held() == []
    write({"A": [101.0, 40.0]}, "2026-02-12")
    assert closes() == [100.0, 101.0]
    assert held() == []
    write({"A": [101.0, 41.0]}, "2026-02-12")
    assert [entry.values["close"][1] for entry in held()] == [41.0]
    write({"A": [101.0, 102.0]}, "2026-02-12")  # the provider has corrected it
    assert closes() == [100.0, 101.0, 102.0]
    assert Store("s").read().quarantine == ()


def test_only_what_is_held_back_can_be_decided():
    write({"A": [100.0, 10.0], "B": [5.0, 5.0]})
    for decide in (Store("s").accept, Store("s").reject):
        with pytest.raises(BadArgument, match="nothing is held back of B, only of A"):
            decide(["A", "B"])
    Store("s").reject(["A"])
    with pytest.raises(BadArgument, match="only of no symbol"):
        Store("s").accept(["A"])


def test_a_revised_history_is_held_back_but_not_the_last_sessions():
    n = RECENT + 4
    write({"A": [100.0] * n}, open={"A": [100.0] * n})
    changed = [100.0 + 2 * REVISED * 100] * n
    write({"A": changed}, open={"A": [100.0] * n})
    assert closes() == [100.0] * 4 + changed[4:]
    assert len(held()) == 4
    assert held()[0].reason == "close 101 in place of the stored 100 (+1.0%)"
    assert held()[0].values["close"] == (100.0, 101.0)
    write({"A": [100.0 + 0.9 * REVISED * 100] * n})  # a little less is no change, and clears what was held back
    assert closes()[:4] == [100.45] * 4
    assert held() == []
    write({"A": [100.45] * n}, open={"A": [99.0] * n})
    assert [entry.reason for entry in held()] == ["open 99 in place of the stored 100 (-1.0%)"] * 4


def test_a_first_history_keeps_its_true_crashes_to_a_day():
    path = [100.0] * 10 + [38.0] + [37.0] * (SETTLED + 5)
    write({"A": path})
    np.testing.assert_array_equal(closes(), [*path[:10], NAN, *path[11:]])
    (entry,) = held()
    assert entry.reason.endswith("; the days after it are stored, because the price stayed there")


def test_a_first_history_with_a_split_that_is_not_stated_ends_there():
    path = [100.0] * 10 + [50.5] + [50.0] * (SETTLED + 5)
    write({"A": path})
    assert closes() == path[:10]
    assert len(held()) == SETTLED + 6
    assert held()[0].reason.endswith("; it looks like a split of 2 for 1 that the provider does not state")


def basis(panel, as_traded):
    known = {symbol: replace(item, as_traded=as_traded) for symbol, item in panel.provenance.items()}
    return replace(panel, provenance=known)


def test_a_rewritten_history_is_held_back_and_replaces_the_stored_one_when_it_is_accepted():
    """It comes with fewer days, two percent higher, and without the split that was stated before."""
    n = RECENT + 15
    raw = [100.0] * 4 + [50.0] * (n - 4)
    write(
        {"A": raw, "B": raw}, split={"A": [NAN] * 4 + [2.0] + [NAN] * (n - 5), "B": [NAN] * 4 + [2.0] + [NAN] * (n - 5)}
    )
    again = [51.0] * n
    write({"A": again}, whole=("A",))
    assert closes()[: n - RECENT] == raw[: n - RECENT]
    assert {str(entry.day) for entry in held()} == {str(day) for day in Store("s").read().days[: n - RECENT]}
    assert closes("B") == raw
    Store("s").accept(["A"])
    assert closes() == again
    assert cut(Store("s").read(), None).series("A").close.tolist() == again  # the split is gone
    assert cut(Store("s").read(), None).series("B").close.tolist() == [50.0] * n


def test_prices_of_another_kind_replace_the_stored_ones():
    Store("s").write(basis(offer({"A": [100.0] * 20, "B": [100.0] * 20}), False))
    new = basis(offer({"A": [50.0] * 15}), True)
    Store("s").write(new, whole=("A",))
    assert closes()[5:] == [50.0] * 15
    assert not np.isfinite(closes()[:5]).any()
    assert held() == []
    Store("s").write(basis(offer({"A": [49.0] * 15}), True), whole=("A",))  # of the same kind
    assert closes()[5:] == [50.0] * 10 + [49.0] * 5
    assert len(held()) == 10
    Store("s").write(basis(offer({"A": [30.0] * 4 + [300.0] + [30.0] * 10}), False), whole=("A",))
    np.testing.assert_array_equal(closes()[5:], [*[30.0] * 4, NAN, *[30.0] * 10])  # checked as a first history
    assert len(held()) == 1


def test_earlier_bars_must_lead_up_to_stored_ones():
    write({"A": [100.0, 101.0]}, "2026-02-13")
    write({"A": [25.0, 25.2]}, "2026-02-11")
    assert closes()[-2:] == [100.0, 101.0]
    assert not np.isfinite(closes()[:-2]).any()
    assert [str(entry.day) for entry in held()] == ["2026-02-10", "2026-02-11"]
    assert held()[1].reason == "close 25.2 does not lead up to the stored 100 of 2026-02-12 without a split"
    write({"A": [98.0, 99.0]}, "2026-02-11")
    assert closes() == [98.0, 99.0, 100.0, 101.0]
    assert held() == []


def test_other_values_of_a_symbol_pass():
    write({"A": [100.0, 101.0]})
    Store("s").write(panel_of({"A": [NAN]}, shares={"A": [5e9]}, forward_pe={"A": [21.0]}))
    panel = Store("s").read()
    assert panel.fields["shares"][-1, 0] == 5e9
    assert panel.quarantine == ()


def test_what_is_held_back_survives_its_file():
    entries = screen(None, offer({"A": [100.0, 10.0], "B": [1.0, 5.0]})).entries
    read = heldback.decode(heldback.encode(entries))
    assert len(read) == 2
    assert repr(read) == repr(entries)


PATHS = st.lists(st.floats(0.7, 1.35), min_size=2, max_size=40).map(lambda steps: np.round(100 * np.cumprod(steps), 4))


@given(PATHS.filter(lambda path: path.min() > 1.0), st.data())
def test_a_path_within_its_bounds_is_never_held_back(path, data):
    """Whatever the batches that it comes in, and with splits that are stated."""
    n = len(path)
    split = np.array(data.draw(st.lists(st.none() | st.sampled_from([2.0, 0.1, 10.0]), min_size=n, max_size=n)), float)
    raw = path / np.cumprod(np.nan_to_num(split, nan=1.0))
    whole = panel_of({"A": raw}, split={"A": split})
    cuts = sorted({0, n, *data.draw(st.lists(st.integers(0, n), max_size=3))})
    stored = None
    for start, end in itertools.pairwise(cuts):
        begin = max(0, start - data.draw(st.integers(0, 3)))  # some days come again
        part = replace(whole, days=whole.days[begin:end], fields={k: v[begin:end] for k, v in whole.fields.items()})
        assert screen(stored, part).entries == ()
        stored = replace(whole, days=whole.days[:end], fields={k: v[:end] for k, v in whole.fields.items()})


@given(PATHS.filter(lambda path: path.min() > 1.0), st.data())
def test_nothing_beyond_the_bound_is_ever_stored(path, data):
    """Between any two neighbouring stored closes, but where a first history settled, the move is within the bound."""
    path = np.array(path)
    wild = data.draw(st.lists(st.integers(0, len(path) - 1), max_size=4))
    for row in wild:
        path[row] *= data.draw(st.sampled_from([0.01, 0.3, 2.2, 10.0]))
    half = data.draw(st.integers(1, len(path)))
    days = panel_of({"A": path}).days
    first = panel_of({"A": path[:half]}, str(days[half - 1]))
    stored = screen(None, first)
    kept = stored.panel
    if half < len(path):
        second = panel_of({"A": path[half:]})
        later = screen(kept, second, (), stored.entries).panel.fields["close"][:, 0]
        before = kept.fields["close"][:, 0]
        before = before[np.isfinite(before)]
        for value in later[np.isfinite(later)]:
            if len(before):
                assert abs(value / before[-1] - 1) <= MOVES["stock"] + 1e-12
            before = np.append(before, value)
    ours = screen(None, first)
    held_rows = {np.searchsorted(days, np.datetime64(entry.day)) for entry in ours.entries}
    finite = np.isfinite(ours.panel.fields["close"][:, 0])
    assert {int(row) for row in np.flatnonzero(~finite)} == {int(row) for row in held_rows}  # held back or stored


def test_a_difference_of_the_share_to_the_digit_is_no_rewriting():
    """6.03 in place of 6 is half a percent, although their difference is above 0.03."""
    assert REWRITTEN < 6.03 / 6.0 - 1.0
    stored = panel_of({"A": [6.0] * 5})
    for value, found in ((6.03, []), (6.04, ["A"])):
        came = ("A", stored.days, {"close": np.full(5, value)})
        assert rewritten([came], stored) == found


def test_many_that_are_held_back_cost_one_look_each(monkeypatch):
    """Each symbol looks at what is held back of itself, not of all others."""
    looked = []
    rows_of = quarantine._rows_of
    monkeypatch.setattr(
        quarantine, "_rows_of", lambda wanted, days: looked.append(len(wanted)) or rows_of(wanted, days)
    )
    days = XNYS.sessions()[-40:]
    closes = np.full((40, 30), 100.0)
    closes[20:] = 25.0
    names = tuple(f"S{n}" for n in range(30))
    panel = Panel(days, names, {"close": closes}, "test", "", {})
    held = screen(None, panel).entries
    assert len(held) == 20 * 30
    assert sum(looked) == 0
    again = screen(None, panel, entries=held).entries
    assert [(entry.symbol, entry.day) for entry in again] == [(entry.symbol, entry.day) for entry in held]
    assert {entry.times for entry in again} == {2}
    assert sum(looked) == len(held)
