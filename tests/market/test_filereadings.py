"""What is kept of how each file was read."""

from __future__ import annotations

import datetime as dt

from tests.market.test_folder import WIDE, write
from xlrotation.market.filereadings import Refused
from xlrotation.market.providers.folder import source as folder


def test_how_a_table_was_read(tmp_path):
    write(tmp_path / "prices.csv", WIDE.replace("2615.83", "soon"))
    write(tmp_path / "members.csv", "ticker,name,sector\nAAPL,Apple,IT\n")
    write(tmp_path / "notes.csv", "nothing,of,use\n1,2,3\n")
    panel = folder.load(tmp_path)
    readings = {reading.file: reading for reading in panel.readings}
    prices = readings["prices.csv"]
    assert (prices.layout, prices.symbols, prices.exchanges) == ("wide", ("^RUT", "^GSPC"), ("XNYS",))
    assert (prices.first, prices.last, prices.gaps) == (dt.date(2026, 2, 11), dt.date(2026, 2, 13), 1)
    assert [(cell.row, cell.column) for cell in prices.refused] == [(3, "RUT")]
    assert readings["members.csv"].layout == "members"
    assert readings["notes.csv"].layout == ""
    assert readings["notes.csv"].refused[0].reason.startswith("notes.csv: ")


def test_the_place_of_a_refusal():
    assert (Refused.of("a.csv, row 4: ends").row, Refused.of("a.csv, row 4: ends").column) == (4, None)
    assert Refused.of("left out a.csv: has no rows").row is None


def test_series_and_chains_are_named(tmp_path):
    write(tmp_path / "prices.csv", WIDE)
    write(tmp_path / "UNRATE.csv", "observation_date,UNRATE\n2025-12-01,4.4\n2026-01-01,4.3\n")
    head = "quote_date,symbol,expiration,strike,type,bid,ask\n"
    write(tmp_path / "chain.csv", head + "2026-02-13,AAA,2026-03-20,95,C,1.5,1.6\n")
    readings = {reading.file: reading for reading in folder.load(tmp_path).readings}
    assert (readings["UNRATE.csv"].layout, readings["UNRATE.csv"].symbols) == ("series", ("UNRATE",))
    assert (readings["UNRATE.csv"].first, readings["UNRATE.csv"].last) == (dt.date(2025, 12, 1), dt.date(2026, 1, 1))
    assert (readings["chain.csv"].layout, readings["chain.csv"].symbols) == ("chain", ("AAA",))
    assert readings["chain.csv"].last == dt.date(2026, 2, 13)
