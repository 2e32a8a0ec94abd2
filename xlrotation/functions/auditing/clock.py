"""Moves that are not to the close: before the bell, after it, at the open, at some hour of the day."""

from __future__ import annotations

import re

from xlrotation.functions.auditing import words
from xlrotation.functions.auditing.around import Around, Meant

_OUTSIDE = re.compile(
    r"\bpre-?market\b|\bbefore the (?:opening )?bell\b|\bahead of the (?:open|bell)\b|\bafter[- ]hours\b"
    r"|\bafter the (?:closing )?bell\b"
    r"|\bextended trading\b|\blate trading\b|\bovernight\b|\bpre-open\b|\bpost-market\b|盘前|盘后|夜盘|隔夜(?=期货)"
    r"|美股盘后",
    re.ASCII,
)
_HOUR = re.compile(
    r"\bin (?:early|morning|midday|afternoon|recent) (?:trading|trade|deals|action)\b|\bin the (?:morning"
    r"|afternoon)\b|\bat midday\b"
    r"|\bearlier in the (?:day|session)\b|\bat (?:one point|the (?:outset|start of trading))\b|\bby (?:noon|midday"
    r"|midmorning)\b|\bearly (?:gains?|loss(?:es)?) of\b"
    r"|盘初|早盘|午盘|午前|盘中|午后|早段|半日|截至发稿",
    re.ASCII,
)
_BEHIND = re.compile(
    r"\s*(?:(?:higher|lower|to \S+) )?(?:in|before|after|at|ahead|overnight|by|earlier|pre-?market)\b|\s*\(?(?:盘"
    r"|早|午)",
    re.ASCII,
)
_OPEN = re.compile(
    r"\bopen(?:ed|ing|s)? (?:about |roughly |some |nearly )?$|\bopen(?:ed|ing|s)? (?:up|down|higher"
    r"|lower)(?: by)? $|[高低平]开(?:逾|约|近|超)?$"
    r"|开盘(?:上|下)?[涨跌](?:逾|约|近|超)?$",
    re.ASCII,
)
_CLOSE = re.compile(
    r"\bclos(?:e|ed|ing)\b|\bend(?:ed)?\b|\bfinish\w*|\bsettl\w+|收盘|尾盘|收[涨跌高低报于]|最终", re.ASCII
)


_TURNED = re.compile(
    r"(?:\bfrom (?:an? )?(?:early |initial )?(?:gain|loss|rise|drop|advance|decline)s? of|由[涨跌])[^,;。]{0,14}$"
    r"|振幅[^,;。]{0,6}$"
    r"|\b(?:initial|early|opening|intraday|overnight|premarket) $",
    re.ASCII,
)
_TURNS = re.compile(r"\s?(?:to|转)|\s?(?:的)?振幅", re.ASCII)


def is_turned(near: str, after: str) -> bool:
    """Whether a move was turned before the close, or is the width of the day."""
    match = _TURNED.search(near)
    return match is not None and (not match[0].startswith(("from", "由")) or _TURNS.match(after) is not None)


def off_hours(near: str, after: str) -> bool:
    """Whether a move is told of an hour outside the session or of one inside it, and not of the close."""
    if _OUTSIDE.search(near) or (_BEHIND.match(after) and _OUTSIDE.search(after[:40])):
        return True
    last = max((match.end() for match in _HOUR.finditer(near)), default=-1)
    return (last >= 0 and last > max((match.end() for match in _CLOSE.finditer(near)), default=-1)) or (
        _BEHIND.match(after) is not None and _HOUR.search(after[:36]) is not None and _CLOSE.search(near) is None
    )


def at_open(near: str) -> bool:
    """Whether a move is that of the open against the close before."""
    return _OPEN.search(near) is not None


def not_at_close(one: Around) -> Meant | None:
    """A return to the day's high, low or open, or at an hour that no daily data have."""
    if words.HIGHEST.search(one.near) and not words.CLOSED.search(one.since_last):
        return Meant("high return")
    if words.LOWEST.search(one.near) and not words.CLOSED.search(one.since_last):
        return Meant("low return")
    if is_turned(one.near, one.after) or "振幅" in one.near:
        return Meant("other")
    if at_open(one.near):
        return Meant("open return")
    return Meant("other") if off_hours(one.since_last, one.after) else None
