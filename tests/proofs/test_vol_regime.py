"""VOL: regimes of volatility."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from tests.proofs.published import rows
from xlrotation.errors import CellError
from xlrotation.measures import regimes

NA, NUM = CellError.NA, CellError.NUM


def switching(seed, n=760, vols=(0.006, 0.02), stay=0.97):
    """Closes whose volatility switches."""
    chance = np.random.default_rng(seed)
    state, moves = 0, []
    for _ in range(n):
        if chance.random() > stay:
            state = (state + 1 + int(chance.integers(len(vols) - 1))) % len(vols)
        moves.append(chance.normal(0.0003, vols[state]))
    return 100 * np.exp(np.cumsum(moves))


@pytest.mark.proves("VOL_REGIME", by="statsmodels: MarkovRegression with switching variance, filtered probabilities")
@pytest.mark.parametrize(("seed", "vols"), [(1, (0.006, 0.02)), (2, (0.008, 0.025)), (5, (0.004, 0.012, 0.04))])
def test_filtered_probabilities_equal_statsmodels(session_of, seed, vols):
    closes = switching(seed, vols=vols)
    states = len(vols)
    table = session_of({"A": closes}).call("VOL_REGIME", "A", states, 756, None, False)
    returns = 100 * np.diff(np.log(closes[-756:]))
    model = MarkovRegression(returns, k_regimes=states, switching_trend=False, switching_variance=True)
    fitted = regimes.fit(returns, states)
    # Of ours as a start, so that statsmodels' own search can only find a better one near it.
    start = model.start_params.copy()
    names = model.param_names
    for row in range(states):
        for column in range(states - 1):
            start[names.index(f"p[{row}->{column}]")] = np.clip(fitted.transition[row, column], 1e-6, 1 - 1e-6)
        start[names.index(f"sigma2[{row}]")] = fitted.vol[row] ** 2
    start[names.index("const")] = fitted.mean
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(start_params=start, em_iter=0, disp=False)
        searched = model.fit(disp=False)
    assert fitted.log_likelihood == pytest.approx(theirs.llf, abs=1e-3)
    assert fitted.log_likelihood > searched.llf - 1e-3
    order = np.argsort([theirs.params[names.index(f"sigma2[{place}]")] for place in range(states)])
    wanted = np.asarray(theirs.filtered_marginal_probabilities)[-1][order]
    assert [row[1] for row in table] == pytest.approx(wanted, abs=2e-3)
    assert sum(row[1] for row in table) == pytest.approx(1)
    sigma = np.sqrt([theirs.params[names.index(f"sigma2[{place}]")] for place in order])
    assert [row[2] for row in table] == pytest.approx(sigma / 100 * 252**0.5, rel=2e-3)


GNP = rows("hamilton_gnp.csv")
# Hamilton (1989), table I: means, probabilities to stay, standard deviation, autoregression of the growth of GNP.
HAMILTON = (-0.3577, -0.3577 + 1.522, 0.7550, 0.9049, 0.7690, (0.014, -0.058, -0.247, -0.213))
# The same by EViews, with more digits.
EVIEWS = (-0.358811, 1.163516, 0.754673, 1 - 0.095915, np.exp(-0.262658), (0.013486, -0.057521, -0.246983, -0.212923))


def gnp(low, high, stay_low, stay_high, sigma, lags):
    """Hamilton's model as a chain of five quarters' states: filtered probability of the low one, and log-likelihood."""
    growth = np.array([float(row["growth"]) for row in GNP])
    move = np.array([[stay_low, 1 - stay_low], [1 - stay_high, stay_high]])
    long_run = np.array([1 - stay_high, 1 - stay_low]) / (2 - stay_low - stay_high)
    paths = np.array(list(np.ndindex(2, 2, 2, 2, 2)))  # the newest quarter first
    chain = np.zeros((32, 32))
    for row, path in enumerate(paths):
        for state in (0, 1):
            chain[row, int(np.flatnonzero((paths == [state, *path[:4]]).all(axis=1))[0])] = move[path[0], state]
    first = long_run[paths[:, 4]]
    for lag in range(4):
        first = first * move[paths[:, lag + 1], paths[:, lag]]
    mean = np.where(paths == 0, low, high)
    lagged = np.array([growth[t - 4 : t + 1][::-1] for t in range(4, len(growth))])
    off = lagged[:, None, :] - mean
    error = off[:, :, 0] - off[:, :, 1:] @ np.array(lags)
    density = np.exp(-0.5 * (error / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    filtered, likelihood = regimes.hamilton_filter(density, chain, first)
    return filtered[:, paths[:, 0] == 0].sum(axis=1), likelihood


def test_the_filter_on_hamiltons_gnp():
    low, likelihood = gnp(*EVIEWS)
    assert likelihood == pytest.approx(-181.26339, abs=1e-4)
    wanted = [float(row["filtered"]) for row in GNP if row["filtered"]]
    assert 1 - low == pytest.approx(np.array(wanted), abs=2e-5)
    low, likelihood = gnp(*HAMILTON)
    assert likelihood == pytest.approx(-181.263, abs=5e-3)
    changed = gnp(-0.2, *HAMILTON[1:])[1]
    assert changed < likelihood - 0.1


def test_regimes_do_not_look_ahead(session_of):
    closes = switching(7)
    session = session_of({"A": closes})
    day = session.panel.days[500].item()
    known = session_of({"A": closes[:501]}, last=day.isoformat())
    got = session.call("VOL_REGIME", "A", 2, 400, day)
    assert got == known.call("VOL_REGIME", "A", 2, 400)
    assert got != session.call("VOL_REGIME", "A", 2, 400)


def test_regimes_of_gaps_scales_and_what_cannot_be_told(session_of):
    closes = switching(9)
    gap = closes.copy()
    gap[300:303] = np.nan
    session = session_of(
        {"A": closes, "G": gap, "T": 1000 * closes, "C": np.full(760, 5.0), "N": closes - np.median(closes)}
    )
    whole = session.call("VOL_REGIME", "A", 2, 700, None, False)
    assert [row[0] for row in whole] == [1, 2]
    assert np.array(session.call("VOL_REGIME", "T", 2, 700, None, False)) == pytest.approx(np.array(whole), rel=1e-3)
    assert np.array(session.call("VOL_REGIME", "G", 2, 700, None, False))[:, 1] == pytest.approx(
        np.array(whole)[:, 1], abs=0.05
    )
    assert np.array(session.call("VOL_REGIME", [[one] for one in closes], 2, 700, None, False)) == pytest.approx(
        np.array(whole), rel=1e-3
    )
    assert session.call("VOL_REGIME", "C", 2, 700) is NA
    assert session.call("VOL_REGIME", "N", 2, 700) is NUM
    assert session.call("VOL_REGIME", "A", 2, 100) is NA
    assert "widen the window" in session.failures[-1].reason
    assert session.call("VOL_REGIME", "A", 4, 700) is CellError.VALUE


@pytest.mark.parametrize(("seed", "states"), [(2, 2), (2, 3), (8, 2)])
def test_regimes_of_one_volatility_are_none(session_of, seed, states):
    """Of returns of one volatility the likeliest states are the same; any probabilities would fit them."""
    moves = np.random.default_rng(seed).normal(0, 0.01, 400)
    session = session_of({"A": 100 * np.exp(np.append(0, np.cumsum(moves)))})
    assert session.call("VOL_REGIME", "A", states, 401) is NA
    assert f"do not tell {states} regimes apart" in session.failures[-1].reason


def test_the_likeliest_fit_that_statsmodels_finds_in_many_searches():
    """Three regimes of which two are close: at its best the calm states alternate; other peaks are 0.92 lower.

    Fits with a state of a single return, whose likelihood has no bound, do not count.
    """
    chance, state, moves = np.random.default_rng(0), 0, []
    for _ in range(300):
        if chance.random() > 0.95:
            state = int(chance.integers(3))
        moves.append(chance.normal(0, (0.008, 0.011, 0.02)[state]))
    found = regimes.fit(np.array(moves), 3)
    model = MarkovRegression(100 * np.array(moves), k_regimes=3, switching_trend=False, switching_variance=True)
    best = [0.26, 0.40, 0.04, 0.73, 0.55, 0.001, -0.07, 0.254, 1.265, 3.153]  # near those that it finds with seed 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(start_params=np.array(best), em_iter=20, disp=False).llf + 300 * np.log(100)
    assert theirs == pytest.approx(894.6759, abs=1e-2)
    assert found.log_likelihood == pytest.approx(theirs, abs=1e-2)
    assert found.vol * 100 == pytest.approx(np.sqrt(best[-3:]), rel=5e-3)


def test_a_fit_that_is_one_of_several_is_told(session_of, monkeypatch):
    closes = switching(5, vols=(0.004, 0.012, 0.04))
    session = session_of({"A": closes})
    assert isinstance(session.call("VOL_REGIME", "A", 3, 700), list)
    assert not any("one of several" in remark for remark in session.remarks)
    real = regimes.fit
    monkeypatch.setattr(regimes, "fit", lambda *given: (f := real(*given))._replace(rivals=(f.log_likelihood - 0.4,)))
    session = session_of({"A": closes})
    assert isinstance(session.call("VOL_REGIME", "A", 3, 699), list)
    assert any("another one of 3 regimes is nearly as likely (-0.4" in remark for remark in session.remarks)
