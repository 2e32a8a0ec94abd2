"""Adjustment for splits and dividends, against an example by hand and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import panel_of
from xlrotation.market.adjustment import on_last_share_count, split_factor, total_return
from xlrotation.market.cutting import cut

NAN = np.nan
# A share trades at 100, 102 and, after 4 new ones for 1, at 26 and 25; it paid 2.00 on the old share count, 0.50 on the
# new one. By hand, on today's count: 100/4, 102/4, 26, 25; volumes 10*4, 11*4, 50, 60; dividends 0, 0.50, 0, 0.50.
CLOSE = np.array([100.0, 102.0, 26.0, 25.0])
SPLIT = np.array([NAN, NAN, 4.0, NAN])
DIVIDEND = np.array([NAN, 2.0, NAN, 0.5])
VOLUME = np.array([10.0, 11.0, 50.0, 60.0])


def test_by_hand():
    factor = split_factor(SPLIT)
    assert factor.tolist() == [1.0, 1.0, 4.0, 4.0]
    assert on_last_share_count("close", CLOSE, factor).tolist() == [25.0, 25.5, 26.0, 25.0]
    assert on_last_share_count("volume", VOLUME, factor).tolist() == [40.0, 44.0, 50.0, 60.0]
    np.testing.assert_array_equal(on_last_share_count("dividend", DIVIDEND, factor), [NAN, 0.5, NAN, 0.5])
    assert on_last_share_count("forward_pe", CLOSE, factor) is CLOSE
    # before the split nothing of it is known
    assert on_last_share_count("close", CLOSE[:2], factor[:2]).tolist() == [100.0, 102.0]


def test_total_return_by_hand():
    panel = panel_of({"A": CLOSE}, split={"A": SPLIT}, dividend={"A": DIVIDEND})
    path = cut(panel, None).series("A").path("total")
    expected = [(102 + 2) / 100, 26 * 4 / 102, (25 + 0.5) / 26]
    np.testing.assert_allclose(path[1:] / path[:-1], expected, rtol=1e-14)
    assert path[-1] == 25.0


def test_the_market_adjusts_every_field():
    panel = panel_of({"A": CLOSE, "B": CLOSE}, split={"A": SPLIT}, volume={"A": VOLUME, "B": VOLUME}, open={"A": CLOSE})
    market = cut(panel, None)
    assert market.series("A").field("open").tolist() == [25.0, 25.5, 26.0, 25.0]
    assert market.series("A").field("volume").tolist() == [40.0, 44.0, 50.0, 60.0]
    assert market.series("B").close.tolist() == CLOSE.tolist()  # a split is of its own symbol only
    assert market.series("B").field("volume").tolist() == VOLUME.tolist()
    early = cut(panel, panel.days[1].item())
    assert early.series("A").close.tolist() == [100.0, 102.0]


def test_a_split_that_a_reverse_split_undoes():
    close = [10.0, 5.0, 10.0]
    panel = panel_of({"A": close}, split={"A": [NAN, 2.0, 0.5]})
    assert cut(panel, None).series("A").close.tolist() == [10.0, 10.0, 10.0]


PATH = st.lists(st.floats(1.0, 1e4), min_size=3, max_size=20)
RATIO = st.sampled_from([2.0, 3.0, 4.0, 10.0, 1.5, 0.1, 0.05])


@given(PATH, st.data())
def test_returns_are_continuous_across_splits(path, data):
    """Whatever splits are put into a path as traded, its adjusted returns are those of the path without them."""
    n = len(path)
    split = np.array(data.draw(st.lists(st.none() | RATIO, min_size=n, max_size=n)), dtype=float)
    dividend = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.01]), min_size=n, max_size=n))) * path
    ratio = np.cumprod(np.nan_to_num(split, nan=1.0))
    whole = panel_of({"A": path}, dividend={"A": dividend})
    traded = panel_of(
        *({"A": path / ratio},), dividend={"A": dividend / ratio}, split={"A": split}, volume={"A": ratio * 7.0}
    )
    for basis in ("price", "total"):
        ours, plain = cut(traded, None).series("A").path(basis), cut(whole, None).series("A").path(basis)
        np.testing.assert_allclose(ours / ours[-1], plain / plain[-1], rtol=1e-9)
    np.testing.assert_allclose(cut(traded, None).series("A").field("volume"), 7.0 * ratio[-1], rtol=1e-9)


@given(PATH, st.sampled_from([NAN, 0.0, 1.0]))
def test_without_splits_nothing_changes(path, none):
    closes = np.array(path)
    assert split_factor(np.full((len(path), 2), none)) is None
    panel = panel_of({"A": closes}, split={"A": np.full(len(path), none)})
    assert cut(panel, None).series("A").close.tolist() == path
    assert total_return({"close": closes.reshape(-1, 1)}, None)[:, 0].tolist() == path


@pytest.mark.parametrize("basis", ["price", "total"])
def test_a_split_changes_its_symbol_only(basis):
    paths = {"A": CLOSE, "B": [5.0, 6.0, 7.0, 8.0]}
    plain = cut(panel_of(paths), None)
    other = cut(panel_of(paths, split={"A": SPLIT}), None)
    assert other.series("B").path(basis).tolist() == plain.series("B").path(basis).tolist()
    assert other.series("A").path(basis).tolist() != plain.series("A").path(basis).tolist()
