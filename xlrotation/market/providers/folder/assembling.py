"""A panel of what the files of a folder hold: one history a symbol, ended where most symbols end, moves looked at.

The newest session is the last finished one for which :data:`SHARE` of the symbols that still come have a close: a date
in the future, or one file that is a day ahead, must not make every default answer one without data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from xlrotation.market import quarantine, reasons
from xlrotation.market.calendar import Days, Exchange, among
from xlrotation.market.filereadings import ADJUSTED, AS_TRADED, SPLIT_ADJUSTED, FileReading, Refused
from xlrotation.market.listing import Listing
from xlrotation.market.panel import FloatArray, Panel, Quarantined
from xlrotation.market.providers.folder import oddities
from xlrotation.market.providers.folder.priceblocks import Block

SHARE = 0.5
"""Share of the symbols that still come which must have a close on the newest session."""

COMES = 65
"""Sessions before the newest row within which a symbol must have a close to count as one that still comes."""

FEW = 5
"""Closes below which nothing is a history that a move could be too large for."""

AGREE = 0.005
"""Closes of two files that differ by more than this share are not the same prices."""

_COMMON = 20
"""Days that two files must share before the ratio of their closes says anything."""

_STILL, _MOSTLY_STILL = 0.0006, 0.9
"""How little the ratio must move from one day to the next, and on which share of the days."""

_TOLD = 3
CLOCK = ("-USD", "=X", "USDT")
"""Ends of symbols that trade around the clock: their days say nothing of an exchange's sessions."""

Remark = Callable[[str], None]

WORDS = {
    AS_TRADED: "as traded in the file",
    SPLIT_ADJUSTED: "adjusted for splits in the file",
    ADJUSTED: "adjusted for splits and dividends in the file",
}


def finished(blocks: Iterable[Block], listing: Listing, now: dt.datetime, remark: Remark) -> list[Block]:
    """*blocks* without rows of sessions that are not over.

    Raises:
        NoData: Rows up to today lie past the end of the known sessions.
    """
    kept = []
    lasts: dict[Exchange, np.datetime64] = {}
    for block in blocks:
        exchange = listing.of(block.symbol)
        last = lasts.get(exchange) or lasts.setdefault(exchange, np.datetime64(exchange.last_known(now)))
        later = block.days > last
        if later.any():
            stop = len(later) - int(later.sum())  # the days rise
            some = np.any([np.isfinite(values[later]) for values in block.fields.values()], axis=0)
            if some.any():
                days = block.days[later][some]
                first: dt.date = days[0].item()
                if first <= exchange.today(now):
                    exchange.sessions_between(first, first)  # no answer as if these rows were not there
                what = f"{len(days)} rows after {last}, the last finished session (first {days[0]}), left out"
                remark(f"{block.file}: {block.symbol} has {what}{block.named(some)}")
            block = block.until(stop)
        if len(block.days):
            kept.append(block)
    return kept


def merged(symbol: str, blocks: list[Block], remark: Remark) -> Block:
    """One block of a symbol that several files hold.

    The file with the most fields leads and others fill its gaps, but only files that agree with it where both have a
    close: a path put together from raw and adjusted prices would jump where it changes from one to the other.
    """
    if len(blocks) == 1:
        return blocks[0]
    blocks = sorted(blocks, key=lambda block: (-len(block.fields), -len(block.days)))
    days = np.unique(np.concatenate([block.days for block in blocks]))
    names = dict.fromkeys(name for block in blocks for name in block.fields)
    fields = {name: np.full(len(days), np.nan) for name in names}
    used: list[Block] = []
    for block in blocks:
        rows = np.searchsorted(days, block.days)
        close = block.fields.get("close")
        if close is not None and used:
            own = fields["close"][rows]
            both = np.isfinite(own) & np.isfinite(close)
            apart = both & (np.abs(close - own) > AGREE * np.abs(own))
            if apart.any() and (ratio := _steady(own, close)) is not None:
                _lengthen(fields, used[0], block, days, ratio, remark)
                used.append(block)
                continue
            if apart.any():
                day = block.days[np.flatnonzero(apart)[0]]
                where = f"{apart.sum()} days (first {day})"
                remark(f"{symbol}: {block.file} differs from {used[0].file} on {where} and is not used for it")
                continue
        used.append(block)
        for name, values in block.fields.items():
            own = fields[name][rows]
            fields[name][rows] = np.where(np.isfinite(own), own, values)
    file = " + ".join(dict.fromkeys(block.file for block in used))
    trusted = any(block.trusted for block in used)
    return Block(symbol, days, fields, file, None, (), used[0].adjustment, trusted)


