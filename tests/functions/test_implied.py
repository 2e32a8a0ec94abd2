"""Implied volatility, correlation and dispersion from chains whose right answer is known: the sample's.

The sample's quotes stand around prices of a stated model (tools/sample/chains.py); its 50-delta and model-free
volatilities are stored beside them.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from tests.conftest import FixedSource
from xlrotation.errors import CellError, NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.vol import atdelta, expiries
from xlrotation.market import cutting
from xlrotation.market.chains import Chain, HeldChains
from xlrotation.measures import smile

DAYS = ("2026-01-16", "2026-02-06", "2026-02-09", "2026-02-13")


@pytest.fixture(scope="module")
def stated():
    with (
        (resources.files("xlrotation.market") / "data" / "sample_chains.npz").open("rb") as file,
        np.load(file) as data,
    ):
        known = data["volatilities"].reshape(len(data["sessions"]), -1, 2)
        return {
            (str(np.datetime64(int(day), "D")), str(symbol)): known[i, j]
            for i, day in enumerate(data["sessions"])
            for j, symbol in enumerate(data["symbols"])
        }


def test_1_fifty_delta_volatility_of_the_stated_smile(sample, stated):
    for (day, symbol), (atm, _) in stated.items():
        assert abs(sample.call("VOL_IMPLIED", symbol, "1M", day) - atm) < 0.001, (day, symbol)


@pytest.mark.parametrize("tenor", ["2W", 45, "3M", "6M"])
def test_1_the_stated_term_structure_is_flat(sample, stated, tenor):
    got = [sample.call("VOL_IMPLIED", symbol, tenor, DAYS[3]) for symbol in ("SPX", "NVDA", "KO")]
    for value, symbol in zip(got, ("^GSPC", "NVDA", "KO"), strict=True):
        assert abs(value - stated[DAYS[3], symbol][0]) < 0.002


def test_2_1_model_free_volatility_of_the_stated_smile(sample, stated):
    apart = [
        sample.call("VOL_IMPLIED", symbol, "1M", day, "MODELFREE") - free for (day, symbol), (_, free) in stated.items()
    ]
    # Whole cents, strikes some percent apart and wings without a bid: half a point at most, nothing on average.
    assert np.abs(apart).max() < 0.0065
    assert abs(np.mean(apart)) < 0.003


@pytest.mark.parametrize("day", DAYS)
def test_1_implied_correlation_is_the_published_one(sample, day):
    published = sample.call("PX_CLOSE", "COR1M", day) / 100
    assert abs(sample.call("DISP_IMPLCORR", None, None, None, day) - published) < 0.002


@pytest.mark.parametrize("day", DAYS)
def test_2_1_dispersion_index_is_the_published_one(sample, day):
    assert abs(sample.call("DISP_INDEX", None, None, None, day) - sample.call("PX_CLOSE", "DSPX", day)) < 0.4


def test_the_market_form_is_the_calc_form_on_the_same_numbers(sample):
    from xlrotation.market.universes import SP50

    day = DAYS[3]
    index = sample.call("VOL_IMPLIED", "SPX", "1M", day)
    vols = [[sample.call("VOL_IMPLIED", symbol, "1M", day)] for symbol in SP50]
    weights = [[sample.call("PX_MKTCAP", symbol, day)] for symbol in SP50]
    for name in ("DISP_IMPLCORR", "DISP_VOL_SPREAD"):
        market = sample.call(name, "SPX", "SP50", "1M", day)
        assert market == pytest.approx(sample.call(f"{name}_CALC", index, vols, weights), rel=1e-12)


def test_5_4_premium_is_implied_minus_realised_over_the_same_time(sample):
    day = DAYS[2]
    implied = sample.call("DISP_IMPLCORR", None, None, None, day)
    table = sample.call("DISP_PARADOX", "SP50", "SPX", "21D", day, False)
    assert sample.call("DISP_CORR_PREMIUM", None, None, None, day) == pytest.approx(implied - table[2][1], abs=1e-12)
    premium = sample.call("VOL_PREMIUM", "NVDA", "1M", day)
    realised = sample.call("VOL_REALIZED", "NVDA", "21D", day)
    assert premium == pytest.approx(sample.call("VOL_IMPLIED", "NVDA", "1M", day) - realised, abs=1e-15)


NO_CHAIN = "2026-02-10"
"""A session without chains in the sample, which has them of days before and after."""


def test_a_volatility_index_stands_in_where_it_is_asked_for(sample):
    day = NO_CHAIN
    sample = sample.pinned(apart=True)

    def stood_in(symbol, tenor):
        return sample.call("VOL_IMPLIED", symbol, tenor, day, None, None, None, True)

    assert stood_in("SPX", 30) == pytest.approx(sample.call("PX_CLOSE", "VIX", day) / 100)
    (told,) = sample.remarks
    assert told.startswith("VIX, a model-free volatility index, stands in for the at the money volatility of ^GSPC")
    assert "no option chain of ^GSPC at 2026-02-10" in told
    near, far = (sample.call("PX_CLOSE", symbol, day) / 100 for symbol in ("VIX", "VIX3M"))
    expected = np.sqrt((near**2 * 30 * 33 / 63 + far**2 * 93 * 30 / 63) / 60)
    assert stood_in("SPX", 60) == pytest.approx(expected)
    assert "VIX and VIX3M, a model-free" in list(sample.remarks)[-1]
    assert stood_in("RUT", "1M") == pytest.approx(sample.call("PX_CLOSE", "RVX", day) / 100)
    assert stood_in("NVDA", "1M") is CellError.NA
    assert "last one before is of 2026-02-09" in sample.failures[-1].reason
    assert stood_in("RUT", "3M") is CellError.NA


def test_it_does_not_where_the_data_hold_chains_unless_it_is_asked_for(sample):
    sample = sample.pinned(apart=True)
    for fallback in (None, False):
        assert sample.call("VOL_IMPLIED", "SPX", 30, NO_CHAIN, None, None, None, fallback) is CellError.NA
    assert "set fallback to TRUE" not in sample.failures[-1].reason
    assert "VIX would give 0.1779: set fallback to TRUE" in sample.failures[-2].reason
    for name in ("DISP_IMPLCORR", "DISP_INDEX", "DISP_VOL_SPREAD", "DISP_CORR_PREMIUM"):
        assert sample.call(name, "SPX", None, "1M", NO_CHAIN) is CellError.NA
    assert sample.call("VOL_PREMIUM", "SPX", "1M", NO_CHAIN) is CellError.NA
    assert not sample.remarks
    assert isinstance(sample.call("VOL_PREMIUM", "SPX", "1M", NO_CHAIN, None, None, True), float)
    assert len(sample.remarks) == 1


def test_it_does_by_default_where_they_hold_none_at_all_and_that_is_told_each_time(sample):
    book = sample.panel.chains
    day = sample.panel.last
    chains = [book.chain(symbol, day) for symbol in book.symbols() if symbol not in ("^GSPC", "SPY")]
    session = Session(FixedSource(replace(sample.panel, chains=HeldChains(filter(None, chains)))), lang="en")
    vix = session.call("PX_CLOSE", "VIX") / 100
    for name in ("DISP_IMPLCORR", "DISP_INDEX", "DISP_VOL_SPREAD", "DISP_CORR_PREMIUM", "VOL_PREMIUM"):
        session.remarks.clear()
        assert isinstance(session.call(name), float)
        assert len(session.remarks) == 1, name
    for _ in range(2):
        session.remarks.clear()
        assert session.call("VOL_IMPLIED", [["SPX"], ["SPY"]]) == [[pytest.approx(vix)]] * 2
        assert [remark.split(": ")[0][-30:] for remark in session.remarks] == [
            "lity of ^GSPC at 2026-02-13",
            "ility of SPY at 2026-02-13",
        ] or len(session.remarks) == 2
    assert session.call("VOL_IMPLIED", "SPX", None, None, None, None, None, False) is CellError.NA
    rows = session.call("XLR_ERRORS", 20, False)
    assert [row[3] for row in rows] == ["#N/A", "", ""]
    assert "stands in" in rows[-1][4]
    assert session.call("XLR_ERRORS", 1, False)[0][3] == "#N/A"


def test_a_chain_that_had_to_be_left_out_is_a_chain(sample):
    from xlrotation.market.cutting import cut

    def had(*remarks):
        panel = replace(sample.panel, chains=HeldChains(()), remarks=remarks)
        return cut(panel, None).had_chain("SPY")

    assert not had()
    assert not had("left out SPY of prices.csv: its closes are damaged")
    assert had("SPY_2026-02-18.csv: 4000 quotes left out that had expired or are dated on no session")
    assert not had("SPYG.csv: 40 quotes left out that had expired")


def test_a_basket_needs_most_of_its_weight(sample):
    day = sample.panel.last
    book = sample.panel.chains
    few = [book.chain(symbol, day) for symbol in ("^GSPC", "AAPL", "MSFT", "NVDA", "KO")]
    session = Session(FixedSource(replace(sample.panel, chains=HeldChains(few))), lang="en")
    assert session.call("DISP_IMPLCORR") is CellError.NA
    assert "4 of 50 members of SP50" in session.failures[-1].reason
    members = [["AAPL"], ["MSFT"], ["NVDA"], ["KO"]]
    assert isinstance(session.call("DISP_IMPLCORR", "SPX", members), float)


def test_a_rate_of_ones_own(sample):
    usual = sample.call("VOL_IMPLIED", "SPX", "6M", None, None)
    other = sample.call("VOL_IMPLIED", "SPX", "6M", None, None, 0.0)
    assert usual != other
    assert abs(usual - other) < 0.01
    assert sample.call("VOL_IMPLIED", "SPX", "1M", None, None, 4) is CellError.VALUE  # 400 %


@pytest.mark.parametrize("tenor", ["1 mouth", 0.5, "YTD", True, "9999D"])
def test_what_is_no_tenor(sample, tenor):
    assert sample.call("VOL_IMPLIED", "SPX", tenor) is CellError.VALUE
    assert "1M, 3M" in sample.failures[-1].reason


def test_10_flow_of_a_fund(sample):
    week = sample.call("FLOW_ETF", "SPY", "5D", "2025-11-21")
    assert abs(week / 12.0e9 - 1) < 0.01  # a report's figure, through which the sample's shares run
    shares = sample.panel.fields["shares"][:, sample.panel.columns["SPY"]]
    closes = sample.panel.fields["close"][:, sample.panel.columns["SPY"]]
    assert sample.call("FLOW_ETF", "SPY", "1D") == pytest.approx((shares[-1] - shares[-2]) * closes[-2])
    assert sample.call("FLOW_ETF", "SPX") is CellError.NA


def test_10_a_split_is_no_flow(session_of):
    session = session_of(
        {"FUND": [100.0, 100.0, 50.0, 50.0]},
        shares={"FUND": [10.0, 11.0, 22.0, 22.0]},
        split={"FUND": [0.0, 0.0, 2.0, 0.0]},
    )
    assert session.call("FLOW_ETF", "FUND", "3D") == pytest.approx(100.0)  # one share of before, two of today at 50


def test_11_forward_multiples(sample):
    large, small = (sample.call("VAL_FWD_PE", symbol, "2026-01-16") for symbol in ("SPX", "RUT"))
    assert large == 22.0
    assert sample.call("VAL_DISCOUNT", small, large) == pytest.approx(0.31, abs=0.001)
    assert sample.call("VAL_FWD_PE", "XLK") is CellError.NA


def test_9_1_the_series_of_the_source_feeds_the_sahm_rule(sample):
    rows = sample.call("MAC_SERIES", "UNRATE", None, "2025-09-01", False)
    assert rows[-1][1] == 4.4
    assert sample.call("MAC_SAHM", [[row[1]] for row in rows]) == pytest.approx(0.23)
    hole = sample.call("MAC_SERIES", "UNRATE", "2025-10-01", "2025-10-31", False)
    assert hole[0][1] is CellError.NA
    assert sample.call("MAC_SERIES", "NOSUCH") is CellError.NA


def test_1_other_deltas_show_the_skew(sample):
    below, money, above = (
        sample.call("VOL_IMPLIED", "SPX", "3M", DAYS[3], None, None, delta) for delta in (0.75, 0.5, 0.25)
    )
    assert below > money > above - 0.01  # the sample's smile leans to the left
    assert sample.call("VOL_IMPLIED", "SPX", "1M", "2026-02-10", None, None, 0.25) is CellError.NA  # VIX cannot tell


def split_session(days_before_split, asof="2026-02-13"):
    """AAA at 100 after a split of ten for one; the quotes at most strikes are of before."""
    from tests.conftest import panel_of
    from tests.proofs.published import flat_chain

    chain = flat_chain("AAA", asof, 0.3, ["2026-03-06", "2026-03-20", "2026-04-17"])
    stale = (chain.strike % 2 == 1) | (chain.strike > 150)
    old = np.datetime64(asof) - np.timedelta64(days_before_split, "D")
    bad = np.where(chain.call, 600.0 - chain.strike, chain.strike * 0.9)
    chain = replace(
        chain,
        bid=np.where(stale, bad, chain.bid),
        ask=np.where(stale, bad + 0.5, chain.ask),
        traded=np.where(stale, old, chain.traded),
    )
    split = np.zeros(30)
    split[-10] = 10.0
    panel = panel_of({"AAA": np.r_[np.full(20, 1000.0), np.full(10, 100.0)]}, asof, split={"AAA": split})
    return Session(FixedSource(replace(panel, chains=HeldChains([chain]))), lang="en")


@pytest.mark.parametrize("method", ["ATM", "MODELFREE"])
@pytest.mark.parametrize("before", [1, 30])
def test_quotes_from_before_a_split_do_not_count(method, before):
    # One day before: older than the fresh trades; thirty days: before the split as well.
    got = split_session(before).call("VOL_IMPLIED", "AAA", "1M", None, method)
    assert got == pytest.approx(0.3, abs=0.006)


def test_a_trade_of_before_the_split_is_stale_even_where_nothing_contradicts_it():
    from tests.conftest import panel_of
    from xlrotation.functions.families.vol import expiries
    from xlrotation.market import cutting

    session = split_session(30)
    assert isinstance(session.call("VOL_IMPLIED", "AAA", "1M"), float)
    split = np.zeros(30)
    split[-10] = 10.0
    panel = panel_of({"AAA": np.full(30, 100.0), "BBB": np.full(30, 1.0)}, split={"AAA": split})
    cut = cutting.cut(panel, None)
    assert expiries.last_split(cut, "AAA") == panel.days[-10].item()
    assert expiries.last_split(cut, "BBB") is None
    assert expiries.last_split(cutting.cut(panel, panel.days[-11].item()), "AAA") is None
    assert expiries.last_split(cutting.cut(panel_of({"AAA": np.full(30, 1.0)}), None), "AAA") is None
    assert expiries.last_split(cut, "CCC") is None
    one = np.array([100.0, 100.0])
    days = np.array([panel.days[-11], panel.days[-10]])
    expiry = np.array(["2026-03-20"] * 2, "datetime64[D]")
    chain = Chain(
        *("AAA", panel.days[-1].item(), expiry, one + np.array([0.0, 5.0]), one > 0, one / 20, one / 20 + 0.1),
        *(one < 0, days),
    )
    (found,) = expiries.expiries_of(cut, chain, 1)
    assert found.strip.strike.tolist() == [105.0]


def test_10_flow_of_a_fund_by_hand(session_of):
    # Two shares more at a close of 100, then a day without a number, then three less, valued at 110 when seen.
    session = session_of(
        {"FUND": [100.0, 110.0, 120.0, 130.0], "BARE": [1.0] * 4},
        shares={"FUND": [10.0, 12.0, np.nan, 9.0]},
    )
    assert session.call("FLOW_ETF", "FUND", "3D") == pytest.approx(2 * 100 - 3 * 110)
    assert session.call("FLOW_ETF", "FUND", "MAX") == pytest.approx(2 * 100 - 3 * 110)
    assert session.call("FLOW_ETF", "FUND", "2D") == pytest.approx(-3 * 110)
    assert session.call("FLOW_ETF", "FUND", "3D", None, "SAME") == pytest.approx(2 * 110 - 3 * 130)
    assert session.call("FLOW_ETF", "FUND", "1D") is CellError.NA  # the day before has no number of shares
    assert session.call("FLOW_ETF", "FUND", "2D", "2026-02-12") is CellError.NA  # nor has the last day of this window
    assert session.call("FLOW_ETF", "BARE", "2D") is CellError.NA


def test_only_the_expiries_around_a_tenor_are_laid_out(monkeypatch):
    laid = []
    strip = smile.strip
    monkeypatch.setattr(smile, "strip", lambda *quotes: laid.append(len(quotes[0])) or strip(*quotes))
    panel = replace(Session("sample").panel)  # of which nothing was asked yet
    assert isinstance(Session(FixedSource(panel), lang="en").call("VOL_IMPLIED", "SPX", "1M", DAYS[3]), float)
    assert len(laid) == 2


@pytest.mark.parametrize("gaps", [(), (0,), (1, 2, 3), (0, 2, 5), (3, 4), (6, 7, 8, 9, 10, 11)])
def test_a_tenor_lies_between_the_nearest_expiries_that_have_a_volatility(sample, monkeypatch, gaps):
    market = cutting.cut(sample.panel, np.datetime64(DAYS[3]).item())
    chain = market.chain("^GSPC")
    days, smiles, _ = expiries.smiles_of(market, chain, 0.04)
    years = np.array([one.years for one in smiles])
    without = {one.years for place, one in enumerate(smiles) if place in gaps}
    at_delta = smile.at_delta
    monkeypatch.setattr(smile, "at_delta", lambda one, delta: np.nan if one.years in without else at_delta(one, delta))
    for delta in (0.5, 0.25):
        vols = np.array([smile.at_delta(one, delta) for one in smiles])
        for tenor in range(3, 400, 7):
            market = cutting.cut(replace(sample.panel), np.datetime64(DAYS[3]).item())
            place = atdelta.Place(tenor, delta, 0.04)
            all_of_them = smile.constant_maturity(years, vols, tenor / 365.0)
            if all_of_them == all_of_them:
                assert atdelta.volatility(market, chain, place) == pytest.approx(all_of_them, rel=1e-12)
            else:
                with pytest.raises(NoData) as refused:
                    atdelta.volatility(market, chain, place)
                told = [str(day) for day, vol in zip(days, vols, strict=True) if vol == vol]
                assert str(refused.value).endswith(", ".join(told) or "none")
