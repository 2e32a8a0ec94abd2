"""All providers of prices, by key. A further one is a module beside these and a line here."""

from __future__ import annotations

from xlrotation.errors import BadArgument
from xlrotation.market.providers.cboe import Cboe
from xlrotation.market.providers.protocol import Provider
from xlrotation.market.providers.stooq import Stooq
from xlrotation.market.providers.yahoo.bars import Yahoo

YAHOO: Provider = Yahoo()
PROVIDERS: tuple[Provider, ...] = (YAHOO, Cboe(), Stooq())

STAND_INS: tuple[Provider, ...] = (PROVIDERS[1],)
"""Who is asked, in this order, for what Yahoo has not: only sources of the same numbers, not of adjusted ones."""


def provider(key: str) -> Provider:
    """The provider of that key.

    Raises:
        BadArgument: There is none.
    """
    for found in PROVIDERS:
        if found.key == key.lower():
            return found
    raise BadArgument(f"no provider {key!r}; there are {', '.join(found.key for found in PROVIDERS)} and fred")


def named(name: str) -> Provider | None:
    """The provider that provenance names; None for one that is no longer, or never was, asked."""
    return next((found for found in PROVIDERS if found.name == name), None)
