"""The user's own files: a folder of CSV, XLSX or Parquet tables.

Understood are: one wide table (a date column and a column per symbol), one table per symbol (Date, Open, High, Low,
Close, Adj Close, Volume; the name of the file, or of the sheet where a workbook has several, is the symbol), a long
table (a date and a symbol column), a row of securities above a row of fields, as terminals export it, a member list
(ticker, name, sector), index weights (date, ticker, weight), option chains (expiration, strike, bid, ask) and series as
FRED exports them. Folders inside are read one level deep. What is left out is named in the panel's
remarks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from xlrotation.errors import NoData
from xlrotation.market import reasons
from xlrotation.market.calendar import XNYS, Exchange, find_exchange
from xlrotation.market.chains import Chain, HeldChains
from xlrotation.market.filereadings import Declaration, FileReading, Refused
from xlrotation.market.listing import SETTINGS, Listing
from xlrotation.market.panel import Panel, Provenance, Quarantined
from xlrotation.market.providers.folder import (
    assembling,
    declared,
    kept,
    layouts,
    opening,
    optiontables,
    panels,
    quotes,
    tables,
    waiting,
)
from xlrotation.market.providers.folder.clean import NeedsAllError
from xlrotation.market.providers.folder.declared import Declared
from xlrotation.market.providers.folder.found import Found, join
from xlrotation.market.providers.folder.listed import Mark, Marks, files_of, mark_of, named, stamp_of
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.rows import BadFile
from xlrotation.market.terms import Terms

_WORTH = 1 << 17
"""Bytes of text tables from which on what was read of them is kept."""

_PANEL = "/"
"""Under what name the panel is kept, which is no file's."""

_LARGE = 64 << 20
"""Bytes of what was read of a file that are not kept in memory beside the panel; it is read again when need be."""

_RECORDS = (Found, Block, Terms, quotes.Quotes, FileReading, Refused, Listing, Provenance, Quarantined, Chain)

_NOT_KEPT = frozenset(("listing", "lines"))
"""What is known otherwise, or not needed any more, of what is kept of a file."""

_CLOCK = "/"
"""The mark of the clock, which is no file's name: rows of a session count once it is over."""

_TOLD = 3
"""Remarks that are told where a folder holds no prices at all."""

_WHAT = "put a CSV, XLSX or Parquet table with a Date column and a column per symbol there"


def present() -> dt.datetime:
    """The time now."""
    return dt.datetime.now(dt.UTC)


def load(path: Path) -> Panel:
    """Read a folder.

    Raises:
        NoData: It is missing or holds no prices; the message says what to put there.
    """
    return Reader(path).load()


