"""ROT: a move split by factors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from xlrotation.errors import CellError

NA = CellError.NA
FUNDS = ("SPY", "IWM", "IWD", "IWF", "MTUM", "TLT")


def returns_of_funds(seed: int, n: int = 300) -> dict[str, np.ndarray]:
    """Daily returns of the funds, moved by a market that all but the bonds share."""
    chance = np.random.default_rng(seed)
    market = chance.normal(0.0004, 0.01, n)
    found = {name: market + chance.normal(0, 0.006, n) for name in FUNDS[1:5]}
    return {"SPY": market, **found, "TLT": chance.normal(0, 0.008, n)}


def factors(returns: dict[str, np.ndarray]) -> np.ndarray:
    """The five columns of the regression."""
    market = returns["SPY"]
    return np.column_stack(
        [market, returns["IWM"] - market, returns["IWD"] - returns["IWF"], returns["MTUM"] - market, returns["TLT"]]
    )


def prices(returns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: 100 * np.append(1.0, np.cumprod(1 + values)) for name, values in returns.items()}


def regressed_alone(y: np.ndarray, x: np.ndarray, place: int) -> tuple[float, float]:
    """Slope and standard error of one column, by scipy, on what the others leave of it (Frisch and Waugh 1933)."""
    others = np.column_stack([np.ones(len(y)), np.delete(x, place, axis=1)])
    own, left = (values - others @ np.linalg.lstsq(others, values, rcond=None)[0] for values in (x[:, place], y))
    line = stats.linregress(own, left)
    return line.slope, line.stderr * np.sqrt((len(y) - 2) / (len(y) - x.shape[1] - 1))


@pytest.mark.proves("ROT_FACTORS", by="scipy: linregress of each factor on what the others leave (Frisch and Waugh)")
@pytest.mark.parametrize("seed", [1, 2])
def test_slopes_and_errors_equal_scipy(session_of, seed):
    returns = returns_of_funds(seed)
    own = factors(returns) @ [1.2, 0.4, -0.3, 0.5, 0.1] + np.random.default_rng(seed + 9).normal(0.0002, 0.007, 300)
    session = session_of(prices({**returns, "NVDA": own}))
    y, x = own[-252:], factors(returns)[-252:]
    table = session.call("ROT_FACTORS", "NVDA", "20D", None, None, False)
    assert [row[0] for row in table] == ["Market", "Size", "Value", "Momentum", "Rates", "Remainder", "Sum"]
    assert [row[1] for row in table[:5]] == ["SPY", "IWM - SPY", "IWD - IWF", "MTUM - SPY", "TLT"]
    grown = {name: np.prod(1 + values[-20:]) - 1 for name, values in returns.items()}
    made = factors({name: np.array([value]) for name, value in grown.items()})[0]
    for place, row in enumerate(table[:5]):
        slope, error = regressed_alone(y, x, place)
        assert row[2:4] == pytest.approx([slope, error], rel=1e-8)
        assert row[4:] == pytest.approx([made[place], slope * made[place], error * abs(made[place])], rel=1e-8)
    move = session.call("PX_RET", "NVDA", "20D")
    assert table[-1][5] == move
    assert sum(row[5] for row in table[:6]) == pytest.approx(move, abs=1e-15)
    design = np.column_stack([np.ones(252), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    covariance = np.linalg.inv(design.T @ design)[1:, 1:] * (residual @ residual) / (252 - 6)
    assert table[5][6] == pytest.approx(np.sqrt(made @ covariance @ made), rel=1e-6)


@pytest.mark.proves("ROT_FACTORS", by="hand calculation: a fund of small caps is the market and the size")
def test_a_fund_that_is_made_of_factors(session_of):
    session = session_of(prices(returns_of_funds(3)))
    for symbol, betas in {"IWM": [1, 1, 0, 0, 0], "SPY": [1, 0, 0, 0, 0], "TLT": [0, 0, 0, 0, 1]}.items():
        table = session.call("ROT_FACTORS", symbol, "YTD", None, None, False)
        assert [row[2] for row in table[:5]] == pytest.approx(betas, abs=1e-9)
        assert table[5][5] == pytest.approx(0.0, abs=1e-9)


def test_what_the_data_lack_is_told(session_of):
    closes = prices(returns_of_funds(4))
    closes["^GSPC"], closes["^RUT"] = closes.pop("SPY"), closes.pop("IWM")
    del closes["MTUM"]
    session = session_of(closes)
    table = session.call("ROT_FACTORS", "TLT", "20D", None, 100, False)
    assert [row[1] for row in table[:4]] == ["^GSPC", "^RUT - ^GSPC", "IWD - IWF", "TLT"]
    told = " | ".join(session.remarks)
    assert "the factor Market (SPY) is measured by ^GSPC in place of its funds" in told
    assert "the factor Momentum (MTUM - SPY) is left to the remainder" in told
    assert session_of({"TLT": closes["TLT"]}).call("ROT_FACTORS", "TLT") is NA


def test_factors_that_move_together_are_left_out(session_of):
    returns = returns_of_funds(5)
    returns["MTUM"] = 2 * returns["IWM"] - returns["SPY"]
    session = session_of(prices({**returns, "NVDA": returns["TLT"] + returns["SPY"]}))
    table = session.call("ROT_FACTORS", "NVDA", "20D", None, None, False)
    assert isinstance(table[0][2], float)
    assert sum(row[5] for row in table[:-1]) == pytest.approx(table[-1][5], abs=1e-15)
    assert any("moves with the other factors" in remark for remark in session.remarks)


def test_gaps_and_too_few_sessions(session_of):
    returns = returns_of_funds(6)
    closes = prices({**returns, "NVDA": 1.5 * returns["SPY"]})
    closes["IWM"][250] = np.nan
    session = session_of(closes)
    table = session.call("ROT_FACTORS", "NVDA", "20D", None, 200, False)
    assert table[0][2] == pytest.approx(1.5, abs=1e-9)
    assert any("left out of the regression" in remark for remark in session.remarks)
    assert session.call("ROT_FACTORS", "NVDA", "20D", None, 29) is NA
    assert session.call("ROT_FACTORS", "NVDA", "900D") is NA
    own = [[value] for value in closes["NVDA"].tolist()]
    of_column = session.call("ROT_FACTORS", own, 20, None, 200, False)
    assert [row[2:] for row in of_column[:6]] == [row[2:] for row in table[:6]]
    longer = session.call("ROT_FACTORS", [[1.0], [2.0], *own], 20, None, 400, False)
    assert longer[0][2] == pytest.approx(1.5, abs=1e-9)


def test_factors_do_not_look_ahead(session_of):
    closes = prices({**returns_of_funds(7), "NVDA": returns_of_funds(8)["IWM"]})
    session = session_of(closes)
    day = session.panel.days[200].item()
    known = session_of({name: values[:201] for name, values in closes.items()}, last=day.isoformat())
    assert session.call("ROT_FACTORS", "NVDA", "20D", day) == known.call("ROT_FACTORS", "NVDA", "20D")
