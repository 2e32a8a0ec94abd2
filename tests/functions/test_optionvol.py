"""Implied volatility at a constant maturity, from chains laid out by hand."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary.kinds import Basket
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.vol import atdelta
from xlrotation.functions.families.vol import chains as optionvol
from xlrotation.market import cutting
from xlrotation.market.chains import Chain, HeldChains
from xlrotation.measures import implied, smile

DAY = dt.date(2026, 2, 13)


def chain_of(quoted, symbol="AAA", rate=0.0, stated=None, **more):
    """Quotes at 100 % to 60 and 140 % of a price of 100 by days to expiry: ``{days: volatility}``."""
    columns = {name: [] for name in ("expiry", "strike", "call", "bid", "ask", "morning", "traded")}
    for days, vol in quoted.items():
        strikes = np.arange(60.0, 141.0, 2.5)
        years = days / 365.0
        forward = 100.0 * math.exp(rate * years)
        for is_call in (True, False):
            price = math.exp(-rate * years) * implied.black(
                np.full(33, forward), strikes, np.full(33, years), np.full(33, vol), np.full(33, is_call)
            )
            columns["expiry"] += [DAY + dt.timedelta(days)] * 33
            columns["strike"] += strikes.tolist()
            columns["call"] += [is_call] * 33
            columns["bid"] += price.tolist()
            columns["ask"] += price.tolist()
            columns["morning"] += [False] * 33
            columns["traded"] += [DAY] * 33
    arrays = {
        name: np.array(values, "datetime64[D]" if name in ("expiry", "traded") else None)
        for name, values in columns.items()
    }
    return Chain(symbol, DAY, **{**arrays, **more}, rate=math.nan if stated is None else stated)


def session_with(*chains, **closes):
    usual = {name: [100.0] * 30 for name in ("AAA", "BBB", "^GSPC") if name not in closes}
    closes = usual | closes
    weights = {name: [1.0] * len(path) for name, path in closes.items()}
    return Session(FixedSource(replace(panel_of(closes, shares=weights), chains=HeldChains(chains))), lang="en")


def test_sessions_in_a_tenor():
    # 252 in 365 days; two returns are the least that have a volatility.
    assert [optionvol.sessions_in(days) for days in (1, 3, 4, 14, 30, 91, 365, 730)] == [2, 2, 3, 10, 21, 63, 252, 504]


def test_1_between_two_expiries_total_variance_is_linear():
    session = session_with(chain_of({20: 0.2, 50: 0.3}))
    expected = math.sqrt((0.2**2 * 20 * 20 + 0.3**2 * 50 * 10) / 30 / 30)
    assert session.call("VOL_IMPLIED", "AAA", 30) == pytest.approx(expected, abs=1e-4)
    assert session.call("VOL_IMPLIED", "AAA", 20) == pytest.approx(0.2, abs=1e-4)
    assert session.call("VOL_IMPLIED", "AAA", 50) == pytest.approx(0.3, abs=1e-4)
    assert session.call("VOL_IMPLIED", "AAA", 19) is CellError.NA
    assert session.call("VOL_IMPLIED", "AAA", 51) is CellError.NA
    assert "enclose 51 days" in session.failures[-1].reason
    assert "2026-03-05, 2026-04-04" in session.failures[-1].reason


def test_1_expiries_closer_than_three_days_do_not_count():
    near = session_with(chain_of({2: 0.9, 30: 0.2, 40: 0.2}))
    assert near.call("VOL_IMPLIED", "AAA", 20) is CellError.NA
    three = session_with(chain_of({3: 0.2, 30: 0.2}))
    assert three.call("VOL_IMPLIED", "AAA", 20) == pytest.approx(0.2, abs=1e-3)
    # A tenor of two days itself takes what expires in two.
    assert near.call("VOL_IMPLIED", "AAA", 2) == pytest.approx(0.9, abs=1e-2)


def test_1_stale_quotes_do_not_count():
    fresh = chain_of({20: 0.2, 50: 0.2})
    for age, counts in ((90, True), (91, False)):
        old = replace(fresh, traded=np.full(len(fresh), np.datetime64(DAY) - np.timedelta64(age, "D")))
        answer = session_with(old).call("VOL_IMPLIED", "AAA", 30)
        assert (answer is not CellError.NA) is counts
    unknown = replace(fresh, traded=np.full(len(fresh), np.datetime64("NaT", "D"), "datetime64[D]"))
    assert session_with(unknown).call("VOL_IMPLIED", "AAA", 30) == pytest.approx(0.2, abs=1e-4)


def test_options_that_settle_in_the_morning_have_less_time():
    at_close = chain_of({20: 0.2, 50: 0.2})
    at_open = replace(at_close, morning=np.ones(len(at_close), bool))
    years = [(days * 1440 - 390) / 525_600 for days in (20, 50)]
    ratio = math.sqrt(20 / 365 / years[0])
    session = session_with(at_open)
    wanted = session.call("VOL_IMPLIED", "AAA", 20)
    assert wanted == pytest.approx(0.2 * ratio, rel=1e-2)
    assert wanted > 0.2 * 1.002
    # Where an expiry has both, those at the close count.
    first = np.concatenate([at_open.expiry, at_close.expiry])
    both = replace(
        at_close,
        expiry=first,
        **{
            name: np.concatenate([getattr(at_open, name), getattr(at_close, name)])
            for name in ("strike", "call", "bid", "ask", "morning", "traded")
        },
    )
    both.bid[: len(at_open)] = 0.0
    assert session_with(both).call("VOL_IMPLIED", "AAA", 20) == pytest.approx(0.2, abs=1e-4)


def test_2_1_a_model_free_variance_needs_three_puts_and_calls():
    chain = chain_of({21: 0.3, 49: 0.3})
    free = session_with(chain).call("VOL_IMPLIED", "AAA", 30, None, "MODELFREE")
    assert free == pytest.approx(0.3, abs=0.01)
    for strikes, counts in (((92.5, 107.5), True), ((95.0, 107.5), False), ((92.5, 105.0), False)):
        keep = (chain.strike >= strikes[0]) & (chain.strike <= strikes[1])
        cut = {
            name: getattr(chain, name)[keep] for name in ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
        }
        session = session_with(replace(chain, **cut))
        answer = session.call("VOL_IMPLIED", "AAA", 30, None, "MODELFREE")
        assert isinstance(answer, float) is counts
        if not counts:
            assert "a variance needs three of each" in session.failures[-1].reason
    assert session_with(chain_of({21: 0.3})).call("VOL_IMPLIED", "AAA", 30, None, "MODELFREE") is CellError.NA
    tomorrow = session_with(chain_of({1: 0.3, 49: 0.3}))
    assert tomorrow.call("VOL_IMPLIED", "AAA", 30, None, "MODELFREE") is CellError.NA
    assert "2026-02-14" in tomorrow.failures[-1].reason


def total(vols, tenor):
    """The volatility at a maturity between two expiries, ``{days: volatility}``, linear in total variance."""
    (near, first), (far, second) = vols.items()
    between = first**2 * near * (far - tenor) + second**2 * far * (tenor - near)
    return math.sqrt(between / (far - near) / tenor)


def test_3_an_index_takes_the_weeklies_around_the_maturity_and_a_stock_the_monthly_ones():
    # Third Fridays of February to April 2026 are 7, 35 and 63 days away.
    quoted = {7: 0.5, 14: 0.4, 28: 0.2, 31: 0.22, 35: 0.3, 63: 0.35}
    session = session_with(
        chain_of(quoted, "^GSPC"), chain_of(quoted, "AAA"), chain_of(quoted, "SPY"), SPY=[100.0] * 30
    )
    weekly, monthly = total({28: 0.2, 31: 0.22}, 30), total({28: 0.2, 35: 0.3}, 30)

    def free(symbol, rule=None, tenor=30):
        return session.call("VOL_IMPLIED", symbol, tenor, None, "MODELFREE", None, None, None, rule)

    for symbol in ("SPX", "SPY"):
        assert free(symbol) == free(symbol, "VIX") == pytest.approx(weekly, rel=0.02)
        assert free(symbol, "DSPX") == pytest.approx(monthly, rel=0.02)
    assert free("AAA") == free("AAA", "dspx") == pytest.approx(monthly, rel=0.02)
    assert free("AAA", "VIX") == pytest.approx(weekly, rel=0.02)
    assert free("SPX", "CBOE") is CellError.VALUE
    # Where there are no weeklies the rule of the VIX is that of the third Fridays.
    assert free("SPX", None, 49) == free("SPX", "DSPX", 49) == pytest.approx(total({35: 0.3, 63: 0.35}, 49), rel=0.02)


def test_3_tenors_below_ten_days():
    session = session_with(chain_of({7: 0.5, 14: 0.4, 21: 0.3}, "^GSPC"), chain_of({5: 0.5, 14: 0.4}, "AAA"))
    nine = session.call("VOL_IMPLIED", "SPX", "9D", None, "MODELFREE")
    assert nine == pytest.approx(total({7: 0.5, 14: 0.4}, 9), rel=0.02)
    stock = session.call("VOL_IMPLIED", "AAA", "9D", None, "MODELFREE")
    assert stock == pytest.approx(total({5: 0.5, 14: 0.4}, 9), rel=0.02)
    assert session.call("VOL_IMPLIED", "AAA", "1D", None, "MODELFREE") is CellError.NA
    reason = session.failures[-1].reason
    assert "an expiry 1 to 1 days away" in reason
    assert "2026-02-18 (5 days), 2026-02-27 (14 days)" in reason
    assert "10 to" not in reason


def test_the_rate_is_ones_own_or_the_chains_or_the_bills_or_none():
    # With a wrong rate the forward by parity comes out the same; the discounted prices then give another volatility.
    truth = chain_of({300: 0.3, 400: 0.3}, rate=0.20)
    right = session_with(replace(truth, rate=0.20)).call("VOL_IMPLIED", "AAA", 365)
    assert right == pytest.approx(0.3, abs=1e-3)
    bill = 100 * (math.exp(0.20) - 1)
    assert session_with(truth, **{"^IRX": [bill] * 30}).call("VOL_IMPLIED", "AAA", 365) == pytest.approx(
        right, rel=1e-9
    )
    late = [bill] * 26 + [math.nan] * 4
    assert session_with(truth, **{"^IRX": late}).call("VOL_IMPLIED", "AAA", 365) == pytest.approx(right, rel=1e-9)
    gone = session_with(truth, **{"^IRX": [bill] * 25 + [math.nan] * 5}).call("VOL_IMPLIED", "AAA", 365)
    none = session_with(truth).call("VOL_IMPLIED", "AAA", 365)
    assert gone == none == session_with(truth).call("VOL_IMPLIED", "AAA", 365, None, None, 0)
    assert none < right - 0.02
    assert session_with(replace(truth, rate=0.0)).call("VOL_IMPLIED", "AAA", 365, None, None, 0.2) == right


def test_a_basket_of_members_by_hand():
    quotes = {20: 0.2, 50: 0.2}, {20: 0.4, 50: 0.4}, {20: 0.25, 50: 0.25}
    chains = [chain_of(one, symbol) for one, symbol in zip(quotes, ("AAA", "BBB", "^GSPC"), strict=True)]
    session = session_with(*chains)
    members = [["AAA"], ["BBB"]]
    own, whole = (0.2**2 + 0.4**2) / 4, 0.3**2
    got = session.call("DISP_IMPLCORR", "SPX", members, 30)
    assert got == pytest.approx((0.25**2 - own) / (whole - own), abs=5e-3)
    assert session.call("DISP_VOL_SPREAD", "SPX", members, 30) == pytest.approx(0.05, abs=1e-3)
    alone = session_with(*chains[:1], chains[2])
    assert alone.call("DISP_IMPLCORR", "SPX", members, 30) is CellError.NA
    assert "1 of 2 members" in alone.failures[-1].reason


@pytest.mark.parametrize(("missing", "enough"), [(1, True), (2, False)])
def test_a_basket_needs_four_fifths_of_its_weight(missing, enough):
    # Of five members alike one may lack a volatility, of which the others then make up all.
    names = [f"M{place}" for place in range(5)]
    chains = [chain_of({20: 0.3, 50: 0.3}, name) for name in names[missing:]]
    chains.append(chain_of({20: 0.2, 50: 0.2}, "^GSPC"))
    session = session_with(*chains, **{name: [100.0] * 30 for name in names})
    answer = session.call("DISP_VOL_SPREAD", "SPX", [[name] for name in names], 30)
    assert (answer == pytest.approx(0.1, abs=1e-3)) is enough


def test_the_premium_needs_the_closes_of_its_own_month():
    chains = [chain_of({20: 0.3, 50: 0.3}, "AAA"), chain_of({20: 0.3, 50: 0.3}, "BBB")]
    chains.append(chain_of({20: 0.2, 50: 0.2}, "^GSPC"))
    paths = 100 * np.cumprod(1 + np.random.default_rng(6).normal(0, 0.02, (22, 2)), axis=0)
    closes = {"AAA": paths[:, 0], "BBB": paths[:, 1], "^GSPC": paths.sum(axis=1)}
    members = [["AAA"], ["BBB"]]
    session = session_with(*chains, **closes)
    weights = paths[-1] / paths[-1].sum()
    returns = np.column_stack([closes["^GSPC"], paths])
    index, *vols = (252 * np.mean((returns[1:] / returns[:-1] - 1) ** 2, axis=0)) ** 0.5
    own, whole = float(weights**2 @ np.square(vols)), float(weights @ vols) ** 2
    implied_one = session.call("DISP_IMPLCORR", "SPX", members, 30)
    premium = session.call("DISP_CORR_PREMIUM", "SPX", members, 30)
    assert premium == pytest.approx(implied_one - (index**2 - own) / (whole - own))
    gap = paths[:, 1].copy()
    gap[5] = np.nan
    lacking = session_with(*chains, **closes | {"BBB": gap})
    assert lacking.call("DISP_CORR_PREMIUM", "SPX", members, 30) is CellError.NA
    assert "fewer than two members have 22 closes" in lacking.failures[-1].reason
    short = session_with(*chains, **{name: path[1:] for name, path in closes.items()})
    assert short.call("DISP_CORR_PREMIUM", "SPX", members, 30) is CellError.NA
    assert "needs 22 closes" in short.failures[-1].reason


def test_a_chain_is_laid_out_once_for_all_that_is_asked_of_it(sample, monkeypatch):
    one = Session(FixedSource(replace(sample.panel)), lang="en", remember=False)
    counted = []
    original = smile.strip
    monkeypatch.setattr(smile, "strip", lambda *given: counted.append(1) or original(*given))
    asked = [(tenor, method) for tenor in ("1M", "2M", "3M", 45) for method in ("ATM", "MODELFREE")]
    values = [one.call("VOL_IMPLIED", "NVDA", tenor, None, method) for tenor, method in asked]
    values += [one.call("VOL_IMPLIED", "NVDA", "1M", None, "ATM", 0.02), one.call("DISP_VOL_SPREAD", "SPX", "MAG7")]
    assert all(isinstance(value, float) for value in values)
    chain = one.market().chain("NVDA")
    of_nvda = len({expiry for expiry in chain.expiry.tolist() if expiry > chain.day})
    assert len(counted) < 10 * 1.5 * of_nvda  # the chains of SPX and of the seven, each once
    before = len(counted)
    one.call("VOL_IMPLIED", "NVDA", "4M")
    assert len(counted) == before


def test_members_of_a_basket_are_solved_together_and_as_each_alone(sample, monkeypatch):
    solved = []
    original = smile.smiles
    monkeypatch.setattr(smile, "smiles", lambda strips, *more: solved.append(len(strips)) or original(strips, *more))
    for tenor, rate in ((30, math.nan), (91, 0.02), (45, math.nan)):
        market, alone = (cutting.cut(replace(sample.panel), None) for _ in range(2))
        tickers = market.members("SP50")
        asked = optionvol.Request(tenor, "ATM", rate)
        solved.clear()
        found = optionvol.basket_volatilities(market, Basket("SP50", tickers), asked, lambda _: None)
        assert len(solved) < 5  # now and then a neighbour has no volatility, and the next one is asked
        assert solved[0] >= len(tickers)
        each = [optionvol.implied_volatility(alone, ticker, asked, lambda _: None) for ticker in found.tickers]
        assert found.vols == pytest.approx(np.array(each), rel=1e-13)


def test_a_member_that_cannot_be_solved_leaves_the_others_as_they_are():
    stale = chain_of({20: 0.2, 50: 0.2}, symbol="BBB")
    stale.traded[:] -= np.timedelta64(91, "D")
    chains = [
        chain_of({20: 0.2, 50: 0.3}, stated=0.01),
        chain_of({25: 0.4}, "CCC"),
        chain_of({25: 0.3, 35: 0.3}, "DDD"),
    ]
    session = session_with(*chains, stale, CCC=[100.0] * 30, DDD=[50.0] * 30)
    market, alone = (cutting.cut(replace(session.panel), None) for _ in range(2))
    asked = optionvol.Request(30, fallback=False)
    basket = Basket("own", ("AAA", "BBB", "CCC", "DDD", "EEE"))
    atdelta.solve_together(market, basket.tickers, asked.place)

    def asked_of(one, ticker):
        try:
            return optionvol.implied_volatility(one, ticker, asked, lambda _: None)
        except RotationError as error:
            return error.message

    vols = [asked_of(market, ticker) for ticker in basket.tickers]
    each = [asked_of(alone, ticker) for ticker in basket.tickers]
    assert vols == [pytest.approx(one, rel=1e-13) if isinstance(one, float) else one for one in each]
    assert [type(vol) for vol in vols] == [float, str, str, float, str]
    assert "no expiry to come" in vols[1]
    assert "enclose 30 days" in vols[2]
