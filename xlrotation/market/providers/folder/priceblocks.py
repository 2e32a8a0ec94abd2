"""Dated columns of one symbol from one file: one row a day, and nothing in them that can be no price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from xlrotation.market import signs
from xlrotation.market.calendar import Days, Exchange
from xlrotation.market.panel import PRICE_FIELDS, FloatArray, rise
from xlrotation.market.providers.folder import oddities
from xlrotation.market.providers.folder.rows import rows_named

LARGEST = 1e9
"""No price is higher; the dearest share costs a million."""

SAME = 0.005
"""Share by which two values of one day may differ and still be one value, corrected."""

OUTSIDE = 0.02
"""Share by which a close may lie outside its own high and low before the bar is rejected."""

SHADOW = 0.25
"""Share by which a high or low may lie beyond open and close before it is told."""

TWICE = 2.0
"""Times open and close beyond which a high, or a low the other way, is a slip."""

_TOLD = 3

Remark = Callable[[str], None]
Minutes = npt.NDArray[np.int64]


@dataclass(slots=True)
class Block:
    """Dated columns of one symbol from one file.

    Attributes:
        symbol: The symbol.
        days: The day of each row.
        fields: The columns.
        file: The table, as messages name it.
        minutes: Minutes of the day at the exchange, where the rows are moments; None where they are days.
        lines: The row of the file of each, for messages; empty where there is none.
        adjustment: What the closes are, and how that was found.
        trusted: Whether its owner says that moves beyond the bounds are real.
        tail: The rows of the file of the last ones, once *lines* is let go.
        turn: The step from each row of the file to the next one, 1 or -1, then; 0 where some are left out.
    """

    symbol: str
    days: Days
    fields: dict[str, FloatArray]
    file: str
    minutes: Minutes | None = None
    lines: Sequence[int] | npt.NDArray[np.integer] = ()
    adjustment: tuple[str, str] = ("", "")
    trusted: bool = False
    tail: tuple[int, ...] = ()
    turn: int = 0

    def named(self, some: npt.NDArray[np.bool_]) -> str:
        """Which rows of the file *some* of its last ones are, as remarks name rows; empty where nobody knows."""
        count = len(some)
        if count <= len(self.tail):
            return rows_named(np.array(self.tail)[-count:][some].tolist())
        if not (self.turn and self.tail):
            return ""
        return rows_named((self.tail[-1] - self.turn * (count - 1 - np.flatnonzero(some))).tolist())

    def until(self, stop: int) -> Block:
        """The first rows of the block, in its own memory."""
        lost = len(self.days) - stop
        tail = self.tail[:-lost] or ((self.tail[-1] - self.turn * lost,) if self.turn and self.tail else ())
        fields = {name: values[:stop] for name, values in self.fields.items()}
        return replace(self, days=self.days[:stop], fields=fields, lines=(), tail=tail)


def one_row_a_day(block: Block, exchange: Exchange, remark: Remark) -> Block:
    """*block* in the order of its days, each once.

    Of a day told twice, a value counts where one of the rows has it or both agree; where they differ by more than a
    correction would, nobody knows which is right, and neither is taken. Rows that are moments of a day make its bar.
    """
    if block.minutes is None and len(block.lines):
        wrong = oddities.out_of_order(block.days, block.lines, block.file, remark)
        if wrong.any():
            block = replace(
                block,
                days=block.days[~wrong],
                fields={name: values[~wrong] for name, values in block.fields.items()},
                lines=np.asarray(block.lines)[~wrong],
            )
    if rise(block.days):
        return block
    if rise(block.days[::-1]):  # newest first, as many vendors write
        turned = {name: values[::-1] for name, values in block.fields.items()}
        lines = np.asarray(block.lines, np.int64)[::-1] if len(block.lines) else np.arange(len(block.days))[::-1]
        return Block(block.symbol, block.days[::-1], turned, block.file, None, lines, block.adjustment)
    order = np.lexsort((np.zeros(len(block.days), np.int64) if block.minutes is None else block.minutes, block.days))
    days = block.days[order]
    lines = np.asarray(block.lines, np.int64)[order] if len(block.lines) else np.arange(len(order))
    fields = {name: values[order] for name, values in block.fields.items()}
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]]) if len(days) else np.empty(0, np.intp)
    if len(starts) == len(days):
        return Block(block.symbol, days, fields, block.file, None, lines, block.adjustment)
    if block.minutes is not None and _within_days(block.minutes[order], starts):
        fields, lines = _bars(block, days, fields, block.minutes[order], starts, exchange, remark), lines[starts]
    else:
        fields = _agreed(block, days, fields, lines, starts, remark)
        lines = lines[starts]
    return Block(block.symbol, days[starts], fields, block.file, None, lines, block.adjustment)


def _within_days(minutes: Minutes, starts: npt.NDArray[np.intp]) -> bool:
    """Whether rows of one day are told apart by their times."""
    same = np.r_[False, minutes[1:] == minutes[:-1]]
    same[starts] = False
    return not same.any()


def _bars(
    block: Block,
    days: Days,
    fields: dict[str, FloatArray],
    minutes: Minutes,
    starts: npt.NDArray[np.intp],
    exchange: Exchange,
    remark: Remark,
) -> dict[str, FloatArray]:
    """The bar of each day from rows within it, those between the bells of the exchange."""
    ends = np.r_[starts[1:], len(days)]
    made = {name: np.full(len(starts), np.nan) for name in fields}
    outside = 0
    sessions = exchange.sessions()
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        rows = np.arange(start, end)
        if np.isin(days[start], sessions):
            day: dt.date = days[start].item()
            first, last = (bell.hour * 60 + bell.minute for bell in (exchange.opening(day), exchange.bell(day)))
            inside = (minutes[rows] >= first) & (minutes[rows] <= last)
            outside += int((~inside).sum())
            rows = rows[inside]
        for name, values in fields.items():
            known = values[rows][np.isfinite(values[rows])]
            if len(known):
                made[name][place] = _gathered(name, known)
    more = f", {outside} of them outside its hours left out" if outside else ""
    what = f"{len(days)} rows within {len(starts)} days, gathered to a bar a day{more}"
    remark(f"{block.file}: {block.symbol} has {what}")
    return made


def _gathered(name: str, known: FloatArray) -> float:
    match name:
        case "open":
            return float(known[0])
        case "high":
            return float(known.max())
        case "low":
            return float(known.min())
        case "volume" | "dividend":
            return float(known.sum())
        case "split":
            return float(known.prod())
        case _:
            return float(known[-1])


def _agreed(
    block: Block,
    days: Days,
    fields: dict[str, FloatArray],
    lines: Minutes,
    starts: npt.NDArray[np.intp],
    remark: Remark,
) -> dict[str, FloatArray]:
    """Of rows of one day, what one has or all agree on."""
    ends = np.r_[starts[1:], len(days)]
    made = {name: values[starts].copy() for name, values in fields.items()}
    same: list[np.datetime64] = []
    differ: list[str] = []
    where: list[list[int]] = []
    for place in np.flatnonzero(ends - starts > 1):
        rows = np.arange(starts[place], ends[place])
        before = len(differ)
        for name, values in fields.items():
            known = values[rows][np.isfinite(values[rows])]
            made[name][place] = known[-1] if len(known) else np.nan
            if len(known) and known.max() - known.min() > _apart(name) * np.abs(known).max():
                made[name][place] = np.nan
                told = " and ".join(f"{value:.10g}" for value in dict.fromkeys(known.tolist()))
                differ.append(f"{days[rows[0]]}, rows {', '.join(map(str, lines[rows]))}: {name} {told}")
                where.append(lines[rows][1:].tolist())
        if len(differ) == before:
            same.append(days[rows[0]])
    what = f"{block.file}: {block.symbol} has" if block.symbol else f"{block.file} has"
    if same:
        remark(f"{what} the same day twice with the same values ({len(same)} days, first {same[0]})")
    for each in differ[:_TOLD]:
        remark(f"{what} the same day twice and differently, {each}; left out")
    if len(differ) > _TOLD:
        more = f"{len(differ) - _TOLD} more values of days that stand there twice and differently; left out"
        named = rows_named(sorted({line for each in where[_TOLD:] for line in each}))
        remark(f"{what} {more}{named}")
    return made


def _apart(name: str) -> float:
    return 0.0 if name in ("split", "dividend") else SAME


def without_impossible(block: Block, remark: Remark) -> None:
    """Empty what no price can be: too large, of a sign that its symbol's values never have, or out of its bar."""
    for name, values in block.fields.items():
        if name not in (*PRICE_FIELDS, "adjclose"):
            if name in ("volume", "shares") and (values < 0).any():
                _empty(block, name, values < 0, "below 0", remark)
            continue
        _empty(block, name, np.abs(values) > LARGEST, f"above {LARGEST:,.0f}", remark)
        sign = signs.of(block.symbol)
        if sign == signs.POSITIVE:
            _empty(block, name, values <= 0, "of 0 or less", remark)
        elif sign == signs.NOT_NEGATIVE:
            _empty(block, name, values < 0, "below 0", remark)
    _bars_hold(block, remark)
    _shadows_hold(block, remark)


