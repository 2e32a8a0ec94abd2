"""UNI: universes and their members."""

from __future__ import annotations

import pytest

from tests.proofs.test_rot import OF_2022
from xlrotation.functions.boundary.session import Session

SPDJI = "S&P Dow Jones Indices, announcements of 2020-08-24, 2024-02-20 and 2024-11-01 on the Dow"
STAYED = "AAPL AXP BA CAT CSCO CVX DIS GS HD IBM JNJ JPM KO MCD MMM MRK MSFT NKE PG TRV UNH V VZ WMT".split()
CHANGES = {
    "2020-08-31": ("CRM AMGN HON", "XOM PFE RTX"),
    "2024-02-26": ("AMZN", "WBA"),
    "2024-11-08": ("NVDA SHW", "INTC DOW"),
}
"""What joined and left before the opening of a day."""

EVES = {"2020-08-31": "2020-08-28", "2024-02-26": "2024-02-23", "2024-11-08": "2024-11-07"}
"""The last day of those that left."""


@pytest.fixture
def dow(tmp_path):
    """A folder of a list with terms, and closes around each change."""
    rows = [f"DJIA,{ticker},,," for ticker in STAYED]
    for day, (joined, left) in CHANGES.items():
        rows += [f"DJIA,{ticker},{day},," for ticker in joined.split()]
        rows += [f"DJIA,{ticker},,{EVES[day]}," for ticker in left.split()]
    (tmp_path / "universes.csv").write_text("\n".join(["universe,symbol,from,to,name", *rows]), "utf-8")
    tickers = sorted(row.split(",")[1] for row in rows)
    days = sorted([*EVES, *EVES.values()])
    lines = [",".join(["Date", *tickers]), *(",".join([day, *["100"] * len(tickers)]) for day in days)]
    (tmp_path / "prices.csv").write_text("\n".join(lines), "utf-8")
    return Session(f"folder:{tmp_path}", lang="en")


@pytest.mark.proves("UNI_MEMBERS", by=SPDJI)
def test_members_of_the_dow_around_each_change(dow):
    for day, (joined, left) in CHANGES.items():
        before, after = ({row[0] for row in dow.call("UNI_MEMBERS", "DJIA", asof, False)} for asof in (EVES[day], day))
        assert len(before) == len(after) == 30
        assert (after - before, before - after) == (set(joined.split()), set(left.split()))


@pytest.mark.proves("UNI_WEIGHTS", by="US Department of Justice: firms with shares of 30, 30, 20 and 20 %")
def test_weights_of_four_firms(session_of):
    shares = {"A": 20.0, "B": 30.0, "C": 20.0, "D": 30.0}
    session = session_of({name: [9.0, 2.0] for name in shares}, shares={name: [n, n] for name, n in shares.items()})
    table = session.call("UNI_WEIGHTS", [[name] for name in shares], None, False)
    assert [row[0] for row in table] == ["B", "D", "A", "C"]
    assert [row[2] for row in table] == pytest.approx([0.3, 0.3, 0.2, 0.2], abs=1e-12)


@pytest.mark.proves("UNI_INFO", by="S&P and MSCI: GICS sectors after the changes of 2018-09-28 and 2023-03-17")
def test_sectors_of_companies_that_were_moved(sample):
    moved = {
        "GOOGL": "Communication Services",
        "META": "Communication Services",
        "NFLX": "Communication Services",
        "V": "Financials",
        "MA": "Financials",
    }
    table = sample.call("UNI_INFO", [[ticker] for ticker in moved], False)
    assert [row[0] for row in table] == list(moved)
    assert [row[2] for row in table] == list(moved.values())
    assert {tuple(row[3:]) for row in table} == {("XNYS", "USD")}


@pytest.mark.proves("UNI_MOVERS", by="S&P Dow Jones Indices: total returns of the S&P 500's sectors in 2022")
def test_best_and_worst_sectors_of_2022(year_2022):
    table = year_2022(OF_2022).call("UNI_MOVERS", "SECTORS", 2, "YTD", None, False)
    assert [(row[0], row[2]) for row in table] == [(1, "XLE"), (2, "XLU"), (10, "XLY"), (11, "XLC")]
    assert [row[3] for row in table] == pytest.approx([0.6572, 0.0157, -0.3703, -0.3989], abs=1e-12)


@pytest.mark.proves("ROT_CONTRIB", "UNI_MOVERS", by="a CFA question bank: five positions, 1.1838 % in 2005")
def test_contributions_of_five_positions(session_of):
    # Value at the beginning in millions and return: value times return, and their sum over 10.5, as printed.
    positions = {"A": (1.3, -0.020), "B": (1.4, -0.042), "C": (2.2, 0.064), "D": (3.9, 0.021), "E": (1.7, -0.008)}
    printed = {"A": -0.0260, "B": -0.0588, "C": 0.1408, "D": 0.0819, "E": -0.0136}
    session = session_of(
        {name: [10.0, 10 * (1 + change)] for name, (_, change) in positions.items()},
        shares={name: [value, value] for name, (value, _) in positions.items()},
    )
    cells = [[name] for name in positions]
    *members, total = session.call("ROT_CONTRIB", cells, "1D", None, None, None, False)
    assert [row[1] for row in members] == ["C", "D", "B", "A", "E"]  # by size
    for row in members:
        assert 10.5 * row[4] == pytest.approx(printed[row[1]], abs=5e-5)
    assert total[4] == pytest.approx(0.011838, abs=5e-7)
    movers = session.call("UNI_MOVERS", cells, 1, "1D", None, False)
    assert [row[2] for row in movers] == ["C", "B"]
    assert [10.5 * row[5] for row in movers] == pytest.approx([0.1408, -0.0588], abs=5e-5)
