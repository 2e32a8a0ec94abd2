"""All providers, of prices and of series, by key. A further one is a module beside these and a line here."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.entrypoints import PLUGINS
from xlrotation.errors import BadArgument
from xlrotation.market.providers.alfred import Alfred
from xlrotation.market.providers.cboe import Cboe
from xlrotation.market.providers.cftc import Cftc
from xlrotation.market.providers.fred import Fred
from xlrotation.market.providers.protocol import Provider, SeriesProvider
from xlrotation.market.providers.stooq import Stooq
from xlrotation.market.providers.yahoo.bars import Yahoo

YAHOO: Provider = Yahoo()
PROVIDERS: tuple[Provider, ...] = (YAHOO, Cboe(), Stooq())

FRED: SeriesProvider = Fred()
SERIES: tuple[SeriesProvider, ...] = (FRED, Alfred(), Cftc())

ADDED: dict[str, Provider] = {}
ADDED_SERIES: dict[str, SeriesProvider] = {}
"""Those of plug-ins, by key."""

PLUGINS.hold(ADDED)
PLUGINS.hold(ADDED_SERIES)

STAND_INS: tuple[Provider, ...] = (PROVIDERS[1],)
"""Who is asked, in this order, for what Yahoo has not: only sources of the same numbers, not of adjusted ones."""


def prices() -> tuple[Provider, ...]:
    """All providers of prices, those of plug-ins last."""
    PLUGINS.load()
    return (*PROVIDERS, *ADDED.values())


def series() -> tuple[SeriesProvider, ...]:
    """All providers of series, those of plug-ins last."""
    PLUGINS.load()
    return (*SERIES, *ADDED_SERIES.values())


def taken(key: str, name: str) -> bool:
    """Whether a provider has that key or name."""
    every: list[Provider | SeriesProvider] = [*PROVIDERS, *SERIES, *ADDED.values(), *ADDED_SERIES.values()]
    return any(found.key == key or found.name == name for found in every)


def provider(key: str) -> Provider:
    """The provider of that key.

    Raises:
        BadArgument: There is none.
    """
    for found in prices():
        if found.key == key.lower():
            return found
    raise _none(key, prices() if of_series(key) else (*prices(), *series()), "of prices" if of_series(key) else "")


def series_provider(key: str) -> SeriesProvider:
    """The provider of series of that key.

    Raises:
        BadArgument: There is none.
    """
    for found in series():
        if found.key == key.lower():
            return found
    raise _none(key, series(), "of series")


def of_series(key: str | None) -> bool:
    """Whether a provider of series has that key."""
    return key is not None and any(found.key == key.lower() for found in series())


def _none(key: str, known: Sequence[Provider | SeriesProvider], kind: str) -> BadArgument:
    keys = [found.key for found in known]
    listed = " and ".join(filter(None, (", ".join(keys[:-1]), keys[-1])))
    return BadArgument(f"no provider {kind}{' ' if kind else ''}{key!r}; there are {listed}")


def named(name: str) -> Provider | None:
    """The provider that provenance names; None for one that is no longer, or never was, asked."""
    return next((found for found in prices() if found.name == name), None)
