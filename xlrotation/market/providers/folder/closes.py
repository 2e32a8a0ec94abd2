"""What the closes of a file are, tested on the file itself: as traded, adjusted for splits, or for dividends, too.

At a split of 10 for 1 closes as traded fall to a tenth and split-adjusted ones do not; the dividends before it, per
share of then or of now, tell themselves in the same way. Whether dividends are taken out of the closes, too, tell the
ticks: what was traded has whole cents. A vendor who multiplies by (1 - dividend / close) can be followed back; if the
result has whole cents, that is what was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xlrotation.market.adjustment import split_ratio
from xlrotation.market.calendar import Days
from xlrotation.market.filereadings import ADJUSTED, AS_TRADED, SPLIT_ADJUSTED, UNKNOWN
from xlrotation.market.panel import PRICE_FIELDS, FloatArray
from xlrotation.market.providers.folder.rows import rows_named

Lines = Sequence[int] | npt.NDArray[np.int64]

_SURE = 0.35
"""Share of a split's size by which the move across it may differ from it, or from none."""

_LEAST = 0.18
"""Logarithm of the smallest split that a move can tell from a day's trading."""

_NOISE = 4.0
"""Times the usual move of a day that a split must be to be told from it."""

_LARGEST_PAID = 0.5
"""Share of the close before it beyond which a dividend is a slip."""

_PARTED = 0.02
"""Logarithm by which adjusted closes must part from the closes, and come back, to be wrong."""

_CENT = 0.01
_OFF_TICK = 0.0012
_ROWS = 8
"""Closes that ticks are looked for in, at least."""

_MOSTLY, _HARDLY = 0.9, 0.6
_SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 16, 20, 25, 30, 40, 50, 100, 1.5, 2.5, 4 / 3, 1.25)
_LIKE = 0.02
_STAYS = 2
"""Closes after a split that only adjusted closes tell of, at the new level, before it counts."""


@dataclass(slots=True)
class Told:
    """What was found: the fields as a panel wants them, what the closes were, how that was found, and remarks."""

    fields: dict[str, FloatArray]
    adjustment: str = UNKNOWN
    found_by: str = ""
    remarks: list[str] = field(default_factory=list)


def settle(symbol: str, days: Days, fields: dict[str, FloatArray], declared: str = UNKNOWN, lines: Lines = ()) -> Told:
    """Find out what *fields* are, and make of them closes that the splits and dividends beside them fit.

    Args:
        symbol: Whose they are.
        days: Their days, ascending, each once.
        fields: As they stand in the file.
        declared: What its owner says the closes are.
        lines: The row of the file of each, for remarks.
    """
    told = Told(dict(fields))
    splits = _splits(told.fields)
    _sound_dividends(told, symbol, days, lines)
    _sound_adjusted(told, symbol, days, splits, lines)
    if declared != UNKNOWN:
        told.adjustment, told.found_by = declared, "declared"
    elif len(splits):
        _by_splits(told, symbol, days, splits)
    elif "adjclose" in fields:
        _by_adjusted(told, symbol, days)
    else:
        told.found_by = "the file states no splits" if "split" not in fields else "no split in the file"
    if told.adjustment == SPLIT_ADJUSTED:
        _dividends_like_closes(told, symbol, days, splits)
        told.fields.pop("split", None)
    elif told.adjustment == AS_TRADED and len(splits):
        _dividends_like_closes(told, symbol, days, splits)
    elif told.adjustment in (UNKNOWN, ADJUSTED) and len(splits):
        told.fields.pop("split", None)
    if told.adjustment == ADJUSTED:
        _without_events(told, symbol)
    elif "adjclose" not in told.fields:
        _by_ticks(told, symbol, days, 0 if told.adjustment == AS_TRADED else max(splits, default=0))
    return told


def _sound_dividends(told: Told, symbol: str, days: Days, lines: Lines) -> None:
    """Leave out dividends below zero, or larger than a share of the close before them that hardly anybody paid."""
    dividend, close = told.fields.get("dividend"), told.fields["close"]
    if dividend is None:
        return
    known = np.flatnonzero(np.isfinite(close))
    before = known[np.maximum(np.searchsorted(known, np.arange(len(days))) - 1, 0)] if len(known) else known
    if not len(before):
        return
    wrong = (dividend < 0) | (dividend > _LARGEST_PAID * np.abs(close[before]))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        what = f"{dividend[row]:.10g} on {days[row]} beside a close of {close[before[row]]:.10g}"
        rows = _rows(lines, np.flatnonzero(wrong))
        told.remarks.append(f"{symbol}: {wrong.sum()} dividends that can be none are left out (first {what}){rows}")
        told.fields["dividend"] = np.where(wrong, np.nan, dividend)


def _rows(lines: Lines, places: npt.NDArray[np.intp]) -> str:
    return rows_named(np.asarray(lines)[places].tolist()) if len(lines) else ""


