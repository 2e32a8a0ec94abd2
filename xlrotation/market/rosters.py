"""Who the members of a universe are at a date: of lists with terms, by sector, and of lists added and taken away.

=======================  ==============================================================
``SP500:Technology``     the members of a list that belong to a sector
``SP500-MAG7``           the members of the first that are not members of the second
``MAG7+NFLX``            the members of both, each once; a company counts as itself
=======================  ==============================================================

Terms are read from left to right. A name that a source or the library has is that list, whatever signs are in it.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from xlrotation.errors import BadArgument, NoData
from xlrotation.market import classification, membership, universes
from xlrotation.market.calendar import Days
from xlrotation.market.listing import Listing
from xlrotation.market.panel import Panel
from xlrotation.market.reasons import some_of
from xlrotation.market.sectoring import STALE, in_sector, sector_of, sectors_of_today
from xlrotation.market.symbols import canonical, shown_text, spelled

_SIGNS = re.compile(r"\s*([+-])\s*")
_MARKS = re.compile(r"[:+-]")
_DASHES = str.maketrans("−–—﹣", "----")

_WRITTEN = "SP500:Technology, SP500-MAG7 or MAG7+NFLX"

_MOST = 50
"""Lists in an expression."""

_LONGEST = 7
"""Words and signs between them that one name may have."""

FIXED = frozenset(
    """SECTORS INDICES DEFENSIVE OFFENSIVE MAG7 VOLATILITY STOXX600_SECTORS TOPIX17_SECTORS HSI_SECTORS
    CSI300_SECTORS""".split()
)
"""Lists that are what they are by their names, and not by who happened to be a member."""

T = TypeVar("T")


class Market(Protocol):
    """A panel cut at a session, as far as members go; :class:`xlrotation.market.market.Market` is one."""

    days: Days
    asof: dt.date
    end: int
    shown: Panel

    @property
    def whole(self) -> Panel:
        """All that the source has."""

    @property
    def listing(self) -> Listing:
        """Where the symbols trade."""

    def ticker(self, text: str) -> str:
        """The ticker that *text* means."""

    def has(self, ticker: str) -> bool:
        """Whether the source holds *ticker*."""

    def remembered(self, key: object, make: Callable[[], T]) -> T:
        """What *make* gives, made once for each *key*."""


@dataclass(frozen=True, slots=True)
class Part:
    """A list in an expression, or a company.

    Attributes:
        adds: Whether its members are added, or taken away.
        name: Name of the list; empty for a company.
        company: The ticker of the company.
        sector: Only its members in that sector; None for all.
    """

    adds: bool
    name: str
    company: str = ""
    sector: str | None = None

    @property
    def written(self) -> str:
        """The part with its sign."""
        return f"{'+' if self.adds else '-'}{self.name or self.company}{':' + self.sector if self.sector else ''}"


def everyone(market: Market, name: str) -> tuple[str, ...]:
    """All tickers of a list, whenever they were members, as the data spell them.

    Raises:
        NoData: There is no such list, or none for this exchange.
    """
    known = market.whole.members
    if name not in known:
        members = universes.members_of(name, market.shown.universes, market.whole.home)
        known[name] = tuple(spelled(ticker, market.whole.columns) for ticker in members)
    return known[name]


def of_list(market: Market, name: str, row: int = -1) -> tuple[str, ...]:
    """The members of a list on a session; of one that says no terms, all.

    Raises:
        NoData: There is no such list, or it has no member then.
    """
    terms = market.shown.terms.get(name)
    if terms is None:
        return everyone(market, name)
    day = market.days[row]
    found = tuple(spelled(ticker, market.whole.columns) for ticker in terms.at(day))
    if not found:
        begun = terms.begins[~np.isnat(terms.begins)]
        first = f"; the first one begins on {begun.min()}" if len(begun) and (begun > day).all() else ""
        raise NoData(f"the list {name} has no member on {day}{first}")
    return found


def find(market: Market, text: str, alone: bool = False) -> tuple[str, tuple[Part, ...]] | None:
    """The expression that *text* is, with its name as written in one way; None where it is none.

    Args:
        market: The market.
        text: As typed.
        alone: Whether nothing but a universe is asked for, so that what it begins with must mean one.

    Raises:
        BadArgument, NoData: One of its parts means nothing, or an index whose members the data do not bring.
    """
    plain = _plain(text)
    if not _MARKS.search(plain) or market.whole.directory.exact(text) is not None:  # BRK-B is a symbol
        return None
    words = _SIGNS.split(plain)
    if len(words) > 2 * _MOST and alone:
        raise BadArgument(f"an expression of {(len(words) + 1) // 2} lists; give at most {_MOST}")
    if not all(words[::2]):
        if alone:
            raise BadArgument(f"{shown_text(text)} has a sign and no list beside it; write {_WRITTEN}")
        return None
    parts: list[Part] = []
    place = 0
    while place < len(words):
        end, part = _operand(market, words, place, alone or bool(parts), parts)
        if part is None:
            return None
        parts.append(part)
        place = end + 1
    if len(parts) == 1 and parts[0].sector is None:
        return None
    return "".join(part.written for part in parts).removeprefix("+"), tuple(parts)


@functools.lru_cache(256)
def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def _operand(
    market: Market, words: Sequence[str], place: int, wanted: bool, before: Sequence[Part]
) -> tuple[int, Part | None]:
    """The longest run of words that means a list or a company (BRK-B is one), and the place behind it."""
    adds = place == 0 or words[place - 1] == "+"
    for end in range(min(len(words), place + _LONGEST), place, -2):
        text = "".join(words[place:end])
        name, colon, sector = (each.strip() for each in text.partition(":"))
        last = end == place + 1
        found = universes.meant(name, market.shown.universes, market.whole.home) if name else None
        if found is not None and not colon:
            return end, Part(adds, found)
        if found is not None and sector:
            meant = classification.sector_meant(sector.replace("-", " "))
            if meant in universes.SECTORS or not _SIGNS.search(sector):
                return end, Part(adds, found, sector=meant)
        if last and wanted and (not name or (found is not None and colon)):
            raise BadArgument(f"{shown_text(text)} is no list; write {_WRITTEN}")
        if wanted and found is None and (company := _company(market, name, last, before)) is not None and not colon:
            return end, Part(adds, "", company)
    if wanted:
        raise BadArgument(f"{shown_text(words[place])}: a sector is one of a list, as in SP500:Technology")
    return place, None


def _company(market: Market, text: str, last: bool, before: Sequence[Part]) -> str | None:
    """The company that *text* means, or the fund that is a member of a list before it (SECTORS-XLK).

    None where it means nothing and a shorter text is still to be tried.
    """
    fund = spelled(canonical(text), market.whole.columns)
    if any(fund in everyone(market, part.name) for part in before if part.name):
        return fund
    try:
        found = membership.meant(text, market.shown.universes, market.whole.home, market.ticker)
    except (NoData, BadArgument):
        if last:
            raise
        return None
    return found[1][0] if isinstance(found, tuple) else None


def evaluate(market: Market, name: str, parts: Sequence[Part], row: int = -1) -> tuple[str, ...]:
    """The members of an expression on a session.

    Raises:
        NoData: None is left.
    """
    held: dict[str, None] = {}
    for part in parts:
        members = (part.company,) if part.company else of_list(market, part.name, row)
        if part.sector is not None:
            members = in_sector(market, part.name, members, part.sector, row)
        for ticker in members:
            if part.adds:
                held.setdefault(ticker)
            else:
                held.pop(ticker, None)
    if not held:
        raise NoData(f"{name} has no member on {market.days[row]}: nothing is left of it")
    return tuple(held)


def at(market: Market, name: str, tickers: tuple[str, ...], row: int) -> tuple[str, ...]:
    """The members of a universe on a session; *tickers* where it is a range of symbols, or a company."""
    parts = _parts(market, name)
    return tickers if not parts else evaluate(market, name, parts, row)


def _parts(market: Market, name: str) -> tuple[Part, ...]:
    def made() -> tuple[Part, ...]:
        if universes.find_universe(name, market.shown.universes, market.whole.home) is not None:
            return (Part(True, name),)
        found = find(market, name)
        return () if found is None else found[1]

    return market.remembered(("roster", name), made)


Run = tuple[int, int, tuple[str, ...]]
"""Sessions of the same members: first row, row behind the last, members."""


def segments(market: Market, name: str, tickers: tuple[str, ...], first: int) -> Iterator[Run]:
    """The sessions from the row *first* to as-of, in runs of the same members.

    A list without terms is one run. Sessions on which it has no member are in none.
    """
    parts = _parts(market, name)
    listed = [terms for part in parts if (terms := market.shown.terms.get(part.name)) is not None]
    if not listed:
        yield first, market.end, tickers
        return
    days = market.days[first:]
    if len(days) == 0:
        return
    begins = sorted({0, *(place for terms in listed for place in terms.turns(days))})
    for begin, end in zip(begins, [*begins[1:], len(days)], strict=True):
        try:
            members = evaluate(market, name, parts, first + begin)
        except NoData:
            continue
        yield first + begin, first + end, members


def remarks(market: Market, name: str, day: dt.date | None = None) -> Iterator[str]:
    """What a reader must know of the members: that they are today's, or whose sector is not known.

    Args:
        market: The market.
        name: Of the universe.
        day: The first day that the answer counts members of, where that is before the as-of date.
    """
    for part in _parts(market, name):
        if part.company:
            continue
        if (own := market.shown.universes.get(part.name)) is not None:
            yield from universes.in_place_of_ours({part.name: own}, market.whole.home)
        if (told := _of_today(market, part.name, day or market.asof)) is not None:
            yield told
        members = of_list(market, part.name)
        if without := market.whole.lacking(members):
            yield f"{part.name}: the data hold no close of {some_of(without)}; left out"
        if part.sector is not None:
            if (old := sectors_of_today(market, part.name, members, day)) is not None:
                yield old
            lacking = [t for t in members if sector_of(market, t) is None]
            if lacking:
                yield f"{name}: the sector of {some_of(lacking)} is not known; left out"


def _of_today(market: Market, name: str, day: dt.date) -> str | None:
    source = known_as(market, name)
    if source == "today" and day < market.whole.last - dt.timedelta(days=STALE):
        return (
            f"{name} at {day} is made of today's members: the data do not say who they were then; "
            "bring universes.csv with the columns universe, symbol, from, to"
        )
    if source == "first_known":
        return f"{name} at {market.asof} is made of its first known members: the data begin with those of a later day"
    return None


_WEAKEST = ("today", "first_known", "dated", "fixed")


def known(market: Market, name: str) -> str:
    """As :func:`known_as`, of a universe: how the worst known of its lists is; a range of symbols is ``fixed``."""
    found = {known_as(market, part.name) for part in _parts(market, name) if part.name}
    return next((how for how in _WEAKEST if how in found), "fixed")


def known_as(market: Market, name: str) -> str:
    """How the members of a list are known: ``dated``, ``first_known`` (of a later day only), ``fixed`` or ``today``."""
    terms = market.shown.terms.get(name)
    if terms is not None:
        return "first_known" if terms.guessed(market.asof) else "dated"
    brought = name in market.shown.universes
    return "fixed" if name in FIXED and not brought else "today"


def universe_meant(market: Market, text: str) -> tuple[str, tuple[str, ...]]:
    """Name and members of the universe that *text* means where nothing else is asked for.

    Raises:
        BadArgument: It is an index or a fund whose members the source does not bring.
        NoData: It is neither a universe nor a symbol, or it has no member.
    """
    plain = _plain(text)
    signs = plain.startswith(("+", "-")) or plain.endswith(("+", "-"))
    name = None if signs else universes.meant(text, market.shown.universes, market.whole.home)
    if name is not None:
        return name, of_list(market, name)
    if (found := find(market, text, alone=True)) is not None:
        return found[0], evaluate(market, *found)
    meant = membership.meant(text, market.shown.universes, market.whole.home, market.ticker)
    return meant if isinstance(meant, tuple) else (meant, of_list(market, meant))


def universe(market: Market, text: str) -> tuple[str, tuple[str, ...]] | None:
    """Name and members where *text* names a universe; None where it names none, as a symbol does."""
    if (found := universes.find_universe(text, market.shown.universes, market.whole.home)) is not None:
        return found[0], of_list(market, found[0])
    meant = find(market, text)
    return None if meant is None else (meant[0], evaluate(market, *meant))
