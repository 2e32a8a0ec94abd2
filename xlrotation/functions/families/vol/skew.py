"""VOL: the slope and bend of a smile, and the move that a volatility expects."""

from __future__ import annotations

import math
from typing import Annotated

from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import NumberKind
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Fallback,
    Header,
    Here,
    Lang,
    Rate,
    Symbol,
    Tenor,
    default,
)
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families.vol.chains import Request
from xlrotation.functions.families.vol.implied import implied_of, rate_or_none
from xlrotation.languages import Text

Wing = Annotated[
    float,
    NumberKind(minimum=0.05, maximum=0.45, help=Text("Delta of the two wings: 0.25 for 25 delta, 0.1 for 10 delta.")),
]


@worksheet_function(
    unit="table",
    example='=VOL_SKEW("NVDA","1M")',
    source="risk reversal and butterfly as quoted in currency options: Wystup, FX Options and Structured Products",
)
def VOL_SKEW(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenor: Tenor = default("1M"),
    delta: Wing = default(0.25),
    asof: AsOf = default(None),
    rate: Rate = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Slope and bend of the smile at a constant maturity: risk reversal, butterfly, and the volatilities they are of.

    Risk reversal = volatility of the call at that delta minus that of the put at minus it: below zero where protection
    against a fall costs more, as for an index. Butterfly = mean of the two minus that at 50 delta. Each volatility is
    VOL_IMPLIED with method ATM at its delta (the put's is that of the call at 1 - delta). An index of volatility knows
    no wings and never stands in: #N/A where the data hold no chain.
    """
    market = asof

    def at(where: float) -> float:
        return implied_of(here.tell, market, symbol, Request(tenor, "ATM", rate_or_none(rate), where, False))

    call, put, middle = at(delta), at(1.0 - delta), at(0.5)
    row: list[object] = [call - put, (call + put) / 2.0 - middle, call, put, middle]
    return Table(("risk_reversal", "butterfly", "call_wing", "put_wing", "at_the_money"), [row], header, lang)


@worksheet_function(
    unit="return",
    example='=VOL_EXPECTED_MOVE("NVDA","1M")',
    source="one standard deviation over calendar time: volatility x square root of days/365",
)
def VOL_EXPECTED_MOVE(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    horizon: Tenor = default("1M"),
    asof: AsOf = default(None),
    tenor: Tenor = default(None),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
) -> float:
    """The move that options expect up to a horizon, up or down, as a share of the price: one standard deviation.

    Volatility at the money (VOL_IMPLIED) x square root of horizon/365. About two moves of three stay within it if
    returns are normal. Multiply by the close for points. The volatility is that of the horizon; where no quotes are so
    near, such as for one day, say by tenor which one to read.

    Args:
        horizon: How far ahead: 1W, 1M, or a number of calendar days.
        tenor: Maturity of the volatility that is read, such as 1M. Blank: the horizon itself.
    """
    asked = Request(horizon if tenor is None else tenor, "ATM", rate_or_none(rate), 0.5, fallback)
    return implied_of(here.tell, asof, symbol, asked) * math.sqrt(horizon / 365.0)
