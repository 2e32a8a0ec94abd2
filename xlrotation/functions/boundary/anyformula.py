"""Any formula that a function is given as text: read once, and asked as of many sessions or for many symbols.

The formula is computed by the evaluation that ``xlrotation eval`` uses, which stands above the functions; it is loaded
by its name when the first formula is asked. A formula is asked through a session whose own as-of date is that of the
question, so nothing in it sees a later value, whatever it names.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
import importlib
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from xlrotation.errors import BadArgument, CellError, RotationError
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.many import Spread
from xlrotation.functions.boundary.registry import Spec, functions
from xlrotation.functions.boundary.scope import Evaluator, Scope
from xlrotation.workbook.formulas.astyped import as_typed
from xlrotation.workbook.formulas.trees import Call, Constant, Node, walk

PLACE = "{}"
"""Stands in a formula for the symbol."""

MOST = 10_000
"""Sessions or symbols that one call may ask a formula of."""

_TOLD = 20
"""Remarks of a formula that are handed on."""

_ASKING = frozenset({"XLR_SERIES", "XLR_SCREEN", "XLR_EXPLAIN", "XLR_WATCH", "EVT_BACKTEST"})
RESTLESS = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"})
"""Native functions that change by the clock or by chance."""

_MANY = 3
"""Days of which a formula is asked together."""

_DATED = re.compile(r"\d{4}")
"""Texts that may hold a date."""

_LEAST_YEAR = 1000
"""Numbers that may be a date, or a year."""

_Found = TypeVar("_Found")


class Caller(Protocol):
    """What makes the calls in a formula."""

    @property
    def names(self) -> Collection[str]:
        """The names of the functions."""

    def __call__(self, name: str, arguments: Sequence[Any]) -> Cell | Range:
        """Make a call."""


class Read(Protocol):
    """A formula that was read; :class:`xlrotation.workbook.evaluation.oneformula.OneFormula` is one."""

    @property
    def tree(self) -> Node:
        """What it was read as."""

    def value(self, caller: Caller, work: Any = None) -> Cell | Range:
        """Its value."""


def _evaluation() -> Any:
    return importlib.import_module("xlrotation.workbook.evaluation.oneformula")


def formula_text(text: str) -> str:
    """A formula as it is read: with the leading ``=``, and plain marks in the place of full-width ones."""
    return "=" + as_typed(text).strip().removeprefix("=")


def read_formula(text: str, names: Collection[str]) -> Read:
    """A formula, read once.

    Raises:
        RotationError: It is none.
    """
    found: Read = _evaluation().OneFormula(text, names)
    return found


class Work(Protocol):
    """What several computations may take together.

    Attributes:
        left: Steps that are left.
    """

    left: int


_WORK: contextvars.ContextVar[Work | None] = contextvars.ContextVar("work", default=None)


@contextlib.contextmanager
def together(most: int) -> Iterator[Work]:
    """Let everything that formulas given as text take, however deep, count together.

    Args:
        most: Steps.
    """
    work: Work = _evaluation().shared_work(most)
    token = _WORK.set(work)
    try:
        yield work
    finally:
        _WORK.reset(token)


def shared_work() -> Work:
    """What a formula may take: a part of what is counted together, or as much as one formula."""
    found: Work = _WORK.get() or _evaluation().shared_work()
    return found


def with_room(work: Callable[[], _Found]) -> _Found:
    """What *work* gives: many questions on one deep stack, which the evaluation would make for each."""
    found: _Found = _evaluation().with_room(work)
    return found


class AnyFormula:
    """A formula given as text, which the as-of date of a question decides.

    Args:
        text: The formula, with or without the leading ``=``.
        names: The names of the worksheet functions.
        work: What its computations may take, with those of others; None: as much as one formula.

    Attributes:
        text: The formula as it is computed.
        calls: The calls of worksheet functions in it.
        work: As given.

    Raises:
        BadArgument: It is no formula, has a date of its own, or changes by the clock.
    """

    def __init__(self, text: str, names: Collection[str], work: Work | None = None) -> None:
        self.text = formula_text(text)
        self.work = work or shared_work()
        try:
            self._read = read_formula(self.text, names)
        except RotationError as error:
            raise BadArgument(f"no formula: {error.message}") from None
        found = [node for node in walk(self._read.tree) if isinstance(node, Call)]
        self.calls = tuple(call for call in found if call.name in names)
        for call in found:
            if call.name in _ASKING:
                raise BadArgument(f"{call.name} stands in a formula that is itself evaluated; give its formula alone")
            if call.name in RESTLESS:
                raise BadArgument(f"{call.name} changes by the clock, not by the date that is asked; leave it out")
        if not self.calls:
            raise BadArgument(
                f"{self.text[:60]!r} calls no worksheet function of the library, so that no date changes it"
            )
        specs = functions()
        for call in self.calls:
            _check_steady(call, specs[call.name], names)

    def value(self, evaluator: Evaluator) -> Cell | Range:
        """Its value, of the evaluator's as-of date.

        Raises:
            BadArgument: It calls what does not exist, or takes too much work.
        """
        try:
            return self._read.value(evaluator, self.work)
        except RotationError as error:
            raise BadArgument(error.message) from None

    def together(self, evaluator: Evaluator, days: Sequence[dt.date]) -> dict[dt.date, Cell]:
        """Its values as of days, as far as it is a call that many dates are answered of at once; the rest is left out.

        Left out is, too, whatever fails or has something to tell. A call that may name a date is answered by day: none
        may see beyond the day that is asked.
        """
        alone = self._read.tree
        if len(days) < _MANY or not isinstance(alone, Call) or self.calls != (alone,):
            return {}
        spec, given = functions()[alone.name], [_dateless(part) for part in alone.arguments]
        if spec.many is None or spec.asof is None or None in given or len(given) > len(spec.parameters):
            return {}
        deadline.check()
        arguments: list[object] = [cell[0] for cell in given if cell is not None]
        arguments += [None] * (spec.asof + 1 - len(arguments))
        arguments[spec.asof] = Spread(list(days))
        values, hold = evaluator.many(spec, arguments, len(days))
        found = zip(days, values.tolist(), hold.tolist(), strict=True)
        return {day: value for day, value, holds in found if holds and _is_plain(value)}


def _dateless(part: Node | None) -> tuple[Cell] | None:
    """The argument that *part* is; None where it is computed first, or might name a date."""
    value = part.value if isinstance(part, Constant) else None
    if (part is not None and not isinstance(part, Constant)) or isinstance(value, CellError):
        return None
    if isinstance(value, str):
        return None if _DATED.search(value) else (value,)
    return None if isinstance(value, float | int) and abs(value) >= _LEAST_YEAR else (value,)


def _is_plain(value: object) -> bool:
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, bool | int | str)


def _check_steady(call: Call, spec: Spec, names: Collection[str]) -> None:
    """Refuse a call that does not depend on the date that is asked."""
    if not spec.steady:
        raise BadArgument(f"{call.name} changes by the clock, not by the date that is asked; leave it out")
    given = call.arguments[spec.asof] if spec.asof is not None and spec.asof < len(call.arguments) else None
    if given is None or (isinstance(given, Constant) and given.value in ("", 0.0, None)):
        return
    if not any(isinstance(node, Call) and node.name in names for node in walk(given)):
        raise BadArgument(f"{call.name} has an as-of date of its own in the formula; leave it blank there")


def of_symbol(text: str, symbol: str) -> str:
    """*text* with a symbol in the place of ``{}``: within quotes as it is, elsewhere as a text."""
    quoted = symbol.replace('"', '""')
    parts = text.split('"')
    parts[::2] = [part.replace(PLACE, f'"{quoted}"') for part in parts[::2]]
    parts[1::2] = [part.replace(PLACE, quoted) for part in parts[1::2]]
    return '"'.join(parts)


def asked_once(formula: AnyFormula, evaluator: Evaluator) -> tuple[Cell | Range, str]:
    """The value of a formula, no number beyond all bounds among them, and why it is an error where it is one."""
    deadline.check()
    value = formula.value(evaluator)
    if isinstance(value, float) and not math.isfinite(value):
        value = CellError.NUM
    if not isinstance(value, CellError):
        return value, ""
    latest = evaluator.failures.newest(1)
    return value, latest[0].reason if latest else f"the formula itself gives {value.value}"


class Answers:
    """Values of a formula, one after another: what they say of gaps is told once, together.

    Args:
        here: The scope of the call that asks.
        what: What is asked, in the plural: ``sessions``.
    """

    def __init__(self, here: Scope, what: str) -> None:
        self._here, self._what = here, what
        self._asked = self._missing = 0
        self.reason = ""
        """Why the first one is missing."""
        self._remarks: dict[str, None] = {}

    def of(self, formula: AnyFormula, evaluator: Evaluator, of: object) -> Cell:
        """One value: a number, TRUE or FALSE, a text; an error value where there is none.

        Raises:
            BadArgument: The formula gives a table.
        """
        before = set(evaluator.remarks)
        value, why = asked_once(formula, evaluator)
        self._asked += 1
        for remark in evaluator.remarks:
            if remark not in before and len(self._remarks) < _TOLD:
                self._remarks[remark] = None
        if isinstance(value, list):
            raise BadArgument(f"{formula.text[:60]} gives a table; take one value of it with INDEX or a sum")
        if isinstance(value, CellError):
            self._missing += 1
            self.reason = self.reason or f"{of}; {why}"
        return value

    def known(self, value: Cell) -> Cell:
        """A value that is there already, of which nothing is to be told."""
        self._asked += 1
        return value

    @property
    def none(self) -> bool:
        """Whether there was no value at all."""
        return self._missing == self._asked

    def tell(self) -> None:
        """Tell what is missing, and what the formula itself told."""
        if self._missing:
            self._here.tell(f"{self._missing} of {self._asked} {self._what} have no value, such as {self.reason}")
        for remark in self._remarks:
            self._here.tell(remark)


def ends_first(of_sessions: Sequence[_Found]) -> list[_Found]:
    """The last, one in each year before it and the first: histories that measures keep are then made in such pieces."""
    return list(dict.fromkeys([*of_sessions[::-_YEAR], *of_sessions]))


_YEAR = 250
"""Sessions that a history holds at least, where it is of a year."""


def each_session(
    formula: AnyFormula, days: Sequence[dt.date], session: Evaluator, answers: Answers
) -> dict[dt.date, Cell]:
    """The value of a formula as of each of some sessions, oldest first; none of them sees anything later.

    Raises:
        BadArgument: They are too many, or the formula gives a table.
    """
    check_count(len(days), "sessions")
    ahead = formula.together(session, days)

    def one(day: dt.date) -> Cell:
        return answers.known(ahead[day]) if day in ahead else answers.of(formula, session.at(day), day)

    found = with_room(lambda: {day: one(day) for day in ends_first(days)})
    return {day: found[day] for day in days}


def check_count(count: int, what: str) -> None:
    """Refuse to ask a formula too often.

    Raises:
        BadArgument: That many are too many.
    """
    if count > MOST:
        raise BadArgument(f"{count:,} {what} are more than the {MOST:,} that a formula is asked of; narrow the range")
