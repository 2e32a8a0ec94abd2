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
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import reasons
from xlrotation.market.calendar import XNYS, Days, Exchange, find_exchange
from xlrotation.market.chains import Chain, HeldChains
from xlrotation.market.filereadings import AS_TRADED, Declaration, FileReading, Refused
from xlrotation.market.listing import SETTINGS, Listing
from xlrotation.market.panel import FloatArray, Panel, Provenance, Quarantined, stack
from xlrotation.market.providers.folder import assembling, declared, kept, layouts, optiontables, quotes, tables
from xlrotation.market.providers.folder.declared import Declared
from xlrotation.market.providers.folder.found import Found, join
from xlrotation.market.providers.folder.listed import Marks, files_of, mark_of, named
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.rows import BadFile, rows_named

_WORTH = 1 << 17
"""Bytes of text tables from which on what was read of them is kept."""

_PANEL = "/"
"""Under what name the panel is kept, which is no file's."""

_RECORDS = (Found, Block, quotes.Quotes, FileReading, Refused, Listing, Provenance, Quarantined, Chain)

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
        self._read: dict[str, tuple[tuple[int, int], Found]] = {}
        self._kept = kept.Kept(path, _RECORDS, _NOT_KEPT)
        self._seen: dict[str, kept.Seen] = {}
        self._recalled = False
        self._worth = False
        self.readings: tuple[FileReading, ...] = ()
        self.declared = Declared()

    def marks(self) -> Marks:
        """The files as they are now; whatever changes in one changes its mark."""
        listed = files_of(self.path)
        marks = {file.relative_to(self.path).as_posix(): mark_of(file) for file in (*listed.files, *self._settings())}
        clock = (assembling.reach(self._exchanges, self._now()), 0)
        return marks | dict.fromkeys(listed.odd, (0, 0)) | ({_CLOCK: clock} if self._exchanges else {})

    def _settings(self) -> tuple[Path, ...]:
        return self.path / declared.FILE, self.path / SETTINGS

    def load(self) -> Panel:
        """Read what changed since the last time.

        Raises:
            NoData: The folder is missing or holds no prices; the message says what to put there.
        """
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
        marks = {name: mark_of(file) for name, file in files.items()}
        self._worth = _is_worth(marks)
        about = f"{kept.reader()} {said} {told} {self.path}"
        panel = self._recall(about, files) if self._worth and not self._read else None
        if panel is None:
            began = time.time_ns()
            panel = self._put_together(files, told)
            self._remember(about, files, panel, began)
        state = json.dumps([list(marks.items()), panel.remarks, str(panel.listing)])
        return replace(panel, state=hashlib.blake2b(state.encode("utf-8", "replace"), digest_size=8).hexdigest())

    def _put_together(self, files: dict[str, Path], told: Sequence[str]) -> Panel:
        """The panel of what the files hold, those that changed read anew."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in files}
        read = {name: self._of_file(file, name) for name, file in files.items()}
        found = join(part for _, part in read.values())
        found.listing = _listing(self.declared.listing, [part for _, part in read.values()])
        found.remarks += self.declared.listing.strangers({block.symbol for block in found.blocks}, self.declared.lister)
        found.remarks += told
        found.blocks += optiontables.spots(found.quotes, {block.symbol for block in found.blocks})
        self._read, self.readings = read, tuple(found.readings)
        if not found.blocks and found.series:
            panel = _of_series(self.path, list(files.values()), found, self._now())
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
            raise NoData(f"{self.path} holds no prices{_but(found)}{reason}; {_WHAT}")
        panel = _panel(self.path, list(files.values()), found, self._now())
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

    def _of_file(self, file: Path, name: str) -> tuple[tuple[int, int], Found]:
        mark = mark_of(file)
        known = self._read.get(name)
        if known is not None and known[0] == mark:
            return known
        said = self.declared.of(name)
        listing = _listing_of_file(self.declared.listing, said.exchange)
        about = f"{kept.reader()} {said} {listing}"
        before = self._kept.last(name, about) if self._recalled and known is None else known and known[1]
        found = self._kept_or_read(file, name, about, said, listing)
        if found.bad and isinstance(before, Found) and not before.bad:
            found = replace(before, listing=listing, remarks=[f"{found.bad[0]}; what was read of it before stays"])
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
    found = Found(listing=listing)
    try:
        for table in tables.read_tables(file, name, said):
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


def _panel(path: Path, files: Sequence[Path], found: Found, now: dt.datetime) -> Panel:
    remark = found.remarks.append
    by_symbol: dict[str, list[Block]] = {}
    held = assembling.finished(found.blocks, found.listing, now, remark)
    for block in held:
        by_symbol.setdefault(block.symbol, []).append(block)
    merged = [assembling.merged(symbol, blocks, remark) for symbol, blocks in by_symbol.items()]
    blocks = [(block.symbol, block.days, block.fields) for block in merged]
    days, symbols, fields = stack(blocks, found.listing)
    if "close" not in fields:
        raise NoData(f"{path} holds no closes on sessions of the exchange; give its prices daily, with a Close column")
    days, fields = assembling.ended(days, symbols, fields, found.listing, remark, held)
    provenance = {}
    for column, block in enumerate(merged):
        known = days[np.isfinite(fields["close"][:, column])]
        first, last = (known[0].item(), known[-1].item()) if len(known) else (None, None)
        kind, how = block.adjustment
        words = (
            f"{assembling.WORDS.get(kind, 'as in the file')}{f' ({how})' if how and (kind or 'chain' in how) else ''}"
        )
        provenance[block.symbol] = Provenance(
            *(block.file, first, last, None, words),
            as_traded=kind == AS_TRADED,
            currency=found.currencies.get(block.symbol),
        )
    universes, weights = _universes(found)
    panel = Panel(
        *(days, symbols, fields, f"folder:{path}", "", provenance, universes, weights),
        chains=HeldChains(quotes.chains(found.quotes)),
        series=found.series,
        fetched=_changed(files),
        ages=True,
        listing=found.listing,
        names={symbol: name for symbol, name in found.names.items() if symbol in symbols},
        price_only=tuple(block.symbol for block in merged if not {"dividend", "adjclose"} & block.fields.keys()),
    )
    trusted = [block.symbol for block in merged if block.trusted]
    panel = assembling.screened(panel, trusted, remark)
    assembling.told_alone(panel, trusted, remark)
    readings = assembling.readings_with(found.readings, found.remarks)
    return replace(panel, remarks=tuple(found.remarks), readings=readings)


def _of_series(path: Path, files: Sequence[Path], found: Found, now: dt.datetime) -> Panel:
    """A panel of series alone: its newest session is the first one by which the last observation is dated."""
    dated = np.concatenate([days for days, _ in found.series.values()])
    sessions = XNYS.sessions()
    sessions = sessions[sessions <= np.datetime64(XNYS.last_finished(now))]
    begin = max(int(np.searchsorted(sessions, dated.min(initial=sessions[-1]), side="right")) - 1, 0)
    end = min(int(np.searchsorted(sessions, dated.max(initial=sessions[0]))), len(sessions) - 1)
    days = sessions[min(begin, end) : end + 1]
    universes, weights = _universes(found)
    return Panel(
        *(days, (), {"close": np.empty((len(days), 0))}, f"folder:{path}", "", {}, universes, weights),
        chains=HeldChains(quotes.chains(found.quotes)),
        series=found.series,
        fetched=_changed(files),
        ages=True,
        listing=found.listing,
        remarks=tuple(found.remarks),
        readings=tuple(found.readings),
    )


def _changed(files: Sequence[Path]) -> dt.datetime:
    """When the last of the files was changed."""
    return dt.datetime.fromtimestamp(max(mark_of(file)[1] for file in files) / 1e9).astimezone()


def _but(found: Found) -> str:
    """What a folder holds that are no prices."""
    chains = dict.fromkeys(symbol for symbol, _ in found.quotes)
    held: list[tuple[str, list[str]]] = [
        ("series", list(found.series)),
        ("members of", list(found.members)),
        ("weights of", list(found.weights)),
        ("option chains of", list(chains)),
    ]
    told = [f"{what} {named(names)}" for what, names in held if names]
    return f", but {' and '.join(told)}" if told else ""


def _universes(found: Found) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[Days, FloatArray]]]:
    """Members by universe, and weights with their columns in the members' order."""
    universes = {name: members for name, members in found.members.items() if members}
    weights = {}
    for name, (tickers, days, table) in found.weights.items():
        members = universes.setdefault(name, tickers)
        strangers = [ticker for ticker in tickers if ticker not in set(members)]
        if strangers:
            file, rows = found.weight_rows[name]
            named_rows = rows_named([row for ticker in strangers for row in rows[ticker]])
            what = f"weights of {name}: no members, left out: {', '.join(strangers)}{named_rows}"
            found.remarks.append(f"{file}: {what}")
        column_of = {ticker: place for place, ticker in enumerate(tickers)}
        padded = np.hstack([table, np.full((len(table), 1), np.nan)])
        weights[name] = (days, padded[:, [column_of.get(ticker, -1) for ticker in members]])
    return universes, weights
