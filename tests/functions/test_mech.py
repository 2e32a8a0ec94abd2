"""METHODS 12: the score, what it is made of, and what would unwind the trade."""

import datetime as dt

import numpy as np
import pytest

from tests.conftest import FixedSource
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.rot import mechanical as rot_mech
from xlrotation.market.universes import SECTORS

DAYS = ["2026-01-16", "2026-02-06", "2026-02-13"]


@pytest.mark.parametrize("day", DAYS)
def test_12_the_score_can_be_recomputed_from_the_table(sample, day):
    table = sample.call("ROT_MECH_TABLE", day, "en", False)
    components, total = table[:-2], table[-2]
    by_hand = 0.0
    for _, value, percentile, n, sign, weight, adds in components:
        assert isinstance(value, float)
        assert 200 < n <= 252
        counted = percentile if sign > 0 else 1.0 - percentile + 1.0 / n  # the day itself counts from either end
        assert adds == pytest.approx(100 * weight * counted, abs=0.2)  # equal values count on both sides
        by_hand += adds
    assert by_hand == pytest.approx(total[1])
    assert total[1] == pytest.approx(sample.call("ROT_MECH_SCORE", day))
    assert sum(row[5] for row in components) == pytest.approx(1.0)
    # Low correlation, a small premium, little absorbed, no persistence and returns that turn back speak for it.
    assert [row[4] for row in components] == [-1, 1, -1, -1, -1, -1]
    assert 0 < table[-1][1] <= 1


def test_12_the_first_component_is_the_percentile_of_cor1m(sample):
    row = sample.call("ROT_MECH_TABLE", DAYS[0], "en", False)[0]
    assert row[2] == sample.call("DISP_PCTILE", "COR1M", "1Y", DAYS[0])
    assert row[2] == sample.call("PX_PCTRANK", "COR1M", "1Y", DAYS[0])  # one year for all
    share = sample.call("ROT_MECH_TABLE", DAYS[0], "en", False)[1][1]
    assert round(share, 3) == 0.813  # as METHODS 2.3 states it for that day


def test_a_missing_component_is_left_out_and_shown(sample, session_of):
    closes = {
        symbol: sample.panel.fields["close"][:, sample.panel.columns[symbol]]
        for symbol in (
            "^VIX",
            "^VIXEQ",
            "^COR1M",
            "XLK",
            "XLF",
            "XLV",
            "XLY",
            "XLP",
            "XLE",
            "XLI",
            "XLB",
            "XLU",
            "XLRE",
            "XLC",
        )
    }
    session = session_of(closes)
    table = session.call("ROT_MECH_TABLE", None, "en", False)
    missing = [row[0] for row in table[:-2] if row[1] is CellError.NA]
    assert missing == ["Implied minus realised correlation", "Return after volume (C2)"]
    assert table[-2][3] == 4
    assert [row[5] for row in table[:-2]] == [0.0 if row[1] is CellError.NA else 0.25 for row in table[:-2]]
    assert all(row[6] is CellError.NA for row in table[:-2] if row[1] is CellError.NA)
    few = session_of({symbol: closes[symbol] for symbol in ("^VIX", "^VIXEQ", "^COR1M")})
    assert few.call("ROT_MECH_SCORE") is CellError.NA
    assert "ROT_MECH_TABLE" in few.failures[-1].reason


def test_words(sample):
    assert sample.call("ROT_MECH_LABEL", "2026-01-16").startswith("mechanical, more than chance")
    assert sample.call("ROT_MECH_LABEL", "2026-01-16", "zh").startswith("机械性，超出偶然")
    assert "no more than chance" in sample.call("ROT_MECH_LABEL", "2026-02-13")


def test_12_unwinding_triggers(sample):
    table = sample.call("ROT_UNWIND", "2026-02-13", "en", False)
    change = sample.call("PX_CLOSE", "DSPX", "2026-02-13") - sample.call("PX_CLOSE", "DSPX", "2026-02-06")
    assert table[0][1] == pytest.approx(change)
    assert table[1][1] == pytest.approx(sample.call("PX_RET", "VIX", "5D", "2026-02-13"))
    assert [row[2] for row in table] == [-2.0, 0.20, 5.0, -0.01, -0.02]


