"""Looking at watch rules: which fire on new data, since when, how often before, and what followed.

A rule is asked as of every session, each time of data that end there, so that nothing it says of a session knows a
later one. It fires where its condition holds on a new session. A run of sessions on which it holds counts once: what
followed is counted from the first of them. A rule that has no value on a new session and fires on no other could not be
evaluated, and is not said to be quiet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from xlrotation.errors import BadArgument, CellError, NoData, RotationError
from xlrotation.functions.boundary.anyformula import AnyFormula, asked_once, ends_first, with_room
from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.explaining.explanation import Explanation, explain
from xlrotation.functions.watching.rules import Bound, Rule
from xlrotation.market.market import Elsewhere, Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.measures import events, ties
from xlrotation.measures.arrays import BoolArray
from xlrotation.measures.events import Study

HISTORY = 756
"""Sessions before the new ones that a rule is asked of."""

HORIZON = 21
"""Sessions after a rule fired whose return is looked at."""

SYMBOL = "^GSPC"
"""Whose return that is."""

_TURNS = 150


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a rule.

    Attributes:
        rule: It.
        state: ``fired``, ``quiet`` or ``error``.
        reason: Why it could not be evaluated.
        day: The last new session on which it fired; else the as-of session.
        asof: The as-of session.
        value: What its formula gave then.
        holds: Whether its condition holds at the as-of session.
        since: The first session of the run on which it fired; None where it did not.
        earlier: Whether that run may have begun before the sessions that were asked.
        percentile: Share of the values of the sessions asked at or below it; NaN for TRUE and FALSE.
        held: Share of the sessions asked on which the condition held.
        sessions: How many sessions have a value.
        before: First sessions of the earlier runs, oldest first.
        symbol: Whose returns followed.
        study: What followed the earlier runs; None where there was none.
        remarks: What stands in for what.
        why: The explanation of the value, of a rule that fired.
    """

    rule: Rule
    state: str
    reason: str = ""
    day: dt.date | None = None
    asof: dt.date | None = None
    value: Cell = None
    holds: bool = False
    since: dt.date | None = None
    earlier: bool = False
    percentile: float = float("nan")
    held: float = float("nan")
    sessions: int = 0
    before: tuple[dt.date, ...] = ()
    symbol: str = ""
    study: Study | None = None
    remarks: tuple[str, ...] = ()
    why: Explanation | None = field(default=None, compare=False)


def look(
    session: Evaluator, rules: Sequence[Rule], since: dt.date | None = None, symbol: str = "", why: int = 0
) -> list[Looked]:
    """What came of rules; one that cannot be evaluated says so and does not keep the others back.

    Args:
        session: The functions, on one state of the data, as of the session's date.
        rules: The rules.
        since: New are the sessions after this day; None: the as-of session alone.
        symbol: Whose returns are looked at where a rule names none.
        why: Explain the rules that fired, with so many rows of data; 0: do not.

    Raises:
        NoData: The day is not before the as-of session.
    """
    market = session.market()
    if since is not None and since >= market.asof:
        raise NoData(f"no session after {since} up to the as-of session {market.asof}; refresh, or give a later date")
    first = market.end - 1
    if since is not None:
        first = int(np.searchsorted(market.days, np.datetime64(since, "D"), side="right"))
    return with_room(lambda: [_looked(session, market, rule, first, symbol or SYMBOL, why) for rule in rules])


def _looked(session: Evaluator, market: Market, rule: Rule, first: int, symbol: str, why: int) -> Looked:
    if rule.fault:
        return Looked(rule, "error", rule.fault)
    try:
        return _evaluated(session, market, rule, first, rule.symbol or symbol, why)
    except RotationError as error:
        return Looked(rule, "error", error.message)


