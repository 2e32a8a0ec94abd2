"""UNI: winners and losers."""

from __future__ import annotations

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import AsOf, Count, Header, Here, Lang, Universe, Window, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.families import windowed
from xlrotation.functions.families.uni import attribution


@worksheet_function(
    unit="table",
    example='=UNI_MOVERS("SP50",3,"1D")',
    source="definition; contribution as in ROT_CONTRIB: weight at the beginning of the window times return",
)
def UNI_MOVERS(
    here: Here,
    universe: Universe = default("SP50"),
    n: Count = default(5),
    window: Window = default("1D"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """The n members with the highest and the n with the lowest return, with what each adds to the universe's return.

    The rank is that among all members with a return; of fewer than 2 n each stands once. Members are those of the as-of
    date. A contribution is the weight at the window's beginning times the return; where no weight of a member is known,
    weight and contribution show #N/A, and where none is known of any, that is told.

    Args:
        n: Winners, and losers.
    """
    ranked = list(enumerate(windowed.ranked(windowed.known_returns(asof, universe, window)), 1))
    chosen = ranked if len(ranked) <= 2 * n else [*ranked[:n], *ranked[-n:]]
    try:
        found = attribution.contributions(here, asof, universe, window)
    except NoData as error:
        here.tell(f"UNI_MOVERS: no contributions: {error.message}")
        found = None
    rows: list[list[object]] = []
    for rank, (ticker, change) in chosen:
        weight, value = (float("nan"), float("nan")) if found is None else found.at(ticker)
        rows.append([rank, asof.name(ticker, lang), ticker, change, weight, value])
    return Table(("rank", "name", "symbol", "return", "weight", "contribution"), rows, header, lang)
