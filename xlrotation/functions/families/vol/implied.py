"""VOL: implied volatility out of option chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from xlrotation.errors import NoData
from xlrotation.functions.boundary.kinds import ChoiceKind, NumberKind
from xlrotation.functions.boundary.parameters import AsOf, Fallback, Here, Rate, Rule, Symbol, Tenor, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families.vol import chains as optionvol
from xlrotation.functions.families.vol.chains import Request
from xlrotation.functions.families.vol.realised import VOL_REALIZED
from xlrotation.languages import Text
from xlrotation.market import windows
from xlrotation.market.market import Market, Series
from xlrotation.measures import volatility

OptionMethod = Annotated[
    str,
    ChoiceKind(
        *("ATM", "MODELFREE"),
        help=Text("ATM (50 delta) or MODELFREE (all strikes, as a constituent of DSPX)."),
    ),
]
Delta = Annotated[
    float,
    NumberKind(
        minimum=0.05,
        maximum=0.95,
        help=Text("Delta of the call that ATM is read at: 0.5 at the money, 0.25 above, 0.75 below it."),
    ),
]
_SOURCE = (
    "50 delta, linear in total variance (Cboe leaves the details open); MODELFREE: DSPX methodology of November 2024"
)


@worksheet_function(unit="return", example='=VOL_IMPLIED("NVDA","1M")', source=_SOURCE)
def VOL_IMPLIED(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    method: OptionMethod = default("ATM"),
    rate: Rate = default(None),
    delta: Delta = default(0.5),
    fallback: Fallback = default(None),
    rule: Rule = default(None),
) -> float:
    """Implied volatility at a constant maturity, per year, from the option chain of the as-of session.

    ATM: within an expiry the volatilities of call and put at 50 delta, linear in delta, and their mean; between the two
    expiries around the maturity linear in total variance. The forward comes from put-call parity at the strike where
    call and put are closest, so it holds the dividends. Quotes without a bid, crossed ones, options that have not
    traded for 90 days or since the last split, and of quotes that contradict each other those whose option traded
    longer ago do not count. Options on stocks are American and are read as European ones, which matters little at the
    money.

    MODELFREE interpolates the variances of two expiries: of an index the closest ones on both sides of the maturity and
    within a week of it, as the VIX does (where there are none, and for a stock, standard monthly ones, as DSPX does).

    Where the data hold no chain of the symbol at all, a volatility index of it stands in (SPX: VIX9D, VIX, VIX3M,
    VIX6M; NDX, RUT, gold and silver: their 30-day index), which is model-free; XLR_ERRORS and the command line tell so.
    Where they hold chains but none that gives the maturity the answer is #N/A, unless fallback is TRUE.
    """
    return implied_of(here.tell, asof, symbol, Request(tenor, method, rate_or_none(rate), delta, fallback, rule))


@worksheet_function(unit="return", example='=VOL_PREMIUM("SPX","1M")')
def VOL_PREMIUM(
    here: Here,
    symbol: Symbol = default("^GSPC"),
    tenor: Tenor = default("1M"),
    asof: AsOf = default(None),
    method: OptionMethod = default("ATM"),
    rate: Rate = default(None),
    fallback: Fallback = default(None),
    rule: Rule = default(None),
) -> float:
    """Implied minus realised volatility: VOL_IMPLIED less the close-to-close volatility of the time just passed.

    As many sessions back as the tenor has (21 for 1M).
    """
    implied = implied_of(
        here.tell, asof, symbol, Request(tenor, method, rate_or_none(rate), fallback=fallback, rule=rule)
    )
    window = windows.sessions(optionvol.sessions_in(tenor))
    return implied - VOL_REALIZED(here, symbol, window, asof, "CC", volatility.RISKMETRICS)


def implied_of(tell: Callable[[str], None], market: Market, symbol: Series, asked: Request) -> float:
    """The volatility asked for, of a symbol alone.

    Raises:
        NoData: A column of numbers is given, or no chain gives it.
    """
    return optionvol.implied_volatility(market, optionable(symbol), asked, tell)


def optionable(symbol: Series) -> str:
    """The symbol whose options are asked for.

    Raises:
        NoData: A column of numbers is given.
    """
    if symbol.market is None:
        raise NoData("a column of numbers has no options; give a symbol")
    return symbol.name


def rate_or_none(rate: float | None) -> float:
    """A rate as a request takes it."""
    return optionvol.NO_RATE if rate is None else rate