def closes_of(blocks: Sequence[Block], remark: Remark) -> Iterator[tuple[str, Days, FloatArray]]:
    """Symbols with their days and closes, of what several files hold together."""
    by_symbol: dict[str, list[Block]] = {}
    for block in blocks:
        by_symbol.setdefault(block.symbol, []).append(block)
    for symbol, several in by_symbol.items():
        block = merged(symbol, several, remark)
        if "close" in block.fields:
            yield symbol, block.days, block.fields["close"]


def _steady(own: FloatArray, other: FloatArray) -> FloatArray | None:
    """The ratio of two closes on each day, where it is that of one price adjusted and not: it changes in steps only."""
    both = np.flatnonzero((own > 0) & (other > 0))
    if len(both) < _COMMON:
        return None
    steps = np.abs(np.diff(np.log(own[both] / other[both])))
    if (steps <= _STILL).mean() < _MOSTLY_STILL:
        return None
    ratio: FloatArray = np.full(len(own), np.nan)
    ratio[both] = own[both] / other[both]
    return ratio


def _lengthen(
    fields: dict[str, FloatArray], lead: Block, block: Block, days: Days, ratio: FloatArray, remark: Remark
) -> None:
    """Go on before and after the closes of *lead* with those of *block*, scaled to meet them at the seam."""
    rows = np.searchsorted(days, block.days)
    known = np.flatnonzero(np.isfinite(ratio))
    own = fields["close"]
    have = np.flatnonzero(np.isfinite(own))
    for outside, seam in ((rows < have[0], known[0]), (rows > have[-1], known[-1])):
        some = outside & np.isfinite(block.fields["close"])
        if not some.any():
            continue
        own[rows[some]] = block.fields["close"][some] * ratio[seam]
        span = f"{block.days[some][0]} to {block.days[some][-1]}"
        remark(
            f"{lead.symbol}: {lead.file} and {block.file} have the same closes, one of them adjusted; the closes of "
            f"{span} are those of {block.file} times {ratio[seam]:.6g}"
        )


def ended(
    days: Days,
    symbols: Sequence[str],
    fields: dict[str, FloatArray],
    listing: Listing,
    remark: Remark,
    decided: np.datetime64 | None = None,
    blocks: Sequence[Block] = (),
) -> tuple[Days, dict[str, FloatArray]]:
    """The rows up to the newest session, and a remark on symbols that have later ones.

    Args:
        days: The rows.
        symbols: The columns.
        fields: The arrays.
        listing: Where the symbols trade.
        remark: Takes what is not taken.
        decided: The newest session, where the last lines of the files have decided it.
        blocks: What the files hold of the symbols, for the rows of later closes.
    """
    by_symbol: dict[str, list[Block]] = {}
    for block in blocks:
        by_symbol.setdefault(block.symbol, []).append(block)
    known = np.isfinite(fields["close"])
    last = np.array([np.flatnonzero(column)[-1] if column.any() else -1 for column in known.T])
    if last.max(initial=-1) < 0 and decided is None:
        return days, fields
    stop = int(last.max()) + 1
    for exchange in listing.all_of(symbols):
        own = np.array([listing.of(symbol) == exchange for symbol in symbols])
        counted = own & np.array([not symbol.endswith(CLOCK) for symbol in symbols])
        counted = counted if (last[counted] >= 0).any() else own
        newest = (
            _newest(known[:, counted], last[counted], among(days, exchange.sessions()))
            if decided is None
            else int(np.searchsorted(days, decided))
        )
        ahead = np.flatnonzero(own & (last > newest))
        if newest < 0 or not len(ahead):
            continue
        of = f"{counted.sum()} symbols that come" if counted.sum() > 1 else "symbols"
        what = f"the newest session that at least {SHARE:.0%} of the {of} have; the later ones are left out"
        told: dict[tuple[str, int, str], list[str]] = {}
        for column in ahead.tolist():
            count = int(known[newest + 1 :, column].sum())
            for place in _later(
                by_symbol.get(symbols[column], ()), days[newest + 1 :][known[newest + 1 :, column]]
            ) or [("", count, "")]:
                told.setdefault(place, []).append(symbols[column])
        for (file, count, rows), names in told.items():
            where = f"{file}: {', '.join(names)}" if file else ", ".join(names)
            have = "have each" if len(names) > 1 else "has"
            remark(f"{where} {have} {count} closes after {days[newest]}, {what}{rows}")
        for values in fields.values():
            values[newest + 1 :, own] = np.nan
    stop = max(
        (int(np.flatnonzero(column)[-1]) + 1 for column in np.isfinite(fields["close"]).T if column.any()), default=1
    )
    if decided is not None:
        stop = int(np.searchsorted(days, decided)) + 1
    return days[:stop], {name: _cut(values, stop) for name, values in fields.items()}