def _sound_adjusted(told: Told, symbol: str, days: Days, splits: list[int], lines: Lines) -> None:
    """Leave out adjusted closes that part from their closes on one day and come back: one of the two is wrong."""
    if "adjclose" not in told.fields:
        return
    close, adjusted = told.fields["close"], told.fields["adjclose"]
    rows = np.flatnonzero((close > 0) & (adjusted > 0))
    if len(rows) < 3:
        return
    share = np.log(adjusted[rows] / close[rows])
    there, back = np.diff(share)[:-1], np.diff(share)[1:]
    gone = (np.minimum(np.abs(there), np.abs(back)) > _PARTED) & (np.abs(there + back) < _PARTED / 2)
    wrong = rows[1:-1][gone]
    if abs(share[-1] - share[-2]) > _LEAST and rows[-1] not in splits:
        wrong = np.append(wrong, rows[-1])
    if len(wrong):
        first = f"{adjusted[wrong[0]]:.10g} beside {close[wrong[0]]:.10g} on {days[wrong[0]]}"
        told.remarks.append(
            f"{symbol}: {len(wrong)} adjusted closes that part from their closes left out (first {first})"
            f"{_rows(lines, wrong)}"
        )
        told.fields["adjclose"] = adjusted.copy()
        told.fields["adjclose"][wrong] = np.nan


def _splits(fields: dict[str, FloatArray]) -> list[int]:
    if "split" not in fields:
        return []
    ratio = split_ratio(fields["split"])
    known = np.flatnonzero(np.isfinite(fields["close"]))
    some = np.flatnonzero(ratio != 1.0)
    if len(known):  # one with nothing before it, or nothing from it on, changes nothing
        some = some[(some > known[0]) & (some <= known[-1])]
    fields["split"] = np.full(len(ratio), np.nan)
    fields["split"][some] = ratio[some]
    return some.tolist()


def _around(values: FloatArray, row: int) -> tuple[float, float] | None:
    """The last value before a row and the first from it on."""
    before, after = np.flatnonzero(np.isfinite(values[:row])), np.flatnonzero(np.isfinite(values[row:]))
    if not len(before) or not len(after):
        return None
    one, other = values[before[-1]], values[row + after[0]]
    return (float(one), float(other)) if one > 0 and other > 0 else None


def _vote(values: FloatArray, row: int, ratio: float, least: float) -> str:
    """What the values around a split say: as traded, adjusted, or nothing."""
    pair, size = _around(values, row), float(np.log(ratio))
    if pair is None or abs(size) < least:
        return UNKNOWN
    move = float(np.log(pair[0] / pair[1]))
    if abs(move - size) <= _SURE * abs(size):
        return AS_TRADED
    return SPLIT_ADJUSTED if abs(move) <= _SURE * abs(size) else UNKNOWN


def _by_splits(told: Told, symbol: str, days: Days, splits: list[int]) -> None:
    close, split = told.fields["close"], told.fields["split"]
    moves = np.abs(np.diff(np.log(close[np.isfinite(close) & (close > 0)])))
    least = max(_LEAST, _NOISE * float(np.median(moves)) if len(moves) else 0.0)
    votes = {row: _vote(close, row, float(split[row]), least) for row in splits}
    said = {vote: row for row, vote in votes.items() if vote != UNKNOWN}
    listed = ", ".join(f"{split[row]:g} for 1 on {days[row]}" for row in splits[:3])
    if len(said) == 1:
        ((told.adjustment, row),) = said.items()
        told.found_by = f"the closes around the split of {split[row]:g} for 1 on {days[row]}"
        return
    why = (
        "the closes are as traded at some of its splits and adjusted at others"
        if said
        else "whether the closes are as traded or adjusted for splits cannot be told"
    )
    told.found_by = why
    told.remarks.append(f"{symbol}: {why} ({listed}); the file's splits are not applied")


def _by_adjusted(told: Told, symbol: str, days: Days) -> None:
    """Splits that only the adjusted closes tell of: their share of the closes jumps by one."""
    close, adjusted = told.fields["close"], told.fields["adjclose"]
    rows = np.flatnonzero((close > 0) & (adjusted > 0))
    if len(rows) < 2:
        return
    share = np.log(adjusted[rows] / close[rows])
    split = np.full(len(days), np.nan)
    for place in np.flatnonzero(np.abs(np.diff(share)) > _LEAST) + 1:
        jump = float(np.exp(share[place] - share[place - 1]))
        ratio = _near_split(jump)
        after = share[place : place + _STAYS + 1]
        stays = len(after) == _STAYS + 1 and bool((np.abs(after - after[0]) < _LEAST).all())
        fell = abs(np.log(close[rows[place - 1]] / close[rows[place]] / jump)) < _SURE * abs(np.log(jump))
        if ratio and stays and fell:
            split[rows[place]] = ratio
    found = np.flatnonzero(np.isfinite(split))
    if len(found):
        told.fields["split"], told.adjustment = split, AS_TRADED
        listed = ", ".join(f"{split[row]:g} for 1 on {days[row]}" for row in found[:3])
        told.found_by = f"closes and adjusted closes part at {listed}"
        told.remarks.append(f"{symbol}: splits that the adjusted closes tell of are applied: {listed}")
    else:
        told.found_by = "closes and adjusted closes part at no split"


