"""VOL: put-call ratios and dealers' gamma."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize
from vollib.black_scholes_merton.greeks import analytical

from tests.conftest import FixedSource, panel_of
from tests.proofs.published import DATA, flat_chain, smiling_chain
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains

DAY = "2026-02-13"
TODAY = dt.date.fromisoformat(DAY)
EXPIRIES = ("2026-03-20", "2026-04-17")
NA = CellError.NA


def session_with(chain):
    return Session(FixedSource(replace(panel_of({"A": [99.0, 100.0]}, DAY), chains=HeldChains([chain]))), lang="en")


def counted(calls, puts, name="volume"):
    """A chain whose calls and puts of a strike of 100 have these counts, all others nought."""
    chain = flat_chain("A", DAY, 0.3, EXPIRIES[:1])
    counts = np.zeros(len(chain))
    counts[(chain.strike == 100) & chain.call] = calls
    counts[(chain.strike == 100) & ~chain.call] = puts
    return replace(chain, **{name: counts})


# Cboe, volume and put/call ratios of equity options: day, calls, puts, ratio.
CBOE = [("2006-11-01", 976510, 623929, 0.64), ("2019-10-04", 916877, 598296, 0.65)]


@pytest.mark.proves("VOL_PUTCALL", by="Cboe: its volumes and put-call ratios of equity options of two days")
@pytest.mark.parametrize(("calls", "puts", "ratio"), [row[1:] for row in CBOE])
@pytest.mark.parametrize(("by", "name"), [("VOLUME", "volume"), ("OPEN_INTEREST", "open_interest")])
def test_put_call_ratios(calls, puts, ratio, by, name):
    session = session_with(counted(calls, puts, name))
    assert round(session.call("VOL_PUTCALL", "A", by), 2) == ratio
    other = "OI" if by == "VOLUME" else None
    assert session.call("VOL_PUTCALL", "A", other) is NA  # which the chain does not say


def test_missing_counts_are_missing():
    chain = counted(100, 50)
    counts = chain.volume.copy()
    counts[:10] = np.nan
    session = session_with(replace(chain, volume=counts))
    assert session.call("VOL_PUTCALL", "A") == 0.5
    assert any("10 of 440 options on A" in line[-1] for line in session.call("XLR_ERRORS")[1:])
    counts[: len(counts) // 4] = np.nan
    session = session_with(replace(chain, volume=counts))
    assert session.call("VOL_PUTCALL", "A") is NA
    assert "states the volume of 330 of 440 options" in session.call("XLR_ERRORS")[1][-1]
    assert session_with(counted(0, 50)).call("VOL_PUTCALL", "A") is NA  # nothing to divide by
    assert session_with(counted(50, 0)).call("VOL_PUTCALL", "A") == 0.0
    assert session_with(counted(1, 1)).call("VOL_PUTCALL", "A", "PRICE") is CellError.VALUE


def test_a_chain_that_expires_today_says_so():
    """Calls that were traded are no lack of them: their expiry is over."""
    chain = counted(100, 50)
    session = session_with(replace(chain, expiry=np.full(len(chain), np.datetime64(DAY))))
    assert session.call("VOL_PUTCALL", "A") is NA
    assert session.failures[-1].reason.startswith(f"the chain of A at {DAY} has no expiry to come")


def skewed(strike):
    return 0.30 - 0.001 * (strike - 100)


def open_options():
    """A chain with open interest: calls above, puts below, and a little of everything."""
    chain = smiling_chain("A", DAY, skewed, EXPIRIES)
    chance = np.random.default_rng(3)
    near = np.exp(-0.5 * ((chain.strike - np.where(chain.call, 106, 94)) / 6) ** 2)
    return replace(chain, open_interest=np.rint(5000 * near * chance.uniform(0.5, 1.5, len(chain))))


def theirs(chain, spot, signs):
    """Money for a move of 1 % by vollib's gamma, of calls and of puts by strike."""
    found = {}
    for row in np.flatnonzero(chain.open_interest > 0):
        call, strike = bool(chain.call[row]), float(chain.strike[row])
        years = (chain.expiry[row].item() - TODAY).days / 365
        one = analytical.gamma("c" if call else "p", spot, strike, years, 0.0, skewed(strike), 0.0)
        money = signs[0 if call else 1] * one * chain.open_interest[row] * 100 * spot**2 * 0.01
        found.setdefault(strike, [0.0, 0.0])[0 if call else 1] += money
    return found


