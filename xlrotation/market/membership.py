"""Which members a text means, where nothing but a list of members is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import universes
from xlrotation.market.calendar import Exchange
from xlrotation.market.symbols import canonical, shown_text


def meant(
    text: str, brought: Mapping[str, tuple[str, ...]], home: Exchange, ticker_of: Callable[[str], str]
) -> str | tuple[str, tuple[str, ...]]:
    """The universe that *text* means; the name of a company means it alone, with its name and its one member.

    Args:
        text: As typed.
        brought: Lists that the source brings.
        home: Whose lists count, where exchanges differ.
        ticker_of: Gives the ticker that a text means.

    Raises:
        BadArgument: It is an index or a fund whose members the source does not bring.
        NoData: It is neither a universe nor a symbol, or an index or a fund that the source does not hold either.
    """
    name = universes.meant(text, brought, home)
    if name is not None:
        return name
    names = universes.names(brought)
    known = f"there are {', '.join(names)}"
    try:
        ticker = ticker_of(text)
    except NoData as unknown:
        if universes.is_index_or_fund(canonical(text)):
            raise NoData(_no_list(text, canonical(text), known)) from None
        why = unknown.told

        def told() -> str:
            from difflib import get_close_matches

            near = get_close_matches(text.strip().upper()[:40], names, n=3, cutoff=0.6)
            advice = f"did you mean {', '.join(near)}?; " if near else ""
            return f"no universe {shown_text(text)}; {advice}{known}; {why if isinstance(why, str) else why()}"

        raise NoData(told) from None
    if universes.is_index_or_fund(ticker):
        raise BadArgument(_no_list(text, ticker, known))
    return "the range", (ticker,)


def _no_list(text: str, ticker: str, known: str) -> str:
    return (
        f"{shown_text(text)} is {ticker}, an index or a fund, and the data do not bring its members; {known}; "
        "or give a range of symbols"
    )
