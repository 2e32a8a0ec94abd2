"""METHODS 12: the score, what it is made of, and what would unwind the trade."""

import numpy as np
import pytest

from xlrotation.errors import CellError

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
    assert 0 < table[-1][1] <= 1


def test_12_the_first_component_is_the_percentile_of_cor1m(sample):
    row = sample.call("ROT_MECH_TABLE", DAYS[0], "en", False)[0]
    assert row[2] == sample.call("DISP_PCTILE", "COR1M", "252D", DAYS[0])
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
    few = session_of({symbol: closes[symbol] for symbol in ("^VIX", "^VIXEQ", "^COR1M")})
    assert few.call("ROT_MECH_SCORE") is CellError.NA
    assert "ROT_MECH_TABLE" in few.failures[-1].reason


def test_words(sample):
    assert sample.call("ROT_MECH_LABEL", "2026-01-16").startswith("mechanical, more than chance")
    assert sample.call("ROT_MECH_LABEL", "2026-01-16", "zh").startswith("机械性,超出偶然")
    assert "no more than chance" in sample.call("ROT_MECH_LABEL", "2026-02-13")


def test_12_unwinding_triggers(sample):
    table = sample.call("ROT_UNWIND", "2026-02-13", "en", False)
    change = sample.call("PX_CLOSE", "DSPX", "2026-02-13") - sample.call("PX_CLOSE", "DSPX", "2026-02-06")
    assert table[0][1] == pytest.approx(change)
    assert table[1][1] == pytest.approx(sample.call("PX_RET", "VIX", "5D", "2026-02-13"))
    for _, value, threshold, state in table:
        falls = threshold < 0
        assert state == ("on" if (value <= threshold if falls else value >= threshold) else "off")


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