@pytest.mark.proves("VOL_GEX", by="vollib: gamma by strike, and scipy's root of its sum")
@pytest.mark.parametrize(("dealers", "signs"), [(None, (1, -1)), ("LONG_PUTS", (-1, 1)), ("SHORT", (-1, -1))])
def test_gamma_by_strike_and_its_zero(dealers, signs):
    chain = open_options()
    session = session_with(chain)
    heads, price, zero, *strikes = session.call("VOL_GEX", "A", None, dealers)
    assert heads == ["Row", "Level", "Gamma of calls", "Gamma of puts", "Net gamma"]
    expected = theirs(chain, 100.0, signs)
    assert [row[1] for row in strikes] == sorted(expected)
    scale = sum(abs(value) for pair in expected.values() for value in pair)
    for row in strikes:
        assert row[2:4] == pytest.approx(expected[row[1]], rel=3e-3, abs=1e-6 * scale)
        assert row[4] == pytest.approx(row[2] + row[3], abs=1e-9 * scale)
    sums = [sum(pair[side] for pair in expected.values()) for side in (0, 1)]
    assert price[:2] == ["At the price", 100.0]
    assert price[2:] == pytest.approx([*sums, sum(sums)], rel=1e-3, abs=2e-4 * scale)
    assert zero[0] == "Zero level"
    if dealers == "SHORT":
        assert zero[1:] == [NA] * 4
        return

    def net(level):
        return sum(map(sum, theirs(chain, level, signs).values()))

    assert zero[1] == pytest.approx(optimize.brentq(net, 90, 110), abs=0.02)
    assert zero[2] == pytest.approx(-zero[3], rel=1e-6)
    assert zero[4] == 0


def test_the_largest_strikes_and_another_size_of_contract():
    session = session_with(open_options())
    whole = session.call("VOL_GEX", "A", None, None, None, None, None, False)
    few = session.call("VOL_GEX", "A", None, None, 5, 10, None, False)
    assert len(few) == 7
    assert few[0][2] == pytest.approx(whole[0][2] / 10)
    assert few[1][1] == whole[1][1]
    largest = sorted(sorted(whole[2:], key=lambda row: -abs(row[4]))[:5], key=lambda row: row[1])
    assert [row[1] for row in few[2:]] == [row[1] for row in largest]


def test_gamma_needs_open_interest_and_volatilities():
    chain = open_options()
    assert session_with(replace(chain, open_interest=None)).call("VOL_GEX", "A") is NA
    silent = replace(chain, bid=np.zeros(len(chain)))
    assert session_with(silent).call("VOL_GEX", "A") is NA
    far = chain.expiry == np.datetime64("2026-04-17")
    interest = np.where(far, 0.05 * chain.open_interest, chain.open_interest)
    session = session_with(replace(chain, bid=np.where(far, 0.0, chain.bid), open_interest=interest))
    assert session.call("VOL_GEX", "A")[1][2] > 0
    assert any("is of expiries without a volatility" in line[-1] for line in session.call("XLR_ERRORS")[1:])


def test_the_volume_of_a_session_in_a_real_answer(tmp_path):
    """Yahoo shows the volume of an option's last day, whenever that was: 1011 puts of two days before, of 1458."""
    (tmp_path / "prices.csv").write_text("Date,EBAY\n2025-02-20,69.1\n2025-02-21,69.39\n", "utf-8")
    quotes = (DATA / "ebay_options.csv").read_text("utf-8")
    (tmp_path / "EBAY_2025-02-21.csv").write_text(quotes, "utf-8")
    session = Session(f"folder:{tmp_path}", lang="en")
    assert session.call("VOL_PUTCALL", "EBAY") == pytest.approx(445 / 669)
    # All but one of its open interest is nought, although the options trade: the answer does not know it.
    assert session.call("VOL_PUTCALL", "EBAY", "OI") is NA
    assert session.call("VOL_GEX", "EBAY") is NA
