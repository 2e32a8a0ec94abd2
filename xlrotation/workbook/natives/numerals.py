"""Numbers written in other ways."""

from __future__ import annotations

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native


@native("ROMAN", "N?I")
def _roman(_: Frame, x: float, form: int = 0) -> Value:
    n = int(x)
    if not 0 <= n <= 3999 or not 0 <= form <= 4:
        return VALUE
    if form:
        raise Fault(VALUE)
    parts = []
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True
    ):
        count, n = divmod(n, value)
        parts.append(letters * count)
    return "".join(parts)


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
