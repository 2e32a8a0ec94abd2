"""What the tables of a folder hold, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.filereadings import FileReading
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray, among
from xlrotation.market.positions import joined
from xlrotation.market.providers.folder import closes, priceblocks, tables
from xlrotation.market.providers.folder.priceblocks import Block
from xlrotation.market.providers.folder.quotes import Found as Quoted
from xlrotation.market.providers.folder.quotes import join as join_quotes
from xlrotation.market.providers.folder.rows import NAMED, Value, rows_named
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.releases import COMMITMENTS
from xlrotation.market.symbols import fold
from xlrotation.market.terms import Terms
from xlrotation.market.vintages import is_vintage
from xlrotation.measures.arrays import IntArray

Lines = Sequence[int] | npt.NDArray[np.integer]


@dataclass(slots=True)
class Found:
    """What the tables of a folder hold."""

    blocks: list[Block] = field(default_factory=list)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    terms: dict[str, Terms] = field(default_factory=dict)
    """From when to when the members of a list were its members, where a table says so."""

    sectors: dict[str, str] = field(default_factory=dict)
    """The sectors of symbols, as the tables write them."""

    weights: dict[str, tuple[tuple[str, ...], Days, FloatArray]] = field(default_factory=dict)
    series: dict[str, tuple[Days, FloatArray]] = field(default_factory=dict)
    quotes: Quoted = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Where the members or weights of a universe stand, for messages."""

    weight_rows: dict[str, tuple[str, dict[str, tuple[int, ...]]]] = field(default_factory=dict)
    """The table of the weights of a universe, and the rows of each member's in it."""

    remarks: list[str] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)
    """Where the symbols trade."""

    names: dict[str, str] = field(default_factory=dict)
    """What the tables call the symbols."""

    bad: list[str] = field(default_factory=list)
    """Why tables could not be read."""

    currencies: dict[str, str] = field(default_factory=dict)
    """In which the prices of a symbol are, where its file's owner says so."""

    readings: list[FileReading] = field(default_factory=list)
    """How each table was read."""

    def take_series(self, name: str, days: Days, values: FloatArray, source: str) -> None:
        """Take a series; one of which several files hold a part each is put together."""
        held = self.series.get(name)
        if held is None or not (name.startswith(COMMITMENTS) or is_vintage(name)):
            self.series[name] = (days, values)
            return
        self.series[name], contradictions = joined(held, (days, values))
        if contradictions:
            days_told = f"{contradictions} day{'s' if contradictions > 1 else ''}"
            self.remarks.append(f"{source}: {name} is another on {days_told} than in an earlier file, which counts")

    def size(self) -> int:
        """The bytes of its columns of prices."""
        return sum(values.nbytes for block in self.blocks for values in block.fields.values())


def join(parts: Iterable[Found]) -> Found:
    """What several files hold together; of members or weights that two of them state the first ones count."""
    whole = Found()
    for part in parts:
        whole.blocks += part.blocks
        whole.readings += part.readings
        whole.remarks += part.remarks
        for series, (days, values) in part.series.items():
            whole.take_series(series, days, values, "folder")
        whole.names |= part.names
        whole.sectors = part.sectors | whole.sectors
        whole.files = part.files | whole.files
        whole.weight_rows = part.weight_rows | whole.weight_rows
        whole.currencies |= part.currencies
        for name, members in part.members.items():
            if whole.members.setdefault(name, members) is not members:
                whole.remarks.append(
                    f"left out {part.files[name]}: the members of {name} stand in another file already"
                )
            elif name in part.terms:
                whole.terms[name] = part.terms[name]
        for name, weights in part.weights.items():
            if whole.weights.setdefault(name, weights) is not weights:
                whole.remarks.append(
                    f"left out {part.files[name]}: the weights of {name} stand in another file already"
                )
        join_quotes(whole.quotes, part.quotes)
    return whole


DECLARE = "folder.toml can say what each column is"
"""How to help a table that is not understood."""


def seen(heads: Sequence[Value]) -> str:
    """What heads were seen, and how to say what they mean."""
    shown = ", ".join(str(head).strip()[:20] for head in heads if not tables.blank(head))
    return f" (its heads are {shown[:120]}{'...' if len(shown) > 120 else ''}; {DECLARE})"


def unnamed(head: Value) -> bool:
    """Whether a column has no head, or that which a frame gives one without."""
    return tables.blank(head) or fold(str(head)).startswith("unnamed:")


