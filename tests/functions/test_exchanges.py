"""A series lives on the sessions of its own exchange, in calls of one symbol and of several."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import itertools
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from tests.conftest import FixedSource
from tests.market.damaged import everything
from tests.workbook.books import make_book
from xlrotation import jobs
from xlrotation.batch import run, work
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main
from xlrotation.errors import CellError
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market import age, listing
from xlrotation.market.calendar import EXCHANGES, XNYS, Days
from xlrotation.market.chains import HeldChains
from xlrotation.market.listing import Listing
from xlrotation.market.market import Elsewhere
from xlrotation.market.panel import Panel, Provenance
from xlrotation.market.stacking import stack
from xlrotation.market.store import mending, reading
from xlrotation.market.store.store import Store
from xlrotation.market.symbols import display_name
from xlrotation.market.universes import CSI300_SECTORS, HSI_SECTORS, SECTORS, STOXX600_SECTORS, TOPIX17_SECTORS

XETR, XTKS, XHKG = EXCHANGES["XETR"], EXCHANGES["XTKS"], EXCHANGES["XHKG"]
FIRST, LAST = dt.date(2025, 1, 2), dt.date(2026, 2, 13)


def days_of(symbol: str, listing: Listing | None = None, first: dt.date = FIRST, last: dt.date = LAST) -> Days:
    return (listing or Listing()).of(symbol).sessions_between(first, last)


def growing(
    growth: Mapping[str, float], listing: Listing | None = None, first: dt.date = FIRST, last: dt.date = LAST
) -> Panel:
    """Each symbol grows by a rate of its own at each session of its exchange."""
    blocks = []
    for symbol, rate in growth.items():
        days = days_of(symbol, listing, first, last)
        blocks.append((symbol, days, {"close": 100.0 * (1.0 + rate) ** np.arange(len(days))}))
    days, symbols, fields = stack(blocks, listing)
    return Panel(days, symbols, fields, "test", listing=listing or Listing())


def session(panel: Panel) -> Session:
    return Session(FixedSource(panel), lang="en")


@pytest.fixture
def folder(tmp_path) -> Callable[..., str]:
    """Write a wide table of growing closes, and settings; gives the source."""

    def write(growth: Mapping[str, float], settings: str = "", **bounds: dt.date) -> str:
        panel = growing(growth, **bounds)
        path = tmp_path / "data"
        path.mkdir(exist_ok=True)
        with (path / "closes.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["Date", *panel.symbols])
            for day, closes in zip(panel.days, panel.fields["close"], strict=True):
                rows.writerow([day, *("" if value != value else repr(float(value)) for value in closes)])
        if settings:
            (path / "xlrotation.toml").write_text(settings, "utf-8")
        return f"folder:{path}"

    return write


@pytest.mark.parametrize("others", [{}, {"SPY": 0.002}, {"SPY": 0.002, "7203.T": 0.003}], ids=len)
def test_windows_of_one_symbol_count_its_own_sessions(folder, others):
    here = Session(folder({"SAP.DE": 0.001} | others), lang="en")
    on = "2026-01-20"  # the day after a holiday in New York that Frankfurt does not keep
    assert here.call("PX_RET", "SAP.DE", "1D", on) == pytest.approx(0.001)
    assert here.call("PX_RET", "SAP.DE", "20D", on) == pytest.approx(1.001**20 - 1)
    assert here.call("VOL_REALIZED", "SAP.DE", 20, on) == pytest.approx(0.0, abs=1e-9)
    assert here.call("PX_RET", "SAP.DE", "1D", "2026-01-19") == pytest.approx(0.001)
    if "SPY" in others:
        assert here.call("PX_RET", "SPY", "1D", on) == pytest.approx(0.002)
        assert here.call("PX_RET", [["SPY"], ["SAP.DE"]], "1D", on) == [[pytest.approx(0.002)], [pytest.approx(0.001)]]


def prices(symbols: tuple[str, ...], seed: int) -> Panel:
    """Random prices with all fields, a split and dividends, on the sessions of each symbol's exchange."""
    rng = np.random.default_rng(seed)
    blocks = []
    for symbol in symbols:
        own = days_of(symbol)
        close = 100.0 * np.cumprod(1 + 0.01 * rng.standard_normal(len(own)))
        fields = {"close": close, "open": close * 0.99, "high": close * 1.02, "low": close * 0.97}
        fields["volume"] = 1e6 + 1e5 * rng.random(len(own))
        fields["dividend"] = np.where(np.arange(len(own)) % 60 == 7, 0.5, 0.0)
        fields["split"] = np.where(np.arange(len(own)) == 150, 2.0, np.nan)
        for name in ("close", "open", "high", "low"):
            fields[name][150:] /= 2
        blocks.append((symbol, own, fields))
    days, names, fields = stack(blocks)
    return Panel(days, names, fields, "test")


NEW_YORK = ("^GSPC", "^RUT", "SPY", *SECTORS, "AAPL", "MSFT")
FRANKFURT = ("SAP.DE", "SIE.DE", "^GDAXI", *STOXX600_SECTORS)


@pytest.fixture(scope="module")
def mixed() -> tuple[Session, Session, Session]:
    """Sessions on both exchanges' symbols, and on each one's."""
    both = prices((*NEW_YORK, *FRANKFURT), 3)

    def only(symbols: tuple[str, ...]) -> Panel:
        columns = [both.columns[symbol] for symbol in symbols]
        rows = np.isfinite(both.fields["close"][:, columns]).any(axis=1)
        fields = {name: values[rows][:, columns] for name, values in both.fields.items()}
        return Panel(both.days[rows], symbols, fields, "test")

    return session(both), session(only(NEW_YORK)), session(only(FRANKFURT))