class Reader:
    """Reads a folder, and again those of its files that changed.

    A file that could be read once and cannot any more keeps what was read of it, and a remark says so: it may be half
    saved, or damaged.

    Args:
        path: The folder.
        now: Gives the present time, as rows of sessions that are not over are left out; None means the clock.

    Attributes:
        readings: How each table was read the last time, whether the folder holds prices or not.
        declared: What the folder declared then.
    """

    def __init__(self, path: Path, now: Callable[[], dt.datetime] | None = None) -> None:
        self.path = path
        self._now = now or present
        self._exchanges: tuple[Exchange, ...] = ()
        self._read: dict[str, tuple[Mark, Found | None]] = {}
        self._kept = kept.Kept(path, _RECORDS, _NOT_KEPT)
        self._seen: dict[str, kept.Seen] = {}
        self._recalled = self._complete = False
        self._lock = threading.RLock()
        self._worth = False
        self.readings: tuple[FileReading, ...] = ()
        self.declared = Declared()

    def marks(self) -> Marks:
        """The files as they are now; whatever changes in one changes its mark."""
        listed = files_of(self.path)
        marks = {file.relative_to(self.path).as_posix(): stamp_of(file) for file in (*listed.files, *self._settings())}
        clock = (assembling.reach(self._exchanges, self._now()), 0)
        return marks | dict.fromkeys(listed.odd, (0, 0)) | ({_CLOCK: clock} if self._exchanges else {})

    def _settings(self) -> tuple[Path, ...]:
        return self.path / declared.FILE, self.path / SETTINGS

    def load(self, lazily: bool = False) -> Panel:
        """Read what changed since the last time.

        Args:
            lazily: Leave files for later whose names tell their symbols, until they are asked for.

        Raises:
            NoData: The folder is missing or holds no prices; the message says what to put there.
        """
        with self._lock:
            return self._load(lazily)

    def _load(self, lazily: bool) -> Panel:
        if not self.path.is_dir():
            raise NoData(f"no folder {self.path}; make it and {_WHAT}")
        said = declared.read(self.path)
        if said != self.declared:
            self._read, self.declared = {}, said
        listed = files_of(self.path)
        by_name = {file.relative_to(self.path).as_posix(): file for file in listed.files}
        files = {name: file for name, file in by_name.items() if not said.of(name).left_out}
        told = said.strangers([*by_name, *listed.others, *listed.odd])
        odd = {name: reason for name, reason in listed.odd.items() if not said.of(name).left_out}
        told += [f"{reasons.LEFT_OUT}{name}: {reason}" for name, reason in odd.items()]
        if others := [name for name in listed.others if not said.of(name).left_out]:
            told.append(f"{reasons.LEFT_OUT}{named(others)}: {reasons.NO_TABLE}")
        marks: Marks = {name: mark_of(file) for name, file in files.items()}
        self._worth = _is_worth(marks)
        about = f"{kept.reader()} {said} {told} {self.path}"
        now = self._now()
        panel = self._recall(about, files) if self._worth and not self._read else None
        if panel is not None:
            return _with_state(panel, marks)
        plan = self._plan(files, now)

        def complete() -> Panel:
            began = time.time_ns()
            panel = self._put_together(files, told, now, plan)
            self._remember(about, files, panel, began)
            self._complete = True
            return _with_state(panel, marks)

        if not lazily or plan is None or self._complete:
            return complete()
        return self._deferred(files, plan, now, complete)

    def _plan(self, files: dict[str, Path], now: dt.datetime) -> waiting.Plan | None:
        def listed(parts: Sequence[Found]) -> Listing:
            return _listing(self.declared.listing, parts)

        def read(name: str) -> Found:
            mark, found = self._of_file(files[name], name)
            self._read[name] = mark, found
            return found

        return waiting.plan(files, self.declared.of, read, listed, now)

    def _deferred(
        self, files: dict[str, Path], plan: waiting.Plan, now: dt.datetime, complete: Callable[[], Panel]
    ) -> Panel:
        """A panel that reads the files that can wait when they are asked for."""
        before, every = self._file_marks(), list(files.values())

        def alone(symbol: str) -> Panel | None:
            with self._lock:
                found = self._one(plan, symbol)
                return None if found is None else opening.of_one(self.path, every, found, now, plan.frame)

        def whole() -> Panel:
            with self._lock:
                for each in plan.peeks.values():
                    opening.check(each)
                panel = complete() if self._file_marks() == before else None
                if panel is None or self._file_marks() != before:
                    raise NoData(f"the files of {self.path} have changed since they were looked at; ask again")
                return panel

        self._exchanges = (plan.frame.exchange,) if plan.goes_on else ()
        return opening.deferred(f"folder:{self.path}", plan, alone, whole)

    def _one(self, plan: waiting.Plan, symbol: str) -> Found | None:
        """What the folder holds of one symbol; None where that is not what the ends of its file promise."""
        found = Found(listing=plan.core.listing, currencies=plan.core.currencies)
        peek = plan.peeks.get(symbol)
        if peek is None:
            found.blocks = [block for block in plan.blocks if block.symbol == symbol]
            return found
        opening.check(peek)
        mark, part = self._of_file(peek.file, peek.name)
        opening.check(peek)
        self._read[peek.name] = mark, part
        found.blocks = list(part.blocks)
        only = not (part.bad or part.series or part.members or part.weights or part.quotes)
        return found if only and [block.symbol for block in found.blocks] == [symbol] else None

    def _file_marks(self) -> Marks:
        return {name: mark for name, mark in self.marks().items() if name != _CLOCK}

    def _put_together(
        self, files: dict[str, Path], told: Sequence[str], now: dt.datetime, plan: waiting.Plan | None
    ) -> Panel:
        """The panel of what the files hold, those that changed read anew."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in files}
        read = {name: self._of_file(file, name) for name, file in files.items()}
        found = join(part for _, part in read.values())
        found.listing = _listing(self.declared.listing, [part for _, part in read.values()])
        found.remarks += self.declared.listing.strangers({block.symbol for block in found.blocks}, self.declared.lister)
        found.remarks += told
        found.blocks += optiontables.spots(found.quotes, {block.symbol for block in found.blocks})
        large = {name for name, (_, part) in read.items() if part.size() > _LARGE}
        self._read = {name: (mark, None if name in large else part) for name, (mark, part) in read.items()}
        self.readings = tuple(found.readings)
        spent = panels.in_one_file(found, [read[name][1] for name in large])
        del read
        if not found.blocks and found.series:
            panel = panels.of_series(self.path, list(files.values()), found, now)
            self._exchanges = (
                (XNYS,)
                if any(days.max(initial=panel.days[-1]) > panel.days[-1] for days, _ in found.series.values())
                else ()
            )
            return panel
        if not found.blocks:
            count = len(found.remarks) - _TOLD
            more = f" and {count} more remarks; xlrotation folder check lists all" if count > 0 else ""
            reason = f" ({'; '.join(found.remarks[:_TOLD])}{more})" if found.remarks else ""
            raise NoData(f"{self.path} holds no prices{panels.but(found)}{reason}; {_WHAT}")
        panel = panels.of_prices(
            self.path, list(files.values()), found, now, spent, None if plan is None else plan.frame
        )
        later = any(block.days.max() > panel.days[-1] for block in found.blocks)
        self._exchanges = found.listing.all_of(block.symbol for block in found.blocks) if later else ()
        return panel

    def _recall(self, about: str, files: dict[str, Path]) -> Panel | None:
        """The panel that was put together of just these files, from disk."""
        known = self._kept.find(_PANEL, about, files)
        if known is None:
            return None
        found, self._seen = known
        if assembling.reach(found["exchanges"], self._now()) != found["reach"]:
            return None
        self._exchanges, self._recalled = found["exchanges"], True
        return Panel(**found["panel"], chains=HeldChains(found["chains"]))

    def _remember(self, about: str, files: dict[str, Path], panel: Panel, made: int) -> None:
        if not self._worth or self._seen.keys() != files.keys():
            return
        held = {
            item.name: getattr(panel, item.name)
            for item in dataclasses.fields(panel)
            if item.init and item.name != "chains"
        }
        chains = [
            chain
            for symbol in panel.chains.symbols()
            for day in panel.chains.days(symbol)
            if (chain := panel.chains.chain(symbol, day)) is not None
        ]
        found = {
            "panel": held,
            "chains": chains,
            "exchanges": self._exchanges,
            "reach": assembling.reach(self._exchanges, self._now()),
        }
        self._kept.keep(_PANEL, about, self._seen, made, found)
        self._kept.clear([_PANEL, *files])

    def names(self) -> dict[str, Path]:
        """The files of the folder that look like tables, by their names as seen from it.

        Raises:
            NoData: It cannot be listed.
        """
        if not self.path.is_dir():
            raise NoData(f"no folder {self.path}; make it and {_WHAT}")
        return {file.relative_to(self.path).as_posix(): file for file in files_of(self.path).files}

    def trial(self, file: Path, name: str, said: Declaration) -> list[Refused]:
        """What would be left out of a file of which something is declared."""
        found = _read(file, name, said, _listing_of_file(self.declared.listing, said.exchange))
        nothing = not (found.blocks or found.series or found.members or found.weights or found.quotes)
        if nothing and not found.bad:
            return [*map(Refused.of, found.remarks), Refused(f"{name}: holds nothing", whole=True)]
        later: list[str] = []
        assembling.finished(found.blocks, found.listing, self._now(), later.append)
        return [*(each for reading in found.readings for each in reading.refused), *map(Refused.of, later)]

    def _of_file(self, file: Path, name: str) -> tuple[Mark, Found]:
        mark = stamp_of(file)
        known = self._read.get(name)
        if known is not None and known[0] == mark and known[1] is not None:
            return mark, known[1]
        said = self.declared.of(name)
        listing = _listing_of_file(self.declared.listing, said.exchange)
        about = f"{kept.reader()} {said} {listing}"
        let_go = known is not None and known[1] is None
        before = self._kept.last(name, about) if let_go or (self._recalled and known is None) else known and known[1]
        found = self._kept_or_read(file, name, about, said, listing)
        if found.bad and isinstance(before, Found) and not before.bad:
            found = replace(before, listing=listing, remarks=[f"{found.bad[0]}; what was read of it before stays"])
        elif found.bad and let_go and known is not None and known[0] != mark:
            raise NoData(found.bad[0])  # the panel that was made of it stays
        return mark, found

    def _kept_or_read(self, file: Path, name: str, about: str, said: Declaration, listing: Listing) -> Found:
        """What a file holds, from disk where it is kept there."""
        self._seen.pop(name, None)
        if not (self._worth and self._kept.active):
            return _read(file, name, said, listing)
        if (known := self._kept.find(name, about, {name: file})) is not None:
            found, seen = known
            assert isinstance(found, Found)
            found.listing = listing
            self._seen |= seen
            return found
        before = kept.Before.of(file)
        found = _read(file, name, said, listing)
        if before is not None and (same := before.still(file)) is not None:
            self._kept.keep(name, about, {name: same}, before.made, found)
            self._seen[name] = same
        return found


def _read(file: Path, name: str, said: Declaration, listing: Listing) -> Found:
    try:
        return _read_columns(file, name, said, listing, whole=False)
    except NeedsAllError:
        return _read_columns(file, name, said, listing, whole=True)


def _read_columns(file: Path, name: str, said: Declaration, listing: Listing, whole: bool) -> Found:
    found = Found(listing=listing)
    try:
        for table in tables.read_tables(file, name, said, whole):
            try:
                layouts.take(table, found)
            except BadFile as error:
                found.bad.append(error.message)
    except BadFile as error:
        found.readings.append(FileReading(name, refused=[Refused.of(error.message, whole=True)]))
        found.bad.append(error.message)
    found.remarks += [f"{reasons.LEFT_OUT}{message}" for message in found.bad]
    if said.currency:
        found.currencies = dict.fromkeys((block.symbol for block in found.blocks), said.currency)
    return found


def _with_state(panel: Panel, marks: Marks) -> Panel:
    state = json.dumps([list(marks.items()), panel.remarks, str(panel.listing)])
    return replace(panel, state=hashlib.blake2b(state.encode("utf-8", "replace"), digest_size=8).hexdigest())


def _is_worth(marks: Marks) -> bool:
    """Whether reading the files takes longer than taking what is kept of them."""
    binary = any(not name.lower().endswith(tables.TEXTS) for name in marks)
    return binary or sum(size for size, _ in marks.values()) >= _WORTH


def _listing_of_file(listing: Listing, exchange: str) -> Listing:
    """Where the symbols of a file trade for which *exchange* is declared, if one is."""
    return replace(listing, default=find_exchange(exchange)) if exchange else listing


def _listing(listing: Listing, parts: Sequence[Found]) -> Listing:
    """*listing*, and where the symbols trade of those files for which an exchange is declared."""
    own = {
        block.symbol.upper(): part.listing.of(block.symbol)
        for part in parts
        if part.listing.default != listing.default
        for block in part.blocks
    }
    return replace(listing, by_symbol={**own, **listing.by_symbol}) if own else listing
