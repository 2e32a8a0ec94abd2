"""Real prices, where they lie beside the checkout; the same facts are asserted on the sample data everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlrotation.functions.session import Session

SHARED = Path(__file__).parents[2] / "shared"
PANEL = SHARED / "data" / "real_panel"

pytestmark = pytest.mark.skipif(not PANEL.is_dir(), reason="no real prices beside this checkout")


@pytest.fixture(scope="module")
def real():
    return Session(f"folder:{PANEL}", lang="en")


@pytest.mark.parametrize(("day", "length"), [("2026-01-14", 9), ("2026-01-16", 11), ("2026-01-22", 14)])
def test_streak(real, day, length):
    assert real.call("RS_STREAK", "RUT", "SPX", day) == length


def test_averages_and_moves_of_the_report(real):
    averages = real.call("PX_MA", "RUT", [[20], [50]], "2026-02-09")
    assert [round(row[0], 2) for row in averages] == [2655.15, 2580.88]
    moves = real.call("PX_RET", [["GLD"], ["SLV"]], "1D", "2026-02-09")
    assert [round(100 * row[0], 2) for row in moves] == [2.54, 8.33]


def test_index_file_of_the_vectors(tmp_path):
    (tmp_path / "indices.csv").write_bytes((SHARED / "vectors" / "index_ohlc_2025-08_2026-02.csv").read_bytes())
    session = Session(f"folder:{tmp_path}")
    both = session.call("PX_RET_BETWEEN", "RUT", "2025-11-03", "2026-02-09", None, [["CLOSE", "OPEN"]])
    assert [round(100 * value, 2) for value in both[0]] == [8.81, 8.38]
    assert round(session.call("PX_MA", "RUT", 20, "2026-02-09"), 2) == 2655.15


def test_every_layout_in_the_folder_is_read():
    panel = Session(f"folder:{SHARED / 'data'}").panel
    assert len(panel.symbols) > 500
    assert len(panel.universes["SP500"]) > 490
    days, weights = panel.weights["SP500"]
    assert 0.95 < weights[-1][weights[-1] > 0].sum() < 1.05
    assert len(days) > 50
