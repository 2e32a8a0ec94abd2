"""ROT: how mechanical a rotation looks, and what would unwind it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from xlrotation.market.universes import SECTORS, SP50

N = 700
SIGNS = {"implied": -1, "share": 1, "premium": -1, "absorption": -1, "persistence": -1, "reversal": -1}
LIBRARIES = "pandas, scipy and numpy: corr, eigvalsh, spearmanr, lstsq, percentileofscore"


@pytest.fixture(scope="module")
def market():
    """Random closes and volumes of all that the score is made of."""
    rng = np.random.default_rng(21)

    def walk(members, size):
        common = rng.normal(0, 0.008, (N, 1)) * np.sin(np.arange(N) / 40)[:, None]
        return 100 * np.exp(np.cumsum(common + rng.normal(0, size, (N, members)), axis=0))

    closes = pd.DataFrame(
        np.hstack([walk(len(SECTORS), 0.01), walk(len(SP50), 0.02), walk(1, 0.008)]), columns=[*SECTORS, *SP50, "^GSPC"]
    )
    closes["^COR1M"] = 15 + 8 * np.sin(np.arange(N) / 25) + rng.normal(0, 1, N)
    closes["^VIX"] = 18 + 4 * np.sin(np.arange(N) / 33) + rng.normal(0, 0.5, N)
    closes["^VIXEQ"] = 36 + rng.normal(0, 1, N)
    volume = pd.DataFrame(np.exp(rng.normal(15, 0.4, (N, len(SECTORS)))), columns=list(SECTORS))
    return closes, volume


@pytest.fixture
def session(market, session_of):
    closes, volume = market
    return session_of(dict(closes), volume=dict(volume))


@pytest.fixture(scope="module")
def histories(market):
    """The components on every session, as the definitions say."""
    closes, volume = market
    sectors, members = closes[list(SECTORS)], closes[list(SP50)].pct_change()
    pairs = np.triu_indices(len(SP50), 1)
    realised, absorbed, persistent, reversal = (np.full(N, np.nan) for _ in range(4))
    returns = sectors.pct_change()
    relative = returns.sub(closes["^GSPC"].pct_change(), axis=0).to_numpy()
    logs = np.log(volume)
    abnormal = (logs - logs.rolling(63).mean()).to_numpy()
    ranks = sectors.pct_change(5).to_numpy()
    for day in range(200, N):
        realised[day] = members.iloc[day - 20 : day + 1].corr().to_numpy()[pairs].mean()
        values = np.linalg.eigvalsh(returns.iloc[day - 62 : day + 1].cov().to_numpy())
        absorbed[day] = values[-2:].sum() / values.sum()  # a fifth of eleven, rounded, are two
        ends = [ranks[day - 5 * back] for back in range(13)]
        # Correlations of ranks are fractions: what only rounding tells apart is the same.
        persistent[day] = np.round(np.mean([stats.spearmanr(a, b).statistic for a, b in itertools.pairwise(ends)]), 12)
        now, after = relative[day - 126 : day].ravel(), relative[day - 125 : day + 1].ravel()
        terms = np.column_stack([np.ones(len(now)), now, now * abnormal[day - 126 : day].ravel()])
        reversal[day] = np.linalg.lstsq(terms, after, rcond=None)[0][2]
    implied = closes["^COR1M"].to_numpy() / 100
    share = 1 - (closes["^VIX"] / closes["^VIXEQ"]).to_numpy() ** 2
    return dict(zip(SIGNS, (implied, share, implied - realised, absorbed, persistent, reversal), strict=True))


def sessions_of_year(session, row):
    """Sessions after the day a year before, by pandas."""
    days = pd.DatetimeIndex(session.panel.days[: row + 1])
    return int((days > days[-1] - pd.DateOffset(years=1)).sum())


def at(histories, row, sessions):
    """Value, percentile and percentile as it counts of each component at a session."""
    found = []
    for name, sign in SIGNS.items():
        year = sign * histories[name][row - sessions + 1 : row + 1]
        rank = stats.percentileofscore(sign * year, sign * year[-1], kind="weak") / 100
        found.append((sign * year[-1], rank, stats.percentileofscore(year, year[-1], kind="weak") / 100))
    return found


@pytest.mark.proves("ROT_MECH_SCORE", "ROT_MECH_TABLE", by=LIBRARIES)
@pytest.mark.parametrize("row", [N - 60, N - 1])
def test_the_score_and_its_parts_equal_other_libraries(session, histories, row):
    day = session.panel.days[row].item()
    sessions = sessions_of_year(session, row)
    wanted = at(histories, row, sessions)
    *parts, total, _ = session.call("ROT_MECH_TABLE", day, "en", False)
    for (_, value, percentile, n, sign, weight, adds), (x, rank, counted), wanted_sign in zip(
        parts, wanted, SIGNS.values(), strict=True
    ):
        assert value == pytest.approx(x, rel=1e-9)
        assert percentile == pytest.approx(rank, abs=1e-12)
        assert (n, sign, weight) == (sessions, wanted_sign, pytest.approx(1 / 6))
        assert adds == pytest.approx(100 * counted / 6, abs=1e-9)
    score = 100 * np.mean([counted for *_, counted in wanted])
    assert total[1] == pytest.approx(score, abs=1e-9)
    assert session.call("ROT_MECH_SCORE", day) == pytest.approx(score, abs=1e-9)


@pytest.mark.proves("ROT_MECH_TABLE", by="the exact distribution of the mean of six ranks, by numpy's convolve")
@pytest.mark.parametrize("row", [N - 200, N - 120, N - 60, N - 1])
def test_p_value_of_independent_ranks(session, histories, row):
    """A rank out of n different values is uniform on 1/n, ..., 1; the program draws 1,999 sums of six of them."""
    n = sessions_of_year(session, row)
    ways = np.ones(1)
    for _ in range(6):
        ways = np.convolve(ways, np.ones(n) / n)
    ranks = round(sum(counted for *_, counted in at(histories, row, n)) * n)
    exact = ways[ranks - 6 :].sum()  # the sum of six ranks begins at six
    p_value = session.call("ROT_MECH_TABLE", session.panel.days[row].item(), "en", False)[-1][1]
    assert p_value == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 1999) ** 0.5 + 1e-3)


@pytest.mark.proves("ROT_MECH_LABEL", by=f"{LIBRARIES}; bounds of 70, 30 and 0.10 as documented")
def test_the_score_in_words(session, histories):
    years = {row: sessions_of_year(session, row) for row in range(N - 240, N)}
    scores = {row: 100 * np.mean([counted for *_, counted in at(histories, row, years[row])]) for row in years}
    by_score = sorted(scores, key=scores.__getitem__)
    seen = set()
    for row in (*by_score[:6], *by_score[10::30], *by_score[-6:]):
        day, score = session.panel.days[row].item(), scores[row]
        p_value = session.call("ROT_MECH_TABLE", day, "en", False)[-1][1]
        word = "mechanical" if score >= 70 else "fundamental" if score <= 30 else "mixed"
        sure = (word == "mechanical" and p_value <= 0.10) or (word == "fundamental" and p_value >= 0.90)
        told, _, number = session.call("ROT_MECH_LABEL", day).partition(" (")
        assert told == f"{word}, {'more than chance' if sure else 'no more than chance'}"
        points, _, rest = number.partition("/100")
        assert float(points) == pytest.approx(score, abs=0.5 + 1e-9)
        assert rest == f", p = {p_value:.2f})"
        seen.add((word, sure))
    assert seen == {("mechanical", True), ("fundamental", True), ("mixed", False)}


@pytest.mark.proves("ROT_UNWIND", by="hand calculation of the five triggers")
def test_triggers_by_hand(session_of):
    # Over the last five sessions DSPX goes from 36 to 34 (-2.0: on), VIX from 15 to 17.7 (+18 %: off), COR1M from 10 to
    # 15 (+5.0: on). In the twenty sessions before, the sectors make 10, 9, ..., 0 % in the order below; then the first
    # three lose 1 % each, the last three gain 1 % each, the others stand still.
    order = ("XLK", "XLY", "XLC", "XLF", "XLI", "XLB", "XLE", "XLRE", "XLP", "XLU", "XLV")
    closes = {"^DSPX": [36.0] * 21 + [35.5, 35, 35, 34.5, 34], "^VIX": [15.0] * 21 + [15, 16, 16, 17, 17.7]}
    closes["^COR1M"] = [10.0] * 21 + [11, 12, 13, 14, 15]
    for place, ticker in enumerate(order):
        led, since = 1 + (10 - place) / 100, (0.99 if place < 3 else 1.01 if place > 7 else 1.0)
        closes[ticker] = [*np.linspace(100, 100 * led, 21), *np.linspace(100 * led, 100 * led * since, 6)[1:]]
    table = session_of(closes).call("ROT_UNWIND", None, "en", False)
    # Leaders minus laggards: -1 - 1 = -2 %: on. Defensives (XLP, XLU, XLV) minus offensives (XLK, XLY, XLC): +1 + 1 %:
    # off, for they would have to fall behind.
    assert [row[1] for row in table] == pytest.approx([-2.0, 0.18, 5.0, -0.02, 0.02], abs=1e-12)
    assert [row[3] for row in table] == ["on", "off", "on", "on", "off"]
    assert [row[2] for row in table] == [-2.0, 0.20, 5.0, -0.01, -0.02]  # as the page states them
