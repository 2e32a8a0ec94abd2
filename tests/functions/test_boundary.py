"""What every worksheet function owes, whatever is typed into it."""

from __future__ import annotations

import datetime as dt
import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FixedSource
from xlrotation.errors import CellError
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    DatesKind,
    DayKind,
    SymbolKind,
    UniverseKind,
    WindowKind,
    WindowsKind,
)
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.chains import HeldChains
from xlrotation.market.panel import Panel

FUNCTIONS = list(functions().values())
SAMPLE = Session("sample", lang="en")
names = pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.integers(-5, 300),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(list(CellError)),
    st.dates(),
    st.datetimes(),
    st.sampled_from(
        ["XLK", "科技", "SPX", "SECTORS", "20D", "3M", "YTD", "MAX", "0D", "-5", "2026-01-16", "\ud800", "", "OPEN"]
    ),
)
ARGUMENTS = st.one_of(
    CELLS,
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
    ),
)


def is_cell(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str | CellError | dt.date)


def assert_cells(result: object) -> None:
    if isinstance(result, list):
        assert result
        assert len({len(row) for row in result}) == 1
        assert all(is_cell(cell) for row in result for cell in row)
    else:
        assert is_cell(result)


@names
def test_works_without_arguments(spec):
    result = SAMPLE.call(spec.name)
    assert_cells(result)
    if any(parameter.required for parameter in spec.parameters):
        assert result is CellError.VALUE  # nothing can stand for the user's own numbers
        assert SAMPLE.failures[-1].reason.startswith(f"{spec.name} needs")
        return
    assert not isinstance(result, CellError), SAMPLE.failures[-1].reason


@names
def test_example_works(spec):
    from xlrotation.workbook.evaluation.evaluate import evaluate_formula

    result = evaluate_formula(spec.example, SAMPLE)
    assert_cells(result)
    assert not isinstance(result, CellError), SAMPLE.failures[-1].reason


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_nothing_escapes(spec, data):
    arguments = data.draw(st.lists(ARGUMENTS, max_size=len(spec.parameters) + 1))
    assert_cells(SAMPLE.call(spec.name, *arguments))


@names
def test_an_error_passed_in_comes_back(spec):
    for place, parameter in enumerate(spec.parameters):
        if parameter.kind.spills:
            assert SAMPLE.call(spec.name, *[None] * place, CellError.REF) is CellError.REF


WITH_ASOF = [spec for spec in FUNCTIONS if spec.asof is not None and not any(p.required for p in spec.parameters)]


@pytest.mark.parametrize("spec", WITH_ASOF, ids=lambda spec: spec.name)
def test_no_function_sees_the_future(spec):
    """Change everything after the as-of date, even delete it: the answer stays."""
    asof = dt.date(2026, 2, 9)  # a session with option chains
    arguments = [None] * spec.asof + [asof]
    expected = SAMPLE.call(spec.name, *arguments)
    assert not isinstance(expected, CellError), SAMPLE.failures[-1].reason
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call(spec.name, *arguments) == expected


PAST = dt.date(2026, 1, 16)
LATER = ("2026-01-17", "2026-01-20", dt.date(2026, 2, 9), 46066, "2027-03-01", "9999-12-31")
DATED = (AsOfKind, DayKind, WindowKind, WindowsKind, DatesKind)
NOT_OF_THE_DATA = ("XLR_STATUS", "XLR_ERRORS")
"""They tell of the source and of the calls, whatever the as-of date."""


@functools.cache
def futures() -> tuple[Panel, ...]:
    """Data that differ only after the past date."""
    return SAMPLE.panel, changed_after(SAMPLE.panel, PAST), cut_after(SAMPLE.panel, PAST)


def backdated() -> list[Session]:
    return [Session(FixedSource(panel), lang="en", asof=PAST) for panel in futures()]


@pytest.mark.parametrize("spec", [s for s in FUNCTIONS if s.name not in NOT_OF_THE_DATA], ids=lambda s: s.name)
def test_no_date_sees_past_the_sessions_as_of_date(spec):
    """Whatever dates a call names: change what comes after the session's as-of date, and the answer stays."""
    from xlrotation.workbook.evaluation.evaluate import evaluate_formula

    sessions = backdated()
    example = [evaluate_formula(spec.example, session) for session in sessions]
    assert example[0] == example[1] == example[2]
    if any(parameter.required for parameter in spec.parameters):
        return  # the user's own numbers: their dates are not those of the data
    for place, parameter in enumerate(spec.parameters):
        for day in LATER if isinstance(parameter.kind, DATED) else ():
            answers = [session.call(spec.name, *[None] * place, day) for session in sessions]
            assert isinstance(answers[0], CellError), day
            assert answers[0] == answers[1] == answers[2], day
            told = {session.failures[-1].reason for session in sessions}
            assert len(told) == 1
            reason = told.pop()
            if not any(refused in reason for refused in ("is no number of sessions", "has no earlier one of its kind")):
                assert answers[0] is CellError.NA, day
                assert any(word in reason for word in ("after the as-of", "to the as-of session", "in that time"))