def unwinding(session_of, **closes):
    """States of the five triggers, where nothing moves but *closes*: over 26 sessions the first 21 and the last."""
    paths = {}
    for symbol in ("^DSPX", "^VIX", "^COR1M", *SECTORS):
        before, turn, last = closes.get(symbol.strip("^"), (100.0, 100.0, 100.0))
        paths[symbol] = [*np.linspace(before, turn, 21), *[turn] * 4, last]
    return [row[3] for row in session_of(paths).call("ROT_UNWIND", None, "en", False)]


LED = {"XLE": (100, 130), "XLB": (100, 120), "XLI": (100, 110), "XLF": (100, 70), "XLRE": (100, 80), "XLP": (100, 90)}


@pytest.mark.parametrize(
    ("trigger", "moves", "state"),
    [
        # The dispersion index falls by 2 points or more over five sessions.
        (0, {"DSPX": (36.0, 36.0, 34.0)}, "on"),
        (0, {"DSPX": (36.0, 36.0, 34.01)}, "off"),
        (0, {"DSPX": (40.0, 36.0, 36.0)}, "off"),  # it fell before
        (0, {"DSPX": (36.0, 36.0, 39.0)}, "off"),
        # The VIX rises by 20 % or more: by a share of itself, not by points.
        (1, {"VIX": (15.0, 15.0, 18.01)}, "on"),
        (1, {"VIX": (20.0, 20.0, 24.0)}, "on"),
        (1, {"VIX": (15.0, 15.0, 17.99)}, "off"),
        (1, {"VIX": (100.0, 100.0, 119.0)}, "off"),
        (1, {"VIX": (15.0, 15.0, 11.0)}, "off"),
        # The implied correlation rises by 5 points or more.
        (2, {"COR1M": (10.0, 10.0, 15.0)}, "on"),
        (2, {"COR1M": (10.0, 10.0, 14.99)}, "off"),
        (2, {"COR1M": (15.0, 15.0, 10.0)}, "off"),
        # The three sectors that led the twenty sessions before lose 1 % or more to the three that lagged.
        (3, {"XLE": (100, 130, 130 * 0.98), "XLF": (100, 70, 70 * 1.0101)}, "on"),  # -2 % and 1.01 %, a third of each
        (3, {"XLE": (100, 130, 130 * 0.98), "XLF": (100, 70, 70 * 1.0099)}, "off"),
        (3, {"XLE": (100, 130, 130 * 0.98), "XLF": (100, 70, 70 * 1.01)}, "on"),
        (3, {"XLI": (100, 110, 110 * 0.98), "XLP": (100, 90, 90 * 1.0101)}, "on"),  # the third from either end
        (3, {"XLK": (100, 100, 50.0), "XLC": (100, 100, 200.0)}, "off"),  # sectors in between do not matter
        (3, {"XLE": (100, 130, 130 * 1.03), "XLF": (100, 70, 70 * 0.9)}, "off"),
        # The mean of staples, utilities and health care falls 2 % or more behind that of technology, discretionary and
        # communication.
        (4, {"XLU": (100, 100, 97.0), "XLY": (100, 100, 103.01)}, "on"),
        (4, {"XLU": (100, 100, 97.0), "XLY": (100, 100, 102.99)}, "off"),
        (4, {"XLU": (100, 100, 97.0), "XLY": (100, 100, 103.0)}, "on"),
        (4, {"XLV": (100, 100, 96.0), "XLC": (100, 100, 102.01)}, "on"),
        (4, {"XLP": (100, 90, 90 * 0.96), "XLK": (100, 100, 102.01)}, "on"),
        (4, {"XLU": (100, 100, 107.0), "XLY": (100, 100, 99.0)}, "off"),
        (4, {"XLF": (100, 70, 140.0), "XLE": (100, 130, 65.0)}, "off"),  # neither defensive nor offensive
    ],
)
def test_12_each_trigger_turns_on_at_its_stated_move(session_of, trigger, moves, state):
    still = {symbol: (before, turn, turn) for symbol, (before, turn) in LED.items()}
    states = unwinding(session_of, **(still | moves))
    assert states[trigger] == state


