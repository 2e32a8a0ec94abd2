"""DISP: correlations of all pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xlrotation.errors import CellError

NA, VALUE = CellError.NA, CellError.VALUE
LIST = [["A", "B"], ["C", "D"]]


def prices(seed: int, n: int = 120) -> dict[str, np.ndarray]:
    """Prices of four symbols that share half of what moves them."""
    chance = np.random.default_rng(seed)
    moves = 0.5 * chance.normal(0, 0.02, (n, 1)) + chance.normal(0, 0.01, (n, 4))
    return dict(zip("ABCD", (100 * np.cumprod(1 + moves, axis=0)).T, strict=True))


@pytest.mark.proves("DISP_CORR_MATRIX", by="pandas: pct_change, corr")
@pytest.mark.parametrize("n", [3, 20, 63])
def test_the_matrix_equals_pandas(session_of, n):
    closes = prices(n)
    session = session_of(closes)
    wanted = pd.DataFrame(closes).pct_change().iloc[-n:].corr()
    head, *rows = session.call("DISP_CORR_MATRIX", LIST, n)
    assert head == ["Symbol", *"ABCD"]
    assert [row[0] for row in rows] == list("ABCD")
    assert np.array([row[1:] for row in rows]) == pytest.approx(wanted.to_numpy(), rel=1e-9)
    mean = session.call("DISP_REALCORR", LIST, n)
    assert (wanted.to_numpy().sum() - 4) / 12 == pytest.approx(mean, rel=1e-9)
    for a, b in (("A", "C"), ("B", "D")):
        assert session.call("RS_CORREL", a, b, n) == pytest.approx(wanted.loc[a, b], rel=1e-9)


def test_a_gap_leaves_its_row_and_column(session_of):
    closes = prices(7)
    closes["B"][-10] = np.nan
    closes["E"] = np.full(120, 5.0)
    session = session_of(closes)
    rows = session.call("DISP_CORR_MATRIX", [["A", "B", "C", "E"]], 30, None, False)
    table = {row[0]: dict(zip("ABCE", row[1:], strict=True)) for row in rows}
    assert table["A"]["A"] == 1.0
    assert isinstance(table["A"]["C"], float)
    assert all(table[a][b] is NA for a in "ABCE" for b in "BE")
    assert all(table[a][b] is NA for a in "BE" for b in "ABCE")
    assert any("with B, E" in remark for remark in session.remarks)
    assert session.call("DISP_CORR_MATRIX", [["A", "B", "E"]], 30) is NA
    assert session.call("DISP_CORR_MATRIX", "A", 30) is VALUE
    assert session.call("DISP_CORR_MATRIX", [["A", "C"]], 2) is NA
    assert session.call("DISP_CORR_MATRIX", [["A", "NOSUCH"]], 30) is NA


def test_the_matrix_does_not_look_ahead(session_of):
    closes = prices(8)
    session = session_of(closes)
    day = session.panel.days[80].item()
    known = session_of({name: values[:81] for name, values in closes.items()}, last=day.isoformat())
    assert session.call("DISP_CORR_MATRIX", LIST, 40, day) == known.call("DISP_CORR_MATRIX", LIST, 40)
