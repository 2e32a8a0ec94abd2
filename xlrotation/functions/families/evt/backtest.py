"""EVT: what holding a symbol while a formula is true would have given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, CellError, NoData, OutOfDomain
from xlrotation.functions.boundary.anyformula import Answers, AnyFormula, each_session
from xlrotation.functions.boundary.cells import Cell, Table, shown
from xlrotation.functions.boundary.kinds import CountKind, NumberKind
from xlrotation.functions.boundary.parameters import AsOf, Basis, Header, Here, Lang, Symbol, Text, Window, default
from xlrotation.functions.boundary.reading import spells_number
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.families import units, windowed
from xlrotation.functions.families.evt import telling
from xlrotation.languages import Text as Words
from xlrotation.market import quarantine, windows
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray
from xlrotation.measures import backtests

_LEAST_RATE, _MOST_RATE = -0.1, 0.5
"""Rates beyond which cash is given in percent."""

_LEAST_COST = 0.01
"""Basis points below which a cost is a share."""

_MOST_MISSING = 0.1
"""Share of the decisions that may lack a value of the formula."""


class CashKind(NumberKind):
    """A rate per year, or a symbol that is held as cash."""

    takes = "rate or symbol"

    def read(self, cell: Cell, scope: Scope) -> float | Series:  # type: ignore[override]
        if isinstance(cell, str) and not spells_number(cell):
            if cell.strip().endswith(("%", "\uff05")):
                raise BadArgument(f"cash {shown(cell)} is a text; give a number such as 0.04 for 4 %")
            return scope.market.series(cell)
        rate = units.rate(super().read(cell, scope), "cash")
        if not _LEAST_RATE <= rate <= _MOST_RATE:
            raise BadArgument(f"cash {rate:g} is a rate of {rate:.0%}; did you mean {rate / 100.0:g}?")
        return rate


Cash = Annotated[
    float | Series,
    CashKind(
        help=Words(
            "What is held while the formula is false: a rate per year, 0.04 for 4 %; a fund, its dividends reinvested; "
            "or ^IRX, the yield of the 13-week bill at the close before. Default 0: nothing is earned."
        )
    ),
]
Lag = Annotated[
    int,
    CountKind(
        minimum=1,
        maximum=252,
        help=Words("Sessions from the close that decides to the close that trades. Default 1: the next one."),
    ),
]
Cost = Annotated[
    float,
    NumberKind(
        minimum=0.0,
        maximum=1000.0,
        help=Words("What a purchase or a sale costs, in basis points of the value traded. Default 5."),
    ),
]
Trials = Annotated[
    int,
    CountKind(
        minimum=1,
        maximum=1_000_000,
        help=Words("How many formulas, thresholds and symbols were tried before this one, it included. Default 1."),
    ),
]


@worksheet_function(
    unit="table",
    example='=EVT_BACKTEST("=PX_VS_MA(""SPX"",50)>0","SPX",0.04,1,5,"1Y")',
    source=(
        "Lo (2002), The Statistics of Sharpe Ratios, with Newey and West's weights; Bailey and Lopez de Prado (2012), "
        "The Sharpe Ratio Efficient Frontier, and (2014), The Deflated Sharpe Ratio"
    ),
)
def EVT_BACKTEST(
    here: Here,
    formula: Text = default("=PX_VS_MA()>0"),
    symbol: Symbol = default("^GSPC"),
    cash: Cash = default(0),
    lag: Lag = default(1),
    cost_bp: Cost = default(5),
    window: Window = default("3Y"),
    asof: AsOf = default(None),
    trials: Trials = default(1),
    header: Header = default(True),
    lang: Lang = default(None),
    basis: Basis = default("price"),
) -> Table:
    """What holding a symbol while a formula is true would have given, beside holding it all the time, and how sure.

    The formula is asked as of each session, as XLR_SERIES asks it, and sees nothing later. It gives TRUE or FALSE (or 1
    and 0, which a blank is); anything else is refused. The close after it (lag) trades; its cost lowers the return that
    follows. What is held at the end is valued at its last close. The test begins where the formula has its first value.
    Where it has none later, the position stays as it is, which is told; with more than a tenth of them missing there is
    no test. Sessions without a close of the symbol are left out.

    Return; return per year from a year on; volatility; Sharpe ratio of the returns above cash and its standard error
    for autocorrelated returns that need not be normal; the probability that the true ratio is above 0, and that with
    the best of so many trials; sessions needed for 95 %; drawdown; exposure; turnover, 1 for a purchase or a sale;
    periods held and the share of them that gained; and whether the sessions held were better than the others. #N/A
    where there is too little to say. The last rows say what the test does not know.

    Args:
        formula: A formula as text, quotes doubled: "=PX_VS_MA(""SPX"",200)>0".
        symbol: What is held while the formula is true.
    """
    if symbol.market is None:
        raise BadArgument("a column of numbers has no dates to hold it at; give a symbol")
    cost = _share_of(cost_bp)
    if (kind := quarantine.kind(symbol.name)) in ("yield", "spread"):
        raise BadArgument(f"{symbol.name} is a {kind}, which nobody can hold; give a fund such as IEF")
    session = here.session()
    asked = AnyFormula(formula, session.names)
    windowed.tell_if_shorter(here, symbol, window)
    closes = symbol.path(basis)
    base = max(_base(asof, symbol, window), lag)
    days = asof.days[base - lag : max(asof.end - 1 - lag, 0)].tolist()
    if not days:
        raise NoData(f"{window} leaves no session to hold {symbol.name} over; widen the window")
    answers = Answers(here, "sessions")
    values = each_session(asked, days, session, answers)
    if answers.none:
        raise NoData(f"{asked.text[:60]} has no value in {window}; the first reason: {answers.reason}")
    decided, missing = _decisions(asked, values, answers)
    answers.tell()
    base += len(values) - len(decided)
    earned = _cash_growth(cash, asof)
    rows = np.arange(base, asof.end)
    known = np.isfinite(closes[rows]) & np.isfinite(earned[rows])
    rows, positions = rows[known], decided[known[:-1]][: int(known.sum()) - 1]
    if len(rows) < 3:
        raise NoData(f"{symbol.name} and what is held else have {len(rows)} closes in {window}, and 3 are needed")
    for name, values_of in ((symbol.name, closes), ("what is held else", earned)):
        if (values_of[rows] <= 0.0).any():
            raise OutOfDomain(f"a close of {name} is not above zero, and a return on it means nothing")
    if gaps := int((~known).sum()):
        here.tell(f"{gaps} sessions without a close of {symbol.name} or of what is held else are left out")
    found = backtests.path(closes[rows], positions, backtests.moves(earned[rows]), cost)
    if not (np.isfinite(found.moves) & np.isfinite(found.cash)).all():
        raise OutOfDomain(f"{symbol.name} or what is held else moves by more than a number can say")
    test = telling.Test(
        found,
        (asof.days[rows[0]].item(), asof.days[rows[-1]].item()),
        backtests.path(closes[rows], np.ones_like(positions), found.cash, cost),
        len(values) - len(decided),
        gaps,
    )
    unknown = telling.unknown(
        symbol.name, kind, basis, cash == 0.0, missing, any(c.name == "MAC_SERIES" for c in asked.calls)
    )
    return Table(
        ("item", "strategy", "holding", "note"), telling.rows(test, trials, cost_bp, unknown, lang), header, lang
    )


def _share_of(cost_bp: float) -> float:
    if 0.0 < cost_bp < _LEAST_COST:
        raise BadArgument(f"cost_bp {cost_bp:g} are basis points; did you mean {1e4 * cost_bp:g}?")
    return cost_bp / 1e4


def _base(market: Market, symbol: Series, window: windows.Window) -> int:
    """The row of the close at which a test over *window* begins, no earlier than the symbol's first one."""
    known = np.flatnonzero(np.isfinite(symbol.close))
    first = int(known[0]) if len(known) else 0
    return first if window.unit is windows.Unit.EVERYTHING else max(first, market.base_row(window))