def _empty(block: Block, name: str, bad: npt.NDArray[np.bool_], what: str, remark: Remark) -> None:
    if bad.any():
        day = block.days[np.flatnonzero(bad)[0]]
        noun = f"{name} prices" if name in (*PRICE_FIELDS, "adjclose") else f"values of {name}"
        remark(f"{block.file}: {block.symbol} has {bad.sum()} {noun} {what} (first {day}); left out{_rows(block, bad)}")
        block.fields[name][bad] = np.nan


def _rows(block: Block, bad: npt.NDArray[np.bool_]) -> str:
    lines = np.asarray(block.lines, np.int64)
    return rows_named(lines[bad].tolist()) if len(lines) == len(bad) else ""


def _shadows_hold(block: Block, remark: Remark) -> None:
    """Tell of a high far above, or a low far below, where its day opened and closed, and empty what cannot be."""
    ends = [block.fields[name] for name in ("open", "close") if name in block.fields]
    if not ends or signs.of(block.symbol) != signs.POSITIVE:
        return
    for name, beside, word in (("high", np.fmax.reduce(ends), "above"), ("low", np.fmin.reduce(ends), "below")):
        values = block.fields.get(name)
        if values is None:
            continue
        with np.errstate(over="ignore"):
            far = values / beside if name == "high" else beside / values
        odd = far > 1.0 + SHADOW
        if odd.any():
            lost = far > TWICE
            values[lost] = np.nan
            what = f"{odd.sum()} {name}s far {word} open and close (first {block.days[np.flatnonzero(odd)[0]]})"
            more = (
                f"; {lost.sum()} of them, beyond twice that, left out{_rows(block, lost)}"
                if lost.any()
                else "; look whether they are right"
            )
            remark(f"{block.file}: {block.symbol} has {what}{more}")