@settings(max_examples=400)
@given(spec=st.sampled_from([s for s in FUNCTIONS if s.name not in NOT_OF_THE_DATA]), data=st.data())
def test_no_mixture_of_dates_sees_past_the_sessions_as_of_date(spec, data):
    """As before, with dates on both sides of it in every place, single and in ranges."""
    day = st.dates(dt.date(2025, 10, 1), dt.date(2026, 3, 1)) | st.none()
    dated = day | st.lists(st.lists(day, min_size=1, max_size=1), min_size=1, max_size=4)
    own = [[100.0 + i] for i in range(4)]
    arguments = [
        data.draw(dated) if isinstance(p.kind, DATED) else own if p.required else None for p in spec.parameters
    ]
    sessions = backdated()
    answers = [session.call(spec.name, *arguments) for session in sessions]
    assert repr(answers[0]) == repr(answers[1]) == repr(answers[2])


def test_the_start_of_a_return_and_its_end_are_both_known(sample):
    session = Session("sample", lang="en", asof=PAST)
    assert session.call("PX_RET_BETWEEN", "RUT", "2025-11-03", "2026-02-09") is CellError.NA
    assert "2026-02-09 is after the as-of date 2026-01-16" in session.failures[-1].reason
    known = sample.call("PX_RET_BETWEEN", "RUT", "2025-11-03", PAST)
    assert session.call("PX_RET_BETWEEN", "RUT", "2025-11-03") == known
    assert session.call("PX_RET_BETWEEN", "RUT", "2025-11-03", PAST) == known
    ends = session.call("PX_RET_BETWEEN", "RUT", "2025-11-03", [[PAST], ["2026-02-09"]])
    assert ends == [[known], [CellError.NA]]


def test_a_report_is_audited_with_what_was_known(sample):
    early = Session("sample", lang="en", asof=PAST)
    rows = early.call("REP_CLAIMS", "mechanical_rotation", False)
    cut = Session(FixedSource(cut_after(SAMPLE.panel, PAST)), lang="en").call(
        "REP_CLAIMS", "mechanical_rotation", False
    )
    assert rows == cut
    assert rows != sample.call("REP_CLAIMS", "mechanical_rotation", False)


def changed_after(panel: Panel, asof: dt.date) -> Panel:
    rows = panel.days > np.datetime64(asof)
    rng = np.random.default_rng(5)
    fields = {}
    for name, values in panel.fields.items():
        changed = values.copy()
        changed[rows] = rng.uniform(1, 9, (rows.sum(), values.shape[1]))
        fields[name] = changed
    book = panel.chains
    chains = [book.chain(symbol, day) for symbol in book.symbols() for day in book.days(symbol)]
    chains = [chain if chain.day <= asof else replace(chain, bid=chain.bid * 3, ask=chain.ask * 3) for chain in chains]
    series = {name: (days, np.where(days > np.datetime64(asof), 99.0, v)) for name, (days, v) in panel.series.items()}
    return replace(panel, fields=fields, chains=HeldChains(chains), series=series)


def cut_after(panel: Panel, asof: dt.date) -> Panel:
    rows = panel.days <= np.datetime64(asof)
    book = panel.chains
    chains = [book.chain(symbol, day) for symbol in book.symbols() for day in book.days(symbol) if day <= asof]
    fields = {name: values[rows] for name, values in panel.fields.items()}
    series = {name: (days[days <= asof], values[days <= asof]) for name, (days, values) in panel.series.items()}
    return replace(panel, days=panel.days[rows], fields=fields, chains=HeldChains(chains), series=series)


@pytest.mark.parametrize("spec", [spec for spec in FUNCTIONS if spec.family != "XLR"], ids=lambda spec: spec.name)
def test_both_languages_give_the_same_numbers(spec):
    chinese = Session(SAMPLE.source, lang="zh")
    a, b = SAMPLE.call(spec.name), chinese.call(spec.name)
    numbers = [
        [c for row in (r if isinstance(r, list) else [[r]]) for c in row if not isinstance(c, str)] for r in (a, b)
    ]
    assert numbers[0] == numbers[1]


