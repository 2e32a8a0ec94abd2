"""Calls of worksheet functions with what stands for each, written with native functions and the data themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary.anyformula import read_formula
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.failures import described
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.snapshot import Snapshot
from xlrotation.functions.explaining import nativefigures, natives, nativesums
from xlrotation.functions.explaining.missing import why_none
from xlrotation.functions.explaining.narrowing import Decisive, same
from xlrotation.functions.explaining.nativeparts import LONGEST, NATIVES, NoNative
from xlrotation.functions.explaining.traced import Tracing, traced
from xlrotation.languages import Text
from xlrotation.market.panel import Panel
from xlrotation.workbook.formulas.calls import bare_name
from xlrotation.workbook.formulas.tokens import marks

_DECLARED = (natives, nativefigures, nativesums)
"""Modules that declare native formulas."""


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


def native_text(session: Evaluator, called: Called) -> str:
    """The native formula of a call, without the leading ``=``, from the data of the session.

    Raises:
        NoNative: There is none; the message says why.
    """
    spec = functions().get(called.name)
    if spec is None or called.name not in NATIVES:
        raise NoNative(why_none(called.name, spec is not None and spec.table))
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


def of_calls(session: Evaluator, panel: Panel, decisive: Decisive, made: Sequence[Called]) -> list[NativeFormula]:
    """The native formulas of the calls, from the data that decide alone."""
    alone = session.on(Snapshot(traced(panel, Tracing(view=decisive.view("gone"))), singly=True))
    found = []
    for called in made:
        try:
            found.append(compared(session, "=" + native_text(alone, called), called.result))
        except NoNative as error:
            found.append(NativeFormula(lacking=error.args[0]))
    return found


Piece = tuple[int, int, Called | None]
"""Where a call begins and ends in the formula, and what was called; None where that depends on the rest of it."""


def parts_of(text: str, session: Evaluator) -> list[Piece]:
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


def native_of(
    session: Evaluator,
    formula: str,
    value: Cell | Range,
    natives_of: Sequence[tuple[Called, NativeFormula]],
    pieces: Sequence[Piece],
) -> NativeFormula:
    """The whole formula with native formulas in the place of its calls, evaluated and compared.

    Args:
        session: In whose language it is told.
        formula: The formula.
        value: What it is to give.
        natives_of: Its calls, each with its native formula.
        pieces: Its outermost calls.
    """
    parts = {repr((called.name, called.arguments)): native for called, native in natives_of}
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
        whole = len(pieces) == 1 and (start, end) == (1, len(formula.rstrip()))
        text += [formula[place:start], own if whole else f"({own})"]
        place = end
    return compared(session, "".join((*text, formula[place:])), value)


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
