"""Where the symbols of a source trade, and what its home exchange is.

A source may say so in a file ``xlrotation.toml`` beside its data::

    exchange = "XETR"     # where symbols without a suffix trade; New York where nothing is said
    home = "XETR"         # by whose closing bell an as-of date is meant
    [symbols]
    SAP = "XETR"          # where single symbols trade

The home exchange can also be chosen for a whole process, by ``--exchange`` or ``XLROTATION_EXCHANGE``, which counts
more than the file. Where nobody chooses it is the exchange of the symbols, if they all share one, else New York.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path

from xlrotation.errors import NoData, RotationError
from xlrotation.files import read_regular
from xlrotation.market.calendar import XNYS, Exchange, exchange_of, find_exchange

SETTINGS = "xlrotation.toml"
VARIABLE = "XLROTATION_EXCHANGE"

_OF_WORK: ContextVar[str | None] = ContextVar("home exchange of a piece of work", default=None)


@dataclass(frozen=True, slots=True)
class Listing:
    """Where symbols trade.

    Attributes:
        default: The exchange of symbols whose suffix says none; None means New York.
        by_symbol: The exchange of single symbols, whatever their suffix; in capitals, classes of shares with a dot or
            a dash.
        home: The home exchange; None where nobody chose one.
    """

    default: Exchange | None = None
    by_symbol: Mapping[str, Exchange] = field(default_factory=dict)
    home: Exchange | None = None

    def of(self, symbol: str) -> Exchange:
        """The exchange on whose sessions *symbol* lives."""
        if self.by_symbol:
            named = symbol.upper()
            found = self.by_symbol.get(named) or self.by_symbol.get(named.replace("-", "."))
            if found is not None:
                return found
        return exchange_of(symbol, self.default or XNYS)

    def strangers(self, symbols: Collection[str], settings: str = SETTINGS) -> list[str]:
        """What the settings say of symbols that are none of *symbols*: a name that is mistyped must not pass unseen.

        Args:
            symbols: Those that the data hold.
            settings: The file that says it, for the message.
        """
        held = {symbol.upper() for symbol in symbols}
        lost = [name for name in self.by_symbol if name not in held | {one.replace("-", ".") for one in held}]
        return [f"{settings} names {', '.join(lost)}, which the data do not hold"] if lost else []

    def all_of(self, symbols: Iterable[str]) -> tuple[Exchange, ...]:
        """The exchanges of *symbols*, each once."""
        return tuple(dict.fromkeys(map(self.of, symbols)))

    def home_of(self, symbols: Iterable[str]) -> Exchange:
        """The home exchange of a source that holds *symbols*."""
        if found := self.home or self.default:
            return found
        exchanges = self.all_of(symbols)
        return exchanges[0] if len(exchanges) == 1 else XNYS


def read_listing(folder: Path) -> Listing:
    """What the settings in *folder*, and the environment, say.

    Raises:
        NoData: The settings cannot be read; the message says what is wrong.
    """
    try:
        found = _from_file(folder / SETTINGS)
    except RotationError as error:
        raise NoData(f"{folder / SETTINGS}: {error.message}") from None
    return chosen(found)


def chosen(listing: Listing) -> Listing:
    """*listing* with the home exchange that the environment chooses, if it does.

    Raises:
        BadArgument: There is no such exchange.
    """
    wanted = chosen_home()
    return replace(listing, home=find_exchange(wanted)) if wanted else listing


def chosen_home() -> str:
    """What the work at hand, else the environment, chooses as the home exchange; empty where nobody does."""
    found = _OF_WORK.get()
    return os.environ.get(VARIABLE, "").strip() if found is None else found


@contextlib.contextmanager
def home_of_work(text: str | None) -> Iterator[None]:
    """Make what :func:`chosen_home` gave elsewhere the choice of this thread for a while; None changes nothing."""
    before = _OF_WORK.set(_OF_WORK.get() if text is None else text)
    try:
        yield
    finally:
        _OF_WORK.reset(before)


@contextlib.contextmanager
def home_of_process(text: str | None) -> Iterator[None]:
    """Make the exchange that *text* names the home exchange of this process, and of those that it starts, for a while.

    Args:
        text: An exchange; None leaves it to the environment.

    Raises:
        BadArgument: There is no such exchange.
    """
    if text is None:
        yield
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = find_exchange(text).code
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


_LARGEST = 1_000_000
"""Bytes of a file of settings; ten thousand symbols take a fifth of it."""


def _from_file(path: Path) -> Listing:
    from xlrotation import tomltext

    try:
        stored = tomltext.read(read_regular(path, _LARGEST).decode("utf-8"))
    except FileNotFoundError:
        return Listing()
    except (OSError, ValueError) as error:
        raise NoData(f"cannot be read ({error})") from None
    return listing_of(stored)


def listing_of(stored: Mapping[str, object]) -> Listing:
    """What a table of settings says of exchanges.

    Raises:
        RotationError: It says something else, or names no exchange.
    """
    if unknown := stored.keys() - {"exchange", "home", "symbols"}:
        raise NoData(f"has {min(unknown)!r}; there are exchange, home and symbols")
    symbols = stored.get("symbols", {})
    if not isinstance(symbols, dict):
        raise NoData("symbols is no table of symbols and exchanges")
    home, default = (_named(stored.get(key), key) for key in ("home", "exchange"))
    by_symbol: dict[str, Exchange] = {}
    written: dict[str, tuple[str, Exchange]] = {}
    for symbol, code in symbols.items():
        found = _named(code, symbol)
        if found is None:
            continue
        name = symbol.strip().upper()
        other, before = written.setdefault(name.replace("-", "."), (symbol, found))
        if before != found:
            raise NoData(
                f"puts {other} on {before.code} and {symbol} on {found.code}, which is one symbol; leave one out"
            )
        by_symbol[name] = found
    return Listing(default, by_symbol, home)


def _named(code: object, key: str) -> Exchange | None:
    if code is None:
        return None
    if isinstance(code, dict):
        raise NoData(
            f'{key} is a table; write a symbol that has a dot in quotes, such as "{key}.{next(iter(code), "B")}"'
        )
    if not isinstance(code, str):
        raise NoData(f"{key} is {code!r}, and must be the code of an exchange such as XETR")
    return find_exchange(code)
