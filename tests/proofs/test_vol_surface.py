"""VOL: surface and place in history of implied volatility."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from vollib.black_scholes_merton.greeks import analytical

from tests.conftest import FixedSource, panel_of
from tests.proofs.published import flat_chain, smiling_chain
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains

NA, VALUE = CellError.NA, CellError.VALUE
DAY = "2026-02-13"
EXPIRIES = ("2026-03-20", "2026-04-17")  # 35 and 63 days


def with_chains(*chains, n=40):
    panel = replace(panel_of({"A": np.full(n, 100.0)}, DAY), chains=HeldChains(chains))
    return Session(FixedSource(panel), lang="en")


def skewed(strike):
    return 0.30 - 0.001 * (strike - 100)


def at_delta(delta, days):
    """The volatility at a delta of the call, by vollib's delta and root finding."""

    def off(strike):
        return analytical.delta("c", 100.0, strike, days / 365, 0.0, skewed(strike), 0.0) - delta

    return skewed(optimize.brentq(off, 50, 170))


@pytest.mark.proves("VOL_SURFACE", by="vollib and scipy: strikes of deltas by root finding")
def test_surface_of_a_smile():
    session = with_chains(smiling_chain("A", DAY, skewed, EXPIRIES))
    head, *rows = session.call("VOL_SURFACE", "A", [[35.0], [63.0], [90.0]], "0.25, 0.5；0.75")
    assert head == ["Days", "0.25", "0.5", "0.75"]
    for days, *vols in rows[:2]:
        assert vols == pytest.approx([at_delta(delta, days) for delta in (0.25, 0.5, 0.75)], abs=3e-5)
    assert rows[2] == [90, NA, NA, NA]  # beyond the last expiry
    assert [remark for remark in session.remarks if "enclose 90 days" in remark]
    assert session.call("VOL_SURFACE", "A", "6M") is NA
    assert session.call("VOL_SURFACE", "A", "1M", "25") is VALUE
    assert "0.05 to 0.95" in session.failures[-1].reason
    assert session.call("VOL_SURFACE", "A", "soon") is VALUE
    assert session.call("VOL_SURFACE", [[100.0], [101.0]]) is NA


VOLS = [0.20, 0.32, 0.25, 0.18, 0.27, 0.25]


def history(last=None):
    """Chains of six sessions, all but one in a row, at these volatilities."""
    days = [day.date().isoformat() for day in pd.bdate_range("2026-02-04", "2026-02-13")]
    days = [*days[:3], *days[5:]]
    chains = [
        flat_chain("A", day, vol, ("2026-02-27", "2026-03-20", "2026-04-17"))
        for day, vol in zip(days, VOLS, strict=False)
    ]
    return with_chains(*[chain for chain in chains if last is None or chain.day.isoformat() <= last]), days


@pytest.mark.proves(
    "VOL_IVRANK", "VOL_IVPCTILE", by="scipy: percentileofscore, weak; hand calculation (0.25 - 0.18) / 0.14"
)
def test_place_of_implied_volatility_in_its_history():
    session, days = history()
    n = len(days)
    vols = VOLS[:n]
    place = (vols[-1] - min(vols)) / (max(vols) - min(vols))
    assert session.call("VOL_IVRANK", "A", "1M", "1M") == pytest.approx(place, abs=1e-5)
    share = stats.percentileofscore(vols, vols[-1], kind="weak") / 100
    assert session.call("VOL_IVPCTILE", "A", "1M", "1M") == pytest.approx(share)
    assert any(f"{n} of " in remark for remark in session.remarks)
    # As of an earlier session nothing later counts, and a window leaves older ones out.
    assert session.call("VOL_IVRANK", "A", "1M", "1M", days[1]) == 1.0
    assert session.call("VOL_IVPCTILE", "A", "1M", "1M", days[1]) == 1.0
    assert session.call("VOL_IVRANK", "A", "1M", 2) == pytest.approx(float(vols[-1] > vols[-2]), abs=1e-9)
    assert session.call("VOL_IVRANK", "A", "1M", "1M", days[0]) is NA
    assert "two are needed" in session.failures[-1].reason
    assert session.call("VOL_IVPCTILE", "A", "1M", "1M", "2026-02-09") is NA  # a session without a chain
    known, _ = history(last=days[3])
    assert known.call("VOL_IVRANK", "A", "1M", "1M", days[3]) == session.call("VOL_IVRANK", "A", "1M", "1M", days[3])
