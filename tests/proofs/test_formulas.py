"""XLR: formulas over time and over names, against the arithmetic of pandas on the same closes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def prices(seed: int, names: str, n: int = 90) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    return {name: 100 * np.cumprod(1 + chance.normal(0, 0.01, n)) for name in names}


@pytest.mark.proves("XLR_SERIES", by="pandas: pct_change, rolling mean")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_series_equals_a_column_of_pandas(session_of, seed):
    closes = prices(seed, "AB")
    frame = pd.DataFrame(closes)
    wanted = (frame["A"].pct_change(5) - frame["B"].pct_change(5)) * 100 + (frame["A"] > frame["A"].rolling(20).mean())
    formula = '=(PX_RET("A",5)-PX_RET("B",5))*100+IF(PX_VS_MA("A",20)>0,1,0)'
    rows = session_of(closes).call("XLR_SERIES", formula, 40, None, False)
    assert len(rows) == 40
    assert [row[1] for row in rows] == pytest.approx(wanted.iloc[-40:].tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.proves("XLR_SCREEN", by="pandas: pct_change, sort_values")
@pytest.mark.parametrize("seed", [3, 4])
def test_a_screen_equals_a_filter_of_pandas(session_of, seed):
    closes = prices(seed, "ABCDEFGH")
    returns = pd.DataFrame(closes).pct_change(20).iloc[-1]
    wanted = returns[returns > 0.005].sort_values(ascending=False)
    universe = [[name] for name in closes]
    rows = session_of(closes).call("XLR_SCREEN", universe, "=PX_RET({},20)", ">", 0.005, None, None, False)
    assert [row[0] for row in rows] == wanted.index.tolist()
    assert [row[2] for row in rows] == pytest.approx(wanted.tolist(), rel=1e-9)