def _near_split(jump: float) -> float:
    for ratio in _SPLITS:
        for each in (ratio, 1.0 / ratio):
            if abs(jump / each - 1.0) <= _LIKE:
                return each
    return 0.0


def _dividends_like_closes(told: Told, symbol: str, days: Days, splits: list[int]) -> None:
    """Put dividends on the share count of the closes beside them.

    At a split the last dividend before it and the first after it tell their own count; where there are none, nothing
    needs to be told of that split.
    """
    dividend = told.fields.get("dividend")
    if dividend is None or not len(splits) or "split" not in told.fields:
        return
    split, paid = told.fields["split"], np.where(dividend > 0, dividend, np.nan)
    before = {row: int(np.isfinite(paid[:row]).sum()) for row in splits}
    votes = {_vote(paid, row, float(split[row]), 0.6) for row in splits if before[row]} - {UNKNOWN}
    if not any(before.values()):
        return
    count = np.cumprod(split_ratio(split)[::-1])[::-1]
    later = np.append(count[1:], 1.0)  # shares that one share of a day becomes after it
    if len(votes) == 1:
        (own,) = votes
        if own != told.adjustment:
            told.fields["dividend"] = dividend * later if told.adjustment == AS_TRADED else dividend / later
            told.remarks.append(
                f"{symbol}: its dividends are {own} and its closes are {told.adjustment}; the dividends are converted"
            )
    elif told.adjustment == AS_TRADED or len(votes) > 1:
        told.remarks.append(
            f"{symbol}: whether the dividends before the split on {days[splits[-1]]} are per share of then or of now "
            "cannot be told; the file's dividends are not applied"
        )
        told.fields.pop("dividend")


def _without_events(told: Told, symbol: str) -> None:
    """Closes with dividends taken out grow as a holder's money does: they are both, price and total return."""
    told.fields.pop("dividend", None)
    told.fields["adjclose"] = told.fields["close"].copy()
    told.remarks.append(
        f"{symbol}: its closes are adjusted for dividends, too; returns are with dividends on either basis"
    )


def _by_ticks(told: Told, symbol: str, days: Days, first: int) -> None:
    """Whether dividends are taken out of closes beside which they stand, by the ticks of the closes from *first* on."""
    dividend, close = told.fields.get("dividend"), told.fields["close"]
    if dividend is None or not (paid := np.flatnonzero(np.nan_to_num(dividend) > 0)).size:
        return
    if not np.isfinite(close[: paid[-1]]).any():
        return  # nobody held it before
    factor = _taken_out(close, np.nan_to_num(dividend))
    rows = np.arange(first, paid[-1])
    rows = rows[np.isfinite(close[rows])]
    whole, undone = _whole_cents(close[rows]), _whole_cents(close[rows] / factor[rows])
    if (len(rows) >= _ROWS and whole >= _MOSTLY) or (len(rows) and _whole_cents(close[rows], exactly=True) == 1.0):
        return
    if len(rows) >= _ROWS and whole < _HARDLY and undone >= _MOSTLY:
        told.fields["adjclose"] = close.copy()
        for name in PRICE_FIELDS:
            if name in told.fields:
                told.fields[name] = told.fields[name] / factor
        told.fields.pop("dividend")
        told.found_by += "; closes with their dividends put back have whole cents"
        told.remarks.append(
            f"{symbol}: its closes are adjusted for dividends; what was traded is computed from them and the dividends"
        )
        return
    told.remarks.append(
        f"{symbol}: whether its closes are adjusted for the dividends beside them cannot be told (first on "
        f"{days[paid[0]]}); the file's dividends are not applied"
    )
    told.fields.pop("dividend")


def _taken_out(close: FloatArray, dividend: FloatArray) -> FloatArray:
    """The share of a close that is left once all later dividends are taken out of it."""
    factor = np.ones(len(close))
    left = 1.0
    last = -1
    known = np.isfinite(close)
    for row in range(len(close) - 1, -1, -1):
        if known[row]:
            if last >= 0:
                due = dividend[row + 1 : last + 1].sum()
                if due > 0:
                    left = left / (1.0 + left * due / close[row])
            last = row
        factor[row] = left
    return factor


def _whole_cents(values: FloatArray, exactly: bool = False) -> float:
    """The share of values that are whole cents; what floats of four bytes lose is allowed for, unless *exactly*."""
    if not len(values):
        return 0.0
    off = np.abs(values / _CENT - np.round(values / _CENT)) * _CENT
    return float((off <= (1e-9 * values if exactly else _OFF_TICK + 1e-7 * values)).mean())
