"""The identity of data: whatever a function can read of them changes it, and nothing else does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import panel_of
from xlrotation.market.calendar import find_exchange
from xlrotation.market.chains import Chain, ChainsByDay, HeldChains
from xlrotation.market.identity import identity_of
from xlrotation.market.listing import Listing
from xlrotation.market.panel import Panel, Provenance, Quarantined
from xlrotation.market.sources import open_source
from xlrotation.market.store.store import Store
from xlrotation.market.terms import Terms

DAY = dt.date(2026, 2, 13)
DAYS = np.array([DAY], "datetime64[D]")
NOON = dt.datetime(2026, 2, 13, 17, tzinfo=dt.UTC)


def chain(bid: float = 1.0) -> Chain:
    days = np.array([dt.date(2026, 3, 20)], "datetime64[D]")
    one = np.ones(1)
    return Chain("XLK", DAY, days, one * 100, one > 0, one * bid, one * 1.2, one > 0, days)


def whole() -> Panel:
    panel = panel_of({"XLK": [100.0, 101, np.nan], "XLF": [50.0, 51, 52]}, volume={"XLK": [1.0, 2, 3]})
    return dataclasses.replace(
        panel,
        notice="a notice",
        provenance={"XLK": Provenance("yahoo", DAY, DAY)},
        universes={"MINE": ("XLK", "XLF")},
        weights={"MINE": (DAYS, np.array([[0.6, 0.4]]))},
        chains=HeldChains([chain()]),
        series={"UNRATE": (DAYS, np.array([4.1]))},
        remarks=("a remark",),
        fetched=NOON,
        quarantine=(Quarantined("XLK", DAY, "yahoo", NOON, "a jump", {"close": (100.0, 10.0)}),),
        ages=True,
        known=NOON,
    )


PANEL = whole()
CHANGES: dict[str, Any] = {
    "days": PANEL.days + np.timedelta64(7, "D"),
    "symbols": ("XLK", "XLE"),
    "fields": {**PANEL.fields, "volume": PANEL.fields["volume"] + 1},
    "source": "another",
    "notice": "another",
    "provenance": {"XLK": Provenance("folder", DAY, DAY)},
    "universes": {"MINE": ("XLF", "XLK")},
    "weights": {"MINE": (DAYS, np.array([[0.5, 0.5]]))},
    "chains": HeldChains([chain(bid=1.1)]),
    "series": {"UNRATE": (DAYS, np.array([4.2]))},
    "remarks": (),
    "fetched": NOON + dt.timedelta(minutes=1),
    "quarantine": (dataclasses.replace(PANEL.quarantine[0], times=2),),
    "ages": False,
    "known": None,
    "price_only": ("XLK",),
    "names": {"XLK": "Technology"},
    "terms": {"MINE": Terms(("XLK",), DAYS, DAYS, DAYS)},
    "sectors": {"XLK": "Technology"},
}


def test_every_part_of_a_panel_is_changed_below() -> None:
    named = {field.name for field in dataclasses.fields(Panel) if field.init}
    assert named == {*CHANGES, "state", "listing", "readings"}
    assert dataclasses.replace(PANEL, state="another name").identity == PANEL.identity


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_of_a_panel_changes_its_identity(name: str) -> None:
    panel = whole()
    assert whole().identity == panel.identity
    assert dataclasses.replace(panel, **{name: CHANGES[name]}).identity != panel.identity


def test_each_field_of_prices_counts() -> None:
    panel = whole()
    for name in ("close", "volume", "shares", "forward_pe", "dividend", "split", "adjclose", "open"):
        values = panel.fields.get(name, np.zeros(panel.fields["close"].shape)).copy()
        values[0, 1] = 7.0
        assert dataclasses.replace(panel, fields={**panel.fields, name: values}).identity != panel.identity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        ((("a",), "b"), ("a", ("b",))),
        ({"a": "b"}, ("a", "b")),
        (1, "1"),
        (1, True),
        (None, "None"),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2), np.zeros(2, np.int64)),
        (np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 3], [2, 4]])),
        (dt.date(2026, 2, 13), "2026-02-13"),
        (1.0, np.nextafter(1.0, 2.0)),
    ],
)
def test_different_content_is_told_apart(one: object, other: object) -> None:
    assert identity_of(one) != identity_of(other)


def test_the_same_content_is_the_same_however_it_lies_in_memory() -> None:
    table = np.arange(12.0).reshape(3, 4)
    for same in (np.asfortranarray(table), np.arange(24.0).reshape(3, 8)[:, :4] * 0 + table, table.astype(">f8")):
        assert identity_of(same) == identity_of(table)
    tokyo = dt.timezone(dt.timedelta(hours=9))
    assert identity_of(NOON.astimezone(tokyo)) == identity_of(NOON)


def test_what_could_change_unseen_has_no_identity() -> None:
    for value in (object(), {1, 2}, lambda: 1, np.array([object()])):
        with pytest.raises(TypeError):
            identity_of(value)


def test_another_process_finds_the_same() -> None:
    code = "from xlrotation.market.sources import open_source; print(open_source('sample').panel().identity)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == open_source("sample").panel().identity


def test_chains_on_disk_count_whether_they_were_read_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    store = Store("chains")
    store.write(panel_of({"XLK": np.linspace(90, 100, 30)}))
    without = store.read().identity
    store.write_chains([chain()])
    first = store.read()
    assert first.identity not in ("", without)
    first.chains.chain("XLK", DAY)
    assert dataclasses.replace(first).identity == store.read().identity == first.identity
    (file,) = (tmp_path / "chains").glob("chains-*.parquet")
    good = file.read_bytes()
    file.write_bytes(good[:-1])
    damaged = store.read().identity
    file.unlink()
    # Neither a damaged nor a missing file can be read, and both say so.
    assert damaged == store.read().identity
    assert len({without, first.identity, damaged}) == 3
    file.write_bytes(good)
    assert store.read().identity == first.identity
    store.write_chains([chain(bid=1.1)])
    assert store.read().identity != first.identity


def test_chains_without_bytes_are_told_apart_by_what_they_hold() -> None:
    def book(bid: float) -> ChainsByDay:
        return ChainsByDay({DAY: ("XLK",)}, lambda _: [chain(bid)])

    assert book(1.0).identity() == book(1.0).identity() != book(1.1).identity()


def test_where_symbols_trade_counts_however_it_is_said() -> None:
    elsewhere = find_exchange("XETR")
    for listing in (Listing(default=elsewhere), Listing(home=elsewhere), Listing(by_symbol={"XLK": elsewhere})):
        assert dataclasses.replace(PANEL, listing=listing).identity != PANEL.identity
    assert dataclasses.replace(PANEL, listing=Listing()).identity == PANEL.identity
