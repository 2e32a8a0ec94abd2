"""VAL: valuation, on the numbers in your own cells and, for VAL_FWD_PE, from the source."""

from __future__ import annotations

import numpy as np

from xlrotation.errors import BadArgument, DividedByZero, NoData, OutOfDomain
from xlrotation.functions.boundary.parameters import AsOf, Number, Symbol, default, required
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import units
from xlrotation.functions.families.windowed import growth


@worksheet_function(unit="ratio", example="=VAL_PE(6940.01,288)")
def VAL_PE(price: Number = required(), eps: Number = required()) -> float:
    """Price over earnings per share.

    #DIV/0! where the earnings are zero, #NUM! where they are negative: a multiple of a loss means nothing.

    Args:
        price: Price, or level of an index.
        eps: Earnings per share, on the same scale.
    """
    if eps == 0.0:
        raise DividedByZero("earnings of zero have no multiple")
    if eps < 0.0:
        raise OutOfDomain(f"a multiple of a loss ({eps:g}) means nothing; leave loss makers out")
    units.positive(price, "price", "price")
    return price / eps


@worksheet_function(unit="price", example="=VAL_LEVEL(288,22)")
def VAL_LEVEL(eps: Number = required(), pe: Number = required()) -> float:
    """Index level that earnings and a multiple imply: their product.

    Args:
        eps: Earnings per share of the index.
        pe: Price over earnings.
    """
    return units.positive(eps, "eps", "level of earnings") * units.positive(pe, "pe", "multiple")


@worksheet_function(unit="return", example="=VAL_DISCOUNT(15.18,22)")
def VAL_DISCOUNT(a: Number = required(), b: Number = required()) -> float:
    """How far the multiple of a lies below that of b: 1 - a / b (0.31 is 31 % below).

    Args:
        a: The multiple that is compared, of small caps for instance.
        b: The multiple that it is compared with.
    """
    for value, name in ((a, "a"), (b, "b")):
        units.positive(value, name, "multiple")
    return -growth(b, a)


@worksheet_function(unit="return", example="=VAL_GROWTH_GAP(0.19,0.12)")
def VAL_GROWTH_GAP(a: Number = required(), b: Number = required()) -> float:
    """Growth of a minus growth of b.

    Args:
        a: Growth, 0.19 for 19 %.
        b: Growth that it is compared with.
    """
    return units.growth(a, "a") - units.growth(b, "b")


@worksheet_function(unit="return", example="=VAL_COMPRESSION(22,20,0.12)")
def VAL_COMPRESSION(pe_from: Number = required(), pe_to: Number = required(), eps_growth: Number = required()) -> float:
    """Price effect of a change in the multiple together with growth of earnings.

    (1 + growth of earnings) x (new multiple / old multiple) - 1.

    Args:
        pe_from: The multiple now.
        pe_to: The multiple then.
        eps_growth: Growth of earnings until then, 0.12 for 12 %.
    """
    for value, name in ((pe_from, "pe_from"), (pe_to, "pe_to")):
        units.positive(value, name, "multiple")
    if units.growth(eps_growth, "eps_growth") < -1.0:
        raise OutOfDomain(f"eps_growth {eps_growth:g} turns earnings into losses, which have no multiple")
    return (1.0 + eps_growth) * (1.0 + growth(pe_from, pe_to)) - 1.0


@worksheet_function(unit="share", example="=VAL_GUIDANCE(57,107)")
def VAL_GUIDANCE(negative: Number = required(), total: Number = required()) -> float:
    """Share of companies whose guidance is negative.

    Args:
        negative: Companies with negative guidance.
        total: Companies with guidance, negative and positive.
    """
    if total == 0.0:
        raise DividedByZero("no company with guidance")
    if not 0.0 <= negative <= total:
        raise BadArgument(f"{negative:g} of {total:g} companies; give counts, the total last")
    return negative / total


_KNOWN_FOR = 10


@worksheet_function(unit="ratio", example='=VAL_FWD_PE("SPX")')
def VAL_FWD_PE(symbol: Symbol = default("^GSPC"), asof: AsOf = default(None)) -> float:
    """Forward price-earnings ratio as the source states it: price over the earnings expected for the next 12 months.

    Who estimates the earnings, and whether losses count, is the source's choice. The last value stated counts for ten
    sessions; after that #N/A.
    """
    stated = symbol.field("forward_pe")[-_KNOWN_FOR:]
    known = stated[np.isfinite(stated)]
    if len(known) == 0:
        raise NoData(f"no forward P/E of {symbol.name} in the last {_KNOWN_FOR} sessions; refresh with --options")
    return float(known[-1])
