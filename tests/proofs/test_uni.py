"""UNI: universes and their members."""

from __future__ import annotations

import pytest

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