def remark_days(
    found: Found, name: str, symbol: str, days: Days, exchanges: Sequence[Exchange], lines: Lines = ()
) -> None:
    """Tell of rows on days that are no session of any of *exchanges*."""
    of = f"{name}: {symbol} has" if symbol else f"{name} has"
    off = np.ones(len(days), bool)
    for exchange in exchanges:
        off &= ~among(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
    if not off.any():
        return
    numbers = _numbered(lines) if len(lines) == len(days) else np.empty(0, np.int64)
    begin = min((exchange.sessions()[0] for exchange in exchanges), default=np.datetime64("0001-01-01"))
    if (early := off & (days < begin)).any():
        found.remarks.append(
            f"{of} {early.sum()} rows before {begin}, where the known sessions begin, left out{_rows(numbers, early)}"
        )
    if (off := off & (days >= begin)).any():
        found.remarks.append(f"{of} {off.sum()} rows on days that are no session, left out{_rows(numbers, off)}")


def _rows(lines: npt.NDArray[np.int64], some: npt.NDArray[np.bool_]) -> str:
    return rows_named(lines[some].tolist()) if len(lines) else ""


def remark_own_days(found: Found, name: str, blocks: Sequence[Block], exchanges: Sequence[Exchange]) -> None:
    """Remark closes on days on which only others trade; one that repeats the close before is merely carried on."""
    order = np.argsort(blocks[0].days, kind="stable")
    days = blocks[0].days[order]
    someone = np.any([among(days, exchange.sessions()) for exchange in exchanges], axis=0)
    for exchange in exchanges:
        closed = someone & ~among(days, exchange.sessions()) & (days <= np.datetime64(exchange.until))
        lost = []
        for block in blocks:
            closes = block.fields["close"][order]
            known = np.flatnonzero(np.isfinite(closes))
            new = known[np.r_[True, closes[known][1:] != closes[known][:-1]]] if len(known) else known
            if found.listing.of(block.symbol) == exchange and closed[new].any():
                lost.append((block.symbol, days[new[closed[new]][0]]))
        if lost:
            more = f" and {len(lost) - 1} more have" if len(lost) > 1 else " has"
            where = f"on which {exchange.code} ({exchange.name}) does not trade (first {lost[0][1]})"
            found.remarks.append(f"{name}: {lost[0][0]}{more} closes on days {where}, left out")


def _turn(lines: npt.NDArray[np.int64]) -> int:
    """The step from each row of a file to the next one, up or down; 0 where rows are left out between them."""
    steps = np.diff(lines)
    return int(steps[0]) if len(steps) and abs(int(steps[0])) == 1 and bool((steps == steps[0]).all()) else 0


def _numbered(lines: Lines) -> IntArray:
    """The numbers of lines; those of a range at once, which numpy would ask for one by one."""
    if isinstance(lines, range):
        return np.arange(lines.start, lines.stop, lines.step, dtype=np.int64)
    return np.asarray(lines, np.int64)


def add(found: Found, block: Block, table: FileTable, days_checked: bool = False) -> None:
    """Take a block, with remarks on what in it cannot be used."""
    if not days_checked:
        exchange = found.listing.of(block.symbol)
        block = priceblocks.one_row_a_day(block, exchange, found.remarks.append)
        remark_days(found, block.file, block.symbol, block.days, (exchange,), block.lines)
    priceblocks.without_impossible(block, found.remarks.append)
    held = np.any([np.isfinite(values) for values in block.fields.values()], axis=0)
    if not held.any():
        found.remarks.append(f"{block.file}: {block.symbol} has no values")
        return
    if "close" in block.fields:
        lines = _numbered(block.lines) if len(block.lines) == len(block.days) else np.empty(0, np.int64)
        told = closes.settle(block.symbol, block.days, block.fields, table.declared.closes, lines)
        block.fields, block.adjustment = told.fields, (told.adjustment, told.found_by)
        found.remarks += [f"{block.file}: {remark}" for remark in told.remarks]
    block.trusted = table.declared.trusted
    # Rows after the last value, such as dates filled in ahead, must not move the newest session.
    kept = block.days <= block.days[held].max()
    if not kept.all():
        block.fields = {name: values[kept] for name, values in block.fields.items()}
        block.days = block.days[kept]
        block.lines = np.asarray(block.lines)[kept] if len(block.lines) == len(kept) else ()
    every = _numbered(block.lines)
    block.tail = tuple(every[-NAMED:].tolist())
    block.turn = _turn(every) if len(every) == len(block.days) else 0
    block.lines = ()
    before = found.blocks[-1].days if found.blocks else block.days
    block.days = before if np.array_equal(before, block.days) else block.days.copy()  # shared, and no part of a table
    found.blocks.append(block)