def test_12_each_trigger_needs_all_its_sessions(session_of):
    five = {symbol: [100.0] * 4 + [90.0] for symbol in ("^DSPX", "^VIX", "^COR1M", *SECTORS)}
    assert [row[3] for row in session_of(five).call("ROT_UNWIND", None, "en", False)] == [CellError.NA] * 5
    six = {symbol: [100.0, *closes] for symbol, closes in five.items()}
    states = [row[3] for row in session_of(six).call("ROT_UNWIND", None, "en", False)]
    assert states == ["on", "off", "off", CellError.NA, "off"]
    enough = {symbol: [100.0] * 20 + closes for symbol, closes in six.items()}
    assert [row[3] for row in session_of(enough).call("ROT_UNWIND", None, "en", False)] == ["on"] + ["off"] * 4
    enough["XLB"][20] = np.nan
    assert session_of(enough).call("ROT_UNWIND", None, "en", False)[3][3] is CellError.NA
    enough["XLB"][:21] = [np.nan] * 21  # it did not exist when these sessions began
    row = session_of(enough).call("ROT_UNWIND", None, "en", False)[3]
    assert row[3] == "off"
    assert row[0].endswith(" (10/11)")


def test_sectors_that_did_not_exist_yet_do_not_count_and_the_number_says_of_how_many(sample):
    from dataclasses import replace

    panel = sample.panel
    close = panel.fields["close"].copy()
    late, later = (panel.columns[ticker] for ticker in ("XLC", "XLRE"))
    close[:-3, late], close[:-100, later] = np.nan, np.nan
    young = Session(FixedSource(replace(panel, fields=dict(panel.fields) | {"close": close})), lang="en")
    # The same without the two: what they would add is not there.
    means = {}
    for tickers in (("XLP", "XLU", "XLV"), ("XLK", "XLY")):
        means[tickers] = np.mean([sample.call("PX_RET", ticker, "20D") for ticker in tickers])
    first, second = means.values()
    assert young.call("ROT_DEFENSIVE", "20D") == pytest.approx(first - second)
    (told,) = young.remarks
    assert "of 2 of 3 sectors (XLK, XLY); XLC did not exist when the window began" in told
    names = [row[0] for row in young.call("ROT_MECH_TABLE", None, "en", False)[:6]]
    assert [name.endswith(" (9/11)") for name in names] == [False, False, False, True, True, True]
    rows = {row[0]: row for row in young.call("ROT_MECH_TABLE", None, "en", False)[:6]}
    nine = [ticker for ticker in SECTORS if ticker not in ("XLC", "XLRE")]
    closes = panel.fields["close"][:, [panel.columns[ticker] for ticker in nine]]
    returns = closes[-63:] / closes[-64:-1] - 1
    eigen = np.sort(np.linalg.eigvalsh(np.cov(returns.T)))[::-1]
    assert rows["Absorption ratio of the sectors (9/11)"][1] == pytest.approx(eigen[:2].sum() / eigen.sum())
    young.remarks.clear()
    assert isinstance(young.call("ROT_MECH_SCORE"), float)
    assert len(young.remarks) == 3
    states = young.call("ROT_UNWIND", None, "en", False)
    assert [row[0].partition(" (")[2] for row in states[3:]] == ["10/11)", "10/11)"]
    assert all(row[3] in ("on", "off") for row in states)
    # A gap of one that existed is no missing birth.
    close[-21, panel.columns["XLY"]] = np.nan
    assert (
        Session(FixedSource(replace(panel, fields=dict(panel.fields) | {"close": close}))).call("ROT_DEFENSIVE", "20D")
        is CellError.NA
    )


def test_unwinding_without_the_data(session_of):
    session = session_of({"^VIX": np.append(np.full(35, 15.0), np.linspace(16, 30, 5))})
    table = session.call("ROT_UNWIND", None, "en", False)
    assert [row[3] for row in table] == [CellError.NA, "on", *[CellError.NA] * 3]


def test_stress(sample):
    table = sample.call("VOL_STRESS", 110, 25, None, False, "en")
    quantiles = [row[1] for row in table[:7]]
    assert quantiles == sorted(quantiles)
    assert table[7][1] > table[8][1] > 0
    nothing = sample.call("VOL_STRESS", 900, 0, None, False, "en")
    assert nothing[0][1] is CellError.NA
    assert nothing[7][1] == 0


