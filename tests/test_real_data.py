"""Real prices, where they lie beside the checkout; the same facts are asserted on the sample data everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xlrotation.functions.boundary.session import Session

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


@pytest.fixture(scope="module")
def with_chains(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    for name in ("real_panel", "real_sp500", "options"):
        (folder / name).symlink_to(SHARED / "data" / name)
    (folder / "spx").symlink_to(SHARED / "data" / "options" / "SPX_2025-10-01")
    return Session(f"folder:{folder}", lang="en")


SIX = [["AAPL"], ["AMZN"], ["GOOG"], ["LLY"], ["META"], ["NVDA"]]


def test_1_and_2_1_chains_of_six_stocks(with_chains):
    """Near the volatilities that Yahoo printed for the same quotes, and the published DSPX of that day."""
    vols = with_chains.call("VOL_IMPLIED", SIX, "1M", "2025-11-25", None, 0.04)
    printed = (0.22, 0.31, 0.36, 0.31, 0.31, 0.43)  # near the money, the expiry of 2025-12-26, calls and puts
    for (vol,), theirs in zip(vols, printed, strict=True):
        assert abs(vol - theirs) < 0.025
    free = with_chains.call("VOL_IMPLIED", SIX, "1M", "2025-11-25", "MODELFREE", 0.04)
    assert all(0.0 < b[0] - a[0] < 0.07 for a, b in zip(vols, free, strict=True))
    published = with_chains.call("PX_CLOSE", "DSPX", "2025-11-25")
    assert abs(with_chains.call("DISP_INDEX", "SPX", SIX, "1M", "2025-11-25", 0.04, True) - published) < 1.0
    assert 0.0 < with_chains.call("DISP_IMPLCORR", "SPX", SIX, "1M", "2025-11-25", 0.04, True) < 0.3


def test_3_model_free_volatility_of_the_index_against_the_six_month_vix(with_chains):
    level = with_chains.call("VOL_IMPLIED", "SPX", 198, "2025-10-01", "MODELFREE", 0.04)
    assert abs(100 * level - with_chains.call("PX_CLOSE", "VIX6M", "2025-10-01")) < 0.1


def test_2_1_identity_of_dspx(real):
    market = real.market()
    levels = market.closes(["^VIXEQ", "^VIX", "^DSPX"])
    levels = levels[np.isfinite(levels).all(axis=1)]
    apart = np.abs(np.sqrt(np.maximum(levels[:, 0] ** 2 - levels[:, 1] ** 2, 0)) - levels[:, 2])
    assert np.median(apart) <= 0.07
    picked = [
        real.call("DISP_INDEX_CALC", real.call("PX_CLOSE", "VIX", day) / 100, [[v]], [[1]])
        for day, v in (("2026-01-16", 0.3670), ("2026-02-09", 0.3967), ("2026-02-13", 0.4160))
    ]
    assert np.abs(np.array(picked) - [33.10, 35.66, 36.13]).max() < 0.02


def test_1_percentile_of_cor1m(real):
    """As METHODS states it: the 9th, 25th and 58th percentile of the trailing year."""
    days = [["2026-01-16"], ["2026-02-09"], ["2026-02-13"]]
    got = [row[0] for row in real.call("DISP_PCTILE", "COR1M", "252D", days)]
    assert np.abs(np.array(got) - [0.09, 0.25, 0.58]).max() < 0.01
