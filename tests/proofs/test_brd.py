"""BRD: breadth and concentration."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from tests.proofs.published import rows
from tests.proofs.test_rot import OF_2022

MCCLELLAN = "mcoscillator.com, market breadth data"


def made_of(net: list[int]) -> np.ndarray:
    """Closes of a market whose members rise or fall so that net advances are *net*, session by session."""
    members = 2 * max(map(abs, net))
    steps = np.ones((len(net), members))
    for step, value in zip(steps, net, strict=True):
        up = (members + value) // 2  # members and value have the same parity, else one member stays where it is
        step[:up] = 1.01
        step[up : up + members - up - (members + value) % 2] = 0.99
    return np.cumprod(np.vstack([np.full(members, 100.0), steps]), axis=0)


def first_sessions(ten: float, five: float) -> list[int]:
    """Four whole net advances that bring both trends from nothing as near as they can to *ten* and *five*.

    Trends start at the first value a: after b, c and d the 10 % trend is 0.729 a + 0.081 b + 0.09 c + 0.1 d and the 5 %
    trend 0.857375 a + 0.045125 b + 0.0475 c + 0.05 d. Many a and b are tried with the c and d that solve both.
    """
    around = np.arange(-100, 101) + round(2 * five - ten)
    a, b = (grid.ravel().astype(float) for grid in np.meshgrid(around, np.arange(-200, 201) + round(ten)))
    left = np.stack([ten - 0.729 * a - 0.081 * b, five - 0.857375 * a - 0.045125 * b])
    c, d = np.round(np.linalg.solve([[0.09, 0.1], [0.0475, 0.05]], left))
    off = np.abs(left[0] - 0.09 * c - 0.1 * d) + np.abs(left[1] - 0.0475 * c - 0.05 * d)
    off[np.maximum(abs(c), abs(d)) > 3000] = np.inf
    best = int(np.argmin(off))
    assert off[best] < 0.01
    return [int(values[best]) for values in (a, b, c, d)]


@pytest.mark.proves("BRD_MCCLELLAN", "BRD_SUMMATION", by=MCCLELLAN)
@pytest.mark.parametrize("row", rows("mcclellan.csv"), ids=lambda row: row["date"])
def test_a_published_row(session_of, row):
    """From the trends of the day before, one session with the published advances and declines leads to the row."""
    published = {name: float(value) for name, value in row.items() if name != "date"}
    net = int(published["advances"] - published["declines"])
    before = ((published["trend10"] - 0.1 * net) / 0.9, (published["trend5"] - 0.05 * net) / 0.95)
    assert before[0] - before[1] == pytest.approx(published["prior_osc"], abs=2e-3)
    closes = made_of([*first_sessions(*before), net])
    names = [f"S{i}" for i in range(closes.shape[1])]
    session = session_of(dict(zip(names, closes.T, strict=True)))
    members = [[name] for name in names]
    yesterday = session.panel.days[-2].item()
    today = session.call("BRD_AD", members, None, False)[0]
    assert today[0] - today[1] == net
    assert session.call("BRD_MCCLELLAN", members) == pytest.approx(published["osc"], abs=0.01)
    assert session.call("BRD_MCCLELLAN", members, yesterday) == pytest.approx(published["prior_osc"], abs=0.01)
    assert session.call("BRD_SUMMATION", members) == pytest.approx(published["summation"], abs=0.2)
    gain = session.call("BRD_SUMMATION", members) - session.call("BRD_SUMMATION", members, yesterday)
    assert gain == pytest.approx(published["osc"], abs=0.01)  # the Summation Index sums the oscillator


@pytest.mark.proves("BRD_AD", by=f"{MCCLELLAN}: 1,819 advances and 1,307 declines on 2014-04-17")
def test_advances_and_declines(session_of):
    names = [f"S{i}" for i in range(1819 + 1307 + 60)]
    change = np.concatenate([np.full(1819, 0.01), np.full(1307, -0.01), np.zeros(60)])
    session = session_of(dict(zip(names, np.stack([np.full(len(names), 50.0), 50 + change]).T, strict=True)))
    got = session.call("BRD_AD", [[name] for name in names], None, False)
    assert got == [[1819, 1307, 60, pytest.approx(1.391737, abs=5e-7)]]  # 1819 / 1307


@pytest.fixture
def walk():
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(14).normal(0, 0.01, (320, 30)), axis=0))
    closes = np.round(closes, 1)  # so that some closes are equal
    closes[200, 3] = np.nan
    return pd.DataFrame(closes, columns=[f"S{i}" for i in range(30)])


def by_pandas(frame):
    """Each measure on every session, and the trends that start with the first net value."""
    change = frame.diff()
    up, down = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
    net = (up - down).iloc[1:]
    ten, five = (net.ewm(alpha=alpha, adjust=False).mean() for alpha in (0.10, 0.05))
    average = frame.rolling(50).mean()
    known = average.notna()
    return {
        "ABOVE_MA": ((frame > average) & known).sum(axis=1) / known.sum(axis=1),
        "NET": net,
        "MCCLELLAN": ten - five,
        "SUMMATION": 1000 - 9 * ten + 19 * five,
        "NEW_HIGHS": extremes(frame, "max"),
        "NEW_LOWS": extremes(frame, "min"),
        "THRUST": (up / (up + down)).iloc[1:].ewm(span=10, adjust=False).mean(),
    }


def extremes(frame, side):
    window = frame.rolling(63, min_periods=1)
    return frame.eq(getattr(window, side)()).sum(axis=1)


@pytest.mark.proves(
    "BRD_ABOVE_MA",
    "BRD_AD_LINE",
    "BRD_NEW_HIGHS",
    "BRD_NEW_LOWS",
    "BRD_THRUST",
    "BRD_HISTORY",
    by="pandas: rolling, diff, ewm",
)
def test_breadth_equals_pandas(session_of, walk):
    session = session_of(dict(walk))
    members = [[name] for name in walk.columns]
    wanted = by_pandas(walk)
    assert session.call("BRD_ABOVE_MA", members, 50) == pytest.approx(wanted["ABOVE_MA"].iloc[-1], abs=1e-12)
    assert session.call("BRD_NEW_HIGHS", members, 63) == wanted["NEW_HIGHS"].iloc[-1]
    assert session.call("BRD_NEW_LOWS", members, 63) == wanted["NEW_LOWS"].iloc[-1]
    assert session.call("BRD_AD_LINE", members, 40) == wanted["NET"].iloc[-40:].sum()
    assert session.call("BRD_THRUST", members) == pytest.approx(wanted["THRUST"].iloc[-1], abs=1e-12)
    for measure in ("ABOVE_MA", "NET", "MCCLELLAN", "SUMMATION", "NEW_HIGHS", "NEW_LOWS"):
        n = {"ABOVE_MA": 50, "NEW_HIGHS": 63, "NEW_LOWS": 63}.get(measure)
        history = session.call("BRD_HISTORY", members, measure, 100, None, n, False)
        assert [value for _, value in history] == pytest.approx(wanted[measure].iloc[-100:].tolist(), abs=1e-9), measure
    line = session.call("BRD_HISTORY", members, "AD_LINE", 100, None, None, False)
    assert [value for _, value in line] == wanted["NET"].iloc[-100:].cumsum().tolist()


@pytest.mark.proves("BRD_ABOVE_MA", "BRD_NEW_HIGHS", "BRD_NEW_LOWS", by="hand calculation")
def test_four_members_by_hand(session_of):
    # Means of three closes: 2, 2, 2, 2. Last closes: 3 above, 1 below, 2 equal (not above), 2.5 above.
    closes = {"A": [1.0, 2, 3], "B": [3.0, 2, 1], "C": [2.0, 2, 2], "D": [3.0, 0.5, 2.5]}
    session = session_of(closes)
    members = [[name] for name in closes]
    assert session.call("BRD_ABOVE_MA", members, 3) == 0.5
    assert session.call("BRD_NEW_HIGHS", members, 3) == 1  # A; C never moved
    assert session.call("BRD_NEW_LOWS", members, 3) == 1  # B


@pytest.mark.proves("BRD_SECTORS_UP", by="S&P Dow Jones Indices: two of eleven sectors rose in 2022")
def test_sectors_that_rose_in_2022(year_2022):
    assert year_2022(OF_2022).call("BRD_SECTORS_UP", "YTD") == 2


@pytest.mark.proves("BRD_OUTPERFORM", by="Statista: six of the Magnificent Seven beat the S&P 500 in 2024")
@pytest.mark.proves("BRD_MEDIAN_GAP", by="hand calculation on the returns of 2024 as reported")
def test_the_magnificent_seven_against_the_index(session_of):
    gains = {"NVDA": 171, "META": 65, "TSLA": 63, "AMZN": 44, "GOOGL": 36, "AAPL": 30, "MSFT": 12, "^GSPC": 23}
    session = session_of({name: np.linspace(100, 100 + gain, 253) for name, gain in gains.items()}, last="2024-12-31")
    assert session.call("BRD_OUTPERFORM", "MAG7", "SPX", "YTD") == pytest.approx(6 / 7, abs=1e-12)
    # The fourth of the seven is Amazon: 44 - 23 points.
    assert session.call("BRD_MEDIAN_GAP", "MAG7", "SPX", "YTD") == pytest.approx(0.21, abs=1e-12)


@pytest.mark.proves("BRD_THRUST", by="hand calculation: Zweig's average of three sessions")
def test_thrust_by_hand(session_of):
    # Shares of advances of 1/2, 1 and 0 with a weight of 2/11: 0.5; 0.5 + 2/11 x 0.5 = 0.590909; x 9/11 = 0.483471.
    session = session_of({"A": [1.0, 2, 3, 2], "B": [3.0, 2, 3, 2]})
    assert session.call("BRD_THRUST", [["A"], ["B"]]) == pytest.approx(0.483471, abs=5e-7)


@pytest.mark.proves(
    "BRD_CONCENTRATION", by="US Department of Justice: shares of 30, 30, 20 and 20 % have the index 2,600"
)
def test_herfindahl_of_the_department_of_justice(session_of):
    shares = {"A": 30.0, "B": 30.0, "C": 20.0, "D": 20.0}
    session = session_of({name: [1.0, 1.0] for name in shares}, shares={name: [n, n] for name, n in shares.items()})
    members = [[name] for name in shares]
    assert 10_000 * session.call("BRD_CONCENTRATION", members) == pytest.approx(2600, abs=1e-9)
    assert session.call("BRD_CONCENTRATION", members, "EFFN") == pytest.approx(3.846154, abs=5e-7)  # 1 / 0.26


@pytest.mark.proves("BRD_CONCENTRATION", by="a CFA study guide: 500 equal members have the index 0.002")
def test_five_hundred_equal_members(session_of):
    names = [f"S{i}" for i in range(500)]
    session = session_of({name: [2.0, 2.0] for name in names}, shares={name: [7.0, 7.0] for name in names})
    members = [[name] for name in names]
    got = [session.call("BRD_CONCENTRATION", members, measure) for measure in ("HHI", "EFFN", "TOP5", "TOP10")]
    assert got == pytest.approx([0.002, 500, 0.01, 0.02], rel=1e-12)


ARMS = "technicalanalysissite.com, Short Term Trading Index: the New York Stock Exchange in 2001"


def counted(up: list[int], down: list[int]) -> np.ndarray:
    """Closes of a market in which so many members rise and fall, session by session."""
    members = max(a + b for a, b in zip(up, down, strict=True))
    steps = np.ones((len(up), members))
    for step, rose, fell in zip(steps, up, down, strict=True):
        step[:rose], step[members - fell :] = 1.001, 0.999
    return 50 * np.vstack([np.ones(members), np.cumprod(steps, axis=0)])


@pytest.mark.proves("BRD_TRIN", "BRD_UPVOLUME", by=ARMS)
@pytest.mark.parametrize("row", rows("arms_2001.csv"), ids=lambda row: row["day"])
def test_arms_index_as_printed(session_of, row):
    up, down = int(row["advances"]), int(row["declines"])
    rising, falling = float(row["up_volume"]), float(row["down_volume"])
    names = [f"S{i}" for i in range(up + down)]
    volumes = np.concatenate([np.full(up, rising / up), np.full(down, falling / down)])
    session = session_of(
        dict(zip(names, counted([up], [down]).T, strict=True)),
        last=row["day"],
        volume={name: [1.0, volume] for name, volume in zip(names, volumes, strict=True)},
    )
    members = [[name] for name in names]
    assert session.call("BRD_TRIN", members) == pytest.approx(float(row["trin"]), abs=0.0101)  # of rounded ratios
    share = session.call("BRD_UPVOLUME", members)
    assert share / (1 - share) == pytest.approx(float(row["volume_ratio"]), abs=0.00501)


@pytest.mark.proves("BRD_ZBT", by="steadytape.io: fifteen breadth thrusts with their lows, 2015 to 2025")
@pytest.mark.parametrize("row", rows("zweig_thrusts.csv"), ids=lambda row: row["day"])
def test_a_known_thrust_has_its_date(session_of, row):
    """A market whose average goes through the low and the value of the signal on their days, in a straight line."""
    span, low, last = int(row["span"]), min(float(row["low"]), 0.399), float(row["average"])
    # Half at first, down to the low in fifteen sessions, straight up, and above 0.615 on the day.
    path = [
        *np.full(12, 0.5),
        *np.linspace(0.5, low, 16)[1:],
        *np.minimum(np.linspace(low, last, span + 1)[1:-1], 0.612),
        last,
    ]
    share = np.array([0.5, *((b - 9 / 11 * a) * 11 / 2 for a, b in itertools.pairwise(path))])
    up = np.rint(share * 2000).astype(int)
    assert (up >= 0).all()
    assert (up <= 2000).all()
    closes = counted(up.tolist(), (2000 - up).tolist())
    names = [f"S{i}" for i in range(2000)]
    session = session_of(dict(zip(names, closes.T, strict=True)), last=row["day"])
    found = session.call("BRD_ZBT", [[name] for name in names], "MAX", None, None, None, None, False)
    assert len(found) == 1
    day, average, low_day, lowest = found[0]
    assert (str(day), str(low_day)) == (row["day"], row["low_day"])
    assert (average, lowest) == pytest.approx((last, low), abs=1e-3)
    assert session.call("BRD_THRUST", [[name] for name in names]) == pytest.approx(average, abs=1e-9)


@pytest.mark.proves("BRD_ZBT", by="pandas: ewm and rolling minimum")
def test_thrusts_equal_pandas(session_of):
    rng = np.random.default_rng(8)
    drift = 0.012 * np.sin(np.arange(900) / 9)[:, None]  # turns that make thrusts
    frame = pd.DataFrame(100 * np.exp(np.cumsum(rng.normal(drift, 0.02, (900, 40)), axis=0)))
    frame.columns = [f"S{i}" for i in frame.columns]
    session = session_of(dict(frame))
    change = frame.diff().iloc[1:]
    up, down = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
    average = (up / (up + down)).ewm(span=10, adjust=False).mean().set_axis(session.panel.days[1:])
    crossed = (average > 0.615) & (average.shift() <= 0.615) & (average.shift().rolling(10).min() < 0.40)
    crossed &= np.arange(len(average)) >= 20
    days, wanted = average.index[crossed], []
    for day in days:  # below 0.40 again after the one before
        since = average[wanted[-1] : day] if wanted else average[:day]
        if since.iloc[-11:-1].min() < 0.40:
            wanted.append(day)
    found = session.call("BRD_ZBT", [[name] for name in frame.columns], "MAX", None, None, None, None, False)
    got = [row for row in found[::-1] if np.datetime64(row[0]) >= average.index[20]]
    assert len(wanted) >= 4
    assert [np.datetime64(row[0]) for row in got] == [np.datetime64(day, "D") for day in wanted]
    assert [row[1] for row in got] == pytest.approx([average[day] for day in wanted], abs=1e-9)


@pytest.mark.proves("BRD_52W", by="pandas: rolling maximum and minimum")
@pytest.mark.proves("BRD_SECTORS", by="pandas: groupby of rolling measures")
def test_breadth_by_sector_equals_pandas(session_of, walk):
    sectors = dict(zip(walk.columns, itertools.cycle(["Energy", "Financials", "Technology"]), strict=False))
    session = session_of(dict(walk))
    object.__setattr__(session.panel, "sectors", sectors)
    members = [[name] for name in walk.columns]
    last = {
        "ABOVE_MA": (50, (walk > walk.rolling(50).mean()).iloc[-1]),
        "ADVANCING": (None, (walk.diff() > 0).iloc[-1]),
        "NEW_HIGHS": (63, (walk == walk.rolling(63).max()).iloc[-1]),
        "NEW_LOWS": (63, (walk == walk.rolling(63).min()).iloc[-1]),
    }
    for measure, (n, holds) in last.items():
        table = session.call("BRD_SECTORS", measure, members, None, n, False)
        wanted = holds.groupby(sectors).mean()
        assert [row[0] for row in table] == ["Technology", "Financials", "Energy", "all"]
        assert [row[3] for row in table[:-1]] == pytest.approx(wanted[["Technology", "Financials", "Energy"]].tolist())
        assert table[-1][2:] == [30, pytest.approx(holds.mean())]
    highs, lows = last["NEW_HIGHS"][1].sum(), last["NEW_LOWS"][1].sum()
    assert session.call("BRD_52W", members, None, 63) == pytest.approx((highs - lows) / 30)
