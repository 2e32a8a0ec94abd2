"""The condition of data in words, whatever the clock says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from tests.conftest import panel_of
from xlrotation.market.condition import condition_of, few
from xlrotation.market.panel import Panel, Quarantined
from xlrotation.market.providers.folder.source import load


@pytest.fixture
def panel() -> Panel:
    nan = float("nan")
    made = panel_of({"A": [1.0, 2.0, 3.0, 4.0, 5.0], "B": [1.0, 2.0, nan, nan, nan]}, last="2026-02-13")
    return dataclasses.replace(made, ages=True)


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "behind", "stale"),
    [
        ("2026-02-14", 0, ["B: newest close 2026-02-10"]),
        ("2026-02-18", 1, ["B: newest close 2026-02-10"]),
        ("2026-03-02", 9, ["the data end on 2026-02-13, 9 sessions behind", "B: newest close 2026-02-10"]),
        (
            "1970-01-01",
            None,
            ["nobody knows: the data end on 2026-02-13, and the clock of this machine says 1970-01-01"],
        ),
    ],
)
def test_what_is_stale_is_told_by_the_clock(panel: Panel, now: str, behind: int | None, stale: list[str]) -> None:
    found = condition_of(panel, at(now))
    assert (found.behind, list(found.stale)) == (behind, stale)


def test_a_calendar_that_ends_is_told(panel: Panel) -> None:
    found = condition_of(panel, at("2300-01-01"))
    assert found.behind is None
    assert "are known until" in found.stale[0]


def test_a_sample_does_not_age(panel: Panel) -> None:
    found = condition_of(dataclasses.replace(panel, ages=False), at("2300-01-01"))
    assert (found.behind, found.stale) == (0, ("B: newest close 2026-02-10",))


def test_files_and_rows_that_were_left_out(tmp_path: Path) -> None:
    rows = "Date,SPY,QQQ\n2026-02-11,10,1\n2026-02-12,x,1\n2026-02-13,11,1\n"
    (tmp_path / "good.csv").write_text(rows)
    (tmp_path / "damaged.csv").write_bytes(bytes(range(128, 256)) * 40)
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    found = condition_of(load(tmp_path), at("2026-02-14"))
    assert [text for text in found.unread if "damaged.csv" in text]
    assert not [text for text in found.unread if "good.csv" in text]
    assert [text for text in (*found.left_out, *found.remarks) if "good.csv" in text]
    assert [text for text in (*found.left_out, *found.unread) if "note.pdf" in text]


def test_what_is_held_back_and_lists_that_are_long(panel: Panel) -> None:
    day = dt.date(2026, 2, 13)
    held = [Quarantined(f"S{n}", day, "p", None, "moved", {}, rejected=n == 0) for n in range(150)]
    found = condition_of(dataclasses.replace(panel, quarantine=held), at("2026-02-14")).as_dict()
    assert isinstance(found["held_back"], list)
    assert len(found["held_back"]) == 101
    assert found["held_back"][0] == "S1, 2026-02-13: held back (moved)"
    assert found["held_back"][-1] == "and 49 more"
    assert few(["a"], 1) == ["a"]