@given(
    st.lists(st.sampled_from(["XLK", "金融", "nope", None, 7.0, CellError.NA]), min_size=2, max_size=6),
    st.lists(st.sampled_from(["5D", 20, "bad", "YTD"]), min_size=2, max_size=4),
)
def test_a_range_equals_its_cells_one_by_one(symbols, windows):
    down = [[symbol] for symbol in symbols]
    if not {"XLK", "金融"} & set(symbols):
        down[0] = ["XLK"]  # a column of numbers without a symbol would be a price path
    got = SAMPLE.call("PX_RET", down, [windows])
    assert got == [
        [SAMPLE.call("PX_RET", symbol, window) if symbol is not None else CellError.NA for window in windows]
        for (symbol,) in down
    ]


def test_true_and_one_are_different_cells():
    assert SAMPLE.call("PX_RET", "XLK", [[True], [1], [1.0]])[0][0] is CellError.VALUE
    assert SAMPLE.call("PX_RET", "XLK", [[True], [1], [1.0]])[1][0] == SAMPLE.call("PX_RET", "XLK", 1)


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        (("NOSUCH",), CellError.NA, "no symbol 'NOSUCH'"),
        (("XLKK",), CellError.NA, "did you mean XLK"),
        (("XLK", "20D", "2031-01-02"), CellError.NA, "data end on"),
        (("XLK", "20D", "1990-01-02"), CellError.NA, "before the first session"),
        (("XLK", "MAX", "02/03/2026"), CellError.VALUE, "year first"),
        (("XLK", 0), CellError.VALUE, "a window of 0"),
        (("XLK", -5), CellError.VALUE, "a window of -5"),
        (("XLK", "0D"), CellError.VALUE, "a window of 0"),
        (("XLK", 1.5), CellError.VALUE, "a window of 1.5"),
        (("XLK", "soon"), CellError.VALUE, "is no window"),
        ((12.0,), CellError.VALUE, "is no symbol"),
        (("\ud800",), CellError.NA, "no symbol"),
        (("XLK", CellError.NA), CellError.NA, None),
        (([["XLK"]] * 1_000_000,), CellError.VALUE, "1,000,000 cells"),
        (("XLK", [["5D"], ["20D"]], [["2026-01-16"]] * 3), CellError.VALUE, "do not fit together"),
        (("XLK", "20D", None, "net"), CellError.VALUE, "give price or total"),
        (("XLK",) * 9, CellError.VALUE, "at most 5 arguments"),
    ],
)
def test_bad_input_gives_the_catalogues_error_and_says_what_to_type(arguments, error, advice):
    session = Session(SAMPLE.source, lang="en")
    assert session.call("PX_RET", *arguments) is error
    if advice is not None:
        newest = session.call("XLR_ERRORS", 1)[1]
        assert newest[1] == "PX_RET"
        assert newest[3] == error.value
        assert advice in newest[4]


def test_blank_means_default():
    assert SAMPLE.call("PX_RET", "XLK", "", None, "") == SAMPLE.call("PX_RET", "XLK")
    assert SAMPLE.call("PX_RET", "XLK", "20D", 0) == SAMPLE.call("PX_RET", "XLK")  # how some programs give a blank date


def test_a_weekend_is_the_session_before():
    assert SAMPLE.call("XLR_ASOF", "2026-02-08") == dt.date(2026, 2, 6)


def test_unknown_function_is_a_name_error():
    assert SAMPLE.call("PX_NOSUCH") is CellError.NAME


def test_a_table_does_not_spill_over_dates():
    assert SAMPLE.call("ROT_RRG", None, None, [["2026-01-16"], ["2026-01-20"]]) is CellError.VALUE
    assert "gives a table" in SAMPLE.failures[-1].reason


def test_whatever_looks_at_prices_takes_an_as_of_date():
    for spec in FUNCTIONS:
        looks = any(isinstance(p.kind, SymbolKind | UniverseKind) for p in spec.parameters)
        assert spec.asof is not None or not looks, spec.name


def test_without_data_the_library_still_tells_why():
    session = Session("folder:/no/such/folder", lang="en")
    assert session.call("PX_CLOSE", "XLK") is CellError.NA
    reason = session.call("XLR_ERRORS", 1)[1][4]
    assert "no folder" in reason
    assert session.call("XLR_VERSION") == SAMPLE.call("XLR_VERSION")
    assert session.call("XLR_HELP", "PX_RET") == SAMPLE.call("XLR_HELP", "PX_RET")
    assert session.call("VAL_LEVEL", 288, 22) == 6336
    assert session.call("XLR_SYMBOL", "SPX") is CellError.NA
