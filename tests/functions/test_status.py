"""What the library tells about its data and about itself."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.xlr import status
from xlrotation.market import symbols
from xlrotation.market.panel import Provenance, Quarantined

NAN = np.nan
FETCHED = dt.datetime(2026, 2, 13, 22, 30, tzinfo=dt.UTC)


def held_back(symbol, day, reason="a jump", times=1, rejected=False, **values):
    return Quarantined(symbol, dt.date.fromisoformat(day), "test", None, reason, values, times, rejected)


def told(panel):
    rows = Session(FixedSource(panel), lang="en").call("XLR_STATUS", False, "en")
    return dict(rows)


def test_stale_symbols_and_missing_ones():
    # The last closes are of Friday, Thursday and Wednesday; one session behind is not yet stale.
    panel = panel_of({"XLK": [1.0, 2, 3, 4], "XLF": [1.0, 2, 3, NAN], "XLE": [1.0, 2, NAN, NAN], "XLV": [NAN] * 4})
    rows = told(panel)
    assert rows["Stale symbols"] == "1: XLE"
    assert rows["Sessions behind"] == 0
    assert rows["Symbols"] == 4
    assert rows["First session"] == dt.date(2026, 2, 10)
    assert rows["Newest session"] == dt.date(2026, 2, 13)
    missing = rows["Missing symbols"]
    assert missing.startswith(f"{len(symbols.NAMES) - 3}: ")  # XLV is there without a close
    assert missing.endswith(f" (+{len(symbols.NAMES) - 3 - 40})")
    assert len(missing.split(": ")[1].rpartition(" (+")[0].split(" ")) == 40
    assert status.missing_symbols(panel_of({name.ticker: [1.0] for name in symbols.NAMES})) == []
    assert told(panel_of({"XLK": [1.0, 2.0]}))["Stale symbols"] == "none"
    old = [1.0, NAN, NAN, NAN]
    assert told(panel_of({"XLK": old, "XLF": old, "XLV": [NAN] * 4}))["Stale symbols"] == "2: all"
    assert told(panel_of({"XLK": old}))["Stale symbols"] == "1: XLK"
    assert told(panel_of({"XLK": old, "XLF": [1.0, 2, 3, 4]}))["Stale symbols"] == "1: XLK"


def test_times_are_told_or_said_to_be_none():
    panel = panel_of({"XLK": [1.0, 2.0]})
    assert told(panel)["Last refresh"] == "none"
    assert told(panel)["As known at"] == "none"
    assert told(replace(panel, fetched=FETCHED))["Last refresh"] == "2026-02-13 22:30 UTC"
    assert told(replace(panel, fetched=FETCHED.replace(tzinfo=None)))["Last refresh"] == "2026-02-13 22:30"


def test_lists_are_cut_where_they_get_long():
    panel = panel_of({"XLK": [1.0]})
    for count, shown in ((0, "none"), (1, "r0"), (3, "r0; r1; r2"), (4, "r0; r1; r2 (+1)")):
        remarks = tuple(f"r{place}" for place in range(count))
        assert told(replace(panel, remarks=remarks))["Remarks"] == shown
    series = {f"S{place:02}": (np.array([], "datetime64[D]"), np.array([])) for place in range(41)}
    listed = told(replace(panel, series=series))["Series"]
    assert listed == "41: " + " ".join(sorted(series)[:40]) + " (+1)"
    del series["S40"]
    assert told(replace(panel, series=series))["Series"] == "40: " + " ".join(sorted(series))
    assert told(panel)["Option chains (newest)"] == "none"


def test_what_is_held_back():
    panel = panel_of({"XLK": [1.0]})
    entries = [
        held_back("AAA", "2026-02-12", "a jump", 3, close=(1.0, 9.0)),
        held_back("AAA", "2026-02-13", close=(NAN, 9.0)),
        held_back("BBB", "2026-02-11", "a hole", close=(2.0, 3.0), open=(1.0, NAN)),
        held_back("CCC", "2026-02-11", rejected=True, close=(2.0, 3.0)),
    ]
    advice = "; look them up elsewhere, then run: xlrotation accept SYMBOL or xlrotation reject SYMBOL"
    text = told(replace(panel, quarantine=entries))["Quarantined values"]
    assert text == f"2 symbols; AAA 2026-02-12 (+1 days): a jump, offered 3 times; BBB 2026-02-11: a hole{advice}"
    assert told(replace(panel, quarantine=entries[3:]))["Quarantined values"] == "none"
    many = [held_back(name, "2026-02-11", close=(1.0, 2.0)) for name in "ABCD"]
    text = told(replace(panel, quarantine=many))["Quarantined values"]
    assert text.startswith(
        "4 symbols; A 2026-02-11: a jump; B 2026-02-11: a jump; C 2026-02-11: a jump; and 1 more sym"
    )
    text = told(replace(panel, quarantine=many[:3]))["Quarantined values"]
    assert "more symbols" not in text
    rows = status.quarantine_rows(entries[:3])
    assert [(row["symbol"], row["field"], row["stored"]) for row in rows] == [
        ("AAA", "close", 1.0),
        ("AAA", "close", None),  # nothing is stored
        ("BBB", "close", 2.0),
        ("BBB", "open", 1.0),
    ]
    assert rows[0]["offered"] == 9.0
    assert rows[0]["times"] == 3


def test_the_report_of_the_command_line_lists_twenty():
    panel = panel_of({"XLK": [1.0], "XLF": [1.0]})
    for count, more in ((20, ""), (21, ", the first 20 of 21; --json lists all")):
        entries = [held_back("XLK", "2026-02-11", close=(float(place), 2.0)) for place in range(count)]
        data, tables = status.report(Session(FixedSource(replace(panel, quarantine=entries)), lang="en"), [])
        assert len(data["quarantine"]) == count
        assert tables[-1][0] == f"Quarantined values{more}"
        assert len(tables[-1][1]) == 21  # the heads and twenty rows
        data, tables = status.report(Session(FixedSource(replace(panel, quarantine=entries)), lang="en"), ["XLF"])
        assert data["quarantine"] == []
        assert [title for title, _ in tables] == ["XLF"]
    _, tables = status.report(Session(FixedSource(panel), lang="en"), [])
    assert [title for title, _ in tables] == [""]
    assert tables[0][1][0] == ["Source", "test"]


def test_where_a_symbol_comes_from():
    panel = panel_of({"XLK": [NAN, 2.0, 3.0, NAN], "XLF": [NAN] * 4})
    origin = Provenance("A provider", None, None, FETCHED, "not at all")
    session = Session(FixedSource(replace(panel, provenance={"XLK": origin}, fetched=FETCHED)), lang="en")
    assert status.origin_rows(session, "XLK") == [
        {
            "first": dt.date(2026, 2, 11),
            "last": dt.date(2026, 2, 12),
            "provider": "A provider",
            "fetched": "2026-02-13 22:30 UTC",
            "accepted": False,
        }
    ]
    assert status.origin_rows(session, "XLF")[0] | {"fetched": ""} == {
        "first": None,
        "last": None,
        "provider": panel.source,
        "fetched": "",
        "accepted": False,
    }
    assert [row[1] for row in session.call("XLR_SOURCE", "XLK", False)] == [
        *("XLK", "A provider", dt.date(2026, 2, 11), dt.date(2026, 2, 12), "2026-02-13 22:30 UTC", "not at all")
    ]
    assert [row[1] for row in session.call("XLR_SOURCE", "XLF", False)] == ["XLF", "test", None, None, "none", "none"]
    undated = Session(FixedSource(replace(panel, provenance={"XLK": replace(origin, fetched=None)})), lang="en")
    assert undated.call("XLR_SOURCE", "XLK", False)[4][1] == "none"
    assert status.origin_rows(undated, "XLK")[0]["fetched"] == ""


def test_help_in_both_languages(sample):
    rows = sample.call("XLR_HELP", " =px_ma ", False)
    assert rows[0] == ["Function", 'PX_MA(symbol="^GSPC", n=20, asof, kind="SMA")']
    assert dict(rows)["n"] == "Number of closes. Default 20."
    assert [row[0] for row in rows][-3:] == ["Definition", "Source", "Example"]
    assert rows[-1][1].startswith("PX_MA(")
    chinese = dict(sample.call("XLR_HELP", "PX_MA", False, "zh"))
    spec = registry.functions()["PX_MA"]
    assert chinese["n"] == spec.parameters[1].text.into("zh") != spec.parameters[1].help
    assert spec.gives("zh") in chinese.values()
    assert sample.call("XLR_HELP", "PX_NOTHING") is CellError.VALUE
    for lang in ("en", "zh"):  # what stands for an argument is its name as it is typed, never the head of a table
        for name in ("BRD_ZBT", "MAC_SERIES", "PX_CLOSE", "VOL_PUTCALL"):
            told = [row[0] for row in sample.call("XLR_HELP", name, False, lang)]
            assert told[3:-3] == [parameter.name for parameter in registry.functions()[name].parameters], (name, lang)


@pytest.mark.parametrize("name", sorted(registry.functions()))
def test_the_unit_is_told_in_the_language_of_the_help(sample, name):
    wanted = registry.UNITS[registry.functions()[name].unit][0]
    assert ["Unit", wanted.into("en")] in sample.call("XLR_HELP", name, True, "en")
    assert ["单位", wanted.into("zh")] in sample.call("XLR_HELP", name, True, "zh")


def test_the_notice_is_told_in_the_language_of_the_status(sample):
    (english,), (chinese,) = (
        [row[1] for row in sample.call("XLR_STATUS", False, lang) if str(row[1]).startswith(begins)]
        for lang, begins in (("en", "sample data:"), ("zh", "示例数据"))
    )
    assert english != chinese


def test_functions_of_a_family(sample):
    every = sample.call("XLR_FUNCTIONS")
    assert len(every) == 1 + len(registry.functions())
    for text in ("PX", "px", "Prices", "价格"):
        names = [row[0] for row in sample.call("XLR_FUNCTIONS", text, False)]
        assert names == [name for name in registry.functions() if name.startswith("PX_")]
    assert sample.call("XLR_FUNCTIONS", "PX", False, "zh")[0][1:] == [
        "价格",
        registry.functions()["PX_CLOSE"].gives("zh"),
    ]
    assert sample.call("XLR_FUNCTIONS", "PX", False)[0][1:] == ["Prices", registry.functions()["PX_CLOSE"].summary]
    assert sample.call("XLR_FUNCTIONS", "PRICE") is CellError.VALUE


def test_the_newest_failures_come_first(session_of):
    session = session_of({"XLK": [1.0, 2.0]})
    assert session.call("XLR_ERRORS", 2, False) == [["none", "", "", "", ""]]
    for name in ("ONE", "TWO", "THREE"):
        assert session.call("PX_CLOSE", name) is CellError.NA
    assert [row[2] for row in session.call("XLR_ERRORS", 2, False)] == ["'THREE'", "'TWO'"]
    assert len(session.call("XLR_ERRORS", 3, False)) == 3
    assert session.call("XLR_ERRORS", 9)[1][1:4] == ["PX_CLOSE", "'THREE'", "#N/A"]