def _cut(values: FloatArray, stop: int) -> FloatArray:
    """The first rows of an array of columns, in its own memory."""
    rows, width = values.shape
    if stop == rows:
        return values
    flat = values.reshape(-1, order="F")
    for column in range(width):
        flat[column * stop : (column + 1) * stop] = flat[column * rows : column * rows + stop]
    return flat[: stop * width].reshape((stop, width), order="F")


def _later(blocks: Sequence[Block], later: Days) -> list[tuple[str, int, str]]:
    """Of each file the closes of *later* days, and in which rows they stand."""
    found = []
    for block in blocks:
        some = np.isin(block.days, later) & np.isfinite(block.fields.get("close", np.full(len(block.days), np.nan)))
        if some.any():
            found.append((block.file, int(some.sum()), block.named(some)))
    return found


def _newest(known: npt.NDArray[np.bool_], last: npt.NDArray[np.int64], sessions: npt.NDArray[np.bool_]) -> int:
    """The row of the newest session; -1 where there is none."""
    rows = np.flatnonzero(sessions[: int(last.max(initial=-1)) + 1])
    if not len(rows):
        return -1
    for row in rows[::-1].tolist():
        first = rows[max(0, int(np.searchsorted(rows, row)) - COMES)]
        comes = known[first : row + 1].any(axis=0) | (last >= row)
        if comes.any() and known[row, comes].sum() >= SHARE * comes.sum():
            return int(row)
    return int(rows[-1])


def told_alone(panel: Panel, trusted: Sequence[str], remark: Remark) -> None:
    """Tell of closes that stand alone; of what is held back another remark tells."""
    close, factor = panel.fields["close"], panel.split_factor
    paths = close if factor is None else close * factor
    for column, symbol in enumerate(panel.symbols):
        if symbol not in trusted and quarantine.kind(symbol) in ("stock", "index"):
            oddities.alone(symbol, panel.days, paths[:, column], panel.provenance[symbol].provider, remark)


def screened(panel: Panel, fields: Mapping[str, FloatArray], trusted: Sequence[str], remark: Remark) -> Panel:
    """*panel* without values that move by more than they should, as a store holds them back.

    Args:
        panel: The panel.
        fields: Its arrays, to be written to; nobody else has seen them.
        trusted: Symbols whose moves are real.
        remark: Takes what is held back.
    """
    found = quarantine.screen(None, panel)
    few = np.isfinite(panel.fields["close"]).sum(axis=0) < FEW
    passed = {*trusted, *(panel.symbols[column] for column in np.flatnonzero(few))}
    entries = [entry for entry in found.entries if entry.symbol not in passed]
    if not entries:
        return panel
    row_of = {day: row for row, day in enumerate(panel.days.tolist())}
    by_symbol: dict[str, list[Quarantined]] = {}
    for entry in entries:
        by_symbol.setdefault(entry.symbol, []).append(entry)
        for values in fields.values():
            values[row_of[entry.day], panel.columns[entry.symbol]] = np.nan
    for symbol, held in by_symbol.items():
        source = panel.provenance[symbol].provider
        for entry in held[:_TOLD]:
            remark(f"{source}: {symbol} {entry.day}: {entry.reason}; held back")
        if len(held) > _TOLD:
            remark(f"{source}: {symbol}: {len(held) - _TOLD} more days held back, the last {held[-1].day}")
    return replace(panel, quarantine=tuple(entries))


def readings_with(readings: Sequence[FileReading], remarks: Sequence[str]) -> tuple[FileReading, ...]:
    """*readings* with what the files together made of them: a remark belongs to the file that it begins with."""
    found = []
    for reading in readings:
        known = {*reading.oddities, *(refused.reason for refused in reading.refused)}
        begins = (f"{reading.file}: ", f"{reasons.LEFT_OUT}{reading.file}: ")
        unused = f": {reading.file} differs from "
        own = [remark for remark in remarks if remark.startswith(begins) or unused in remark]
        own = [remark for remark in own if remark not in known and remark.removeprefix(reasons.LEFT_OUT) not in known]
        if own:
            reading = replace(reading, refused=[*reading.refused, *map(Refused.of, own)])
        found.append(reading)
    return tuple(found)


def reach(exchanges: Iterable[Exchange], now: dt.datetime) -> int:
    """A number that changes when a session of one of *exchanges* is over."""
    return sum(exchange.last_known(now).toordinal() for exchange in exchanges)
