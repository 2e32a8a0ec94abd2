"""What answers many calls at once gives what each call gives by itself: numbers, errors, reasons, remarks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FixedSource
from xlrotation.errors import CellError
from xlrotation.functions.boundary import many as many_calls
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    ChoiceKind,
    CountKind,
    DayKind,
    FlagKind,
    NumberKind,
    SectorKind,
    SpanKind,
    SymbolKind,
    UniverseKind,
    WindowKind,
)
from xlrotation.functions.boundary.registry import Parameter, Spec, functions
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import EXCHANGES, XNYS
from xlrotation.market.deferred import Deferred
from xlrotation.market.listing import Listing
from xlrotation.market.panel import Panel
from xlrotation.market.universes import SECTORS

XETR = EXCHANGES["XETR"]
TOGETHER = {name: spec for name, spec in functions().items() if spec.many is not None}


def a_panel(mixed: bool) -> Panel:
    """Sectors and more with all that prices can have: splits, dividends, gaps, late beginnings, a negative one."""
    exchanges = (XNYS, XETR) if mixed else (XNYS,)
    days = np.unique(
        np.concatenate([one.sessions_between(dt.date(2024, 9, 2), dt.date(2026, 2, 13)) for one in exchanges])
    )
    chance = np.random.default_rng(7)
    symbols = (*SECTORS, "^GSPC", "^RUT", "AAPL", "LATE", "STILL", "OIL", "GONE", "SAP.DE")
    close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.01, (len(days), len(symbols))), axis=0)), 2)
    split, dividend = np.zeros_like(close), np.zeros_like(close)
    split[150, 1], split[250, 1], split[200, 13] = 2.0, 0.1, 3.0
    dividend[60::63, :9] = 0.5
    close[100:103, 2] = np.nan
    close[-1, 3] = np.nan
    close[:220, symbols.index("LATE")] = np.nan
    close[-60:-30, symbols.index("STILL")] = 50.0
    close[180, symbols.index("OIL")] = -37.63
    close[240, symbols.index("OIL")] = 0.0
    close[200:, symbols.index("GONE")] = np.nan
    close[chance.random(close.shape) < 0.002] = np.nan
    for one in exchanges if mixed else ():
        own = np.isin(days, one.sessions())
        columns = [i for i, symbol in enumerate(symbols) if symbol.endswith(".DE") == (one is XETR)]
        close[np.ix_(~own, columns)] = np.nan
    symbols = (*symbols, "^VIX", "^VIXEQ", "^COR1M")  # whole, so that scores have components
    close = np.hstack([close, np.round(np.random.default_rng(8).uniform(10, 40, (len(days), 3)), 2)])
    split, dividend = (np.pad(one, ((0, 0), (0, 3))) for one in (split, dividend))
    fields = {"close": close, "open": close * 1.001, "high": close * 1.01, "low": close * 0.99, "volume": close * 10}
    fields |= {"split": split, "dividend": dividend}
    listing = Listing() if mixed else Listing(default=XNYS, by_symbol={"SAP.DE": XNYS})
    return Panel(days, symbols, fields, source="test", listing=listing, price_only=("XLE",))


PANELS = [a_panel(False), a_panel(True)]
SESSIONS = [Session(FixedSource(panel), remember=False) for panel in PANELS]
ALONE = [Session(FixedSource(panel), remember=False) for panel in PANELS]
for session in ALONE:
    session._functions = {name: dataclasses.replace(spec, many=None) for name, spec in functions().items()}

ODD_CELLS: list[Cell] = [None, "", "?", "n/a", CellError.NA, CellError.DIV0, True, False, -1, 0, 1e308, 2.5, "x" * 50]
DAYS: list[Cell] = [day.isoformat() for day in PANELS[0].days[[0, 1, 30, 120, 200, 260, 300, -2, -1]].tolist()]
DAYS += [
    dt.date(2025, 7, 5),
    dt.date(2025, 11, 3),
    dt.date(2024, 1, 2),
    dt.date(2027, 1, 4),
    45992,
    45992.75,
    "2025-02-30",
]
SYMBOLS: list[Cell] = [
    *SECTORS,
    "SPX",
    "^RUT",
    "AAPL",
    "aapl",
    "LATE",
    "STILL",
    "OIL",
    "GONE",
    "SAP.DE",
    "科技",
    "NOSUCH",
]
WINDOWS: list[Cell] = ["1D", "5D", 20, 63.0, "250D", "900D", "2W", "1M", "1Y", "20Y", "WTD", "MTD", "QTD", "YTD", "MAX"]
WINDOWS += ["2025-06-02", dt.date(2025, 12, 24), 45900, "2028-01-01", "1990-01-01"]


def usual(parameter: Parameter) -> list[Cell]:
    """Cells that people write for a parameter."""
    kind = parameter.kind
    if isinstance(kind, SectorKind):
        return [*SYMBOLS[:11], "XLK", "SPX", "科技"]
    if isinstance(kind, SymbolKind):
        return SYMBOLS
    if isinstance(kind, UniverseKind):
        return ["SECTORS", "DEFENSIVE", "SECTORS-XLK", "SP50", "AAPL", "NOSUCH"]
    if isinstance(kind, AsOfKind | DayKind):
        return DAYS
    if isinstance(kind, WindowKind):
        return WINDOWS
    if isinstance(kind, SpanKind | CountKind):
        return [1, 2, "20D", 50.0, "50", 252, 300, 5000, "3M"]
    if isinstance(kind, ChoiceKind):
        return [*kind.choices, kind.choices[0].lower(), f" {kind.choices[-1]} "]
    if isinstance(kind, FlagKind):
        return [True, False, "TRUE", 1]
    assert isinstance(kind, NumberKind)
    if parameter.name in ("spot", "strike"):
        return [20, 21.0, 22.5]
    if parameter.name in ("rate", "div_yield"):
        return [0.1, 0, -0.01, 0.05]
    return [0.94, 0.5, 1, 2.5, 1.875, 4.76, 0.1, "0.25", 100, 1e13, 1e-9, -0.5]


def cells_of(parameter: Parameter, odd: bool) -> st.SearchStrategy[Cell]:
    common = st.sampled_from(usual(parameter))
    return st.one_of(*[common] * 5, st.sampled_from(ODD_CELLS)) if odd else common


def ranges_of(parameter: Parameter, rows: int, columns: int, odd: bool) -> st.SearchStrategy[Range]:
    row = st.lists(cells_of(parameter, odd), min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


@st.composite
def calls(draw: st.DrawFn, spec: Spec) -> list[Cell | Range]:
    """Arguments of a call over ranges that fit together; one of them may have cells that cannot be read."""
    odd = draw(st.sampled_from([None, *spec.parameters]))
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    shapes = [(rows, columns), (rows, 1), (1, columns)]
    arguments: list[Cell | Range] = []
    for parameter in spec.parameters:
        how = draw(st.integers(0, 5))
        if how < 3:
            arguments.append(draw(ranges_of(parameter, *shapes[how], parameter is odd)))
        else:
            arguments.append(
                None if how == 3 and not parameter.required else draw(cells_of(parameter, parameter is odd))
            )
    return arguments


def same(one: Cell, other: Cell) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def made(session: Session, name: str, arguments: Sequence[Cell | Range]) -> tuple[Range, set[object], set[str]]:
    session.failures.clear()
    session.remarks.clear()
    result = session.call(name, *arguments)
    told = {(failure.arguments, failure.error, failure.reason) for failure in session.failures}
    return result if isinstance(result, list) else [[result]], told, set(session.remarks)


@pytest.mark.parametrize("mixed", [0, 1], ids=["one exchange", "two exchanges"])
@pytest.mark.parametrize("name", TOGETHER)
def test_together_as_alone(name: str, mixed: int) -> None:
    held = 0

    @settings(max_examples=20 if mixed else 40, deadline=None, database=None)
    @given(calls(TOGETHER[name]))
    def check(arguments: list[Cell | Range]) -> None:
        nonlocal held
        found, why, told = made(SESSIONS[mixed], name, arguments)
        wanted, reasons, remarks = made(ALONE[mixed], name, arguments)
        assert [len(row) for row in found] == [len(row) for row in wanted]
        for row, other in zip(found, wanted, strict=True):
            for cell, alone in zip(row, other, strict=True):
                assert same(cell, alone), (cell, alone)
                held += isinstance(cell, float | int)
        assert why == reasons
        assert told == remarks

    check()
    assert held > 0  # the comparison is not one of errors alone


def settings_of(spec: Spec) -> list[dict[str, Cell]]:
    """Arguments to ask the same of every symbol on every session with."""
    names = {parameter.name: parameter for parameter in spec.parameters}
    found: list[dict[str, Cell]] = [{}]
    if "window" in names:
        found = [{"window": window} for window in ("20D", "1Y", "2025-06-02", "MAX")]
    if "start_date" in names:
        found = [{"start_date": "2025-06-02"}]
    if "n" in names:
        found = [{"n": 20}]
    if "basis" in names:
        found += [{**found[0], "basis": "total"}]
    if "anchor" in names:
        found += [{**found[0], "anchor": "POINTS"}, {**found[-1], "anchor": "OPEN"}]
    return found


@pytest.mark.parametrize("name", [name for name in TOGETHER if name != "VOL_BS_IV"])
def test_every_symbol_on_every_session(name: str) -> None:
    spec = TOGETHER[name]
    panel = PANELS[0]
    down: Range = [[day.isoformat()] for day in panel.days.tolist()]
    across: Range = [list(panel.symbols if name != "ROT_SECTOR_RET" else SECTORS)]
    for given_too in settings_of(spec):
        arguments: list[Cell | Range] = []
        for parameter in spec.parameters:
            first = not any(argument is across for argument in arguments)
            if isinstance(parameter.kind, AsOfKind):
                arguments.append(down)
            else:
                symbols = isinstance(parameter.kind, SymbolKind) and first
                arguments.append(across if symbols else given_too.get(parameter.name))
        found, _, told = made(SESSIONS[0], name, arguments)
        wanted, _, remarks = made(ALONE[0], name, arguments)
        for row, other in zip(found, wanted, strict=True):
            for cell, alone in zip(row, other, strict=True):
                assert same(cell, alone), (given_too, cell, alone)
        assert told == remarks, given_too


@pytest.mark.parametrize("name", TOGETHER)
def test_most_usual_calls_are_made_together(name: str) -> None:
    """The path is not there for show: of usual calls over whole data nearly all come from it."""
    spec = TOGETHER[name]
    asked = holding = 0

    def watched(given_calls: many_calls.Calls) -> many_calls.Answers:
        nonlocal asked, holding
        assert spec.many is not None
        answers, hold = spec.many(given_calls)
        asked += len(hold)
        holding += int(hold.sum())
        return answers, hold

    session = Session("sample", remember=False)
    session._functions = {**functions(), name: dataclasses.replace(spec, many=watched)}
    days = [[day.isoformat()] for day in session.panel.days[-40:].tolist()]
    over: list[Cell | Range] = []
    for parameter in spec.parameters:
        if isinstance(parameter.kind, AsOfKind):
            over.append(days)
        elif isinstance(parameter.kind, SymbolKind) and not any(
            isinstance(one, list) and len(one) == 1 for one in over
        ):
            over.append([list(SECTORS)])
        else:
            over.append(None)
    if name == "VOL_BS_IV":
        over = [[[1.875 + i / 100] for i in range(40)], 21, 20, 0.25, 0.1, None, [["CALL", "C"]]]
    if name == "PX_RET_BETWEEN":
        over[1] = "2025-06-02"
    result = session.call(name, *over)
    assert isinstance(result, list)
    assert asked == len(result) * len(result[0])
    assert holding >= 0.9 * asked


def test_a_path_that_fails_leaves_each_call_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: many_calls.Calls) -> many_calls.Answers:
        raise ValueError("broken")

    monkeypatch.delenv("XLROTATION_STRICT", raising=False)
    session = Session("sample")
    spec = functions()["PX_RET"]
    session._functions = {"PX_RET": dataclasses.replace(spec, many=broken)}
    names = [["XLK"], ["XLF"]]
    assert session.call("PX_RET", names, "20D") == [[session.call("PX_RET", name, "20D")] for (name,) in names]


def test_symbols_that_are_read_one_by_one() -> None:
    """Over a folder whose files wait, a range asks what single calls ask, of one symbol and of several."""
    whole = PANELS[0]

    def alone(ticker: str) -> Panel:
        column = whole.columns[ticker]
        return Panel(whole.days, (ticker,), {name: table[:, [column]] for name, table in whole.fields.items()})

    down: Range = [[day.isoformat()] for day in whole.days[-30:].tolist()]
    for across in ("XLF", [["XLF", "^RUT"]]):
        panel = Deferred(whole.days, whole.symbols, whole.listing, {"source": "test"}, alone, lambda: whole)
        for name, arguments in (("PX_RET", [across, "20D", down]), ("RS_STREAK", [across, "SPX", down])):
            found, *told = made(Session(FixedSource(panel), remember=False), name, arguments)
            wanted, *as_told = made(ALONE[0], name, arguments)
            assert all(same(*pair) for rows in zip(found, wanted, strict=True) for pair in zip(*rows, strict=True))
            assert told == as_told