TOLD_OF_THE_SOURCE = ("XLR_STATUS", "XLR_ERRORS")
COMPARED_WITH_NEW_YORK = ("ROT_INTERPRET",)


@pytest.mark.parametrize("name", [name for name in functions() if name not in TOLD_OF_THE_SOURCE])
def test_symbols_of_other_exchanges_change_nothing(mixed, name):
    """What a source also holds of other exchanges makes no difference to a call."""
    both, new_york, frankfurt = mixed
    for asof in (None, "2026-01-16", "2026-01-19", "2025-12-26"):
        spec = functions()[name]
        arguments = [None] * len(spec.parameters)
        if spec.asof is not None:
            arguments[spec.asof] = asof
        assert repr(both.call(name, *arguments)) == repr(new_york.call(name, *arguments))
    for first in ("SAP.DE", "^GDAXI", "STOXX600_SECTORS"):
        if name in COMPARED_WITH_NEW_YORK:
            continue
        if functions()[name].parameters and functions()[name].parameters[0].name in ("symbol", "symbols", "universe"):
            found = both.call(name, first)
            alone = frankfurt.call(name, first)
            if not isinstance(alone, CellError):
                assert repr(found) == repr(alone)


def test_relative_strength_of_two_exchanges_counts_the_sessions_that_both_have():
    here = session(growing({"SAP.DE": 0.001, "SPY": 0.002}))
    common = np.intersect1d(days_of("SAP.DE"), days_of("SPY"))
    on = dt.date(2026, 2, 13)
    base = common[-21].item()
    alone = [here.call("PX_RET_BETWEEN", symbol, base, on) for symbol in ("SAP.DE", "SPY")]
    assert here.call("ROT_REL_RET", "SAP.DE", "SPY", "20D", on) == pytest.approx(alone[0] - alone[1])
    assert len(days_of("SAP.DE")[days_of("SAP.DE") >= np.datetime64(base)]) > 21  # Frankfurt had more of its own
    assert list(here.remarks) == [
        "ROT_REL_RET is computed on the sessions that XETR (Xetra, Frankfurt) and XNYS (New York) share"
    ]
    history = here.call("PX_HISTORY", [["SAP.DE", "SPY"]], None, None, "close", False, 30)
    assert [row[0] for row in history] == common[-len(history) :].tolist()


@pytest.mark.parametrize(
    ("currencies", "told"),
    [
        (("EUR", "JPY"), "market values in EUR and JPY cannot be weighed"),
        (("EUR", None), "market values of several exchanges cannot be weighed"),
        (("EUR", "EUR"), None),
    ],
)
def test_market_values_in_several_currencies_are_no_weights(currencies, told):
    panel = growing({"SAP.DE": 0.001, "7203.T": 0.002})
    shares = np.full(panel.fields["close"].shape, 1e6)
    provenance = {
        symbol: Provenance("test", FIRST, LAST, currency=currency)
        for symbol, currency in zip(panel.symbols, currencies, strict=True)
    }
    here = session(replace(panel, fields={**panel.fields, "shares": shares}, provenance=provenance))
    names = [["SAP.DE"], ["7203.T"]]
    assert isinstance(here.call("DISP_XS", names, "1M", None, "EQUAL"), float)
    value = here.call("DISP_XS", names, "1M", None, "CAP")
    if told is None:
        assert isinstance(value, float)
    else:
        assert value is CellError.NA
        assert told in here.failures[-1].reason


def test_what_happens_on_sessions_that_are_left_out_is_not_lost():
    """A split and a dividend on a day on which only Frankfurt trades."""
    holiday = np.datetime64("2026-01-19")
    own, theirs = days_of("SAP.DE"), days_of("SPY")
    close = np.where(own < holiday, 100.0, 49.0)
    split = np.where(own == holiday, 2.0, np.nan)
    paid = np.where(own == holiday, 1.0, 0.0)
    blocks = [
        ("SAP.DE", own, {"close": close, "split": split, "dividend": paid}),
        ("SPY", theirs, {"close": np.full(len(theirs), 100.0)}),
    ]
    days, symbols, fields = stack(blocks)
    here = session(Panel(days, symbols, fields, "test"))
    on = "2026-01-20"
    assert here.call("ROT_REL_RET", "SAP.DE", "SPY", "1D", on) == pytest.approx(-0.02)
    shared = here.pinned()._now().market(dt.date(2026, 1, 20), frozenset((XNYS, XETR)))
    total = shared.series("SAP.DE").path("total")
    assert total[-1] / total[-2] - 1 == pytest.approx(0.0)
    assert str(shared.days[-2]) == "2026-01-16"


def test_a_measure_of_sessions_refuses_symbols_of_several_exchanges():
    here = session(growing({"SAP.DE": 0.001, "SPY": 0.002, "QQQ": 0.001}))
    assert here.call("BRD_AD", [["SAP.DE", "SPY"]]) is CellError.NA
    reason = here.failures[-1].reason
    assert "XETR (Xetra, Frankfurt) and XNYS (New York)" in reason
    assert "one exchange" in reason
    assert not isinstance(here.call("BRD_AD", [["QQQ", "SPY"]]), CellError)
    assert not here.remarks


def test_mixing_is_told_in_the_help_and_in_reports(tmp_path, capsys, folder):
    source = folder({"SAP.DE": 0.001, "SPY": 0.002})
    book = make_book(tmp_path / "b.xlsx", {"S": {"A1": '=ROT_REL_RET("SAP.DE","SPY","20D")', "A2": "=A1"}}, {})
    first = Session(source, lang="en")
    for _ in range(2):  # remembered or not
        report = jobs.export(book, tmp_path / "out", first)
        assert [w for w in report.warnings if "sessions that XETR" in w]
    assert main(["eval", '=ROT_REL_RET("SAP.DE","SPY","20D")', "--source", source]) == 0
    assert "sessions that XETR" in capsys.readouterr().err
    help_text = str(first.call("XLR_HELP", "ROT_REL_RET"))
    assert "sessions that all of them have" in help_text


