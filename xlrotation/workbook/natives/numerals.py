"""Numbers written in other ways."""

from __future__ import annotations

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NUM, VALUE, Value
from xlrotation.workbook.natives.registry import native


@native("ROMAN", "N?I")
def _roman(_: Frame, x: float, form: int = 0) -> Value:
    n = int(x)
    if not 0 <= n <= 3999 or not 0 <= form <= 4:
        return VALUE
    text = ""
    for place in range(0, 7, 2):
        digit = n // _ROMAN[place][0]
        if digit % 5 != 4:
            text += _ROMAN[place - 1][1] * (digit > 4) + _ROMAN[place][1] * (digit % 5)
            n %= _ROMAN[place][0]
            continue
        above = place - 1 if digit == 4 else place - 2
        below = place
        while below - place < form and below < 6 and _ROMAN[above][0] - _ROMAN[below + 1][0] <= n:
            below += 1  # a shorter way to write it: less is taken off
        text += _ROMAN[below][1] + _ROMAN[above][1]
        n += _ROMAN[below][0] - _ROMAN[above][0]
    return text


_ROMAN = ((1000, "M"), (500, "D"), (100, "C"), (50, "L"), (10, "X"), (5, "V"), (1, "I"))


@native("ARABIC", "T")
def _arabic(_: Frame, text: str) -> Value:
    text = text.strip().upper()
    negative = text.startswith("-")
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total, last = 0, 0
    for mark in reversed(text.removeprefix("-")):
        if mark not in values:
            return VALUE
        total += values[mark] if values[mark] >= last else -values[mark]
        last = max(last, values[mark])
    return float(-total if negative else total)


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@native("BASE", "NI?I")
def _base(_: Frame, x: float, radix: int, length: int = 0) -> Value:
    n = int(x)
    if not 0 <= n < 2**53 or not 2 <= radix <= 36 or not 0 <= length <= 255:
        return NUM
    text = ""
    while n:
        n, rest = divmod(n, radix)
        text = _DIGITS[rest] + text
    return (text or "0").rjust(length, "0")


@native("DECIMAL", "TI")
def _decimal(_: Frame, text: str, radix: int) -> Value:
    if not 2 <= radix <= 36:
        return NUM
    return float(int(text.strip() or "0", radix))
