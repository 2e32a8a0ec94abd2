"""All providers, of prices and of series, by key. A further one is a module beside these and a line here."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.errors import BadArgument
from xlrotation.market.providers.cboe import Cboe
from xlrotation.market.providers.fred import Fred
from xlrotation.market.providers.protocol import Provider, SeriesProvider
from xlrotation.market.providers.stooq import Stooq
from xlrotation.market.providers.yahoo.bars import Yahoo

YAHOO: Provider = Yahoo()
PROVIDERS: tuple[Provider, ...] = (YAHOO, Cboe(), Stooq())

FRED: SeriesProvider = Fred()
SERIES: tuple[SeriesProvider, ...] = (FRED,)

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
    raise _none(key, PROVIDERS if of_series(key) else (*PROVIDERS, *SERIES), "of prices" if of_series(key) else "")


def series_provider(key: str) -> SeriesProvider:
    """The provider of series of that key.

    Raises:
        BadArgument: There is none.
    """
    for found in SERIES:
        if found.key == key.lower():
            return found
    raise _none(key, SERIES, "of series")


def of_series(key: str | None) -> bool:
    """Whether a provider of series has that key."""
    return key is not None and any(found.key == key.lower() for found in SERIES)


def _none(key: str, known: Sequence[Provider | SeriesProvider], kind: str) -> BadArgument:
    keys = [found.key for found in known]
    listed = " and ".join(filter(None, (", ".join(keys[:-1]), keys[-1])))
    return BadArgument(f"no provider {kind}{' ' if kind else ''}{key!r}; there are {listed}")


def named(name: str) -> Provider | None:
    """The provider that provenance names; None for one that is no longer, or never was, asked."""
    return next((found for found in PROVIDERS if found.name == name), None)