# as-of dates


CLOSES = {"SPY": 0.0, "SAP.DE": 0.0, "7203.T": 0.0}


def dated(home: str, last: dt.date = LAST) -> Session:
    """Closes that are the day of the month, so that a close says of which day it is."""
    blocks = []
    for symbol in CLOSES:
        days = days_of(symbol, last=last)
        number = (days - days.astype("datetime64[M]")).astype(float) + 1
        blocks.append((symbol, days, {"close": number}))
    days, symbols, fields = stack(blocks)
    return session(Panel(days, symbols, fields, "test", listing=Listing(home=EXCHANGES[home])))


@pytest.mark.parametrize(
    ("home", "asof", "expected"),
    [
        ("XNYS", "2026-01-16", (16, 16, 16)),  # all had closed when New York did
        ("XETR", "2026-01-16", (15, 16, 16)),  # New York still traded when Frankfurt closed
        ("XTKS", "2026-01-16", (15, 15, 16)),  # Frankfurt had not opened
        ("XTKS", "2026-01-19", (16, 16, 19)),  # over a weekend
        ("XNYS", "2026-01-19", (16, 19, 19)),  # a holiday in New York: its usual hour
        ("XETR", "2025-12-26", (24, 23, 26)),  # a holiday in Frankfurt; New York closed after its bell
        ("XNYS", "2026-01-18", (16, 16, 16)),  # a Sunday
        ("XNYS", None, (13, 13, 13)),
        ("XTKS", None, (12, 12, 13)),
    ],
)
def test_an_as_of_date_means_what_had_closed_by_the_bell_at_home(home, asof, expected):
    here = dated(home)
    assert tuple(here.call("PX_CLOSE", symbol, asof) for symbol in CLOSES) == expected


@pytest.mark.parametrize(
    ("home", "asof", "last"),
    [
        ("XNYS", "2026-01-16", 16),
        ("XETR", "2026-01-16", 15),  # the day had not ended in New York
        ("XTKS", "2026-01-16", 15),
        ("XTKS", "2026-01-19", 18),
    ],
)
def test_series_of_fred_and_chains_end_with_what_had_closed_in_new_york(home, asof, last):
    days = np.arange("2026-01-05", "2026-01-31", dtype="datetime64[D]")
    panel = growing({"SPY": 0.001, "SAP.DE": 0.001, "7203.T": 0.001})
    held = HeldChains(everything("^XSP", day.item(), 1.0) for day in days if day in XNYS.sessions())
    panel = replace(
        panel, listing=Listing(home=EXCHANGES[home]), series={"DGS10": (days, np.arange(5.0, 31.0))}, chains=held
    )
    here = Session(FixedSource(panel), lang="en", asof=asof)
    table = here.call("MAC_SERIES", "DGS10")
    assert table[-1] == [dt.date(2026, 1, last), last]
    assert here._snapshot.market(asof).dated("DGS10").values[-1] == last
    session_day = XNYS.sessions_between(dt.date(2026, 1, 5), dt.date(2026, 1, last))[-1].item()
    with contextlib.suppress(Elsewhere):
        assert here._snapshot.market(asof).chain("^XSP").day == session_day
        assert home == "XNYS"
    assert here._snapshot.market(asof, frozenset({XNYS})).chain("^XSP").day == session_day


def test_the_newest_session_is_that_of_the_home_exchange():
    """Tokyo of today is there before New York has closed."""
    before = dated("XNYS").panel
    blocks = [
        (symbol, own[own <= np.datetime64(last)], {"close": closes[own <= np.datetime64(last)]})
        for symbol, last in (("SPY", "2026-02-12"), ("SAP.DE", "2026-02-13"), ("7203.T", "2026-02-13"))
        for own in (days_of(symbol),)
        for closes in (before.fields["close"][np.isin(before.days, own), before.columns[symbol]],)
    ]
    days, symbols, fields = stack(blocks)
    here = session(Panel(days, symbols, fields, "test"))
    assert str(here.call("XLR_ASOF")) == "2026-02-12"
    assert [here.call("PX_CLOSE", symbol) for symbol in symbols] == [12.0, 12.0, 12.0]
    assert here.call("PX_CLOSE", "SPY", "2026-02-13") is CellError.NA
    assert here.call("PX_CLOSE", "7203.T", "2026-02-13") == 13.0


def test_an_exchange_whose_data_end_earlier_is_not_told_as_if_they_did_not():
    blocks = [
        (s, d, {"close": np.ones(len(d))}) for s, d in (("SPY", days_of("SPY")), ("SAP.DE", days_of("SAP.DE")[:-1]))
    ]
    days, symbols, fields = stack(blocks)
    here = session(Panel(days, symbols, fields, "test"))
    assert here.call("PX_CLOSE", "SPY") == 1.0
    assert here.call("PX_CLOSE", "SAP.DE") is CellError.NA
    assert "the data of XETR (Xetra, Frankfurt) end on 2026-02-12" in here.failures[-1].reason


