"""The explanation of a number: what was called, which data went in, and whether they alone give it again."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlrotation.errors import BadArgument, CellError, RotationError
from xlrotation.functions.boundary.anyformula import RESTLESS, read_formula, with_room
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.failures import described
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.functions.explaining import nativefigures, natives
from xlrotation.functions.explaining.data import Datum, data_of
from xlrotation.functions.explaining.narrowing import Decisive, Search, same
from xlrotation.functions.explaining.nativeparts import LONGEST, NATIVES, NoNative
from xlrotation.functions.explaining.traced import Reads, Tracing, traced
from xlrotation.languages import Text
from xlrotation.market.market import Market
from xlrotation.market.panel import Panel
from xlrotation.workbook.formulas.calls import bare_name
from xlrotation.workbook.formulas.tokens import marks
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

_DECLARED = (natives, nativefigures)
"""Modules that declare native formulas."""

_ITSELF = "XLR_EXPLAIN"
_MOST_CALLS = 50

Ask = Callable[["Calls"], Cell | Range]
"""Gives the answer, calling what it is given."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a worksheet function.

    Attributes:
        name: The function.
        arguments: What it was given.
        result: What it gave.
    """

    name: str
    arguments: tuple[Any, ...]
    result: Cell | Range

    @property
    def written(self) -> str:
        """The call as a reason names it."""
        return f"{self.name}({described(self.arguments)})"


class Calls:
    """The functions as an evaluation calls them, with what was called noted.

    Args:
        session: The functions, on one state of the data.
    """

    def __init__(self, session: Evaluator) -> None:
        self._session = session
        self.names = session.names
        self.made: list[Called] = []

    def __call__(self, name: str, arguments: Sequence[Any]) -> Cell | Range:
        result = self._session.call(name, *arguments)
        self.made.append(Called(name.upper(), tuple(arguments), result))
        return result


@dataclass(frozen=True, slots=True)
class NativeFormula:
    """What stands for a formula, written with native functions and the data themselves.

    Attributes:
        text: It, with the leading ``=``; empty where there is none.
        value: What it gives.
        agrees: Whether that is the value that is explained.
        lacking: Why there is none.
    """

    text: str = ""
    value: Cell | Range = None
    agrees: bool = False
    lacking: str | Text = ""


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
    text = "=" + formula.strip().removeprefix("=")
    try:
        read = read_formula(text, session.names)
    except RotationError as error:
        raise BadArgument(f"no formula: {error.message}") from None
    names = [node.name for node in walk(read.tree) if isinstance(node, Call)]
    check_explained(names)
    found = with_room(lambda: explain_answer(session, text, read.value, names, most, turns))
    found.native = with_room(lambda: _native_of(session, found, _parts_of(text, session)))
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
    value = _asked(ask, calls)

    def again(state: Panel) -> object:
        return _asked(ask, Calls(session.on(Snapshot(state, singly=True))))

    turns = min([turns, *(_COSTLY[name] for name in names if name in _COSTLY)])
    decisive = Search(panel, again, value, reads, turns).found(narrow=not isinstance(value, CellError))
    market = _market(own, calls.made)
    listed, left_off = data_of(panel, decisive, reads, market, watched.members, most)
    return Explanation(
        *(text, market.asof, value, calls.made[:_MOST_CALLS], listed, left_off, decisive.alone, decisive.each),
        natives=_of_calls(session, panel, decisive, calls.made[:_MOST_CALLS]),
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


# ---------------------------------------------------------------------- native formulas


def native_text(session: Evaluator, called: Called) -> str:
    """The native formula of a call, without the leading ``=``, from the data of the session.

    Raises:
        NoNative: There is none; the message says why.
    """
    spec = functions().get(called.name)
    if spec is None or called.name not in NATIVES:
        raise NoNative(f"none is declared for {called.name}")
    if isinstance(called.result, CellError):
        raise NoNative(f"{called.name} has no value")
    if isinstance(called.result, list):
        raise NoNative(f"{called.name} gives several values here")
    found: list[str] = []

    def take(*arguments: object) -> float:
        found.append(NATIVES[called.name](*arguments))
        return 0.0

    failures = len(session.failures)
    try:
        session.value(dataclasses.replace(spec, function=take), called.arguments)
    except RotationError as error:
        raise NoNative(f"{called.name}: {error.message}") from None
    if not found or len(session.failures) > failures:
        raise NoNative(f"{called.name} reads its arguments otherwise here")
    return found[-1]


def _of_calls(session: Evaluator, panel: Panel, decisive: Decisive, made: Sequence[Called]) -> list[NativeFormula]:
    """The native formulas of the calls, from the data that decide alone."""
    alone = session.on(Snapshot(traced(panel, Tracing(view=decisive.view("gone"))), singly=True))
    found = []
    for called in made:
        try:
            found.append(compared(session, "=" + native_text(alone, called), called.result))
        except NoNative as error:
            found.append(NativeFormula(lacking=str(error)))
    return found


Piece = tuple[int, int, Called | None]
"""Where a call begins and ends in the formula, and what was called; None where that depends on the rest of it."""


def _parts_of(text: str, session: Evaluator) -> list[Piece]:
    """The outermost calls of worksheet functions in a formula."""
    found: list[Piece] = []
    for start, end in outermost(text, session.names):
        calls = Calls(session)
        try:
            read_formula("=" + text[start:end], session.names).value(calls)
        except RotationError:
            calls.made.clear()
        found.append((start, end, calls.made[-1] if calls.made else None))
    return found


def outermost(text: str, names: Collection[str]) -> list[tuple[int, int]]:
    """Where the outermost calls of *names* begin and end."""
    found: list[tuple[int, int]] = []
    depth = begun = 0
    start = -1
    before: Any = None
    for token in marks(text):
        if token.text == "(":
            depth += 1
            if start < 0 and _names(before, names):
                start, begun = before.start, depth
        elif token.text == ")":
            if start >= 0 and depth == begun:
                found.append((start, token.end))
                start = -1
            depth -= 1
        before = token
    return found


def _names(token: Any, names: Collection[str]) -> bool:
    """Whether a mark is the name of one of *names*."""
    return (
        token is not None
        and token.kind == "name"
        and token.match is not None
        and bare_name(token.match["name"]) in names
    )


_NO_CALL = Text("the formula calls no worksheet function, so that it is native as it stands")
_TOO_LONG = Text("it would have {count} characters, more than the {most} of a cell")
_OTHERWISE = Text("a call in it depends on the rest of the formula")


def _native_of(session: Evaluator, found: Explanation, pieces: Sequence[Piece]) -> NativeFormula:
    """The whole formula with native formulas in the place of its calls, evaluated and compared."""
    parts = {repr((c.name, c.arguments)): native for c, native in zip(found.calls, found.natives, strict=True)}
    if not pieces:
        return NativeFormula(lacking=_NO_CALL)
    text, place = [], 0
    for start, end, called in pieces:
        if called is None:
            return NativeFormula(lacking=_OTHERWISE)
        native = parts.get(repr((called.name, called.arguments)))
        if native is None or not native.text:
            return NativeFormula(lacking=_OTHERWISE if native is None else native.lacking)
        own = native.text.removeprefix("=")
        whole = len(pieces) == 1 and (start, end) == (1, len(found.formula.rstrip()))
        text += [found.formula[place:start], own if whole else f"({own})"]
        place = end
    return compared(session, "".join((*text, found.formula[place:])), found.value)


def compared(session: Evaluator, text: str, value: Cell | Range) -> NativeFormula:
    """A native formula, with what it gives.

    Args:
        session: In whose language it is told.
        text: The formula.
        value: What it is to give.
    """
    if len(text) > LONGEST:
        return NativeFormula(lacking=_TOO_LONG.of(count=f"{len(text):,}", most=f"{LONGEST:,}"))
    try:
        given = read_formula(text, ()).value(Calls(session))
    except RotationError as error:
        return NativeFormula(lacking=error.message)
    if isinstance(given, float) and isinstance(value, int):
        given = int(given) if given == int(given) else given
    return NativeFormula(text, given, same(given, value))
