"""The explanation of a number: what was called, which data went in, and whether they alone give it again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xlrotation.errors import BadArgument, CellError, RotationError
from xlrotation.functions.boundary.anyformula import (
    RESTLESS,
    formula_text,
    read_formula,
    shared_work,
    together,
    with_room,
)
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.functions.explaining.data import Datum, data_of
from xlrotation.functions.explaining.narrowing import Search
from xlrotation.functions.explaining.nativecalls import Called, Calls, NativeFormula, native_of, of_calls, parts_of
from xlrotation.functions.explaining.traced import Reads, Tracing, traced
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel
from xlrotation.workbook.formulas.trees import Call, walk

OFTEN, SELDOM = 600, 150
"""How often a formula is asked to find the data that decide it: on the command line, and in a cell."""

_COSTLY = {
    "VOL_REGIME": 4,
    "DISP_IMPLCORR": 12,
    "DISP_INDEX": 12,
    "DISP_VOL_SPREAD": 12,
    "DISP_CORR_PREMIUM": 12,
    "EVT_BACKTEST": 12,
    "XLR_WATCH": 12,
    "XLR_CHANGED": 40,
    "XLR_SERIES": 60,
    "XLR_SCREEN": 60,
    "ROT_MECH_SCORE": 80,
    "ROT_MECH_TABLE": 80,
    "ROT_MECH_LABEL": 80,
    "VOL_SURFACE": 80,
}
"""Functions that compute for long, and how often they are asked at most."""

_MOST_STEPS, _MOST_ONCE, _FEWEST = 4_000_000, 100_000, 10
"""Steps that all computations of one explanation may take, steps that one of them may, and how few may have to do."""

_ITSELF = "XLR_EXPLAIN"
_MOST_CALLS = 50

Ask = Callable[[Calls], Cell | Range]
"""Gives the answer, calling what it is given."""


@dataclass(slots=True)
class Explanation:
    """A number, explained.

    Attributes:
        formula: The formula.
        asof: The as-of session.
        value: What it gives.
        calls: The calls of worksheet functions in it.
        data: The data that decide it.
        left_off: How many of them are not listed one by one.
        alone: Whether the data that decide it give it again when everything else is replaced by something else.
        each: Whether each of them was found to matter; else some were only read.
        native: The native formula of the whole.
        natives: The native formulas of the calls.
        remarks: What stands in for what, and what was left out.
        reasons: Why calls have no value.
        notice: What must be said of the data.
        source: Where they come from.
        state: Which state of them.
    """

    formula: str
    asof: dt.date | None
    value: Cell | Range
    calls: list[Called] = field(default_factory=list)
    data: list[Datum] = field(default_factory=list)
    left_off: int = 0
    alone: bool = False
    each: bool = False
    native: NativeFormula = field(default_factory=NativeFormula)
    natives: list[NativeFormula] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    notice: str = ""
    source: str = ""
    state: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing in it contradicts the value."""
        return self.alone and all(not native.text or native.agrees for native in (self.native, *self.natives))


def explain(session: Evaluator, formula: str, most: int, turns: int = OFTEN) -> Explanation:
    """Explain the value of a formula.

    Args:
        session: The functions, on one state of the data, as of the session's date.
        formula: Any formula without references to cells.
        most: Rows of data that are listed.
        turns: How often the formula may be asked to find the data that decide it.

    Raises:
        BadArgument: It is no formula, calls what changes by the clock, or explains itself.
    """
    text = formula_text(formula)
    try:
        read = read_formula(text, session.names)
    except RotationError as error:
        raise BadArgument(f"no formula: {error.message}") from None
    names = [node.name for node in walk(read.tree) if isinstance(node, Call)]
    check_explained(names)

    def ask(calls: Calls) -> Cell | Range:
        return read.value(calls, shared_work())

    found = with_room(lambda: explain_answer(session, text, ask, names, most, turns))
    pairs = list(zip(found.calls, found.natives, strict=True))
    found.native = with_room(lambda: native_of(session, text, found.value, pairs, parts_of(text, session)))
    return found


def check_explained(names: Sequence[str]) -> None:
    """Refuse what has no explanation.

    Raises:
        BadArgument: One of the functions called changes by the clock, or explains.
    """
    ours = functions()
    for name in names:
        if name == _ITSELF:
            raise BadArgument(f"{name} stands in a formula that is itself explained; give its formula alone")
        if name in RESTLESS or (name in ours and not ours[name].steady):
            raise BadArgument(f"{name} changes by the clock, so that no data explain it; leave it out")


def explain_answer(session: Evaluator, text: str, ask: Ask, names: Sequence[str], most: int, turns: int) -> Explanation:
    """As :func:`explain`, of anything that calls functions; without a native formula.

    Args:
        session: As there.
        text: What stands for it.
        ask: What calls functions.
        names: The functions that are called.
        most: As there.
        turns: As there.
    """
    panel = session.market().whole.whole
    reads = Reads()
    watched = traced(panel, Tracing(reads))
    own = session.on(Snapshot(watched, singly=True))
    calls = Calls(own)
    turns = min([turns, *(_COSTLY[name] for name in names if name in _COSTLY)])
    with together(_MOST_STEPS) as work:
        value = _asked(ask, calls)
        taken = _MOST_STEPS - work.left
        if taken > _MOST_ONCE:
            raise BadArgument(
                f"{text[:60]} takes too many steps to be computed again and again, as explaining it needs"
            )
        turns = min(turns, max(_FEWEST, _MOST_STEPS // 2 // max(taken, 1)))

        def again(state: Panel) -> object:
            return _asked(ask, Calls(session.on(Snapshot(state, singly=True))))

        market = _market(own, calls.made)
        decisive = Search(panel, again, value, reads, turns, market).found(narrow=not isinstance(value, CellError))
        if work.left <= 0:
            raise BadArgument(
                f"{text[:60]} takes too many steps to be computed again and again, as explaining it needs"
            )
    listed, left_off = data_of(panel, decisive, reads, market, watched.members, most)
    return Explanation(
        *(text, market.asof, value, calls.made[:_MOST_CALLS], listed, left_off, decisive.alone, decisive.each),
        natives=of_calls(session, panel, decisive, calls.made[:_MOST_CALLS]),
        remarks=list(own.remarks),
        reasons=list(dict.fromkeys(f"{f.function}({f.arguments}): {f.reason}" for f in own.failures)),
        notice=panel.notice,
        source=panel.source,
        state=panel.state,
    )


def _market(session: Evaluator, made: Sequence[Called]) -> Market:
    """The market of the latest as-of date that was asked: of a call that names none the session's."""
    found: list[Market] = []
    for called in made:
        spec = functions().get(called.name)
        if spec is None or spec.asof is None:
            continue
        given = called.arguments[spec.asof] if spec.asof < len(called.arguments) else None
        dates = [cell for row in given for cell in row] if isinstance(given, list) else [given]
        for day in dates:
            with contextlib.suppress(RotationError, TypeError):
                found.append(session.market(day))
    return max(found, key=lambda market: market.asof, default=session.market())


def _asked(ask: Ask, calls: Calls) -> Cell | Range:
    try:
        return ask(calls)
    except RotationError as error:
        raise BadArgument(error.message) from None