def test_no_exchange_shows_what_closed_later():
    """Change what closes after the bell at home, and no answer changes."""
    for home in ("XNYS", "XETR", "XTKS"):
        panel = dated(home).panel
        asof = dt.date(2026, 1, 16)
        close = np.array(panel.fields["close"])
        for symbol, column in panel.columns.items():
            exchange = panel.listing.of(symbol)
            later = [exchange.bell(day) > EXCHANGES[home].bell(asof) for day in panel.days.tolist()]
            close[later, column] *= 3.0
        changed = session(replace(panel, fields={"close": close}))
        for name in ("PX_CLOSE", "PX_RET", "PX_MA", "VOL_REALIZED", "PX_DRAWDOWN", "PX_PCTRANK"):
            for symbol in CLOSES:
                arguments = [None] * len(functions()[name].parameters)
                arguments[0], arguments[functions()[name].asof] = symbol, asof
                assert repr(changed.call(name, *arguments)) == repr(session(panel).call(name, *arguments))


def test_data_of_an_exchange_may_begin_before_those_at_home():
    blocks = [
        (s, d, {"close": np.arange(1.0, len(d) + 1)})
        for s, d in (("SPY", days_of("SPY")[200:]), ("SAP.DE", days_of("SAP.DE")))
    ]
    days, symbols, fields = stack(blocks)
    here = session(Panel(days, symbols, fields, "test"))
    early = days_of("SAP.DE")[50].item()
    assert here.call("PX_CLOSE", "SAP.DE", early) == 51.0
    assert here.call("PX_RET", "SAP.DE", "20D", early) == pytest.approx(51 / 31 - 1)
    assert here.call("DISP_RANGE", [["SAP.DE"], ["SAP.DE"]], "20D", early) is not None
    for name, *arguments in (
        ("PX_CLOSE", "SPY", early),
        ("XLR_ASOF", early),
        ("ROT_REL_RET", "SAP.DE", "SPY", 5, early),
    ):
        assert here.call(name, *arguments) is CellError.NA
        assert "before the first session of the data" in here.failures[-1].reason


# the home exchange and the settings


def test_settings_of_a_folder(folder, tmp_path):
    source = folder({"SAP.DE": 0.001})
    assert Session(source).panel.home is XETR  # all of its symbols trade there
    text = (tmp_path / "data" / "closes.csv").read_text().replace("SAP.DE", "SAP")
    (tmp_path / "data" / "closes.csv").write_text(text)
    assert Session(source).panel.home is XNYS
    assert Session(source).call("PX_RET", "SAP", "1D", "2026-01-20") != pytest.approx(0.001)
    for settings in ('exchange = "XETR"', '[symbols]\nSAP = "Xetra"', 'home = "XNYS"\nexchange = "xetr"'):
        (tmp_path / "data" / "xlrotation.toml").write_text(settings)
        here = Session(source, lang="en")
        assert here.call("PX_RET", "SAP", "1D", "2026-01-20") == pytest.approx(0.001), settings
        assert here.panel.remarks == ()
        assert here.panel.home is (XNYS if "home" in settings else XETR)


@pytest.mark.parametrize(
    ("symbol", "written"), [("SAP", "sap"), ("SAP", " SAP"), ("BRK-B", '"BRK.B"'), ("BRK-B", '"brk-b"')]
)
def test_settings_name_symbols_as_people_write_them(folder, symbol, written):
    settings = f"[symbols]\n{written} = 'XETR'"
    here = Session(folder({symbol: 0.001}, settings), lang="en")
    assert here.panel.listing.of(symbol) is XETR
    assert here.panel.home is XETR
    assert not [remark for remark in here.panel.remarks if "do not hold" in remark]


def test_settings_of_symbols_that_are_not_there_are_told(folder, tmp_path, monkeypatch):
    settings = "[symbols]\nSPA = 'XETR'\nSPY = 'XNYS'"
    told = "xlrotation.toml names SPA, which the data do not hold"
    assert Session(folder({"SAP": 0.001, "SPY": 0.001}, settings)).panel.remarks == (told,)
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    Store("desk").write(growing({"SAP": 0.001, "SPY": 0.001}))
    (Store("desk").folder / "xlrotation.toml").write_text(settings, "utf-8")
    assert told in Session("store:desk").panel.remarks


def test_settings_of_a_store_that_change_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    Store("desk").write(growing({"SAP": 0.001}))
    here = Session("store:desk", lang="en")
    assert here.panel.home is XNYS
    (Store("desk").folder / "xlrotation.toml").write_text('exchange = "XETR"', "utf-8")
    assert here.panel.home is XETR
    (Store("desk").folder / "xlrotation.toml").write_text("exchange = 7", "utf-8")
    assert here.panel.home is XETR  # what was read stays
    assert "cannot be read any more" in here.panel.remarks[0]
    assert here.panel is here.panel


def test_a_store_is_read_with_one_reading_of_its_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    Store("desk").write(growing({"SAP": 0.001, "7203.T": 0.002}))
    read = listing.read_listing
    turn = itertools.count()

    def restless(folder):
        name = ("XETR", "XNYS", "XHKG")[next(turn) % 3]
        (folder / "xlrotation.toml").write_text(f'exchange = "{name}"', "utf-8")
        return read(folder)

    for module in (reading, mending):
        monkeypatch.setattr(module, "read_listing", restless)
    for _ in range(3):
        panel = Store("desk").read()
        assert panel.fields["close"].shape == (len(panel.days), 2)
        expected = days_of("SAP", panel.listing)
        kept = panel.days[np.isfinite(panel.fields["close"][:, panel.columns["SAP"]])]
        assert set(kept.tolist()) <= set(XNYS.sessions().tolist())
        assert set(expected.tolist()) <= set(panel.days.tolist())


def test_indices_of_new_york_stay_there_wherever_other_symbols_trade(folder):
    here = Session(folder({"^GSPC": 0.001, "^VIX": 0.002}, 'exchange = "XETR"'), lang="en")
    assert here.panel.remarks == ()
    assert here.call("PX_RET", "^GSPC", "20D", "2026-01-20") == pytest.approx(1.001**20 - 1)


