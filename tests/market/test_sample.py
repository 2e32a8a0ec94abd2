"""The sample runs through the figures that it is anchored to."""

import csv
import datetime as dt
import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers import sample

TOOLS = Path(__file__).parents[2] / "tools"
SAMPLE = Session("sample", lang="en")

with (TOOLS / "sample" / "anchors.csv").open(encoding="utf-8", newline="") as file:
    ANCHORS = list(csv.DictReader(file))


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda a: f"{a['symbol']} {a['kind']} {a['date']}")
def test_anchor_is_met(anchor):
    symbol, day, value = anchor["symbol"], anchor["date"], float(anchor["value"])
    decimals = len(anchor["value"].partition(".")[2])
    half = 0.5 * 10**-decimals
    match anchor["kind"]:
        case "close":
            assert SAMPLE.call("PX_CLOSE", symbol, day) == pytest.approx(value, abs=0.005)
        case "open":
            assert SAMPLE.call("PX_HISTORY", symbol, day, day, "open", False)[0][1] == value
        case "open_to_close":
            assert 100 * SAMPLE.call("PX_RET", symbol, "1D", day, None, "OPEN") == pytest.approx(value, abs=half)
        case "return":
            got = 100 * SAMPLE.call("PX_RET_BETWEEN", symbol, anchor["base_date"], day)
            # Published figures are rounded, so a chain of them meets a total only to that rounding; a cent on a cheap
            # fund is another 0.01 %.
            assert got == pytest.approx(value, abs=0.025)
        case _:
            assert round(SAMPLE.call("PX_MA", symbol, int(anchor["kind"][3:]), day), 2) == value


def test_streak_of_january_2026():
    lengths = {"2026-01-14": 9, "2026-01-16": 11, "2026-01-21": 13, "2026-01-22": 14, "2026-01-23": -1, "2026-02-06": 1}
    for day, length in lengths.items():
        assert SAMPLE.call("RS_STREAK", None, None, day) == length
    longest = SAMPLE.call("RS_STREAK_TABLE", None, None, 2, None, False)
    assert longest[0][:3] == [14, dt.date(2026, 1, 2), dt.date(2026, 1, 22)]
    assert longest[1][0] < 14


def test_facts_about_a_stretch():
    market = SAMPLE.market()
    vvix = market.series("VVIX").close
    above = market.days[vvix > 110]
    november = above[(above >= np.datetime64("2025-11-01")) & (above <= np.datetime64("2025-11-30"))]
    assert [str(day) for day in november] == ["2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20", "2025-11-21"]
    vix = market.series("VIX").close
    assert (
        vix[(market.days >= np.datetime64("2025-01-01")) & (market.days < np.datetime64("2026-01-01"))].max() == 52.33
    )
    assert SAMPLE.call("PX_CROSS", "DJI", 50000, "MAX", "2026-02-06") == dt.date(2026, 2, 6)
    mag7 = [row[3] for row in SAMPLE.call("ROT_LEADERS", "MAG7", 7, "YTD", "2026-01-14", False)]
    assert 100 * np.mean(mag7) == pytest.approx(-1.49, abs=0.02)
    change = SAMPLE.call("PX_MKTCAP_CHANGE", [["AMZN", "MSFT"]], "2026-01-13", "2026-02-06")
    assert change == pytest.approx(-862e9, rel=0.005)


def test_dispersion_identity():
    market = SAMPLE.market()
    vixeq, vix, dspx = (market.series(name).close for name in ("VIXEQ", "VIX", "DSPX"))
    np.testing.assert_allclose(np.sqrt(vixeq**2 - vix**2), dspx, atol=0.005001)


def test_bars_are_sound():
    panel = SAMPLE.panel
    fields = panel.fields
    assert (fields["low"] > 0).all()
    assert (fields["high"] >= np.maximum(fields["open"], fields["close"])).all()
    assert (fields["low"] <= np.minimum(fields["open"], fields["close"])).all()
    np.testing.assert_array_equal(panel.days, XNYS.sessions_between(panel.first, panel.last))
    assert (panel.first, panel.last) == (dt.date(2023, 1, 3), dt.date(2026, 2, 13))


def test_the_notice_says_what_it_is():
    assert SAMPLE.panel.notice == "sample data: synthetic paths through published figures, not market data"
    assert SAMPLE.call("XLR_STATUS")[-1][1] == SAMPLE.panel.notice


def test_it_is_what_the_committed_script_builds(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("build_sample", TOOLS / "build_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "sample.npz")
    module.main()
    committed = TOOLS.parent / "xlrotation" / "market" / "data" / "sample.npz"
    with np.load(tmp_path / "sample.npz") as built, np.load(committed) as kept:
        assert built.files == kept.files
        for name in kept.files:
            # Another processor may round the last cent of a synthetic price the other way.
            np.testing.assert_allclose(built[name], kept[name], atol=2) if built[name].dtype.kind != "U" else (
                np.testing.assert_array_equal(built[name], kept[name])
            )
    for name in [name for name in sys.modules if name == "sample" or name.startswith("sample.")]:
        del sys.modules[name]


@pytest.mark.long
def test_chains_are_what_the_committed_script_builds(tmp_path, monkeypatch):
    """The last of its sessions, which a quarter of the time builds."""
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("build_sample_chains", TOOLS / "build_sample_chains.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "chains.npz")
    monkeypatch.setattr(module, "SESSIONS", module.SESSIONS[-1:])
    module.main()
    committed = TOOLS.parent / "xlrotation" / "market" / "data" / "sample_chains.npz"
    with np.load(tmp_path / "chains.npz") as built, np.load(committed) as kept:
        quotes, names = int(built["counts"].sum()), len(built["symbols"])
        np.testing.assert_array_equal(built["counts"], kept["counts"][-names:])
        np.testing.assert_allclose(built["volatilities"], kept["volatilities"][-names:], rtol=1e-9)
        for name in ("expiry", "strike", "call"):
            np.testing.assert_array_equal(built[name], kept[name][-quotes:])
        for name in ("bid", "ask"):  # another processor may round a price to the next tick
            np.testing.assert_allclose(built[name], kept[name][-quotes:], atol=5)
        for name in ("volume", "open_interest"):  # or a count to the next of two digits
            np.testing.assert_allclose(built[name], kept[name][-quotes:], rtol=0.1, atol=1)
    for name in [name for name in sys.modules if name == "sample" or name.startswith("sample.")]:
        del sys.modules[name]


def test_a_field_of_the_sample_is_read_when_it_is_asked_for(monkeypatch):
    read = []
    arrays = sample._arrays
    monkeypatch.setattr(sample, "_arrays", lambda name, *wanted: read.extend(wanted) or arrays(name, *wanted))
    panel = sample.load.__wrapped__()
    assert list(panel.fields)[:5] == ["open", "high", "low", "close", "volume"]
    assert not {"open", "close", "volume"} & set(read)
    closes = panel.fields["close"]
    assert panel.fields["close"] is closes
    assert not closes.flags.writeable
    assert closes.flags.f_contiguous
    assert "close" in read
    assert not {"open", "volume"} & set(read)
    assert type(pickle.loads(pickle.dumps(panel.fields))) is dict  # another process gets the arrays
    assert "volume" in read
