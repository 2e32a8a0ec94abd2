import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proofs.published import rows as table_of
from xlrotation.measures import modelfree, volatility

# Hull, Options, Futures and Other Derivatives, table 15.1: 21 closes.
HULL = [
    *(20.0, 20.1, 19.9, 20.0, 20.5, 20.25, 20.9, 20.9, 20.9, 20.75, 20.75),
    *(21.0, 21.1, 20.9, 20.9, 21.25, 21.4, 21.4, 21.25, 21.75, 22.0),
]


def test_5_1_close_to_close_of_hull():
    assert volatility.close_to_close(np.array(HULL), 1.0) == pytest.approx(0.01216, abs=5e-6)
    assert volatility.close_to_close(np.array(HULL)) == pytest.approx(0.193, abs=5e-4)


def test_5_1_ewma_of_hull():
    # Risk Management and Financial Institutions, example 5.2: decay 0.90, volatility 1 %, return 2 % give 1.14 %.
    closes = np.exp(np.array([0.0, 0.01, 0.03]))
    assert volatility.ewma(closes, 0.90, 1.0) == pytest.approx(0.0114, abs=5e-5)


def bars(seed, n=60):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n + 1)))
    open_ = close[:-1] * np.exp(rng.normal(0, 0.004, n))
    high = np.maximum(open_, close[1:]) * np.exp(np.abs(rng.normal(0, 0.004, n)))
    low = np.minimum(open_, close[1:]) * np.exp(-np.abs(rng.normal(0, 0.004, n)))
    return open_, high, low, close[1:], close[:-1]


@given(st.integers(0, 300))
def test_5_1_yang_zhang_by_its_limits(seed):
    open_, high, low, close, before = bars(seed)
    n = len(close)
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    inner = volatility.rogers_satchell(open_, high, low, close) ** 2
    session = 252 * np.var(np.log(close / open_), ddof=1)
    without_gap = volatility.yang_zhang(open_, high, low, close, open_)
    assert without_gap**2 == pytest.approx(k * session + (1 - k) * inner)
    overnight = 252 * np.var(np.log(open_ / before), ddof=1)
    assert volatility.yang_zhang(open_, high, low, close, before) ** 2 == pytest.approx(without_gap**2 + overnight)
    flat = np.ones(n)
    only_gaps = volatility.yang_zhang(open_, open_, open_, open_, before)
    assert only_gaps**2 == pytest.approx(overnight)
    assert volatility.parkinson(flat, flat) == 0.0


def test_5_1_bars_equal_the_ttr_package_on_every_row():
    rows = table_of("ttr_volatility.csv")
    table = {name: np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close")}
    checked = 0
    for end in range(10, len(rows) + 1):
        bar = {name: values[end - 10 : end] for name, values in table.items()}
        four = (bar["open"], bar["high"], bar["low"], bar["close"])
        want = rows[end - 1]
        got = {
            "garman_klass": volatility.garman_klass(*four, 260.0),
            "parkinson": volatility.parkinson(bar["high"], bar["low"], 260.0),
            "rogers_satchell": volatility.rogers_satchell(*four, 260.0),
        }
        for name, value in got.items():
            assert value == pytest.approx(float(want[name]), abs=1e-14)
            checked += 1
    assert checked == 3 * (len(rows) - 9)


def quotes(name):
    rows = table_of(name)
    columns = ("strike", "call_bid", "call_ask", "put_bid", "put_ask")
    return tuple(np.array([float(row[column]) for row in rows]) for column in columns)


def test_3_vix_white_paper_of_2019_step_by_step():
    near_t, far_t = 35924 / 525600, 46394 / 525600
    near = modelfree.expiry_variance(*quotes("vix_2019_near.csv"), near_t, 0.000305)
    far = modelfree.expiry_variance(*quotes("vix_2019_next.csv"), far_t, 0.000286)
    assert (near.at_or_below, far.at_or_below) == (1960, 1960)
    assert (near.selected, far.selected) == (146, 122)
    assert near.forward == pytest.approx(1962.89996, abs=1e-5)
    assert far.forward == pytest.approx(1962.40006, abs=1e-5)
    assert near.contributions == pytest.approx(0.0006320516, abs=1e-9)
    assert far.contributions == pytest.approx(0.000831402, abs=1e-9)
    assert near.variance == pytest.approx(0.01846292, abs=1e-8)
    assert far.variance == pytest.approx(0.01882101, abs=1e-8)
    index = modelfree.thirty_day_index(near.variance, far.variance, near_t, far_t)
    assert index == pytest.approx(13.6858205379, abs=1e-9)


def test_3_vix_white_paper_of_2009():
    rows = table_of("vix_2009.csv")
    found = {}
    for days in (9, 37):
        table = [row for row in rows if int(row["days"]) == days]
        columns = ("strike", "call_bid", "call_ask", "put_bid", "put_ask")
        arrays = [np.array([float(row[column]) for row in table]) for column in columns]
        minutes = 930 + 510 + (days - 1) * 1440
        found[days] = (modelfree.expiry_variance(*arrays, minutes / 525600, 0.0038).variance, minutes / 525600)
    assert found[9][0] == pytest.approx(0.472767, abs=1e-6)
    assert found[37][0] == pytest.approx(0.366818, abs=1e-6)
    index = modelfree.thirty_day_index(found[9][0], found[37][0], found[9][1], found[37][1])
    assert index == pytest.approx(61.217999, abs=1e-6)