def test_rows_before_the_known_sessions_begin_are_told_as_such(tmp_path):
    (tmp_path / "7203.T.csv").write_text("Date,Close\n1996-12-27,1\n1997-01-06,2\n1997-01-15,3\n1997-01-16,4", "utf-8")
    assert Session(f"folder:{tmp_path}").panel.remarks == (
        "7203.T.csv: 7203.T has 1 rows before 1997-01-06, where the known sessions begin, left out (row 2)",
        "7203.T.csv: 7203.T has 1 rows on days that are no session, left out (row 4)",
    )


def test_closes_on_days_on_which_only_others_trade_are_told(tmp_path):
    path = tmp_path / "data"
    path.mkdir()
    rows = ["Date,SPY,SAP.DE", "2025-12-29,1,10", "2025-12-30,2,11"]
    (path / "closes.csv").write_text("\n".join([*rows, "2025-12-31,3,11"]), "utf-8")
    assert Session(f"folder:{path}").panel.remarks == ()  # carried on
    (path / "closes.csv").write_text("\n".join([*rows, "2025-12-31,3,12"]), "utf-8")
    told = "closes.csv: SAP.DE has closes on days on which XETR (Xetra, Frankfurt) does not trade (first 2025-12-31)"
    assert Session(f"folder:{path}").panel.remarks == (f"{told}, left out",)


def test_settings_that_change_are_noticed(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    source = folder({"SAP": 0.001})
    here = Session(source, lang="en")
    before = here.panel
    assert before.home is XNYS
    (tmp_path / "data" / "xlrotation.toml").write_text('exchange = "XETR"')
    assert here.panel.home is XETR
    assert here.panel.state != before.state


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('exchange = "XXXX"', "no exchange 'XXXX'"),
        ("exchange = 7", "must be the code of an exchange"),
        ("exchanges = 1", "has 'exchanges'"),
        ("exchange = ", "cannot be read"),
        ("symbols = 3", "symbols is no table"),
        ("[symbols]\nBRK.B = 'XNYS'", 'such as "BRK.B"'),
        ("[symbols]\nSPY = 'XETR'\nspy = 'XTKS'", "puts SPY on XETR and spy on XTKS"),
        ("[symbols]\n'BRK-B' = 'XETR'\n'BRK.B' = 'XTKS'", "puts BRK-B on XETR and BRK.B on XTKS"),
    ],
)
def test_settings_that_are_wrong_are_told(folder, settings, told):
    here = Session(folder({"SPY": 0.001}, settings), lang="en")
    assert here.call("PX_CLOSE", "SPY") is CellError.NA
    assert "xlrotation.toml" in here.failures[-1].reason
    assert told in here.failures[-1].reason


def test_the_home_exchange_of_a_process(folder, monkeypatch, capsys):
    source = folder({"SAP.DE": 0.0, "SPY": 0.001})
    assert main(["eval", '=PX_CLOSE("SPY","2026-01-16")', "--source", source, "--json"]) == 0
    at_home = float(capsys.readouterr().out)
    assert main(["eval", '=PX_CLOSE("SPY","2026-01-16")', "--source", source, "--exchange", "XETR", "--json"]) == 0
    assert float(capsys.readouterr().out) == pytest.approx(at_home / 1.001)  # the session before
    assert main(["eval", '=PX_CLOSE("SPY","2026-01-16")', "--source", source, "--json"]) == 0
    assert float(capsys.readouterr().out) == at_home  # it was for that command only
    monkeypatch.setenv("XLROTATION_EXCHANGE", "frankfurt")
    assert main(["eval", '=PX_CLOSE("SPY","2026-01-16")', "--source", source, "--json"]) == 0
    assert float(capsys.readouterr().out) == pytest.approx(at_home / 1.001)
    assert main(["eval", "=XLR_ASOF()", "--source", source, "--exchange", "Atlantis"]) == 2
    assert "no exchange 'Atlantis'" in capsys.readouterr().err


def test_a_worker_elsewhere_takes_the_home_exchange_of_the_plan(folder, tmp_path, monkeypatch):
    """A worker of a cluster has an environment of its own, and threads that work for several plans."""
    source = folder({"SPY": 0.001, "SAP.DE": 0.001, "7203.T": 0.001})
    make_book(tmp_path / "book.xlsx", {"S": {"A1": '=PX_CLOSE("SPY",DATE(2026,1,16))'}}, {})
    tasks = {}
    for home in ("XNYS", "XETR", "XTKS"):
        plan = tmp_path / f"{home}.toml"
        plan.write_text(f'output = "{home}"\nsource = \'{source}\'\n[[job]]\nbooks = "book.xlsx"\n', "utf-8")
        monkeypatch.setenv("XLROTATION_EXCHANGE", "" if home == "XNYS" else home)
        (tasks[home],), _ = run.missing(read_plan(plan))
    monkeypatch.setenv("XLROTATION_EXCHANGE", "XASX")
    with ThreadPoolExecutor(3) as threads:
        reports = dict(zip(tasks, threads.map(work.do, tasks.values()), strict=True))
        again = dict(zip(tasks, threads.map(work.do, reversed(tasks.values())), strict=True))
    assert [report.failed for report in (*reports.values(), *again.values())] == [""] * 6
    sessions = len(XNYS.sessions_between(FIRST, dt.date(2026, 1, 16)))
    for home, last in (("XNYS", sessions - 1), ("XETR", sessions - 2), ("XTKS", sessions - 2)):
        (copy,) = (tmp_path / home).rglob("book*.xlsx")
        assert openpyxl.load_workbook(copy, data_only=True)["S"]["A1"].value == pytest.approx(100 * 1.001**last), home


