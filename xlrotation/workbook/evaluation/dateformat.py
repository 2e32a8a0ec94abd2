"""Days and times as a number format shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

from xlrotation.workbook.evaluation.values import VALUE, Fault, date_parts

_MONTHS = "January February March April May June July August September October November December".split()


_DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()


@dataclass(slots=True)
class _Section:
    tokens: list[tuple[str, str]] = field(default_factory=list)
    test: tuple[str, float] | None = None

    def has(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.tokens)


def _moment(section: _Section, value: float, date1904: bool) -> str:
    tokens = _with_minutes(section.tokens)
    fraction = _fraction_digits(tokens)
    unit = 10**fraction
    per_day = 86400 * unit
    if any(kind == "part" and text[0] in "sS" for kind, text in tokens) or any(
        kind == "elapsed" and text[0] in "sS" for kind, text in tokens
    ):
        ticks = int(Decimal(f"{value:.15g}") * per_day + Decimal("0.5"))
    else:
        ticks = math.floor(value * per_day + 5e-3 * unit)
    days, rest = divmod(ticks, per_day)
    if not any(kind == "elapsed" for kind, _ in tokens) or any(k == "part" and t[0] in "yYdD" for k, t in tokens):
        year, month, day = date_parts(float(days), date1904)
    else:
        year = month = day = 0
    seconds, hundredths = divmod(rest, unit)
    hours, minutes, secs = seconds // 3600, seconds // 60 % 60, seconds % 60
    half = any(kind == "half" for kind, _ in tokens)
    counted = {text[0].lower() for kind, text in tokens if kind == "elapsed"}
    shown: list[str] = []
    skip = 0
    for i, (kind, text) in enumerate(tokens):
        if skip:
            skip -= 1
            continue
        low = text.lower()
        if kind == "part" and low[0] in counted:
            kind = "elapsed"
        if kind == "part":
            shown.append(_date_part(low, year, month, day, days, date1904, hours, secs, half))
        elif kind == "minutes":
            shown.append(f"{minutes:02d}" if len(text) > 1 else str(minutes))
        elif kind == "elapsed":
            total = {"h": ticks // unit // 3600, "m": ticks // unit // 60, "s": ticks // unit}[low[0]]
            shown.append(f"{total:0{len(text)}d}")
        elif kind == "half":
            words = ("上午", "下午") if "午" in text else ("AM", "PM") if len(text) > 3 else ("A", "P")
            shown.append(words[hours >= 12])
        elif kind == "point" and fraction and tokens[i + 1 : i + 2] and tokens[i + 1][0] == "digit":
            count = 0
            while i + 1 + count < len(tokens) and tokens[i + 1 + count][0] == "digit":
                count += 1
            shown.append(f".{hundredths:0{fraction}d}"[: count + 1])
            skip = count
        else:
            shown.append(text)
    return "".join(shown)


def _date_part(
    low: str,
    year: int,
    month: int,
    day: int,
    days: int,
    date1904: bool,
    hours: int,
    secs: int,
    half: bool,
) -> str:
    weekday = (days + (5 if date1904 else 6)) % 7
    width = len(low)
    match low[0]:
        case "y":
            return f"{year % 100:02d}" if width <= 2 else str(year)
        case "e":
            return str(year)
        case "m":
            if width == 5:
                return _MONTHS[month - 1][0]
            if width >= 3:
                return _MONTHS[month - 1][: 3 if width == 3 else None]
            return f"{month:02d}" if width == 2 else str(month)
        case "d":
            if width >= 3:
                return _DAYS[weekday][: 3 if width == 3 else None]
            return f"{day:02d}" if width == 2 else str(day)
        case "h":
            shown = (hours % 12 or 12) if half else hours
            return f"{shown:02d}" if width > 1 else str(shown)
        case "s":
            return f"{secs:02d}" if width > 1 else str(secs)
        case "a":
            names = "日一二三四五六"
            return ("周" if width == 3 else "星期") + names[weekday]
    raise Fault(VALUE)


def _fraction_digits(tokens: list[tuple[str, str]]) -> int:
    most = 0
    for i, (kind, _) in enumerate(tokens):
        if kind == "point":
            count = 0
            while i + 1 + count < len(tokens) and tokens[i + 1 + count][0] == "digit":
                count += 1
            most = max(most, count)
    return min(most, 3)


def _with_minutes(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The tokens with ``m`` as minutes where it stands behind hours or before seconds."""
    found = list(tokens)
    parts = [i for i, (kind, _) in enumerate(found) if kind in ("part", "elapsed")]
    for place, i in enumerate(parts):
        kind, text = found[i]
        if kind != "part" or text[0] not in "mM" or len(text) > 2:
            continue
        before = found[parts[place - 1]][1][0].lower() if place else ""
        after = found[parts[place + 1]][1][0].lower() if place + 1 < len(parts) else ""
        if before in ("h", "s") or after == "s":
            found[i] = ("minutes", text)
    return found
