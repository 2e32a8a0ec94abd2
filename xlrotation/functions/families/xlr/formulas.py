"""XLR: any formula over time and over names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.functions.boundary.anyformula import (
    PLACE,
    Answers,
    AnyFormula,
    check_count,
    each_session,
    formula_text,
    of_symbol,
    with_room,
)
from xlrotation.functions.boundary.cells import Cell, Table, shown, with_dates
from xlrotation.functions.boundary.kinds import CountKind, NumberKind
from xlrotation.functions.boundary.operators import OperatorKind
from xlrotation.functions.boundary.parameters import AsOf, Dated, Header, Here, Lang, Text, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.languages import Text as Words
from xlrotation.measures import ties

Operator = Annotated[
    str | None,
    OperatorKind(help=Words("> >= < or <=. Blank: the formula itself gives TRUE or FALSE.")),
]
Threshold = Annotated[float | None, NumberKind()]
Most = Annotated[int | None, CountKind(minimum=1, maximum=10_000)]


@worksheet_function(unit="table", example='=XLR_SERIES("=PX_RET(""RUT"",""5D"")-PX_RET(""SPX"",""5D"")","1M")')
def XLR_SERIES(
    here: Here,
    formula: Text = default("=ROT_MECH_SCORE()"),
    window: Window = default("3M"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
    dates: Dated = default(True),
) -> Table:
    """The value of a worksheet formula as of every session of the window, oldest first: date and value.

    The formula is any that a cell may hold, native functions among it, without references to cells; as-of dates stay
    blank in it. Each value is what the cell would have shown with that session as its as-of date: it sees nothing
    later. A session without a value shows its error, and the first reason is told. A formula that has a date of its
    own, changes by the clock (TODAY, RAND), gives a table, or evaluates formulas itself is refused.

    Args:
        formula: A formula as text, quotes doubled: "=RS_STREAK(""RUT"",""SPX"")>=5".
    """
    session = here.session()
    asked = AnyFormula(formula, session.names)
    days = asof.days[windowed.first_row_of(asof, window) : asof.end]
    answers = Answers(here, "sessions")
    rows: list[list[object]] = [list(row) for row in each_session(asked, days.tolist(), session, answers).items()]
    if answers.none:
        raise NoData(f"{asked.text[:60]} has no value in {window}; the first reason: {answers.reason}")
    answers.tell()
    return with_dates(Table(("date", "value"), rows, header, lang), dates)


@worksheet_function(unit="table", example='=XLR_SCREEN("SECTORS","=PX_RET({},""20D"")",">",0,3)')
def XLR_SCREEN(
    here: Here,
    universe: Universe = default("SECTORS"),
    formula: Text = default("=PX_RET({},20)"),
    op: Operator = default(None),
    threshold: Threshold = default(None),
    n: Most = default(None),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Members of a universe for which a formula holds: symbol, name and value; {} stands for the symbol.

    With an operator the formula gives a number, and members are sorted from the one that exceeds the threshold most;
    without one it gives TRUE or FALSE, and they keep the order of the universe, or, where it gives numbers, all are
    listed, the highest first. Each value is that of the single cell with the symbol in it. Members without a value are
    left out, which is told with the first reason.

    Args:
        formula: A formula as text with {} for the symbol, quotes doubled: "=RS_STREAK({},""SPX"")>=5".
        threshold: What the value is compared with. Blank: 0.
        n: At most so many members. Blank: all.
    """
    formula = formula_text(formula)
    if PLACE not in formula:
        raise BadArgument("the formula has no braces for the symbol; write =PX_RET({},20)")
    if op is None and threshold is not None:
        raise BadArgument("a threshold without an operator; give one of > >= < <=")
    check_count(len(universe.tickers), "symbols")
    session = here.session().at(asof.asof)
    answers = Answers(here, "members")

    first = AnyFormula(of_symbol(formula, universe.tickers[0]), session.names)

    def value_of(ticker: str) -> Cell:
        return answers.of(AnyFormula(of_symbol(formula, ticker), session.names, first.work), session, ticker)

    values = with_room(lambda: [(ticker, value_of(ticker)) for ticker in universe.tickers])
    found = [(ticker, value) for ticker, value in values if not isinstance(value, CellError)]
    if answers.none:
        raise NoData(f"{formula[:60]} has no value for any member; the first reason: {answers.reason}")
    answers.tell()
    rows = [[ticker, asof.name(ticker, lang), value] for ticker, value in _holding(found, op, threshold or 0.0)]
    if not rows:
        raise NoData(f"{formula[:60]} holds for none of the {len(found)} members that have a value")
    return Table(("symbol", "name", "value"), rows[:n], header, lang)


def _holding(found: Sequence[tuple[str, Cell]], op: str | None, threshold: float) -> Sequence[tuple[str, Cell]]:
    """The members for which it holds, in the order that they are shown."""
    truths = [isinstance(value, bool) for _, value in found]
    if all(truths) and op is None:
        return [(ticker, value) for ticker, value in found if value is True]
    for ticker, value in found:
        if isinstance(value, bool) and op is None:
            raise BadArgument(f"the formula gives {shown(value)} for {ticker} and numbers for others; compare them all")
        if isinstance(value, bool) or not isinstance(value, int | float):
            wanted = "a number, which an operator compares" if op else "TRUE or FALSE, or a number, for each member"
            raise BadArgument(f"the formula gives {shown(value)} for {ticker}, and a screen needs {wanted}")
    numbers = np.array([float(value) for _, value in found])  # type: ignore[arg-type]
    up = op is None or op.startswith(">")
    order = ties.order(-numbers if up else numbers).tolist()
    if op is None:
        return [found[place] for place in order]
    compare = ties.at_least if "=" in op else ties.above
    holds = compare(numbers, threshold) if up else compare(threshold, numbers)
    return [found[place] for place in order if holds[place]]