def _decisions(
    asked: AnyFormula, values: Mapping[dt.date, Cell], answers: Answers
) -> tuple[npt.NDArray[np.bool_], int]:
    """What each session decides, from the first one with a value on, and how many of them lack one.

    Raises:
        BadArgument: A value is neither TRUE nor FALSE.
        NoData: Too many are missing.
    """
    decided: list[bool] = []
    missing = 0
    for day, value in values.items():
        if isinstance(value, CellError):
            missing += len(decided) > 0
            decided += decided[-1:]
        elif isinstance(value, bool | int | float) and value in (0, 1):
            decided.append(bool(value))
        else:
            raise BadArgument(
                f"{asked.text[:60]} gives {shown(value)} on {day}, and a backtest needs TRUE or FALSE; compare it, as "
                "in =(...)>0"
            )
    if missing > _MOST_MISSING * len(decided):
        raise NoData(
            f"{asked.text[:60]} has no value on {missing} of {len(decided)} sessions, such as {answers.reason}; "
            "say with IFERROR what holds then"
        )
    return np.array(decided), missing


def _cash_growth(cash: float | Series, market: Market) -> FloatArray:
    """What 1 of cash has become at each session; a gap where a fund has no close."""
    if not isinstance(cash, Series):
        grown: FloatArray = (1.0 + cash) ** (np.arange(market.end) / backtests.YEAR)
        return grown
    if (kind := quarantine.kind(cash.name)) in ("spread", "volatility index", "floored index"):
        raise BadArgument(f"{cash.name} is a {kind}, which nobody can hold as cash; give a rate or a fund")
    if kind != "yield":
        return cash.path("total")
    yields = cash.close / 100.0
    known = np.flatnonzero(np.isfinite(yields))
    if len(known) == 0:
        return yields
    place = np.searchsorted(known, np.arange(len(yields)), side="right") - 1
    earned = np.where(place >= 0, (1.0 + yields[known[place]]) ** (1.0 / backtests.YEAR), 1.0)
    growth = np.concatenate([[1.0], np.cumprod(earned[:-1])])
    return np.where(place >= 0, growth, np.nan)  # before its first yield nothing is known of it
