"""The audit of a text: read, bound, computed on the data of a session, judged, and checked against itself."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlrotation.errors import RotationError
from xlrotation.functions.auditing import arithmetic, binding, conventions
from xlrotation.functions.auditing.arithmetic import Check
from xlrotation.functions.auditing.bound import Book, Bound, Text
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.parsed import parse
from xlrotation.functions.auditing.prose import plain
from xlrotation.functions.auditing.reading import PROPOSED, Reading
from xlrotation.functions.auditing.sessions import Sessions
from xlrotation.functions.auditing.verdicts import SUGGESTED, Judge, Judged, Verdict
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned

Proposer = Callable[[Figure, str, int], Sequence[Reading]]
"""What proposes further readings of a figure: from it, its sentence, and its number among the figures measured."""

_DATED = re.compile(r"data as of|as of (?:the )?close|\bclose of\b|\bclosing bell\b|数据截至|收盘|收官|收市", re.ASCII)
_HEAD = 160
MOST_OF_ONE = 5
"""Proposed readings that are taken for one figure."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A text audited.

    Attributes:
        text: As read.
        date: The report's date.
        judged: Its figures with their verdicts, in order.
        checks: Arithmetic inside it.
        cut: Whether the text was longer than is read.
        shifted: Whether the figures are those of the session before the report's date, found by what agrees.
    """

    text: str
    date: dt.date | None
    judged: tuple[Judged, ...]
    checks: tuple[Check, ...]
    cut: bool = False
    shifted: bool = False

    @property
    def measured(self) -> tuple[Judged, ...]:
        """The figures that are measurements."""
        return tuple(one for one in self.judged if one.bound.figure.kind == "measurement")

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many measurements came to each verdict."""
        found = [one.verdict for one in self.measured]
        return {verdict: found.count(verdict) for verdict in Verdict}


def book_of(panel: Panel) -> Book:
    """What binding needs to know of the data."""
    return Book.of(panel.names, frozenset(panel.symbols), Sessions(panel.days))


def audit(
    text: str,
    session: Evaluator,
    date: dt.date | None = None,
    propose: Proposer | None = None,
    known: Mapping[str, object] | None = None,
) -> Audit:
    """Audit a text on the data of a session.

    Args:
        text: The text.
        session: Gives the values of the formulas.
        date: The report's date where the text does not give it.
        propose: May propose further readings of a figure.
        known: Values of formulas that are known already; they are added to.
    """
    quiet = Session(Pinned.of(session.source), session.lang, session.asof)
    panel = quiet.panel
    book, values = book_of(panel), dict(known or {})

    def compute(formula: str) -> object:
        if formula not in values:
            values[formula] = _value(formula, quiet)
        return values[formula]

    judge = Judge(compute, book.sessions, frozenset())
    parsed = parse(text, book)
    read = binding.read(parsed, book, date)
    judged = judge.judge(_proposed(read, propose), read.date)
    shifted = False
    few = 2 * _agreeing(judged) < sum(one.verdict is not Verdict.NOT_CHECKABLE for one in judged)
    if few and read.date is not None and not _DATED.search(plain(read.original[:_HEAD])):
        base = book.sessions.before(book.sessions.on_or_before(read.date))
        before = binding.read(parsed, book, read.date, base=base)
        other = judge.judge(_proposed(before, propose), before.date)
        if _agreeing(other) >= max(3, 2 * _agreeing(judged) + 1):
            read, judged, shifted = before, other, True
    checks = tuple(arithmetic.checks(plain(read.original), read.bound))
    judged = [_with_arithmetic(one, read.bound) for one in judged]
    if read.date is None:
        judged = _suggested(judged, panel)
    return Audit(read.original, read.date, tuple(judged), checks, read.cut, shifted)


def _value(formula: str, session: Session) -> object:
    try:
        value = evaluate(formula, session)
    except RotationError:
        return None
    return value[0][0] if isinstance(value, list) else value


def _agreeing(judged: Sequence[Judged]) -> int:
    return sum(one.verdict is Verdict.AGREES and one.bound.figure.relation == "=" for one in judged)


def _proposed(read: Text, propose: Proposer | None) -> list[Bound]:
    """The figures with the readings that were proposed, behind those of the rules."""
    if propose is None:
        return list(read.bound)
    found, number = [], 0
    for one in read.bound:
        if one.figure.kind != "measurement":
            found.append(one)
            continue
        number += 1
        sentence = read.original[one.sentence.start : one.sentence.end]
        proposed = tuple(
            replace(reading, doubts=tuple(dict.fromkeys((*reading.doubts, PROPOSED))))
            for reading in itertools.islice(propose(one.figure, sentence, number), MOST_OF_ONE)
            if reading.formula
        )
        own = () if one.readings and not one.readings[0].formula and proposed else one.readings
        found.append(replace(one, readings=(*own, *proposed)))
    return found


def _with_arithmetic(one: Judged, bound: Sequence[Bound]) -> Judged:
    """A difference that the data do not give, but the two printed figures do."""
    if one.verdict not in (Verdict.DIFFERS, Verdict.AMBIGUOUS, Verdict.NEEDS_DATA):
        return one
    check = arithmetic.difference_of(one.bound, bound)
    if check is None or not check.agrees:
        return one
    return replace(
        one,
        verdict=Verdict.CONVENTION,
        convention=conventions.PRINTED,
        formula=check.formula,
        computed=check.computed,
        tried=one.tried + 1,
    )


def _suggested(judged: list[Judged], panel: Panel) -> list[Judged]:
    """For a text without a date: the day whose close a printed level is, as a proposal."""
    found = []
    for one in judged:
        reading, figure = one.reading, one.bound.figure
        day = _day_of_level(panel, reading.subject, figure) if reading and reading.what == "level" else None
        found.append(replace(one, notes=(*one.notes, SUGGESTED.of(day=str(day)))) if day else one)
    return found


def _day_of_level(panel: Panel, symbol: str, figure: Figure) -> dt.date | None:
    """The only day whose close is a printed level with its digits."""
    if figure.step > 0.01 or not panel.holds(symbol):
        return None
    held, place = panel.held(panel.place(symbol), "close")
    closes = held.fields["close"][:, place]
    places = np.flatnonzero(np.abs(closes - figure.value) <= 0.5 * figure.step + 1e-9)
    day = held.days[places[0]].astype(object) if len(places) == 1 else None
    return day if isinstance(day, dt.date) else None
