"""Explanations: the data that decide a value, the same from these data alone, and the native formula beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FixedSource, panel_of
from tests.functions.test_boundary import changed_after, cut_after
from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.explaining import told
from xlrotation.functions.explaining.explanation import _COSTLY, explain
from xlrotation.functions.explaining.missing import WHY
from xlrotation.functions.explaining.narrowing import Search
from xlrotation.functions.explaining.nativecalls import outermost
from xlrotation.functions.explaining.nativeparts import NATIVES
from xlrotation.functions.explaining.traced import Reads, Tracing, traced
from xlrotation.market.panel import Panel, Provenance, Quarantined
from xlrotation.market.vintages import series_of

SAMPLE = Session("sample", lang="en").pinned()
QUICK = [
    spec
    for spec in functions().values()
    if spec.steady and spec.family != "REP" and spec.name not in {*_COSTLY, "XLR_EXPLAIN"}
]


def days_of(explanation, symbol, field="close"):
    return [datum.day for datum in explanation.data if datum.symbol == symbol and datum.field == field]


# ---------------------------------------------------------------------- of every function


@pytest.mark.parametrize("spec", QUICK[::3], ids=lambda spec: spec.name)
def test_the_listed_data_alone_give_the_same(spec):
    found = explain(SAMPLE, spec.example, 40, turns=24)
    assert found.alone
    assert not found.reasons
    assert found.holds


@pytest.mark.search
@pytest.mark.parametrize("spec", [s for s in functions().values() if s.steady and s.name != "XLR_EXPLAIN"])
def test_the_listed_data_alone_give_the_same_of_every_function(spec):
    found = explain(SAMPLE, spec.example, 40)
    assert found.holds


SMALLER = {"BRD_ABOVE_MA": '=BRD_ABOVE_MA("SECTORS",20)', "VOL_PUTCALL": '=VOL_PUTCALL("NVDA")'}
"""In the place of examples whose data are more than a cell holds."""


@pytest.mark.parametrize("name", sorted(NATIVES))
def test_every_native_formula_gives_what_the_function_gives(name):
    found = explain(SAMPLE, SMALLER.get(name, functions()[name].example), 40, turns=60)
    native = found.natives[-1]
    assert native.text, native.lacking
    assert native.agrees, (native.text, native.value, found.value)
    assert not any(call in native.text for call in functions())
    assert not re.search(r"(?:LET\(|,)[rc],", native.text, re.IGNORECASE)  # R and C are no names in Excel


def test_a_function_without_a_native_formula_says_why():
    """In general terms for a table; of each that gives one value for what it is."""
    for spec in functions().values():
        assert spec.table or (spec.name in NATIVES) != (spec.name in WHY), spec.name
    found = explain(SAMPLE, '=VOL_IMPLIED("SPX")', 40, turns=10)
    assert "found by iteration" in str(told.native_in_words(found.natives[-1], "en"))
    assert "迭代" in told.native_in_words(found.natives[-1], "zh")


@pytest.mark.parametrize(
    "formula",
    [
        '=PX_RET("NVDA","2Y",,"total")',
        '=PX_RET("NVDA","2Y")',
        '=PX_MA("SPX",20,"2025-11-21")',
        '=PX_RANK("VIX","3M",,"LOW")',
        '=PX_VOLUME("NVDA","1M",,"TOTAL")',
        '=RS_BETA("NVDA","SPX","3M",,"BLUME")',
        '=RS_STREAK("RUT","SPX","2026-01-22")',
        '=PX_STREAK("SPX","2025-11-14")',
        '=VOL_REALIZED("SPX","1M")',
        '=VOL_REALIZED("SPX","20D",,"GK")',
        '=VOL_REALIZED("SPX","20D",,"RS")',
        '=VOL_REALIZED("SPX","20D",,"PARKINSON")',
        '=DISP_XS("MAG7","1M",,"EQUAL")',
        '=BRD_CONCENTRATION("MAG7","TOP5")',
        '=BRD_OUTPERFORM("MAG7","SPX","YTD")',
        '=PX_RET(XLR_SYMBOL("RUT"),5)*100',
        '=VOL_BS_PRICE(0.2,42,40,0.5,0.1,0.02,"PUT")',
        *(f'=VOL_BS_GREEK("{greek}",0.3,49,50,0.4,0.05,0.01,"PUT")' for greek in ("GAMMA", "VEGA", "THETA", "RHO")),
        '=UNI_RET("SECTORS","3M",,,"total")',
        '=UNI_RET("MAG7","MAX")',
        '=PX_RET_BETWEEN("NVDA","2024-01-02","2024-09-03","total")',
        '=BRD_ABOVE_MA("MAG7",50,"2025-11-14")',
        '=BRD_TRIN("MAG7","2025-11-14")',
        '=MAC_CURVE_SLOPE("10Y","3M","2025-11-14")',
        '=ROT_SECTOR_WORST("20D",,"zh")',
        "=MAC_DIFFUSION({1,5,3;2,4,3;3,3,3},2)",
        '=FLOW_NET({584600000;584450000;584300000},{441.999;439.5;440},"SAME")',
        '=IF(PX_RET("RUT",20)>PX_RET("SPX",20),"small","large")',
        '=ROUND(100*(PX_RET("RUT","5D")-PX_RET("SPX","5D")),2)',
    ],
)
def test_native_formulas_of_other_arguments(formula):
    found = explain(SAMPLE, formula, 40, turns=60)
    assert found.alone
    assert found.native.text, found.native.lacking
    assert found.native.agrees, (found.native.text, found.native.value, found.value)


# ---------------------------------------------------------------------- what is listed


def test_a_return_is_made_of_two_closes():
    found = explain(SAMPLE, '=PX_RET("RUT",20)', 40)
    assert [(d.symbol, d.field, d.day) for d in found.data] == [
        ("^RUT", "close", dt.date(2026, 1, 15)),
        ("^RUT", "close", dt.date(2026, 2, 13)),
    ]
    assert found.each
    assert found.native.text == "=2653.81/2681.73-1"


def test_an_average_is_made_of_all_its_closes_and_long_columns_are_cut():
    found = explain(SAMPLE, '=PX_MA("SPX",50)', 100)
    assert days_of(found, "^GSPC") == SAMPLE.panel.days[-50:].tolist()
    short = explain(SAMPLE, '=PX_MA("SPX",200)', 10)
    assert len(short.data) <= 10
    assert sum(datum.count for datum in short.data) == 200
    assert short.left_off == 200 - (len(short.data) - 1)


def test_the_best_sector_is_the_best_of_all():
    found = explain(SAMPLE, '=ROT_SECTOR_BEST("YTD")', 100)
    closes = [datum for datum in found.data if datum.field == "close"]
    assert len({datum.symbol for datum in closes}) == 11
    assert len(closes) == 22


def test_splits_and_dividends_stand_beside_what_is_stored():
    found = explain(SAMPLE, '=PX_RET("NVDA","2Y",,"total")', 40)
    first, last = (datum for datum in found.data if datum.field == "close")
    assert first.value == pytest.approx(10 * 96.08)
    assert first.adjusted == pytest.approx(96.04, abs=0.01)
    assert last.value == last.adjusted
    assert [datum.value for datum in found.data if datum.field == "split"] == [10.0]
    assert len([datum for datum in found.data if datum.field == "dividend"]) == 8
    assert found.value == pytest.approx(last.adjusted / first.adjusted - 1)


def test_what_was_only_looked_up_is_not_listed():
    found = explain(SAMPLE, '=IF(PX_CLOSE("SPX")>0,PX_RET("RUT",5),PX_RET("NVDA",5))', 40)
    assert {datum.symbol for datum in found.data} == {"^RUT", "^GSPC"}


def test_series_chains_and_members_are_listed():
    found = explain(SAMPLE, '=ROWS(MAC_SERIES("UNRATE","2025-01-01"))', 40)
    assert {(datum.field, series_of(datum.symbol)) for datum in found.data} == {("series", "UNRATE")}
    found = explain(SAMPLE, '=VOL_IMPLIED("NVDA","1M")', 40)
    assert {(datum.field, datum.symbol, datum.day) for datum in found.data} == {("chain", "NVDA", dt.date(2026, 2, 13))}
    found = explain(SAMPLE, '=BRD_AD("SP50")', 400, turns=60)
    assert ("members", "SP50", 50.0) in [(datum.field, datum.symbol, datum.value) for datum in found.data]


def test_figures_of_ones_own_need_no_data():
    found = explain(SAMPLE, "=VAL_PE(6940.01,288)", 40)
    assert not found.data
    assert "arguments alone" in told.in_words(found, "en")
    assert found.native.text == "=6940.01/288"
    assert explain(SAMPLE, "=1+1", 40).native.text == ""


def test_a_gap_is_listed_with_its_reason():
    closes = np.linspace(100, 110, 30)
    closes[-3] = np.nan
    panel = panel_of({"AAA": closes})
    day = panel.days[-3].item()
    held = Quarantined("AAA", day, "test", None, "jumped by 40 %", {"close": (np.nan, 150.0)})
    session = Session(FixedSource(replace(panel, quarantine=(held,))), lang="en")
    found = explain(session, '=PX_DRAWDOWN("AAA",10)', 40)
    gap = next(datum for datum in found.data if datum.day == day) if day in days_of(found, "AAA") else None
    assert found.alone
    if gap is not None:
        assert "jumped by 40 %" in str(gap.note)
    found = explain(session, f'=PX_CLOSE("AAA","{day}")', 40)
    assert found.value == CellError.NA
    assert "held back" in found.reasons[0]
    assert any(datum.day == day and "jumped by 40 %" in str(datum.note) for datum in found.data)


def test_the_source_of_a_value_is_the_batch_that_brought_it():
    panel = panel_of({"AAA": np.linspace(100, 110, 30)})
    fetched = dt.datetime(2026, 2, 14, 6, 30, tzinfo=dt.UTC)
    origin = Provenance("vendor", panel.first, panel.last, fetched, "as traded")
    session = Session(FixedSource(replace(panel, provenance={"AAA": origin})), lang="en")
    found = explain(session, '=PX_CLOSE("AAA")', 40)
    assert found.data[0].source == "vendor 2026-02-14 06:30 UTC; as traded"


# ---------------------------------------------------------------------- what it must notice


def test_a_function_that_computes_something_else_is_noticed(monkeypatch):
    spec = functions()["PX_CHANGE"]
    wrong = dataclasses.replace(spec, function=lambda *given: spec.function(*given) + 1e-4, many=None)
    session = Session("sample", lang="en").pinned()
    monkeypatch.setitem(session._specs, "PX_CHANGE", wrong)
    monkeypatch.setattr(Session, "_known", lambda _, name: wrong if name == "PX_CHANGE" else None)
    found = explain(session, '=PX_CHANGE("DJI","1D")', 40)
    assert found.alone
    assert not found.native.agrees
    assert not found.holds
    assert "wrong" in told.native_in_words(found.native, "en")


def test_what_is_read_beside_the_data_is_noticed():
    panel = panel_of({"AAA": np.linspace(100, 110, 30)})
    turns = iter(range(1000))

    def ask(_: Panel) -> float:
        return float(next(turns))

    found = Search(panel, ask, 0.0, Reads(), 10).found(narrow=True)
    assert not found.alone


@given(
    chosen=st.sets(st.integers(0, 39), min_size=1, max_size=8),
    how=st.sampled_from(["sum", "max", "count", "last"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=30)
def test_the_search_finds_just_the_data_that_are_used(chosen, how, seed):
    rows = sorted(chosen)
    panel = panel_of({"AAA": np.random.default_rng(seed).uniform(50, 150, 40), "BBB": np.full(40, 7.0)})

    def ask(state: Panel) -> float:
        values = state.fields.column("close", 0) if hasattr(state.fields, "column") else state.fields["close"][:, 0]
        used = values[rows]
        if how == "sum":
            return float(used.sum())
        if how == "max":
            return float(used.max())
        return float((used > 100).sum() + 0.0 * used.sum()) if how == "count" else float(used[-1] - used[0])

    reads = Reads()
    answer = ask(traced(panel, Tracing(reads)))
    found = Search(panel, ask, answer, reads, 5000).found(narrow=True)
    assert found.alone
    wanted = rows if how != "last" else ([rows[0], rows[-1]] if len(rows) > 1 else [])
    kept = [int(row) for _, marks in found.kept.values() for row in np.flatnonzero(marks)]
    assert kept == wanted
    assert all(key == ("close", "AAA") for key in found.kept)


@pytest.mark.parametrize("formula", ['=PX_PCTRANK("VIX","3M")', '=RS_STREAK("RUT","SPX")', '=BRD_AD("MAG7")'])
def test_nothing_after_the_as_of_date_is_seen(formula):
    asof = dt.date(2025, 11, 14)
    wanted = SAMPLE.call("XLR_EXPLAIN", formula, asof, 100)
    days = [row[3] for row in wanted[1:] if isinstance(row[3], dt.date)]
    assert max(days) <= asof
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call("XLR_EXPLAIN", formula, asof, 100) == wanted


@pytest.mark.parametrize(
    "formula", ['=INDEX(MAC_SERIES("UNRATE"),1,2)', "=SUM(FLOW_COT())", '=MAX(MAC_SERIES("WALCL"))']
)
@pytest.mark.parametrize("asof", [dt.date(2025, 11, 12), dt.date(2024, 6, 5)])
def test_no_observation_is_listed_before_its_publication(formula, asof):
    """An explanation that has to list all that was read lists nothing that nobody knew."""
    wanted = SAMPLE.call("XLR_EXPLAIN", formula, asof, 100)
    series = {}
    for name, (days, values) in SAMPLE.panel.series.items():
        vintage, lag = name.rpartition("@")[2], 3 if name.startswith("COT") else 1
        late = days + np.timedelta64(lag, "D") > np.datetime64(asof)
        if series_of(name) != name:
            late = np.full(len(days), vintage > asof.isoformat())
        elif name == "UNRATE":
            late = np.full(len(days), True)  # as it stands today: each value may have been revised since
        series[name] = (days, np.where(late, 1.7 * values + 0.3, values))
    changed = Session(FixedSource(replace(SAMPLE.panel, series=series)), lang="en")
    assert changed.call("XLR_EXPLAIN", formula, asof, 100) == wanted
    assert "Datum" in [row[0] for row in wanted]
    assert ["Check", True] in [[row[0], row[4]] for row in wanted]


# ---------------------------------------------------------------------- the worksheet function


@pytest.mark.proves("XLR_EXPLAIN", by="hand calculation: the closes that a return divides, written out")
def test_the_closes_of_a_return_written_out(session_of):
    session = session_of({"AAA": [100.0, 104.0, 50.96, 53.0]}, split={"AAA": [0, 0, 2.0, 0]})
    rows = session.call("XLR_EXPLAIN", '=PX_RET("AAA",3)')
    data = [row[2:6] for row in rows if row[0] == "Datum"]
    assert [[field, value, adjusted] for field, _, value, adjusted in data] == [
        ["close", 100.0, 50.0],
        ["close", 53.0, 53.0],
        ["split", 2.0, ""],
    ]
    native = next(row for row in rows if row[0] == "Native formula")
    assert native[7] == "=53/50-1"
    assert native[4] == pytest.approx(0.06, abs=1e-12)
    assert next(row for row in rows if row[0] == "Check")[4] is True


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ('=XLR_EXPLAIN("=PX_RET()")', "itself explained"),
        ("=ROWS(XLR_STATUS())", "by the clock"),
        ('=PX_CLOSE("SPX")*RAND()', "by the clock"),
        ("the S&P rises", "no function or name"),
        ('=PX_CLOSE("SPX"', "no formula"),
        ("=PX_CLOSE(A1)", "is given a cell"),
        ("=" + "(" * 9000, "no formula"),
    ],
)
def test_what_cannot_be_explained_says_why(formula, reason):
    session = Session("sample", lang="en")
    assert session.call("XLR_EXPLAIN", formula) == CellError.VALUE
    assert reason in session.failures[-1].reason


def test_an_explanation_is_bounded_however_deep_the_work(monkeypatch):
    """What is asked again and again may not take long each time, a formula within a formula included."""
    monkeypatch.setattr("xlrotation.functions.explaining.explanation._MOST_ONCE", 2_000)
    heavy = "REDUCE(0,SEQUENCE(4000),LAMBDA(a,b,a+b))"
    with pytest.raises(BadArgument, match="again and again"):
        explain(SAMPLE, f'=PX_CLOSE("SPX")+{heavy}', 40)
    with pytest.raises(BadArgument, match="again and again"):
        explain(SAMPLE, f'=SUM(XLR_SERIES("=PX_CLOSE(""SPX"")+{heavy}",1,,FALSE,,FALSE))', 40)


def test_an_error_is_explained_by_its_reason():
    rows = SAMPLE.call("XLR_EXPLAIN", '=PX_RET("FOO",5)')
    assert any("no symbol 'FOO'" in str(row[7]) for row in rows)
    assert next(row for row in rows if row[0] == "Formula")[4] == CellError.NA


def test_it_is_told_in_chinese():
    rows = Session("sample", lang="zh").call("XLR_EXPLAIN", '=PX_MA("SPX",200)', None, 10)
    told_ = " ".join(str(cell) for row in rows for cell in row)
    assert "未列出" in told_
    assert "结果相同" in told_


def test_outermost_calls():
    names = {"PX_RET", "XLR_SYMBOL"}
    text = '=PX_RET(XLR_SYMBOL("a)("),5)-(1+ PX_RET ("(",2))'
    assert [text[a:b] for a, b in outermost(text, names)] == ['PX_RET(XLR_SYMBOL("a)("),5)', 'PX_RET ("(",2)']
