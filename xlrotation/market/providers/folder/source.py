"""The user's own files: a folder of CSV, XLSX or Parquet tables.

Understood are: one wide table (a date column and a column per symbol), one table per symbol (Date, Open, High, Low,
Close, Adj Close, Volume; the name of the file, or of the sheet where a workbook has several, is the symbol), a long
table (a date and a symbol column), a row of securities above a row of fields, as terminals export it, a member list
(ticker, name, sector), index weights (date, ticker, weight), option chains (expiration, strike, bid, ask) and series as
FRED exports them (observation_date). Folders inside are read one level deep. What is left out is named in the panel's
remarks.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xlrotation.errors import NoData
from xlrotation.market import reasons
from xlrotation.market.calendar import Days
from xlrotation.market.chains import HeldChains
from xlrotation.market.listing import SETTINGS, Listing, read_listing
from xlrotation.market.panel import FloatArray, Panel, Provenance, stack
from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import layouts, optiontables, tables
from xlrotation.market.providers.folder.layouts import Block, Found
from xlrotation.market.providers.folder.rows import BadFile

_AGREE = 0.005
"""Closes of two files that differ by more than this share are not the same prices."""


Marks = dict[str, tuple[int, int]]
"""Size and time of change of each file, by name."""

_SHOWN = 20
"""Names of what is no file of prices that a remark lists."""

_TOLD = 3
"""Remarks that are told where a folder holds no prices at all."""

_WHAT = "put a CSV, XLSX or Parquet table with a Date column and a column per symbol there"


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
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[str, tuple[tuple[int, int], Found]] = {}
        self._listing = Listing()

    def marks(self) -> Marks:
        """The files as they are now; whatever changes in one changes its mark."""
        listed = _files(self.path)
        marks = {file.relative_to(self.path).as_posix(): _mark(file) for file in (*listed.files, self.path / SETTINGS)}
        return marks | dict.fromkeys(listed.odd, (0, 0))

    def load(self) -> Panel:
        """Read what changed since the last time.

        Raises:
            NoData: The folder is missing or holds no prices; the message says what to put there.
        """
        if not self.path.is_dir():
            raise NoData(f"no folder {self.path}; make it and {_WHAT}")
        listing = read_listing(self.path)
        if listing != self._listing:
            self._read, self._listing = {}, listing
        listed = _files(self.path)
        files = listed.files
        read: dict[str, tuple[tuple[int, int], Found]] = {}
        for file in files:
            name = file.relative_to(self.path).as_posix()
            read[name] = self._of_file(file, name)
        found = layouts.join(part for _, part in read.values())
        found.listing = listing
        found.remarks += listing.strangers({block.symbol for block in found.blocks})
        found.remarks += [f"{reasons.LEFT_OUT}{name}: {reason}" for name, reason in listed.odd.items()]
        if listed.others:
            found.remarks.append(f"{reasons.LEFT_OUT}{_named(listed.others)}: {reasons.NO_TABLE}")
        if not found.blocks:
            more = f" and {len(found.remarks) - _TOLD} more remarks" if len(found.remarks) > _TOLD else ""
            reason = f" ({'; '.join(found.remarks[:_TOLD])}{more})" if found.remarks else ""
            raise NoData(f"{self.path} holds no prices{reason}; {_WHAT}")
        self._read = read
        told = json.dumps([[(name, mark) for name, (mark, _) in read.items()], found.remarks, str(listing)])
        state = hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).hexdigest()
        return replace(_panel(self.path, files, found), state=state)

    def _of_file(self, file: Path, name: str) -> tuple[tuple[int, int], Found]:
        mark = _mark(file)
        known = self._read.get(name)
        if known is not None and known[0] == mark:
            return known
        found, bad = Found(listing=self._listing), []
        try:
            for table in tables.read_tables(file, name):
                try:
                    layouts.take(table, found)
                except BadFile as error:
                    bad.append(error.message)
        except BadFile as error:
            bad.append(error.message)
        if bad and known is not None and known[1].whole:
            kept = replace(known[1], remarks=[f"{bad[0]}; what was read of it before stays"])
            return mark, kept
        found.remarks += [f"{reasons.LEFT_OUT}{message}" for message in bad]
        found.whole = not bad
        return mark, found


def _mark(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:  # removed since it was listed
        return 0, 0
    return status.st_size, status.st_mtime_ns


@dataclass(slots=True)
class _Listed:
    """What a folder holds: files to read, names of what else is there, and why what looks like a file is none."""

    files: list[Path] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    odd: dict[str, str] = field(default_factory=dict)


def _files(path: Path) -> _Listed:
    """What is in a folder and one level below; hidden files and an open workbook's lock are nothing.

    Raises:
        NoData: There is more than a folder of prices can hold.
    """
    listed = _Listed()
    entries: list[Path] = []
    folders = [path]
    for folder in folders:
        try:
            with os.scandir(folder) as found:
                for one in found:
                    if one.name.startswith((".", "~$")):
                        continue
                    entries.append(folder / one.name)
                    if len(entries) > bounds.ENTRIES:
                        raise NoData(f"{path} holds more than {bounds.ENTRIES:,} files; give a folder of prices alone")
                    if folder == path and _is_folder(path, folder / one.name, listed):
                        folders.append(folder / one.name)
        except OSError as error:
            if folder == path:
                raise NoData(f"the folder {path} cannot be read ({error.strerror})") from None
            listed.odd[f"{folder.name}/"] = f"cannot be read ({error.strerror})"
    for entry in sorted(entries):
        if entry not in folders:
            _sort(entry, entry.relative_to(path).as_posix(), listed)
    return listed


def _is_folder(path: Path, entry: Path, listed: _Listed) -> bool:
    """Whether an entry is a folder to look into, and no link that leads back."""
    if not entry.is_dir():
        return False
    if path.resolve().is_relative_to(entry.resolve()):
        listed.odd[f"{entry.name}/"] = "a link that leads back to where it is"
        return False
    return True


def _sort(entry: Path, name: str, listed: _Listed) -> None:
    """Put an entry that is no folder to look into where it belongs, without opening it."""
    if f"{name}/" in listed.odd:
        return
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        if error.errno == errno.EACCES:
            listed.files.append(entry)  # reading it tells why it cannot be
        elif entry.is_symlink():
            listed.odd[name] = "a link that leads nowhere"
        return
    if name == SETTINGS:
        return
    if stat.S_ISDIR(mode):
        listed.others.append(f"{name}/")
    elif not entry.name.lower().endswith(tables.ENDINGS):
        listed.others.append(name)
    elif stat.S_ISREG(mode):
        listed.files.append(entry)
    else:
        listed.odd[name] = "a pipe, socket or device, and no file"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _panel(path: Path, files: Sequence[Path], found: Found) -> Panel:
    by_symbol: dict[str, list[Block]] = {}
    for block in found.blocks:
        by_symbol.setdefault(block.symbol, []).append(block)
    merged = [_merge(symbol, blocks, found.remarks.append) for symbol, blocks in by_symbol.items()]
    blocks = [(block.symbol, block.days, block.fields) for block in merged]
    days, symbols, fields = stack(blocks, found.listing)
    if "close" not in fields:
        raise NoData(f"{path} holds no closes on sessions of the exchange; give its prices daily, with a Close column")
    provenance = {}
    for column, block in enumerate(merged):
        known = days[np.isfinite(fields["close"][:, column])]
        first, last = (known[0].item(), known[-1].item()) if len(known) else (None, None)
        provenance[block.symbol] = Provenance(block.file, first, last, None, "as in the file", as_traded=False)
    universes, weights = _universes(found)
    changed = dt.datetime.fromtimestamp(max(_mark(file)[1] for file in files) / 1e9).astimezone()
    text = f"folder:{path}"
    chains = HeldChains(optiontables.chains(found.quotes))
    return Panel(
        *(days, symbols, fields, text, "", provenance, universes, weights),
        chains=chains,
        series=found.series,
        remarks=tuple(found.remarks),
        fetched=changed,
        ages=True,
        listing=found.listing,
    )


def _universes(found: Found) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[Days, FloatArray]]]:
    """Members by universe, and weights with their columns in the members' order."""
    universes = {name: members for name, members in found.members.items() if members}
    weights = {}
    for name, (tickers, days, table) in found.weights.items():
        members = universes.setdefault(name, tickers)
        strangers = [ticker for ticker in tickers if ticker not in set(members)]
        if strangers:
            found.remarks.append(f"weights of {name}: no members, left out: {', '.join(strangers)}")
        column_of = {ticker: place for place, ticker in enumerate(tickers)}
        padded = np.hstack([table, np.full((len(table), 1), np.nan)])
        weights[name] = (days, padded[:, [column_of.get(ticker, -1) for ticker in members]])
    return universes, weights


