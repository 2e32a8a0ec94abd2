"""The condition of data: what could not be read, what was left out, what is stale, what is held back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.market import age, reasons, universes
from xlrotation.market.calendar import CalendarEnds
from xlrotation.market.panel import Panel

_KEPT = 100
"""Items of a kind that are told; a report is no copy of the data."""

_TOLERANCE = dt.timedelta(days=1)
"""A session may end on a day that has not begun in UTC."""

_UNREAD = ("cannot be read", "could not be read", "what was read before stays", "damaged")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a reader of a report must know of its data, each an item in words.

    Attributes:
        unread: Files that could not be read.
        left_out: Rows, columns, cells that were not taken.
        stale: Symbols whose closes end before their exchange's last session but one, and how far all of it is behind.
        held_back: Values that wait for somebody to accept or reject them.
        remarks: Whatever else the reading tells.
        behind: Finished sessions of the home exchange that the data lack at their end; None where nobody knows.
    """

    unread: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    behind: int | None = None

    def as_dict(self) -> dict[str, object]:
        """As plain data, at most :data:`_KEPT` items of a kind and how many more there are."""
        lists = {
            "unread": self.unread,
            "left_out": self.left_out,
            "stale": self.stale,
            "held_back": self.held_back,
            "remarks": self.remarks,
        }
        return {name: few(items, _KEPT) for name, items in lists.items()} | {"behind": self.behind}


def few(items: Sequence[str], most: int) -> list[str]:
    """The first items, and how many more there are."""
    return [*items[:most], *([f"and {len(items) - most:,} more"] if len(items) > most else [])]


def condition_of(panel: Panel, now: dt.datetime | None = None) -> Condition:
    """The condition of a panel's data.

    Args:
        panel: The data; all of it is read.
        now: The time that decides what is stale; None means now.
    """
    panel = panel.whole
    unread: list[str] = []
    left_out: list[str] = []
    told: set[str] = set()
    for reading in panel.readings:
        for refused in reading.refused:
            whole = not reading.layout and refused.row is None and refused.column is None
            (unread if whole else left_out).append(refused.reason)
        told.update(refused.reason for refused in reading.refused)
        told.update(reading.oddities)
    others: list[str] = []
    for remark in panel.remarks:
        plain = remark.removeprefix(reasons.LEFT_OUT)
        if remark in told or plain in told:
            continue
        if any(word in remark for word in _UNREAD):
            unread.append(remark)
        elif remark.startswith(reasons.LEFT_OUT) or "left out" in remark:
            left_out.append(plain)
        else:
            others.append(remark)
    others += universes.in_place_of_ours(panel.universes, panel.home)
    stale, behind = _stale(panel, now)
    held = [
        f"{entry.symbol}, {entry.day}: held back ({entry.reason})" for entry in panel.quarantine if not entry.rejected
    ]
    return Condition(_once(unread), _once(left_out), _once(stale), _once(held), _once(others), behind)


def _once(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _stale(panel: Panel, now: dt.datetime | None) -> tuple[list[str], int | None]:
    now = now or dt.datetime.now(dt.UTC)
    if panel.ages and panel.known is None and now.date() < panel.last - _TOLERANCE:
        return [f"nobody knows: the data end on {panel.last}, and the clock of this machine says {now.date()}"], None
    found = list(age.unknown_ages(panel, now).values())
    try:
        behind: int | None = age.sessions_behind(panel, now)
    except CalendarEnds as error:
        found.append(error.message)
        behind = None
    if behind is not None and behind > age.STALE:
        found.append(f"the data end on {panel.last}, {behind} sessions behind")
    rows = panel.last_rows.tolist()
    for symbol in age.stale_symbols(panel, now):
        newest = panel.days[rows[panel.columns[symbol]]].item()
        if behind is None or behind <= age.STALE or newest < panel.last:
            found.append(f"{symbol}: newest close {newest}")
    return found, behind
