"""VOL: wings of a smile, and expected moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize
from vollib.black_scholes_merton.greeks import analytical

from tests.conftest import FixedSource, panel_of
from tests.proofs.published import flat_chain, smiling_chain
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains

DAY = "2026-02-13"
EXPIRIES = ("2026-03-20", "2026-04-17")


def with_chain(*chains):
    parts = ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
    joined = {name: np.concatenate([getattr(chain, name) for chain in chains]) for name in parts}
    panel = replace(panel_of({"A": [100.0, 100.0]}, DAY), chains=HeldChains([replace(chains[0], **joined)]))
    return Session(FixedSource(panel), lang="en")


def skewed(strike):
    return 0.30 - 0.001 * (strike - 100)  # above 100 lower, as for an index


def bent(strike):
    return 0.30 + 0.00004 * (strike - 100) ** 2


@pytest.mark.proves("VOL_SKEW", by="vollib and scipy: the strikes of the deltas by root finding, on two smiles")
@pytest.mark.parametrize("smile", [skewed, bent])
@pytest.mark.parametrize("delta", [0.25, 0.1])
def test_wings_of_a_smile(smile, delta):
    session = with_chain(smiling_chain("A", DAY, smile, EXPIRIES))
    for days in (35, 63):  # the days of the two expiries themselves

        def at(flag, wanted, t=days / 365):
            def apart(strike):
                return analytical.delta(flag, 100.0, strike, t, 0.0, smile(strike), 0.0) - wanted

            return smile(optimize.brentq(apart, 70, 140))

        call, put, middle = at("c", delta), at("p", -delta), at("c", 0.5)
        heads, row = session.call("VOL_SKEW", "A", days, delta)
        assert heads == ["Risk reversal", "Butterfly", "Call", "Put", "At the money"]
        expected = [call - put, (call + put) / 2 - middle, call, put, middle]
        assert row == pytest.approx(expected, abs=4e-4)
        assert (row[0] < -0.005) == (smile is skewed)
        assert (row[1] > 0.0005) == (smile is bent)


def test_wings_are_of_a_chain_alone(session_of):
    without = session_of({"^GSPC": [100.0, 101.0], "^VIX": [20.0, 20.0]})
    assert without.call("VOL_SKEW") is CellError.NA
    assert without.call("VOL_EXPECTED_MOVE", "SPX", 30) == pytest.approx(0.20 * (30 / 365) ** 0.5)
    assert with_chain(flat_chain("A", DAY, 0.25, EXPIRIES)).call("VOL_SKEW", "A", 35, 0.5) is CellError.VALUE


@pytest.mark.proves("VOL_EXPECTED_MOVE", by="optionsmath.com, worked examples: 7.72 of 100 dollars, 4.98 of 62")
@pytest.mark.parametrize(("price", "vol", "days", "move"), [(100, 0.22, 45, 7.72), (62, 0.28, 30, 4.98)])
def test_expected_moves(price, vol, days, move):
    session = with_chain(flat_chain("A", DAY, vol, ("2026-03-05", "2026-03-20", "2026-04-17")))
    assert round(price * session.call("VOL_EXPECTED_MOVE", "A", days), 2) == move
    assert session.call("VOL_EXPECTED_MOVE", "A", 1) is CellError.NA  # no quotes that near
    assert session.call("VOL_EXPECTED_MOVE", "A", 1, None, 30) == pytest.approx(vol / 365**0.5, abs=1e-7)