def _merge(symbol: str, blocks: list[Block], remark: Callable[[str], None]) -> Block:
    """One block of a symbol that several files hold.

    The file with the most fields leads and others fill its gaps, but only files that agree with it where both have a
    close: a path put together from raw and adjusted prices would jump where it changes from one to the other.
    """
    blocks = sorted(blocks, key=lambda block: -len(block.fields))
    days = np.unique(np.concatenate([block.days for block in blocks]))
    names = dict.fromkeys(name for block in blocks for name in block.fields)
    fields = {name: np.full(len(days), np.nan) for name in names}
    used: list[str] = []
    for block in blocks:
        rows = np.searchsorted(days, block.days)
        close = block.fields.get("close")
        if close is not None and used:
            own = fields["close"][rows]
            apart = np.isfinite(own) & np.isfinite(close) & (np.abs(close - own) > _AGREE * np.abs(own))
            if apart.any():
                day = block.days[np.flatnonzero(apart)[0]]
                where = f"{apart.sum()} days (first {day})"
                remark(f"{symbol}: {block.file} differs from {used[0]} on {where} and is not used for it")
                continue
        used.append(block.file)
        for name, values in block.fields.items():
            own = fields[name][rows]
            fields[name][rows] = np.where(np.isfinite(own), own, values)
    return Block(symbol, days, fields, " + ".join(dict.fromkeys(used)))
