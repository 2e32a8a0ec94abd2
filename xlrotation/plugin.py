"""What a plug-in declares with: functions, their families, universes and providers of its own.

A plug-in is a module that an entry point of the group ``xlrotation.functions`` names. It is imported when the functions
are first asked for::

    from xlrotation.plugin import AsOf, Symbol, Window, add_family, add_universe, default, worksheet_function

    add_family("DESK", "Our desk")
    add_universe("DESK_PAIRS", ("XLK", "XLU"))

    @worksheet_function(unit="return", example='=DESK_CARRY("XLK")')
    def DESK_CARRY(symbol: Symbol = default("XLK"), asof: AsOf = default(None)) -> float:
        \"\"\"Return of a symbol above that of cash.\"\"\"

A function's name is a family, an underscore and capitals. What clashes with what is there already is refused with the
whole plug-in; ``XLR_ERRORS()`` and the reports tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlrotation import languages
from xlrotation.errors import BadArgument, CellError, NoData, OutOfDomain
from xlrotation.functions.boundary import registry
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.parameters import (
    AsOf,
    Basis,
    Count,
    Day,
    Header,
    Here,
    Lang,
    Number,
    Positive,
    Sessions,
    Share,
    Symbol,
    Symbols,
    Tenor,
    Text,
    Universe,
    Vector,
    Window,
    Windows,
    default,
    required,
)
from xlrotation.functions.boundary.registry import SpecError, worksheet_function
from xlrotation.market import symbols, universes
from xlrotation.market.providers import registry as providers
from xlrotation.market.providers.daily_csv import DailyCsv
from xlrotation.market.providers.protocol import Provider, SeriesProvider

__all__ = [
    "AsOf",
    "BadArgument",
    "Basis",
    "CellError",
    "Count",
    "DailyCsv",
    "Day",
    "Header",
    "Here",
    "Lang",
    "NoData",
    "Number",
    "OutOfDomain",
    "Positive",
    "Provider",
    "SeriesProvider",
    "Sessions",
    "Share",
    "SpecError",
    "Symbol",
    "Symbols",
    "Table",
    "Tenor",
    "Text",
    "Universe",
    "Vector",
    "Window",
    "Windows",
    "add_family",
    "add_provider",
    "add_series_provider",
    "add_universe",
    "default",
    "required",
    "worksheet_function",
]

_FAMILY = re.compile(r"[A-Z]{2,4}")
_UNIVERSE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


def add_family(prefix: str, title: str) -> None:
    """Declare a family of functions.

    Args:
        prefix: Two to four capitals, before the first underscore of the functions' names.
        title: What lists and wizards call it.

    Raises:
        BadArgument: The prefix cannot be one, or is taken.
    """
    if not _FAMILY.fullmatch(prefix):
        raise BadArgument(f"{prefix!r} is no prefix of a family; give two to four capitals")
    if prefix in registry.FAMILIES:
        raise BadArgument(f"there is a family {prefix} already; choose another prefix")
    if not title.strip():
        raise BadArgument(f"the family {prefix} needs a title")
    registry.FAMILIES[prefix] = languages.Text(title)


def add_universe(name: str, members: Sequence[str]) -> None:
    """Declare a list of members, which formulas name as they name ``MAG7``.

    Args:
        name: Capitals, digits and underscores.
        members: Symbols.

    Raises:
        BadArgument: The name cannot be one or means something already, or a member is no symbol.
    """
    if not _UNIVERSE.fullmatch(name):
        raise BadArgument(f"{name!r} is no name of a universe; give capitals, digits and underscores")
    if universes.taken(name) or symbols.known(name):
        raise BadArgument(f"{name} means something already; choose another name for the universe")
    if isinstance(members, str) or not members or not all(isinstance(m, str) and m.strip() for m in members):
        raise BadArgument(f"the universe {name} needs members, each a symbol such as XLK")
    universes.BUILT_IN[name] = tuple(dict.fromkeys(symbols.canonical(member) for member in members))


def add_provider(provider: Provider) -> None:
    """Declare a provider of prices, which ``refresh --provider KEY`` asks.

    Args:
        provider: See :class:`Provider`.

    Raises:
        BadArgument: It lacks something, or its key is taken.
    """
    _check_provider(provider, ("key", "name", "adjusted", "as_traded", "symbols", "has", "advice", "fetch"))
    providers.ADDED[provider.key] = provider


def add_series_provider(provider: SeriesProvider) -> None:
    """Declare a provider of dated series.

    Args:
        provider: See :class:`SeriesProvider`.

    Raises:
        BadArgument: It lacks something, or its key is taken.
    """
    _check_provider(provider, ("key", "name", "series", "has", "fetch"))
    providers.ADDED_SERIES[provider.key] = provider


def _check_provider(provider: Provider | SeriesProvider, needed: Sequence[str]) -> None:
    if lacking := [name for name in needed if not hasattr(provider, name)]:
        raise BadArgument(f"the provider {type(provider).__name__} lacks {', '.join(lacking)}")
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", provider.key):
        raise BadArgument(f"{provider.key!r} is no key of a provider; give small letters and digits")
    if providers.taken(provider.key, provider.name):
        raise BadArgument(f"there is a provider {provider.key} ({provider.name}) already; choose another key and name")
