"""Which files of a folder can wait until somebody asks for their symbol, and what is known before they are read.

The sessions of a folder are the same whether its files are read one by one or all at once: from the first line of the
oldest file to the newest session, which the last lines of the files decide. That holds as well for a file of which more
cannot be read in the end.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.filereadings import Declaration
from xlrotation.market.listing import Listing
from xlrotation.market.providers.folder import assembling, optiontables, peeking
from xlrotation.market.providers.folder.found import Found, join
from xlrotation.market.providers.folder.peeking import Peek
from xlrotation.market.providers.folder.priceblocks import Block

MANY = 8
"""Files that can wait from which on it is worth it."""

_ROWS = 80
"""Sessions at the end in which the newest one is looked for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The sessions of a folder.

    Attributes:
        exchange: Where its symbols trade.
        first: Its first day.
        last: The last finished day that a file has.
        newest: Its newest session.
        days: All sessions up to that.
    """

    exchange: Exchange
    first: dt.date
    last: dt.date
    newest: np.datetime64
    days: Days


@dataclass(slots=True)
class Plan:
    """What is known of a folder before all of it is read.

    Attributes:
        peeks: The files that wait, by symbol.
        core: What the others hold.
        blocks: The columns of the others.
        tickers: The symbols that are to be expected.
        frame: The sessions.
    """

    peeks: dict[str, Peek]
    core: Found
    blocks: list[Block]
    tickers: tuple[str, ...]
    frame: Frame

    @property
    def goes_on(self) -> bool:
        """Whether there are rows after the newest session."""
        newest = self.frame.newest
        ends = [block.days.max() for block in self.blocks], [each.closes[-1] for each in self.peeks.values()]
        return any(day > newest for days in ends for day in days)


@dataclass(frozen=True, slots=True)
class _Votes:
    """What the closes of a symbol say of the newest session.

    Attributes:
        days: Days with one.
        since: From when on all such are among them; None for always.
    """

    days: Days
    since: np.datetime64 | None


def plan(
    files: Mapping[str, Path],
    said: Callable[[str], Declaration],
    read: Callable[[str], Found],
    listed: Callable[[Sequence[Found]], Listing],
    now: dt.datetime,
) -> Plan | None:
    """What can wait of *files*; None where all are to be read at once.

    Args:
        files: By name.
        said: What is declared of a file.
        read: Reads a file.
        listed: Where the symbols trade, given what was read of some files.
        now: The time.

    Raises:
        NoData: The table of sessions does not reach today.
    """
    nothing = Declaration()
    looked = {name: peeking.peek(file, name) for name, file in files.items() if said(name) == nothing}
    peeks = {name: each for name, each in looked.items() if each is not None}
    while True:
        times = Counter(each.symbol for each in peeks.values())
        peeks = {name: each for name, each in peeks.items() if times[each.symbol] == 1}
        if len(peeks) < MANY:
            return None
        core = join(parts := [read(name) for name in files if name not in peeks])
        core.listing = listed(parts)
        taken = {block.symbol for block in core.blocks} | {symbol for symbol, _ in core.quotes}
        doubtful = {name for name, each in peeks.items() if each.symbol in taken}
        if not doubtful:
            found = _planned(peeks, core, now)
            if not isinstance(found, set):
                return found
            doubtful = found
        peeks = {name: each for name, each in peeks.items() if name not in doubtful}


def _planned(peeks: Mapping[str, Peek], core: Found, now: dt.datetime) -> Plan | set[str] | None:
    """The plan, or the files that have to be read before there is one."""
    blocks = core.blocks + optiontables.spots(core.quotes, {block.symbol for block in core.blocks})
    by_symbol = {each.symbol: each for each in peeks.values()}
    tickers = tuple(dict.fromkeys([*by_symbol, *(block.symbol for block in blocks)]))
    exchanges = core.listing.all_of(tickers)
    if len(exchanges) != 1 or core.listing.home_of(tickers) != exchanges[0]:
        return None
    finished = np.datetime64(exchanges[0].last_known(now))
    ended = assembling.finished(blocks, core.listing, now, _silent)
    votes = {
        symbol: _Votes(closes[np.isfinite(known)], None)
        for symbol, closes, known in assembling.closes_of(ended, _silent)
    }
    starts = [block.days[0] for block in ended]
    short = set()
    for name, each in peeks.items():
        own = each.closes[each.closes <= finished]
        votes[each.symbol] = _Votes(own, each.since)
        starts.append(each.first)
        if not len(own):
            short.add(name)
    if short:
        return short
    frame = _frame(votes, min(starts), exchanges[0])
    if isinstance(frame, set):
        return {by_symbol[symbol].name for symbol in frame}
    return None if frame is None else Plan(by_symbol, core, blocks, tickers, frame)


def _silent(_remark: str) -> None:
    pass


def _frame(votes: Mapping[str, _Votes], first: Any, exchange: Exchange) -> Frame | set[str] | None:
    """The sessions that closes decide, as :func:`assembling.ended` does; or the symbols of which more must be known."""
    last: Any = max(vote.days[-1] for vote in votes.values() if len(vote.days))
    begun: dt.date = first.item()
    grid = exchange.sessions_between(begun, until := last.item())
    begin = max(len(grid) - _ROWS, 0)
    symbols = [symbol for symbol in votes if not symbol.endswith(assembling.CLOCK)] or list(votes)
    ends = np.full(len(symbols), -1)
    since = np.zeros(len(symbols), np.int64)
    known = np.zeros((len(grid) - begin, len(symbols)), bool)
    for column, symbol in enumerate(symbols):
        vote = votes[symbol]
        rows = np.searchsorted(grid, vote.days)
        rows = rows[grid[np.minimum(rows, len(grid) - 1)] == vote.days] if len(grid) else rows[:0]
        if len(rows):
            ends[column] = rows[-1]
            known[rows[rows >= begin] - begin, column] = True
        if vote.since is not None:
            since[column] = np.searchsorted(grid, vote.since)
    for row in range(int(ends.max()), begin - 1, -1):
        comes = ends >= max(row - assembling.COMES, 0)
        if (unseen := comes & (ends >= row) & (since > row)).any():
            return {symbols[column] for column in np.flatnonzero(unseen)}
        if comes.any() and known[row - begin, comes].sum() >= assembling.SHARE * comes.sum():
            return Frame(exchange, begun, until, grid[row], grid[: row + 1])
    return None


def clipped(blocks: Sequence[Block], frame: Frame, remark: Callable[[str], None]) -> list[Block]:
    """*blocks* without rows that lie before the first line of every file."""
    first = np.datetime64(frame.first)
    kept = []
    for block in blocks:
        if early := int(np.searchsorted(block.days, first)):
            remark(f"{block.file}: {block.symbol} has {early} rows before {first}, the first of all files; left out")
            later = {name: values[early:] for name, values in block.fields.items()}
            block = replace(block, days=block.days[early:], fields=later, lines=())
        if len(block.days):
            kept.append(block)
    return kept