def test_the_sample_is_of_new_york_whatever_the_home(monkeypatch):
    at_home = Session("sample").call("PX_RET", "SPX", "20D", "2026-01-16")
    monkeypatch.setenv("XLROTATION_EXCHANGE", "XTKS")
    here = Session("sample")
    assert here.call("PX_RET", "SPX", "20D", "2026-01-17") == at_home


# sector lists


@pytest.mark.parametrize(
    ("code", "sectors"),
    [("XSHG", CSI300_SECTORS), ("XHKG", HSI_SECTORS), ("XTKS", TOPIX17_SECTORS), ("XETR", STOXX600_SECTORS)],
)
def test_sectors_are_those_of_the_home_exchange(code, sectors):
    here = session(growing({symbol: 0.001 * place for place, symbol in enumerate(sectors)}))
    assert here.panel.home is EXCHANGES[code]
    table = here.call("ROT_SECTOR_TABLE", "1D")
    assert not isinstance(table, CellError)
    assert {row[1] for row in table[1:]} == set(sectors)
    assert {row[0] for row in table[1:]} == {display_name(symbol, "en") for symbol in sectors}
    assert not set(sectors) & {row[0] for row in table[1:]}  # each has a name
    best = here.call("ROT_SECTOR_RET", sectors[-1], "1D")
    assert best == pytest.approx(0.001 * (len(sectors) - 1))
    assert not isinstance(here.call("ROT_SECTOR_RET"), CellError)


def test_lists_are_those_of_the_home_exchange_whatever_else_a_call_names():
    rates = {symbol: 0.0005 + 0.0001 * place for place, symbol in enumerate((*SECTORS, *STOXX600_SECTORS))}
    panel = growing(rates | {"SAP.DE": 0.001, "^GDAXI": 0.001, "^FCHI": 0.002, "^AEX": 0.0005, "^MDAXI": 0.0004})
    table = session(panel).call("ROT_RRG", "SECTORS", "^GDAXI")
    assert [row[1] for row in table[1:]] == list(SECTORS)
    paris = session(replace(panel, listing=Listing(home=EXCHANGES["XPAR"])))
    assert paris.call("BRD_OUTPERFORM", "INDICES", "SAP.DE", "1M") == 0.5  # ^FCHI does, ^AEX does not


def test_an_exchange_without_a_list_says_so():
    here = session(growing({"005930.KS": 0.001}))
    assert here.call("ROT_SECTOR_TABLE") is CellError.NA
    assert "no list SECTORS of XKRX (Seoul) is known" in here.failures[-1].reason


def test_wind_codes_of_shanghai_are_those_of_yahoo(folder):
    source = folder({"000914.SH": 0.001, "000300.SH": 0.0})
    here = Session(source, lang="en")
    for symbol in ("000914.SS", "000914.SH", "000914.sh"):
        assert here.call("PX_RET", symbol, "20D", "2026-02-13") == pytest.approx(1.001**20 - 1)
    assert ["Financials", "000914.SH"] in [row[:2] for row in here.call("ROT_SECTOR_TABLE", "1D")]
    assert here.call("ROT_SECTOR_RET", "000914.SS", "1D") == pytest.approx(0.001)


# ends and beginnings of tables


def test_past_the_end_of_a_table_there_is_an_error_and_no_number(folder, tmp_path, monkeypatch):
    from xlrotation.market.providers.folder import source as reading

    now = [dt.datetime(2035, 12, 31, 23, tzinfo=dt.UTC)]
    monkeypatch.setattr(reading, "present", lambda: now[0])
    source = folder({"SPY": 0.001}, first=dt.date(2027, 6, 1), last=dt.date(2035, 12, 31))
    here = Session(source, lang="en")
    assert here.call("PX_RET", "SPY", "1D", "2028-01-20") == pytest.approx(0.001)
    assert str(here.call("XLR_ASOF", "2028-01-20")) == "2028-01-20"
    assert str(here.call("XLR_ASOF")) == "2035-12-31"
    assert here.call("PX_CLOSE", "SPY", "2036-01-02") is CellError.NA
    assert "known until 2035-12-31" in here.failures[-1].reason
    assert "tools/build_calendar.py" in here.failures[-1].reason
    with (tmp_path / "data" / "closes.csv").open("a") as file:
        file.write("2036-01-02,143\n")
    assert str(Session(source, lang="en").call("XLR_ASOF")) == "2035-12-31"  # the row of 2036 is not over yet
    now[0] += dt.timedelta(days=5)
    for asof in (None, "2035-12-31", "2036-01-02"):
        late = Session(source, lang="en")
        assert late.call("PX_CLOSE", "SPY", asof) is CellError.NA
        assert "tools/build_calendar.py" in late.failures[-1].reason


def test_the_age_of_data_past_the_end_of_a_table_is_not_told_as_zero(monkeypatch):
    here = session(replace(growing({"600519.SS": 0.001}), ages=True))
    from xlrotation.functions.families.xlr import status

    now = dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, _tz=None):
            return now

    monkeypatch.setattr(status.dt, "datetime", Clock)
    rows = dict(here.call("XLR_STATUS", False))
    assert "known until 2026-12-31" in rows["Sessions behind"]
    assert "known until 2026-12-31" in rows["Stale symbols"]
    assert rows["Symbols"] == 1


def test_the_age_of_data_of_2028_is_counted():
    panel = replace(growing({"SPY": 0.001}, first=dt.date(2027, 10, 1), last=dt.date(2028, 1, 20)), ages=True)
    now = dt.datetime(2028, 6, 30, 22, tzinfo=dt.UTC)
    lacking = XNYS.sessions_between(dt.date(2028, 1, 21), dt.date(2028, 6, 30))
    assert age.sessions_behind(panel, now) == len(lacking) > 100
    assert age.stale_symbols(panel, now) == ["SPY"]
    assert session(panel).call("PX_RET", "SPY", "1D") == pytest.approx(0.001)