def _bars_hold(block: Block, remark: Remark) -> None:
    """Tell of a high below its low, or an open or close outside both, and empty what of the bar cannot be right."""
    if not {"high", "low"} <= block.fields.keys() or signs.of(block.symbol) != signs.POSITIVE:
        return
    high, low = block.fields["high"], block.fields["low"]
    crossed = high < low
    if crossed.any():
        day = block.days[np.flatnonzero(crossed)[0]]
        what = f"{crossed.sum()} highs below their lows (first {day}); both left out{_rows(block, crossed)}"
        remark(f"{block.file}: {block.symbol} has {what}")
        high[crossed] = low[crossed] = np.nan
    for name, lost in (("close", (*PRICE_FIELDS, "adjclose")), ("open", ("open", "high", "low"))):
        values = block.fields.get(name)
        if values is None:
            continue
        outside = (values > high * (1.0 + OUTSIDE)) | (values < low * (1.0 - OUTSIDE))
        if outside.any():
            day = block.days[np.flatnonzero(outside)[0]]
            what = f"{outside.sum()} {name}s outside high and low (first {day})"
            gone = f"{', '.join(lost)} of these days left out{_rows(block, outside)}"
            remark(f"{block.file}: {block.symbol} has {what}; {gone}")
            for each in lost:
                if each in block.fields:
                    block.fields[each][outside] = np.nan