def test_12_the_components_recomputed_from_prices(sample):
    """Each gauge at one session, from closes and volumes with loops of its own."""
    day = "2026-01-16"
    rows = {row[0]: row for row in sample.call("ROT_MECH_TABLE", day, "en", False)[:6]}
    assert rows["Implied correlation (COR1M)"][1] == pytest.approx(0.0858)  # COR1M of 8.58
    end = sample.panel.days.tolist().index(dt.date(2026, 1, 16)) + 1
    fields, columns = sample.panel.fields, sample.panel.columns
    closes = fields["close"][:end, [columns[name] for name in SECTORS]]
    # Absorption: the two largest of eleven eigenvalues over all, of 63 returns.
    returns = closes[-63:] / closes[-64:-1] - 1
    eigen = np.sort(np.linalg.eigvalsh(np.cov(returns.T)))[::-1]
    assert rows["Absorption ratio of the sectors"][1] == pytest.approx(eigen[:2].sum() / eigen.sum())
    # Persistence: rank correlations of thirteen returns over five sessions, one after the other.
    weeks = closes[-66::5][1:] / closes[-66::5][:-1]
    ranks = weeks.argsort(axis=1).argsort(axis=1)
    spearman = [np.corrcoef(a, b)[0, 1] for a, b in zip(ranks[1:], ranks[:-1], strict=True)]
    assert len(spearman) == 12
    assert rows["Persistence of the sector ranking"][1] == pytest.approx(np.mean(spearman))
    # Return after volume: the last 126 pairs of days of eleven sectors, volume against its mean of 63 days.
    index = fields["close"][:end, columns["^GSPC"]]
    relative = closes[1:] / closes[:-1] - (index[1:] / index[:-1])[:, None]
    logs = np.log(fields["volume"][1:end, [columns[name] for name in SECTORS]])
    abnormal = np.array([logs[row] - logs[row - 62 : row + 1].mean(axis=0) for row in range(62, len(logs))])
    now, following, traded = relative[-127:-1], relative[-126:], abnormal[-127:-1]
    x = np.stack([np.ones(now.size), now.ravel(), (now * traded).ravel()], axis=1)
    slope = np.linalg.lstsq(x, following.ravel(), rcond=None)[0][2]
    assert rows["Return after volume (C2)"][1] == pytest.approx(slope)
    # The premium: implied minus the realised correlation of 21 returns of the fifty.
    premium = rows["Implied minus realised correlation"][1]
    assert premium == pytest.approx(0.0858 - sample.call("DISP_REALCORR", "SP50", "21D", day))
    # Percentiles count the sessions after 2025-01-16, the day itself included.
    year = int((sample.panel.days[:end] > np.datetime64("2025-01-16")).sum())
    history = fields["close"][end - year : end, columns["^COR1M"]]
    assert rows["Implied correlation (COR1M)"][2] == np.mean(history <= history[-1])
    assert {row[3] for row in rows.values()} == {year}


@pytest.mark.parametrize(
    ("score", "p_value", "words"),
    [
        (70.0, 0.10, "mechanical, more than chance (70/100, p = 0.10)"),
        (70.0, 0.11, "mechanical, no more than chance (70/100, p = 0.11)"),
        (69.9, 0.01, "mixed, no more than chance (70/100, p = 0.01)"),
        (30.0, 0.95, "fundamental, more than chance (30/100, p = 0.95)"),
        (30.0, 0.85, "fundamental, no more than chance (30/100, p = 0.85)"),
        (30.1, 0.99, "mixed, no more than chance (30/100, p = 0.99)"),
    ],
)
def test_12_words_of_a_score(sample, monkeypatch, score, p_value, words):
    reading = rot_mech.reading(sample.market())._replace(score=score, p_value=p_value)
    monkeypatch.setattr(rot_mech, "reading", lambda _: reading)
    assert sample.call("ROT_MECH_LABEL", None, "en") == words


def test_12_a_score_needs_three_components(sample, monkeypatch):
    whole = rot_mech.reading(sample.market())
    histories = [part.history(sample.market()) for part in rot_mech.PARTS]
    for known in (3, 2):
        parts = tuple(
            part._replace(history=lambda _, h=h if place < known else np.full(1, np.nan): h)
            for place, (part, h) in enumerate(zip(rot_mech.PARTS, histories, strict=True))
        )
        monkeypatch.setattr(rot_mech, "PARTS", parts)
        found = rot_mech._reading(rot_mech._scored(sample.market()))
        assert (found.score == found.score) is (known == 3)
        if known == 3:
            assert found.score == pytest.approx(100 * np.mean([c.signed for c in whole.components[:3]]))
        else:
            assert found.p_value != found.p_value