def test_staleness_counts_the_sessions_of_each_exchange():
    """Easter Monday: New York trades, Frankfurt does not."""
    blocks = [(s, days_of(s, last=dt.date(2026, 4, 2)), 0) for s in ("SPY", "SAP.DE")]
    days, symbols, fields = stack([(s, d, {"close": np.ones(len(d))}) for s, d, _ in blocks])
    panel = replace(Panel(days, symbols, fields, "test"), ages=True)
    tuesday_noon = dt.datetime(2026, 4, 7, 12, tzinfo=dt.UTC)
    assert age.sessions_behind(panel, tuesday_noon) == 1
    evening = dt.datetime(2026, 4, 7, 21, tzinfo=dt.UTC)  # one more session of each
    assert age.stale_symbols(panel, evening) == ["SPY"]


def test_prices_from_1927(folder):
    source = folder({"^GSPC": 0.0001}, first=dt.date(1927, 12, 30), last=dt.date(1951, 1, 5))
    here = Session(source, lang="en")
    assert str(here.panel.first) == "1927-12-30"
    assert here.panel.remarks == ()
    assert here.call("PX_RET", "^GSPC", "5490D", "1949-12-30") == pytest.approx(1.0001**5490 - 1)


# a store


def test_a_store_keeps_each_symbol_on_its_own_sessions(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    Store("x").write(growing({"SPY": 0.002}))
    Store("x").write(growing({"SAP.DE": 0.001, "7203.T": 0.003}))
    Store("x").write(growing({"SPY": 0.002}))
    here = Session("store:x", lang="en")
    for symbol, rate in (("SPY", 0.002), ("SAP.DE", 0.001), ("7203.T", 0.003)):
        for window, n in (("1D", 1), ("20D", 20)):
            found = here.call("PX_RET", symbol, window, "2026-01-20")
            assert found == pytest.approx((1 + rate) ** n - 1), symbol
    (Store("x").folder / "xlrotation.toml").write_text('home = "XTKS"')
    later = Session("store:x", lang="en")
    assert later.panel.home is XTKS
    assert later.call("PX_CLOSE", "SPY", "2026-01-16") == here.call("PX_CLOSE", "SPY", "2026-01-15")


def test_a_store_that_was_written_on_the_sessions_of_new_york_gains_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    old = growing({"SAP.DE": 0.001})
    kept = np.isin(old.days, XNYS.sessions())
    Store("x").write(Panel(old.days[kept], old.symbols, {"close": old.fields["close"][kept]}, "test"))
    here = Session("store:x", lang="en")
    assert here.call("PX_RET", "SAP.DE", "1D", "2026-01-20") is CellError.NA  # the session before is lacking
    Store("x").write(old)
    assert Session("store:x").call("PX_RET", "SAP.DE", "1D", "2026-01-20") == pytest.approx(0.001)


def test_status_counts_the_sessions_of_each_exchange(capsys, folder):
    source = folder({"SPY": 0.001, "SAP.DE": 0.001})
    assert main(["status", "--source", source, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["Symbols"] == 2


def test_every_list_of_sectors_lives_on_one_exchange():
    for sectors in (SECTORS, CSI300_SECTORS, HSI_SECTORS, TOPIX17_SECTORS, STOXX600_SECTORS):
        assert len(Listing().all_of(sectors)) == 1
        assert len(set(sectors)) == len(sectors)


# Fresh walks, every pair against the same closes given as columns


PAIRS = [
    *(("SAP.DE", "7203.T"), ("7203.T", "XLK"), ("BP.L", "0700.HK"), ("600519.SS", "2330.TW"), ("RY.TO", "CBA.AX")),
    *(("XLK", "RELIANCE.NS"), ("NESN.SW", "005930.KS"), ("SAP.DE", "ABC.QQ")),
]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_measure_of_two_symbols_goes_by_the_sessions_that_both_have(pair: tuple[str, str]) -> None:
    """What it gives for symbols is what it gives for the columns of their closes on those sessions."""
    rng = np.random.default_rng(len(pair[0]) * 31 + len(pair[1]))
    walks, blocks = {}, []
    for symbol in pair:
        days = days_of(symbol, first=dt.date(2024, 6, 3), last=dt.date(2026, 1, 30))
        walks[symbol] = days, 100.0 * np.cumprod(1.0 + rng.normal(0.0, 0.02, len(days)))
        blocks.append((symbol, days, {"close": walks[symbol][1]}))
    days, symbols, fields = stack(blocks)
    here = session(Panel(days, symbols, fields, "test", listing=Listing(home=XNYS)))
    shared = np.intersect1d(walks[pair[0]][0], walks[pair[1]][0])
    for asof in (dt.date(2026, 1, 30), dt.date(2025, 12, 26), dt.date(2025, 10, 8), dt.date(2025, 5, 5)):
        known = shared[shared <= np.datetime64(asof)]
        first, second = ([[float(c)] for c in walks[s][1][np.isin(walks[s][0], known)]] for s in pair)
        calls: list[tuple[str, tuple[object, ...], tuple[object, ...]]] = [
            ("RS_STREAK", (asof,), ()),
            ("RS_RATIO", (asof,), ()),
            ("RS_STREAK_PROB", (asof, "60D"), (None, "60D")),
            ("RS_HITRATE", ("60D", asof), ("60D",)),
            ("RS_MOMENTUM", ("20D", asof), ("20D",)),
            ("ROT_REL_RET", ("15D", asof), ("15D",)),
            ("RS_BETA", ("60D", asof), ("60D",)),
            ("RS_BETA", ("60D", asof, "SW"), ("60D", None, "SW")),
            ("RS_CORREL", ("60D", asof), ("60D",)),
            ("RS_ALPHA", ("60D", asof, 0.04), ("60D", None, 0.04)),
        ]
        for name, by_symbol, by_column in calls:
            assert here.call(name, *pair, *by_symbol) == pytest.approx(here.call(name, first, second, *by_column)), name
        assert here.call("VOL_GAP", *pair, asof) == pytest.approx(first[-1][0] - second[-1][0])
        ends = [np.log(np.array(column)[-41:, 0]) for column in (first, second)]
        expected = np.corrcoef(np.diff(ends[0]), np.diff(ends[1]))[0, 1]
        assert here.call("DISP_REALCORR", [[pair[0]], [pair[1]]], "40D", asof) == pytest.approx(expected, abs=0.02)


def test_a_table_that_ends_does_not_hide_what_others_know(monkeypatch, tmp_path):
    """The sessions of Shanghai are set year by year: data of New York of the year after go on."""
    until = EXCHANGES["XSHG"].until
    after = until + dt.timedelta(days=29)
    early = dt.date(until.year, 1, 5)
    blocks = []
    for symbol, last in (("600519.SS", until), ("XLK", after), ("SPY", after)):
        days = days_of(symbol, first=early, last=last)
        blocks.append((symbol, days, {"close": 100.0 + np.arange(len(days))}))
    days, symbols, fields = stack(blocks)
    panel = Panel(days, symbols, fields, "test", listing=Listing())
    ends = panel.days[np.isfinite(fields["close"][:, 0])][-1].item()
    here = session(panel)
    assert here.call("XLR_ASOF") == days_of("XLK", first=early, last=after)[-1].item()
    assert here.call("PX_CLOSE", "XLK") == 100.0 + len(blocks[1][1]) - 1
    assert here.call("PX_CLOSE", "600519.SS", ends) == 100.0 + len(blocks[0][1]) - 1
    assert isinstance(here.call("RS_STREAK", "600519.SS", "XLK", ends), int)
    assert here.call("PX_CLOSE", "600519.SS") is CellError.NA
    assert f"known until {until}" in here.failures[-1].reason
    assert here.call("RS_STREAK", "600519.SS", "XLK") is CellError.NA
    rows = {row[0]: row[1] for row in here.call("XLR_STATUS")}
    assert f"XSHG (Shanghai and Shenzhen) are known until {until}" in rows["Stale symbols"]
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    Store("desk").write(panel)
    stored = Store("desk").read()
    assert np.array_equal(stored.days, panel.days)
    assert np.array_equal(stored.fields["close"], panel.fields["close"], equal_nan=True)


def test_one_member_is_no_spread_of_nought():
    full = growing({"XLK": 0.001, "SPY": 0.0, "OLD": 0.002})
    closes = full.fields["close"].copy()
    closes[len(closes) // 2 :, 2] = np.nan  # it is traded no more
    here = session(replace(full, fields={"close": closes}))
    assert here.call("DISP_RANGE", [["XLK"], ["OLD"]], "20D") is CellError.NA
    assert "only one member" in here.failures[-1].reason
    assert here.call("DISP_RANGE", [["XLK"]], "20D") is CellError.NA
    assert here.call("DISP_RANGE_TABLE", [["XLK"], ["OLD"]], "20D", None, False)[-1][-1] is CellError.NA
    assert here.call("ROT_SECTOR_SPREAD", "20D") is CellError.NA
    assert here.call("DISP_RANGE", [["XLK"], ["SPY"]], "20D") == pytest.approx(1.001**20 - 1.0)


@pytest.mark.parametrize(
    ("symbol", "day", "code"),
    [
        ("D05.SI", "2026-01-20", "XSES"),
        ("PETR4.SA", "2026-01-20", "BVMF"),
        ("AIR.NZ", "2026-01-20", "XNZE"),
        ("KRZ.IR", "2026-01-20", "XDUB"),
        ("PKO.WA", "2026-01-20", "XWAR"),
    ],
)
def test_a_holiday_in_new_york_makes_no_return_of_two_sessions(folder, symbol, day, code):
    here = Session(folder({symbol: 0.001}), lang="en")
    assert here.panel.listing.of(symbol).code == code
    assert here.call("PX_RET", symbol, "1D", day) == pytest.approx(0.001)
    assert here.call("PX_RET", symbol, "20D", day) == pytest.approx(1.001**20 - 1.0)
    assert not here.panel.remarks


def test_rotation_of_sectors_counts_their_own_sessions_where_home_has_fewer():
    """Whether a sector had begun is asked of its own exchange: home's data may begin later, or end earlier."""
    blocks = []
    for place, symbol in enumerate((*SECTORS, "SAP.DE")):
        days = days_of(symbol)[slice(-70, -5) if symbol == "SAP.DE" else slice(None)]
        blocks.append((symbol, days, {"close": 100.0 * (1.0 + 0.0001 * place) ** np.arange(len(days))}))
    days, symbols, fields = stack(blocks)
    german = session(Panel(days, symbols, fields, "test", listing=Listing(home=XETR)))
    american = session(Panel(days, symbols, fields, "test", listing=Listing(home=XNYS)))
    for window, day in (("100D", "2026-02-12"), ("20D", "2025-06-02")):
        expected = american.call("ROT_DEFENSIVE", window, day)
        assert german.call("ROT_DEFENSIVE", window, day) == pytest.approx(expected, rel=1e-9)  # of the session before
    assert not german.failures