def _evaluated(session: Evaluator, market: Market, rule: Rule, first: int, symbol: str, why: int) -> Looked:
    followed = _followed(market, symbol, named=bool(rule.symbol))
    begin = max(0, first - HISTORY)
    answers, lacking, remarks = _answers(session, market, rule, begin)
    values, met = _compared(answers, rule.bounds)
    new = first - begin
    gaps = [place for place in lacking if place >= new]
    fired = new + np.flatnonzero(met[new:])
    if gaps and not len(fired):
        day = market.days[begin + gaps[0]]
        of = (
            f"{len(gaps)} of {len(values) - new} new sessions have no value, such as {day}: "
            if len(values) - new > 1
            else ""
        )
        raise BadArgument(f"{of}{lacking[gaps[0]]}")
    if gaps:
        remarks[f"{len(gaps)} of {len(values) - new} new sessions have no value"] = None
    if followed is None:
        remarks[f"the data hold no {symbol}, so that what followed is not told; name a symbol in the rule"] = None
    place = int(fired[-1]) if len(fired) else len(values) - 1
    run = _start(met, place) if len(fired) else len(values)
    starts = np.flatnonzero(met & ~np.append([True], met[:-1]))
    before = starts[starts < run] + begin
    known = np.isfinite(values[: place + 1])
    upto = values[: place + 1][known]
    day = market.days[begin + place].item()
    return Looked(
        *(rule, "fired" if len(fired) else "quiet", "", day, market.asof, answers[place], bool(met[-1])),
        since=market.days[begin + run].item() if len(fired) else None,
        earlier=bool(len(fired)) and run == 0,
        percentile=float(np.mean(upto <= values[place])) if rule.bounds and len(upto) else float("nan"),
        held=float(np.mean(met[: place + 1][known])) if len(upto) else float("nan"),
        sessions=len(upto),
        before=tuple(market.days[before].tolist()),
        symbol="" if followed is None else followed.name,
        study=events.study(followed.close, before, HORIZON) if followed is not None and len(before) else None,
        remarks=tuple(remarks),
        why=explain(session.at(day), rule.formula, why, _TURNS) if why and len(fired) else None,
    )


def _followed(market: Market, symbol: str, named: bool) -> Series | None:
    """Whose returns are looked at; None where the usual symbol is not among the data."""
    try:
        return market.series(symbol)
    except Elsewhere as error:
        raise BadArgument(f"{error}; name a symbol of {market.exchange.code} whose returns are to follow") from None
    except RotationError:
        if named:
            raise
        return None


def _answers(
    session: Evaluator, market: Market, rule: Rule, begin: int
) -> tuple[list[Cell], dict[int, str], dict[str, None]]:
    """The values from a row on, why some are lacking, and what is to be said of them."""
    asked = AnyFormula(rule.formula, session.names)
    rows = range(begin, market.end)
    answers: dict[int, Cell] = {}
    lacking: dict[int, str] = {}
    remarks: dict[str, None] = {}
    ahead = asked.together(session, market.days[begin : market.end - 1].tolist())
    for row in ends_first(rows):
        day = market.days[row].item()
        if day in ahead:
            answers[row] = ahead[day]
            continue
        at = session.at(day)
        value, why = asked_once(asked, at)
        if isinstance(value, list):
            raise BadArgument("its formula gives a table, and a rule compares one value; take one of it with INDEX")
        if why:
            lacking[row - begin] = why
        answers[row] = value
        if row == rows[-1]:
            remarks |= dict.fromkeys(at.remarks)
    return [answers[row] for row in rows], lacking, remarks


def _start(met: BoolArray, place: int) -> int:
    """The first session of the run that *place* lies in."""
    gaps = np.flatnonzero(~met[:place])
    return int(gaps[-1]) + 1 if len(gaps) else 0


def _compared(answers: Sequence[Cell], bounds: Sequence[Bound]) -> tuple[FloatArray, BoolArray]:
    """The values as numbers, NaN for none, and where they meet a bound.

    Raises:
        BadArgument: They are not of the kind that the rule compares.
    """
    there = [answer for answer in answers if not isinstance(answer, CellError)]
    for answer in there:
        if isinstance(answer, bool):
            if bounds:
                raise BadArgument("its formula gives TRUE or FALSE, which no threshold goes with")
        elif not isinstance(answer, int | float):
            raise BadArgument(f"its formula gives {str(answer)[:30]!r}, and a rule compares a number or TRUE and FALSE")
        elif not bounds:
            raise BadArgument("its formula gives a number, and the rule has no threshold; give an operator and one")
    values = np.array([np.nan if isinstance(answer, CellError) else float(answer) for answer in answers])  # type: ignore[arg-type]
    if not bounds:
        return values, values == 1.0
    met = np.zeros(len(values), bool)
    for bound in bounds:
        compare = ties.at_least if "=" in bound.op else ties.above
        limit = np.full(len(values), bound.threshold)
        met |= compare(values, limit) if bound.op.startswith(">") else compare(limit, values)
    return values, met & np.isfinite(values)
